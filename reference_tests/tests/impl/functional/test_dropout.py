"""dropout: torch's scaling and refusals; the draws are our own, so they are judged by structure and by statistics."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from impl import functional

from .torch_comparison import assert_defaults, assert_refused, bad_calls

X = np.random.default_rng(3).standard_normal((40, 50)) + 3  # no zeros, so a zero in the output was dropped


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("p", [0.25, 0.5, 0.9])
def test_dropout_divides_remaining_numbers_by_one_minus_p(p, dtype):
    x = X.astype(dtype)
    out = functional.dropout(x, p, rng=1)
    assert out.dtype == dtype
    kept = out != 0
    np.testing.assert_allclose(out[kept], x[kept] / (1 - p), rtol=4 * np.finfo(dtype).eps)
    assert 0 < kept.sum() < x.size


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_dropout_drops_the_share_p(p):
    n = 40_000
    dropped = (functional.dropout(np.ones(n), p) == 0).sum()
    assert abs(dropped - n * p) < 6.5 * (n * p * (1 - p)) ** 0.5  # a false alarm in 1e10 runs


@pytest.mark.parametrize(("p", "training"), [(0.0, True), (1.0, True), (True, True), (0.3, False), (1, False)])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3, 4)], ids=str)
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64])
def test_dropout_without_draws_equals_torch(p, training, shape, dtype):
    x = np.asarray(10 * np.random.default_rng(0).standard_normal(shape), dtype)
    want = F.dropout(torch.from_numpy(x), float(p), training).numpy()
    got = functional.dropout(x, p, training)
    assert (got.dtype, got.shape) == (want.dtype, want.shape)
    np.testing.assert_array_equal(got, want)


def test_dropout_of_infinity_gives_nan_without_warning(recwarn):
    assert np.isnan(functional.dropout(np.array([np.inf, np.nan]), 1.0)).all()
    assert not recwarn.list


def test_dropout_backward_uses_the_mask():
    mask = functional.dropout_mask(X.shape, 0.3, rng=5)
    assert mask.dtype == bool
    np.testing.assert_array_equal(functional.dropout(X, 0.3, rng=5), functional.dropout_backward(X, mask, 0.3))
    dout = np.random.default_rng(4).standard_normal(X.shape).astype(np.float32)
    grad = functional.dropout_backward(dout, mask, 0.3)
    assert grad.dtype == np.float32
    np.testing.assert_allclose(grad, np.where(mask, dout / np.float32(0.7), 0), rtol=1e-6)
    np.testing.assert_array_equal(functional.dropout_backward(dout, np.zeros(X.shape, bool), 1.0), np.zeros(X.shape))


def test_dropout_draws_from_rng_and_never_from_global_state():
    np.random.seed(7)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    one, two = functional.dropout(X), functional.dropout(X)
    assert (one != two).any()
    np.testing.assert_array_equal(functional.dropout(X, rng=3), functional.dropout(X, rng=3))
    rng = np.random.default_rng(3)
    np.testing.assert_array_equal(functional.dropout(X, rng=rng), functional.dropout(X, rng=3))
    assert (functional.dropout(X, rng=rng) != functional.dropout(X, rng=3)).any()
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_dropout_never_returns_its_input():
    for arguments in ({"training": False}, {"p": 0.0}, {"p": 0.5}):
        assert not np.shares_memory(functional.dropout(X, **arguments), X)


REFUSED = [
    *bad_calls({"input": X}, p=[1.5, -0.1, np.nan, "a", None], training=[1, None], input=[[1.0], np.arange(4)]),
    ("p", {"input": X, "p": 1.5, "training": False}),
]


@pytest.mark.parametrize(("argument", "arguments"), REFUSED)
def test_dropout_bad_argument_is_refused(argument, arguments):
    assert_refused("dropout", argument, arguments)


@pytest.mark.parametrize("rng", ["a", 1.5, np.random.RandomState(0), -1])
def test_dropout_bad_rng_is_refused(rng):
    with pytest.raises((ValueError, TypeError), match=r"\brng\b"):
        functional.dropout(X, rng=rng)


def test_dropout_backward_mask_of_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"\bdout\b.*\bmask\b"):
        functional.dropout_backward(np.ones((2, 3)), np.ones((3, 2), bool))


def test_dropout_defaults_are_torchs():
    assert_defaults("dropout")
    shape = (20, 20)
    want = functional.dropout_mask(shape=shape, p=0.5, rng=1)
    np.testing.assert_array_equal(functional.dropout_mask(shape, rng=1), want)


def test_dropout_takes_zero_as_a_seed():
    np.testing.assert_array_equal(functional.dropout(X, rng=0), functional.dropout(X, rng=np.random.default_rng(0)))
