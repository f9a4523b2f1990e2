"""ReLU: all that is known of it."""

from dataclasses import replace

import numpy as np

from ...subject.protocol import EPS32, Op
from ..compare import compare_one
from ..mistakes.changes import gradient, of_shape, of_x
from ..scenarios import plain_use
from ..tolerance import relative
from ..types import Case, Mistake, Problem, Scenario

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


# fmt: off
MISTAKES = [
    *of_shape("relu"),
    Mistake("relu.missing", "negative numbers come out as they went in",
            of_x(lambda x: x, lambda x, y: np.ones_like(x)), "put 0 where x <= 0"),
    Mistake("relu.leaky", "negative numbers come out a hundredth as large (leaky ReLU), not as 0",
            of_x(lambda x: np.where(x > 0, x, 0.01 * x), lambda x, y: np.where(x > 0, 1, 0.01)),
            "put 0 where x <= 0"),
    Mistake("relu.abs", "negative numbers lose their sign; they should become 0",
            of_x(np.abs, lambda x, y: np.sign(x)), "put 0 where x <= 0"),
    Mistake("relu.negative-part", "the negative numbers stay and the positive ones become 0: the mask is turned round",
            of_x(lambda x: np.minimum(x, 0), lambda x, y: x < 0), "the mask that is set to 0 is x <= 0"),
    Mistake("relu.capped-at-1", "numbers above 1 are cut off at 1",
            of_x(lambda x: np.clip(x, 0, 1), lambda x, y: (x > 0) & (x < 1)),
            "positive numbers come out as they are, however large"),
    Mistake("relu.capped-at-6", "numbers above 6 are cut off at 6 (ReLU6)",
            of_x(lambda x: np.clip(x, 0, 6), lambda x, y: (x > 0) & (x < 6)),
            "positive numbers come out as they are, however large"),
    Mistake("relu.threshold", "small positive numbers become 0: x is compared with a number above 0",
            of_x(lambda x: np.where(x > 1e-3, x, 0.0), lambda x, y: x > 0), "compare x with 0"),
    Mistake("relu.mask-of-first", "the mask of the first image is used for the whole batch",
            of_x(lambda x: np.where(x[:1] > 0, x, 0.0)), "compare all of x with 0"),
    Mistake("relu.step", "the mask itself comes out, 1 for every positive number, not the number",
            of_x(lambda x: np.where(x > 0, 1.0, 0.0)), "the mask says which numbers of x stay; the numbers are x's"),
    Mistake("relu.mask-sign", "dout passes where x is negative and is stopped where it is positive",
            gradient(lambda q, y: q.dout * (q["x"] < 0)),
            "backward stops dout at the same places where forward put 0"),
    Mistake("relu.mask-unused", "dout is passed on everywhere, the mask is not used", gradient(lambda q, y: q.dout),
            "set dx to 0 where forward put 0"),
    Mistake("relu.mask-of-dout", "the mask is made of dout, not of x", gradient(lambda q, y: np.maximum(q.dout, 0)),
            "remember in forward where x <= 0, and use that in backward"),
    Mistake("relu.mask-of-both", "negative gradients are stopped too (guided backpropagation)",
            gradient(lambda q, y: np.maximum(q.dout, 0) * (q["x"] > 0)),
            "only the sign of x decides, a negative gradient passes"),
    Mistake("relu.dout-unused", "the slope (0 or 1) is returned, dout is not multiplied",
            gradient(lambda q, y: (q["x"] > 0).astype(float)), "dx is dout where x > 0"),
    Mistake("relu.times-out", "dout is multiplied by the output; it should be by its slope, 0 or 1",
            gradient(lambda q, y: q.dout * y), "dx is dout where x > 0"),
    Mistake("relu.times-x", "dout is multiplied by x; it should be by the slope, 0 or 1",
            gradient(lambda q, y: q.dout * q["x"]), "dx is dout where x > 0"),
    Mistake("relu.writes-dout", "backward sets the caller's own dout to 0 where x <= 0",
            lambda ask, q: {}, "change a copy: the caller may need dout again"),
    Mistake("relu.truncated", "the numbers are cut to whole ones",
            of_x(lambda x: np.trunc(np.maximum(x, 0)), lambda x, y: x > 0),
            "let the array that the result is written into have a floating-point type"),
]
# fmt: on
HISTORY = (
    Mistake(
        "relu.stale-mask",
        "the mask of the call before sets this x to 0",
        lambda ask, old, new: {"out": np.where(old["x"] > 0, new["x"], 0), "dx": ask(new.but(x=old["x"])).get("dx")},
        "make the mask in every forward",
    ),
)
