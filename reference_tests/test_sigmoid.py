"""Sigmoid: every check of the layer's table."""

import pytest

from reference_tests.conformance.layers import sigmoid
from reference_tests.conformance.manners import checks


@pytest.mark.parametrize("check", checks(sigmoid), ids=lambda check: check.id)
def test_sigmoid(check, asserts):
    asserts(check)
