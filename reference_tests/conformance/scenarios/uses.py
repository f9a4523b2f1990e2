"""One use of a layer, as a program: what it is asked, the steps, the arrays that they need and what must come out."""

from collections.abc import Hashable
from typing import Any

import numpy as np

from ...subject.protocol import Plan, Question
from .. import references
from ..types import Case, Shape

Expect = dict[str, tuple[Question, str]]  # result -> (question, name in its answer)
_shapes: dict[Hashable, Shape] = {}  # of right outputs


def draw_question(case: Case, turn: str = "", kind: str = "") -> Question:
    """Draw a case's question and its upstream gradient: random, since a gradient of ones hides wrong backwards.

    turn: a suffix that gives other numbers, for a second batch. kind: the dtype of the arrays; "": float64 as drawn.
    """
    return with_upstream_gradient(case, case.question(turn), turn, kind)


def with_upstream_gradient(case: Case, q: Question, turn: str = "", kind: str = "") -> Question:
    """Add the upstream gradient to a question, unless the layer has no backward."""
    if q.op.grads:
        if case.dout is not None:
            q = q.but(dout=np.reshape(case.dout, output_shape(q)))
        elif q.op.upstream is None:
            q = q.but(dout=case.upstream(turn, output_shape(q)))
        else:
            q = q.but(dout=np.array(q.op.upstream))
    return q.cast(kind) if kind else q


def output_shape(q: Question) -> Shape:
    """Return the shape of the right output. A reference is asked once for each combination of sizes."""
    key = (q.op.component, tuple((k, a.shape) for k, a in q.arrays.items()), repr(q.params))
    if key not in _shapes:
        _shapes[key] = references.ask(q.but(dout=None))["out"].shape
    return _shapes[key]


def steps_of(q: Question, part: str, turn: str = "", make: bool = True) -> tuple[list[list[Any]], Expect]:
    """List the steps of one use of the layer, and what they must give: [make], forward, [backward, the gradients].

    The arrays and results carry the turn in their names.
    """
    op = q.op

    def value(name: str, turn: str) -> Any:
        return name + turn if name in q.arrays else q.params[name]

    keywords = [{k: value(k, turn) for k in op.named}] if op.named else []
    args = [value(a, turn) for a in op.args if a not in op.named]
    if op.make is None:
        return [["call", "out" + turn, op.name, args, *keywords]], {"out" + turn: (q, "out")}
    program: list[list[Any]] = [["make", "layer", op.name, [value(a, "") for a in op.make]]] if make else []
    program.append(["call", "out" + turn, "layer.forward", args, *keywords])
    if part == "forward" or not op.grads:
        return program, {"out" + turn: (q, "out")}
    for source in dict.fromkeys(op.grads.values()):
        results = [name + turn for name, of in op.grads.items() if of == source]
        if source.endswith("()"):  # one array, or a tuple of several
            call = ["call", results[0]] if len(results) == 1 else ["spread", results]
            program.append([*call, f"layer.{source[:-2]}", ["dout" + turn]])
        else:
            program.append(["get", results[0], f"layer.{source}", []])
    return program, {g + turn: (q, g) for g in op.grads}


def inputs_of(q: Question, part: str, turn: str = "") -> dict[str, np.ndarray]:
    """Collect the arrays that the steps of one use need; on a later turn those of forward and backward alone."""
    arrays = {k + turn: a for k, a in q.arrays.items() if not turn or k in q.op.args}
    return {**arrays, "dout" + turn: q.dout} if part == "backward" and q.dout is not None else arrays


def plan_of(q: Question, part: str, **how: Any) -> Plan:
    """Make the plan of asking one question. how: further fields of the plan."""
    program, expect = steps_of(q, part)
    return Plan(program, inputs_of(q, part), expect, **how)


def plain_use(case: Case, part: str, kind: str = "", **how: Any) -> Plan:
    """Use the layer once."""
    return plan_of(draw_question(case, kind=kind), part, **how)


def without_answer(case: Case, part: str) -> Plan:
    """Use the layer on a question that has no right answer; nothing is expected."""
    q = case.question()
    return Plan(steps_of(q, part)[0], dict(q.arrays), {})
