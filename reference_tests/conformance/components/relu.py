"""ReLU: contract, cases, tolerance."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ...subject.protocol import EPS32, Answer, Op, Plan, Question, Trace
from ..compare import compare_one
from ..inputs import of_size
from ..mistakes.relu import HISTORY as HISTORY
from ..mistakes.relu import MISTAKES as MISTAKES
from ..scenarios import plain_use
from ..tolerance import relative
from ..types import Case, Problem, Scenario, Shape

OP = Op(
    "relu",
    "Relu",
    "5.5.1",
    args=("x",),
    make=(),
    grads={"dx": "backward()"},
    advice=("read-only",),
    may_write=("dout",),
)


def relu(why: str, x: Shape, **more: Any) -> Case:
    """Make a case of the shape of x."""
    return Case(OP, why, {"x": x}, **more)


def with_zeros(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw normal numbers, every third of them 0 and the one after it -0.0."""
    x = np.asarray(rng.standard_normal(shape))
    x.flat[::3], x.flat[1::3] = 0.0, -0.0
    return x


def whole(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw small integers without 0."""
    return np.asarray(rng.choice([-9, -4, -1, 2, 3, 8], shape))


def by_row(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw rows of one sign each, so that a mask of one row fits no other."""
    signs = np.resize([1, -1, -1], shape[:1]).reshape(-1, *[1] * (len(shape) - 1))
    return np.asarray(np.abs(rng.standard_normal(shape)) * signs)


def check_slope_at_zero(q: Question, trace: Trace) -> Problem | None:
    """Check dx, where the slope at 0 may be any number in [0, 1]."""
    dout = np.asarray(q.dout)
    want, bound = dout * (q["x"] > 0), allowed(q, {"dx": dout}, EPS32)["dx"]
    problem = compare_one("dx", trace.results["dx"], want, bound)
    if problem is None or problem.kind != "values":
        return problem
    low, high = (np.where(q["x"] == 0, f(0.0, dout), want) for f in (np.minimum, np.maximum))
    if np.all((problem.got >= low - bound) & (problem.got <= high + bound)):
        return None
    return replace(problem, allowed=np.where(q["x"] == 0, np.abs(dout), bound))


# fmt: off
CASES = [
    #    what it requires                   x
    relu("every number has its own mask",   (2, 3, 4, 5), number=82963028),
    relu("rows as well as images",          (4, 7), number=1211504831),
    relu("one image",                       (1, 3, 4, 5), number=2622027600),
    relu("rows of one number",              (6, 1), number=4169829431),
    relu("every image of a larger batch",   (7, 3), number=651057519),
    relu("rows of one sign",                (6, 3, 2, 4), draw=by_row, number=4246511558),
    relu("small numbers are not zero",      (3, 2, 4), draw=of_size(1e-4), number=3718534782),
    relu("large numbers pass unchanged",    (3, 2, 5), draw=of_size(100), number=1118542856),
    relu("zero is not negative",            (3, 4, 2), draw=with_zeros, rule=check_slope_at_zero, number=3286398816),
    relu("whole numbers",                   (3, 5), draw=whole, refuse="may", number=4232976420),
]
# fmt: on


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    """Allow one rounding: numbers are copied, at most rounded to float32."""
    return relative(want, 1, eps)


def drawn(pick: Callable[[int, int], int]) -> Case:
    """Draw a case; pick(low, high) picks an integer of low .. high."""
    axes = pick(2, 4)
    return relu("drawn", tuple(pick(1, 5) for _ in range(axes)))


def check_dout_kept(plan: Plan, trace: Trace) -> Problem | None:
    """Check that backward leaves the caller's dout as it was."""
    if np.array_equal(trace.inputs["dout"], plan.given["dout"]):
        return None
    return Problem("changed-input", "dout", trace.inputs["dout"], plan.given["dout"], code="relu.writes-dout")


ZERO = next(c for c in CASES if c.rule)
# fmt: off
SCENARIOS = (
    (ZERO, Scenario("flat-at-zero", "the gradient at 0 is 0", plain_use, level="advice", parts=("backward",))),
    (CASES[0], Scenario("dout-kept", "backward leaves the caller's dout as it was", plain_use, level="advice",
                        parts=("backward",), rule=check_dout_kept)),
)
# fmt: on
