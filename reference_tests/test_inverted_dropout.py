"""Inverted dropout: every check of the layer's table."""

import pytest

from reference_tests.conformance.layers import inverted_dropout
from reference_tests.conformance.manners import checks


@pytest.mark.parametrize("check", checks(inverted_dropout), ids=lambda check: check.id)
def test_inverted_dropout(check, asserts):
    asserts(check)
