"""Tanh: contract, cases, tolerance."""

from functools import partial

import numpy as np

from ...subject.protocol import EPS32, Answer, Plan, Question, Trace
from ..compare import compare_one
from ..inputs import far_out, of_size, one_of, rectified
from ..mistakes.tanh import MISTAKES as MISTAKES
from ..scenarios.uses import plain_use
from ..strata import resizable
from ..tolerance import SAFETY
from ..types import Problem, Scenario, Shape
from .shared import FLOAT32, any_shape, as_many_numbers, bound_curve, input_case, layer_op, other_sides

BY_SIZE = ("tiny-numbers", "large-numbers")  # a line without a slope of its own, and where exp overflows
OP = layer_op("tanh", "Tanh", "5.5", without=BY_SIZE)
tanh = resizable(partial(input_case, OP))


def extreme(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Return numbers whose exp overflows: beyond 709, in float32 beyond 88; cosh and exp(2x) do at half of that."""
    return np.resize([1000.0, -1000.0, 0.5, 95.0, -95.0, 360.0, -360.0], shape)


# fmt: off
CASES = [
    #    what it requires                    x
    tanh("every number has its own output",  (2, 3, 4, 5), number=2919528621),
    tanh("rows as well as images",           (4, 7), number=198724864),
    tanh("one image",                        (1, 3, 4, 5), number=1442182624),
    tanh("numbers of a single axis", (7,), level="edge", refuse="may", number=3003),
    tanh("rows of one number",               (6, 1), number=1982140341),
    tanh("every image of a larger batch",    (7, 3), number=1988496905),
    tanh("a curve and not a straight line",  (3, 2, 5), draw=of_size(3), number=6456833),
    tanh("slope at 0",                       (3, 4, 2), draw=of_size(0.1), number=878506034),
    tanh("zeros as they come out of a ReLU", (5, 3, 4), draw=rectified, number=2919528622),
    tanh("numbers far from 0",               (4, 16), draw=far_out, number=2747760320),
    tanh("small numbers are not zero",        (3, 5), draw=of_size(1e-3), number=1691645069),
    tanh("more than 64 columns",             (3, 2, 70), number=1676241150),
    tanh("more than 64 images",              (259, 3), number=1545782378),
    tanh("more than 256 places",             (2, 3, 18, 17), number=4007890370),
    tanh("whole numbers give fractions",     (3, 5), draw=one_of(-3, -2, -1, 0, 1, 2), level="advice", refuse="told", number=1858188538),
    tanh("all sizes equal", (3, 3, 3, 3), number=1864388542),
    tanh("everything square", (4, 4), number=1877467269),
    tanh("exp does not overflow",            (3, 7), draw=extreme, level="edge", number=4064831823),
]
STRATA = (  # the kinds of cases that hidden checks are drawn in
    "every number has its own output", "rows as well as images", "one image", "rows of one number",
    "every image of a larger batch", "a curve and not a straight line", "numbers far from 0",
    "exp does not overflow",
)
LARGE = tanh("a backward of its own time", (20, 3, 40, 40))
# fmt: on
drawn = any_shape(tanh)
IN_TURN = [tanh("as many numbers", x) for x in (*other_sides((2, 3, 4, 5)), (3, 2, 5, 4), (4, 5, 2, 3))]
SCENARIOS = tuple((case, FLOAT32) for case in CASES if case.draw in (far_out, extreme) or case.why == "slope at 0")
SCENARIOS += ((CASES[0], as_many_numbers(*IN_TURN)),)


def check_digits(plan: Plan, trace: Trace) -> Problem | None:
    """Check the digits of numbers near 0, which a difference of two numbers near 1 loses."""
    right = np.tanh(plan.given["x"])
    return compare_one("out", trace.results["out"], right, SAFETY * EPS32 * np.abs(right))


NEAR_0 = tanh("digits of numbers near 0", (3, 2, 7), draw=of_size(1e-12), number=93)
DIGITS = Scenario(
    "digits-near-0",
    "numbers of about 1e-12 keep their digits, as with np.tanh",
    plain_use,
    level="advice",
    parts=("forward",),
    rule=check_digits,
)
SCENARIOS += ((NEAR_0, DIGITS),)


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    """Allow a few roundings of 1, since exp(x) - exp(-x) may cancel; for dx, of 1 - y*y <= 1 times dout."""
    return bound_curve(q, {**want, "out": np.ones_like(want["out"])}, eps)
