"""Which checks earn how much: expected failures, skipped checks, groups, bonus, what an interface cannot express."""

import math

import pytest

from reference_tests.conformance import judge
from reference_tests.conformance.types import Verdict
from reference_tests.errors import UsageError
from reference_tests.grading import rubric_toml, score, settings
from reference_tests.grading.batch import pair_up
from reference_tests.grading.checklist import make_checklist
from reference_tests.grading.outputs.overview import summarize
from reference_tests.grading.result import GRADED, Result

SEED = 5
CURVES = {"relu": {"points": 6}, "sigmoid": {"points": 3}, "shapes": {"points": 4}}


def parse(**more):
    """Return a rubric of three components."""
    return rubric_toml.parse({"components": CURVES, "budget": 0, **more})


def points(rubric, wrong=(), status="fail", reason=""):
    """Return the components' results where all checks pass, but for those whose ids have one of these parts."""
    checklist = make_checklist(rubric, SEED)
    verdicts = {item.id: Verdict(item.check, "pass") for item in checklist.items}
    for item in checklist.items:
        if any(part in item.id for part in wrong):
            verdicts[item.id] = Verdict(item.check, status, reason)
    return score.score_components(checklist, verdicts, {})


def result_of(rubric, components):
    """Return a result with these components."""
    made = Result("a", "", GRADED, None, rubric.max_score, "none", SEED, "given", "test", rubric.hash)
    made.components = components
    return made


def test_public_points_of_a_part_are_scaled_by_its_hidden_share():
    rubric = parse()
    all_wrong = points(rubric, wrong=[f"@{SEED}/backward"])["relu"]
    assert sum(c.points for c in all_wrong.checks if c.id.endswith("/backward")) == 0
    assert all(c.points == c.max_points for c in all_wrong.checks if c.id.endswith("/forward"))
    one = points(rubric, wrong=[f"drawn-like-one-image@{SEED}/backward"])["relu"]
    hidden = [c for c in one.checks if c.hidden and c.id.endswith("/backward")]
    share = sum(c.points for c in hidden) / sum(c.max_points for c in hidden)
    public = [c for c in one.checks if not c.hidden and "/backward" in c.id]
    assert all(c.points == pytest.approx(c.max_points * share, abs=1e-5) for c in public)


def test_mistake_that_costs_public_and_hidden_checks_alike_costs_once():
    """A share of public checks that is no larger than the hidden one is not scaled."""
    found = points(parse(), wrong=["one-image", "second-call", "fortran", "strided", "read-only", "tiny"])["relu"]
    public = [c for c in found.checks if not c.hidden and "/backward" in c.id and c.status == "pass"]
    assert all(c.points == c.max_points for c in public)


def test_expected_failure_costs_nothing_and_an_unexpected_pass_is_told():
    rubric = parse(xfail={"relu/one-image": "the course's template squeezes"})
    failing = points(rubric, wrong=["relu/one-image", f"relu/drawn-like-one-image@{SEED}"])
    assert failing["relu"].points == failing["relu"].max_points == 6
    assert failing["relu"].status == "pass"
    checks = [c for c in failing["relu"].checks if c.xfail]
    assert len(checks) == 4 and any(c.hidden for c in checks)  # the stratum's checks are meant, too
    assert all(c.message.startswith("fails as expected, and costs nothing: the course's") for c in checks)
    assert not summarize([result_of(rubric, failing)]).unexpected
    told = summarize([result_of(rubric, points(rubric))] * 2).unexpected
    assert told == [(f"relu/one-image/{part}", "the course's template squeezes", 2) for part in ("backward", "forward")]


def test_skipped_checks_leave_their_points_to_the_others_and_components_take_theirs_along():
    rubric = settings.merge_settings(parse(), isolation="none", skip=["relu/one-image", "sigmoid"]).rubric
    assert rubric.max_score == 10
    found = points(rubric)
    assert (found["relu"].points, found["shapes"].points, "sigmoid" in found) == (6, 4, False)
    assert not [c.id for c in found["relu"].checks if "one-image" in c.id]
    assert rubric.hash != parse().hash


@pytest.mark.parametrize("ids, sentence", [(["relu/nothing"], "no check is called"), (list(CURVES), "nothing is left")])
def test_skipping_what_is_not_there_or_everything_is_refused(ids, sentence):
    with pytest.raises(UsageError, match=sentence):
        settings.merge_settings(parse(), isolation="none", skip=ids)


def test_best_of_a_group_count():
    rubric = parse(groups={"curves": {"components": ["relu", "sigmoid"], "best": 1}})
    assert rubric.max_score == 10
    assert score.total_points(points(rubric), rubric) == 10
    assert score.total_points(points(rubric, wrong=["relu/"]), rubric) == 7
    assert score.total_points(points(rubric, wrong=["relu/", "sigmoid/"]), rubric) == 4


def test_bonus_comes_on_top_of_the_total():
    rubric = rubric_toml.parse({"total": 7, "components": {**CURVES, "relu": {"points": 6, "bonus": True}}})
    assert rubric.max_score == 7
    assert score.total_points(points(rubric), rubric) == 13
    assert score.total_points(points(rubric, wrong=["relu/"]), rubric) == 7


def test_limits_of_a_prescribed_interface_cost_nothing_and_those_of_a_chosen_one_do():
    beyond = {"wrong": ["one-image"], "status": "beyond", "reason": "N"}
    chosen = points(parse(), **beyond)["relu"]
    assert 0 < chosen.points < 6
    assert all(c.points == c.max_points for c in chosen.checks if c.status == "pass")
    prescribed = points(parse(convention="torch-nn"), **beyond)["relu"]
    assert prescribed.points == 6
    assert points(parse(convention="torch-nn"), wrong=["relu/"], status="beyond")["relu"].points == 0


def test_large_backward_is_a_quarter_of_its_parts_hidden_points_and_states_its_budget():
    checklist = make_checklist(rubric_toml.parse({"components": CURVES, "budget": 3}), SEED)
    large = [item for item in checklist.items_of("relu") if item.check.budget]
    assert [(i.check.part, i.check.budget, i.hidden) for i in large] == [("forward", 3, True), ("backward", 3, True)]
    most = checklist.most_points()
    hidden = [item for item in checklist.items_of("relu") if item.hidden]
    for one in large:
        of_part = sum(most[item.id] for item in hidden if item.check.part == one.check.part)
        assert most[one.id] == pytest.approx(of_part / 4)
    assert checklist.items_of("relu")[-2:] == large  # a part that runs out of time is asked no more


ENOUGH = 1000  # numbers: a layer that is right for small inputs alone is wrong there


@pytest.mark.parametrize("book", [False, True])
def test_each_layer_is_asked_with_a_larger_hidden_input_forward_and_backward(book):
    rubric = rubric_toml.load(rubric_toml.SHIPPED["book"] if book else rubric_toml.DEFAULT)
    checklist = make_checklist(rubric, SEED)
    for part in (part.name for part in rubric.components if part.name != "shapes"):  # which takes no arrays
        hidden = [item.check for item in checklist.items_of(part) if item.hidden]
        larger = {c.part for c in hidden if max(map(math.prod, c.case.shapes.values())) >= ENOUGH}
        assert larger in ({"result"}, {"forward", "backward"}), part


def test_large_forward_and_backward_are_one_program():
    checklist = make_checklist(rubric_toml.parse({"components": CURVES, "budget": 3}), SEED)
    items = {item.id: item for item in checklist.items_of("relu") if item.check.budget}
    ready = {id: judge.prepare(item.check) for id, item in items.items()}
    assert [len(asked.items) for asked in pair_up(ready, items.values(), checklist, set())] == [2]
