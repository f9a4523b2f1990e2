"""The instruments of the diagnosis: patterns of wrong numbers, their region, and the rule of sizes."""

import re
import time

import numpy as np
import pytest

from reference_tests.conformance.contract import all_checks, layer
from reference_tests.conformance.diagnosis.evidence import is_contradicted, wrong_cases
from reference_tests.conformance.diagnosis.magnitude import name_clipped
from reference_tests.conformance.diagnosis.match import Predictions
from reference_tests.conformance.diagnosis.minimize import NEARLY, ROWS, Row, find_rule, outcome_table
from reference_tests.conformance.diagnosis.patterns import match_pattern, name_added
from reference_tests.conformance.diagnosis.regions import name_region
from reference_tests.conformance.examination import explain
from reference_tests.conformance.judge import judge_all
from reference_tests.conformance.messages import problem
from reference_tests.conformance.types import Diagnosis, Problem
from reference_tests.corpus import mutants
from reference_tests.quality.subjects import InProcessSubject
from reference_tests.reports.terminal import one_of_each_diagnosis
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


def test_small_differences_are_small_beside_their_own_answers_numbers():
    """A case of a million makes no other case's difference small."""
    x = np.array([[-1.0, 2.0, -3.0]])
    million = wrong(np.array([[-9.0, 1e6, 0.0]]), np.array([[0.0, 1e6, 0.0]]), x=x * 1e6)
    assert "by at most 9e-06 of the largest number" in name_region(million).text
    assert name_region([*wrong(x, np.maximum(x, 0), x=x), *million]).text == "wrong only where x is negative"


# The smallest case, and the rule


def rows(is_wrong) -> list[Row]:
    cases = list(layer("convolution").sizes())[::17]
    return [Row(g, case, [Problem("values", "out")] if is_wrong(g) else []) for g, case in cases]


@pytest.mark.slow
def test_the_rule_says_exactly_when():
    text = find_rule(rows(lambda g: g["stride"] > 1 and g["H"] != g["W"]))
    assert text.startswith("wrong exactly when")
    assert "stride > 1" in text and "H differs from W" in text
    bad, others = map(int, re.findall(r"all of (\d+) such sizes, and in none of (\d+) others", text)[0])
    assert bad + others == len(rows(lambda g: True))


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_few_wrong_rows_make_no_rule():
    table = rows(lambda g: False)
    table[3] = Row(table[3].geometry, table[3].case, [Problem("values", "out")])
    assert find_rule(table) == ""


# Orders, multiples, limits and chunks; and what looks so only by chance


def one(what: str, got: np.ndarray, want: np.ndarray, **arrays: np.ndarray) -> tuple:
    return Question(layer("convolution").OP, dict(arrays), {}), what, Problem("values", what, got, want, 1e-9)


def drawn(*shape: int) -> np.ndarray:
    return np.random.default_rng([*shape]).standard_normal(shape)


SHAPES = ((3, 6, 2, 2), (2, 4, 3, 1))
ORDERS = {
    "order.reversed": lambda a: a[:, ::-1],
    "order.moved-on": lambda a: np.roll(a, 1, 1),
    "order.interleaved": lambda a: a.reshape(len(a), 2, -1, *a.shape[2:]).swapaxes(1, 2).reshape(a.shape),
}


@pytest.mark.parametrize("code", ORDERS)
def test_channels_in_another_order_are_seen(code):
    wrong = [one("out", ORDERS[code](drawn(*s)), drawn(*s)) for s in SHAPES]
    found = match_pattern(wrong)
    assert found and found.code == code and "channels" in found.text


def test_two_channels_that_are_swapped_once_show_no_order():
    assert match_pattern([one("out", drawn(1, 2, 2, 1)[:, ::-1], drawn(1, 2, 2, 1))]).code == "another-order"


def test_a_multiple_of_the_parameters_is_weight_decay_and_of_other_numbers_is_not():
    def cases(share: float, own: bool) -> list:
        parts = [(drawn(*s), drawn(*s, 1)[..., 0]) for s in SHAPES]
        return [one("dW", a + share * (W if own else np.sin(W)), a, W=W) for a, W in parts]

    found = match_pattern(cases(0.001, True))
    assert found and found.code == "weight-decay" and "0.001 times W" in found.text
    assert name_added(cases(0.001, False)) is None


def test_a_gradient_of_one_norm_is_clipped():
    wants = [drawn(3, 4) * size for size in (5, 7, 9)]
    found = match_pattern([one("dW", 2 * w / np.linalg.norm(w), w) for w in wants])
    assert found and found.code == "scaled.norm" and "norm of 2" in found.text


def test_an_array_of_whole_numbers_is_seen_where_sums_are_cut_number_by_number():
    parts = 1.5 * RIGHT, 1.5 * RIGHT[::-1]
    cut = np.trunc(np.trunc(parts[0]) + parts[1]).astype(int)
    found = match_pattern(wrong(cut, parts[0] + parts[1]))
    assert found and found.code == "whole-numbers"
    other = match_pattern(wrong(cut.astype(float), parts[0] + parts[1]))
    assert other is None or other.code != "whole-numbers"


def activated(name: str, curve, x: np.ndarray = 2 * RIGHT) -> list:
    right = {"tanh": np.tanh(x), "sigmoid": 1 / (1 + np.exp(-x))}[name]
    q = Question(layer(name).OP, {"x": x}, {})
    return [(q, "out", Problem("values", "out", curve(x), right, np.full(x.shape, 1e-7)))]


def test_a_curve_that_comes_near_is_seen_and_one_that_turns_back_or_is_far_is_not():
    near = match_pattern(
        activated("tanh", lambda x: np.where(np.abs(x) < 3, x * (27 + x * x) / (27 + 9 * x * x), np.sign(x)))
    )
    assert near and near.code == "curve" and "off by up to 0.024 (at x = -1.57)" in near.text
    assert match_pattern(activated("tanh", lambda x: np.tanh(x) + 0.05 * np.sin(9 * x))) is None
    assert match_pattern(activated("sigmoid", lambda x: np.clip(0.5 + 0.45 * x, 0, 1))) is None


def test_a_dx_of_an_updated_W_is_seen_and_one_of_any_other_W_is_not():
    def cases(share: float, more=lambda W, dW: dW) -> list:
        found = []
        for n in (3, 4):
            W, x, dout = drawn(n + 1, 5), drawn(n, n + 1), drawn(n, 5) + 1
            q = Question(layer("affine").OP, {"x": x, "W": W, "b": np.zeros(5)}, {}, dout)
            off = W - share * more(W, x.T @ dout)
            found.append((q, "dx", Problem("values", "dx", dout @ off.T, dout @ W.T, np.full(x.shape, 1e-9))))
        return found

    found = match_pattern(cases(0.1))
    assert found and found.code == "state.updates-itself" and "0.1 times dW" in found.text
    other = match_pattern(cases(0.1, lambda W, dW: np.sin(dW)))
    assert other is None or other.code != "state.updates-itself"


@pytest.mark.parametrize("wants, seen", [([5.0], False), ([6.2, 6.2], False), ([5.0, 6.0, 7.0], True)])
def test_one_number_that_is_too_small_is_cut_off_nowhere(wants, seen):
    wrong = [one("out", np.array(4.0), np.array(w)) for w in wants]
    assert (name_clipped(wrong) is not None) == seen


def test_a_table_of_features_is_not_shifted():
    want = drawn(3, 5)
    found = match_pattern([one("out", np.roll(want, -1, 1), want)])
    assert found is None or found.code != "shifted"


def test_images_behind_the_last_full_chunk_are_named_and_those_from_one_on_are_placed():
    def zeros_from(n: int, first: int) -> tuple:
        got = drawn(n, 2, 3, 2).copy()
        got[first:] = 0
        return one("out", got, drawn(n, 2, 3, 2), x=drawn(n, 2, 3, 2))

    assert name_region([zeros_from(7, 4), zeros_from(10, 8)]).code == "last-chunk"
    found = name_region([zeros_from(7, 4), zeros_from(10, 4)])
    assert found.code == "place" and "first 4 images" in found.text and "stay at 0" in found.text


def test_a_bias_of_every_place_is_not_that_of_a_filter():
    def zeros_from(n: int, first: int) -> tuple:
        b = drawn(2, 3, 2)  # as a locally connected layer has it
        got, want = drawn(n, 2, 3, 2).copy(), drawn(n, 2, 3, 2)
        got[first:] = b
        return one("out", got, want, b=b)

    found = name_region([zeros_from(7, 4), zeros_from(10, 8)])
    assert found is None or found.code not in ("last-chunk", "last-block")


@pytest.mark.parametrize(
    "ends, value, seen",
    [([(30, 24), (42, 40)], "b", True), ([(30, 24), (42, 40)], 0, True), ([(30, 24), (42, 40)], 1, False),
     ([(30, 24), (42, 32)], "b", False), ([(30, 24)], "b", False)],
)  # fmt: skip
def test_rows_behind_the_last_full_block_are_named(ends, value, seen):
    def empty_from(rows: int, first: int) -> tuple:
        want, b = drawn(2, rows // 6, 3, 5), drawn(5)  # (N, OH, OW), and the filters behind them
        got = want.reshape(-1, 5).copy()
        got[first:] = b if value == "b" else value
        laid = [a.reshape(want.shape).transpose(0, 3, 1, 2) for a in (got, want)]
        return one("out", *laid, b=b)

    found = name_region([empty_from(*end) for end in ends])
    assert (found is not None and found.code == "last-block") == seen


@pytest.mark.parametrize("axis, name", [(0, "image"), (1, "channel"), (3, "column")])
def test_the_last_index_alone_being_right_is_said(axis, name):
    def last_only(n: int) -> tuple:
        want = drawn(n, 3, 2, 3)
        last = np.moveaxis(np.zeros(want.shape), axis, -1)
        last[..., -1] = 1
        return one("out", want * np.moveaxis(last, -1, axis), want, x=want)

    assert name_region([last_only(3), last_only(2)]).text == f"only the last {name} is right: all before it stays at 0"


@pytest.mark.slow
@pytest.mark.parametrize("step, contradicted", [("min(stride, filter_w)", True), ("(1 if OW < 4 else stride)", False)])
def test_a_name_that_gives_other_numbers_in_small_cases_is_contradicted(step, contradicted):
    """The stride counts down only: in some sizes that is so, in others the numbers are wrong in another way."""
    name = next(m for m in layer("im2col").MISTAKES if m.code == "im2col.stride-down-only")
    patch = (("x : x + stride * OW : stride]", f"x : x + {step} * OW : {step}]"),)
    subject = InProcessSubject(mutants.Mutant("narrow", "im2col", "", "", patch).names())
    table = outcome_table("im2col", "result", subject)
    said = Diagnosis(name.code, name.text, only="stride of three")
    assert any(r.wrong for r in table)
    assert is_contradicted(said, table, Predictions()) == contradicted


def test_no_number_is_called_minus_0_and_a_number_in_place_of_an_error_is_a_number():
    lines = problem(Problem("values", "dx", np.array([-0.0, 1.0]), np.array([0.5, -0.0]), 1e-9))
    assert "should be 0 " in lines[0] and "-0" not in lines[0].replace("-09", "")
    assert problem(Problem("not-refused", "out", np.array(-2))) == ["expected an error, got the number -2"]


@pytest.mark.slow
def test_a_cause_without_a_name_is_shown_once():
    """Forward is wrong everywhere, by a law that nothing knows."""
    patch = (("return x.mean(axis=(2, 3))", "return np.tanh(x.mean(axis=(2, 3))) + x[:, :, 0, 0] ** 3"),)
    subject = InProcessSubject(mutants.Mutant("odd", "global_average_pooling", "", "", patch).names())
    found = explain(list(judge_all(all_checks(["global_average_pooling"]), subject)), None)
    bad = [v for v in found if v.status == "fail" and v.check.level != "advice"]
    unnamed = [v for v in one_of_each_diagnosis(bad) if not v.diagnosis]
    asked_plainly = {v.check.case.id for v in bad if v.check.scenario.id == "plain"}
    assert len(bad) > 10
    assert [v.check.id for v in unnamed if v.check.scenario.id != "plain" and v.check.case.id in asked_plainly] == []


def test_rows_after_images_are_no_question_to_who_does_rows_alone():
    """The book's Affine of section 5.6.2: images stop it, and that says nothing of rows."""
    names = mutants.executed(
        "import numpy as np\nclass Affine:\n"
        "    def __init__(self, W, b): self.W, self.b = W, b\n"
        "    def forward(self, x):\n        self.x = x\n        return np.dot(x, self.W) + self.b\n"
        "    def backward(self, dout):\n        self.dW, self.db = np.dot(self.x.T, dout), dout.sum(0)\n"
        "        return np.dot(dout, self.W.T)\n",
        "<rows>",
    )
    found = explain(list(judge_all(all_checks(["affine"]), InProcessSubject(names))), None)
    assert [v.check.id for v in found if v.status == "fail" and v.check.level != "advice"] == []


@pytest.mark.slow
def test_an_exception_of_forward_is_not_called_by_a_mistake_of_backward():
    names = next(m for m in mutants.mutants("pooling") if m.id == "pool-places-in-a-signed-byte").names()

    class Pooling(names["Pooling"]):
        def forward(self, x):
            x = np.pad(x, [(0, 0), (0, 0), (1, 1), (1, 1)], constant_values=-np.inf)[:, :, 1:-1, 1:-1]
            return super().forward(x)

    subject = InProcessSubject({**names, "Pooling": Pooling}, files=(__file__,))
    verdicts = explain(list(judge_all(all_checks(["pooling"]), subject)), subject)
    codes = {v.diagnosis.code for v in verdicts if v.check.case.why == "integer images" and v.status == "fail"}
    assert codes == {"exception.infinity-as-integer"}
    assert any(v.diagnosis and v.diagnosis.code == "pool.place-in-a-byte" for v in verdicts)
