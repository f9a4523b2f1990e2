"""Settings whose names say nothing, as in a language that is not known: their places and trials tell what they are."""

import ast
from collections.abc import Mapping
from dataclasses import replace

from ..functions import function_codes, read_function
from ..interview import RIGHT, Candidate, read_class
from ..reach import is_legal
from ..reading import Reading, uses
from ..signatures import ABSENT, Argument, arguments_of, parts_read, tree_of

SIDES = {"H": 9, "W": 12, "I": 3, "J": 3}  # of which each stride gives another output than each window does
OUTPUTS = {1: {"Y": 7, "X": 10}, 2: {"Y": 4, "X": 5}}  # stride -> its sides


def read_named(candidate: Candidate, codes: Mapping[str, tuple[str, ...]]) -> tuple[int, Reading] | None:
    """Read a class; where its settings as they stand give no legal output, those of unknown names by their places."""
    arguments = with_shapes(arguments_of(candidate.thing) or [], tree_of(candidate.thing))
    found = read_class(candidate, codes, arguments)
    told = without_defaults(arguments, codes)
    if not told or (found and found[0] >= RIGHT) or "stride" not in candidate.family.kept:
        return found
    family = candidate.family
    for order in (tuple(role for role in family.order if role not in ("window_h", "window_w")), family.order):
        other = read_class(replace(candidate, family=replace(family, order=order)), codes, told)
        if other and other[0] >= RIGHT and is_told_apart(candidate, other[1]):
            other[1].family = family
            return other
    return found


def with_shapes(arguments: list[Argument], tree: ast.AST | None) -> list[Argument]:
    """Return the arguments; one called as channels are, that code takes apart to three sides, is the input's shape."""
    shapes = {a.name for a in arguments if "in" in a.roles and len(parts_read(tree, a.name)) == 3}
    return [replace(a, roles=("input_shape",)) if a.name in shapes else a for a in arguments]


def read_named_function(candidate: Candidate) -> tuple[int, Reading] | None:
    """Read a function; where its settings as they stand give nothing legal, those of unknown names by their places."""
    found, arguments = read_function(candidate), arguments_of(candidate.thing) or []
    told = without_defaults(arguments, function_codes(candidate, arguments, tree_of(candidate.thing)))
    if not told or (found and found[0] >= RIGHT) or "stride" not in candidate.family.kept:
        return found
    other = read_function(candidate, told)
    return other if other and other[0] >= RIGHT and is_told_apart(candidate, other[1]) else found


def without_defaults(arguments: list[Argument], codes: Mapping[str, tuple[str, ...]]) -> list[Argument]:
    """Return the arguments, numbers of unknown names as if they had no default; [] if there are none."""
    unknown = [a for a in arguments if type(a.default) in (int, tuple) and not {*a.roles} & codes.keys()]
    return [replace(a, default=ABSENT) if a in unknown else a for a in arguments] if unknown else []


def is_told_apart(candidate: Candidate, reading: Reading) -> bool:
    """Return whether windows and strides of other sizes are legal too, so that none of them stands for another."""
    code = f"{reading.make} {reading.forward}"
    sizes = {**candidate.family.sizes, **SIDES}
    return not uses(code, "stride") or all(
        is_legal(candidate.things, reading, sizes | sides, {**candidate.family.values, "stride": stride})
        for stride, sides in OUTPUTS.items()
    )
