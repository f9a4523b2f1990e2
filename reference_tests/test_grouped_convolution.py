"""Grouped convolution: every check of the layer's table."""

import pytest

from reference_tests.conformance.layers import grouped_convolution
from reference_tests.conformance.manners import checks


@pytest.mark.parametrize("check", checks(grouped_convolution), ids=lambda check: check.id)
def test_grouped_convolution(check, asserts):
    asserts(check)
