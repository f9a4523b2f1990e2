"""ReLU: contract, cases, tolerance."""

from dataclasses import replace
from functools import partial

import numpy as np

from ...subject.protocol import EPS32, Question, Trace
from ..compare import compare_one
from ..inputs import distinct, of_size, one_million, one_of
from ..mistakes.relu import HISTORY as HISTORY
from ..mistakes.relu import MISTAKES as MISTAKES
from ..scenarios.uses import plain_use
from ..strata import resizable
from ..types import Problem, Scenario, Shape
from .shared import any_shape, as_many_numbers, bound_copies, dout_kept, input_case, layer_op, other_sides

OP = layer_op("relu", "Relu", "5.5.1", advice=("read-only",), may_write=("dout",))
relu = resizable(partial(input_case, OP))


def with_zeros(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw normal numbers, every third of them 0 and the one after it -0.0."""
    x = np.zeros(shape)
    x.flat[1::3] = -0.0
    x.flat[2::3] = rng.standard_normal(len(x.flat[2::3]))
    return x


def by_row(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw rows of one sign each, so that a mask of one row fits no other."""
    signs = np.resize([1, -1, -1], shape[:1]).reshape(-1, *[1] * (len(shape) - 1))
    return np.asarray(np.abs(rng.standard_normal(shape)) * signs)


TINY = (7e-13, 1e-11, 1e-10, 5e-10, 2e-9, 7e-9, 2e-8, 4e-8, 8e-8, 2e-7, 4e-7, 8e-7)  # the mistakes' cuts lie between


def of_tiny_sizes(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw tiny numbers of several sizes, each with either sign: which of them become 0 tells where the cut is."""
    sizes = np.resize(np.outer([1, -1], TINY), shape) * rng.uniform(0.9, 1.1, shape)
    return np.asarray(rng.permutation(sizes.ravel()).reshape(shape))


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
    relu("numbers of a single axis", (7,), level="edge", refuse="may", number=3001),
    relu("rows of one number",              (6, 1), number=4169829431),
    relu("every image of a larger batch",   (7, 3), number=651057519),
    relu("rows of one sign",                (6, 3, 2, 4), draw=by_row, number=4246511558),
    relu("small numbers are not zero",      (3, 2, 4), draw=of_size(1e-4), number=3718534782),
    relu("tiny numbers are not zero",       (4, 3, 2), draw=of_tiny_sizes, number=2636078081),
    relu("numbers about a tenth",           (5, 3, 6), draw=of_size(0.1), number=2673314181),
    relu("large numbers pass unchanged",    (3, 2, 5), draw=of_size(100), number=1118542856),
    relu("zero is not negative",            (3, 4, 2), draw=with_zeros, rule=check_slope_at_zero, number=3286398816),
    relu("more than 64 columns",            (3, 2, 70), number=1979696446),
    relu("more than 64 images",             (259, 3), number=491931910),
    relu("more than 256 places",            (2, 3, 18, 17), number=3152660086),
    relu("more than 32767 numbers in an image", (1, 1, 257, 257), draw=distinct, level="edge", number=1700000130),
    relu("one number of a million",         (4, 3, 2, 2), draw=one_million, number=3802273001),
    relu("whole numbers",                   (3, 5), draw=one_of(-9, -4, -1, 2, 3, 8), level="advice", refuse="told", number=4232976420),
    relu("all sizes equal", (3, 3, 3, 3), number=3255140267),
    relu("everything square", (4, 4), number=2123078424),
]
STRATA = (  # the kinds of cases that hidden checks are drawn in
    "every number has its own mask", "rows as well as images", "one image",
    "every image of a larger batch", "rows of one sign", "small numbers are not zero",
    "large numbers pass unchanged", "zero is not negative",
)
LARGE = relu("a backward of its own time", (20, 3, 40, 40))
# fmt: on
allowed, drawn = bound_copies, any_shape(relu)
ZERO = next(c for c in CASES if c.rule)
# fmt: off
IN_TURN = [relu("as many numbers", x) for x in (*other_sides((2, 3, 4, 5)), (3, 2, 5, 4), (4, 5, 2, 3))]
SCENARIOS = (
    (ZERO, Scenario("flat-at-zero", "the gradient at 0 is 0", plain_use, level="advice", parts=("backward",))),
    (CASES[0], dout_kept(OP, plain_use)),
    (CASES[0], as_many_numbers(*IN_TURN)),
)
# fmt: on
