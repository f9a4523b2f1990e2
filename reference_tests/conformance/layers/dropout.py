"""Dropout as in the book (training drops, inference scales): all that is known of it.

Inference has one right answer and is compared. Training is judged by structure, and by counts: each count lies outside
its bounds for a right implementation with a chance below ALARM, exactly summed (tolerance.likely); one run makes fewer
than 500 counts, so it raises a false alarm with a chance below 1e-9.
"""

import numpy as np

from ..compare import close, compare_one
from ..manners import steps
from ..tolerance import SAFETY, largest, likely, relative
from ..types import EPS32, Case, Manner, Mistake, Op, Plan, Problem

OP = Op(
    "dropout",
    "Dropout",
    "6.4.3",
    args=("x", "train_flg"),
    make=("dropout_ratio",),
    named=("train_flg",),
    may_write=("dout",),
)
ALARM = 1e-12


def away_from_zero(rng, name, shape):
    """No 0 among the numbers, so that a 0 in the output is a dropped place."""
    x = rng.standard_normal(shape)
    return x + np.copysign(0.25, x)


def whole(rng, name, shape):
    return rng.choice([-9, -4, -1, 2, 3, 8], shape)


def inference_mask(q, trace):
    """Every number scaled; a mask at inference is seen by its zeros."""
    ratio, got, want = q["dropout_ratio"], trace.results["out"], q["x"] * (1 - q["dropout_ratio"])
    problem = compare_one("out", got, want, allowed(q, {"out": want}, EPS32)["out"])
    if problem and problem.kind == "values" and 0 < np.mean(got == 0) < 1 and masked(q["x"], got, ratio):
        return Problem("values", "out", got, want, problem.allowed, code="dropout.mask-at-inference")
    return problem


def masked(x, got, ratio):
    """Whether got is x with places dropped, scaled in any of the usual ways."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return any(close(got, np.where(got == 0, 0, x * f), bound(x * f)) for f in (1, 1 - ratio, 1 / (1 - ratio)))


def dropout(why, x, ratio, train=False, draw=away_from_zero, **more):
    rule = None if train else inference_mask
    return Case(OP, why, {"x": x}, {"dropout_ratio": ratio, "train_flg": train}, draw=draw, rule=rule, **more)


# fmt: off
CASES = [  # inference
    #       the mistake it catches              x               ratio
    dropout("inference not scaled",             (3, 4, 5, 6),   0.3),
    dropout("scaled by the ratio",              (4, 7),         0.75),
    dropout("ratio of one half",                (2, 3, 5),      0.5),
    dropout("nothing dropped",                  (3, 5),         0.0),
    dropout("one image",                        (1, 4, 3, 2),   0.2),
    dropout("batch worked in pieces of four",   (7, 3),         0.4),
    dropout("whole numbers cut off",            (3, 5),         0.3, draw=whole, refuse="may"),
    dropout("everything dropped",               (4, 3),         1.0, level="edge"),
]
TRAINED = dropout("scaled in training",         (3, 4, 5, 6),   0.3, train=True)
FLAT    = dropout("only images are taken",      (15, 24),       0.6, train=True)
WIDE    = dropout("mask of another shape",      (5, 6, 7, 8),   0.3, train=True)
NONE    = dropout("ratio of nothing",           (3, 4, 5),      0.0, train=True)
ALL     = dropout("ratio of everything",        (3, 4, 5),      1.0, train=True, level="edge")
AGAIN   = dropout("mask kept",                  (6, 5, 4, 3),   0.4, train=True)
LATER   = dropout("mask of training left",      (4, 3, 5),      0.3, train=True)
DEFAULT = dropout("defaults",                   (6, 7, 8, 5),   0.5, train=True)
# fmt: on


def allowed(q, want, eps):
    """One product."""
    return relative(want, 1, eps)


def drawn(pick):
    axes, ratio = pick(2, 4), pick(0, 9) / 10
    return dropout("drawn", tuple(pick(1, 5) for _ in range(axes)), ratio)


# Training: what is kept can be read off the output.


def training(case, part, calls=1):
    """Forward, and backward where that is the part; calls times, each with numbers of its own."""
    program, arrays = [], {}
    for turn in ("", "_2")[:calls]:
        q = case.question(turn)
        program += steps(q, "forward", turn, make=not turn)[0]
        arrays["x" + turn] = q["x"]
        if part == "backward":
            program.append(["call", "dx" + turn, "layer.backward", ["dout" + turn]])
            arrays["dout" + turn] = case.rng("dout" + turn).standard_normal(q["x"].shape)
    return Plan(program, arrays, {})


def ratio_of(plan):
    made = plan.program[0][3]
    return made[0] if made else DEFAULT.params["dropout_ratio"]


def bound(x):
    return SAFETY * EPS32 * largest(np.asarray(x))


def looked_at(what, got, x, tries):
    """got against x with the zeros of got, then against the known wrong ones: code -> array."""
    problem = compare_one(what, got, np.where(np.asarray(got) == 0, 0, x), bound(x))
    return coded(problem, tries) if problem else None


def coded(problem, tries):
    code = ""
    if problem.kind == "values":
        code = next((c for c, a in tries.items() if close(problem.got, a, 2 * bound(a))), "")
    return Problem(problem.kind, problem.what, problem.got, problem.want, problem.allowed, code=code)


def output(plan, trace, turn=""):
    """Each output is x or 0. -> Problem or None."""
    x, got, ratio = plan.given["x" + turn], trace.results["out" + turn], ratio_of(plan)
    mask = np.asarray(got) != 0
    if mask.shape != x.shape:
        return Problem("shape", "out" + turn, got, x)
    with np.errstate(divide="ignore", invalid="ignore"):
        tries = {
            "dropout.inverted": x * mask / (1 - ratio),
            "dropout.scaled-in-training": x * mask * (1 - ratio),
            "dropout.scaled-by-ratio-in-training": x * mask * ratio,
            "dropout.mask-returned": mask * 1.0,
        }
    return looked_at("out" + turn, got, x, tries)


def share(plan, trace):
    """How many are kept."""
    problem, x, ratio = output(plan, trace), plan.given["x"], ratio_of(plan)
    if problem:
        return problem
    low, high = likely(x.size, 1 - ratio, ALARM)
    kept = int(np.count_nonzero(trace.results["out"]))
    if low <= kept <= high:
        return None
    swapped = likely(x.size, ratio, ALARM)
    code = "dropout.nothing-dropped" if kept == x.size else "dropout.nothing-kept" if kept == 0 else "dropout.share"
    if swapped[0] <= kept <= swapped[1]:
        code = "dropout.ratio-is-kept"
    note = f"({kept} of {x.size} kept, should be {low} to {high})"
    return Problem("values", "share kept", *shares(kept / x.size, 1 - ratio, low / x.size), note, code)


def shares(got, want, low):
    return np.array(got), np.array(want), np.array(abs(want - low))


def repeats(plan, trace):
    """Places some steps apart along an axis agree as often as chance has it; each place stands in one pair."""
    problem, mask, keep = output(plan, trace), trace.results["out"] != 0, 1 - ratio_of(plan)
    if problem:
        return problem
    for axis, size in enumerate(mask.shape):
        lines = np.moveaxis(mask, axis, 0)
        for away in range(1, size):
            first = [i for i in range(size - away) if i // away % 2 == 0]
            problem = agreement(lines[first], lines[[i + away for i in first]], keep)
            if problem:
                note = (
                    f"(places {away} apart along axis {axis} are dropped together or apart more often than by chance)"
                )
                return Problem("values", "share of equal places", *problem, note, "dropout.mask-repeats")
    return None


def agreement(a, b, keep):
    """(got, want, allowed) where two masks agree more or less often than chance has it."""
    chance = keep * keep + (1 - keep) * (1 - keep)
    low, high = likely(a.size, chance, ALARM)
    equal = int(np.sum(a == b))
    return None if low <= equal <= high else shares(equal / a.size, chance, low / a.size)


def anew(plan, trace):
    """Two forwards draw two masks."""
    problem = output(plan, trace) or output(plan, trace, "_2")
    if problem:
        return problem
    unlike = agreement(*(trace.results[k] != 0 for k in ("out", "out_2")), 1 - ratio_of(plan))
    note = "(the masks of two forwards are alike)"
    return Problem("values", "share of equal places", *unlike, note, "dropout.mask-kept") if unlike else None


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
    found = {
        "dropout.backward-no-mask": dout,
        "dropout.backward-other-places": dout * ~mask,
        "dropout.dout-unused": mask * 1.0,
        scaled: dout * mask * keep if own == "dropout.scaled-in-training" else inverted,
    }
    for what, other in (("dropout.backward-scaled", dout * mask * keep), ("dropout.backward-scaled", inverted)):
        found.setdefault(what, other)
    if trace.results["out"].shape == dout.shape:
        found["dropout.backward-stale-mask"] = dout * (trace.results["out"] != 0)
    drawn_again = next((trace.results[k] for k in ("dx_2", "dx") if k in trace.results), dout)
    if drawn_again.shape == dout.shape:
        found["dropout.backward-new-mask"] = np.where(drawn_again == 0, 0, dout)
    return found


def gradient_twice(case, part):
    """Backward a second time after one forward."""
    plan = training(case, part)
    return Plan([*plan.program, ["call", "dx_again", "layer.backward", ["dout_again"]]], again_given(plan), {})


def again_given(plan):
    return {**plan.given, "dout_again": plan.given["dout"]}


def same_twice(plan, trace):
    first, second = trace.results["dx"], trace.results["dx_again"]
    return compare_one("dx_again", second, np.asarray(first, "f8"), bound(first))


def train_then_infer(case, part):
    plan = training(case, part)
    q = case.question().but(train_flg=False)
    more, expect = steps(q, "forward", "_2", make=False)
    return Plan(plan.program + more, {**plan.given, "x_2": q["x"]}, expect, keep=("out",))


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


FORWARD, BACKWARD = ("forward",), ("backward",)
SHARE = Manner(
    "share-kept", "training: x or 0, and as many zeros as the ratio says", training, parts=FORWARD, rule=share
)
GRADIENT = Manner("same-mask", "dout where forward kept, 0 elsewhere", training, parts=BACKWARD, rule=gradient)
MANNERS = (
    (TRAINED, SHARE),
    (FLAT, SHARE),
    (NONE, SHARE),
    (ALL, SHARE),
    (TRAINED, GRADIENT),
    (FLAT, GRADIENT),
    (NONE, GRADIENT),
    (ALL, GRADIENT),
    (WIDE, Manner("each-place-alone", "training: every place is drawn alone", training, parts=FORWARD, rule=repeats)),
    (FLAT, Manner("each-place-alone", "training: every place is drawn alone", training, parts=FORWARD, rule=repeats)),
    (
        AGAIN,
        Manner("drawn-anew", "every forward draws its mask", lambda c, p: training(c, p, 2), parts=FORWARD, rule=anew),
    ),
    (
        AGAIN,
        Manner(
            "mask-of-this-call",
            "backward uses the mask of the forward before it",
            lambda c, p: training(c, p, 2),
            parts=BACKWARD,
            rule=gradient,
        ),
    ),
    (AGAIN, Manner("backward-twice", "backward twice gives the same", gradient_twice, parts=BACKWARD, rule=same_twice)),
    (LATER, Manner("then-inference", "inference after training is inference", train_then_infer, parts=FORWARD)),
    (DEFAULT, Manner("no-arguments", "ratio 0.5, training", no_arguments, level="advice", parts=FORWARD, rule=share)),
    (
        AGAIN,
        Manner(
            "two-layers",
            "two layers draw their own masks: no seed is set",
            two_layers,
            level="advice",
            parts=FORWARD,
            rule=anew,
        ),
    ),
    (
        TRAINED,
        Manner(
            "dout-kept",
            "backward leaves the caller's dout as it was",
            training,
            level="advice",
            parts=BACKWARD,
            rule=dout_kept,
        ),
    ),
)


def at_inference(f):
    return lambda ask, q: {"out": f(q["x"], q["dropout_ratio"])}


def seen(ask, q):
    """Not told by numbers of its own: a rule above sees it."""
    return {}


MISTAKES = [
    Mistake(
        "dropout.inverted",
        "the kept numbers are scaled in training and nothing is at inference (inverted dropout, as in frameworks)",
        seen,
        "the book's layer leaves the kept numbers as they are in training and multiplies by 1 - ratio at inference",
    ),
    Mistake(
        "dropout.inference-not-scaled",
        "at inference the numbers come out as they went in",
        at_inference(lambda x, ratio: x),
        "multiply by 1 - ratio: as much as training keeps on average",
    ),
    Mistake(
        "dropout.inference-scaled-by-ratio",
        "at inference x is multiplied by the ratio, which is the share dropped, not the share kept",
        at_inference(lambda x, ratio: x * ratio),
        "multiply by 1 - ratio",
    ),
    Mistake(
        "dropout.inference-divided",
        "at inference x is divided by 1 - ratio",
        at_inference(lambda x, ratio: x / (1 - ratio) if ratio < 1 else x * np.inf),
        "multiply by 1 - ratio",
    ),
    Mistake(
        "dropout.inference-squared",
        "at inference x is multiplied by 1 - ratio twice",
        at_inference(lambda x, ratio: x * (1 - ratio) ** 2),
        "multiply once",
    ),
    Mistake(
        "dropout.inference-half",
        "at inference x is multiplied by one half, whatever the ratio",
        at_inference(lambda x, ratio: x * 0.5),
        "use the ratio that was given",
    ),
    Mistake(
        "dropout.inference-zero",
        "at inference everything is 0",
        at_inference(lambda x, ratio: x * 0),
        "multiply x by 1 - ratio",
    ),
    Mistake(
        "dropout.mask-at-inference",
        "numbers are dropped at inference too",
        seen,
        "draw a mask only where train_flg is true; otherwise multiply by 1 - ratio",
    ),
    Mistake(
        "dropout.scaled-in-training",
        "the kept numbers are multiplied by 1 - ratio in training",
        seen,
        "in training x is multiplied by the mask alone; the scale belongs to inference",
    ),
    Mistake(
        "dropout.scaled-by-ratio-in-training",
        "the kept numbers are multiplied by the ratio in training",
        seen,
        "in training x is multiplied by the mask alone; the scale belongs to inference",
    ),
    Mistake("dropout.mask-returned", "the mask comes out, not x under it", seen, "multiply x by the mask"),
    Mistake(
        "dropout.ratio-is-kept",
        "the ratio is taken for the share kept; it is the share dropped",
        seen,
        "keep where a random number from 0 to 1 is above the ratio",
    ),
    Mistake(
        "dropout.share",
        "another share of the numbers is dropped than the ratio says",
        seen,
        "compare numbers drawn evenly from 0 to 1 with the ratio: rand, not randn",
    ),
    Mistake("dropout.nothing-dropped", "nothing is dropped in training", seen, "multiply x by the mask"),
    Mistake(
        "dropout.nothing-kept", "everything is dropped in training", seen, "keep where the number is above the ratio"
    ),
    Mistake(
        "dropout.mask-repeats",
        "places are dropped together: the mask is smaller than x and is repeated",
        seen,
        "draw a mask of x's own shape",
    ),
    Mistake(
        "dropout.mask-kept",
        "the same mask is used again in the next forward",
        seen,
        "draw a mask in every forward, and set no seed in it",
    ),
    Mistake("dropout.backward-no-mask", "backward lets dout through everywhere", seen, "multiply dout by the mask"),
    Mistake(
        "dropout.backward-other-places",
        "backward lets dout through where forward dropped",
        seen,
        "multiply dout by forward's mask",
    ),
    Mistake(
        "dropout.backward-scaled",
        "backward scales dout, forward did not scale x",
        seen,
        "multiply dout by the mask alone",
    ),
    Mistake(
        "dropout.backward-new-mask",
        "backward draws a mask of its own",
        seen,
        "remember forward's mask",
    ),
    Mistake(
        "dropout.backward-stale-mask",
        "backward uses the mask of an earlier forward",
        seen,
        "remember the mask in every forward",
    ),
    Mistake("dropout.dout-unused", "backward returns the mask, dout is left out", seen, "multiply dout by the mask"),
]
