"""Tanh: the known mistakes, each a change of what a reference answers."""

import numpy as np

from ..types import Mistake
from .changes import alter_dx, clip_input, compute, list_shape_mistakes
from .sigmoid import ALONE, BETWEEN, CLIPS, NEAR, SHIFTED, at_zero, near_zero, sigmoid


def slope_by_y(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return 1 - y*y, as a backward does that remembers its own, perhaps wrong, output y."""
    return np.asarray(1 - y * y)


def divide_exponentials(x: np.ndarray) -> np.ndarray:
    """Return tanh as a ratio of sums of exp, which overflow."""
    return np.asarray((np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)))


def shift_together(x: np.ndarray) -> np.ndarray:
    """Return tanh as a ratio of exp that is shifted by the largest |x| of all: 0 / 0 far below it."""
    most = np.abs(x).max(initial=0)
    above, below = np.exp(x - most), np.exp(-x - most)
    return np.asarray((above - below) / (above + below))


# fmt: off
MISTAKES = [
    *list_shape_mistakes("tanh"),
    Mistake("tanh.shifted-together", SHIFTED, compute(shift_together, slope_by_y), ALONE),
    Mistake("tanh.is-sigmoid", "it is sigmoid: the output should lie between -1 and 1",
            compute(sigmoid, lambda x, y: y * (1 - y)), "tanh is (exp(x) - exp(-x)) over (exp(x) + exp(-x))"),
    Mistake("tanh.half-x", "it is tanh of x / 2: 2 sigmoid(x) - 1 lacks a factor 2 in the exponent",
            compute(lambda x: np.tanh(x / 2), slope_by_y), "tanh(x) is 2 sigmoid(2x) - 1"),
    Mistake("tanh.half-x", "it is tanh of x / 2: exp(x) - 1 over exp(x) + 1 lacks a factor 2 in the exponent",
            compute(lambda x: (1 - np.exp(-x)) / (1 + np.exp(-x)), slope_by_y), "the exponent is 2x there"),
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
    Mistake("tanh.double-x", "it is tanh of 2x", compute(lambda x: np.tanh(2 * x), slope_by_y),
            "the exponents are x and -x, or 2x alone"),
    Mistake("tanh.of-size", "negative x comes out as positive x does: the sign of x is lost",
            compute(lambda x: np.tanh(np.abs(x)), slope_by_y), "multiply by the sign of x"),
    Mistake("tanh.lecun", "it is 1.7159 tanh(2x / 3), LeCun's scaled tanh",
            compute(lambda x: 1.7159 * np.tanh(2 * x / 3), slope_by_y), "use tanh as it is"),
    *(Mistake("tanh.fraction", f"it is {what}, which is near tanh where x is small only",
              compute(f, slope_by_y), "use the hyperbolic tangent")
      for what, f in (("x (27 + x*x) / (27 + 9 x*x)", lambda x: x * (27 + x * x) / (27 + 9 * x * x)),
                      ("x (15 + x*x) / (15 + 6 x*x)", lambda x: x * (15 + x * x) / (15 + 6 * x * x)))),
    *(Mistake("tanh.series", "near 0 a series of few terms takes the place of tanh: it is too short there",
              compute(near_zero(limit, f, np.tanh), slope_by_y), "use np.tanh, near 0 as well")
      for limits, f in ((NEAR, lambda x: x), (NEAR[:5], lambda x: x - x**3 / 3),
                        (NEAR[:2], lambda x: x - x**3 / 3 + 2 * x**5 / 15))
      for limit in limits),
    Mistake("tanh.zero-left-out", "where x is exactly 0 the output is 1: 0 falls between x > 0 and x < 0",
            compute(at_zero(1, np.tanh), slope_by_y), BETWEEN),
    Mistake("tanh.zero-over-zero", "where x is exactly 0 the output is nan: 0 is divided by 0",
            compute(at_zero(np.nan, np.tanh), slope_by_y), "take np.sign(x) for the sign, which is 0 at 0"),
    Mistake("tanh.dx-zero-left-out", "where x is exactly 0 dx is 0: 0 falls between x > 0 and x < 0",
            alter_dx(lambda q, y: np.where(q["x"] == 0, 0, q.dout * (1 - y * y))), BETWEEN),
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
    Mistake("tanh.dx-product", "1 - 2y is taken for the slope: the square is a product with 2",
            alter_dx(lambda q, y: q.dout * (1 - 2 * y)), "the slope is 1 - y*y: y ** 2, not y * 2"),
    Mistake("tanh.dx-parentheses", "dout - y*y: only the 1 is multiplied by dout, the parentheses are missing",
            alter_dx(lambda q, y: q.dout - y * y), "dout * (1 - y*y)"),
    Mistake("tanh.dx-parentheses", "1 - y*y * dout: only y*y is multiplied by dout, the parentheses are missing",
            alter_dx(lambda q, y: 1 - y * y * q.dout), "dout * (1 - y*y)"),
    *(Mistake("tanh.dx-parentheses", f"{wrong}: parentheses of (1 - y) * (1 + y) are missing", alter_dx(dx),
              "dout * (1 - y) * (1 + y)")
      for wrong, dx in (("dout * (1 - y) * 1 + y", lambda q, y: q.dout * (1 - y) + y),
                        ("dout * 1 - y * (1 + y)", lambda q, y: q.dout - y * (1 + y)))),
    Mistake("tanh.dx-root", "1 / cosh(x) is taken for the slope: it is the square of that",
            alter_dx(lambda q, y: q.dout / np.cosh(q["x"])), "the slope is 1 / cosh(x) ** 2, which is 1 - y*y"),
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
