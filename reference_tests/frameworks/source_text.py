"""The text of a probe or a recipe with the helpers that it calls, cut out of its file without running the framework."""

import ast
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

Helpers = dict[str, ast.FunctionDef]


@cache
def parse(file: Path) -> tuple[ast.Module, Helpers]:
    """Return a file's syntax tree and its functions by name."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return tree, {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def table_rows(tree: ast.Module, name: str) -> dict[str, ast.expr]:
    """Return the rows of a table written as a dict display, {} if the file has no such table."""
    table = assignments(tree).get(name)
    if not isinstance(table, ast.Dict):
        return {}
    return {ast.literal_eval(key): value for key, value in zip(table.keys, table.values) if key is not None}


def assignments(tree: ast.Module) -> dict[str, ast.expr]:
    """Map each name that the file assigns at its top to the assigned expression."""
    return {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }


@cache
def probe_rows(file: Path) -> dict[str, ast.expr]:
    """Return the rows of an adapter's PROBES by question."""
    return table_rows(parse(file)[0], "PROBES")


@cache
def absent_questions(file: Path) -> dict[str, str]:
    """Return an adapter's ABSENT, {question: reason}; it is written with constants, dict.fromkeys and range alone."""
    assigned = assignments(parse(file)[0])
    constants = {name: value.value for name, value in assigned.items() if isinstance(value, ast.Constant)}
    names: dict[str, Any] = {"__builtins__": {}, "dict": dict, "range": range, **constants}
    return eval(compile(ast.Expression(assigned["ABSENT"]), str(file), "eval"), names)


def function_text(function: ast.FunctionDef) -> str:
    """Return a function's text without its annotations, which say nothing to a reader of a few lines."""
    plain = deepcopy(function)
    plain.returns = None
    for argument in ast.walk(plain.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    return ast.unparse(plain)


def helper_texts(node: ast.AST, helpers: Helpers, seen: frozenset[str] = frozenset()) -> list[str]:
    """Return the text of every helper that this code uses; a helper's own helpers come before it."""
    texts: list[str] = []
    for name in dict.fromkeys(n.id for n in ast.walk(node) if isinstance(n, ast.Name)):
        if name in helpers and name not in seen:
            for text in [*helper_texts(helpers[name], helpers, seen | {name}), function_text(helpers[name])]:
                if text not in texts:
                    texts.append(text)
    return texts


@dataclass(frozen=True)
class Recipe:
    """A recipe's text and the functions it uses, of its own file and of the adapter."""

    text: str
    helpers: tuple[str, ...]


def read_recipes(file: Path) -> dict[str, Recipe]:
    """Return {"S06: refused": its recipe, ...}; {} if there is no such file."""
    if not file.exists():
        return {}
    tree, own = parse(file)
    helpers = {**parse(file.with_name(file.name.replace("_recipes", "_probe")))[1], **own}
    return {
        name: Recipe(ast.unparse(value), tuple(helper_texts(value, helpers)))
        for name, value in table_rows(tree, "RECIPES").items()
    }
