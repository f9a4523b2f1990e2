"""Reading a target: for each layer of the contract that it does not have under the contract's name, an adapter."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..errors import Missing
from ..limits import OutOfTime, limit_time, silence_io
from ..protocol import Interface
from .candidates import Offer, find_offers
from .contract import fits_contract
from .families import FAMILIES, Family
from .functions import read_function
from .interview import Candidate, read_class
from .reach import find_reach
from .reading import Reading
from .render import describe, render
from .signatures import arguments_of, axes_named, letters_of, subscripts, tree_of
from .trial import Descent

LONGEST = 2.0  # seconds for one layer, whatever its code does
SIDES = (2, 3, 5)  # of a window that the interface fixes itself


@dataclass(frozen=True)
class Adapter:
    """A layer read in another interface: the class with the contract's interface, and its source text."""

    layer: str
    thing: Any
    source: str
    reading: Reading

    @property
    def interface(self) -> Interface:
        """What the judge and the reports need to know of it."""
        reading = self.reading
        lacks = [name for name in ("dx", *(f"d{n}" for n in reading.family.params)) if name not in reading.grads]
        lacks = lacks if reading.backward else []
        return Interface(describe(reading), self.source, reading.convention, reading.reach, tuple(lacks))


def adapt_interfaces(names: dict[str, Any], modules: Iterable[Any], files: Collection[str]) -> dict[str, Interface]:
    """Read the layers that the modules do not offer in the contract's interface, and put adapters in their place.

    names: what the modules have under the contract's names; the adapters are added. -> how each layer is offered.
    """
    things: dict[str, Any] = {}
    for module in modules:
        things = {**vars(module), **things}
    things = {name: thing for name, thing in things.items() if not isinstance(thing, Missing)}
    wanted = [n for n in FAMILIES if not (isinstance(names.get(n), Missing) or fits_contract(n, names.get(n)))]
    adapters = read_target(apart(things), files, wanted) if wanted else {}
    interfaces = declared_interfaces(names) | {name: adapter.interface for name, adapter in adapters.items()}
    names |= {name: adapter.thing for name, adapter in adapters.items()}
    return interfaces


def apart(things: Mapping[str, Any]) -> dict[str, Any]:
    """Return the target's names, those that are the contract's too under another: an adapter bears that name itself."""
    return {(f"their_{name}" if name in FAMILIES else name): thing for name, thing in things.items()}


def read_target(things: Mapping[str, Any], files: Collection[str], wanted: Iterable[str]) -> dict[str, Adapter]:
    """Read the wanted layers of a target; return the adapters of those that could be read."""
    found: dict[str, Adapter] = {}
    for offer in find_offers(things, files):
        for layer in layers_of(offer):
            if layer in wanted and layer not in found and layer in FAMILIES:
                adapter = read_offer(replace(offer, layer=layer), things)
                if adapter:
                    found[layer] = adapter
    return found


def layers_of(offer: Offer) -> list[str]:
    """Return the layers that an offer may be: pooling of a mode is two."""
    return [offer.layer, "AveragePooling"] if offer.layer == "Pooling" else [offer.layer]


def read_offer(offer: Offer, things: Mapping[str, Any]) -> Adapter | None:
    """Read one layer from one class or function; None if it cannot be read."""
    family = FAMILIES[offer.layer]
    if (
        offer.layer == "AveragePooling"
        and "pool" in offer.name.lower()
        and not speaks_of_mode(things[offer.name], offer.name)
    ):
        return None
    for sized in sizes_to_try(family):
        prefer, square = declared(things, offer, sized)
        candidate = Candidate(sized, offer.name, things[offer.name], offer.backward, things, prefer, square=square)
        try:
            with limit_time(LONGEST), silence_io(), np.errstate(all="ignore"):
                reading = read_class(candidate) if offer.is_class else read_function(candidate)
                if reading is not None and (reading.out.groups or reading.params):
                    find_reach(things, reading)
                    return build(reading, things)
        except OutOfTime:
            return None
    return None


def speaks_of_mode(thing: Any, name: str) -> bool:
    """Return whether a pooling layer averages too: by its name or an argument for the mode."""
    plain = name.lower()
    if "av" in plain or "mean" in plain:
        return True
    return "max" not in plain and any("mode" in a.roles for a in arguments_of(thing) or [])


def sizes_to_try(family: Family) -> list[Family]:
    """Return the family with the sizes of windows that an interface may fix itself."""
    if "I" not in family.sizes:
        return [family]
    found = []
    for side in SIDES:
        sizes = {**family.sizes, "I": side, "J": side}
        if side != family.sizes["I"]:
            s = 1 if family.params else side
            sizes |= {"H": 10 if family.params else side * 4, "W": 9 if family.params else side * 5}
            sizes |= {"Y": (sizes["H"] - side) // s + 1, "X": (sizes["W"] - side) // s + 1}
            family = replace(family, values={**family.values, "stride": s})
        found.append(replace(family, sizes=sizes))
    return found


def declared(things: Mapping[str, Any], offer: Offer, family: Family) -> tuple[dict[str, tuple[str, ...]], bool]:
    """Return the layouts that the code declares itself, where it unpacks a shape or picks by several indices.

    -> the layouts, and whether the shape of the filters is unpacked as that of square ones.
    """
    tree, square = tree_of(things[offer.name]), False
    found: dict[str, tuple[str, ...]] = {}
    for argument in arguments_of(things[offer.name]) or []:
        for name, letters in (("x", "NCHW"), ("W", "FCIJ")):
            names = axes_named(tree, argument.name)
            role = "x" if name == "x" else "w"
            if names and role in argument.roles and len(letters) == len(names):
                layout = letters_of(names, letters)
                if layout:
                    found[name] = (layout,)
                    square = square or (name == "W" and len(set(names)) < len(names) and "_" not in names)
        if "b" in argument.roles and "b" in family.params and (n := subscripts(tree, argument.name)) > 1:
            found["b"] = tuple(t for t in family.params["b"].layouts if len(t.split()) == n and "Y" not in t)
    return found, square


def build(reading: Reading, things: Mapping[str, Any]) -> Adapter:
    """Write the adapter and make its class."""
    source = render(reading)
    home: dict[str, Any] = {**things, "np": np, "Descent": Descent, "__name__": "adapter"}
    exec(compile(source, f"<adapter of {reading.thing}>", "exec"), home)
    return Adapter(reading.family.name, home[reading.family.name], source, reading)


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
