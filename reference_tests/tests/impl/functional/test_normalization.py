"""local_response_norm and batch_norm against torch, forward and backward, float64 and float32."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from impl import functional
from impl.functional.threads import limit_threads

from .torch_comparison import assert_agrees, assert_close, assert_defaults, assert_message, assert_refused, bad_calls

RNG = np.random.default_rng(5)

LRN_SHAPES = [(2, 5, 3), (1, 1, 2), (2, 5, 3, 4), (1, 6, 2, 1), (2, 4, 3, 2, 2), (2, 3, 1, 2, 1, 2)]
EMPTY_SHAPES = [(0, 3, 4), (2, 3, 0, 4)]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 8, 9, 10, 11])
@pytest.mark.parametrize("shape", LRN_SHAPES + EMPTY_SHAPES, ids=str)
def test_local_response_norm_agrees_with_torch(shape, size):
    assert_agrees("local_response_norm", input=RNG.standard_normal(shape), size=size, alpha=2.0, beta=0.75, k=1.5)


@pytest.mark.parametrize(
    "constants",
    [{}, {"alpha": 3e-05}, {"beta": 0.5}, {"k": 1.25}, {"alpha": 1, "beta": 2, "k": 3}, {"beta": -1.0, "alpha": 0.5},
     {"alpha": 0.0, "k": 2.0}, {"alpha": True, "beta": 1.0}, {"alpha": 50.0, "k": 0.1}],
    ids=str,
)  # fmt: skip
def test_local_response_norm_constants_agree_with_torch(constants):
    assert_agrees("local_response_norm", input=RNG.standard_normal((2, 6, 3, 2)), size=3, **constants)
    assert_agrees("local_response_norm", input=RNG.standard_normal((2, 6, 3)), size=4, **constants)


def test_normalization_odd_layouts_agree_with_torch():
    x = RNG.standard_normal((4, 6, 5, 3))
    for view in (x[:, ::-1], np.asfortranarray(x), x.transpose(1, 3, 0, 2)[:, :, ::2]):
        assert_agrees("local_response_norm", input=view, size=3, alpha=2.0)
        C = view.shape[1]
        mean, var = RNG.standard_normal(2 * C)[::-2], RNG.uniform(1, 2, C)[::-1]
        assert_agrees("batch_norm", input=view, running_mean=mean, running_var=var, fixed=STATISTICS)


@pytest.mark.parametrize("size", [1, 3, 4])
def test_local_response_norm_of_integers_equals_torch(size):
    x = np.arange(-12, 12).reshape(2, 6, 2)
    want = F.local_response_norm(torch.from_numpy(x), size, alpha=0.5).numpy()
    got = functional.local_response_norm(x, size, alpha=0.5)
    assert got.dtype == want.dtype == np.float32
    np.testing.assert_allclose(got, want, rtol=1e-6)


def test_local_response_norm_infinity_spreads_as_in_torch_without_warning(recwarn):
    x = np.ones((1, 6, 1))
    x[0, 0] = np.inf
    want = F.local_response_norm(torch.from_numpy(x), 3).numpy()
    np.testing.assert_allclose(functional.local_response_norm(x, 3), want, rtol=1e-14)
    assert np.isfinite(want[0, 2:]).all()
    for odd in ({"k": -1.0}, {"alpha": -5.0, "beta": 0.5}, {"k": 0.0, "alpha": 0.0}):
        want = F.local_response_norm(torch.from_numpy(x), 3, **odd).numpy()
        np.testing.assert_allclose(functional.local_response_norm(x, 3, **odd), want, rtol=1e-14)
    assert not recwarn.list


X = np.ones((2, 5, 3, 4))
LRN_REFUSED = [
    *bad_calls({"input": X}, size=[0, -1, 1.0, 2.5, True, "a", None, (3,)]),
    *bad_calls({"size": 3}, input=[np.ones((2, 3)), np.ones(3), np.array(1.0), [[[1.0]]], None]),
    *bad_calls({"input": X, "size": 3}, alpha=["a", None], beta=["a", None], k=["a", None]),
]


@pytest.mark.parametrize(("argument", "arguments"), LRN_REFUSED)
def test_local_response_norm_bad_argument_is_refused(argument, arguments):
    assert_refused("local_response_norm", argument, arguments)


STATISTICS = ("running_mean", "running_var")
BN_SHAPES = [(4, 5), (3, 1), (2, 5, 3), (1, 5, 2), (5, 5, 5), (3, 2, 3, 4), (2, 3, 2, 1, 4), (2, 3, 1, 2, 1, 2)]


def channels(C, affine=True):
    numbers = {"running_mean": RNG.standard_normal(C), "running_var": RNG.uniform(0.5, 2, C)}
    return numbers | ({"weight": RNG.standard_normal(C), "bias": RNG.standard_normal(C)} if affine else {})


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("affine", [False, True])
@pytest.mark.parametrize("shape", BN_SHAPES, ids=str)
def test_batch_norm_agrees_with_torch(shape, affine, training):
    x = 2 * RNG.standard_normal(shape) + 1
    assert_agrees("batch_norm", input=x, **channels(shape[1], affine), training=training, eps=0.1, fixed=STATISTICS)


@pytest.mark.parametrize("left_out", ["weight", "bias", "statistics"])
def test_batch_norm_without_an_optional_array_agrees_with_torch(left_out):
    numbers = channels(3)
    for name in STATISTICS if left_out == "statistics" else (left_out,):
        numbers[name] = None
    assert_agrees("batch_norm", input=RNG.standard_normal((4, 3, 2)), **numbers, training=True, fixed=STATISTICS)


@pytest.mark.parametrize("momentum", [0.1, 0.0, 1.0, -1.2, 5])
@pytest.mark.parametrize("shape", BN_SHAPES, ids=str)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_batch_norm_running_statistics_move_as_in_torch(shape, momentum, dtype):
    x = RNG.standard_normal(shape).astype(dtype)
    given = {k: v.astype(dtype) for k, v in channels(shape[1], affine=False).items()}
    tensors = {k: torch.from_numpy(v.copy()) for k, v in given.items()}
    F.batch_norm(torch.from_numpy(x), **tensors, training=True, momentum=momentum)
    _, *new = functional.batch_norm(x, **given, training=True, momentum=momentum)
    for got, want in zip(new, tensors.values()):
        assert got.dtype == dtype
        assert_close(got, want.numpy(), "running statistics", dtype, float(np.abs(x).max()))


def test_batch_norm_at_inference_returns_copies_of_the_statistics():
    numbers = channels(3)
    _, mean, var = functional.batch_norm(RNG.standard_normal((2, 3)), **numbers)
    for got, given in ((mean, numbers["running_mean"]), (var, numbers["running_var"])):
        np.testing.assert_array_equal(got, given)
        assert not np.shares_memory(got, given)
    assert functional.batch_norm(RNG.standard_normal((2, 3)), None, None, training=True)[1:] == (None, None)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("shape", [(0, 5), (0, 5, 3), (2, 5, 0), (2, 0, 3), (0,)], ids=str)
def test_batch_norm_of_an_empty_batch_equals_torch(shape, training):
    C = shape[1] if len(shape) > 1 else 0
    numbers, x = channels(C, affine=C > 0), np.ones(shape)
    tensors = {k: torch.from_numpy(v.copy()) for k, v in numbers.items()}
    want = F.batch_norm(torch.from_numpy(x), **tensors, training=training)
    out, mean, var = functional.batch_norm(x, **numbers, training=training)
    assert out.shape == tuple(want.shape)
    np.testing.assert_array_equal(mean, tensors["running_mean"].numpy())
    np.testing.assert_array_equal(var, tensors["running_var"].numpy())
    grad, *others = functional.batch_norm_backward(x, x, **numbers, training=training)
    assert grad.shape == shape
    assert all(g is None or (g.shape == (C,) and not g.any()) for g in others)


def test_batch_norm_float32_sums_do_not_drift():
    x = (RNG.standard_normal((3, 2, 400, 300)) + 1000).astype(np.float32)
    out, *_ = functional.batch_norm(x, None, None, training=True)
    exact, *_ = functional.batch_norm(x.astype(np.float64), None, None, training=True)
    assert np.abs(out - exact).max() < 1e-3  # the mean itself is rounded by 6e-5; a float32 sum drifts 100 times as far


def test_batch_norm_mean_of_many_float32_rows_is_rounded_once():
    x = (RNG.standard_normal((20_000, 3)) + 1000).astype("f4")
    mean = functional.batch_norm(x, np.zeros(3, "f4"), np.zeros(3, "f4"), training=True, momentum=1.0)[1]
    np.testing.assert_allclose(mean, x.mean(axis=0, dtype="f8"), rtol=np.finfo("f4").eps)


def test_batch_norm_of_large_channels_is_the_same_on_two_threads():
    x = RNG.standard_normal((1, 4, 800, 400))
    with limit_threads(1):
        want = functional.batch_norm(x, None, None, training=True)[0]
    with limit_threads(2):
        np.testing.assert_array_equal(functional.batch_norm(x, None, None, training=True)[0], want)


M, V = np.zeros(5), np.ones(5)
BN = {"input": X, "running_mean": M, "running_var": V}


def test_batch_norm_variance_of_numbers_close_together_is_exact():
    """A variance of 1e-8 round a mean of 0.5, and of 100.5: no difference of two large sums."""
    for mean in (0.5, 100.5):
        x = (mean + 1e-4 * RNG.standard_normal((8, 3, 20, 20))).astype("f4")
        exact = x.astype("f8")
        exact = exact - exact.mean(axis=(0, 2, 3), keepdims=True)
        var = exact.var(axis=(0, 2, 3), ddof=1)
        running = functional.batch_norm(x, np.zeros(3, "f4"), np.zeros(3, "f4"), training=True, momentum=1.0)[2]
        np.testing.assert_allclose(running, var, rtol=1e-5)


BN_REFUSED = [
    *bad_calls(BN, running_mean=[None, M[:3], M[None], M.astype("f4")], running_var=[None, V[:3], V.astype("f4")]),
    *bad_calls(BN, weight=[V[:3], V.astype("f4"), V.astype(int), [1.0] * 5], bias=[V[:3]]),
    *bad_calls(BN, eps=[-1.0, "a", None], momentum=["a", None], training=[1, None]),
    *bad_calls(BN, input=[np.ones(5), np.array(1.0), [[1.0] * 5]]),
    *bad_calls(BN | {"training": True}, running_mean=[None], eps=[0.0], input=[np.ones((1, 5)), np.ones((1, 5, 1))]),
    *bad_calls(BN | {"running_var": None}, running_mean=[None]),
    *bad_calls(BN | {"weight": V}, bias=[V.astype("f4")]),
]


@pytest.mark.parametrize(("argument", "arguments"), BN_REFUSED)
def test_batch_norm_bad_argument_is_refused(argument, arguments):
    assert_refused("batch_norm", argument, arguments)


@pytest.mark.parametrize("name", ["local_response_norm", "batch_norm"])
def test_normalization_backward_dout_of_another_shape_is_refused(name):
    more = {"size": 3} if name == "local_response_norm" else {"running_mean": M, "running_var": V}
    with pytest.raises(ValueError, match=r"\bdout\b"):
        getattr(functional, f"{name}_backward")(np.ones((2, 5, 4, 3)), X, **more)


@pytest.mark.parametrize("name", ["local_response_norm", "batch_norm"])
def test_normalization_defaults_are_torchs(name):
    assert_defaults(name)


def test_batch_norm_eps_zero_at_inference_is_allowed():
    assert_agrees("batch_norm", **BN | {"input": RNG.standard_normal(X.shape)}, eps=0.0, fixed=STATISTICS)


def test_local_response_norm_of_no_integers_keeps_torchs_dtype():
    nothing = np.ones((0, 3, 2), np.int64)
    got = functional.local_response_norm(nothing, 3)
    np.testing.assert_array_equal(got, F.local_response_norm(torch.from_numpy(nothing), 3).numpy(), strict=True)


@pytest.mark.parametrize(
    ("allowed", "change"),
    [
        ("above 0 in training", {"eps": 0.0, "training": True}),
        ("at least 0", {"eps": -0.5}),
        ("None and given; allowed: both given", {"running_mean": None}),
    ],
)
def test_batch_norm_refusal_states_what_is_allowed(allowed, change):
    assert_message(allowed, lambda: functional.batch_norm(**BN | change))
