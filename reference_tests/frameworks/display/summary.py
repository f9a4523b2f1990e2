"""The summary: how much was asked, how each column differs from the baseline, the most dangerous differences."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ...i18n import N_, Say
from ..report import Report
from .lines import print_line

TEN = 10
NAME = 20  # columns of a name and its version; the numbers beside it fill a terminal of 80
COUNTED = (  # (heading, differences that are counted)
    (N_("the same"), ("same",)),
    (N_("other numbers, no error"), ("numbers",)),
    (N_("another shape"), ("shape",)),
    (N_("only one refuses"), ("refused",)),
    (N_("crash or hang"), ("ended",)),
)
NOT_COMPARED = N_("not compared")


def show_summary(report: Report, console: Console, say: Say) -> None:
    """Print what was asked, a line for each column, and the ten most dangerous differences."""
    show_headline(report, console, say)
    console.print(columns_table(report, say))
    shown = most_dangerous(report)
    if shown:
        console.print(Text("\n" + say("The most dangerous differences: other numbers without an error"), style="bold"))
    for q in shown:
        print_line(console, Text(f"{q['id']} {q['question']}", style="bold cyan"))
        for answer, names in answers_of(q).items():
            print_line(console, f"{answer}: {', '.join(names)}", 4)
    console.print()


def show_headline(report: Report, console: Console, say: Say) -> None:
    """Print how much was asked, and what is not installed."""
    print_line(console, Text(headline(report, say), style="bold"))
    for line in notes(report, say):
        print_line(console, line)
    missing = not_installed(report)
    if missing:
        print_line(console, say("Not installed (each with the command that installs it):"))
    for line in missing:
        print_line(console, line, 4)


def headline(report: Report, say: Say) -> str:
    """Return the first line: how many questions, to how many columns, how many are answered differently somewhere."""
    found = [
        [a["difference"] for name, a in q["answers"].items() if a["difference"] and name != q["baseline"]]
        for q in report["questions"]
    ]
    silent = sum("numbers" in some for some in found)
    alike = sum(set(some) == {"same"} for some in found)
    columns = sum(f["status"] != "missing" for f in report["frameworks"].values())
    return say(
        "Questions: {questions}. Columns: {columns}, compared with {baseline}. Answered alike by all: {alike}; with "
        "other numbers and no error: {silent}."
    ).format(
        questions=len(report["questions"]), columns=columns, baseline=report["baseline"], alike=alike, silent=silent
    )


def notes(report: Report, say: Say) -> Iterator[str]:
    """Yield what else is to be known of the baseline: who answers for it, or that nobody does."""
    others = {q["baseline"] for q in report["questions"]} - {report["baseline"], None}
    if others:
        text = say("Where {baseline} has no function of its own, it is {others} that the others are compared with.")
        yield text.format(baseline=report["baseline"], others=", ".join(sorted(others)))
    if all(q["baseline"] is None for q in report["questions"]):
        yield say("{baseline} gave no answer here: nothing is marked. --baseline NAME takes another column.").format(
            baseline=report["baseline"]
        )


def not_installed(report: Report) -> list[str]:
    """Return a line for each environment that is missing: its columns, and the command that installs them."""
    missing: dict[str, list[str]] = {}
    for name, framework in report["frameworks"].items():
        if framework["status"] == "missing":
            missing.setdefault(framework["install"], []).append(name)
    return [f"{', '.join(names)}: {install}" for install, names in by_environment(missing).items()]


def by_environment(missing: dict[str, list[str]]) -> dict[str, list[str]]:
    """Put the columns that one environment brings on one line, under its first column's command."""
    from ..environments import ENVIRONMENTS

    environment = {column: name for name, made in ENVIRONMENTS.items() for column in made.columns}
    merged: dict[str, list[str]] = {}
    for install, names in missing.items():
        words, _, name = install.rpartition(" ")
        command = f"{words} {environment[name]}" if name in environment else install
        merged.setdefault(command, []).extend(names)
    return merged


def columns_table(report: Report, say: Say) -> Table:
    """Return a row for each column that answered: how often it agrees, and how often it differs in which way."""
    table = Table(header_style="bold", box=None, pad_edge=False)
    longest = max((len(word) for name in report["frameworks"] for word in name.split(" ")), default=0)
    table.add_column(say("column"), min_width=min(longest, NAME), max_width=NAME, overflow="fold")
    for heading in (*(heading for heading, _ in COUNTED), NOT_COMPARED):
        table.add_column(say(heading), justify="right", width=8)
    for name, framework in report["frameworks"].items():
        if framework["status"] != "missing":
            table.add_row(*row_of(name, framework, report))
    return table


def row_of(name: str, framework: dict[str, Any], report: Report) -> list[str]:
    """Return the cells of a column's row."""
    counts = Counter(q["answers"][name]["difference"] for q in report["questions"])
    label = name if " " in name else f"{name} {framework['version'] or ''}"
    numbers = [str(sum(counts[how] for how in hows)) for _, hows in COUNTED]
    return [label, *numbers, str(counts[None])]


def most_dangerous(report: Report) -> list[dict[str, Any]]:
    """Return the ten questions whose differences are silent, the most columns and the largest distance first."""
    silent = [q for q in report["questions"] if q["danger"] > 0]
    return sorted(silent, key=lambda q: -q["danger"])[:TEN]


def answers_of(q: dict[str, Any]) -> dict[str, list[str]]:
    """Return {answer: the columns that give it} of a question, the baseline's first."""
    found: dict[str, list[str]] = {}
    kinds = {name: a for name, a in q["answers"].items() if a["kind"] not in ("absent", "missing", "fault")}
    for name in sorted(kinds, key=lambda name: kinds[name]["difference"] != "same"):
        found.setdefault(kinds[name]["shown"], []).append(name)
    return found


def show_changes(report: Report, console: Console, say: Say) -> None:
    """Print what each further column of one framework answers in another way than the first."""
    for one in report["changes"]:
        if one["missing"]:
            text = say("{names}: not installed there, so nothing is compared.").format(names=", ".join(one["missing"]))
            print_line(console, text)
            continue
        count = say("{before} -> {after}: {changed} of {asked} changed").format(
            before=one["before"], after=one["after"], changed=len(one["changed"]), asked=one["asked"]
        )
        print_line(console, Text(count, style="bold"))
        if one["faults"]:
            text = say("Not compared, since one of them has a fault there: {ids}").format(ids=" ".join(one["faults"]))
            print_line(console, text, 4)
        for change in one["changed"]:
            print_line(console, f"{change['id']} {change['question']}", 4)
            print_line(console, Text(f"{change['before']} -> {change['after']}", style="bold yellow"), 8)
    if report["changes"]:
        console.print()


def show_further(console: Console, say: Say) -> None:
    """Print how to read on."""
    for option, text in (
        ("--all", say("every question and every answer")),
        ("--explain S05", say("one question in full, with snippets to paste")),
        ("--search 'same padding'", say("the questions about something")),
        ("--html matrix.html", say("everything as a page")),
    ):
        console.print(Text.assemble((f"  {option:26}", "bold"), text))
