"""Activations: the points where there is no derivative, and the ends of the range."""

import numpy as np

from ..interpret import VALUE, Interpretation, choices, rule
from .question import at, row_maker

SIGN = ("-0.0", "+0.0")
WIDE = 17  # more numbers than a vector register holds: the rest of a line is computed in another way
NAN = float("nan")
activation = row_maker("jax.nn", "onnx.operators", "tf.nn", "keras.activations", "torch.nn.functional")


def sign_of_zero(y: list[float]) -> str:
    """Name the sign that every zero has."""
    return SIGN[y[0] > 0] if len(set(y)) == 1 else "both, by the place"


def softmax_axes(x: np.ndarray) -> Interpretation:
    """Return the interpretation of a softmax of x by the axis along which its sums are 1."""
    e = np.exp(x.astype("float64"))
    found = {"the last axis": e / e.sum(-1, keepdims=True), "axis 0": e / e.sum(0, keepdims=True)}
    if x.ndim > 1:
        found["axis 1"] = e / e.sum(1, keepdims=True)
    found["everything"] = e / e.sum()
    return choices({name: y.ravel().tolist() for name, y in found.items()})


def steps(*shape: int) -> np.ndarray:
    """Return 0, 0.1, 0.2, ... in this shape."""
    return (np.arange(np.prod(shape)) / 10).astype("float32").reshape(shape)


# fmt: off
ACTIVATION = [
    activation("A01", "relu'(0)", "Any number between 0 and 1 is right; a gradient check at exactly 0 is not.",
        VALUE, "", at("-0.0", x=np.array([-0.0], "float32")), name="0", x=np.zeros(1, "float32")),
    activation("A02", "The gradient of maximum(x, 0) for x = 0",
        "Relu written as a maximum has another gradient at 0 than relu.",
        VALUE, "torch.maximum jax.maximum tf.maximum", at("-0.0", x=np.array([-0.0], "float32")), name="0",
        x=np.zeros(1, "float32")),
    activation("A03", "relu(-0.0): which sign has the zero?",
        "1/x is +inf or -inf, and the bits differ though the numbers are equal.",
        rule((*SIGN, "both, by the place"), "by copysign", sign_of_zero), "",
        at("17 of them", x=np.full(WIDE, -0.0, "float32")), name="one", x=np.array([-0.0], "float32")),
    activation("A04", "relu(NaN)", "Passed on, or turned into 0 so that a broken layer looks alive.",
        choices({"NaN": NAN, "0 (hidden)": 0}), "",
        at("17 of them", choices({"NaN": [NAN] * WIDE, "0 (hidden)": [0] * WIDE}), x=np.full(WIDE, np.nan, "float32")),
        name="one", x=np.array([np.nan], "float32")),
    activation("A05", "sigmoid(-1000) in float32", "exp(1000) overflows: 0, or NaN, or a warning.",
        choices({"0": 0, "NaN": NAN}), "",
        at("17 of them", choices({"0": [0] * WIDE, "NaN": [NAN] * WIDE}), x=np.full(WIDE, -1000, "float32")),
        name="one", x=np.array([-1000], "float32")),
    activation("A06", "softmax of numbers whose exponentials overflow", "Without subtracting the largest it is NaN.",
        choices({"right": [1, 0], "NaN": [NAN, 0]}), "",
        at("[-1000, -1000]", choices({"right": [0.5, 0.5], "NaN": [NAN, NAN]}),
           x=np.array([[-1000, -1000]], "float32")),
        at("[1000, 1000, 0]", choices({"right": [0.5, 0.5, 0], "NaN": [NAN, NAN, 0]}),
           x=np.array([[1000, 1000, 0]], "float32")),
        name="[1000, 0]", x=np.array([[1000, 0]], "float32")),
    activation("A07", "softmax with no axis given: along which axis?",
        "Over the last axis, over the first, over everything, or refused: the sums are 1, but along the wrong axis.",
        softmax_axes(steps(2, 3)), "",
        *(at(f"{len(n)}-D", softmax_axes(steps(*n)), x=steps(*n)) for n in ((3,), (2, 3, 2), (2, 3, 2, 2))),
        name="2-D", refusal="dim|axis|rank", x=steps(2, 3)),
    activation("A08", "gelu: exact or the tanh formula, by default?",
        "The two differ by up to 5e-4: weights move, accuracy shifts a little, nobody finds out why.",
        choices({"exact (erf)": 0.8413447, "the tanh formula": 0.8411920}, near=2e-5), "torch.gelu jax.gelu tf.gelu",
        at("-2", choices({"exact (erf)": -0.04550026, "the tanh formula": -0.04540231}, near=2e-4),
           x=np.full(1, -2, "float32")),
        name="1", x=np.ones(1, "float32")),
    activation("A09", "leaky relu: the default slope", "0.01, 0.2 or 0.3: the name is the same.",
        VALUE, "torch.leaky_relu tf.leaky_relu", x=np.full(1, -1, "float32")),
    activation("A10", "hard sigmoid: which of the two functions?",
        "relu6(x + 3)/6 or 0.2 x + 0.5: two functions of one name.",
        choices({"x/6 + 0.5": 2 / 3, "0.2 x + 0.5": 0.7}), "",
        at("-2", choices({"x/6 + 0.5": 1 / 6, "0.2 x + 0.5": 0.1}), x=np.full(1, -2, "float32")),
        at("2.8", choices({"x/6 + 0.5": 5.8 / 6, "0.2 x + 0.5": 1}), x=np.full(1, 2.8, "float32")),
        name="1", x=np.ones(1, "float32")),
]
