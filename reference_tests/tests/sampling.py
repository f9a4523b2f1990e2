"""A plain run takes a sample of a long table; `pytest -m slow` takes the rest."""

from collections.abc import Sequence
from typing import Any

import pytest


def sampled(table: Sequence[Any], every: int = 12) -> list[Any]:
    """Rows 0, every, 2 * every ... as they are; the others are marked slow."""
    return [row if i % every == 0 else pytest.param(row, marks=pytest.mark.slow) for i, row in enumerate(table)]
