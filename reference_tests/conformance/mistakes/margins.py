"""Transposed convolution as a correlation of x with zeros between its pixels: mistakes of the margin round it."""

from collections.abc import Callable, Iterator

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import Ask, WrongAnswer

Margins = Callable[[int, int, int], tuple[int, int]]  # (FH, FW, pad) -> above and below; left and right
NEVER_CUT = ("FH and FW are swapped in the margin", "the margin is one too narrow: FH - 2 - pad, FW - 2 - pad")
MARGIN = "put FH - 1 - pad rows above and below, and FW - 1 - pad columns left and right"
WRONG: tuple[tuple[str, str, Margins], ...] = (
    ("margin-of-other-side", "the margin left and right is worked out with FH, where FW belongs",
     lambda h, w, p: (h - 1 - p, h - 1 - p)),
    ("margin-of-other-side", "the margin above and below is worked out with FW, where FH belongs",
     lambda h, w, p: (w - 1 - p, w - 1 - p)),
    ("margin-of-other-side", "FH and FW are swapped in the margin", lambda h, w, p: (w - 1 - p, h - 1 - p)),
    ("margin-is-pad", "the margin is pad, as in a convolution", lambda h, w, p: (p, p)),
    ("margin-one-off", "the margin is one too wide: FH - pad, FW - pad", lambda h, w, p: (h - p, w - p)),
    ("margin-one-off", "the margin is one too narrow: FH - 2 - pad, FW - 2 - pad",
     lambda h, w, p: (h - 2 - p, w - 2 - p)),
    ("margin-is-half", "the margin is half the window", lambda h, w, p: (h // 2, w // 2)),
    ("margin-without-less", "the margin is FH + pad - 1 and FW + pad - 1: pad is added, not taken off",
     lambda h, w, p: (h - 1 + p, w - 1 + p)),
    ("margin-not-below-0", "where pad is over FH - 1, the margin, FH - 1 - pad, is taken for 0: too little is cut off",
     lambda h, w, p: (max(h - 1 - p, 0), max(w - 1 - p, 0))),
)  # fmt: skip


def correlate(margins: Margins, cut: bool) -> WrongAnswer:
    """Correlate x, with zeros between its pixels and margins of other widths. cut: to the right size, from the start.

    ValueError where nothing comes out, or less than the right size.
    """

    def answer(ask: Ask, q: Question) -> Answer:
        wide = ask(q.but(pad=0, b=np.zeros_like(q["b"]), dout=None))["out"]
        right, (h, w) = ask(q.but(dout=None))["out"].shape, q["W"].shape[2:]
        for axis, (side, margin) in enumerate(zip((h, w), margins(h, w, q["pad"])), 2):
            lost = side - 1 - margin  # rows or columns of the whole output that are not there, on either side
            size = right[axis] if cut else wide.shape[axis] - 2 * lost
            if size < 1 or size > wide.shape[axis] - 2 * lost:
                raise ValueError("so many windows do not fit")
            around = [(max(-lost, 0), max(-lost, 0)) if i == axis else (0, 0) for i in range(4)]
            wide = np.pad(wide, around).take(np.arange(size) + max(lost, 0), axis)
        return {"out": wide + q["b"][:, None, None]}

    return answer


def list_margins(prefix: str) -> Iterator[Mistake]:
    """Yield the mistakes: the output as large as the margin makes it, or, where it can be so large, as it should be."""
    for code, text, margins in WRONG:
        for cut in (False,) if text in NEVER_CUT else (False, True):  # never large enough where it is wrong
            yield Mistake(f"{prefix}.{code}", text, correlate(margins, cut), MARGIN, alone=True)
