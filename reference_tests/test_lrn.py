"""LRN: every check of the layer's table."""

import pytest

from reference_tests.conformance.layers import lrn
from reference_tests.conformance.manners import checks


@pytest.mark.parametrize("check", checks(lrn), ids=lambda check: check.id)
def test_lrn(check, asserts):
    asserts(check)
