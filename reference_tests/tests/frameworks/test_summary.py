"""The summary on the terminal: what it counts, which differences come first, what changed; and the bar above it."""

import io
import threading

import pytest
from rich.console import Console

from reference_tests.frameworks.columns import select_columns
from reference_tests.frameworks.display import progress
from reference_tests.frameworks.display.explain import show_question
from reference_tests.frameworks.display.matrix import show_matrix
from reference_tests.frameworks.display.summary import (
    answers_of,
    most_dangerous,
    not_installed,
    show_changes,
    show_summary,
)
from reference_tests.frameworks.questions import QUESTIONS
from reference_tests.frameworks.report import build_report
from reference_tests.i18n import english, speaker

from .test_columns import array
from .test_report import ABOUT, for_every_input

BY_ID = {q.id: q for q in QUESTIONS}
MISSING = {"about": {"missing": "no module"}, "answers": {}}


def answers_to(**given) -> dict:
    return {"about": ABOUT, "answers": for_every_input(given)}


ANSWERS = {
    "torch": answers_to(
        C01={"value": 321}, S17=array(1, 1, 3, 3), P02={"value": 4}, A04={"value": "nan"}, S14=array(1, 1, 4, 4)
    ),
    "jax": answers_to(
        C01={"value": 321}, S17=array(1, 1, 3, 3), P02={"value": 2}, A04={"value": 0},
        S14={"refused": "ValueError", "message": "stride"},
    ),
    "scipy": answers_to(C01={"value": 123}, S17=array(1, 1, 7, 7), P02={"value": 2}, A04={"value": "nan"}),
    "keras@jax": MISSING,
    "litert": MISSING,
    "mlx": MISSING,
}  # fmt: skip
ASKED = [BY_ID[id] for id in ("S14", "S17", "C01", "P02", "A04")]


def make_report(say=english) -> dict:
    return build_report(select_columns(",".join(ANSWERS))[0], ASKED, ANSWERS, say, "torch")


def printed(show, *things, say=english, width: int = 90) -> str:
    """What a function prints on a console of that width."""
    console = Console(file=io.StringIO(), width=width, highlight=False)
    show(*things, console, say)
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_headline_counts_questions_columns_and_silent_differences():
    text = " ".join(printed(show_summary, make_report()).split())
    assert "Questions: 5. Columns: 3, compared with torch." in text
    assert "Answered alike by all: 0; with other numbers and no error: 3." in text, "C01, P02, A04"


def test_row_of_a_column_counts_each_kind_of_difference():
    rows = {line.split()[0]: line.split()[-6:] for line in printed(show_summary, make_report()).splitlines() if line}
    #                       same numbers shape refused ended not compared
    assert rows["jax"] == ["2", "2", "0", "1", "0", "0"]
    assert rows["scipy"] == ["1", "2", "1", "0", "0", "1"]


def test_table_of_columns_fits_a_narrow_terminal_with_the_longest_switch():
    frameworks = select_columns("torch,torch+ATEN_CPU_CAPABILITY_OF_THE_PROCESSOR=default")[0]
    measured = {frameworks[0].name: ANSWERS["torch"], frameworks[1].name: ANSWERS["jax"]}
    text = printed(show_summary, build_report(frameworks, ASKED, measured, english, "torch"), width=80)
    assert any(line.startswith("column") and line.endswith("compared") for line in text.splitlines())


def test_most_dangerous_is_what_differs_in_most_columns_and_no_corner_case():
    found = most_dangerous(make_report())
    assert [q["id"] for q in found] == ["P02", "C01", "A04"], "two columns, one by a third, a corner case"
    assert answers_of(found[0]) == {"it does not": ["torch"], "2": ["jax", "scipy"]}
    assert len(most_dangerous({"questions": [{**found[0], "id": str(i)} for i in range(30)]})) == 10


def test_missing_columns_are_listed_by_environment():
    assert not_installed(make_report()) == [
        "keras@jax, litert: convcheck compare --install tensorflow",
        "mlx: convcheck compare --install mlx",
    ]


def test_table_leaves_out_what_is_not_installed_and_names_functions_of_scipy():
    text = printed(show_matrix, make_report(), width=120)
    assert "mlx" not in text and "signal.convolve2d" in text and "≠ true" in text


def test_changes_of_two_columns_are_counted_and_listed():
    frameworks = select_columns("torch,torch+ATEN_CPU_CAPABILITY=default")[0]
    measured = {frameworks[0].name: ANSWERS["torch"], frameworks[1].name: ANSWERS["jax"]}
    text = printed(show_changes, build_report(frameworks, ASKED, measured, english, "torch"))
    assert "torch -> torch ATEN_CPU_CAPABILITY=default: 3 of 5 changed" in text
    assert "P02 Average pooling" in text and "it does not -> 2" in text


def test_snippet_of_a_question_is_printed_without_a_break():
    text = printed(show_question, BY_ID["C01"], make_report(), width=40)
    (long,) = {line for line in text.splitlines() if line.startswith("    'a line'")}
    assert len(long) > 100 and long.endswith("},"), "as it has to be pasted"


@pytest.mark.parametrize("width", [60, 120])
def test_japanese_is_broken_by_the_terminal_and_not_at_its_few_spaces(width):
    say = speaker("ja")
    text = printed(show_summary, make_report(say), say=say, width=width)
    assert "最も危険な違い" in text
    assert all(f"{q['id']} {q['question']}" in text.splitlines() for q in most_dangerous(make_report(say)))


def show_progress_at(seconds: float, monkeypatch, terminal: bool = True) -> str:
    """What the bar prints if it appears after so many seconds, once that time is over."""
    monkeypatch.setattr(progress, "SECONDS", seconds)
    console = Console(file=io.StringIO(), force_terminal=terminal, width=80)
    with progress.show_progress(2, 10, console, english) as told:
        told("torch", 3)
        told("jax", 4)
        for thread in threading.enumerate():
            if isinstance(thread, threading.Timer) and seconds == 0:
                thread.join()
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_progress_appears_only_after_its_time_and_on_a_terminal(monkeypatch):
    assert "7/20" in show_progress_at(0, monkeypatch) and "jax" in show_progress_at(0, monkeypatch)
    assert show_progress_at(3600, monkeypatch).strip() == ""
    assert show_progress_at(0, monkeypatch, terminal=False).strip() == ""
