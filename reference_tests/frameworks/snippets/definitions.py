"""The definitions at the top of an adapter's file, by name; those of an adapter that it imports come before its own."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..source_text import parse


@dataclass(frozen=True)
class Definition:
    """A statement that binds a name. order: its place among all statements. own: it stands in the adapter itself."""

    node: ast.stmt
    order: int
    own: bool


def bound_names(node: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement at the top of a file binds."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield from (alias.asname or alias.name.split(".")[0] for alias in node.names)
    elif isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign):
        yield from (n.id for target in node.targets for n in ast.walk(target) if isinstance(n, ast.Name))
    elif isinstance(node, ast.Try):
        for inner in node.body:
            yield from bound_names(inner)


def imported_adapter(node: ast.stmt) -> str:
    """Return the name of the adapter that a statement imports from, "" for any other statement."""
    module = node.module if isinstance(node, ast.ImportFrom) else None
    return module if module and module.endswith("_probe") else ""


@cache
def definitions(file: Path) -> dict[str, Definition]:
    """Return {name: its definition} of an adapter; its own names go before those of an adapter that it imports."""
    found: dict[str, Definition] = {}
    for node in parse(file)[0].body:
        if other := imported_adapter(node):
            for name, one in definitions(file.with_name(f"{other}.py")).items():
                found[name] = Definition(one.node, one.order, False)
    begin = max((one.order for one in found.values()), default=-1) + 1
    for order, node in enumerate(parse(file)[0].body, begin):
        if not imported_adapter(node):
            found |= {name: Definition(node, order, True) for name in bound_names(node)}
    return found


def used_names(node: ast.AST) -> Iterator[str]:
    """Yield the names that code reads, each once."""
    yield from dict.fromkeys(n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load))
