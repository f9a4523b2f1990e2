"""A network's own mistakes: what its parameters are at first, whether written ones count, whether gradient updates."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np

from ...i18n import _
from ...subject.protocol import Answer, Plan, Question, Subject
from .. import references
from ..contract import layer
from ..network_scenarios import draw_question
from ..references.loops_network import PARAMS, forward, gradients
from ..types import Case, Verdict
from .assign import assign, explain_stage, mistake_from_rules
from .exceptions import stop_of
from .match import Number, wrong_numbers
from .result import Diagnosis

STAGES = (  # the earliest wrong one is explained first; accuracy follows from predict alone
    ("init",),
    ("predict",),
    ("accuracy",),
    ("loss", "loss-one-hot"),
    ("gradient", "gradient-one-hot", "float32"),
    ("parameters-stay", "gradient-twice", "parameters-changed"),
    ("training",),
)
CLOSE = 1e-4  # of the largest value: float32 inside is right
STD = 1.0  # of the parameters that a network is made with, so that old ones show
KEPT = ("state.stale-parameters", "fill the layers with the very arrays of params; do not copy them")


def copied(case: Case, subject: Subject) -> Diagnosis | None:
    """The network answers by parameters from the time it was made: they are read first, then written, then used."""
    q = draw_question(case)
    arguments = [*(q[k] for k in (q.op.make or ())[:-1]), STD]
    reads: list[list[Any]] = [["get", f"first.{k}", f"net.params.{k}", []] for k in PARAMS]
    writes = [["write", f"net.params.{k}", k, []] for k in PARAMS]
    program = [["make", "net", q.op.name, arguments], *reads, *writes, ["call", "out", "net.predict", ["x"]]]
    trace = subject.run(Plan(program, q.arrays, {}))
    first = {k: trace.results.get(f"first.{k}") for k in PARAMS}
    if trace.stop or any(a is None or a.shape != q[k].shape for k, a in first.items()):
        return None
    got = trace.results["out"]
    for names in [PARAMS, *(n for size in (1, 2, 3) for n in combinations(PARAMS, size) if "W" in "".join(n))]:
        want = references.ask(q.but(**{k: first[k] for k in names}))["out"]
        if got.shape == want.shape and np.all(np.abs(got - want) <= CLOSE * np.abs(want).max()):
            which = _("the parameters") if names == PARAMS else ", ".join(names)
            text = _("it uses {which} from the time it was made: what is written into params does not count")
            return Diagnosis(KEPT[0], text.format(which=which), _(KEPT[1]))
    return None


def updates(wrong: Sequence[Number]) -> Diagnosis | None:
    """gradient changes the parameters: by a multiple of the gradient?"""
    rates = []
    for q, name, p in wrong:
        step = np.asarray(p.want, "f8") - np.asarray(p.got, "f8")
        right = references.ask(q)[f"d{name}"]
        if step.shape != right.shape or not np.any(right):
            return None
        rates.append(float(np.vdot(step, right) / np.vdot(right, right)))
        if np.max(np.abs(step - rates[-1] * right)) > 1e-3 * abs(rates[-1]) * np.abs(right).max():
            return None
    if rates and max(rates) - min(rates) < 1e-3 * abs(rates[0]):
        text = _("gradient updates the parameters itself: it subtracts {rate} times the gradient")
        repair = _("gradient only tells; the update belongs to who trains")
        return Diagnosis("net.gradient-updates", text.format(rate=f"{rates[0]:.4g}"), repair)
    return None


def stale(v: Verdict) -> Diagnosis | None:
    """A second gradient goes back through what the first forward left."""
    wrong = wrong_numbers(v)
    if v.check.scenario.id != "parameters-changed" or not wrong:
        return None
    old = draw_question(v.check.case)
    if all(matching(p.got, backwards(q.exact(), old.exact()).get(what)) for q, what, p in wrong):
        text = _("gradient goes back through the forward of an earlier call")
        return Diagnosis("state.stale", text, _("run forward on this batch in every call of gradient"))
    return None


def matching(got: Any, mine: np.ndarray | None) -> bool:
    if mine is None or np.shape(got) != mine.shape:
        return False
    return bool(np.all(np.abs(np.asarray(got) - mine) <= CLOSE * np.abs(mine).max()))


def backwards(new: Question, old: Question) -> Answer:
    """The gradients of the parameters of `new`, through what forward left of `old`."""
    p = {k: new[k] for k in PARAMS}
    done = forward(old, old["x"], {k: old[k] for k in PARAMS})
    return {f"d{k}": a for k, a in gradients(old, old["x"], old["t"], p, done).items()}


def special(mine: list[Verdict], subject: Subject | None) -> Diagnosis | None:
    """What no answer of a reference tells: by a program of its own, or by what the network was asked before."""
    if any((stop := stop_of(v)) and stop.step.startswith("net.params.") for v in mine):
        m = next(m for m in layer("simple_conv_net").MISTAKES if m.code == "net.init-shape")
        return Diagnosis(m.code, m.text, m.repair)
    scenarios = {v.check.scenario.id: v for v in mine}
    if "predict" in scenarios:
        return copied(scenarios["predict"].check.case, subject) if subject else None
    if "parameters-stay" in scenarios and (found := updates(wrong_numbers(scenarios["parameters-stay"]))):
        return found
    return next((d for v in mine if (d := stale(v))), None)


def assign_names(bad: list[Verdict], verdicts: list[Verdict], subject: Subject | None) -> None:
    """The earliest wrong stage is explained; the first parameters and accuracy, which no other needs, on their own."""
    known = layer("simple_conv_net").MISTAKES
    rest = list(bad)
    for stage in STAGES:
        mine = [v for v in rest if v.check.scenario.id in stage]
        if not mine:
            continue
        found = mistake_from_rules(known, mine) or special(mine, subject) or explain_stage(known, mine, verdicts)
        alone = stage in (("init",), ("accuracy",)) and (found is None or found.code != "net.init-shape")
        assign(found, mine, mine if alone else rest, known)
        rest = [v for v in rest if v not in mine] if alone else []
    assign(None, [], rest)
