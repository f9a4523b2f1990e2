"""Tanh: the known mistakes, each a change of what a reference answers."""

import numpy as np

from ..types import Mistake
from .changes import alter_dx, clip_input, compute, list_shape_mistakes
from .sigmoid import CLIPS, sigmoid


def slope_by_y(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return 1 - y*y, as a backward does that remembers its own, perhaps wrong, output y."""
    return np.asarray(1 - y * y)


def divide_exponentials(x: np.ndarray) -> np.ndarray:
    """Return tanh as a ratio of sums of exp, which overflow."""
    return np.asarray((np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)))


# fmt: off
MISTAKES = [
    *list_shape_mistakes("tanh"),
    Mistake("tanh.is-sigmoid", "it is sigmoid: the output should lie between -1 and 1",
            compute(sigmoid, lambda x, y: y * (1 - y)), "tanh is (exp(x) - exp(-x)) over (exp(x) + exp(-x))"),
    Mistake("tanh.half-x", "it is tanh of x / 2: 2 sigmoid(x) - 1 lacks a factor 2 in the exponent",
            compute(lambda x: np.tanh(x / 2), slope_by_y), "tanh(x) is 2 sigmoid(2x) - 1"),
    Mistake("tanh.sign", "the sign is wrong: the exponents x and -x are swapped above the line",
            compute(lambda x: -np.tanh(x), slope_by_y), "tanh has the sign of x"),
    Mistake("tanh.not-divided", "exp(x) - exp(-x) is not divided by exp(x) + exp(-x)",
            compute(lambda x: 2 * np.sinh(x), slope_by_y), "divide by exp(x) + exp(-x)"),
    Mistake("tanh.sinh", "it is sinh, which has no limit", compute(np.sinh, slope_by_y), "divide by cosh"),
    Mistake("tanh.turned", "it is turned upside down: the sum is divided by the difference",
            compute(lambda x: 1 / np.tanh(x), slope_by_y), "the difference stands above the line"),
    Mistake("tanh.arctan", "it is arctan, whose limit is pi/2", compute(np.arctan, slope_by_y),
            "use the hyperbolic tangent"),
    Mistake("tanh.tan", "it is tan, the circle's tangent", compute(np.tan, slope_by_y), "use the hyperbolic tangent"),
    Mistake("tanh.hard", "x itself, cut off at -1 and 1 (hard tanh), takes the place of exp",
            compute(lambda x: np.clip(x, -1, 1)), "use the hyperbolic tangent"),
    Mistake("tanh.softsign", "it is x / (1 + |x|) (softsign)", compute(lambda x: x / (1 + np.abs(x)), slope_by_y),
            "use the hyperbolic tangent"),
    *(Mistake("tanh.clipped-input", "x is cut off at a limit first: what lies beyond comes out wrong",
              clip_input(np.tanh, limit, slope_by_y), "use x as it is; only exp's overflow has to be kept away")
      for limit in CLIPS),
    Mistake("tanh.overflow", "exp(x) over exp(x) is infinity over infinity, nan, for large x",
            compute(divide_exponentials, slope_by_y), "use np.tanh, or only the exponent that is not positive"),
    Mistake("tanh.kept-in-float16", "backward keeps the output in float16: dx is right to three digits only",
            alter_dx(lambda q, y: q.dout * (1 - np.square(y.astype("f2").astype("f8")))), "keep the output as it is"),
    Mistake("tanh.kept-in-float16", "the slope is kept in float16: dx is right to three digits only",
            alter_dx(lambda q, y: q.dout * (1 - y * y).astype("f2").astype("f8")), "keep the slope as it is"),
    Mistake("tanh.kept-in-float16", "the slope is worked out in float16: dx is right to three digits only",
            alter_dx(lambda q, y: q.dout * (1 - np.square(y.astype("f2"))).astype("f8")), "keep the output as it is"),
    Mistake("tanh.dx-square-missing", "1 - y is taken for the slope: the square is missing",
            alter_dx(lambda q, y: q.dout * (1 - y)), "the slope is 1 - y*y"),
    Mistake("tanh.dx-plus", "1 + y*y is taken for the slope", alter_dx(lambda q, y: q.dout * (1 + y * y)),
            "the slope is 1 - y*y"),
    Mistake("tanh.dx-outer-square", "(1 - y) is squared: only y is", alter_dx(lambda q, y: q.dout * (1 - y) ** 2),
            "the slope is 1 - y*y"),
    Mistake("tanh.dx-of-x", "1 - x*x is taken for the slope: it is 1 - y*y with the output y",
            alter_dx(lambda q, y: q.dout * (1 - q["x"] ** 2)),
            "remember the output in forward and use it in backward"),
    Mistake("tanh.dx-twice", "tanh is taken a second time in backward, of the output, for the slope",
            alter_dx(lambda q, y: q.dout * (1 - np.tanh(y) ** 2)),
            "the output of forward is y already: the slope is 1 - y*y"),
    Mistake("tanh.dx-of-sigmoid", "y (1 - y), sigmoid's slope, is taken for tanh's 1 - y*y",
            alter_dx(lambda q, y: q.dout * y * (1 - y)), "tanh's slope is 1 - y*y"),
    Mistake("tanh.dx-sign", "the gradient has the wrong sign: y*y - 1 is taken for 1 - y*y",
            alter_dx(lambda q, y: q.dout * (y * y - 1)), "tanh rises everywhere: its slope is positive"),
    Mistake("tanh.dout-unused", "the slope is returned, dout is not multiplied", alter_dx(lambda q, y: 1 - y * y),
            "multiply by dout (chain rule)"),
    Mistake("tanh.dx-is-dout", "dout is passed on without the slope", alter_dx(lambda q, y: q.dout),
            "multiply by 1 - y*y"),
    Mistake("tanh.truncated", "the numbers are cut to whole ones", compute(lambda x: np.trunc(np.tanh(x)), slope_by_y),
            "let the array that the result is written into have a floating-point type"),
]
# fmt: on
