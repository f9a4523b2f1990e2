"""The instruments of the diagnosis: patterns of wrong numbers, their region, and the rule of sizes."""

import re
import time

import numpy as np
import pytest

from reference_tests.conformance.contract import all_checks, layer
from reference_tests.conformance.diagnosis.evidence import wrong_cases
from reference_tests.conformance.diagnosis.minimize import NEARLY, ROWS, Row, find_rule, outcome_table
from reference_tests.conformance.diagnosis.patterns import match_pattern
from reference_tests.conformance.diagnosis.regions import name_region
from reference_tests.conformance.judge import judge_all
from reference_tests.conformance.types import Problem
from reference_tests.corpus import mutants
from reference_tests.quality.subjects import InProcessSubject
from reference_tests.subject.protocol import Question, Stop, Trace


def wrong(got: np.ndarray, want: np.ndarray, **arrays: np.ndarray) -> list:
    q = Question(layer("convolution").OP, dict(arrays), {})
    return [(q, "out", Problem("values" if got.shape == want.shape else "shape", "out", got, want, 1e-9))]


RIGHT = np.random.default_rng(3).standard_normal((3, 4, 5, 6))
LOOKS = {
    "scaled": 0.5 * RIGHT,
    "constant-added": RIGHT + 2,
    "zeros": 0 * RIGHT,
    "nan": np.where(RIGHT > 1, np.nan, RIGHT),
    "whole-numbers": np.trunc(RIGHT),
    "axes.permuted": RIGHT.transpose(0, 1, 3, 2),
    "axes.squeezed": RIGHT[:1],
    "flipped": RIGHT[:, :, ::-1],
    "shifted": np.concatenate([RIGHT[..., 1:], RIGHT[..., :1] * 0 + 9], axis=-1),
    "another-order": np.sort(RIGHT, axis=None).reshape(RIGHT.shape),
    "precision": RIGHT.astype("float16").astype("f8"),
}


@pytest.mark.parametrize("code", LOOKS)
def test_a_pattern_is_seen(code):
    got, want = LOOKS[code], RIGHT
    if code == "axes.squeezed":
        got, want = got[0], RIGHT[:1]
    found = match_pattern(wrong(got, want))
    assert found and found.code == code


def test_a_factor_is_named_where_it_varies_with_a_number_of_the_case():
    cases = []
    for n in (2, 3, 5):
        x = np.random.default_rng(n).standard_normal((n, 4))
        cases += wrong(x / n, x, x=x)
    found = match_pattern(cases)
    assert found and "1/N" in found.text


PLACES = {
    "last row": (np.s_[:, :, -1], "wrong only in the last row"),
    "images": (np.s_[1:], "in image 2 or later"),
    "border": (None, "border"),
}


@pytest.mark.parametrize("name", PLACES)
def test_the_region_of_the_wrong_numbers_is_named(name):
    at, text = PLACES[name]
    got = RIGHT + 1 if at is None else RIGHT.copy()
    if at is None:
        got[:, :, 1:-1, 1:-1] = RIGHT[:, :, 1:-1, 1:-1]
    else:
        got[at] += 1
    found = name_region(wrong(got, RIGHT, x=RIGHT))
    assert found and text in found.text


def test_numbers_wrong_everywhere_have_no_region():
    assert name_region(wrong(RIGHT + np.abs(RIGHT) + 1, RIGHT)) is None


# The smallest case, and the rule


def rows(is_wrong) -> list[Row]:
    cases = list(layer("convolution").sizes())[::17]
    return [Row(g, case, [Problem("values", "out")] if is_wrong(g) else []) for g, case in cases]


def test_the_rule_says_exactly_when():
    text = find_rule(rows(lambda g: g["stride"] > 1 and g["H"] != g["W"]))
    assert text.startswith("wrong exactly when")
    assert "stride > 1" in text and "H differs from W" in text
    bad, others = map(int, re.findall(r"all of (\d+) such sizes, and in none of (\d+) others", text)[0])
    assert bad + others == len(rows(lambda g: True))


def test_one_size_that_is_right_makes_it_nearly_always():
    text = find_rule(rows(lambda g: g["pad"] > 0 and g["H"] * g["W"] > 1))
    assert text.startswith("wrong nearly always when pad > 0: in ")
    bad, held = map(int, re.findall(r"in (\d+) of (\d+) such sizes", text)[0])
    assert NEARLY * held <= bad < held


class Slow(InProcessSubject):
    """A subject that takes its time."""

    pause = 0.0

    def run(self, plan, *note):
        time.sleep(self.pause)
        return super().run(plan, *note)


@pytest.mark.slow
def test_the_table_has_as_many_rows_on_a_slow_machine():
    names = mutants.Mutant("planted", "pooling", "", "", (("= col.max(", "= abs(col).max("),)).names()
    quick, slow = Slow(names), Slow(names)
    slow.pause = 0.003  # three times as long as a call takes
    tables = [outcome_table("pooling", "forward", subject) for subject in (quick, slow)]
    assert [len(table) for table in tables] == [ROWS, ROWS]
    assert find_rule(tables[0]) == find_rule(tables[1])


def test_a_table_that_is_not_finished_is_none():
    names = mutants.executed(mutants.base(), "<base>")

    class Ends(InProcessSubject):
        def run(self, plan, *note):
            endless = len(plan.given["x"]) > 2
            return Trace(stop=Stop("timeout", "layer.forward", "1 s")) if endless else super().run(plan, *note)

    assert outcome_table("affine", "forward", Ends(names)) == []


def test_the_rule_says_only_when_and_how_often():
    text = find_rule(rows(lambda g: g["pad"] > 0 and (g["H"] * 7 + g["W"] * 3 + g["FH"]) % 5 == 0))
    assert text.startswith("wrong only when") and "pad > 0" in text


def test_rule_lists_the_right_cases_if_most_are_wrong():
    patch = (("= col.max(", "= abs(col).max("),)
    subject = InProcessSubject(mutants.Mutant("planted", "pooling", "", "", patch).names())
    forward = [c for c in all_checks(["pooling"]) if c.scenario.id == "plain" and c.part == "forward"]
    found = list(judge_all(forward, subject))
    wrong, right = ([v for v in found if v.status == status] for status in ("fail", "pass"))
    sentence = wrong_cases(wrong, found)
    assert sentence.startswith("right only in ") and "images of 0 to 255" in sentence
    assert wrong_cases(wrong[:1], [wrong[0], *right, *right]).startswith("wrong only in 1 of ")


def test_a_few_wrong_rows_make_no_rule():
    table = rows(lambda g: False)
    table[3] = Row(table[3].geometry, table[3].case, [Problem("values", "out")])
    assert find_rule(table) == ""
