"""Sigmoid: all that is known of it."""

import numpy as np

from ...subject.protocol import Op
from ..mistakes.sigmoid import MISTAKES as MISTAKES
from ..tolerance import SAFETY, largest, relative
from ..types import Case

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
