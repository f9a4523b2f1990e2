"""Convolution: direction, channels, types, precision, memory."""

import numpy as np

from ..interpret import DTYPE, SHAPE, SIZE, VALUE_AND_DTYPE, choices, rule
from .question import channels, count, full, noise, ones, row, row_maker

conv = row_maker("torch.conv2d", "onnx.Conv", "tf.conv2d", "jax.conv", "keras.Conv2D", "scipy.correlate2d")
transposed = row_maker("torch.conv_transpose2d", "onnx.ConvTranspose", "tf.conv2d_transpose", "jax.conv_transpose")
unfold = row_maker("torch.unfold", "tf.extract_patches", "jax.conv_patches")
ROUNDING = ("float32 rounding (below 1e-6)", "more than float32 rounding")
BITS = ("the same bits", "differs in the last bits")
SPREAD = {9: "the whole window (9)", 1: "only its own place (1)", 0: "nowhere (0)"}


def how_far_nan_spreads(y: list[float]) -> str:
    """Count the NaN in the result of C17."""
    count = sum(value != value for value in y)
    return SPREAD.get(count, str(count))


# fmt: off
CONVOLUTION = [
    conv("C01", "Convolution: is the filter turned by 180 degrees?",
        "Deep learning's convolution is a correlation; SciPy's turns the filter. Symmetric filters hide it.",
        choices({"correlation (as it is)": 321, "true convolution (turned)": 123}), "opencv.filter2D", call="conv",
        x=row(1, 2, 3), w=row(1, 10, 100)),
    transposed("C02", "Transposed convolution of one pixel: is the filter turned?",
        "Weights moved from one framework to the other draw every picture mirrored.",
        choices({"as it is": [1, 10, 100], "turned": [100, 10, 1]}), x=row(1), w=row(1, 10, 100)),
    transposed("C03", "Transposed convolution of 3x3 with 3x3, stride 2, nothing else said: which size?",
        "(3 - 1)*2 + 3 = 7 or 3*2 = 6, by the default padding; or the size has to be given.",
        SIZE, x=ones(1, 1, 3, 3), w=ones(1, 1, 3, 3)),
    conv("C04", "Dilation 2 with a filter of 2: how far apart are the taps?",
        "Counted as a distance, 2 leaves one gap; counted as holes, it leaves two.",
        choices({"2 apart": [31, 42], "3 apart": [41], "1 apart": [21, 32, 43]}), x=count(1, 1, 1, 4), w=row(1, 10)),
    conv("C05", "Dilation 0", "Meant as 'none' by who counts holes: refused, or every tap lands on one pixel.",
        choices({"as dilation 1": [21, 32, 43], "all taps on one pixel": [11, 22, 33, 44]}), x=count(1, 1, 1, 4),
        w=row(1, 10)),
    conv("C06", "Image of 3 channels, filter of 2",
        "A mistake in the wiring: an error, or channels left out without a word.",
        SHAPE, call="conv", x=ones(1, 3, 2, 2), w=ones(2, 2, 1, 1)),
    conv("C07", "Image of 4 channels, filter of 2, nothing said of groups",
        "Some read it as a grouped convolution: no error, and half of the connections are missing.",
        choices({"grouped without being asked": [11, 1100]}), call="conv", x=channels(1, 10, 100, 1000),
        w=ones(2, 2, 1, 1)),
    conv("C08", "A bias of one number for two filters",
        "A checkpoint with the wrong bias loads, and every channel gets the same number.",
        choices({"broadcast": [6, 6]}), call="conv", x=ones(1, 1, 1, 1), w=ones(2, 1, 1, 1), b=full(5, 1)),
    conv("C09", "A bias (FN,) where the output is FN wide: which axis gets it?",
        "Added by hand, (FN,) falls on the last axis: with channels second that is the width, and no error.",
        choices({"the channels": [1, 1, 1, 1, 2, 2, 2, 2], "the width": [1, 2, 1, 2, 1, 2, 1, 2]}), call="conv",
        x=full(0, 1, 1, 2, 2), w=full(0, 2, 1, 1, 1), b=row(1, 2).ravel()),
    conv("C10", "Convolution of int32 with int32",
        "Pictures come as integers: computed as integers, turned into floats, or refused.",
        DTYPE, call="conv", x=row(1, 2, 3, dtype="int32"), w=row(1, 10, dtype="int32")),
    conv("C11", "Convolution of uint8: 200 + 100",
        "Widened to 300, wrapped to 44, cut off at 255, or refused: three of these look like a picture.",
        choices({"300 (widened)": 300, "44 (wraps round)": 44, "255 (cut off)": 255}), "opencv.filter2D", call="conv",
        x=row(200, 100, dtype="uint8"), w=row(1, 1, dtype="uint8")),
    conv("C12", "float16: the sum of 4096 ones",
        "Summed in float16 one by one it stops at 2048; summed in float32 it is right.",
        VALUE_AND_DTYPE, call="conv", x=full(1, 1, 1, 64, 64, dtype="float16"),
        w=full(1, 1, 1, 64, 64, dtype="float16")),
    conv("C13", "Image float32, filter float64",
        "Refused, raised to float64 (and slow from here on), or cut to float32.",
        DTYPE, call="conv", x=row(1, 2, 3), w=row(1, 10, dtype="float64")),
    conv("C14", "float64: is it kept?",
        "Gradient checks need float64; some cut it to float32 without a word, and the check fails by 1e-7.",
        choices({"kept": 1 + 2.0**-40, "cut to float32": 1.0}, near=0), "jax.x64", call="conv",
        x=row(1 + 2.0**-40, dtype="float64"), w=row(1, dtype="float64")),
    conv("C15", "float32: the error of a sum of 1024 products, in units of the sum of their sizes",
        "How far 'equal' can be asked for: below this any two frameworks differ, and neither is wrong.",
        rule(ROUNDING, "below 1e-6 or not", lambda n: ROUNDING[n[0] >= 1e-6]), varies=True, x=noise(1, 1, 32, 32),
        w=noise(1, 2, 32, 32)[:, 1:]),
    conv("C16", "Is an image's result the same alone and in a batch?",
        "The sum is taken in another order for another batch size: tests that ask for equal bits fail.",
        rule(BITS, "zero or not", lambda n: BITS[n[0] != 0]), varies=True, x=noise(8, 16, 9, 8), w=noise(8, 16, 3, 3)),
    conv("C17", "One NaN pixel under a filter that is 0 there: how far does it spread?",
        "0 * NaN is NaN, so it fills the window; through an FFT it fills the picture; a sparse path hides it.",
        rule(tuple(SPREAD.values()), "the NaN in the 3x3 result are counted", how_far_nan_spreads),
        call="conv", x=np.where(np.arange(25).reshape(1, 1, 5, 5) == 12, np.nan, 1).astype("float32"),
        w=np.where(np.arange(9).reshape(1, 1, 3, 3) == 4, 1, 0).astype("float32")),
    conv("C18", "An image that is a reversed view (x[..., ::-1])",
        "A mirrored picture is a view with a negative stride: copied, refused, or read the wrong way round.",
        choices({"as it should be": 123, "strides ignored": 321}), x=row(1, 2, 3), w=row(1, 10, 100)),
    conv("C19", "Which axis holds the channels when nothing is said? (image 1x3x5x4)",
        "Channels second or last: with fitting sizes the wrong one runs, on rows as if they were colours.",
        choices({"second (N,C,H,W)": [1, 2, 5, 4], "last (N,H,W,C)": [1, 3, 5, 2]}), x=ones(1, 3, 5, 4)),
    conv("C20", "How are the weights of 2 filters of 5x4 over 3 channels laid out?",
        "A checkpoint must be transposed to move; with equal sizes nothing tells.",
        choices({"(FN,C,FH,FW)": [2, 3, 5, 4], "(FH,FW,C,FN)": [5, 4, 3, 2], "(FH,FW)": [5, 4]})),
    conv("C21", "An image without the batch axis (C,H,W)",
        "Taken as one image, or refused; an (N,H,W) of grey pictures is taken as one picture of N channels.",
        SHAPE, call="conv", x=ones(3, 5, 5), w=ones(2, 3, 3, 3)),
    unfold("C22", "Unfolding (im2col) of two channels: in which order do the values stand?",
        "Channel by channel or pixel by pixel: the matrix product with reshaped weights fits in size and is wrong.",
        choices({"channel by channel": [1, 2, 3, 4, 5, 6, 7, 8], "pixel by pixel": [1, 5, 2, 6, 3, 7, 4, 8]}),
        x=count(1, 2, 2, 2)),
]
