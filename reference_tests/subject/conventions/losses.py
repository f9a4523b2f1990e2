"""Reading softmax with cross-entropy: labels or one-hot rows, a mean or a sum, a class, one function or a pair."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .arguments import calls, has_required, write_call
from .candidates import Offer
from .families import COMMON
from .interview import callables_of
from .signatures import Argument, arguments_of
from .trial import Env, Refused, arrays_inside, evaluate
from .vocabulary import BACKWARD, FORWARD, normalize

ROWS, CLASSES = 3, 5
LABELS = np.array([1, 4, 2])
TARGETS = {"labels": "t.argmax(1) if t.ndim == 2 else t", "one-hot": "np.eye(x.shape[1])[t] if t.ndim == 1 else t"}
SCORES = "x logits scores output yhat ypred pred preds predictions prediction z a input inputs logit o"
EXTRA = ("loss", "calculate", "compute", "computeloss", "forwardloss", "cost")


@dataclass
class LossReading:
    """How the target offers softmax with cross-entropy. Codes use layer, got, x and t."""

    make: str
    forward: str
    loss: str  # of what forward returned
    target: str  # labels or one-hot
    summed: bool  # the loss is a sum over the images, and its gradient that of a sum
    neutral: bool  # uniform scores give the loss that they should
    backward: str = ""
    dx: str = ""


def read_loss(offer: Offer, things: dict[str, Any]) -> LossReading | None:
    """Read a loss from a class or a function; None if it cannot be."""
    readings = list(itertools.islice(ways(offer, things), 40))
    best = next((r for r in readings if r.neutral), readings[0] if readings else None)
    if best:
        find_backward(best, offer, things)
    return best


def ways(offer: Offer, things: dict[str, Any]) -> Iterator[LossReading]:
    """Yield the ways to get one number from scores and targets."""
    for make in makes(offer, things):
        env: Env = {**things, "np": np}
        try:
            layer = env["layer"] = evaluate(make, env) if make else None
        except Refused:
            continue
        found = list(callables_of(layer, (*FORWARD, *EXTRA))) if make else [(offer.name, things[offer.name])]
        for (target, function), kind in itertools.product(found, TARGETS):
            for code in forward_codes(target, arguments_of(function) or []):
                reading = try_loss(make, code, kind, dict(env))
                if reading:
                    yield reading


def makes(offer: Offer, things: dict[str, Any]) -> list[str]:
    """List the codes that make the object; "" for a function."""
    if not offer.is_class:
        return [""]
    arguments = arguments_of(things[offer.name]) or []
    found = [passed for passed in calls(arguments, COMMON) if has_required(arguments, passed)]
    return [write_call(offer.name, arguments, passed) for passed in found[:3]]


def forward_codes(target: str, arguments: list[Argument]) -> list[str]:
    """List the calls with scores and targets, by the names of the two arguments."""
    needed = [a for a in arguments if a.required] or arguments[:2]
    if len(needed) != 2:
        return []
    ahead = normalize(needed[1].name) in SCORES.split() and normalize(needed[0].name) not in SCORES.split()
    return [f"{target}({'t, x' if ahead else 'x, t'})"]


def try_loss(make: str, code: str, kind: str, env: Env) -> LossReading | None:
    """Try one call; None if it gives no single number."""
    env |= {"x": np.zeros((ROWS, CLASSES)), "t": np.eye(CLASSES)[LABELS] if kind == "one-hot" else LABELS}
    try:
        got = evaluate(code, env)
    except Refused:
        return None
    parts = [("got", got)] if not isinstance(got, tuple | list) else [(f"got[{i}]", p) for i, p in enumerate(got)]
    for where, part in parts:
        if isinstance(part, float | np.floating | np.ndarray) and np.size(part) == 1:
            mean, total = np.log(CLASSES), ROWS * np.log(CLASSES)
            value = float(np.reshape(part, ()))
            summed = bool(np.isclose(value, total, rtol=1e-3))
            return LossReading(make, code, where, kind, summed, summed or bool(np.isclose(value, mean, rtol=1e-3)))
    return None


def find_backward(reading: LossReading, offer: Offer, things: dict[str, Any]) -> None:
    """Find where the gradient comes from: returned with the loss, a method, or a function of its own."""
    env: Env = {**things, "np": np, "x": np.random.default_rng(5).standard_normal((ROWS, CLASSES))}
    env["t"] = np.eye(CLASSES)[LABELS] if reading.target == "one-hot" else LABELS
    env["layer"] = evaluate(reading.make, env) if reading.make else None
    env["got"] = evaluate(reading.forward, env)
    for code in [env and "", *backward_codes(reading, offer, things, env)]:
        try:
            got = evaluate(code, env) if code else env["got"]
        except Refused:
            continue
        parts = [("got", got)] if not isinstance(got, tuple | list) else [(f"got[{i}]", p) for i, p in enumerate(got)]
        where = next((w for w, p in parts if isinstance(p, np.ndarray) and p.shape == env["x"].shape), "")
        if where and not (code == "" and reading.make):
            reading.backward, reading.dx = code or reading.forward, where
            return
        kept = [
            w for w, a in arrays_inside(env["layer"], "layer") if np.shape(a) == env["x"].shape and "grad" in w.lower()
        ]
        if code and kept:
            reading.backward, reading.dx = code, kept[0]
            return


def backward_codes(reading: LossReading, offer: Offer, things: dict[str, Any], env: Env) -> list[str]:
    """List the calls that may give the gradient."""
    if reading.make:
        found = [(code, arguments_of(f) or []) for code, f in callables_of(env["layer"], BACKWARD)]
    else:
        found = [(offer.backward, arguments_of(things[offer.backward]) or [])] if offer.backward else []
    codes = []
    for target, arguments in found:
        needed = [a for a in arguments if a.required]
        pair = forward_codes(target, arguments) if len(needed) == 2 else []
        if len(needed) == 2 and "cache" in needed[1].roles:
            pair.insert(0, f"{target}(1.0, got[1])")
        one = {"dout": "1.0", "lr": "1.0", "t": "t", "cache": "got[1]"}
        single = [f"{target}({next((one[r] for r in a.roles if r in one), '1.0')})" for a in needed[:1]]
        triple = [f"{target}(1.0, x, t)"] if len(needed) == 3 else []
        codes += [f"{target}()"] * (not needed) + single * (len(needed) == 1) + pair + triple
    return codes


def render_loss(reading: LossReading, signature: str) -> str:
    """Return the adapter's source text."""
    part = " / len(x)" if reading.summed else ""
    scale = " / len(self.x)" if reading.summed else ""
    forward = reading.forward.replace("layer", "self.layer")
    lines = [
        "class SoftmaxWithLoss:",
        f'    """{describe_loss(reading, signature)}"""',
        "",
        "    def __init__(self):",
        f"        {f'self.layer = {reading.make}' if reading.make else 'pass'}",
        "",
        "    def forward(self, x, t):",
        f"        t = {TARGETS[reading.target]}",
        f"        got = {forward}",
        "        self.x, self.t, self.got = x, t, got",
        f"        return {reading.loss}{part}",
    ]
    if reading.backward:
        again = reading.backward == reading.forward
        code = reading.backward.replace("layer", "self.layer").replace("got", "self.got")
        lines += [
            "",
            "    def backward(self, dout=1):",
            "        x, t = self.x, self.t",
            f"        got = {'self.got' if again else code}",
            f"        return {reading.dx.replace('layer', 'self.layer')}{scale}",
        ]
    return "\n".join(lines) + "\n"


def describe_loss(reading: LossReading, signature: str) -> str:
    """Say how the loss is read."""
    return f"{signature}: t is {'labels' if reading.target == 'labels' else 'one-hot rows'}" + (
        "; the loss is a sum over the images, its gradient too" if reading.summed else ""
    )
