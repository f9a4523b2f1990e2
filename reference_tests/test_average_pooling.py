"""Average pooling: output and gradient. Every check of the layer's table."""

import pytest

from reference_tests.conformance.layers import average_pooling
from reference_tests.conformance.manners import checks


@pytest.mark.parametrize("check", checks(average_pooling), ids=lambda check: check.id)
def test_average_pooling(check, asserts):
    asserts(check)
