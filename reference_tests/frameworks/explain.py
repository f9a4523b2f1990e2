"""One question in full: its text, its input, every framework's probe, the answers, the sources."""

from typing import Any

import numpy as np
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from . import source_text
from .guide import python
from .language import Say
from .questions import Question
from .registry import COLUMNS, Column
from .report import Report
from .sources import DOCUMENTS


def probe(column: Column, question: str) -> str:
    return source_text.probe(column.file, question)


def input_text(array: np.ndarray) -> str:
    """An array as it could be written down: its numbers if they are few, else its shape."""
    shape = "x".join(map(str, array.shape))
    if array.size <= 25:
        return f"{shape} {array.dtype} {np.array2string(array, separator=', ', threshold=30)}"
    if (array == array.flat[0]).all():
        return f"{shape} {array.dtype}, {say_number(array.flat[0])}"
    return f"{shape} {array.dtype}, from {say_number(array.min())} to {say_number(array.max())}"


def say_number(value: Any) -> str:
    return f"{float(value):g}"


def links(question: Question) -> list[str]:
    return [DOCUMENTS[key] for key in question.sources]


def show(question: Question, report: Report, console: Console, say: Say) -> None:
    """Everything about the first question of the report."""
    entry = report["questions"][0]
    console.print(Text(f"{question.id}  {entry['question']}", style="bold"))
    console.print(Text(f"{entry['family']}\n"))
    console.print(f"[bold]{say('Why it bites')}[/]  {entry['why']}")
    console.print(f"[bold]{say('How the answer is read')}[/]  {say(question.reader.how)}")
    for name, array in question.inputs.items():
        console.print(Text.assemble((f"{say('Input')} {name}  ", "bold"), input_text(array)))
    for name, answer in entry["answers"].items():
        framework = report["frameworks"][name]
        console.print(Text.assemble("\n", (f"{name} {framework['version'] or ''}  ", "bold cyan"), answer["shown"]))
        for line in notes(framework, answer, say):
            console.print(Padding(Text(line, style="dim"), (0, 0, 0, 2)))
        if name in COLUMNS and (text := probe(COLUMNS[name], question.id)):
            console.print(python(text))
    for name, told in entry["from_source"].items():
        console.print(
            Text.assemble(
                "\n", (f"{name}  ", "bold cyan"), told["shown"], f"\n  {say('from source, not run')}: {told['file']}"
            )
        )
    console.print(Text(f"\n{say('Sources')}", style="bold"))
    for link in links(question):
        console.print(Text(f"  {link}"))


def notes(framework: dict[str, Any], answer: dict[str, Any], say: Say) -> list[str]:
    """What stands under an answer: its reason, that it varied, a defect, how to install what is missing."""
    said = [answer["note"]] if answer["note"] else []
    if framework["status"] == "missing":
        said.append(framework["install"])
    if answer["unstable"]:
        said.append(say("varied between two runs"))
    if answer["defect"]:
        said.append(f"{say('defect')}: {answer['defect']['what']} {answer['defect']['documentation']}")
    return said
