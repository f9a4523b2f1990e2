"""Images that must be square: what code says of it.

Code that says nothing of it is asked other images too: where it works out a width from the height, that is its mistake.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ...source import walk
from ..functions import passed_by_name
from ..gradients import run_forward
from ..reading import Reading, uses
from ..signatures import arguments_of, assignments, axes_named, is_name, is_shape, measures, methods_of, tree_of
from ..trial import Refused
from ..vocabulary import FORWARD, method_word

RECTANGLE = {"H": 9, "W": 10, "I": 3, "J": 2, "Y": 7, "X": 9}
MORE = 2  # columns more than rows, of the image on which it is tried whether code refuses it


def needs_squares(things: Mapping[str, Any], reading: Reading) -> bool:
    """Return whether code says that its images are square: it reads or is told one side only, or refuses others."""
    codes = [*images_of(things, reading)]
    if any(unpacks_one_side(tree, name, reading) for tree, name in codes):
        return True
    if reading.family.sizes["H"] != reading.family.sizes["W"]:  # it has been asked others
        return False
    call = f"{reading.make} {reading.forward}"
    told, flat = uses(call, "IH") + uses(call, "IW"), any("HW" in group for group in reading.x.groups)
    if told == 1 or (flat and not told):  # a row of pixels does not say how wide it is
        return True
    return any(reads_one_side(tree, name, reading) for tree, name in codes) or refuses_others(things, reading)


def needs_square_windows(things: Mapping[str, Any], reading: Reading) -> bool:
    """Return whether a layer that is given filters knows one side of them: it is told one, or never reads their shape.

    k = len(kernel) is such a side, where other windows than square ones do not go. Code that names both sides is asked
    all windows: where it takes one for the other, that is its mistake.
    """
    call = reading.make or reading.forward
    if uses(call, "FH") and not uses(call, "FW"):
        return True
    thing = things.get(call.partition("(")[0])
    given = [name for name, value in passed_by_name(call, arguments_of(thing) or []).items() if value == "W_"]
    tree = tree_of(thing)
    if not given or tree is None:
        return False
    kept = [ast.unparse(to).rpartition(".")[2] for to, value in assignments(tree) if is_name(value, given[0])]
    if any(is_shape(node, name) for node in walk(tree) for name in (given[0], *kept)) or not measures(tree, given[0]):
        return False
    sizes, values = {**reading.family.sizes, **RECTANGLE}, {**reading.family.values, "stride": 1}
    try:
        env = run_forward(things, reading, sizes, values)
    except Refused:
        return True
    return not reading.out.fits(np.shape(env["out"]), sizes)


def images_of(things: Mapping[str, Any], reading: Reading) -> Iterator[tuple[ast.AST, str]]:
    """Yield the code of each pass of a reading, and what it calls its images."""
    if reading.make:
        thing = things.get(reading.make.partition("(")[0])
        methods = {method_word(n): m for n, m in methods_of(thing).items()} if isinstance(thing, type) else {}
        forward = next((methods[word] for word in FORWARD if word in methods), None)
        arguments = arguments_of(forward, skip_first=True) if forward else None
        if arguments and (tree := tree_of(forward)):
            yield tree, arguments[0].name
        return
    for code in [code for code in (reading.forward, reading.backward) if code]:
        function = things.get(code.partition("(")[0])
        own = [name for name, value in passed_by_name(code, arguments_of(function) or []).items() if value == "x_"]
        if own and (tree := tree_of(function)):
            yield tree, own[0]


def unpacks_one_side(tree: ast.AST, name: str, reading: Reading) -> bool:
    """Return whether code unpacks one side of its images only: (n_c, orig_dim, _) = orig.shape."""
    names = axes_named(tree, name)
    if not names or len(names) != len(reading.x.groups):
        return False
    sides = [own for own, group in zip(names, reading.x.groups) if group in ("H", "W")]
    return sum(set(side) == {"_"} for side in sides) == 1


def reads_one_side(tree: ast.AST, name: str, reading: Reading) -> bool:
    """Return whether code reads one side of its images, once, and works out one side of the output from it."""
    read = [node for node in walk(tree) if is_side(node, name, reading.x.groups)]
    kept = [assigned for assigned in walk(tree) if isinstance(assigned, ast.Assign) and assigned.value in read]
    if axes_named(tree, name) or len(read) != 1 or len(kept) != 1:
        return False
    side = ast.unparse(kept[0].targets[0])
    worked_out = [n for n in walk(tree) if isinstance(n, ast.Assign) and any(is_name(m, side) for m in walk(n.value))]
    return len(worked_out) < 2


def is_side(node: ast.AST, name: str, groups: Sequence[str]) -> bool:
    """Return whether the node is one side of the array of this name: x.shape[2], x.shape[-1]. groups: its axes."""
    if not (isinstance(node, ast.Subscript) and isinstance(of := node.value, ast.Attribute) and of.attr == "shape"):
        return False
    place = node.slice.operand if isinstance(node.slice, ast.UnaryOp) else node.slice
    number = getattr(place, "value", None)
    if not (is_name(of.value, name) and isinstance(number, int) and number <= len(groups)):
        return False
    return groups[-number if place is not node.slice else number % len(groups)] in ("H", "W")


def refuses_others(things: Mapping[str, Any], reading: Reading) -> bool:
    """Return whether the code itself refuses an image that is not square."""
    sizes, stride = reading.family.sizes, int(str(reading.family.values["stride"]))
    try:
        run_forward(
            things, reading, {**sizes, "W": sizes["W"] + MORE, "X": sizes["X"] + MORE // stride}, reading.family.values
        )
    except Refused as refused:
        return refused.on_purpose
    return False
