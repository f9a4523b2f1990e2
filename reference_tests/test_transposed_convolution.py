"""Transposed convolution: every check of the layer's table."""

import pytest

from reference_tests.conformance.layers import transposed_convolution
from reference_tests.conformance.manners import checks


@pytest.mark.parametrize("check", checks(transposed_convolution), ids=lambda check: check.id)
def test_transposed_convolution(check, asserts):
    asserts(check)
