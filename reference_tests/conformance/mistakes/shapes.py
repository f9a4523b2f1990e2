"""conv_output_size: the known mistakes, each a change of what a reference answers."""

from collections.abc import Callable
from math import ceil

import numpy as np

from ..types import Mistake
from .changes import WrongAnswer, ask_with


def compute(formula: Callable[[int, int, int, int], float]) -> WrongAnswer:
    """Take another formula of (input_size, filter_size, stride, pad)."""
    return lambda ask, q: {"out": np.array(formula(*(q[k] for k in q.op.args)))}


def keep_at(pads: Callable[[int], tuple[int, ...]], size: Callable[[int, int], int]) -> Callable[..., float]:
    """Return a formula that takes size(n, stride) where the padding is one of pads(filter)."""
    return lambda n, f, s, p: size(n, s) if p and p in pads(f) else (n + 2 * p - f) // s + 1


def shift_by(by: Callable[[int], int]) -> Callable[..., float]:
    """Return a formula that shifts to the right by by(stride) in place of dividing."""
    return lambda n, f, s, p: ((n + 2 * p - f) >> by(s)) + 1


REFUSE = "refuse a size that does not divide, or divide with //"
WHOLE = "size + 2 pad - filter, divided by the stride, plus 1"
# fmt: off
MISTAKES = [
    Mistake("shapes.fraction", "a size that does not divide is returned as a fraction",
            compute(lambda n, f, s, p: (n + 2 * p - f) / s + 1), REFUSE),
    Mistake("shapes.rounded-up", "a size that does not divide is rounded up",
            compute(lambda n, f, s, p: ceil((n + 2 * p - f) / s) + 1), REFUSE),
    Mistake("shapes.rounded", "a size that does not divide is rounded to the nearest",
            compute(lambda n, f, s, p: round((n + 2 * p - f) / s) + 1), REFUSE),
    Mistake("shapes.rounded", "a size that does not divide is rounded to the nearest",
            compute(lambda n, f, s, p: int((n + 2 * p - f) / s + 0.5) + 1), REFUSE),
    Mistake("shapes.stride-at-most-filter", "the stride is at most the filter",
            compute(lambda n, f, s, p: (n + 2 * p - f) // min(s, f) + 1), WHOLE),
    Mistake("shapes.even-filter", "one is missing where the filter is even and there is padding",
            compute(lambda n, f, s, p: (n + 2 * p - f) // s + 1 - (p > 0 and f % 2 == 0)), WHOLE),
    Mistake("shapes.even-filter", "the filter is taken for an odd one: 2 * (filter // 2) is subtracted",
            compute(lambda n, f, s, p: (n + 2 * p - 2 * (f // 2) - 1) // s + 1), WHOLE),
    Mistake("shapes.same-size", "it is the size over the stride, as for padding that keeps the size",
            compute(lambda n, f, s, p: ceil(n / s)), WHOLE),
    Mistake("shapes.pad-divided-apart", "the padding is divided by the stride apart from the size, and rounded",
            compute(lambda n, f, s, p: (n - f) // s + 2 * p // s + 1), WHOLE),
    Mistake("shapes.pad-divided-apart", "each side's padding is divided by the stride by itself, and rounded",
            compute(lambda n, f, s, p: (n - f) // s + 2 * (p // s) + 1), WHOLE),
    Mistake("shapes.pad-divided-apart", "one side's padding is divided by the stride by itself, and rounded",
            compute(lambda n, f, s, p: (n + p - f) // s + p // s + 1), WHOLE),
    Mistake("shapes.pad-outside", "the padding is added behind the division: the stride does not divide it",
            compute(lambda n, f, s, p: (n - f) // s + 1 + 2 * p), WHOLE),
    Mistake("shapes.divided-in-parts", "size and filter are divided by the stride one by one, and each is rounded",
            compute(lambda n, f, s, p: (n + 2 * p) // s - f // s + 1), WHOLE),
    Mistake("shapes.divided-in-parts", "size, padding and filter are divided by the stride one by one, each rounded",
            compute(lambda n, f, s, p: n // s + 2 * p // s - f // s + 1), WHOLE),
    Mistake("shapes.divided-in-parts", "size and filter are divided one by one as floats: rounding loses a place",
            compute(lambda n, f, s, p: int((n + 2 * p) / s - f / s) + 1), WHOLE),
    Mistake("shapes.divided-in-parts", "size and filter are divided one by one as floats: rounding loses a place",
            compute(lambda n, f, s, p: int((n + 2 * p) / s - f / s + 1)), WHOLE),
    *(Mistake("shapes.divided-in-parts",
              "size, padding and filter are divided one by one as floats: rounding loses a place",
              compute(lambda n, f, s, p, parts=parts, last=last: int(parts(n, f, s, p) + last) + 1 - last),  # type: ignore[misc]
              WHOLE)
      for parts in (lambda n, f, s, p: n / s + 2 * p / s - f / s, lambda n, f, s, p: n / s - f / s + 2 * p / s)
      for last in (1, 0)),
    *(Mistake("shapes.same-shortcut", "padding of half the filter is taken to keep the size, for an even filter too",
              compute(keep_at(pads, half)), "that keeps the size of odd filters only: use the formula")
      for pads in (lambda f: (f // 2,), lambda f: ((f - 1) // 2,), lambda f: (f // 2, (f - 1) // 2))
      for half in (lambda n, s: ceil(n / s), lambda n, s: n // s)),
    *(Mistake("shapes.same-size-floored",
              "where the padding keeps the size it is size // stride: one is missing if the stride does not divide it",
              compute(lambda n, f, s, p, least=least: n // s if f == 2 * p + 1 and p >= least  # type: ignore[misc]
                      else (n + 2 * p - f) // s + 1),
              "there it is (size - 1) // stride + 1, as the formula gives") for least in (0, 1)),
    *(Mistake("shapes.shifted", f"it shifts by {what}: that divides by a power of two, not by the stride",
              compute(shift_by(by)), WHOLE)
      for what, by in (("stride - 1", lambda s: s - 1), ("stride // 2", lambda s: s // 2),
                       ("the stride", lambda s: s))),
    Mistake("shapes.shifted", "where the stride is a power of two it shifts by stride // 2, not by its exponent",
            compute(lambda n, f, s, p: ((n + 2 * p - f) >> s // 2 if s & (s - 1) == 0 else (n + 2 * p - f) // s) + 1),
            WHOLE),
    Mistake("shapes.stride-at-most-two", "every stride over 2 is taken for 2",
            compute(lambda n, f, s, p: (n + 2 * p - f) // min(s, 2) + 1), WHOLE),
    Mistake("shapes.pad-at-most-one", "every padding over 1 is taken for 1",
            compute(lambda n, f, s, p: (n + 2 * min(p, 1) - f) // s + 1), WHOLE),
    Mistake("shapes.pad-less-than-filter", "the padding is less than the filter, however much is asked for",
            compute(lambda n, f, s, p: (n + 2 * min(p, f - 1) - f) // s + 1), WHOLE),
    Mistake("shapes.in-a-byte", "the size is kept in a byte: it counts to 255 only",
            compute(lambda n, f, s, p: ((n + 2 * p - f) // s + 1) % 256), "use Python's whole numbers"),
    Mistake("shapes.in-a-byte", "the input's size is kept in a byte: it counts to 255 only",
            compute(lambda n, f, s, p: ((n % 256) + 2 * p - f) // s + 1), "use Python's whole numbers"),
    Mistake("shapes.in-16-bits", "counts are kept in 16 bits with a sign: from 32768 on they are negative",
            compute(lambda n, f, s, p: ((n + 2 * p - f) // s + 1 + 2**15) % 2**16 - 2**15),
            "use Python's whole numbers"),
    Mistake("shapes.in-16-bits", "counts are kept in 16 bits: from 65536 on they begin again at 0",
            compute(lambda n, f, s, p: ((n + 2 * p - f) % 2**16) // s + 1), "use Python's whole numbers"),
    Mistake("shapes.one-less-with-stride", "one is missing where the stride is over 1",
            compute(lambda n, f, s, p: (n + 2 * p - f) // s + (s == 1)), WHOLE),
    Mistake("shapes.one-short", "the 1 at the end is missing", compute(lambda n, f, s, p: (n + 2 * p - f) // s),
            "a window that takes no step at all has one place already"),
    Mistake("shapes.one-inside", "the 1 is added before the division",
            compute(lambda n, f, s, p: (n + 2 * p - f + 1) // s), "add the 1 after dividing by the stride"),
    Mistake("shapes.pad-once", "the padding is added once, not on both sides",
            compute(lambda n, f, s, p: (n + p - f) // s + 1),
            "both ends of an axis are padded"),
    Mistake("shapes.pad-ignored", "the padding is ignored", ask_with(pad=lambda q: 0), WHOLE),
    Mistake("shapes.pad-ignored", "the padding is ignored where the filter is as wide as its step",
            compute(lambda n, f, s, p: (n + 2 * p * (f != s) - f) // s + 1), WHOLE),
    Mistake("shapes.pad-ignored", "the padding is ignored where the filter is no wider than its step",
            compute(lambda n, f, s, p: (n + 2 * p * (f > s) - f) // s + 1), WHOLE),
    Mistake("shapes.pad-ignored", "the padding is ignored where the filter is narrower than its step",
            compute(lambda n, f, s, p: (n + 2 * p * (f >= s) - f) // s + 1), WHOLE),
    Mistake("shapes.pad-subtracted", "the padding is subtracted", compute(lambda n, f, s, p: (n - 2 * p - f) // s + 1),
            WHOLE),
    Mistake("shapes.stride-ignored", "the stride is ignored", ask_with(stride=lambda q: 1), WHOLE),
    Mistake("shapes.stride-multiplied", "it multiplies by the stride",
            compute(lambda n, f, s, p: (n + 2 * p - f) * s + 1), WHOLE),
    Mistake("shapes.stride-divides-size-only", "only the size is divided by the stride",
            compute(lambda n, f, s, p: (n + 2 * p) // s - f + 1), "subtract the filter before dividing"),
    Mistake("shapes.stride-pad-swapped", "stride and pad are swapped",
            compute(lambda n, f, s, p: (n + 2 * s - f) // p + 1),
            "look at the order of the arguments: stride before pad"),
    Mistake("shapes.filter-ignored", "the size is only divided by the stride",
            compute(lambda n, f, s, p: (n + 2 * p) // s), WHOLE),
    Mistake("shapes.precedence", "only the padding and the filter are divided, for want of a bracket",
            compute(lambda n, f, s, p: n + (2 * p - f) / s + 1), "put the whole numerator in brackets"),
    Mistake("shapes.keeps-size", "the size is kept whatever the filter", compute(lambda n, f, s, p: n), WHOLE),
]
# fmt: on
