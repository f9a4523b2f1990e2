"""Pooling: what the padding counts, who wins a tie, what NaN does."""

import numpy as np

from ..interpret import DTYPE, choices, rule, yes_or_no
from .question import count, full, ones, row, row_maker

highest = row_maker("torch.max_pool2d", "onnx.MaxPool", "tf.max_pool2d", "jax.reduce_window", "keras.MaxPooling2D")
average = row_maker("torch.avg_pool2d", "onnx.AveragePool", "tf.avg_pool2d", "keras.AveragePooling2D")
indices = row_maker("torch.max_pool2d", "onnx.MaxPool", "tf.max_pool_with_argmax")
NAN = ("NaN wins", "NaN is passed over", "depends on its place")
LOWEST = float(np.finfo("float32").min)


def nan_policy(y: list[float]) -> str:
    """Compare the maxima of [NaN, 1] and [1, NaN]."""
    first, second = (value != value for value in y[:2])
    return NAN[2] if first != second else NAN[0 if first else 1]


# fmt: off
POOLING = [
    highest("P01", "Max pooling of negative numbers with padding",
        "If the padding is a real 0 it wins over every negative number; without a relu before, the rim is all zero.",
        choices({"padding never wins": [-1] * 4, "padding is 0 and wins": [0] * 4}), x=full(-1, 1, 1, 2, 2)),
    average("P02", "Average pooling: does the padding count as zeros?",
        "The rim is darker or not; nothing else tells the two apart.",
        choices({"it counts": 16 / 9, "it does not": 4}), x=full(4, 1, 1, 2, 2)),
    average("P03", "Average pooling, rounded up: the last window holds one pixel of four",
        "Divided by what is there or by the full window: the last row and column differ by a factor of 4.",
        choices({"divided by the pixels there (1)": 2, "divided by the window (4)": 0.5}), x=full(2, 1, 1, 3, 3)),
    average("P04", "The same with counted padding: window of 3, one pixel, one zero, one place beyond",
        "The place beyond the padding counts in one framework and not in another.",
        choices({"divided by 2": 2, "divided by 3": 4 / 3, "divided by 1": 4}), x=full(4, 1, 1, 1, 4)),
    highest("P05", "Max pooling of four equal numbers: who gets the gradient?",
        "After relu ties at 0 are everywhere; the first one, all of them, or a share each.",
        choices({"the first": [1, 0, 0, 0], "the last": [0, 0, 0, 1], "all of them": [1] * 4,
                 "a quarter each": [0.25] * 4}), x=ones(1, 1, 2, 2)),
    highest("P06", "Overlapping windows with one maximum: its gradient",
        "It gets one share for each window; written instead of added, AlexNet's pooling learns less.",
        choices({"added up (2)": [0, 2, 0], "overwritten (1)": [0, 1, 0]}), x=row(1, 5, 1)),
    highest("P07", "Max pooling of [NaN, 1] and [1, NaN]",
        "A NaN that is passed over goes unseen until much later; one that depends on its place is seen now and then.",
        rule(NAN, "which of the two results are NaN", nan_policy),
        x=np.array([[[[np.nan, 1], [1, np.nan]]]], "float32")),
    highest("P08", "Max pooling of -inf only",
        "A mask of -inf comes back as -3.4e38: a finite number where the next softmax expects none.",
        choices({"-inf": float("-inf"), "the lowest float (-3.4e38)": LOWEST}), x=full(float("-inf"), 1, 1, 2, 2)),
    highest("P09", "Max pooling of int32", "Allowed or refused.",
        DTYPE, x=row(1, 2, dtype="int32")),
    average("P10", "Average pooling of int32: [1, 2]", "1.5, rounded down to 1 without a word, or refused.",
        choices({"1.5": 1.5, "1 (rounded down)": 1}), x=row(1, 2, dtype="int32")),
    indices("P11", "Max pooling with indices: what do they count? (row 1, column 2, channel 1 of 2x4x2)",
        "Within the channel, over all channels, or channels innermost: unpooling by the wrong base scatters values.",
        choices({"within the channel (6)": 6, "over all channels (14)": 14, "channels innermost (13)": 13}),
        x=np.array([[[9, 0, 0, 0], [0, 0, 0, 0]], [[0, 0, 0, 0], [0, 0, 9, 0]]], "float32").reshape(1, 2, 2, 4)),
    indices("P12", "Max pooling with indices and no stride given: do they point at the maxima?",
        "Unpooling puts the values elsewhere.",
        yes_or_no("they do", "they do not"), x=count(1, 2, 3, 4)),
]
