"""Where the gradients of batch normalization come out."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ...source import walk
from ..arguments import has_required, write_call
from ..candidates import Offer, base_of, direction
from ..gradients import changed_arrays
from ..interview import callables_of
from ..signatures import arguments_of, tree_of
from ..trial import HANDED, Env, Refused, evaluate, returned_arrays, snapshot
from ..vocabulary import BACKWARD, normalize
from .norm_reading import NormReading, last_word
from .norm_render import named, render_norm

OF_GAMMA = r"gamma|weight|scale|bw$|(^|d|grad)[wg]$"
OF_BETA = r"beta|bias|shift|bb$|(^|d|grad)b$"


def find_backward(reading: NormReading, offer: Offer, things: Mapping[str, Any]) -> None:
    """Find the backward call and the places of the three gradients; write them into the reading."""
    for code, of_images, function in backward_codes(reading, offer, things):
        reading.backward, reading.backward_of_images = code, of_images
        rows = reading.rows and reading.back_axes != 4
        try:
            before, after, got = run_backward(reading, things, rows)
        except Refused:
            continue
        reading.grads = assign(15 if rows else 120, reading, before, after, got, function)
        reading.unset = [place for place in reading.grads.values() if is_unset(place, reading, things)]
        if "dx" in reading.grads:
            return


def is_of_rows(code: str, reading: NormReading, things: Mapping[str, Any]) -> bool:
    """Return whether a backward pass gives images no gradient of their shape: it goes with another forward pass."""
    try:
        _, _, got = run_backward(replace(reading, backward=code), things, rows=False)
    except Refused:
        return True
    return not any(np.size(one) == 120 for one in dict(returned_arrays(got)).values())


def is_unset(place: str, reading: NormReading, things: Mapping[str, Any]) -> bool:
    """Return whether a gradient's place in the object is None before backward: what comes later may add up there."""
    if not place.startswith("layer"):
        return False
    try:
        return evaluate(named(reading, place), {"self": adapter_of(reading, things)}) is None
    except Refused:
        return False


def backward_codes(reading: NormReading, offer: Offer, things: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Yield the calls that may be the backward pass, one for images beside it, and the function."""
    if reading.make:
        layer = adapter_of(reading, things).layer
        found = [(target, method, "") for target, method in callables_of(layer, BACKWARD)]
    else:
        spatial = backward_beside(reading.of_images.partition("(")[0], things)
        name = offer.backward or spatial
        found = [(name, things[name], spatial)] if name else []
    for target, function, spatial_name in found:
        arguments = arguments_of(function) or []
        codes = {"cache": "cache" if reading.cache else None, "lr": "1.0", "gamma": "gamma_", "x": "self.x"}
        upstream = next((a for a in arguments if "dout" in a.roles), arguments[0] if arguments else None)
        passed = {upstream.name: "dout_"} if upstream else {}
        for a in [a for a in arguments if a is not upstream]:
            code = next((codes[r] for r in a.roles if codes.get(r)), None)
            if code and a.required:
                passed[a.name] = code
            elif a.required and reading.cache:
                passed[a.name] = "cache"
        if arguments and has_required(arguments, passed):
            code = write_call(target, arguments, passed)
            beside = code.replace(target, spatial_name, 1) if spatial_name else ""
            if reading.of_images and not offer.backward:
                reading.back_axes = 4
            elif reading.of_images and not beside and is_of_rows(code, reading, things):
                reading.back_axes = 2
            yield code, beside, function


def backward_beside(forward: str, things: Mapping[str, Any]) -> str:
    """Return the backward function of that for images: of the same name but for the direction; "" for none."""
    named = [n for n in things if direction(n) == "backward"] if forward else []
    return next((n for n in named if base_of(n) == base_of(forward)), "")


def adapter_class(reading: NormReading, things: Mapping[str, Any]) -> Any:
    """Return the class of the adapter as far as it is known."""
    home: dict[str, Any] = {**things, "np": np, **HANDED}
    exec(compile(render_norm(reading, ""), "<trial of BatchNorm>", "exec"), home)
    return home["BatchNorm"]


def adapter_of(reading: NormReading, things: Mapping[str, Any]) -> Any:
    """Return a new adapter. Raises Refused."""
    return evaluate("kind(np.arange(1.0, 4), np.ones(3))", {"kind": adapter_class(reading, things), "np": np})


def run_backward(
    reading: NormReading, things: Mapping[str, Any], rows: bool
) -> tuple[dict[str, Any], dict[str, Any], Any]:
    """Run forward and backward; return the object's arrays before backward, those that changed, what it returned.

    rows: whether they are run on rows. Raises Refused.
    """
    adapter = adapter_of(reading, things)
    shape = (5, 3) if rows else (5, 3, 2, 4)
    env: Env = {**things, "np": np, "self": adapter, "x": np.random.default_rng(4).standard_normal(shape)}
    evaluate("self.forward(x, True)", env)
    layer = getattr(adapter, "layer", None)
    before = snapshot(layer)
    dout = np.random.default_rng(5).standard_normal(shape)
    env["dout_"] = dout.transpose(0, 2, 3, 1) if reading.images == "N H W C" and not rows else dout
    code = reading.backward if rows or not reading.backward_of_images else reading.backward_of_images
    got = evaluate(named(reading, code), env)
    return before, changed_arrays(layer, before), got


def assign(
    size: int, reading: NormReading, before: Mapping[str, Any], after: Mapping[str, Any], got: Any, function: Any
) -> dict[str, str]:
    """Return the code of each gradient: dx by its size, the others by their names or the order of what is returned."""
    returned = dict(returned_arrays(got))
    places = {**returned, **after}
    found = {}
    dx = [w for w, a in places.items() if np.size(a) == size]
    own = [w for w in dx if w in returned] or [w for w in dx if re.search(r"grad_?x|\bdx|grad_?in|d_?input", w)]
    if own:
        found["dx"] = own[0]
    known = [where for where in reading.places.values() if not where.startswith("got")]
    small = {w: a for w, a in places.items() if np.size(a) == 3 and w not in known}
    words = returned_names(function)
    for name, pattern in (("dgamma", OF_GAMMA), ("dbeta", OF_BETA)):
        fits = [w for w in small if re.search(pattern, word_of(w, words))]
        if fits:
            found[name] = fits[0]
            reading.grown += [fits[0]] if isinstance(before.get(fits[0]), np.ndarray) else []
    unnamed = [w for w in small if w in returned and w not in found.values()]
    for name in ("dgamma", "dbeta"):
        if name not in found and unnamed:
            found[name] = unnamed.pop(0)
        place = reading.places.get(name[1:], "")
        if name not in found and place in after:
            found[name], reading.kept[name[1:]] = f"(before_{name[1:]} - {place})", place
    return found


def word_of(where: str, words: list[str]) -> str:
    """Return the name by which code calls a gradient: an attribute's, a key's, or that in the return statement."""
    index = re.fullmatch(r"got\[(\d+)\]", where)
    if index:
        return words[int(index[1])] if int(index[1]) < len(words) else ""
    return last_word(where.removesuffix(".grad"))


def returned_names(function: Any) -> list[str]:
    """Return the names in the last return statement of a tuple."""
    found: list[str] = []
    for node in walk(tree_of(function) or ast.Module([], [])):
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
            found = [normalize(ast.unparse(e)) if isinstance(e, ast.Name) else "" for e in node.value.elts]
    return found
