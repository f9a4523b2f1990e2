"""The learning rate of a layer that updates itself, where no argument is given it: it is set to 1."""

import ast
import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np

from ...source import walk
from ..arguments import is_rate
from ..gradients import put_statements, run_backward, run_forward
from ..reading import Reading, uses
from ..signatures import methods_of, tree_of
from ..trial import Env, Refused, arrays_inside, evaluate, execute


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
    elif uses(reading.backward, "layer") and has_rate_in_text(type(layer)):
        forget(reading)


def drop_steps(things: Mapping[str, Any], reading: Reading) -> None:
    """Drop the gradients that a layer's own optimizer makes steps of: those that depend on the steps before.

    Steps up the gradient are a mistake, whatever they depend on.
    """
    names = [name for name in ("W", "b") if f"before_{name}" in reading.kept]
    if reading.ascends:
        own = [reading.params[name][0].removeprefix("layer.") for name in names if name in reading.ascends]
        reading.notes.append(f"backward moves {' and '.join(own)} up the gradient, not down")
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
    """Return whether code subtracts a multiple of something by a number: self.W -= 0.01 * dW."""
    steps = [n for n in walk(tree_of(kind) or ast.Module([], [])) if isinstance(n, ast.AugAssign)]
    products = [n.value for n in steps if isinstance(n.op, ast.Sub) and isinstance(n.value, ast.BinOp)]
    parts = [part for p in products if isinstance(p.op, ast.Mult) for part in (p.left, p.right)]
    return any(isinstance(part, ast.Constant) and isinstance(part.value, float) for part in parts)
