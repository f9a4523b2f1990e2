"""Depthwise convolution: the known mistakes, each a change of what a reference answers."""

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import Ask, ask_with
from .filters import list_filter_mistakes
from .windows import list_window_mistakes


def interleave_filters(ask: Ask, q: Question) -> Answer:
    """Let filter f see channel f % C: sort the filters by that, and put the answers back in their order."""
    order = np.arange(len(q["W"])).reshape(-1, q["x"].shape[1]).T.ravel()
    dout = None if q.dout is None else q.dout[:, order]
    found, back = ask(q.but(W=q["W"][order], b=q["b"][order], dout=dout)), np.argsort(order)
    return {k: a if k == "dx" else a[:, back] if k == "out" else a[back] for k, a in found.items()}


# fmt: off
MISTAKES = [
    Mistake("depthwise.channels-summed", "every filter sees the sum of all channels",
            ask_with(x=lambda q: np.broadcast_to(q["x"].sum(1, keepdims=True), q["x"].shape)),
            "filter f sees one channel"),
    Mistake("depthwise.first-channel-only", "every filter sees the first channel",
            ask_with(x=lambda q: np.broadcast_to(q["x"][:, :1], q["x"].shape)), "filter f sees channel f // M"),
    Mistake("depthwise.filters-interleaved", "filter f sees channel f % C, not f // M", interleave_filters,
            "the first M filters belong to the first channel"),
    *list_filter_mistakes("depthwise"),
    *list_window_mistakes("depthwise", pooling=False),
]
# fmt: on
