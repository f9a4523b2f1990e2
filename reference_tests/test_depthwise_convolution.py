"""Depthwise convolution: every check of the layer's table."""

import pytest

from reference_tests.conformance.layers import depthwise_convolution
from reference_tests.conformance.manners import checks


@pytest.mark.parametrize("check", checks(depthwise_convolution), ids=lambda check: check.id)
def test_depthwise_convolution(check, asserts):
    asserts(check)
