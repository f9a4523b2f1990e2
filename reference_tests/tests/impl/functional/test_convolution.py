"""conv2d, conv_transpose2d and their gradients against torch; refusals; effects that calls may not have."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

import impl.functional as ours
from impl.functional import memory
from impl.functional.conv_algorithms import batched_im2col
from impl.functional.shapes import Pair

from .torch_comparison import assert_defaults, assert_refused, assert_sums_agree, bad_calls, draw


def conv(why: str, x: tuple[int, ...], W: tuple[int, ...], bias: bool = True, **options: Any) -> Any:
    return pytest.param(x, W, bias, options, id=why.replace(" ", "-"))


CONV = [
    #    what it requires                      x                  weight
    conv("true convolution flips W", (2, 3, 7, 6), (4, 3, 5, 1)),
    conv("no bias", (2, 3, 7, 6), (4, 3, 5, 1), bias=False),
    conv("columns of more than 64 places", (2, 3, 13, 14), (4, 3, 3, 2)),
    conv("no bias and many places", (2, 3, 13, 14), (4, 3, 3, 2), bias=False),
    conv("stride forgotten in backward", (3, 2, 9, 5), (4, 2, 3, 1), stride=2),
    conv("windows leave gaps", (3, 2, 7, 10), (5, 2, 1, 1), stride=3),
    conv("a rest that no window reaches", (2, 3, 12, 17), (4, 3, 3, 2), stride=(2, 3)),
    conv("height and width exchanged", (2, 3, 16, 13), (4, 3, 2, 5), stride=(1, 2), padding=(2, 1), dilation=(3, 1)),
    conv("padding cut off in backward", (2, 3, 7, 5), (6, 3, 4, 2), padding=2),
    conv("padding wider than the filter", (2, 3, 8, 9), (4, 3, 2, 1), padding=(3, 2)),
    conv("same puts the odd pixel last", (2, 3, 7, 12), (4, 3, 4, 2), padding="same"),
    conv("same dilated", (2, 3, 9, 10), (4, 3, 2, 3), padding="same", dilation=(3, 2)),
    conv("same with a filter larger than the image", (2, 3, 2, 3), (4, 3, 5, 6), padding="same"),
    conv("valid", (2, 3, 7, 12), (4, 3, 4, 2), padding="valid", stride=2),
    conv("groups mixed", (2, 6, 11, 9), (9, 2, 3, 2), groups=3),
    conv("groups mixed in small outputs", (2, 6, 5, 4), (9, 2, 3, 2), groups=3),
    conv("depthwise", (2, 4, 12, 9), (8, 1, 3, 2), groups=4, padding=1),
    conv("1x1", (2, 3, 5, 7), (4, 3, 1, 1)),
    conv("1x1 with groups", (2, 6, 5, 7), (4, 3, 1, 1), groups=2),
    conv("1x1 with padding", (2, 3, 5, 7), (4, 3, 1, 1), padding=1),
    conv("1x1 with stride", (2, 3, 19, 17), (4, 3, 1, 1), stride=2),
    conv("no batch axis", (3, 7, 6), (4, 3, 2, 3)),
    conv("no batch axis, many places", (3, 17, 16), (4, 3, 2, 3), padding=1),
    conv("no batch axis, 1x1", (3, 7, 6), (4, 3, 1, 1)),
    conv("one place", (5, 3, 4, 6), (2, 3, 4, 6)),
    conv("one of everything", (1, 1, 1, 1), (1, 1, 1, 1)),
    conv("stride larger than the image", (2, 3, 4, 6), (2, 3, 2, 3), stride=100),
    conv("lists and numpy ints", (2, 3, 9, 8), (4, 3, 3, 2), stride=[2, 1], padding=[1], dilation=(1,)),
    conv("empty batch", (0, 3, 9, 12), (4, 3, 2, 3)),
    conv("empty batch, small output", (0, 3, 4, 4), (4, 3, 2, 3)),
    conv("empty batch, 1x1", (0, 3, 4, 4), (4, 3, 1, 1)),
    conv("empty batch of no rows", (0, 3, 0, 6), (4, 3, 2, 3), padding=2),
    conv("no channels", (2, 0, 5, 6), (4, 0, 3, 2)),
    conv("no channels and no rows", (2, 0, 0, 6), (4, 0, 3, 2), padding=2),
    conv("no channels, no batch axis", (0, 5, 6), (4, 0, 3, 2), bias=False),
]
TRANSPOSED = [
    conv("W flipped", (2, 3, 4, 5), (3, 4, 3, 2)),
    conv("no bias", (2, 3, 4, 5), (3, 4, 3, 2), bias=False),
    conv("stride", (2, 3, 4, 5), (3, 4, 3, 2), stride=(2, 3)),
    conv("many places", (2, 3, 10, 9), (3, 4, 3, 2), stride=(2, 1)),
    conv("padding cut off", (2, 3, 4, 6), (3, 4, 3, 2), padding=(1, 2)),
    conv("output padding", (2, 3, 4, 5), (3, 4, 3, 2), stride=2, output_padding=1),
    conv("output padding of one side", (2, 3, 4, 5), (3, 4, 3, 2), stride=(2, 3), output_padding=(0, 2)),
    conv("output padding under dilation", (2, 3, 4, 5), (3, 4, 3, 2), dilation=3, output_padding=(2, 1)),
    conv("output padding of 1x1", (2, 3, 4, 5), (3, 4, 1, 1), dilation=2, output_padding=1),
    conv("1x1", (2, 3, 4, 5), (3, 4, 1, 1)),
    conv("1x1 with stride", (2, 3, 4, 5), (3, 4, 1, 1), stride=2),
    conv("groups", (2, 6, 4, 5), (6, 2, 3, 2), groups=3, padding=1),
    conv("groups, many places", (2, 6, 9, 10), (6, 2, 3, 2), groups=2, stride=2),
    conv("no batch axis", (3, 4, 5), (3, 4, 3, 2), stride=2),
    conv("all but one pixel cut off", (2, 3, 5, 6), (3, 4, 3, 2), padding=3),
    conv("empty batch", (0, 3, 4, 5), (3, 4, 3, 2)),
]


def arrays_for(x: tuple[int, ...], W: tuple[int, ...], filters: int | None) -> dict[str, np.ndarray]:
    arrays = {"input": draw(*x), "weight": draw(*W, seed=2)}
    return arrays if filters is None else {**arrays, "bias": draw(filters, seed=3)}


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("x, W, bias, options", CONV)
def test_conv2d_agrees_with_torch(x: tuple[int, ...], W: tuple[int, ...], bias: bool, options: dict[str, Any]) -> None:
    assert_sums_agree("conv2d", {**arrays_for(x, W, W[0] if bias else None), **options})


@pytest.mark.parametrize("x, W, bias, options", TRANSPOSED)
def test_conv_transpose2d_agrees_with_torch(x: Any, W: Any, bias: bool, options: dict[str, Any]) -> None:
    filters = W[1] * options.get("groups", 1) if bias else None
    assert_sums_agree("conv_transpose2d", {**arrays_for(x, W, filters), **options})


@pytest.mark.slow
@settings(max_examples=40, deadline=None, database=None)
@given(st.data())
def test_conv2d_any_window_agrees_with_torch(data: st.DataObject) -> None:
    """Also through blocks of a few bytes, so that every image, and every row of one, is a block of its own."""
    small = lambda low, high: data.draw(st.integers(low, high))  # noqa: E731
    groups, size, kernel = small(1, 2), (small(1, 9), small(1, 9)), (small(1, 3), small(1, 3))
    stride, dilation = (small(1, 3), small(1, 3)), (small(1, 2), small(1, 2))
    padding = tuple(max(small(0, 2), -(-(d * (k - 1) + 1 - n) // 2)) for n, k, d in zip(size, kernel, dilation))
    C, FN = groups * small(1, 2), groups * small(1, 3)
    arrays = arrays_for((small(1, 3), C, *size), (FN, C // groups, *kernel), FN)
    options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(memory, "BUDGET", small(1, 2000))
        patch.setattr(batched_im2col, "PLACES", data.draw(st.sampled_from([0, 64])))
        assert_sums_agree("conv2d", {**arrays, **options})


@pytest.mark.parametrize("dtype", ["int64", "int32", "int16", "int8", "uint8"])
def test_conv2d_integers_wrap_as_in_torch(dtype: str) -> None:
    rng = np.random.default_rng(4)
    x, W, b = (rng.integers(0, 100, shape).astype(dtype) for shape in ((2, 4, 10, 11), (6, 2, 3, 2), (6,)))
    want = F.conv2d(torch.tensor(x), torch.tensor(W), torch.tensor(b), padding=1, groups=2).numpy()
    np.testing.assert_array_equal(ours.conv2d(x, W, b, padding=1, groups=2), want, strict=True)


def test_conv2d_any_memory_layout_is_read_and_not_written() -> None:
    x, W, b = draw(2, 3, 11, 10), draw(4, 3, 3, 2), draw(4)
    dout = draw(2, 4, 9, 9)
    want = [ours.conv2d(x, W, b), *ours.conv2d_backward(dout, x, W, b)]
    for turn in (np.asfortranarray, lambda a: a[::-1].copy()[::-1], lambda a: np.repeat(a, 2, axis=-1)[..., ::2]):
        d, image, filters, offsets = given = [turn(a) for a in (dout, x, W, b)]
        for a in given:
            a.flags.writeable = False
        got = [ours.conv2d(image, filters, offsets), *ours.conv2d_backward(d, image, filters, offsets)]
        for one, other in zip(got, want):
            assert one is not None and other is not None
            np.testing.assert_allclose(one, other, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(x, draw(2, 3, 11, 10))


def test_conv2d_backward_without_input_gradient_is_otherwise_equal() -> None:
    x, W, b, dout = draw(2, 3, 11, 10), draw(4, 3, 3, 2), draw(4), draw(2, 4, 9, 9)
    none, dweight, dbias = ours.conv2d_backward(dout, x, W, b, needs_input=False)
    assert none is None
    np.testing.assert_array_equal(dweight, ours.conv2d_backward(dout, x, W, b)[1])
    np.testing.assert_array_equal(dbias, ours.conv2d_backward(dout, x, W, b)[2])


def test_conv2d_backward_bad_dout_is_refused() -> None:
    x, W = draw(2, 3, 5, 6), draw(4, 3, 3, 2)
    for dout in (draw(2, 4, 3, 4), draw(4, 3, 5), draw(2, 4, 3, 5).astype(complex), draw(2, 4, 3, 5).tolist()):
        with pytest.raises((ValueError, TypeError), match="dout"):
            ours.conv2d_backward(dout, x, W)  # type: ignore[arg-type]
    assert ours.conv2d_backward(draw(2, 4, 3, 5), x.astype("float32"), W.astype("float32"))[0].dtype == "float32"
    with pytest.raises(TypeError, match="dout"):
        ours.conv2d_backward(draw(2, 4, 3, 5), x.astype(int), W.astype(int))


BAD_SIZES = [-1, 1.0, 2.5, "1", None, True, (1, 2, 3), (), (1.0, 2), (True, 2)]
BAD: list[tuple[str, Any]] = [
    *(("stride", value) for value in [0, (0, 1), *BAD_SIZES]),
    *(("padding", value) for value in [(-1, 0), *BAD_SIZES]),
    *(("dilation", value) for value in [0, (1, 0), *BAD_SIZES]),
    *(("groups", value) for value in [0, -1, 2, 3, 1.0, True, None, (1,)]),
]
GOOD: dict[str, Any] = {"input": draw(2, 3, 5, 6), "weight": draw(4, 3, 3, 2), "bias": draw(4)}
FLOAT32 = GOOD["weight"].astype("float32")
BAD_CALLS: list[tuple[str, dict[str, Any]]] = [
    *(("input" if row == ("groups", 2) else row[0], {**GOOD, row[0]: row[1]}) for row in BAD),
    *bad_calls(GOOD, input=[draw(5, 6), draw(1, 2, 3, 5, 6), draw(2, 2, 5, 6), draw(2, 3, 5, 6).tolist(), None]),
    *bad_calls({**GOOD, "padding": 2}, input=[draw(2, 3, 0, 6), draw(1, 3, 0, 6), draw(3, 0, 6)]),
    *bad_calls(GOOD, weight=[draw(4, 3, 3), draw(1, 4, 3, 3, 2), draw(4, 3, 6, 2), draw(4, 3, 0, 2), FLOAT32]),
    *bad_calls({**GOOD, "dilation": 3}, weight=[draw(4, 3, 3, 2)]),
    *bad_calls({**GOOD, "bias": draw(0)}, weight=[draw(0, 3, 3, 2)]),
    *bad_calls({**GOOD, "input": draw(2, 3, 5, 6).astype(int)}, weight=[draw(4, 3, 3, 2)]),
    *bad_calls(GOOD, bias=[draw(5), draw(1), draw(1, 4), draw(4).astype("float32"), np.arange(4)], padding=["full"]),
    *bad_calls({**GOOD, "stride": 2}, padding=["same"]),
    *bad_calls({"input": draw(2, 4, 5, 6), "weight": draw(3, 2, 3, 2), "bias": draw(3)}, groups=[2]),
]


@pytest.mark.parametrize("name, call", BAD_CALLS)
def test_conv2d_bad_argument_is_refused(name: str, call: dict[str, Any]) -> None:
    assert_refused("conv2d", name, call)


TURNED: dict[str, Any] = {"input": draw(2, 3, 5, 6), "weight": draw(3, 4, 3, 2), "bias": draw(4)}
BAD_TRANSPOSED: list[tuple[str, dict[str, Any]]] = [
    *((name, {**TURNED, name: value}) for name, value in BAD if (name, value) != ("groups", 3)),
    *bad_calls(TURNED, output_padding=[1, (0, 1), *BAD_SIZES], padding=["same", 4]),
    *bad_calls({**TURNED, "stride": 2}, output_padding=[2]),
    *bad_calls({**TURNED, "stride": (2, 1), "dilation": (2, 1)}, output_padding=[(0, 1)]),
    *bad_calls({**TURNED, "groups": 3}, bias=[draw(4)]),
    *bad_calls(TURNED, bias=[draw(2)], input=[draw(2, 2, 5, 6), draw(1, 2, 3, 5, 6), draw(2, 3, 0, 6)]),
    *bad_calls({**TURNED, "bias": draw(0)}, weight=[draw(3, 0, 3, 2)]),
    *bad_calls({**TURNED, "input": draw(2, 0, 5, 6)}, weight=[draw(0, 4, 3, 2)]),
    *bad_calls(TURNED, weight=[draw(3, 4, 0, 2), draw(3, 4, 3, 2).astype("float32")]),
]


@pytest.mark.parametrize("name, call", BAD_TRANSPOSED)
def test_conv_transpose2d_bad_argument_is_refused(name: str, call: dict[str, Any]) -> None:
    assert_refused("conv_transpose2d", name, call)


@pytest.mark.parametrize("dtype", ["bool", "complex128", "object"])
def test_conv2d_input_without_real_numbers_is_refused(dtype: str) -> None:
    with pytest.raises(TypeError, match="input must hold"):
        ours.conv2d(GOOD["input"].astype(dtype), GOOD["weight"].astype(dtype))


@pytest.mark.parametrize("name", ["conv2d", "conv_transpose2d"])
def test_convolution_defaults_are_torchs(name: str) -> None:
    assert_defaults(name)


def test_conv2d_refusal_states_the_sizes() -> None:
    with pytest.raises(ValueError, match=r"3\*2 = 6 channels .* groups 2; got 5"):
        ours.conv2d(draw(2, 5, 7, 6), draw(4, 3, 2, 5), groups=2)
    with pytest.raises(ValueError, match=r"window of 9, larger than the padded input of 7 .* at most 7"):
        ours.conv2d(**{**GOOD, "dilation": (4, 1), "padding": 1})


@pytest.mark.parametrize("name, pair", [("stride", (1, 0)), ("dilation", (0, 2)), ("padding", (-1, 1))])
@pytest.mark.parametrize("function", ["conv2d", "conv_transpose2d"])
def test_convolution_refusal_is_about_the_argument_itself(function: str, name: str, pair: Pair) -> None:
    """Both its numbers, and not a size that was worked out from it."""
    assert_named(name, pair, lambda: getattr(ours, function)(draw(1, 2, 5, 6), draw(2, 2, 2, 2), **{name: pair}))


def assert_named(name: str, pair: Pair, call: Callable[[], Any]) -> None:
    with pytest.raises(ValueError, match=rf"^{name} must be\b.*{re.escape(repr(pair))}"):
        call()


def test_conv_transpose2d_refusal_names_output_padding() -> None:
    x, W = draw(1, 2, 5, 6), draw(2, 2, 2, 2)
    assert_named("output_padding", (0, -1), lambda: ours.conv_transpose2d(x, W, output_padding=(0, -1)))
