"""Locally connected: every check of the layer's table."""

import pytest

from reference_tests.conformance.layers import locally_connected
from reference_tests.conformance.manners import checks


@pytest.mark.parametrize("check", checks(locally_connected), ids=lambda check: check.id)
def test_locally_connected(check, asserts):
    asserts(check)
