"""Pooling by im2col: mistakes of the order in which a row's numbers, (C, window), are read."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ...subject.protocol import Answer, Question
from ..references.loops import padded
from ..types import Mistake
from .changes import Ask, WrongAnswer
from .windows import window_size

Reduce = Callable[..., np.ndarray]


def read_columns(reduce: Reduce, fill: float) -> WrongAnswer:
    """Read each row's numbers as (window, C), where they lie as (C, window), and reduce each channel's."""

    def answer(ask: Ask, q: Question) -> Answer:
        s, wide = q["stride"], padded(np.asarray(q["x"], "f8"), q["pad"], fill)
        views = sliding_window_view(wide, window_size(q), (2, 3))[:, :, ::s, ::s]
        n, c, oh, ow, h, w = views.shape
        rows = views.transpose(0, 2, 3, 1, 4, 5).reshape(n, oh, ow, h * w, c)
        return {"out": reduce(rows, axis=3).transpose(0, 3, 1, 2)}

    return answer


def list_column_orders(prefix: str, reduce: Reduce, fill: float = 0.0) -> Iterator[Mistake]:
    """Yield the mistake of a layer. reduce: what becomes of a window; fill: the padding's value."""
    text = "a row of im2col is read as (window, C), but lies as (C, window): channels are mixed"
    repair = "reshape it to (N*OH*OW*C, pool_h*pool_w), or to (N, OH, OW, C, pool_h*pool_w)"
    yield Mistake(f"{prefix}.columns-order", text, read_columns(reduce, fill), repair, alone=True)
