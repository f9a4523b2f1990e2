"""Mean normalization: every check of the layer's table."""

import pytest

from reference_tests.conformance.layers import mean_normalization
from reference_tests.conformance.manners import checks


@pytest.mark.parametrize("check", checks(mean_normalization), ids=lambda check: check.id)
def test_mean_normalization(check, asserts):
    asserts(check)
