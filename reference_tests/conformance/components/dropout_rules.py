"""Dropout: how it is used in training, and what can be read off an output; counts are held against exact chances.

A count of a right implementation lies outside its bounds with a chance below ALARM (likely_bound). One run makes
fewer than 500 counts: a false alarm has a chance below 1e-9.
"""

import numpy as np

from ...i18n import _
from ...subject.protocol import EPS32, Plan
from ..compare import NUMBERS, close, compare_one
from ..scenarios import steps_of
from ..tolerance import SAFETY, largest, likely_bound, relative
from ..types import Problem

ALARM = 1e-12
BY_DEFAULT = 0.5  # the ratio


def allowed(q, want, eps):
    """One product."""
    return relative(want, 1, eps)


def inference_mask(q, trace, what="out"):
    """Every number scaled; a mask at inference is seen by its zeros."""
    ratio, got, want = q["dropout_ratio"], trace.results[what], q["x"] * (1 - q["dropout_ratio"])
    problem = compare_one(what, got, want, allowed(q, {what: want}, EPS32)[what])
    if problem and problem.kind == "values" and 0 < np.mean(got == 0) < 1 and masked(q["x"], got, ratio):
        return Problem("values", what, got, want, problem.allowed, code="dropout.mask-at-inference")
    return problem


def masked(x, got, ratio):
    """Whether got is x with places dropped, scaled in any of the usual ways."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return any(close(got, np.where(got == 0, 0, x * f), bound(x * f)) for f in (1, 1 - ratio, 1 / (1 - ratio)))


# Training: what is kept can be read off the output.


def training(case, part, calls=1):
    """Forward, and backward where that is the part; calls times, each with numbers of its own."""
    program, arrays = [], {}
    for turn in ("", "_2")[:calls]:
        q = case.question(turn)
        program += steps_of(q, "forward", turn, make=not turn)[0]
        arrays["x" + turn] = q["x"]
        if part == "backward":
            program.append(["call", "dx" + turn, "layer.backward", ["dout" + turn]])
            arrays["dout" + turn] = case.rng("dout" + turn).standard_normal(q["x"].shape)
    return Plan(program, arrays, {})


def ratio_of(plan):
    made = plan.program[0][3]
    return made[0] if made else BY_DEFAULT


def bound(x):
    return SAFETY * EPS32 * largest(np.asarray(x))


def looked_at(what, got, x, tries):
    """got against x with the zeros of got, then against the known wrong ones: code -> array."""
    problem = compare_one(what, got, np.where(np.asarray(got) == 0, 0, x), bound(x))
    return coded(problem, tries) if problem else None


def coded(problem, tries):
    code = ""
    if problem.kind == "values":
        code = next((c for c, a in tries if close(problem.got, a, 2 * bound(a))), "")
        if not code and close(problem.got, problem.want, 2e-3 * np.abs(problem.want)):
            code = "dropout.imprecise"
    return Problem(problem.kind, problem.what, problem.got, problem.want, problem.allowed, code=code)


def output(plan, trace, turn=""):
    """Each output is x or 0. -> Problem or None."""
    x, got, ratio = plan.given["x" + turn], trace.results["out" + turn], ratio_of(plan)
    mask = np.asarray(got) != 0
    if mask.shape != x.shape:
        return Problem("shape", "out" + turn, got, x)
    with np.errstate(divide="ignore", invalid="ignore"):
        tries = [
            ("dropout.flag-turned" if mask.all() else "", x * (1 - ratio)),
            ("dropout.inverted", x * mask / (1 - ratio)),
            ("dropout.scaled-in-training", x * mask * (1 - ratio)),
            ("dropout.scaled-by-ratio-in-training", x * mask * ratio),
            ("dropout.mask-returned", mask * 1.0),
        ]
    return looked_at("out" + turn, got, x, tries)


def share(plan, trace):
    """How many are kept."""
    problem, x, ratio = output(plan, trace), plan.given["x"], ratio_of(plan)
    if problem:
        return problem
    low, high = likely_bound(x.size, 1 - ratio, ALARM)
    kept = int(np.count_nonzero(trace.results["out"]))
    if low <= kept <= high:
        return None
    code = share_code(kept, x.size, ratio)
    note = _("({kept} of {size} kept, should be {low} to {high})").format(kept=kept, size=x.size, low=low, high=high)
    return Problem("values", _("share kept"), *shares(kept / x.size, 1 - ratio, low / x.size), note, code)


def share_code(kept, size, ratio):
    if ratio in (0, 1):  # too much would explain it
        return ""
    if kept in (0, size):
        return "dropout.nothing-dropped" if kept else "dropout.nothing-kept"
    low, high = likely_bound(size, ratio, 1e-4)  # only a name hangs on it
    return "dropout.ratio-is-kept" if low <= kept <= high else "dropout.share"


def shares(got, want, low):
    return np.array(got), np.array(want), np.array(abs(want - low))


def repeats(plan, trace):
    """Places some steps apart along an axis agree as often as chance has it; each place stands in one pair."""
    problem, mask, keep = output(plan, trace), trace.results["out"] != 0, 1 - ratio_of(plan)
    if problem:
        return problem
    found = []
    for axis, size in enumerate(mask.shape):
        lines = np.moveaxis(mask, axis, 0)
        for away in range(1, size):
            first = [i for i in range(size - away) if i // away % 2 == 0]
            unlike = agreement(lines[first], lines[[i + away for i in first]], keep)
            if unlike:
                note = _("(places {n} apart along axis {axis} are dropped together or apart more often than by chance)")
                code = repeat_code(mask, unlike[0])
                note = note.format(n=away, axis=axis)
                found.append(Problem("values", _("share of equal places"), *unlike, note, code))
    return max(found, key=lambda p: float(p.got), default=None)


def repeat_code(mask, equal):
    """Repeated where more places agree than this mask's own share has it; else only the share is wrong."""
    kept = mask.mean()
    return "dropout.mask-repeats" if equal > kept**2 + (1 - kept) ** 2 + 0.1 else ""


def agreement(a, b, keep):
    """(got, want, allowed) where two masks agree more or less often than chance has it."""
    chance = keep * keep + (1 - keep) * (1 - keep)
    low, high = likely_bound(a.size, chance, ALARM)
    equal = int(np.sum(a == b))
    return None if low <= equal <= high else shares(equal / a.size, chance, low / a.size)


def anew(plan, trace):
    """Two forwards draw two masks."""
    problem = output(plan, trace) or output(plan, trace, "_2")
    if problem:
        return problem
    unlike = agreement(*(trace.results[k] != 0 for k in ("out", "out_2")), 1 - ratio_of(plan))
    note = _("(the masks of two forwards are alike)")
    return Problem("values", _("share of equal places"), *unlike, note, "dropout.mask-kept") if unlike else None


def gradient(plan, trace):
    """dout where forward kept, 0 elsewhere, after each forward."""
    for turn in ("", "_2") if "dx_2" in trace.results else ("",):
        out, dx, dout = (trace.results["out" + turn], trace.results["dx" + turn], plan.given["dout" + turn])
        mask, keep = out != 0, 1 - ratio_of(plan)
        if mask.shape != dout.shape:
            return Problem("shape", "out" + turn, out, dout)
        problem = compare_one("dx" + turn, dx, dout * mask, bound(dout))
        if problem:
            return coded(problem, wrong_gradients(dout, mask, keep, trace, output(plan, trace, turn)))
    return None


def wrong_gradients(dout, mask, keep, trace, forward):
    with np.errstate(divide="ignore", invalid="ignore"):
        inverted = dout * mask / keep
    own = forward.code if forward else ""
    scaled = own if own in ("dropout.inverted", "dropout.scaled-in-training") else "dropout.backward-scaled"
    if mask.all() or not mask.any():  # too much would explain it
        return []
    found = [
        ("dropout.backward-no-mask", dout),
        ("dropout.backward-other-places", dout * ~mask),
        ("dropout.dout-unused", mask * 1.0),
        (scaled, dout * mask * keep if own == "dropout.scaled-in-training" else inverted),
        ("dropout.backward-scaled", dout * mask * keep),
        ("dropout.backward-scaled", inverted),
    ]
    if trace.results["out"].shape == dout.shape:
        found.append(("dropout.backward-stale-mask", dout * (trace.results["out"] != 0)))
    drawn_again = next((trace.results[k] for k in ("dx_2", "dx") if k in trace.results), dout)
    if drawn_again.shape == dout.shape:
        found.append(("dropout.backward-new-mask", np.where(drawn_again == 0, 0, dout)))
    return found


def gradient_twice(case, part):
    """Backward a second time after one forward."""
    plan = training(case, part)
    return Plan([*plan.program, ["call", "dx_again", "layer.backward", ["dout_again"]]], again_given(plan), {})


def again_given(plan):
    return {**plan.given, "dout_again": plan.given["dout"]}


def same_twice(plan, trace):
    first, second = trace.results["dx"], trace.results["dx_again"]
    if first.dtype.kind not in NUMBERS:
        return Problem("type", "dx", first, plan.given["dout"])
    problem = compare_one("dx_again", second, np.asarray(first, "f8"), bound(first))
    return coded(problem, [("dropout.mask-used-up", plan.given["dout"])]) if problem else None


def train_then_infer(case, part):
    plan = training(case, part)
    q = case.question().but(train_flg=False)
    more, expect = steps_of(q, "forward", "_2", make=False)
    return Plan(plan.program + more, {**plan.given, "x_2": q["x"]}, expect, keep=("out",))


def inference_after(plan, trace):
    q = plan.expect["out_2"][0]
    return inference_mask(q, trace, "out_2")


def two_layers(case, part):
    plan = training(case, part, calls=2)
    made = ["make", "layer", *plan.program[0][2:]]
    return Plan([*plan.program[:2], made, *plan.program[2:]], plan.given, {})


def no_arguments(case, part):
    """Neither a ratio nor train_flg."""
    plan = training(case, part)
    return Plan([[*plan.program[0][:3], []], plan.program[1][:4]], plan.given, {})


def dout_kept(plan, trace):
    if np.array_equal(trace.inputs["dout"], plan.given["dout"]):
        return None
    return Problem("changed-input", "dout", trace.inputs["dout"], plan.given["dout"], code="dropout.writes-dout")
