"""Is an expression simple: may a file be read, without doing what it does, by evaluating it?

Literals, names, arithmetic and calls that only make a value (numpy, collections, functools, os.path ...) are simple.
Calls of the target's own functions, of other libraries, and what reads, prints or draws are not."""

import ast
import builtins
import inspect
import types
from collections.abc import Iterator, Mapping
from typing import Any

from .errors import Missing

# modules whose functions only make values
_VALUES = """builtins numpy math cmath functools _functools itertools operator _operator collections _collections
    collections.abc typing abc enum dataclasses types pathlib posixpath ntpath genericpath fractions decimal copy re
    string logging contextlib importlib time datetime random numbers textwrap inspect"""
# of these, what does something else
_ACTS = """print input open exec eval exit quit breakpoint help load loadtxt genfromtxt fromfile memmap
    save savez savetxt savez_compressed tofile seed sleep shuffle read_text read_bytes write_text write_bytes
    mkdir unlink touch rename iterdir glob rglob basicConfig"""
VALUE_MODULES, ACTING_FUNCTIONS = set(_VALUES.split()), set(_ACTS.split())
OS_FUNCTIONS = {"getenv", "getcwd", "cpu_count", "fspath", "get"}
UNKNOWN = object()


def is_free_of_side_effects(node: ast.AST | None, names: Mapping[str, Any]) -> bool:
    return all(only_makes_a_value(call.func, names) for call in evaluated_calls(node)) if node is not None else True


def evaluated_calls(node: ast.AST) -> Iterator[ast.Call]:
    """The calls that evaluating it makes: a lambda's body is not evaluated."""
    if isinstance(node, ast.Call):
        yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(node, ast.Lambda) and child is node.body):
            yield from evaluated_calls(child)


def only_makes_a_value(function: ast.expr, names: Mapping[str, Any]) -> bool:
    thing = resolve(function, names)
    if thing is UNKNOWN or isinstance(thing, Missing):
        return True  # a method of a simple value; or it fails by itself, and says why
    owner = getattr(thing, "__self__", None)
    home = getattr(thing, "__module__", None)
    if not isinstance(home, str):
        home = type(thing if owner is None or isinstance(owner, types.ModuleType) else owner).__module__
    name = getattr(thing, "__name__", "")
    if home in ("os", "posix", "nt"):
        return name in OS_FUNCTIONS
    return (home in VALUE_MODULES or home.partition(".")[0] in VALUE_MODULES) and name not in ACTING_FUNCTIONS


def resolve(node: ast.expr, names: Mapping[str, Any]) -> Any:
    """The object that a dotted name stands for now; nothing of the target's is run to find it."""
    if isinstance(node, ast.Name):
        return names.get(node.id, vars(builtins).get(node.id, UNKNOWN))
    if not isinstance(node, ast.Attribute):
        return UNKNOWN
    base = resolve(node.value, names)
    if base is UNKNOWN or isinstance(base, Missing):
        return base
    if not isinstance(base, types.ModuleType | type) and type(base).__module__.partition(".")[0] not in VALUE_MODULES:
        found = inspect.getattr_static(type(base), node.attr, UNKNOWN)
        return type(base) if found is UNKNOWN else found
    try:
        return getattr(base, node.attr, UNKNOWN)
    except Exception:
        return UNKNOWN
