"""Every layer around the sizes and numbers that its own code names."""

import pytest

from reference_tests.conformance import contract


@pytest.mark.parametrize("component", contract.COMPONENTS)
def test_thresholds(component, asserts_thresholds):
    """Judge a component around the numbers of its code."""
    asserts_thresholds(contract.layer(component))
