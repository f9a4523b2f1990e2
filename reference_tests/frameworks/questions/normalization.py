"""Local response normalization, dropout, batch normalization: one name, several formulas."""

import numpy as np

from ..interpret import VALUE, Interpretation, as_written, choices, plain, rule, yes_or_no
from .question import at, channels, full, noise, ones, row_maker

lrn = row_maker("torch.local_response_norm", "onnx.LRN", "tf.lrn", "alexnet")
dropout = row_maker("torch.dropout", "onnx.Dropout", "tf.dropout", "keras.Dropout")
batch_norm = row_maker("torch.batch_norm", "onnx.BatchNormalization", "tf.fused_batch_norm", "keras.BatchNormalization")

EVEN = r"odd|even|size|window|radius|depth|n must|local"
SHARE = ("dropped", "kept")
UNTOUCHED = "left as it is"  # a channel that was not normalized at all


def window_of_channel(n: int) -> Interpretation:
    """Name the window from the answer to 1, 1, 1, 10, 1, ...: a channel that sees the 10 falls below a tenth."""
    half, at = n // 2, 3
    windows = {
        tuple(range(at - half + 1, at + half + 1)): "i - n/2 .. i + n/2 - 1",
        tuple(range(at - half, at + half)): "i - n/2 + 1 .. i + n/2",
        tuple(range(at - half, at + half + 1)): "n + 1 channels",
        (at,): "only i",
    }

    def decide(y: list[float]) -> str:
        near = tuple(i for i, value in enumerate(y) if value / (10 if i == at else 1) < 0.1)
        return UNTOUCHED if any(value in (1, 10) for value in y) else windows.get(near, str(near))

    return rule((*windows.values(), UNTOUCHED), "which channels are pressed down by the 10 among ones", decide)


def width_or_radius(n: int) -> Interpretation:
    """Name the meaning of the size n from the answer to 10, 1, 1, ...: as many channels as see the 10 fall."""
    meaning = {1 + n // 2: "the width", 1 + n: "the radius"}

    def decide(y: list[float]) -> str:
        seen = sum(value / (10 if i == 0 else 1) < 0.1 for i, value in enumerate(y))
        return UNTOUCHED if any(value in (1, 10) for value in y) else meaning.get(seen, str(seen))

    return rule((*meaning.values(), UNTOUCHED), "how many channels are pressed down by the 10 in channel 0", decide)


def momentum(weight: float) -> Interpretation:
    """Return the interpretation of B02: the running mean 0 moves towards 10."""
    return choices({"the weight of the new": 10 * weight, "the weight of the old": 10 * (1 - weight)})


def column(*values: float) -> np.ndarray:
    """Return a batch of one number each, (N, 1, 1, 1)."""
    return np.array(values, "float32").reshape(-1, 1, 1, 1)


# fmt: off
LRN = [
    lrn("R01", "Is alpha divided by the number of channels in the window?",
        "AlexNet's paper does not divide; Caffe and its heirs do. The same alpha then means n times less.",
        choices({"divided by n": 0.4, "not divided": 2 / 13, UNTOUCHED: 2}), "",
        at("5 channels", choices({"divided by n": 0.4, "not divided": 2 / 21, UNTOUCHED: 2}), n=5,
           x=channels(2, 2, 2, 2, 2)),
        name="3 channels", x=channels(2, 2, 2), n=3),
    lrn("R02", "An even n: which channels are in the window of channel i?",
        "The paper's formula sums n + 1 channels; others lean to the lower or the upper side.",
        window_of_channel(2), "",
        at("n = 4", window_of_channel(4), n=4),
        name="n = 2", refusal=EVEN, x=channels(1, 1, 1, 10, 1, 1, 1), n=2),
    lrn("R03", "Is the size parameter the width of the window or its radius?",
        "A radius of 1 is a window of 3; a model moved with n = 5 then sums 11 channels.",
        width_or_radius(1), "",
        at("size 3", width_or_radius(3), n=3),
        name="size 1", x=channels(10, 1, 1, 1, 1, 1), n=1),
    lrn("R04", "The defaults for size, alpha, beta and k", "Four numbers, and hardly two frameworks have the same.",
        plain("as the framework states them", as_written)),
    lrn("R05", "Is each sample normalized as if it were alone?",
        "If not, a result depends on the batch; where N = C nobody sees it.",
        yes_or_no("yes", "no"), "",
        at("4 samples, 2 channels", x=noise(4, 2, 1, 2)),
        name="2 samples, 3 channels", x=noise(2, 3, 2, 1)),
]

DROPOUT = [
    dropout("D01", "Training: what are the kept ones multiplied by?",
        "Scaled in training or at inference: mixed up, the activations are off by a factor of 2.",
        choices({"1/(1 - p)": [0, 2], "1 (scaled at inference)": [0, 1]}), "",
        at("p = 0.2", choices({"1/(1 - p)": [0, 1.25], "1 (scaled at inference)": [0, 1]}), p=0.2),
        name="p = 0.5", x=ones(1, 1000), p=0.5),
    dropout("D02", "Is 0.25 the share that is dropped or kept?",
        "Old TensorFlow's keep_prob and everybody else's p are each other's opposite.",
        rule(SHARE, "the share of zeros in 1000", lambda n: SHARE[n[0] > 0.5]), "",
        at("0.1", p=0.1),
        name="0.25", x=ones(1, 1000), p=0.25),
    dropout("D03", "Dropping everything (p = 1), in training",
        "1/(1 - p) is a division by zero: zeros, NaN, or refused.",
        choices({"zeros": [0, 0], "NaN": [float("nan")] * 2}), refusal=r"rate|ratio|prob|range|between|\bp\b|1",
        x=ones(1, 2)),
    dropout("D04", "At inference: what are the values multiplied by?",
        "1 where training scales; 1 - p in the book's version.",
        choices({"1": 1, "1 - p": 0.5}), "",
        at("p = 0.2", choices({"1": 1, "1 - p": 0.8}), p=0.2),
        name="p = 0.5", x=ones(1, 1000), p=0.5),
    dropout("D05", "The bare function, nothing said of training: does it drop?",
        "One framework drops unless told not to, another the other way round.",
        yes_or_no("it drops", "it does not"), x=ones(1, 1000)),
]

BATCH_NORM = [
    batch_norm("B01", "The default epsilon",
        "1e-5 or 1e-3: with a small variance the outputs of a moved model differ in the second digit.",
        VALUE),
    batch_norm("B02", "Momentum 0.1: is it the weight of the new batch or of the old mean?",
        "The weight of the new or of the old: copied unchanged, the statistics hardly move, or forget everything.",
        momentum(0.1), "",
        at("0.3", momentum(0.3), momentum=0.3),
        name="0.1", x=full(10, 2, 1, 2, 2), momentum=0.1),
    batch_norm("B03", "The weight of the new batch by default",
        "0.1 or 0.01: how long until the running mean is any good.",
        VALUE, x=full(10, 2, 1, 2, 2)),
    batch_norm("B04", "Running variance: biased or unbiased?",
        "Divided by n in training and by n - 1 for later: evaluation differs from training, most for small batches.",
        choices({"biased (n)": 1, "unbiased (n - 1)": 2}), "",
        at("0, 0 and 3", choices({"biased (n)": 2, "unbiased (n - 1)": 3}), x=column(0, 0, 3)),
        name="0 and 2", x=column(0, 2)),
    batch_norm("B05", "Training with one value for each channel",
        "There is no variance: refused, or every output is the offset and nothing is learnt.",
        choices({"0": 0, "NaN": float("nan")}), "",
        at("3 channels", choices({"0": [0] * 3, "NaN": [float("nan")] * 3}), x=channels(5, 6, 7)),
        name="1 channel", refusal=r"more than 1|one value|single|size", x=full(5, 1, 1, 1, 1)),
    batch_norm("B06", "Training: what is divided by?",
        "For 0 and 2 the biased standard deviation gives 1, the unbiased one 0.707.",
        choices({"the biased deviation": 1, "the unbiased deviation": 0.7071}), "",
        at("0, 0 and 3", choices({"the biased deviation": 1.41421, "the unbiased deviation": 1.15470}),
           x=column(0, 0, 3)),
        name="0 and 2", x=column(0, 2)),
]
