"""Memorized answers: a subject that is right for every public question and answers zeros to any other.

These are no mutants: no public check can fail. Only generated numbers expose them.
"""

from typing import Any

import numpy as np

from ..conformance.contract import all_checks, layer
from ..corpus.mutants import base, executed


def learn_by_heart(component: str) -> dict[str, Any]:
    """Return the plain edition's names; the component's own name answers only the inputs of the public checks."""
    names, op = executed(base(), f"<memorized {component}>"), layer(component).OP
    plans = [check.scenario.plan(check.case, check.part) for check in all_checks([component])]
    known = {mark(a) for plan in plans for a in plan.given.values()}
    known |= {mark(step[3]) for plan in plans for step in plan.program if op.make is None}
    right = names[op.name]
    if op.make is None:
        names[op.name] = lambda first, *more: learned(
            first if np.ndim(first) else [first, *more], known, right(first, *more)
        )
    else:
        uses = ("predict", "loss", "accuracy", "gradient") if component == "simple_conv_net" else ("forward",)
        learned_methods = {use: method(getattr(right, use), known) for use in uses}
        if hasattr(right, "backward"):
            learned_methods["backward"] = backward_of(right, known)
        names[op.name] = type(op.name, (right,), learned_methods)
    return names


def mark(asked: Any) -> bytes:
    """Return a key of the shape and the values of an input; its dtype and its memory layout do not count."""
    if isinstance(asked, list) and any(isinstance(one, str) for one in asked):
        return b"names"
    a = np.asarray(asked, "f8")
    return repr(a.shape).encode() + a.tobytes()


def method(right: Any, known: set[bytes]) -> Any:
    """Wrap a method so that it is right for known inputs only."""

    def answer(self, x, *more, **named):
        self.x_known = mark(x) in known
        return learned(x, known, right(self, x, *more, **named))

    return answer


def backward_of(right: Any, known: set[bytes]) -> Any:
    """Return the backward that is right where the dout is known, and gives zeros elsewhere, for the parameters too."""

    def backward(self, dout=1, *more):
        answer, was = right.backward(self, dout, *more), getattr(self, "x_known", True)
        if was and (np.ndim(dout) == 0 or mark(dout) in known):
            return answer
        for name, value in list(vars(self).items()):
            if name in ("dW", "db", "dgamma", "dbeta"):
                setattr(self, name, 0 * value)
        return tuple(0 * a for a in answer) if isinstance(answer, tuple) else 0 * answer

    return backward


def learned(asked: Any, known: set[bytes], right: Any) -> Any:
    """Return the right answer to a known input, else zeros of the same shapes."""
    if mark(asked) in known:
        return right
    return {k: 0 * a for k, a in right.items()} if isinstance(right, dict) else 0 * right
