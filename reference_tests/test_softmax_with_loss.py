"""Softmax with loss: every check of the layer's table."""

import pytest

from reference_tests.conformance.layers import softmax_with_loss
from reference_tests.conformance.manners import checks


@pytest.mark.parametrize("check", checks(softmax_with_loss), ids=lambda check: check.id)
def test_softmax_with_loss(check, asserts):
    asserts(check)
