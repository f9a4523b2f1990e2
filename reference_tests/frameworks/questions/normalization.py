"""Local response normalization, dropout, batch normalization: one name, several formulas."""

import numpy as np

from ..interpret import VALUE, Interpretation, as_written, choices, rule, yes_or_no
from .question import channels, full, noise, ones, row_maker

lrn = row_maker("torch.local_response_norm", "onnx.LRN", "tf.lrn", "alexnet")
dropout = row_maker("torch.dropout", "onnx.Dropout", "tf.dropout", "keras.Dropout")
batch_norm = row_maker("torch.batch_norm", "onnx.BatchNormalization", "tf.fused_batch_norm", "keras.BatchNormalization")

WINDOWS = {(1, 2): "i-1 .. i", (0, 1): "i .. i+1", (0, 1, 2): "i-1 .. i+1", (1,): "only i"}
WIDTH = ("1 (it is the width)", "3 (it is the radius)")
SHARE = ("dropped", "kept")


def window_of_channel(y: list[float]) -> str:
    """Name the window from the answer to x = [1, 10, 1, 1]: a channel whose window holds the 10 falls below a tenth."""
    near = tuple(i for i, (value, x) in enumerate(zip(y, (1, 10, 1, 1))) if value / x < 0.1)
    return WINDOWS.get(near, str(near))


# fmt: off
LRN = [
    lrn("R01", "Is alpha divided by the number of channels in the window?",
        "AlexNet's paper does not divide; Caffe and its heirs do. The same alpha then means n times less.",
        choices({"divided by n": 0.4, "not divided": 2 / 13}), x=channels(2, 2, 2)),
    lrn("R02", "An even n (2): which channels are in the window of channel i?",
        "The paper's formula sums n + 1 channels; others lean to the lower or the upper side.",
        rule(tuple(WINDOWS.values()), "who is pressed down by a 10 in channel 1 of [1, 10, 1, 1]", window_of_channel),
        x=channels(1, 10, 1, 1)),
    lrn("R03", "The size parameter set to 1: how many channels are in the window?",
        "A radius of 1 is a window of 3; a model moved with n = 5 then sums 11 channels.",
        rule(WIDTH, "whether channel 0 of [1, 10, 1] sees the 10", lambda y: WIDTH[y[0] < 0.1]), x=channels(1, 10, 1)),
    lrn("R04", "The defaults for size, alpha, beta and k", "Four numbers, and hardly two frameworks have the same.",
        Interpretation("as the framework states them", as_written)),
    lrn("R05", "Is each sample normalized as if it were alone? (2 samples, 3 channels)",
        "If not, a result depends on the batch; where N = C nobody sees it.",
        yes_or_no("yes", "no"), x=noise(2, 3, 2, 1)),
]

DROPOUT = [
    dropout("D01", "Training, p = 0.5: what are the kept ones multiplied by?",
        "Scaled in training or at inference: mixed up, the activations are off by a factor of 2.",
        choices({"1/(1 - p)": [0, 2], "1 (scaled at inference)": [0, 1]}), x=ones(1, 1000)),
    dropout("D02", "Is 0.25 the share that is dropped or kept?",
        "Old TensorFlow's keep_prob and everybody else's p are each other's opposite.",
        rule(SHARE, "the share of zeros in 1000", lambda n: SHARE[n[0] > 0.5]), x=ones(1, 1000)),
    dropout("D03", "Dropping everything (p = 1), in training",
        "1/(1 - p) is a division by zero: zeros, NaN, or refused.",
        choices({"zeros": [0, 0], "NaN": [float("nan")] * 2}), x=ones(1, 2)),
    dropout("D04", "At inference: what are the values multiplied by?",
        "1 where training scales; 1 - p in the book's version.",
        VALUE, x=ones(1, 1000)),
    dropout("D05", "The bare function, nothing said of training: does it drop?",
        "One framework drops unless told not to, another the other way round.",
        yes_or_no("it drops", "it does not"), x=ones(1, 1000)),
]

BATCH_NORM = [
    batch_norm("B01", "The default epsilon",
        "1e-5 or 1e-3: with a small variance the outputs of a moved model differ in the second digit.",
        VALUE),
    batch_norm("B02", "Momentum 0.1, running mean 0, batch mean 10: the new running mean",
        "The weight of the new or of the old: copied unchanged, the statistics hardly move, or forget everything.",
        choices({"1 (weight of the new)": 1, "9 (weight of the old)": 9}), x=full(10, 2, 1, 2, 2)),
    batch_norm("B03", "The weight of the new batch by default",
        "0.1 or 0.01: how long until the running mean is any good.",
        VALUE, x=full(10, 2, 1, 2, 2)),
    batch_norm("B04", "Running variance: biased or unbiased? (a batch of 0 and 2)",
        "Divided by n in training and by n - 1 for later: evaluation differs from training, most for small batches.",
        choices({"biased (n)": 1, "unbiased (n - 1)": 2}), x=np.array([0, 2], "float32").reshape(2, 1, 1, 1)),
    batch_norm("B05", "Training with one value for each channel",
        "There is no variance: refused, or every output is the offset and nothing is learnt.",
        choices({"0": 0, "NaN": float("nan")}), x=full(5, 1, 1, 1, 1)),
    batch_norm("B06", "Training, a batch of 0 and 2: what is divided by?",
        "The biased standard deviation gives 1, the unbiased one 0.707.",
        choices({"biased (1)": 1, "unbiased (0.707)": 0.7071}), x=np.array([0, 2], "float32").reshape(2, 1, 1, 1)),
]
