"""Which known convention a target follows, and what that orders or pins."""

import dataclasses
import inspect
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from ...source import LoadError
from ..families import Array, Family
from ..signatures import is_own, methods_of, write_signature
from .table import BOOK, KNOWN, NAMES, Convention

Layouts = Mapping[str, tuple[str, ...]]


def find_convention(name: str) -> Convention | None:
    """Return the row of a name; None for "" and for the book's own. Raises LoadError, with the list, for others."""
    if name and name not in NAMES:
        raise LoadError(f"there is no convention {name}; there are {', '.join(NAMES)}.")
    return next((row for row in KNOWN if row.name == name and name != BOOK), None)


def recognise(things: Mapping[str, Any], files: Collection[str]) -> Convention | None:
    """Return the known convention of which the target's own names and arguments have most marks; None for none."""
    texts = own_signatures(things, files)
    scores = [sum(any(re.search(mark, text) for text in texts) for mark in row.marks) for row in KNOWN]
    best = max(scores)
    return KNOWN[scores.index(best)] if best else None


def recognise_files(things: Mapping[str, Any], files: Collection[str]) -> Callable[[str], Convention | None]:
    """Return which convention each thing's own file follows: that of all where the file has no marks, or is alone."""
    whole, groups = recognise(things, files), dict[str, dict[str, Any]]()
    for name, thing in things.items():
        if callable(thing) and is_own(thing, files):
            groups.setdefault(file_of(thing), {})[name] = thing
    known = {file: recognise(group, files) or whole for file, group in groups.items()} if len(groups) > 1 else {}
    return lambda name: known.get(file_of(things[name]), whole) if known and name in things else whole


def file_of(thing: Any) -> str:
    """Return the file, or the notebook, in which a class or function is written; "" where that is not known."""
    methods = vars(thing).values() if isinstance(thing, type) else [thing]
    codes = [getattr(inspect.unwrap(method), "__code__", None) for method in methods if callable(method)]
    name = next((code.co_filename for code in codes if code), "")
    return name.partition(".ipynb")[0]


def own_signatures(things: Mapping[str, Any], files: Collection[str]) -> list[str]:
    """List the signatures of the target's own functions, classes and methods, as the marks describe them."""
    texts = []
    for name, thing in things.items():
        if not callable(thing) or not is_own(thing, files):
            continue
        plain = name.removeprefix("their_")
        texts.append(("@dataclass " if dataclasses.is_dataclass(thing) else "") + write_signature(plain, thing))
        if isinstance(thing, type):
            texts += [f"{plain}.{write_signature(n, method)}" for n, method in methods_of(thing).items()]
    return texts


def usual_layouts(convention: Convention | None, family: Family) -> Layouts:
    """Return the layouts in which a convention has a layer's arrays."""
    if convention is None:
        return {}
    if family.x.axes == "ND":
        return {"W": convention.layouts["dense"]} if "dense" in convention.layouts else {}
    return {name: texts for name, texts in convention.layouts.items() if name != "dense"}


def pinned(family: Family, convention: Convention) -> Family:
    """Return the family with the convention's layouts and no others."""
    usual = usual_layouts(convention, family)
    twins = [(x, out) for x, out in zip(family.x.layouts, family.out.layouts) if x in usual.get("x", family.x.layouts)]
    if len(family.out.layouts) < len(family.x.layouts) or not twins:  # of an activation: one layout is all
        twins = list(zip(family.x.layouts, family.out.layouts))
    params = {
        name: Array(array.axes, tuple(t for t in array.layouts if t in usual.get(name, array.layouts)) or array.layouts)
        for name, array in family.params.items()
    }
    x, out = (Array(a.axes, texts) for a, texts in zip((family.x, family.out), zip(*twins)))
    return replace(family, x=x, out=out, params=params)


def follows(convention: Convention | None, layouts: Mapping[str, str]) -> str:
    """Return the convention's name unless the layouts that were read contradict it. layouts: array -> axes and text."""
    if convention is None:
        return ""
    for name, said in layouts.items():
        axes, _, text = said.partition(" ")
        if name == "x" and len(axes) == 4 and text not in convention.layouts.get("x", (text,)):
            return ""
    return convention.name
