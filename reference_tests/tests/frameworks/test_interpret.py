"""How answers are read: what counts as the same number, and what is never mistaken for another."""

import pytest

from reference_tests.frameworks.answers import make_cell
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
    assert as_written(list(range(9))) == "[0, 1, 2, 3, 4, 5, ...]"


def test_encode_writes_non_finite_numbers_as_text():
    assert encode(float("nan")) == "nan"
    assert encode([float("-inf"), 1.0]) == ["-inf", 1.0]


@pytest.mark.parametrize(
    "id, raw, shown",
    [
        ("S14", {"killed": "SIGFPE"}, "process killed by SIGFPE"),
        ("S14", {"killed": "exit code 3"}, "process ended with exit code 3"),
        ("S14", {"timeout": 20.0}, "no answer within 20 s"),
        ("S14", {"refused": "ValueError", "message": "no"}, "refused (ValueError)"),
        ("S14", {"absent": "none"}, "not offered"),
        ("S14", {}, "not installed"),
        ("S14", {"value": None}, "None"),
        ("C17", {"value": ["nan"] * 9}, "the whole window (9)"),
        ("C17", {"value": ["nan", 1, 1]}, "only its own place (1)"),
        ("P07", {"value": ["nan", "nan"]}, "NaN wins"),
        ("P07", {"value": [1, 1]}, "NaN is passed over"),
        ("P07", {"value": ["nan", 1]}, "depends on its place"),
        ("P07", {"value": [1, "nan"]}, "depends on its place"),
        ("R02", {"value": [0.5, 0.01, 0.01, 0.5]}, "i-1 .. i"),
        ("R02", {"value": [0.01, 0.01, 0.01, 0.5]}, "i-1 .. i+1"),
        ("C14", {"value": 1.0}, "cut to float32"),
        ("C14", {"value": 1 + 2.0**-40}, "kept"),
    ],
)
def test_make_cell_shows_each_kind_of_answer(id, raw, shown):
    assert make_cell(BY_ID[id], raw, english).shown == shown
