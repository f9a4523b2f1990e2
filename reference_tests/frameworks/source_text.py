"""The text of a function of an adapter with the helpers that it calls, read without running anything."""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

Helpers = dict[str, ast.FunctionDef]


@cache
def parsed(file: Path) -> tuple[ast.Module, Helpers]:
    """The file's tree and its functions by name."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return tree, {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def used(node: ast.AST, helpers: Helpers, seen: frozenset[str] = frozenset()) -> list[str]:
    """The text of every helper that this code calls, the ones they call first."""
    code: list[str] = []
    for name in dict.fromkeys(n.id for n in ast.walk(node) if isinstance(n, ast.Name)):
        if name in helpers and name not in seen:
            for text in [*used(helpers[name], helpers, seen | {name}), ast.unparse(helpers[name])]:
                if text not in code:
                    code.append(text)
    return code


def probe(file: Path, question: str) -> str:
    """The probe of a question and what it calls; "" where the adapter has none."""
    _, helpers = parsed(file)
    if question not in helpers:
        return ""
    return "\n\n".join([*used(helpers[question], helpers, frozenset({question})), ast.unparse(helpers[question])])


@dataclass(frozen=True)
class Recipe:
    """text: the recipe itself. helpers: the functions it calls, of its file and of the adapter."""

    text: str
    helpers: tuple[str, ...]


def recipes(file: Path) -> dict[str, Recipe]:
    """{"S06: refused": its recipe}; {} where there is no such file."""
    if not file.exists():
        return {}
    tree, own = parsed(file)
    helpers = {**parsed(file.with_name(file.name.replace("_recipes", "_probe")))[1], **own}
    table = next(n for n in tree.body if isinstance(n, ast.Assign) and getattr(n.targets[0], "id", "") == "RECIPES")
    assert isinstance(table.value, ast.Dict)
    return {
        ast.literal_eval(key): Recipe(ast.unparse(value), tuple(used(value, helpers)))
        for key, value in zip(table.value.keys, table.value.values)
        if key is not None
    }
