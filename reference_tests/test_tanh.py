"""Tanh: every check of the layer's table."""

import pytest

from reference_tests.conformance.layers import tanh
from reference_tests.conformance.manners import checks


@pytest.mark.parametrize("check", checks(tanh), ids=lambda check: check.id)
def test_tanh(check, asserts):
    asserts(check)
