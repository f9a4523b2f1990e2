"""Answers learned by heart: right for every public question, nothing for any other. Only fresh numbers tell.

No patches of the base, and not among the mutants: nothing of what a public check sees is wrong.
"""

from typing import Any

import numpy as np

from ..conformance.contract import all_checks, layer
from ..corpus.mutants import base, executed


def learn_by_heart(component: str) -> dict[str, Any]:
    """The base's names, with the component's own made to know what the public checks hand in."""
    names, op = executed(base(), f"<by heart {component}>"), layer(component).OP
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
        names[op.name] = type(op.name, (right,), {use: method(getattr(right, use), known) for use in uses})
    return names


def mark(asked: Any) -> bytes:
    """The numbers alone: not their type, nor how they lie in memory."""
    if isinstance(asked, list) and any(isinstance(one, str) for one in asked):
        return b"names"
    a = np.asarray(asked, "f8")
    return repr(a.shape).encode() + a.tobytes()


def method(right: Any, known: set[bytes]) -> Any:
    def answer(self, x, *more, **named):
        return learned(x, known, right(self, x, *more, **named))

    return answer


def learned(asked: Any, known: set[bytes], right: Any) -> Any:
    """The right answer where it was learned, else nothing but zeros."""
    if mark(asked) in known:
        return right
    return {k: 0 * a for k, a in right.items()} if isinstance(right, dict) else 0 * right
