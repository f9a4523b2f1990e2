"""What is not there: looked for where its author has it, else lent, said, and never counted as the target's own."""

import ast
import json
import os
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest

from reference_tests.conformance.contract import all_checks
from reference_tests.conformance.examination import Request, examine
from reference_tests.conformance.judge import judge_all
from reference_tests.subject.errors import MissingName
from reference_tests.subject.lending.lender import LENDABLE, Lender, Loan, counts, read_text, texts_for
from reference_tests.subject.lending.stand_ins import missing_attribute
from reference_tests.subject.load import load
from reference_tests.subject.parent import RemoteSubject
from reference_tests.subject.protocol import Plan
from reference_tests.subject.source import LoadError
from reference_tests.tests.sampling import sampled

from .test_load import X, call, missing, use

CORRECT, NETWORK = Path(__file__).parents[2] / "corpus" / "correct", "SimpleConvNet"
CONVOLUTION = """
class Convolution:
    def __init__(self, W, b, stride=1, pad=0): self.W, self.b, self.stride, self.pad = W, b, stride, pad
    def forward(self, x):
        N, C, H, W = x.shape
        FN, C, FH, FW = self.W.shape
        OH, OW = (H + 2*self.pad - FH)//self.stride + 1, (W + 2*self.pad - FW)//self.stride + 1
        self.x, self.col = x, im2col(x, FH, FW, self.stride, self.pad)
        return (self.col @ self.W.reshape(FN, -1).T + self.b).reshape(N, OH, OW, FN).transpose(0, 3, 1, 2)
    def backward(self, dout):
        FN, C, FH, FW = self.W.shape
        dout = dout.transpose(0, 2, 3, 1).reshape(-1, FN)
        self.db, self.dW = dout.sum(0), (dout.T @ self.col).reshape(self.W.shape)
        return col2im(dout @ self.W.reshape(FN, -1), self.x.shape, FH, FW, self.stride, self.pad)
"""
FORGOTTEN = CONVOLUTION.replace("self.W.reshape(FN, -1).T +", "self.W.reshape(FN, -1) +")


def notebook(*cells: str) -> str:
    return json.dumps({"cells": [{"cell_type": "code", "source": cell} for cell in cells], "metadata": {}})


def said(subject, kind: str) -> dict[str, dict]:
    return {note.name: dict(note.values) for note in subject.notes if note.kind == kind}


def judged(path: str, *only: str, kind=load):
    with kind(path) as subject:
        return examine(subject, Request(only=only, fresh=0))


IMPORTS = [
    "from common.util import im2col, col2im",
    "from common.util import *",
    "from common.layers import *",
    "import common.util as U\nim2col, col2im = U.im2col, U.col2im",
    "from common import util\nim2col, col2im = util.im2col, util.col2im",
    "from func.util import im2col, col2im",
    "from utils import im2col, col2im",
    "from my_cnn.helpers import im2col\nfrom my_cnn.helpers import col2im",
    "from .util import im2col, col2im",
    "from . import util\nim2col, col2im = util.im2col, util.col2im",
    "import sys, os\nsys.path.append(os.pardir)\nfrom common.util import im2col, col2im",
    "import sys, os\nsys.path.append(os.path.dirname(__file__) + '/..')\nfrom common.util import im2col, col2im",
]


@pytest.mark.parametrize("imports", sampled(IMPORTS, every=4))
@pytest.mark.parametrize("suffix", [".py", ".ipynb"])
def test_missing_helpers_are_lent_and_the_layer_is_judged(imports, suffix, write):
    code = f"import numpy as np\n{imports}\n{CONVOLUTION}"
    subject = load(write(f"layers{suffix}", notebook(code) if suffix == ".ipynb" else code))
    plain = [c for c in all_checks(["convolution"]) if c.scenario.id == "plain" and c.level == "core"]
    assert {v.status for v in judge_all(plain[:6], subject)} == {"pass"}
    assert said(subject, "lent").keys() == {"im2col", "col2im"}
    assert not subject.has("im2col") and not subject.has("col2im")


@pytest.mark.slow
def test_file_with_lent_functions_agrees_and_they_do_not_count(write):
    code = f"import numpy as np\nfrom common.util import *\n{CONVOLUTION}"
    found = judged(write("layers.py", code), "convolution", "im2col", kind=RemoteSubject)
    assert {name: found.status(name) for name in found.components} == {"im2col": "absent", "convolution": "pass"}
    assert found.exit_status == 0
    assert found.why_absent("im2col") == ["im2col is not here; a right one was lent, which does not count"]


@pytest.mark.slow
def test_mistake_is_found_with_a_lent_function(write):
    found = judged(
        write("layers.ipynb", notebook("from common.util import im2col, col2im\n" + FORGOTTEN)), "convolution"
    )
    assert found.status("convolution") == "fail" and found.exit_status == 1


def test_lent_functions_agree_with_torch_and_scipy(write):
    """The components are judged in grading/test_grade_one.py, the functions here: as parts of layers."""
    loss = read_text("softmax") + dedent("""
        class SoftmaxWithLoss:
            def forward(self, x, t):
                self.t = np.eye(x.shape[1])[t] if t.ndim == 1 else t
                self.y = softmax(x)
                return cross_entropy_error(self.y, self.t)
            def backward(self, dout=1): return dout * (self.y - self.t) / len(self.t)
        class Sigmoid:
            def forward(self, x): self.y = sigmoid(x); return self.y
            def backward(self, dout): return dout * self.y * (1 - self.y)
    """)
    found = judged(write("loss.py", loss), "softmax_with_loss", "sigmoid")
    assert {found.status(name) for name in found.components} == {"pass"}


@pytest.mark.slow
def test_functions_of_the_book_are_lent_as_they_are_defined(write):
    code = """
        from common.functions import *
        from common.gradient import numerical_gradient
        def im2col(x): return numerical_gradient(lambda v: (relu(v) ** 2).sum(), x)
        def col2im(x): return softmax(x), sigmoid_grad(x), relu_grad(x)
    """
    subject = load(write("layers.py", dedent(code)))
    grad = subject.run(Plan([["call", "out", "im2col", ["x"]]], {"x": X}, {})).results["out"]
    np.testing.assert_allclose(grad, [[0, 4, 6]], atol=1e-6)
    lent = said(subject, "lent")
    assert lent.pop("numerical_gradient") == {"module": "common.gradient"}
    assert lent.keys() == {"relu", "relu_grad", "sigmoid_grad", "softmax"}
    assert all(values == {"module": "common.functions"} for values in lent.values())


@pytest.mark.slow
def test_network_is_judged_with_lent_layers_that_do_not_count(write):
    code = (CORRECT / "whole.py").read_text()
    network = next(ast.get_source_segment(code, n) for n in ast.parse(code).body if getattr(n, "name", "") == NETWORK)
    path = write("ch07/net.py", f"import numpy as np\nfrom book.common.layers import *\n\n\n{network}")
    found = judged(path, "simple_conv_net", "convolution", "relu", kind=RemoteSubject)
    assert {name: found.status(name) for name in found.components} == {
        "convolution": "absent", "relu": "absent", "simple_conv_net": "pass",
    }  # fmt: skip
    assert found.why_absent("relu") == ["Relu is not here; a right one was lent, which does not count"]


def test_layers_of_other_helpers_are_not_the_books(write):
    code = "from layers import Convolution\nclass Relu:\n    def forward(self, x): return Convolution(1, 2)"
    assert use(load(write("net.py", code)), "Relu").stop.reason == "import"


@pytest.mark.parametrize(
    "imports", ["from common.util import im2col", "from utils import im2col", "import common.util"]
)
def test_import_inside_a_method_is_lent(imports, write):
    name = "common.util.im2col" if imports.startswith("import") else "im2col"
    code = f"class Relu:\n    def forward(self, x):\n        {imports}\n        return {name}(x, 1, 1)"
    trace = use(load(write("layers.py", code)), "Relu", given=np.ones((1, 1, 2, 2)))
    assert trace.stop is None and trace.results["out"].shape == (4, 1)


def test_error_in_a_lent_function_tells_what_it_was_given(write):
    code = "from common.util import im2col\nclass Relu:\n    def forward(self, x):\n        return im2col(x, 3, 1)"
    stop = use(load(write("layers.py", code)), "Relu", given=np.ones((1, 1, 2, 2))).stop
    assert stop.text.endswith(": im2col(input_data (1, 1, 2, 2), filter_h=3, filter_w=1, stride=1, pad=0)")
    assert stop.line == "line 4: return im2col(x, 3, 1)"


def test_own_definition_is_not_said_to_be_lent(write):
    code = "from common.functions import *\ndef softmax(x): return 1\n"
    code += "class Relu:\n    def forward(self, x): return softmax(x)"
    subject = load(write("layers.py", code))
    assert use(subject, "Relu").results["out"] == 1 and not said(subject, "lent")


@pytest.mark.slow
def test_star_lends_what_is_used_alone(write):
    """A name that the target does not use may be its own under another name."""
    code = "from common.util import *\nclass Relu:\n    def forward(self, x): return softmax(x)"
    with RemoteSubject(write("layers.py", code)) as subject:
        assert subject.lent == {"softmax"}


@pytest.mark.slow
def test_process_of_a_target_holds_no_right_component(write):
    code = "import sys\ndef im2col(x): return sum('lending.texts' in name for name in sys.modules)"
    with RemoteSubject(write("layers.py", code)) as subject:
        assert call(subject, "im2col", 1).results["out"] == 0


FORGERIES = [
    "from common.layers import Convolution as C\nclass Convolution:\n"
    "    def __init__(self, W, b, stride=1, pad=0): self.c = C(W, b, stride, pad)\n"
    "    def forward(self, x): return self.c.forward(x)",
    "from common.layers import Convolution as C\nclass Conv2D:\n"
    "    def __init__(self, W, b, stride=1, pad=0): self.c = C(W, b, stride, pad)\n"
    "    def forward(self, x): return self.c.forward(x)",
    "from common.util import im2col as theirs\ndef im2col(*a, **k): return theirs(*a, **k)",
    "import common.util\ndef im2col(*a, **k): return common.util.im2col(*a, **k)",
    "from common.util import *\nlent = im2col\nclass Own:\n    def __call__(self, *a): return lent(*a)\nim2col = Own()",
    "from common.util import im2col as theirs\ndef img2col(x, fh, fw, stride=1, pad=0):\n"
    "    return theirs(x, fh, fw, stride, pad)",
    "from common.util import im2col as theirs\nimport functools\nim2col = functools.partial(theirs)",
]


@pytest.mark.slow
@pytest.mark.parametrize("code", FORGERIES)
def test_lent_function_never_becomes_the_targets_own(code, write):
    for kind in (load, RemoteSubject):
        found = judged(write("layers.py", f"{code}\nclass Relu: pass"), "im2col", "convolution", kind=kind)
        assert {found.status(name) for name in found.components} <= {"absent", "unread"} and found.exit_status == 1
        assert not any(v.status == "pass" for verdicts in found.components.values() for v in verdicts)


@pytest.mark.parametrize("names", ["im2col", "*", "im2col as col2im"])
def test_import_alone_is_no_component(names, write):
    with pytest.raises(LoadError, match="defines none of the names"):
        load(write("layers.py", f"from common.util import {names}"))


def test_answer_that_is_asked_for_is_not_sent():
    assert texts_for(["im2col", "softmax"], ["im2col"]).keys() == {"softmax"}
    assert "def im2col" not in "".join(texts_for(sorted(LENDABLE), ["im2col"]).values())
    assert texts_for(["Relu", "Pooling"], ["Tanh"]) == {}
    assert texts_for(["Relu", "Pooling"], ["SimpleConvNet", "Relu"]).keys() == {"Pooling"}


def test_layer_made_of_lent_layers_does_not_count():
    lent = {"Convolution", "im2col"}
    asked = ["SimpleConvNet", "Convolution", "im2col", "Relu", "GroupedConvolution", "AveragePooling"]
    assert [name for name in asked if counts(name, lent)] == ["SimpleConvNet", "Relu"]
    assert all(counts(name, {"im2col", "softmax"}) for name in ("Convolution", "AveragePooling", "GroupedConvolution"))


def test_target_is_lent_nothing_while_it_is_loaded(write):
    code = """
        from common.util import im2col as theirs
        try:
            GOT = theirs(1, 2, 3)
        except ImportError as error:
            GOT = str(error)
        def col2im(x): return GOT
    """
    assert "No module named" in str(call(load(write("layers.py", dedent(code))), "col2im", 1))


def test_lent_function_that_is_called_otherwise_is_no_mistake(write):
    code = "from utils import im2col\nclass Convolution:\n    def __init__(self, W, b, stride=1, pad=0): pass\n"
    subject = load(write("layers.py", code + "    def forward(self, x): return im2col(x, kernel_size=3)"))
    stop = use(subject, "Convolution", ["x", "x"]).stop
    assert stop.reason == "import" and "called otherwise" in stop.text


def test_library_with_other_functions_of_that_name_is_not_replaced():
    lender = Lender(lambda name, module: None)
    lender.asked = {"scipy.special": {"softmax"}, "tensorflow.nn": {"relu"}, "mine.nn": {"relu"}, "mine.data": {"load"}}
    asked = ("scipy", "scipy.special", "tensorflow.nn", "mine", "mine.nn", "mine.data")
    assert [name for name in asked if lender.lends(name)] == ["mine", "mine.nn"]


def test_fallback_of_the_author_is_used(write):
    code = "try:\n    import cupy as np\n    GPU = True\nexcept ImportError:\n    import numpy as np\n    GPU = False\n"
    subject = load(write("layers.py", code + "def im2col(x): return int(GPU)"))
    assert call(subject, "im2col", 1).results["out"] == 0 and not subject.notes


@pytest.mark.parametrize("place", ["a/common/util.py", "common/util.py", "a/b/common/util.py"])
def test_module_is_found_above_the_file(place, write, tmp_path, monkeypatch):
    write(place, "def halve(x): return x / 2")
    code = "from common.util import halve\nclass Relu:\n    def forward(self, x): return halve(2 * x)"
    for name, text in {"layers.py": code, "layers.ipynb": notebook(code)}.items():
        path = write(f"a/b/{name}", text)
        os.makedirs(tmp_path / "elsewhere", exist_ok=True)
        monkeypatch.chdir(tmp_path / "elsewhere")
        subject = load(path)
        assert not missing(subject) and np.array_equal(use(subject, "Relu").results["out"], X)
        monkeypatch.chdir(tmp_path)


def test_module_is_found_in_the_working_folder(write, tmp_path, monkeypatch):
    write("here/common/util.py", "def halve(x): return x / 2")
    path = write("a/b/c/d/e/f/layers.py", "from common.util import halve\ndef im2col(x): return halve(x)")
    monkeypatch.chdir(tmp_path / "here")
    assert call(load(path), "im2col", 2).results["out"] == 1


def test_repository_is_the_bound_and_a_graded_file_is_alone(write, tmp_path, monkeypatch):
    write("common/util.py", "def im2col(x): return 'not its own'")
    path = write("repository/ch07/layers.py", "from common.util import im2col as f\ndef col2im(x): return f(x)")
    os.makedirs(tmp_path / "elsewhere")
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert call(load(path), "col2im", 1).results["out"] == "'not its own'"
    assert call(load(path, alone=True), "col2im", 1).stop.reason == "import"
    os.makedirs(tmp_path / "repository" / ".git")
    assert call(load(path), "col2im", 1).stop.reason == "import"


def test_package_beside_notebook_and_file_alike(write):
    write("common/util.py", "def halve(x): return x / 2")
    code = (
        "from common.util import halve\nimport numpy as np\nclass Relu:\n    def backward(self, d): return d * self.m\n"
    )
    code += "    def forward(self, x): self.m = x > 0; return halve(2 * x * self.m)"
    states = [judged(write(f"common/{name}", text), "relu").status("relu") for name, text in
              {"layers.py": code, "layers.ipynb": notebook(code)}.items()]  # fmt: skip
    assert states == ["pass", "pass"]


NUMBA = """
from numba import njit, prange, jit, vectorize
@njit
def f(x): return x
@jit(nopython=True)
def g(x): return x
@vectorize(["float64(float64)"])
def h(x): return x if x > 0 else 0.0"""
STAND_INS = {
    "from tqdm import tqdm\nfrom tqdm.notebook import trange": "[i for i in tqdm(range(2))] + [j for j in trange(1)]",
    NUMBA: "f(x) + g(x) + h(x) + len(list(prange(2)))",
    "import cupy as cp": "cp.asnumpy(cp.maximum(x, 0)) + cp.get_array_module(x).zeros(1)",
    "import cupy": "cupy.asarray(x)",
    "from IPython.display import display, clear_output": "[clear_output(wait=True), x][1]",
    "from common.np import *": "np.maximum(x, 0)",
    "import seaborn as sns\nimport japanize_matplotlib": "[sns.set(), x][1]",
}


@pytest.mark.parametrize("imports", STAND_INS)
def test_packages_for_show_and_speed_have_stand_ins(imports, write):
    code = f"{imports}\nclass Relu:\n    def forward(self, x):\n        return {STAND_INS[imports]}\n"
    trace = use(load(write("layers.py", code)), "Relu")
    assert trace.stop is None, trace.stop


def test_plots_that_cannot_be_drawn_do_nothing(write):
    """Where matplotlib is installed it is used, so the stand-in itself is asked."""
    plt = missing_attribute("matplotlib.pyplot")
    fig, ax = plt("subplots")(2, 2, figsize=(3, 3))
    ax[0, 1].plot([1, 2], label="loss")
    with plt("style").context("dark"):
        fig.savefig("pred.png")
    assert not os.path.exists("pred.png")


def test_decorators_that_are_not_there_are_left_out(write):
    code = """
        from nowhere import njit, timer
        @njit(parallel=True)
        def im2col(x): return x
        class Relu:
            @timer
            def forward(self, x): return x
            @profile
            def backward(self, x): return x
    """
    subject = load(write("layers.py", dedent(code)))
    assert not missing(subject) and said(subject, "decorator").keys() == {"njit", "timer", "profile"}
    assert np.array_equal(use(subject, "Relu").results["out"], X)


def test_loan_raises_until_it_is_there():
    with pytest.raises(MissingName, match="why"):
        Loan("im2col", "why", {})(1)
