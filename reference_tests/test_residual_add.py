"""Residual add: every check of the layer's table."""

import pytest

from reference_tests.conformance.layers import residual_add
from reference_tests.conformance.manners import checks


@pytest.mark.parametrize("check", checks(residual_add), ids=lambda check: check.id)
def test_residual_add(check, asserts):
    asserts(check)
