"""What a mask of dropout shows of how it was made."""

import numpy as np
import pytest

from reference_tests.conformance.components.masks import find_period

SIZE = 96_000  # as many numbers as the largest case has


@pytest.mark.parametrize("table", [100, 4096, 65_536])
def test_a_table_that_is_used_over_and_over_is_found(table):
    drawn = np.random.default_rng(table).random(table)
    assert find_period(np.resize(drawn > 0.4, SIZE).reshape(40, -1)) == table


@pytest.mark.parametrize("ratio", [0.0, 0.0009, 0.1, 0.5, 0.9, 0.9991, 1.0])
def test_places_that_are_drawn_alone_have_no_period(ratio):
    rng = np.random.default_rng(7)
    assert not any(find_period(rng.random(SIZE) >= ratio) for _ in range(5))
