"""The text of a probe or a recipe with the helpers that it calls, cut out of its file without running the framework."""

import ast
from copy import copy, deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .questions import Question

PORTING = Path(__file__).parent / "porting" / "recipes.py"
Helpers = dict[str, ast.FunctionDef | ast.ClassDef | ast.Assign]


@cache
def parse(file: Path) -> tuple[ast.Module, Helpers]:
    """Return a file's syntax tree and its functions by name."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return tree, {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


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


@cache
def function_text(node: ast.FunctionDef | ast.ClassDef | ast.Assign) -> str:
    """Return a function's text without its annotations, which say nothing to a reader of a few lines."""
    plain = copy(node)
    if isinstance(plain, ast.FunctionDef):
        plain.returns, plain.args = None, deepcopy(plain.args)
        for argument in ast.walk(plain.args):
            if isinstance(argument, ast.arg):
                argument.annotation = None
    return ast.unparse(plain)


@cache
def names_in(node: ast.AST) -> tuple[str, ...]:
    """Return the names that code uses, each once, in the order of the tree."""
    return tuple(dict.fromkeys(n.id for n in ast.walk(node) if isinstance(n, ast.Name)))


def helper_texts(node: ast.AST, helpers: Helpers, seen: frozenset[str] = frozenset()) -> list[str]:
    """Return the text of every helper that this code uses; a helper's own helpers come before it."""
    texts: list[str] = []
    for name in names_in(node):
        if name in helpers and name not in seen:
            for text in [*helper_texts(helpers[name], helpers, seen | {name}), function_text(helpers[name])]:
                if text not in texts:
                    texts.append(text)
    return texts


def row_text(file: Path, question: Question) -> str:
    """Return what an adapter calls for a question, without the parameters and the helpers: "conv(x, w, stride=s)"."""
    row = probe_rows(file).get(question.id)
    if row is None:
        return f"{question.call}({', '.join(question.inputs)})"
    return ast.unparse(row.body if isinstance(row, ast.Lambda) else row)


@dataclass(frozen=True)
class Recipe:
    """A recipe's text, the functions and constants it uses, and the imports of the files they stand in."""

    text: str
    helpers: tuple[str, ...]
    imports: tuple[str, ...] = ()


TABLES = ("RECIPES", "PROBES", "ABSENT", "UNJITTED")


@cache
def read_recipes(file: Path) -> dict[str, Recipe]:
    """Return {"S06: refused": its recipe, ...}; {} if there is no such file."""
    if not file.exists():
        return {}
    files = [PORTING, file.with_name(file.name.replace("_recipes", "_probe")), file]
    helpers: Helpers = {}
    for one in files:
        tree, functions = parse(one)
        constants = {n: v for n, v in top_assignments(tree).items() if n not in TABLES}
        helpers |= {**constants, **functions}
    imports = tuple(dict.fromkeys(line for one in files for line in imports_of(one)))
    return {
        name: Recipe(ast.unparse(value), tuple(helper_texts(value, helpers)), imports)
        for name, value in table_rows(parse(file)[0], "RECIPES").items()
    }


def top_assignments(tree: ast.Module) -> dict[str, ast.Assign]:
    """Map each name that a file assigns at its top to the assignment."""
    return {
        node.targets[0].id: node
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }


def imports_of(file: Path) -> list[str]:
    """Return a file's imports but those of our own files, which are copied with the helpers."""
    found = [node for node in parse(file)[0].body if isinstance(node, ast.Import | ast.ImportFrom)]
    return [
        ast.unparse(node)
        for node in found
        if not (isinstance(node, ast.ImportFrom) and (node.module or "").endswith(("_probe", "recipes", "__future__")))
    ]
