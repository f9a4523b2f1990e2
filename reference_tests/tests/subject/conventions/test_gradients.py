"""The parameters' gradients are found where a second call gives them, and a mistake in them is seen."""

import pytest

from reference_tests.conformance import messages
from reference_tests.conformance.judge import judge_all
from reference_tests.subject.load import load
from reference_tests.tests.subject.conventions.test_read import REQUEST, requested_checks, status

from .special.targets import numbers, read

DENSE = """
import numpy as np

class Dense:
    def __init__(self, n_in, n_out):
        self.W, self.b = np.random.randn(n_in, n_out), np.zeros(n_out)

    def {forward}(self, x):
        self.x = x
        return x @ self.W + self.b

    def {backward}:
        self.delta = dout
        return dout @ self.W.T
"""
USUAL = {"forward": "forward", "backward": "backward(self, dout)"}
GIVEN = {  # how the class is called -> (its two passes, the rest of it)
    "a list": (USUAL, "def grads_wrt_params(self): return [self.x.T @ self.delta, self.delta.sum(axis=0)]"),
    "a dict": (USUAL, "def get_grads(self): return {'W': self.x.T @ self.delta, 'b': self.delta.sum(axis=0)}"),
    "a tuple": (USUAL, "def param_gradients(self): return self.x.T @ self.delta, self.delta.sum(axis=0)"),
    "pairs": (USUAL, "def params_and_grads(self): return [(self.W, self.x.T @ self.delta), "
                     "(self.b, self.delta.sum(axis=0))]"),
    "a property": (USUAL, "gradients = property(lambda self: (self.x.T @ self.delta, self.delta.sum(axis=0)))"),
    "arguments": ({"forward": "get_output", "backward": "get_input_grad(self, Y, dout)"},
                  "def get_params_grad(self, X, output_grad): return X.T @ self.delta, self.delta.sum(axis=0)"),
    "adding up": ({"forward": "updateOutput", "backward": "updateGradInput(self, input, dout)"},
                  "gradWeight = gradBias = 0.0\n"
                  "    def accGradParameters(self, input, gradOutput):\n"
                  "        self.gradWeight = self.gradWeight + input.T @ gradOutput\n"
                  "        self.gradBias = self.gradBias + gradOutput.sum(axis=0)"),
}  # fmt: skip


def code_of(name: str) -> str:
    """Return the text of a class."""
    passes, rest = GIVEN[name]
    return DENSE.format(**passes) + f"\n    {rest}\n"


@pytest.mark.slow
@pytest.mark.parametrize("name", GIVEN)
def test_gradients_of_a_second_call_are_judged(name, write):
    assert status(load(write("layers.py", code_of(name))), "affine") == "partial"


MISTAKES = [
    ("sum(axis=0)", "max()"),
    *(pytest.param(*pair, marks=pytest.mark.nightly) for pair in (("sum(axis", "prod(axis"), (".T @ ", ".T @ -"))),
]


@pytest.mark.slow
@pytest.mark.parametrize("old, new", MISTAKES)
@pytest.mark.parametrize("name", GIVEN)
def test_mistake_in_a_second_call_is_seen(name, old, new, write):
    head, found, rest = code_of(name).rpartition(old)
    assert found
    assert status(load(write("layers.py", head + new + rest)), "affine") == "fail"


def test_message_names_the_call_that_gave_the_gradient(write):
    text = code_of("a dict").replace("sum(axis=0)", "mean(axis=0)")
    subject = load(write("layers.py", text))
    checks = [c for c in requested_checks(subject, REQUEST) if c.case.op.component == "affine" and c.part == "backward"]
    verdict = next(v for v in judge_all(checks, subject) if v.status == "fail")
    assert "get_grads()['b'][" in messages.failure(verdict)


WRONG_SHAPE = """
class Dense:
    def __init__(self, n_in, n_out):
        self.W, self.b, self.grads = np.random.randn(n_in, n_out), np.zeros(n_out), {}
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, grad):
        self.grads["W"] = self.x.T @ grad
        self.grads["b"] = grad.sum(axis=1)
        return grad @ self.W.T
"""


def test_gradient_of_a_wrong_shape_in_a_dict_is_compared(tmp_path):
    layer = read(tmp_path, WRONG_SHAPE).names["Affine"](numbers(4, 3), numbers(3))
    layer.forward(numbers(5, 4))
    layer.backward(numbers(5, 3))
    assert layer.db.shape == (5,)
