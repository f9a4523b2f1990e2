"""Locally connected layer: the known mistakes, each a change of what a reference answers."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import Answer, Question
from ..references import loops
from ..types import Mistake
from .changes import Ask, WrongAnswer, alter, ask_with, dout_of
from .filters import list_filter_mistakes
from .left_out import list_missing_edges
from .windows import AS_IT_CAME, DOUT, STARTS, crop_dx, crop_from_zero, reread_dout


def share_filters(q: Question) -> np.ndarray:
    """Give every place the filters of the first one."""
    return np.broadcast_to(q["W"][:1, :1], q["W"].shape)


def sum_dW(ask: Ask, q: Question) -> Answer:
    """Sum dW over all places, as if the filters were shared."""
    found = ask(q)
    return {k: np.broadcast_to(a.sum((0, 1)), a.shape) if k == "dW" else a for k, a in found.items()}


def one_bias(reduce: Callable[..., np.ndarray]) -> Callable[[Question], np.ndarray]:
    """Return a function that gives every place of a filter one number of its biases."""
    return lambda q: np.broadcast_to(reduce(q["b"], axis=(1, 2), keepdims=True), q["b"].shape)


def spread_back(
    last: bool | None, starts: Callable[[int, Question], int] = lambda i, q: i * q["stride"]
) -> WrongAnswer:
    """Compute dx by laying each place's share down: window i starts at starts(i, question).

    last: where windows overlap, the last (or the first) one written stays. None: they add up.
    """

    def dx(a: Answer, q: Question) -> np.ndarray:
        W, wide = q["W"], loops.padded(np.zeros(q["x"].shape), q["pad"])
        listed = list(np.ndindex(W.shape[:2]))
        for i, j in reversed(listed) if last is False else listed:
            y, z = starts(i, q), starts(j, q)
            window = np.s_[:, :, y : y + W.shape[-2], z : z + W.shape[-1]]
            part = np.tensordot(dout_of(q)[:, :, i, j], W[i, j], 1)
            wide[window] = part if last is not None else wide[window] + part
        return loops.crop(wide, q["pad"])

    return alter(dx=dx)


def step_by_one(ask: Ask, q: Question) -> Answer:
    """Start window (i, j) at row i and column j, whatever the stride."""
    x, W = loops.padded(np.asarray(q["x"], "f8"), q["pad"]), q["W"]
    found: Answer = {"out": np.zeros((len(x), W.shape[2], *W.shape[:2]))}
    for i, j in np.ndindex(W.shape[:2]):
        window = x[:, :, i : i + W.shape[-2], j : j + W.shape[-1]]
        found["out"][:, :, i, j] = np.tensordot(window, W[i, j], ((1, 2, 3), (1, 2, 3))) + q["b"][:, i, j]
    return found


def dW_side_by_side(a: Answer, q: Question) -> np.ndarray:
    """Compute dW of windows that start at (i, j), whatever the stride."""
    x, dW = loops.padded(np.asarray(q["x"], "f8"), q["pad"]), np.zeros(q["W"].shape)
    for i, j in np.ndindex(dW.shape[:2]):
        window = x[:, :, i : i + dW.shape[-2], j : j + dW.shape[-1]]
        dW[i, j] = np.tensordot(dout_of(q)[:, :, i, j], window, (0, 0))
    return dW


SUM_DX = "each input place gets a share from every window that it lies in: add them"
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
    Mistake("local.bias-transposed", "place (i, j) takes the biases of place (j, i)",
            ask_with(b=lambda q: q["b"].swapaxes(1, 2).reshape(q["b"].shape)), "b is (FN, OH, OW)"),
    Mistake("local.one-bias", "a filter has one bias for all places: the mean of its biases",
            ask_with(b=one_bias(np.mean)), "b is (FN, OH, OW)"),
    Mistake("local.one-bias", "a filter has one bias for all places: the sum of its biases",
            ask_with(b=one_bias(np.sum)), "b is (FN, OH, OW)"),
    Mistake("local.stride-ignored", "the stride is ignored: windows stand side by side as with stride 1", step_by_one,
            STARTS),
    *list_filter_mistakes("local"),
    *(Mistake("local.dx-overwrites", "in dx overlapping windows overwrite each other", spread_back(last), SUM_DX)
      for last in (True, False)),
    Mistake("local.dx-stride-ignored", "dx puts windows back side by side, as with stride 1",
            spread_back(None, lambda i, q: i), DOUT),
    Mistake("local.dW-stride-ignored", "dW takes windows side by side, as with stride 1", alter(dW=dW_side_by_side),
            STARTS),
    *list_missing_edges("local"),
    Mistake("local.channels-reversed", "the channels of x are read in the reverse order",
            ask_with(x=lambda q: q["x"][:, ::-1]), OWN),
    Mistake("local.dout-channels-reversed", "dout's channels are read in the reverse order",
            reread_dout(1), AS_IT_CAME),
    Mistake("local.dx-not-cropped", "dx keeps the padding", crop_dx(lambda a, q: a),
            "cut the padding off dx on every side"),
    Mistake("local.dx-crop-from-zero", "dx is cut from 0 to H: the padding above and to the left stays",
            crop_dx(crop_from_zero), "cut dx out from pad to pad + H"),
    Mistake("local.dW-summed", "dW is summed over all places, as for shared filters", sum_dW, OWN),
    Mistake("local.db-summed", "db is summed over the places",
            lambda ask, q: {k: np.broadcast_to(a.sum((1, 2), keepdims=True), a.shape) if k == "db" else a
                            for k, a in ask(q).items()}, "every place has biases of its own"),
    Mistake("local.db-summed", "db is summed over the places",
            lambda ask, q: {k: a.sum((1, 2)) if k == "db" else a for k, a in ask(q).items()}, "db has b's shape"),
]
# fmt: on
