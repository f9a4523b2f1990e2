"""Samples of long tables: a plain run tests a few rows, `pytest -m slow` the others."""

from collections.abc import Sequence
from typing import Any

import pytest


def sampled(table: Sequence[Any], every: int = 12) -> list[Any]:
    """Return the table with every row marked slow but rows 0, every, 2 * every ..."""
    return [row if i % every == 0 else pytest.param(row, marks=pytest.mark.slow) for i, row in enumerate(table)]
