"""Spatial pyramid pooling: every check of the layer's table."""

import pytest

from reference_tests.conformance.layers import spatial_pyramid_pooling
from reference_tests.conformance.manners import checks


@pytest.mark.parametrize("check", checks(spatial_pyramid_pooling), ids=lambda check: check.id)
def test_spatial_pyramid_pooling(check, asserts):
    asserts(check)
