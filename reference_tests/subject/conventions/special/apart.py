"""Softmax apart from its loss: a loss of probabilities, and the layer or function beside it that gives them.

The two are judged together, as the contract has them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from ..arguments import calls, has_required, write_call
from ..families import COMMON
from ..gradients import run_forward
from ..interview import callables_of
from ..reading import Reading
from ..signatures import arguments_of
from ..trial import Env, Refused, evaluate
from ..uncommon.slopes import OUTPUTS, is_output
from ..vocabulary import BACKWARD, FORWARD

NAMED, OTHER = r"soft_?max", r"loss|entropy|log|cost|net|model|regress"
GRADIENTS = ("dinputs", "dx", "grad_input", "grad", "dinput")
NOTE = "the softmax is {}"


class Softmax(NamedTuple):
    """What gives probabilities. Codes use layer[0], x_, cache (the probabilities) and dout_."""

    name: str
    make: str  # "None" for a function
    forward: str
    backward: str  # "" for none


class Whole(NamedTuple):
    """A loss of probabilities, what gives them, and both together."""

    part: Reading
    soft: Softmax
    whole: Reading


def find_softmax(things: Mapping[str, Any]) -> list[Softmax]:
    """List what may be the softmax of a target: classes and functions of that name."""
    named = [n for n in things if re.search(NAMED, n, re.IGNORECASE) and not re.search(OTHER, n, re.IGNORECASE)]
    found = [soft for name in named for soft in softmax_of(name, things)]
    return sorted(found, key=lambda soft: soft.make == "None")


def softmax_of(name: str, things: Mapping[str, Any]) -> Iterator[Softmax]:
    """Yield the ways to use one class or function as a softmax."""
    thing = things[name]
    arguments = arguments_of(thing) or []
    if not isinstance(thing, type):
        needed = [a for a in arguments if a.required]
        if len(needed) == 1 and not re.search("back|deriv|prime|grad", name.lower()):
            back = next((n for n in things if n.lower().startswith(name.lower()) and "back" in n.lower()), "")
            yield Softmax(name, "None", f"{name}(x_)", backward_call(back, things.get(back)))
        return
    for passed in calls(arguments, COMMON, most=3):
        if not has_required(arguments, passed):
            continue
        make = write_call(name, arguments, passed)
        try:
            layer = evaluate(make, {**things, "np": np})
        except Refused:
            continue
        forward = [*passes(layer, things)]
        codes = [backward_call(target, f) for target, f in callables_of(layer, BACKWARD)]
        for code in forward[:1]:
            one = next((re.sub(r"\blayer\b", "layer[0]", code) for code in codes if code), "")
            yield Softmax(name, make, code, one)
        return


def passes(layer: Any, things: Mapping[str, Any]) -> Iterator[str]:
    """Yield the codes that give the probabilities of a softmax object: what forward returns, or what it keeps."""
    for target, function in callables_of(layer, FORWARD):
        arguments = [a for a in arguments_of(function) or [] if a.required]
        if not 0 < len(arguments) < 3 or any("train" not in a.roles for a in arguments[1:]):
            continue
        code = write_call(target, arguments, dict(zip([a.name for a in arguments], ("x_", "True"))))
        env: Env = {**things, "np": np, "layer": layer, "x_": np.arange(6.0).reshape(2, 3)}
        yield re.sub(r"\blayer\b", "layer[0]", kept_beside(code, layer, OUTPUTS, env))


def kept_beside(code: str, owner: Any, names: Iterable[str], env: Env, path: str = "layer") -> str:
    """Return the code of what a call gives; where that is None, of what its object keeps under one of the names."""
    try:
        got = evaluate(code, env)
    except Refused:
        return code
    inside = [n for n in names if isinstance(getattr(owner, n, None), np.ndarray)] if got is None else []
    return f"({code}, {path}.{inside[0]})[1]" if inside else code


def is_of_one(soft: Softmax, things: Mapping[str, Any]) -> bool:
    """Return whether a softmax takes all that it is given for one image: the whole is one."""
    env: Env = {**things, "np": np, "x_": np.zeros((2, 3))}
    try:
        env["layer"] = evaluate(f"({soft.make}, None)", env)
        got = evaluate(soft.forward, env)
    except Refused:
        return False
    return bool(np.shape(got) == (2, 3) and np.isclose(np.sum(got), 1))


def backward_call(target: str, function: Any) -> str:
    """Return the call of a softmax's backward pass; "" where it asks for more than is known."""
    arguments = [a for a in arguments_of(function) or [] if a.required] if function is not None else []
    if not arguments:
        return ""
    codes = {arguments[0].name: "dout_"}
    for a in arguments[1:]:
        known = "cache" if is_output(a.name) or "cache" in a.roles else "1.0" if "lr" in a.roles else "x_"
        codes[a.name] = known if known != "x_" or "x" in a.roles else "cache"
    if "dout" not in arguments[0].roles and len(arguments) == 2 and "dout" in arguments[1].roles:
        codes = {arguments[0].name: "cache", arguments[1].name: "dout_"}
    return write_call(target, arguments, codes)


def compose(part: Reading, soft: Softmax) -> Whole:
    """Put a softmax before a loss of probabilities. -> both together, with the probabilities for backward."""
    loss = re.sub(r"\bx_", "p", of_second(part.forward))
    result = part.result.replace("got", loss, 1)
    make = f"({soft.make}, {part.make or 'None'})" if soft.make != "None" or part.make else ""
    code = f"(lambda p: ({result}, p))({soft.forward})"
    notes = [*part.notes, NOTE.format(soft.name)]
    whole = replace(part, make=make, forward=code, result="got[0]", cache="got[1]", notes=notes)
    return Whole(part, soft, whole)


def of_second(code: str) -> str:
    """Return code of the loss as part of the pair."""
    return re.sub(r"\blayer\b", "layer[1]", code)


def find_chain(found: Whole, things: Mapping[str, Any], codes: Iterable[str]) -> None:
    """Find where the gradient by the scores comes from, and write it into the reading of both.

    The loss's own gradient may be by the scores already, as it is usual beside a softmax: its numbers tell it, which
    are no others' then. Else it goes through the softmax's backward pass.
    """
    whole, is_sum = found.whole, "/ len(x)" in found.whole.result
    sizes, values = whole.family.sizes, whole.family.values
    for code in codes:
        own = re.sub(r"\bx_", "cache", of_second(code))
        try:
            env = run_forward(things, whole, sizes, values)
            own = kept_beside(own, second(env), GRADIENTS, env, "layer[1]")
            got = evaluate(own, env)
        except Refused:
            continue
        if not isinstance(got, np.ndarray) or got.shape != env["x"].shape:
            continue
        through = chain(found.soft, own) if found.soft.backward else ""
        through = kept_beside(through, first(env), GRADIENTS, env, "layer[0]") if through else ""
        whole.backward = own if is_of_scores(got, env) or not through else through
        if whole.backward == own and is_of_probabilities(got, env):
            whole.backward = ""
            continue
        whole.grads = {"dx": ("got / len(got)" if is_sum else "got", whole.x)}
        return


def first(env: Env) -> Any:
    """Return the softmax's object."""
    return env["layer"][0] if env.get("layer") else None


def second(env: Env) -> Any:
    """Return the loss's object."""
    return env["layer"][1] if env.get("layer") else None


def chain(soft: Softmax, own: str) -> str:
    """Return the code of the softmax's backward pass, given that of the loss."""
    return re.sub(r"\bdout_", lambda _: own, soft.backward)


def one_hot(env: Env) -> np.ndarray:
    """Return the targets of a trial as rows."""
    t = np.asarray(env["t"])
    return np.eye(env["x"].shape[1])[t] if t.ndim == 1 else t


def is_of_scores(got: np.ndarray, env: Env) -> bool:
    """Return whether a gradient is the share less the target, of a mean or of a sum."""
    want = env["cache"] - one_hot(env)
    return any(np.allclose(got, want / n, rtol=1e-5) for n in (1, len(want)))


def is_of_probabilities(got: np.ndarray, env: Env) -> bool:
    """Return whether a gradient is that by the probabilities, of a mean or of a sum."""
    want = -one_hot(env) / env["cache"]
    return any(np.allclose(got, want / n, rtol=1e-4) for n in (1, len(want)))


__all__ = ["compose", "find_chain", "find_softmax"]
