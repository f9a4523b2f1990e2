"""Classes that only hold functions: static forward(x, w, b) and backward(dout, cache), each read as a function."""

import inspect
from collections.abc import Collection, Mapping
from typing import Any

from ..signatures import is_own
from ..vocabulary import BACKWARD, FORWARD, layer_named, method_word


def static_functions(things: Mapping[str, Any], files: Collection[str]) -> tuple[dict[str, Any], set[str]]:
    """Return the static passes of the target's layers, by the code that calls them, and the names of their classes."""
    found: dict[str, Any] = {}
    for name, thing in things.items():
        if has_static_forward(thing) and layer_named(name.removeprefix("their_")) and is_own(thing, files):
            found |= {f"{name}.{n}": getattr(thing, n) for n in static_names(thing)}
    return found, {name.partition(".")[0] for name in found}


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
