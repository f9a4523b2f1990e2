"""Output size: one more than the steps a window can take. Every check of the layer's table."""

import pytest

from reference_tests.conformance.layers import shapes
from reference_tests.conformance.manners import checks


@pytest.mark.parametrize("check", checks(shapes), ids=lambda check: check.id)
def test_shapes(check, asserts):
    asserts(check)
