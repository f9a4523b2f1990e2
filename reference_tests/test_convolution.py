"""Convolution: output and all three gradients. Every check of the layer's table."""

import pytest

from reference_tests.conformance.layers import convolution
from reference_tests.conformance.manners import checks


@pytest.mark.parametrize("check", checks(convolution), ids=lambda check: check.id)
def test_convolution(check, asserts):
    asserts(check)
