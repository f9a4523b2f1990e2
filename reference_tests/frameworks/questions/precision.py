"""Half precision, norms of data far from zero, and what a layer does when nothing is said."""

import numpy as np

from ..interpret import VALUE, Interpretation, choices, shaped, yes_or_no
from .normalization import column
from .question import at, count, full, ones, row_maker

TYPES = r"type|float|half|bfloat|dtype|not implemented|NOT_IMPLEMENTED|supported"
half = row_maker("torch.avg_pool2d", "onnx.AveragePool", "tf.avg_pool2d", refusal=TYPES)
norms = row_maker("torch.LayerNorm", "torch.GroupNorm", "keras.LayerNormalization", "keras.GroupNormalization")
layer = row_maker("torch.batch_norm", "torch.PReLU", "keras.BatchNormalization", "keras.PReLU")
NAN, INF = float("nan"), float("inf")


def far(mean: float, n: int) -> np.ndarray:
    """Return n numbers, one below and one above a mean in turn, (1, 1, 1, n)."""
    return (mean + np.where(np.arange(n) % 2, 1, -1)).astype("float32").reshape(1, 1, 1, n)


def summed(right: float, stuck: float) -> Interpretation:
    """Return the interpretation of a sum in half precision that may stop growing."""
    return choices({"right": right, "the sum stops growing": stuck})


def length(by_length: float, by_squares: float) -> Interpretation:
    """Return the interpretation of N06 by what is kept above 1e-12."""
    return choices({"the length": by_length, "the sum of squares": by_squares, "nothing": 1})


# fmt: off
HALF = [
    half("H01", "bfloat16: the average of many ones",
        "Summed in bfloat16 it stops at 256: the average of 1024 ones is 0.25.",
        summed(1, 0.25), "",
        at("64x64", summed(1, 0.0625), x=ones(1, 1, 64, 64)),
        name="32x32", x=ones(1, 1, 32, 32)),
    half("H02", "float16: the average of many hundreds",
        "Their sum is above 65504: summed in float16 the average of 100s is inf.",
        choices({"right": 100, "inf": INF}), "",
        at("64x64 of 30", choices({"right": 30, "inf": INF}), x=full(30, 1, 1, 64, 64)),
        name="32x32 of 100", x=full(100, 1, 1, 32, 32)),
    half("H03", "bfloat16: a convolution's sum of many ones",
        "Summed in bfloat16 one by one it stops at 256; summed in float32 it is right.",
        summed(4096, 256), "",
        at("32x32", summed(1024, 256), x=ones(1, 1, 32, 32), w=ones(1, 1, 32, 32)),
        name="64x64", x=ones(1, 1, 64, 64), w=ones(1, 1, 64, 64)),
    half("H04", "float16: layer normalization of numbers whose squares do not fit",
        "The variance of 1000 and -1000 is above 65504: inf under the root gives 0, and a dead layer.",
        choices({"right": 1, "0": 0, "NaN": NAN}, near=0.01), "torch.LayerNorm",
        at("300", x=far(0, 64) * 300),
        name="1000", x=far(0, 64) * 1000),
    half("H05", "float16: softmax over many equal numbers",
        "The sum of exponentials stops at 2048 in float16: the shares add up to more than 1.",
        choices({"right": 1 / 4096, "the sum stops growing": 1 / 2048}), "torch.nn.functional",
        at("8192", choices({"right": 1 / 8192, "the sum stops growing": 1 / 2048}), x=full(0, 1, 8192)),
        name="4096", x=full(0, 1, 4096)),
    half("H06", "float16: the mean of a whole array",
        "As for pooling; a global average is often written as a mean.",
        choices({"right": 100, "inf": INF}), "",
        at("4096 of 30", choices({"right": 30, "inf": INF}), x=full(30, 4096)),
        name="1024 of 100", x=full(100, 1024)),
]

NORMS = [
    norms("N01", "Batch normalization in training, a channel far from zero: 10000 plus and minus 1",
        "A variance taken as the mean of squares less the square of the mean is lost in float32.",
        choices({"right": 1}, near=0.01), "torch.batch_norm",
        at("100000", x=far(1e5, 64)),
        name="10000", x=far(1e4, 64)),
    norms("N02", "Layer normalization of numbers far from zero",
        "As for batch normalization: exact in one framework, 0 or thousands in another.",
        choices({"right": 1}, near=0.01), "",
        at("100000", x=far(1e5, 64)),
        name="10000", x=far(1e4, 64)),
    norms("N03", "Group normalization of numbers far from zero",
        "As for batch normalization.",
        choices({"right": 1}, near=0.01), "",
        at("100000", x=far(1e5, 64)),
        name="10000", x=far(1e4, 64)),
    norms("N04", "Layer normalization: the default epsilon",
        "1e-5, 1e-6 or 1e-3: a moved transformer differs in the third digit.", VALUE),
    norms("N05", "Group normalization: the default epsilon",
        "1e-5, 1e-6 or 1e-3 under one name.", VALUE),
    norms("N06", "A vector divided by its length: what is kept above epsilon?",
        "The length or the sum of squares: a vector of 1e-7 comes out as 1 or as 0.1.",
        length(1, 0.1), "torch.normalize",
        at("1e-13", length(0.1, 1e-7), x=np.array([[1e-13, 0]], "float32")),
        name="1e-7", x=np.array([[1e-7, 0]], "float32")),
]

BATCH_NORM_AXIS = [
    layer("B07", "Batch normalization of an image 1x3x5x4: which axis holds the channels?",
        "Second or last: on the wrong axis each row of pixels gets its own scale.",
        shaped({"the second": "3", "the last": "4"}), x=count(1, 3, 5, 4)),
]

DEFAULTS = [
    layer("E01", "A batch normalization layer called bare: training or inference?",
        "The same line normalizes by the batch in one framework and by the running mean in another.",
        choices({"training": 1, "inference": 2}, near=0.01), "",
        at("0, 0 and 3", choices({"training": 1.41421, "inference": 3}, near=0.01), x=column(0, 0, 3)),
        name="0 and 2", refusal="use_running_average|train", x=column(0, 2)),
    layer("E02", "A dropout layer called bare: does it drop?",
        "A network evaluated in passing is random in one framework.",
        yes_or_no("it drops", "it does not"), refusal="deterministic|train|rng", x=ones(1, 1000)),
    layer("E03", "PReLU: the slope that it begins with", "0.25 in the paper, 0 or 0.01 elsewhere.",
        VALUE, x=np.full((1, 1, 1, 1), -1, "float32")),
    layer("E04", "PReLU on an image 1x3x5x4: how many slopes?",
        "One for all, one a channel, or one for every place: a checkpoint fits only one of them.",
        shaped({"one": "1", "one a channel": "3", "one a place": "5x4x3", "one, without an axis": ""}),
        x=count(1, 3, 5, 4)),
]
