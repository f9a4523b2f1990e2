"""Every layer around the sizes and numbers that its own code names, and its small cases behind other batches."""

import pytest

from reference_tests.conformance import contract


@pytest.mark.parametrize("component", contract.COMPONENTS)
def test_thresholds(component, asserts_thresholds):
    """Judge a component around the numbers of its code, and for second batches in cases of all kinds."""
    asserts_thresholds(contract.layer(component))
