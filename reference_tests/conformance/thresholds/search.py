"""Judging a layer around the numbers that its own code names, and finding where it begins to be wrong."""

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from ...subject.protocol import Fault, Subject
from ...subject.source import LoadError
from .. import references
from ..contract import layer
from ..judge import TOGETHER, Devices, arrays_of, judge_all
from ..reach import Reach, interface_of
from ..scenarios import PLAIN
from ..types import LEVELS, Bound, Case, Check, Verdict
from .cases import (
    MOST,
    NUMBER,
    THRESHOLD,
    check_of,
    list_cases,
    list_number_cases,
    made,
    number_case,
    parts_asked,
)
from .literals import Code, read_files
from .sizes import AXES, Axes, count

Judge = Callable[[Sequence[Check]], Iterable[Verdict]]  # judges some checks of a subject, in their order
Start = Callable[[], AbstractContextManager[Subject]]
UNCLEAR = Bound("", 0, 0)  # it begins somewhere, and does not in a process of its own: something is kept
HOLDS = ["pass", "fail"]  # statuses of the largest right and the smallest wrong case
UNKNOWN = ("absent", "unread", "beyond")  # statuses of what has no backward
TIMES = ("timeout", "after-timeout")  # reasons: loops over so many numbers may take long, and are not wrong
SLOW = 10.0  # seconds for the cases of a component
TRIED = 6  # failures that are looked at
PROBES = 16  # cases at most that are judged to find where it begins


def code_of(subject: Subject, folder: Path | None = None) -> Code:
    """Return a subject's code, as it is in its files. folder: a submission, outside of which nothing is read."""
    known: Code | None = vars(subject).get("code")
    if known is None:
        path = folder or Path(str(getattr(subject, "path", "")))
        base = path if path.is_dir() else path.parent if path.is_file() else None
        known = vars(subject)["code"] = Code(
            read_files(getattr(subject, "files", ()), folder, base, getattr(subject, "cells", {}))
        )
    return known


def names_of(subject: Subject, name: str) -> list[str]:
    """Return the names of the target's that a layer comes from: its own, those of its interface, that of a map."""
    interface = interface_of(subject, name)
    mapped = getattr(subject, "maps", {}).get(name, "").rpartition(":")[2].split(".")
    things: object = getattr(subject, "names", {})
    own = getattr(things[name], "__name__", "") if isinstance(things, dict) and name in things else ""
    uses = [used.removeprefix("their_") for used in interface.uses] if interface else []
    return [one for one in (name, own, *mapped, *uses) if one]


class Target:
    """A layer of a subject, the numbers that its code names, and how its checks are judged."""

    def __init__(self, component: str, subject: Subject, judge: Judge, folder: Path | None = None) -> None:
        name = layer(component).OP.name
        interface = interface_of(subject, name)
        self.component, self.judge = component, judge
        self.start: Start | None = None if folder else getattr(subject, "fresh", None)
        self.reach: Reach = interface.reach if interface else {}
        self.sizes, self.numbers = code_of(subject, folder).literals(names_of(subject, name))

    def list_cases(self, whole: bool) -> list[Case]:
        """List the cases around all numbers of the code. whole: those too that the written cases make needless."""
        sizes = list_cases(self.component, self.sizes, self.reach, whole)
        return sizes + list_number_cases(self.component, self.numbers, self.reach)

    def judge_cases(self, whole: bool = False) -> list[Verdict]:
        """Judge the cases; return the plainest failure that has a beginning, or nothing. whole: as of list_cases.

        What is wrong in the smallest case, too, is no threshold: the other checks of the layer tell it. Forward and
        backward are one program. Where there is no backward, forward is asked alone; and again where the whole is
        wrong, to tell of which it is.
        """
        parts, cases = parts_asked(self.component), self.list_cases(whole)
        verdicts = self.judge_some(cases, parts[-1])
        if any(v.status in UNKNOWN for v in verdicts):
            parts = parts[:1]
            verdicts = self.judge_some(cases, parts[0])
        wrong = [v for v in verdicts if v.status == "fail" and v.reason not in TIMES]
        wrong.sort(key=lambda v: LEVELS.index(v.check.level))
        for first in self.one_of_each(wrong):
            alone = list(self.judge([check_of(first.check.case, parts[0])])) if len(parts) > 1 else []
            v = next((v for v in alone if v.status == "fail"), first)
            v.bound = self.find_bound(v, verdicts)
            if v.bound:
                return [v]
        return []

    def judge_some(self, cases: Sequence[Case], part: str) -> list[Verdict]:
        """Judge a part of cases, some at a time, as far as it does not take too long."""
        checks, found, until = [check_of(case, part) for case in cases], list[Verdict](), time.monotonic() + SLOW
        for start in range(0, len(checks), TOGETHER):
            found += self.judge(checks[start : start + TOGETHER])
            if time.monotonic() > until or any(v.reason in TIMES for v in found):
                break
        return found

    def one_of_each(self, wrong: Sequence[Verdict]) -> list[Verdict]:
        """Return the first failure of each kind of sizes and each number, at most so many."""
        first: dict[str, Verdict] = {}
        for v in wrong:
            word, _, kind = v.check.case.why.partition(" ")
            first.setdefault(word if word.startswith(NUMBER) else kind + word.partition("=")[0], v)
        return list(first.values())[:TRIED]

    def find_bound(self, v: Verdict, verdicts: Sequence[Verdict] = ()) -> Bound | None:
        """Find where a failure begins: the largest case that is right, and the smallest that is wrong.

        verdicts: those of other cases. None where it is wrong in the smallest case, too.
        """
        word, _, kind = v.check.case.why.partition(" ")
        axis, _, value = word.partition("=")
        axes = next(one for one in AXES[self.component] if one.kind == kind)
        if axis == NUMBER:
            return self.find_number(axes, float(value), v.check.part)
        passed = {v.check.case.why for v in verdicts if v.status == "pass"}
        sizes = [n for n in range(2, int(value)) if f"{axis}={n}" + (f" {kind}" if kind else "") in passed]
        return self.find_size(axes, axis, max(sizes, default=0), int(value), v.check.part)

    def is_right(self, case: Case | None, part: str) -> bool:
        """Whether a case is answered rightly."""
        return case is not None and [v.status for v in self.judge([check_of(case, part)])] == ["pass"]

    def find_size(self, axes: Axes, axis: str, right: int, wrong: int, part: str) -> Bound | None:
        """Find the two lengths of an axis between which a layer begins to be wrong. right: 0 where none is known."""
        least = axes.tiny.get(axis, 2)
        if not right:
            right = least
            if wrong <= least or not self.is_right(made(self.component, axes, axis, least), part):
                return None
        for _ in range(PROBES):
            if wrong - right <= axes.step:
                break
            middle = (right + wrong) // 2 // axes.step * axes.step
            middle = middle if middle > right else right + axes.step
            if self.is_right(made(self.component, axes, axis, middle), part):
                right = middle
            else:
                wrong = middle
        pair = [made(self.component, axes, axis, n) for n in (right, wrong)]
        once = [Check(case, PLAIN, part) for case in pair[1:] if case and case.op.diagnose_with != "network"]
        statuses = self.judge_afresh(once, pair, part)
        if statuses[len(once) :] != HOLDS:
            return UNCLEAR
        return replace(self.explain_size(axes, axis, right, wrong), kept=statuses[0] == "pass" and bool(once))

    def judge_afresh(self, first: Sequence[Check], pair: Sequence[Case | None], part: str) -> list[str]:
        """Judge some checks and then two cases in a process in which nothing was called yet. -> their statuses."""
        checks = [*first, *(check_of(case, part) for case in pair if case)]
        if self.start is None:  # that the pair holds is believed
            return [*(v.status for v in self.judge(first)), *HOLDS]
        try:
            with self.start() as other:
                return [v.status for v in judge_all(checks, other)]
        except (LoadError, Fault):
            return [""]

    def explain_size(self, axes: Axes, axis: str, right: int, wrong: int) -> Bound:
        """Say which number of the code lies between two lengths, of the axis or of all that is counted."""
        cases = [made(self.component, axes, axis, n) for n in (right, wrong)]
        below, above = (count(case) if case else {} for case in cases)
        own = {name: n for name, n in below.items() if n != above.get(name, n)}
        names = sorted(own, key=lambda name: name != axis)
        for exact in (True, False):
            for name in names:
                for one in self.sizes:
                    low, k, high = own[name], int(one.value), above[name]
                    if (low == k or high == k) if exact else low < k < high:
                        return Bound(name, low, high, one.place, k)
        return Bound(axis, below.get(axis, right), above.get(axis, wrong))

    def find_number(self, axes: Axes, number: float, part: str) -> Bound | None:
        """Find whether a layer is right where all numbers are smaller than one of the code."""
        pair = [number_case(self.component, axes, size) for size in (number / MOST * 0.97, number)]
        if not self.is_right(pair[0], part):
            return None
        if self.judge_afresh((), pair, part) != HOLDS:
            return UNCLEAR
        one = next((one for one in self.numbers if abs(one.value) == abs(number)), None)
        place, named = (one.place, one.value) if one else ("", number)
        return Bound("", abs(number) * 0.97, abs(number) * MOST, place, named)


def judge_thresholds(
    component: str, subject: Subject, devices: Devices, before: Iterable[Verdict] = ()
) -> list[Verdict]:
    """Judge a component around the numbers that the subject's code names. -> its failure, if there is one.

    before: the component's other verdicts. Where a plain one that counts is wrong, more is asked to find why.
    """
    if arrays_of(subject).get("kind") == "jax":  # which would compile every shape
        return []
    with references.two_alone():
        return target_of(component, subject, devices).judge_cases(any(is_wrong(v) for v in before))


def is_wrong(v: Verdict) -> bool:
    """Whether a plain check that counts is wrong, or any that counts of a network."""
    plain = v.check.scenario.id == "plain" or v.check.case.op.diagnose_with == "network"
    return v.status == "fail" and v.check.level == "core" and plain


def find_bounds(verdicts: Iterable[Verdict], subject: Subject, devices: Devices) -> None:
    """Find where the failures begin that were asked for by their ids."""
    for v in verdicts:
        if v.status == "fail" and v.check.scenario is THRESHOLD and v.reason not in TIMES:
            with references.two_alone():
                v.bound = target_of(v.check.case.op.component, subject, devices).find_bound(v)


def target_of(component: str, subject: Subject, devices: Devices) -> Target:
    """Return a component of a subject whose checks are judged as any."""
    return Target(component, subject, lambda checks: judge_all(checks, subject, devices))
