"""Local response normalization of one pixel, forward and backward, in fractions or in 50-digit arithmetic."""

from collections.abc import Callable
from fractions import Fraction
from math import isqrt
from typing import Any

from golden import filled

DIGITS, WORKING_DIGITS = 50, 70
MISSING = "mpmath is needed to work golden/lrn.json out again: python -m pip install 'convcheck[dev]'"


def recomputed(document: dict[str, Any]) -> dict[str, Any]:
    """The same document with every result worked out again. Raises ImportError (one sentence) without mpmath."""
    return {**document, "rows": [filled(row, WORK[row["work"]](row)) for row in document["rows"]]}


def _in_fractions(row: dict[str, Any]) -> dict[str, list[str]]:
    s, y, dx = _lrn(row, Fraction, _exact_power)
    return {"s": [str(v) for v in s], "y": [str(v) for v in y], "dx": [str(v) for v in dx]}


def _in_50_digits(row: dict[str, Any]) -> dict[str, list[str]]:
    try:
        import mpmath
    except ImportError as error:
        raise ImportError(MISSING) from error

    def number(value: int | str) -> Any:
        fraction = Fraction(value)
        return mpmath.mpf(fraction.numerator) / fraction.denominator

    def written(values: list[Any]) -> list[str]:
        return [mpmath.nstr(value, DIGITS, strip_zeros=False) for value in values]

    with mpmath.workdps(WORKING_DIGITS):
        _, y, dx = _lrn(row, number, mpmath.power)
        return {"y": written(y), "dx": written(dx)}


WORK = {"fractions": _in_fractions, "50 digits": _in_50_digits}


Number = Callable[[int | str], Any]
Power = Callable[[Any, Any], Any]


def _lrn(row: dict[str, Any], number: Number, power: Power) -> tuple[list[Any], list[Any], list[Any]]:
    """(s, y, dx) of one pixel:  y_i = x_i s_i^-beta,  dx_j = sum_i dout_i dy_i/dx_j  by the product and chain rules."""
    k, alpha, beta = number(row["k"]), number(row["alpha"]), number(row["beta"])
    x, dout = [number(v) for v in row["x"]], [number(v) for v in row["dout"]]
    windows = [_window(i, len(x), row["n"], row["window"]) for i in range(len(x))]
    s = [k + alpha * sum(x[j] * x[j] for j in window) for window in windows]
    y = [x[i] * power(s[i], -beta) for i in range(len(x))]
    dx = [dout[j] * power(s[j], -beta) for j in range(len(x))]
    for i, window in enumerate(windows):
        for j in window:
            dx[j] -= dout[i] * x[i] * beta * power(s[i], -beta - 1) * 2 * alpha * x[j]
    return s, y, dx


def _window(i: int, channels: int, n: int, kind: str) -> range:
    """The channels summed for channel i, cut at both ends. For odd n both kinds are one."""
    after = {"formula": n // 2, "torch": (n - 1) // 2}[kind]
    return range(max(0, i - n // 2), min(channels - 1, i + after) + 1)


def _exact_power(base: Fraction, exponent: Fraction) -> Fraction:
    """base**exponent where that is a fraction; ValueError where it is not."""
    root = Fraction(_root(base.numerator, exponent.denominator), _root(base.denominator, exponent.denominator))
    return root**exponent.numerator


def _root(value: int, degree: int) -> int:
    """The whole root of degree 1, 2 or 4."""
    root = value
    for _ in range({1: 0, 2: 1, 4: 2}.get(degree, 0)):
        root = isqrt(root)
    if root**degree != value:
        raise ValueError(f"{value} has no whole root of degree {degree}: not a row for fractions")
    return root
