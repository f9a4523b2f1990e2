"""The matrix on the terminal: a row for each question, a column for each framework, as many as the width holds."""

from collections.abc import Iterator
from typing import Any

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from ...i18n import Say
from ..registry import NAMES_FUNCTIONS, framework_of
from ..report import Report
from .lines import print_line

QUESTION, CELL = 34, 17
STYLES = {"absent": "dim", "missing": "bright_black", "killed": "red", "timeout": "red", "fault": "magenta"}


def show_matrix(report: Report, console: Console, say: Say) -> None:
    """Print a table for each group of columns that fits, the answers from source."""
    room = max(1, (console.width - QUESTION - 4) // (CELL + 3))
    names = [name for name, f in report["frameworks"].items() if f["status"] != "missing"]
    for start in range(0, len(names), room):
        console.print(answers_table(report, names[start : start + room], say))
    names = [n for n in report["from_source"] if any(n in q["from_source"] for q in report["questions"])]
    for start in range(0, len(names), room):
        console.print(from_source_table(report, names[start : start + room], say))
    console.print(Group(*files(report)))


def answers_table(report: Report, names: list[str], say: Say) -> Table:
    """Return the table of these frameworks' answers, in families."""
    table = Table(show_lines=False, header_style="bold")
    table.add_column(say("question"), width=QUESTION, overflow="fold")
    for name in names:
        table.add_column(heading(name, report["frameworks"][name]), width=CELL, overflow="fold")
    family = None
    for q in report["questions"]:
        if q["family"] != family:
            family = q["family"]
            table.add_section()
            table.add_row(Text(family, style="bold cyan"))
        cells = [answer_text(q["answers"][name], named(q, name)) for name in names]
        table.add_row(f"{q['id']} {q['question']}", *cells)
    return table


def heading(name: str, framework: dict[str, Any]) -> Text:
    """Return a column's heading: version, device and switches."""
    device = "" if framework["device"] == "cpu" else f"\n{framework['device']}"
    switches = "".join(f"\n{k}: {v}" for k, v in framework["switches"].items() if v not in ("", "default", None))
    interface = f"\n{framework['interface']}" if framework["interface"] else ""
    return Text(f"{name}{interface}\n{framework['version']}{device}{switches}")


def answer_text(answer: dict[str, Any], functions: list[str]) -> Text:
    """Return a cell's words with its marks, and the function where a framework has several for one purpose."""
    differs = answer["agrees_with_baseline"] is False
    marks = ("≠ " if differs else "") + ("~ " if answer["unstable"] else "") + ("! " if answer["defect"] else "")
    style = STYLES.get(answer["kind"], "bold yellow" if differs else "")
    words = Text(marks + ("–" if answer["kind"] == "absent" else answer["shown"]), style=style)
    return words.append("".join(f"\n{name}" for name in functions), style="dim")


def named(q: dict[str, Any], name: str) -> list[str]:
    """Return the functions that a cell names: those of a framework that has several for one purpose."""
    functions = q["answers"][name]["functions"] if framework_of(name) in NAMES_FUNCTIONS else []
    return [function.removeprefix(f"{framework_of(name)}.") for function in functions]


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
    differs = answer["agrees_with_baseline"] is False
    return Text(("≠ " if differs else "") + answer["shown"], style="bold yellow" if differs else "")


def files(report: Report) -> Iterator[Text]:
    """Yield a line for each source file that answers were read in: framework, questions, file."""
    places: dict[tuple[str, str], list[str]] = {}
    for q in report["questions"]:
        for name, answer in q["from_source"].items():
            places.setdefault((name, answer["file"]), []).append(q["id"])
    for (name, file), ids in sorted(places.items()):
        yield Text(f"{name} {' '.join(ids)}: {file}", style="dim")


def show_legend(report: Report, console: Console, say: Say) -> None:
    """Print what the marks mean."""
    for line in legend(report, say):
        print_line(console, line)


def legend(report: Report, say: Say) -> Iterator[Text]:
    """Yield the meaning of the marks, then every defect in words."""
    marks = say("≠ differs from {} · ~ varied between two runs · ! contradicts its own documentation · – not offered")
    yield Text(marks.format(report["baseline"]))
    yield Text(say("An answer that differs is a choice, unless it is marked with !."))
    found: dict[tuple[str, str, str], list[str]] = {}
    for q in report["questions"]:
        for name, answer in q["answers"].items():
            if defect := answer["defect"]:
                found.setdefault((name, defect["what"], defect["documentation"]), []).append(q["id"])
    for (name, what, documentation), ids in found.items():
        yield Text(f"! {name} {' '.join(ids)}: {what} {documentation}")
