"""The mistakes of order that a convolution makes in each group of a grouped or depthwise one by itself."""

from collections.abc import Iterator

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import Ask
from .convolution import MISTAKES

CODES = (
    *("W-not-transposed", "columns-order", "filters-channels-swapped", "no-transpose", "sides-swapped"),
    *("dW-no-transpose", "dx-W-reshaped", "dx-columns-order", "dW-images-last", "dx-images-last"),
    *("dout-no-transpose", "dout-order"),
)
OF_CHANNELS = ("columns-order", "filters-channels-swapped", "dx-columns-order")  # right with one channel in a group


def list_in_groups(prefix: str, one_channel: bool = False) -> Iterator[Mistake]:
    """Yield them under the prefix of the layer with groups. one_channel: each group has one channel."""
    for m in MISTAKES:
        code = m.code.partition(".")[2]
        if code in CODES and not (one_channel and code in OF_CHANNELS):
            yield in_each_group(m, f"{prefix}.{code}")


def in_each_group(m: Mistake, code: str) -> Mistake:
    """Make a convolution's mistake in each group of a grouped or depthwise convolution by itself."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        found = [m.answer(ask, part) for part in split_groups(q)]
        given = [a for a in found if a is not None]
        if len(given) < len(found):
            return None
        names = [k for k in given[0] if all(k in a for a in given)]
        return {k: np.concatenate([a[k] for a in given], 1 if k in ("out", "dx") else 0) for k in names}

    return Mistake(code, m.text, answer, m.repair, alone=True)


def split_groups(q: Question) -> list[Question]:
    """Split a question into one for each group, with a single group in it."""
    n = q["x"].shape[1] // q["W"].shape[1]
    douts = [None] * n if q.dout is None else np.split(q.dout, n, 1)
    alone = {"groups": 1} if "groups" in q.params else {}
    parts = zip(np.split(q["x"], n, 1), np.split(q["W"], n), np.split(q["b"], n), douts)
    return [q.but(x=x, W=W, b=b, dout=dout, **alone) for x, W, b, dout in parts]
