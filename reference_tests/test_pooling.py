"""Max pooling: output and gradient. Every check of the layer's table."""

import pytest

from reference_tests.conformance.layers import pooling
from reference_tests.conformance.manners import checks


@pytest.mark.parametrize("check", checks(pooling), ids=lambda check: check.id)
def test_pooling(check, asserts):
    asserts(check)
