"""Reading batch normalization: its parameters, its two modes, what its momentum is a share of, which variance it keeps.

The adapter is written first and tried itself. Momentum's direction, the biased running variance and a fixed eps are
conventions: they are found by trials, and translated.
"""

import ast
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..arguments import calls, has_required, write_call
from ..candidates import Offer, base_of, direction
from ..families import COMMON
from ..interview import callables_of
from ..known.table import OLD_SHARE
from ..signatures import Argument, arguments_of, keys_read, keys_to_spare, tree_of
from ..trial import HANDED, Env, Refused, arrays_inside, evaluate, execute
from ..uncommon.modes import switch_of, with_modes
from ..vocabulary import FORWARD, layer_named, normalize, roles_of
from .norm_gradients import adapter_class, find_backward
from .norm_reading import AT_FIRST, PLACES, NormReading, last_word
from .norm_settings import CHANNELS, IMAGES, LAST, ROWS, arrange, measure, usual_momentum

CODES = {
    **COMMON, "features": ("C_",), "in": ("C_",), "gamma": ("gamma_",), "beta": ("beta_",), "momentum": ("momentum_",),
    "lr": ("momentum_",), "eps": ("eps_",), "running_mean": ("mean_",), "running_var": ("var_",), "x": ("x_",),
    "input_shape": ("(C_,)",), "train": ("train_",), "mode": ("('train' if train_ else 'test')",), "axis": (),
    "scale": (), "window": ("C_",), "size": ("C_",), "cache": ("(mean_, var_)",),
}  # fmt: skip
SETTINGS = {"mode", "train", "eps", "momentum", "lr", "gamma", "beta"}  # roles
KEYS = ("mode", "eps", "momentum", "running_mean", "running_var")  # of a dict that is handed on unread
PREPARE: tuple[list[str], ...] = (
    [], ["layer.set_input_shape((C_,))", "layer.initialize(Descent())"], ["layer.initialize(Descent())"],
    ["layer.build(C_)"], ["layer.build((None, C_))"],
)  # fmt: skip


def read_norm(offer: Offer, things: Mapping[str, Any]) -> NormReading | None:
    """Read batch normalization from a class or from functions; None if it cannot be."""
    for reading in itertools.islice(ways(offer, things), 40):
        layouts = [layout for layout in (ROWS, *images_of(offer)) if is_legal(reading, layout, things)]
        if not layouts:
            continue
        reading.rows = ROWS in layouts
        reading.images = next((layout for layout in layouts if layout != ROWS), "")
        if not reading.images and re.search("2d|spatial", offer.name.lower()):
            reading.rows, reading.images = False, IMAGES
        pins = offer.pinned and offer.convention is not None and OLD_SHARE in offer.convention.facts
        reading.starts_itself = starts_itself(things[offer.name])
        reading.usual = 0.9 if pins else usual_momentum(things[offer.name])
        measure(reading, things, offer.name, started_layer(reading, things))
        find_backward(reading, offer, things)
        return reading
    return None


def starts_itself(thing: Any) -> bool:
    """Return whether a constructor takes running statistics, and None in their place."""
    asked = {"running_mean", "running_var"}
    found = [a for a in arguments_of(thing) or [] if asked & {*a.roles}]
    return len(found) == len(asked) and all(a.default is None for a in found)


def images_of(offer: Offer) -> tuple[str, ...]:
    """Return the layouts of images that are tried: those of a pinned convention, or all."""
    known = offer.convention.layouts.get("x", ()) if offer.pinned and offer.convention else ()
    return tuple(layout for layout in (IMAGES, LAST) if layout in known) or (IMAGES, LAST)


def ways(offer: Offer, things: Mapping[str, Any]) -> Iterator[NormReading]:
    """Yield the ways to use it, the most likely first."""
    arguments = arguments_of(things[offer.name]) or []
    if not offer.is_class:
        yield from ways_of_functions(offer, things, arguments)
        return
    for passed in calls(arguments, CODES, ("gamma", "beta") if len(arguments) > 2 else ("features",), 6):
        if has_required(arguments, passed):
            yield from ways_of_class(write_call(offer.name, arguments, passed), things)


def ways_of_class(make: str, things: Mapping[str, Any]) -> Iterator[NormReading]:
    """Yield the ways to use the object that `make` makes."""
    for prepare in PREPARE:
        try:
            env = started(NormReading(make=make, prepare=prepare), things)
        except Refused:
            continue
        for target, method in callables_of(env["layer"], FORWARD):
            own = [replace(a, roles=("x",) if i == 0 else ()) for i, a in enumerate(arguments_of(method) or [])]
            arguments, flags = with_modes(own, tree_of(type(env["layer"])), "train_")
            for passed in itertools.islice(calls(arguments, {**CODES, **flags}), 2):
                if has_required(arguments, passed):
                    code = write_call(target, arguments, passed)
                    reading = NormReading(make=make, prepare=prepare, forward=code, inference="train_" in code)
                    if not reading.inference:
                        reading.switch = switch_of(env["layer"], "train_")
                        reading.inference = bool(reading.switch)
                    yield from placed(reading, things)


def started(reading: NormReading, things: Mapping[str, Any]) -> Env:
    """Return the names of a trial, with the object made. Raises Refused."""
    ones, zeros = np.ones(CHANNELS), np.zeros(CHANNELS)
    env: Env = {**things, "np": np, **HANDED, "C_": CHANNELS, "momentum_": 0.9, "eps_": 1e-5}
    env |= {"gamma_": ones, "beta_": zeros}
    env |= {"mean_": zeros.copy(), "var_": ones.copy(), "train_": True}
    if reading.make:
        env["layer"] = evaluate(reading.make, env)
    for statement in reading.prepare:
        execute(statement, env)
    return env


def placed(reading: NormReading, things: Mapping[str, Any]) -> Iterator[NormReading]:
    """Yield the reading with the places of the parameters and statistics inside the object."""
    for layout in (ROWS, IMAGES, LAST):
        try:
            env = started(reading, things)
            at_first = dict(arrays_inside(env["layer"], "layer"))
            if reading.switch:
                execute(reading.switch, env)
            rows = np.random.default_rng(3).standard_normal((4, CHANNELS))
            evaluate(reading.forward, env | {"x_": arrange(rows, layout)})
        except Refused:
            continue
        found = find_places(env["layer"])
        from_start = {n: place for n, place in find_places(env["layer"], AT_FIRST).items() if place[0] in at_first}
        if not {"running_mean", "running_var"} <= found.keys() and len(from_start) == len(AT_FIRST):
            found |= from_start
        lazy = bool({"gamma", "beta"} & set(found)) and found.get("gamma", ("", ""))[0] not in at_first
        yield replace(reading, places={k: where for k, (where, _) in found.items()},
                      shapes={k: shape for k, (_, shape) in found.items()}, lazy=lazy,
                      moves_given=tuple(moved_of(env, at_first, found)))  # fmt: skip
        return


def moved_of(env: Env, at_first: Mapping[str, Any], found: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    """Yield the statistics whose array, handed to the constructor, is kept there and was moved by the trial."""
    for name, code, start in (("running_mean", "mean_", 0.0), ("running_var", "var_", 1.0)):
        kept = at_first.get(found.get(name, ("", ""))[0])
        if kept is not None and np.shares_memory(kept, env[code]) and np.any(env[code] != start):
            yield name


def find_places(layer: Any, patterns: Mapping[str, re.Pattern[str]] = PLACES) -> dict[str, tuple[str, str]]:
    """Find the parameters and the running statistics by their names and lengths: name -> (code, shape as code)."""
    found: dict[str, tuple[str, str]] = {}
    for where, one in arrays_inside(layer, "layer"):
        if np.size(one) != CHANNELS or "grad" in where.lower():
            continue
        last = last_word(where)
        shape = ", ".join("-1" if n == CHANNELS else "1" for n in np.shape(one))
        for name, pattern in patterns.items():
            if name not in found and pattern.fullmatch(last):
                found[name] = where, f"({shape})" if "," in shape else f"({shape},)"
    return found


def ways_of_functions(offer: Offer, things: Mapping[str, Any], arguments: list[Argument]) -> Iterator[NormReading]:
    """Yield the ways to call the function, and the one for images that stands beside it."""
    tree = tree_of(things[offer.name])
    arguments = [replace(a, roles=("config",)) if holds_statistics(a, tree) else a for a in arguments]
    config = next((config_code(keys_asked(tree, a.name)) for a in arguments if "config" in a.roles), "")
    codes = {**CODES, "config": ("param",) if config else ()}
    first = [replace(a, roles=("x",) if i == 0 else as_of_norm(a.roles)) for i, a in enumerate(arguments)]
    first, flags = with_modes(first, tree, "train_")
    codes |= flags
    required = [a if a.required else replace(a, default=... if a.roles else a.default) for a in first]
    spatial = next((n for n in things if "spatial" in n and direction(n) != "backward" and is_norm(n)), "")
    for passed in itertools.islice(calls(required, codes, ("x", "gamma", "beta")), 6):
        if not has_required(arguments, passed):
            continue
        code = write_call(offer.name, arguments, passed)
        reading = NormReading(forward=code, config=config, inference="train_" in code + config)
        if spatial and spatial != offer.name:
            reading.of_images = code.replace(offer.name, spatial, 1)
        yield from with_results(reading, things)


def holds_statistics(argument: Argument, tree: ast.AST | None) -> bool:
    """Return whether an argument is a dict of nothing but the running statistics: running['mean'], running['var']."""
    keys = keys_read(tree, argument.name)
    return len(keys) == len(AT_FIRST) == len({name for key in keys for name in [statistic(key)] if name})


def statistic(key: str) -> str:
    """Return which running statistic a key names; "" for none."""
    plain = normalize(key)
    return next((n for n in AT_FIRST if PLACES[n].fullmatch(plain) or AT_FIRST[n].fullmatch(plain)), "")


def as_of_norm(roles: tuple[str, ...]) -> tuple[str, ...]:
    """Return the roles of an argument of a normalization: weight and bias, in torch, are gamma and beta."""
    return tuple({"w": "gamma", "b": "beta"}.get(role, role) for role in roles)


def is_norm(name: str) -> bool:
    """Return whether a name speaks of batch normalization."""
    return layer_named(base_of(name)) == "BatchNorm"


def keys_asked(tree: ast.AST | None, name: str) -> list[str]:
    """List the keys that code reads from the dict of this name; of those with a default, settings and statistics."""
    spare = keys_to_spare(tree, name)
    return [key for key in keys_read(tree, name) if key not in spare or statistic(key) or SETTINGS & {*roles_of(key)}]


def config_code(keys: list[str]) -> str:
    """Return the code of the dict that the function reads."""
    parts, more = [], () if keys and all(statistic(key) for key in keys) else KEYS
    for key in dict.fromkeys([*keys, *more]):
        role = next((r for r in roles_of(key) if CODES.get(r)), statistic(key) if key in keys else "")
        if role:
            parts.append(f"{key!r}: {CODES[role][0]}")
    return "{" + ", ".join(parts) + "}"


def with_results(reading: NormReading, things: Mapping[str, Any]) -> Iterator[NormReading]:
    """Yield the reading of a function with the places of what it returns."""
    env = started(reading, things)
    x = np.random.default_rng(3).standard_normal((4, CHANNELS))
    for layout in (ROWS, IMAGES, LAST):
        try:
            env["param"] = evaluate(reading.config, env) if reading.config else None
            got = evaluate(reading.forward, env | {"x_": arrange(x, layout)})
        except Refused:
            continue
        found = replace(reading, in_place=bool(np.any(env["mean_"]) and np.any(env["var_"] != 1)))
        if found.in_place:
            found.places = {"running_mean": "mean_", "running_var": "var_"}
        if isinstance(env["param"], dict):
            found.places = {statistic(key): f"param[{key!r}]" for key in env["param"] if statistic(key)}
        if isinstance(got, tuple | list) and got:
            found.result, rest = "got[0]", list(range(1, len(got)))
            kept = [i for i in rest if isinstance(got[i], np.ndarray) and got[i].size == CHANNELS]
            if len(kept) == 2 and not found.places:
                found.places = dict(zip(("running_mean", "running_var"), (f"got[{i}]" for i in kept)))
            caches = [i for i in rest if i not in kept or found.places.get("running_mean") != f"got[{kept[0]}]"]
            found.cache = f"got[{caches[0]}]" if caches else ""
        yield found
        return


def is_legal(reading: NormReading, layout: str, things: Mapping[str, Any]) -> bool:
    """Return whether it gives an output of the input's shape, and statistics of one number a channel."""
    tried = replace(reading, images=layout if layout != ROWS else "", rows=layout == ROWS)
    x = np.random.default_rng(3).standard_normal((5, CHANNELS) if layout == ROWS else (5, CHANNELS, 4, 2))
    env: Env = {"kind": adapter_class(tried, things), "x": x, "np": np}
    try:
        env["layer"] = evaluate("kind(np.ones(3), np.zeros(3))", env)
        out = evaluate("layer.forward(x, True)", env)
    except Refused:
        return False
    if layout != ROWS and np.allclose(out.mean(0), 0, atol=1e-6):
        return False  # every place is normalized alone: it is meant for rows
    sizes = [np.size(getattr(env["layer"], name)) for name in ("running_mean", "running_var")]
    return np.shape(out) == x.shape and (sizes == [CHANNELS] * 2 or "running_mean" not in reading.places)


def normalizes_columns(reading: NormReading, things: Mapping[str, Any]) -> bool:
    """Return whether it takes (C, N): what it gives of such an array has a mean of 0 over the last axis."""
    try:
        env = started(reading, things) | {"x_": np.random.default_rng(3).standard_normal((CHANNELS, 5))}
        env |= {"gamma_": np.ones((CHANNELS, 1)), "beta_": np.zeros((CHANNELS, 1))}
        got = evaluate(reading.forward, env)
    except Refused:
        return False
    out = got[0] if isinstance(got, tuple | list) and got else got
    return np.shape(out) == (CHANNELS, 5) and bool(np.allclose(np.mean(out, axis=1), 0, atol=1e-6))


def started_layer(reading: NormReading, things: Mapping[str, Any]) -> Any:
    """Return the target's object; None for functions, or where it cannot be made."""
    try:
        return started(reading, things).get("layer")
    except Refused:
        return None
