"""Dropout: every check of the layer's table."""

import pytest

from reference_tests.conformance.layers import dropout
from reference_tests.conformance.manners import checks


@pytest.mark.parametrize("check", checks(dropout), ids=lambda check: check.id)
def test_dropout(check, asserts):
    asserts(check)
