"""The flow itself: who judges wrongly must be found out, and what is ours is never the learner's fault."""

import pickle
import time

import numpy as np
import pytest

from reference_tests.conformance import contract, generate, judge, references, tolerance
from reference_tests.conformance.compare import close, wrong_places
from reference_tests.conformance.examination import Request, checks_named, component_names, examine
from reference_tests.conformance.scenarios import PLAIN, SCENARIOS, checks_of
from reference_tests.conformance.scenarios.uses import draw_question
from reference_tests.conformance.types import Check
from reference_tests.quality.subjects import InProcessSubject
from reference_tests.subject.protocol import EPS32, Fault, Trace

LAYER = contract.layer("convolution")
FIRST = LAYER.CASES[0]


def subject_of(seconds: float = 5.0, **names) -> InProcessSubject:
    """Return a subject that defines these names, in this file."""
    return InProcessSubject(names, seconds, "here.py", (__file__,))


class Loops:
    """Convolution's forward alone, as the notes have it."""

    def __init__(self, W, b, stride, pad):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def forward(self, x):
        x = np.pad(x, [(0, 0), (0, 0), (self.pad,) * 2, (self.pad,) * 2])
        (FN, _, FH, FW), s = self.W.shape, self.stride
        OH, OW = (x.shape[2] - FH) // s + 1, (x.shape[3] - FW) // s + 1
        out = np.zeros((len(x), FN, OH, OW), np.result_type(x, self.W))
        for i in range(OH):
            for j in range(OW):
                window = x[:, :, i * s : i * s + FH, j * s : j * s + FW]
                out[:, :, i, j] = np.tensordot(window, self.W, ((1, 2, 3), (1, 2, 3))) + self.b
        return out


def verdict(subject, part="forward", case=FIRST, scenario=PLAIN):
    return judge.judge(Check(case, scenario, part), subject)


@pytest.mark.slow
def test_a_right_forward_passes_and_a_missing_backward_is_absent():
    found = examine(subject_of(Convolution=Loops), Request(only=("convolution",), fresh=2))
    seen = {(v.check.part, v.status) for v in found.components["convolution"] if v.check.level == "core"}
    assert seen == {("forward", "pass"), ("backward", "absent")}
    assert found.status("convolution") == "partial"
    assert found.exit_status == 0


@pytest.mark.parametrize("wrong", ["out", "dW", "dx", "db"])
def test_one_wrong_reference_makes_an_error_not_a_failure(wrong, monkeypatch):
    """Rule 4: no reference is trusted alone; the check ends as error, and nobody's code is called wrong."""
    table = references._tables()["loops"]
    right = table["convolution"]
    spoilt = {**table, "convolution": lambda q: {k: a + 1e-9 * (k == wrong) for k, a in right(q).items()}}
    monkeypatch.setitem(references._tables(), "loops", spoilt)
    monkeypatch.setattr(references, "_memo", {})
    found = verdict(subject_of(Convolution=Loops), "forward" if wrong == "out" else "backward")
    assert (found.status, "loops" in found.reason) == ("error", True)


def test_central_differences_catch_a_gradient_that_all_references_get_wrong():
    q = draw_question(FIRST).exact()
    want = references.ask(q)
    references.check_gradient_numerically(q, want)
    with pytest.raises(Fault, match=r"convolution\.dW: central differences"):
        references.check_gradient_numerically(q, {**want, "dW": want["dW"] * 1.001})


@pytest.mark.parametrize("gap", [12.0, 14.0])
def test_central_differences_know_that_a_small_loss_of_large_logits_is_rounded(gap):
    row = [gap + np.random.default_rng(0).random(), 0.27]
    q = draw_question(contract.layer("softmax_with_loss").CASES[0]).but(x=np.array([row]), t=np.array([0]))
    references.check_gradient_numerically(q, references.ask(q))
    with pytest.raises(Fault, match="central differences"):
        references.check_gradient_numerically(q, {"dx": references.ask(q)["dx"] * 1.01})


def test_a_lone_answer_is_a_fault(monkeypatch):
    monkeypatch.setattr(references, "_memo", {})
    only = {"torch_ref": references._tables()["torch_ref"]}
    monkeypatch.setattr(references, "_tables", lambda: only)
    with pytest.raises(Fault, match="only torch on cpu answers"):
        references.right_answer(draw_question(FIRST), LAYER.allowed)


def test_right_float32_is_far_inside_the_bound_and_float16_is_outside():
    q = draw_question(FIRST, kind="float32")
    want = references.right_answer(q, LAYER.allowed)["out"]
    allowed = LAYER.allowed(q, {"out": want}, EPS32)["out"]
    right, coarse = (Loops(q["W"].astype(t), q["b"].astype(t), 1, 0).forward(q["x"].astype(t)) for t in ("f4", "f2"))
    assert np.max(np.abs(right - want) / allowed) < 0.2
    assert not close(coarse, want, allowed)


def test_only_a_nan_is_close_to_a_nan():
    nan, one = np.array([np.nan]), np.array([1.0])
    assert wrong_places(nan, one, 1e9).all()
    assert wrong_places(one, nan, 1e9).all()
    assert not wrong_places(nan, nan, 0.0).any()
    assert not wrong_places(np.array([np.inf]), np.array([np.inf]), 0.0).any()


class Endless(Loops):
    def forward(self, x):
        while True:
            try:
                time.sleep(0.01)
            except BaseException:
                break
        while True:
            pass


@pytest.mark.slow
def test_an_endless_loop_ends_its_check_and_the_rest_of_that_part_is_not_run():
    found = list(judge.judge_all(checks_of(LAYER)[:6], subject_of(0.2, Convolution=Endless)))
    by_part = [(v.status, v.reason) for v in found if v.check.part == "forward"]
    assert by_part == [("fail", "timeout"), *[("not_run", "after-timeout")] * (len(by_part) - 1)]


class Doubled(Loops):
    def forward(self, x):
        return 2 * super().forward(x)


class Writes(Loops):
    def forward(self, x):
        x = np.asarray(x)
        x *= 1.0001
        return super().forward(x / 1.0001)


class Reuses(Loops):
    kept = None

    def forward(self, x):
        out = super().forward(x)
        if self.kept is None or self.kept.shape != out.shape:
            self.kept = out
        self.kept[...] = out
        return self.kept


@pytest.mark.parametrize(
    "layer, scenario, reason", [(Writes, "plain", "changed-input"), (Reuses, "second-call", "overwritten")]
)
def test_writing_into_inputs_or_earlier_results_fails(layer, scenario, reason):
    how = next(m for m in (PLAIN, *SCENARIOS) if m.id == scenario)
    assert verdict(subject_of(Convolution=layer), scenario=how).reason == reason


def test_drawn_cases_shrink_and_can_be_run_again_by_their_id():
    class Wide(Loops):
        def forward(self, x):
            return super().forward(x) + (x.shape[0] > 1)

    forward = next(generate.judge_generated(LAYER, 3, 50, subject_of(Convolution=Wide)))
    assert forward.status == "fail"
    assert forward.check.case.shapes["x"][0] == 2
    (again,) = checks_named(forward.check.id)
    assert again.case.shapes == forward.check.case.shapes
    assert judge.judge(again, subject_of(Convolution=Wide)).status == "fail"
    assert judge.judge(again, subject_of(Convolution=Loops)).status == "pass"


def test_other_seeds_draw_other_numbers():
    first, second = (generate.record_picks(LAYER, lambda low, high: low, number).question()["x"] for number in (1, 2))
    assert not np.array_equal(first, second)


def test_a_failure_keeps_what_it_is_about_and_a_pass_its_plan_alone():
    right, wrong = verdict(subject_of(Convolution=Loops)), verdict(subject_of(Convolution=Doubled))
    assert (right.status, wrong.status) == ("pass", "fail")
    assert right.plan and right.trace is None and right.expected is None
    assert wrong.plan and wrong.trace and wrong.expected
    np.testing.assert_allclose(wrong.trace.results["out"], 2 * wrong.expected["out"].want, rtol=1e-6)
    assert wrong.question is wrong.plan.expect["out"][0]


def test_a_pickled_verdict_holds_the_outcome_alone():
    wrong = verdict(subject_of(Convolution=Doubled))
    wrong.check = None  # a case of ours holds functions, which are not pickled
    again = pickle.loads(pickle.dumps(wrong))
    assert (again.status, again.reason, len(again.problems)) == ("fail", "values", 1)
    assert again.plan is None and again.trace is None and again.expected is None


def test_an_unknown_name_gets_a_suggestion():
    with pytest.raises(ValueError, match="did you mean pooling"):
        component_names(["poling"])
    with pytest.raises(ValueError, match="no check is called 'convolution/nothing-like-it'"):
        checks_named("convolution/nothing-like-it")


def test_ids_are_unique_and_lead_back_to_their_checks():
    ids = [c.id for c in contract.all_checks()]
    assert len(ids) == len(set(ids))
    for check in contract.all_checks()[::37]:
        assert [c.id for c in checks_named(check.id)] == [check.id]


def test_the_bound_grows_with_the_number_of_terms():
    q = draw_question(FIRST)
    want = references.ask(q)
    small, large = (tolerance.products(q, dict.fromkeys(want, n), EPS32) for n in (1, 10))
    assert {k: float(large[k].max() / small[k].max()) for k in want} == pytest.approx(dict.fromkeys(want, 10.0))


class Silent:
    """A process that answers every program with nothing at all, as a forged reply may."""

    def __init__(self):
        self.interfaces = {}

    def has(self, name):
        return True

    def run(self, plan, note=None):
        return Trace()

    def run_all(self, plans):
        return (Trace() for _ in plans)

    def forget(self):
        pass


class Raises(Loops):
    """A layer whose backward always raises."""

    def backward(self, dout):
        raise ValueError("no")


def test_a_stop_is_told_by_the_layers_name():
    subject = subject_of(Convolution=Raises)
    found = judge.judge_all([*checks_of(LAYER)], subject)
    steps = {p.got.step for v in found for p in v.problems if p.kind == "stopped"}
    assert "Convolution.backward" in steps and all(step.startswith("Convolution") for step in steps)


@pytest.mark.slow
@pytest.mark.parametrize("component", contract.COMPONENTS)
def test_no_answer_passes_nothing_and_is_no_fault(component):
    assert {v.status for v in judge.judge_all([*checks_of(contract.layer(component))], Silent())} == {"fail"}
