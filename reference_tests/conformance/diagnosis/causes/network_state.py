"""What a network keeps from one call of gradient to the next, recognized by the wrong gradients of the later one."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ....i18n import _
from ....subject.protocol import Answer, Question
from ... import references
from ...compare import close
from ...network_scenarios import draw_question
from ...references import loops
from ...references.loops_network import PARAMS, forward, gradients
from ...scenarios import HISTORY
from ...types import Diagnosis, Verdict
from ..match import wrong_numbers

ROUNDING = 1e-4  # of the largest value: float32 inside is right
AGAIN = ("gradient-twice", "parameters-changed", "used-in-turn", "training")  # gradient is asked for more than once
IN_TURN = ("parameters-changed", "used-in-turn")  # of those, in which the question of every gradient is known


def name_stale_forward(v: Verdict) -> Diagnosis | None:
    """Recognize a second gradient that goes back through what the first forward left."""
    wrong = wrong_numbers(v)
    if v.check.scenario.id != "parameters-changed" or not wrong:
        return None
    old = draw_question(v.check.case)
    if all(agrees(p.got, gradients_through(q.exact(), old.exact()).get(what)) for q, what, p in wrong):
        text = _("gradient goes back through the forward of an earlier call")
        return Diagnosis("state.stale", text, _("run forward on this batch in every call of gradient"))
    return None


def name_piled_up(v: Verdict) -> Diagnosis | None:
    """Recognize gradients to which those of the call before are added."""
    wrong = wrong_numbers(v)
    if v.check.scenario.id not in ("gradient-twice", "parameters-changed") or not wrong:
        return None
    before = references.ask(draw_question(v.check.case).exact())
    if not all(what in before and agrees(p.got, np.asarray(p.want) + before[what]) for _q, what, p in wrong):
        return None
    m = next(m for m in HISTORY if m.code == "state.accumulates")
    return Diagnosis(m.code, m.text, m.repair)


def name_kept_pooling(v: Verdict) -> Diagnosis | None:
    """Recognize gradients of a pooling that writes into an array of the call before, which is not set back to 0."""
    wrong, turns = wrong_numbers(v), turns_of(v)
    if len(turns) < 2 or not wrong or any(what.removeprefix("d") not in PARAMS for _q, what, _p in wrong):
        return None
    mine = gradients_of_kept_pooling(turns)
    if not all(agrees(p.got, mine[id(q)].get(what)) for q, what, p in wrong if id(q) in mine):
        return None
    text = _("what the pooling hands back for an earlier batch stays where that had its largest numbers")
    repair = _("let pooling's backward make a new array of zeros in every call, or set it back to 0")
    return Diagnosis("net.pooling-gradient-kept", text, repair)


def turns_of(v: Verdict) -> list[Question]:
    """List the questions that gradient was asked, in their order."""
    asked = {id(q): q for q, what in (v.plan.expect.values() if v.plan else ()) if what.removeprefix("d") in PARAMS}
    before = [draw_question(v.check.case)] if v.check.scenario.id == "parameters-changed" else []
    return [*before, *asked.values()] if v.check.scenario.id in IN_TURN else []


def gradients_of_kept_pooling(turns: Sequence[Question]) -> dict[int, Answer]:
    """Compute the gradients of every turn with one array for what the pooling hands back."""
    kept, found = np.zeros(0), dict[int, Answer]()

    def pool(q: Question) -> Answer:
        nonlocal kept
        if q.dout is None:
            return loops.pooling(q)
        written = loops.pooling(q.but(dout=np.ones_like(q.dout)))["dx"] > 0
        kept = np.where(written, loops.pooling(q)["dx"], kept if kept.shape == q["x"].shape else 0.0)
        return {"dx": kept}

    for q in turns:
        exact = q.exact()
        p = {k: exact[k] for k in PARAMS}
        answer = gradients(exact, exact["x"], exact["t"], p, forward(exact, exact["x"], p), pool=pool)
        found[id(q)] = {f"d{k}": a for k, a in answer.items()}
    return found


def share_later_calls(bad: Sequence[Verdict]) -> None:
    """Give what is wrong in later calls of gradient alone, and has no name, that of another use of such calls."""
    later = [v for v in bad if v.check.scenario.id in AGAIN]
    named = next((v.diagnosis for v in later if v.diagnosis and v.diagnosis.code == "manner.used-in-turn"), None)
    for v in later if named and len(later) == len(bad) else ():
        v.diagnosis = v.diagnosis or replace(named, follows=v.check.scenario.id == "training")  # type: ignore[type-var]


def agrees(got: Any, mine: np.ndarray | None) -> bool:
    """Whether got is this array, to what float32 inside may err."""
    return mine is not None and close(got, mine, ROUNDING * np.abs(mine).max())


def gradients_through(new: Question, old: Question) -> Answer:
    """Compute the gradients of the parameters of `new`, through what forward left of `old`."""
    p = {k: new[k] for k in PARAMS}
    done = forward(old, old["x"], {k: old[k] for k in PARAMS})
    return {f"d{k}": a for k, a in gradients(old, old["x"], old["t"], p, done).items()}
