"""Layers with windows: right code of other styles, and mistakes of published code, written apart from impl."""

from typing import Any

import numpy as np
import pytest

from reference_tests.conformance.examination import Examination, Request, examine
from reference_tests.quality.subjects import InProcessSubject


def examined(component: str, **names: Any) -> Examination:
    return examine(InProcessSubject(names, files=(__file__,)), Request(only=(component,), fresh=3, seed=1))


def codes(found: Examination) -> set[str]:
    return {v.diagnosis.code for vs in found.components.values() for v in vs if v.status == "fail" and v.diagnosis}


def told(found: Examination) -> str:
    return "\n".join(v.message for verdicts in found.components.values() for v in verdicts)


class Convolution:
    """Forward alone, in loops over the output's places."""

    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def forward(self, x):
        p = self.pad
        x = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)])
        FH, FW = self.W.shape[2:]
        OH, OW = ((side - f) // self.stride + 1 for side, f in zip(x.shape[2:], (FH, FW)))
        if min(OH, OW) < 1:
            raise ValueError("the filter is larger than the image")
        return self.fill(x, OH, OW)

    def fill(self, x, OH, OW):
        out = np.zeros((len(x), len(self.W), OH, OW))
        for i, j in np.ndindex(OH, OW):
            out[:, :, i, j] = self.at(x, i * self.stride, j * self.stride)
        return out

    def at(self, x, y, z):
        FH, FW = self.W.shape[2:]
        return np.einsum("ncyx,fcyx->nf", x[:, :, y : y + FH, z : z + FW], self.W) + self.b


class WrittenAtEveryStride(Convolution):
    """The loop over the output's places steps by the stride, as in four published ones."""

    def fill(self, x, OH, OW):
        out = np.zeros((len(x), len(self.W), OH, OW))
        for i in range(0, OH, self.stride):
            for j in range(0, OW, self.stride):
                out[:, :, i, j] = self.at(x, i, j)
        return out


class SteppedTwice(Convolution):
    """The loop's end is divided by the stride, and the loop steps by it: windows are missing."""

    def fill(self, x, OH, OW):
        rows, columns = range(0, OH, self.stride), range(0, OW, self.stride)
        return np.stack([np.stack([self.at(x, i, j) for j in columns], axis=-1) for i in rows], axis=-2)


class SidesSwapped(Convolution):
    def fill(self, x, OH, OW):
        out = super().fill(x, OH, OW)
        n, f = out.shape[:2]
        return out.transpose(0, 2, 3, 1).reshape(n, OW, OH, f).transpose(0, 3, 2, 1)


class HalfSums(Convolution):
    def fill(self, x, OH, OW):
        return super().fill(x, OH, OW).astype("float16").astype("float64")


class HalfInputs(Convolution):
    def fill(self, x, OH, OW):
        return super().fill(x.astype("float16"), OH, OW)


class Clipped(Convolution):
    def fill(self, x, OH, OW):
        return super().fill(np.clip(x, -1000, 1000), OH, OW)


@pytest.mark.slow
@pytest.mark.parametrize(
    "wrong, code",
    [
        (WrittenAtEveryStride, "conv.stride-in-range"),
        (SteppedTwice, "conv.stride-in-range"),
        (SidesSwapped, "conv.sides-swapped"),
        (HalfSums, "precision"),
        (HalfInputs, "precision"),
        (Clipped, "clipped"),
    ],
)
def test_a_mistake_of_published_loops_has_its_name_alone(wrong, code):
    found = examined("convolution", Convolution=wrong)
    assert codes(found) - {"threshold"} == {code}  # that the line of a number is named besides is the same cause
    assert code != "precision" or "float16 inside" in told(found)


@pytest.mark.slow
def test_the_loops_are_right_as_far_as_they_go():
    assert examined("convolution", Convolution=Convolution).status("convolution") == "partial"


class Pooling:
    """Every largest place of a window gets all of dout."""

    def __init__(self, pool_h, pool_w, stride=2, pad=0):
        self.h, self.w, self.stride, self.pad = pool_h, pool_w, stride, pad

    def forward(self, x):
        p = self.pad
        self.x = np.pad(x.astype(float), [(0, 0), (0, 0), (p, p), (p, p)], constant_values=-np.inf)
        OH, OW = ((side - f) // self.stride + 1 for side, f in zip(self.x.shape[2:], (self.h, self.w)))
        if min(OH, OW) < 1:
            raise ValueError("the window is larger than the image")
        self.out = np.zeros((*x.shape[:2], OH, OW))
        for i, j, r, c in self.windows():
            self.out[:, :, i, j] = self.x[:, :, r, c].max(axis=(2, 3))
        return self.out

    def windows(self):
        for i, j in np.ndindex(self.out.shape[2:]):
            y, z = i * self.stride, j * self.stride
            yield i, j, slice(y, y + self.h), slice(z, z + self.w)

    def backward(self, dout):
        dx, p = np.zeros(self.x.shape), self.pad
        for i, j, r, c in self.windows():
            best = self.x[:, :, r, c] == self.out[:, :, i, j, None, None]
            dx[:, :, r, c] += self.given(best) * dout[:, :, i, j, None, None]
        return dx[:, :, p : dx.shape[2] - p, p : dx.shape[3] - p]

    def given(self, best):
        return best


class SharedPooling(Pooling):
    def given(self, best):
        return best / best.sum(axis=(2, 3), keepdims=True)


class NoneOfSeveral(Pooling):
    def given(self, best):
        return best * (best.sum(axis=(2, 3), keepdims=True) == 1)


@pytest.mark.slow
def test_all_of_several_maxima_are_a_corner_case_that_courses_teach():
    found = examined("pooling", Pooling=Pooling)
    assert found.status("pooling") == "edge" and codes(found) == {"pool.ties-all"}
    assert "two well-known courses" in told(found) and "counts the gradient twice" in told(found)


@pytest.mark.slow
def test_several_maxima_may_share_and_may_not_be_forgotten():
    assert examined("pooling", Pooling=SharedPooling).status("pooling") == "pass"
    assert codes(examined("pooling", Pooling=NoneOfSeveral)) == {"pool.ties-none"}


class GlobalMaxPooling:
    def forward(self, x):
        self.best = x == x.max(axis=(2, 3), keepdims=True)
        return x.max(axis=(2, 3))

    def backward(self, dout):
        return self.best * dout[:, :, None, None]


def test_ties_of_a_whole_plane_are_a_corner_case_too():
    found = examined("global_max_pooling", GlobalMaxPooling=GlobalMaxPooling)
    assert found.status("global_max_pooling") == "edge" and codes(found) == {"gmp.ties-all"}


def conv_output_size(input_size, filter_size, stride=1, pad=0):
    """The formula of the book's utilities, with // for /, and nothing else."""
    return (input_size + 2 * pad - filter_size) // stride + 1


def test_a_formula_alone_is_right():
    assert examined("shapes", conv_output_size=conv_output_size).status("shapes") == "pass"


class IntegerAverage:
    """dx and out take x's type: the digits are lost where x holds whole numbers."""

    def forward(self, x):
        self.x = x
        out = np.zeros_like(x[:, :, 0, 0])
        out[...] = x.mean(axis=(2, 3))
        return out

    def backward(self, dout):
        return np.broadcast_to(dout[:, :, None, None] / self.x[0, 0].size, self.x.shape).copy()


def test_whole_numbers_that_are_cut_are_advice_where_no_picture_enters():
    found = examined("global_average_pooling", GlobalAveragePooling=IntegerAverage)
    assert found.status("global_average_pooling") == "pass"
    failed = [v for v in found.components["global_average_pooling"] if v.status == "fail"]
    assert failed and {v.check.level for v in failed} == {"advice"}


KEPT: dict[tuple[int, ...], np.ndarray] = {}


def im2col(x, filter_h, filter_w, stride=1, pad=0):
    """Keep the padded image by its shape."""
    wide = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    x = KEPT.setdefault(wide.shape, wide) if pad else wide
    windows = np.lib.stride_tricks.sliding_window_view(x, (filter_h, filter_w), axis=(2, 3))[:, :, ::stride, ::stride]
    n, c, oh, ow, *_ = windows.shape
    return windows.transpose(0, 2, 3, 1, 4, 5).reshape(n * oh * ow, c * filter_h * filter_w)


@pytest.mark.slow
def test_an_image_kept_by_its_shape_is_a_mistake_of_state():
    found = examined("im2col", im2col=im2col)
    assert found.status("im2col") == "fail"
    assert any(code.startswith("state.") for code in codes(found))
