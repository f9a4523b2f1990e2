"""Code that waits for others: pools of threads and connections are called pool, and asking them would never end."""

import ast
import inspect
from types import ModuleType
from typing import Any

from ...source import walk
from ..signatures import methods_of, tree_of

WAITING = (
    "threading", "_thread", "queue", "_queue", "multiprocessing", "concurrent", "asyncio", "socket", "_socket",
    "selectors", "subprocess", "sched", "sqlite3", "http", "urllib", "ssl",
)  # fmt: skip


def waits_for_others(thing: Any) -> bool:
    """Return whether a class or function uses threads, queues or connections, and nothing of NumPy."""
    tree, functions = tree_of(thing), methods_of(thing).values() if isinstance(thing, type) else [thing]
    if tree is None:
        return False
    known: dict[str, Any] = {}
    for function in functions:
        known |= getattr(inspect.unwrap(function), "__globals__", {})
    named = {node.id for node in walk(tree) if isinstance(node, ast.Name)}
    used = {home_of(known[name]) for name in named & known.keys()}
    return bool(used & {*WAITING}) and "numpy" not in used


def home_of(thing: Any) -> str:
    """Return the package that a module, class or function comes from."""
    home = thing.__name__ if isinstance(thing, ModuleType) else getattr(thing, "__module__", "")
    return str(home).partition(".")[0]
