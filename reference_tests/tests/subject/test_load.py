"""The loader: what is kept, what is listed, what is said where nothing can be loaded, and that nothing is left."""

import os
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from types import ModuleType

import numpy as np
import pytest

from reference_tests.conformance.contract import COMPONENTS, layer
from reference_tests.subject.errors import Missing
from reference_tests.subject.load import load
from reference_tests.subject.names import NAMES
from reference_tests.subject.protocol import Plan, Trace
from reference_tests.subject.source import LoadError
from reference_tests.subject.timing.alarms import WALL, limit_time, share_of_time

EXAMPLES = Path(__file__).parents[2] / "corpus" / "examples"
X = np.array([[-1.0, 2.0, 3.0]])
BOTH = [["make", "it", "Relu", []], ["call", "out", "it.forward", ["x"]], ["call", "dx", "it.backward", ["x"]]]


def use(subject, name: str, make=(), call: str = "forward", given=X) -> Trace:
    return subject.run(Plan([["make", "it", name, [*make]], ["call", "out", f"it.{call}", ["x"]]], {"x": given}, {}))


def call(subject, name: str, *args) -> Trace:
    return subject.run(Plan([["call", "out", name, [*args]]], {}, {}))


def missing(subject) -> set[str]:
    return {name for name, thing in subject.names.items() if isinstance(thing, Missing)}


def listed(subject) -> list[tuple[str, int, str]]:
    return [(s.place, s.line, s.why.partition(":")[0]) for s in subject.skipped]


def test_names_are_those_of_the_components():
    assert tuple(layer(component).OP.name for component in COMPONENTS) == NAMES


def test_file_runs_definitions_and_lists_the_rest():
    subject = load(str(EXAMPLES / "one_file.py"))
    assert set(subject.names) == {"conv_output_size", "im2col", "Relu", "Tanh", "Dropout"}
    assert call(subject, "conv_output_size", 7, 3, 2).results["out"] == 3
    assert np.array_equal(use(subject, "Relu").results["out"], [[0, 2, 3]])
    assert np.array_equal(use(subject, "Tanh").results["out"], np.tanh(X))
    assert [(line, why) for _, line, why in listed(subject)] == [
        (8, "ModuleNotFoundError"), (10, "ModuleNotFoundError"), (68, "not a simple assignment"), (83, "load_mnist"),
        (84, "not a simple assignment"), (85, "a loop"), (88, "prints"), (89, "plots"), (90, "the main block"),
    ]  # fmt: skip


def test_method_assigned_later_belongs_to_its_class():
    subject = load(str(EXAMPLES / "one_file.py"))
    assert np.array_equal(subject.run(Plan(BOTH, {"x": X}, {})).results["dx"], [[0, 2, 3]])


def test_failed_import_stops_only_what_uses_it():
    stop = use(load(str(EXAMPLES / "one_file.py")), "Dropout").stop
    assert (stop.reason, stop.step) == ("import", "it.forward")
    assert "one_file.py, line 8" in stop.text and "matplotlib_that_is_not_there" in stop.text
    assert stop.line == "line 76: plt.figure()"


def test_folder_in_the_books_layout_is_loaded():
    subject = load(str(EXAMPLES / "book"))
    assert set(subject.names) == {"im2col", "col2im", "Relu", "Affine", "Convolution", "SimpleConvNet"}
    predicted = use(subject, "SimpleConvNet", [[1, 6, 7]], "predict", np.ones((2, 1, 6, 7))).results["out"]
    assert predicted.shape[:2] == (2, 30)
    assert [(n.kind, n.name) for n in subject.notes if n.kind == "lent"] == [("lent", "numerical_gradient")]


@pytest.mark.parametrize(
    ("target", "names"),
    [
        ("book/ch07/simple_convnet.py", {"SimpleConvNet", "Convolution", "Relu", "Affine", "im2col", "col2im"}),
        ("book/common/layers.py", {"Convolution", "Relu", "Affine", "im2col", "col2im"}),
        ("variant", {"Pooling", "im2col", "col2im"}),
        ("variant/func/layer.py", {"Pooling", "im2col", "col2im"}),
    ],
)
def test_files_import_modules_beside_them(target, names):
    subject = load(str(EXAMPLES / target))
    assert set(subject.names) == names and not missing(subject)


def test_notebook_runs_definitions_and_lists_the_rest():
    subject = load(str(EXAMPLES / "notes.ipynb"))
    trace = subject.run(Plan(BOTH, {"x": X}, {}))
    assert np.array_equal(trace.results["out"], [[0, 2, 3]]) and np.array_equal(trace.results["dx"], [[0, 2, 3]])
    assert call(subject, "conv_output_size", 28, 5).results["out"] == 24
    assert missing(subject) == {"Sigmoid"}
    assert "cell 8, line 2: SyntaxError" in use(subject, "Sigmoid").stop.text
    assert use(subject, "Tanh").stop.line == "notes.ipynb, cell 9, line 3: return np.tahn(x)"
    kinds = [(s.place.rpartition(" ")[2], s.line, s.why.partition(":")[0]) for s in subject.skipped]
    assert kinds == [
        ("1", 1, "magic"), ("1", 2, "shell line"), ("1", 5, "ModuleNotFoundError"), ("1", 6, "ModuleNotFoundError"),
        ("3", 1, "magic"), ("4", 1, "cell magic"), ("7", 7, "shell line"), ("7", 8, "magic"), ("8", 2, "SyntaxError"),
        ("10", 1, "load_mnist"), ("10", 2, "not a simple assignment"), ("10", 3, "a loop"),
        ("11", 1, "plots"), ("11", 2, "plots"), ("11", 3, "prints"),
    ]  # fmt: skip


def test_half_finished_file_is_loaded_as_far_as_it_goes():
    subject = load(str(EXAMPLES / "half_finished.py"))
    assert not subject.has("Convolution") and not subject.has("LRN")
    assert use(subject, "SimpleConvNet", call="predict").stop is None
    assert [(n.name, n.values["module"]) for n in subject.notes if n.kind == "lent"] == [("Convolution", "func.layer")]
    assert use(subject, "Relu").results["out"] == "None"
    stop = use(subject, "Relu", call="backward").stop
    assert stop.reason == "exception" and stop.line == "line 25: return dout * self.msak"
    program = [["make", "it", "Sigmoid", []], ["call", "dx", "it.backward", ["x"]]]
    stop = subject.run(Plan(program, {"x": X}, {})).stop
    assert (stop.reason, stop.step) == ("absent", "it.backward")


@pytest.mark.parametrize(
    ("statement", "kept"),
    [
        ("it = 3", True),
        ("it: int = 3", True),
        ("it = -1.5 * np.pi, [1, {2: '3'}]", True),
        ("it = np.float32", True),
        ("it = np.arange(6).reshape(2, 3)", True),
        ("it = np.random.default_rng(0)", True),
        ("a, (it, *b) = 1, (2, 3)", True),
        ("it = lambda x: print(x)", True),
        ("it = functools.partial(double, 2)", True),
        ("it = collections.namedtuple('P', 'x y')", True),
        ("it = os.path.dirname(os.path.abspath(__file__))", True),
        ("it = os.environ.get('HOME', '')", True),
        ("it = [int(k) for k in '1 2'.split()]", True),
        ("it = double", True),
        ("try:\n    import cupy_not_there as it\nexcept ImportError:\n    import numpy as it", True),
        ("if True:\n    print(1)\n    def it(): pass", True),
        ("with np.errstate(all='ignore'):\n    import math as it", True),
        ("it = 1\nit += 1", True),
        ("it = double(3)", False),
        ("it = np.load('weights.npy')", False),
        ("it = open('data.txt').read()", False),
        ("it = input()", False),
        ("it = os.listdir('.')", False),
        ("it = subprocess.run(['true'])", False),
        ("it = Dropout().forward(3)", False),
        ("for it in range(3): double(it)", False),
        ("while True: it = 1", False),
        ("if True:\n    it = double(1)", False),
        ("it = 1\nit = double(it)", False),
        ("if __name__ == '__main__':\n    it = 1", False),
        ("it = no_such_name + 1", False),
    ],
)
def test_assignment_with_side_effects_is_skipped(statement, kept, write):
    header = "import collections, functools, os, subprocess\nimport numpy as np\ndef double(x): return x * 2\n"
    code = f"{header}class Dropout:\n    def forward(self, x): return x\n{statement}\n"
    subject = load(write("layers.py", code))
    (module,) = subject.modules
    assert isinstance(module.it, Missing) != kept
    assert kept or subject.skipped


def test_assignment_that_a_layer_uses_is_kept(write):
    code = """
        class Gate:
            def forward(self, x): return TABLE[0] * x
        def make(n): return [n, n]
        def build(cls): return cls
        scale = make(1)
        TABLE = make(scale[0])
        Relu = build(Gate)
        col = make("a local of that name is no use of it")
        def im2col(col): return [col for col in col]
    """
    subject = load(write("layers.py", dedent(code)))
    assert np.array_equal(use(subject, "Relu").results["out"], X)
    assert isinstance(subject.modules[0].col, Missing)


def test_missing_base_costs_what_needs_it_and_a_missing_annotation_or_decorator_nothing(write):
    code = """
        import numpy as np
        from nowhere import Base, njit, Axes, Also as Other
        class Relu:
            def forward(self, x: Axes.float) -> "Other": return x
        class Tanh(Base):
            def forward(self, x): return self.base_has_it(x)
        class Sigmoid(Base):
            def __init__(self): super().__init__("sigmoid")
            def forward(self, x): return x
        @njit
        def im2col(x): return x
    """
    subject = load(write("layers.py", dedent(code)))
    assert missing(subject) == {"Tanh"}
    assert np.array_equal(use(subject, "Sigmoid").results["out"], X)
    assert [(n.kind, n.name) for n in subject.notes if n.kind == "base"] == [("base", "Base")]
    assert np.array_equal(use(subject, "Relu").results["out"], X)
    assert call(subject, "im2col", 3).results["out"] == 3


def test_missing_name_of_an_import_costs_only_itself(write):
    write("util.py", "def im2col(x): return x")
    subject = load(write("layers.py", "from util import im2col, col2im"))
    assert missing(subject) == {"col2im"} and subject.has("im2col")


def test_later_definition_wins(write):
    code = "def im2col(x): return 1\ntry:\n    def im2col(x): return 2\nfinally: print(3)\n"
    assert call(load(write("layers.py", code)), "im2col", 0).results["out"] == 2


def test_loading_leaves_nothing_behind(write):
    sys.modules["common"] = foreign = ModuleType("common")
    try:
        write("one/common/util.py", "import os\nos.environ['FROM_THE_TARGET'] = '1'\ndef im2col(x): return 1")
        write("two/common/util.py", "def im2col(x): return 2")
        for folder in ("one", "two"):
            write(f"{folder}/ch07/layers.py", "import sys\nsys.path.append('..')\nfrom common.util import *")
        before = list(sys.path), os.getcwd(), dict(os.environ), set(sys.modules), list(sys.meta_path)
        subjects = [load("one/ch07/layers.py"), load("two/ch07/layers.py")]
        assert [call(s, "im2col", 0).results["out"] for s in subjects] == [1, 2]
        assert (list(sys.path), os.getcwd(), dict(os.environ), set(sys.modules), list(sys.meta_path)) == before
        assert sys.modules["common"] is foreign
    finally:
        del sys.modules["common"]


def test_import_inside_a_function_finds_files_beside_the_target(write):
    write("a/helper.py", "def one(): return 1")
    write("a/data.txt", "7")
    code = "def im2col(x):\n    from helper import one\n    return one() + int(open('data.txt').read())"
    assert call(load(write("a/layers.py", code)), "im2col", 0).results["out"] == 8


@pytest.mark.parametrize("name", ["types.py", "numpy.py", "functions.py", "judge.py", "my layers (1).py"])
def test_file_of_any_name_is_loaded(name, write):
    subject = load(write(name, "import numpy as xp\ndef im2col(x):\n    return x + 1"))
    assert call(subject, "im2col", 1).results["out"] == 2


def test_target_runs_in_its_folder_and_prints_nothing(write, capfd):
    write("a/util.py", "def f(x): return x")
    code = """
        import os, sys
        from util import f as im2col
        HERE = os.getcwd()
        try:
            import nowhere
        except ImportError:
            print("told", file=sys.stderr)
            sys.exit("needs nowhere")
        import argparse
        args = argparse.ArgumentParser().parse_args()
        def col2im(x): return len(HERE) - len(os.getcwd())
    """
    subject = load(write("a/layers.py", dedent(code)))
    assert call(subject, "col2im", 0).results["out"] == 0
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("name", "code", "says"),
    [
        ("layers.py", "def im2col(x):\n    retrun x\n", "layers.py, line 2: SyntaxError: invalid syntax: retrun x"),
        ("layers.py", "def im2col(x):\n  a = 1\n\tb = 2\n", "layers.py, line 3: TabError"),
        ("layers.py", "return 3", "layers.py, line 1: SyntaxError: 'return' outside function: return 3"),
        ("layers.py", "", "layers.py is empty: there is no code in it."),
        ("layers.py", " \n\n", "layers.py is empty: there is no code in it."),
        ("layers.py", "# to do\n'''Later.'''\n", "layers.py is empty: there is no code in it."),
        ("layers.py", "print(1)", "layers.py defines none of the names"),
        ("notes.ipynb", "", "notes.ipynb is empty: there is no code in it."),
        ("notes.ipynb", '{"cells": [{"cell_type": "code", "source": ""}]}', "notes.ipynb is empty"),
        ("layers.py", b"\x00\x01\x02", "layers.py is not a Python file: it has null bytes."),
        ("layers.py", "# 畳み込み\n".encode("cp932"), "layers.py is not UTF-8 text"),
        ("layers.py", "# 畳み込み\n".encode("utf-16"), "layers.py is UTF-16 text"),
        ("layers.py", b"\xfe\xff" + "x = 1\n".encode("utf-16-be"), "layers.py is UTF-16 text"),
        ("layers.py", "class Conv: pass\ndef img2col(*a): pass", "--map im2col=img2col --map Convolution=Conv"),
        ("layers.py", "from nowhere import Relu", "No module named 'nowhere'"),
        ("layers.py", "(" * 9999, "layers.py"),
        ("notes.ipynb", "{", "notes.ipynb is not a notebook"),
        ("notes.ipynb", "[1]", "notes.ipynb is not a notebook"),
        ("notes.ipynb", b"\xff\xfe\x00", "notes.ipynb is not a notebook"),
        ("notes.ipynb", '{"cells": []}', "notes.ipynb has no code cells."),
        ("notes.ipynb", '{"cells": [], "metadata": {"language_info": {"name": "R"}}}', "in R, not in Python"),
        ("notes.ipynb", '{"cells": [{"cell_type": "code", "source": "x = ("}]}', "cell 1, line 1: SyntaxError"),
        ("layers.txt", "import numpy", "is neither a .py file, a folder, nor an .ipynb notebook."),
    ],
)
def test_unloadable_target_is_refused_in_one_sentence(name, code, says, write):
    with pytest.raises(LoadError) as caught:
        load(write(name, code))
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_absent_target_is_refused_with_a_suggestion(write):
    write("layers.py", "def im2col(x): return x")
    os.mkdir("empty")
    for target, says in {
        "layer.py": "there is no layer.py; did you mean",
        "empty": "has no .py file and no notebook in it",
        "no.such.module": "there is no module, file or folder no.such.module",
        "empty/x/y.py": "there is no empty/x/y.py.",
    }.items():
        with pytest.raises(LoadError, match=re.escape(says)):
            load(target)


def test_the_one_empty_file_of_a_folder_is_named(write):
    os.mkdir("hw")
    write("hw/layers.py", "# to do\n")
    with pytest.raises(LoadError, match=r"^layers\.py is empty"):
        load("hw")
    write("hw/util.py", "")
    with pytest.raises(LoadError, match=r"^hw is empty"):
        load("hw")


@pytest.mark.parametrize(
    "code",
    [b"\xef\xbb\xbfdef im2col(x): return 'ok'", "# coding: cp932\ndef im2col(x): return 'ok' # 畳み".encode("cp932")],
)
def test_encodings_are_honoured(code, write):
    assert call(load(write("layers.py", code)), "im2col", 0).results["out"] == "'ok'"


def test_endless_loading_is_stopped(write):
    path = write("layers.py", "class Relu:\n    while True:\n        pass\n")
    with pytest.raises(LoadError, match=r"more than 0.2 s to load \(layers.py, line [23]"):
        load(path, loading=0.2)


ENDLESS = """
class Relu:
    def forward(self, x):
        self.mask = x > 0
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask


class BatchNormalization:
    def __init__(self, gamma, beta):
        pass

    def forward(self, x, train_flg=True):
        while True:
            pass


class Dropout(BatchNormalization):
    def __init__(self, ratio):
        pass
"""


@pytest.mark.slow
def test_layers_that_do_not_end_take_nothing_from_the_others(write):
    subject = load(write("layers.py", ENDLESS), loading=1.0)
    assert "Relu" in subject.names and any(one.why.startswith("it takes too long: line ") for one in subject.unread)


def test_a_share_of_the_time_that_is_left_is_taken():
    assert share_of_time(10) == 10
    with limit_time(5, 5 * WALL):
        assert 3 < share_of_time(10) <= 3.5 and share_of_time(1) == 1
        with limit_time(1, WALL):
            assert 0.5 < share_of_time(10) <= 0.7
    with limit_time(5):
        assert 3 < share_of_time(10) <= 3.5
    assert share_of_time(10) == 10


@pytest.mark.slow
def test_loading_imports_no_framework():
    code = "import sys, reference_tests.subject.load, reference_tests.subject.parent\n"
    code += "print(*{m.partition('.')[0] for m in sys.modules} & {'torch', 'scipy', 'hypothesis', 'pytest', 'impl'})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[3])
    assert (done.returncode, done.stdout) == (0, "\n"), done.stderr


@pytest.mark.parametrize(
    "code, said",
    [
        ("def softmax(x):\n    return x", "a softmax alone is no layer"),
        ("import numpy as np\ndef cross_entropy_error(y, t):\n    return -np.sum(np.log(y[np.arange(len(t)), t]))",
         "put the softmax that gives them"),
    ],
)  # fmt: skip
def test_half_of_a_loss_is_told_what_is_lacking(tmp_path, code, said):
    (tmp_path / "functions.py").write_text(code)
    with pytest.raises(LoadError, match=said):
        load(str(tmp_path / "functions.py"))
