"""The small inputs that grading once answered badly, each by its own name, and what is right."""

import csv
import io
import json
import zipfile
from functools import partial

import pytest

from reference_tests.grading import rubric_toml
from reference_tests.grading.outputs import gradebooks, pages
from reference_tests.grading.outputs.gradescope import as_results
from reference_tests.grading.outputs.overview import Line, format_class_csv, summarize
from reference_tests.grading.sandbox.levels import missing
from reference_tests.grading.submissions.find import survey

from .. import RIGHT, graded, small

pytestmark = pytest.mark.slow  # each grades, in processes of its own


def notebook(*cells):
    """Return a notebook of these cells of code."""
    return json.dumps({"cells": [{"cell_type": "code", "source": cell} for cell in cells], "metadata": {}})


def zipped(*entries):
    """Return a zip archive of (name, content) as they are."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo(name), content)
    return made.getvalue()


WRONG = RIGHT.replace("return np.where(self.on, dout, 0)", "return dout")
STUB = (
    "def conv_output_size(input_size, filter_size, stride=1, pad=0):\n    raise NotImplementedError\n\n\nclass Relu:\n"
    "    def forward(self, x):\n        raise NotImplementedError\n\n    def backward(self, dout):\n"
    "        raise NotImplementedError\n"
)
LOOP = "    return (input_size + 2 * pad - filter_size) // stride + 1"
SCALED = RIGHT.replace("np.where(self.on, x, 0)", "x * self.on * SCALE")
FILLED = RIGHT.replace("np.where(self.on, x, 0)", "x * TABLE[0] * self.on")
NAMED = RIGHT.replace("class Relu", "class ReLULayer")
SENT = (
    "import os, struct\nclass Relu:\n    h = {header!r}\n"
    '    os.write(4, struct.pack("<4sIQ", b"CNN1", len(h), 0) + h)\n'
)
START = "        self.on"  # of the first line of Relu.forward
PLOT = '        plt.figure(); plt.plot([1]); plt.savefig("pred.png"); plt.close()\n' + START
BARS = "from tqdm import tqdm\n" + RIGHT.replace(LOOP, "    for _ in tqdm(range(2)): pass\n" + LOOP)
LAZY = '\ndef __getattr__(name):\n    raise ImportError("install the extra to get " + name)\n'
PICTURE = "HTML('<img src=data:image/png;base64," + "A" * 1_000_000 + "'>)"
EXPIT = RIGHT.replace("(self.on, x, 0)", "(self.on, x, 0) + 0 * expit(x)")
KILLED = "import os\n" + RIGHT.replace(START, "        os.kill(os.getpid(), 35)\n" + START)
KEYS = "class Relu:\n    def forward(self, x): return x * (x > 0)\ndef __getattr__(name): raise KeyError(name)\n"
TWO_NAMES = zipped(("a", b"x"), ("a/b.py", b"x=1"), ("layers.py", RIGHT))
FAULT = b'{"head": {"fault": "\\u001b[2Jdisk full, regrade by hand"}, "arrays": []}'
SURROGATE = b'{"head": {"error": "\xed\xa0\x80"}, "arrays": []}'
FAT = """import numpy as np
from reference_tests.subject import wire
send, Z = wire.send, np.zeros(60 << 20, "u1")
def fat(fd, head, arrays, deadline=None):
    send(fd, head, {name: Z for name in arrays} or arrays)
class Now:
    wire.send = fat
class Relu:
    def forward(self, x): return np.zeros(60 << 20)
    def backward(self, d): return np.zeros(60 << 20)
"""


# what -> its files, and for full points what its page and class.csv say; None: nothing is to be said
FULL = {
    "26_plt_in_method": (
        {"a.py": "import matplotlib.pyplot as plt\n" + RIGHT.replace(START, PLOT)},
        "matplotlib",
    ),
    "43_cupy_hard": ({"a.py": RIGHT.replace("import numpy as np", "import cupy as np")}, "cupy"),
    "45_numba_used": ({"a.py": "from numba import njit\n" + RIGHT.replace("def conv", "@njit\ndef conv")}, "numba"),
    "46_tqdm": ({"a.py": BARS}, "tqdm"),
    "mapc, s2": ({"a.py": NAMED, "convcheck.toml": 'map = {Relu = "ReLULayer"}\n'}, None),
    "modgetattr": ({"a.py": RIGHT + LAZY}, None),
    "template_first": ({"assignment.py": STUB, "my_solution.py": RIGHT}, "my_solution.py"),
    "v1_v2": ({"layers_v1.py": WRONG, "layers_v2.py": RIGHT}, "layers_v2.py"),
    "copy_of": ({"Copy of layers.py": WRONG, "layers.py": RIGHT}, "layers.py"),
    "const4": ({"a.py": SCALED + "\n\nSCALE = 0\nfor i in range(1):\n    SCALE += 1\n"}, None),
    "const5": ({"a.py": FILLED + "\n\nTABLE = []\nTABLE.append(1)\n"}, None),
    "writefile": ({"a.ipynb": notebook("%%writefile layers.py\n" + RIGHT, "from layers import *")}, None),
    "attacks/honest": ({"a.py": RIGHT}, None),
    "attacks/chain300": ({"a.py": RIGHT + "\n\ndef f(x):\n    return x" + ".g(1)" * 300 + "\n"}, None),
    "attacks/picture": ({"a.ipynb": notebook(PICTURE, RIGHT)}, None),
    "attacks/empty_name": ({"a.zip": zipped(("", b"x"), ("layers.py", RIGHT))}, None),
}  # fmt: skip
# what -> its files, and for the points lost what page, Gradescope's file and class.csv say, and what is left
LOST = {
    "47_scipy": (
        {"a.py": "from scipy.signal import correlate2d\n" + RIGHT.replace(
            START, '        correlate2d(x, x, "valid")\n' + START)},
        "scipy", 4.0,
    ),
    "attacks/uses_scipy": (
        {"a.py": "from scipy.special import expit\n" + EXPIT},
        "scipy", 4.0,
    ),
    "attacks/signal35": ({"a.py": KILLED}, "", 4.0),
    "attacks/getattr_": ({"a.py": KEYS}, "backward", None),
    "attacks/fat": ({"a.py": FAT}, "", 0.0),
}  # fmt: skip
UNLOADABLE = {  # what -> its files, and the reason
    "attacks/surrogate": ({"a.py": SENT.format(header=SURROGATE)}, ""),
    "attacks/fault": ({"a.py": SENT.format(header=FAULT)}, ""),
    "attacks/rot13": ({"a.py": "# coding: rot13\n" + RIGHT}, "rot13"),
    "attacks/file_and_folder": ({"a.zip": TWO_NAMES}, "one name, a"),
}  # fmt: skip


@pytest.fixture
def grade_files(tmp_path, server):
    """Return a function that writes files, one by itself or several as a folder, and grades them confined."""
    if missing("confined"):
        pytest.skip(f"confined: {missing('confined')}")

    def write_and_grade(files, **more):
        home = tmp_path / "work"
        home.mkdir()
        for name, content in files.items():
            (home / name).write_bytes(content.encode() if isinstance(content, str) else content)
        path = home / next(iter(files)) if len(files) == 1 else home
        return partial(graded, isolation="confined", server=server, **more)(path)

    return write_and_grade


def where_said(result):
    """Return the student's page, Gradescope's file, and the row of class.csv, each as a text."""
    page = pages.student_page_renderer(small())(result)
    (row,) = csv.DictReader(io.StringIO(format_class_csv(summarize([result]))))
    return page, json.dumps(as_results(result)), " ".join(row.values())


@pytest.mark.parametrize("what", FULL)
def test_right_code_has_all_points(grade_files, what):
    files, said = FULL[what]
    result = grade_files(files)
    assert (result.outcome, result.score) == ("graded", 10), result.reason
    page, _, row = where_said(result)
    assert not said or (said in page and said in row)


@pytest.mark.parametrize("what", LOST)
def test_lost_points_have_their_reason_everywhere(grade_files, what):
    files, said, left = LOST[what]
    result = grade_files(files)
    assert result.outcome == "graded" and result.score < 10
    assert left is None or result.score == left
    page, gradescope, row = where_said(result)
    assert said in page and said in gradescope and said in row
    assert "Nothing is wrong" not in page


@pytest.mark.parametrize("what", UNLOADABLE)
def test_unloadable_submission_says_why(grade_files, what):
    files, said = UNLOADABLE[what]
    result = grade_files(files)
    assert (result.outcome, result.score) == ("cannot be loaded", 0.0)
    assert result.reason and said in result.reason and "\x1b" not in result.reason


def test_rubric_names_the_file_that_is_graded(grade_files):
    """v1_v2: the older version, if the rubric wants it."""
    files, _ = FULL["v1_v2"]
    assert grade_files(files, rubric=rubric_toml.parse(NAMES_V1)).score < 10


NAMES_V1 = {
    "total": 10, "drawn": 1, "file": "layers_v1.py", "components": {"relu": {"points": 6}, "shapes": {"points": 4}},
}  # fmt: skip


def test_map_beside_a_neighbour_without_one_is_its_own(grade_files):
    """mapc, s1: the same layer under the same name, without a map; its name is like enough to be found or hinted at."""
    result = grade_files({"a.py": NAMED})
    said = " ".join(where_said(result))
    assert result.score == 10 or "ReLULayer" in said


def test_dropout_of_ratio_one_is_no_fault_of_ours(grade_files):
    """attacks/dropout: a constant mask."""
    text = (
        "import numpy as np\nclass Dropout:\n    def __init__(self, dropout_ratio=0.5): pass\n"
        "    def forward(self, x, train_flg=True):\n        self.mask = np.random.rand(*x.shape) > 0.5\n"
        "        return x * self.mask\n    def backward(self, dout):\n        return dout * self.mask\n"
    )
    rubric = rubric_toml.parse({"total": 10, "drawn": 1, "components": {"dropout": {"points": 10}}})
    result = grade_files({"a.py": text}, rubric=rubric)
    assert result.outcome == "graded" and result.score < 10 and result.components["dropout"].status == "fail"


CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,CNN (77),Final Score
    Points Possible,,,,,10,(read only)
"Doe, John",1001,s1,jdoe,A,,
"Smith, Ann",1002,s2,asmith,A,,
"Lee, Ethan",1003,s3,elee,A,,
"Lee, Ethan",1004,s4,elee2,A,,
"Ghost, Gail",1005,s5,gg,A,,
"""
EXPORTED = (
    "doejohn_1001_5001_relu.py",
    "doejohn_1001_5002_tanh.py",
    "smithann_LATE_1002_5003_layers-1.py",
    "leeethan_1003_5004_relu.py",
    "leeethan_1004_5005_relu.py",
)


def test_canvas_gradebook_gets_one_grade_for_each_number(tmp_path):
    """gradebooks/canvas: two files of one student, two students of one name."""
    for name in EXPORTED:
        (tmp_path / name).write_text(RIGHT)
    (tmp_path / "canvas.csv").write_text(CANVAS)
    there = survey([str(tmp_path)]).submissions
    points = {"doejohn_1001": 1.0, EXPORTED[2]: 2.0, EXPORTED[3]: 3.0, EXPORTED[4]: 4.0}
    assert {one.name for one in there} == points.keys()
    lines = [
        Line(one.name, tuple(vars(s) for s in one.students), "graded", "", points[one.name], 10.0, 0.0, {}, (), 0.1)
        for one in there
    ]
    filled, unwritten = gradebooks.fill(gradebooks.read_canvas(str(tmp_path / "canvas.csv"), "CNN", 10.0), lines)
    grades = {row[1]: row[5] for row in csv.reader(io.StringIO(filled)) if row[1].isdigit()}
    assert grades == {"1001": "1.00", "1002": "2.00", "1003": "3.00", "1004": "4.00"} and not unwritten
