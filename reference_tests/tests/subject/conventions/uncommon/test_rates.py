"""A layer that updates itself is asked with a rate of 1, wherever its rate is."""

import numpy as np
import pytest

from ..special.targets import differing, numbers, read

DENSE = """
{around}
class Dense:
    def __init__(self, n_in, n_out{made}):
        self.weights, self.biases = np.random.randn(n_in, n_out), np.zeros(n_out)
        {more}
    def forward(self, x):
        self.x = x
        return x @ self.weights + self.biases
    def backward(self, grad_output{given}):
        dx = grad_output @ self.weights.T
        self.weights = self.weights - {rate} * (self.x.T @ grad_output){wrong}
        self.biases = self.biases - {rate} * grad_output.sum(0)
        return dx
"""
PLAIN = {"around": "", "made": "", "more": "pass", "given": "", "wrong": ""}
PLACES = {
    "required": {"given": ", learning_rate", "rate": "learning_rate"},
    "default": {"given": ", lr=0.01", "rate": "lr"},
    "constructor": {"made": ", learning_rate=0.1", "more": "self.rate = learning_rate", "rate": "self.rate"},
    "attribute": {"more": "self.lr = 0.3", "rate": "self.lr"},
    "global": {"around": "LEARNING_RATE = 0.03", "rate": "LEARNING_RATE"},
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("wrong", "seen"), [("", set()), (" / len(self.x)", {"dW"})])
def test_gradients_are_those_of_a_rate_of_one(tmp_path, place, wrong, seen):
    subject = read(tmp_path, DENSE.format(**PLAIN | PLACES[place] | {"wrong": wrong}))
    assert differing(subject, "Affine", numbers(4, 3), numbers(3), x=numbers(5, 4)) == seen


def test_gradients_under_a_rate_in_the_text_are_not_compared(tmp_path):
    text = DENSE.format(**PLAIN | {"rate": "0.5"}).replace(
        "self.weights = self.weights - 0.5 *", "self.weights -= 0.5 *"
    )
    layer = read(tmp_path, text).names["Affine"](numbers(4, 3), numbers(3))
    assert layer.forward(numbers(5, 4)).shape == (5, 3)
    assert np.allclose(layer.backward(numbers(5, 3)), numbers(5, 3) @ numbers(4, 3).T)
    assert layer.dW is None and read(tmp_path, text).interfaces["Affine"].lacks == ("dW", "db")


STEPS = {
    "plain": ("{grad} * lr", ("tiny-dout", "large-numbers")),
    "momentum": ("self.move('{name}', {grad}, lr)", ("dW", "db")),
    "adam": ("self.adam('{name}', {grad}, lr)", ("dW", "db")),
}
OPTIMIZERS = """
    v, s = None, None
    def move(self, name, grad, lr):
        self.v = self.v or {}
        self.v[name] = 0.9 * self.v.get(name, 0) + lr * grad
        return self.v[name]
    def adam(self, name, grad, lr):
        self.s = self.s or {'W': np.zeros_like(self.weights), 'b': np.zeros_like(self.biases)}
        self.s[name] = self.s[name] * 0 + np.abs(grad)
        return lr * grad / (self.s[name] + 1e-8)
"""


@pytest.mark.parametrize("optimizer", STEPS)
def test_steps_of_an_optimizer_with_a_memory_are_no_gradients(tmp_path, optimizer):
    step, lacks = STEPS[optimizer]
    text = DENSE.format(**PLAIN | {"given": ", lr", "rate": "1.0"})
    for name, grad in (("W", "(self.x.T @ grad_output)"), ("b", "grad_output.sum(0)")):
        text = text.replace(f"1.0 * {grad}", step.format(name=name, grad=grad))
    subject = read(tmp_path, text + OPTIMIZERS)
    assert subject.interfaces["Affine"].lacks == lacks
    layer = subject.names["Affine"](numbers(4, 3), numbers(3))
    layer.forward(numbers(5, 4))
    twice = [layer.backward(numbers(5, 3)) for _ in range(2)]
    assert np.array_equal(*twice)
