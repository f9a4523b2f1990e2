"""Three tones: core decides what is wrong, an edge alone is a corner case, advice is evidence for nothing."""

from dataclasses import replace

import numpy as np
import pytest

from reference_tests.conformance import corners, generate
from reference_tests.conformance.contract import COMPONENTS, layer
from reference_tests.conformance.examination import Examination, Request, examine, explain
from reference_tests.conformance.judge import count_by_level, judge, judge_all, status_of
from reference_tests.conformance.scenarios import PLAIN, checks_of, parts_of
from reference_tests.conformance.types import Check, Verdict
from reference_tests.corpus import mutants
from reference_tests.quality.subjects import InProcessSubject

pytestmark = pytest.mark.slow

SUMS = [  # (level, status) of each check -> the component's status, and with --strict
    ("core pass, edge pass", "pass", "pass"),
    ("core pass, edge fail", "edge", "edge"),
    ("core pass, core fail, edge fail", "fail", "fail"),
    ("core pass, core fail, edge pass", "fail", "fail"),
    ("core pass, advice fail", "pass", "edge"),
    ("core pass, core absent", "partial", "partial"),
    ("core pass, core absent, edge fail", "edge", "edge"),  # a wrong answer is said before a missing one
    ("core absent, edge fail", "fail", "fail"),  # nothing shows that the core is right
    ("core not_run, edge fail", "fail", "fail"),
    ("edge fail", "edge", "edge"),  # --case of one corner case
    ("edge pass", "pass", "pass"),
    ("core absent, edge absent", "absent", "absent"),
    ("core pass, edge error", "error", "error"),
    ("core pass, edge fail, core error", "error", "error"),
    ("core fail, core error", "fail", "fail"),
]


def pairs(text: str) -> list[tuple[str, str]]:
    return [(level, status) for level, status in (one.split() for one in text.split(", "))]


@pytest.mark.parametrize("outcomes, usual, strict", SUMS)
def test_a_component_is_summed_up_by_the_level_of_what_is_wrong(outcomes, usual, strict):
    assert status_of(pairs(outcomes)) == usual
    assert status_of(pairs(outcomes), strict=True) == strict


def test_levels_are_counted_apart():
    outcomes = pairs("core pass, core fail, edge fail, advice pass")
    counts = {level: (n["passed"], n["total"]) for level, n in count_by_level(outcomes).items()}
    assert counts == {"core": (1, 2), "edge": (0, 1), "advice": (1, 1)}
    assert count_by_level([]) == {}


@pytest.mark.parametrize(
    "outcomes, edge, core",
    [("core pass, edge fail", 1, 0), ("core fail, edge pass", 1, 1), ("core pass, edge pass", 0, 0)],
)
def test_with_level_core_a_corner_case_does_not_change_the_exit_status(outcomes, edge, core):
    checks = {level: Check(next(c for c in layer("pooling").CASES if c.level == level), PLAIN, "forward")
              for level in ("core", "edge")}  # fmt: skip
    verdicts = [Verdict(checks[level], status) for level, status in pairs(outcomes)]
    for level, status in (("edge", edge), ("core", core)):
        assert Examination({"pooling": verdicts}, level=level).exit_status == status


# An empty batch.

CRASHES = {  # what NumPy raises, and what the layer raises itself
    "of nothing": lambda x: x.max(),
    "index": lambda x: x[0],
    "reshape": lambda x: x.reshape(0, -1),
    "by itself": lambda x: int("no images"),
}


def about_nothing(component: str) -> list[Check]:
    checks = checks_of(layer(component))
    return [check for check in checks if check.scenario.id == "empty-batch" or check.case.why == "no images"]


def test_every_layer_but_those_without_a_batch_of_none_is_asked_for_one():
    asked = {name for name in COMPONENTS if about_nothing(name)}
    assert set(COMPONENTS) - asked == {"shapes", "batch_norm", "simple_conv_net"}
    kinds = {(check.level, check.refuse) for name in asked for check in about_nothing(name)}
    assert kinds == {("advice", "any")}
    assert all(check.is_about_nothing for name in asked for check in about_nothing(name))


def test_corner_case_that_any_error_refuses_is_evidence():
    """Padding as large as the filter: code that answers there, and wrongly, shows its mistake."""
    subject = InProcessSubject(mutants.Mutant("bias", "convolution", "", "", (("+ self.b", "- self.b"),)).names())
    found = examine(subject, Request(only=("convolution",), fresh=0)).components["convolution"]
    failed = [v for v in found if v.status == "fail" and v.check.refuse == "any" and v.check.level == "edge"]
    assert failed and all(v.diagnosis for v in failed)


def test_padding_as_large_as_the_filter_may_be_refused_in_every_use():
    """Beside layers of the same sizes, too: what may be refused stands in no core check."""
    start = "        self.W, self.b, self.stride, self.pad = W, b, stride, pad\n"
    refusal = start + "        assert pad < min(W.shape[2:]), 'too much padding'\n"
    names = mutants.Mutant("refuses", "convolution", "", "", ((start, refusal),)).names()
    found = examine(InProcessSubject({"Convolution": names["Convolution"]}), Request(only=("convolution",), fresh=0))
    assert found.status("convolution") == "pass"


@pytest.mark.parametrize("crash", CRASHES.values(), ids=CRASHES)
def test_any_exception_is_a_refusal_of_an_empty_batch(crash):
    class Relu:
        def forward(self, x):
            if not len(x):
                crash(x)
            self.mask = x <= 0
            return np.where(self.mask, 0, x)

        def backward(self, dout):
            return np.where(self.mask, 0, dout)

    found = examine(InProcessSubject({"Relu": Relu}), Request(only=("relu",), fresh=0))
    assert {(v.status, v.reason) for v in found.components["relu"] if v.check.is_about_nothing} == {("pass", "refused")}
    assert found.status("relu") == "pass"


def wrong_for_none(component: str, old: str, new: str) -> InProcessSubject:
    return InProcessSubject(mutants.Mutant("empty", component, "", "", ((old, new),)).names())


@pytest.mark.parametrize("strict, status", [(False, "pass"), (True, "edge")])
def test_a_wrong_answer_to_an_empty_batch_is_advice_of_no_known_mistake(strict, status):
    subject = wrong_for_none("sigmoid", "/ (1 + e)", "/ (1 + e) if len(x) else np.ones((1, 3))")
    found = examine(subject, Request(only=("sigmoid",), fresh=0, strict=strict))
    failed = [v for v in found.components["sigmoid"] if v.status == "fail"]
    assert {v.check.refuse for v in failed} == {"any"} and failed
    assert {v.diagnosis.code for v in failed if v.diagnosis} <= {"manner.empty-batch"}
    assert found.status("sigmoid") == status


def test_a_component_wrong_for_none_alone_is_the_cause_of_nothing(monkeypatch):
    """The trial of a right im2col is not even made for a convolution that is wrong itself."""
    asked = []
    monkeypatch.setattr(
        "reference_tests.conformance.examination.explain",
        lambda verdicts, subject, wrong: asked.append((verdicts[0].check.case.op.component, tuple(wrong))),
    )
    source = mutants.base().replace("class Convolution", "_plain = im2col\n\n\ndef im2col(x, *more):\n"
        "    return _plain(x, *more) if len(x) else np.ones((1, 3))\n\n\nclass Convolution")  # fmt: skip
    subject = InProcessSubject(mutants.executed(source, "<none>"))
    found = examine(subject, Request(only=("im2col", "convolution"), fresh=0, strict=True))
    assert found.status("im2col") == "edge"
    assert asked == [("im2col", ()), ("convolution", ())]


# Advice is evidence for nothing.


@pytest.mark.parametrize("component", ["relu", "convolution"])
def test_no_name_changes_where_all_advice_fails(component):
    """The diagnoses of what decides are the same with the advice as it is, failed and left out."""
    mutant = next(m for m in mutants.mutants(component) if m.code and "." in m.code and "-advice-" not in m.id)
    subject = InProcessSubject(mutant.names())

    def named(change) -> dict[str, str]:
        verdicts = [change(v) for v in judge_all(checks_of(layer(component)), subject)]
        found = explain([v for v in verdicts if v], subject)
        return {v.check.id: getattr(v.diagnosis, "code", "") for v in found if v.check.level != "advice"}

    def fail(v: Verdict) -> Verdict:
        if v.check.level == "advice" and v.status == "pass" and v.plan:
            v.status, v.reason, v.problems = "fail", "values", []
        return v

    usual = named(lambda v: v)
    assert mutant.code in usual.values()
    assert named(fail) == usual
    assert named(lambda v: v if v.check.level != "advice" else None) == usual


# Drawn cases.

CORNERS = {  # component -> what makes its drawn cases corner cases; written down here once more, by hand
    **dict.fromkeys(("im2col", "col2im", "convolution", "grouped_convolution", "depthwise_convolution"), ("N",)),
    **dict.fromkeys(("pooling", "average_pooling", "locally_connected"), ("N", "pad")),
    **dict.fromkeys(("global_average_pooling", "global_max_pooling", "residual_add", "channel_concat"), ("N",)),
    **dict.fromkeys(("pointwise_convolution", "transposed_convolution", "spatial_pyramid_pooling"), ("N",)),
    **dict.fromkeys(("shapes", "relu", "sigmoid", "tanh", "affine", "softmax_with_loss", "dropout", "lrn"), ()),
    **dict.fromkeys(("simple_conv_net", "inverted_dropout", "batch_norm", "mean_normalization"), ()),
}


def drawn_cases(name: str, seeds: range):
    rng = np.random.default_rng(0)
    for seed in seeds:
        yield generate.record_picks(layer(name), lambda low, high: int(rng.integers(low, high + 1)), seed)


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_drawn_case_has_the_level_of_the_written_case_of_its_kind(name):
    for case in drawn_cases(name, range(1, 301)):
        images = case.params.get("input_shape") or next(iter(case.shapes.values()), (2,))
        is_corner = {"N": images[0] == 1, "pad": case.params.get("pad", 0) > 0}
        assert case.level == ("edge" if any(is_corner[one] for one in CORNERS[name]) else "core"), case


@pytest.mark.parametrize("name", COMPONENTS)
def test_an_id_leads_back_to_the_same_level(name):
    for case in drawn_cases(name, range(1, 31)):
        again = generate.rebuild_case(layer(name), case.id)
        assert (again.level, again.refuse, again.shapes) == (case.level, case.refuse, case.shapes)


@pytest.mark.parametrize("name", COMPONENTS)
def test_written_cases_of_one_kind_have_one_level(name):
    """If two differ, corners.FACTS lacks the fact that tells them apart."""
    levels: dict[str, set[str]] = {}
    for case in corners.cases_of_sizes(layer(name)):
        facts = corners.facts_of(case)
        if len(facts) == 1:
            levels.setdefault(*facts, set()).add(case.level)
    assert {fact: found for fact, found in levels.items() if len(found) > 1} == {}


@pytest.mark.parametrize("name, stride", [("pooling", 2), ("convolution", 3), ("im2col", 2)])
def test_a_drawn_size_that_does_not_divide_would_be_a_corner_case_that_may_be_refused(name, stride):
    of = layer(name)
    written = next(c for c in of.CASES if c.refuse == "no" and c.params["stride"] == stride and c.level == "core")
    shapes = {k: (*s[:2], s[2] + 1, *s[3:]) if k in ("x", "input_data") else s for k, s in written.shapes.items()}
    case = corners.as_written(of, replace(written, shapes=shapes))
    assert (case.level, case.refuse) == ("edge", "may")


def test_a_wrong_core_case_is_shown_before_a_smaller_corner_case():
    """One image is the smallest case of all, and a corner case: it would hide that everything is wrong."""
    subject = InProcessSubject(mutants.Mutant("all", "convolution", "", "", (("+ self.b", "- self.b"),)).names())
    forward = next(generate.judge_generated(layer("convolution"), 1, 20, subject))
    assert (forward.status, forward.check.level) == ("fail", "core")
    assert forward.check.case.shapes["x"][0] > 1


def test_a_wrong_corner_case_is_found_where_the_core_is_right():
    subject = InProcessSubject(mutants.Mutant("one", "relu", "", "", ()).names())
    of = layer("im2col")
    right = subject.names["im2col"]
    subject.names["im2col"] = lambda x, *more: right(x, *more) + (len(x) == 1)
    (found,) = generate.judge_generated(of, 1, 30, subject)
    assert (found.status, found.check.level) == ("fail", "edge")
    assert judge(Check(found.check.case, PLAIN, parts_of(of.OP)[0]), subject).status == "fail"
