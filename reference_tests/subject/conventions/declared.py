"""What code declares of its arrays itself: where it unpacks a shape, or picks by several indices."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace
from inspect import isfunction
from typing import Any, NamedTuple

from ..source import walk
from .candidates import Offer
from .families import Family
from .signatures import (
    Argument,
    arguments_of,
    axes_named,
    is_name,
    letters_of,
    methods_of,
    sides_read,
    subscripts,
    tree_of,
)
from .special.families import BEYOND
from .vocabulary import FORWARD, method_word, roles_of


class Declared(NamedTuple):
    """The layouts of arrays, how many axes their shapes are unpacked to, and whether windows are square."""

    layouts: dict[str, tuple[str, ...]]
    axes: dict[str, int]
    square: bool


def handed_on(things: Mapping[str, Any], thing: Any) -> Iterator[tuple[ast.AST, str, str]]:
    """Yield (code, argument, its name there) of the operations and helpers to which a function hands its arguments.

    conv(a, b) returns Conv()(a, b): it is Conv's own code that reads the shape of b.
    """
    for node in walk(tree_of(thing) or ast.Module([], [])):
        if not isinstance(node, ast.Call):
            continue
        made = node.func
        kind = things.get(made.func.id) if isinstance(made, ast.Call) and isinstance(made.func, ast.Name) else None
        methods = {method_word(n): m for n, m in methods_of(kind).items()} if isinstance(kind, type) else {}
        taker = next((methods[word] for word in FORWARD if word in methods and word != "__call__"), None)
        helper = things.get(made.id) if isinstance(made, ast.Name) else None
        own_helper = isfunction(helper) and helper.__module__ == getattr(thing, "__module__", "")
        if tree := tree_of(taker or helper) if taker or own_helper else None:
            for given, own in zip(node.args, arguments_of(taker or helper, skip_first=bool(taker)) or []):
                yield tree, ast.unparse(given), own.name


def declared(things: Mapping[str, Any], offer: Offer, family: Family) -> Declared:
    """Return what the code of a layer of images declares."""
    tree, found = tree_of(things[offer.name]), Declared({}, {}, False)
    if family.name in BEYOND and offer.images:
        found.layouts["x"] = (offer.images,)
    if family.x.axes != "NCHW":
        return found
    back = tree_of(things[offer.backward]) if offer.backward else None
    filters = family.params["W"].axes if "W" in family.params else ""
    given = arguments_of(things[offer.name]) or []
    arguments = [*given, *taken_from_dicts(given, tree), *arguments_of_forward(things[offer.name])]
    for argument in arguments:
        for name, role, letters in (("x", "x", "NCHW"), ("W", "w", filters)):
            code = tree if name == "x" or reads_shape(tree, argument.name) else back
            names = axes_named(code, argument.name) if role in argument.roles else None
            if names:
                found.axes.setdefault(name, len(names))
            known = family.x.layouts if name == "x" else family.params["W"].layouts if filters else ()
            layout = letters_of(names, letters, known) if names and len(names) == len(letters) else None
            if names and layout:
                found.layouts.setdefault(name, (layout,))
        picks = [subscripts(tree, argument.name), subscripts(back, "db"), subscripts(back, argument.name)]
        if "b" in argument.roles and "b" in family.params and len(picked := max(picks, key=len)) > 1:
            texts = [t for t in family.params["b"].layouts if "Y" not in t and may_be_picked(t.split(), picked)]
            found.layouts["b"] = tuple(sorted(texts, key=lambda t: len(t.split()) != len(picked)))
    weights = [a.name for a in arguments if "w" in a.roles] or [a.name for a in given[1:2]]
    takers = [(code, own) for code, name, own in handed_on(things, things[offer.name]) if name in weights]
    readers = [(tree if reads_shape(tree, name) else back, name) for name in weights]
    return found._replace(square=bool(filters) and takes_squares([*readers, *takers], family))


def reads_shape(tree: ast.AST | None, name: str) -> bool:
    """Return whether code unpacks the shape of this array, or reads one of its sides."""
    return bool(axes_named(tree, name) or sides_read(tree, name))


def takes_squares(readers: list[tuple[ast.AST | None, str]], family: Family) -> bool:
    """Return whether all code that reads the shape of the filters takes their windows for square ones.

    readers: code, and what it calls the filters. Where none unpacks the shape, it is the sides that they read together.
    """
    filters, known = family.params["W"].axes, family.params["W"].layouts
    named = [names for code, name in readers if (names := axes_named(code, name)) and len(names) == len(filters)]
    told = [is_of_square(names, layout) for names in named if (layout := letters_of(names, filters, known))]
    read = {side for code, name in readers for side in sides_read(code, name)}
    return all(told) if told else reads_one_side(read)


def arguments_of_forward(thing: Any) -> list[Argument]:
    """Return the input of a class's forward pass, whatever its name; nothing of a function."""
    methods = {method_word(n): m for n, m in methods_of(thing).items()} if isinstance(thing, type) else {}
    forward = next((methods[word] for word in FORWARD if word in methods), None)
    arguments = arguments_of(forward, skip_first=True) if forward else None
    return [replace(a, roles=("x",)) for a in (arguments or [])[:1]]


def taken_from_dicts(arguments: list[Argument], tree: ast.AST | None) -> list[Argument]:
    """Return the variables to which code takes arrays out of dicts that it is given: W of W = parameters["W"]."""
    found = []
    configs = [a.name for a in arguments if {"config", "cache"} & {*a.roles}]
    for node in walk(tree) if tree and configs else ():
        if not isinstance(node, ast.Assign):
            continue
        target, value = node.targets[0], node.value
        tuples = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
        pairs = zip(target.elts, value.elts) if tuples else [(target, value)]  # type: ignore[attr-defined]
        for name, code in pairs:
            key = code.slice if isinstance(code, ast.Subscript) else None
            if isinstance(name, ast.Name) and isinstance(key, ast.Constant) and isinstance(key.value, str):
                of = getattr(code, "value", code)
                if any(is_name(of, config) for config in configs):
                    found.append(Argument(name.id, roles_of(key.value), None, False))
    return found


def may_be_picked(groups: list[str], indices: list[str]) -> bool:
    """Return whether code picks so from an array of these axes: by 0 where there is one place, or it picks them all."""
    if set(indices) == {"0"}:
        return len(groups) > len(indices) and all(g == "1" for g in groups[: len(indices)])
    return len(groups) == len(indices) and all(g == "1" for g, index in zip(groups, indices) if index == "0")


def is_of_square(names: list[str], layout: str) -> bool:
    """Return whether the shape of the filters is unpacked as that of square ones: one name for both sides."""
    sides = [name for name, letter in zip(names, layout.split()) if letter in "IJ"]
    return len(set(sides)) < 2 or "_" in sides


def reads_one_side(axes: set[int]) -> bool:
    """Return whether code that reads these axes of the filters' shape takes the window for a square one."""
    return bool(axes) and len(axes & {2, 3}) < 2 and len(axes & {0, 1}) < 2
