"""SimpleConvNet: every check of the network's table."""

import pytest

from reference_tests.conformance.layers import simple_conv_net
from reference_tests.conformance.manners import checks


@pytest.mark.parametrize("check", checks(simple_conv_net), ids=lambda check: check.id)
def test_simple_conv_net(check, asserts):
    asserts(check)
