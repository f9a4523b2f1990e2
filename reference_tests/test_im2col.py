"""im2col: every window a row. Every check of the layer's table."""

import pytest

from reference_tests.conformance.layers import im2col
from reference_tests.conformance.manners import checks


@pytest.mark.parametrize("check", checks(im2col), ids=lambda check: check.id)
def test_im2col(check, asserts):
    asserts(check)
