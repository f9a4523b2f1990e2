"""Softmax with loss: the labels' places in the batch, counted in integers of too few bits."""

from collections.abc import Iterator

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import Ask, WrongAnswer
from .small_integers import KINDS, WIDER
from .softmax_parts import GUARD, labels, softmax

FROM_LABELS = "make integers of 64 bits out of the labels first, or index with two arrays"
ANSWERS = (("out", "dx"), ("out",), ("dx",))


def keep_places(kind: str, *names: str) -> WrongAnswer:
    """Keep the labels' places, counted through the batch, in such integers, for these answers."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        y = softmax(q["x"])
        right = np.arange(len(y)) * y.shape[1] + labels(q)
        at = right.astype(kind).astype(int)
        if np.array_equal(at, right):
            return None
        dx = y.ravel().copy()
        dx[at] -= 1
        kept = {"out": np.asarray(-np.log(y.ravel()[at] + GUARD).mean()), "dx": dx.reshape(y.shape) / len(y)}
        return {k: kept[k] if k in names else a for k, a in ask(q).items()}

    return answer


def wrap_places(ask: Ask, q: Question) -> Answer | None:
    """Work out place t * N + n in bytes, as the labels are."""
    if q["t"].dtype != np.uint8 or q["t"].ndim == 2:
        return None
    n = len(q["t"])
    places = q["t"].astype(int) * n % 256 + np.arange(n)
    return ask(q) | {"out": np.asarray(-np.log(softmax(q["x"]).T.ravel()[places] + GUARD).mean())}


def keep_places_like_labels(*names: str) -> WrongAnswer:
    """Work out place n * K + t in the type of the labels, if it is one of few bits."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        few = q["t"].ndim == 1 and q["t"].dtype.itemsize < 4
        return keep_places(q["t"].dtype.name, *names)(ask, q) if few else None

    return answer


def list_label_places() -> Iterator[Mistake]:
    """Yield the mistakes: of places that are worked out like the labels, and of places that are kept in few bits."""
    code, where = "loss.places-in-a-byte", "are worked out in"
    yield Mistake(code, f"the places of the labels {where} bytes, as the labels are: they go round", wrap_places,
                  FROM_LABELS)  # fmt: skip
    for names in ANSWERS:
        text = f"the places of the labels, n * K + t, {where} the labels' own type, of few bits: they go round"
        text = f"dx: {text}" if names == ("dx",) else text
        yield Mistake(code, text, keep_places_like_labels(*names), FROM_LABELS, alone=True)
    for kind in KINDS:
        for names in ANSWERS:
            yield Mistake(f"loss.places-{kind.code}", f"places in the batch are kept in {kind.said}",
                          keep_places(kind.name, *names), WIDER, alone=True)  # fmt: skip
