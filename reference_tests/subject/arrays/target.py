"""Which of a target's functions and classes are written for another library's arrays, and what passes for them."""

import inspect
import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

from ..conventions.signatures import is_own
from ..conventions.vocabulary import BACKWARD, FORWARD, normalize
from ..errors import Missing
from ..source import LoadError
from .boundary import Boundary
from .kinds import FLOATS, KINDS, open_place

CONVERSIONS = {"from_numpy", "as_tensor", "numpy", "asnumpy", "asarray", "to_dlpack"}  # code that takes NumPy's arrays
NUMPY = "numpy"
TENSOR_METHODS = {  # of a tensor, and of no NumPy array
    "amax", "bmm", "clamp", "clamp_max", "clamp_min", "clone", "contiguous", "detach", "expand_as", "mm", "view_as",
    "index_add_", "masked_fill", "masked_fill_", "new_zeros", "new_empty",
    "permute", "scatter_", "scatter_add_", "unfold", "unsqueeze", "zero_",
}  # fmt: skip


def open_boundary(
    modules: Iterable[Any], files: Collection[str], kind: str = "", device: str = "auto", floats: str = ""
) -> Boundary | None:
    """Return the boundary that a target needs; None where all of it takes NumPy's arrays.

    kind: that of all functions and classes of the target; "": that of each, by what its code calls.
    Raises LoadError where the library is not installed, or has no such device.
    """
    things = [thing for module in modules for thing in vars(module).values()]
    found = [kind] if kind else [library_of(thing, files) for thing in things]
    used = sorted({name for name in found if name in KINDS})
    if not used:
        if floats:
            raise LoadError(f"--dtype {floats}: it is for arrays of torch, CuPy or JAX, and the target takes NumPy's.")
        return None
    place = open_place(used[0], device, floats or FLOATS[0])
    return Boundary(
        place,
        trial=place.kind.trial and place.kind.trial(place.lib),
        own=lambda thing: is_own(thing, files),
        chosen=lambda thing: is_chosen(thing, files, used[0], bool(kind)),
        carry_one=over,
    )


def on_arrays(kind: str, *things: Any) -> Any:
    """Return functions and classes, those that are for arrays of a kind so that they take and give NumPy's.

    One thing is returned alone. Raises LoadError as open_boundary does.
    """
    files = {code.co_filename for thing in things for code in codes_in(thing)}
    folders = {os.path.dirname(file) for file in files if os.path.isabs(file)}
    beside = [str(getattr(module, "__file__", None)) for module in list(sys.modules.values())]
    files |= {file for file in beside if os.path.dirname(file) in folders}
    own: Callable[[Any], bool] = lambda thing: is_own(thing, files)  # noqa: E731
    boundary = Boundary(open_place(kind, "auto"), strict=True, own=own, alone=True)
    found = [over(thing, boundary) if is_chosen(thing, files, kind, False) else thing for thing in things]
    return found if len(found) > 1 else found[0]


def passes(thing: Any) -> bool:
    """Return whether a function or class passes a boundary already. What only stands for a module is not asked."""
    return isinstance(thing, FunctionType | type) and hasattr(thing, "passes")


def codes_in(thing: Any) -> list[CodeType]:
    """Return the code of a function, or of a class's own methods."""
    return [function.__code__ for function in passes_of(thing, every=True)]


def is_chosen(thing: Any, files: Collection[str], kind: str, everything: bool) -> bool:
    """Return whether a function or class of the target's is for arrays of a kind. everything: all are."""
    if isinstance(thing, Missing) or not callable(thing) or not is_own(thing, files) or passes(thing):
        return False
    return everything or library_of(thing, files) == kind or is_neutral(thing, files)


def is_neutral(thing: Any, files: Collection[str]) -> bool:
    """Return whether code that calls no library at all stands where NumPy is not imported: x * (x > 0)."""
    functions = list(passes_of(thing, every=True))
    numpy = any(library_at(value) == NUMPY for f in functions for value in f.__globals__.values())
    return bool(functions) and not numpy and not set(libraries_used(thing, files, set(), every=True))


def library_at(thing: Any) -> str:
    """Return the library that a module is of, "" for what is no module."""
    return home_of(thing).partition(".")[0] if isinstance(thing, ModuleType) else ""


def over(thing: Any, boundary: Boundary) -> Any:
    """Return what passes the boundary in a thing's place: itself where nothing can."""
    if not isinstance(thing, type):
        return boundary.function(thing)
    if any(f"{base.__module__}.{base.__name__}" == "torch.autograd.function.Function" for base in thing.__mro__):
        return boundary.operation(thing)
    fixed = issubclass(thing, tuple) or boundary.place.kind.write is None
    return thing if fixed else boundary.kind_of(thing)


def library_of(thing: Any, files: Collection[str]) -> str:
    """Return the kind of arrays for which a function or class is written, "" for NumPy's or where it cannot be told.

    Its passes alone tell, and what they call: a class that draws its weights by NumPy may be torch's all the same. What
    converts arrays takes NumPy's, and what is made of the library's own layers was not written by hand.
    """
    if isinstance(thing, Missing) or not callable(thing) or not is_own(thing, files) or passes(thing):
        return ""
    used = set(libraries_used(thing, files, set()))
    if used & {NUMPY, "conversion", "layer"}:
        return ""
    found = used & KINDS.keys()
    if not found and isinstance(thing, type):
        found = {base.__module__.partition(".")[0] for base in thing.__mro__} & KINDS.keys()
        found |= set(libraries_used(thing, files, set(), every=True)) & {*KINDS, NUMPY}
    return found.pop() if len(found) == 1 and found <= KINDS.keys() else ""


def libraries_used(thing: Any, files: Collection[str], seen: set[Any], every: bool = False) -> Iterator[str]:
    """Yield the libraries that code calls, itself or in the target's functions that it calls."""
    for function in passes_of(thing, every):
        code = function.__code__
        if code in seen:
            continue
        seen.add(code)
        for name in names_in(code):
            if name in CONVERSIONS:
                yield "conversion"
            if name in TENSOR_METHODS and any(is_torch(value) for value in function.__globals__.values()):
                yield "torch"
            used = function.__globals__.get(name)
            if isinstance(used, Missing) or used is None:
                continue
            if passes(used):  # it takes NumPy's arrays
                yield NUMPY
                continue
            library = home_of(used).partition(".")[0]
            if library in KINDS or library == NUMPY:
                yield library
            elif callable(used) and is_own(used, files):
                yield from libraries_used(used, files, seen)
        yield from layers_held(thing, code)


def home_of(used: Any) -> str:
    """Return the module that something is from; NumPy where it stands in for a library that is not installed."""
    if isinstance(used, ModuleType):
        stands_in = used.__name__ in KINDS and "__file__" not in vars(used)
        return NUMPY if stands_in else used.__name__
    return str(getattr(used, "__module__", None) or "")


def is_torch(thing: Any) -> bool:
    """Return whether it is the module torch, or one inside it."""
    return isinstance(thing, ModuleType) and thing.__name__.partition(".")[0] == "torch"


def layers_held(thing: Any, code: CodeType) -> Iterator[str]:
    """Yield "layer" where a torch.nn.Module makes layers of torch.nn's."""
    homes = [base for base in getattr(thing, "__mro__", ()) if base.__module__ == "torch.nn.modules.module"]
    made = vars(thing).get("__init__") if homes else None
    if homes and inspect.isfunction(made):
        library = sys.modules.get("torch.nn")
        layers = [getattr(library, name, None) for name in names_in(made.__code__) if name != "Module"]
        if any(isinstance(one, type) and issubclass(one, homes[0]) for one in layers):
            yield "layer"


def passes_of(thing: Any, every: bool) -> Iterator[Any]:
    """Yield a function itself; of a class its forward and backward methods, or every method."""
    if not isinstance(thing, type):
        plain = inspect.unwrap(thing)
        return iter([plain] if inspect.isfunction(plain) else [])
    words = {normalize(word.strip("_")) for word in (*FORWARD, *BACKWARD)}
    found = [
        inspect.unwrap(getattr(method, "__func__", method))
        for base in thing.__mro__
        if base.__module__.partition(".")[0] not in ("builtins", *KINDS)
        for name, method in vars(base).items()
        if (every or normalize(name.strip("_")) in words) and (callable(method) or hasattr(method, "__func__"))
    ]
    return (f for f in found if inspect.isfunction(f))


def names_in(code: CodeType) -> Iterator[str]:
    """Yield the names that code uses, also those of the functions inside it."""
    yield from code.co_names
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield from names_in(one)
