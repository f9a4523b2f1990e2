"""The text of a function of an adapter with the helpers that it calls, read without running anything."""

import ast
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


def recipes(file: Path) -> dict[str, str]:
    """{"S06: refused": the recipe's code and the helpers of its file that it uses}; {} where there is no such file."""
    if not file.exists():
        return {}
    tree, helpers = parsed(file)
    table = next(n for n in tree.body if isinstance(n, ast.Assign) and getattr(n.targets[0], "id", "") == "RECIPES")
    assert isinstance(table.value, ast.Dict)
    return {
        ast.literal_eval(key): "\n".join([*used(value, helpers), ast.unparse(value)])
        for key, value in zip(table.value.keys, table.value.values)
        if key is not None
    }
