"""Which known mistake gives the subject's numbers? Only one that gives every wrong one of its stage; never a guess."""

from collections import Counter
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
    seen = {p.code for v in bad for p in v.problems if p.code}
    told = next((Diagnosis(m.code, m.text) for m in known if m.code in seen), None)  # by a rule that looked itself
    if told:
        for v in bad:
            v.diagnosis = told
        return
    plain = [v for v in verdicts if v.check.manner.id == "plain"]
    for stage in STAGES:
        mine = [v for v in plain if v.check.part in stage]
        if any(v in bad for v in mine):
            found = by_numbers(known, mine, plain)
            for v in bad:
                v.diagnosis = found
            if not found:
                by_history(bad)
            return
    by_history(bad)


def numbers(v):
    """(question, answer name, problem) of every wrong number of one verdict."""
    if v.check.manner.rule:
        return []
    expect = v.check.manner.plan(v.check.case, v.check.part).expect
    return [(*expect[p.what], p) for p in v.problems if p.kind in ("values", "shape")]


def by_numbers(known, verdicts, plain):
    """verdicts: of the stage to be explained. plain: of all stages; what is right in them speaks against a mistake."""
    wrong = [n for v in verdicts for n in numbers(v)]
    if not wrong:
        return None
    fits = {m: [gives(m, *n) for n in wrong] for m in known}
    alone = [m for m in known if any(fits[m]) and False not in fits[m]]
    if alone:
        right = list(right_numbers(plain))
        against = {m: spared(m, right) for m in alone}
        later = [n for v in plain if v not in verdicts for n in numbers(v)]
        misses = {m: sum(gives(m, *n) is False for n in later) for m in alone}
        m = min(alone, key=lambda m: (-sum(map(bool, fits[m])), len(against[m]) + misses[m]))
        return Diagnosis(m.code, m.text, ", ".join(dict.fromkeys(why for why, _ in against[m])))
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
    limit = np.max(p.allowed) if p.allowed is not None else 1e-6 * np.abs(p.want).max(initial=0)
    with np.errstate(invalid="ignore"):
        return mine.shape == got.shape and bool(
            np.all((np.abs(got - mine) <= limit) | (got == mine) | (np.isnan(got) & np.isnan(mine)))
        )


def right_numbers(verdicts):
    """(why, question, answer name) of every number that the subject has right, in failed checks too."""
    for v in verdicts:
        if v.reason == "refused" or v.check.case.rule or not (v.status == "pass" or numbers(v)):
            continue
        wrong = {p.what for p in v.problems}
        for result, (q, what) in v.check.manner.plan(v.check.case, v.check.part).expect.items():
            if result not in wrong:
                yield v.check.case.why, q, what


def spared(mistake, right):
    """What the subject has right although the mistake would change it."""

    def changed(q, what):
        mine, want = predicted(mistake, q, what), references.ask(q)[what]
        return mine is not None and not close(mine, want, 1e-5 * np.abs(want).max(initial=0))

    return [(why, what) for why, q, what in right if changed(q, what)]


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


def by_history(bad):
    """Alone every call is right: how does it depend on the calls before? What explains the most checks is named."""
    found = [histories(v) for v in bad]
    count = Counter(d for several in found for d in several)
    for v, several in zip(bad, found):
        v.diagnosis = max(several, key=lambda d: count[d], default=None)


def histories(v):
    """What would give this verdict's wrong numbers."""
    for p in v.problems:
        if p.kind in ("overwritten", "changed-input"):
            return [Diagnosis(f"state.{p.kind}", p.what)]
    wrong = numbers(v)
    if not v.check.manner.mistakes or not wrong:
        return []
    first = asked(v.check.case)
    known = (*v.check.manner.mistakes, *getattr(layer(v.check.case.op.component), "HISTORY", ()))
    return [Diagnosis(m.code, m.text) for m in known if all(remembers(m, first, *n) for n in wrong)]


def remembers(mistake, before, q, what, p):
    """Whether this mistake gives the wrong number, after the question before."""
    mine = mistake.answer(references.ask, before, q).get(what)
    return p.kind == "values" and mine is not None and close(p.got, mine, 2 * np.max(p.allowed))
