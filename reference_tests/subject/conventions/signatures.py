"""What code says of itself: its arguments, the keys that it reads from a dict, the names of an array's axes."""

import ast
import inspect
import itertools
import linecache
import textwrap
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from opcode import opname
from types import CodeType
from typing import Any

from ..source import walk
from .vocabulary import normalize, roles_of

ABSENT = inspect.Parameter.empty
LIBRARIES = ("torch", "jax", "cupy")  # whose classes a target may inherit from
AXES = {  # the words by which authors call the sides of an image, for each letter of a layout
    "N": "n m batch batchsize b bs nimages nsamples samples num numimages nb bsize",
    "C": "c nc ncprev channels inchannels inch cin nchannels depth d ch channel numchannels cprev xch ci inputchannels",
    "H": "h nh nhprev height hin inh ih inputheight hprev xh rows hi inheight",
    "W": "w nw nwprev width win inw iw inputwidth wprev xw cols wi inwidth",
    "F": "f fn nf nfilters numfilters outchannels filters nc outch cout nflt cnew co filternum nfilter outc oc",
    "I": "hh fh kh f k filterheight kernelheight flth kernelsize r fr filtersize ksize filterh",
    "J": "ww fw kw f k filterwidth kernelwidth fltw kernelsize s fc filtersize ksize filterw",
}


@dataclass(frozen=True)
class Argument:
    """One argument of a callable, with the roles that its name allows."""

    name: str
    roles: tuple[str, ...]
    default: Any
    keyword_only: bool
    annotation: Any = None

    @property
    def required(self) -> bool:
        """Whether the callable needs it."""
        return self.default is ABSENT


def arguments_of(thing: Any, skip_first: bool = False) -> list[Argument] | None:
    """List a callable's arguments; None where they cannot be told. Of **keywords those that its code reads by name.

    *args are left out, unless a function takes nothing else: they stand for one argument then.
    """
    try:
        found = list(inspect.signature(thing).parameters.values())
    except (TypeError, ValueError):
        return None
    plain = [p for p in found if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    if len(plain) <= int(skip_first) and not isinstance(thing, type):
        plain += [p for p in found if p.kind is p.VAR_POSITIONAL]
    listed = [
        Argument(p.name, roles_told(p.name, p.default), p.default, p.kind is p.KEYWORD_ONLY, p.annotation)
        for p in plain[int(skip_first) :]
    ]
    keywords = next((p.name for p in found if p.kind is p.VAR_KEYWORD), "")
    return listed + (keywords_read(thing, keywords) if keywords else [])


def hands_all_on(method: Callable[..., Any]) -> bool:
    """Return whether a method takes *arguments only: it hands them to another, whose names tell what they are."""
    found = list(inspect.signature(method).parameters.values())[1:]
    return [p.kind for p in found] == [inspect.Parameter.VAR_POSITIONAL]


def roles_told(name: str, default: Any) -> tuple[str, ...]:
    """Return the roles that an argument's name allows; "same" and "valid" are paddings under any name."""
    found = tuple(roles_of(name))
    told = isinstance(default, str) and default.lower() in ("same", "valid")
    return ("pad",) if told and not {"pad", "mode"} & {*found} else found


def keywords_read(thing: Any, name: str) -> list[Argument]:
    """List what code takes out of its **keywords by name; what it gets with a default may be left out."""
    found: dict[str, Any] = {}
    tree = tree_of(methods_of(thing).get("__init__") if isinstance(thing, type) else thing)
    for node in walk(tree) if tree else ():
        parts: list[ast.expr] = []
        if isinstance(node, ast.Subscript) and is_name(node.value, name):
            parts, lacking = [node.slice], ABSENT
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and is_name(node.func.value, name):
            parts, lacking = node.args if node.func.attr in ("get", "pop") else [], None
        key = parts[0].value if parts and isinstance(parts[0], ast.Constant) else None
        if isinstance(key, str) and key.isidentifier():
            default = getattr(parts[1], "value", None) if parts[1:] else lacking
            found[key] = default if key not in found or default is not ABSENT else found[key]
    return [Argument(key, tuple(roles_of(key)), default, True) for key, default in found.items()]


def tree_of(thing: Any) -> ast.AST | None:
    """Return the syntax tree of a function, or of all methods of a class; None where the source is not at hand."""
    if isinstance(thing, type):
        trees = [tree_of(m) for m in methods_of(thing).values() if inspect.isfunction(inspect.unwrap(m))]
        return ast.Module([t for tree in trees if isinstance(tree, ast.Module) for t in tree.body], [])
    try:
        return tree_of_code(inspect.unwrap(thing).__code__)
    except Exception:  # built in, or made by exec
        return None


@lru_cache(maxsize=256)
def tree_of_code(code: CodeType) -> ast.AST:
    """Return the syntax tree of compiled code: the same is asked often.

    inspect.getsource would look at the files of all loaded modules first, which takes as long as all other reading.
    Raises OSError, TypeError or SyntaxError where the source is not at hand.
    """
    linecache.checkcache(code.co_filename)
    lines = linecache.getlines(code.co_filename)[code.co_firstlineno - 1 :]
    if not lines:
        raise OSError(f"{code.co_filename} cannot be read")
    return ast.parse(textwrap.dedent("".join(inspect.getblock(lines))))


def is_own(thing: Any, files: Collection[str]) -> bool:
    """Return whether a class or function is defined in these files."""
    if isinstance(thing, type):
        found = [f for f in vars(thing).values() if inspect.isfunction(inspect.unwrap(f) if callable(f) else f)]
        return any(inspect.unwrap(f).__code__.co_filename in files for f in found) or any(
            base is not object and is_own(base, files) for base in thing.__bases__
        )
    code = getattr(inspect.unwrap(thing) if callable(thing) else None, "__code__", None)
    return code is not None and code.co_filename in files


def keys_read(tree: ast.AST | None, name: str) -> list[str]:
    """List the keys that code reads from the dict of this name, in its order: name["stride"], name.get("pad", 0)."""
    found = []
    for node in walk(tree) if tree else ():
        key: ast.expr | None = None
        if isinstance(node, ast.Subscript) and is_name(node.value, name):
            key = node.slice
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            key = (
                node.args[0]
                if node.func.attr in ("get", "pop", "setdefault") and is_name(node.func.value, name)
                else None
            )
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            found.append((key.lineno, key.col_offset, key.value))
    return list(dict.fromkeys(value for _, _, value in sorted(found)))


def keys_to_spare(tree: ast.AST | None, name: str) -> set[str]:
    """Return the keys that code can do without in the dict of this name: it gets them with a default only."""
    spare, needed = set[str](), set[str]()
    for node in walk(tree) if tree else ():
        if isinstance(node, ast.Subscript) and is_name(node.value, name) and isinstance(node.ctx, ast.Load):
            needed |= texts_of(node.slice)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and is_name(node.func.value, name):
            lacks_default = node.func.attr == "pop" and len(node.args) < 2
            (needed if lacks_default else spare).update(texts_of(node.args[0]) if node.args else ())
    return spare - needed


def is_written_into(tree: ast.AST | None, name: str) -> bool:
    """Return whether code puts something into the dict of this name: ctx["x"] = x."""
    stored = [n for n in walk(tree) if isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store)] if tree else []
    return any(is_name(n.value, name) for n in stored)


def texts_of(key: ast.expr) -> set[str]:
    """Return the key that code names as a text, in a set; an empty one where it is worked out."""
    return {key.value} if isinstance(key, ast.Constant) and isinstance(key.value, str) else set()


def parts_read(tree: ast.AST | None, name: str) -> list[str]:
    """List the names to which code takes a tuple apart: stride, pad = params; or s = params[0], p = params[1]."""
    by_place: dict[int, str] = {}
    for node in walk(tree) if tree else ():
        if not isinstance(node, ast.Assign) or len(node.targets) != 1:
            continue
        target, value = node.targets[0], node.value
        if isinstance(target, ast.Tuple | ast.List) and is_name(value, name):
            return [ast.unparse(t).rpartition(".")[2] for t in target.elts]
        place = value.slice if isinstance(value, ast.Subscript) and is_name(value.value, name) else None
        if (
            isinstance(place, ast.Constant)
            and isinstance(place.value, int)
            and isinstance(target, ast.Name | ast.Attribute)
        ):
            by_place[place.value] = ast.unparse(target).rpartition(".")[2]
    return [by_place[i] for i in sorted(by_place)] if sorted(by_place) == [*range(len(by_place))] else []


def reads_third(tree: ast.AST | None, name: str) -> bool:
    """Return whether code takes the third of a list of this name: strides[2]."""
    taken = [n.slice for n in walk(tree) if isinstance(n, ast.Subscript) and is_name(n.value, name)] if tree else []
    return any(isinstance(place, ast.Constant) and place.value == 2 for place in taken)


def is_name(node: ast.AST, name: str) -> bool:
    """Return whether the node is the variable of this name, or self's attribute of it."""
    if isinstance(node, ast.Attribute):
        return node.attr == name and isinstance(node.value, ast.Name)
    return isinstance(node, ast.Name) and node.id == name


def assignments(tree: ast.AST | None) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield (target, value) of each assignment, those of a tuple to a tuple one by one: (a, b), c = x.shape, 1."""
    pairs = [(target, n.value) for n in walk(tree) if isinstance(n, ast.Assign) for target in n.targets] if tree else []
    for target, value in pairs:  # the list grows meanwhile
        if both_lists(target, value):
            pairs += zip(target.elts, value.elts)  # type: ignore[attr-defined]
        else:
            yield target, value


def both_lists(target: ast.expr, value: ast.expr) -> bool:
    """Return whether both are tuples, or lists, of equal length and without a star."""
    parts = [node.elts if isinstance(node, ast.Tuple | ast.List) else [] for node in (target, value)]
    starred = any(isinstance(part, ast.Starred) for part in (*parts[0], *parts[1]))
    return len(parts[0]) == len(parts[1]) > 0 and not starred


def axes_named(tree: ast.AST | None, name: str) -> list[str] | None:
    """Return the names to which code unpacks an array's shape: ["m", "h", "w", "c"] of `m, h, w, c = x.shape`."""
    for target, value in assignments(tree):
        if not isinstance(target, ast.Tuple | ast.List):
            continue
        if is_shape(value, name):
            return [ast.unparse(t).rpartition(".")[2] for t in target.elts]
    return None


def is_shape(node: ast.AST, name: str) -> bool:
    """Return whether code is the shape of the array of this name: x.shape, np.shape(x)."""
    if isinstance(node, ast.Call) and node.args:
        return isinstance(node.func, ast.Attribute) and node.func.attr == "shape" and is_name(node.args[0], name)
    return isinstance(node, ast.Attribute) and node.attr == "shape" and is_name(node.value, name)


def returns_several(tree: ast.AST | None) -> bool:
    """Return whether a function returns two or more things at every return, or says so: by a tuple's name too."""
    functions = [n for n in walk(tree) if isinstance(n, ast.FunctionDef)] if tree else []
    own = functions[0] if functions else ast.Module([], [])
    apart = {n for inner in functions[1:] for n in walk(inner)}
    values = [n.value for n in walk(own) if isinstance(n, ast.Return) and n not in apart]
    tuples = {t.id for t, value in assignments(own) if isinstance(t, ast.Name) and is_several(value)}
    listed = bool(values) and all(is_several(v) or (isinstance(v, ast.Name) and v.id in tuples) for v in values)
    return listed or is_tuple_type(getattr(own, "returns", None))


USES = ("LOAD_", "CALL", "PRECALL", "KW_NAMES", "BINARY_", "STORE_SUBSCR")  # what makes a tuple an argument or an index


def may_return_several(function: Any) -> bool:
    """Return whether returns_several may say so: whether compiled code keeps a tuple, or an annotation has one.

    To parse the source of each backward pass took a tenth of the time for a target in the book's own interface.
    """
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None or getattr(function, "__annotations__", {}).get("return"):
        return True
    pairs = [*zip(code.co_code[::2], code.co_code[1::2])]
    made = [i for i, (op, count) in enumerate(pairs[:-1]) if opname[op] == "BUILD_TUPLE" and count > 1]
    return any(not opname[pairs[i + 1][0]].startswith(USES) for i in made)


def is_tuple_type(annotation: ast.expr | None) -> bool:
    """Return whether an annotation says a tuple of two or more things: Tuple[np.ndarray, int, int]."""
    if not isinstance(annotation, ast.Subscript) or not is_several(annotation.slice):
        return False
    return ast.unparse(annotation.value).rpartition(".")[2] in ("Tuple", "tuple")


def is_several(value: ast.expr | None) -> bool:
    """Return whether code is a tuple of two or more things."""
    return isinstance(value, ast.Tuple) and len(value.elts) > 1


def letters_of(names: list[str], letters: str, known: Collection[str] = ()) -> str | None:
    """Return the layout that the names of the axes tell, such as "N H W C"; None where they do not tell it.

    letters: those that the array may have. known: the layouts that there are, which come before others.
    The same name twice is a square window's. A name "_" takes what is left.
    """
    allowed = [[a for a in letters if normalize(name) in AXES.get(a, "").split()] for name in names]
    unknown = sum(not found and set(name) > {"_"} for found, name in zip(allowed, names))
    for i, name in enumerate(names):
        if names.count(name) == 2 and name != "_" and "I" in letters:
            allowed[i] = ["I", "J"]
        elif set(name) <= {"_"} or (not allowed[i] and unknown == 1):
            allowed[i] = list(letters)
    ways = [way for way in itertools.product(*allowed) if len(set(way)) == len(way)]
    strict = [way for way in ways if "".join(a for a in way if a in "HWIJ") in ("HW", "IJ", "")]
    texts = [" ".join(way) for way in strict]
    return next((text for text in texts if text in known), texts[0] if texts else None)


def sides_read(tree: ast.AST | None, name: str) -> set[int]:
    """Return the axes whose length code reads, as in W.shape[2], W.shape[-1] and W.shape[2:]; beside them, len(W)."""
    found = set[int]()
    for node in walk(tree) if tree else ():
        if isinstance(node, ast.Subscript) and is_shape(node.value, name):
            found |= places_of(node.slice)
    return found | ({0} if found and tree and measures(tree, name) else set())


def measures(tree: ast.AST, name: str) -> bool:
    """Return whether code asks for the length of an array: len(kernel)."""
    calls = [n for n in walk(tree) if isinstance(n, ast.Call) and len(n.args) == 1 and is_name(n.func, "len")]
    return any(is_name(call.args[0], name) for call in calls)


def places_of(index: ast.expr) -> set[int]:
    """Return the places, of four, that an index of whole numbers picks; none where it is worked out."""
    parts = [index.lower, index.upper, index.step] if isinstance(index, ast.Slice) else [index]
    try:
        numbers = [None if part is None else ast.literal_eval(part) for part in parts]
    except ValueError:
        return set()
    if any(type(number) not in (int, type(None)) for number in numbers):
        return set()
    return {*range(4)[slice(*numbers)]} if isinstance(index, ast.Slice) else {int(numbers[0] or 0) % 4}


def subscripts(tree: ast.AST | None, name: str) -> list[str]:
    """Return the longest index by which code picks from the array of this name, an axis each; [] if it never does.

    "0" for that number, ":" for a slice, "v" for anything else. An index None adds an axis and does not count.
    """
    most: list[str] = []
    for node in walk(tree) if tree else ():
        if isinstance(node, ast.Subscript) and is_name(node.value, name):
            of = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            used = [e for e in of if not (isinstance(e, ast.Constant) and e.value in (None, Ellipsis))]
            most = max(most, [kind_of_index(e) for e in used], key=len)
    return most


def kind_of_index(index: ast.expr) -> str:
    """Return the kind of an index along one axis."""
    if isinstance(index, ast.Slice):
        return ":"
    return "0" if isinstance(index, ast.Constant) and index.value == 0 else "v"


def methods_of(kind: Any) -> dict[str, Callable[..., Any]]:
    """Return the methods that a class defines or inherits, the class's own first; none of object's or torch's."""
    found: dict[str, Callable[..., Any]] = {}
    own = [base for base in getattr(kind, "__mro__", ())[:-1] if base.__module__.partition(".")[0] not in LIBRARIES]
    for base in own:
        for name, method in vars(base).items():
            if callable(method) or isinstance(method, staticmethod | classmethod):
                found.setdefault(name, getattr(kind, name))
    return found


def write_signature(name: str, thing: Any) -> str:
    """Return the name and the arguments with their defaults, without annotations."""
    arguments = arguments_of(thing)
    if arguments is None:
        return name
    if isinstance(shown := getattr(thing, "shown", None), str):  # it stands for another
        return shown
    return f"{name}({', '.join(a.name if a.required else f'{a.name}={shorten(a.default)}' for a in arguments)})"


def shorten(default: Any) -> str:
    """Return a default as it is written; "..." for what is long."""
    text = repr(default)
    return text if len(text) < 20 and "<" not in text else "..."
