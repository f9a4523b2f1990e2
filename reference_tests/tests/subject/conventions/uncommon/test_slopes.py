"""What a function of the slope is given: its argument's name or the code tells, or it is not judged."""

import pytest

from ..special.targets import differing, numbers, read

TEXT = """
def sigmoid(x):
    return 1 / (1 + np.exp(-x))
def sigmoid_derivative({argument}):
    return {slope}
{use}
"""
OF_INPUT, OF_OUTPUT = "sigmoid({a}) * (1 - sigmoid({a}))", "{a} * (1 - {a})"
USE = (
    "def step(x, W, error):\n    {z} = x @ W\n    {a} = sigmoid({z})\n    return error * sigmoid_derivative({given})\n"
)


def text(argument: str, slope: str, given: str = "") -> str:
    """Return a target. given: what its code passes to the slope, "" for no call of it."""
    use = USE.format(z="z", a="out", given=given) if given else ""
    return TEXT.format(argument=argument, slope=slope.format(a=argument), use=use)


@pytest.mark.parametrize(
    ("target", "wrong"),
    [
        (text("x", OF_INPUT), set()),
        (text("a", OF_OUTPUT), set()),
        (text("output", OF_OUTPUT), set()),
        (text("x", OF_OUTPUT, given="out"), set()),
        (text("x", OF_OUTPUT, given="z"), {"dx"}),
        (text("x", "x * x"), {"dx"}),
        (text("a", "a * a"), {"dx"}),
    ],
)
def test_slope_is_that_of_what_it_is_given(tmp_path, target, wrong):
    assert differing(read(tmp_path, target), "Sigmoid", x=numbers(3, 4)) == wrong


def test_slope_that_may_be_of_either_is_not_judged(tmp_path):
    subject = read(tmp_path, text("x", OF_OUTPUT))
    assert [one.why for one in subject.unread] == ["it may be meant of the input or of the output"]
    assert differing(subject, "Sigmoid", x=numbers(3, 4), backward=False) == set()


KEPT = """
class ReLU:
    def __init__(self, shape):
        self.eta = np.zeros(shape)
    def forward(self, x):
        self.x = x
        return np.maximum(x, 0)
    def gradient(self, {name}):
        return {code}
"""


@pytest.mark.parametrize(
    ("name", "code", "wrong"),
    [
        ("eta", "np.where(self.x > 0, eta, 0)", set()),
        ("eta", "np.where(eta > 0, eta, 0)", {"dx"}),
        ("eta", "(self.x > 0) * 1.0", set()),
        ("x", "(self.x > 0) * (x > 0)", set()),
    ],
)
def test_gradient_that_uses_what_forward_kept_is_given_the_upstream_one(tmp_path, name, code, wrong):
    subject = read(tmp_path, KEPT.format(name=name, code=code))
    assert differing(subject, "Relu", x=numbers(2, 3, 4, 5)) == wrong
    assert differing(subject, "Relu", x=numbers(3, 4)) == wrong


FLAGGED = """
def sigmoid(x, deriv=False):
    if deriv:
        return {slope}
    return 1 / (1 + np.exp(-x))
def train(x, w, y):
    out = sigmoid(x @ w)
    return x.T @ ((y - out) * sigmoid({given}))
"""


@pytest.mark.parametrize(
    ("slope", "given", "wrong"),
    [
        ("sigmoid(x) * (1 - sigmoid(x))", "x @ w", set()),
        ("sigmoid(x) * (1 + sigmoid(x))", "x @ w", {"dx"}),
        ("x * (1 - x)", "out, True", set()),
        ("x * (1 - x)", "out, deriv=True", set()),
    ],
)
def test_a_flag_asks_for_the_slope(tmp_path, slope, given, wrong):
    subject = read(tmp_path, FLAGGED.format(slope=slope, given=given))
    assert differing(subject, "Sigmoid", x=numbers(3, 4)) == wrong


def test_a_flag_for_a_slope_of_either_is_not_judged(tmp_path):
    subject = read(tmp_path, FLAGGED.format(slope="x * (1 - x)", given="w"))
    assert not hasattr(subject.names["Sigmoid"], "backward")
