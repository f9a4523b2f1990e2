"""A session names every component's own mistake, and what a whole class lacks is said first."""

from dataclasses import replace
from functools import cache

import pytest

from reference_tests.corpus.mutants import executed
from reference_tests.grading import messages, rubric_toml
from reference_tests.grading.checklist import make_checklist
from reference_tests.grading.outputs.class_page import render_class_page
from reference_tests.grading.outputs.overview import Line, summarize
from reference_tests.grading.result import GRADED, ComponentResult, Result
from reference_tests.grading.rubric import Component, Group
from reference_tests.grading.session import GradingSession
from reference_tests.quality import detection
from reference_tests.quality.subjects import InProcessSubject

from . import RIGHT, checklist_of, run_settings, small

WINDOWS = rubric_toml.parse(
    {"components": {"im2col": {"points": 1}, "convolution": {"points": 1, "needs": ["im2col"]}}, "drawn": 0}
)


@cache
def session_of(*mutants: str) -> GradingSession:
    """Grade a submission with the mistakes of all these mutants; the public checks alone."""
    first, *others = (detection.plant()[mutant] for mutant in mutants)
    source = first.source
    for mutant in others:
        for old, new in mutant.patch:
            assert source.count(old) == 1
            source = source.replace(old, new)
    subject = InProcessSubject(executed(source, f"<{mutants}>"))
    session = GradingSession(subject, "a.py", WINDOWS, *checklist_of(WINDOWS))
    session.grade("/nowhere")
    return session


def codes(session: GradingSession, component: str) -> set[str]:
    """Return the codes of a component's diagnoses."""
    items = session.checklist.items_of(component)
    return {v.diagnosis.code for v in (session.verdicts[item.id] for item in items) if v.diagnosis}


@pytest.mark.slow
def test_mistake_is_named_where_a_prerequisite_is_wrong_too():
    session = session_of("conv-bias-missing", "im2col-columns-across")
    assert codes(session, "im2col") == {"im2col.columns-across-first"}
    assert codes(session, "convolution") == {"conv.bias-missing"}


@pytest.mark.slow
def test_check_mended_by_a_right_prerequisite_gets_no_name():
    session = session_of("im2col-columns-across")
    assert codes(session, "im2col") == {"im2col.columns-across-first"}
    assert not codes(session, "convolution")
    assert set(session.substituted.values()) == {"im2col"}


def result_of(name, **statuses):
    """Return a result whose components have these statuses, with 4 points each at most."""
    made = Result(name, "", GRADED, 1.0, 8.0, "none", 1, "given", "test", "")
    made.components = {
        component: ComponentResult(status, 0, 1, 0.0, 4.0, {}, []) for component, status in statuses.items()
    }
    return made


def test_component_that_a_whole_class_lacks_is_said_first():
    results = [result_of("a", relu="pass", lrn="absent"), result_of("b", relu="absent", lrn="absent")]
    overview = summarize(results)
    assert overview.absent(run_settings().rubric) == (["lrn"], 4.0)
    sentence = messages.absent_everywhere(*overview.absent(run_settings().rubric))
    assert "Nobody has lrn: 4 points" in sentence and "--rubric book" in sentence
    page = render_class_page(overview, run_settings(), lambda name: name)
    assert page.index("Nobody has lrn") < page.index("2 submissions")


@pytest.mark.parametrize("statuses", [["absent", "fail"], ["absent"], ["pass", "pass"]])
def test_component_that_some_have_is_not_called_absent(statuses):
    overview = summarize(result_of(str(i), lrn=status) for i, status in enumerate(statuses))
    assert isinstance(overview.lines[0], Line) and overview.absent(run_settings().rubric) == ([], 0.0)
    assert messages.absent_everywhere([], 0.0) == ""


CURVES = ("relu", "sigmoid", "tanh")


@pytest.mark.parametrize(
    "absent, bonus, best, costs",
    [
        (["sigmoid"], ["sigmoid"], 0, ([], 0.0)),
        (["sigmoid", "relu"], ["sigmoid"], 0, (["relu"], 4.0)),
        (["sigmoid"], [], 2, ([], 0.0)),
        (["sigmoid", "tanh"], [], 2, (["sigmoid", "tanh"], 4.0)),
        (["sigmoid", "tanh"], ["tanh"], 2, (["sigmoid"], 4.0)),
    ],
)
def test_absence_of_bonus_and_of_what_a_group_makes_up_for_costs_nothing(absent, bonus, best, costs):
    """best: so many of the three curves count; 0: they are no group."""
    parts = tuple(Component(name, 4.0, 0.5, 1, bonus=name in bonus) for name in CURVES)
    groups = (Group("curves", CURVES, best),) if best else ()
    rubric = replace(run_settings().rubric, components=parts, groups=groups)
    both = [result_of(n, **{name: "absent" if name in absent else "pass" for name in CURVES}) for n in "ab"]
    assert summarize(both).absent(rubric) == costs


ROWS_WRONG = RIGHT.replace("(self.on, x, 0)", "(self.on, x, x.ndim == 2)")


@pytest.mark.slow
def test_hidden_check_is_not_asked_where_the_public_one_of_its_kind_fails():
    """So the luck of its numbers decides nothing."""
    checklist, answers = checklist_of(small())
    session = GradingSession(InProcessSubject(executed(ROWS_WRONG, "rows.py")), "wrong", small(), checklist, answers)
    session.grade("")
    wrong = {id for id, verdict in session.verdicts.items() if verdict.status == "fail"}
    hidden = {id: session.verdicts[id] for id in checklist.public_of}
    unasked = {id for id, v in hidden.items() if (v.status, v.reason) == ("not_run", "public")}
    assert unasked == {id for id in hidden if wrong & set(checklist.public_of[id])}
    assert unasked and {v.status for id, v in hidden.items() if id not in unasked} == {"pass"}
    assert "public check of the same kind" in session.verdicts[min(unasked)].message


def test_every_drawn_check_has_a_public_one_of_its_kind():
    checklist = make_checklist(rubric_toml.load("book"), 5)
    assert len(checklist.public_of) > 100
    assert not [i.id for i in checklist.items if i.hidden and not checklist.public_of[i.id]]
