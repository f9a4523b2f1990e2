"""The matrix on the terminal: rows questions, columns frameworks, as many side by side as the width holds."""

from collections.abc import Iterator

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from .language import Say
from .report import Report

QUESTION, CELL = 34, 17
STYLES = {"absent": "dim", "missing": "bright_black", "killed": "red", "timeout": "red", "fault": "red"}


def show(report: Report, console: Console, say: Say) -> None:
    """One table for each group of columns that fits, then the legend."""
    room = max(1, (console.width - QUESTION - 4) // (CELL + 3))
    names = list(report["frameworks"])
    for start in range(0, len(names), room):
        console.print(table(report, names[start : start + room], say))
    told_names = [n for n in report["from_source"] if any(n in q["from_source"] for q in report["questions"])]
    for start in range(0, len(told_names), room):
        console.print(told(report, told_names[start : start + room], say))
    console.print(Group(*files(report)))
    console.print(Group(*legend(report, say)))


def table(report: Report, names: list[str], say: Say) -> Table:
    grid = Table(show_lines=False, header_style="bold")
    grid.add_column(say("question"), width=QUESTION, overflow="fold")
    for name in names:
        grid.add_column(heading(name, report["frameworks"][name], say), width=CELL, overflow="fold")
    family = None
    for q in report["questions"]:
        if q["family"] != family:
            family = q["family"]
            grid.add_section()
            grid.add_row(Text(family, style="bold cyan"))
        grid.add_row(f"{q['id']} {q['question']}", *(mark(q["answers"][name]) for name in names))
    return grid


def heading(name: str, framework: dict, say: Say) -> Text:
    if framework["status"] == "missing":
        return Text(f"{name}\n{say('not installed')}\n{framework['install']}", style="bright_black")
    on = "" if framework["device"] == "cpu" else f"\n{framework['device']}"
    switches = "".join(f"\n{k}: {v}" for k, v in framework["switches"].items() if v not in ("", "default", None))
    return Text(f"{name}\n{framework['version']}{on}{switches}")


def mark(answer: dict) -> Text:
    """The words of a cell with its marks."""
    differs = answer["agrees_with_impl"] is False
    marks = ("≠ " if differs else "") + ("~ " if answer["unstable"] else "") + ("! " if answer["defect"] else "")
    style = STYLES.get(answer["kind"], "bold yellow" if differs else "")
    return Text(marks + ("–" if answer["kind"] == "absent" else answer["shown"]), style=style)


def told(report: Report, names: list[str], say: Say) -> Table:
    grid = Table(title=say("from source, not run"), header_style="bold")
    grid.add_column(say("question"), width=QUESTION, overflow="fold")
    for name in names:
        grid.add_column(f"{name}\n{report['from_source'][name]['version']}", width=CELL, overflow="fold")
    for q in report["questions"]:
        if any(name in q["from_source"] for name in names):
            grid.add_row(f"{q['id']} {q['question']}", *(told_mark(q["from_source"].get(name)) for name in names))
    return grid


def told_mark(cell: dict | None) -> Text:
    if cell is None:
        return Text()
    differs = cell["agrees_with_impl"] is False
    return Text(("≠ " if differs else "") + cell["shown"], style="bold yellow" if differs else "")


def files(report: Report) -> Iterator[Text]:
    """Where the answers from source stand: framework, file, questions."""
    places: dict[tuple[str, str], list[str]] = {}
    for q in report["questions"]:
        for name, cell in q["from_source"].items():
            places.setdefault((name, cell["file"]), []).append(q["id"])
    for (name, file), ids in sorted(places.items()):
        yield Text(f"{name} {' '.join(ids)}: {file}", style="dim")


def legend(report: Report, say: Say) -> Iterator[Text]:
    yield Text(
        say("≠ differs from impl · ~ varied between two runs · ! contradicts its own documentation · – not offered")
    )
    yield Text(say("An answer that differs is a choice, unless it is marked with !."))
    for q in report["questions"]:
        for name, answer in q["answers"].items():
            if answer["defect"]:
                yield Text(f"! {name} {q['id']}: {answer['defect']['what']} {answer['defect']['documentation']}")
