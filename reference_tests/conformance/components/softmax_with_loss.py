"""Softmax with cross-entropy loss: contract, cases, tolerance."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np

from ...subject.protocol import EPS32, Answer, Op, Plan, Question, Trace
from ..compare import compare_one
from ..mistakes.softmax_parts import freedom_of_guard
from ..mistakes.softmax_with_loss import HISTORY as HISTORY
from ..mistakes.softmax_with_loss import MISTAKES as MISTAKES
from ..scenarios import after_another_kind
from ..scenarios.uses import plain_use
from ..strata import resizable
from ..tolerance import SAFETY, largest
from ..types import Case, Draw, Problem, Scenario, Shape, SpreadGenerator
from .shared import as_many_numbers
from .soft_targets import draw_probabilities, require_own_loss

OP = Op(
    "softmax_with_loss",
    "SoftmaxWithLoss",
    "5.6.3",
    args=("x", "t"),
    make=(),
    grads={"dx": "backward()"},
    labels=("t",),
    upstream=1.0,
    without=("tiny-numbers", "large-numbers"),  # classes that are all alike, and where exp overflows
)


def draw_logits(
    classes: int,
    size: float = 1.0,
    onehot: str | None = None,
    offset: Any = 0.0,
    first: int = 0,
    kind: str = "i8",
    sure: float = 0.0,
) -> Draw:
    """Draw normal logits times size plus offset (a number, or one a row), and labels from `first` on.

    They are numbers of this kind, or rows of one 1. sure: how far the first row's logit of its label, the first class,
    is raised: its loss is about 0, and counts in the mean. Where numbers are spread out, the last class is always among them.
    """

    def draw(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
        if name == "x":
            x = np.asarray(size * rng.standard_normal(shape) + np.resize(offset, shape[:1])[:, None])
            x[:1, 0] += sure
            return x
        t = rng.integers(first, classes, shape[0])
        if isinstance(rng, SpreadGenerator):
            t[1:2] = classes - 1
        t[:1] = 0 if sure else t[:1]
        return t.astype(kind) if onehot is None else np.eye(classes, dtype=onehot)[t]

    return draw


@resizable
def loss(
    why: str, x: Shape, onehot: str | None = None, size: float = 1.0, offset: Any = 0.0, first: int = 0, **more: Any
) -> Case:
    """Make a case of logits (N, K). onehot: the dtype of one-hot labels; None: the labels are numbers."""
    t = x if onehot else x[:1]
    return Case(OP, why, {"x": x, "t": t}, **{"draw": draw_logits(x[1], size, onehot, offset, first)} | more)


# fmt: off
CASES = [
    #    what it requires                             x (N, K)
    loss("softmax over the classes",                  (5, 7), number=1028570933),
    loss("one-hot labels",                            (4, 6),  onehot="i8", number=3457081113),
    loss("one-hot labels in floating point",          (6, 4),  onehot="f8", number=3125614537),
    loss("as many classes as images",                 (5, 5), number=3750946975),
    loss("one-hot labels, as many classes as images", (4, 4),  onehot="i8", number=3107596870),
    loss("one image",                                 (1, 6), number=157407758),
    loss("one image, one-hot label",                  (1, 5),  onehot="i8", number=883927160),
    loss("two classes",                               (5, 2), number=52699048),
    loss("more images than classes",                  (9, 3), number=2686641309),
    loss("every image of a larger batch",             (7, 10), onehot="i8", number=2052877523),
    loss("softmax is applied once",                   (3, 8),  size=3.0, number=404617983),
    loss("large logits",                              (4, 7),  draw=draw_logits(7, 10.0, sure=60.0), number=2255),
    loss("small logits",                              (4, 7),  size=0.01, number=2496537480),
    loss("more than 64 images",                       (259, 3), number=3196352044),
    loss("more than 64 classes",                      (3, 259), onehot="i8", number=1540420898),
    loss("more than 256 classes",                     (2, 300), number=411623201),
    loss("labels above 255",                          (5, 290), first=260, number=127182672),
    loss("more than 32767 numbers in a batch",        (259, 260), number=1700000131),
    loss("one-hot labels in bytes",                   (5, 6),  onehot="u1", level="advice", refuse="may", number=1),
    loss("labels in bytes",                           (70, 6), draw=draw_logits(6, kind="u1"), level="edge", refuse="may", number=2),
    loss("exp does not overflow",                     (4, 6),  offset=1000, level="edge", number=2148076632),
    loss("rows far apart",                            (4, 6),  onehot="i8", offset=[-1000, 1000], level="edge", number=2643526315),
]
STRATA = (  # the kinds of cases that hidden checks are drawn in
    "softmax over the classes", "one-hot labels", "one-hot labels in floating point", "one image",
    "two classes", "more images than classes", "every image of a larger batch", "softmax is applied once",
    "exp does not overflow", "rows far apart",
)
LARGE = loss("a backward of its own time", (500, 200))
# fmt: on


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    """Bound the error of exp (a logit's own rounding, eps * |x|) and of the sums of K terms and N losses.

    The subject may add up to 1e-7 inside the log.
    """
    n, k = q["x"].shape
    if not n:
        return {what: np.zeros(a.shape) for what, a in want.items()}
    terms = SAFETY * eps * (k + 2 * largest(q["x"]))
    exact, guarded = freedom_of_guard(q, q["x"])
    bound = {"out": np.asarray(terms + SAFETY * eps * n * exact.mean() + guarded)}
    if "dx" in want:
        bound["dx"] = np.full(want["dx"].shape, terms / n)
    return bound


def sizes() -> Iterator[tuple[dict[str, int], Case]]:
    """Yield every small case with its geometry, the least work first."""
    grid = product((1, 2, 3, 4, 5), (2, 3, 4), (False, True))
    for n, k, onehot in sorted(grid, key=lambda g: (g[0] * g[1], *g)):
        g = {"N": n, "K": k, "onehot": int(onehot)}
        yield g, loss(f"small {g}", (n, k), onehot="i8" if onehot else None)


def drawn(pick: Callable[[int, int], int]) -> Case:
    """Draw a case; pick(low, high) picks an integer of low .. high."""
    onehot = "i8" if pick(0, 1) else None
    return loss("drawn", (pick(1, 7), pick(2, 8)), onehot=onehot, size=float(pick(1, 4)))


# The label's probability is 0 in floating point: the exact loss is about 900, with 1e-7 inside the log it is 16.1,
# and without either it is infinite.


def hopeless(size: float) -> Draw:
    """Draw logits whose first label has a probability of exp(-2 * size)."""

    def draw(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
        x = rng.standard_normal(shape) if name == "x" else np.zeros(shape[0], int)
        if name == "x":
            x[0, :2] = -size, size
        return x

    return draw


TOO_MUCH = (EPS32, 2 * EPS32, 5e-7, *(float(f"{k}e{-e}") for e in range(3, 7) for k in (1, 2, 5)))  # inside the log


def check_loss(plan: Plan, trace: Trace) -> Problem | None:
    """Check that the loss is exact, or has up to 1e-7 added inside the log."""
    q, got = plan.expect["out"][0].exact(), trace.results["out"]
    exact, guarded = freedom_of_guard(q, q["x"])
    slack = np.asarray(SAFETY * EPS32 * (q["x"].shape[1] + 2 * largest(q["x"])))
    problem = compare_one("out", got, np.asarray(exact.mean()), slack)
    if problem is None or problem.kind != "values":
        return problem
    if exact.mean() - guarded - slack <= got <= exact.mean():
        return None
    saturated = any(abs(ended(exact, limit) - got) <= slack for limit in TOO_MUCH)
    return replace(problem, code="loss.infinite" if np.isinf(got) else "loss.saturates" if saturated else "")


def ended(exact: np.ndarray, limit: float) -> float:
    """Return the mean of losses that end at the limit of a probability."""
    return float(np.minimum(exact, -np.log(limit)).mean())


def hopeless_in_float32(case: Case, part: str) -> Plan:
    """Ask in float32 for a probability that is 0 there and not in float64; of other rows nothing vanishes."""
    return plain_use(replace(case, draw=hopeless(60)), part, "float32")


def as_labels(q: Question) -> Question:
    """Give labels for one-hot rows."""
    return q.but(t=q["t"].argmax(1))


def as_rows(q: Question) -> Question:
    """Give one-hot rows for labels."""
    return q.but(t=np.eye(q["x"].shape[1], dtype="i8")[q["t"]])


def draw_soft(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw logits, and probabilities as t."""
    return draw_probabilities(rng, shape) if name == "t" else rng.standard_normal(shape)


def with_its_loss(case: Case, part: str) -> Plan:
    """Use the layer once; the loss counts beside its gradient."""
    plan = plain_use(case, part)
    return replace(plan, expect={"out": (plan.expect["dx"][0], "out"), **plan.expect})


SOFT = Case(OP, "probabilities as t", {"x": (5, 6), "t": (5, 6)}, level="edge", draw=draw_soft, number=1700000201)
OWN_LOSS = require_own_loss(
    "out", "loss.gradient-by-argmax", lambda q: np.asarray(q["x"]), lambda q, d: {"dx": d}, allowed
)
HOPELESS = Case(
    OP, "a probability of zero", {"x": (3, 4), "t": (3,)}, level="edge", draw=hopeless(450), number=3195400322
)
IN_TURN = [loss("as many numbers", x) for x in ((7, 5), (1, 35), (7, 5))]
ONE_HOT = [loss("as many numbers", x, onehot="i8") for x in ((6, 4), (3, 8), (8, 3), (2, 12))]
# fmt: off
SCENARIOS = (
    (CASES[0], as_many_numbers(*IN_TURN)),
    (CASES[1], as_many_numbers(*ONE_HOT)),
    (CASES[1], after_another_kind("one-hot rows after labels", as_labels)),
    (CASES[3], after_another_kind("labels after one-hot rows", as_rows)),
    (HOPELESS, Scenario("hopeless-class", "a class without hope: a large loss, not infinity", plain_use,
                        parts=("forward",), rule=check_loss)),
    (HOPELESS, Scenario("float32-hopeless", "a class without hope, for float32 arrays: a large loss, not infinity",
                        hopeless_in_float32, parts=("forward",), rule=check_loss)),
    (HOPELESS, Scenario("hopeless-class", "a class without hope: its gradient", plain_use, parts=("backward",))),
    (SOFT, Scenario("its-own-loss", "the gradient belongs to the loss", with_its_loss, refuse="told",
                    parts=("backward",), rule=OWN_LOSS)),
)
# fmt: on
