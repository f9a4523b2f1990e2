"""Layers that are right up to a number that their code names are caught, and named; right blocks are left alone."""

import pytest

from reference_tests.conformance.examination import Request, checks_named, examine, explain
from reference_tests.conformance.references import CPU
from reference_tests.conformance.thresholds import cases
from reference_tests.conformance.thresholds.search import judge_thresholds
from reference_tests.corpus.mutants import base, executed
from reference_tests.corpus.thresholds import KEPT, RIGHT, WRONG
from reference_tests.grading.rubric_toml import parse
from reference_tests.grading.session import GradingSession
from reference_tests.quality.subjects import InProcessSubject
from reference_tests.subject.load import load
from reference_tests.subject.parent import RemoteSubject

from ...grading import checklist_of

AFFINE = {"components": {"affine": {"points": 1}}}


def by_id(one):
    return one.mutant.id


@pytest.mark.slow
@pytest.mark.parametrize("planted", (*WRONG, *KEPT), ids=by_id)
def test_planted_threshold_is_found_where_the_code_names_it(planted):
    subject = InProcessSubject(planted.mutant.names())
    verdicts = examine(subject, Request(only=(planted.mutant.component,), fresh=0)).components[planted.mutant.component]
    (found,) = [v for v in verdicts if v.bound]
    assert found.status == "fail" and found.diagnosis
    assert found.bound is not None and found.bound.place and abs(found.bound.number) == abs(planted.number)
    assert found.bound.right <= abs(planted.number) <= found.bound.wrong and found.bound.kept == (planted in KEPT)
    assert found.check.id in [check.id for check in checks_named(found.check.id)]


@pytest.mark.parametrize("opened", [load, pytest.param(RemoteSubject, marks=pytest.mark.slow)])
@pytest.mark.parametrize("place", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, len(KEPT)))])
def test_state_kept_beyond_a_number_is_told_as_both(tmp_path, opened, place):
    path = tmp_path / "mine.py"
    path.write_text(KEPT[place].mutant.source)
    component = KEPT[place].mutant.component
    with opened(str(path)) as subject:
        (v,) = judge_thresholds(component, subject, CPU)
        explain([v], subject)
    assert v.bound and v.bound.kept and v.bound.place.startswith("mine.py") and v.check.level == "core"
    assert v.diagnosis and v.diagnosis.code and f"{KEPT[place].number:g}" in v.message


@pytest.mark.slow
@pytest.mark.parametrize("id, least", [("threshold-relu-96", 6), ("threshold-sigmoid-1024", 3)])
def test_a_threshold_that_explains_every_failure_is_the_name_of_all(id, least):
    one = next(p.mutant for p in WRONG if by_id(p) == id)
    component = one.component
    verdicts = examine(InProcessSubject(one.names()), Request(only=(component,), fresh=0)).components[component]
    failed = [v for v in verdicts if v.status == "fail" and v.check.level != "advice"]
    assert len(failed) >= least and {v.diagnosis.code for v in failed if v.diagnosis} == {"threshold"}


@pytest.mark.slow
@pytest.mark.parametrize("planted", RIGHT, ids=by_id)
def test_right_blocks_and_bounds_agree(planted):
    subject = InProcessSubject(planted.mutant.names())
    assert judge_thresholds(planted.mutant.component, subject, CPU) == []
    assert examine(subject, Request(only=(planted.mutant.component,), fresh=0)).ok


def affine_of(tmp_path, place=0):
    """Write a submission of an affine layer that leaves the rest of blocks of 1000 out; or one that does not."""
    one = (WRONG, RIGHT)[place][0].mutant
    path = tmp_path / "mine.py"
    path.write_text(one.source)
    return path


@pytest.mark.parametrize("opened", [load, pytest.param(RemoteSubject, marks=pytest.mark.slow)])
def test_failure_names_its_line_and_is_asked_again_by_its_id(tmp_path, opened):
    with opened(str(affine_of(tmp_path))) as subject:
        found = examine(subject, Request(only=("affine",), fresh=0))
        (v,) = [v for v in found.components["affine"] if v.status == "fail"]
        (again,) = examine(subject, Request(case=v.check.id)).components["affine"]
    assert found.status("affine") == "fail" and v.check.level == "core"
    assert v.diagnosis and v.diagnosis.code == "threshold" and "mine.py" in v.message and "1000" in v.message
    assert again.status == "fail"


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_marks_are_those_of_one_check_more_under_every_seed(seed, tmp_path):
    rubric = parse(AFFINE)
    points = []
    for place in (0, 1):
        path = affine_of(tmp_path, place)
        subject = InProcessSubject(executed(path.read_text(), str(path)), files=(str(path),))
        session = GradingSession(subject, "mine.py", rubric, *checklist_of(rubric, seed))
        session.grade(str(tmp_path))
        items = session.checklist.items_of("affine")
        failed = [i.id for i in items if session.verdicts[i.id].status != "pass"]
        points.append((len(items), failed))
    (wrong, failed), (right, none) = points
    assert wrong == right + 1 and [id.endswith("/threshold") for id in failed] == [True] and none == []


def test_a_submission_is_read_in_its_own_folder_alone(tmp_path):
    path = affine_of(tmp_path)
    subject = InProcessSubject(executed(path.read_text(), str(path)), files=(str(path),))
    session = GradingSession(subject, "mine.py", parse(AFFINE), *checklist_of(parse(AFFINE)))
    session.grade(str(tmp_path / "elsewhere"))
    assert not [id for id in session.verdicts if id.endswith("/threshold")]


def test_layer_that_takes_long_for_many_numbers_is_not_wrong(tmp_path, monkeypatch):
    monkeypatch.setattr(cases, "SECONDS", 0.2)
    slow = "    def forward(self, x):\n        while x.size > 600:\n            pass\n"
    path = tmp_path / "mine.py"
    path.write_text(base().replace("class Relu:\n    def forward(self, x):\n", f"class Relu:\n{slow}"))
    subject = InProcessSubject(executed(path.read_text(), str(path)), files=(str(path),))
    assert judge_thresholds("relu", subject, CPU) == []


def test_same_mistake_has_its_name_once(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(base().replace("self.mask = x <= 0\n", "self.mask = x <= (0 if x.size <= 700 else -9)\n"))
    subject = InProcessSubject(executed(path.read_text(), str(path)), files=(str(path),))
    failed = [v for v in examine(subject, Request(only=("relu",), fresh=0)).components["relu"] if v.status == "fail"]
    forward = [v for v in failed if v.check.scenario.id == "plain" and v.check.part == "forward"]
    assert len(forward) > 1 and {v.diagnosis.code for v in forward if v.diagnosis} == {"threshold"}


def test_plain_edition_agrees_around_numbers_that_stand_beside_it(tmp_path):
    numbers = "\n\ndef unused(x):\n    return x[:7] if len(x) > 9 else np.clip(x, -20, 20) + 1e-3\n"
    path = tmp_path / "mine.py"
    path.write_text(base() + "\nLIMITS = (9, 12)\n" + numbers)
    subject = InProcessSubject(executed(path.read_text(), str(path)), files=(str(path),))
    for component in ("relu", "affine"):
        assert judge_thresholds(component, subject, CPU) == []
