"""How a layer updates itself: its learning rate, set to 1 where no argument is given it, and a method that steps."""

import ast
import inspect
import linecache
import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ...source import walk
from ..arguments import has_required, is_rate, write_call
from ..gradients import put_statements, run_backward, run_forward
from ..reading import Reading, uses
from ..signatures import arguments_of, methods_of, tree_of
from ..trial import Env, Refused, arranged, arrays_inside, evaluate, execute
from ..vocabulary import normalize
from .steps import ascends, turns_error_round

STEPPING = re.compile(  # methods that move the parameters by the gradients which backward has left
    r"(update|adjust|optimi[sz]e|apply)(weights?|params?|parameters|grads?|gradients?|layer|step|sgd)?|(gradient|sgd)?step"
)


def set_rate(things: Mapping[str, Any], reading: Reading) -> None:
    """Set the rate of an updating layer to 1; without the gradients that a rate in its code scales."""
    if not reading.updates or not reading.make or "1.0" in reading.make + reading.backward:
        return
    try:
        layer = run_forward(things, reading, reading.family.sizes, reading.family.values)["layer"]
    except Refused:
        return
    own = [n for n, value in getattr(layer, "__dict__", {}).items() if is_rate(n) and isinstance(value, float)]
    if own:
        reading.prepare += [f"layer.{name} = 1.0" for name in own]
    elif shared := names_of_rates(type(layer), things):
        method = reading.backward.partition("(")[0]
        reading.prepare += [f"{method}.__globals__[{name!r}] = 1.0" for name in shared]
    elif uses(reading.backward, "layer") and not reading.ascends and has_rate_in_text(type(layer)):
        forget(reading)


def take_steps(things: Mapping[str, Any], reading: Reading) -> None:
    """Take for gradients what parameters lose, where a function's backward pass returns them as they are after a step.

    With a rate of 0 it returns them as they were.
    """
    still = re.sub(r"\b1\.0\b", "0.0", reading.backward)
    if reading.make or still == reading.backward:
        return
    try:
        env = run_forward(things, reading, reading.family.sizes, reading.family.values)
        env["got"] = evaluate(still, env)
        for name in reading.given:
            where, layout = reading.grads.get(f"d{name}", ("", reading.x))
            if where and np.array_equal(evaluate(where, env), env[f"{name}_"]):
                reading.grads[f"d{name}"] = f"{name}_ - {where}", layout
                reading.updates = True
    except Refused:
        return


def take_changes(things: Mapping[str, Any], reading: Reading) -> None:
    """Take for gradients what given parameters lose, where a function's backward pass with a rate moves them.

    In place, or in its cache; the function is handed copies then. With a rate of 0 nothing may move, nor in the forward
    pass: else it is a mistake.
    """
    still = re.sub(r"\b1\.0\b", "0.0", reading.backward)
    if reading.make or not reading.given or still == reading.backward:
        return
    try:
        env, places, steps = run_watched(things, reading, reading.backward)
        if not steps or any(run_watched(things, reading, code)[2] for code in ("", still)):
            return
        returned = {name: reading.grads.get(f"d{name}", ("",))[0] for name in steps}
        beside = {name: np.asarray(evaluate(where, env)) for name, where in returned.items() if where}
        moved = {name: evaluate(places[name], env) for name in steps}
    except (Refused, TypeError, ValueError):
        return
    reading.handed, reading.updates = tuple(steps), True
    reading.kept |= {f"before_{name}": places[name] for name in steps}
    own = {n: a for n, a in beside.items() if not np.array_equal(a, moved[n])}  # not the moved parameter itself
    turned = turns_error_round(things.get(reading.backward.partition("(")[0]))
    reading.ascends |= {name for name in own if ascends(steps[name], own[name]) and not turned}
    for name in [name for name in steps if name in reading.ascends or name not in own]:
        reading.grads[f"d{name}"] = f"before_{name} - {places[name]}", reading.given[name]
        if turned and name not in own:  # it may add what points down: which of the two is open
            del reading.grads[f"d{name}"]
    note_ascent(reading)


def run_watched(
    things: Mapping[str, Any], reading: Reading, code: str
) -> tuple[Env, dict[str, str], dict[str, np.ndarray]]:
    """Run a function forward, and code after it; return the names, where its parameters are, and how far they moved.

    They are in the cache, where it holds them, else what forward was given. Raises Refused.
    """
    env = run_forward(things, reading, reading.family.sizes, reading.family.values)
    given = {name: (env[f"{name}_"], arranged(env, name, layout)) for name, layout in reading.given.items()}
    inside = list(arrays_inside(env["cache"], "cache")) if reading.cache else []
    places = {n: next((where for where, one in inside if one is now), f"{n}_") for n, (now, _) in given.items()}
    if code:
        env["got"] = evaluate(code, env)
    steps = {name: before - evaluate(places[name], env) for name, (_, before) in given.items()}
    return env, places, {name: step for name, step in steps.items() if np.any(step)}


def note_ascent(reading: Reading) -> None:
    """Note which parameters a backward pass moves the wrong way."""
    own = [reading.params[n][0].removeprefix("layer.") if n in reading.params else n for n in sorted(reading.ascends)]
    if own:
        reading.notes.append(f"backward moves {' and '.join(own)} up the gradient, not down")


def drop_steps(things: Mapping[str, Any], reading: Reading) -> None:
    """Drop the gradients that a layer's own optimizer makes steps of: those that depend on the steps before.

    Steps up the gradient are a mistake, whatever they depend on.
    """
    names = [name for name in ("W", "b") if f"before_{name}" in reading.kept]
    note_ascent(reading)
    if not names or not reading.updates or reading.ascends:
        return
    try:
        env = run_forward(things, reading, reading.family.sizes, reading.family.values)
        once = step(reading, env, names, 1.0)
        again, twice = step(reading, env, names, 1.0), step(reading, env, names, 2.0)
        state = [a for w, a in arrays_inside(env["layer"], "layer") if np.shape(a) == np.shape(once[0])]
    except (Refused, TypeError, ValueError):
        return
    same = all(np.allclose(a, b) for a, b in zip(once, again))
    linear = all(np.allclose(2 * a, b) for a, b in zip(again, twice))
    if not same or (not linear and len(state) > 1):
        forget(reading)


def find_update(things: Mapping[str, Any], reading: Reading) -> None:
    """Hold the step of a method of its own against the gradients that backward leaves: up them it is what is compared.

    Of update(lr), apply_gradients(lr) and the like. One that goes down is not looked at.
    """
    if not reading.make or reading.updates or reading.more or "W" not in reading.params:
        return
    for method, code in steps_of(things.get(reading.thing)):
        try:
            env = run_forward(things, reading, reading.family.sizes, reading.family.values)
            run_backward(reading, env)
            names = [name for name in reading.params if f"d{name}" in reading.grads]
            grads = {name: np.array(evaluate(reading.grads[f"d{name}"][0], env)) for name in names}
            before = {name: np.array(evaluate(reading.params[name][0], env)) for name in names}
            evaluate(code, env)
            up = [n for n in names if ascends(before[n] - evaluate(reading.params[n][0], env), grads[n])]
        except (Refused, TypeError, ValueError):
            continue
        if not up or turns_error_round(env["layer"]):
            continue
        reading.more, reading.updates, reading.ascends = code, True, frozenset(up)
        for name, (where, layout) in [(name, reading.params[name]) for name in up]:
            reading.kept[f"before_{name}"] = where
            reading.grads[f"d{name}"] = f"before_{name} - {where}", layout
        own = [reading.params[name][0].removeprefix("layer.") for name in up]
        reading.notes.append(f"{method} moves {' and '.join(own)} up the gradient, not down")
        return


def steps_of(kind: Any) -> Iterator[tuple[str, str]]:
    """Yield (name, call) of a class's methods that may move its parameters: with a rate of 1, or with nothing."""
    for name, method in methods_of(kind).items() if isinstance(kind, type) else ():
        arguments = arguments_of(method, skip_first=True)
        if arguments is None or not STEPPING.fullmatch(normalize(name)) or is_called_with_minus(name, method):
            continue
        passed = {a.name: "1.0" for a in arguments if "lr" in a.roles}
        if has_required(arguments, passed):
            yield name, write_call(f"layer.{name}", arguments, passed)


def is_called_with_minus(name: str, method: Any) -> bool:
    """Return whether the file itself calls a method with a number below 0, the rate of a step that is added."""
    code = getattr(inspect.unwrap(method), "__code__", None)
    lines = linecache.getlines(code.co_filename) if code else []
    return any(re.search(rf"\.{name}\(\s*-", line) for line in lines)


def step(reading: Reading, env: Env, names: list[str], factor: float) -> list[np.ndarray]:
    """Return by what backward changes the parameters, which are put back. Raises Refused."""
    places = {name: reading.params[name][0] for name in names}
    before = {name: np.array(evaluate(place, env)) for name, place in places.items()}
    upstream = env["dout_"]
    env["got"] = evaluate(reading.forward, env)
    env["dout_"] = factor * upstream
    run_backward(reading, env)
    steps = [before[name] - np.array(evaluate(place, env)) for name, place in places.items()]
    for statement in put_statements(reading, env):
        execute(statement, env)
    env["dout_"] = upstream
    return steps


def forget(reading: Reading) -> None:
    """Take the gradients of the parameters as not given."""
    reading.grads = {name: place for name, place in reading.grads.items() if name not in ("dW", "db")}
    reading.updates = False


def names_of_rates(kind: Any, things: Mapping[str, Any]) -> list[str]:
    """Return the target's global names of a rate that a class's methods use."""
    codes = [getattr(inspect.unwrap(method), "__code__", None) for method in methods_of(kind).values()]
    names = dict.fromkeys(name for code in codes if code for name in code.co_names)
    return [name for name in names if is_rate(name) and isinstance(things.get(name), float)]


def has_rate_in_text(kind: Any) -> bool:
    """Return whether code takes off, or adds, a multiple of something by a number: self.W -= 0.01 * dW."""
    steps = [n for n in walk(tree_of(kind) or ast.Module([], [])) if isinstance(n, ast.AugAssign)]
    products = [n.value for n in steps if isinstance(n.op, ast.Sub | ast.Add) and isinstance(n.value, ast.BinOp)]
    parts = [part for p in products if isinstance(p.op, ast.Mult) for part in (p.left, p.right)]
    return any(isinstance(part, ast.Constant) and isinstance(part.value, float) for part in parts)
