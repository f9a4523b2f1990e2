"""Sigmoid: the known mistakes, each a change of what a reference answers."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import Question
from ..types import Mistake
from .changes import alter_dx, clip_input, compute, dout_of, list_shape_mistakes

NEAR = (1.0, 0.5, 0.3, 0.25, 0.2, 0.15, 0.1, 0.05, 0.02)  # limits below which a series is taken
CLIPS = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12)  # beyond them a curve is flat to float32


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-x))."""
    return np.asarray(1 / (1 + np.exp(-x)))


def bounded(least: float) -> Callable[[np.ndarray], np.ndarray]:
    """Return sigmoid, kept between a least number and 1 minus it."""
    return lambda x: np.clip(sigmoid(x), least, 1 - least)


def slope_by_y(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return y (1 - y), as the book's backward does: of its own, perhaps wrong, output y."""
    return np.asarray(y * (1 - y))


def divide_exponentials(x: np.ndarray) -> np.ndarray:
    """Return exp(x) / (1 + exp(x)), which overflows."""
    return np.asarray(np.exp(x) / (1 + np.exp(x)))


def shift_together(x: np.ndarray) -> np.ndarray:
    """Return exp(x - m) / (exp(x - m) + exp(-m)), m the largest of all: 0 / 0 far below it."""
    most = x.max(initial=-np.inf)
    return np.asarray(np.exp(x - most) / (np.exp(x - most) + np.exp(-most)))


def near_zero(
    limit: float, f: Callable[[np.ndarray], np.ndarray], right: Callable[[np.ndarray], np.ndarray]
) -> Callable[[np.ndarray], np.ndarray]:
    """Return the function that is f(x) where |x| is below a limit, and right elsewhere."""
    return lambda x: np.where(np.abs(x) < limit, f(x), right(x))


def at_zero(value: float, f: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
    """Return the function that is one value where x is exactly 0, and f elsewhere."""
    return lambda x: np.where(x == 0, value, f(x))


SHIFTED = "exp is shifted by the largest of all numbers: beside one above some hundred, small ones are 0 / 0, nan"
ALONE = "shift every number by itself: take exp of -|x|, which is never large"
BETWEEN = "let one of the two cases hold x == 0 as well: x >= 0, or everything else"
WITHOUT_PARENTHESES: tuple[tuple[str, Callable[[Question, np.ndarray], np.ndarray]], ...] = (
    ("dout * y - y*y", lambda q, y: q.dout * y - y * y),
    ("y - y*y * dout", lambda q, y: y - y * y * q.dout),
    ("dout * 1 - y * y", lambda q, y: q.dout - y * y),
    ("dout * y * 1 - y", lambda q, y: q.dout * y - y),
    ("1 - y * y * dout", lambda q, y: 1 - y * y * q.dout),
    ("y * 1 - y * dout", lambda q, y: y - y * q.dout),
)
# fmt: off
MISTAKES = [
    *list_shape_mistakes("sigmoid"),
    Mistake("sigmoid.sign", "exp(x) is taken where exp(-x) is meant: large x gives 0",
            compute(lambda x: 1 / (1 + np.exp(x)), slope_by_y), "the exponent is -x"),
    Mistake("sigmoid.is-tanh", "it is tanh: the output should lie between 0 and 1",
            compute(np.tanh, lambda x, y: 1 - y * y), "sigmoid is 1 over 1 + exp(-x)"),
    Mistake("sigmoid.one-missing", "1 over exp(-x): the 1 + is missing below the line", compute(np.exp, slope_by_y),
            "below the line stands 1 + exp(-x)"),
    Mistake("sigmoid.not-divided", "1 + exp(-x): the division is missing",
            compute(lambda x: 1 + np.exp(-x), slope_by_y), "take 1 over it"),
    Mistake("sigmoid.hard", "a straight line, cut off at 0 and 1 (hard sigmoid), takes the place of exp",
            compute(lambda x: np.clip(0.2 * x + 0.5, 0, 1)), "use 1 over 1 + exp(-x)"),
    Mistake("sigmoid.base-2", "2 is raised to -x, not e", compute(lambda x: 1 / (1 + 2.0**-x), slope_by_y), "use exp"),
    Mistake("sigmoid.softmax", "every row is divided by its sum: this is softmax",
            compute(lambda x: np.exp(x) / np.exp(x).sum(-1, keepdims=True), slope_by_y),
            "each number is taken alone: 1 over 1 + exp(-x)"),
    Mistake("sigmoid.double-x", "it is sigmoid of 2x, as 0.5 * (1 + tanh(x)) is: x / 2 belongs there",
            compute(lambda x: sigmoid(2 * x), slope_by_y), "sigmoid(x) is 0.5 * (1 + tanh(x / 2))"),
    Mistake("sigmoid.half-x", "it is sigmoid of x / 2", compute(lambda x: sigmoid(x / 2), slope_by_y),
            "the exponent is -x"),
    Mistake("sigmoid.tanh-parentheses", "it is 0.5 * 1 + tanh(x / 2): the parentheses are missing",
            compute(lambda x: 0.5 + np.tanh(x / 2), slope_by_y), "sigmoid(x) is 0.5 * (1 + tanh(x / 2))"),
    Mistake("sigmoid.of-size", "negative x comes out as positive x does: it is sigmoid of |x|",
            compute(lambda x: sigmoid(np.abs(x)), slope_by_y), "for x < 0 it is exp(x) over 1 + exp(x)"),
    Mistake("sigmoid.arctan", "it is 0.5 + arctan(x) / pi, another curve from 0 to 1",
            compute(lambda x: 0.5 + np.arctan(x) / np.pi, slope_by_y), "use 1 over 1 + exp(-x)"),
    *(Mistake("sigmoid.rounded-e", "e is rounded: another number stands where exp should be taken",
              compute(lambda x, e=e: 1 / (1 + e**-x), slope_by_y), "use np.exp")  # type: ignore[misc]
      for e in (2.7, 2.71, 2.718, 2.72, 2.7183, 3.0)),
    *(Mistake("sigmoid.series", "near 0 a series of few terms takes the place of exp: it is too short there",
              compute(near_zero(limit, f, sigmoid), slope_by_y), "use exp, near 0 as well")
      for limits, f in ((NEAR[:6], lambda x: 0.5 + x / 4), (NEAR[:2], lambda x: 0.5 + x / 4 - x**3 / 48))
      for limit in limits),
    *(Mistake("sigmoid.zero-left-out", f"where x is exactly 0 the output is {value:g}: 0 falls between x > 0 and x < 0",
              compute(at_zero(value, sigmoid), slope_by_y), BETWEEN) for value in (0.0, 1.0)),
    Mistake("sigmoid.dx-zero-left-out", "where x is exactly 0 dx is 0: 0 falls between x > 0 and x < 0",
            alter_dx(lambda q, y: np.where(q["x"] == 0, 0, q.dout * y * (1 - y))), BETWEEN),
    *(Mistake("sigmoid.clipped-input", "x is cut off at a limit before exp: what lies beyond comes out wrong",
              clip_input(sigmoid, limit, slope_by_y), "use x as it is; only exp's overflow has to be kept away")
      for limit in CLIPS),
    *(Mistake("sigmoid.clipped-output", f"the output is kept between {least:g} and 1 - {least:g}",
              compute(bounded(least), slope_by_y), "sigmoid comes as near to 0 and 1 as it does")
      for least in (0.1, 0.05, 0.01, 0.005, 0.001, 1e-4, 1e-5)),
    Mistake("sigmoid.shifted-together", SHIFTED, compute(shift_together, slope_by_y), ALONE),
    Mistake("sigmoid.overflow", "exp(x) over 1 + exp(x) is infinity over infinity, nan, for large x",
            compute(divide_exponentials, slope_by_y),
            "use the exponent that is not positive, or divide above and below by exp(x)"),
    Mistake("sigmoid.kept-in-float16", "backward keeps the output in float16: dx is right to three digits only",
            alter_dx(lambda q, y: q.dout * slope_by_y(q["x"], y.astype("f2").astype("f8"))),
            "keep the output as it is"),
    Mistake("sigmoid.kept-in-float16", "the slope is kept in float16: dx is right to three digits only",
            alter_dx(lambda q, y: q.dout * (y * (1 - y)).astype("f2").astype("f8")), "keep the slope as it is"),
    Mistake("sigmoid.kept-in-float16", "the slope is worked out in float16: dx is right to three digits only",
            alter_dx(lambda q, y: q.dout * slope_by_y(q["x"], y.astype("f2")).astype("f8")),
            "keep the output as it is"),
    Mistake("sigmoid.dx-of-x", "x (1 - x) is taken for the slope: it is y (1 - y) with the output y",
            alter_dx(lambda q, y: q.dout * q["x"] * (1 - q["x"])),
            "remember the output in forward and use it in backward"),
    Mistake("sigmoid.dx-twice", "sigmoid is taken a second time in backward, of the output, for the slope",
            alter_dx(lambda q, y: q.dout * sigmoid(y) * (1 - sigmoid(y))),
            "the output of forward is y already: the slope is y (1 - y)"),
    Mistake("sigmoid.dx-of-dout", "the slope is taken at dout, not at x",
            alter_dx(lambda q, y: slope_by_y(q["x"], sigmoid(dout_of(q)))), "dout is multiplied by the slope at x"),
    Mistake("sigmoid.dx-half", "the factor y is missing: the slope is y (1 - y)",
            alter_dx(lambda q, y: q.dout * (1 - y)), "multiply by y as well"),
    Mistake("sigmoid.dx-other-half", "the factor 1 - y is missing: the slope is y (1 - y)",
            alter_dx(lambda q, y: q.dout * y), "multiply by 1 - y as well"),
    Mistake("sigmoid.dx-plus", "y (1 + y) is taken for the slope: it is y (1 - y)",
            alter_dx(lambda q, y: q.dout * y * (1 + y)), "the second factor is 1 - y"),
    Mistake("sigmoid.dx-sign", "the gradient has the wrong sign: y (y - 1) is taken for y (1 - y)",
            alter_dx(lambda q, y: -dout_of(q) * y * (1 - y)), "sigmoid rises everywhere: its slope is positive"),
    Mistake("sigmoid.dx-of-tanh", "1 - y*y, tanh's slope, is taken for sigmoid's y (1 - y)",
            alter_dx(lambda q, y: q.dout * (1 - y * y)), "sigmoid's slope is y (1 - y)"),
    Mistake("sigmoid.dx-of-tanh", "half of 1 - y*y, of tanh's slope, is taken for sigmoid's y (1 - y)",
            alter_dx(lambda q, y: q.dout * (1 - y * y) / 2),
            "sigmoid's slope is y (1 - y), in terms of its own output"),
    Mistake("sigmoid.dx-halved", "the slope is halved", alter_dx(lambda q, y: q.dout * y * (1 - y) / 2),
            "sigmoid's slope is y (1 - y)"),
    *(Mistake("sigmoid.dx-parentheses",
              f"{wrong}: parentheses are missing, and dout multiplies one part of the slope only", alter_dx(dx),
              "dout * (y - y*y), or dout * y * (1 - y)") for wrong, dx in WITHOUT_PARENTHESES),
    Mistake("sigmoid.dx-squared", "y (1 - y) is squared, or y enters twice",
            alter_dx(lambda q, y: q.dout * y * y * (1 - y)), "each factor stands there once"),
    Mistake("sigmoid.dout-unused", "the slope is returned, dout is not multiplied",
            alter_dx(lambda q, y: y * (1 - y)), "multiply by dout (chain rule)"),
    Mistake("sigmoid.dx-is-dout", "dout is passed on without the slope", alter_dx(lambda q, y: q.dout),
            "multiply by y (1 - y)"),
    Mistake("sigmoid.truncated", "the numbers are cut to whole ones",
            compute(lambda x: np.trunc(sigmoid(x)), slope_by_y),
            "let the array that the result is written into have a floating-point type"),
]
# fmt: on
