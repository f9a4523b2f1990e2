"""Choosing the statements of a file to run: those that define something. The others are dropped, with a reason."""

import ast
import collections
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from .errors import Missing
from .side_effects import UNKNOWN, is_free_of_side_effects, resolve
from .source import children, walk
from .stubs import is_stub_definition

Dropped = list[tuple[ast.stmt, str]]
IMPORTS = (ast.Import, ast.ImportFrom)
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
DEFINES = (*IMPORTS, *DEFINITIONS)
CLASS_LIKE = re.compile(r"[A-Z][a-z]\w*$")
LAYER_LIKE = re.compile(  # what may be read as a layer, under whatever name
    r"conv|pool|relu|sigmoid|tanh|affine|linear|dense|fully|softmax|entropy|dropout|norm|lrn|flatten|2col|2im|_pad|activation",
    re.IGNORECASE,
)
USES_LAYERS = re.compile(
    r"plot|show|vis|test|train|load|draw|check|demo|main|run|eval|data|normali[sz]e|net$|network|model", re.IGNORECASE
)
FILLS = {"append", "extend", "insert", "add", "update", "setdefault", "fill", "sort", "reverse", "appendleft"}
FILLED = (list, dict, set, collections.deque, np.ndarray)


def keep_definitions(node: ast.stmt, names: Mapping[str, Any], needed: set[str]) -> tuple[ast.stmt | None, Dropped]:
    """Return the part of a statement to run, None if there is none, and what is dropped of it, with reasons.

    names: what the file's names are so far. needed: names that the wanted definitions use.
    """
    if isinstance(node, DEFINES) or type(node).__name__ == "TypeAlias" or changes_import_path(node):
        return node, []
    if isinstance(node, ast.Expr) and needed & changed_names(node) and only_fills(node, names):
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
    if isinstance(node, ast.For) and needed & changed_names(node) and only_fills(node, names):
        return node, []
    return None, [] if isinstance(node, ast.Pass) else [(node, describe_effect(node))]


def only_fills(node: ast.stmt, names: Mapping[str, Any]) -> bool:
    """Return whether a statement does nothing but change the file's own names: TABLE.append(1), or a loop of such."""
    if isinstance(node, ast.For | ast.If):
        head = node.iter if isinstance(node, ast.For) else node.test
        return is_free_of_side_effects(head, names) and all(only_fills(n, names) for n in (*node.body, *node.orelse))
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = flatten_targets(node.targets if isinstance(node, ast.Assign) else [node.target])
        own = all(isinstance(t, ast.Name) or is_own_table(t, names) for t in targets)
        return own and is_free_of_side_effects(node.value, names)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        call = node.value
        fills = isinstance(call.func, ast.Attribute) and call.func.attr in FILLS
        given = [*call.args, *(k.value for k in call.keywords)]
        return fills and is_own_table(call.func.value, names) and all(is_free_of_side_effects(a, names) for a in given)  # type: ignore[attr-defined]
    return isinstance(node, ast.Pass | ast.Continue | ast.Break)


def is_own_table(target: ast.expr, names: Mapping[str, Any]) -> bool:
    """Return whether an expression is a list, dict, set or array of the file's, or an item of one."""
    root = target
    while isinstance(root, ast.Subscript):
        root = root.value
    own = isinstance(root, ast.Name) and isinstance(names.get(root.id), FILLED)
    return own and is_free_of_side_effects(target, names)


def changed_names(node: ast.stmt) -> set[str]:
    """Return the names that a statement binds, or whose table it changes, inner statements included."""
    found = set(bound_names(node))
    for one in [node, *walk_statements(inner_statements(node))]:
        targets: list[Any] = [*getattr(one, "targets", ()), getattr(one, "target", None)]
        called = one.value.func if isinstance(one, ast.Expr) and isinstance(one.value, ast.Call) else None
        if isinstance(called, ast.Attribute) and called.attr in FILLS:
            targets.append(called.value)
        for root in targets:
            while isinstance(root, ast.Subscript | ast.Attribute):
                root = root.value
            if isinstance(root, ast.Name):
                found.add(root.id)
    return found


def outer_names_changed(function: ast.FunctionDef) -> set[str]:
    """Return the names of the module that a function binds, or whose table it changes."""
    inside = list(walk_statements(function.body))
    shared = {name for n in inside if isinstance(n, ast.Global) for name in n.names}
    own = {a.arg for a in walk(function.args) if isinstance(a, ast.arg)}
    own |= {name for n in inside for name in bound_names(n)} - shared
    return {name for n in inside for name in changed_names(n)} - own


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


def defined_names(tree: ast.Module) -> dict[str, bool]:
    """Map the names that a file binds itself, not by an import, to whether they are written: False for a stub."""
    found: dict[str, bool] = {}
    for node in walk_statements(tree.body):
        if isinstance(node, DEFINITIONS):
            found[node.name] = not is_stub_definition(node)
        elif not isinstance(node, IMPORTS):
            found |= dict.fromkeys(assigned_names(node), True)
    return found


def needed_names(trees: Iterable[ast.Module], wanted: Iterable[str]) -> set[str]:
    """Return all names that the wanted names and class-like assignments (Conv = make(...)) use, directly or not."""
    uses: dict[str, set[str]] = {}
    todo = list(wanted)
    for node in (n for tree in trees for n in walk_statements(tree.body)):
        if isinstance(node, DEFINITIONS):
            names = [node.name]
            todo += [node.name] if LAYER_LIKE.search(node.name) and not USES_LAYERS.search(node.name) else []
        elif isinstance(node, ast.Assign | ast.AnnAssign):  # also Convolution.backward = ...
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [n.id for t in targets for n in walk(t) if isinstance(n, ast.Name)]
            todo += [name for name in assigned_names(node) if CLASS_LIKE.match(name)]
        elif isinstance(node, ast.AugAssign | ast.Expr | ast.For):
            names = list(changed_names(node))
        else:
            continue
        part = node.iter if isinstance(node, ast.For) else node  # a loop's body comes by itself
        for name in names:
            uses.setdefault(name, set()).update(free_names(part))
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
    found = set[str]().union(*map(free_names, children(node)))
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        inside = list(walk(node))
        shared = {name for n in inside if isinstance(n, ast.Global) for name in n.names}
        found -= {n.arg for n in inside if isinstance(n, ast.arg)}
        found -= {n.id for n in inside if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)} - shared
    return found
