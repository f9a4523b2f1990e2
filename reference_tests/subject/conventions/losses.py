"""Reading softmax with cross-entropy: labels or one-hot rows, a mean or a sum, a class, one function or a pair."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from .arguments import calls, has_required, write_call
from .candidates import Offer
from .contract import fits_contract, takes_nothing
from .families import COMMON, Array, Family
from .gradients import run_forward
from .interview import callables_of
from .layouts import Layout
from .reading import Reading, Unreadable, uses
from .signatures import Argument, arguments_of, write_signature
from .special.apart import compose, find_chain, find_softmax, is_of_one
from .special.loss_shares import halves
from .trial import Env, Refused, arrays_inside, evaluate
from .uncommon.pullbacks import pullback_calls
from .uncommon.slopes import OUTPUTS
from .vocabulary import BACKWARD, FORWARD, LOSSES, normalize

SIZES = {"N": 3, "D": 5}
LABELS = np.array([1, 4, 2])
ONE_HOT = np.eye(SIZES["D"])[LABELS]
ROWS, NUMBER = Array("ND", ("N D",)), Array("", ("",))
LOSS = Family("SoftmaxWithLoss", "", ROWS, NUMBER, codes=COMMON, sizes=SIZES, asked="t", upstream="1")
KINDS = {  # of targets -> (the line that makes them, their layout, those of a trial)
    "labels": ("t = t.argmax(1) if t.ndim == 2 else t", "N N", LABELS),
    "one-hot rows": ("t = np.eye(x.shape[1])[t] if t.ndim == 1 else t", "ND N D", ONE_HOT),
}
SCORES = (
    "x logits scores output yhat ypred pred preds predictions prediction z a input inputs logit o p probs probabilities"
)
OF_ONE = "it is of one image at a time"
NO_DOUT = "its backward takes no upstream gradient, which is 1"
OF_PROBABILITIES = "it takes probabilities: the softmax is elsewhere"


def read_loss(offer: Offer, things: Mapping[str, Any]) -> Reading | None:
    """Read a loss from a class or a function; None if it cannot be. Raises Unreadable for one of probabilities.

    The contract's own but for dout is called as it stands, and judged as the contract's. Of several ways the first is
    taken under which uniform scores have the loss that they should.
    """
    if needs_no_gradient(offer, things):
        return without_dout(offer, things)
    readings = list(itertools.islice(ways(offer, things), 40))
    zeros, shares = np.zeros((SIZES["N"], SIZES["D"])), np.full((SIZES["N"], SIZES["D"]), 1 / SIZES["D"])
    neutral = (r for r in readings if is_neutral(r, things, zeros))
    best = next(neutral, None)
    if best is None and (given := [r for r in readings if is_neutral(r, things, shares)]):
        whole = [compose(part, soft) for part in given for soft in find_softmax(things)]
        if not whole:
            raise Unreadable(OF_PROBABILITIES)
        if all(is_of_one(r.soft, things) for r in whole) and all(is_sum(r, things, shares) for r in given):
            raise Unreadable(OF_ONE)
        both = next((r for r in whole if is_neutral(r.whole, things, zeros)), whole[0])
        find_sum(both.whole, things, zeros)
        find_chain(both, things, backward_codes(both.part, offer, things))
        return both.whole
    best = best or next(iter(readings), None)
    if best:
        find_sum(best, things, zeros)
        find_backward(best, offer, things)
    if best and not best.backward and (itself := next((r for r in neutral if r.forward.startswith("layer(")), None)):
        find_sum(itself, things, zeros)  # it may be the object itself that is called, and keeps what backward needs
        find_backward(itself, offer, things)
        best = itself if itself.backward else best
    return best


def needs_no_gradient(offer: Offer, things: Mapping[str, Any]) -> bool:
    """Return whether this is the contract's loss, whose backward takes no upstream gradient: that of a loss is 1."""
    thing, name = things[offer.name], LOSS.name
    own = isinstance(thing, type) and offer.name == f"their_{name}" and takes_nothing(thing, "backward")
    return own and fits_contract(name, thing, dout=False)


def without_dout(offer: Offer, things: Mapping[str, Any]) -> Reading:
    """Return the reading of such a loss. Nothing is tried: it may be wrong anywhere."""
    signature, rows = write_signature(offer.name.removeprefix("their_"), things[offer.name]), Layout("N D", "ND")
    return Reading(
        LOSS, offer.name, signature, rows, Layout("", ""), f"{offer.name}()", forward="layer.forward(x_, t)",
        backward="layer.backward()", grads={"dx": ("got", rows)}, notes=[NO_DOUT],
    )  # fmt: skip


def ways(offer: Offer, things: Mapping[str, Any]) -> Iterator[Reading]:
    """Yield the ways to get one number from scores and targets."""
    signature = write_signature(offer.name.removeprefix("their_"), things[offer.name])
    for make in makes(offer, things):
        env: Env = {**things, "np": np}
        try:
            layer = evaluate(make, env) if make else None
        except Refused:
            continue
        found = list(callables_of(layer, (*FORWARD, *LOSSES))) if make else [(offer.name, things[offer.name])]
        codes = [
            (code, kind)
            for target, f in found
            for kind in KINDS
            for code in forward_codes(target, arguments_of(f) or [])
        ]
        for code, kind in [*codes, *itertools.product(two_steps(layer), KINDS)]:
            line, layout, targets = KINDS[kind]
            axes, _, text = layout.partition(" ")
            reading = Reading(
                replace(LOSS, values={"t": targets}), offer.name, signature, Layout("N D", "ND"), Layout("", ""),
                make, forward=code, before=[line], others={"t": Layout(text, axes)}, notes=[f"t is {kind}"],
            )  # fmt: skip
            if find_number(reading, things):
                yield reading


def two_steps(layer: Any) -> list[str]:
    """List the calls of an object that is given the scores first, and the targets by a method of its own."""
    first, then = (callables_of(layer, words) if layer is not None else () for words in (FORWARD, LOSSES))
    by_role = [
        [(code, [a for a in arguments_of(f) or [] if a.required]) for code, f in found] for found in (first, then)
    ]
    scores = [code for code, needed in by_role[0] if len(needed) == 1]
    targets = [code for code, needed in by_role[1] if len(needed) == 1 and "t" in needed[0].roles]
    return [f"({one}(x_), {other}(t))[1]" for one in scores for other in targets][:2]


def makes(offer: Offer, things: Mapping[str, Any]) -> list[str]:
    """List the codes that make the object; "" for a function."""
    if not offer.is_class:
        return [""]
    arguments = arguments_of(things[offer.name]) or []
    found = [passed for passed in calls(arguments, COMMON) if has_required(arguments, passed)]
    return [write_call(offer.name, arguments, passed) for passed in found[:3]]


def forward_codes(target: str, arguments: list[Argument]) -> list[str]:
    """List the calls with scores and targets, in the order that the names of the two arguments tell, then the other."""
    needed = [a for a in arguments if a.required] or arguments[:2]
    if len(needed) != 2:
        return []
    ahead = normalize(needed[1].name) in SCORES.split() and normalize(needed[0].name) not in SCORES.split()
    orders = ("t, x_", "x_, t") if ahead else ("x_, t", "t, x_")
    return [f"{target}({order})" for order in orders]


def find_number(reading: Reading, things: Mapping[str, Any]) -> bool:
    """Find the loss in what forward returned, and what backward may need; return whether it is there."""
    try:
        got = run_forward(things, reading, SIZES, reading.family.values)["got"]
    except Refused:
        return False
    parts = parts_of(got)
    number = next((w for w, p in parts if isinstance(p, float | np.number | np.ndarray) and np.size(p) == 1), "")
    each = next((w for w, p in parts if np.shape(p) == (SIZES["N"],) and np.asarray(p).dtype.kind == "f"), "")
    rest = [where for where, _ in parts if where != (number or each)]
    if each and not number:  # a loss for each image
        number = f"np.mean({each})"
        reading.notes.append("the loss is given for each image, and their mean is compared")
    reading.result, reading.cache = number, rest[0] if len(rest) == 1 else ""
    return bool(number)


def parts_of(got: Any) -> list[tuple[str, Any]]:
    """List (code, part) of what a call returned."""
    return [("got", got)] if not isinstance(got, tuple | list) else [(f"got[{i}]", p) for i, p in enumerate(got)]


def loss_of(reading: Reading, things: Mapping[str, Any], x: np.ndarray, times: int = 1) -> float:
    """Return the loss of these scores; nan where there is none. times: how often each image is there."""
    x, t = (np.concatenate([a] * times) for a in (x, reading.family.values["t"]))
    env: Env = {**things, "np": np, "x_": x, "t": t}
    try:
        env["layer"] = evaluate(reading.make, env) if reading.make else None
        env["got"] = evaluate(reading.forward, env)
        return float(np.reshape(evaluate(reading.result, env), ()))
    except (Refused, TypeError, ValueError):
        return float("nan")


def is_neutral(reading: Reading, things: Mapping[str, Any], x: np.ndarray) -> bool:
    """Return whether the loss of uniform rows is that of chance, for a mean or a sum."""
    return any(np.isclose(loss_of(reading, things, x), n * np.log(SIZES["D"]), rtol=1e-3) for n in (1, SIZES["N"]))


def is_sum(reading: Reading, things: Mapping[str, Any], x: np.ndarray) -> bool:
    """Return whether the loss of uniform rows is a sum over the images, of few and of many."""
    told = {times: loss_of(reading, things, x, times) for times in (1, 3)}
    return all(np.isclose(loss, times * SIZES["N"] * np.log(SIZES["D"]), rtol=1e-3) for times, loss in told.items())


def find_sum(reading: Reading, things: Mapping[str, Any], zeros: np.ndarray) -> None:
    """Find out whether the loss is a sum over the images, of few and of many: its gradient is that of a sum, too."""
    if is_sum(reading, things, zeros):
        reading.notes.append("the loss is a sum over the images, its gradient too")
        reading.result += " / len(x)"


def find_backward(reading: Reading, offer: Offer, things: Mapping[str, Any]) -> None:
    """Find where the gradient comes from: returned with the loss, a method, or a function of its own."""
    is_sum = "/ len(x)" in reading.result
    if not is_sum and offer.means and halves(offer.name, things) is False:
        is_sum = True
        reading.notes.append("its gradient is that of a sum: those of the layers' parameters are means")
    own = ["cache" if reading.cache and not reading.make else "", *pullback_calls(things, reading, "1.0")]
    for code in [*own, *backward_codes(reading, offer, things)]:
        try:
            env = run_forward(things, reading, SIZES, reading.family.values)
            got = env["got"] = evaluate(code, env) if code else None
        except Refused:
            continue
        like = [w for w, p in parts_of(got) if isinstance(p, np.ndarray) and p.shape == env["x"].shape]
        inside = [] if got is not None or not code else list(arrays_inside(env.get("layer"), "layer"))
        like += [w for w, a in inside if np.shape(a) == env["x"].shape and speaks_of_gradient(w)]
        if like:
            dx = f"{like[0]} / len({like[0]})" if is_sum else like[0]
            reading.backward, reading.grads = code, {"dx": (dx, reading.x)}
            return


def speaks_of_gradient(where: str) -> bool:
    """Return whether an attribute's name speaks of a gradient of the input."""
    return any(word in normalize(where) for word in ("grad", "dinput", "dx", "dlogit", "dscore"))


def kept_output(layer: Any) -> str:
    """Return the code of the probabilities that an object keeps under a name for its output; "" if it keeps none."""
    shape = tuple(SIZES[letter] for letter in "ND")
    kept = {n: getattr(layer, n, None) for n in (*OUTPUTS, "probs")}
    return next((f"layer.{n}" for n, one in kept.items() if isinstance(one, np.ndarray) and one.shape == shape), "")


def backward_codes(reading: Reading, offer: Offer, things: Mapping[str, Any]) -> list[str]:
    """List the calls that may give the gradient."""
    layer = None
    if reading.make:
        layer = run_forward(things, reading, SIZES, reading.family.values)["layer"]
        found = [(code, arguments_of(f) or []) for code, f in callables_of(layer, BACKWARD)]
    else:
        found = [(offer.backward, arguments_of(things[offer.backward]) or [])] if offer.backward else []
    codes = []
    for target, arguments in found:
        needed = [a for a in arguments if a.required]
        one = {"dout": "1.0", "lr": "1.0", "t": "t", "cache": "cache", "x": "x_"}
        by_name = {a.name: next((one[r] for r in a.roles if r in one), "1.0") for a in needed}
        pair = forward_codes(target, arguments)[:1] if len(needed) == 2 else []
        if len(needed) == 2 and normalize(needed[0].name) not in SCORES.split() and (kept := kept_output(layer)):
            pair.insert(0, f"{target}({kept}, t)")
        if len(needed) == 2 and "cache" in needed[1].roles:
            pair.insert(0, f"{target}(1.0, cache)")
        if len(needed) == 2 and reading.result in ("got", "layer") and "dout" in needed[0].roles:
            pair.append(write_call(target, arguments, by_name))
        single = [write_call(target, arguments, by_name)] if len(needed) == 1 else []
        triple = [f"{target}(1.0, x_, t)"] if len(needed) == 3 else []
        codes += [f"{target}()"] * (not needed) + single + pair + triple
    return [code for code in codes if reading.cache or not uses(code, "cache")]
