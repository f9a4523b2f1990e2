"""The matrix on the terminal: a row for each question, a column for each framework, as many as the width holds."""

from collections.abc import Iterator
from typing import Any

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from ..i18n import Say
from .report import Report

QUESTION, CELL = 34, 17
STYLES = {"absent": "dim", "missing": "bright_black", "killed": "red", "timeout": "red", "fault": "magenta"}


def show_matrix(report: Report, console: Console, say: Say) -> None:
    """Print a table for each group of columns that fits, the answers from source, then the legend."""
    room = max(1, (console.width - QUESTION - 4) // (CELL + 3))
    names = list(report["frameworks"])
    for start in range(0, len(names), room):
        console.print(answers_table(report, names[start : start + room], say))
    names = [n for n in report["from_source"] if any(n in q["from_source"] for q in report["questions"])]
    for start in range(0, len(names), room):
        console.print(from_source_table(report, names[start : start + room], say))
    console.print(Group(*files(report)))
    console.print(Group(*legend(report, say)))


def answers_table(report: Report, names: list[str], say: Say) -> Table:
    """Return the table of these frameworks' answers, in families."""
    table = Table(show_lines=False, header_style="bold")
    table.add_column(say("question"), width=QUESTION, overflow="fold")
    for name in names:
        table.add_column(heading(name, report["frameworks"][name], say), width=CELL, overflow="fold")
    family = None
    for q in report["questions"]:
        if q["family"] != family:
            family = q["family"]
            table.add_section()
            table.add_row(Text(family, style="bold cyan"))
        table.add_row(f"{q['id']} {q['question']}", *(answer_text(q["answers"][name]) for name in names))
    return table


def heading(name: str, framework: dict[str, Any], say: Say) -> Text:
    """Return a column's heading: version, device and switches, or how to install the framework."""
    if framework["status"] == "missing":
        return Text(f"{name}\n{say('not installed')}\n{framework['install']}", style="bright_black")
    device = "" if framework["device"] == "cpu" else f"\n{framework['device']}"
    switches = "".join(f"\n{k}: {v}" for k, v in framework["switches"].items() if v not in ("", "default", None))
    interface = f"\n{framework['interface']}" if framework["interface"] else ""
    return Text(f"{name}{interface}\n{framework['version']}{device}{switches}")


def answer_text(answer: dict[str, Any]) -> Text:
    """Return a cell's words with its marks."""
    differs = answer["agrees_with_impl"] is False
    marks = ("≠ " if differs else "") + ("~ " if answer["unstable"] else "") + ("! " if answer["defect"] else "")
    style = STYLES.get(answer["kind"], "bold yellow" if differs else "")
    return Text(marks + ("–" if answer["kind"] == "absent" else answer["shown"]), style=style)


def from_source_table(report: Report, names: list[str], say: Say) -> Table:
    """Return the table of the answers that were read in these frameworks' source."""
    table = Table(title=say("from source, not run"), header_style="bold")
    table.add_column(say("question"), width=QUESTION, overflow="fold")
    for name in names:
        table.add_column(f"{name}\n{report['from_source'][name]['version']}", width=CELL, overflow="fold")
    for q in report["questions"]:
        if any(name in q["from_source"] for name in names):
            table.add_row(f"{q['id']} {q['question']}", *(from_source_text(q["from_source"].get(n)) for n in names))
    return table


def from_source_text(answer: dict[str, Any] | None) -> Text:
    """Return a cell's words in the table of answers from source."""
    if answer is None:
        return Text()
    differs = answer["agrees_with_impl"] is False
    return Text(("≠ " if differs else "") + answer["shown"], style="bold yellow" if differs else "")


def files(report: Report) -> Iterator[Text]:
    """Yield a line for each source file that answers were read in: framework, questions, file."""
    places: dict[tuple[str, str], list[str]] = {}
    for q in report["questions"]:
        for name, answer in q["from_source"].items():
            places.setdefault((name, answer["file"]), []).append(q["id"])
    for (name, file), ids in sorted(places.items()):
        yield Text(f"{name} {' '.join(ids)}: {file}", style="dim")


def legend(report: Report, say: Say) -> Iterator[Text]:
    """Yield the meaning of the marks, then every defect in words."""
    yield Text(
        say("≠ differs from impl · ~ varied between two runs · ! contradicts its own documentation · – not offered")
    )
    yield Text(say("An answer that differs is a choice, unless it is marked with !."))
    for q in report["questions"]:
        for name, answer in q["answers"].items():
            if answer["defect"]:
                yield Text(f"! {name} {q['id']}: {answer['defect']['what']} {answer['defect']['documentation']}")
