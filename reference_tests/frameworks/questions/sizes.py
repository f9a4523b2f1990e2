"""Sizes: of the output if a window does not fit or starts in the padding, and by default."""

import numpy as np

from ..interpret import SIZE, Interpretation, choices, shaped, sizes
from .question import Further, at, count, fewest, full, ones, row, row_maker, slide

NOT_FIT = r"pad|size|kernel|dimension|shape|window|output|larger|greater|negative|invalid|filter"
STRIDE = r"strid|window|positive|zero|greater|invalid|size|modulo|float (infinity|NaN) to integer"
PADDING = r"pad|negative|invalid|half|kernel|window"
conv = row_maker(
    "torch.conv2d", "onnx.Conv", "tf.conv2d", "jax.conv", "keras.Conv2D", "scipy.correlate2d", refusal=PADDING
)
pool = row_maker(
    "torch.max_pool2d", "onnx.MaxPool", "tf.max_pool2d", "jax.reduce_window", "keras.MaxPooling2D", refusal=PADDING
)
LOWEST = float(np.finfo("float32").min)


def floor_or_ceil(down: str, up: str) -> Interpretation:
    """Return the interpretation of a size by the two ways to round."""
    return sizes({"rounded down": down, "rounded up": up})


def beyond(first: list[float], rows: int, fill: float) -> list[float]:
    """Return the maxima of rows x rows windows of which the last in each direction sees nothing but `fill`."""
    seen = np.full((rows, rows), fill)
    seen[:-1, :-1] = np.reshape(first, (rows - 1, rows - 1))
    return seen.ravel().tolist()


def start_in_padding(first: list[float]) -> Interpretation:
    """Return the interpretation of S04: the maxima if the last windows are dropped, or what they hold."""
    rows = round(len(first) ** 0.5) + 1
    return choices({
        "it is dropped": first,
        "it is kept: -inf": beyond(first, rows, -np.inf),
        "it is kept: the lowest float (-3.4e38)": beyond(first, rows, LOWEST),
        "it is kept: 0": beyond(first, rows, 0),
    })  # fmt: skip


def same_stride_one(n: int, w: list[float]) -> Interpretation:
    """Return the interpretation of S05 for a line 1 .. n."""
    x, more = list(range(1, n + 1)), len(w) // 2
    return choices({
        "zero at the end": slide(x, w, more - 1, more),
        "zero at the start": slide(x, w, more, more - 1),
    })  # fmt: skip


def same_with_stride(n: int, w: list[float], stride: int) -> Further:
    """Return an input of S06: a line 1 .. n, and where the windows stand by each rule."""
    x, zeros, half = list(range(1, n + 1)), fewest(n, len(w), stride), len(w) // 2
    meaning = choices({
        "the fewest zeros, an odd one at the end": slide(x, w, zeros // 2, zeros - zeros // 2, stride),
        "the fewest zeros, an odd one at the start": slide(x, w, zeros - zeros // 2, zeros // 2, stride),
        "(k - 1)/2 zeros on both sides": slide(x, w, half, half, stride),
    })  # fmt: skip
    return at(f"{n} wide, window {len(w)}, stride {stride}", meaning, x=count(1, 1, 1, n), w=row(*w), s=stride)


SAME_STRIDES = [
    same_with_stride(6, [0, 1, 0], 2),
    same_with_stride(7, [0, 1, 0], 2),
    same_with_stride(8, [1, 10, 100], 3),
    same_with_stride(6, [1, 10, 100, 1000, 10000], 2),
    same_with_stride(9, [1, 10], 2),
]

# fmt: off
SIZES = [
    conv("S01", "Convolution, a size that does not divide by the stride: which size?",
        "(7 - 3)/3 + 1 is no whole number: the last row and column are dropped without a word, or the call is refused.",
        floor_or_ceil("2x2", "3x3"), "",
        at("8x6, filter 3, stride 2", floor_or_ceil("3x2", "4x3"), x=count(1, 1, 8, 6), s=2),
        at("10x7, filter 4, stride 4", floor_or_ceil("2x1", "3x2"), x=count(1, 1, 10, 7), w=ones(1, 1, 4, 4), s=4),
        name="7x7, filter 3, stride 3", x=count(1, 1, 7, 7), w=ones(1, 1, 3, 3), s=3),
    pool("S02", "Max pooling, a size that does not divide by the stride: which size?",
        "Rounded down, the last row and column never reach the next layer; rounded up, it is larger than planned.",
        floor_or_ceil("2x2", "3x3"), "",
        at("6x7, window 3, stride 2", floor_or_ceil("2x3", "3x3"), x=count(1, 1, 6, 7), k=3),
        at("8x8, window 3, stride 3", floor_or_ceil("2x2", "3x3"), x=count(1, 1, 8, 8), k=3, s=3),
        name="5x5, window 2, stride 2", x=count(1, 1, 5, 5), k=2, s=2),
    pool("S03", "The same, asked to round up",
        "Caffe's pooling rounds up, so its models need it; where it is not offered, a whole network's sizes shift.",
        floor_or_ceil("2x2", "3x3"), "",
        at("6x7, window 3, stride 2", floor_or_ceil("2x3", "3x3"), x=count(1, 1, 6, 7), k=3),
        at("8x8, window 3, stride 3", floor_or_ceil("2x2", "3x3"), x=count(1, 1, 8, 8), k=3, s=3),
        name="5x5, window 2, stride 2", x=count(1, 1, 5, 5), k=2, s=2),
    pool("S04", "Rounding up: what becomes of a window that starts in the right padding?",
        "With the plain ceiling the last window sees no pixel at all; some drop it, so two 'ceil' differ by one.",
        start_in_padding([1]), "",
        at("3x3, window 2, stride 3", start_in_padding([5]), x=count(1, 1, 3, 3), k=2, s=3),
        at("5x5, window 1, stride 3", start_in_padding([1, 4, 16, 19]), x=count(1, 1, 5, 5), s=3),
        name="2x2, window 1, stride 2", x=count(1, 1, 2, 2), k=1, s=2),
    conv("S05", "SAME padding with an even filter: which side gets the extra zero?",
        "The whole feature map is shifted by one pixel against the other framework; sizes agree, so nothing complains.",
        same_stride_one(4, [1, 10]), "",
        at("filter 4", same_stride_one(5, [1, 10, 100, 1000]), x=count(1, 1, 1, 5), w=row(1, 10, 100, 1000)),
        at("filter 6", same_stride_one(7, [1, 0, 0, 0, 0, 10]), x=count(1, 1, 1, 7), w=row(1, 0, 0, 0, 0, 10)),
        name="filter 2", x=count(1, 1, 1, 4), w=row(1, 10)),
    conv("S06", "SAME padding with a stride: where do the windows stand?",
        "The zeros on both sides as at stride 1, or only as many as needed: sizes agree, every number differs.",
        SAME_STRIDES[0].interpretation, "", *SAME_STRIDES[1:], name=SAME_STRIDES[0].name, **SAME_STRIDES[0].changes),
    conv("S07", "SAME padding with a stride: which size?",
        "'Same' means the size divided by the stride and rounded up, or it is refused with a stride.",
        sizes({"n/s, rounded up": "3x3", "n/s, rounded down": "2x2"}), "",
        at("7x6, filter 3, stride 3", sizes({"n/s, rounded up": "3x2", "n/s, rounded down": "2x2"}),
           x=count(1, 1, 7, 6), w=ones(1, 1, 3, 3), s=3),
        at("5x8, filter 1, stride 3", sizes({"n/s, rounded up": "2x3", "n/s, rounded down": "1x2"}),
           x=count(1, 1, 5, 8), w=ones(1, 1, 1, 1), s=3),
        name="5x5, filter 2, stride 2", x=count(1, 1, 5, 5), w=ones(1, 1, 2, 2), s=2),
    pool("S08", "Max pooling whose padding is more than half the window",
        "Windows that see only padding have no maximum: refused, or -inf and other inventions in the corners.",
        sizes({"allowed": "6x6"}), "",
        at("window 2, padding 2", sizes({"allowed": "7x7"}), k=2),
        at("window 3, padding 4", sizes({"allowed": "10x10"}), p=4),
        name="window 3, padding 2", x=count(1, 1, 4, 4), k=3, p=2),
    conv("S09", "Convolution with a padding of the filter's size or more",
        "A padding beyond the filter gives a rim of pure bias; a typing mistake that only some refuse.",
        sizes({"allowed": "10x10"}), "",
        at("filter 3, padding 3", sizes({"allowed": "8x8"}), p=3),
        at("filter 1, padding 2", sizes({"allowed": "8x8"}), w=ones(1, 1, 1, 1), p=2),
        name="filter 3, padding 4", x=count(1, 1, 4, 4), w=ones(1, 1, 3, 3), p=4),
    conv("S10", "Convolution with a filter larger than the image",
        "A network for larger images gets a small one: an error here, an empty array, NaN in the mean, there.",
        sizes({"empty": "0x0", "image and filter change places": "2x2"}), "",
        at("size -1 (5x5 on 3x3)", sizes({"empty": "0x0", "image and filter change places": "3x3"}),
           w=ones(1, 1, 5, 5)),
        at("size -2 (6x6 on 3x3)", sizes({"empty": "0x0", "image and filter change places": "4x4"}),
           w=ones(1, 1, 6, 6)),
        at("4x4 on 3x3 at stride 4", sizes({"empty": "0x0", "the sum of what is there": "1x1"}), s=4),
        name="size 0 (4x4 on 3x3)", call="conv", refusal=NOT_FIT, x=count(1, 1, 3, 3), w=ones(1, 1, 4, 4), s=1),
    pool("S11", "Max pooling with a window larger than the image",
        "As for convolution: refused, empty, or quietly the maximum of what there is.",
        sizes({"empty": "0x0", "the maximum of what is there": "1x1"}), "",
        at("size -1 (5x5 on 3x3)", k=5),
        at("size -2 (6x6 on 3x3)", k=6),
        at("4x4 on 3x3 at stride 4", s=4),
        name="size 0 (4x4 on 3x3)", refusal=NOT_FIT, x=count(1, 1, 3, 3), k=4, s=1),
    conv("S12", "Convolution of an empty batch",
        "The last partial batch, or a detector that found nothing, is N = 0: some crash there, in production.",
        shaped({"an empty result of the right size": "0x2x2x2", "the input's size": "0x1x4x4"}), "",
        at("3 channels", shaped({"an empty result of the right size": "0x2x3x2", "the input's size": "0x3x5x4"}),
           x=ones(0, 3, 5, 4), w=ones(2, 3, 3, 3)),
        name="1 channel", call="conv", refusal=r"empty|batch|zero|0|dimension|size|Assert",
        x=ones(0, 1, 4, 4), w=ones(2, 1, 3, 3)),
    pool("S13", "Max pooling of an empty batch", "As above; pooling is refused by some that convolve.",
        shaped({"an empty result of the right size": "0x1x2x2"}), "",
        at("3 channels", shaped({"an empty result of the right size": "0x3x2x2"}), x=ones(0, 3, 5, 4)),
        name="1 channel", refusal=r"empty|batch|zero|0|dimension|size|Assert", x=ones(0, 1, 4, 4)),
    conv("S14", "Convolution with a stride of 0",
        "A configuration slip: an error, one window for ever, or a division by zero that ends the process.",
        SIZE, "",
        at("one window", w=ones(1, 1, 4, 4)),
        name="several windows", refusal=STRIDE, x=count(1, 1, 4, 4), w=ones(1, 1, 2, 2)),
    pool("S15", "Max pooling with a stride of 0", "As above, on the pooling layer.",
        SIZE, "",
        at("one window", k=4),
        name="several windows", refusal=STRIDE, x=count(1, 1, 4, 4), k=2),
    pool("S16", "Max pooling with no stride given",
        "The default is the window in one framework and 1 in another: the layer after it gets another size.",
        sizes({"the window": "3x3", "1": "5x5"}), "",
        at("9x9, window 3", sizes({"the window": "3x3", "1": "7x7"}), x=count(1, 1, 9, 9), k=3),
        name="6x6, window 2", x=count(1, 1, 6, 6), k=2),
    conv("S17", "Convolution with no padding given",
        "The default is none, the same size, or full overlap.",
        sizes({"none": "3x3", "the same size": "5x5", "full": "7x7"}), "opencv.filter2D",
        at("6x5, filter 2", sizes({"none": "5x4", "the same size": "6x5", "full": "7x6"}),
           x=count(1, 1, 6, 5), w=ones(1, 1, 2, 2)),
        name="5x5, filter 3", call="conv", x=count(1, 1, 5, 5), w=ones(1, 1, 3, 3)),
    conv("S18", "Convolution with a padding of -1",
        "A negative padding crops in some and is an error in others; size arithmetic gives one by accident.",
        sizes({"it crops": "1x1"}), "",
        at("6x7, filter 2", sizes({"it crops": "3x4"}), x=count(1, 1, 6, 7), w=ones(1, 1, 2, 2)),
        name="5x5, filter 3", x=count(1, 1, 5, 5), w=ones(1, 1, 3, 3)),
    conv("S19", "Padding at the top and left only",
        "Needed to copy another framework's SAME; where padding is one number a side, it takes a step of its own.",
        choices({"offered": [4, 6, 6, 9]}), "",
        at("3x3, filter 2", choices({"offered": [1, 2, 2, 2, 4, 4, 2, 4, 4]}), x=ones(1, 1, 3, 3), w=ones(1, 1, 2, 2)),
        name="3x3, filter 3", refusal=r"pad|invalid combination|tuple|unpack|rank|shape|truth value|ambiguous",
        x=full(1, 1, 1, 3, 3), w=ones(1, 1, 3, 3)),
]
