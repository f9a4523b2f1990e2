"""Deciding whether an expression can be evaluated without side effects, so that loading a file does nothing else.

Literals, names, arithmetic and calls that only make a value (numpy, collections, functools, os.path ...) are free of
them. Calls of the target's own functions and of other libraries are not, nor is what reads, prints or draws.
"""

import ast
import builtins
import inspect
import types
from collections.abc import Iterator, Mapping
from typing import Any

from .errors import Missing

_VALUES = """
    builtins numpy math cmath functools _functools itertools operator _operator collections _collections
    collections.abc typing abc enum dataclasses types pathlib posixpath ntpath genericpath fractions decimal copy re
    string logging contextlib importlib time datetime random numbers textwrap inspect"""
_ACTING = """
    print input open exec eval exit quit breakpoint help load loadtxt genfromtxt fromfile memmap
    save savez savetxt savez_compressed tofile seed sleep shuffle read_text read_bytes write_text write_bytes
    mkdir unlink touch rename iterdir glob rglob basicConfig"""
VALUE_MODULES = frozenset(_VALUES.split())  # their functions only make values, ...
ACTING_FUNCTIONS = frozenset(_ACTING.split())  # ... except these
OS_FUNCTIONS = {"getenv", "getcwd", "cpu_count", "fspath", "get"}  # of os, those that only make values
UNKNOWN = object()  # in place of a value that cannot be known without running code


def is_free_of_side_effects(node: ast.AST | None, names: Mapping[str, Any]) -> bool:
    """Return whether evaluating the expression only makes a value. names: what the file's names are so far."""
    return all(only_makes_a_value(call.func, names) for call in evaluated_calls(node)) if node is not None else True


def evaluated_calls(node: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls that evaluating the expression makes; a lambda's body is not evaluated."""
    if isinstance(node, ast.Call):
        yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(node, ast.Lambda) and child is node.body):
            yield from evaluated_calls(child)


def only_makes_a_value(function: ast.expr, names: Mapping[str, Any]) -> bool:
    """Return whether calling this function has no side effect, judged by the module that it is from."""
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
    """Return the object that a dotted name stands for now, or UNKNOWN. None of the target's code is run for it."""
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
