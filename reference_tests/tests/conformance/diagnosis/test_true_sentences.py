"""Sentences of a diagnosis that hold of the code in every way of writing it, and of every case that is shown."""

import numpy as np
import pytest

from reference_tests.conformance.contract import COMPONENTS, layer
from reference_tests.conformance.diagnosis.minimize import Row, find_rule, geometry_of, sizes
from reference_tests.conformance.diagnosis.patterns import match_pattern
from reference_tests.conformance.diagnosis.regions import name_region
from reference_tests.conformance.diagnosis.shape_algebra import letters_of
from reference_tests.conformance.examination import Request, examine, explain
from reference_tests.conformance.judge import judge
from reference_tests.conformance.references import ask
from reference_tests.conformance.scenarios import checks_of
from reference_tests.conformance.scenarios.uses import draw_question
from reference_tests.conformance.types import Problem
from reference_tests.corpus import mutants
from reference_tests.quality.naming import by_id
from reference_tests.quality.subjects import InProcessSubject
from reference_tests.subject.protocol import Question

LETTERS = {  # component -> the letters of W's axes
    "convolution": "FN C FH FW",
    "pointwise_convolution": "FN C FH FW",
    "transposed_convolution": "C FN FH FW",
    "grouped_convolution": "FN C/groups FH FW",
    "depthwise_convolution": "FN 1 FH FW",
    "locally_connected": "OH OW FN C FH FW",
    "affine": "D M",
}


@pytest.mark.parametrize("component", LETTERS)
def test_the_letters_of_weights_are_the_layers_own(component):
    q = draw_question(layer(component).CASES[0])
    letters, answer = letters_of(q, "dW", q["W"].ndim), ask(q)
    assert " ".join(letters) == LETTERS[component]
    sides = dict(zip(("N", "C", "H", "W"), q["x"].shape)) if q["x"].ndim == 4 else {}
    known = sides | dict(zip(letters_of(q, "out", answer["out"].ndim), answer["out"].shape))
    known |= {"C": q["x"].shape[1], "C/groups": q["x"].shape[1] // q.params.get("groups", 1), "1": 1}
    assert all(known.get(name, n) == n for name, n in zip(letters, q["W"].shape))
    assert len(letters_of(q, "db", answer["db"].ndim)) == answer["db"].ndim


@pytest.mark.parametrize("component", [name for name in COMPONENTS if layer(name).CASES])
def test_every_answer_has_as_many_letters_as_axes(component):
    q = draw_question(layer(component).CASES[0])
    for what, a in ask(q).items():
        assert len(letters_of(q, what, np.ndim(a))) == np.ndim(a)


def test_a_dW_laid_out_as_a_convolutions_is_told_in_its_own_letters():
    q = draw_question(layer("transposed_convolution").CASES[0])
    want = ask(q)["dW"]
    got = want.swapaxes(0, 1)
    found = match_pattern([(q, "dW", Problem("shape", "dW", got, want, np.full(want.shape, 1e-9)))])
    assert found and found.code == "axes.permuted"
    assert "(FN, C, FH, FW)" in found.text and "(C, FN, FH, FW)" in found.repair


def kept_to(n: int, first: int, hole: bool = False) -> tuple:
    """Return a batch of which the images from `first` on stay 0. hole: the first number of all is 0 as well."""
    q = Question(layer("relu").OP, {"x": np.ones((n, 2, 3))}, {})
    want = np.random.default_rng(n).uniform(1, 2, (n, 2, 3))
    got = want.copy()
    got[first:] = 0
    if hole:
        got[0, 0, 0] = 0
    return q, "out", Problem("values", "out", got, want, np.full(want.shape, 1e-9))


def test_chunks_are_seen_where_one_image_fills_none():
    found = name_region([kept_to(1, 0), kept_to(3, 2), kept_to(7, 6)])
    assert found and found.code == "last-chunk" and "full chunk of 2" in found.text
    found = name_region([kept_to(2, 0), kept_to(3, 0), kept_to(7, 4)])
    assert found and found.code == "last-chunk" and "full chunk of 4" in found.text


def test_zeros_that_stand_elsewhere_are_no_chunk():
    for wrong in ([kept_to(3, 2, hole=True), kept_to(5, 4, hole=True)], [kept_to(1, 0), kept_to(3, 0)]):
        found = name_region(wrong)
        assert found is None or found.code != "last-chunk"


def table(wrong) -> list[Row]:
    """Make the table of the small sizes of a convolution, of which those are wrong that the function picks."""
    return [Row(g, case, [Problem("values", "out")] * wrong(g)) for g, case in sizes("convolution")[:400]]


def test_a_rule_holds_of_the_written_cases_too():
    one = table(lambda g: g["N"] == 1)
    assert "N is 1" in find_rule(one)
    three = {"N": 3, "C": 2, "H": 5, "W": 4}
    assert find_rule(one, [({"N": 1}, True), (three, False)]) == find_rule(one)
    assert "N is 1" not in find_rule(one, [(three, True)])
    spared = find_rule(one, [({"N": 1}, False)])
    assert "nearly always when N is 1" in spared


@pytest.mark.slow
def test_the_sizes_of_a_written_case_are_those_of_the_small_ones():
    for component in COMPONENTS:
        for g, case in sizes(component)[:3]:
            own = geometry_of(draw_question(case))
            assert {k: own[k] for k in g if k in own} == {k: n for k, n in g.items() if k in own}
            assert "N" not in g or {"N", "stride", "pad", "OH"} & {*g} <= {*own}


@pytest.mark.slow
@pytest.mark.parametrize(
    "name, said", [("pool-best-kept", "of an earlier forward"), ("im2col-padded-kept", "the answer to the call before")]
)
def test_stale_gradients_are_said_to_come_from_an_earlier_forward(name, said):
    mutant = next(m for m in mutants.mutants() if m.id == name)
    again = [c for c in checks_of(layer(mutant.component)) if c.scenario.id == "second-call"]
    verdicts = [judge(check, InProcessSubject(mutant.names())) for check in again]
    explain(verdicts)
    named = [v.diagnosis.text for v in verdicts if v.diagnosis]
    assert named and all(said in text for text in named)


@pytest.mark.parametrize("mutant", ["affine-bias-added-in-place", "affine-first-shape"])
def test_one_number_is_no_update_and_a_shape_kept_is_of_an_earlier_forward(mutant):
    found = by_id(mutant)
    assert found.rightly and not found.wrongly


@pytest.mark.parametrize(
    "name, why, signed",
    [
        ("concat-borders-as-i1", "more than 64 channels", True),
        ("concat-borders-as-u1", "more than 64 channels", False),
        ("gap-dx-count-as-u1", "more than 256 places", False),
    ],
)
def test_a_byte_is_called_signed_only_where_its_numbers_show_that(name, why, signed):
    mutant = next(m for m in mutants.mutants() if m.id == name)
    wide = [c for c in checks_of(layer(mutant.component)) if c.case.why == why]
    verdicts = [judge(check, InProcessSubject(mutant.names())) for check in wide]
    explain(verdicts)
    said = [v.diagnosis.text for v in verdicts if v.diagnosis]
    assert said and all(("signed" in text) == signed for text in said)


def test_float32_alone_is_not_told_as_mixed_types():
    before, start, rest = mutants.base().partition("class LocallyConnected:")
    strided = "x):\n        np.ndarray(x.size, x.dtype, np.ascontiguousarray(x), strides=8)\n"  # those of float64
    text = before + start + rest.replace("x):\n", strided, 1)
    assert text != mutants.base()
    subject = InProcessSubject(mutants.executed(text, "mine.py"))
    verdicts = examine(subject, Request(only=("locally_connected",), fresh=0)).components["locally_connected"]
    failed = {v.check.scenario.id: v.diagnosis for v in verdicts if v.status == "fail" and v.check.level != "advice"}
    assert {"float32", "mixed-types"} <= failed.keys()
    assert not [id for id, d in failed.items() if d and d.code == "manner.mixed-types"]
