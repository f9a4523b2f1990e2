"""Checks that are made once for the same shapes, dtypes and numbers: what is refused stays refused."""

from typing import Any

import numpy as np
import pytest

import impl.functional as ours
from impl.functional import checks
from impl.layers import Convolution, Pooling

X, W = np.ones((1, 2, 5, 6), "f4"), np.ones((3, 2, 2, 2), "f4")


@pytest.mark.parametrize("wrong", [True, 1.0, np.float32(1), "1", None, (True, 1), [1.0, 1]])
def test_wrong_argument_is_refused_after_an_equal_right_one(wrong: Any) -> None:
    for _ in range(2):
        ours.conv2d(X, W, None, 1)
        ours.max_pool2d(X, 1, 1)
        with pytest.raises((TypeError, ValueError), match="stride"):
            ours.conv2d(X, W, None, wrong)
        if wrong is not None:
            with pytest.raises((TypeError, ValueError), match="stride"):
                ours.max_pool2d(X, 1, wrong)


@pytest.mark.parametrize("x", [X.astype("f8"), X[:, :1], X[..., :1], X > 0, [[X]], np.ma.masked_array(X).astype("c8")])
def test_wrong_array_is_refused_after_a_right_one(x: Any) -> None:
    ours.conv2d(X, W)
    for _ in range(2):
        with pytest.raises((TypeError, ValueError)):
            ours.conv2d(x, W)
    ours.conv2d(X, W)


def test_layer_refuses_after_a_right_call() -> None:
    layer, pool = Convolution(W, np.zeros(3, "f4"), stride=2), Pooling(2, 2, 2)
    for _ in range(2):
        assert layer.forward(np.ones((1, 2, 6, 6), "f4")).shape == pool.forward(np.ones((1, 3, 6, 6), "f4")).shape
        for forward in (layer.forward, pool.forward):
            with pytest.raises(ValueError, match="does not divide"):
                forward(np.ones((1, 2, 6, 7), "f4"))
    layer.rounding = pool.rounding = "floor"
    assert layer.forward(np.ones((1, 2, 6, 7), "f4")).shape == pool.forward(np.ones((1, 3, 6, 7), "f4")).shape


def test_check_runs_once_for_the_same_and_again_for_others() -> None:
    calls: list[Any] = []

    @checks.remember
    def check(*arguments: Any) -> int:
        calls.append(arguments)
        return len(calls)

    same = [check(np.ones((2, 3)), 1, "same", None), check(np.zeros((2, 3)), 1, "same", None)]
    others = [
        check(np.ones((2, 3)), True, "same", None), check(np.ones((3, 2)), 1, "same", None),
        check(np.ones((2, 3), ">f8"), 1, "same", None), check(np.ones((2, 3)), 1, "valid", None),
    ]  # fmt: skip
    assert same == [1, 1] and others == [2, 3, 4, 5]
    assert check(np.ones((2, 3)), 1, "same", None) == 1 and check(np.ones((3, 2)), 1, "same", None) == 3
    assert [check((1, 2)), check((1, 2))] == [6, 7]
    for number in range(2 * checks.REMEMBERED):
        check(number)
    assert check(0) > 2 * checks.REMEMBERED  # it was forgotten: no more results than so many are kept
