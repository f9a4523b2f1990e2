"""Names of whole kinds: of a mistake in one kind of question, and of slips that many layers share, near ones not."""

import numpy as np
import pytest

from reference_tests.conformance.contract import all_checks, layer
from reference_tests.conformance.diagnosis.match import Predictions, are_one, match_where
from reference_tests.conformance.examination import explain
from reference_tests.conformance.judge import judge_all
from reference_tests.conformance.mistakes.blocks import OTHERS, PLACES_FIRST, RIGHT, laid_in, read_in
from reference_tests.conformance.mistakes.kinds import kind_of
from reference_tests.conformance.references import ask
from reference_tests.conformance.scenarios.uses import draw_question
from reference_tests.conformance.types import Problem
from reference_tests.corpus import mutants
from reference_tests.quality.detection import plant
from reference_tests.quality.naming import codes
from reference_tests.quality.subjects import InProcessSubject
from reference_tests.subject.protocol import Interface

CONV = layer("convolution")
QUESTIONS = {case.why: draw_question(case) for case in CONV.CASES}
MISTAKES = {m.code: m for m in reversed(CONV.MISTAKES)}  # the first form of each


def answered(why, code="conv.flipped", what="out"):
    """What the mistake gives for a case, as a wrong number."""
    q = QUESTIONS[why]
    found = MISTAKES[code].answer(ask, q)[what]
    want = ask(q)[what]
    return q, what, Problem("values", what, found, want, np.full(want.shape, 1e-9))


def right_numbers(*but, what="out"):
    return [(why, q, what) for why, q in QUESTIONS.items() if why not in but]


LARGE = "filters of 28 numbers"


def test_a_mistake_of_large_windows_is_named_with_their_size():
    found = match_where(Predictions(), CONV.MISTAKES, [answered(LARGE)], right_numbers(LARGE))
    assert found and found.code == "conv.flipped"
    assert found.text.endswith("; only for windows of 28 places or more")


def test_a_mistake_of_one_kind_answers_no_other():
    found = match_where(Predictions(), CONV.MISTAKES, [answered(LARGE)], right_numbers(LARGE))
    assert found and found.answer(ask, QUESTIONS[LARGE]) is not None
    assert found.answer(ask, QUESTIONS["one channel"]) is None


@pytest.mark.slow
@pytest.mark.parametrize("right", ["rows and columns of a square window", LARGE])
def test_a_right_number_of_the_same_kind_speaks_against_a_mistake(right):
    wrong = [answered(LARGE), answered("one filter")]
    assert match_where(Predictions(), CONV.MISTAKES, wrong, right_numbers("one filter")) is None
    assert match_where(Predictions(), CONV.MISTAKES, wrong[:1], right_numbers()) is None


@pytest.mark.slow
def test_none_of_two_mistakes_that_fit_is_named_unless_another_use_decides():
    why = "rows and columns of a square window"  # five rows of output: the last is also the odd one
    known = [m for m in CONV.MISTAKES if m.code in ("conv.odd-windows-missing", "conv.last-windows-missing")]
    wrong = [answered(why, "conv.odd-windows-missing")]
    few_or_padded = (
        "golden",
        "square ",
        "all sizes",
        "one channel and",
    )  # which have two rows of output, or windows of the same size
    right = [n for n in right_numbers(why) if not n[0].startswith(few_or_padded)]
    assert match_where(Predictions(), known, wrong, right) is None
    other = CONV.ALIKE[1].question()
    gives = next(m for m in known if m.code == "conv.odd-windows-missing").answer(ask, other)["out"]
    decides = other, "out", Problem("values", "out", gives, ask(other)["out"], np.full(gives.shape, 1e-9))
    found = match_where(Predictions(), known, wrong, right, [decides])
    assert found and found.code == "conv.odd-windows-missing"


@pytest.mark.parametrize(
    "wrong, right, said",
    [
        (["windows leave gaps"], ["stride of three"], "only for windows of one pixel"),
        (["stride of three"], ["one filter", "one channel"], "only where the stride is over 1"),
        (["padding of two"], ["one filter", "square image"], "only with padding"),
        (["one filter", "padding of two"], ["square image", "stride of three"], ""),
        (["more than 64 channels"], ["one filter"], "only for 259 channels or more"),
    ],
)
def test_the_kind_is_that_of_all_the_wrong_and_of_none_of_the_right(wrong, right, said):
    found = kind_of([QUESTIONS[w] for w in wrong], [QUESTIONS[r] for r in right])
    assert (found.text if found else "") == said


def test_a_layer_without_windows_has_no_such_kinds():
    q = draw_question(layer("affine").CASES[0])
    assert kind_of([q], [q]) is None


SHORTCUTS = {
    "conv-pixels-without-stride": "only for windows of one pixel",
    "conv-pixels-without-bias": "only for windows of one pixel",
    "conv-large-filters-turned": "only for windows of 28 places or more",
    "conv-whole-tiles": "only for windows of three by three with stride 1",
    "conv-blocks-turned": "only where windows lie side by side, without padding",
    "conv-same-flipped": "only where the padding keeps the size",
    "conv-one-row-reshaped": "only where windows lie in one row",
    "im2col-one-row-turned": "only for images of one row",
    "im2col-strided-pads-after": "only for padding of half a window with a stride over 1",
    "pool-blocks-pad-with-zero": "only where padded windows lie side by side",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SHORTCUTS)
def test_a_shortcut_that_is_wrong_is_named(name):
    given = diagnosed(plant()[name])
    assert any(d.code == plant()[name].code and d.text.endswith(SHORTCUTS[name]) for d in given)


@pytest.mark.slow
def test_an_exception_for_whole_numbers_takes_no_name_from_what_layers_share():
    around = "        img = np.full((N, C, H + 2 * pad, W + 2 * pad), -np.inf)\n"
    place = "        img[:, :, pad : pad + H, pad : pad + W] = x\n"
    padded = "        img = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)], constant_values=-np.inf)\n"
    shared = ("self.arg_max = col", "Pooling.arg_max = col")
    one = mutants.Mutant("shared", "pooling", "", "", ((around + place, padded), shared))
    assert "manner.another-layer-between" in {d.code for d in diagnosed(one)}


@pytest.mark.slow
def test_a_state_that_backward_leaves_behind_needs_a_right_first_call():
    """In filters of one column, upside down is turned round: what dx does alone, it does again in later calls."""
    line = "dcol = rows @ self.col_W.T"
    one = mutants.Mutant(
        "upside-down", "convolution", "", "", ((line, "dcol = rows @ self.W[:, :, ::-1].reshape(FN, -1)"),)
    )
    assert {d.code for d in diagnosed(one)} == {"conv.dx-flipped"}


def diagnosed(mutant):
    """The diagnoses of a mutant's failures that count."""
    found = explain(list(judge_all(all_checks([mutant.component]), InProcessSubject(mutant.names()))))
    failed = [v for v in found if v.status == "fail" and v.check.level != "advice"]
    assert codes(failed)
    return [v.diagnosis for v in failed if v.diagnosis and not v.diagnosis.follows]


NAMED = {  # a planted mistake -> the beginning of what is said
    "groups-blocks-reshaped": "where windows lie side by side, the image is cut up by a reshape alone",
    "pool-blocks-dx-cropped": "dx is cut to OH * stride rows and OW * stride columns; only where windows lie side by",
    "im2col-strides-by-hand": "right for arrays in C order, wrong for the same numbers in Fortran order: input_data is",
    "loss-first-batch-size": "dx: it divides by the number of images of an earlier call",
    "net-order-reversed-in-place": "after one gradient the list of layers stays reversed",
}
NEAR = {  # component, patch -> what is not said of it
    "another order of memory": (
        "im2col", "C order", ("img = np.pad(", "input_data = input_data * (1.0 + input_data.flags.f_contiguous)\n"
                              "    img = np.pad("), "as it lies in memory",
    ),
    "a batch of five": ("softmax_with_loss", "five", ("return dx / N", "return dx / 5"), "of an earlier call"),
    "a limit in backward": (
        "affine", "0.5", ("dx = np.dot(dout, self.W.T)", "dx = np.dot(dout * (dout > 0), self.W.T)"), "ReLU",
    ),
    "1.5 times": (
        "tanh", "1.5", ("return dout * (1 - self.out**2)", "return 1.5 * dout * (1 - self.out**2)"), "factor",
    ),
    "blocks whose padding is 0": (
        "pooling", "0", ("-np.inf)", "0.0 if self.pool_h == self.pool_w == self.stride else -np.inf)"), "reshape",
    ),
}  # fmt: skip


def texts(mutant, interface=None):
    """What is said of a mutant's failures that count."""
    subject = InProcessSubject(mutant.names())
    subject.interfaces = {layer(mutant.component).OP.name: interface} if interface else {}
    found = explain(list(judge_all(all_checks([mutant.component]), subject)))
    failed = [v for v in found if v.status == "fail" and v.check.level != "advice"]
    assert failed
    return [v.diagnosis.text for v in failed if v.diagnosis]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMED)
def test_a_slip_of_its_kind_is_named(name):
    assert any(text.startswith(NAMED[name]) for text in texts(plant()[name]))


@pytest.mark.slow
@pytest.mark.parametrize("name", NEAR)
def test_near_numbers_get_another_name(name):
    component, what, patch, said = NEAR[name]
    assert not any(said in text for text in texts(mutants.Mutant(what, component, "", "", (patch,))))


@pytest.mark.slow
@pytest.mark.parametrize(
    "ratio, said",
    [
        ("1.5", "the factor 0.6667 by which x is multiplied inside tanh is missing in the slope"),
        ("1 / 1.716", "the factor 1.716 before tanh is missing in the slope"),
        ("1 / 1.144", "both factors, 1.716 before tanh and 0.6667 inside it, are missing in the slope"),
        ("1.2", ""),
    ],
)
def test_the_missing_factor_of_a_scaled_tanh_is_said(ratio, said):
    patch = ("return dout * (1 - self.out**2)", f"return {ratio} * dout * (1 - self.out**2)")
    read = Interface("Tanh(); it is 1.716 * tanh(0.6667 * x), and asked as that")
    given = texts(mutants.Mutant("scaled", "tanh", "", "", (patch,)), read)
    assert any(said in text for text in given) if said else not any("missing" in text for text in given)


@pytest.mark.parametrize("order", [PLACES_FIRST, *OTHERS])
def test_an_order_of_blocks_takes_every_number_once(order):
    lengths = (2, 3, 2, 4, 2)
    for taken in (read_in(order)(lengths), laid_in(order)(lengths)):
        assert sorted(taken) == list(range(96))
    assert list(read_in(RIGHT)(lengths)) == list(range(96))


@pytest.mark.slow
def test_two_mistakes_are_one_only_where_they_answer_alike():
    pool = {m.code: m for m in reversed(layer("pooling").MISTAKES)}
    q = draw_question(layer("pooling").CASES[0])
    cut, covered = pool["pool.dx-cut"], pool["pool.dx-as-far-as-covered"]
    assert not are_one(Predictions(), cut, covered, q, "dx")  # they differ where windows overlap
    assert are_one(Predictions(), cut, cut, q, "dx")


def test_dout_without_its_border_changes_nothing_without_padding():
    deconv = layer("transposed_convolution")
    cut = next(m for m in deconv.MISTAKES if m.code == "deconv.dout-cut" and m.text.startswith("db"))
    for case in deconv.CASES[:12]:
        q = draw_question(case)
        given = cut.answer(ask, q)
        assert (given is None) == (q["pad"] == 0)
        assert given is None or np.array_equal(given["dx"], ask(q)["dx"])
