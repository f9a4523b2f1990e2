"""Convolution: direction, channels, types, precision, memory."""

import numpy as np

from ..interpret import DTYPE, Interpretation, choices, graded, rule, shaped, sizes, typed
from .question import at, channels, count, full, noise, ones, row, row_maker, slide

CHANNELS = r"channel|group|size|shape|dimension|number of|axis|rank|match|inference|depth|broadcast|align|input"
TYPES = r"type|float|double|int|dtype|not implemented|NOT_IMPLEMENTED|expected"
conv = row_maker("torch.conv2d", "onnx.Conv", "tf.conv2d", "jax.conv", "keras.Conv2D", "scipy.correlate2d")
transposed = row_maker("torch.conv_transpose2d", "onnx.ConvTranspose", "tf.conv2d_transpose", "jax.conv_transpose")
unfold = row_maker("torch.unfold", "tf.extract_patches", "jax.conv_patches")
ROUNDING = ("float32 rounding", "more than float32 rounding")
BITS = ("the same bits", "differs in the last bits")
SQUARE = np.array([[1, 10], [100, 1000]], "float32").reshape(1, 1, 2, 2)


def how_far_nan_spreads(pixels: int) -> Interpretation:
    """Count the NaN in the result of C17, an image of so many pixels under a filter of 9."""
    spread = {9: "the whole window", 1: "only its own place", 0: "nowhere", pixels: "the whole picture"}
    return rule(
        tuple(spread.values()),
        "the NaN in the result are counted",
        lambda y: spread.get(n := sum(value != value for value in y), str(n)),
    )


def nan_in_the_middle(n: int) -> np.ndarray:
    """Return an image of ones, n x n, with NaN in its middle."""
    return np.where(np.arange(n * n).reshape(1, 1, n, n) == n * n // 2, np.nan, 1).astype("float32")


def taps(n: int, w: list[float], dilation: int) -> Interpretation:
    """Return the interpretation of C04 for a line 1 .. n."""
    x = list(range(1, n + 1))
    return choices({
        "as it says": slide(x, w, dilation=dilation),
        "one more (the holes are counted)": slide(x, w, dilation=dilation + 1),
        "it is ignored": slide(x, w),
    })  # fmt: skip


def rounding(n: int) -> Interpretation:
    """Return the interpretation of C15: n roundings to the nearest float32 may add up, but no more."""
    return graded(ROUNDING, "below n * 2**-24 or not, for n products", n * 2.0**-24)


def transposed_size(all_of_it: str, product: str, keras: str) -> Interpretation:
    """Return the interpretation of C03 by three formulas."""
    return sizes({"(n - 1) s + k": all_of_it, "n s": product, "n s + max(k - s, 0)": keras})


# fmt: off
CONVOLUTION = [
    conv("C01", "Convolution: is the filter turned by 180 degrees?",
        "Deep learning's convolution is a correlation; SciPy's turns the filter. Symmetric filters hide it.",
        choices({"correlation (as it is)": 321, "true convolution (turned)": 123}), "opencv.filter2D",
        at("2x2", choices({"correlation (as it is)": 4321, "true convolution (turned)": 1234}),
           x=count(1, 1, 2, 2), w=SQUARE),
        name="a line", call="conv", x=row(1, 2, 3), w=row(1, 10, 100)),
    transposed("C02", "Transposed convolution of one pixel: is the filter turned?",
        "Weights moved from one framework to the other draw every picture mirrored.",
        choices({"as it is": [1, 10, 100], "turned": [100, 10, 1]}), "",
        at("2x2", choices({"as it is": [1, 10, 100, 1000], "turned": [1000, 100, 10, 1]}), w=SQUARE),
        name="a line", x=row(1), w=row(1, 10, 100)),
    transposed("C03", "Transposed convolution with a stride, nothing else said: which size?",
        "(n - 1) s + k, n s, or n s + max(k - s, 0), by the default padding; or the size has to be given.",
        transposed_size("7x7", "6x6", "7x7"), "",
        at("4x2, filter 4, stride 2", transposed_size("10x6", "8x4", "10x6"), x=ones(1, 1, 4, 2), w=ones(1, 1, 4, 4)),
        at("3x3, filter 1, stride 2", transposed_size("5x5", "6x6", "6x6"), w=ones(1, 1, 1, 1)),
        name="3x3, filter 3, stride 2", refusal="padding", x=ones(1, 1, 3, 3), w=ones(1, 1, 3, 3), s=2),
    conv("C04", "Dilation: how far apart are the taps?",
        "Counted as a distance, 2 leaves one gap; counted as holes, it leaves two.",
        taps(4, [1, 10], 2), "",
        at("dilation 3", taps(6, [1, 10], 3), x=count(1, 1, 1, 6), d=3),
        at("dilation 2, filter 3", taps(7, [1, 10, 100], 2), x=count(1, 1, 1, 7), w=row(1, 10, 100)),
        name="dilation 2, filter 2", x=count(1, 1, 1, 4), w=row(1, 10), d=2),
    conv("C05", "Dilation 0", "Meant as 'none' by who counts holes: refused, or every tap lands on one pixel.",
        choices({"as dilation 1": [21, 32, 43], "all taps on one pixel": [11, 22, 33, 44]}), "",
        at("filter 3", choices({"as dilation 1": [321, 432], "all taps on one pixel": [111, 222, 333, 444]}),
           w=row(1, 10, 100)),
        name="filter 2", refusal=r"dilat|window|positive|zero|greater|atrous|kernel",
        x=count(1, 1, 1, 4), w=row(1, 10)),
    conv("C06", "Image of 3 channels, filter of 2",
        "A mistake in the wiring: an error, or channels left out without a word.",
        choices({"the first channels only": [11, 11]}), "",
        at("5 channels, filter of 2", x=channels(1, 10, 100, 1000, 10000)),
        at("2 channels, filter of 3", choices({"filters cut short": [11, 11]}), x=channels(1, 10), w=ones(2, 3, 1, 1)),
        name="3 channels, filter of 2", call="conv", refusal=CHANNELS, x=channels(1, 10, 100), w=ones(2, 2, 1, 1)),
    conv("C07", "Image of 4 channels, filter of 2, nothing said of groups",
        "Some read it as a grouped convolution: no error, and half of the connections are missing.",
        choices({"grouped without being asked": [11, 1100], "the first channels only": [11, 11]}), "",
        at("6 channels, filter of 3", choices({"grouped without being asked": [111, 111000],
           "the first channels only": [111, 111]}), x=channels(1, 10, 100, 1e3, 1e4, 1e5), w=ones(2, 3, 1, 1)),
        name="4 channels, filter of 2", call="conv", refusal=CHANNELS, x=channels(1, 10, 100, 1000),
        w=ones(2, 2, 1, 1)),
    conv("C08", "A bias of one number for several filters",
        "A checkpoint with the wrong bias loads, and every channel gets the same number.",
        choices({"broadcast": [6, 6]}), "",
        at("3 filters", choices({"broadcast": [6, 6, 6]}), w=ones(3, 1, 1, 1)),
        name="2 filters", call="conv", refusal=rf"bias|{CHANNELS}", x=ones(1, 1, 1, 1), w=ones(2, 1, 1, 1),
        b=full(5, 1)),
    conv("C09", "A bias (FN,) where the output is FN wide: which axis gets it?",
        "Added by hand, (FN,) falls on the last axis: with channels second that is the width, and no error.",
        choices({"the channels": [1, 1, 1, 1, 2, 2, 2, 2], "the width": [1, 2, 1, 2, 1, 2, 1, 2]}), "",
        at("3 filters", choices({"the channels": [1, 1, 1, 2, 2, 2, 3, 3, 3], "the width": [1, 2, 3] * 3}),
           x=full(0, 1, 1, 1, 3), w=full(0, 3, 1, 1, 1), b=row(1, 2, 3).ravel()),
        name="2 filters", call="conv", x=full(0, 1, 1, 2, 2), w=full(0, 2, 1, 1, 1), b=row(1, 2).ravel()),
    conv("C10", "Convolution of integers",
        "Pictures come as integers: computed as integers, turned into floats, or refused.",
        typed("in the same type", "int32"), "",
        at("int64", typed("in the same type", "int64"), x=row(1, 2, 3, dtype="int64"), w=row(1, 10, dtype="int64")),
        name="int32", call="conv", refusal=TYPES, x=row(1, 2, 3, dtype="int32"), w=row(1, 10, dtype="int32")),
    conv("C11", "Convolution of small integers whose sum does not fit",
        "Widened to 300, wrapped to 44, cut off at 255, or refused: three of these look like a picture.",
        choices({"widened": 300, "it wraps round": 44, "cut off at the end of the range": 255}), "opencv.filter2D",
        at("int8: 100 + 100", choices({"widened": 200, "it wraps round": -56, "cut off at the end of the range": 127}),
           x=row(100, 100, dtype="int8"), w=row(1, 1, dtype="int8")),
        name="uint8: 200 + 100", call="conv", refusal=TYPES,
        x=row(200, 100, dtype="uint8"), w=row(1, 1, dtype="uint8")),
    conv("C12", "float16: the sum of 4096 ones",
        "Summed in float16 one by one it stops at 2048; summed in float32 it is right.",
        choices({"right": 4096, "it stops at 2048": 2048}), "",
        at("4356 ones", choices({"right": 4356, "it stops at 2048": 2048}), x=full(1, 1, 1, 66, 66, dtype="float16"),
           w=full(1, 1, 1, 66, 66, dtype="float16")),
        name="4096 ones", call="conv", refusal=TYPES, x=full(1, 1, 1, 64, 64, dtype="float16"),
        w=full(1, 1, 1, 64, 64, dtype="float16")),
    conv("C13", "Image and filter of different floating types",
        "Refused, raised to float64 (and slow from here on), or cut to float32.",
        DTYPE, "",
        at("image float64, filter float32", x=row(1, 2, 3, dtype="float64"), w=row(1, 10)),
        name="image float32, filter float64", call="conv", refusal=TYPES, x=row(1, 2, 3),
        w=row(1, 10, dtype="float64")),
    conv("C14", "float64: is it kept?",
        "Gradient checks need float64; some cut it to float32 without a word, and the check fails by 1e-7.",
        choices({"kept": 1 + 2.0**-40, "cut to float32": 1.0}, near=0), "jax.x64",
        at("in the filter", x=row(1, dtype="float64"), w=row(1 + 2.0**-40, dtype="float64")),
        name="in the image", call="conv", refusal=TYPES, x=row(1 + 2.0**-40, dtype="float64"),
        w=row(1, dtype="float64")),
    conv("C15", "float32: the error of a sum of products, in units of the sum of their sizes",
        "How far 'equal' can be asked for: below this any two frameworks differ, and neither is wrong.",
        rounding(1024), "",
        at("4096 products", rounding(4096), x=noise(1, 1, 64, 64), w=noise(1, 2, 64, 64)[:, 1:]),
        at("1024 positive products", x=abs(noise(1, 1, 32, 32)), w=abs(noise(1, 2, 32, 32)[:, 1:])),
        name="1024 products", varies=True, x=noise(1, 1, 32, 32), w=noise(1, 2, 32, 32)[:, 1:]),
    conv("C16", "Is an image's result the same alone and in a batch?",
        "The sum is taken in another order for another batch size: tests that ask for equal bits fail.",
        graded(BITS, "the largest difference is zero or not", 1e-30), "",
        at("4x3x17x17, filter 5", x=noise(4, 3, 17, 17), w=noise(8, 3, 5, 5)),
        at("2x32x7x7, filter 1", x=noise(2, 32, 7, 7), w=noise(16, 32, 1, 1)),
        at("5x1x28x28, filter 3", x=noise(5, 1, 28, 28), w=noise(4, 1, 3, 3)),
        name="8x16x9x8, filter 3", varies=True, x=noise(8, 16, 9, 8), w=noise(8, 16, 3, 3)),
    conv("C17", "One NaN pixel under a filter that is 0 there: how far does it spread?",
        "0 * NaN is NaN, so it fills the window; through an FFT it fills the picture; a sparse path hides it.",
        how_far_nan_spreads(10), "",
        at("7x7", how_far_nan_spreads(25), x=nan_in_the_middle(7)),
        name="5x5", call="conv", x=nan_in_the_middle(5),
        w=np.where(np.arange(9).reshape(1, 1, 3, 3) == 4, 1, 0).astype("float32")),
    conv("C18", "An image that is a reversed view (x[..., ::-1])",
        "A mirrored picture is a view with a negative stride: copied, refused, or read the wrong way round.",
        choices({"as it should be": 123, "strides ignored": 321}), "",
        at("2x2", choices({"as it should be": 3412, "strides ignored": 4321}), x=count(1, 1, 2, 2), w=SQUARE),
        name="a line", refusal=r"strid|negative|contiguous|layout", x=row(1, 2, 3), w=row(1, 10, 100)),
    conv("C19", "Which axis holds the channels when nothing is said? (image 1x3x5x4)",
        "Channels second or last: with fitting sizes the wrong one runs, on rows as if they were colours.",
        shaped({"second (N,C,H,W)": "1x2x5x4", "last (N,H,W,C)": "1x3x5x2"}), x=ones(1, 3, 5, 4)),
    conv("C20", "How are the weights of 2 filters of 5x4 over 3 channels laid out?",
        "A checkpoint must be transposed to move; with equal sizes nothing tells.",
        shaped({"(FN,C,FH,FW)": "2x3x5x4", "(FH,FW,C,FN)": "5x4x3x2", "(FN,FH,FW,C)": "2x5x4x3", "(FH,FW)": "5x4"})),
    conv("C21", "An image without the batch axis (C,H,W)",
        "Taken as one image, or refused; an (N,H,W) of grey pictures is taken as one picture of N channels.",
        shaped({"taken as one image": "2x3x3"}), "",
        at("6x5 of 1 channel", shaped({"taken as one image": "2x4x3"}), x=ones(1, 6, 5), w=ones(2, 1, 3, 3)),
        name="5x5 of 3 channels", call="conv", refusal=rf"dim|rank|shape|4D|3D|batch|unpack|index|{CHANNELS}",
        x=ones(3, 5, 5), w=ones(2, 3, 3, 3)),
    unfold("C22", "Unfolding (im2col) of several channels: in which order do the values stand?",
        "Channel by channel or pixel by pixel: the matrix product with reshaped weights fits in size and is wrong.",
        choices({"channel by channel": [1, 2, 3, 4, 5, 6, 7, 8], "pixel by pixel": [1, 5, 2, 6, 3, 7, 4, 8]}), "",
        at("3 channels", choices({"channel by channel": list(range(1, 13)),
           "pixel by pixel": [1, 5, 9, 2, 6, 10, 3, 7, 11, 4, 8, 12]}), x=count(1, 3, 2, 2)),
        name="2 channels", x=count(1, 2, 2, 2)),
]
