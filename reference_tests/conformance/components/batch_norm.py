"""Batch normalization: contract, cases, tolerance. The running statistics are torch's."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ...subject.protocol import Answer, Op, Plan, Question, Trace
from .. import references
from ..compare import close, compare_one
from ..inputs import whole
from ..mistakes.batch_norm import MISTAKES as MISTAKES
from ..mistakes.first_statistics import LOST, list_stages
from ..mistakes.running_statistics import ADAPTED, FIXED_MOMENTUM, KEPT_AT_INFERENCE, RUNNING, ZERO_FOR_NONE
from ..mistakes.running_statistics import HISTORY as KEPT
from ..mistakes.running_statistics import LATER as OVER_TWO
from ..scenarios import after_another_kind, change_batch, side_by_side
from ..scenarios.uses import draw_question, inputs_of, plain_use, steps_of
from ..strata import resizable
from ..tolerance import SAFETY
from ..types import Case, Draw, Problem, Scenario, Shape
from .shared import BETWEEN, as_many_numbers, other_sides

OP = Op(
    "batch_norm",
    "BatchNorm",
    "6.3.1",
    args=("x", "train_flg"),
    make=("gamma", "beta", "momentum", "eps", "running_mean", "running_var"),
    named=("train_flg",),
    grads={"dx": "backward()", "dgamma": "dgamma", "dbeta": "dbeta"},
    without=("empty-batch",),  # there is no mean of nothing
)


def numbers(size: float = 1.0, offset: float = 0.5) -> Draw:
    """Draw normal numbers around offset; x and its statistics times size."""

    def draw(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
        if name == "running_var":
            return size * size * rng.uniform(0.5, 2, shape)
        moved = size if name in ("x", "running_mean") else 1.0
        return moved * (rng.standard_normal(shape) + offset)

    return draw


def apart(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw normal numbers, x and its means around 0, 1e4 and 2e4, channel by channel."""
    a = numbers()(rng, name, shape)
    far = np.resize([0, 1e4, 2e4], shape[0] if name == "running_mean" else shape[1:2])
    moved = {"x": far.reshape(-1, *[1] * (len(shape) - 2)), "running_mean": far}
    return np.asarray(a + moved.get(name, 0))


def whole_x(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw whole numbers for x."""
    return whole(rng, name, shape) if name == "x" else numbers()(rng, name, shape)


def first_gamma_zero(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw a gamma whose first number is 0, as residual networks begin with."""
    a = numbers()(rng, name, shape)
    a[:1] = 0.0 if name == "gamma" else a[:1]
    return a


@resizable
def norm(
    why: str,
    x: Shape,
    train: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
    draw: Draw | None = None,
    **more: Any,
) -> Case:
    """Make a case of the shape of x."""
    channels = dict.fromkeys(("gamma", "beta", "running_mean", "running_var"), x[1:2])
    params = {"train_flg": train, "momentum": momentum, "eps": eps}
    return Case(OP, why, {"x": x, **channels}, params, draw=draw or numbers(), **more)


# fmt: off
CASES = [
    #    what it requires                         x (N, C) or (N,C,H,W)
    norm("statistics for each channel",           (4, 3, 2, 5), number=169073103),
    norm("rows as well as images",                (7, 4), number=1547833814),
    norm("as many channels as images",            (3, 3, 2, 4), number=528723156),
    norm("square images",                         (3, 2, 4, 4), number=2198192467),
    norm("as many channels as columns",           (4, 5, 3, 5), number=492499570),
    norm("one channel",                           (6, 1, 2, 3), number=3928790971),
    norm("eps is added",                          (5, 2, 3, 2), eps=0.3, number=1563368788),
    norm("a variance below eps",                  (5, 2, 1, 6), eps=0.3, draw=numbers(0.1), number=1203948571),
    norm("numbers as small as eps",               (5, 3, 2, 3), draw=numbers(1e-2), number=877705409),
    norm("a variance of a millionth",             (4, 3, 2, 5), draw=numbers(1e-3), number=877705410),
    norm("every image of a larger batch",         (7, 2, 3, 1), number=1226948878),
    norm("more than 64 images",                   (259, 3), number=2266188770),
    norm("more than 64 channels",                 (3, 259, 2, 2), number=529918214),
    norm("more than 256 places",                  (2, 3, 18, 17), number=973635274),
    norm("a gamma of 0",                          (4, 3, 3, 2), draw=first_gamma_zero, number=1700000132),
    norm("images of one pixel",                   (5, 3, 1, 1), number=4115702356),
    norm("all sizes equal", (3, 3, 3, 3), number=2199203965),
    norm("everything square", (5, 5), number=1334502544),
    norm("square images of one channel", (4, 1, 3, 3), number=3475213648),
    norm("whole numbers give fractions", (7, 4), draw=whole_x, level="advice", refuse="told", number=6),
    norm("inference, all sizes equal", (3, 3, 3, 3), train=False, number=3562772120),
    norm("numbers far from 0",                    (4, 3, 5, 2), draw=numbers(offset=1e4), level="edge", number=3766564852),
    norm("one image",                             (1, 3, 4, 5), level="edge", number=535380035),
    norm("inference uses the running statistics", (4, 3, 5, 2), train=False, number=2160110108),
    norm("inference of rows",                     (5, 6), train=False, number=492760309),
    norm("inference of one image",                (1, 3, 2, 4), train=False, number=1868814212),
    norm("inference uses eps",                    (3, 2, 4, 3), train=False, eps=0.3, number=2563195674),
]
STRATA = (  # the kinds of cases that hidden checks are drawn in
    "statistics for each channel", "rows as well as images", "square images", "one channel", "eps is added",
    "every image of a larger batch", "one image", "inference uses the running statistics",
    "inference of rows", "inference uses eps",
)
LARGE = norm("a backward of its own time", (10, 6, 40, 38))
# fmt: on


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    """Bound n numbers summed to a mean and to a variance, by whose root each number is divided.

    Each channel by itself: how large another one's numbers are costs it nothing.
    """
    x, train, gamma = q["x"], q["train_flg"], np.abs(q["gamma"])
    axes, as_C = (0, *range(2, x.ndim)), (-1, *[1] * (x.ndim - 2))
    n = x.size // x.shape[1]
    size, spread = np.abs(x).max(axes), x.var(axes) if train else q["running_var"]
    centre = x.mean(axes) if train else q["running_mean"]
    s = 1 / np.sqrt(spread + q["eps"])
    normal = np.abs(x - centre.reshape(as_C)).max(axes) * s
    off = s * (2 * size + n * np.abs(x).mean(axes)) + normal * (n + 6 + 2 * size * s)  # of x's normal form, in eps
    worst = SAFETY * eps * off
    bound = {"out": (worst * gamma + SAFETY * eps * np.abs(want["out"]).max(axes)).reshape(as_C)}
    for name, most in (("running_mean", (n + 3) * size), ("running_var", (n + 6) * (spread * 2 + size))):
        if name in want:
            terms = n + (3 if name == "running_mean" else 6)
            bound[name] = SAFETY * eps * (most + terms * np.abs(want[name]))
    if q.dout is not None:
        dout, total = np.abs(q.dout).max(axes), np.abs(q.dout).sum(axes)
        bound["dbeta"] = SAFETY * eps * n * total
        bound["dgamma"] = worst * total + bound["dbeta"] * normal
        through = (n + 8) * (2 + normal) + 2 * off if train else 6  # the mean and the variance, too
        bound["dx"] = (SAFETY * eps * gamma * s * dout * through).reshape(as_C)
    return {k: np.broadcast_to(b, want[k].shape).copy() for k, b in bound.items() if k in want}


def drawn(pick: Callable[[int, int], int]) -> Case:
    """Draw a case; pick(low, high) picks an integer of low .. high."""
    n, c, train = pick(2, 6), pick(1, 4), bool(pick(0, 1))
    image = (pick(1, 4), pick(1, 4)) if pick(0, 1) else ()
    return norm("drawn", (n, c, *image), train, momentum=pick(0, 10) / 10, eps=pick(1, 20) / 100)


HISTORY = (*KEPT, *LOST)

# Scenarios: the statistics that training leaves behind, and inference after it.


def train(case: Case, part: str) -> Plan:
    """Plan training on two batches; the running statistics are read after each: those of one go into the next."""
    q, todo = draw_question(case), list[list[Any]]()
    arrays, expect = dict[str, np.ndarray](), dict[str, tuple[Question, str]]()
    for turn in ("", "_2"):
        q = q if not turn else draw_question(case, turn).but(**statistics_after(q))
        todo += steps_of(q, "forward", turn, make=not turn)[0]
        todo += [["get", k + turn, f"layer.{k}", []] for k in STATISTICS]
        arrays |= {k + turn: a for k, a in q.arrays.items() if not turn or k == "x"}
        expect |= {k + turn: (q, k) for k in STATISTICS}
    return Plan(todo, arrays, expect)


STATISTICS = ("running_mean", "running_var")


def statistics_after(q: Question) -> dict[str, np.ndarray]:
    """Return the running statistics after one batch, and the parameters, which stay."""
    answer = references.ask(q.but(dout=None))
    return {k: answer[k] for k in ("running_mean", "running_var")} | {k: q[k] for k in ("gamma", "beta")}


def check_statistics(plan: Plan, trace: Trace) -> Problem | None:
    """Check the running statistics; if they are wrong, add the code of the mistake that gives them, after both batches.

    The second batch starts from what the first has left, right or wrong: statistics that only the first one replaces
    are told from those that every one does.
    """
    turns = [(plan.expect["running_mean" + turn][0].exact(), turn) for turn in ("", "_2")]
    want = [references.ask(q) for q, _ in turns]
    bounds = [allowed(q, right, plan.eps) for (q, _), right in zip(turns, want)]
    problems = [
        compare_one(k + turn, trace.results[k + turn], right[k], bound[k])
        for (_, turn), right, bound in zip(turns, want, bounds)
        for k in STATISTICS
    ]
    problem = next((p for p in problems if p), None)
    if problem is None or problem.kind != "values":
        return problem
    (first, _), (second, _) = turns
    if all(trace.results[k].shape == first[k].shape for k in STATISTICS):
        second = second.but(**{k: trace.results[k].astype("f8") for k in STATISTICS})
    known = *((m.code, m.answer, m.answer) for m in (*RUNNING, *ADAPTED)), *((m.code, m.answer, n) for m, n in OVER_TWO)
    for code, move, later in (*known, *list_stages()):
        given = move(references.ask, first), later(references.ask, second)
        if all(
            answer and close(trace.results[k + turn], answer[k], bound[k])
            for answer, bound, turn in zip(given, bounds, ("", "_2"))
            for k in STATISTICS
        ):
            return replace(problem, code=code)
    return problem


def check_still(plan: Plan, trace: Trace) -> Problem | None:
    """Check the running statistics where momentum is 0: no batch moves them. Most mistakes look alike there."""
    problem = check_statistics(plan, trace)
    moved = problem and problem.code == FIXED_MOMENTUM
    return problem and replace(problem, code=ZERO_FOR_NONE if moved else "")


def then_inference(case: Case, part: str) -> Plan:
    """Plan training on one batch, then inference on another."""
    first = draw_question(case)
    arrays = {**draw_question(case, "_2").arrays, **statistics_after(first)}
    then = Question(OP, arrays, {**case.params, "train_flg": False})
    then = then.but(dout=case.rng("dout_then").standard_normal(then["x"].shape))
    todo = steps_of(first, "forward")[0]
    more, expect = steps_of(then, part, "_2", make=False)
    return Plan(todo + more, {**inputs_of(first, "forward"), **inputs_of(then, part, "_2")}, expect)


def modes_in_turn(case: Case, part: str) -> Plan:
    """Plan inference and training in turn, as epochs with an evaluation each; gamma and beta are written near the end.

    Two trainings stand side by side, and two inferences with nothing but the writing between them.
    """
    held, new = draw_question(case), draw_question(case, "_w")
    state = {k: held[k] for k in ("gamma", "beta", *STATISTICS)}
    todo, expect = list[list[Any]](), dict[str, tuple[Question, str]]()
    arrays = {**held.arrays, "gamma_w": new["gamma"], "beta_w": new["beta"]}
    for number, trains in enumerate((False, True, False, True, True, False, None, False), 1):
        if trains is None:
            todo += [["write", k, k + "_w", []] for k in ("gamma", "beta")]
            state |= {k: new[k] for k in ("gamma", "beta")}
            continue
        turn = f"_{number}" if todo else ""
        q = draw_question(case, turn).but(**state, train_flg=trains)
        more, results = steps_of(q, part, turn, make=not todo)
        todo, expect, arrays = todo + more, expect | results, arrays | inputs_of(q, part, turn)
        state |= statistics_after(q) if trains else {}
    return Plan(todo, arrays, expect, keep=tuple(k for k in expect if k.startswith("out")))


def inference_beside(case: Case, part: str) -> Plan:
    """Plan training, then inference, while another layer of other sizes does the same."""
    return side_by_side(then_inference(case, part), then_inference(ROWS, part))


def defaults_beside(case: Case, part: str) -> Plan:
    """Plan training, then inference, beside another such layer; neither is given statistics to start with.

    Momentum is 1, so that the statistics are those of the last batch, whatever they start with.
    """
    plans = [then_inference(c, part) for c in (case, replace(case, seed=case.seed + 1))]
    for plan in plans:
        plan.program[0][3] = plan.program[0][3][:4]
    return side_by_side(*plans)


def leave_defaults(case: Case, part: str) -> Plan:
    """Plan training of a layer made without momentum, eps and statistics: 0.1, 1e-5, 0 and 1."""
    q = draw_question(case)
    q = q.but(running_mean=np.zeros_like(q["running_mean"]), running_var=np.ones_like(q["running_var"]))
    todo = steps_of(q, "forward")[0]
    todo[0][3] = todo[0][3][:2]
    reads: list[list[Any]] = [["get", k, f"layer.{k}", []] for k in ("running_mean", "running_var")]
    return Plan(todo + reads, q.arrays, {k: (q, k) for k in ("out", "running_mean", "running_var")})


def leave_flag(case: Case, part: str) -> Plan:
    """Plan a forward without train_flg: training."""
    plan = plain_use(case, part)
    return replace(plan, program=[step[:4] for step in plan.program])


def check_flag(plan: Plan, trace: Trace) -> Problem | None:
    """Check that it trained; a layer that inferred is recognized."""
    q, got = plan.expect["out"][0], trace.results["out"]
    want = references.ask(q)
    bound = allowed(q, want, plan.eps)["out"]
    inferred = close(got, references.ask(q.but(train_flg=False))["out"], bound)
    problem = compare_one("out", got, want["out"], bound)
    return replace(problem, code="bn.infers-by-default") if problem and inferred else problem


def as_rows(q: Question) -> Question:
    """Give the first pixel of each image for the images."""
    return change_batch(q, lambda a: a[:, :, 0, 0])


def as_images(q: Question) -> Question:
    """Give images for rows: each number of a row is a channel of pixels."""
    return change_batch(q, lambda a: a[:, :, None, None] * np.linspace(0.5, 1.5, 6).reshape(2, 3))


FORWARD = ("forward",)
AFTER_TWO = "the running statistics after each of two batches"
MOVED = norm("running statistics", (4, 3, 2, 5), momentum=0.3, number=3223592202)
ROWS = norm("running statistics of rows", (5, 4), momentum=0.4, number=2689707320)
LATER = norm("inference after training", (4, 3, 2, 5), momentum=0.3, number=2263252902)
TURNS = norm("an evaluation after every epoch", (4, 3, 2, 5), momentum=0.3, number=2263252903)
USUAL = norm("statistics at the start", (4, 3, 2, 5), number=2985605085)
START = norm("two layers of the same channels", (4, 3, 2, 5), momentum=1.0, number=4099495729)
ALL = norm("momentum of one", (4, 2, 3, 5), momentum=1.0, number=3277178984)
NEVER = norm("momentum of zero", (4, 2, 3, 5), momentum=0.0, level="edge", number=3010)
STILL = norm("statistics stay at inference", (4, 3, 2, 5), train=False, momentum=0.3, number=3030834204)
IN_TURN = [norm("as many numbers", x) for x in other_sides((4, 3, 2, 5))]
FAR_IN_FLOAT32 = Scenario("float32-far", "float32 far from 0", lambda c, p: plain_use(c, p, "float32"))
FAR = next(c for c in CASES if c.why == "numbers far from 0")
APART = norm("channels far apart", (4, 3, 5, 2), draw=apart, level="edge", number=92)
APART_IN_FLOAT32 = Scenario(
    "float32-apart", "float32, one channel far from another", lambda c, p: plain_use(c, p, "float32")
)
SCENARIOS = (
    (CASES[0], BETWEEN),
    (CASES[0], as_many_numbers(*IN_TURN)),
    (CASES[0], after_another_kind("images after rows", as_rows)),
    (CASES[1], after_another_kind("rows after images", as_images)),
    (FAR, FAR_IN_FLOAT32),
    (APART, APART_IN_FLOAT32),
    *((c, Scenario("running", AFTER_TWO, train, parts=FORWARD, rule=check_statistics)) for c in (MOVED, ROWS, STILL)),
    (ALL, Scenario("running", AFTER_TWO, train, parts=FORWARD)),
    (NEVER, Scenario("running", AFTER_TWO, train, parts=FORWARD, rule=check_still)),
    (LATER, Scenario("then-inference", "training, then inference", then_inference, mistakes=HISTORY)),
    (TURNS, Scenario("modes-in-turn", "inference and training in turn, gamma and beta written in place at the end",
                     modes_in_turn, mistakes=(*KEPT_AT_INFERENCE, *HISTORY))),
    (LATER, Scenario("beside-another", "another layer of other sizes and parameters at the same time",
                     inference_beside)),
    (START, Scenario("beside-defaults", "another layer made with the same defaults at the same time", defaults_beside,
                     level="edge", refuse="any", mistakes=HISTORY)),
    (USUAL, Scenario("no-flag", "train_flg left out", leave_flag, "advice", parts=FORWARD, rule=check_flag)),
    (USUAL, Scenario("defaults", "momentum, eps and statistics left out", leave_defaults, "advice", parts=FORWARD)),
)  # fmt: skip
FITTED = tuple((case, how) for case, how in SCENARIOS if how.id in ("running", "then-inference", "modes-in-turn"))
