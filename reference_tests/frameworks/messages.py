"""Every sentence of compare that a reader may see, collected from where it stands, for the catalogues."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from . import answers
from .defects import KNOWN
from .from_source import STATED
from .questions import QUESTIONS

HERE = Path(__file__).parent
SAID = re.compile(r"""_\((["'])(.+?)\1\)""")
WORDS = re.compile(r"[a-z]{3}")


def every() -> list[str]:
    """In the order of the questions, each once; only what has words in it."""
    found = [*of_questions(), *of_answers(), *of_code(), *of_page(), *of_adapters()]
    return [text for text in dict.fromkeys(found) if WORDS.search(text)]


def of_questions() -> Iterator[str]:
    for q in QUESTIONS:
        yield from (q.family, q.question, q.why, q.reader.how, *q.reader.labels)


def of_answers() -> Iterator[str]:
    yield from (
        answers.REFUSED,
        answers.ABSENT,
        answers.KILLED,
        answers.ENDED,
        answers.TIMEOUT,
        answers.FAULT,
        answers.MISSING,
    )
    yield from (defect.what for defect in KNOWN.values())
    yield from (key for told in STATED.values() for key, _ in told.values())


def of_code() -> Iterator[str]:
    """The texts given to say() in this package."""
    for file in sorted(HERE.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
                yield from (str(text.value) for text in node.args[:1] if isinstance(text, ast.Constant))


def of_page() -> Iterator[str]:
    yield from (text for _, text in SAID.findall((HERE / "page.html").read_text(encoding="utf-8")))


def of_adapters() -> Iterator[str]:
    """Why a framework is not asked a question: the texts in and for the ABSENT of each adapter."""
    for file in sorted((HERE / "probes").glob("*_probe.py")):
        constants: dict[str, str] = {}
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and isinstance(name := node.targets[0], ast.Name):
                if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
                    constants[name.id] = node.value.value
                elif name.id == "ABSENT":
                    yield from reasons(node.value, constants)


def reasons(table: ast.expr, constants: dict[str, str]) -> Iterator[str]:
    if not isinstance(table, ast.Dict):
        return
    for key, value in zip(table.keys, table.values):
        if key is None and isinstance(value, ast.Call):  # **dict.fromkeys(ids, reason)
            value = value.args[1]
        if isinstance(value, ast.Name):
            yield constants[value.id]
        elif isinstance(value, ast.Constant):
            yield str(value.value)
