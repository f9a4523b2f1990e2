"""Shared by the tests of several rooms: samples of long tables, whose other rows are slow; what a module imports."""

import ast
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import pytest


def sampled(table: Sequence[Any], every: int = 12) -> list[Any]:
    """Return the table with every row marked slow but rows 0, every, 2 * every ..."""
    return [row if i % every == 0 else pytest.param(row, marks=pytest.mark.slow) for i, row in enumerate(table)]


def slow_but(quick: Collection[str], names: Iterable[str], each: int = 1) -> list[Any]:
    """Return all names, those marked slow that are not quick. each: of so many one is no nightly test."""
    marks = [pytest.mark.slow], [pytest.mark.slow, pytest.mark.nightly]
    rest = enumerate(names)
    return [n if n in quick else pytest.param(n, marks=marks[bool(i % each)]) for i, n in rest]


def some_at_night(table: Iterable[Any], each: int) -> list[Any]:
    """Return the table with all rows but one of so many marked nightly; the test itself is slow."""
    return [row if i % each == 0 else pytest.param(row, marks=pytest.mark.nightly) for i, row in enumerate(table)]


def imports(tree: ast.Module) -> Iterator[str]:
    """Yield the names of the modules that a module imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
