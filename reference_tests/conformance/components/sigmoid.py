"""Sigmoid: all that is known of it."""

import numpy as np

from ...subject.protocol import Op
from ..mistakes.changes import gradient, of_shape, of_x
from ..tolerance import SAFETY, largest, relative
from ..types import Case, Mistake

OP = Op("sigmoid", "Sigmoid", "5.5.2", args=("x",), make=(), grads={"dx": "backward()"})


def sigmoid(why, x, **more):
    return Case(OP, why, {"x": x}, **more)


def of_size(size):
    return lambda rng, name, shape: size * rng.standard_normal(shape)


def extreme(rng, name, shape):
    """exp overflows beyond 709, in float32 beyond 88."""
    return np.resize([1000.0, -1000.0, 0.5, 95.0, -95.0, 710.0, -710.0], shape)


def whole(rng, name, shape):
    return rng.choice([-3, -2, -1, 0, 1, 2], shape)


# fmt: off
CASES = [
    #       the mistake it catches              x
    sigmoid("the output of another place",      (2, 3, 4, 5)),
    sigmoid("only images are taken",            (4, 7)),
    sigmoid("one image",                        (1, 3, 4, 5)),
    sigmoid("one number a row",                 (6, 1)),
    sigmoid("batch worked in pieces of four",   (7, 3)),
    sigmoid("replaced by a straight line",      (3, 2, 5), draw=of_size(5)),
    sigmoid("slope at 0",                       (3, 4, 2), draw=of_size(1e-3)),
    sigmoid("whole numbers cut off",            (3, 5), draw=whole, refuse="may"),
    sigmoid("exp overflows",                    (3, 7), draw=extreme, level="edge"),
]
# fmt: on


def allowed(q, want, eps):
    """exp, 1 +, 1 /: a few roundings of the largest y. dx: of y and 1 - y, both at most 1, times dout."""
    bound = relative({"out": want["out"]}, 4, eps)
    if "dx" in want:
        bound["dx"] = np.full(want["dx"].shape, SAFETY * 4 * eps * largest(q.dout))
    return bound


def drawn(pick):
    axes = pick(2, 4)
    return sigmoid("drawn", tuple(pick(1, 5) for _ in range(axes)))


def y_of(x):
    return 1 / (1 + np.exp(-x))


def by_y(x, y):  # the book's backward: from its own, perhaps wrong, y
    return y * (1 - y)


def ratio(x):
    return np.exp(x) / (1 + np.exp(x))


# fmt: off
MISTAKES = [
    *of_shape("sigmoid"),
    Mistake("sigmoid.sign", "exp(x) is taken where exp(-x) is meant: large x gives 0",
            of_x(lambda x: 1 / (1 + np.exp(x)), by_y), "the exponent is -x"),
    Mistake("sigmoid.is-tanh", "it is tanh: the output should lie between 0 and 1",
            of_x(np.tanh, lambda x, y: 1 - y * y), "sigmoid is 1 over 1 + exp(-x)"),
    Mistake("sigmoid.one-missing", "1 over exp(-x): the 1 + is missing below the line", of_x(np.exp, by_y),
            "below the line stands 1 + exp(-x)"),
    Mistake("sigmoid.not-divided", "1 + exp(-x): the division is missing", of_x(lambda x: 1 + np.exp(-x), by_y),
            "take 1 over it"),
    Mistake("sigmoid.hard", "a straight line, cut off at 0 and 1 (hard sigmoid), takes the place of exp",
            of_x(lambda x: np.clip(0.2 * x + 0.5, 0, 1)), "use 1 over 1 + exp(-x)"),
    Mistake("sigmoid.base-2", "2 is raised to -x, not e", of_x(lambda x: 1 / (1 + 2.0**-x), by_y), "use exp"),
    Mistake("sigmoid.softmax", "every row is divided by its sum: this is softmax",
            of_x(lambda x: np.exp(x) / np.exp(x).sum(-1, keepdims=True), by_y),
            "each number is taken alone: 1 over 1 + exp(-x)"),
    Mistake("sigmoid.clipped-input", "x is cut off at a limit before exp: what lies beyond comes out wrong",
            of_x(lambda x: y_of(np.clip(x, -5, 5))), "use x as it is; only exp's overflow has to be kept away"),
    Mistake("sigmoid.overflow", "exp(x) over 1 + exp(x) is infinity over infinity, nan, for large x",
            of_x(ratio, by_y), "use the exponent that is not positive, or divide above and below by exp(x)"),
    Mistake("sigmoid.dx-of-x", "x (1 - x) is taken for the slope: it is y (1 - y) with the output y",
            gradient(lambda q, y: q.dout * q["x"] * (1 - q["x"])),
            "remember the output in forward and use it in backward"),
    Mistake("sigmoid.dx-twice", "sigmoid is taken a second time in backward, of the output, for the slope",
            gradient(lambda q, y: q.dout * y_of(y) * (1 - y_of(y))),
            "the output of forward is y already: the slope is y (1 - y)"),
    Mistake("sigmoid.dx-half", "the factor y is missing: the slope is y (1 - y)",
            gradient(lambda q, y: q.dout * (1 - y)), "multiply by y as well"),
    Mistake("sigmoid.dx-other-half", "the factor 1 - y is missing: the slope is y (1 - y)",
            gradient(lambda q, y: q.dout * y), "multiply by 1 - y as well"),
    Mistake("sigmoid.dx-plus", "y (1 + y) is taken for the slope: it is y (1 - y)",
            gradient(lambda q, y: q.dout * y * (1 + y)), "the second factor is 1 - y"),
    Mistake("sigmoid.dx-sign", "the gradient has the wrong sign: y (y - 1) is taken for y (1 - y)",
            gradient(lambda q, y: -q.dout * y * (1 - y)), "sigmoid rises everywhere: its slope is positive"),
    Mistake("sigmoid.dx-of-tanh", "1 - y*y, tanh's slope, is taken for sigmoid's y (1 - y)",
            gradient(lambda q, y: q.dout * (1 - y * y)), "sigmoid's slope is y (1 - y)"),
    Mistake("sigmoid.dx-squared", "y (1 - y) is squared, or y enters twice",
            gradient(lambda q, y: q.dout * y * y * (1 - y)), "each factor stands there once"),
    Mistake("sigmoid.dout-unused", "the slope is returned, dout is not multiplied",
            gradient(lambda q, y: y * (1 - y)), "multiply by dout (chain rule)"),
    Mistake("sigmoid.dx-is-dout", "dout is passed on without the slope", gradient(lambda q, y: q.dout),
            "multiply by y (1 - y)"),
    Mistake("sigmoid.truncated", "the numbers are cut to whole ones", of_x(lambda x: np.trunc(y_of(x)), by_y),
            "let the array that the result is written into have a floating-point type"),
]
# fmt: on
