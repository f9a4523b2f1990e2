"""How a layer may be used: once for all layers. Each manner turns a case into a program."""

from collections.abc import Callable
from dataclasses import replace
from types import ModuleType

import numpy as np

from ..subject.protocol import EPS64, Answer, Plan, Question
from . import references
from .types import Case, Check, Manner, Mistake


def asked(case: Case, turn: str = "", kind: str = "") -> Question:
    """The question with its upstream gradient drawn: random, since ones hide wrong backwards."""
    return upstream(case, case.question(turn), turn, kind)


def upstream(case: Case, q: Question, turn: str = "", kind: str = "") -> Question:
    if q.op.grads:
        if case.dout is not None:
            q = q.but(dout=np.reshape(case.dout, references.shape(q)))
        elif q.op.upstream is None:
            q = q.but(dout=case.rng("dout" + turn).standard_normal(references.shape(q)))
        else:
            q = q.but(dout=np.array(q.op.upstream))
    return q.cast(kind) if kind else q


def steps(q: Question, part: str, turn: str = "", make: bool = True) -> tuple[list, dict]:
    """One use of the layer: [make], forward, [backward, the gradients]. Arrays carry the turn in their name."""
    op = q.op

    def value(name: str, turn: str):
        return name + turn if name in q.arrays else q.params[name]

    keywords = [{k: value(k, turn) for k in op.named}] if op.named else []
    args = [value(a, turn) for a in op.args if a not in op.named]
    if op.make is None:
        return [["call", "out" + turn, op.name, args, *keywords]], {"out" + turn: (q, "out")}
    program: list[list] = [["make", "layer", op.name, [value(a, "") for a in op.make]]] if make else []
    program.append(["call", "out" + turn, "layer.forward", args, *keywords])
    if part == "forward" or not op.grads:
        return program, {"out" + turn: (q, "out")}
    for source in dict.fromkeys(op.grads.values()):
        found = [name + turn for name, of in op.grads.items() if of == source]
        if source.endswith("()"):  # one array, or a tuple of several
            verb, result = ("call", found[0]) if len(found) == 1 else ("spread", found)
            program.append([verb, result, f"layer.{source[:-2]}", ["dout" + turn]])
        else:
            program.append(["get", found[0], f"layer.{source}", []])
    return program, {g + turn: (q, g) for g in op.grads}


def given(q: Question, part: str, turn: str = "") -> dict[str, np.ndarray]:
    arrays = {k + turn: a for k, a in q.arrays.items() if not turn or k in q.op.args}
    return {**arrays, "dout" + turn: q.dout} if part == "backward" and q.dout is not None else arrays


def program(q: Question, part: str, **how) -> Plan:
    todo, expect = steps(q, part)
    return Plan(todo, given(q, part), expect, **how)


def plain(case: Case, part: str, kind: str = "", **how) -> Plan:
    return program(asked(case, kind=kind), part, **how)


def unanswerable(case: Case, part: str) -> Plan:
    q = case.question()
    return Plan(steps(q, part)[0], dict(q.arrays), {})


def again(case: Case, part: str, before: Callable[[Question], Question] = lambda q: q, write: bool = False) -> Plan:
    """Use it on one batch, then on another; only the second counts, and the first output must stay as it was."""
    first, second = before(asked(case)), asked(case, "_2")
    kept = [k for k in first.arrays if k not in case.op.args]
    use, _ = steps(first, part)
    arrays = {**given(first, part), **given(second, part, "_2")}
    second = second.but(**{k: first[k] for k in kept})
    if write:
        new = asked(case, "_w")
        second = second.but(**{k: new[k] for k in kept})
        use += [["write", k, k + "_w", []] for k in kept]
        arrays |= {k + "_w": new[k] for k in kept}
    more, expect = steps(second, part, "_2", make=False)
    return Plan(use + more, arrays, expect, keep=("out",))


def larger(q: Question) -> Question:
    """The batch twice."""
    return batch(q, lambda a: np.concatenate([a, a]))


def batch(q: Question, change: Callable[[np.ndarray], np.ndarray]) -> Question:
    q = q.but(**{k: change(q[k]) for k in q.op.args if k in q.arrays})
    return q if q.dout is None or not q.dout.ndim else q.but(dout=change(q.dout))


def empty(case: Case, part: str) -> Plan:
    return program(upstream(case, batch(case.question(), lambda a: a[:0])), part)


def backward_twice(case: Case, part: str) -> Plan:
    plan = plain(case, part)
    return replace(plan, program=plan.program + plan.program[2:])


def beside(case: Case, part: str) -> Plan:
    """Another layer of the same kind takes another batch in between: two layers share nothing."""
    plan, second = plain(case, part), asked(case, "_2")
    other = [[verb, result.replace("layer", "other"), target.replace("layer", "other"), *more]
             for verb, result, target, *more in steps(second, "forward", "_2")[0]]  # fmt: skip
    todo = plan.program[:2] + other + plan.program[2:]
    return replace(plan, program=todo, given={**plan.given, **given(second, "forward", "_2")}, keep=("out",))


def moved(q: Question) -> dict:
    return {k: q[k] for k in q.arrays if k in q.op.args}


def held(q: Question) -> dict:
    return {k: q[k] for k in q.arrays if k not in q.op.args}


def both(a: Answer, b: Answer) -> Answer:
    return {k: a[k] + b[k] for k in a}


HISTORY = (  # answer: (ask, the question before, this question) -> what the mistake gives
    Mistake("state.stale", "it is the answer to the call before", lambda ask, old, new: ask(old)),
    Mistake(
        "state.accumulates",
        "it is added to the result of the call before",
        lambda ask, old, new: both(ask(old), ask(new)),
    ),
    Mistake(
        "state.stale-input",
        "it uses the x of the call before",
        lambda ask, old, new: ask(new.but(**moved(old))),
    ),
    Mistake(
        "state.stale-parameters",
        "it uses the parameters from the time it was made",
        lambda ask, old, new: ask(new.but(**held(old))),
    ),
)


def by_default(count: int) -> Callable[[Case, str], Plan]:
    """The last `count` arguments of the first call left out: the contract's defaults."""

    def plan(case: Case, part: str) -> Plan:
        whole = plain(case, part)
        (verb, result, target, args, *named), *rest = whole.program
        return replace(whole, program=[[verb, result, target, args[:-count], *named], *rest])

    return plan


REFUSED = Manner("refused", "there is no right answer: an error is", unanswerable)
PLAIN = Manner("plain", "the numbers are right", plain)
MANNERS = (
    Manner("float32", "float32 in", lambda c, p: plain(c, p, "float32")),
    Manner("second-call", "a second batch of the same shape, and the first output stays", again, mistakes=HISTORY),
    Manner("after-another-batch-size", "a batch of another size before", lambda c, p: again(c, p, larger)),
    Manner(
        "parameters-changed",
        "parameters written in place between calls count",
        lambda c, p: again(c, p, write=True),
        mistakes=HISTORY,
    ),
    Manner("backward-twice", "backward twice gives the same", backward_twice, parts=("backward",), mistakes=HISTORY),
    Manner("another-layer-between", "another layer of the same kind used before backward", beside),
    Manner("fortran", "Fortran order", lambda c, p: plain(c, p, layout="F")),
    Manner("strided", "views with gaps", lambda c, p: plain(c, p, layout="strided")),
    Manner("reversed", "negative strides", lambda c, p: plain(c, p, layout="reversed")),
    Manner("read-only", "read-only arrays", lambda c, p: plain(c, p, layout="read-only")),
    Manner("empty-batch", "a batch of no images: its empty answer, or an error", empty, level="edge", refuse="may"),
    Manner("float64-kept", "float64 in, float64 precision out", lambda c, p: plain(c, p, eps=EPS64), level="advice"),
)


def parts(op) -> tuple[str, ...]:
    return ("forward", "backward") if op.grads else ("result",)


def means_something(manner: Manner, case: Case) -> bool:
    """Whether the layer has what the manner is about: parameters, or a state between calls."""
    op = case.op
    if manner.id in op.without or not case.shapes:
        return False
    if manner.id == "parameters-changed":
        return any(k not in op.args for k in case.shapes)
    return op.make is not None or manner.id not in ("after-another-batch-size", "another-layer-between")


def checks(layer: ModuleType) -> list[Check]:
    """Every case plainly; every manner on the layer's first case; the layer's own manners."""
    op = layer.OP
    found = [Check(c, PLAIN, p) for c in layer.CASES for p in parts(op)]
    found += [Check(c, REFUSED, parts(op)[0]) for c in getattr(layer, "REFUSED", ())]
    for c, m in getattr(layer, "MANNERS", ()):  # dropout's training has parts that its inference has not
        found += [Check(c, m, p) for p in [p for p in parts(op) if p in m.parts] or m.parts]
    if not layer.CASES:
        return found
    first = layer.CASES[0]
    return found + [Check(first, m, p) for m in MANNERS if means_something(m, first) for p in parts(op) if p in m.parts]
