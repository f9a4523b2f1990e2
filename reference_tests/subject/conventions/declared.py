"""What code declares of its arrays itself: where it unpacks a shape, or picks by several indices."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from .candidates import Offer
from .families import Family
from .signatures import (
    Argument,
    arguments_of,
    axes_named,
    letters_of,
    methods_of,
    sides_read,
    subscripts,
    tree_of,
)
from .special.families import BEYOND
from .vocabulary import FORWARD, normalize


class Declared(NamedTuple):
    """The layouts of arrays, how many axes their shapes are unpacked to, and whether windows are square."""

    layouts: dict[str, tuple[str, ...]]
    axes: dict[str, int]
    square: bool


def declared(things: Mapping[str, Any], offer: Offer, family: Family) -> Declared:
    """Return what the code of a layer of images declares."""
    tree, found = tree_of(things[offer.name]), Declared({}, {}, False)
    if family.name in BEYOND and offer.images:
        found.layouts["x"] = (offer.images,)
    if family.x.axes != "NCHW":
        return found
    back = tree_of(things[offer.backward]) if offer.backward else None
    filters = family.params["W"].axes if "W" in family.params else ""
    for argument in [*(arguments_of(things[offer.name]) or []), *arguments_of_forward(things[offer.name])]:
        for name, role, letters in (("x", "x", "NCHW"), ("W", "w", filters)):
            names = axes_named(tree, argument.name) if role in argument.roles else None
            if names:
                found.axes.setdefault(name, len(names))
            layout = letters_of(names, letters) if names and len(names) == len(letters) else None
            if names and layout:
                found.layouts.setdefault(name, (layout,))
                found = found._replace(square=found.square or (name == "W" and is_of_square(names, layout)))
        n = max(subscripts(tree, argument.name), subscripts(back, "db"), subscripts(back, argument.name))
        if "b" in argument.roles and "b" in family.params and n > 1:
            texts = family.params["b"].layouts
            found.layouts["b"] = tuple(t for t in texts if len(t.split()) == n and "Y" not in t)
        if "w" in argument.roles and not axes_named(tree, argument.name):
            found = found._replace(square=found.square or reads_one_side(sides_read(tree, argument.name)))
    return found


def arguments_of_forward(thing: Any) -> list[Argument]:
    """Return the input of a class's forward pass, whatever its name; nothing of a function."""
    methods = {normalize(n.strip("_")): m for n, m in methods_of(thing).items()} if isinstance(thing, type) else {}
    forward = next((methods[word] for word in FORWARD if word in methods), None)
    arguments = arguments_of(forward, skip_first=True) if forward else None
    return [replace(a, roles=("x",)) for a in (arguments or [])[:1]]


def is_of_square(names: list[str], layout: str) -> bool:
    """Return whether the shape of the filters is unpacked as that of square ones: one name for both sides."""
    sides = [name for name, letter in zip(names, layout.split()) if letter in "IJ"]
    return len(set(sides)) < 2 or "_" in sides


def reads_one_side(axes: set[int]) -> bool:
    """Return whether code that reads these axes of the filters' shape takes the window for a square one."""
    return bool(axes) and len(axes & {2, 3}) < 2 and len(axes & {0, 1}) < 2
