"""Honest submissions of unusual kinds: their points, and the reason of each lost one, wherever it is read."""

import csv
import io
import json
import re
from datetime import datetime
from functools import cache, partial

import pytest

from reference_tests.corpus import mutants
from reference_tests.grading import rubric_toml
from reference_tests.grading.grade_one import grade_one
from reference_tests.grading.outputs import pages
from reference_tests.grading.outputs.gradescope import as_results
from reference_tests.grading.outputs.overview import format_class_csv, summarize
from reference_tests.grading.reasons import reasons_of, shorten
from reference_tests.grading.sandbox.levels import missing
from reference_tests.grading.submissions.bundle import read_submission
from reference_tests.grading.submissions.find import find

from . import RIGHT, SMALL, checklist_of, graded, run_settings, small, write_files

pytestmark = pytest.mark.slow  # each grades, in processes of its own

RELU = RIGHT[RIGHT.index("class Relu") :]
SHAPES = RIGHT[: RIGHT.index("class Relu")]


@pytest.fixture
def confined(server):
    """Return a function that grades what lies at a path. Skip where the machine cannot: packages would be found."""
    if missing("confined"):
        pytest.skip(f"confined: {missing('confined')}")
    return partial(graded, isolation="confined", server=server)


@pytest.fixture
def submit(confined, tmp_path):
    """Return a function that writes a submission, grades it confined, and returns the result."""

    def write_and_grade(text, name="work.py"):
        (tmp_path / name).write_text(text)
        return confined(tmp_path / name)

    return write_and_grade


def notebook(*cells):
    """Return a notebook of these cells of code."""
    return json.dumps({"cells": [{"cell_type": "code", "source": cell} for cell in cells], "metadata": {}})


def shown(result):
    """Return the student's page, Gradescope's texts and the row of class.csv of a result."""
    page = pages.student_page_renderer(small())(result)
    (row,) = csv.DictReader(io.StringIO(format_class_csv(summarize([result]))))
    return page, json.dumps(as_results(result)), row


HARMLESS = {  # what stands before a right submission, and costs nothing
    "matplotlib at the top": "import matplotlib.pyplot as plt\nplt.style.use('ggplot')\n",
    "matplotlib's parts": "from matplotlib import cm, pyplot as plt\nfrom mpl_toolkits.mplot3d import Axes3D\n",
    "seaborn": "import seaborn as sns\nsns.set()\n",
    "tqdm": "from tqdm.auto import tqdm, trange\n",
    "numba": "import numba\nfrom numba import jit, prange\n",
    "cupy": "import cupy as cp\n",
    "IPython": "from IPython.display import display, HTML\n",
    "a library never used": "import pandas as pd\nimport tensorflow as tf\nfrom sklearn import datasets\n",
    "a module's __getattr__": "def __getattr__(name):\n    raise ImportError('install the extra to get ' + name)\n",
    "9000 prints": "print(1)\n" * 9000,
    "files": "np_file = open('mnist.pkl', 'rb')\n",
}


@pytest.mark.parametrize("what", HARMLESS)
def test_harmless_extras_cost_nothing(submit, what):
    result = submit(HARMLESS[what] + RIGHT)
    assert result.score == 10
    assert "Nothing is wrong" in shown(result)[0]


USED = {  # a stand-in is used by the layer itself
    "progress bar": RIGHT.replace("import numpy", "from tqdm import tqdm\nimport numpy").replace(
        "        self.on", "        for i in tqdm(range(2)): pass\n        self.on"
    ),
    "compiled": RIGHT.replace("import numpy", "from numba import njit\nimport numpy").replace(
        "class Relu", "@njit(cache=True)\ndef positive(x):\n    return x > 0\n\n\nclass Relu"
    ).replace("self.on = x > 0", "self.on = positive(x)"),
    "plot": RIGHT.replace("import numpy", "import matplotlib.pyplot as plt\nimport numpy").replace(
        "        self.on", "        fig, ax = plt.subplots(); ax.plot([1]); plt.close()\n        self.on"
    ),
    "cupy for numpy": RIGHT.replace("import numpy as np", "import cupy as np"),
    "cupy asked for the module": RIGHT.replace("import numpy as np", "import cupy\nimport numpy as np").replace(
        "        self.on", "        xp = cupy.get_array_module(x)\n        x = xp.asarray(x)\n        self.on"
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", USED)
def test_stand_ins_are_used_and_said(submit, what):
    result = submit(USED[what])
    assert result.score == 10
    assert any("not installed" in note for note in result.notes)


TABLES = {  # module-level code that fills what a layer needs
    "loop that counts": "SCALE = 0\nfor i in range(1):\n    SCALE += 1\n",
    "append": "T = []\nT.append(1)\nSCALE = T[0]\n",
    "loop over a list": "T = {}\nfor k, v in [('a', 1), ('b', 2)]:\n    T[k] = v\nSCALE = T['a']\n",
    "while": "SCALE = 3\nwhile SCALE > 1:\n    SCALE -= 1\n",
    "own function": "def one():\n    return 1\nSCALE = one()\n",
    "own function that fills": "T = []\ndef fill():\n    T.append(1)\nfill()\nSCALE = T[0]\n",
    "comprehension": "SCALE = [n for n in range(1, 2)][0]\n",
    "with": "import contextlib\nwith contextlib.suppress(KeyError):\n    SCALE = 1\n",
    "try": "try:\n    SCALE = int('x')\nexcept ValueError:\n    SCALE = 1\n",
    "setattr": "class C: pass\nC.scale = 1\nSCALE = C.scale\n",
    "update": "T = {}\nT.update(a=1)\nSCALE = T['a']\n",
}


@pytest.mark.parametrize("what", TABLES)
def test_tables_are_filled_or_the_line_is_said(submit, what):
    """At the top, and at the end of the file."""
    scaled = RIGHT.replace("np.where(self.on, x, 0)", "np.where(self.on, x, 0) * SCALE")
    for text in (TABLES[what] + scaled, scaled + TABLES[what]):
        result = submit(text)
        if result.score != 10:
            assert "line" in " ".join(reasons_of(result.components["relu"])), result.score


def test_missing_package_is_the_reason_everywhere(submit):
    text = "from scipy.special import expit\n" + RIGHT.replace("(self.on, x, 0)", "(self.on, x, 0) + 0 * expit(x)")
    result = submit(text)
    assert result.score < 10
    page, gradescope, row = shown(result)
    for place in (page, gradescope, row["why"]):
        assert "scipy" in place and "line 1" in place
        assert "nor one of the packages that can be used here" in place
    assert "Nothing is wrong" not in page


def test_absent_component_is_said_everywhere(submit):
    page, gradescope, row = shown(submit(RELU.replace("np.", "numpy.").replace("class", "import numpy\nclass")))
    for place in (page, gradescope, row["why"]):
        assert "it is not there" in place
    assert "shapes" in row["why"] and "Nothing is wrong" not in page


def test_near_name_is_said_in_place_of_absent(submit):
    result = submit(RIGHT.replace("def backward", "def backword"))
    assert "did you mean backword?" in reasons_of(result.components["relu"])[0]


def test_stub_is_said(submit):
    result = submit(SHAPES + "class Relu:\n    def forward(self, x):\n        raise NotImplementedError\n")
    assert "not implemented yet" in " ".join(reasons_of(result.components["relu"]))


def test_layer_that_cannot_be_called_is_no_absent_one(submit):
    result = submit(f"{SHAPES}\ndef relu_forward(blob, plan, mystery):\n    return plan.run(blob, mystery)\n")
    assert (result.components["shapes"].points, result.components["relu"].status) == (4, "unread")
    for place in (*shown(result)[:2], shown(result)[2]["why"]):
        assert "relu_forward(blob, plan, mystery) looks like relu" in place and "it is not there" not in place


def test_layer_that_ends_the_process_while_it_is_read_costs_itself_alone(submit):
    ends = RELU.replace("class Relu", "class ReLU").replace("self.on = x > 0", "os._exit(3)")
    result = submit(f"import os\n{SHAPES}{ends}")
    assert (result.outcome, result.components["shapes"].points, result.components["relu"].points) == ("graded", 4, 0)
    page, gradescope, row = shown(result)
    for place in (page, gradescope, row["why"]):
        assert "it ends its process when it is called: line " in place and "os._exit(3) (status 3)" in place


def test_syntax_error_in_one_cell_costs_what_is_in_it(submit):
    result = submit(notebook("import numpy as np", SHAPES, RELU.replace(":\n", "\n", 1)), "work.ipynb")
    assert result.components["shapes"].points == 4
    assert "cell 3" in reasons_of(result.components["relu"])[0]


BIG = "HTML('<img src=data:image/png;base64," + "A" * 1_200_000 + ">')"
NOTEBOOKS = {
    "a large picture": notebook(BIG, RIGHT),
    "a large picture in an assignment": notebook("LOGO = " + BIG[5:-1], RIGHT),
    "hundreds of pictures": notebook(*[BIG[:5000] + ">')"] * 600, RIGHT),
    "written file": notebook("%%writefile layers.py\n" + RIGHT, "from layers import *"),
    "file written in two parts": notebook("%%file layers.py\n" + SHAPES, "%%writefile -a layers.py\n" + RELU),
    "file written into a package": notebook("%%writefile common/layers.py\n" + RIGHT, "from common.layers import *"),
    "file written and used nowhere": notebook("%%writefile my_layers.py\n" + RIGHT, "x = 1"),
    "magics": notebook("%matplotlib inline\n!pip install numpy\n%cd /content", RIGHT),
    "colab": notebook("from google.colab import drive\ndrive.mount('/content/drive')", RIGHT),
}  # fmt: skip


@pytest.mark.parametrize("what", NOTEBOOKS)
def test_notebook_is_graded(submit, what):
    assert submit(NOTEBOOKS[what], "work.ipynb").score == 10


def test_thousands_of_data_files_are_no_obstacle(confined, tmp_path):
    home = write_files(tmp_path / "work", layers=RIGHT)
    for n in range(2500):
        (home / f"image{n}.txt").write_text("0")
    result = confined(home)
    assert result.score == 10 and "500 more files" in " ".join(result.notes)


UNLIKE = RIGHT.replace("class Relu", "class Blob")  # a name that nothing tells


def test_unlike_name_is_not_read_without_a_map(confined, tmp_path):
    home = write_files(tmp_path / "work", layers=UNLIKE)
    assert confined(home).components["relu"].status == "absent"


SETTINGS = {
    "toml": ("convcheck.toml", 'map = {Relu = "Blob"}\n'),
    "toml with a file": ("convcheck.toml", 'map = {Relu = "layers.py:Blob"}\n'),
    "toml with a module": ("convcheck.toml", 'map = {Relu = "layers:Blob"}\n'),
    "pyproject": ("pyproject.toml", '[tool.convcheck]\nmap = {Relu = "Blob"}\n'),
    "other settings": ("convcheck.toml", 'map = {Relu = "Blob"}\nonly = ["shapes"]\nstrict = true\ntimeout = 0.001\n'),
    "a wrong map besides": ("convcheck.toml", 'map = {Relu = "Blob", Tanh = "Nothing"}\n'),
}


@pytest.mark.parametrize("level", ["none", "confined"])
@pytest.mark.parametrize("what", SETTINGS)
def test_settings_beside_a_submission_are_followed(tmp_path, what, level):
    name, text = SETTINGS[what]
    home = write_files(tmp_path / "work", layers=UNLIKE)
    (home / name).write_text(text)
    result = graded(home, isolation=level)
    assert result.score == 10
    assert ("besides" in what or "other" in what) == any("not followed" in note for note in result.notes)


@pytest.mark.parametrize("text", ["no toml", "mop = 1\n", "map = 3\n", 'map = {Nothing = "x"}\n', "a = " + "[" * 3000])
def test_settings_that_are_wrong_are_said_and_cost_nothing(confined, tmp_path, text):
    home = write_files(tmp_path / "work", layers=RIGHT)
    (home / "convcheck.toml").write_text(text)
    result = confined(home)
    assert result.score == 10 and "convcheck.toml is not followed" in " ".join(result.notes)


@cache
def mapping():
    """Return the small rubric with a map."""
    return rubric_toml.parse({**SMALL, "map": {"Relu": "Blob"}})


@pytest.mark.parametrize("text", [UNLIKE, RIGHT])
def test_map_of_the_rubric_is_for_those_who_have_it(confined, tmp_path, text):
    write_files(tmp_path, work=text)
    assert confined(tmp_path / "work.py", mapping()).score == 10


LATE = "2026-05-01T12:00:00+00:00"


@pytest.mark.parametrize("percent, score", [(10, 9), (0, 10), (None, 10)])
def test_mark_of_lateness_counts_a_day_and_shows(tmp_path, percent, score):
    late = {} if percent is None else {"late": {"deadline": datetime.fromisoformat(LATE), "percent_per_day": percent}}
    folder = write_files(tmp_path / "class", ann_LATE_7_8_work=RIGHT, bob_9_10_work=RIGHT)
    rubric = rubric_toml.parse({**SMALL, **late})
    checklist, answers = checklist_of(rubric)
    results = [
        grade_one(one, read_submission(one), run_settings(rubric), checklist, answers, None)
        for one in find([str(folder)])
    ]
    assert [result.score for result in results] == [score, 10]
    page, gradescope, row = shown(results[0])
    for place in (page, gradescope):
        assert "marks it as late" in place
    assert row["late"] == "LATE"


NARROW = (
    SHAPES
    + """
class MaxPool:
    def __init__(self, size):
        self.size = size

    def forward(self, x):
        self.x, s = x, self.size
        N, C, H, W = x.shape
        self.cut = x[:, :, : H // s * s, : W // s * s].reshape(N, C, H // s, s, W // s, s)
        return self.cut.max((3, 5))

    def backward(self, dout):
        best = self.cut == self.cut.max((3, 5), keepdims=True)
        best = best / best.sum((3, 5), keepdims=True)
        dx = np.zeros_like(self.x)
        s = self.size
        dx[:, :, : dout.shape[2] * s, : dout.shape[3] * s] = (
            best * dout[:, :, :, None, :, None]).reshape(*dout.shape[:2], dout.shape[2] * s, dout.shape[3] * s)
        return dx
"""
)


def test_cases_that_an_interface_cannot_express_are_said_not_asked(confined, tmp_path):
    rubric = rubric_toml.parse({"components": {"pooling": {"points": 1}}})
    (tmp_path / "work.py").write_text(NARROW)
    pooling = confined(tmp_path / "work.py", rubric).components["pooling"]
    assert {check.status for check in pooling.checks} == {"pass", "beyond"}  # in backward as well
    said = reasons_of(pooling)
    expected = "cannot express it", "hidden cases that count as right"
    assert all(any(text in line for text in expected) for line in said) and len(said) > 1


def test_rubric_names_the_file(confined, tmp_path):
    wrong = RIGHT.replace("x > 0", "x > 1")
    home = write_files(tmp_path / "work", layers_v1=RIGHT, layers_v2=wrong)
    assert confined(home).score < 10
    named = confined(home, rubric_toml.parse({**SMALL, "file": "*_v1.py"}))
    assert named.score == 10 and "layers_v1.py is examined, not layers_v2.py" in " ".join(named.notes)


def test_submission_that_is_gone_is_not_read_and_no_zero(tmp_path):
    folder = write_files(tmp_path / "class", ann=RIGHT, bob=RIGHT)
    submissions = find([str(folder)])
    (folder / "ann.py").unlink()
    checklist, answers = checklist_of(small())
    results = [grade_one(one, read_submission(one), run_settings(), checklist, answers, None) for one in submissions]
    assert [(result.outcome, result.score) for result in results] == [("not read", None), ("graded", 10)]
    page, _, row = shown(results[0])
    assert "not graded" in page and "Nothing is wrong" not in page
    assert (row["outcome"], row["score"]) == ("not read", "") and "No such file" in row["reason"]


def test_sentences_that_differ_in_numbers_are_said_once():
    said = ["out is 1, should be 2", "out is 3, should be 5", "dx is 1", "out is 1, should be 2"]
    assert shorten(said) == ["out is 1, should be 2", "dx is 1"]
    assert len(shorten([chr(97 + n) * 999 for n in range(20)])) == 6


def test_backward_that_is_absent_costs_its_own_layer_alone(confined, tmp_path):
    net = {"relu": {"points": 1}, "simple_conv_net": {"points": 1, "needs": ["relu"]}}
    less = re.sub(r"(class Relu:.*?)def backward", r"\1def backword", mutants.base(), count=1, flags=re.S)
    (tmp_path / "less.py").write_text(less)
    result = confined(tmp_path / "less.py", rubric_toml.parse({"components": net}))
    assert result.components["relu"].points < 1
    assert result.components["simple_conv_net"].points == 1
