"""Reading dropout: which share its number is, whether training scales, and how it is told to train."""

import ast
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..source import walk
from .arguments import calls, has_required, write_call
from .candidates import Offer
from .families import COMMON, Array, Family
from .functions import backward_calls
from .gradients import find_gradients, run_forward
from .interview import Candidate, backward_codes, callables_of, find_output
from .known.table import LATE
from .layouts import Layout
from .reading import Reading, uses
from .signatures import Argument, arguments_of, keys_read, tree_of
from .trial import Env, Refused, evaluate
from .uncommon.modes import switch_of, with_modes
from .vocabulary import FORWARD, roles_of

SHARE, OTHER = 0.8, 0.3  # of trials of 10,000 numbers: 80 % or 20 % are dropped, which no chance confuses
SURE = 2  # trials agree with one another
ROWS = Array("ND", ("N D",))
FLAGS = ("train_flg", "'train' if train_flg else 'test'")  # how a mode is said
DROPOUT = Family(
    "Dropout", "dropout_ratio=0.5", ROWS, ROWS, sizes={"N": 100, "D": 100}, asked="train_flg=True",
    codes={**COMMON, "ratio": ("dropout_ratio",), "train": FLAGS, "mode": FLAGS, "x": ("x_",)},
    values={"dropout_ratio": SHARE, "train_flg": True}, order=("ratio",),
)  # fmt: skip


def read_dropout(offer: Offer, things: Mapping[str, Any]) -> Reading | None:
    """Read dropout from a class or a pair of functions; None if it cannot be."""
    candidate = Candidate(DROPOUT, offer.name, things[offer.name], offer.backward, things)
    found = of_class(candidate) if offer.is_class else of_function(candidate)
    late = offer.convention is not None and LATE in offer.convention.facts
    best: Reading | None = None
    for reading in itertools.islice(found, 30):
        seen = measure(reading, things, late, late and offer.pinned)
        best = reading if seen == SURE or (seen and best is None) else best
        if seen == SURE:
            break
    if best:
        find_gradients(things, best, lambda layer, r=best: codes_of(candidate, r, layer))  # type: ignore[misc]
    return best


def is_of_second_book(thing: Any) -> bool:
    """Return whether a class keeps lists of parameters and gradients, as the book's second volume has all layers do.

    That volume's dropout scales in training: what is read as inverted there is no failed one of the first volume.
    """
    kept = {n.attr for n in walk(tree_of(thing) or ast.Module([], [])) if isinstance(n, ast.Attribute)}
    return isinstance(thing, type) and {"params", "grads"} <= kept


def codes_of(candidate: Candidate, reading: Reading, layer: Any) -> list[str]:
    """List the calls that may be the backward pass."""
    if reading.make:
        return backward_codes(layer, reading)
    return backward_calls(candidate, reading, candidate.all_codes)


def of_function(candidate: Candidate) -> Iterator[Reading]:
    """Yield the ways to call a function."""
    arguments, tree = arguments_of(candidate.thing) or [], tree_of(candidate.thing)
    config = next((configs(keys_read(tree, a.name)) for a in arguments if "config" in a.roles), ("",))
    codes = {**candidate.all_codes, "config": config}
    own, flags = with_input_and_modes(arguments, tree)
    for passed in calls(own, {**codes, **flags}, ("x", "ratio")):
        if has_required(arguments, passed) and "dropout_ratio" in str(passed):
            yield from with_mode(candidate, "", write_call(candidate.name, arguments, passed))


def configs(keys: list[str]) -> tuple[str, ...]:
    """Return the codes of the dict that the function reads, one for each way to say the mode."""
    found = []
    for flag in reversed(FLAGS):  # CS231n's word first
        codes = {"ratio": "dropout_ratio", "mode": flag, "train": flag}
        parts = [(key, next((codes[r] for r in roles_of(key) if r in codes), "")) for key in keys or ["p", "mode"]]
        found.append("{" + ", ".join(f"{key!r}: {code}" for key, code in parts if code) + "}")
    return tuple(found)


def of_class(candidate: Candidate) -> Iterator[Reading]:
    """Yield the ways to make an object and to use it."""
    arguments = arguments_of(candidate.thing) or []
    for passed in calls(arguments, candidate.all_codes, ("ratio",)):
        if not has_required(arguments, passed) or "dropout_ratio" not in passed.values():
            continue
        make = write_call(candidate.name, arguments, passed)
        try:
            layer = evaluate(make, {**candidate.things, "np": np, **DROPOUT.values})
        except Refused:
            continue
        for target, method in callables_of(layer, FORWARD):
            own = arguments_of(method) or []
            told, flags = with_input_and_modes(own, tree_of(type(layer)))
            for given in calls(told, {**candidate.all_codes, **flags}, ("x",)):
                if has_required(own, given):
                    yield from with_mode(candidate, make, write_call(target, own, given), layer)


def with_input_and_modes(
    arguments: list[Argument], tree: ast.AST | None
) -> tuple[list[Argument], dict[str, tuple[str, ...]]]:
    """Return forward's arguments: the first is the input; those of the mode have roles of their own, with codes."""
    first = [replace(a, roles=("x",)) for a in arguments[:1]]
    rest = [replace(a, roles=tuple(r for r in a.roles if r != "x")) for a in arguments[1:]]
    return with_modes(first + rest, tree, "train_flg", any_flag=True)


def with_mode(candidate: Candidate, make: str, forward: str, layer: Any = None) -> Iterator[Reading]:
    """Yield the reading with each way to tell the mode: an argument, methods train() and eval(), an attribute."""
    plain = Layout("N D", "ND")

    def made(before: list[str], reach: dict[str, list[int | str]]) -> Reading:
        return Reading(
            DROPOUT,
            candidate.name,
            candidate.signature,
            plain,
            plain,
            make,
            forward=forward,
            before=before,
            reach=reach,
        )

    if uses(forward, "train_flg"):
        yield made([], {})
        return
    if layer is not None and (switch := switch_of(layer, "train_flg")):
        yield made([switch], {})
    yield made([], {"train_flg": [1]})


def measure(reading: Reading, things: Mapping[str, Any], late: bool, pinned: bool = False) -> int:
    """Measure what its number is, and whether training scales; return how sure that is: 0 where it cannot be seen.

    late: its convention scales at inference; that decides where neither is scaled. pinned: it decides always.
    """
    try:
        tried = {share: ratios(reading, things, True, share) for share in (SHARE, OTHER)}
        still = ratios(reading, things, False) if "train_flg" not in reading.reach else None
    except Refused:
        return 0
    kept = {share: found for share, found in tried.items() if found is not None}
    if len(kept) < len(tried) or ("train_flg" not in reading.reach and still is None):
        return 0
    shares = {share: float((found != 0).mean()) for share, found in kept.items()}
    is_kept = keeps_its_number(reading, things, shares)
    scaled = any(abs(float(found.max()) - 1) > 0.01 for found in kept.values())
    whole = still is None or abs(float(still.mean()) - 1) < 0.1
    inverted = (scaled or (whole and not late)) and not pinned
    reading.family = replace(DROPOUT, name="InvertedDropout" if inverted else "Dropout")
    if is_kept:
        for name in ("make", "forward"):
            setattr(reading, name, re.sub(r"\bdropout_ratio\b", "1 - dropout_ratio", getattr(reading, name)))
    reading.notes.append(f"its number is the share that is {'kept' if is_kept else 'dropped'}")
    reading.notes.append(f"{'training' if inverted else 'inference'} scales")
    drops = all(abs(1 - number - share) < 0.1 for number, share in shares.items())
    return SURE if drops or all(abs(number - share) < 0.1 for number, share in shares.items()) else 1


def keeps_its_number(reading: Reading, things: Mapping[str, Any], kept: Mapping[float, float]) -> bool:
    """Return whether the number that dropout is made with is the share that is kept: as its name says, or trials do.

    kept: number -> share of the places that were kept. Where trials contradict one another it is the share dropped.
    """
    names = [a.name for a in arguments_of(things[reading.thing]) or [] if "ratio" in a.roles]
    names += re.findall(r"(\w+)'?(?:: |=)dropout_ratio", reading.make + reading.forward)
    if re.search(r"keep|retain", " ".join(names).lower()):
        return True
    return not re.search(r"drop", " ".join(names).lower()) and all(abs(n - share) < 0.1 for n, share in kept.items())


def ratios(reading: Reading, things: Mapping[str, Any], train: bool, number: float = SHARE) -> np.ndarray | None:
    """Return the share of each number that comes out; None if no array of the input's shape does. Raises Refused.

    number: what dropout is made with.
    """
    env: Env = run_forward(things, reading, DROPOUT.sizes, {"dropout_ratio": number, "train_flg": train})
    if train and not find_output(reading, env):
        return None
    if isinstance(env["got"], tuple | list):
        reading.cache = "got[1]" if len(env["got"]) == 2 else "got[1:]"
    out = evaluate(reading.result, env)
    given = env["x"]  # not x_, which a layer may have written into
    return np.abs(out / given) if np.shape(out) == np.shape(given) else None
