"""check() without a kernel: arguments, defined names, one check; and all of it in a real notebook."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from impl import layers
from reference_tests import i18n
from reference_tests.notebook import UnclearRequest, check, make_subject, run_check

pytestmark = pytest.mark.slow  # each judges and draws

RELU = layers.Relu
FINE = {"relu": "pass"}


def states(result) -> dict[str, str]:
    return {name: result.found.status(name) for name in result.found.components}


class WrongRelu:
    def forward(self, x):
        self.mask = x <= 0
        return np.where(self.mask, 0, x)

    def backward(self, dout):
        return dout


def test_class_is_recognized_by_its_name():
    result = check(RELU)
    assert (result.ok, states(result)) == (True, FINE)


def test_class_of_another_name_is_passed_by_keyword():
    result = check(Relu=WrongRelu)
    assert not result.ok
    assert "relu.mask-unused" in repr(result)
    assert "check('relu/every-number-has-its-own-mask/backward')" in repr(result)


def test_check_without_arguments_takes_all_that_is_defined():
    there = {"Relu": WrongRelu, "Tanh": layers.Tanh, "np": np, "Affine": 3}
    assert states(run_check(there, there, (), {}, "en")) == {"relu": "fail", "tanh": "pass"}


def test_check_looks_at_the_callers_names():
    Relu = WrongRelu  # noqa: F841 - check() looks at its caller
    assert not check().ok
    assert not check("relu").ok


def test_check_id_runs_one_check():
    there = {"Relu": WrongRelu}
    result = run_check(there, there, ("relu/one-image/backward",), {}, "en")
    assert [v.check.id for v in result.found.components["relu"]] == ["relu/one-image/backward"]


def test_subject_includes_prerequisites():
    """im2col is taken from the namespace, so that diagnosis can blame a wrong one."""
    there = {"Convolution": layers.Convolution, "im2col": np.sum}
    assert make_subject(dict(there), there, there).has("im2col")


@pytest.mark.parametrize(
    "there, what, named, said",
    [
        ({}, (WrongRelu,), {}, "check(Relu=WrongRelu)"),
        ({}, (), {"ReLU": WrongRelu}, "Relu"),
        ({}, ("Relu",), {}, "not defined yet"),
        ({}, ("relu/no-such",), {}, "no check is called"),
        ({}, (), {}, "nothing that is checked is defined yet"),
        ({"MaxPool2d": RELU}, (), {}, "check(Pooling=MaxPool2d)"),
    ],
)
def test_unclear_request_is_one_sentence(there, what, named, said):
    with pytest.raises(UnclearRequest) as error:
        run_check(there, there, what, named, "en")
    assert said in str(error.value)
    assert error.value._render_traceback_() == [str(error.value)]


def test_unknown_language_is_named():
    with pytest.raises(UnclearRequest, match="fr"):
        check(RELU, lang="fr")


def test_exception_shows_the_learners_line():
    source = "class Relu:\n    def forward(self, x):\n        return x.no_such_thing\n"
    there: dict = {}
    exec(compile(source, "cell.py", "exec"), there)
    assert "no_such_thing" in repr(run_check(there, there, (), {}, "en"))


def test_html_is_in_the_requested_language():
    html = check(Relu=WrongRelu, lang="ja")._repr_html_()
    assert 'lang="ja"' in html
    assert 'class="map got"' in html
    assert i18n.current_language() == "en"


def test_importing_the_package_loads_no_numpy():
    code = "import sys, reference_tests; print({'numpy', 'torch', 'scipy'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "set()"


CELLS = [
    "import numpy as np\nfrom reference_tests import check",
    "class Relu:\n    def forward(self, x):\n        self.mask = x <= 0\n        return np.where(self.mask, 0, x)\n"
    "    def backward(self, dout):\n        return dout",
    "check(Relu, lang='en')",
    "%load_ext reference_tests",
    "%check Relu --lang ja",
    "class Tanh:\n    def forward(self, x):\n        return np.tanh(x).oops",
    "check(lang='en')",
    "class MyConv: pass\ncheck(MyConv, lang='en')",
]


def test_check_works_in_a_real_notebook(tmp_path: Path):
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in CELLS])
    client = nbclient.NotebookClient(
        notebook, timeout=120, allow_errors=True, resources={"metadata": {"path": tmp_path}}
    )
    client.execute()
    outputs = [notebook.cells[i].outputs for i in (2, 4, 6)]
    first, magic, everything = (next(o.data for o in of if o.output_type == "execute_result") for of in outputs)
    assert "relu.mask-unused" in first["text/html"]
    assert "relu.mask-unused" in first["text/plain"]
    assert "<svg" in first["text/html"]
    assert 'lang="ja"' in magic["text/html"]
    assert "tanh" in everything["text/plain"]
    assert "cell [6], line 3: return np.tanh(x).oops" in everything["text/plain"]
    error = notebook.cells[7].outputs[0]
    assert error.output_type == "error"
    assert error.traceback == [
        "MyConv is not one of the names that are checked; say what it is: check(Convolution=MyConv)"
    ]
    json.dumps(notebook)
