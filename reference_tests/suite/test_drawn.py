"""Every layer on generated cases, shrunk to the smallest that is wrong."""

import pytest

from reference_tests.conformance import contract

DRAWN = [name for name in contract.COMPONENTS if hasattr(contract.layer(name), "drawn")]


@pytest.mark.parametrize("component", DRAWN)
def test_drawn(component, asserts_drawn):
    """Judge a component on generated cases."""
    asserts_drawn(contract.layer(component))
