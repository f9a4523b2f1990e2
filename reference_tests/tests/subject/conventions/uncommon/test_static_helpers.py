"""A class with a method forward has the contract's interface, whatever static functions that method works with."""

import numpy as np
import pytest

from reference_tests.subject.conventions.contract import fits_contract
from reference_tests.subject.conventions.uncommon.statics import has_static_forward


class Elementwise:
    def forward(self, x):
        self.y = self.f(x)
        return self.y

    def backward(self, dout):
        return dout * self.slope(self.y)


class Tanh(Elementwise):
    f = staticmethod(np.tanh)
    slope = staticmethod(lambda y: 1 - y * y)


class Static:
    @staticmethod
    def forward(x):
        return np.tanh(x), x

    @staticmethod
    def backward(dout, cache):
        return dout / np.cosh(cache) ** 2


def test_an_inherited_forward_is_the_forward_pass_whatever_is_static():
    assert not has_static_forward(Tanh)
    assert fits_contract("Tanh", Tanh)


def test_a_static_forward_is_a_function():
    assert has_static_forward(Static)
    assert not fits_contract("Tanh", Static)


class Sum:
    @staticmethod
    def forward(x, shortcut):
        return x + shortcut

    @staticmethod
    def backward(dout):
        return dout.copy(), dout.copy()


class HalfStatic(Sum):
    def backward(self, dout):
        return dout.copy(), dout.copy()


class WithCache(Sum):
    @staticmethod
    def forward(x, shortcut):
        return x + shortcut, None

    @staticmethod
    def backward(dout, cache):
        return dout, dout


class Weighted(Sum):
    def __init__(self, share):
        self.share = share


@pytest.mark.parametrize(("kind", "fits"), [(Sum, True), (HalfStatic, True), (WithCache, False), (Weighted, False)])
def test_a_sum_needs_no_object_and_is_called_on_one_all_the_same(kind, fits):
    """Its gradients are dout: nothing is kept, so that static methods are the contract's interface."""
    assert fits_contract("ResidualAdd", kind) == fits
