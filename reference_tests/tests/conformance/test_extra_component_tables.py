"""The tables of the layers beyond the core: mistakes that show, bounds sharp enough, wrong layers caught and named."""

import numpy as np
import pytest

from reference_tests.conformance.contract import BEYOND, layer
from reference_tests.conformance.examination import Request, examine
from reference_tests.conformance.judge import judge_all
from reference_tests.conformance.references import ask_all, right_answer
from reference_tests.conformance.scenarios import PLAIN, checks_of, draw_question, parts_of
from reference_tests.conformance.types import Check
from reference_tests.subject.protocol import EPS32, EPS64

from .test_component_tables import Subject, base, changes

JUDGED_BY_RULES = ("inverted_dropout",)  # in training: its mistakes are seen by rules, not told as numbers


def answers() -> list[tuple[str, str]]:
    return [(name, what) for name in BEYOND for what in ("out", *layer(name).OP.grads)]


@pytest.mark.parametrize("name", [name for name in BEYOND if name not in JUDGED_BY_RULES])
def test_every_known_mistake_changes_an_answer(name):
    """One that changes none could never be named."""
    module = layer(name)
    assert [m.code for m in module.MISTAKES if not any(changes(m, case) for case in module.CASES)] == []


@pytest.mark.parametrize("name, what", answers())
@pytest.mark.parametrize("kind", ["float16", "scaled"])
def test_half_precision_and_a_scale_of_one_in_ten_thousand_are_seen(name, what, kind):
    def change(result, a):
        if result != what:
            return a
        return a.astype("float16") if kind == "float16" else a * 1.0001

    plain = [Check(case, PLAIN, part) for case in layer(name).CASES for part in parts_of(layer(name).OP)]
    assert any(v.status == "fail" for v in judge_all(plain, Subject(base(), change)))


@pytest.mark.parametrize("name", BEYOND)
def test_what_is_right_passes_and_uses_little_of_its_bound(name):
    module = layer(name)
    assert [v.check.id for v in judge_all(checks_of(module), Subject(base())) if v.status != "pass"] == []
    for case in module.CASES:
        q = draw_question(case, kind="float32")
        want = right_answer(q, module.allowed)
        rounded = {k: a.astype("f4").astype("f8") for k, a in want.items()}
        bounds = module.allowed(q.exact(), want, EPS32)
        assert all(np.all(np.abs(rounded[k] - want[k]) <= bounds[k] / 4) for k in want)


@pytest.mark.parametrize("name", BEYOND)
def test_two_references_answer_each_number_far_inside_the_bound(name):
    case = layer(name).CASES[0]
    q = draw_question(case).exact()
    answers = ask_all(q, ("cpu",))
    want = next(iter(answers.values()))
    bounds = layer(name).allowed(q, want, EPS64)
    for what in want:
        given = [a[what] for a in answers.values() if what in a]
        assert len(given) >= 2
        assert all(np.all(np.abs(a - given[0]) <= bounds[what] / 2) for a in given)


def test_they_are_silent_where_they_are_not_there():
    only_relu = {k: a for k, a in base().items() if k in ("Relu", "ResidualAdd", "__file__")}
    found = examine(Subject(only_relu), Request(fresh=0)).components
    assert len(found) == 15 and [name for name in found if name in BEYOND] == ["residual_add"]
    asked_for = examine(Subject(only_relu), Request(only=("batch_norm",), fresh=0))
    assert asked_for.status("batch_norm") == "absent"
    required = examine(Subject(only_relu), Request(require=("batch_norm",), fresh=0))
    assert required.status("batch_norm") == "absent" and required.exit_status == 1
