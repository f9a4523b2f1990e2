"""The formula of softmax with loss in parts, from which its mistakes and its tolerance are made."""

from collections.abc import Callable, Iterator

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import Ask, WrongAnswer

GUARD = 1e-7  # what the book adds inside the log


def labels(q: Question) -> np.ndarray:
    """Return t as numbers of classes (N,)."""
    return np.asarray(q["t"].argmax(1) if q["t"].ndim == 2 else q["t"])


def onehot(q: Question) -> np.ndarray:
    """Return t as rows (N, K) of one 1."""
    return np.asarray(np.eye(q["x"].shape[1])[labels(q)])


def softmax(x: np.ndarray, axis: int = 1) -> np.ndarray:
    """Return softmax along an axis, without overflow."""
    e = np.exp(x - x.max(axis, keepdims=True))
    return np.asarray(e / e.sum(axis, keepdims=True))


def log_softmax(x: np.ndarray) -> np.ndarray:
    """Return log(softmax(x)) along axis 1, without overflow."""
    return np.asarray(np.log(softmax(x)) if not x.size else x - x.max(1, keepdims=True) - np.log(sum_exponentials(x)))


def sum_exponentials(x: np.ndarray) -> np.ndarray:
    """Return each row's sum of exp(x - max x), (N, 1)."""
    return np.asarray(np.exp(x - x.max(1, keepdims=True)).sum(1, keepdims=True))


def at_labels(q: Question, a: np.ndarray) -> np.ndarray:
    """Pick each row's number at its label: (N, K) to (N,)."""
    return np.asarray(a[np.arange(len(a)), labels(q)])


def freedom_of_guard(q: Question, scores: np.ndarray) -> tuple[np.ndarray, float]:
    """Return each image's exact loss of its scores, and by how much 1e-7 inside the log makes their mean smaller."""
    exact = -at_labels(q, log_softmax(scores))
    return exact, float(np.mean(exact + np.log(np.exp(-exact) + GUARD)))


def losses(q: Question, y: np.ndarray, guard: float = GUARD) -> np.ndarray:
    """Return each image's loss of the probabilities y, as the book computes it; guard: what is added inside the log."""
    return np.asarray(-np.log(at_labels(q, y) + guard))


def exact_losses(q: Question, y: np.ndarray) -> np.ndarray:
    """Return each image's loss of the probabilities y, with nothing added inside the log."""
    return losses(q, y, 0.0)


def misread_labels(change: Callable[[Question], np.ndarray], guarded: bool) -> WrongAnswer:
    """Take other labels, for the loss and for the gradient. guarded: 1e-7 is added inside the log."""

    def answer(ask: Ask, q: Question) -> Answer:
        other = q.but(t=change(q))
        found = ask(other)
        return found | {"out": cross_entropy(other, softmax(q["x"]))} if guarded else found

    return answer


def list_misread(code: str, text: str, change: Callable[[Question], np.ndarray], repair: str) -> Iterator[Mistake]:
    """Yield a mistake of the labels, without 1e-7 inside the log and with it."""
    for guarded in (False, True):
        yield Mistake(code, text, misread_labels(change, guarded), repair)


def cross_entropy(q: Question, y: np.ndarray) -> np.ndarray:
    """Return the mean loss of the probabilities y."""
    return np.asarray(losses(q, y).mean())


def summed_gradient(q: Question, y: np.ndarray) -> np.ndarray:
    """Return the gradient y - t of the summed loss."""
    return np.asarray((y - onehot(q)).astype("f8"))
