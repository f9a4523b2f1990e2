"""The command `convcheck compare`: ask every installed framework how it behaves."""

import fnmatch
import json as json_format
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import UsageError
from ..i18n import _
from .options import option, write_report

if TYPE_CHECKING:
    from rich.console import Console

    from ..frameworks.questions import Question
    from ..frameworks.registry import Framework
    from ..frameworks.report import Report
    from ..i18n import Say


def compare(
    columns: Annotated[
        str,
        option(
            "Only these columns, with commas. torch=PYTHON is asked by that interpreter, torch+OMP_NUM_THREADS=1 with "
            "that switch; two columns of one framework are compared with each other.",
            "NAMES",
            "--columns",
            "--frameworks",
        ),
    ] = "",
    baseline: Annotated[str, option("The column that the others are compared with. [torch]", "NAME")] = "torch",
    questions: Annotated[str, option("Only these questions: an id, a pattern such as 'P*', with commas.", "GLOB")] = "",
    search: Annotated[str, option("Only the questions about something, in English or Japanese.", "WORDS")] = "",
    every: Annotated[bool, option("Print every question and not the summary alone.", None, "--all")] = False,
    json: Annotated[str, option("Everything as JSON; - is standard output.", "FILE")] = "",
    html: Annotated[str, option("Everything as one page.", "FILE")] = "",
    csv: Annotated[str, option("The matrix as CSV; - is standard output.", "FILE")] = "",
    lang: Annotated[str, option("en or ja [as the system speaks].", "LANG")] = "",
    source: Annotated[str, option("Porting guide: from this framework.", "NAME", "--from")] = "",
    to: Annotated[str, option("Porting guide: to this one.", "NAME")] = "",
    target: Annotated[str, option("A .py file, folder or notebook of yours, as a column.", "FILE")] = "",
    model: Annotated[
        str,
        option(
            "A torch model to port: a .py file with one, or an exported program (.pt2). It is run as your own code; "
            "with --to onnx, jax, tf or keras.",
            "FILE[:NAME]",
        ),
    ] = "",
    example: Annotated[str, option("The model's input. [`example` in the file]", "1x3x32x32")] = "",
    port: Annotated[
        str,
        option(
            "Your port of the model: a function of (weights, x) that returns {layer: result}, a list or the output. "
            "It is compared layer by layer.",
            "MODULE:FUNCTION",
        ),
    ] = "",
    out: Annotated[str, option("Where the port's weights go; its text goes beside them.", "FILE.npz")] = "",
    explain: Annotated[str, option("Questions in full: an id or a pattern such as 'S*', with commas.", "GLOB")] = "",
    python: Annotated[list[str] | None, option("The interpreter that runs a column. Repeatable.", "NAME=PATH")] = None,
    install: Annotated[str, option("Put a framework into an environment of its own, in the cache.", "NAME")] = "",
    no_cache: Annotated[bool, option("Ask again, keep nothing.", None, "--no-cache")] = False,
) -> None:
    """Ask every installed framework how it behaves, live, and print what differs; or how to port between two of them.

    Each framework answers in its own process; one that is not installed is listed with its install line.
    --install NAME makes an environment of its own in the cache, with versions that were tried. Answers are kept by
    framework, version, switches and probe. --model writes a torch model for another framework, with its weights, and
    compares a port of it. Exit status: 0 done; 1 the port differs; 2 wrong use.
    """
    from ..frameworks.columns import select_columns
    from ..frameworks.environments import installed_pythons
    from ..i18n import current_language, speaker, speaking

    lang = lang or current_language()
    try:
        say = speaker(lang)
        if install:
            install_environment(install, say)
            return
        with speaking(lang):
            pythons = {**installed_pythons(), **parse_interpreters(python or [])}
            selected, pythons = select_columns(columns or None, resolve_target(target), pythons)
            chosen = select_questions(explain or questions, search)
            base = find_baseline(baseline, selected)
    except ValueError as error:
        raise UsageError(str(error)) from None
    if model or port or example or out:
        from ..frameworks.porting.command import port_model

        raise typer.Exit(port_model(model, to, example, port, out, not no_cache, say))
    if bool(source) != bool(to):
        raise UsageError(_("--from and --to belong together: --from torch --to tensorflow"))
    if source:
        print_guide(source, to, chosen, pythons, not no_cache, say)
        return
    probes = bool(explain or json or html)
    report = make_report(selected, chosen, base, pythons, not no_cache, probes, say)
    shown = "explain" if explain else "all" if every else "matrix" if questions or search else "summary"
    deliver(report, chosen, {"--json": json, "--html": html, "--csv": csv}, shown, lang, say)


def install_environment(name: str, say: "Say") -> None:
    """Make the environment of a column and say which columns it answers. Raises UsageError if pip fails."""
    from ..frameworks.environments import ENVIRONMENTS, brings_cuda, environment_of, install

    if brings_cuda(environment_of(name)):
        hint = say(
            "on Linux pip takes torch's build for CUDA (some 2.7 GB), unless PIP_EXTRA_INDEX_URL names the index "
            "of its CPU builds"
        )
        typer.echo(hint, err=True)
    folder = install(name)
    columns = ", ".join(ENVIRONMENTS[environment_of(name)].columns)
    print(say("{}: {} now answers from here.").format(folder, columns))


def resolve_target(target: str) -> str:
    """Return the target's absolute path, "" without a target. Raises ValueError if it does not exist."""
    if target and not Path(target).exists():
        raise ValueError(_("--target: {target} is not there").format(target=target))
    return str(Path(target).resolve()) if target else ""


def parse_interpreters(pairs: list[str]) -> dict[str, str]:
    """Parse NAME=PATH into {name: path}. Raises ValueError for an unknown name or a path that cannot be run."""
    from ..frameworks.columns import find_python
    from ..frameworks.registry import FRAMEWORKS, GROUPS, expand_groups

    interpreters = {}
    for pair in pairs:
        name, _sign, path = pair.partition("=")
        if (name not in FRAMEWORKS and name not in GROUPS) or not path:
            text = _("--python {pair}: write it as jax=/path/to/python, with one of {known}")
            raise ValueError(text.format(pair=pair, known=", ".join(FRAMEWORKS)))
        interpreters[name] = find_python(f"--python {pair}", path)
    return expand_groups(interpreters)


def select_questions(patterns: str, search: str = "") -> list["Question"]:
    """Return the questions of these ids or patterns that are about what is searched. Raises ValueError for none."""
    from ..frameworks.questions import QUESTIONS
    from ..frameworks.search import select

    wanted = [p.strip() for p in patterns.split(",") if p.strip()] or ["*"]
    for pattern in wanted:
        if not fnmatch.filter((q.id for q in QUESTIONS), pattern.upper()):
            text = _("no question {pattern!r}: there are {first} to {last}, e.g. 'P*' or S05")
            raise ValueError(text.format(pattern=pattern, first=QUESTIONS[0].id, last=QUESTIONS[-1].id))
    about = {q.id for q in (select(search) if search else QUESTIONS)}
    found = [q for q in QUESTIONS if q.id in about and any(fnmatch.fnmatchcase(q.id, p.upper()) for p in wanted)]
    if not found:
        raise ValueError(_("--search {words}: none of the questions {ids}").format(words=search, ids=patterns))
    return found


def make_report(
    frameworks: list["Framework"], chosen: list["Question"], base: "Framework", pythons: dict[str, str], keep: bool,
    probes: bool, say: "Say",
) -> "Report":  # fmt: skip
    """Measure the columns and report on them; the baseline is measured too, since the others are compared with it."""
    from ..frameworks.report import build_report

    others = [base] if all(f.name != base.name for f in frameworks) else []
    measured = measure_visibly([*frameworks, *others], chosen, pythons, keep, say)
    if target := next((f for f in frameworks if f.target), None):
        about = measured[target.name]["about"]
        if "about" not in about:
            raise UsageError(f"--target: {about.get('missing') or about['ended']}")
    measured |= measure_elsewhere(base, chosen, measured, pythons, keep, say)
    return build_report(frameworks, chosen, measured, say, base.name, probes)


def find_baseline(name: str, frameworks: list["Framework"]) -> "Framework":
    """Return the baseline: the first column of that name or framework, else the framework. Raises ValueError."""
    from ..frameworks.registry import FRAMEWORKS, framework_of

    fitting = [f for f in frameworks if name in (f.name, framework_of(f.name))]
    if not fitting and name not in FRAMEWORKS:
        raise ValueError(_("{option}: {name!r} is none of {known}").format(
            option="--baseline", name=name, known=", ".join(FRAMEWORKS)
        ))  # fmt: skip
    return min(fitting, key=lambda f: f.name != name) if fitting else FRAMEWORKS[name]


def measure_visibly(
    frameworks: list["Framework"], chosen: list["Question"], pythons: dict[str, str], keep: bool, say: "Say"
) -> dict[str, Any]:
    """Measure these columns, with a bar if it takes long."""
    from rich.console import Console

    from ..frameworks.display.progress import show_progress
    from ..frameworks.runner import measure_all

    inputs = sum(len(q.samples) for q in chosen)
    with show_progress(len(frameworks), inputs, Console(stderr=True), say) as progress:
        return measure_all(frameworks, chosen, pythons, keep, progress)


def measure_elsewhere(
    base: "Framework", chosen: list["Question"], measured: dict[str, Any], pythons: dict[str, str], keep: bool,
    say: "Say",
) -> dict[str, Any]:  # fmt: skip
    """Measure the other interfaces of the baseline, where it has no answer of its own and they were not asked."""
    from ..frameworks.registry import ELSEWHERE, FRAMEWORKS
    from ..frameworks.report import baseline_column

    unanswered = [q for q in chosen if baseline_column(q, measured, base.name) is None]
    others = [FRAMEWORKS[name] for name in ELSEWHERE.get(base.name, ()) if name not in measured]
    if not unanswered or not others or "missing" in measured[base.name]["about"]:
        return {}
    return measure_visibly(others, unanswered, pythons, keep, say)


def deliver(
    report: "Report", chosen: list["Question"], files: dict[str, str], shown: str, lang: str,
    say: "Say",
) -> None:  # fmt: skip
    """Write the requested files; print the summary, the matrix or the questions unless a file is standard output."""
    from rich.console import Console

    from ..frameworks.display.page import make_page
    from ..frameworks.report import to_csv

    texts = {
        "--json": lambda: json_format.dumps(report, ensure_ascii=False, separators=(",", ":")) + "\n",
        "--html": lambda: make_page(report, chosen, lang, say),
        "--csv": lambda: to_csv(report),
    }
    for name, file in files.items():
        if file:
            write_report(name, file, texts[name]())
    if "-" not in files.values():
        print_report(report, chosen, shown, Console(highlight=False), say)


def print_report(report: "Report", chosen: list["Question"], shown: str, console: "Console", say: "Say") -> None:
    """Print the questions in full, or the summary, what changed within a framework, and the matrix.

    shown: explain, matrix, summary, or all of the last two.
    """
    from ..frameworks.display.explain import show_question
    from ..frameworks.display.matrix import show_legend, show_matrix
    from ..frameworks.display.summary import show_changes, show_further, show_headline, show_summary

    if shown == "explain":
        for question in chosen:
            show_question(question, report, console, say)
        return
    (show_headline if shown == "matrix" else show_summary)(report, console, say)
    show_changes(report, console, say)
    if shown != "summary":
        show_matrix(report, console, say)
    show_legend(report, console, say)
    if shown == "summary":
        show_further(console, say)


def print_guide(
    source: str, to: str, chosen: list["Question"], pythons: dict[str, str], keep: bool, say: "Say"
) -> None:
    """Print the porting guide from one framework to another. Raises UsageError if one of them is not installed."""
    from rich.console import Console

    from ..frameworks.guide import show_guide
    from ..frameworks.recipes import find_equal, find_portable, make_guide
    from ..frameworks.runner import measure_all

    try:
        pair = [find_portable(source, "--from"), find_portable(to, "--to")]
    except ValueError as error:
        raise UsageError(str(error)) from None
    if source == to:
        raise UsageError(f"--from {source} --to {to}: " + _("two different frameworks are needed"))
    measured = measure_all(pair, chosen, pythons, keep)
    for framework in pair:
        if "missing" in measured[framework.name]["about"]:
            text = _("{name} is not installed here: {how}")
            raise UsageError(text.format(name=framework.name, how=framework.install))
    differences = make_guide(pair[0], pair[1], chosen, measured, pythons.get(to, ""), keep)
    equal = find_equal(pair[0], pair[1], chosen, measured)
    show_guide(source, to, differences, equal, Console(highlight=False), say)
