"""Batch norm: every check of the layer's table."""

import pytest

from reference_tests.conformance.layers import batch_norm
from reference_tests.conformance.manners import checks


@pytest.mark.parametrize("check", checks(batch_norm), ids=lambda check: check.id)
def test_batch_norm(check, asserts):
    asserts(check)
