"""One question in full: its text, its inputs, every column's answer with a snippet to paste, the sources."""

from typing import Any

import numpy as np
from rich.console import Console
from rich.syntax import Syntax
from rich.text import Text

from ...i18n import Say
from ..questions import Question, say_name
from ..report import Report
from .lines import print_line


def input_text(array: Any) -> str:
    """Describe an array: by its numbers if it has at most 25, else by its shape and range; a plain value as it is."""
    if not isinstance(array, np.ndarray):
        return repr(array)
    shape = "x".join(map(str, array.shape))
    if array.size <= 25:
        return f"{shape} {array.dtype} {' '.join(np.array2string(array, separator=', ', threshold=30).split())}"
    if (array == array.flat[0]).all():
        return f"{shape} {array.dtype}, {format_number(array.flat[0])}"
    return f"{shape} {array.dtype}, from {format_number(array.min())} to {format_number(array.max())}"


def format_number(value: Any) -> str:
    """Return a number in at most six digits."""
    return f"{float(value):g}"


def inputs_of(question: Question, say: Say) -> list[tuple[str, str]]:
    """Return (name, description) of every array and number of every input."""
    return [
        (f"{say_name(sample.name, say)}: {name}" if sample.name else name, input_text(value))
        for sample in question.samples
        for name, value in sample.inputs.items()
    ]


def show_question(question: Question, report: Report, console: Console, say: Say) -> None:
    """Print everything about one question of the report."""
    entry = next(q for q in report["questions"] if q["id"] == question.id)
    print_line(console, Text(f"{question.id}  {entry['question']}", style="bold"))
    console.print(Text(f"{entry['family']}\n"))
    print_line(console, Text.assemble((f"{say('Why it bites')}  ", "bold"), entry["why"]))
    print_line(console, Text.assemble((f"{say('How the answer is read')}  ", "bold"), entry["how"]))
    for label, text in inputs_of(question, say):
        console.print(Text.assemble((f"{say('Input')} {label}  ", "bold"), text))
    for name, answer in entry["answers"].items():
        show_answer(name, answer, report["frameworks"][name], console, say)
    for name, answer in entry["from_source"].items():
        place = f"\n  {say('from source, not run')}: {answer['file']}"
        console.print(Text.assemble("\n", (f"{name}  ", "bold cyan"), answer["shown"], place))
    console.print(Text(f"\n{say('Sources')}", style="bold"))
    for link in entry["links"]:
        console.print(Text(f"  {link}"))


def show_answer(name: str, answer: dict[str, Any], framework: dict[str, Any], console: Console, say: Say) -> None:
    """Print one column's answer, its notes and its snippet, which keeps its lines so that it can be pasted."""
    label = name if " " in name else f"{name} {framework['version'] or ''}"
    mark = "≠ " if answer["agrees_with_baseline"] is False else ""
    console.print(Text.assemble("\n", (f"{label}  ", "bold cyan"), mark + answer["shown"]))
    if len(answer["inputs"]) > 1 and answer["kind"] not in ("absent", "missing"):
        for one in answer["inputs"]:
            print_line(console, f"{one['input']}: {one['shown']}", 2)
    for line in notes(framework, answer, say):
        print_line(console, Text(line, style="dim"), 2)
    if answer["probe"]:
        console.print(Syntax("", "python", theme="ansi_light").highlight(answer["probe"]), soft_wrap=True)


def notes(framework: dict[str, Any], answer: dict[str, Any], say: Say) -> list[str]:
    """Return the lines under an answer: its functions, its reason, how to install the framework, its marks."""
    lines = [", ".join(answer["functions"])] if answer["functions"] else []
    lines += [answer["note"]] if answer["note"] else []
    if framework["status"] == "missing":
        lines.append(framework["install"])
    if answer["unstable"]:
        lines.append(say("varied between two runs"))
    if answer["defect"]:
        lines.append(f"{say('defect')}: {answer['defect']['what']} {answer['defect']['documentation']}")
    return lines
