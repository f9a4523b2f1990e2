"""col2im: windows put back, overlaps summed. Every check of the layer's table."""

import pytest

from reference_tests.conformance.layers import col2im
from reference_tests.conformance.manners import checks


@pytest.mark.parametrize("check", checks(col2im), ids=lambda check: check.id)
def test_col2im(check, asserts):
    asserts(check)
