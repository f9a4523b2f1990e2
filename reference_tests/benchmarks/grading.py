"""Measure how fast a class is graded.

    python -m reference_tests.benchmarks.grading [--copies 200] [--many 2000] [--dask 2] [--page 10000]

The class is copies of one correct im2col implementation with every component, confined, by the default rubric. Prints
submissions a second and a core-hour, the time to the first result, how the time of one submission divides, the memory
of the parent, and the ratio to running `pytest --impl` once per submission in a loop. The core-hour is of processor
time, of all processes together, so that it hardly depends on what else the machine does.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..corpus import mutants
from ..grading import checklist, executor, grade, grade_one, settings
from ..grading.outputs import class_page, files, overview
from ..grading.outputs.losses import Loss
from ..grading.result import GRADED
from ..grading.sandbox.forkserver import ForkServer
from ..grading.session import GradingSession
from ..grading.submissions import find
from ..grading.submissions.bundle import read
from ..grading.submissions.submission import Submission

PROGRAMS = "in the submission's process, and there and back"
PROCESSORS = "of processor time, all processes"


def write_copies(folder: Path, count: int) -> Path:
    """Write copies of a correct submission, each with a content of its own. Return their folder."""
    folder.mkdir()
    for number in range(count):
        (folder / f"s{number:05}.py").write_text(f"{mutants.base()}\n# {number}\n")
    return folder


def measure_throughput(folder: Path, **options: Any) -> tuple[float, float, float]:
    """Return the seconds to the first result, and the submissions a second after it and in all."""
    start = time.perf_counter()
    first, done = 0.0, 0
    for result in grade([folder], **options):
        assert result.score == result.max_score, result.reason
        first = first or time.perf_counter()
        done += 1
    end = time.perf_counter()
    return first - start, (done - 1) / (end - first), done / (end - start)


def measure_answers() -> float:
    """Return the seconds until the right answers are there, with the imports that they need."""
    start = time.perf_counter()
    executor.pack_answers(settings.merge_settings())
    return time.perf_counter() - start


@contextmanager
def add_time(spent: dict[str, float], what: str) -> Iterator[None]:
    """Add the seconds inside the with block to spent[what]."""
    start = time.perf_counter()
    yield
    spent[what] = spent.get(what, 0.0) + time.perf_counter() - start


class TimedSubject:
    """A subject that adds the time of its programs to spent."""

    def __init__(self, subject: Any, spent: dict[str, float]) -> None:
        self.subject, self.spent, self.runs = subject, spent, 0

    def has(self, name: str) -> bool:
        """True if the subject defines the name."""
        return bool(self.subject.has(name))

    def run(self, plan: Any) -> Any:
        """Run a program, and count it."""
        return next(self.run_all([plan]))

    def run_all(self, plans: Any) -> Iterator[Any]:
        """Run programs, and count them."""
        traces = iter(self.subject.run_all(plans))
        while True:
            with add_time(self.spent, PROGRAMS):
                trace = next(traces, None)
            if trace is None:
                return
            self.runs += 1
            yield trace

    def forget(self) -> None:
        """Go on in a new process."""
        self.subject.forget()


def measure_parts(path: str, times: int = 20) -> dict[str, float]:
    """Return the milliseconds of each part of grading one submission, one at a time, and its number of programs.

    The processor time is of all processes, a share of the start of the one that forks the others included.
    """
    run = settings.merge_settings()
    made = checklist.make_checklist(run.rubric, run.seed)
    answers = checklist.right_answers(made)
    spent: dict[str, float] = {}
    (submission,) = find.find([path])
    before = processor_time()
    with ForkServer() as server:
        for _ in range(times):
            with add_time(spent, "all"):
                programs = grade_in_parts(submission, run, made, answers, server, spent)
    spent[PROCESSORS] = processor_time() - before
    parts = {what: seconds / times * 1000 for what, seconds in spent.items()}
    return {**parts, "programs": programs}


def processor_time() -> float:
    """Return the processor time of this process and of its children that have ended."""
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def grade_in_parts(
    submission: Submission,
    run: settings.RunSettings,
    made: checklist.Checklist,
    answers: checklist.Answers,
    server: ForkServer,
    spent: dict[str, float],
) -> int:
    """Grade a submission as grade_one does, adding the seconds of each part to spent. Return its number of programs."""
    with add_time(spent, "reading, hashing"):
        bundle = read(submission.path)
    with bundle.placed() as place:
        with add_time(spent, "starting its process, confining, loading"):
            subject: Any = grade_one.open_subject(place, run, server).__enter__()
        timed = TimedSubject(subject, spent)
        session = GradingSession(timed, submission.name, run.rubric, made, answers)
        before = spent.get(PROGRAMS, 0.0)
        with add_time(spent, "comparing"):
            session.grade(place)
        spent["comparing"] -= spent[PROGRAMS] - before
        with add_time(spent, "ending its process"):
            subject.close()
    with add_time(spent, "points"):
        grade_one.fill_result(grade_one.empty_result(submission, run, ""), session, run)
    return timed.runs


def measure_loop(folder: Path, count: int = 2) -> float:
    """Return the seconds of one submission by `pytest --impl`."""
    start = time.perf_counter()
    for path in sorted(folder.iterdir())[:count]:
        plain = ["-q", "-p", "no:randomly", "-p", "no:cacheprovider"]
        command = [sys.executable, "-m", "pytest", *plain, "--impl", str(path)]
        subprocess.run(command, cwd=Path(__file__).parents[2], stdout=subprocess.DEVNULL, check=False)
    return (time.perf_counter() - start) / count


def print_memory(folder: Path, jobs: int) -> None:
    """Print the resident memory of the parent as results come."""
    for done, _ in enumerate(grade([folder], jobs=jobs), 1):
        if done in (1, 50, 100, 200, 500, 1000, 1500, 2000):
            print(f"  after {done:5}: {resident():.0f} MB")


def print_cluster(folder: Path, workers: int) -> None:
    """Print the throughput of one job, of so many jobs, and of so many Dask workers of one thread on this machine."""
    from distributed import LocalCluster

    alone, together = (measure_throughput(folder, jobs=jobs)[1] for jobs in (1, workers))
    with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as dask:
        spread = measure_throughput(folder, scheduler=dask.scheduler_address)[1]
    print(f"1 job: {alone:.2f} a second")
    for rate, what in ((together, "jobs"), (spread, "Dask workers")):
        print(f"{workers} {what}: {rate:.2f} a second, {rate / alone / workers:.2f} of {workers} times as many")


def make_line(number: int) -> overview.Line:
    """Make a row of a class's page, with some of forty mistakes."""
    lost = [
        Loss(f"component {k % 9}", f"code.{k}", f"mistake {k}", 1 + k / 9) for k in range(40) if number % (k + 2) == 0
    ]
    name, score = f"a student of number {number}", max(0.0, 100 - sum(one.points for one in lost))
    return overview.Line(
        f"{name}.py", ({"name": name},), GRADED, "", score, 100.0, 0.0, {}, (), 1.0, losses=tuple(lost)
    )


def print_page(path: Path, rows: int) -> None:
    """Print how long a class page of so many rows takes to make, and to open in Chromium."""
    from playwright.sync_api import sync_playwright

    run = settings.merge_settings(seed=1)
    class_of = replace(overview.summarize([]), lines=[make_line(number) for number in range(rows)], max_score=100.0)
    start = time.perf_counter()
    path.write_text(class_page.render_class_page(class_of, run, files.slug))
    made = time.perf_counter() - start
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        start = time.perf_counter()
        page.goto(path.as_uri())
        page.screenshot()
        print(f"a page of {rows} rows: {made:.1f} s to make, {time.perf_counter() - start:.1f} s to open and draw")
        browser.close()


def resident() -> float:
    """Return the resident memory of this process in MB."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 1e6


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--copies", type=int, default=200)
    parser.add_argument("--many", type=int, default=0, help="and the memory of the parent over so many")
    parser.add_argument("--jobs", type=int, default=executor.processors())
    parser.add_argument("--page", type=int, default=0, metavar="ROWS", help="and a class page of so many rows")
    parser.add_argument("--dask", type=int, default=0, metavar="WORKERS", help="and on so many Dask workers")
    options = parser.parse_args()
    print(f"{options.jobs} jobs, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before")
    with tempfile.TemporaryDirectory() as temporary:
        folder = write_copies(Path(temporary) / "copies", options.copies)
        print(f"the answers of all components take {measure_answers():.1f} s")
        first, rate, whole = measure_throughput(folder, jobs=options.jobs)
        print(f"first result after {first:.1f} s; then {rate:.2f} a second; {whole:.2f} a second with the start")
        parts = measure_parts(str(folder / "s00000.py"))
        for what, value in parts.items():
            print(f"  {value:8.1f} {'' if what == 'programs' else 'ms '}{what}")
        print(f"{3.6e6 / parts[PROCESSORS]:.0f} submissions a core-hour")
        loop = measure_loop(folder)
        print(f"pytest --impl in a loop: {loop:.1f} s each; graded {loop * rate:.1f} times as fast")
        if options.dask:
            print_cluster(folder, options.dask)
        if options.page:
            print_page(Path(temporary) / "class.html", options.page)
        if options.many:
            print_memory(write_copies(Path(temporary) / "many", options.many), options.jobs)


if __name__ == "__main__":
    main()
