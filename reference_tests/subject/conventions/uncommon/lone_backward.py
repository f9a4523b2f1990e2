"""Backward functions that stand alone, as in a course with one function a file: the forward pass is not there."""

import itertools
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ..candidates import Offer, base_of, direction
from ..functions import declared_layouts, function_codes, read_backward
from ..interview import RIGHT, STOPPED, TRIALS, Candidate, layouts_of, layouts_of_output
from ..layouts import NAMES, Layout
from ..reading import Reading
from ..signatures import arguments_of, is_own, tree_of
from ..vocabulary import layer_named

ALONE = "there is a backward pass only"
LAYERS = ("Convolution", "Pooling", "AveragePooling")


def lone_offers(things: Mapping[str, Any], found: Collection[str], files: Collection[str]) -> Iterator[Offer]:
    """Yield the target's backward functions of layers that nothing else offers, if they are given the input itself."""
    for name, thing in things.items():
        layer = layer_named(base_of(name))
        if isinstance(thing, type) or direction(name) != "backward" or layer not in LAYERS or layer in found:
            continue
        if not is_own(thing, files):
            continue
        roles = {role for a in arguments_of(thing) or [] for role in a.roles[:1]}
        if {"dout", "x"} <= roles:
            yield Offer(layer, name, name)


def read_lone_backward(candidate: Candidate) -> tuple[int, Reading] | None:
    """Read a backward function: in the first layouts in which all gradients come back, or else in the declared ones."""
    arguments = arguments_of(candidate.thing) or []
    codes = function_codes(candidate, arguments, tree_of(candidate.thing))
    first: Reading | None = None
    for reading in itertools.islice(readings(candidate), TRIALS):
        read_backward(candidate, reading, codes)
        if not reading.backward:
            return None
        first = first or reading
        if not reading.stopped and {"dx", *(f"d{n}" for n in reading.given)} <= reading.grads.keys():
            return RIGHT, reading
    return (STOPPED, first) if first else None


def readings(candidate: Candidate) -> Iterator[Reading]:
    """Yield the function with each combination of layouts; zeros stand for the output of the forward pass."""
    family = candidate.family
    roles = {role for a in arguments_of(candidate.thing) or [] for role in a.roles}
    used = [name for name in family.params if name.lower() in roles]
    pairs = list(zip(layouts_of(candidate, "x", family.x), layouts_of_output(candidate)))
    texts = [
        declared_layouts(candidate, n)[:4] if n == "W" else [t for t in family.params[n].layouts if "Y" not in t]
        for n in used
    ]
    layouts = [[Layout(t, family.params[n].axes) for t in of] for n, of in zip(used, texts)]
    for (x, out), given in itertools.product(pairs, itertools.product(*layouts)):
        shape = ", ".join(" * ".join(NAMES[letter] for letter in group) or "1" for group in out.groups)
        yield Reading(
            family, candidate.name, candidate.signature, x, out, forward=f"0.0 + np.zeros(({shape},))",
            given=dict(zip(used, given)), alone=True, reach=candidate.limits(), notes=[ALONE],
        )  # fmt: skip
