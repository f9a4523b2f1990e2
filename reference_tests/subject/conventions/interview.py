"""The interview: a class or a pair of functions is tried on small arrays until it is known how to ask it.

What may be chosen: the order of arguments, layouts, the places of parameters and results. Never: a sign, a flip, a
scale, the order of two axes of equal length. A layout is right where the shapes are; numbers decide nothing here.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from .arguments import as_input, calls, has_required, is_rate, write_call
from .families import CURVES, Array, Family
from .gradients import find_gradients
from .layouts import Layout, infer
from .reading import Reach, Reading
from .signatures import Argument, arguments_of, hands_all_on, methods_of, write_signature
from .trial import (
    Env,
    Refused,
    arranged,
    arrays_inside,
    cache_beside,
    environment,
    evaluate,
    execute,
    gives_array,
    likeness,
    snapshot,
)
from .uncommon.bias_rows import row_of_bias, split_rows
from .uncommon.left_on import left_code
from .uncommon.own_methods import words_of_methods
from .uncommon.pullbacks import pullback_calls
from .uncommon.rates import drop_steps, find_update, set_rate
from .uncommon.slopes import OUTPUTS, is_output, is_slope, slope_call, uses_what_is_kept
from .uncommon.told_shapes import tell_shape
from .vocabulary import BACKWARD, FORWARD, normalize

TRIALS = 400  # calls that give something, for one layer and one set of sizes; no clock decides what is read
REFUSED, ALL_REFUSED = 800, 1600  # trials that are refused, for one set of sizes and for all: right code needs fewer
MEMBERS = 5  # at most of what a factory gives: forward, backward, and arrays or dicts beside them
PREPARE = (
    "initialize(Descent())", "initialize()", "build({shape})", "init_weights()", "init_params()", "init_param()",
    "setup({shape})",
)  # fmt: skip


@dataclass
class Candidate:
    """What a layer may be read from, and what is known of it beforehand."""

    family: Family
    name: str
    thing: Any
    backward: str = ""  # of a pair of functions
    things: Mapping[str, Any] = field(default_factory=dict)  # all of the target's names
    prefer: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # array -> layouts, the declared first
    axes: Mapping[str, int] = field(default_factory=dict)  # array -> how many axes its code unpacks
    square: bool = False  # its code says that windows are square
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # role -> codes, where a convention knows more
    usual: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # the layouts that its convention has
    refusals: list[str] = field(default_factory=list)  # what it raised in trials
    heard: int = 0  # how many of them are of other sizes
    pinned: bool = False  # its convention was named: what no trial shows is as that declares

    @cached_property
    def signature(self) -> str:
        """The class or function as the target writes it."""
        return write_signature(self.name.removeprefix("their_"), self.thing)

    def limits(self) -> Reach:
        """Return what the code itself says that it cannot express."""
        return {"FW": ["FH"]} if self.square else {}

    @property
    def spent(self) -> bool:
        """Whether so many trials were refused that no other will be right."""
        return len(self.refusals) - self.heard >= REFUSED or len(self.refusals) >= ALL_REFUSED

    @property
    def all_codes(self) -> dict[str, tuple[str, ...]]:
        """The codes of each role."""
        return {**self.family.codes, **self.codes}


def layouts_of(candidate: Candidate, name: str, array: Array) -> list[Layout]:
    """List the layouts that an array may have: those that are known beforehand come first."""
    told = candidate.usual.get(name, ()) if candidate.family.name not in CURVES else ()  # a curve has any shape
    usual = [text for text in told if text in array.layouts]
    texts = dict.fromkeys([*candidate.prefer.get(name, ()), *usual, *array.layouts])
    count = candidate.axes.get(name)
    return [Layout(text, array.axes) for text in texts if count in (None, len(text.split()))]


def read_class(
    candidate: Candidate, codes: Mapping[str, tuple[str, ...]], told: list[Argument] | None = None
) -> tuple[int, Reading] | None:
    """Read a class, or a factory that gives an object, a pair of functions or a dict of them; None if it cannot be.

    codes: role -> codes of an argument of the constructor. told: its arguments, where more is known of them than
    their names. -> how far it came, the reading.
    """
    family, tried, made = candidate.family, 0, 0
    arguments = told or arguments_of(candidate.thing)
    if arguments is None:
        return None
    best: tuple[int, Reading] | None = None
    for passed in calls(arguments, codes, family.order):
        if not has_required(arguments, passed):
            continue
        make = write_call(candidate.name, arguments, passed)
        for score, reading in uses_of_object(candidate, make):
            found = (STOPPED if score == RIGHT and finish(candidate, reading).stopped else score), reading
            if found[0] == RIGHT:
                return found
            if best is None or found[0] > best[0]:
                best = found
            tried += cost(found[0])
            if tried > TRIALS:
                break
        made += 1
        if max(tried, made) > TRIALS or candidate.spent:
            break
    return (best[0], finish(candidate, best[1])) if best else None


def cost(score: int) -> int:
    """Return as how many trials one counts: it is more where its backward pass was tried in each way, and stopped."""
    return 10 if score == STOPPED else 1


# how far a reading came: it ran; its parameters are found; its output has a legal shape; and backward ends
RAN, SHAPED, STOPPED, RIGHT = 1, 2, 3, 4


def uses_of_object(candidate: Candidate, make: str) -> Iterator[tuple[int, Reading]]:
    """Yield (score, reading) of each way to use the object that `make` makes."""
    family, codes = candidate.family, dict[type, list[str]]()
    pairs = zip(layouts_of(candidate, "x", family.x), layouts_of_output(candidate))
    for (x, out), given in itertools.product(
        pairs, given_layouts(candidate, make + calls_with_parameters(candidate, make))
    ):
        blank = Reading(
            family, candidate.name, candidate.signature, x, out, make, given=given, reach=candidate.limits()
        )
        env = environment(candidate.things, family, family.sizes, family.values)
        for name, layout in given.items():
            env[f"{name}_"] = arranged(env, name, layout)
        env["x_"] = arranged(env, "x", x)
        try:
            env["layer"] = evaluate(make, env)
        except Refused as refused:
            candidate.refusals.append(str(refused))
            if given and not candidate.spent:
                continue
            return
        tell_shape(blank, env)
        kind = type(env["layer"])
        if kind not in codes or kind.__module__ == "builtins":  # each pair or dict of functions has its own
            codes[kind] = forward_codes(env["layer"], candidate)
        if not codes[kind]:
            return  # in no layout there is a call of it
        yield from uses_of_made(candidate, blank, env, codes[kind])


def uses_of_made(candidate: Candidate, blank: Reading, env: Env, codes: list[str]) -> Iterator[tuple[int, Reading]]:
    """Yield the first call that is a forward pass; to who asks on, since backward stops, the object itself, called."""
    given, itself = blank.given, [code for code in codes if code.startswith("layer(")]
    for code in codes:
        reading = replace(blank, given={n: one for n, one in given.items() if f"{n}_" in blank.make + code})
        score = try_forward(candidate, reading, code, env)
        if not score:
            continue
        yield score, reading
        if score == RIGHT and itself and code not in itself:
            again = replace(blank, given=reading.given, before=[*blank.before], params={}, grads={}, kept={}, notes=[])
            env["layer"] = evaluate(blank.make, env)
            if score := try_forward(candidate, again, itself[0], env):
                yield score, again
        return


def calls_with_parameters(candidate: Candidate, make: str) -> str:
    """Return the calls of an object that is made without parameters and needs them in its forward pass; "" for none."""
    if "W" not in candidate.family.params or "W_" in make:
        return ""
    try:
        layer = evaluate(
            make, environment(candidate.things, candidate.family, candidate.family.sizes, candidate.family.values)
        )
    except Refused:
        return ""
    found = forward_codes(layer, candidate)
    needed = found and (all("W_" in code for code in found) or {"W_", "b_"} <= {*re.findall(r"\w+", found[0])})
    return " ".join(found) if needed else ""  # an argument W may be a width, but not beside a b


def layouts_of_output(candidate: Candidate) -> list[Layout]:
    """List the output's layouts, each of the same place as the input's."""
    family = candidate.family
    twins = dict(zip(family.x.layouts, family.out.layouts))
    return [
        Layout(twins.get(x.text, family.out.layouts[0]), family.out.axes) for x in layouts_of(candidate, "x", family.x)
    ]


def given_layouts(candidate: Candidate, code: str) -> list[dict[str, Layout]]:
    """List the ways to lay out the parameters that a call is given: the declared or most common first."""
    params = candidate.family.params
    names = [k for k in params if f"{k}_" in code]
    if "W" not in names:
        return [{k: layouts_of(candidate, k, params[k])[0] for k in names}]
    rest = {k: layouts_of(candidate, k, params[k])[0] for k in names if k != "W"}
    return [{"W": layout, **rest} for layout in layouts_of(candidate, "W", params["W"])[:4]]


def forward_codes(layer: Any, candidate: Candidate) -> list[str]:
    """List the calls that may be the forward pass of an object, the most likely first."""
    found = []
    for target, method in callables_of(layer, FORWARD):
        arguments = arguments_of(method)
        if arguments is None:
            continue
        roles = {**candidate.all_codes, "x": ("x_",), "dout": (), "w": ("W_",), "b": ("b_",)}
        for passed in itertools.islice(calls(as_input(arguments), roles), 4):
            if has_required(arguments, passed):
                found += [write_call(target, arguments, passed)]
    return found


def callables_of(layer: Any, words: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """Yield (code, callable) of an object's methods with such a name; of a pair or a dict of functions, its members."""
    place = 0 if words is FORWARD else 1
    if isinstance(layer, tuple | list) and 2 <= len(layer) <= MEMBERS and callable(layer[place]):
        yield f"layer[{place}]", layer[place]
    elif isinstance(layer, Mapping):
        for word in words:
            for key in layer:
                if isinstance(key, str) and normalize(key) == word and callable(layer[key]):
                    yield f"layer[{key!r}]", layer[key]
    else:
        methods = methods_of(type(layer))
        by_word = words_of_methods(type(layer))
        for word in words:
            if word in by_word and word != "__call__":
                yield f"layer.{by_word[word]}", getattr(layer, by_word[word])
            elif word in by_word:  # one of *inputs hands them on
                yield "layer", getattr(layer, by_word.get("forward" if hands_all_on(methods[word]) else word, word))


def try_forward(candidate: Candidate, reading: Reading, code: str, env: Env) -> int:
    """Try a forward pass; return how far it came, and write what was learned into the reading."""
    family = candidate.family
    reading.forward = code
    legal = False
    for prepare in ("", *(f"layer.{p.format(shape='x_.shape')}" for p in PREPARE)):
        name = prepare.partition("(")[0]
        if prepare and not hasattr(env["layer"], name.removeprefix("layer.")):
            continue
        reading.prepare = [prepare] if prepare else []
        before = snapshot(env["layer"]) if family.params else {}
        try:
            if prepare:
                execute(prepare, env)
                before = snapshot(env["layer"]) if family.params else {}
            env["got"] = evaluate(code, env)
        except Refused as refused:
            candidate.refusals.append(str(refused))
            continue
        legal, reading.lazy = find_output(reading, env), False
        reading.cache = cache_beside(env["got"], reading.result)
        break
    else:
        if not family.params:
            return RAN if candidate.prefer or candidate.pinned else 0
        tried = family.name == "Affine" or "x" in candidate.prefer  # all layouts, or the declared one
        known = candidate.pinned or (tried and speaks_of_shapes(candidate))
        return RAN if known and find_parameters(candidate, reading, env, before) else 0
    if not family.params:
        return RIGHT if legal else RAN if gives_array(env["got"]) or candidate.prefer else 0
    found = find_parameters(candidate, reading, env, before)
    return (RIGHT if legal else SHAPED) if found else (RAN if legal else 0)


SHAPES = r"ValueError: .*(shape|matmul|dimension|operands|align|axes|size|broadcast)|IndexError: "


def speaks_of_shapes(candidate: Candidate) -> bool:
    """Return whether the last trial stopped since shapes do not fit: a mistake, where all layouts are tried."""
    return bool(candidate.refusals) and bool(re.match(SHAPES, candidate.refusals[-1]))


def find_output(reading: Reading, env: Env) -> bool:
    """Find the output in what forward returned; return whether it has a legal shape."""
    got = env["got"]
    tries = [("got", got)]
    if isinstance(got, tuple | list):
        tries = [(f"got[{i}]", part) for i, part in enumerate(got)]
    for code, part in tries:
        if isinstance(part, np.ndarray) and reading.out.fits(part.shape, reading.family.sizes):
            reading.result = code
            return True
    for code, part in tries:
        layout = isinstance(part, np.ndarray) and infer(
            part.shape, reading.out.axes, same_images(reading), reading.family.sizes
        )
        if layout:
            reading.result, reading.out = code, layout
            return True
    if got is None and "layer" in env:
        inside = [
            where
            for where, one in arrays_inside(env["layer"], "layer")
            if not np.shares_memory(one, env["x_"]) and reading.out.fits(np.shape(one), reading.family.sizes)
        ]
        if inside:
            reading.result = min(inside, key=lambda where: where.rpartition(".")[2] not in OUTPUTS)
            return True
    reading.result = next((code for code, part in tries if isinstance(part, np.ndarray)), "got")
    return False


def same_images(reading: Reading) -> list[str]:
    """List the output's layouts that are of one image where the input's is."""
    x, out = reading.x, reading.out
    texts = [text for text in reading.family.out.layouts if ("N" in out.axes and "N" not in text) == ("N" in x.lacking)]
    return [text for text in texts if "C" not in out.axes or ("C" not in text) == ("C" in x.lacking)]


def find_parameters(candidate: Candidate, reading: Reading, env: Env, before: Mapping[str, Any]) -> bool:
    """Find where the object keeps its parameters; return whether all but a bias are found."""
    family = candidate.family
    if reading.given:  # it is made with them, or called with them
        return True
    inside = dict(arrays_inside(env["layer"], "layer"))
    reading.rows = row_of_bias(reading, env, inside)
    inside, before = (split_rows(found, reading) for found in (inside, before))
    for name, array in family.params.items():
        fits: list[tuple[tuple[int, int], int, str, Layout]] = []
        for where, one in inside.items():
            layout = infer(
                np.shape(one), array.axes, [a.text for a in layouts_of(candidate, name, array)], family.sizes
            )
            if layout and where not in {p[0] for p in reading.params.values()}:
                fits.append((likeness(where, name), len(fits), where, layout))
        if fits:
            _, _, where, layout = min(fits)
            reading.params[name] = where, layout
            reading.lazy = reading.lazy or where not in before
    return "W" in reading.params


def finish(candidate: Candidate, reading: Reading) -> Reading:
    """Find the backward pass of a reading, and what its interface cannot express."""
    find_gradients(
        candidate.things, reading,
        lambda layer: backward_codes(layer, reading) or pullback_calls(candidate.things, reading),
    )  # fmt: skip
    set_rate(candidate.things, reading)
    drop_steps(candidate.things, reading)
    find_update(candidate.things, reading)
    return reading


GIVEN = {  # what a backward pass may be given besides the upstream gradient: role -> code
    "lr": "1.0", "cache": "cache", "x": "x_", "w": "W_", "b": "b_", "stride": "stride", "pad": "pad", "train": "True",
    "batch": "1",
}  # fmt: skip


def backward_codes(layer: Any, reading: Reading) -> list[str]:
    """List the calls that may be the backward pass of an object."""
    found = []
    for target, method in callables_of(layer, BACKWARD):
        arguments = arguments_of(method)
        if not arguments:
            found += [left for left in [left_code(target, layer, reading)] if left and arguments == []]
            continue
        if is_slope(target, arguments) and not uses_what_is_kept(layer, method, arguments):
            found.append(slope_call(target, arguments))
            continue
        upstream = next((a for a in arguments if "dout" in a.roles), arguments[0])
        passed = {upstream.name: "dout_"}
        for a in arguments:
            code = "out_" if is_output(a.name) else next((GIVEN[r] for r in a.roles if r in GIVEN), None)
            if a is not upstream and code and (a.required or code not in ("1.0", "True") or is_rate(a.name)):
                passed[a.name] = code
        if has_required(arguments, passed):
            found.append(write_call(target, arguments, passed))
            if "1" in passed.values():  # of what is divided by; where it is a length, it is that of the batch
                found.append(write_call(target, arguments, {n: "N" if c == "1" else c for n, c in passed.items()}))
    return found
