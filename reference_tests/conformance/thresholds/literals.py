"""The numbers that a target's code names, where a threshold may stand: read from its text, which is not run for it."""

import ast
import gc
import linecache
import math
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from ...subject.notebook import read_notebook
from ...subject.source import LoadError, Source, children, decode

SIZES = 5, 70_000  # that may be thresholds
SMALL, LARGE = 1e-6, 1e5  # other numbers that may be
USUAL = 0.02, 2.0  # between these, numbers that are drawn lie on both sides of any number
MOST = 12  # numbers of each kind
LONGEST, ALL = 300_000, 1_500_000  # characters of a file, and of all
ENTRIES, DEEPEST, NODES = 8, 8, 60_000  # of a table, of a sum of numbers, of a definition
NOTEBOOK = 20 << 20  # bytes; most of it is pictures
BOUND, LIMIT, VALUE, OTHER = range(4)  # how likely a number is a threshold: the first are
COUNTED = {"range", "arange", "array_split", "split", "islice"}
LIMITS = {"clip", "maximum", "minimum", "max", "min", "where", "full", "full_like", "pad"}
SHAPES = {"zeros", "empty", "ones"}
AXES = {"transpose", "moveaxis", "swapaxes", "rollaxis", "permute_dims", "expand_dims", "squeeze", "round", "around"}
OF_AXES = {"axis", "axes", "axis1", "axis2", "source", "destination", "ndmin", "decimals", "ndigits"}  # and of digits
CELL = re.compile(r"(.+\.ipynb), cell \d+")
DEFINES = r"^%s(?:(?:async[ \t]+)?def[ \t]+|class[ \t]+)?(\w+)"
UNDER_CONDITIONS = re.compile(r"^(?:if|try|with|else|except)\b", re.M)
OPERATIONS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.FloorDiv: lambda a, b: a // b,
    ast.Pow: lambda a, b: a**b if abs(b) <= 64 else math.nan,
    ast.LShift: lambda a, b: a << b if 0 <= b <= 64 else math.nan,
    ast.RShift: lambda a, b: a >> b,
}


class Spot(NamedTuple):
    """Where in the code a number stands.

    rank: how likely it is a threshold there. equal: of a size that counts itself alone, as by == or a remainder.
    bounds: it may be one of the numbers that the layer is given.
    """

    rank: int
    equal: bool = False
    bounds: bool = False


ANYWHERE = Spot(OTHER)


class Literal(NamedTuple):
    """A number in the code."""

    value: float
    place: str  # "layers.py, line 17"
    spot: Spot


class Definition:
    """What a file defines under a name, looked into when it is reached: the names that it uses, and its numbers."""

    def __init__(self, node: ast.stmt, place: str) -> None:
        self.node, self.place = node, place

    @cached_property
    def parts(self) -> tuple[frozenset[str], tuple[Literal, ...]]:
        """The names that it uses, and its numbers."""
        return look_into(self.node, self.place)


@dataclass
class CodeFile:
    """A file, or the cells of a notebook, of which a definition is looked at when it is needed."""

    sources: Callable[[], list[Source]]
    text: str

    @cached_property
    def named(self) -> frozenset[str]:
        """The names that it may define, as far as a look at its text tells."""
        indented = "[ \t]*" if UNDER_CONDITIONS.search(self.text) else ""
        return frozenset(re.findall(DEFINES % indented, self.text, re.M))

    @cached_property
    def definitions(self) -> dict[str, list[Definition]]:
        """What it defines: name -> its definitions. Code that cannot be read defines nothing."""
        found: dict[str, list[Definition]] = {}
        try:
            trees = [(source.tree, source.place) for source in self.sources()]
        except (LoadError, SyntaxError, ValueError, RecursionError, MemoryError, OSError):
            return {}
        for tree, place in trees:
            for node in statements_of(tree):
                if names := names_bound(node):
                    one = Definition(node, place)
                    for name in names:
                        found.setdefault(name, []).append(one)
        return found


def read_files(
    names: Iterable[str],
    folder: Path | None = None,
    base: Path | None = None,
    cells: Mapping[str, str] = MappingProxyType({}),
) -> list[CodeFile]:
    """Return the files and cells of these names, without running any.

    folder: outside of it nothing is read. base: the folder from which messages name a file. cells: what they call
    what was run under a name.
    """
    found, left = list[CodeFile](), ALL
    for name in dict.fromkeys(cell[1] if (cell := CELL.fullmatch(name)) else name for name in names):
        if folder and not Path(name).resolve().is_relative_to(folder.resolve()):
            continue
        try:
            one = read_file(name, base, cells)
        except (LoadError, SyntaxError, OSError, ValueError, RecursionError, MemoryError):
            continue
        if len(one.text) <= min(LONGEST, left):
            found.append(one)
            left -= len(one.text)
    return found


def read_file(name: str, base: Path | None, cells: Mapping[str, str]) -> CodeFile:
    """Return one file, or what was run under a name that is no file's. Raises what reading raises."""
    path = Path(name)
    place = str(path.relative_to(base)) if base and path.is_relative_to(base) else cells.get(name, path.name)
    if path.suffix == ".ipynb" and path.is_file() and path.stat().st_size <= NOTEBOOK:
        found = read_notebook(path, place)[0]
        return CodeFile(lambda: found, "\n".join("\n".join(one.lines) for one in found))
    if path.suffix == ".py" and path.is_file() and path.stat().st_size <= LONGEST:
        text = decode(path.read_bytes())
    else:
        text = "".join(linecache.cache[name][2]) if len(linecache.cache.get(name, ())) == 4 else ""  # type: ignore[misc]
    return CodeFile(lambda: [Source(place, name, parse_alone(text), [])], text)


def parse_alone(text: str) -> ast.Module:
    """Return the tree of code that need not be run, without the warnings of Python. Raises what parsing raises.

    The garbage collector rests meanwhile: it would look through all that there is, time and again.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    finally:
        if collects:
            gc.enable()


class Code:
    """The files of a target's code, and which of them may define a name."""

    def __init__(self, files: Sequence[CodeFile]) -> None:
        self.files = files
        self.homes: dict[str, list[CodeFile]] = {}
        for file in files:
            for name in file.named:
                self.homes.setdefault(name, []).append(file)

    def literals(self, roots: Iterable[str]) -> tuple[list[Literal], list[Literal]]:
        """Return the whole numbers, and the others, in what these names stand for and in all that it uses.

        The likeliest thresholds come first. Where the files define none of the names, those of all that they define.
        """
        found = [one for d in self.reached(roots) for one in d.parts[1]]
        return first_of(found, is_size), first_of(found, is_limit)

    def reached(self, roots: Iterable[str]) -> list[Definition]:
        """Return the definitions of some names, and of all that they use, those that are nearest first."""
        found: dict[int, Definition] = {}
        seen: set[tuple[int, str]] = set()
        queue: list[tuple[CodeFile | None, str]] = [(None, name) for name in roots]
        for home, name in queue:  # the list grows meanwhile
            if name not in self.homes or (id(home), name) in seen:
                continue
            seen.add((id(home), name))
            own = home is not None and name in home.definitions
            for file in [home] if home and own else self.homes[name]:
                for one in file.definitions.get(name, ()):
                    if id(one) not in found:
                        found[id(one)] = one
                        queue += [(file, used) for used in sorted(one.parts[0] & self.homes.keys())]
        return list(found.values()) or [d for file in self.files for some in file.definitions.values() for d in some]


def first_of(found: list[Literal], fits: Callable[[Literal], bool]) -> list[Literal]:
    """Return the likeliest of the literals that fit, each number once; equal: if it is so anywhere."""
    best: dict[float, Literal] = {}
    equal = {abs(one.value) for one in found if one.spot.equal}
    for one in sorted(filter(fits, found), key=lambda one: one.spot.rank):
        key = abs(one.value) if fits is is_size else one.value
        if key not in best and len(best) < MOST:
            best[key] = one._replace(value=key, spot=one.spot._replace(equal=abs(one.value) in equal))
    return list(best.values())


def is_size(one: Literal) -> bool:
    """Whether it may be a number of rows, channels, images ..."""
    size = abs(one.value)
    return SIZES[0] <= size <= SIZES[1] and size == int(size)


def is_limit(one: Literal) -> bool:
    """Whether it may be a bound of numbers: in a comparison, a clip, or a value that is set."""
    size = abs(one.value)
    return one.spot.bounds and SMALL < size <= LARGE and not USUAL[0] <= size <= USUAL[1]


def statements_of(tree: ast.Module) -> Iterator[ast.stmt]:
    """Yield the statements of a module, and those under its conditions."""
    todo: list[ast.stmt] = list(tree.body)
    for node in todo:  # the list grows meanwhile
        yield node
        if isinstance(node, ast.If | ast.Try | ast.With):
            todo += [*node.body, *getattr(node, "orelse", ()), *getattr(node, "finalbody", ())]
            todo += [one for handler in getattr(node, "handlers", ()) for one in handler.body]


def names_bound(node: ast.stmt) -> list[str]:
    """List the names that a statement defines, or of which it sets an attribute."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    found = []
    for target in (part for one in targets for part in getattr(one, "elts", [one])):
        while isinstance(target, ast.Attribute | ast.Subscript):
            target = target.value
        found += [target.id] if isinstance(target, ast.Name) else []
    return found


def look_into(node: ast.stmt, place: str) -> tuple[frozenset[str], tuple[Literal, ...]]:
    """Collect the names that a definition uses, and its numbers by where they stand."""
    names, literals = set[str](), list[Literal]()
    todo: list[tuple[ast.AST, Spot]] = [(node, ANYWHERE)]
    for one, spot in todo:  # the list grows meanwhile
        if len(todo) > NODES:
            break
        names.add(name_used(one))
        value = fold(one) if isinstance(one, ast.expr) else None
        if value is None:
            todo += inner_parts(one)
        elif math.isfinite(value):
            found = Literal(value, f"{place}, line {getattr(one, 'lineno', 0)}", spot)
            literals += [found] if is_size(found) or is_limit(found) else []
    return frozenset(names - {""}), tuple(literals)


def name_used(node: ast.AST) -> str:
    """Return the name of a file's that a node may stand for: NAME, or NAME of a module; "" for none."""
    if isinstance(node, ast.Name):
        return node.id
    of_module = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id != "self"
    return node.attr if of_module else ""  # type: ignore[attr-defined]


def inner_parts(node: ast.AST) -> list[tuple[ast.AST, Spot]]:
    """List the nodes below a node, each with what a number is that stands there."""
    parts = children(node)
    if isinstance(node, ast.List | ast.Tuple | ast.Set | ast.Dict):
        return [(one, ANYWHERE) for one in parts if len(parts) <= ENTRIES or not isinstance(one, ast.Constant)]
    if isinstance(node, ast.Compare):
        exact = any(isinstance(op, ast.Eq | ast.NotEq | ast.In | ast.NotIn) for op in node.ops)
        return [(one, Spot(BOUND, exact, not exact)) for one in (node.left, *node.comparators)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.FloorDiv | ast.Mod):
        return [(node.left, ANYWHERE), (node.right, Spot(BOUND, isinstance(node.op, ast.Mod)))]
    if isinstance(node, ast.Slice):
        return [(one, Spot(BOUND)) for one in parts]
    if isinstance(node, ast.Call):
        return [(node.func, ANYWHERE), *parts_of_call(node)]
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.arguments):
        own = [node.value] if not isinstance(node, ast.arguments) else [*node.defaults, *node.kw_defaults]
        return [(one, Spot(LIMIT, bounds=True) if one in own else ANYWHERE) for one in parts]
    return [(one, ANYWHERE) for one in parts]


def parts_of_call(node: ast.Call) -> list[tuple[ast.AST, Spot]]:
    """List the arguments of a call, of a short tuple each entry, with what a number is that stands there."""
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    spot = Spot(BOUND if name in COUNTED else LIMIT if name in LIMITS | SHAPES else VALUE, bounds=name in LIMITS)
    given = [*(one for one in node.args if name not in AXES or fold_all(one) is None)]
    given += [one.value for one in node.keywords if one.arg not in OF_AXES]
    return [(part, spot) for one in given for part in parts_of_tuple(one)]


def fold_all(node: ast.expr) -> list[float] | None:
    """Return the numbers of an argument that is made of numbers alone, such as the order of axes; None for others."""
    found = [fold(part) if isinstance(part, ast.expr) else None for part in parts_of_tuple(node)]
    return None if None in found else found  # type: ignore[return-value]


def parts_of_tuple(node: ast.AST) -> list[ast.AST]:
    """List the entries of a short tuple or list, such as a shape; else the node itself."""
    return list(node.elts) if isinstance(node, ast.Tuple | ast.List) and len(node.elts) <= ENTRIES else [node]


def fold(node: ast.expr, depth: int = 0) -> float | None:
    """Return the number that a simple expression of numbers alone is, such as 1 << 10 or -1e4; None for any other.

    A number that is far too large for a threshold is nan.
    """
    if isinstance(node, ast.Constant):
        known = type(node.value) in (int, float)
        return (node.value if known and abs(node.value) < 1e30 else math.nan) if known else None  # type: ignore
    if depth > DEEPEST:
        return None
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        value = fold(node.operand, depth + 1)
        return value if value is None or isinstance(node.op, ast.UAdd) else -value
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        left = fold(node.left, depth + 1)
        right = None if left is None else fold(node.right, depth + 1)
        return None if left is None or right is None else work_out(OPERATIONS[type(node.op)], left, right)
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("int", "float") and len(node.args) == 1:
        return fold(node.args[0], depth + 1)
    return None


def work_out(operation: Callable[[Any, Any], Any], left: float, right: float) -> float:
    """Return what an operation gives; nan where it gives nothing, or a number that is far too large."""
    try:
        value = operation(left, right)
        return value if abs(value) < 1e30 else math.nan
    except (ArithmeticError, TypeError, ValueError):
        return math.nan
