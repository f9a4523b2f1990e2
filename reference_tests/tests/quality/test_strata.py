"""Strata: every component has some, each always drawn, in sizes of its kind that no written case has."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from reference_tests.conformance import examination, generate, judge, references, strata
from reference_tests.conformance.contract import COMPONENTS, all_checks, layer
from reference_tests.conformance.inputs import distinct, whole_numbers
from reference_tests.conformance.references.loops_network import has_both_sides
from reference_tests.conformance.types import LEAST, Check, SpreadGenerator, normal
from reference_tests.corpus import correct, mutants
from reference_tests.quality import alike, sizes
from reference_tests.quality.marks import GradedSubject
from reference_tests.tests.sampling import some_at_night


def exact_checks(component, seed):
    """Return the drawn checks of a seed, held to the bound of the written ones."""
    drawn = strata.drawn_checks(layer(component), seed)
    return [replace(check, slack=1.0) for checks in drawn for check in checks]


WINDOWED = ("im2col", "col2im", "convolution", "pooling", "average_pooling")


@pytest.mark.parametrize("component", COMPONENTS)
def test_strata_are_written_cases_with_random_numbers(component):
    of = layer(component)
    cases = strata.strata_of(of)
    assert len(of.STRATA) == len(set(of.STRATA)) >= 6
    assert all(case.level != "advice" and strata.uses_of(of, case) for case in cases)
    assert strata.table()[component].keys() == set(of.STRATA)


@pytest.mark.parametrize("component", COMPONENTS)
def test_sizes_in_the_table_are_of_the_kind_of_the_written_case(component):
    """And all those of a stratum have the same sides equal, so that no mark hangs on which is drawn."""
    of = layer(component)
    for written in strata.strata_of(of):
        for row in strata.table()[component][written.why]:
            case = written.resize(lambda _, row=row: strata.tuplets(row))
            assert any(sizes.is_of_stratum(of, case, written, only) for only in (True, False)), (written.why, row)


@pytest.mark.parametrize("component", WINDOWED)
def test_windows_are_of_an_odd_number_as_in_the_written_case_in_most_strata(component):
    """And of two axes the same has more: what halves the windows, or takes one axis for the other, shows alike."""
    layers_strata, table = strata.strata_of(layer(component)), strata.table()[component]
    alike = 0
    for written in layers_strata:
        cases = [written.resize(lambda _, row=row: strata.tuplets(row)) for row in table[written.why]]
        alike += all(sizes.finer_kind(case) == sizes.finer_kind(written) for case in cases)
    assert alike >= 0.6 * len(layers_strata)


@pytest.mark.slow
@pytest.mark.parametrize("component", COMPONENTS)
def test_every_size_in_the_table_has_right_answers(component):
    of = layer(component)
    for written in strata.strata_of(of):
        for row in strata.table()[component][written.why]:
            case = replace(written.resize(lambda _, row=row: strata.tuplets(row)), seed=5)
            how = strata.uses_of(of, written)[0]
            part = next(part for part in ("backward", "result", "forward") if part in how.parts)
            assert judge.prepare(Check(case, how, part)).plan.program, (written.why, row)
            references.forget()


@pytest.mark.parametrize("component", WINDOWED)
def test_windows_are_padded_and_not_strided_and_not_square_and_not_under_every_seed(component):
    for seed in (1, 2, 3):
        cases = [checks[0].case for checks in strata.drawn_checks(layer(component), seed)]
        facts = [(case.params["pad"] > 0, case.params["stride"] > 1) for case in cases]
        assert {(False, False), (True, False), (False, True), (True, True)} <= set(facts)
        images = [sizes.image_of(case) for case in cases]
        assert any(len(set(image)) == 1 for image in images) and any(len(set(image)) == 2 for image in images)


def test_another_seed_draws_other_sizes_and_numbers_in_the_same_strata():
    of = layer("convolution")
    one, same, other = ([checks[0].case for checks in strata.drawn_checks(of, seed)] for seed in (7, 7, 8))
    assert [case.id for case in one] == [case.id for case in same]
    assert [strata.sizes_of(case) for case in one] == [strata.sizes_of(case) for case in same]
    assert [case.id.rpartition("@")[0] for case in one] == [case.id.rpartition("@")[0] for case in other]
    assert sum(strata.sizes_of(a) != strata.sizes_of(b) for a, b in zip(one, other)) >= 5
    assert not {strata.sizes_of(case) for case in one} & strata.sizes_in_table(of)
    assert one[0].question()["x"].tobytes() == same[0].question()["x"].tobytes()


def test_second_case_of_a_stratum_is_another_one():
    of = layer("relu")
    one, two = ([checks[0].case for checks in strata.drawn_checks(of, 7, number)] for number in (1, 2))
    assert not {case.id for case in one} & {case.id for case in two}
    assert all(a.question()["x"].tobytes() != b.question()["x"].tobytes() for a, b in zip(one, two))


@pytest.mark.parametrize("component", ["convolution", "dropout", "simple_conv_net", "softmax_with_loss"])
def test_drawn_check_is_found_again_by_its_id(component):
    for number in (1, 2):
        for checks in strata.drawn_checks(layer(component), 5, number):
            for check in checks:
                (found,) = [one for one in examination.checks_named(check.id) if one.id == check.id]
                assert strata.sizes_of(found.case) == strata.sizes_of(check.case)
                assert (found.scenario.id, found.part) == (check.scenario.id, check.part)
    assert generate.rebuild_case(layer(component), f"{component}/drawn-like-nothing@5") is None


def test_drawn_numbers_are_spread_over_all_sizes():
    """A mistake with numbers above 1, or below 0, shows under every seed."""
    for seed in range(1, 21):
        for checks in strata.drawn_checks(layer("relu"), seed):
            case = checks[0].case
            if case.draw is normal:
                x = case.question()["x"]
                assert x.max() > 1 and x.min() < -1 and 0.2 < (x > 0).mean() < 0.5
                assert x.mean() < -0.2  # a sum is not nearly 0 by chance


def test_case_with_sizes_can_be_pickled():
    case = strata.strata_of(layer("convolution"))[0]
    again = pickle.loads(pickle.dumps(case))
    assert case.resize is not None and again == case and again.id == case.id


def test_drawn_check_allows_more_rounding_than_the_written_one():
    """How exact a layer is, the public case of the kind tells, under numbers that do not move."""
    (check, *_) = next(iter(strata.drawn_checks(layer("affine"), 5)))
    assert check.slack == strata.SLACK > 1
    exact, loose = judge.prepare(replace(check, slack=1.0)), judge.prepare(check)
    for result, right in exact.expected.items():
        np.testing.assert_array_equal(loose.expected[result].want, right.want)
        np.testing.assert_array_equal(loose.expected[result].allowed, strata.SLACK * right.allowed)
    written = {c.id: c for c in all_checks(["affine"])}[strata.written_id(check.id)]
    assert written.slack == 1


@pytest.mark.slow
@pytest.mark.parametrize("component", some_at_night(COMPONENTS, each=4))
def test_right_code_needs_no_more_than_the_written_case_allows(component):
    for check in exact_checks(component, 7):
        ready, name = judge.prepare(check), check.case.op.name
        subjects = {way: GradedSubject(correct.names(way)) for way in correct.WAYS if name in correct.names(way)}
        assert {way: judge.judge(check, one, ready=ready).status for way, one in subjects.items()} == dict.fromkeys(
            subjects, "pass"
        )
        references.forget()


@pytest.mark.slow
@pytest.mark.parametrize("mutant", ["affine-half", "conv-float16"])
def test_half_precision_fails_drawn_checks_by_itself(mutant):
    """A bound that is four times as wide hides next to none of it; the public case of the kind need not tell."""
    (planted,) = (m for m in mutants.mutants() if m.id == mutant)
    failed = dict.fromkeys((1.0, strata.SLACK), 0)
    for check in exact_checks(planted.component, 5):
        for slack in failed:
            verdict = judge.judge(replace(check, slack=slack), GradedSubject(planted.names()))
            failed[slack] += verdict.status == "fail"
        references.forget()
    assert failed[strata.SLACK] >= 0.9 * failed[1.0] >= 9


@pytest.mark.parametrize("seed", range(1, 21))
def test_one_drawn_number_of_each_sign_is_as_near_to_zero_under_every_seed(seed):
    numbers = np.abs(SpreadGenerator(np.random.PCG64(seed)).standard_normal((3, 4, 5)))
    assert numbers.min() == LEAST and (numbers == LEAST).sum() == 2
    assert len(np.unique(numbers)) > 50


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 5, 40, 58])
def test_digits_for_a_network_are_found_under_every_seed(seed):
    """Where there is no ink all windows are equal, so that digits whose maxima are clear are rare."""
    of = layer("simple_conv_net")
    for check in [*(checks[0] for checks in strata.drawn_checks(of, seed)), *strata.large_checks(of, seed, 5.0)]:
        assert has_both_sides(next(iter(check.scenario.plan(check.case, check.part).expect.values()))[0])


@pytest.mark.parametrize("component", ["pooling", "global_max_pooling", "spatial_pyramid_pooling"])
def test_a_plane_of_drawn_numbers_has_none_above_zero(component):
    """Under every seed, so that a maximum that starts from 0 is always seen."""
    for seed in range(1, 6):
        for checks in strata.drawn_checks(layer(component), seed):
            x = checks[0].case.question()["x"]
            if checks[0].case.draw in (distinct, whole_numbers) and len(x) * x.shape[1] > 1:
                assert x[0, 0].max() < 0 < x.max()


@pytest.mark.slow
def test_sizes_at_which_a_planted_mistake_behaves_otherwise_are_dropped():
    of, planted = layer("shapes"), [m for m in mutants.mutants("shapes") if m.id == "shapes-same-size"]
    written = strata.written_cases(of)["padding on both sides"]
    rows = [(9, 3, 1, 1), (8, 5, 1, 1), (8, 3, 1, 1)]  # with padding of one, only windows of three keep the size
    assert alike.keep_alike_in(of, written, rows, planted) == [rows[0], rows[2]]


@pytest.mark.parametrize("component", ["im2col", "pooling"])
def test_hidden_cases_of_a_layer_have_images_of_different_sizes(component):
    for seed in range(1, 9):
        images = [strata.images_of(checks[0].case) for checks in strata.drawn_checks(layer(component), seed)]
        assert sum(map(len, images)) == len(set().union(*images))


def test_hidden_cases_whose_images_have_one_size_have_other_channels_or_numbers_of_images():
    for seed in range(1, 13):
        shapes = [strata.shape_of(checks[0].case) for checks in strata.drawn_checks(layer("col2im"), seed)]
        assert len(shapes) == len(set(shapes))


def test_last_class_is_among_the_labels_under_every_seed():
    of = layer("softmax_with_loss")
    for seed in range(1, 9):
        for case in (checks[0].case for checks in strata.drawn_checks(of, seed)):
            x, t = (case.question()[name] for name in ("x", "t"))
            labels = t.argmax(1) if t.ndim > 1 else t
            assert len(x) == 1 or labels.max() == x.shape[1] - 1
