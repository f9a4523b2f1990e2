"""Correct implementations, written in different ways: none of them may fail a check.

Each file defines the components that its way of writing concerns; several define all of them.
"""

import importlib
from functools import cache
from pathlib import Path
from typing import Any

WAYS = tuple(sorted(p.stem for p in Path(__file__).parent.glob("[a-z]*.py")))


@cache
def names(way: str) -> dict[str, Any]:
    """Return what a variant defines, by name; __file__ is its path."""
    return vars(importlib.import_module(f"{__name__}.{way}"))
