"""Edges: gradients where there is no derivative, NaN among the largest, and losses at their ends."""

import numpy as np

from ..interpret import VALUE, choices
from .question import at, row_maker

edge = row_maker("torch.nn.functional", "jax.nn", "tf.nn")
loss = row_maker("torch.binary_cross_entropy", "torch.kl_div", "keras.BinaryCrossentropy")
NAN, INF = float("nan"), float("inf")
KL = float(0.5 * np.log(2) + 0.5 * np.log(2 / 3))


def numbers(*values: float) -> np.ndarray:
    """Return these numbers as float32."""
    return np.array(values, "float32")


# fmt: off
MORE_ACTIVATION = [
    edge("A11", "clip(x, 0, 1): its gradient at the edge",
        "0, 1 or a half; a bounded policy stays at its edge, or leaves it.",
        VALUE, "", at("1", x=numbers(1)), name="0", x=numbers(0)),
    edge("A12", "relu6: its gradient at 6 and at 0", "Written as a clip or as a minimum of a maximum: 0 or a half.",
        VALUE, "", at("6", x=numbers(6)), name="0", x=numbers(0)),
    edge("A13", "The gradient of a zero vector's length", "0/0 is NaN: one dead sample ends a training.",
        choices({"0": [0, 0], "NaN": [NAN, NAN]}), "", at("3 zeros", choices({"0": [0] * 3, "NaN": [NAN] * 3}),
        x=numbers(0, 0, 0)), name="2 zeros", x=numbers(0, 0)),
    edge("A14", "clip(NaN, 0, 1)", "NaN, or a bound that looks like a good number.",
        choices({"NaN": NAN, "0": 0, "1": 1}), "", at("17 of them", choices({"NaN": [NAN] * 17, "0": [0] * 17,
        "1": [1] * 17}), x=np.full(17, np.nan, "float32")), name="one", x=numbers(np.nan)),
    edge("A15", "argmax with a NaN: which place?",
        "The NaN's place, or the largest number's: accuracy of a broken net.",
        choices({"the NaN": 1, "the largest number": 2}), "",
        at("NaN, 1, 3", choices({"the NaN": 0, "the largest number": 2}), x=numbers(np.nan, 1, 3)),
        at("1, 3, NaN", choices({"the NaN": 2, "the largest number": 1}), x=numbers(1, 3, np.nan)),
        name="1, NaN, 3", x=numbers(1, np.nan, 3)),
    edge("A16", "argmax of equal numbers: which place?",
        "The first or the last: predictions of an untrained net differ.",
        choices({"the first": 1, "the last": 2}), "",
        at("17 zeros", choices({"the first": 0, "the last": 16}), x=np.zeros(17, "float32")),
        name="1, 3, 3", x=numbers(1, 3, 3)),
]

MORE_LOSS = [
    loss("L12", "Binary cross-entropy of probability 0 for the right answer: where is the logarithm cut off?",
        "inf, 100, 16.1 or 15.9: two curves of 'loss' do not compare, and inf ends a training.",
        choices({"nowhere": INF, "at 100": 100, "cut off at 1e-7": 16.11810,
                 "cut off at 1.2e-7 (float32's epsilon)": 15.94238}, near=1e-3), "",
        at("probability 1e-9", choices({"nowhere": 20.72327, "at 100": 20.72327, "cut off at 1e-7": 16.11810,
           "cut off at 1.2e-7 (float32's epsilon)": 15.94238}, near=1e-3), p=numbers(1e-9)),
        name="probability 0", p=numbers(0), t=numbers(1)),
    loss("L13", "The squared error: half of the square or the whole?",
        "A factor of 2 in the gradient is a factor of 2 in the learning rate.",
        choices({"the square": 4, "half the square": 2}), "torch.mse_loss",
        at("3", choices({"the square": 9, "half the square": 4.5}), x=numbers(3)),
        name="2", x=numbers(2), t=numbers(0)),
    loss("L14", "Kullback-Leibler divergence, nothing said of reduction",
        "A mean over every number is too small by the number of classes.",
        choices({"mean over the samples": KL, "mean over every number": KL / 2, "sum": 2 * KL,
                 "one a sample": [KL] * 2}), "",
        at("4 samples", choices({"mean over the samples": KL, "mean over every number": KL / 2, "sum": 4 * KL,
           "one a sample": [KL] * 4}), q=np.array([[0.25, 0.75]] * 4, "float32"), p=np.full((4, 2), 0.5, "float32")),
        name="2 samples", q=np.array([[0.25, 0.75]] * 2, "float32"), p=np.full((2, 2), 0.5, "float32")),
    loss("L15", "Cross-entropy whose labels are all left out (-100)",
        "A mean over nothing: NaN goes into the weights, 0 does not.",
        choices({"NaN": NAN, "0": 0}), "torch.cross_entropy",
        at("one", x=np.zeros((1, 2), "float32"), t=np.array([-100], "int64")),
        name="two", call="entropy", refusal=r"label|target|range|bound|class|index|valid|expected",
        x=np.zeros((2, 2), "float32"), t=np.array([-100, -100], "int64")),
]
