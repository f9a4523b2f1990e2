"""Tanh: contract, cases, tolerance."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ...subject.protocol import Answer, Op, Question
from ..inputs import of_size
from ..mistakes.tanh import MISTAKES as MISTAKES
from ..tolerance import SAFETY, largest, relative
from ..types import Case, Shape

OP = Op("tanh", "Tanh", "5.5", args=("x",), make=(), grads={"dx": "backward()"})


def tanh(why: str, x: Shape, **more: Any) -> Case:
    """Make a case of the shape of x."""
    return Case(OP, why, {"x": x}, **more)


def extreme(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Return numbers whose exp overflows: beyond 709, in float32 beyond 88; cosh and exp(2x) do at half of that."""
    return np.resize([1000.0, -1000.0, 0.5, 95.0, -95.0, 360.0, -360.0], shape)


def whole(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw integers of -3 .. 2."""
    return np.asarray(rng.choice([-3, -2, -1, 0, 1, 2], shape))


# fmt: off
CASES = [
    #    what it requires                    x
    tanh("every number has its own output",  (2, 3, 4, 5), number=2919528621),
    tanh("rows as well as images",           (4, 7), number=198724864),
    tanh("one image",                        (1, 3, 4, 5), number=1442182624),
    tanh("rows of one number",               (6, 1), number=1982140341),
    tanh("every image of a larger batch",    (7, 3), number=1988496905),
    tanh("a curve and not a straight line",  (3, 2, 5), draw=of_size(3), number=6456833),
    tanh("slope at 0",                       (3, 4, 2), draw=of_size(0.1), number=878506034),
    tanh("whole numbers give fractions",     (3, 5), draw=whole, refuse="may", number=1858188538),
    tanh("exp does not overflow",            (3, 7), draw=extreme, level="edge", number=4064831823),
]
# fmt: on


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    """Allow a few roundings of 1, since exp(x) - exp(-x) may cancel; for dx, of 1 - y*y <= 1 times dout."""
    bound = relative({"out": np.ones_like(want["out"])}, 4, eps)
    if "dx" in want:
        bound["dx"] = np.full(want["dx"].shape, SAFETY * 4 * eps * largest(np.asarray(q.dout)))
    return bound


def drawn(pick: Callable[[int, int], int]) -> Case:
    """Draw a case; pick(low, high) picks an integer of low .. high."""
    axes = pick(2, 4)
    return tanh("drawn", tuple(pick(1, 5) for _ in range(axes)))
