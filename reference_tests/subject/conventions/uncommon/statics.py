"""Functions in other clothes: static forward(x, w, b) of classes that only hold functions, and partial ones."""

import inspect
from collections.abc import Collection, Mapping
from functools import partial, wraps
from typing import Any

from ..signatures import is_own
from ..vocabulary import BACKWARD, FORWARD, layer_named, method_word


def static_functions(things: Mapping[str, Any], files: Collection[str]) -> tuple[dict[str, Any], set[str]]:
    """Return the static passes of the target's layers, by the code that calls them, and the names of their classes.

    Beside them its partial functions, each as a function of the arguments that are left, and the functions that are
    not read themselves.
    """
    found: dict[str, Any] = {}
    for name, thing in things.items():
        if has_static_forward(thing) and layer_named(name.removeprefix("their_")) and is_own(thing, files):
            found |= {f"{name}.{n}": getattr(thing, n) for n in static_names(thing)}
    kept = {n: t for n, t in things.items() if isinstance(t, partial) and not isinstance(t.func, type)}
    kept = {n: t for n, t in kept.items() if is_own(t.func, files)}
    holders = {name.partition(".")[0] for name in found} | general_functions(things, kept)
    return found | {n: as_function(t) for n, t in kept.items()}, holders


def general_functions(things: Mapping[str, Any], kept: "Mapping[str, partial[Any]]") -> set[str]:
    """Return the functions of which a partial one says which layer they are: pool, beside partial(pool, fn=np.max).

    kept: the target's partial functions.
    """
    said = [(n, t.func) for n, t in kept.items() if any(callable(v) or isinstance(v, str) for v in t.keywords.values())]
    layers = [(function, layer_named(name)) for name, function in said]
    return {n for n, t in things.items() if (layer := layer_named(n)) and any((t, layer) == one for one in layers)}


def as_function(one: "partial[Any]") -> Any:
    """Return a partial function, max_pool of max_pool = partial(pool, fn=np.max), as one that has its code."""

    @wraps(one.func)
    def call(*given: Any, **named: Any) -> Any:
        return one(*given, **named)

    whole = inspect.signature(one)
    left = [p for p in whole.parameters.values() if p.name not in one.keywords]
    call.__signature__ = whole.replace(parameters=left)  # type: ignore[attr-defined]
    return call


def has_static_forward(thing: Any) -> bool:
    """Return whether a class's forward pass is a static method, so that no object keeps anything for it.

    Where it has a method forward, its own or inherited, a static f is what that method works with.
    """
    if not isinstance(thing, type) or inspect.isfunction(inspect.getattr_static(thing, "forward", None)):
        return False
    return any(method_word(name) in FORWARD for name in static_names(thing))


def static_names(thing: type) -> list[str]:
    """List the names of a class's static methods that are a pass."""
    own = {n: m for base in reversed(thing.__mro__[:-1]) for n, m in vars(base).items()}
    return [n for n, m in own.items() if isinstance(m, staticmethod) and method_word(n) in {*FORWARD, *BACKWARD}]


def takes_statically(thing: type, **passed: int) -> bool:
    """Return whether an object of the class can be made of nothing, and its passes take just so many arrays each.

    A layer that keeps nothing for backward, as a sum of two branches, is then called as any other is.
    """
    try:
        inspect.signature(thing).bind()
        for name, arrays in passed.items():
            own = inspect.isfunction(inspect.getattr_static(thing, name))
            inspect.signature(getattr(thing, name)).bind(*range(arrays + own))
    except (AttributeError, TypeError, ValueError):
        return False
    return True
