"""Locally connected layer: the known mistakes, each a change of what a reference answers."""

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import Ask, ask_with
from .filters import list_filter_mistakes


def share_filters(q: Question) -> np.ndarray:
    """Give every place the filters of the first one."""
    return np.broadcast_to(q["W"][:1, :1], q["W"].shape)


def sum_dW(ask: Ask, q: Question) -> Answer:
    """Sum dW over all places, as if the filters were shared."""
    found = ask(q)
    return {k: np.broadcast_to(a.sum((0, 1)), a.shape) if k == "dW" else a for k, a in found.items()}


OWN = "place (i, j) has filters of its own, W[i, j]"
# fmt: off
MISTAKES = [
    Mistake("local.shared", "every place takes the filters of the first one: a convolution", ask_with(W=share_filters),
            OWN),
    Mistake("local.places-transposed", "place (i, j) takes the filters of place (j, i)",
            ask_with(W=lambda q: q["W"].swapaxes(0, 1).reshape(q["W"].shape)), OWN),
    Mistake("local.places-reversed", "the filters of the places are taken from the end",
            ask_with(W=lambda q: q["W"][::-1, ::-1]), OWN),
    Mistake("local.bias-shared", "every place takes the biases of the first one",
            ask_with(b=lambda q: np.broadcast_to(q["b"][:, :1, :1], q["b"].shape)), "b is (FN, OH, OW)"),
    *list_filter_mistakes("local"),
    Mistake("local.dW-summed", "dW is summed over all places, as for shared filters", sum_dW, OWN),
    Mistake("local.db-summed", "db is summed over the places",
            lambda ask, q: {k: a.sum((1, 2)) if k == "db" else a for k, a in ask(q).items()}, "db has b's shape"),
]
# fmt: on
