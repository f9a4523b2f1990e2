"""Every target of the set of other interfaces is read and judged without any option."""

import pytest

from reference_tests.conformance.examination import Request, examine, more_checks, requested_checks
from reference_tests.conformance.judge import TOGETHER, component_status, judge_all
from reference_tests.conformance.types import Check, Verdict
from reference_tests.corpus.conventions import FILES, FOLDER, Entry
from reference_tests.subject.parent import RemoteSubject
from reference_tests.subject.protocol import Subject
from reference_tests.subject.source import LoadError

pytestmark = pytest.mark.slow
REQUEST = Request(seed=7)
MOST = 1  # files of a style by day
STYLES = sorted({e.convention for e in FILES if e.convention})
of_styles = pytest.mark.parametrize("style", STYLES)
by_day_and_night = pytest.mark.parametrize("most", [MOST, pytest.param(None, marks=pytest.mark.nightly, id="all")])
AGREES, DISAGREES = ("pass", "partial", "edge"), ("fail",)


def judged_alone(entry: Entry) -> dict[str, str]:
    """Judge the wrong components of a target, without diagnosis."""
    with RemoteSubject(str(FOLDER / entry.path)) as subject:
        checks = requested_checks(subject, REQUEST)
        found = {}
        for name in entry.wrong:
            mine = [c for c in checks if c.case.op.component == name]
            found[name] = status_at_last([*mine, *more_checks(name, subject, REQUEST)], subject) if mine else "absent"
        return found


def status_at_last(checks: list[Check], subject: Subject) -> str:
    """Return a component's status. The first group of checks with a failure of the core settles it."""
    found: list[Verdict] = []
    too_slow: set[tuple[str, str]] = set()
    for start in range(0, len(checks), TOGETHER):
        found += judge_all(checks[start : start + TOGETHER], subject, too_slow=too_slow)
        if any(v.status == "fail" and v.check.level == "core" for v in found):
            return "fail"
    return component_status(found)


def examined(entry: Entry) -> dict[str, str]:
    """Examine the right components of a target as verify does."""
    with RemoteSubject(str(FOLDER / entry.path)) as subject:
        examination = examine(subject, Request(seed=7, fresh=0, only=entry.right))
        return {name: examination.status(name) if name in examination.components else "absent" for name in entry.right}


def sample(entries: list[Entry], most: int | None) -> list[Entry]:
    """Return all entries, or so many of them, spread over the list."""
    return entries if most is None else entries[:: -(-len(entries) // most) or 1]


@of_styles
@by_day_and_night
def test_right_layers_agree(style, most):
    of_style = sample([e for e in FILES if e.convention == style and e.right and not e.wrong], most)
    wrong = {e.path: {n: s for n, s in examined(e).items() if s not in AGREES} for e in of_style}
    assert {path: bad for path, bad in wrong.items() if bad} == {}


@of_styles
@by_day_and_night
def test_every_planted_mistake_is_seen(style, most):
    of_style = sample([e for e in FILES if e.convention == style and e.wrong], most)
    missed = {e.path: {n: s for n, s in judged_alone(e).items() if s not in DISAGREES} for e in of_style}
    assert {path: bad for path, bad in missed.items() if bad} == {}


@pytest.mark.parametrize("entry", [e for e in FILES if "" in e.unjudged], ids=lambda e: e.path)
def test_target_without_a_layer_is_refused_in_one_sentence(entry):
    with pytest.raises(LoadError) as refused, RemoteSubject(str(FOLDER / entry.path)):
        pass
    assert "\n" not in str(refused.value)
