"""ReLU: every check of the layer's table."""

import pytest

from reference_tests.conformance.layers import relu
from reference_tests.conformance.manners import checks


@pytest.mark.parametrize("check", checks(relu), ids=lambda check: check.id)
def test_relu(check, asserts):
    asserts(check)
