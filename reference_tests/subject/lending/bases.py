"""Base classes that are not here: a layer that has all of its work in its own body does without one."""

import ast
import copy
import re
from collections.abc import Mapping
from typing import Any

from ..conventions.vocabulary import FORWARD, method_word
from ..errors import Missing
from ..source import walk
from .lender import FOREIGN


class Blank:
    """A base class that does nothing."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        pass


def without_missing_bases(node: ast.ClassDef, names: Mapping[str, Any]) -> tuple[ast.ClassDef, list[str]]:
    """Return a layer's class with Blank in place of those bases that are not here, and their names.

    It stays as it is where it uses what only the base can have, or where the base is a library's.
    """
    lost = [base.id for base in node.bases if isinstance(base, ast.Name) and is_lost(names.get(base.id))]
    if not lost or not is_whole(node):
        return node, []
    bare = copy.deepcopy(node)
    kept = [base for base in bare.bases if not (isinstance(base, ast.Name) and base.id in lost)]
    bare.bases = [*kept, ast.copy_location(ast.Name(Blank.__name__, ast.Load()), node)]
    return ast.fix_missing_locations(bare), lost


def is_lost(thing: Any) -> bool:
    """Return whether a name could not be imported, from a module that is no known library's."""
    module = re.search(r"No module named '(\w+)", thing._why) if isinstance(thing, Missing) else None
    return bool(module and module[1] not in FOREIGN)


def is_whole(node: ast.ClassDef) -> bool:
    """Return whether a class has a forward pass, and all that it uses of itself, in its own body."""
    methods = {n.name for n in node.body if isinstance(n, ast.FunctionDef)}
    own = [n for n in walk(node) if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name)]
    stored = {n.attr for n in own if isinstance(n.ctx, ast.Store)} | methods
    stored |= {t.id for n in node.body if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)}
    used = {n.attr for n in own if n.value.id == "self"} - stored  # type: ignore[attr-defined]
    of_super = {
        n.attr for n in walk(node) if isinstance(n, ast.Attribute) and ast.unparse(n.value).startswith("super(")
    }
    return bool({method_word(n) for n in methods} & {*FORWARD}) and not used and of_super <= {"__init__"}
