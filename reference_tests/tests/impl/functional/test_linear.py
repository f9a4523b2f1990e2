"""linear against torch, forward and backward, float64 and float32."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from impl import functional

from .torch_comparison import assert_agrees, assert_defaults, assert_message, assert_refused, bad_calls

RNG = np.random.default_rng(2)

SHAPES: list[tuple[tuple, tuple, list]] = [
    #  input            weight   biases
    ((3,),              (4, 3),  [(4,), None]),
    ((2, 3),            (4, 3),  [(4,), None, (1,), (), (2, 4), (1, 4)]),
    ((2, 5, 3),         (4, 3),  [(4,), (1,), (5, 4), (2, 5, 4)]),
    ((2, 1, 5, 1, 3),   (4, 3),  [(4,)]),
    ((1, 3),            (1, 3),  [(1,)]),
    ((7, 8),            (8, 8),  [(8,)]),
    ((0, 3),            (4, 3),  [(4,)]),
    ((2, 0, 3),         (4, 3),  [(4,)]),
    ((2, 0),            (4, 0),  [(4,)]),
    ((2, 3),            (0, 3),  [(0,), (1,)]),
    ((3,),              (3,),    [None, ()]),
    ((2, 3),            (3,),    [None]),
    ((2, 5, 3),         (3,),    [None]),
]  # fmt: skip
CASES = [(input, weight, bias) for input, weight, biases in SHAPES for bias in biases]


@pytest.mark.parametrize(("input", "weight", "bias"), CASES, ids=str)
def test_linear_agrees_with_torch(input, weight, bias):
    arrays = {"input": input, "weight": weight} | ({} if bias is None else {"bias": bias})
    assert_agrees("linear", **{name: np.asarray(RNG.standard_normal(shape)) for name, shape in arrays.items()})


def test_linear_odd_layouts_agree_with_torch():
    x, W, b = RNG.standard_normal((4, 5, 6)), RNG.standard_normal((3, 6)), RNG.standard_normal(6)
    assert_agrees("linear", input=x[::-1, ::2], weight=np.asfortranarray(W), bias=b[::2])
    assert_agrees("linear", input=x.transpose(2, 0, 1), weight=W[:, 4::-1], bias=b[:3])


@pytest.mark.parametrize("dtype", [np.int64, np.int32, np.uint8])
def test_linear_integers_give_torchs_dtype(dtype):
    x, W, b = (np.arange(n).reshape(shape).astype(dtype) for n, shape in ((6, (2, 3)), (12, (4, 3)), (4, (4,))))
    want = F.linear(*map(torch.from_numpy, (x, W, b))).numpy()
    got = functional.linear(x, W, b)
    assert got.dtype == want.dtype
    np.testing.assert_array_equal(got, want)


def test_linear_backward_without_bias_has_no_bias_gradient():
    assert functional.linear_backward(np.ones((2, 4)), np.ones((2, 3)), np.ones((4, 3)))[2] is None


def f(*shape, dtype=np.float64):
    return np.ones(shape, dtype)


GOOD = {"input": f(2, 3), "weight": f(4, 3)}
REFUSED = [
    *bad_calls(
        GOOD, weight=[f(4, 4), f(3, 4), f(6, 4, 3), None, f(4, 3, dtype=np.float32)], input=[f(), [1.0, 2.0, 3.0]]
    ),
    *bad_calls(GOOD, bias=[f(3), f(5, 2, 4), f(4, dtype=np.float32), 1.0]),
    *bad_calls({"input": f(2, 3), "weight": f(3)}, bias=[f(1), f()]),
    *bad_calls({"input": f(3)}, weight=[f()]),
    *bad_calls({"input": f(3), "weight": f(4, 3)}, bias=[f(2, 4)]),
    *bad_calls({"input": f(2, 3), "weight": f(1, 3)}, bias=[f(2)]),
    *bad_calls({"input": f(3), "weight": f(3)}, bias=[f(1)]),
]


@pytest.mark.parametrize(("argument", "arguments"), REFUSED)
def test_linear_bad_argument_is_refused(argument, arguments):
    assert_refused("linear", argument, arguments)


@pytest.mark.parametrize("shape", [(4,), (2, 3), (4, 2), (1, 4), (2, 4, 1)], ids=str)
def test_linear_backward_dout_of_another_shape_is_refused(shape):
    with pytest.raises(ValueError, match=r"\bdout\b"):
        functional.linear_backward(f(*shape), f(2, 3), f(4, 3))


def test_linear_defaults_are_torchs():
    assert_defaults("linear")


@pytest.mark.parametrize(
    ("allowed", "arguments"),
    [
        ("allowed for input (2, 3): (out, 3) or (3,)", (f(2, 3), f(4, 5))),
        ("allowed: (4,)", (f(2, 3), f(4, 3), f(3))),
        ("allowed: None", (f(3), f(3), f(1))),
    ],
)
def test_linear_refusal_states_the_allowed_shapes(allowed, arguments):
    assert_message(allowed, lambda: functional.linear(*arguments))


@pytest.mark.parametrize("rows, inputs, outputs", [(40, 4000, 30), (30, 40, 4000), (4000, 30, 40), (1, 2100, 2100)])
def test_large_product_in_blocks_is_the_product(rows, inputs, outputs):
    x, w = (np.arange(n * inputs).reshape(n, inputs) % m - 5 for n, m in ((rows, 11), (outputs, 7)))
    np.testing.assert_array_equal(functional.linear(x.astype("f8"), w.astype("f8")), x @ w.T)  # whole numbers: exact
