"""Probabilities as t (N, K): the gradient belongs to the loss, of the two that there are."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

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


@dataclass(frozen=True)
class Pair:
    """A loss and its gradients, of a layer or of a network. As a rule it judges what t of probabilities gives.

    The loss is exact, or that of the largest probability alone, as the book's is. The gradient of the exact loss goes
    with both, since the book's own code has it; that of the largest goes with the loss of the largest only.
    """

    loss: str  # its name in an answer
    code: str  # of the mistake: the gradient of the largest under the exact loss
    scores: Callable[[Question], np.ndarray]  # what softmax is taken of
    gradients: Callable[[Question, np.ndarray], Answer]  # from the gradient of the scores
    allowed: Callable[[Question, Answer, float], Answer]

    def __call__(self, plan: Plan, trace: Trace) -> Problem | None:
        """Return what is wrong with a loss and its gradients."""
        exact, largest = self.right_by(next(iter(plan.expect.values()))[0], plan.eps)
        is_exact, is_largest = (self.differs(plan, trace, right, True) for right in (exact, largest))
        if is_exact and is_largest:
            return is_exact
        wrong, taken = (self.differs(plan, trace, right, False) for right in (exact, largest))
        if wrong and not taken:
            return replace(wrong, code=self.code) if is_largest else None
        return wrong

    def differs(self, plan: Plan, trace: Trace, right: Right, of_loss: bool) -> Problem | None:
        """Return what differs first: the loss, or something else."""
        asked = [(r, what) for r, (_, what) in plan.expect.items() if (what == self.loss) == of_loss]
        return next((p for r, what in asked if (p := compare_one(r, trace.results[r], *right[what]))), None)

    def right_by(self, q: Question, eps: float) -> Iterator[Right]:
        """Yield what is right by the probabilities as they are, and by the largest of each row alone."""
        scores, t = self.scores(q), q["t"]
        logs, y = log_softmax(scores), softmax(scores)
        for target in (t, np.eye(t.shape[1])[t.argmax(axis=1)]):
            exact, guarded = (-(target * some).sum(axis=1).mean() for some in (logs, np.log(y + GUARD)))
            want = {**self.gradients(q, (y - target) / len(t)), self.loss: np.asarray(exact)}
            bound = self.allowed(q, want, eps)
            bound[self.loss] = bound[self.loss] + exact - guarded  # 1e-7 may be added inside the log
            yield {what: RightAnswer(want[what], bound[what]) for what in bound if what in want}
