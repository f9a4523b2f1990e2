"""im2col and col2im against the book's numbers and windows cut out one by one; unfold and fold against torch."""

import itertools
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import impl.functional as ours
from impl.functional import patches
from impl.functional.shapes import Window

from .torch_comparison import assert_defaults, assert_refused, assert_sums_agree, bad_calls, draw


def rows_one_by_one(x: np.ndarray, FH: int, FW: int, stride: int, pad: int) -> np.ndarray:
    """Every window cut out by itself: rows over (N, OH, OW), columns over (C, FH, FW)."""
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    H, W = x.shape[2:]
    places = [*itertools.product(range(0, H - FH + 1, stride), range(0, W - FW + 1, stride))]
    return np.array([image[:, i : i + FH, j : j + FW].ravel() for image in x for i, j in places])


def test_im2col_has_the_books_shapes() -> None:
    assert ours.im2col(draw(1, 3, 7, 7), 5, 5).shape == (9, 75)
    assert ours.im2col(draw(10, 3, 7, 7), 5, 5).shape == (90, 75)
    assert ours.im2col(draw(10, 3, 7, 7)[:0], 5, 5).shape == (0, 75)


@pytest.mark.parametrize("stride, pad", [(1, 0), (2, 0), (1, 2), (3, 1), (2, 3)])
def test_im2col_cuts_out_windows_and_col2im_is_its_gradient(stride: int, pad: int) -> None:
    x = draw(2, 3, 8, 11)
    col = ours.im2col(x, 3, 2, stride, pad, rounding="floor")
    np.testing.assert_array_equal(col, rows_one_by_one(x, 3, 2, stride, pad), strict=True)
    assert not np.shares_memory(col, x)
    again = draw(*col.shape, seed=8)
    image = ours.col2im(again, x.shape, 3, 2, stride, pad, rounding="floor")
    assert image.shape == x.shape
    np.testing.assert_allclose((image * x).sum(), (again * col).sum(), rtol=1e-12)  # <A'c, x> = <c, Ax>
    once = ours.col2im(np.ones_like(col), x.shape, 3, 2, stride, pad, rounding="floor")
    numbers = rows_one_by_one(np.arange(x.size).reshape(x.shape) + 1, 3, 2, stride, pad).ravel()
    np.testing.assert_array_equal(once.ravel(), np.bincount(numbers, minlength=x.size + 1)[1:])


def test_columns_are_an_array_of_their_own() -> None:
    """Also those of 1x1 windows, which are the image's numbers in order."""
    x = draw(1, 1, 4, 5)
    for col in (ours.im2col(x, 1, 1), ours.unfold(x, 1), ours.fold_backward(x, ours.unfold(x, 1), (4, 5), 1)):
        assert col.flags.writeable and not np.shares_memory(col, x)


def test_im2col_and_col2im_keep_the_dtype() -> None:
    for dtype in ("float32", "int16", "bool"):
        x = draw(1, 2, 4, 5).astype(dtype)
        col = ours.im2col(x, 2, 2)
        assert col.dtype == ours.col2im(col, x.shape, 2, 2).dtype == dtype


def test_im2col_stride_that_does_not_divide_is_refused_unless_floor() -> None:
    x = draw(1, 2, 7, 8)
    with pytest.raises(ValueError, match="stride 2 does not divide"):
        ours.im2col(x, 3, 3, stride=2)
    with pytest.raises(ValueError, match="stride 2 does not divide"):
        ours.col2im(draw(9, 18), x.shape, 3, 3, stride=2)
    assert ours.im2col(x, 3, 3, 2, rounding="floor").shape == (9, 18)
    with pytest.raises(ValueError, match="rounding must be 'exact' or 'floor'"):
        ours.im2col(x, 3, 3, 2, rounding="ceil")


OF_IM2COL = bad_calls(
    {"input_data": draw(1, 2, 4, 5), "filter_h": 2, "filter_w": 3},
    input_data=[draw(2, 4, 5), [[1.0]]], filter_h=[0, 2.0], filter_w=[0, True], stride=[0, (1, 1)], pad=[-1, "same"],
)  # fmt: skip
OF_COL2IM = bad_calls(
    {"col": draw(9, 12), "input_shape": (1, 2, 4, 5), "filter_h": 2, "filter_w": 3},
    col=[draw(9, 11), draw(8, 12), draw(9, 2, 6)], filter_h=[0],
    input_shape=[(2, 4, 5), (1, 2, 4, -5), (1, 2, 4, 5.0)],
)  # fmt: skip
TOO_WIDE = {"input_data": draw(1, 2, 4, 5), "filter_h": 2, "filter_w": 9}


@pytest.mark.parametrize("word, call", [*OF_IM2COL, ("filter_size 9", TOO_WIDE), *OF_COL2IM])
def test_im2col_or_col2im_bad_argument_is_refused(word: str, call: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError), match=word):
        (ours.col2im if "col" in call else ours.im2col)(**call)


UNFOLD: list[dict[str, Any]] = [
    {"kernel_size": 2},
    {"kernel_size": (3, 2), "stride": (2, 1)},
    {"kernel_size": (1, 4), "padding": (2, 1), "stride": 3},
    {"kernel_size": [2, 3], "dilation": [3, 2], "padding": 1},
    {"kernel_size": (2, 2), "dilation": (1, 3), "stride": (3, 2)},
    {"kernel_size": np.int64(1), "stride": 4},
]


@pytest.mark.parametrize("options", UNFOLD, ids=str)
def test_unfold_and_fold_agree_with_torch(options: dict[str, Any]) -> None:
    for shape in ((2, 3, 7, 9), (3, 7, 9), (0, 3, 7, 9), (1, 1, 7, 9)):
        x = draw(*shape)
        assert_sums_agree("unfold", {"input": x, **options})
        columns = draw(*ours.unfold(x, **options).shape, seed=9)
        assert_sums_agree("fold", {"input": columns, "output_size": shape[-2:], **options})


def test_unfold_and_fold_are_each_others_gradient() -> None:
    x = draw(2, 3, 7, 9)
    col = ours.unfold(x, (3, 2), padding=1)
    np.testing.assert_array_equal(
        ours.unfold_backward(col, x, (3, 2), padding=1), ours.fold(col, (7, 9), (3, 2), padding=1)
    )
    np.testing.assert_array_equal(ours.fold_backward(x, col, (7, 9), (3, 2), padding=1), col)
    with pytest.raises(ValueError, match="dout"):
        ours.fold_backward(x[:, :, :6], col, (7, 9), (3, 2), padding=1)
    with pytest.raises(ValueError, match="dout"):
        ours.unfold_backward(col[:1], x, (3, 2), padding=1)


def test_fold_of_bools_equals_torch() -> None:
    x = draw(2, 3, 7, 6) > 0
    col = ours.unfold(x, 2)
    np.testing.assert_array_equal(col, F.unfold(torch.tensor(x), 2).numpy(), strict=True)
    np.testing.assert_array_equal(ours.fold(col, (7, 6), 2), F.fold(torch.tensor(col), (7, 6), 2).numpy(), strict=True)


SIZES: list[Any] = [-1, 2.0, "2", None, True, (1,), (1, 2, 3), (), (2.0, 2), (True, 2)]
BAD: list[tuple[str, Any]] = [
    *(("kernel_size", value) for value in [0, 100, (2, 7), *SIZES]),
    *(("dilation", value) for value in [0, (0, 1), *SIZES]),
    *(("padding", value) for value in [(0, -1), *SIZES]),
    *(("stride", value) for value in [0, (1, 0), *SIZES]),
]


@pytest.mark.parametrize("name, value", BAD)
def test_unfold_bad_size_is_refused(name: str, value: Any) -> None:
    assert_refused("unfold", name, {"input": draw(2, 3, 7, 6), "kernel_size": 2, name: value})


@pytest.mark.parametrize("name, value", [*BAD, *(("output_size", v) for v in [0, 6, (7, 7), (2, 3), *SIZES])])
def test_fold_bad_size_is_refused(name: str, value: Any) -> None:
    assert_refused("fold", name, {"input": draw(2, 12, 30), "output_size": (7, 6), "kernel_size": 2, name: value})


@pytest.mark.parametrize("shape", [(7, 6), (1, 2, 3, 7, 6), (2, 0, 7, 6), (0, 7, 6), (2, 3, 0, 6), (0, 3, 0, 6)])
def test_unfold_bad_shape_is_refused(shape: tuple[int, ...]) -> None:
    assert_refused("unfold", "input", {"input": draw(*shape), "kernel_size": 2, "padding": 1})


@pytest.mark.parametrize("shape", [(2, 0, 30), (2, 12, 0), (1, 2, 12, 30), (12,), (2, 13, 30), (2, 12, 29), (0, 30)])
def test_fold_bad_shape_is_refused(shape: tuple[int, ...]) -> None:
    assert_refused("fold", "input", {"input": draw(*shape), "output_size": (7, 6), "kernel_size": 2})


@pytest.mark.parametrize("name", ["kernel_size", "stride", "dilation"])
def test_unfold_refusal_is_about_the_argument_itself(name: str) -> None:
    """And not about a size that was worked out from it."""
    options: dict[str, Any] = {"kernel_size": 2, name: 0}
    with pytest.raises(ValueError, match=rf"^{name} must be\b.*\b1\b.*\b0\b"):
        ours.unfold(draw(2, 3, 5, 6), **options)


def test_fold_into_no_pixels_or_one_number_is_refused() -> None:
    assert_refused("fold", "output_size", {"input": draw(1, 4, 1), "output_size": 0, "kernel_size": 2, "padding": 1})
    assert_refused("fold", "output_size", {"input": draw(2, 12, 36), "output_size": (7,), "kernel_size": 2})


def test_fold_into_one_row_agrees_with_torch() -> None:
    assert_sums_agree("fold", {"input": draw(2, 3, 6), "output_size": (1, 6), "kernel_size": 1})


def test_col2im_of_no_images_is_empty() -> None:
    assert ours.col2im(draw(0, 12), (0, 2, 4, 5), 2, 3).shape == (0, 2, 4, 5)


@pytest.mark.parametrize("pads", [(0, 0, 0, 1), (0, 0, 1, 0), (0, 1, 0, 0), (1, 0, 0, 0), (1, 2, 3, 4)])
def test_add_padding_and_remove_padding_are_inverse(pads: tuple[int, ...]) -> None:
    x, (top, bottom, left, right) = draw(1, 2, 3, 4), pads
    want = np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)))
    got = patches.add_padding(x, ((top, bottom), (left, right)))
    np.testing.assert_array_equal(got, want, strict=True)
    np.testing.assert_array_equal(patches.remove_padding(got, ((top, bottom), (left, right))), x, strict=True)


NO_PADS = (0, 0), (0, 0)


@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize("sides", [*itertools.product((0, 1, 7), (0, 2, 7), (0, 1, 3), (0, 1))], ids=str)
def test_padded_rows_are_the_rows_under_the_output_rows(sides: tuple[int, ...], dilation: int) -> None:
    """Also where all of them lie in the padding."""
    top, bottom, left, right = sides
    x, kernel, stride = draw(2, 3, 6, 5), 3, 2
    padded = np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)))
    tall = dilation * (kernel - 1) + 1
    OH, OW = (padded.shape[2] - tall) // stride + 1, padded.shape[3]
    window = Window((6, 5), (kernel, 1), (stride, 1), (dilation, 1), ((top, bottom), (left, right)), (OH, OW))
    for first, stop in itertools.combinations(range(OH + 1), 2):
        want = padded[:, :, first * stride : (stop - 1) * stride + tall]
        np.testing.assert_array_equal(patches.padded_rows(x, window, slice(first, stop)), want, strict=True)


def test_views_copy_nothing() -> None:
    x = draw(1, 2, 3, 4)
    assert patches.add_padding(x, NO_PADS) is x
    for image in (x, np.asfortranarray(x)):
        view = patches.view_windows(image, Window((3, 4), (2, 2), (1, 1), (1, 1), NO_PADS, (2, 3)))
        assert np.shares_memory(view, image)
        assert not view.flags.writeable  # windows overlap: what is written to one appears in others


@pytest.mark.parametrize("name", ["unfold", "fold"])
def test_unfold_and_fold_defaults_are_torchs(name: str) -> None:
    assert_defaults(name)


def test_col2im_refusal_states_the_shape_of_col() -> None:
    expected = r"\(N\*OH\*OW, C\*FH\*FW\) = \(90, 30\) for input_shape \(3, 5, 6, 8\), filter 2x3, stride 1, pad 0"
    with pytest.raises(ValueError, match=expected):
        ours.col2im(draw(90, 31), (3, 5, 6, 8), 2, 3)
    with pytest.raises(ValueError, match=r"^input_shape must be\b.*-1\b"):
        ours.col2im(draw(0, 30), (-1, 5, 6, 8), 2, 3)
