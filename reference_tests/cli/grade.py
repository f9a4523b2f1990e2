"""`convcheck grade`: grade a class, with progress and a summary; and `convcheck gradescope`."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import UsageError
from ..i18n import _, join, speaking
from .options import option, require_writable

if TYPE_CHECKING:
    from ..grading.outputs.gradebooks import Template
    from ..grading.outputs.graded_files import GradedFiles
    from ..grading.outputs.overview import Overview
    from ..grading.run import GradingRun

STOPPED, FAULT = 130, 3  # exit statuses


def grade(
    paths: Annotated[list[str], typer.Argument(help="Submissions, or a folder of them.", metavar="PATH...")],
    out: Annotated[Path | None, option("Where the results go.", "DIR")] = None,
    rubric: Annotated[Path | None, option("What earns points: a file, default or book [default].", "FILE")] = None,
    skip: Annotated[list[str] | None, option("Not this component, case or check. Repeatable.", "ID")] = None,
    jobs: Annotated[int, option("Submissions at a time [one a processor].", "N", min=0)] = 0,
    timeout: Annotated[float, option("Of processor, for one check [5]; by the clock 10 x.", "SECONDS")] = 5.0,
    submission_timeout: Annotated[float, option("Of its own, for one submission [120].", "SECONDS")] = 120.0,
    memory: Annotated[str, option("For one submission [2G].", "SIZE")] = "2G",
    isolation: Annotated[str | None, option("none, process, confined or bwrap [confined].", "LEVEL")] = None,
    require_isolation: Annotated[str | None, option("Refuse to grade below this level.", "LEVEL")] = None,
    allow_unconfined: Annotated[
        bool, typer.Option("--allow-unconfined", help="Where a level is missing, take the best there is.")
    ] = False,
    seed: Annotated[
        int | None, option("Of the hidden cases [a secret one, kept beside the rubric].", "N", min=1)
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with what is in DIR.")] = False,
    one: Annotated[bool, typer.Option("--one", help="PATH is one submission, not a folder of them.")] = False,
    retry_errors: Annotated[bool, typer.Option("--retry-errors", help="Go on; faults of the grader again.")] = False,
    regrade: Annotated[
        list[str] | None, option("This student or submission anew into DIR, and nobody else. Repeatable.", "NAME")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the graded files in DIR/kept, by their hash.")] = False,
    report: Annotated[str, option("One HTML file to mail: the class and everybody.", "FILE")] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Try the rubric on PATH, a model solution, and write nothing.")
    ] = False,
    template: Annotated[str, option("With --dry-run: what was given out, which should earn nothing.", "FILE")] = "",
    json: Annotated[str, option("With --dry-run: what was found; - is standard output.", "FILE")] = "",
    scheduler: Annotated[str, option("Of a Dask cluster, tcp://host:port.", "ADDRESS")] = "",
    canvas: Annotated[str, option("An exported gradebook, to be filled in.", "CSV")] = "",
    moodle: Annotated[str, option("An exported gradebook or grading worksheet, to be filled in.", "CSV")] = "",
    assignment: Annotated[str, option("Its title in --canvas and --moodle.", "TITLE")] = "",
) -> None:
    """Grade untrusted submissions: a .py file, an .ipynb notebook, a .zip archive or a folder each.

    PATH may be a folder of them, and an export of Canvas, Moodle, Blackboard, Teams, Gradescope, nbgrader, GitHub
    Classroom or Google Classroom. A layer's large hidden check has the processor time of the rubric's budget, whatever
    --timeout is. Exit status: 0 all were graded, whatever their points; 1 a dry run finds that the model has not all
    points, that the template has some, or that points cannot be had; 2 wrong use; 3 the grader itself failed on some;
    130 stopped, --resume goes on.
    """
    from ..grading.class_seed import path_of
    from ..grading.run import make_executor, prepare
    from ..grading.settings import merge_settings
    from .dry_run import run_dry

    if (template or json) and not dry_run:
        raise UsageError(_("--template and --json belong to --dry-run"))
    if out is None and not dry_run:
        raise UsageError(_("--out is missing: where do the results go?"))

    settings = merge_settings(
        rubric,
        skip=skip or (),
        seed=seed,
        isolation=isolation,
        require_isolation=require_isolation,
        allow_unconfined=allow_unconfined,
        timeout=timeout,
        submission_timeout=submission_timeout,
        memory=memory,
    )
    if dry_run or out is None:
        raise typer.Exit(run_dry(settings, paths, template, json, make_executor(jobs, scheduler)))
    require_writable("--report", report)
    gradebooks = read_gradebooks(canvas, moodle, assignment, settings.rubric.max_score)
    go_on = resume or retry_errors or bool(regrade)
    run = prepare(out, settings, paths, go_on, retry_errors, one, path_of(rubric), regrade or ())
    raise typer.Exit(grade_class(run, jobs, scheduler, gradebooks, keep, report))


def read_gradebooks(canvas: str, moodle: str, assignment: str, max_score: float) -> "list[Template]":
    """Read the exported gradebooks before anything is graded. Raises UsageError."""
    from ..grading.outputs import gradebooks

    if assignment and not (canvas or moodle):
        raise UsageError(_("--assignment belongs to --canvas or --moodle"))
    readers = ((gradebooks.read_canvas, canvas), (gradebooks.read_moodle, moodle))
    return [read(path, assignment, max_score) for read, path in readers if path]


def grade_class(
    run: "GradingRun", jobs: int, scheduler: str, books: "list[Template]", keep: bool = False, report: str = ""
) -> int:
    """Grade what a run has to do, and write its files. Return the exit status."""
    from rich.console import Console

    from ..grading import result as results
    from ..grading.outputs import files, gradebooks, graded_files
    from ..grading.progress import show_progress
    from ..grading.run import grade_rest, make_executor, writing_to

    out = Console(highlight=False, soft_wrap=True)
    print_found(out, run)
    done, start = 0, time.monotonic()
    try:
        write = files.student_writer(run)
        with writing_to(run.out):
            zips = graded_files.open_folder(run.out, run.submissions) if keep else None
        write = graded_files.after(write, zips) if zips else write
        with show_progress(len(run.todo), run.done_before) as advance:
            for result in grade_rest(run, make_executor(jobs, scheduler), write):
                done += 1
                advance(result)
    except KeyboardInterrupt:
        print_stopped(out, done, len(run.todo))
        return STOPPED
    with writing_to(run.out), speaking(run.settings.rubric.language):
        overview = files.write_class(run, books)
        unwritten = {book.kind: gradebooks.write(book, overview.lines, run.out) for book in books}
    print_summary(out, run, overview, done, time.monotonic() - start)
    print_unwritten(out, unwritten)
    print_extras(out, run, overview, zips, report)
    return FAULT if overview.count(results.FAULT) or overview.count(results.UNREAD) else 0


def print_stopped(out: Any, done: int, todo: int) -> None:
    """Print that the run was stopped, and how it goes on."""
    text = _("stopped after {done} of {all}; --resume goes on").format(done=done, all=todo)
    out.print(f"convcheck: {text}", style="bold")


def print_found(out: Any, run: "GradingRun") -> None:
    """Print a warning of a weak isolation, what lies in PATH and is skipped, and what becomes of earlier results."""
    from rich.console import Console

    from ..grading.settings import isolation_warning

    if warning := isolation_warning(run.settings.isolation):
        Console(stderr=True, highlight=False).print(_("warning: {text}").format(text=warning), style="bold red")
    for line in run.found:
        out.print(line, markup=False)
    for remark in run.remarks:
        Console(stderr=True, highlight=False).print(remark, markup=False)


def print_summary(out: Any, run: "GradingRun", overview: "Overview", done: int, seconds: float) -> None:
    """Print a class's points. done: submissions graded now, in so many seconds."""
    from ..grading.messages import absent_everywhere, expected

    if absent := absent_everywhere(*overview.absent(run.settings.rubric)):
        out.print(absent, style="bold yellow", markup=False)
    for id, why, count in overview.unexpected:
        out.print(f"{id} {expected(why, 'pass')} ({count})", style="yellow", markup=False)
    out.print(components_table(overview))
    out.print(say_counts(overview, done, seconds))
    numbers = {"mean": overview.mean, "median": overview.median, "low": overview.worst, "high": overview.best}
    text = _("points: mean {mean:g}, median {median:g}, from {low:g} to {high:g}, of {most:g}")
    out.print(text.format(most=overview.max_score, **numbers))
    settings = run.settings
    text = _("isolation {level}; seed {seed} ({policy}); results in {path}")
    policy = _("given") if settings.seed_policy == "given" else _("secret")
    out.print(text.format(level=settings.isolation, seed=settings.seed, policy=policy, path=run.out))
    for line in overview.lines:
        if line.outcome in ("grader error", "not read"):
            text = _("a fault of the grader: {why}") if line.outcome == "grader error" else _("not read: {why}")
            out.print(text.format(why=f"{line.submission}: {line.reason}"), style="bold red", markup=False)


def say_counts(overview: "Overview", done: int, seconds: float) -> str:
    """Say how many submissions there are, what became of them, and how fast they were graded."""
    n = len(overview.lines)
    counts = [_("{n} graded").format(n=overview.count("graded"))]
    counts.append(_("{n} cannot be loaded").format(n=overview.count("cannot be loaded")))
    if overview.count("not read"):
        counts.append(_("{n} not read").format(n=overview.count("not read")))
    said = [
        (_("1 submission: {outcomes}") if n == 1 else _("{n} submissions: {outcomes}")).format(
            n=n, outcomes=join(counts)
        )
    ]
    said.append(_("{n} of them now, in {seconds:.0f} s").format(n=done, seconds=seconds))
    said += [_("{rate:.1f} a second").format(rate=done / seconds)] if done else []
    return "\n" + _("{all}; {now}").format(all=said[0], now=join(said[1:]))


def components_table(overview: "Overview") -> Any:
    """Return a table with a row for each component."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column(_("component"))
    for title in (_("tried"), _("right"), _("but for corners"), _("mean points")):
        table.add_column(title, justify="right")
    for name, right, corners, tried, mean, most in overview.components:
        table.add_row(
            name, str(tried), str(right), str(corners), _("{mean:g} of {most:g}").format(mean=mean, most=most)
        )
    return table


def print_unwritten(out: Any, unwritten: dict[str, list[str]]) -> None:
    """Print the grades that are not in a gradebook, the first ten of each. unwritten: kind -> sentences."""
    for kind, sentences in unwritten.items():
        if sentences:
            text = _("not written for {kind} ({n}; {file}):")
            file = f"{kind.lower()}-not-written.txt"
            out.print(text.format(kind=kind, n=len(sentences), file=file), style="yellow")
        for one in sentences[:10]:
            out.print(f"  {one}", markup=False)


def print_extras(out: Any, run: "GradingRun", overview: "Overview", zips: "GradedFiles | None", report: str) -> None:
    """Print what was kept, and for whom a regrade has changed what; write the report to mail. Raises UsageError."""
    from ..grading.outputs import differences
    from ..grading.outputs.files import slug
    from ..grading.outputs.report import write_report
    from .grade_diff import print_changes

    for line in zips.describe() if zips else ():
        out.print(line, markup=False)
    if run.regraded:
        print_changes(out, differences.of_some(run.beside, run.out, run.regraded))
    if report:
        try:
            write_report(report, run, overview, slug)
        except OSError as error:
            raise UsageError(f"--report {report}: {error.strerror}") from None


gradescope = typer.Typer(help="Gradescope's autograder.", no_args_is_help=True)


@gradescope.command("build")
def gradescope_build(
    out: Annotated[Path, option("The zip to write [autograder.zip].", "FILE")] = Path("autograder.zip"),
    rubric: Annotated[Path | None, option("What earns points: a file, default or book [default].", "FILE")] = None,
    seed: Annotated[int | None, option("Of the hidden cases [a secret one, kept in the zip].", "N", min=1)] = None,
    timeout: Annotated[float, option("For one check [5].", "SECONDS")] = 5.0,
    submission_timeout: Annotated[float, option("For one submission [120].", "SECONDS")] = 120.0,
    allow_unconfined: Annotated[
        bool, typer.Option("--allow-unconfined", help="Where the machine cannot confine, take the best there is.")
    ] = False,
) -> None:
    """Make the autograder zip: setup.sh, run_autograder, the rubric, a secret seed, and convcheck itself."""
    from ..grading.class_seed import path_of, settle
    from ..grading.outputs.gradescope import build
    from ..grading.settings import merge_settings

    settings = merge_settings(
        rubric, seed=seed, isolation="none", timeout=timeout, submission_timeout=submission_timeout
    )
    settings, said = settle(settings, path_of(rubric))
    for sentence in said:
        typer.echo(sentence, err=True)
    words = [f"--timeout {timeout:g}", f"--submission-timeout {submission_timeout:g}"]
    words += [f"--lang {settings.rubric.language}"]  # Gradescope's machine asks for none
    build(out, rubric, settings.seed, words + ["--allow-unconfined"] * allow_unconfined)
    text = _("{file}: {size} KB, {title}, {most:g} points")
    about = {"title": settings.rubric.heading, "most": settings.rubric.max_score}
    typer.echo(text.format(file=out, size=out.stat().st_size >> 10, **about))


@gradescope.command("run", hidden=True)
def gradescope_run(
    folder: Annotated[Path, typer.Argument(help="/autograder")] = Path("/autograder"),
    timeout: Annotated[float, option("For one check.", "SECONDS")] = 5.0,
    submission_timeout: Annotated[float, option("For one submission.", "SECONDS")] = 120.0,
    isolation: Annotated[str | None, option("none, process, confined or bwrap.", "LEVEL")] = None,
    allow_unconfined: Annotated[bool, typer.Option("--allow-unconfined")] = False,
) -> None:
    """Grade the one submission there, as run_autograder does."""
    from ..grading.outputs.gradescope import run

    limits = {"timeout": timeout, "submission_timeout": submission_timeout}
    raise typer.Exit(run(folder, isolation=isolation, allow_unconfined=allow_unconfined, **limits))
