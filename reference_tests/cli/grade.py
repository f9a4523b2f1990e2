"""`convcheck grade`: a class graded, with progress and a summary; and `convcheck gradescope`."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import UsageError

if TYPE_CHECKING:
    from ..grading.outputs.gradebooks import Template
    from ..grading.outputs.overview import Overview
    from ..grading.run import GradingRun

STOPPED, FAULT = 130, 3  # exit status


def option(text: str, metavar: str | None = None, **how: Any) -> Any:
    return typer.Option(help=text, metavar=metavar, show_default=False, **how)


def grade(
    paths: Annotated[list[str], typer.Argument(help="Submissions, or a folder of them.", metavar="PATH...")],
    out: Annotated[Path, option("Where the results go.", "DIR")],
    rubric: Annotated[Path | None, option("What earns how many points [the default rubric].", "FILE")] = None,
    jobs: Annotated[int, option("Submissions at a time [one a processor].", "N", min=0)] = 0,
    timeout: Annotated[float, option("For one check [5].", "SECONDS")] = 5.0,
    submission_timeout: Annotated[float, option("For one submission [120].", "SECONDS")] = 120.0,
    memory: Annotated[str, option("For one submission [2G].", "SIZE")] = "2G",
    isolation: Annotated[str | None, option("none, process, confined or bwrap [confined].", "LEVEL")] = None,
    require_isolation: Annotated[str | None, option("Refuse to grade below this level.", "LEVEL")] = None,
    allow_unconfined: Annotated[
        bool, typer.Option("--allow-unconfined", help="Where a level is missing, take the best there is.")
    ] = False,
    seed: Annotated[int | None, option("Of the hidden cases [a secret one, recorded].", "N", min=1)] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with what is in DIR.")] = False,
    retry_errors: Annotated[bool, typer.Option("--retry-errors", help="Go on; faults of the grader again.")] = False,
    scheduler: Annotated[str, option("Of a Dask cluster, tcp://host:port.", "ADDRESS")] = "",
    canvas: Annotated[str, option("An exported gradebook, to be filled in.", "CSV")] = "",
    moodle: Annotated[str, option("An exported gradebook or grading worksheet, to be filled in.", "CSV")] = "",
    assignment: Annotated[str, option("Its title in --canvas and --moodle.", "TITLE")] = "",
) -> None:
    """Grade submissions that nobody vouches for: a .py file, an .ipynb notebook, a .zip archive or a folder each.

    PATH may be a folder of them, and an export of Gradescope, nbgrader or GitHub Classroom. Exit status: 0 all were
    graded, whatever their points; 2 wrong use; 3 the grader itself failed on some; 130 stopped, --resume goes on.
    """
    from ..grading.run import prepare
    from ..grading.settings import merge_settings

    setting = merge_settings(
        rubric,
        seed=seed,
        isolation=isolation,
        require_isolation=require_isolation,
        allow_unconfined=allow_unconfined,
        timeout=timeout,
        submission_timeout=submission_timeout,
        memory=memory,
    )
    books = templates(canvas, moodle, assignment, setting.rubric.max_score)
    run = prepare(out, setting, paths, resume or retry_errors, retry_errors)
    raise typer.Exit(run_class(run, jobs, scheduler, books))


def templates(canvas: str, moodle: str, assignment: str, max_score: float) -> "list[Template]":
    """Looked at before anything is graded."""
    from ..grading.outputs import gradebooks

    if assignment and not (canvas or moodle):
        raise UsageError("--assignment belongs to --canvas or --moodle")
    readers = ((gradebooks.canvas, canvas), (gradebooks.moodle, moodle))
    return [read(path, assignment, max_score) for read, path in readers if path]


def run_class(grading: "GradingRun", jobs: int, scheduler: str, books: "list[Template]") -> int:
    """-> exit status."""
    from rich.console import Console

    from ..grading.outputs import files, gradebooks
    from ..grading.progress import progress
    from ..grading.run import executor_for, run
    from ..grading.settings import warning

    out = Console(highlight=False, soft_wrap=True)
    said = warning(grading.setting.isolation)
    if said:
        Console(stderr=True, highlight=False).print(f"warning: {said}", style="bold red")
    done, start = 0, time.monotonic()
    try:
        write = files.of_student(grading)
        with progress(len(grading.todo), len(grading.submissions) - len(grading.todo)) as seen:
            for result in run(grading, executor_for(jobs, scheduler), write):
                done += 1
                seen(result)
    except KeyboardInterrupt:
        out.print(f"convcheck: stopped after {done} of {len(grading.todo)}; --resume goes on", style="bold")
        return STOPPED
    overview = files.of_class(grading)
    unwritten = {book.kind: gradebooks.write(book, overview.lines, grading.out) for book in books}
    summary(out, grading, overview, unwritten, done, time.monotonic() - start)
    return FAULT if overview.count("grader error") else 0


def summary(
    out: Any, run: "GradingRun", found: "Overview", unwritten: dict[str, list[str]], done: int, seconds: float
) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for title, side in (("component", "left"), ("tried", "right"), ("right", "right"), ("mean points", "right")):
        table.add_column(title, justify=side)  # type: ignore[arg-type]
    for name, right, tried, mean, most in found.components:
        table.add_row(name, str(tried), str(right), f"{mean:g} of {most:g}")
    out.print(table)
    rate = f", {done / seconds:.1f} a second" if done else ""
    counts = [f"{found.count('graded')} graded", f"{found.count('cannot be loaded')} cannot be loaded"]
    all_of_them = f"{len(found.lines)} submission{'s' if len(found.lines) != 1 else ''}"
    out.print(f"\n{all_of_them}: {', '.join(counts)}; {done} of them now, in {seconds:.0f} s{rate}")
    middle = f"mean {found.mean:g}, median {found.median:g}, from {found.worst:g} to {found.best:g}"
    out.print(f"points: {middle}, of {found.max_score:g}")
    setting = run.setting
    out.print(f"isolation {setting.isolation}; seed {setting.seed} ({setting.seed_policy}); results in {run.out}")
    for line in found.lines:
        if line.outcome == "grader error":
            out.print(f"a fault of the grader: {line.submission}: {line.reason}", style="bold red", markup=False)
    for kind, who in unwritten.items():
        if who:
            out.print(f"not written for {kind} ({len(who)}; {kind.lower()}-not-written.txt):", style="yellow")
            for one in who[:10]:
                out.print(f"  {one}", markup=False)


gradescope = typer.Typer(help="Gradescope's autograder.", no_args_is_help=True)


@gradescope.command("build")
def gradescope_build(
    out: Annotated[Path, option("The zip to write [autograder.zip].", "FILE")] = Path("autograder.zip"),
    rubric: Annotated[Path | None, option("What earns how many points [the default rubric].", "FILE")] = None,
    seed: Annotated[int | None, option("Of the hidden cases [a secret one, kept in the zip].", "N", min=1)] = None,
    timeout: Annotated[float, option("For one check [5].", "SECONDS")] = 5.0,
    submission_timeout: Annotated[float, option("For one submission [120].", "SECONDS")] = 120.0,
    allow_unconfined: Annotated[
        bool, typer.Option("--allow-unconfined", help="Where the machine cannot confine, take the best there is.")
    ] = False,
) -> None:
    """Make the autograder zip: setup.sh, run_autograder, the rubric, a secret seed, and convcheck itself."""
    from ..grading.outputs.gradescope import build
    from ..grading.settings import merge_settings

    setting = merge_settings(
        rubric, seed=seed, isolation="none", timeout=timeout, submission_timeout=submission_timeout
    )
    words = [f"--timeout {timeout:g}", f"--submission-timeout {submission_timeout:g}"]
    build(out, rubric, setting.seed, words + ["--allow-unconfined"] * allow_unconfined)
    typer.echo(f"{out}: {out.stat().st_size >> 10} KB, {setting.rubric.title}, {setting.rubric.max_score:g} points")


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

    how = {"timeout": timeout, "submission_timeout": submission_timeout, "allow_unconfined": allow_unconfined}
    raise typer.Exit(run(folder, isolation=isolation, **how))
