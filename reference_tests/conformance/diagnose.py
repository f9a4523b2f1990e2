"""Which known mistake gives the subject's numbers? Only one that gives every wrong one of its stage; never a guess."""

from dataclasses import dataclass

import numpy as np

from . import references
from .compare import close
from .contract import layer
from .manners import asked

STAGES = (("result", "forward"), ("backward",))  # the earliest wrong stage is explained; the later one follows from it


@dataclass(frozen=True)
class Diagnosis:
    code: str
    text: str
    only: str = ""  # the cases in which the subject is right in spite of the mistake


def diagnose(verdicts):
    bad = [v for v in verdicts if v.status == "fail" and v.check.level != "advice"]
    if not bad:
        return
    known = layer(bad[0].check.case.op.component).MISTAKES
    plain = [v for v in verdicts if v.check.manner.id == "plain"]
    for stage in STAGES:
        mine = [v for v in plain if v.check.part in stage]
        if any(v in bad for v in mine):
            found = by_numbers(known, mine)
            for v in bad:
                v.diagnosis = found or by_history(v)
            return
    for v in bad:
        v.diagnosis = by_history(v)


def numbers(v):
    """(question, answer name, problem) of every wrong number of one verdict."""
    if v.check.manner.rule:
        return []
    expect = v.check.manner.plan(v.check.case, v.check.part).expect
    return [(*expect[p.what], p) for p in v.problems if p.kind in ("values", "shape")]


def by_numbers(known, verdicts):
    wrong = [n for v in verdicts for n in numbers(v)]
    if not wrong:
        return None
    fits = {m: [gives(m, *n) for n in wrong] for m in known}
    alone = [m for m in known if any(fits[m]) and False not in fits[m]]
    if alone:
        right = [v for v in verdicts if v.status == "pass" and v.reason != "refused" and not v.check.case.rule]
        m = min(alone, key=lambda m: (-sum(map(bool, fits[m])), len(spared(m, right))))
        return Diagnosis(m.code, m.text, ", ".join(v.check.case.why for v in spared(m, right)))
    for a in known:
        for b in known:
            if a.code < b.code and any(fits[a]) and any(fits[b]) and all(x or y for x, y in zip(fits[a], fits[b])):
                return Diagnosis(f"{a.code} + {b.code}", f"{a.text}; {b.text}")
    return by_pattern([p for *_, p in wrong])


def predicted(mistake, q, what):
    """The number that the mistake would give; None where it does not apply."""
    q = q.exact()
    try:
        with np.errstate(all="ignore"):
            return mistake.answer(references.ask, q if what != "out" else q.but(dout=None)).get(what)
    except Exception:  # the mistake does not fit this question
        return None


def gives(mistake, q, what, p):
    mine, got = predicted(mistake, q, what), np.asarray(p.got)
    if mine is None:
        return None
    mine = np.asarray(mine)
    limit = np.max(p.allowed) if p.allowed is not None else 1e-6 * max(1, np.abs(p.want).max())
    with np.errstate(invalid="ignore"):
        return mine.shape == got.shape and bool(
            np.all((np.abs(got - mine) <= limit) | (got == mine) | (np.isnan(got) & np.isnan(mine)))
        )


def spared(mistake, right):
    """Cases that the subject gets right although the mistake would change them."""

    def changed(v):
        for q, what in v.check.manner.plan(v.check.case, v.check.part).expect.values():
            mine, want = predicted(mistake, q, what), references.ask(q)[what]
            if mine is not None and not close(mine, want, 1e-5 * max(1, np.abs(want).max())):
                return True
        return False

    return [v for v in right if changed(v)]


def by_pattern(problems):
    """What can be said without a known mistake: a factor, another order, the digits that are right."""
    if any(p.kind != "values" or not p.want.size for p in problems):
        return None
    pairs = [(np.ravel(p.got).astype(float), p.want.ravel(), np.max(p.allowed)) for p in problems]
    scales = [g @ w / (w @ w) for g, w, _ in pairs]
    if max(scales) - min(scales) < 1e-6 * abs(scales[0]) and all(
        np.all(np.abs(g - scales[0] * w) <= 2 * a) for g, w, a in pairs
    ):
        return Diagnosis("scaled", f"every number is {scales[0]:.6g} times what it should be")
    if all(np.all(np.abs(np.sort(g) - np.sort(w)) <= a) for g, w, a in pairs):
        return Diagnosis("another-order", "the right numbers in another order")
    worst = max(np.max(np.abs(g - w)) / np.abs(w).max() for g, w, _ in pairs)
    if worst < 2e-3:
        return Diagnosis("precision", f"right to {-int(np.floor(np.log10(worst))) - 1} digits only")
    return None


def by_history(v):
    """Alone every call is right: how does it depend on the calls before?"""
    for p in v.problems:
        if p.kind in ("overwritten", "changed-input"):
            return Diagnosis(f"state.{p.kind}", p.what)
    if not v.check.manner.mistakes:
        return None
    first = asked(v.check.case)
    for m in v.check.manner.mistakes:
        wrong = numbers(v)
        if wrong and all(
            close(p.got, m.answer(references.ask, first, q)[what], 2 * np.max(p.allowed))
            for q, what, p in wrong
            if p.kind == "values"
        ):
            return Diagnosis(m.code, m.text)
    return None
