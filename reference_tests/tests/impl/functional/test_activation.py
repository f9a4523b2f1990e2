"""relu, sigmoid, tanh, softmax, log_softmax against torch, forward and backward, float64 and float32."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from impl import functional
from impl.functional.memory import PART

from .torch_comparison import assert_agrees, assert_defaults, assert_message, assert_refused, bad_calls

POINTWISE = ("relu", "sigmoid", "tanh")
SOFT = ("softmax", "log_softmax")
RNG = np.random.default_rng(1)
INF, NAN = np.inf, np.nan

SHAPES = [(), (1,), (5,), (0,), (3, 4), (2, 0, 3), (2, 3, 4, 5), (1, 2, 1, 3, 2)]


@pytest.mark.parametrize("name", POINTWISE)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_pointwise_agrees_with_torch(name, shape):
    assert_agrees(name, input=np.asarray(3 * RNG.standard_normal(shape)))


@pytest.mark.parametrize("name", POINTWISE)
def test_pointwise_odd_layouts_and_extremes_agree_with_torch(name):
    x = RNG.standard_normal((4, 6, 5))
    for layout in (x[:, ::-2], np.asfortranarray(x), x.transpose(2, 0, 1)):
        assert_agrees(name, input=layout)
    assert_agrees(name, input=np.array([0.0, -0.0, 1e-30, -1e-30, 88.0, -88.0, 1e4, -1e4, 1e30, -1e30, INF, -INF]))
    extremes = np.array([NAN, 1.0])
    with np.errstate(all="raise", under="ignore"):
        np.testing.assert_array_equal(np.isnan(getattr(functional, name)(extremes)), [True, False])


@pytest.mark.parametrize("name", POINTWISE)
@pytest.mark.parametrize("dtype", [np.int64, np.uint8, np.bool_])
def test_pointwise_integers_give_torchs_dtype(name, dtype):
    x = np.array([0, 1, 0, 3]).astype(dtype)
    if name == "relu" and dtype == np.bool_:
        assert_refused(name, "input", {"input": x})
        return
    want = getattr(F, name)(torch.from_numpy(x)).numpy()
    got = getattr(functional, name)(x)
    assert got.dtype == want.dtype
    np.testing.assert_allclose(got, want, rtol=1e-6)


@pytest.mark.parametrize("count", [PART, PART + 1, 33 * PART], ids=["one-part", "two-parts", "the-largest-parts"])
def test_relu_of_many_numbers_agrees_with_torch(count):
    x = RNG.standard_normal(count, "f4")
    for layout in (x, x.reshape(-1, PART)[::-1] if count % PART == 0 else x[::-1]):  # one part, one that is no run
        np.testing.assert_array_equal(functional.relu(layout), F.relu(torch.tensor(layout.copy())).numpy(), strict=True)


def test_relu_backward_at_zero_is_zero_and_at_nan_is_dout():
    x = np.array([0.0, -0.0, NAN, 2.0, -INF, INF])
    np.testing.assert_array_equal(functional.relu_backward(np.full(6, 7.0), x), [0, 0, 7, 7, 0, 7])


def test_sigmoid_of_large_negatives_is_accurate():
    np.testing.assert_allclose(functional.sigmoid(np.array([-700.0, -40.0])), np.exp([-700.0, -40.0]), rtol=1e-15)


SOFT_CASES = [
    ((), 0), ((), -1), ((5,), 0), ((5,), -1), ((1,), 0), ((3, 4), 0), ((3, 4), 1), ((3, 4), -2), ((2, 0), 1),
    ((2, 0), 0), ((0, 3), 1), ((2, 3, 4), 1), ((2, 3, 4), -1), ((2, 3, 4, 5), 1), ((2, 3, 4, 5), -4), ((2, 1, 3), 1),
]  # fmt: skip


@pytest.mark.parametrize("name", SOFT)
@pytest.mark.parametrize(("shape", "dim"), SOFT_CASES, ids=str)
def test_softmax_agrees_with_torch(name, shape, dim):
    assert_agrees(name, input=np.asarray(4 * RNG.standard_normal(shape)), dim=dim)


@pytest.mark.parametrize("name", SOFT)
@pytest.mark.parametrize(
    "row",
    [[1e4, 0, -1e4], [-INF, 1, 2], [-1e30, 1e30, 0], [1000, 1000, 999], [-1e4, -1e4, -1e4 - 1]],
    ids=str,
)
def test_softmax_large_numbers_agree_without_overflow(name, row):
    assert_agrees(name, input=np.array([row, [0.0, 1.0, 2.0]]), dim=1)


@pytest.mark.parametrize("name", SOFT)
@pytest.mark.parametrize("row", [[INF, 1.0], [-INF, -INF], [NAN, 1.0]], ids=str)
def test_softmax_infinities_give_torchs_nan_without_warning(name, row, recwarn):
    x = np.array([row, [0.0, 1.0]])
    want = getattr(F, name)(torch.from_numpy(x), 1).numpy()
    np.testing.assert_allclose(getattr(functional, name)(x, 1), want, rtol=1e-14)
    assert not recwarn.list


@pytest.mark.parametrize("name", SOFT)
@pytest.mark.parametrize("shape", [(), (4,), (3, 4), (2, 3, 4), (2, 3, 4, 5)], ids=str)
def test_softmax_without_dim_uses_torchs_axis_and_warns(name, shape):
    x = np.asarray(RNG.standard_normal(shape))
    with pytest.warns(UserWarning, match="dim"):
        want = getattr(F, name)(torch.from_numpy(x)).numpy()
    with pytest.warns(UserWarning, match="dim") as warned:
        np.testing.assert_allclose(getattr(functional, name)(x), want, rtol=1e-13)
    assert [one.filename for one in warned] == [__file__]  # it points at the call


@pytest.mark.parametrize("name", SOFT)
def test_softmax_dtype_casts_the_input_first(name):
    whole, narrow = np.arange(12).reshape(3, 4), RNG.standard_normal((3, 4)).astype(np.float32)
    for x, dtype in ((whole, np.float64), (whole, np.float32), (narrow, np.float64), (narrow, np.dtype("float64"))):
        kind = {"float32": torch.float32, "float64": torch.float64}[np.dtype(dtype).name]
        want = getattr(F, name)(torch.from_numpy(x), 1, dtype=kind).numpy()
        got = getattr(functional, name)(x, 1, dtype=dtype)
        assert got.dtype == want.dtype
        np.testing.assert_allclose(got, want, rtol=1e-6 if dtype == np.float32 else 1e-14)
    back = getattr(functional, f"{name}_backward")(np.ones((3, 4)), narrow, 1, dtype=np.float64)
    assert back.dtype == np.float32


X = np.ones((2, 3))
OF_SOFTMAX = bad_calls({"input": X, "dim": 0}, dim=[2, -3, 1.0, True, "1"], dtype=["float32"], input=[[1.0, 2.0]])
REFUSED = [
    *(("softmax", *row) for row in [*OF_SOFTMAX, ("dim", {"input": np.array(1.0), "dim": 1})]),
    *(("log_softmax", *row) for row in bad_calls({"input": X, "dim": 0}, dim=[5], input=[None])),
    *((name, "input", {"input": bad}) for name in POINTWISE for bad in ([1.0], None, 1.0, "x")),
]


@pytest.mark.parametrize(("name", "argument", "arguments"), REFUSED)
def test_bad_argument_is_refused(name, argument, arguments):
    assert_refused(name, argument, arguments)


@pytest.mark.parametrize("name", [*POINTWISE, *SOFT])
def test_backward_dout_of_another_shape_is_refused(name):
    more = {"dim": 1} if name in SOFT else {}
    for wrong in (np.ones((3, 2)), np.ones(3), np.ones((2, 1))):
        with pytest.raises(ValueError, match=r"\bdout\b"):
            getattr(functional, f"{name}_backward")(wrong, X, **more)


@pytest.mark.parametrize("name", SOFT)
def test_softmax_defaults_are_torchs(name):
    assert_defaults(name)


@pytest.mark.parametrize(
    ("allowed", "arguments"),
    [("-2 to 1", {"input": X, "dim": 2}), ("-1 to 0", {"input": np.array(1.0), "dim": -2})],
)
def test_softmax_refusal_states_the_allowed_range(allowed, arguments):
    assert_message(allowed, lambda: functional.softmax(**arguments))
