"""The chapter's notebooks run from top to bottom, with our layers and with a reader's."""

import ast
import base64
import json
import re
from pathlib import Path

import numpy as np
import pytest

import reference_tests
from reference_tests.chapter import layers, simple_conv_net
from reference_tests.tests.sampling import some_at_night

NOTEBOOKS = sorted((Path(reference_tests.__file__).parent / "notebooks").glob("*.ipynb"))
LEARNERS = Path(__file__).parents[1] / "corpus" / "examples" / "my_layers.py"


def cells(path, kind):
    return ["".join(cell["source"]) for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == kind]


def test_notebooks_cover_every_section_of_the_chapter():
    assert [path.name[:3] for path in NOTEBOOKS] == ["7_2", "7_3", "7_4", "7_5", "7_6", "7_7"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_starts_with_impl_and_has_no_outputs(path):
    first, *others = cells(path, "code")
    assert first.startswith('impl = "impl"')
    for code in others:
        ast.parse(code)
    assert all("outputs" not in cell or not cell["outputs"] for cell in json.loads(path.read_text())["cells"])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_asserts_computed_values_in_at_least_two_cells(path):
    checked = [code for code in cells(path, "code") if any(is_check(node) for node in ast.walk(ast.parse(code)))]
    assert len(checked) >= 2


def is_check(node):
    """True for an assertion that compares the result of some computation."""
    if isinstance(node, ast.Assert):
        parts = [*ast.walk(node.test)]
        return any(isinstance(one, ast.Compare) for one in parts) and any(isinstance(one, ast.Name) for one in parts)
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "np.testing.assert_allclose"


def test_readers_layers_replace_ours(capsys):
    assert layers().own == [] and capsys.readouterr().out == ""
    my = layers(str(LEARNERS))
    said = capsys.readouterr().out
    assert my.own == ["conv_output_size", "im2col", "col2im", "Convolution", "Pooling", "Relu"]
    assert said.splitlines()[0] == f"from {LEARNERS}: {', '.join(my.own)}"
    assert "SimpleConvNet" in said.splitlines()[1].removeprefix("ours: ")
    net = simple_conv_net(my, input_dim=(1, 8, 8), hidden_size=5, rng=0)
    assert type(net.layers["Conv1"]) is my.Convolution
    x = np.random.default_rng(0).random((2, 1, 8, 8), dtype=np.float32)
    ours = simple_conv_net(layers(), input_dim=(1, 8, 8), hidden_size=5, rng=0)
    np.testing.assert_allclose(net.predict(x), ours.predict(x), rtol=1e-4, atol=1e-6)
    grads, wanted = (n.gradient(x, np.array([1, 2])) for n in (net, ours))
    for name, array in wanted.items():
        np.testing.assert_allclose(grads[name], array, rtol=1e-3, atol=1e-6)


def run(path, impl, folder):
    nbformat = pytest.importorskip("nbformat", reason="the extra notebook is not installed")
    nbclient = pytest.importorskip("nbclient", reason="the extra notebook is not installed")
    book = nbformat.read(path, as_version=4)
    top = next(cell for cell in book.cells if cell.cell_type == "code")
    top.source = f"impl = {impl!r}"
    nbclient.NotebookClient(
        book, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    ).execute()
    return book


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_text_is_in_both_languages(path):
    """A heading in Japanese alone is not enough: each cell has sentences of both."""
    for text in cells(path, "markdown"):
        assert re.search(r"[ぁ-ん][^\n]*。|[ぁ-ん]か。", text), text
        assert re.search(r"[A-Za-z]{3,} [A-Za-z]{2,}", text), text


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_opens_in_colab_and_brings_what_it_needs(path):
    assert f"/notebooks/{path.name})" in cells(path, "markdown")[0]
    assert 'get_ipython().run_line_magic("pip", "install -q convcheck' in cells(path, "code")[1]


PICTURES = {"7_2_convolution": 1, "7_5_simple_conv_net": 1, "7_6_seeing": 4, "7_7_famous_networks": 2}


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("path", some_at_night(NOTEBOOKS, each=3), ids=lambda path: path.stem)
def test_notebook_runs_and_shows_its_pictures(path, tmp_path):
    book = run(path, "impl", tmp_path)
    outputs = [one for cell in book.cells for one in cell.get("outputs", ())]
    shown = [one.data["image/png"] for one in outputs if "image/png" in one.get("data", {})]
    assert len(shown) == PICTURES.get(path.stem, 0)
    assert all(base64.b64decode(png).startswith(b"\x89PNG") for png in shown)


@pytest.mark.slow
@pytest.mark.parametrize("path", some_at_night(NOTEBOOKS[2:4], each=2), ids=lambda path: path.stem)
def test_notebook_runs_with_a_readers_file(path, tmp_path):
    text = json.dumps(run(path, str(LEARNERS), tmp_path))
    assert f"from {LEARNERS}: " in text


WRONG = {  # notebook -> a reader's mistake in it, what the failing cell says
    "7_2_convolution": (
        "class Convolution(layers.Convolution):\n"
        "    def __init__(self, W, b, stride=1, pad=0):\n"
        "        super().__init__(W[:, :, ::-1, ::-1].copy(), b, stride, pad)\n",
        "by_hand",
    ),
    "7_3_pooling": (
        "class Pooling(layers.Pooling):\n    def forward(self, x):\n        return -super().forward(-x)\n",
        "largest",
    ),
    "7_4_im2col": (
        "def im2col(x, filter_h, filter_w, stride=1, pad=0):\n"
        "    return functional.im2col(x, filter_h, filter_w, stride, pad)[::-1]\n",
        "col",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", WRONG)
def test_notebook_stops_at_a_readers_mistake(name, tmp_path):
    nbclient = pytest.importorskip("nbclient", reason="the extra notebook is not installed")
    code, said = WRONG[name]
    (tmp_path / "my_layers.py").write_text(f"from impl import functional, layers\n\n\n{code}")
    (path,) = (path for path in NOTEBOOKS if path.stem == name)
    with pytest.raises(nbclient.exceptions.CellExecutionError, match=f"(?s)assert.*{said}.*AssertionError"):
        run(path, "my_layers.py", tmp_path)
