"""conv2d, conv_transpose2d and their gradients beside torch's; refusals; memory; what calls may not do."""

import tracemalloc
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

import impl.functional as ours
from impl.functional import shapes
from impl.functional.conv_algorithms import Geometry, banded, batched_im2col, im2col, pointwise, quickest, winograd

from .beside_torch import check, check_refused, draw
from .words import check_defaults, check_says


def conv(why: str, x: tuple[int, ...], W: tuple[int, ...], bias: bool = True, **options: Any) -> Any:
    return pytest.param(x, W, bias, options, id=why.replace(" ", "-"))


CONV = [
    #    the mistake it catches                x                  weight
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
def test_conv2d(x: tuple[int, ...], W: tuple[int, ...], bias: bool, options: dict[str, Any]) -> None:
    check("conv2d", arrays_for(x, W, W[0] if bias else None), options)


@pytest.mark.parametrize("x, W, bias, options", TRANSPOSED)
def test_conv_transpose2d(x: tuple[int, ...], W: tuple[int, ...], bias: bool, options: dict[str, Any]) -> None:
    check("conv_transpose2d", arrays_for(x, W, W[1] * options.get("groups", 1) if bias else None), options)


@settings(max_examples=40, deadline=None, database=None)
@given(st.data())
def test_conv2d_of_any_geometry(data: st.DataObject) -> None:
    """Also through blocks of a few bytes, so that every image, and every row of one, is a block of its own."""
    small = lambda low, high: data.draw(st.integers(low, high))  # noqa: E731
    groups, size, kernel = small(1, 2), (small(1, 9), small(1, 9)), (small(1, 3), small(1, 3))
    stride, dilation = (small(1, 3), small(1, 3)), (small(1, 2), small(1, 2))
    padding = tuple(max(small(0, 2), -(-(d * (k - 1) + 1 - n) // 2)) for n, k, d in zip(size, kernel, dilation))
    C, FN = groups * small(1, 2), groups * small(1, 3)
    arrays = arrays_for((small(1, 3), C, *size), (FN, C // groups, *kernel), FN)
    options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shapes, "BUDGET", small(1, 2000))
        patch.setattr(batched_im2col, "PLACES", data.draw(st.sampled_from([0, 64])))
        check("conv2d", arrays, options)


@pytest.mark.parametrize(
    "x, W", [((3, 4, 9, 10), (6, 4, 3, 2)), ((3, 4, 5, 6), (6, 4, 3, 2)), ((3, 4, 5, 6), (6, 4, 1, 1))]
)
def test_blocks_of_one_row_or_image(x: tuple[int, ...], W: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "BUDGET", 1)
    check("conv2d", arrays_for(x, W, W[0]), {})


def test_the_quick_way_is_taken() -> None:
    """Which way answers is no part of the result; that each is reached is part of the tests above."""
    one, none, f4, f8 = (1, 1), ((0, 0), (0, 0)), np.dtype("f4"), np.dtype("f8")
    single = Geometry(one, one, one, none, (5, 7), 1)
    assert quickest(single, (2, 3, 5, 7), 4, f8) is pointwise
    assert quickest(single, (2, 3, 5, 8), 4, f8) is batched_im2col
    short = Geometry((3, 2), one, one, none, (9, 9), 1)
    assert quickest(short, (2, 3, 11, 10), 4, f8) is im2col
    assert quickest(short, (2, 16, 11, 10), 16, f8) is winograd
    assert quickest(short, (2, 16, 11, 10), 16, np.dtype(int)) is im2col
    assert quickest(Geometry((5, 5), one, one, none, (10, 10), 1), (100, 6, 14, 14), 16, f4) is banded
    wide = Geometry((3, 3), one, one, none, (9, 20000), 1)
    assert quickest(wide, (2, 64, 11, 20002), 64, f4) is im2col  # one row of tiles would be more than a block


@pytest.mark.parametrize("dtype", ["int64", "int32", "int16", "int8", "uint8"])
def test_whole_numbers_wrap_as_in_torch(dtype: str) -> None:
    rng = np.random.default_rng(4)
    x, W, b = (rng.integers(0, 100, shape).astype(dtype) for shape in ((2, 4, 10, 11), (6, 2, 3, 2), (6,)))
    want = F.conv2d(torch.tensor(x), torch.tensor(W), torch.tensor(b), padding=1, groups=2).numpy()
    np.testing.assert_array_equal(ours.conv2d(x, W, b, padding=1, groups=2), want, strict=True)


def test_any_layout_is_read_and_nothing_is_written() -> None:
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


def test_an_earlier_output_is_not_overwritten() -> None:
    x, W = draw(2, 3, 20, 21), draw(4, 3, 3, 2)
    first = ours.conv2d(x, W)
    kept = first.copy()
    ours.conv2d(x + 1, W)
    np.testing.assert_array_equal(first, kept)


@pytest.mark.parametrize("side, filters, blocks", [(24, 8, 1), (9, 64, 4)], ids=["direct", "side by side"])
def test_the_columns_do_not_grow_with_the_batch(side: int, filters: int, blocks: int) -> None:
    """Beside what is returned: a block of columns, the one before it, and as much again for the rest."""
    x, W = np.ones((256, 16, side, side)), draw(filters, 16, 5, 5)
    dout = np.ones((256, filters, side - 4, side - 4))

    def beside_results(function: Any, *arrays: np.ndarray) -> int:
        tracemalloc.start()
        results = function(*arrays)
        peak: int = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak - sum(a.nbytes for a in (results if isinstance(results, tuple) else [results]) if a is not None)

    columns = x.itemsize * W[0].size * dout.size // filters
    assert columns > 4 * blocks * shapes.BUDGET
    assert beside_results(ours.conv2d, x, W) < 3 * blocks * shapes.BUDGET
    assert beside_results(ours.conv2d_backward, dout, x, W) < 3 * blocks * shapes.BUDGET


def test_the_gradient_for_the_input_can_be_left_out() -> None:
    x, W, b, dout = draw(2, 3, 11, 10), draw(4, 3, 3, 2), draw(4), draw(2, 4, 9, 9)
    none, dweight, dbias = ours.conv2d_backward(dout, x, W, b, needs_input=False)
    assert none is None
    np.testing.assert_array_equal(dweight, ours.conv2d_backward(dout, x, W, b)[1])
    np.testing.assert_array_equal(dbias, ours.conv2d_backward(dout, x, W, b)[2])


def test_dout_must_fit() -> None:
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
GOOD = {"input": draw(2, 3, 5, 6), "weight": draw(4, 3, 3, 2), "bias": draw(4)}
BAD_ARRAYS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("input", {"input": draw(5, 6)}, {}),
    ("input", {"input": draw(1, 2, 3, 5, 6)}, {}),
    ("input", {"input": draw(2, 2, 5, 6)}, {}),
    ("input", {"input": draw(2, 3, 0, 6)}, {"padding": 2}),
    ("input", {"input": draw(1, 3, 0, 6)}, {"padding": 2}),
    ("input", {"input": draw(3, 0, 6)}, {"padding": 2}),
    ("input", {"input": draw(2, 3, 5, 6).tolist()}, {}),
    ("input", {"input": None}, {}),
    ("weight", {"weight": draw(4, 3, 3)}, {}),
    ("weight", {"weight": draw(1, 4, 3, 3, 2)}, {}),
    ("weight", {"weight": draw(4, 3, 6, 2)}, {}),
    ("weight", {"weight": draw(4, 3, 3, 2)}, {"dilation": 3}),
    ("weight", {"weight": draw(4, 3, 0, 2)}, {}),
    ("weight", {"weight": draw(0, 3, 3, 2), "bias": draw(0)}, {}),
    ("weight", {"weight": draw(4, 3, 3, 2).astype("float32")}, {}),
    ("weight", {"input": draw(2, 3, 5, 6).astype(int)}, {}),
    ("bias", {"bias": draw(5)}, {}),
    ("bias", {"bias": draw(1)}, {}),
    ("bias", {"bias": draw(1, 4)}, {}),
    ("bias", {"bias": draw(4).astype("float32")}, {}),
    ("bias", {"bias": np.arange(4)}, {}),
    ("padding", {}, {"padding": "full"}),
    ("padding", {}, {"padding": "same", "stride": 2}),
    ("groups", {"input": draw(2, 4, 5, 6), "weight": draw(3, 2, 3, 2), "bias": draw(3)}, {"groups": 2}),
]


@pytest.mark.parametrize("name, value", BAD)
def test_conv2d_refuses(name: str, value: Any) -> None:
    check_refused("conv2d", "input" if value == 2 and name == "groups" else name, GOOD, {name: value})


@pytest.mark.parametrize("name, arrays, options", BAD_ARRAYS)
def test_conv2d_refuses_arrays(name: str, arrays: dict[str, Any], options: dict[str, Any]) -> None:
    check_refused("conv2d", name, {**GOOD, **arrays}, options)


TURNED = {"input": draw(2, 3, 5, 6), "weight": draw(3, 4, 3, 2), "bias": draw(4)}
BAD_TRANSPOSED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    *((name, {}, {name: value}) for name, value in BAD if (name, value) != ("groups", 3)),
    *(("output_padding", {}, {"output_padding": value}) for value in [1, (0, 1), *BAD_SIZES]),
    ("output_padding", {}, {"output_padding": 2, "stride": 2}),
    ("output_padding", {}, {"output_padding": (0, 1), "stride": (2, 1), "dilation": (2, 1)}),
    ("padding", {}, {"padding": "same"}),
    ("padding", {}, {"padding": 4}),
    ("bias", {}, {"groups": 3}),
    ("bias", {"bias": draw(2)}, {}),
    ("input", {"input": draw(2, 2, 5, 6)}, {}),
    ("input", {"input": draw(1, 2, 3, 5, 6)}, {}),
    ("input", {"input": draw(2, 3, 0, 6)}, {}),
    ("weight", {"weight": draw(3, 0, 3, 2), "bias": draw(0)}, {}),
    ("weight", {"weight": draw(0, 4, 3, 2), "input": draw(2, 0, 5, 6)}, {}),
    ("weight", {"weight": draw(3, 4, 0, 2)}, {}),
    ("weight", {"weight": draw(3, 4, 3, 2).astype("float32")}, {}),
]


@pytest.mark.parametrize("name, arrays, options", BAD_TRANSPOSED)
def test_conv_transpose2d_refuses(name: str, arrays: dict[str, Any], options: dict[str, Any]) -> None:
    check_refused("conv_transpose2d", name, {**TURNED, **arrays}, options)


@pytest.mark.parametrize("dtype", ["bool", "complex128", "object"])
def test_what_are_no_real_numbers_is_refused(dtype: str) -> None:
    with pytest.raises(TypeError, match="input must hold"):
        ours.conv2d(GOOD["input"].astype(dtype), GOOD["weight"].astype(dtype))


@pytest.mark.parametrize("name", ["conv2d", "conv_transpose2d"])
def test_the_defaults_are_torchs(name: str) -> None:
    check_defaults(name)


SIDES = "must be an int or a pair of ints, each at least"
WORDS: list[tuple[str, dict[str, Any]]] = [  # of both
    (f"stride {SIDES} 1; got 0", {"stride": 0}),
    (f"dilation {SIDES} 1; got 0", {"dilation": 0}),
    (f"padding {SIDES} 0; got -1", {"padding": -1}),
    ("groups must be an int of at least 1; got 0", {"groups": 0}),
]
CONV_WORDS: list[tuple[str, dict[str, Any]]] = [
    *WORDS,
    ("groups 3 must divide weight's first axis, at least 3; got (4, 3, 3, 2)", {"groups": 3}),
    ("weight must be at least 1x1; got shape (4, 3, 3, 0)", {"weight": draw(4, 3, 3, 0)}),
    ("input must have at least one row and column; got shape (2, 3, 5, 0)", {"input": draw(2, 3, 5, 0)}),
    (
        "input must have 3*2 = 6 channels for weight (4, 3, 2, 5) and groups 2; got 5, shape (2, 5, 7, 6)",
        {"groups": 2, "input": draw(2, 5, 7, 6), "weight": draw(4, 3, 2, 5)},
    ),
    (
        "weight (4, 3, 3, 2) does not fit input (2, 3, 5, 6): filter_size 3 with dilation 4 is a window of 9, "
        "larger than the padded input of 7 (input_size 5, pad 1); allowed: at most 7",
        {"dilation": (4, 1), "padding": 1},
    ),
    ("padding must be an int, a pair of ints, 'same' or 'valid'; got 'full'", {"padding": "full"}),
    ("padding 'same' is allowed with stride 1 only; got stride (1, 2)", {"padding": "same", "stride": (1, 2)}),
]
TRANSPOSED_WORDS: list[tuple[str, dict[str, Any]]] = [
    *WORDS,
    (f"output_padding {SIDES} 0; got -1", {"output_padding": -1}),
    ("weight must have at least one filter; got shape (3, 0, 3, 2)", {"weight": draw(3, 0, 3, 2)}),
    ("input must have 3 channels for weight (3, 4, 3, 2); got shape (2, 5, 7, 6)", {"input": draw(2, 5, 7, 6)}),
]


@pytest.mark.parametrize("message, change", CONV_WORDS)
def test_the_words_of_a_refusal(message: str, change: dict[str, Any]) -> None:
    check_says(message, lambda: ours.conv2d(**{**GOOD, **change}))


@pytest.mark.parametrize("message, change", TRANSPOSED_WORDS)
def test_the_words_of_a_transposes_refusal(message: str, change: dict[str, Any]) -> None:
    check_says(message, lambda: ours.conv_transpose2d(**{**TURNED, **change}))
