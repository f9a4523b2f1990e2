"""Locally connected layer (a convolution whose filters are not shared): all that is known of it."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import Answer, Op, Question
from ..inputs import Geometry, fitting, pixels, tiny, whole
from ..mistakes.changes import Ask, given
from ..mistakes.filters import of_filters
from ..tolerance import products
from ..types import Case, Mistake

OP = Op(
    "locally_connected",
    "LocallyConnected",
    "DeepFace, 3",
    args=("x",),
    make=("W", "b", "stride", "pad"),
    grads={"dx": "backward()", "dW": "dW", "db": "db"},
)
Shape = tuple[int, ...]


def local(why: str, x: Shape, filters: int, window: tuple[int, int], stride: int = 1, pad: int = 0, **more) -> Case:
    places = [(size + 2 * pad - f) // stride + 1 for size, f in zip(x[2:], window)]
    shapes = {"x": x, "W": (*places, filters, x[1], *window), "b": (filters, *places)}
    return Case(OP, why, shapes, {"stride": stride, "pad": pad}, **more)


# fmt: off
CASES = [
    #     the mistake it catches                x (N,C,H,W)    FN  window
    local("one filter for all places",          (2, 3, 5, 6),  4, (2, 3)),
    local("rows and columns swapped",           (2, 2, 4, 6),  3, (3, 1)),
    local("square image",                       (2, 3, 4, 4),  2, (2, 2)),
    local("stride forgotten",                   (3, 2, 7, 5),  2, (3, 1), stride=2),
    local("windows leave gaps",                 (2, 2, 4, 7),  3, (1, 1), stride=3),
    local("as many filters as places",          (2, 3, 4, 3),  3, (2, 1)),
    local("one filter of one channel",          (3, 1, 4, 5),  1, (2, 2)),
    local("window as large as the image",       (3, 2, 3, 4),  4, (3, 4)),
    local("batch worked in pieces of four",     (7, 1, 3, 4),  2, (2, 3)),
    local("images of 0 to 255",                 (2, 2, 4, 3),  3, (3, 2), draw=pixels),
    local("numbers of a ten thousandth",        (2, 3, 3, 4),  2, (2, 3), draw=tiny),
    local("integer images",                     (2, 2, 4, 5),  3, (3, 2), draw=whole, refuse="may"),
    local("one image",                          (1, 3, 5, 4),  2, (2, 3), level="edge"),
    local("padding of one",                     (2, 2, 4, 5),  3, (3, 2), pad=1, level="edge"),
    local("stride and padding swapped",         (2, 2, 7, 5),  3, (3, 5), stride=2, pad=1, level="edge"),
]
# fmt: on


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    _, _, fn, c, fh, fw = q["W"].shape
    n = max(len(q["x"]), 1)
    return products(q, {"out": c * fh * fw + 1, "dx": fn * fh * fw, "dW": n, "db": n}, eps)


def of(why: str, g: Geometry) -> Case:
    return local(why, (g["N"], g["C"], g["H"], g["W"]), g["FN"], (g["FH"], g["FW"]), g["stride"], g["pad"])


def drawn(pick: Callable[[int, int], int]) -> Case:
    return of("drawn", fitting(pick, filters=True))


def shared(q: Question) -> np.ndarray:
    return np.broadcast_to(q["W"][:1, :1], q["W"].shape)


def summed(ask: Ask, q: Question) -> Answer:
    """Gradients as if the filters were shared: each place's dW is the sum over all places."""
    found = ask(q)
    return {k: np.broadcast_to(a.sum((0, 1)), a.shape) if k == "dW" else a for k, a in found.items()}


OWN = "place (i, j) has filters of its own, W[i, j]"
# fmt: off
MISTAKES = [
    Mistake("local.shared", "every place takes the filters of the first one: a convolution", given(W=shared), OWN),
    Mistake("local.places-transposed", "place (i, j) takes the filters of place (j, i)",
            given(W=lambda q: q["W"].swapaxes(0, 1).reshape(q["W"].shape)), OWN),
    Mistake("local.places-reversed", "the filters of the places are taken from the end",
            given(W=lambda q: q["W"][::-1, ::-1]), OWN),
    Mistake("local.bias-shared", "every place takes the biases of the first one",
            given(b=lambda q: np.broadcast_to(q["b"][:, :1, :1], q["b"].shape)), "b is (FN, OH, OW)"),
    *of_filters("local"),
    Mistake("local.dW-summed", "dW is summed over all places, as for shared filters", summed, OWN),
    Mistake("local.db-summed", "db is summed over the places",
            lambda ask, q: {k: a.sum((1, 2)) if k == "db" else a for k, a in ask(q).items()}, "db has b's shape"),
]
# fmt: on
