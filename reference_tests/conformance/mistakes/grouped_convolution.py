"""Grouped convolution: the known mistakes, each a change of what a reference answers."""

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import Ask, ask_with
from .filters import list_filter_mistakes
from .windows import list_window_mistakes


def interleave_channels(ask: Ask, q: Question) -> Answer:
    """Give group g every groups-th channel, from g on, not the g-th block of them."""
    n, _, h, w = q["x"].shape
    found = ask(q.but(x=q["x"].reshape(n, -1, q["groups"], h, w).swapaxes(1, 2).reshape(q["x"].shape)))
    if "dx" in found:
        found["dx"] = found["dx"].reshape(n, q["groups"], -1, h, w).swapaxes(1, 2).reshape(q["x"].shape)
    return found


def interleave_filters(q: Question) -> np.ndarray:
    """Give group g every groups-th filter."""
    order = np.arange(len(q["W"])).reshape(-1, q["groups"]).T.ravel()
    return np.asarray(q["W"][order])


def repeat_first_group(q: Question) -> np.ndarray:
    """Give every group the first group's channels."""
    part = q["x"][:, : q["W"].shape[1]]
    return np.broadcast_to(part[:, None], (len(part), q["groups"], *part.shape[1:])).reshape(q["x"].shape)


BLOCKS = "group g takes the g-th block of C/groups channels and the g-th block of FN/groups filters"
# fmt: off
MISTAKES = [
    Mistake("groups.channels-interleaved", "a group takes every groups-th channel, not a block of them",
            interleave_channels, BLOCKS),
    Mistake("groups.filters-interleaved", "a group takes every groups-th filter, not a block of them",
            ask_with(W=interleave_filters), BLOCKS),
    Mistake("groups.first-group-only", "every group sees the first group's channels", ask_with(x=repeat_first_group),
            BLOCKS),
    *list_filter_mistakes("groups"),
    *list_window_mistakes("groups", pooling=False),
]
# fmt: on
