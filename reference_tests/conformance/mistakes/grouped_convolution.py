"""Grouped convolution: the known mistakes, each a change of what a reference answers."""

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import Ask, given
from .filters import of_filters
from .windows import of_windows


def shuffled(ask: Ask, q: Question) -> Answer | None:
    """Group g takes every groups-th channel, from g on, not the g-th block of them."""
    n, _, h, w = q["x"].shape
    found = ask(q.but(x=q["x"].reshape(n, -1, q["groups"], h, w).swapaxes(1, 2).reshape(q["x"].shape)))
    if "dx" in found:
        found["dx"] = found["dx"].reshape(n, q["groups"], -1, h, w).swapaxes(1, 2).reshape(q["x"].shape)
    return found


def filters_shuffled(q: Question) -> np.ndarray:
    order = np.arange(len(q["W"])).reshape(-1, q["groups"]).T.ravel()
    return q["W"][order]


def first_group(q: Question) -> np.ndarray:
    part = q["x"][:, : q["W"].shape[1]]
    return np.broadcast_to(part[:, None], (len(part), q["groups"], *part.shape[1:])).reshape(q["x"].shape)


BLOCKS = "group g takes the g-th block of C/groups channels and the g-th block of FN/groups filters"
# fmt: off
MISTAKES = [
    Mistake("groups.channels-interleaved", "a group takes every groups-th channel, not a block of them", shuffled,
            BLOCKS),
    Mistake("groups.filters-interleaved", "a group takes every groups-th filter, not a block of them",
            given(W=filters_shuffled), BLOCKS),
    Mistake("groups.first-group-only", "every group sees the first group's channels", given(x=first_group), BLOCKS),
    *of_filters("groups"),
    *of_windows("groups", pooling=False),
]
# fmt: on
