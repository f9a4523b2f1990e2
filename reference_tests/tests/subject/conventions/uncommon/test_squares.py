"""Images that are square: only where code says so. Where it works out a width from the height, that is a mistake."""

import numpy as np
import pytest

from reference_tests.tests.sampling import sampled

from ..special.targets import read

CONV = """
def convolve2d(image, kernel, stride=1, padding=0):
    {check}
    kh, kw = kernel.shape
    image = np.pad(image, padding)
    {sides}
    out = np.zeros((oh, ow))
    for i in range(oh):
        for j in range(ow):
            out[i, j] = np.sum(image[i * stride : i * stride + kh, j * stride : j * stride + kw] * kernel)
    return out
"""
POOL = """
class MaxPool:
    def __init__(self, size=2, stride=2):
        self.size, self.stride = size, stride
    def forward(self, x):
        {check}
        k, s = self.size, self.stride
        {sides}
        out = np.zeros((*x.shape[:2], oh, ow))
        for i in range(oh):
            for j in range(ow):
                out[:, :, i, j] = x[:, :, i * s : i * s + k, j * s : j * s + k].max(axis=(2, 3))
        return out
"""
IM2COL = """
def im2col(images, kh, kw, stride):
    n, c, h, w = images.shape
    oh, ow = (h - kh) // stride + 1, ({side} - kw) // stride + 1
    cols = np.zeros((n, oh, ow, c, kh, kw))
    for i in range(oh):
        for j in range(min(ow, (w - kw) // stride + 1)):
            cols[:, i, j] = images[:, :, i * stride : i * stride + kh, j * stride : j * stride + kw]
    return cols.reshape(n * oh * ow, -1)
"""
RAISES = "if {0}.shape[-1] != {0}.shape[-2]: raise ValueError('a square image is needed')"
SAYS_SO = {  # (check, how the output's sides are worked out)
    "assert": ("assert {x}.shape[-1] == {x}.shape[-2]", "oh = ow = ({h} - {kh}) // {s} + 1"),
    "raise": (RAISES.replace("{0}", "{x}"), "oh = ow = ({h} - {kh}) // {s} + 1"),
    "one side unpacked": ("pass", "{unpacked} = {x}.shape; oh = ow = (side - {kh}) // {s} + 1"),
    "one side read": ("pass", "side = {h}; oh = ow = (side - {kh}) // {s} + 1"),
}
MISTAKES = {
    "twice": "oh = ({h} - {kh}) // {s} + 1; ow = ({h} - {kw}) // {s} + 1",
    "one name": "side = {h}; oh = (side - {kh}) // {s} + 1; ow = (side - {kw}) // {s} + 1",
    "unpacked": "{both} = {x}.shape; oh = (h - {kh}) // {s} + 1; ow = (h - {kw}) // {s} + 1",
}
OF_CONV = {"x": "image", "h": "image.shape[0]", "kh": "kh", "kw": "kw", "s": "stride", "unpacked": "side, _",
           "both": "h, w"}  # fmt: skip
OF_POOL = {"x": "x", "h": "x.shape[2]", "kh": "k", "kw": "k", "s": "s", "unpacked": "_, _, side, _",
           "both": "_, _, h, w"}  # fmt: skip
LAYERS = {"Convolution": (CONV, OF_CONV), "Pooling": (POOL, OF_POOL)}


def reach_of(folder, layer: str, check: str, sides: str) -> dict:
    """Return what the layer of a target cannot express."""
    text, words = LAYERS[layer]
    code = text.replace("{check}", check).replace("{sides}", sides)
    for name, own in words.items():
        code = code.replace(f"{{{name}}}", own)
    return dict(read(folder, code).interfaces[layer].reach)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("way", sampled(list(SAYS_SO), every=4))
def test_code_that_says_so_is_asked_square_images_only(tmp_path, layer, way):
    assert reach_of(tmp_path, layer, *SAYS_SO[way])["W"] == ["H"]


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("way", sampled(list(MISTAKES), every=3))
def test_a_width_worked_out_from_the_height_is_a_mistake(tmp_path, layer, way):
    assert "W" not in reach_of(tmp_path, layer, "pass", MISTAKES[way])


def test_a_layer_that_is_told_one_side_is_asked_square_images_only(tmp_path):
    text = POOL.replace("size=2,", "input_height, size=2,").replace(
        "= size, stride", "= size, stride; self.h = input_height"
    )
    sides = "oh = (self.h - k) // s + 1; ow = (self.h - k) // s + 1"
    text = text.replace("{check}", "pass").replace("{sides}", sides)
    assert read(tmp_path, text).interfaces["Pooling"].reach["W"] == ["H"]


FLAT = """
class MaxPool:
    def __init__(self, in_channels, size=2, stride=2):
        self.c, self.size, self.stride = in_channels, size, stride
    def forward(self, x):
        k, s, side = self.size, self.stride, int(np.sqrt(x.shape[1] / self.c))
        images = x.reshape(len(x), self.c, side, side)
        view = np.lib.stride_tricks.sliding_window_view(images, (k, k), (2, 3))[:, :, ::s, ::s]
        return view.max(axis=(4, 5)).reshape(len(x), -1)
"""


def test_a_layer_of_rows_of_pixels_is_asked_square_images_only(tmp_path):
    assert read(tmp_path, FLAT).interfaces["Pooling"].reach["W"] == ["H"]


@pytest.mark.parametrize("side, right", [("w", True), ("h", False)])
def test_columns_of_images_that_are_not_square_are_compared(tmp_path, side, right):
    im2col = read(tmp_path, IM2COL.format(side=side)).names["im2col"]
    x = np.arange(2 * 3 * 5 * 8.0).reshape(2, 3, 5, 8)
    assert (im2col(x, 2, 3).shape == (2 * 4 * 6, 3 * 2 * 3)) == right


@pytest.mark.parametrize("order", ["(n * oh * ow, -1)", "(n * oh * ow, -1).T"])
def test_columns_of_another_size_are_handed_on_as_they_are(tmp_path, order):
    text = IM2COL.format(side="h").replace("(n * oh * ow, -1)", order)
    im2col = read(tmp_path, text).names["im2col"]
    assert 2 * 4 * 3 in im2col(np.ones((2, 3, 5, 8)), 2, 3).shape


ONE_SIDE = """
def depthwise_conv(x, w, b, stride=1, padding=0):
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    {read}
    windows = np.lib.stride_tricks.sliding_window_view(xp, (i, j), axis=(2, 3))[:, :, ::stride, ::stride]
    return (windows * w[None, :, None, None]).sum((-1, -2)) + b[:, None, None]
"""


@pytest.mark.parametrize(
    ("code", "square"),
    [
        ("i = j = w.shape[-1]", True),
        ("i = j = w.shape[1]", True),
        ("i, j = w.shape[1:]", False),
        ("i, j = w.shape[-2], w.shape[-1]", False),
        ("c, (i, j) = w.shape[0], w.shape[-2:]", False),
    ],
)
def test_code_that_reads_one_side_of_its_filters_takes_squares(tmp_path, code, square):
    reach = read(tmp_path, ONE_SIDE.format(read=code)).interfaces["DepthwiseConvolution"].reach
    assert ("FW" in reach) is square
