"""Pooling that always pads: asked where what it does can be expressed, and never failed for its padding."""

import numpy as np
import pytest

from .targets import differing, numbers, read

SAME = """
class MaxPool2D:
    def __init__(self, {arguments}):
        self.k, self.s = {settings}
    def forward(self, x):
        k, s = self.k, self.s
        n, c, h, w = x.shape
        {sizes}
        self.x, self.top, self.left = x, ph // 2, pw // 2
        {padded}
        out = np.zeros((n, c, oh, ow))
        for i in range(oh):
            for j in range(ow):
                out[:, :, i, j] = self.xp[:, :, i * s : i * s + k, j * s : j * s + k].{pick}(axis=(2, 3))
        return out
    def backward(self, dout):
        k, s = self.k, self.s
        dxp = np.zeros(self.xp.shape)
        for a, b, i, j in np.ndindex(dout.shape):
            row, column = divmod(self.xp[a, b, i * s : i * s + k, j * s : j * s + k].argmax(), k)
            dxp[a, b, i * s + row, j * s + column] += dout[a, b, i, j]
        h, w = self.x.shape[2:]
        return dxp[:, :, self.top : self.top + h, self.left : self.left + w]
"""
TENSORFLOW = "oh, ow = -(-h // s), -(-w // s); ph, pw = max((oh - 1) * s + k - h, 0), max((ow - 1) * s + k - w, 0)"
HALF = "ph = pw = k // 2 * 2; oh, ow = (h + ph - k) // s + 1, (w + pw - k) // s + 1"
PADDED = (
    "self.xp = np.pad(x, ((0, 0), (0, 0), (ph // 2, ph - ph // 2), (pw // 2, pw - pw // 2)), constant_values=-np.inf)"
)
USUAL = {"arguments": "pool_size, strides", "settings": "pool_size, strides", "sizes": TENSORFLOW, "padded": PADDED,
         "pick": "max"}  # fmt: skip
BY_ONE = {"FH": [3], "FW": [3], "pad": [1], "rest": [0]}
ALONE = {"pad": [0], "FW": ["FH"], "stride": ["FH"], "rest": [0]}


def written(**words: str) -> str:
    """Return the text of a pooling layer."""
    code = SAME
    for name, text in (USUAL | words).items():
        code = code.replace(f"{{{name}}}", text)
    return code


OVERLAPPING = (3, 3, 2, 1), (2, 3, 7, 9)  # what a layer is made with, and the image
SIDE_BY_SIDE = (3, 3, 3, 0), (2, 3, 6, 9)


@pytest.mark.parametrize(
    ("words", "reach", "asked"),
    [
        ({}, BY_ONE, OVERLAPPING),
        ({"sizes": HALF}, BY_ONE, OVERLAPPING),
        ({"arguments": "pool_size", "settings": "pool_size, 2"}, {**BY_ONE, "stride": [2]}, OVERLAPPING),
        ({"arguments": "pool_size", "settings": "pool_size, pool_size"}, ALONE, SIDE_BY_SIDE),
    ],
    ids=["same", "half of the window", "a stride of two", "window by window"],
)
def test_reach_of_pooling_that_always_pads(tmp_path, words, reach, asked):
    subject = read(tmp_path, written(**words))
    assert subject.interfaces["Pooling"].reach == reach
    assert differing(subject, "Pooling", *asked[0], x=numbers(*asked[1])) == set()


def test_mean_in_place_of_the_largest_is_seen(tmp_path):
    subject = read(tmp_path, written(pick="mean"))
    assert subject.interfaces["Pooling"].reach == ALONE
    assert "out" in differing(subject, "Pooling", 3, 3, 3, 0, x=numbers(2, 3, 6, 9))


def test_windows_cut_off_at_the_border_are_a_mistake(tmp_path):
    cut_off = "self.xp, pad = x, 0"
    subject = read(tmp_path, written(padded=cut_off))
    assert not {"rest", "FH"} & {*subject.interfaces["Pooling"].reach}


def test_mean_with_half_a_window_around_is_not_judged(tmp_path):
    text = written(sizes=HALF, padded=PADDED.replace("-np.inf", "0"), pick="mean").replace("MaxPool", "AvgPool")
    with pytest.raises(Exception, match="it always pads, by a rule of its own"):
        read(tmp_path, text)


def test_layer_without_a_padding_is_asked_all_strides(tmp_path):
    plain = "oh, ow, ph, pw = (h - k) // s + 1, (w - k) // s + 1, 0, 0"
    subject = read(tmp_path, written(sizes=plain))
    assert subject.interfaces["Pooling"].reach == {"pad": [0], "FW": ["FH"]}
    assert np.isfinite(subject.names["Pooling"](3, 3, 2, 0).forward(numbers(1, 1, 7, 7))).all()
