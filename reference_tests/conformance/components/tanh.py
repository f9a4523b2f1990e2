"""Tanh: all that is known of it."""

import numpy as np

from ...subject.protocol import Op
from ..mistakes.tanh import MISTAKES as MISTAKES
from ..tolerance import SAFETY, largest, relative
from ..types import Case

OP = Op("tanh", "Tanh", "5.5", args=("x",), make=(), grads={"dx": "backward()"})


def tanh(why, x, **more):
    return Case(OP, why, {"x": x}, **more)


def of_size(size):
    return lambda rng, name, shape: size * rng.standard_normal(shape)


def extreme(rng, name, shape):
    """exp overflows beyond 709, in float32 beyond 88; cosh and exp(2x) at half of it."""
    return np.resize([1000.0, -1000.0, 0.5, 95.0, -95.0, 360.0, -360.0], shape)


def whole(rng, name, shape):
    return rng.choice([-3, -2, -1, 0, 1, 2], shape)


# fmt: off
CASES = [
    #    the mistake it catches              x
    tanh("the output of another place",      (2, 3, 4, 5)),
    tanh("only images are taken",            (4, 7)),
    tanh("one image",                        (1, 3, 4, 5)),
    tanh("one number a row",                 (6, 1)),
    tanh("batch worked in pieces of four",   (7, 3)),
    tanh("replaced by a straight line",      (3, 2, 5), draw=of_size(3)),
    tanh("slope at 0",                       (3, 4, 2), draw=of_size(0.1)),
    tanh("whole numbers cut off",            (3, 5), draw=whole, refuse="may"),
    tanh("exp overflows",                    (3, 7), draw=extreme, level="edge"),
]
# fmt: on


def allowed(q, want, eps):
    """A few roundings of 1, since exp(x) - exp(-x) may cancel. dx: of 1 - y*y, at most 1, times dout."""
    bound = relative({"out": np.ones_like(want["out"])}, 4, eps)
    if "dx" in want:
        bound["dx"] = np.full(want["dx"].shape, SAFETY * 4 * eps * largest(q.dout))
    return bound


def drawn(pick):
    axes = pick(2, 4)
    return tanh("drawn", tuple(pick(1, 5) for _ in range(axes)))
