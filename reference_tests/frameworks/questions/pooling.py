"""Pooling: what the padding counts, who wins a tie, what NaN does."""

import numpy as np

from ..interpret import Interpretation, choices, rule, typed, yes_or_no
from .question import at, count, full, noise, ones, row, row_maker

TYPES = r"type|float|double|int|dtype|not implemented|NOT_IMPLEMENTED|expected"
highest = row_maker("torch.max_pool2d", "onnx.MaxPool", "tf.max_pool2d", "jax.reduce_window", "keras.MaxPooling2D")
average = row_maker("torch.avg_pool2d", "onnx.AveragePool", "tf.avg_pool2d", "keras.AveragePooling2D")
indices = row_maker("torch.max_pool2d", "onnx.MaxPool", "tf.max_pool_with_argmax")
NAN = ("NaN wins", "NaN is passed over", "depends on its place")
LOWEST = float(np.finfo("float32").min)
NAN_IN_EACH_PLACE = np.array([[[[np.nan, 1, 2], [1, np.nan, 2], [1, 2, np.nan]]]], "float32")


def nan_policy(y: list[float]) -> str:
    """Compare the maxima of windows that have a NaN in different places."""
    found = {value != value for value in y}
    return NAN[2] if len(found) > 1 else NAN[0 if found == {True} else 1]


def divided(*values: float) -> Interpretation:
    """Return the interpretation of P04 by what the last window is divided by."""
    names = ("the pixels and the padding", "the whole window", "the pixels")
    return choices(dict(zip(names, values)))


def shares(first: list[float], last: list[float], every: list[float], equal: list[float]) -> Interpretation:
    """Return the interpretation of a gradient at a tie."""
    return choices({"the first": first, "the last": last, "all of them": every, "a share each": equal})


# fmt: off
POOLING = [
    highest("P01", "Max pooling of negative numbers with padding",
        "If the padding is a real 0 it wins over every negative number; without a relu before, the rim is all zero.",
        choices({"padding never wins": [-1] * 4, "padding is 0 and wins": [0] * 4}), "",
        at("3x3, window 3, stride 2", choices({"padding never wins": [-2] * 4, "padding is 0 and wins": [0] * 4}),
           x=full(-2, 1, 1, 3, 3), k=3),
        name="2x2, window 2, stride 2", x=full(-1, 1, 1, 2, 2), k=2, s=2, p=1),
    average("P02", "Average pooling: does the padding count as zeros?",
        "The rim is darker or not; nothing else tells the two apart.",
        choices({"it counts": 16 / 9, "it does not": 4}), "",
        at("3x3, window 5", choices({"it counts": 36 / 25, "it does not": 4}), x=full(4, 1, 1, 3, 3), k=5, p=2),
        name="2x2, window 3", x=full(4, 1, 1, 2, 2), k=3, p=1),
    average("P03", "Average pooling, rounded up: what is the last window, which is not full, divided by?",
        "Divided by what is there or by the full window: the last row and column differ by a factor of 4.",
        choices({"by the pixels there": 2, "by the window": 0.5}), "",
        at("4x4, window 3", choices({"by the pixels there": 2, "by the window": 8 / 9}), x=full(2, 1, 1, 4, 4), k=3),
        name="3x3, window 2", x=full(2, 1, 1, 3, 3), k=2, s=2),
    average("P04", "The same with counted padding: one pixel, one zero and places beyond",
        "The place beyond the padding counts in one framework and not in another.",
        divided(2, 4 / 3, 4), "",
        at("window 4, stride 3", divided(2, 1, 4), x=full(4, 1, 1, 1, 6), k=4, s=3),
        name="window 3, stride 2", x=full(4, 1, 1, 1, 4), k=3, s=2),
    highest("P05", "Max pooling of equal numbers: who gets the gradient?",
        "After relu ties at 0 are everywhere; the first one, all of them, or a share each.",
        shares([1, 0, 0, 0], [0, 0, 0, 1], [1] * 4, [0.25] * 4), "",
        at("0 3 3 1", shares([0, 1, 0, 0], [0, 0, 1, 0], [0, 1, 1, 0], [0, 0.5, 0.5, 0]), x=row(0, 3, 3, 1), k=[1, 4]),
        name="2x2", x=ones(1, 1, 2, 2), k=[2, 2]),
    highest("P06", "Overlapping windows with one maximum: its gradient",
        "It gets one share for each window; written instead of added, AlexNet's pooling learns less.",
        choices({"added up": [0, 2, 0], "overwritten": [0, 1, 0]}), "",
        at("three windows", choices({"added up": [0, 0, 3, 0, 0], "overwritten": [0, 0, 1, 0, 0]}),
           x=row(1, 2, 5, 2, 1), k=3),
        name="two windows", x=row(1, 5, 1), k=2),
    highest("P07", "Max pooling with NaN",
        "A NaN that is passed over goes unseen until much later; one that depends on its place is seen now and then.",
        rule(NAN, "which of the results are NaN", nan_policy), "",
        at("windows of 3", x=NAN_IN_EACH_PLACE, k=3),
        name="windows of 2", x=np.array([[[[np.nan, 1], [1, np.nan]]]], "float32"), k=2),
    highest("P08", "Max pooling of -inf only",
        "A mask of -inf comes back as -3.4e38: a finite number where the next softmax expects none.",
        choices({"-inf": float("-inf"), "the lowest float (-3.4e38)": LOWEST}), "",
        at("1x3", x=full(float("-inf"), 1, 1, 1, 3), k=[1, 3]),
        name="2x2", x=full(float("-inf"), 1, 1, 2, 2), k=[2, 2]),
    highest("P09", "Max pooling of integers", "Allowed or refused.",
        typed("in the same type", "int32"), "",
        at("uint8", typed("in the same type", "uint8"), x=row(1, 2, dtype="uint8")),
        at("int64", typed("in the same type", "int64"), x=row(1, 2, dtype="int64")),
        name="int32", refusal=TYPES, x=row(1, 2, dtype="int32")),
    average("P10", "Average pooling of integers", "1.5, rounded down to 1 without a word, or refused.",
        choices({"halves are kept": 1.5, "cut to an integer": 1, "rounded down": 1}), "",
        at("-1 and -2", choices({"halves are kept": -1.5, "cut to an integer": -1, "rounded down": -2}),
           x=row(-1, -2, dtype="int32")),
        name="1 and 2", refusal=TYPES, x=row(1, 2, dtype="int32")),
    indices("P11", "Max pooling with indices: what do they count? (row 1, column 2, channel 1 of 2x4x2)",
        "Within the channel, over all channels, or channels innermost: unpooling by the wrong base scatters values.",
        choices({"within the channel (6)": 6, "over all channels (14)": 14, "channels innermost (13)": 13}),
        x=np.array([[[9, 0, 0, 0], [0, 0, 0, 0]], [[0, 0, 0, 0], [0, 0, 9, 0]]], "float32").reshape(1, 2, 2, 4)),
    indices("P12", "Max pooling with indices and no stride given: do they point at the maxima?",
        "Unpooling puts the values elsewhere.",
        yes_or_no("they do", "they do not"), "",
        at("2x3x5x5", x=noise(2, 3, 5, 5)),
        name="1x2x3x4", x=count(1, 2, 3, 4)),
]
