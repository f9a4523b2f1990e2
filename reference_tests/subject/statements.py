"""Choosing the statements of a file to run: those that define something. The others are dropped, with a reason."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .errors import Missing
from .side_effects import UNKNOWN, is_free_of_side_effects, resolve

Dropped = list[tuple[ast.stmt, str]]
IMPORTS = (ast.Import, ast.ImportFrom)
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
DEFINES = (*IMPORTS, *DEFINITIONS)
CLASS_LIKE = re.compile(r"[A-Z][a-z]\w*$")


def keep_definitions(node: ast.stmt, names: Mapping[str, Any], needed: set[str]) -> tuple[ast.stmt | None, Dropped]:
    """Return the part of a statement to run, None if there is none, and what is dropped of it, with reasons.

    names: what the file's names are so far. needed: names that the wanted definitions use.
    """
    if isinstance(node, DEFINES) or type(node).__name__ == "TypeAlias" or changes_import_path(node):
        return node, []
    if isinstance(node, ast.Expr):
        return None, [] if isinstance(node.value, ast.Constant) else [(node, describe_effect(node))]
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        return keep_assignment(node, names, needed)
    if isinstance(node, ast.If) and "__name__" in ast.unparse(node.test):
        rest, dropped = keep_block(node.orelse, names, needed)
        whole = ast.copy_location(ast.If(ast.Constant(True), rest, []), node) if rest else None
        return ast.fix_missing_locations(whole) if whole else None, [(node, "the main block"), *dropped]
    if isinstance(node, ast.Try | ast.If | ast.With):
        return keep_compound(node, names, needed)
    if isinstance(node, ast.For) and all(changes_import_path(n) or isinstance(n, IMPORTS) for n in node.body):
        return node, []
    return None, [] if isinstance(node, ast.Pass) else [(node, describe_effect(node))]


def keep_block(body: Iterable[ast.stmt], names: Mapping[str, Any], needed: set[str]) -> tuple[list[ast.stmt], Dropped]:
    """Return the statements of a block to run, and what is dropped of them."""
    results = [keep_definitions(node, names, needed) for node in body]
    return [kept for kept, _ in results if kept], [d for _, dropped in results for d in dropped]


def keep_compound(node: Any, names: Mapping[str, Any], needed: set[str]) -> tuple[ast.stmt | None, Dropped]:
    """Keep a try, if or with around those of its inner statements that are kept."""
    parts = {part: keep_block(getattr(node, part, []), names, needed) for part in ("body", "orelse", "finalbody")}
    handlers = [(h, keep_block(h.body, names, needed)) for h in getattr(node, "handlers", [])]
    found = [*parts.values(), *(body for _, body in handlers)]
    if not any(kept for kept, _ in found):
        return None, [(node, describe_effect(node))]
    new = type(node)(**{f: getattr(node, f) for f in node._fields})
    for part, (kept, _) in parts.items():
        if hasattr(node, part):
            setattr(new, part, kept or ([ast.Pass()] if getattr(node, part) else []))
    if handlers:
        new.handlers = [
            ast.copy_location(ast.ExceptHandler(h.type, h.name, kept or [ast.Pass()]), h) for h, (kept, _) in handlers
        ]
    return ast.fix_missing_locations(ast.copy_location(new, node)), [d for _, dropped in found for d in dropped]


def keep_assignment(node: Any, names: Mapping[str, Any], needed: set[str]) -> tuple[ast.stmt | None, Dropped]:
    """Keep an assignment if it has no side effects, or if it binds a name that the wanted definitions use."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    if not all(is_own_target(t, names) for t in flatten_targets(targets)):
        return None, [(node, "changes something else than this file's names")]
    if is_free_of_side_effects(node.value, names) or needed & set(assigned_names(node)):
        return node, []
    return None, [(node, "not a simple assignment")]


def flatten_targets(targets: Iterable[ast.expr]) -> Iterator[ast.expr]:
    """Yield the targets of an assignment, those inside tuples and lists one by one."""
    for t in targets:
        if isinstance(t, ast.Tuple | ast.List):
            yield from flatten_targets(t.elts)
        else:
            yield t.value if isinstance(t, ast.Starred) else t


def is_own_target(target: ast.expr, names: Mapping[str, Any]) -> bool:
    """Return whether assigning changes the file's own things only: a name, its attribute or item; or os.environ."""
    if isinstance(target, ast.Name) or ast.unparse(target).startswith(("os.environ[", "sys.path")):
        return True
    root: ast.expr = target
    while isinstance(root, ast.Attribute | ast.Subscript):
        root = root.value
    thing = resolve(root, names)
    if thing is UNKNOWN or isinstance(thing, Missing) or not is_free_of_side_effects(target, names):
        return False
    home = getattr(thing, "__module__", None) if callable(thing) else names.get("__name__")
    return home == names.get("__name__") and type(thing).__name__ != "module"


def changes_import_path(node: ast.stmt) -> bool:
    """Return whether it is a call of sys.path.append, insert or extend, or of os.chdir."""
    if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        return False
    return bool(re.match(r"(sys\.)?path\.(append|insert|extend)$|os\.chdir$", ast.unparse(node.value.func)))


def describe_effect(node: ast.stmt) -> str:
    """Return what a dropped statement does, in a word or two."""
    if isinstance(node, ast.For | ast.While | ast.AsyncFor):
        return "a loop"
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        called = ast.unparse(node.value.func)
        for why, pattern in EFFECTS.items():
            if re.search(pattern, called):
                return why
    return "not a definition"


EFFECTS = {
    "prints": r"^(p?print|display)$|\.(write|summary)$",
    "plots": r"^(plt|ax\w*|fig\w*|pyplot|sns|matplotlib|pylab)\b|\.(show|imshow|plot|savefig)$",
    "trains": r"\.(train|fit|train_step|update)$|^train\w*$",
    "a notebook magic": r"get_ipython",
    "exits": r"^(sys\.exit|exit|quit|os\._exit)$",
}


def inner_statements(node: ast.stmt) -> list[ast.stmt]:
    """Return the statements inside a try, if, with or loop."""
    found = [n for part in ("body", "orelse", "finalbody") for n in getattr(node, part, [])]
    return found + [n for h in getattr(node, "handlers", []) for n in h.body]


def bound_names(node: ast.stmt) -> list[str]:
    """Return the names that a statement would bind in its module, inner statements included."""
    if isinstance(node, IMPORTS):
        return [a.asname or a.name.partition(".")[0] for a in node.names if a.name != "*"]
    if isinstance(node, DEFINITIONS):
        return [node.name]
    return assigned_names(node) + [name for n in inner_statements(node) for name in bound_names(n)]


def assigned_names(node: ast.stmt) -> list[str]:
    """Return the names that a statement assigns itself."""
    targets = [*getattr(node, "targets", ()), getattr(node, "target", None)]
    targets += [item.optional_vars for item in getattr(node, "items", ())]
    return [t.id for t in flatten_targets(t for t in targets if t is not None) if isinstance(t, ast.Name)]


def walk_statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield all statements of a block, inner ones too, but none inside a definition."""
    for node in body:
        yield node
        if not isinstance(node, DEFINES):
            yield from walk_statements(inner_statements(node))


def defined_names(tree: ast.Module) -> set[str]:
    """Return the names that a file binds itself, not by an import."""
    own = (n for n in walk_statements(tree.body) if not isinstance(n, IMPORTS))
    return {name for n in own for name in ([n.name] if isinstance(n, DEFINITIONS) else assigned_names(n))}


def needed_names(trees: Iterable[ast.Module], wanted: Iterable[str]) -> set[str]:
    """Return all names that the wanted names and class-like assignments (Conv = make(...)) use, directly or not."""
    uses: dict[str, set[str]] = {}
    todo = list(wanted)
    for node in (n for tree in trees for n in walk_statements(tree.body)):
        if isinstance(node, DEFINITIONS):
            names = [node.name]
        elif isinstance(node, ast.Assign | ast.AnnAssign):  # also Convolution.backward = ...
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)]
            todo += [name for name in assigned_names(node) if CLASS_LIKE.match(name)]
        else:
            continue
        for name in names:
            uses.setdefault(name, set()).update(free_names(node))
    found: set[str] = set()
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += uses.get(name, ())
    return found


def free_names(node: ast.AST) -> set[str]:
    """Return the names that a node reads from outside."""
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Load) else set()
    found = {name for child in ast.iter_child_nodes(node) for name in free_names(child)}
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        inside = list(ast.walk(node))
        shared = {name for n in inside if isinstance(n, ast.Global) for name in n.names}
        found -= {n.arg for n in inside if isinstance(n, ast.arg)}
        found -= {n.id for n in inside if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)} - shared
    return found
