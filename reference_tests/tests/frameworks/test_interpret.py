"""How answers are read: what counts as the same number, and what is never mistaken for another."""

import numpy as np
import pytest

from reference_tests.frameworks.answers import Cell, make_cell
from reference_tests.frameworks.child import encode
from reference_tests.frameworks.interpret import as_written, choices, same_numbers
from reference_tests.frameworks.questions import QUESTIONS
from reference_tests.i18n import english

BY_ID = {q.id: q for q in QUESTIONS}


@pytest.mark.parametrize(
    "got, want, near, equal",
    [
        (1.0004, 1, 1e-3, True),
        (1.01, 1, 1e-3, False),
        ("inf", 16.1, 1e-3, False),
        ("inf", float("inf"), 1e-3, True),
        ("-inf", -3.4e38, 1e-3, False),
        ("nan", float("nan"), 1e-3, True),
        ("nan", 0, 1e-3, False),
        ([1, 2], [1, 2, 3], 1e-3, False),
        (1.0, 1 + 2.0**-40, 0, False),
        ([], [], 1e-3, True),
    ],
)
def test_same_numbers(got, want, near, equal):
    assert same_numbers(got, want, near) is equal


def test_choices_unknown_answer_is_shown_as_it_is():
    assert choices({"one": 1}).read(2.5) == "2.5"
    assert as_written(list(range(9))) == "[0, 1, 2, 3, 4, 5, ...] 9 numbers, sum 36"


def test_encode_writes_non_finite_numbers_as_text():
    assert encode(float("nan")) == "nan"
    assert encode([float("-inf"), 1.0]) == ["-inf", 1.0]


@pytest.mark.parametrize(
    "id, raw, shown",
    [
        ("S14", {"killed": "SIGFPE"}, "process killed by SIGFPE"),
        ("S14", {"killed": "exit code 3"}, "process ended with exit code 3"),
        ("S14", {"timeout": 20.0}, "no answer within 20 s"),
        ("S14", {"refused": "ValueError", "message": "stride of 0"}, "refused (ValueError)"),
        ("S14", {"refused": "TypeError", "message": "stride() takes 1"}, "refused (TypeError)"),
        ("S14", {"refused": "Fail", "message": "onnx opset version 21 is unknown, stride"}, "fault (Fail)"),
        ("S14", {"refused": "TypeError", "message": "unexpected keyword argument 'stride'"}, "fault (TypeError)"),
        ("S14", {"refused": "KeyError", "message": "default_backend"}, "fault (KeyError)"),
        ("S01", {"fault": "NameError: name 'strides' is not defined"}, "fault (NameError)"),
        ("S14", {"absent": "none"}, "not offered"),
        ("S14", {}, "not installed"),
        ("S14", {"value": None}, "returns nothing"),
        ("C17", {"value": ["nan"] * 9}, "the whole window"),
        ("C17", {"value": ["nan", 1, 1]}, "only its own place"),
        ("P07", {"value": ["nan", "nan"]}, "NaN wins"),
        ("P07", {"value": [1, 1]}, "NaN is passed over"),
        ("P07", {"value": ["nan", 1]}, "depends on its place"),
        ("P07", {"value": [1, "nan"]}, "depends on its place"),
        ("R02", {"value": [0.5, 0.5, 0.5, 0.1, 0.01, 0.5, 0.5]}, "i - n/2 .. i + n/2 - 1"),
        ("R02", {"value": [0.5, 0.5, 0.01, 0.1, 0.01, 0.5, 0.5]}, "n + 1 channels"),
        ("R02", {"value": [0.5, 1, 1, 10, 1, 1, 1]}, "left as it is"),
        ("R03", {"value": [0.099, 0.5, 0.5, 0.5, 0.5, 0.5]}, "the width"),
        ("R03", {"value": [0.099, 0.0098, 0.5, 0.5, 0.5, 0.5]}, "the radius"),
        ("R03", {"value": [0.099, 1, 1, 1, 1, 1]}, "left as it is"),
        ("C14", {"value": 1.0}, "cut to float32"),
        ("C14", {"value": 1 + 2.0**-40}, "kept"),
    ],
)
def test_make_cell_shows_each_kind_of_answer(id, raw, shown):
    assert make_cell(BY_ID[id], [raw], english).shown == shown


def several(id: str, *values) -> Cell:
    """The cell of a question whose inputs were answered so."""
    raws = [value if isinstance(value, dict) else {"value": value} for value in values]
    assert len(raws) == len(BY_ID[id].samples)
    return make_cell(BY_ID[id], raws, english)


def image(*shape) -> dict:
    return {"value": {"shape": shape, "dtype": "float32", "data": []}}


NO = {"refused": "RuntimeError", "message": "kernel larger than the image"}


def test_rule_that_fits_every_input_is_the_answer():
    cell = several("S01", image(1, 1, 2, 2), image(1, 1, 3, 2), image(1, 1, 2, 1))
    assert (cell.key, cell.mixed, cell.kind) == ("rounded down", False, "value")


def test_inputs_that_disagree_are_shown():
    cell = several("S01", image(1, 1, 2, 2), image(1, 1, 4, 3), image(1, 1, 2, 1))
    assert cell.mixed and cell.key == (
        "rounded down for 7x7, filter 3, stride 3, 10x7, filter 4, stride 4; rounded up for 8x6, filter 3, stride 2"
    )


def test_input_that_fits_several_rules_decides_nothing():
    """In one dimension every axis is the last one; two rules are told apart by the other inputs."""
    one, e = np.exp(np.arange(3) / 10), {}
    for axis in (0, 1, -1):
        e[axis] = [np.exp(s.inputs["x"]) for s in BY_ID["A07"].samples]
        e[axis] = [(y / y.sum(min(axis, y.ndim - 1), keepdims=True)).ravel().tolist() for y in e[axis]]
    assert several("A07", *e[-1]).key == "the last axis"
    torch_rule = [e[1][0], (one / one.sum()).tolist(), e[0][2], e[1][3]]
    assert several("A07", *torch_rule).key in (
        "axis 1 for 2-D, 4-D; axis 0 for 1-D, 3-D", "axis 0 for 1-D, 3-D; axis 1 for 2-D, 4-D"
    )  # fmt: skip


def test_refused_for_some_inputs_and_killed_by_others_is_said():
    cell = several("S10", image(1, 1, 0, 0), NO, {"killed": "SIGFPE", "message": ""}, NO)
    assert cell.kind == "killed" and cell.mixed
    assert cell.shown == (
        "empty for size 0 (4x4 on 3x3); refused (RuntimeError) for size -1 (5x5 on 3x3), 4x4 on 3x3 at stride 4; "
        "process killed by SIGFPE for size -2 (6x6 on 3x3)"
    )


def test_refusals_in_different_words_are_one_answer():
    cell = several("S10", NO, {"refused": "ValueError", "message": "size"}, NO, NO)
    assert (cell.key, cell.shown) == ("refused", "refused (RuntimeError, ValueError)")


def test_input_that_is_not_offered_does_not_count():
    cell = several("S01", image(1, 1, 2, 2), {"absent": "square images only"}, image(1, 1, 2, 1))
    assert cell.key == "rounded down" and cell.parts[1].kind == "absent"
    assert several("S01", *[{"absent": "none"}] * 3).kind == "absent"


def test_number_behind_a_label_is_shown_and_not_compared():
    a, b = several("C15", 1e-8, 2e-8, 3e-8), several("C15", 1e-8, 2e-8, 4e-8)
    assert a.key == b.key == "float32 rounding" and "1.0e-08, 2.0e-08, 3.0e-08" in a.shown
    assert several("C15", 1e-8, 2e-3, 3e-8).mixed


def test_long_answers_that_begin_alike_are_told_apart():
    assert as_written([0, 0, 0, 0, 0, 0, 1]) != as_written([0, 0, 0, 0, 0, 0, 2])
    assert as_written(-0.02601) != as_written(-0.02603)
