"""Pointwise convolution: every check of the layer's table."""

import pytest

from reference_tests.conformance.layers import pointwise_convolution
from reference_tests.conformance.manners import checks


@pytest.mark.parametrize("check", checks(pointwise_convolution), ids=lambda check: check.id)
def test_pointwise_convolution(check, asserts):
    asserts(check)
