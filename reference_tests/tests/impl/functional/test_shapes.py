"""The one shape formula against the book's numbers, torch's shapes and counting; the checks of arrays."""

import itertools
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from impl.functional import checks, shapes
from impl.functional.shapes import (
    Pair,
    Window,
    check_flag,
    check_integer,
    check_pair,
    conv_output_size,
    conv_transpose_output_size,
    pool_output_size,
)

from .torch_comparison import assert_message


def counted(size: int, window: int, stride: int, pad: int, dilation: int) -> tuple[int, bool]:
    """Windows counted one by one, and whether the last one ends at the edge."""
    starts = [s for s in range(0, size + 2 * pad, stride) if s + dilation * (window - 1) < size + 2 * pad]
    return len(starts), bool(starts) and starts[-1] + dilation * (window - 1) + 1 == size + 2 * pad


@pytest.mark.parametrize(
    "size, window, stride, pad, want",
    [(7, 3, 1, 0, 5), (7, 3, 2, 0, 3), (4, 3, 1, 0, 2), (4, 3, 1, 1, 4), (28, 5, 1, 0, 24), (227, 11, 4, 0, 55)],
)
def test_conv_output_size_gives_the_books_numbers(size: int, window: int, stride: int, pad: int, want: int) -> None:
    got = conv_output_size(size, window, stride, pad)
    assert got == want
    assert type(got) is int


def test_conv_output_size_equals_counting() -> None:
    for size, window, stride, pad, dilation in itertools.product(
        range(1, 9), range(1, 5), range(1, 5), (0, 1, 3), (1, 2)
    ):
        count, ends_at_edge = counted(size, window, stride, pad, dilation)
        if not count:
            for rounding in ("exact", "floor", "ceil"):
                with pytest.raises(ValueError, match="larger than the padded input"):
                    conv_output_size(size, window, stride, pad, dilation, rounding)
            continue
        assert conv_output_size(size, window, stride, pad, dilation, "floor") == count
        if ends_at_edge:
            assert conv_output_size(size, window, stride, pad, dilation) == count
        else:
            with pytest.raises(ValueError, match=f"stride {stride} does not divide"):
                conv_output_size(size, window, stride, pad, dilation)


def test_pool_output_size_equals_torch() -> None:
    for size, window, stride, dilation, ceil in itertools.product(
        range(1, 9), range(1, 5), range(1, 5), (1, 2), (False, True)
    ):
        for pad in range(window // 2 + 1):
            x = torch.zeros(1, 1, size, size)
            try:
                want = F.max_pool2d(x, window, stride, pad, dilation, ceil).shape[2]
            except RuntimeError:
                with pytest.raises(ValueError, match="larger than the padded input"):
                    pool_output_size(size, window, stride, pad, dilation, ceil)
            else:
                assert pool_output_size(size, window, stride, pad, dilation, ceil) == want
                if dilation * (window - 1) < size + 2 * pad:
                    rounding = "ceil" if ceil else "floor"
                    assert conv_output_size(size, window, stride, pad, dilation, rounding) == want


def test_conv_transpose_output_size_inverts_conv_output_size() -> None:
    for size, window, stride, pad, dilation in itertools.product(range(1, 12), (1, 2, 3), (1, 2, 3), (0, 1), (1, 2)):
        if not counted(size, window, stride, pad, dilation)[0]:
            continue
        out = conv_output_size(size, window, stride, pad, dilation, "floor")
        rest = (size + 2 * pad - dilation * (window - 1) - 1) % stride
        assert conv_transpose_output_size(out, window, stride, pad, rest, dilation) == size


@pytest.mark.parametrize(
    "name, value, error",
    [
        ("input_size", 5.0, TypeError),
        ("input_size", -1, ValueError),
        ("filter_size", 0, ValueError),
        ("filter_size", True, TypeError),
        ("stride", 0, ValueError),
        ("stride", (1, 1), TypeError),
        ("pad", -1, ValueError),
        ("pad", np.bool_(True), TypeError),
        ("dilation", 0, ValueError),
        ("dilation", "2", TypeError),
        ("rounding", "up", ValueError),
    ],
)
def test_conv_output_size_bad_value_is_named(name: str, value: object, error: type[Exception]) -> None:
    with pytest.raises(error, match=name) as refusal:
        conv_output_size(**{"input_size": 7, "filter_size": 3, name: value})  # type: ignore[arg-type]
    assert repr(value) in str(refusal.value)


@pytest.mark.parametrize("extra, pad, word", [(2, 0, "output_padding"), (-1, 0, "output_padding"), (0, 9, "padding")])
def test_conv_transpose_output_size_below_one_is_refused(extra: int, pad: int, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        conv_transpose_output_size(3, 3, 2, pad, extra)
    assert conv_transpose_output_size(3, 3, 1, 0, 2, dilation=3) == 11


@pytest.mark.parametrize("value", [2, (2, 2), [2, 2], np.int32(2), (np.int64(2), 2), (2,), np.array(2)])
def test_check_pair_returns_two_ints(value: object) -> None:
    assert check_pair("stride", value, at_least=1) == (2, 2)


NO_INTS = [True, 2.0, None, "2", (2, 2.0), (True, 2), np.array(True), np.array([2, 2])]
OUT_OF_RANGE = [(), (1, 2, 3), (0, 1), (1, 0), 0, -1]


@pytest.mark.parametrize("error, value", [*((TypeError, v) for v in NO_INTS), *((ValueError, v) for v in OUT_OF_RANGE)])
def test_check_pair_bad_value_is_refused(error: type[Exception], value: object) -> None:
    with pytest.raises(error, match="stride must be an int or a pair of ints, each at least 1; got"):
        check_pair("stride", value, at_least=1)


def test_check_pair_of_one_is_refused_unless_single() -> None:
    with pytest.raises(ValueError, match="kernel_size"):
        check_pair("kernel_size", (2,), single=False)
    assert check_pair("output_size", (-1, 0)) == (-1, 0)
    assert check_integer("n", -3) == -3


def test_output_size_defaults() -> None:
    """Also for an axis of no pixels."""
    assert conv_output_size(7, 3) == 5
    assert conv_output_size(0, 1, pad=1) == 2
    assert conv_transpose_output_size(4, 3) == 6
    assert conv_transpose_output_size(0, 3) == 2
    assert check_pair("stride", 1, at_least=1) == (1, 1)


def test_check_integer_and_check_flag_bad_value_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^n must be an int"):
        check_integer("n", 1.5)
    with pytest.raises(ValueError, match=r"^n must be an int of at least 2"):
        check_integer("n", 1, at_least=2)
    with pytest.raises(TypeError, match=r"^ceil_mode must be True or False"):
        check_flag("ceil_mode", 1)
    assert check_flag("ceil_mode", np.True_) is True


def test_plane_size_is_the_last_two_axes() -> None:
    assert shapes.plane_size(np.zeros((2, 3, 5, 7))) == (5, 7)


@pytest.mark.parametrize("function, pad", [(conv_output_size, 1), (conv_transpose_output_size, 0)])
@pytest.mark.parametrize(
    "name, least", [("input_size", 0), ("filter_size", 1), ("stride", 1), ("pad", 0), ("dilation", 1)]
)
def test_output_size_below_the_least_is_refused(function: Callable[..., int], pad: int, name: str, least: int) -> None:
    sizes = {"input_size": 3, "filter_size": 2, "pad": pad}
    assert function(**{**sizes, name: least}) >= 1
    assert_message(f"{name} must be an int of at least {least}", lambda: function(**{**sizes, name: least - 1}))


@pytest.mark.parametrize(
    "numbers, function, sizes",
    [
        ("window of 17, larger than the padded input of 13 (input_size 7, pad 3); allowed: at most 13",
         conv_output_size, {"input_size": 7, "filter_size": 5, "dilation": 4, "pad": 3}),
        ("(9 + 2*3 - 5) / 4 + 1 is no whole number",
         conv_output_size, {"input_size": 9, "filter_size": 3, "stride": 4, "pad": 3, "dilation": 2}),
        ("allowed: 0 to 4", conv_transpose_output_size,
         {"input_size": 3, "filter_size": 3, "stride": 5, "dilation": 2, "output_padding": 7}),
        ("leaves an output of -4", conv_transpose_output_size,
         {"input_size": 3, "filter_size": 4, "stride": 2, "dilation": 3, "pad": 9}),
    ],
)  # fmt: skip
def test_output_size_refusal_states_sizes(numbers: str, function: Callable[..., int], sizes: dict[str, int]) -> None:
    assert_message(numbers, lambda: function(**sizes))


def test_conv_transpose_output_size_of_one_is_allowed() -> None:
    assert conv_transpose_output_size(3, 3, 1, 2) == 1
    with pytest.raises(ValueError, match="leaves an output of 0"):
        conv_transpose_output_size(2, 3, 1, 2)


X = np.zeros((2, 3))


@pytest.mark.parametrize(
    "error, expected, function, arguments",
    [
        (TypeError, "x must be a NumPy array", checks.check_array, ("x", [1.0], (1,))),
        (TypeError, "x must hold real numbers", checks.check_array, ("x", X * 1j, (2,))),
        (ValueError, "x must have 3 or 4 axes; got 2", checks.check_array, ("x", X, (3, 4))),
        (ValueError, "x must have shape (3, 2)", checks.check_array, ("x", X, (2,), (3, 2))),
        (TypeError, "x must be a NumPy array", checks.check_numeric, ("x", 1.0)),
        (TypeError, "x must hold floating-point numbers", checks.check_numeric, ("x", X > 0, "f")),
        (TypeError, "x must hold numbers", checks.check_numeric, ("x", X > 0, "fiu")),
        (TypeError, "x must hold real numbers or bools", checks.check_numeric, ("x", X * 1j)),
        *((TypeError, "x must be a number", checks.check_real, ("x", value))
          for value in ("1", 1j, np.complex128(1j), np.ones(1), np.array(1j))),
        (TypeError, "dout must hold real numbers", checks.check_upstream, (X * 1j, (2, 3), X.dtype)),
        (ValueError, "dout must have shape (3, 2)", checks.check_upstream, (X, (3, 2), X.dtype)),
        (ValueError, "dout must have 0 axes", checks.check_upstream, ([1.0], (), X.dtype)),
        (TypeError, "dout must be a NumPy array", checks.check_upstream, ([1.0], (1,), X.dtype)),
        (TypeError, "a dtype that int64 can hold", checks.check_upstream, (X, (2, 3), np.dtype("i8"))),
        (ValueError, "x must have 4 axes, (N, C, H, W)", checks.check_images, ("x", X)),
        (TypeError, "W must hold real numbers", lambda W: checks.as_floats(x=X, W=W), (X * 1j,)),
        (RuntimeError, "object.backward needs a forward", checks.require_forward, (None, object())),
    ],
)  # fmt: skip
def test_check_bad_value_is_refused(error: Any, expected: str, function: Callable[..., Any], arguments: Any) -> None:
    with pytest.raises(error, match=re.escape(expected)):
        function(*arguments)


def test_check_good_value_is_returned() -> None:
    assert checks.check_array("x", X, (1, 2), (2, 3)) is checks.check_upstream(X, (2, 3), X.dtype) is X
    for one in (1, 1.0, True, np.True_, np.float32(1), np.array(1), np.array(True)):
        number = checks.check_real("x", one)
        assert number == 1 and type(number) is float
    scalar = checks.check_numeric("x", np.float32(2))
    assert isinstance(scalar, np.ndarray) and scalar.shape == ()
    assert checks.check_upstream(2, (), X.dtype) == 2.0


def test_add_batch_and_drop_batch_are_inverse() -> None:
    assert checks.add_batch(X, 2) is checks.drop_batch(X, 1, X) is X
    assert checks.add_batch(X, 3).shape == (1, 2, 3)
    np.testing.assert_array_equal(checks.drop_batch(X, 2, np.arange(4).reshape(2, 2)), [0, 1])


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "longdouble", "i8", "u1"])
def test_keep_where_equals_numpy_where(dtype: str) -> None:
    values = (np.random.default_rng(9).normal(size=(3, 4, 10)) * 5).astype(dtype)
    if values.dtype.kind == "f":
        values.flat[:6] = np.nan, np.inf, -np.inf, 0, np.nan, np.inf
    mask = np.arange(values.size).reshape(values.shape) % 3 > 0
    for turn in (lambda a: a, np.asfortranarray, lambda a: a[:, ::2, ::-3], lambda a: a[0, 0, 1].reshape(())):
        one, other = turn(values), turn(mask)
        got = checks.keep_where(other, one)
        assert isinstance(got, np.ndarray)
        np.testing.assert_array_equal(got, np.where(other, one, one.dtype.type(0)), strict=True)


# --- windows ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stride, dilation", [(1, 1), (2, 1), (3, 1), (1, 2), (2, 2), (3, 2)])
@pytest.mark.parametrize("size, pads", [*((6, pads) for pads in ((0, 0), (2, 0), (0, 3), (1, 2), (9, 8))), (2, (9, 8))])
def test_reach_is_every_place_whose_tap_lies_on_the_plane(size: int, pads: Pair, stride: int, dilation: int) -> None:
    """Counted one by one; for a plane of two pixels a stride of 3 leaves out some tap."""
    kernel = 3
    out = (size + sum(pads) - dilation * (kernel - 1) - 1) // stride + 1
    one = Window((1, size), (1, kernel), (1, stride), (1, dilation), ((0, 0), pads), (1, out))
    other = Window((size, 1), (kernel, 1), (stride, 1), (dilation, 1), (pads, (0, 0)), (out, 1))
    for axis, window in ((1, one), (0, other)):
        for tap in range(kernel):
            met = [(place, place * stride + tap * dilation - pads[0]) for place in range(out)]
            want = [(place, pixel) for place, pixel in met if 0 <= pixel < size]
            places, pixels = window.reach(axis, tap)
            assert [*zip(range(out)[places], range(size)[pixels], strict=True)] == want


def test_taps_are_counted_along_the_rows_of_the_kernel() -> None:
    window = shapes.fit_window("", (9, 8), (3, 2), (2, 1), (1, 0), (1, 2))
    for number, (tap, places, pixels) in enumerate(window.taps()):
        rows, columns = window.reach(0, number // 2), window.reach(1, number % 2)
        assert (tap, places, pixels) == (number, (..., rows[0], columns[0]), (..., rows[1], columns[1]))


def test_window_of_a_pair_has_each_number_on_its_axis() -> None:
    window = shapes.fit_window("", (9, 8), (3, 2), (2, 1), (1, 0), (1, 2))
    assert window == Window((9, 8), (3, 2), (2, 1), (1, 2), ((1, 1), (0, 0)), (5, 6))
    assert shapes.fit_window("", (9, 8), (3, 2)) == Window((9, 8), (3, 2), (1, 1), (1, 1), ((0, 0), (0, 0)), (7, 7))
