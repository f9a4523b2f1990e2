"""Adapters: a layer of a target's as a class with the contract's interface, made from its source text."""

import builtins
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from symtable import SymbolTable, symtable
from typing import Any

import numpy as np

from ..protocol import Interface, Spoken, Unread
from .reading import Reach, Unreadable
from .trial import HANDED


@dataclass(frozen=True)
class Adapter:
    """A layer read in another interface: the class with the contract's interface, and what the judge has to know."""

    layer: str
    thing: Any
    interface: Interface
    inner: "Adapter | None" = None  # of a layer inside this one
    images: str = ""  # the layout of its images
    unread: Unread | None = None  # its backward pass, where no call of that fits


def build(
    layer: str,
    source: str,
    things: Mapping[str, Any],
    text: str,
    reach: Reach | None = None,
    lacks: tuple[str, ...] = (),
) -> Adapter:
    """Make the adapter's class. Raises Unreadable if it uses a name that there is not: a fault of ours, not theirs."""
    home: dict[str, Any] = {**things, "np": np, **HANDED, "__name__": "adapter"}
    exec(compile(source, f"<adapter of {layer}>", "exec"), home)
    if names := set(global_names(symtable(source, layer, "exec"))) - home.keys() - set(dir(builtins)):
        raise Unreadable(f"NameError: {', '.join(sorted(names))}")
    return Adapter(layer, home[layer], Interface(text, source, reach=reach or {}, lacks=lacks))


def global_names(table: SymbolTable) -> Iterable[str]:
    """Yield the names that code and its functions look up outside themselves."""
    for inner in table.get_children():
        yield from (s.get_name() for s in inner.get_symbols() if s.is_global() and s.is_referenced())
        yield from global_names(inner)


def with_words(adapter: Adapter, spoken: Spoken) -> Adapter:
    """Return the adapter with the reading in the target's own words."""
    return replace(adapter, interface=replace(adapter.interface, spoken=spoken))


def declared_interfaces(names: Mapping[str, Any]) -> dict[str, Interface]:
    """Return the interfaces of adapters that somebody wrote: classes with a dict `reach` of what they can express."""
    found = {}
    for name, thing in names.items():
        own = vars(thing) if isinstance(thing, type) else {}
        if is_reach(own.get("reach")):
            found[name] = Interface("", reach=dict(own["reach"]), lacks=tuple(map(str, own.get("lacks", ()))))
    return found


def is_reach(reach: Any) -> bool:
    """Return whether it is a dict of lists of numbers and names."""
    return isinstance(reach, dict) and all(
        isinstance(k, str) and isinstance(v, list) and all(type(one) in (int, str) for one in v)
        for k, v in reach.items()
    )
