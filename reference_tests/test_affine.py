"""Affine: every check of the layer's table."""

import pytest

from reference_tests.conformance.layers import affine
from reference_tests.conformance.manners import checks


@pytest.mark.parametrize("check", checks(affine), ids=lambda check: check.id)
def test_affine(check, asserts):
    asserts(check)
