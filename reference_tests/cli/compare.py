"""The command `convcheck compare`: ask every installed framework how it behaves."""

import fnmatch
import json as json_format
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from ..errors import UsageError
from .options import option, write_report

if TYPE_CHECKING:
    from ..frameworks.questions import Question
    from ..frameworks.registry import Framework
    from ..frameworks.report import Report
    from ..i18n import Say


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
    explain: Annotated[str, option("Questions in full: an id or a pattern such as 'S*', with commas.", "GLOB")] = "",
    python: Annotated[list[str] | None, option("The interpreter that runs a column. Repeatable.", "NAME=PATH")] = None,
    install: Annotated[str, option("Put a framework into an environment of its own, in the cache.", "NAME")] = "",
    no_cache: Annotated[bool, option("Ask again, keep nothing.", None, "--no-cache")] = False,
) -> None:
    """Ask every installed framework how it behaves, live, and print a matrix; or how to port between two of them.

    Each framework answers in its own process; one that is not installed is a grey column with its install line.
    --install NAME makes an environment of its own in the cache, with versions that were tried. Answers are kept by
    framework, version, switches and probe. Exit status: 0 done; 2 wrong use.
    """
    from ..frameworks.environments import installed_pythons
    from ..frameworks.registry import select_frameworks
    from ..i18n import speaker

    try:
        say = speaker(lang)
        if install:
            install_environment(install, say)
            return
        selected = select_frameworks(frameworks or None, resolve_target(target))
        pythons = {**installed_pythons(), **parse_interpreters(python or [])}
        chosen = select_questions(explain or questions)
    except ValueError as error:
        raise UsageError(str(error)) from None
    if bool(source) != bool(to):
        raise UsageError("--from and --to belong together: --from torch --to tensorflow")
    if source:
        print_guide(source, to, chosen, pythons, not no_cache, say)
        return
    report = make_report(selected, chosen, pythons, not no_cache, say)
    deliver(report, chosen, {"--json": json, "--html": html, "--csv": csv}, explain, lang, say)


def install_environment(name: str, say: "Say") -> None:
    """Make the environment of a column and say which columns it answers. Raises UsageError if pip fails."""
    from ..frameworks.environments import ENVIRONMENTS, environment_of, install

    folder = install(name)
    columns = ", ".join(ENVIRONMENTS[environment_of(name)].columns)
    print(say("{}: {} now answers from here.").format(folder, columns))


def resolve_target(target: str) -> str:
    """Return the target's absolute path, "" without a target. Raises ValueError if it does not exist."""
    if target and not Path(target).exists():
        raise ValueError(f"--target: {target} is not there")
    return str(Path(target).resolve()) if target else ""


def parse_interpreters(pairs: list[str]) -> dict[str, str]:
    """Parse NAME=PATH into {name: path}. Raises ValueError for an unknown name or a path that cannot be run."""
    from ..frameworks.registry import FRAMEWORKS, GROUPS, expand_groups

    interpreters = {}
    for pair in pairs:
        name, _, path = pair.partition("=")
        if (name not in FRAMEWORKS and name not in GROUPS) or not path:
            raise ValueError(f"--python {pair}: write it as jax=/path/to/python, with one of {', '.join(FRAMEWORKS)}")
        found = shutil.which(path)
        if not found:
            raise ValueError(f"--python {pair}: {path} cannot be run")
        interpreters[name] = str(Path(found).absolute())  # a link of a virtual environment stays a link
    return expand_groups(interpreters)


def select_questions(patterns: str) -> list["Question"]:
    """Return the questions of these ids or patterns, all without one. Raises ValueError if a pattern fits nothing."""
    from ..frameworks.questions import QUESTIONS

    wanted = [p.strip() for p in patterns.split(",") if p.strip()] or ["*"]
    for pattern in wanted:
        if not fnmatch.filter((q.id for q in QUESTIONS), pattern.upper()):
            raise ValueError(
                f"no question {pattern!r}: there are {QUESTIONS[0].id} to {QUESTIONS[-1].id}, e.g. 'P*' or S05"
            )
    return [q for q in QUESTIONS if any(fnmatch.fnmatchcase(q.id, p.upper()) for p in wanted)]


def make_report(
    frameworks: list["Framework"], chosen: list["Question"], pythons: dict[str, str], keep: bool, say: "Say"
) -> "Report":
    """Measure the frameworks and report on them; impl is measured too, since the others are compared with it."""
    from ..frameworks.registry import FRAMEWORKS
    from ..frameworks.report import build_report
    from ..frameworks.runner import measure_all

    with_impl = frameworks if any(f.name == "impl" for f in frameworks) else [*frameworks, FRAMEWORKS["impl"]]
    measured = measure_all(with_impl, chosen, pythons, keep)
    if target := next((f for f in frameworks if f.target), None):
        about = measured[target.name]["about"]
        if "about" not in about:
            raise UsageError(f"--target: {about.get('missing') or about['ended']}")
    return build_report(frameworks, chosen, measured, say)


def deliver(
    report: "Report", chosen: list["Question"], files: dict[str, str], explain: str, lang: str, say: "Say"
) -> None:
    """Write the requested files; print the matrix or the question unless a file goes to standard output."""
    from rich.console import Console

    from ..frameworks.explain import show_question
    from ..frameworks.matrix import show_matrix
    from ..frameworks.page import make_page
    from ..frameworks.report import to_csv

    texts = {
        "--json": lambda: json_format.dumps(report, ensure_ascii=False, indent=1) + "\n",
        "--html": lambda: make_page(report, chosen, lang, say),
        "--csv": lambda: to_csv(report),
    }
    for name, file in files.items():
        if file:
            write_report(name, file, texts[name]())
    if "-" in files.values():
        return
    console = Console(highlight=False)
    if explain:
        for question in chosen:
            show_question(question, report, console, say)
    else:
        show_matrix(report, console, say)


def print_guide(
    source: str, to: str, chosen: list["Question"], pythons: dict[str, str], keep: bool, say: "Say"
) -> None:
    """Print the porting guide from one framework to another. Raises UsageError if one of them is not installed."""
    from rich.console import Console

    from ..frameworks.guide import show_guide
    from ..frameworks.recipes import find_portable, make_guide
    from ..frameworks.runner import measure_all

    try:
        pair = [find_portable(source, "--from"), find_portable(to, "--to")]
    except ValueError as error:
        raise UsageError(str(error)) from None
    if source == to:
        raise UsageError(f"--from {source} --to {to}: two different frameworks are needed")
    measured = measure_all(pair, chosen, pythons, keep)
    for framework in pair:
        if "missing" in measured[framework.name]["about"]:
            raise UsageError(f"{framework.name} is not installed here: {framework.install}")
    differences = make_guide(pair[0], pair[1], chosen, measured, pythons.get(to, ""), keep)
    show_guide(source, to, differences, Console(highlight=False), say)
