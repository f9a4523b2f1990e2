"""Global average pooling: every check of the layer's table."""

import pytest

from reference_tests.conformance.layers import global_average_pooling
from reference_tests.conformance.manners import checks


@pytest.mark.parametrize("check", checks(global_average_pooling), ids=lambda check: check.id)
def test_global_average_pooling(check, asserts):
    asserts(check)
