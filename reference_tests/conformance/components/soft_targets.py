"""Probabilities as t (N, K): the gradient belongs to the loss, of the two that there are."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from ...subject.protocol import Answer, Plan, Question, Trace
from ..compare import compare_one
from ..mistakes.softmax_parts import GUARD, log_softmax, softmax
from ..types import Problem, RightAnswer, Shape

Right = dict[str, RightAnswer]


def draw_probabilities(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    """Draw rows of K different probabilities, each in an order of its own. The largest is far from the others."""
    shares = np.append(np.arange(1.0, shape[1]), shape[1] + 2.0)
    return rng.permuted(np.tile(shares / shares.sum(), (shape[0], 1)), axis=1)


def require_own_loss(
    loss: str,
    code: str,
    scores: Callable[[Question], np.ndarray],
    gradients: Callable[[Question, np.ndarray], Answer],
    allowed: Callable[[Question, Answer, float], Answer],
) -> Callable[[Plan, Trace], Problem | None]:
    """Return the rule that t of probabilities has a loss and its gradients, of a layer or of a network.

    The loss is exact, or that of the largest probability alone, as the book's is. The gradient of the exact loss goes
    with both, since the book's own code has it; that of the largest goes with the loss of the largest only.
    loss: its name in an answer. code: of the mistake, the gradient of the largest under the exact loss. scores: what
    softmax is taken of. gradients: from the gradient of the scores.
    """

    def rule(plan: Plan, trace: Trace) -> Problem | None:
        q = next(iter(plan.expect.values()))[0]
        exact, largest = list_right(
            q, scores(q), lambda d: gradients(q, d), loss, lambda want: allowed(q, want, plan.eps)
        )
        is_exact, is_largest = (differs(plan, trace, right, loss, True) for right in (exact, largest))
        if is_exact and is_largest:
            return is_exact
        wrong, taken = (differs(plan, trace, right, loss, False) for right in (exact, largest))
        if wrong and not taken:
            return replace(wrong, code=code) if is_largest else None
        return wrong

    return rule


def differs(plan: Plan, trace: Trace, right: Right, loss: str, of_loss: bool) -> Problem | None:
    """Return what differs first: the loss, or something else."""
    asked = [(r, what) for r, (_, what) in plan.expect.items() if (what == loss) == of_loss]
    return next((p for r, what in asked if (p := compare_one(r, trace.results[r], *right[what]))), None)


def list_right(
    q: Question,
    scores: np.ndarray,
    gradients: Callable[[np.ndarray], Answer],
    loss: str,
    allowed: Callable[[Answer], Answer],
) -> Iterator[Right]:
    """Yield what is right by the probabilities as they are, and by the largest of each row alone."""
    t = q["t"]
    logs, y = log_softmax(scores), softmax(scores)
    for target in (t, np.eye(t.shape[1])[t.argmax(axis=1)]):
        exact, guarded = (-(target * some).sum(axis=1).mean() for some in (logs, np.log(y + GUARD)))
        want = {**gradients((y - target) / len(t)), loss: np.asarray(exact)}
        bound = allowed(want)
        bound[loss] = bound[loss] + exact - guarded  # 1e-7 may be added inside the log
        yield {what: RightAnswer(want[what], bound[what]) for what in bound if what in want}
