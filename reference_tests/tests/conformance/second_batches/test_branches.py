"""What a layer keeps of a first batch in a branch of its code alone is found, named and asked again by its id."""

import pytest

from reference_tests.conformance.contract import COMPONENTS, layer
from reference_tests.conformance.examination import Request, checks_named, examine
from reference_tests.conformance.references import CPU
from reference_tests.conformance.second_batches import MOST, choose_cases, judge_second_batches
from reference_tests.corpus.branches import Planted, planted
from reference_tests.corpus.mutants import base, executed
from reference_tests.grading.rubric_toml import parse
from reference_tests.grading.session import GradingSession
from reference_tests.quality.false_alarms import correct_subjects
from reference_tests.quality.subjects import InProcessSubject
from reference_tests.subject.load import load
from reference_tests.subject.parent import RemoteSubject

from ...grading import checklist_of

QUICK = (
    Planted("affine", "x", "x.ndim == 3"),
    Planted("im2col", "x", "shape[0] == 1"),
    Planted("relu", "dout", "x.ndim == 2"),
    Planted("lrn", "out", "self.n == 1"),
)


def examined(one, only=(), case=""):
    """Examine a planted layer in a fresh subject; return its component's failures that count."""
    subject = InProcessSubject(executed(one.source, f"<{one.id}>"))
    verdicts = examine(subject, Request(only=only, case=case, fresh=0)).components[one.component]
    return [v for v in verdicts if v.status == "fail" and v.check.level != "advice"]


def of_state(v):
    """Return whether a failure is named as something that is kept between calls."""
    return v.diagnosis is not None and v.diagnosis.code.startswith(("state.", "manner.second-call"))


@pytest.mark.parametrize("one", QUICK, ids=lambda one: one.id)
def test_state_of_a_branch_is_named_and_asked_again_by_its_id(one):
    (found,) = examined(one, (one.component,))
    assert of_state(found) and found.check.scenario.id == "second-call" and found.check.id in found.message
    again = {v.check.id: v for v in examined(one, case=found.check.id)}
    assert of_state(again[found.check.id])


@pytest.mark.slow
@pytest.mark.parametrize("one", [*planted()], ids=lambda one: one.id)
def test_every_condition_that_a_written_case_meets_shows(one):
    assert examined(one, (one.component,))


@pytest.mark.parametrize("opened", [load, pytest.param(RemoteSubject, marks=pytest.mark.slow)])
def test_plain_edition_keeps_nothing(tmp_path, opened):
    path = tmp_path / "mine.py"
    path.write_text(base())
    with opened(str(path)) as subject:
        assert [v for name in COMPONENTS for v in judge_second_batches(name, subject, CPU)] == []


@pytest.mark.slow
@pytest.mark.parametrize("way", correct_subjects())
def test_correct_variants_keep_nothing(way):
    subject = correct_subjects()[way]
    there = [name for name in COMPONENTS if subject.has(layer(name).OP.name)]
    assert [v.check.id for name in there for v in judge_second_batches(name, subject, CPU)] == []


@pytest.mark.parametrize("wrong", ["self.mask = x > 0", "self.mask = x <= (0 if len(x) > 1 else 9)"])
def test_wrong_plain_use_is_told_there_alone(wrong):
    names = executed(base().replace("self.mask = x <= 0\n", wrong + "\n"), "<wrong>")
    assert judge_second_batches("relu", InProcessSubject(names), CPU) == []


def test_few_cases_are_asked_and_each_but_once():
    for component in COMPONENTS:
        ids = [case.id for case in choose_cases(component)]
        assert len(ids) == len({*ids}) <= MOST


def test_a_submission_is_asked_for_one_check_more():
    rubric = parse({"components": {"relu": {"points": 1}}})
    sessions = []
    for source in (Planted("relu", "x", "x.ndim == 2").source, base()):
        session = GradingSession(InProcessSubject(executed(source, "<mine>")), "mine.py", rubric, *checklist_of(rubric))
        session.grade("/nowhere")
        sessions.append(session)
    failed, none = ([id for id, v in one.verdicts.items() if v.status != "pass"] for one in sessions)
    assert [id.endswith("/second-call") for id in failed] == [True] and none == []


@pytest.mark.parametrize("id", ["relu/one-image/forward/large-dout", "relu/one-imag/forward/second-call"])
def test_other_ids_are_as_unknown_as_before(id):
    with pytest.raises(ValueError, match="no check"):
        checks_named(id)
