"""Loss: which labels, which input, which mean."""

import numpy as np

from ..interpret import choices
from .question import row_maker

LN2 = float(np.log(2))
INF, NAN = float("inf"), float("nan")
loss = row_maker(
    "torch.cross_entropy", "onnx.SoftmaxCrossEntropyLoss", "tf.sparse_softmax", "keras.SparseCategoricalCrossentropy"
)
EVEN = np.zeros((3, 2), "float32")


def labels(*values: int, dtype: str = "int64") -> np.ndarray:
    """Return class numbers, (N,)."""
    return np.array(values, dtype)


# fmt: off
LOSS = [
    loss("L01", "Cross-entropy of three samples, nothing said of reduction",
        "Mean, sum or one number a sample: the learning rate means something else by a factor of the batch size.",
        choices({"mean": LN2, "sum": 3 * LN2, "one a sample": [LN2] * 3}), call="entropy", x=EVEN, t=labels(0, 1, 0)),
    loss("L02", "Labels as int32", "NumPy and many readers give int32 labels: taken, or refused for want of int64.",
        choices({"taken": LN2}), call="entropy", x=EVEN, t=labels(0, 1, 0, dtype="int32")),
    loss("L03", "One-hot labels given to the same function",
        "Taken as probabilities, refused, or read as class numbers.",
        choices({"taken": LN2}), call="entropy", x=EVEN, t=np.array([[1, 0], [0, 1], [1, 0]], "float32")),
    loss("L04", "Does cross-entropy want logits or probabilities, by default?",
        "Softmax twice still learns, only worse; probabilities expected and logits given is a NaN or a plateau.",
        choices({"logits": float(np.log1p(np.exp(-0.8))), "probabilities": float(-np.log(0.9)),
                 "log-probabilities": -0.9}),
        "keras.SparseCategoricalCrossentropy", call="entropy", x=np.array([[0.9, 0.1]], "float32"), t=labels(0)),
    loss("L05", "Label smoothing of 0.1 with two classes: what goes where?",
        "Spread over all classes or over the other ones: the same number means twice the smoothing.",
        choices({"over all classes": 0.2269, "over the others": 0.3269}), "keras.CategoricalCrossentropy",
        x=np.array([[2, 0]], "float32"), t=labels(0)),
    loss("L06", "The mean over an empty batch", "0/0: NaN goes into the weights at the next step; 0 does not.",
        choices({"NaN": NAN, "0": 0, "an empty array": []}), call="entropy", x=np.zeros((0, 2), "float32"), t=labels()),
    loss("L07", "Label 5 of 2 classes", "An error, a NaN, or a number read from somewhere else.",
        choices({"NaN": NAN, "0": 0}), call="entropy", x=np.zeros((1, 2), "float32"), t=labels(5)),
    loss("L08", "Label -100 beside a good one",
        "Left out of the mean in one framework by default; elsewhere an error or a wrong number.",
        choices({"left out": LN2, "counted as 0": LN2 / 2, "NaN": NAN}), call="entropy", x=np.zeros((2, 2), "float32"),
        t=labels(0, -100)),
    loss("L09", "Logits [0, 1000], label 0",
        "1000 where softmax and logarithm are one step; inf or NaN where they are two.",
        choices({"1000": 1000, "inf": INF, "NaN": NAN}), call="entropy", x=np.array([[0, 1000]], "float32"),
        t=labels(0)),
    loss("L10", "Probability 0 for the right class",
        "inf, or cut off at 16.1 (1e-7 added), 100 or elsewhere: two curves of 'loss' do not compare.",
        choices({"inf": INF, "16.1 (1e-7 inside the log)": 16.118, "15.9 (1e-7 inside the log, float32)": 15.942}),
        "keras.backend_epsilon", x=np.array([[0, 1]], "float32"), t=labels(0)),
    loss("L11", "Class weights 1 and 3, one sample each: what is the mean divided by?",
        "By the sum of the weights or by the number of samples: rare classes pull less or more.",
        choices({"by the sum of the weights": LN2, "by the number of samples": 2 * LN2}), x=np.zeros((2, 2), "float32"),
        t=labels(0, 1), weights=np.array([1, 3], "float32")),
]
