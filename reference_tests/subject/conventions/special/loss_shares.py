"""Does a target's own loss divide its gradient by the number of images?"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..candidates import direction
from ..interview import callables_of
from ..signatures import arguments_of
from ..trial import Env, Refused, evaluate
from ..vocabulary import BACKWARD, FORWARD, LOSSES, normalize

NAMED = r"loss|entropy|mse|cost|criterion|softmax"
ROWS = np.array([[0.5, 0.2, 0.3], [0.1, 0.6, 0.3]])
ONE_HOT, LABELS = np.eye(3)[[0, 2]], np.array([0, 2])


def loss_is_summed(things: Mapping[str, Any]) -> bool:
    """Return whether a loss is among the target's things, and its gradient is the same for twice the images."""
    told = [halves(name, things) for name in things if re.search(NAMED, normalize(name))]
    return False in told and True not in told


def halves(name: str, things: Mapping[str, Any]) -> bool | None:
    """Return whether one loss gives half of the gradient for twice the images; None if it gives no gradient."""
    for code in codes_of(name, things):
        for targets in (ONE_HOT, LABELS):
            once, twice = (gradient(code, things, targets, times) for times in (1, 2))
            if once is not None and twice is not None and np.any(once):
                return bool(np.allclose(twice[: len(once)], once / 2))
    return None


def codes_of(name: str, things: Mapping[str, Any]) -> Iterator[str]:
    """Yield the codes that may give a loss's gradient by its first argument: of a function, or an object."""
    thing = things[name]
    if not callable(thing):
        return
    if not isinstance(thing, type):
        if direction(name) == "backward" or sum(a.required for a in arguments_of(thing) or []) == 2:
            yield from (f"{name}(p_, t)", f"{name}(t, p_)")
        return
    try:
        layer = evaluate(f"{name}()", {**things})
    except Refused:
        return
    made, first = f"layer = {name}()", [code for code, _ in callables_of(layer, (*FORWARD, *LOSSES))][:2]
    for back, _ in callables_of(layer, BACKWARD):
        for given in ("p_, t", "t, p_"):
            yield from (f"{made}; {code}({given}); {back}()" for code in first)
            yield f"{made}; {back}({given})"


def gradient(code: str, things: Mapping[str, Any], targets: np.ndarray, times: int) -> np.ndarray | None:
    """Return the array of the probabilities' shape that a code gives; None if it gives none."""
    env: Env = {**things, "np": np, "p_": np.concatenate([ROWS] * times), "t": np.concatenate([targets] * times)}
    *before, last = code.split("; ")
    try:
        for statement in before:
            name, _, value = statement.rpartition(" = ")
            env[name or "_"] = evaluate(value, env)
        got = evaluate(last, env)
    except Refused:
        return None
    parts = got if isinstance(got, tuple | list) else [got]
    return next((p for p in parts if isinstance(p, np.ndarray) and p.shape == env["p_"].shape), None)
