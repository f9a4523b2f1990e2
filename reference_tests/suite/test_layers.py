"""Every check of every layer's table: one test function a layer, so that `-k test_relu` means what it says."""

from collections.abc import Callable

import pytest

from reference_tests.conformance.contract import COMPONENTS, layer
from reference_tests.conformance.scenarios import checks_of


def layer_tests(component: str) -> Callable:
    """The test of one layer: its checks, each with its own id."""

    @pytest.mark.parametrize("check", checks_of(layer(component)), ids=lambda check: check.id)
    def test(check, asserts) -> None:
        asserts(check)

    return test


for name in COMPONENTS:
    globals()[f"test_{name}"] = layer_tests(name)
