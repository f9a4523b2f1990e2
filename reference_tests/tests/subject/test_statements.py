"""What of a file is run: tables that layers need are filled, deep code is read, and a cell's file is a file."""

import json
from textwrap import dedent

import numpy as np
import pytest

from reference_tests.subject.load import load
from reference_tests.subject.source import LoadError
from reference_tests.tests.sampling import sampled

from .test_load import X, call, missing, use

FILLED = {
    "SCALE = 0\nfor i in range(2):\n    SCALE += 1": "SCALE",
    "TABLE = []\nTABLE.append(2)": "TABLE[0]",
    "TABLE = [0]\nTABLE[0] = 2": "TABLE[0]",
    "TABLE = {}\nTABLE.update(two=2)": "TABLE['two']",
    "TABLE = {}\nfor name in ('one', 'two'):\n    TABLE[name] = len(TABLE) + 1": "TABLE['two']",
    "TABLE = []\nfor i in range(3):\n    if i % 2 == 0:\n        TABLE.append(i)": "TABLE[1]",
    "TABLE = np.zeros(3)\nfor i in range(3):\n    for j in range(i):\n        TABLE[i] += 1": "TABLE[2]",
    "TABLE = np.zeros(3)\nTABLE.fill(2)": "TABLE[1]",
    "TABLE = [[]]\nTABLE[0].append(2)": "TABLE[0][0]",
    "KEYS = [1]\nKEYS.extend([2])\nTABLE = {}\nfor k in KEYS:\n    TABLE[k] = k": "TABLE[2]",
    "NAMES = set()\nNAMES.add(2)": "max(NAMES)",
}


@pytest.mark.parametrize("table", sampled(list(FILLED), every=4))
@pytest.mark.parametrize("layer", ["Relu", "MyConv2D"])
def test_table_that_a_layer_needs_is_filled(table, layer, write):
    code = f"import numpy as np\n{table}\nclass {layer}:\n    def forward(self, x): return x * {FILLED[table]}\n"
    subject = load(write("layers.py", code + "class Tanh:\n    def forward(self, x): return x"))
    (module,) = subject.modules
    assert np.array_equal(vars(module)[layer]().forward(X), 2 * X)
    assert not [s for s in subject.skipped if s.why == "a loop"]


LEFT_OUT = [
    "TABLE = []\nTABLE.append(input())",
    "TABLE = []\nfor i in range(3):\n    TABLE.append(print(i))",
    "TABLE = []\nfor i in range(3):\n    TABLE.append(train(i))",
    "TABLE = []\nTABLE.append(open('weights.bin').read())",
    "TABLE = []\nwhile not TABLE:\n    TABLE.append(1)",
    "TABLE = []\nfor line in open('data.txt'):\n    TABLE.append(line)",
]


@pytest.mark.parametrize("body", ["TABLE.append(1)", "TABLE[:] = [1]", "global TABLE\n    TABLE = [1]"])
def test_table_that_a_left_out_call_would_fill_is_out_of_date(body, write):
    code = f"TABLE = []\ndef fill():\n    {body}\nfill()\nclass Relu:\n    def forward(self, x): return x * TABLE[0]\n"
    stop = use(load(write("layers.py", code)), "Relu").stop
    assert stop.reason == "import" and "fill()" in stop.text


def test_call_that_changes_its_own_variables_costs_nothing(write):
    code = "TABLE = [1]\ndef show(TABLE):\n    TABLE.append(2)\n    rows = []\n    rows.append(1)\nshow([3])\n"
    subject = load(write("layers.py", code + "class Relu:\n    def forward(self, x): return x * TABLE[0]\n"))
    assert np.array_equal(use(subject, "Relu").results["out"], X)


@pytest.mark.parametrize("table", LEFT_OUT)
def test_loop_with_side_effects_is_left_out_and_listed(table, write):
    code = f"def train(i): raise SystemExit\n{table}\nclass Relu:\n    def forward(self, x): return x * TABLE[0]\n"
    subject = load(write("layers.py", code))
    stop = use(subject, "Relu").stop
    assert stop.reason == "import" and "TABLE: layers.py, line 3: " in stop.text
    assert [s.line for s in subject.skipped] == [3]


@pytest.mark.slow
@pytest.mark.parametrize("n", [300, 900, 1400])
@pytest.mark.parametrize("kind", ["chain", "sum"])
def test_deep_code_is_read(n, kind, write):
    deep = "x" + ".g(1)" * (n // 2) if kind == "chain" else "1 + " * n + "x"
    subject = load(
        write("layers.py", f"class Relu:\n    def forward(self, x): return x\ndef f(x):\n    return {deep}\n")
    )
    assert not subject.skipped and np.array_equal(use(subject, "Relu").results["out"], X)


@pytest.mark.slow
@pytest.mark.parametrize(
    "deep", ["-" * 200_000 + "1", "x" + ".a" * 200_000, "(" * 5000 + ")" * 5000, "1+" * 300_000 + "1"]
)
def test_code_that_is_deeper_than_python_allows_costs_its_file_only(deep, write):
    write("all/deep.py", f"X = lambda x: {deep}")
    write("all/layers.py", "class Relu:\n    def forward(self, x): return x")
    subject = load("all")
    assert np.array_equal(use(subject, "Relu").results["out"], X)
    with pytest.raises(LoadError, match=r"deep.py"):
        load("all/deep.py")


def notebook(*cells: str) -> str:
    return json.dumps({"cells": [{"cell_type": "code", "source": cell} for cell in cells], "metadata": {}})


RELU = "class Relu:\n    def forward(self, x):\n        return x\n"
WRITING = [
    ("%%writefile layers.py\n" + RELU, "from layers import *"),
    ("%%writefile layers.py\n" + RELU,),
    ("%%file layers.py\n" + RELU, "import layers\nRelu = layers.Relu"),
    ("%%writefile 'layers.py'\nclass Relu:\n    pass", "%%writefile layers.py\n" + RELU, "from layers import Relu"),
    ("%%writefile layers.py\nimport numpy as np", "%%writefile -a layers.py\n" + RELU, "from layers import *"),
    ("!mkdir common", "%%writefile common/layers.py\n" + RELU, "from common.layers import *"),
    ("%%writefile common/util.py\ndef same(x): return x", "from common.util import same\n" + RELU),
    ("%%writefile ../common/util.py\ndef same(x): return x", "from common.util import same\n" + RELU),
]


@pytest.mark.parametrize("cells", WRITING)
def test_file_that_a_cell_writes_belongs_to_the_notebook(cells, write):
    subject = load(write("work.ipynb", notebook(*cells)))
    assert not missing(subject) and np.array_equal(use(subject, "Relu").results["out"], X)
    assert not subject.notes or {n.kind for n in subject.notes} == {"methods"}


def test_written_file_stands_before_one_on_the_disk_and_has_the_cells_lines(write):
    write("layers.py", "def im2col(x): return 'old'")
    cell = "%%writefile layers.py\n\ndef im2col(x):\n    return x.no_such_thing\n"
    subject = load(write("work.ipynb", notebook("import os", cell, "from layers import im2col")))
    stop = call(subject, "im2col", 1).stop
    assert "work.ipynb, cell 2, line 4: return x.no_such_thing" in stop.line
    assert subject.files and not [s for s in subject.skipped if "magic" in s.why]


def test_folder_with_a_notebook_that_writes_a_file_has_its_names(write):
    write("all/work.ipynb", notebook("%%writefile layers.py\n" + RELU))
    write("all/util.py", "def im2col(x): return 1")
    assert set(load("all").names) == {"Relu", "im2col"}


SLIPS = {
    "pad": ("self, pad", "exception"),
    "im2col_": ("im2col_", "exception"),
    "Affine": ("Affine", "import"),
    "smooth_curve": ("smooth_curve", "import"),
    "stride": ("stride", "exception"),
    "strange_helper": ("strange_helper", "import"),
}


@pytest.mark.parametrize("name", SLIPS)
def test_undefined_name_is_blamed_on_a_failed_star_only_where_it_is_plausible(name, write):
    expression, reason = SLIPS[name]
    code = f"""
        from nowhere.layers import *
        class Pooling:
            def __init__(self, pool_h, pool_w, stride=1, pad=0): self.pad, self.stride, self.mask = pad, stride, None
            def forward(self, x): return ({expression})
    """
    stop = use(load(write("layers.py", dedent(code))), "Pooling", ["x", "x"]).stop
    assert stop.reason == reason
    if name == "pad":
        assert "Did you mean: 'self.pad'?" in stop.text
    if reason == "import":
        assert "nowhere.layers import *" in stop.text
