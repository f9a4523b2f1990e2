"""Methods whose names say nothing, as in a language that is not known: two that a target's layers have in common.

The one that is defined first is asked as forward, the other as backward. A single class tells nothing so.
"""

import inspect
import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from ..signatures import arguments_of, methods_of
from ..vocabulary import BACKWARD, FORWARD, layer_named, method_word, normalize

HELPS = r"_|(get|set|load|save|init|update|step|zero|reset|print|plot|show|summar|build|train|eval|fit|add|make)"


def pair_of(kind: type) -> tuple[str, str] | None:
    """Return the first two methods of a class that take an argument, where none has the name of a pass."""
    methods = methods_of(kind)
    if {method_word(name) for name in methods} & {*FORWARD, *BACKWARD}:
        return None
    own = [n for n, m in methods.items() if inspect.isfunction(m) and not re.match(HELPS, n) and takes_an_input(m)]
    return (own[0], own[1]) if len(own) > 1 else None


def takes_an_input(method: Callable[..., Any]) -> bool:
    """Return whether a method has an argument without a default."""
    return any(a.required for a in arguments_of(method, skip_first=True) or [])


def shared_pairs(own: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Return the pairs of methods that two or more of the target's layers have in common."""
    kinds = {id(t): t for n, t in own.items() if isinstance(t, type) and layer_named(n.removeprefix("their_"))}
    counted = Counter(pair for kind in kinds.values() if (pair := pair_of(kind)))
    return {pair for pair, times in counted.items() if times > 1}


def words_of_methods(kind: type) -> dict[str, str]:
    """Return what each method is by its name, or by its place where no name tells: word -> name."""
    if pair := pair_of(kind):
        return dict(zip(("forward", "backward"), pair))
    names = [*reversed(methods_of(kind))]  # a class's own stand above those that it inherits
    return {method_word(name): name for name in sorted(names, key=is_spelled)}


def is_spelled(name: str) -> bool:
    """Return whether a method's name is one of the words, and not only near to one."""
    return normalize(name.strip("_")) in {*FORWARD, *BACKWARD}
