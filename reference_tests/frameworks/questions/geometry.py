"""Padding by reflection, resizing, and pooling to a given size."""

import numpy as np

from ..interpret import Interpretation, choices, sizes
from .pooling import shares
from .question import at, count, fewest, full, row, row_maker, slide

reflect = row_maker("torch.pad", "onnx.Pad", "tf.pad", "numpy.pad")
resize = row_maker("torch.interpolate", "onnx.Resize", "tf.resize", "jax.resize")
pool = row_maker("torch.AdaptiveAvgPool2d", "torch.avg_pool2d", "torch.max_pool2d")
ZERO = np.zeros(3, "float32")


def reflected(n: int, p: int) -> Interpretation:
    """Return the interpretation of 1 .. n padded by p, without the edge or with it."""
    without = [1 + min(i % (2 * n - 2), (2 * n - 2) - i % (2 * n - 2)) for i in range(-p, n + p)]
    with_edge = [1 + min(i % (2 * n), 2 * n - 1 - i % (2 * n)) for i in range(-p, n + p)]
    return choices({"3 2 | 1 2 3 (the edge once)": without, "2 1 | 1 2 3 (the edge twice)": with_edge})


def linear(x: list[float], size: int) -> Interpretation:
    """Return the interpretation of a line resized linearly by the rule for places."""
    n = len(x)
    places = {
        "half a pixel in": [(i + 0.5) * n / size - 0.5 for i in range(size)],
        "corner on corner": [i * (n - 1) / (size - 1) for i in range(size)],
        "from the left edge": [i * n / size for i in range(size)],
    }
    return choices({name: np.interp(at, range(n), x).tolist() for name, at in places.items()})


def nearest(n: int, size: int) -> Interpretation:
    """Return the interpretation of 1 .. n resized to the nearest."""
    return choices({
        "half a pixel in": [1 + min(n - 1, int((i + 0.5) * n / size)) for i in range(size)],
        "from the left edge": [1 + int(i * n / size) for i in range(size)],
    })  # fmt: skip


def same_pooling(n: int, k: int, stride: int) -> Interpretation:
    """Return the interpretation of the maxima of 1 .. n with SAME padding: the last pixel of each window."""
    zeros = fewest(n, k, stride)
    return choices({
        f"the fewest zeros, an odd one at the {side}": [min(n, i * stride + k - before) for i in range(-(-n // stride))]
        for side, before in (("end", zeros // 2), ("start", zeros - zeros // 2))
    })  # fmt: skip


def same_means(n: int, k: int, stride: int) -> Interpretation:
    """Return the interpretation of the means of 1 .. n with SAME padding, an odd zero at the start being asked for."""
    zeros, ones_, x = fewest(n, k, stride), [1] * k, list(range(1, n + 1))

    def means(before: int, counted: bool) -> list[float]:
        sums, there = (slide(line, ones_, before, zeros - before, stride) for line in (x, [1] * n))
        return [a / (k if counted else b) for a, b in zip(sums, there)]

    start, end = zeros - zeros // 2, zeros // 2
    return choices({
        "it counts": means(start, True),
        "it does not": means(start, False),
        "it counts, and an odd zero is at the end": means(end, True),
        "it does not, and an odd zero is at the end": means(end, False),
    })  # fmt: skip


# fmt: off
GEOMETRY = [
    reflect("G01", "Padding called 'reflect': is the edge repeated?",
        "The same word means both; a rim of two pixels differs, and so does every filter over it.",
        reflected(4, 2), "",
        at("3 wide, padding 1", reflected(3, 1), x=row(1, 2, 3), p=1),
        name="4 wide, padding 2", x=row(1, 2, 3, 4), p=2),
    reflect("G02", "Padding by reflection of as much as the image or more",
        "Refused, or reflected again: a small image in a deep network meets it.",
        reflected(3, 3), "",
        at("padding 4", reflected(3, 4), p=4),
        name="padding 3", refusal="pad|size|dimension|less|smaller|greater", x=row(1, 2, 3), p=3),
    resize("G03", "Resizing linearly: where do the new pixels stand?",
        "Half a pixel in, corner on corner, or from the left edge: a segmentation is shifted.",
        linear([0, 1], 4), "",
        at("3 to 6", linear([0, 1, 4], 6), x=row(0, 1, 4), size=6),
        at("2 to 5", linear([0, 1], 5), size=5),
        name="2 to 4", x=row(0, 1), size=4),
    resize("G04", "Resizing to the nearest: which pixel is it?",
        "From the left edge or from the pixel's middle: masks are shifted by one.",
        nearest(3, 5), "",
        at("5 to 3", nearest(5, 3), x=row(1, 2, 3, 4, 5), size=3),
        at("7 to 4", nearest(7, 4), x=row(1, 2, 3, 4, 5, 6, 7), size=4),
        name="3 to 5", x=row(1, 2, 3), size=5),
    resize("G05", "Making smaller linearly: is it smoothed first?",
        "With antialiasing every pixel has its share, without it most are skipped: another picture goes in.",
        choices({"no": [0, 0.5], "yes": [1 / 7, 3 / 7]}), "",
        at("6 to 2", choices({"no": [0, 0], "yes": [0.25, 0]}), x=row(1, 0, 0, 0, 0, 0)),
        name="4 to 2", x=row(0, 0, 1, 0), size=2),
]

MORE_POOLING = [
    pool("P13", "The maximum of a whole array with equal numbers: its gradient",
        "The first, all of them, or a share each: another gradient than max pooling's in the same framework.",
        shares([1, 0, 0], [0, 1, 0], [1, 1, 0], [0.5, 0.5, 0]), "torch.amax",
        at("4 equal numbers", shares([1, 0, 0, 0], [0, 0, 0, 1], [1] * 4, [0.25] * 4), x=full(2, 4)),
        name="3 3 1", x=np.array([3, 3, 1], "float32")),
    pool("P14", "Max pooling with dilation whose window reaches beyond the image",
        "Refused, an empty array that only a later layer notices, or quietly the maximum of what there is.",
        sizes({"empty": "1x0", "the maximum of what is there": "1x1"}), "",
        at("window 2, dilation 4", k=2, d=4),
        at("window 3, dilation 2, stride 2", s=2),
        name="window 3, dilation 2", refusal="size|window|output|small|dilat|kernel|shape|negative|larger",
        x=count(1, 1, 1, 4), k=3, d=2, s=1),
    pool("P15", "Pooling to a given size that does not divide: do the windows overlap?",
        "5 to 3: windows of 2, 3 and 2 that share pixels, or parts of 1, 2 and 2.",
        choices({"they overlap": [1.5, 3, 4.5], "they do not": [1, 2.5, 4.5]}), "",
        at("7 to 3", choices({"they overlap": [2, 4, 6], "they do not": [1.5, 3.5, 6]}), x=count(1, 1, 1, 7)),
        name="5 to 3", refusal="divi|size", x=count(1, 1, 1, 5), size=3),
    pool("P16", "Average pooling, rounded up: the gradient in the last window, which is not full",
        "Forward divides by the pixels there; a compiled backward that divides by the window trains another net.",
        choices({"as forward divides": [1 / 3, 1 / 3, 2 / 3, 1 / 3, 5 / 6, 1 / 2],
                 "by the whole window": [1 / 3, 1 / 3, 2 / 3, 1 / 3, 2 / 3, 1 / 3]}), "",
        at("window 2", choices({"as forward divides": [0.5] * 4 + [1], "by the whole window": [0.5] * 5}),
           x=count(1, 1, 1, 5), k=2),
        name="window 3", x=count(1, 1, 1, 6), k=3),
    pool("P17", "Pooling to a larger size than the image",
        "A pixel is used again, or the call is refused.",
        choices({"pixels are used again": [1, 1.5, 2]}), "",
        at("2 to 4", choices({"pixels are used again": [1, 1, 2, 2]}), size=4),
        name="2 to 3", refusal="divi|size|larger|greater", x=count(1, 1, 1, 2), size=3),
    pool("P18", "Average pooling with a divisor of its own: does it arrive?",
        "An exporter that drops divisor_override writes a model that averages.",
        choices({"it does": 4, "it is lost": 3}), "",
        at("divisor 6", choices({"it does": 2, "it is lost": 3}), divisor=6),
        name="divisor 3", refusal="divisor", x=full(3, 1, 1, 2, 2), divisor=3),
    pool("P19", "Max pooling with SAME padding and a stride: where do the windows stand?",
        "As for convolution: the sizes agree, and the whole feature map is shifted.",
        same_pooling(6, 3, 2), "tf.max_pool2d onnx.MaxPool keras.MaxPooling2D jax.reduce_window",
        at("7 wide, window 2, stride 2", same_pooling(7, 2, 2), x=count(1, 1, 1, 7), k=2),
        at("8 wide, window 3, stride 3", same_pooling(8, 3, 3), x=count(1, 1, 1, 8), s=3),
        name="6 wide, window 3, stride 2", x=count(1, 1, 1, 6), k=3, s=2),
    pool("P20", "Average pooling with SAME_LOWER where the padding shall count: does it?",
        "Some versions divide the rim by the pixels there all the same, or put the odd zero at the end.",
        same_means(6, 5, 1), "onnx.AveragePool",
        at("6 wide, window 4, stride 1", same_means(6, 4, 1), k=4),
        at("8 wide, window 3, stride 2", same_means(8, 3, 2), x=count(1, 1, 1, 8), k=3, s=2),
        name="6 wide, window 5, stride 1", x=count(1, 1, 1, 6), k=5, s=1),
]
