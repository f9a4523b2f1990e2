"""Max, average and adaptive average pooling with their gradients against torch; refusals; ties, nan and infinities."""

import itertools
from typing import Any, cast

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

import impl.functional as ours
from impl.functional import pooling
from impl.functional.pooling import pool_max, pool_max_backward, pool_mean, pool_mean_backward
from impl.functional.shapes import Window

from .torch_comparison import (
    assert_defaults,
    assert_equal,
    assert_message,
    assert_refused,
    assert_sums_agree,
    bad_calls,
    draw,
)

SHAPES = [(2, 3, 9, 12), (3, 7, 6), (1, 1, 5, 5), (0, 3, 7, 6)]
WINDOWS: list[dict[str, Any]] = [
    #  what it requires
    {"kernel_size": 2},
    {"kernel_size": (3, 2)},  # height and width exchanged
    {"kernel_size": (2, 5), "stride": (3, 2)},
    {"kernel_size": 3, "stride": 1},  # windows that overlap: gradients are summed
    {"kernel_size": 2, "stride": 3},  # gaps
    {"kernel_size": (3, 4), "stride": (2, 1), "padding": (1, 2)},
    {"kernel_size": 3, "padding": 1, "ceil_mode": True},
    {"kernel_size": (2, 3), "stride": (4, 2), "ceil_mode": True},
    {"kernel_size": 1, "stride": 4, "ceil_mode": True},  # a last window that would start off the image
    {"kernel_size": 4, "stride": (3, 5), "padding": 2, "ceil_mode": True},
    {"kernel_size": [2, 1], "stride": (), "padding": [1, 0]},
    {"kernel_size": np.int64(2), "stride": (2,), "padding": (0,)},
    {"kernel_size": 5, "stride": 100},
]
DILATED: list[dict[str, Any]] = [
    {"kernel_size": 2, "dilation": 2},
    {"kernel_size": (3, 2), "dilation": (1, 3), "stride": (1, 2), "padding": 1},
    {"kernel_size": 2, "dilation": 3, "stride": 3, "padding": 1, "ceil_mode": True},
]
INNER = {"count_include_pad": False}
DIVISORS: list[dict[str, Any]] = [{}, INNER, {"divisor_override": 3}, {"divisor_override": -2, **INNER}]


def fits(shape: tuple[int, ...], window: dict[str, Any]) -> bool:
    try:
        F.max_pool2d(torch.zeros(1, 1, *shape[-2:]), **window)
    except RuntimeError:
        return False
    return True


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("window", [*WINDOWS, *DILATED], ids=str)
def test_max_pool2d_equals_torch(window: dict[str, Any], dtype: str) -> None:
    shapes = [shape for shape in SHAPES if fits(shape, window)]
    assert len(shapes) > 1
    for shape in shapes:
        check_max(draw(*shape).round(1).astype(dtype), window)  # rounded: with ties


def check_max(x: np.ndarray, window: dict[str, Any]) -> None:
    """Values and places exactly; gradients, sums of dout where windows overlap, within 4 * n * eps * sum|dout|."""
    leaf = torch.tensor(x.astype("float64"), requires_grad=True)
    want, where = F.max_pool2d(leaf, **window, return_indices=True)
    out, indices = ours.max_pool2d(x, **window, return_indices=True)
    np.testing.assert_array_equal(out, want.detach().numpy().astype(x.dtype), strict=True)
    np.testing.assert_array_equal(indices, where.numpy(), strict=True)
    np.testing.assert_array_equal(ours.max_pool2d(x, **window), out, strict=True)

    if x.size and np.isinf(F.max_pool2d(torch.zeros(1, *x.shape[-2:]), **window).numpy()).any():
        return  # a dilated window that sees only padding: there torch's backward writes past its array

    def gradient(dout: np.ndarray) -> np.ndarray:
        return torch.autograd.grad(want, leaf, torch.tensor(dout), retain_graph=True)[0].numpy()

    dout = draw(*out.shape, seed=1).astype(x.dtype)
    exact = dout.astype("float64")
    got = ours.max_pool2d_backward(dout, x, **window)
    assert (got.dtype, got.shape) == (x.dtype, x.shape)
    allowed = 4 * gradient(np.ones_like(exact)) * np.finfo(x.dtype).eps * gradient(np.abs(exact))
    assert np.all(np.abs(got - gradient(exact)) <= allowed)


@pytest.mark.parametrize("divisor", DIVISORS, ids=str)
@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_avg_pool2d_agrees_with_torch(window: dict[str, Any], divisor: dict[str, Any]) -> None:
    shapes = [shape for shape in SHAPES if fits(shape, window)]
    assert len(shapes) > 1
    for shape in shapes:
        assert_sums_agree("avg_pool2d", {"input": draw(*shape), **window, **divisor}, terms=26)  # 5x5 and the division


@pytest.mark.slow
@settings(max_examples=60, deadline=None, database=None)
@given(st.data())
def test_pooling_any_window_agrees_with_torch(data: st.DataObject) -> None:
    small = lambda low, high: data.draw(st.integers(low, high))  # noqa: E731
    size, kernel = (small(1, 9), small(1, 9)), (small(1, 4), small(1, 4))
    window: dict[str, Any] = {"kernel_size": kernel, "stride": (small(1, 4), small(1, 4))}
    window |= {"padding": tuple(small(0, k // 2) for k in kernel), "ceil_mode": data.draw(st.booleans())}
    dilated = {**window, "dilation": (small(1, 3), small(1, 3))}
    x = draw(small(1, 2), small(1, 3), *size).round(1)
    if fits(x.shape, dilated):
        check_max(x, dilated)
    if fits(x.shape, window):
        assert_sums_agree("avg_pool2d", {"input": x, **window, "count_include_pad": data.draw(st.booleans())}, terms=17)


@pytest.mark.parametrize(
    "output_size", [1, 2, 5, (3, 7), (None, 4), (2, None), [9, 12], (20, 5), (1, 30), (None, None)]
)
def test_adaptive_avg_pool2d_agrees_with_torch(output_size: Any) -> None:
    for shape in ((2, 3, 9, 12), (3, 7, 6), (0, 3, 7, 6)):
        assert_sums_agree("adaptive_avg_pool2d", {"input": draw(*shape), "output_size": output_size}, terms=9 * 12 + 1)


@pytest.mark.parametrize("output_size", [1, 2, 3, 5, (2, 3), (2, 5), (None, 1), (None, 4)])
def test_adaptive_max_pool2d_equals_torch(output_size: Any) -> None:
    """torch has only an output with indices; whole numbers, so nothing is rounded."""
    for shape in ((2, 3, 9, 11), (3, 7, 6), (2, 1, 5, 4), (2, 3, 4, 4), (2, 3, 1, 3), (2, 3, 3, 2)):
        x = np.random.default_rng(8).permutation(np.prod(shape)).reshape(shape) / 1.0
        assert_equal("adaptive_max_pool2d", {"input": x, "output_size": output_size})


def test_adaptive_avg_pool2d_of_no_windows_is_empty() -> None:
    x = draw(2, 3, 7, 6)
    out = ours.adaptive_avg_pool2d(x, (0, 2))
    assert out.shape == (2, 3, 0, 2)
    np.testing.assert_array_equal(ours.adaptive_avg_pool2d_backward(out, x, (0, 2)), np.zeros_like(x))
    assert ours.adaptive_avg_pool2d(x[:, :0], 2).shape == (2, 0, 2, 2)


NAN, INF = np.nan, np.inf


@pytest.mark.parametrize("value", [NAN, INF, -INF])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_pooling_nan_and_infinity_spread_as_in_torch(value: float, dtype: str) -> None:
    """nan wins, the last of several; minus infinity is a value like others, and padding is none; nothing spreads."""
    rng = np.random.default_rng(5)
    x = draw(2, 3, 8, 9).astype(dtype)
    x[rng.random(x.shape) < 0.3] = value
    x[1, 1] = value
    check_max(x, {"kernel_size": 2})
    check_max(x, {"kernel_size": 3, "dilation": 2})
    check_max(x, {"kernel_size": 3, "dilation": 2, "padding": 1})  # where the first tap is in the padding
    for kernel in (3, (3, 2)):
        check_max(x, {"kernel_size": kernel, "stride": 1, "padding": 1})
    x = draw(2, 3, 8, 9).astype(dtype)
    x[0, 1, 3, 4] = value
    means: list[tuple[str, dict]] = [("avg_pool2d", {"kernel_size": 3, "padding": 1})]
    for name, options in [*means, ("adaptive_avg_pool2d", {"output_size": (3, 4)})]:
        want = getattr(F, name)(torch.tensor(x), **options).numpy()
        np.testing.assert_allclose(getattr(ours, name)(x, **options), want, rtol=0, atol=1e-5, strict=True)


def test_max_pool2d_window_of_padding_has_no_gradient() -> None:
    """torch's own backward writes past its array there."""
    x = draw(1, 1, 2, 3)
    out = ours.max_pool2d(x, 2, 1, 1, 3)
    assert out.tolist() == F.max_pool2d(torch.tensor(x), 2, 1, 1, 3).tolist() == [[[[-INF, -INF]]]]
    np.testing.assert_array_equal(ours.max_pool2d_backward(np.ones((1, 1, 1, 2)), x, 2, 1, 1, 3), np.zeros_like(x))


def test_pooling_windows_beside_the_plane_are_empty() -> None:
    """Far in the padding, as the layers allow it: 2x2 windows at -5 and 1 along an axis of one pixel."""
    x, window = np.ones((1, 2, 1, 1)), Window((1, 1), (2, 2), (6, 6), (1, 1), ((5, 5), (5, 5)), (2, 2))
    dout = np.ones((1, 2, 2, 2))
    np.testing.assert_array_equal(pool_max(x, window), np.full_like(dout, -INF), strict=True)
    np.testing.assert_array_equal(pool_mean(x, window, np.array(4.0)), np.zeros_like(dout), strict=True)
    np.testing.assert_array_equal(pool_max_backward(dout, x, window), np.zeros_like(x), strict=True)
    np.testing.assert_array_equal(pool_mean_backward(dout, window, np.array(4.0)), np.zeros_like(x), strict=True)


def test_max_pool2d_backward_infinite_dout_gives_no_nan() -> None:
    x = draw(1, 1, 4, 4)
    dout = np.full((1, 1, 2, 2), INF)
    assert np.isinf(ours.max_pool2d_backward(dout, x, 2)).sum() == 4
    assert not np.isnan(ours.max_pool2d_backward(dout, x, 2)).any()


@pytest.mark.parametrize("dtype", ["int64", "int32", "int8", "uint8"])
def test_max_pool2d_of_integers_equals_torch(dtype: str) -> None:
    info = np.iinfo(dtype)
    x = np.random.default_rng(6).integers(info.min, info.max, (2, 3, 7, 6), dtype, endpoint=True)
    x[0, 0] = info.min
    for padding, ceil_mode in itertools.product((0, 1), (False, True)):
        want, where = F.max_pool2d(torch.tensor(x), 3, 2, padding, ceil_mode=ceil_mode, return_indices=True)
        out, indices = ours.max_pool2d(x, 3, 2, padding, ceil_mode=ceil_mode, return_indices=True)
        np.testing.assert_array_equal(out, want.numpy(), strict=True)
        np.testing.assert_array_equal(indices, where.numpy(), strict=True)
    np.testing.assert_array_equal(ours.max_pool2d(x > 0, 2, 2, 1), ours.max_pool2d(x, 2, 2, 1) > 0, strict=True)


def test_avg_pool2d_of_integers_rounds_towards_zero() -> None:
    x = np.random.default_rng(7).integers(-20, 20, (2, 3, 7, 6))
    for divisor, include in itertools.product((None, 5, -3), (True, False)):
        want = F.avg_pool2d(torch.tensor(x), (3, 2), 2, 1, True, include, divisor).numpy()
        np.testing.assert_array_equal(ours.avg_pool2d(x, (3, 2), 2, 1, True, include, divisor), want, strict=True)
    with pytest.raises(TypeError, match="input must hold floating-point"):
        ours.adaptive_avg_pool2d(x, 2)


def test_pooling_reads_any_layout_and_refuses_bad_dout() -> None:
    x, dout = np.asfortranarray(draw(2, 3, 6, 8))[:, :, ::-1], draw(2, 3, 3, 4)
    x.flags.writeable = dout.flags.writeable = False
    for name, size in (("max_pool2d", 2), ("avg_pool2d", 2), ("adaptive_avg_pool2d", (3, 4))):
        forward, backward = getattr(ours, name), getattr(ours, f"{name}_backward")
        np.testing.assert_array_equal(forward(x, size), forward(x.copy(), size))
        np.testing.assert_array_equal(backward(dout, x, size), backward(dout.copy(), x.copy(), size))
        with pytest.raises(ValueError, match="dout must have shape"):
            backward(dout[:, :, :2], x, size)
        assert not np.shares_memory(forward(x, x.shape[2:] if size == (3, 4) else 1), x)


SIZES: list[Any] = [0, -1, 1.0, "2", True, (1, 2, 3), (2.0, 2), (True, 2), (0, 1)]
BAD: list[tuple[str, dict[str, Any]]] = [
    *(("kernel_size", {"kernel_size": value}) for value in [*SIZES, None, (), 8, (2, 7), 100]),
    *(("stride", {"stride": value}) for value in SIZES),
    *(("padding", {"padding": value}) for value in [2, -1, (0, 2), (0, -1), (1, 0, 0), 1.0, True, None, (), "same"]),
    *(("ceil_mode", {"ceil_mode": value}) for value in (1, None, "yes")),
    ("kernel_size", {"kernel_size": (8, 2), "stride": 1, "ceil_mode": True}),
]


@pytest.mark.parametrize("name, window", BAD)
def test_pooling_bad_size_is_refused(name: str, window: dict[str, Any]) -> None:
    for function in ("max_pool2d", "avg_pool2d"):
        assert_refused(function, name, {"input": draw(2, 3, 7, 6), "kernel_size": 3, **window})


@pytest.mark.parametrize("name", ["kernel_size", "stride", "dilation"])
def test_pooling_refusal_is_about_the_argument_itself(name: str) -> None:
    """And not about a size that was worked out from it."""
    with pytest.raises(ValueError, match=rf"^{name} must be\b.*\b1\b.*\b0\b"):
        ours.max_pool2d(draw(2, 3, 7, 6), **cast(Any, {"kernel_size": 3, name: 0}))


def test_pooling_computes_every_plane_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where one is larger than a block: twice would be a race between two threads that write to it."""
    planes: list[int] = []
    monkeypatch.setattr(
        pooling, "run_blocks", lambda _, blocks: planes.extend(i for some, *_ in blocks for i in range(6)[some])
    )
    ours.max_pool2d(draw(2, 3, 200, 200), 2)
    assert sorted(planes) == [*range(6)]


PLANE: dict[str, Any] = {"input": draw(2, 3, 7, 6)}
OF_ONE_FUNCTION = [
    *(("max_pool2d", *row) for row in bad_calls({**PLANE, "kernel_size": 3}, dilation=[*SIZES, None, ()])),
    *(("max_pool2d", "kernel_size", {**PLANE, "kernel_size": 3, "dilation": value}) for value in (4, (2, 3))),
    *(("avg_pool2d", *row) for row in bad_calls({**PLANE, "kernel_size": 3}, divisor_override=[0, 2.0, True, (1,)])),
    *(("avg_pool2d", *row) for row in bad_calls({**PLANE, "kernel_size": 3}, count_include_pad=[0, None])),
    *(("adaptive_avg_pool2d", "output_size", {**PLANE, "output_size": value})
      for value in (None, -1, (2,), (1, 2, 3), 2.0, True, "2", (2.0, 1), (2, -1), (), (None,))),
]  # fmt: skip


@pytest.mark.parametrize("function, name, call", OF_ONE_FUNCTION)
def test_pooling_bad_argument_of_one_function_is_refused(function: str, name: str, call: dict[str, Any]) -> None:
    assert_refused(function, name, call)


@pytest.mark.parametrize(
    "shape", [(7, 6), (1, 2, 3, 7, 6), (2, 0, 7, 6), (0, 7, 6), (2, 3, 0, 6), (2, 3, 7, 0), (0, 3, 0, 6)]
)
def test_pooling_bad_shape_is_refused(shape: tuple[int, ...]) -> None:
    for function in ("max_pool2d", "avg_pool2d"):
        assert_refused(function, "input", {"input": draw(*shape), "kernel_size": 2, "padding": 1})
    if 0 not in shape or 0 in shape[-2:]:
        assert_refused("adaptive_avg_pool2d", "input", {"input": draw(*shape), "output_size": 2})


@pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d"])
def test_pooling_defaults_are_torchs(name: str) -> None:
    assert_defaults(name)


@pytest.mark.parametrize(
    "numbers, options",
    [
        ("kernel_size (5, 3); got 2", {"kernel_size": (5, 3), "padding": 2}),
        ("kernel_size (3, 5); got 2", {"kernel_size": (3, 5), "padding": 2}),
        ("window of 9, larger than the padded input of 8", {"kernel_size": 3, "dilation": 4, "padding": 1}),
    ],
)
def test_max_pool2d_refusal_states_the_sizes(numbers: str, options: dict[str, Any]) -> None:
    assert_message(numbers, lambda: ours.max_pool2d(draw(2, 3, 7, 6), **options))


@pytest.mark.parametrize("levels", [(), 3, [2, 0], (1.0,), None])
def test_spatial_pyramid_pool2d_bad_levels_are_refused(levels: Any) -> None:
    assert_message("levels", lambda: ours.spatial_pyramid_pool2d(draw(2, 3, 7, 6), levels))
