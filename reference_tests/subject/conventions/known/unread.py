"""What looks like a layer and could not be read: said, and never judged as if it were something else."""

import inspect
import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ...errors import Missing
from ...names import NAMES
from ...protocol import Unread
from ..candidates import Offer
from ..contract import fits_contract, takes_nothing
from ..gradients import run_forward
from ..interview import Candidate
from ..reading import Reading, uses
from ..signatures import arguments_of, methods_of, write_signature
from ..trial import Refused
from ..uncommon.slopes import EITHER, RIGHT, is_slope
from ..uncommon.statics import has_static_forward
from ..vocabulary import BACKWARD, method_word
from .meant import is_meant, uses_framework

NO_DOUT = "it takes no dout"
HELPERS = (  # no layers: anybody's network may be another one, and so may what is called an addition
    "im2col", "col2im", "conv_output_size", "SimpleConvNet", "ResidualAdd", "ChannelConcat",
)  # fmt: skip
DROPOUTS = {"Dropout", "InvertedDropout"}  # one class is either of them
WITH_WEIGHTS = ("Convolution", "Affine")


def misfits(names: Mapping[str, Any]) -> list[Unread]:
    """Return the contract's names that the target has with another signature, so that they cannot be asked."""
    return [
        Unread(name, write_signature(name, names[name]))
        for name in NAMES
        if name in names and is_misfit(name, names[name])
    ]


def is_misfit(name: str, thing: Any) -> bool:
    """Return whether the contract's calls do not fit; a lacking method is another matter, and a network has many."""
    if isinstance(thing, Missing) or name == "SimpleConvNet":
        return False
    own = methods_of(thing) if isinstance(thing, type) else {"forward": thing, "__init__": thing}
    elsewhere = has_static_forward(thing) or takes_nothing(thing, "backward")
    if "forward" not in own or not ("__init__" in own or elsewhere) or takes_anything(thing):
        return False
    return not fits_contract(name, thing)


def takes_anything(thing: Any) -> bool:
    """Return whether a callable takes *arguments: what they may be cannot be told."""
    try:
        return any(p.kind is p.VAR_POSITIONAL for p in inspect.signature(thing).parameters.values())
    except (TypeError, ValueError):
        return True


def why_no_layer(candidate: Candidate, reading: Reading) -> str:
    """Return why a reading is of no layer that can be judged, "" if it is of one: code that only fails is one too."""
    family = candidate.family
    if family.params and "W" not in {*reading.params, *reading.given}:
        return "its weights cannot be given"
    if candidate.pinned:
        return ""
    try:
        out = run_forward(candidate.things, reading, family.sizes, family.values)["out"]
    except Refused as refused:
        known = candidate.prefer or reading.backward or reading.params or uses(reading.make, "FH", "stride", "pad")
        return "" if known or uses(reading.forward, "stride", "pad", "FH", "b_") else str(refused)
    gives_one = out is None or isinstance(out, np.ndarray | np.generic)
    return "" if gives_one and (family.params or np.ndim(out) > 1) else "it gives no array for an image"


def looks_like_layer(offer: Offer, things: Mapping[str, Any]) -> bool:
    """Return whether an offer that could not be read is meant as a layer.

    A layer is a class with a backward pass or arguments, or a function of an input (and of weights, if the layer has
    any); or what is called as nothing but a layer is. A helper function inside another layer is none.
    """
    name, thing = offer.name.removeprefix("their_"), things[offer.name]
    if offer.layer in HELPERS or name.startswith("_") or offer.codes or uses_framework(thing):
        return False
    return has_arguments_of_layer(offer, thing) or is_meant(offer, thing)


def has_arguments_of_layer(offer: Offer, thing: Any) -> bool:
    """Return whether the arguments of a class or function, or a backward pass, tell that it is a layer."""
    roles = [a.roles for a in arguments_of(thing) or []]
    if offer.is_class:
        return bool(roles) or bool(re.search("back|bprop|grad", " ".join(dir(thing))))
    if not any("x" in found for found in roles):
        return False
    return offer.layer not in WITH_WEIGHTS or any({"w", "config"} & {*found} for found in roles)


def unread_backward(offer: Offer, things: Mapping[str, Any]) -> Unread | None:
    """Return the backward pass that stands beside a layer, to be said where no call of it fits; None for none."""
    if offer.layer in HELPERS:
        return None
    if offer.backward:
        back = things[offer.backward]
        why = EITHER if offer.layer in RIGHT and is_slope(offer.backward, arguments_of(back) or []) else ""
        return Unread(offer.layer, write_signature(offer.backward, back), why, part="backward")
    thing = things[offer.name]
    methods = {method_word(n): n for n in reversed(methods_of(thing))} if isinstance(thing, type) else {}
    found = next((methods[word] for word in BACKWARD if word in methods), "")
    shown = write_signature(f"{offer.name.removeprefix('their_')}.{found}", getattr(thing, found)) if found else ""
    why = NO_DOUT if takes_nothing(thing, found) else ""
    return Unread(offer.layer, shown, why, part="backward") if found else None


def unread_offers(failed: Mapping[str, Unread], judged: Iterable[str], misfit: Iterable[Unread]) -> list[Unread]:
    """Return what cannot be asked: misfits, and what failed of the layers that nothing else was judged for."""
    said, known = {*judged}, [one for one in misfit if one.name in {*judged}]
    if said & DROPOUTS:
        said |= DROPOUTS
    return [*known, *(one for name, one in failed.items() if one.part or name not in said)]
