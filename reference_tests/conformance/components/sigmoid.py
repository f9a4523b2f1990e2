"""Sigmoid: contract, cases, tolerance."""

from functools import partial

import numpy as np

from ...subject.protocol import Answer, Question
from ..inputs import far_out, of_size, one_of, rectified
from ..mistakes.sigmoid import MISTAKES as MISTAKES
from ..strata import resizable
from ..types import Shape
from .shared import FLOAT32, any_shape, as_many_numbers, bound_curve, input_case, layer_op, other_sides

BY_SIZE = ("tiny-numbers", "large-numbers")  # a line without a slope of its own, and where exp overflows
OP = layer_op("sigmoid", "Sigmoid", "5.5.2", without=BY_SIZE)
sigmoid = resizable(partial(input_case, OP))


def extreme(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Return numbers whose exp overflows, which it does beyond 709, in float32 beyond 88. Their mean is negative."""
    return np.resize([-1000.0, 1000.0, -0.5, 95.0, -95.0, 710.0, -710.0], shape)


# fmt: off
CASES = [
    #       what it requires                    x
    sigmoid("every number has its own output",  (2, 3, 4, 5), number=2234670279),
    sigmoid("rows as well as images",           (4, 7), number=57104162),
    sigmoid("one image",                        (1, 3, 4, 5), number=2445951032),
    sigmoid("numbers of a single axis", (7,), level="edge", refuse="may", number=3002),
    sigmoid("rows of one number",               (6, 1), number=2119210583),
    sigmoid("every image of a larger batch",    (7, 3), number=227816683),
    sigmoid("a curve and not a straight line",  (3, 2, 5), draw=of_size(5), number=726966891),
    sigmoid("slope at 0",                       (3, 4, 2), draw=of_size(1e-3), number=3163592033),
    sigmoid("zeros as they come out of a ReLU", (5, 3, 4), draw=rectified, number=2234670280),
    sigmoid("numbers far from 0",               (4, 16), draw=far_out, number=3350948343),
    sigmoid("more than 64 columns",             (3, 2, 70), number=409745897),
    sigmoid("more than 64 images",              (259, 3), number=4243900087),
    sigmoid("more than 256 places",             (2, 3, 18, 17), number=61487256),
    sigmoid("whole numbers give fractions",     (3, 5), draw=one_of(-3, -2, -1, 0, 1, 2), level="advice", refuse="told", number=1719578328),
    sigmoid("all sizes equal", (3, 3, 3, 3), number=2340605606),
    sigmoid("everything square", (4, 4), number=2000891848),
    sigmoid("exp does not overflow",            (3, 7), draw=extreme, level="edge", number=384493655),
]
STRATA = (  # the kinds of cases that hidden checks are drawn in
    "every number has its own output", "rows as well as images", "one image", "rows of one number",
    "every image of a larger batch", "a curve and not a straight line", "numbers far from 0",
    "exp does not overflow",
)
LARGE = sigmoid("a backward of its own time", (20, 3, 40, 40))
# fmt: on
drawn = any_shape(sigmoid)
IN_TURN = [sigmoid("as many numbers", x) for x in (*other_sides((2, 3, 4, 5)), (3, 2, 5, 4), (4, 5, 2, 3))]
SCENARIOS = tuple((case, FLOAT32) for case in CASES if case.draw in (far_out, extreme) or case.why == "slope at 0")
SCENARIOS += ((CASES[0], as_many_numbers(*IN_TURN)),)


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    """Allow a few roundings of the largest y for exp, 1 + and 1 /; for dx, of y (1 - y) <= 1 times dout."""
    return bound_curve(q, want, eps)
