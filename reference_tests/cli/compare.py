"""convcheck compare: every installed framework asked how it behaves."""

import fnmatch
import json as json_format
import os
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import WrongUse


def option(text: str, metavar: str | None = None, *names: str) -> Any:
    return typer.Option(*names, help=text, metavar=metavar, show_default=False)


def compare(
    frameworks: Annotated[str, option("Only these columns, with commas; torch@cuda is a device.", "NAMES")] = "",
    questions: Annotated[str, option("Only these questions: an id, a pattern such as 'P*', with commas.", "GLOB")] = "",
    json: Annotated[str, option("Everything as JSON; - is standard output.", "FILE")] = "",
    html: Annotated[str, option("Everything as one page.", "FILE")] = "",
    csv: Annotated[str, option("The matrix as CSV; - is standard output.", "FILE")] = "",
    lang: Annotated[str, option("en or ja.", "LANG")] = "en",
    source: Annotated[str, option("Porting guide: from this framework.", "NAME", "--from")] = "",
    to: Annotated[str, option("Porting guide: to this one.", "NAME")] = "",
    target: Annotated[str, option("A .py file, folder or notebook of yours, as a column.", "FILE")] = "",
    explain: Annotated[str, option("One question in full.", "ID")] = "",
    python: Annotated[list[str] | None, option("The interpreter that runs a column. Repeatable.", "NAME=PATH")] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Ask again, keep nothing.", show_default=False)] = False,
) -> None:
    """Ask every installed framework how it behaves, live, and print a matrix; or how to port between two of them.

    Each framework answers in its own process; one that is not installed is a grey column with its install line. Answers
    are kept by framework, version, switches and probe. Exit status: 0 done; 2 wrong use.
    """
    from ..frameworks.language import speaker
    from ..frameworks.registry import wanted

    try:
        say = speaker(lang)
        columns = wanted(frameworks or None, learners(target))
        pythons = interpreters(python or [])
        chosen = named(explain or questions)
    except ValueError as error:
        raise WrongUse(str(error)) from None
    if bool(source) != bool(to):
        raise WrongUse("--from and --to belong together: --from torch --to tensorflow")
    if source:
        port(source, to, chosen, pythons, not no_cache, say)
        return
    report = reported(columns, chosen, pythons, not no_cache, say)
    deliver(report, chosen, {"--json": json, "--html": html, "--csv": csv}, explain, lang, say)


def learners(target: str) -> str:
    """The target's whole path. Raises ValueError if it is not there."""
    if target and not Path(target).exists():
        raise ValueError(f"--target: {target} is not there")
    return str(Path(target).resolve()) if target else ""


def interpreters(pairs: list[str]) -> dict[str, str]:
    """--python NAME=PATH as {name: path}. Raises ValueError for an unknown name or what is no program."""
    from ..frameworks.registry import COLUMNS

    found = {}
    for pair in pairs:
        name, _, path = pair.partition("=")
        if name not in COLUMNS or not path:
            raise ValueError(f"--python {pair}: write it as jax=/path/to/python, with one of {', '.join(COLUMNS)}")
        if not os.access(path, os.X_OK) or Path(path).is_dir():
            raise ValueError(f"--python {pair}: {path} cannot be run")
        found[name] = path
    return found


def named(patterns: str) -> list[Any]:
    """The questions of these ids or patterns, all of them for none. Raises ValueError where nothing fits."""
    from ..frameworks.questions import QUESTIONS

    wanted = [p.strip() for p in patterns.split(",") if p.strip()] or ["*"]
    for pattern in wanted:
        if not fnmatch.filter((q.id for q in QUESTIONS), pattern.upper()):
            raise ValueError(
                f"no question {pattern!r}: there are {QUESTIONS[0].id} to {QUESTIONS[-1].id}, e.g. 'P*' or S05"
            )
    return [q for q in QUESTIONS if any(fnmatch.fnmatchcase(q.id, p.upper()) for p in wanted)]


def reported(columns: list[Any], chosen: list[Any], pythons: dict[str, str], keep: bool, say: Any) -> dict[str, Any]:
    """The report of these columns; impl is asked too, since the others are compared with it."""
    from ..frameworks.registry import COLUMNS
    from ..frameworks.report import build
    from ..frameworks.runner import measure_all

    asked = columns if any(c.name == "impl" for c in columns) else [*columns, COLUMNS["impl"]]
    measured = measure_all(asked, chosen, pythons, keep)
    if target := next((c for c in columns if c.target), None):
        about = measured[target.name]["about"]
        if "about" not in about:
            raise WrongUse(f"--target: {about.get('missing') or about['ended']}")
    return build(columns, chosen, measured, say)


def deliver(report: dict, chosen: list[Any], files: dict[str, str], explain: str, lang: str, say: Any) -> None:
    """The files that were asked for, and the matrix on the terminal unless a file went to standard output."""
    from rich.console import Console

    from ..frameworks import explain as one_question
    from ..frameworks.matrix import show
    from ..frameworks.page import page
    from ..frameworks.report import as_csv

    texts = {
        "--json": lambda: json_format.dumps(report, ensure_ascii=False, indent=1) + "\n",
        "--html": lambda: page(report, chosen, lang, say),
        "--csv": lambda: as_csv(report),
    }
    for name, file in files.items():
        if file:
            write(name, file, texts[name]())
    if "-" in files.values():
        return
    console = Console(highlight=False)
    if explain:
        one_question.show(chosen[0], report, console, say)
    else:
        show(report, console, say)


def port(source: str, to: str, chosen: list[Any], pythons: dict[str, str], keep: bool, say: Any) -> None:
    from rich.console import Console

    from ..frameworks.guide import show
    from ..frameworks.recipes import guide, portable
    from ..frameworks.runner import measure_all

    try:
        pair = [portable(source, "--from"), portable(to, "--to")]
    except ValueError as error:
        raise WrongUse(str(error)) from None
    if source == to:
        raise WrongUse(f"--from {source} --to {to}: two different frameworks are needed")
    measured = measure_all(pair, chosen, pythons, keep)
    for column in pair:
        if "missing" in measured[column.name]["about"]:
            raise WrongUse(f"{column.name} is not installed here: {column.install}")
    found = guide(pair[0], pair[1], chosen, measured, pythons.get(to, ""), keep)
    show(source, to, found, Console(highlight=False), say)


def write(option: str, file: str, text: str) -> None:
    """To standard output, or to a temporary name and renamed."""
    if file == "-":
        sys.stdout.write(text)
        return
    try:
        with tempfile.NamedTemporaryFile("w", dir=Path(file).resolve().parent, delete=False, encoding="utf-8") as out:
            out.write(text)
        os.chmod(out.name, 0o644)
        os.replace(out.name, file)
    except OSError as error:
        raise WrongUse(f"{option} {file}: {error.strerror}") from None
