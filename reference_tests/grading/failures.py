"""What a result keeps of a component's failed public checks, so that its student's page is verify's, within a bound."""

from collections.abc import Iterable
from dataclasses import replace

from ..conformance.diagnosis.evidence import smallest_failure
from ..conformance.diagnosis.exceptions import HOPELESS
from ..conformance.diagnosis.minimize import first_wrong
from ..conformance.types import LEVELS, Diagnosis, Verdict
from ..reports.page_data import Data, Extent, group_failures, rerun_of
from ..subject.protocol import Subject

KEPT = Extent(failures=12, pictured=1, largest=40_000)
MOST_CAUSES = 5  # of one component, that are shown
SMALL_CASES = 100  # that are tried to find the smallest that is wrong


def add_smallest(verdicts: Iterable[Verdict], subject: Subject) -> None:
    """Add the smallest case that is wrong to the first failure of each part. The submission is asked small cases."""
    stages: dict[str, list[Verdict]] = {}
    for v in sorted(verdicts, key=lambda v: LEVELS.index(v.check.level)):
        if v.status == "fail" and v.check.is_evidence and v.reason not in HOPELESS:
            stages.setdefault(v.check.part, []).append(v)
    for part, stage in stages.items():
        first = stage[0]
        small = first_wrong(first.check.case.op.component, part, subject, SMALL_CASES) or smallest_failure(stage)
        if small is not first:
            first.diagnosis = replace(first.diagnosis or Diagnosis("", ""), smallest=small)


def failures_shown(verdicts: Iterable[Verdict], target: str) -> list[Data]:
    """Return the failures by cause, as a page shows them. The verdicts still have their numbers and messages."""
    failed = [v for v in verdicts if v.status in ("fail", "error") and v.check.level != "advice" and v.message]
    return group_failures(failed, rerun_of(target), extent=KEPT)[:MOST_CAUSES]
