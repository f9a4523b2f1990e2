"""Activations: the points where there is no derivative, and the ends of the range."""

import numpy as np

from ..interpret import VALUE, choices, rule
from .question import row_maker

SIGN = ("-0.0", "+0.0")
activation = row_maker("jax.nn", "onnx.operators", "tf.nn", "keras.activations", "torch.nn.functional")

# fmt: off
ACTIVATION = [
    activation("A01", "relu'(0)", "Any number between 0 and 1 is right; a gradient check at exactly 0 is not.",
        VALUE, x=np.zeros(1, "float32")),
    activation("A02", "The gradient of maximum(x, 0) for x = 0",
        "Relu written as a maximum has another gradient at 0 than relu.",
        VALUE, "torch.maximum jax.maximum tf.maximum", x=np.zeros(1, "float32")),
    activation("A03", "relu(-0.0): which sign has the zero?",
        "1/x is +inf or -inf, and the bits differ though the numbers are equal.",
        rule(SIGN, "by copysign", lambda n: SIGN[n[0] > 0]), x=np.array([-0.0], "float32")),
    activation("A04", "relu(NaN)", "Passed on, or turned into 0 so that a broken layer looks alive.",
        choices({"NaN": float("nan"), "0 (hidden)": 0}), x=np.array([np.nan], "float32")),
    activation("A05", "sigmoid(-1000) in float32", "exp(1000) overflows: 0, or NaN, or a warning.",
        choices({"0": 0, "NaN": float("nan")}), x=np.array([-1000], "float32")),
    activation("A06", "softmax of [1000, 0]", "Without subtracting the largest it is NaN.",
        choices({"[1, 0]": [1, 0], "NaN": [float("nan"), 0]}), x=np.array([[1000, 0]], "float32")),
    activation("A07", "softmax of a 2x3 with no axis given",
        "Over the last axis, over the first, over everything, or refused: the sums are 1, but along the wrong axis.",
        choices({"last axis": [1 / 3] * 6, "first axis": [1 / (1 + np.e)] * 3 + [np.e / (1 + np.e)] * 3,
                 "the whole array": [1 / 3 / (1 + np.e)] * 3 + [np.e / 3 / (1 + np.e)] * 3}),
        x=np.array([[0, 0, 0], [1, 1, 1]], "float32")),
    activation("A08", "gelu: exact or the tanh formula, by default?",
        "The two differ by up to 5e-4: weights move, accuracy shifts a little, nobody finds out why.",
        choices({"exact (erf)": 0.8413447, "the tanh formula": 0.8411920}, near=2e-5), "torch.gelu jax.gelu tf.gelu",
        x=np.ones(1, "float32")),
    activation("A09", "leaky relu: the default slope", "0.01, 0.2 or 0.3: the name is the same.",
        VALUE, "torch.leaky_relu tf.leaky_relu", x=np.full(1, -1, "float32")),
    activation("A10", "hard sigmoid of 1", "relu6(x + 3)/6 or 0.2 x + 0.5: two functions of one name.",
        choices({"x/6 + 0.5": 2 / 3, "0.2 x + 0.5": 0.7}), x=np.ones(1, "float32")),
]
