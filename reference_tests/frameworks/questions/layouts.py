"""Layouts and transposed convolution: shapes fit either way, and the numbers are others."""

from collections.abc import Sequence

from ..interpret import Interpretation, choices, graded, rule, shaped, sizes
from .question import at, channels, count, fewest, noise, ones, row, row_maker, slide

DENSE = r"dim|rank|shape|size|axis|match|multiplied|mat1|gemm|expected"
dense = row_maker("torch.Linear", "keras.Dense")
transposed = row_maker("torch.conv_transpose2d", "onnx.ConvTranspose", "tf.conv2d_transpose", "jax.conv_transpose")
depthwise = row_maker("torch.Conv2d", "keras.DepthwiseConv2D")
memory = row_maker("torch.conv2d")
BITS = ("the same bits", "differs in the last bits")


def flattened(C: int, H: int, W: int) -> Interpretation:
    """Return the interpretation of the flattened image 1, 2, 3, ... by the axis that varies slowest."""
    image = count(C, H, W)
    return choices({
        "channel by channel (C,H,W)": image.ravel().tolist(),
        "pixel by pixel (H,W,C)": image.transpose(1, 2, 0).ravel().tolist(),
    })  # fmt: skip


def spread(x: Sequence[float], w: Sequence[float], stride: int) -> list[float]:
    """Return the transposed convolution of a line, uncut."""
    out = [0.0] * ((len(x) - 1) * stride + len(w))
    for i, value in enumerate(x):
        for j, weight in enumerate(w):
            out[i * stride + j] += value * weight
    return out


def cut(w: Sequence[float], stride: int) -> Interpretation:
    """Return the interpretation of 1, 2, 3 transposed with SAME padding by what is cut off to 3 * stride."""
    found = {}
    for name, filter in (("", list(w)), (", the filter turned", list(w)[::-1])):
        whole = spread([1, 2, 3], filter, stride)
        less = len(whole) - 3 * stride
        found[f"more is cut off at the end{name}"] = whole[less // 2 : len(whole) - (less - less // 2)]
        found[f"more is cut off at the start{name}"] = whole[less - less // 2 : len(whole) - less // 2]
    return choices(found)


def same_or_other(widths: list[float]) -> str:
    """Tell whether two sizes are equal."""
    return "the same" if widths[0] == widths[1] else "another size"


def dilated_same(n: int, w: Sequence[float], stride: int, dilation: int) -> Interpretation:
    """Return the interpretation of a line 1 .. n with SAME padding and dilation."""
    x, zeros, half = list(range(1, n + 1)), fewest(n, len(w), stride, dilation), dilation * (len(w) - 1) // 2
    none = fewest(n, len(w), stride)
    return choices({
        "the fewest zeros, an odd one at the end": slide(x, w, zeros // 2, zeros - zeros // 2, stride, dilation),
        "the fewest zeros, an odd one at the start": slide(x, w, zeros - zeros // 2, zeros // 2, stride, dilation),
        "d (k - 1)/2 zeros on both sides": slide(x, w, half, half, stride, dilation),
        "as if there were no dilation": slide(x, w, none // 2, none - none // 2, stride, dilation),
        "the dilation is dropped": slide(x, w, none // 2, none - none // 2, stride),
    })  # fmt: skip


# fmt: off
DENSE_LAYERS = [
    dense("F01", "Flatten before a dense layer: in which order do an image's numbers stand?",
        "The dense weights of another framework fit in size, and every feature meets a foreign weight.",
        flattened(2, 2, 3), "torch.flatten keras.Flatten",
        at("3 channels, 2x2", flattened(3, 2, 2), x=count(1, 3, 2, 2)),
        name="2 channels, 2x3", x=count(1, 2, 2, 3)),
    dense("F02", "How are the weights of a dense layer from 3 to 5 laid out?",
        "A square layer loads untransposed without a word and computes with its transpose.",
        shaped({"(out, in)": "5x3", "(in, out)": "3x5"})),
    dense("F03", "A dense layer from 4 to 5 on an array of more than two axes",
        "On the last axis, or flattened to one row a sample: the parameters and the result differ.",
        shaped({"on the last axis": "2x3x5", "flattened first": "2x5"}), "",
        at("2x3x2x4", shaped({"on the last axis": "2x3x2x5", "flattened first": "2x5"}), x=ones(2, 3, 2, 4)),
        name="2x3x4", refusal=DENSE, x=ones(2, 3, 4)),
    dense("F04", "The bare flatten function: is the batch axis kept?",
        "Without it a batch becomes one sample, which a dense layer may even accept.",
        shaped({"kept": "2x12", "flattened too": "24"}), "torch.flatten",
        at("2x2x2x2", shaped({"kept": "2x8", "flattened too": "16"}), x=ones(2, 2, 2, 2)),
        name="2x3x4", x=ones(2, 3, 4)),
]

TRANSPOSED = [
    transposed("T01", "Transposed convolution from 2 to 3 channels, 5x4: how are the weights laid out?",
        "The two channel axes stand the other way round than in a convolution, but not everywhere.",
        shaped({"(C in,C out,FH,FW)": "2x3x5x4", "(C out,C in,FH,FW)": "3x2x5x4", "(FH,FW,C out,C in)": "5x4x3x2",
                "(FH,FW,C in,C out)": "5x4x2x3", "(C out,FH,FW,C in)": "3x5x4x2"})),
    transposed("T02", "Transposed convolution with SAME padding and stride 2: what is cut off?",
        "Three frameworks give three results of one size: an upsampled picture shifted, or mirrored.",
        cut([1, 10, 100], 2), "",
        at("filter 5", cut([1, 10, 100, 1000, 10000], 2), w=row(1, 10, 100, 1000, 10000)),
        name="filter 3", refusal="padding|same", x=row(1, 2, 3), w=row(1, 10, 100), s=2),
    transposed("T03", "Output padding of a transposed convolution: what stands there?",
        "The numbers that the padding cut off, or zeros: a seam at the right and lower edge.",
        choices({"the numbers that belong there": [10, 102, 20, 200], "zeros": [10, 102, 20, 0]}), "",
        at("stride 3, output padding 2", choices({"the numbers that belong there": [10, 100, 2, 20, 200, 0],
           "zeros": [10, 100, 2, 20, 0, 0]}), s=3, out=2),
        name="stride 2, output padding 1", refusal="padding|adj", x=row(1, 2), w=row(1, 10, 100), s=2, out=1),
    transposed("T04", "Transposed convolution with dilation 2: which size?",
        "(n - 1) s + d (k - 1) + 1, or the dilation is ignored without a word.",
        sizes({"(n - 1) s + d (k - 1) + 1": "7x7", "the dilation is ignored": "5x5"}), "",
        at("stride 2", sizes({"(n - 1) s + d (k - 1) + 1": "9x9", "the dilation is ignored": "7x7"}), s=2),
        name="stride 1", refusal="dilat|stride", x=ones(1, 1, 3, 3), w=ones(1, 1, 3, 3), s=1),
    transposed("T05", "Transposed convolution: is output padding left out the same as output padding 0?",
        "Left out it may mean: as much as gives n s. A model moved with 0 comes out one pixel smaller at every layer.",
        rule(("the same", "another size"), "the two widths are equal or not", same_or_other), "",
        at("filter 5, stride 3", w=row(1, 1, 1, 1, 1), s=3),
        name="filter 3, stride 2", refusal="padding|adj", x=row(1, 2, 3), w=row(1, 1, 1), s=2),
]

MORE_SIZES = [
    transposed("S20", "SAME padding with dilation: where do the windows stand?",
        "Some leave the dilation out of the count, so that the result shrinks; one refuses.",
        dilated_same(7, [1, 10, 100], 1, 2), "torch.conv2d",
        at("8 wide, filter 3, stride 2", dilated_same(8, [1, 10, 100], 2, 2), x=count(1, 1, 1, 8), s=2),
        at("8 wide, filter 2, dilation 3", dilated_same(8, [1, 10], 1, 3), x=count(1, 1, 1, 8), w=row(1, 10), d=3),
        name="7 wide, filter 3", refusal="dilat|same|auto_pad|strid", x=count(1, 1, 1, 7), w=row(1, 10, 100), s=1, d=2),
]

CHANNEL_LAYOUTS = [
    depthwise("C23", "Depthwise convolution, 2 channels, multiplier 3, 5x4: how are the weights laid out?",
        "The multiplier is an axis of its own, or the channels are multiplied: a reshape in the wrong order fits.",
        shaped({"(C m,1,FH,FW)": "6x1x5x4", "(FH,FW,C,m)": "5x4x2x3", "(FH,FW,1,C m)": "5x4x1x6",
                "(C m,FH,FW,1)": "6x5x4x1", "(m,C,FH,FW)": "3x2x5x4"})),
    depthwise("C24", "Depthwise convolution with a multiplier: in which order do the results stand?",
        "Channel by channel or multiplier by multiplier: the next layer's weights meet other channels.",
        choices({"channel by channel": [1, 2, 3, 100, 200, 300], "multiplier by multiplier": [1, 100, 2, 200, 3, 300]}),
        "",
        at("3 channels, multiplier 2", choices({"channel by channel": [1, 2, 10, 20, 100, 200],
           "multiplier by multiplier": [1, 10, 100, 2, 20, 200]}), x=channels(1, 10, 100), m=2),
        name="2 channels, multiplier 3", x=channels(1, 100), m=3),
    memory("C25", "Is a result the same with channels last in memory?",
        "Another order of the same numbers takes another path through the library: bits move, and a test for equality.",
        graded(BITS, "the largest difference is zero or not", 1e-30), "",
        at("4x3x17x17, filter 5", x=noise(4, 3, 17, 17), w=noise(8, 3, 5, 5)),
        name="8x16x9x8, filter 3", varies=True, x=noise(8, 16, 9, 8), w=noise(8, 16, 3, 3)),
    memory("C26", "Is a result the same with oneDNN switched off?",
        "The same framework has two implementations; which one runs depends on how it was built.",
        graded(BITS, "the largest difference is zero or not", 1e-30), "",
        at("4x3x17x17, filter 5", x=noise(4, 3, 17, 17), w=noise(8, 3, 5, 5)),
        name="8x16x9x8, filter 3", varies=True, x=noise(8, 16, 9, 8), w=noise(8, 16, 3, 3)),
]
