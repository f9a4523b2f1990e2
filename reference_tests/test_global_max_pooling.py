"""Global max pooling: every check of the layer's table."""

import pytest

from reference_tests.conformance.layers import global_max_pooling
from reference_tests.conformance.manners import checks


@pytest.mark.parametrize("check", checks(global_max_pooling), ids=lambda check: check.id)
def test_global_max_pooling(check, asserts):
    asserts(check)
