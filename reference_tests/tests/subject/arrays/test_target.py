"""Targets on tensors: which are found to be, and that they are judged as NumPy's are."""

import textwrap
from pathlib import Path

import numpy as np
import pytest

from reference_tests.conformance.contract import layer
from reference_tests.conformance.judge import judge_all
from reference_tests.conformance.scenarios import checks_of
from reference_tests.corpus.conventions import FILES, FOLDER
from reference_tests.subject.arrays.kinds import differentiate_torch
from reference_tests.subject.load import Subject, load
from reference_tests.subject.source import LoadError

pytestmark = pytest.mark.slow

ENTRIES = [entry for entry in FILES if entry.convention == "torch_tensors"]
HEAD = "import numpy as np\nimport torch\nimport torch.nn.functional as F\nfrom torch import nn\n\n"


def load_text(tmp_path: Path, text: str, **arrays: str) -> Subject:
    """Load a target of one file."""
    path = tmp_path / "layers.py"
    path.write_text(HEAD + textwrap.dedent(text))
    return load(str(path), arrays=arrays)


def wrong_parts(subject: Subject, component: str) -> dict[str, set[str]]:
    """Judge a component. -> status -> the results that are wrong, of all checks that decide."""
    found: dict[str, set[str]] = {}
    for v in judge_all([c for c in checks_of(layer(component)) if c.level != "advice"], subject):
        found.setdefault(v.status, set()).update(p.what.split("_")[0] for p in v.problems)
    return found


def test_gradients_are_those_of_the_upstream_gradient_given_and_of_its_shape_alone():
    import torch

    x, dout = torch.tensor([[1.0, -2.0, 3.0]]), torch.tensor([[0.5, np.inf, -4.0]])
    (dx,) = differentiate_torch(torch, lambda a: a**2, dout, [x], ())
    np.testing.assert_array_equal(dx, [[1.0, -np.inf, -24.0]])
    with pytest.raises(ValueError, match="gradient"):
        differentiate_torch(torch, lambda a: a.sum(dim=0), dout, [x], ())


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.path)
def test_the_corpus_on_tensors_is_judged_as_it_is(entry):
    with load(str(FOLDER / entry.path)) as subject:
        assert subject.arrays["kind"] == "torch"
        for component in entry.right:
            found = wrong_parts(subject, component)
            assert "pass" in found and "fail" not in found, component
        for component, (_mistake, parts) in entry.wrong.items():
            wrong = wrong_parts(subject, component)["fail"]
            assert wrong >= set(parts) or any("." in what for what in wrong), component


TAKES_NUMPY = {
    "compares only": """
        class Relu:
            def forward(self, x):
                self.mask = x <= 0
                return np.where(self.mask, 0, x)
            def backward(self, dout):
                return np.where(self.mask, 0, dout)
        assert torch.allclose(F.relu(torch.ones(2)), torch.from_numpy(Relu().forward(np.ones(2))).float())
    """,
    "converts inside": """
        class Relu:
            def forward(self, x):
                self.x = x
                return F.relu(torch.from_numpy(np.array(x))).numpy()
            def backward(self, dout):
                return dout * (self.x > 0)
    """,
    "no library in it": """
        class Relu:
            def forward(self, x):
                self.mask = x > 0
                return x * self.mask
            def backward(self, dout):
                return dout * self.mask
    """,
}


@pytest.mark.parametrize("name", TAKES_NUMPY)
def test_a_target_that_takes_numpy_arrays_stays_as_it_is(name, tmp_path):
    with load_text(tmp_path, TAKES_NUMPY[name]) as subject:
        assert subject.arrays == {}
        assert set(wrong_parts(subject, "relu")) == {"pass"}


def test_code_that_names_no_library_takes_tensors_if_the_option_says_so(tmp_path):
    with load_text(tmp_path, TAKES_NUMPY["no library in it"], kind="torch") as subject:
        assert subject.arrays == {"kind": "torch", "device": "cpu", "floats": "float32"}
        assert "fail" not in wrong_parts(subject, "relu")


def test_a_file_of_both_gives_each_layer_its_own_arrays(tmp_path):
    text = """
        class Sigmoid:
            def forward(self, x):
                self.out = torch.sigmoid(x)
                return self.out
            def backward(self, dout):
                return dout * self.out * (1 - self.out)
    """
    with load_text(tmp_path, TAKES_NUMPY["compares only"] + text) as subject:
        assert "fail" not in wrong_parts(subject, "relu") and "fail" not in wrong_parts(subject, "sigmoid")


def test_code_without_a_library_takes_tensors_where_numpy_is_not_imported(tmp_path):
    path = tmp_path / "layers.py"
    path.write_text(
        "import torch\n\n\ndef linear(x, w, b):\n    return x @ w + b\n\n\ndef relu(x):\n    return torch.relu(x)\n"
    )
    with load(str(path)) as subject:
        found = wrong_parts(subject, "affine")
    assert "fail" not in found and "absent" not in found  # autograd gives its gradients


def test_layers_of_torch_are_nobodys_own_work(tmp_path):
    text = """
        class Conv2dLayer(nn.Module):
            def __init__(self, in_channels, out_channels, kernel_size):
                super().__init__()
                self.conv = nn.Conv2d(in_channels, out_channels, kernel_size)
            def forward(self, x):
                return self.conv(x)
    """
    with pytest.raises(LoadError):
        load_text(tmp_path, text)


@pytest.mark.parametrize("floats", ["float64", "bfloat16", "float16"])
def test_a_right_target_is_right_in_every_type(floats):
    for name in ("right.py", "right_book.py", "right_module.py"):
        with load(str(FOLDER / "torch_tensors" / name), arrays={"floats": floats}) as subject:
            assert subject.arrays["floats"] == floats
            for component in ("convolution", "relu", "affine"):
                assert "fail" not in wrong_parts(subject, component), (name, component)


@pytest.mark.parametrize("floats", ["bfloat16", "float16"])
def test_a_flipped_filter_is_seen_in_half_precision(floats):
    with load(str(FOLDER / "torch_tensors" / "wrong_flip.py"), arrays={"floats": floats}) as subject:
        assert "out" in wrong_parts(subject, "convolution")["fail"]


RELU = """
    class Relu:
        def forward(self, x):
            self.mask = x > 0
            return torch.where(self.mask, x, torch.zeros_like(x)){end}
        def backward(self, dout):
            return (dout * self.mask).clone()
"""


@pytest.mark.parametrize(
    ("end", "said"),
    [(".to('meta')", "meta != cpu"), (".double()", "float64 != float32"), (".half()", "float16 != float32")],
)
def test_a_result_of_another_type_or_elsewhere_is_said(end, said, tmp_path):
    check = checks_of(layer("relu"))[0]
    with load_text(tmp_path, RELU.format(end=end)) as subject:
        verdict = next(judge_all([check], subject))
    assert (verdict.status, verdict.reason) == ("fail", "arrays")
    assert said in verdict.problems[0].got.text


def test_a_library_that_is_not_there_is_named(tmp_path):
    with pytest.raises(LoadError, match="--arrays cupy: cupy is not installed here"):
        load_text(tmp_path, RELU.format(end=""), kind="cupy")


def test_a_type_is_for_other_arrays_than_numpys(tmp_path):
    with pytest.raises(LoadError, match="--dtype bfloat16"):
        load_text(tmp_path, TAKES_NUMPY["no library in it"], floats="bfloat16")


def test_an_input_that_is_changed_is_seen(tmp_path):
    text = RELU.format(end="").replace("self.mask = x > 0", "self.mask = x > 0; x.mul_(2); x.div_(2).add_(1)")
    with load_text(tmp_path, text) as subject:
        assert "x" in wrong_parts(subject, "relu")["fail"]


def test_an_output_that_is_overwritten_is_seen(tmp_path):
    text = """
        class Sigmoid:
            buffer = None
            def forward(self, x):
                if self.buffer is None or self.buffer.shape != x.shape:
                    self.buffer = torch.empty_like(x)
                self.buffer.copy_(torch.sigmoid(x))
                return self.buffer
            def backward(self, dout):
                return dout * self.buffer * (1 - self.buffer)
    """
    for floats in ("float32", "bfloat16"):  # which shares memory with NumPy's array, and which does not
        with load_text(tmp_path, text, floats=floats) as subject:
            fails = [v for v in judge_all(checks_of(layer("sigmoid")), subject) if v.status == "fail"]
        assert "second-call" in {v.check.scenario.id for v in fails}, floats
        assert {p.kind for v in fails for p in v.problems} <= {"overwritten", "values"}


def test_strides_come_through(tmp_path):
    from reference_tests.subject.arrays.kinds import open_place
    from reference_tests.subject.execute import with_layout

    place, a = open_place("torch"), np.arange(120.0).reshape(2, 3, 4, 5)
    for floats in ("f8", "f4"):
        given = {name: place.to(with_layout(a.astype(floats), name)) for name in ("C", "F", "strided", "reversed")}
        assert all(np.array_equal(t.numpy(), a) for t in given.values())
        assert not any(given[name].is_contiguous() for name in ("F", "strided", "reversed"))
        torch = place.lib
        assert given["reversed"].is_contiguous(memory_format=torch.channels_last)


JAX = """
import jax.numpy as jnp


def relu(x):
    return jnp.maximum(x, 0)


def sigmoid(x):
    return 1 / (1 + jnp.exp(-x))
"""


@pytest.mark.parametrize("right, wrong", [("1 + jnp", "1 - jnp"), ("maximum(x, 0)", "abs(x)")])
def test_functions_of_jax_are_differentiated_and_a_mistake_is_seen(right, wrong, tmp_path):
    """Few checks: JAX compiles each new shape."""
    found = []
    for name, text in (("right", JAX), ("wrong", JAX.replace(right, wrong))):
        path = tmp_path / f"{name}.py"
        path.write_text(text)
        subject = load(str(path), arrays={"kind": "jax"}, seconds=60.0)
        assert subject.arrays["kind"] == "jax"
        component = "relu" if "x, 0" in right else "sigmoid"
        found.append({v.status for v in judge_all(checks_of(layer(component))[:4], subject)})
    assert found[0] == {"pass"}
    assert "fail" in found[1]
