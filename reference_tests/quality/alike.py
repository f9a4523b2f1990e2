"""Of the sizes that a stratum may have, those at which every planted mistake behaves alike.

That a size is of the written case's kind (quality.sizes) is a guess at what mistakes hang on; the corpus measures it. A
mistake that the public case of the kind shows does not count: its hidden cases are not asked.
"""

from collections import defaultdict
from types import ModuleType

from ..conformance import judge, references, strata
from ..conformance.strata import Sizes
from ..conformance.types import Case, Check, PreparedCheck
from ..corpus import mutants
from .subjects import InProcessSubject

SEEDS = (1, 2)  # numbers that each size is tried with
Prepared = list[tuple[Check, PreparedCheck]]


def keep_alike(layer: ModuleType, found: dict[str, list[Sizes]]) -> dict[str, list[Sizes]]:
    """Return of each stratum's sizes the largest group at which all planted mistakes show or hide alike."""
    planted = mutants.mutants(layer.__name__.rpartition(".")[2])
    return {w.why: keep_alike_in(layer, w, found[w.why], planted) for w in strata.strata_of(layer)}


def keep_alike_in(layer: ModuleType, written: Case, rows: list[Sizes], planted: list[mutants.Mutant]) -> list[Sizes]:
    """Return of one stratum's sizes the largest such group."""
    asked = [prepare_size(layer, written, row) for row in rows]
    public = prepare(strata.checks_of(layer, written, written))
    shown: list[list[frozenset[int]]] = [[] for _ in rows]
    for mutant in planted:
        subject = InProcessSubject(mutant.names())
        right = [passes(subject, *one) for one in public]
        for one, ready in zip(shown, asked):
            one.append(checks_shown(subject, ready, right))
    groups: dict[tuple[frozenset[int], ...], list[Sizes]] = defaultdict(list)
    for row, one in zip(rows, shown):
        groups[tuple(one)].append(row)
    return max(groups.values(), key=len, default=[])


def prepare_size(layer: ModuleType, written: Case, row: Sizes) -> list[Prepared]:
    """Return the checks of a stratum in these sizes, under each seed."""
    return [prepare(strata.checks_of(layer, written, strata.draw_numbers(written, row, seed))) for seed in SEEDS]


def prepare(checks: list[Check]) -> Prepared:
    """Return checks with their right answers."""
    ready = [(check, judge.prepare(check)) for check in checks]
    references.forget()
    return ready


def passes(subject: InProcessSubject, check: Check, ready: PreparedCheck) -> bool:
    """Whether a subject passes a check."""
    return judge.judge(check, subject, ready=ready).status != "fail"


def checks_shown(subject: InProcessSubject, ready: list[Prepared], right: list[bool]) -> frozenset[int]:
    """Return which of a size's checks a mutant fails under every seed, of those whose public one it passes."""
    failing = [{n for n, one in enumerate(asked) if right[n] and not passes(subject, *one)} for asked in ready]
    return frozenset(set.intersection(*failing))
