"""What a target keeps on its classes, in globals and in default arguments is after reading as it was before.

A layer is read by trials. What they leave in a cache that all layers share is no call of anybody's: without it the
first layer that is asked finds the cache as its author's own first layer does.
"""

import contextlib
import inspect
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from types import FunctionType
from typing import Any

import numpy as np

from ..signatures import is_own

MOST, DEPTH = 100_000, 3  # numbers or entries of what is restored: a data set is no cache; containers inside another
PLAIN = dict, list, set, np.ndarray, tuple, int, float, complex, str, bytes, type(None), np.generic
Restore = Callable[[], None]


@contextlib.contextmanager
def kept_as_it_was(modules: Iterable[Any], things: Iterable[Any], files: Collection[str]) -> Iterator[None]:
    """Restore, after the block, the plain data of modules and of the things of the target's own files.

    Nothing is restored where an object of the target's own is kept, too, such as a tape: the two may belong together.
    """
    modules, things = list(modules), list(things)
    own = list({id(t): t for t in things if callable(t) and is_own(t, files)}.values())
    kept = [*things, *(value for kind in own if isinstance(kind, type) for value in vars(kind).values())]
    if any(is_own(kind, files) for kind in {id(type(one)): type(one) for one in kept}.values()):
        modules, own = [], []
    restores = [restore for module in modules for restore in keep_names(vars(module), vars(module).__setitem__)]
    for thing in own:
        restores += keep_class(thing) if isinstance(thing, type) else keep_function(thing)
    try:
        yield
    finally:
        for restore in restores:
            with contextlib.suppress(Exception):  # a class may refuse to be written into
                restore()


def keep_names(space: Mapping[str, Any], write: Callable[[str, Any], None]) -> Iterator[Restore]:
    """Yield what restores the plain data of a namespace: the names, and what is in the containers."""
    for name, value in list(space.items()):
        if isinstance(value, PLAIN) and not name.startswith("__"):
            yield lambda name=name, value=value: None if space.get(name) is value else write(name, value)  # type: ignore[misc]
            yield from keep_inside(value)


def keep_class(kind: type) -> Iterator[Restore]:
    """Yield what restores a class's attributes and its methods' default arguments, and removes attributes set since."""
    before = set(vars(kind))

    def remove_new() -> None:
        for name in [n for n, value in vars(kind).items() if n not in before and isinstance(value, PLAIN)]:
            delattr(kind, name)

    yield remove_new
    yield from keep_names(vars(kind), lambda name, value: setattr(kind, name, value))
    for method in list(vars(kind).values()):
        yield from keep_function(getattr(method, "__func__", method))


def keep_function(function: Any) -> Iterator[Restore]:
    """Yield what restores a function's default arguments and attributes; a cache of its results is emptied."""
    if callable(clear := getattr(function, "cache_clear", None)):
        yield clear
    bare = inspect.unwrap(function) if callable(function) else None
    if isinstance(bare, FunctionType):
        for default in (*(bare.__defaults__ or ()), *(bare.__kwdefaults__ or {}).values(), *vars(bare).values()):
            yield from keep_inside(default)


def keep_inside(value: Any, depth: int = DEPTH) -> Iterator[Restore]:
    """Yield what restores what is in a small container; it and what is in it stay the same objects."""
    if isinstance(value, np.ndarray) and value.size <= MOST:
        numbers = value.copy()
        yield lambda: None if value.shape != numbers.shape else np.copyto(value, numbers)
    elif isinstance(value, dict) and len(value) <= MOST:
        entries = dict(value)
        yield partial(refill, value, entries)
    elif type(value) is list and len(value) <= MOST:
        items = list(value)
        yield lambda: value.__setitem__(slice(None), items)
    elif type(value) is set and len(value) <= MOST:
        members = set(value)
        yield partial(refill, value, members)
    else:
        return
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in list(inside) if depth else ():
        yield from keep_inside(one, depth - 1)


def refill(container: Any, before: Any) -> None:
    """Put back what was in a dict or a set."""
    container.clear()
    container.update(before)
