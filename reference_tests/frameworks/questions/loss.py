"""Loss: which labels, which input, which mean."""

import numpy as np

from ..interpret import Interpretation, choices
from .question import at, row_maker

LN2 = float(np.log(2))
INF, NAN = float("inf"), float("nan")
loss = row_maker(
    "torch.cross_entropy", "onnx.SoftmaxCrossEntropyLoss", "tf.sparse_softmax", "keras.SparseCategoricalCrossentropy"
)
EVEN = np.zeros((3, 2), "float32")
LABELS = r"target|label|type|Long|Int|index|shape|rank|dimension|size|dtype|range|bound|class|expected|assert"


def labels(*values: int, dtype: str = "int64") -> np.ndarray:
    """Return class numbers, (N,)."""
    return np.array(values, dtype)


def reduction(one: float, samples: int) -> Interpretation:
    """Return the interpretation of a loss that is `one` for every sample."""
    return choices({"mean": one, "sum": samples * one, "one a sample": [one] * samples})


def smoothed(logits: list[float]) -> Interpretation:
    """Return the interpretation of a loss with a smoothing of 0.1, label 0, by the classes among which it is shared."""
    log_p = np.array(logits) - np.log(np.exp(logits).sum())
    n, right, every = len(logits), log_p[0], log_p.sum()
    return choices({
        "over all classes": float(-(0.9 * right + 0.1 / n * every)),
        "over the others": float(-(0.9 * right + 0.1 / (n - 1) * (every - right))),
    })  # fmt: skip


def from_what(values: list[float]) -> Interpretation:
    """Return the interpretation of a loss of label 0 by what the values are taken for."""
    return choices({
        "logits": float(-values[0] + np.log(np.exp(values).sum())),
        "probabilities": float(-np.log(values[0] / sum(values))),
        "log-probabilities": -values[0],
    })  # fmt: skip


# fmt: off
LOSS = [
    loss("L01", "Cross-entropy of several samples, nothing said of reduction",
        "Mean, sum or one number a sample: the learning rate means something else by a factor of the batch size.",
        reduction(LN2, 3), "",
        at("5 samples, 4 classes", reduction(2 * LN2, 5), x=np.zeros((5, 4), "float32"), t=labels(0, 1, 2, 3, 0)),
        name="3 samples, 2 classes", call="entropy", x=EVEN, t=labels(0, 1, 0)),
    loss("L02", "Labels in another integer type than int64",
        "NumPy and many readers give int32 labels: taken, or refused for want of int64.",
        choices({"taken": LN2}), "",
        at("uint8", t=labels(0, 1, 0, dtype="uint8")),
        at("int16", t=labels(0, 1, 0, dtype="int16")),
        name="int32", call="entropy", refusal=LABELS, x=EVEN, t=labels(0, 1, 0, dtype="int32")),
    loss("L03", "One-hot labels given to the same function",
        "Taken as probabilities, refused, or read as class numbers.",
        choices({"taken": LN2}), "",
        at("int64", t=np.array([[1, 0], [0, 1], [1, 0]], "int64")),
        name="float32", call="entropy", refusal=LABELS, x=EVEN, t=np.array([[1, 0], [0, 1], [1, 0]], "float32")),
    loss("L04", "Does cross-entropy want logits or probabilities, by default?",
        "Softmax twice still learns, only worse; probabilities expected and logits given is a NaN or a plateau.",
        from_what([0.9, 0.1]), "keras.SparseCategoricalCrossentropy",
        at("3 classes", from_what([0.5, 0.2, 0.3]), x=np.array([[0.5, 0.2, 0.3]], "float32")),
        name="2 classes", call="entropy", x=np.array([[0.9, 0.1]], "float32"), t=labels(0)),
    loss("L05", "Label smoothing of 0.1: what goes where?",
        "Spread over all classes or over the other ones: the same number means twice the smoothing.",
        smoothed([2, 0]), "keras.CategoricalCrossentropy",
        at("3 classes", smoothed([2, 0, 1]), x=np.array([[2, 0, 1]], "float32")),
        name="2 classes", x=np.array([[2, 0]], "float32"), t=labels(0)),
    loss("L06", "The mean over an empty batch", "0/0: NaN goes into the weights at the next step; 0 does not.",
        choices({"NaN": NAN, "0": 0, "an empty array": []}), refusal=r"empty|batch|zero|0|dimension|size|Assert|shape",
        call="entropy", x=np.zeros((0, 2), "float32"), t=labels()),
    loss("L07", "A label that is no class", "An error, a NaN, or a number read from somewhere else.",
        choices({"NaN": NAN, "0": 0}), "",
        at("label 2 of 2 classes", t=labels(2)),
        at("label -1", choices({"NaN": NAN, "0": 0, "the last class": 0.3132617}), x=np.array([[0, 1]], "float32"),
           t=labels(-1)),
        name="label 5 of 2 classes", call="entropy", refusal=LABELS, x=np.zeros((1, 2), "float32"), t=labels(5)),
    loss("L08", "Label -100 beside a good one",
        "Left out of the mean in one framework by default; elsewhere an error or a wrong number.",
        choices({"left out": LN2, "counted as 0": LN2 / 2, "NaN": NAN}), "",
        at("beside two good ones", choices({"left out": LN2, "counted as 0": LN2 * 2 / 3, "NaN": NAN}),
           x=np.zeros((3, 2), "float32"), t=labels(0, 1, -100)),
        name="beside one good one", call="entropy", refusal=LABELS, x=np.zeros((2, 2), "float32"), t=labels(0, -100)),
    loss("L09", "Logits so far apart that their exponentials overflow",
        "1000 where softmax and logarithm are one step; inf or NaN where they are two.",
        choices({"right": 1000, "inf": INF, "NaN": NAN}), "",
        at("[-1000, 0]", x=np.array([[-1000, 0]], "float32")),
        at("[0, 1000, 1000]", choices({"right": 1000 + LN2, "inf": INF, "NaN": NAN}),
           x=np.array([[0, 1000, 1000]], "float32")),
        name="[0, 1000]", call="entropy", x=np.array([[0, 1000]], "float32"), t=labels(0)),
    loss("L10", "Probability 0 for the right class: where is the logarithm cut off?",
        "inf, or cut off at 16.1 (1e-7 added), 100 or elsewhere: two curves of 'loss' do not compare.",
        choices({"nowhere": INF, "1e-7 is added": 16.11810, "cut off at 1e-7": 16.11810,
                 "cut off at 1.2e-7 (float32's epsilon)": 15.94238}, near=1e-5),
        "keras.backend_epsilon",
        at("probability 1e-9", choices({"nowhere": 20.72327, "1e-7 is added": 16.10815, "cut off at 1e-7": 16.11810,
           "cut off at 1.2e-7 (float32's epsilon)": 15.94238}, near=1e-5), x=np.array([[1e-9, 1]], "float32")),
        name="probability 0", x=np.array([[0, 1]], "float32"), t=labels(0)),
    loss("L11", "Class weights: what is the mean divided by?",
        "By the sum of the weights or by the number of samples: rare classes pull less or more.",
        choices({"by the sum of the weights": LN2, "by the number of samples": 2 * LN2}), "",
        at("1, 2 and 6", choices({"by the sum of the weights": np.log(3), "by the number of samples": 3 * np.log(3)}),
           x=np.zeros((3, 3), "float32"), t=labels(0, 1, 2), weights=np.array([1, 2, 6], "float32")),
        name="1 and 3", x=np.zeros((2, 2), "float32"), t=labels(0, 1), weights=np.array([1, 3], "float32")),
]
