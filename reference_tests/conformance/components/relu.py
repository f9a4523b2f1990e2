"""ReLU: all that is known of it."""

from dataclasses import replace

import numpy as np

from ...subject.protocol import EPS32, Op
from ..compare import compare_one
from ..mistakes.relu import HISTORY as HISTORY
from ..mistakes.relu import MISTAKES as MISTAKES
from ..scenarios import plain_use
from ..tolerance import relative
from ..types import Case, Problem, Scenario

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


def relu(why, x, **more):
    return Case(OP, why, {"x": x}, **more)


def with_zeros(rng, name, shape):
    """Every third number 0, the one after it -0.0."""
    x = rng.standard_normal(shape)
    x.flat[::3], x.flat[1::3] = 0.0, -0.0
    return x


def of_size(size):
    return lambda rng, name, shape: size * rng.standard_normal(shape)


def whole(rng, name, shape):
    return rng.choice([-9, -4, -1, 2, 3, 8], shape)


def by_row(rng, name, shape):  # rows of one sign: a mask per row, or of the first row, is another
    return np.abs(rng.standard_normal(shape)) * np.resize([1, -1, -1], shape[:1]).reshape(-1, *[1] * (len(shape) - 1))


def slope_at_zero(q, trace):
    """relu'(0) is any number in [0, 1]."""
    want, bound = q.dout * (q["x"] > 0), allowed(q, {"dx": q.dout}, EPS32)["dx"]
    problem = compare_one("dx", trace.results["dx"], want, bound)
    if problem is None or problem.kind != "values":
        return problem
    low, high = (np.where(q["x"] == 0, f(0.0, q.dout), want) for f in (np.minimum, np.maximum))
    if np.all((problem.got >= low - bound) & (problem.got <= high + bound)):
        return None
    return replace(problem, allowed=np.where(q["x"] == 0, np.abs(q.dout), bound))


# fmt: off
CASES = [
    #    the mistake it catches             x
    relu("the mask of another place",       (2, 3, 4, 5)),
    relu("only images are taken",           (4, 7)),
    relu("one image",                       (1, 3, 4, 5)),
    relu("one number a row",                (6, 1)),
    relu("batch worked in pieces of four",  (7, 3)),
    relu("rows of one sign",                (6, 3, 2, 4), draw=by_row),
    relu("small numbers taken for zero",    (3, 2, 4), draw=of_size(1e-4)),
    relu("large numbers cut off",           (3, 2, 5), draw=of_size(100)),
    relu("zero is not negative",            (3, 4, 2), draw=with_zeros, rule=slope_at_zero),
    relu("whole numbers",                   (3, 5), draw=whole, refuse="may"),
]
# fmt: on


def allowed(q, want, eps):
    """Nothing is computed: the one rounding is float32's of the numbers themselves."""
    return relative(want, 1, eps)


def drawn(pick):
    axes = pick(2, 4)
    return relu("drawn", tuple(pick(1, 5) for _ in range(axes)))


def dout_kept(plan, trace):
    if np.array_equal(trace.inputs["dout"], plan.given["dout"]):
        return None
    return Problem("changed-input", "dout", trace.inputs["dout"], plan.given["dout"], code="relu.writes-dout")


ZERO = next(c for c in CASES if c.rule)
SCENARIOS = (
    (ZERO, Scenario("flat-at-zero", "the gradient at 0 is 0", plain_use, level="advice", parts=("backward",))),
    (
        CASES[0],
        Scenario(
            "dout-kept",
            "backward leaves the caller's dout as it was",
            plain_use,
            level="advice",
            parts=("backward",),
            rule=dout_kept,
        ),
    ),
)
