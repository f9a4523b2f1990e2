"""Channel concat: every check of the layer's table."""

import pytest

from reference_tests.conformance.layers import channel_concat
from reference_tests.conformance.manners import checks


@pytest.mark.parametrize("check", checks(channel_concat), ids=lambda check: check.id)
def test_channel_concat(check, asserts):
    asserts(check)
