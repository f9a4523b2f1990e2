"""What a submission is asked at a time: the programs of many checks, so that its process waits for none of them.

Forward and backward of one case are one program, because the second begins with the first. This is done only if it
makes no difference: the longer program's results count for forward only if they make forward pass; otherwise forward is
run by itself. In its forward, a layer cannot know that a backward will follow.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from ..conformance import judge
from ..conformance.strata import written_id
from ..conformance.types import Check, PreparedCheck
from ..subject.protocol import Fault, Plan, Subject, Trace, identical
from .checklist import Checklist, ChecklistItem


@dataclass(frozen=True)
class Asked:
    """One program, and the items that its trace answers: one, or a case's forward and backward, in this order."""

    items: tuple[ChecklistItem, ...]
    checks: tuple[PreparedCheck, ...]  # the items' own

    @property
    def plan(self) -> Plan:
        """The program: the longer one of two."""
        return self.checks[-1].plan


def question_to(check: Check, subject: Subject, ready: PreparedCheck) -> PreparedCheck | None:
    """Return what a subject is asked; None if the check is judged without a program."""
    try:
        asked = judge.question_to(check, subject, ready=ready)
    except Fault:
        return None
    return asked if isinstance(asked, PreparedCheck) else None


def pair_up(
    ready: dict[str, PreparedCheck], items: Iterable[ChecklistItem], checklist: Checklist, apart: set[str]
) -> list[Asked]:
    """Return what is asked of these items, in their order. ready: by id. apart: ids of forwards to be run alone.

    Those of hidden items come in an order that is the same under every seed, as what a layer keeps from an earlier
    call must not move its mark. Large ones come last, because a part that runs out of time is asked no more.
    """
    found: list[Asked] = []
    done: set[str] = set()
    by_id = {item.id: item for item in items}
    for id, item in by_id.items():
        backward = checklist.backward_of.get(id, "")
        if id in done:
            continue
        done.add(id)  # a backward that stands before its forward, as one with points of its own may, is asked alone
        if (
            backward in ready
            and backward not in done
            and id not in apart
            and shares(checklist, id, ready[backward].plan, ready[id].plan)
        ):
            found.append(Asked((item, by_id[backward]), (ready[id], ready[backward])))
            done.add(backward)
        else:
            found.append(Asked((item,), (ready[id],)))
    return sorted(found, key=lambda one: (one.plan.seconds, place_of(one.items[0])) if one.items[0].hidden else (0, 0))


def place_of(item: ChecklistItem) -> int:
    """Return by what a hidden item is placed among the others, so that kinds are mixed."""
    return zlib.crc32(written_id(item.id).encode())


def shares(checklist: Checklist, forward: str, longer: Plan, plan: Plan) -> bool:
    """Return whether the longer program begins with the shorter. It is remembered by the id of the forward check."""
    if forward not in checklist.can_share:
        checklist.can_share[forward] = starts_with(longer, plan)
    return checklist.can_share[forward]


def starts_with(longer: Plan, plan: Plan) -> bool:
    """True if the longer program begins with the same steps on the same arrays."""
    return (
        longer.program[: len(plan.program)] == plan.program
        and longer.layout == plan.layout
        and all(name in longer.given and identical(a, longer.given[name]) for name, a in plan.given.items())
    )


def first_part(trace: Trace, plan: Plan) -> Trace:
    """Return the part of a longer program's trace that belongs to the shorter plan."""
    names = [step[1] for step in plan.program if step[1] in trace.results]
    results, left = ({name: arrays[name] for name in names} for arrays in (trace.results, trace.left))
    return Trace(results, left, {name: trace.inputs[name] for name in plan.given})
