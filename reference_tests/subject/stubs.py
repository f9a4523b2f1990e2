"""Stubs: functions of the target that are not written yet. A call of one is noticed, so that it is no mistake.

A marked stub starts with a call of Stubs.notice. Called by a program itself it ends there, as "not implemented". Called
by other code of the target (a network whose layer is a stub) it runs on; only if that fails, the stub is the reason.
"""

import ast
import re
import sys
from collections.abc import Container, Iterator

from .source import walk

NOTICE = "__not_implemented__"  # what the call is named in the target's modules
SAYS_SO = re.compile(r"implement|TODO|実装|not written", re.IGNORECASE)
NOTHING_NEEDED = re.compile(r"\.(?!.*(forward|back|prop|call|predict|loss|\.grad))")  # methods that may do nothing
WORK = {"forward", "backward", "__call__"}  # the methods that make a layer
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class NotWritten(Exception):
    """A stub was called by a program."""


class Stubs:
    """The stubs of one target, and those that were called since the last clear()."""

    def __init__(self, files: Container[str]) -> None:
        """files: the target's own, by which its calls are known; they may be added later."""
        self.files = files
        self.called: list[str] = []
        self.bases: set[str] = set()  # classes that others are derived from: their methods may well do nothing

    def notice(self, name: str, place: str) -> None:
        """Note a call.

        Raises NotWritten if it is not the target's own code that calls.
        """
        by_target = sys._getframe(2).f_code.co_filename in self.files
        if not by_target or not (name.partition(".")[0] in self.bases or NOTHING_NEEDED.search(name)):
            self.called.append(f"{name} ({place})")
        if not by_target:
            raise NotWritten(self.called[-1])

    def mark(self, tree: ast.Module, place: str) -> None:
        """Put the call into every stub of the tree."""
        bases = [b for c in walk(tree) if isinstance(c, ast.ClassDef) for b in c.bases]
        self.bases |= {ast.unparse(b).rpartition(".")[2] for b in bases}
        for owner, function in functions_of(tree):
            if is_stub(function):
                name = f"{owner}.{function.name}" if owner else function.name
                where = f"{place}, line {function.lineno}"
                call = ast.parse(f"{NOTICE}({name!r}, {where!r})").body[0]
                for node in walk(call):
                    ast.copy_location(node, function.body[-1])
                function.body.insert(1 if ast.get_docstring(function, clean=False) is not None else 0, call)


def functions_of(tree: ast.AST, owner: str = "") -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Yield the functions of a file and the methods of its classes, with the class's name."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, FUNCTIONS):
            if not re.match(r"__(?!call__)", node.name):  # __init__ may well do nothing
                yield owner, node
        elif isinstance(node, ast.stmt | ast.ExceptHandler):
            yield from functions_of(node, node.name if isinstance(node, ast.ClassDef) else owner)


def is_stub(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether a function does nothing yet: pass, ..., None, NotImplementedError, or a docstring alone.

    Names may be set to None and arguments be packed, as in a course's skeleton: `out = None; return out, cache`.
    """
    empty = {"None"}  # the expressions that are None
    keeps, says = False, False  # it keeps something in an attribute; it says `pass`
    for node in function.body:
        if isinstance(node, ast.Expr) and ast.unparse(node).startswith(f"{NOTICE}("):
            return True  # it has been marked
        if isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            says = says or ast.unparse(node) in ("pass", "...")
            continue
        if isinstance(node, ast.Raise):
            return says_unwritten(node.exc)
        if isinstance(node, ast.Assert):
            return isinstance(node.test, ast.Constant) and not node.test.value
        if isinstance(node, ast.Return):
            first = node.value.elts[0] if isinstance(node.value, ast.Tuple) and node.value.elts else node.value
            return not keeps and (first is None or ast.unparse(first) in (empty | {"NotImplemented", "..."}))
        if not (isinstance(node, ast.Assign) and is_plain(node.value)):
            return False
        targets = [ast.unparse(t) for t in node.targets]
        keeps = keeps or any("." in t or "[" in t for t in targets)
        if all_none(node.value, empty):
            empty |= {part.strip(" ()") for t in targets for part in t.split(",")}
    return says or not keeps


def says_unwritten(error: ast.expr | None) -> bool:
    """Return whether a raised exception says that something is not implemented."""
    text = ast.unparse(error) if error is not None else ""
    return text.startswith("NotImplemented") or bool(SAYS_SO.search(text))


def is_plain(value: ast.expr) -> bool:
    """Return whether an expression is made of names, attributes and constants alone: nothing is worked out."""
    return all(
        isinstance(n, ast.Name | ast.Attribute | ast.Constant | ast.Tuple | ast.List | ast.expr_context)
        for n in walk(value)
    )


def all_none(value: ast.expr, empty: set[str]) -> bool:
    """Return whether an expression is None, or a tuple of such."""
    parts = value.elts if isinstance(value, ast.Tuple | ast.List) else [value]
    return bool(parts) and all(ast.unparse(part) in empty for part in parts)


def is_stub_definition(node: ast.AST) -> bool:
    """Return whether a function is a stub, or a class all of whose methods are, __init__ aside.

    A class with bases may have the rest from them, so it is one only if its own forward or backward is a stub.
    """
    if isinstance(node, FUNCTIONS):
        return is_stub(node)
    if not isinstance(node, ast.ClassDef):
        return False
    methods = [m for m in node.body if isinstance(m, FUNCTIONS) and m.name != "__init__"]
    rest = [n for n in node.body if not isinstance(n, (*FUNCTIONS, ast.Pass, ast.Expr))]
    if any(ast.unparse(b) not in ("object", "ABC", "abc.ABC") for b in node.bases) and not WORK & {
        m.name for m in methods
    }:
        return False
    return not rest and all(is_stub(m) for m in methods) and (bool(methods) or not has_init(node))


def has_init(node: ast.ClassDef) -> bool:
    """Return whether a class has an __init__ that does something."""
    return any(isinstance(m, FUNCTIONS) and m.name == "__init__" and not is_stub(m) for m in node.body)
