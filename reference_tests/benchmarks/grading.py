"""How fast a class is graded: python -m reference_tests.benchmarks.grading [--copies 200] [--many 2000] [--dask 2]

Copies of one right im2col implementation with every component, confined, by the default rubric. Prints submissions a
second, the time to the first one, where the time of one goes, the memory of the parent, and the ratio to running
`pytest --impl` once per submission in a loop."""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..corpus import mutants
from ..grading import checklist, executor, grade, grade_one, settings
from ..grading.sandbox.forkserver import ForkServer
from ..grading.session import GradingSession
from ..grading.submissions import find
from ..grading.submissions.bundle import read


def copies(folder: Path, count: int) -> Path:
    """Each its own content, so that nothing could be taken for the same."""
    folder.mkdir()
    for number in range(count):
        (folder / f"s{number:05}.py").write_text(f"{mutants.base()}\n# {number}\n")
    return folder


def throughput(folder: Path, **how: Any) -> tuple[float, float, float]:
    """-> seconds to the first result, submissions a second after it, and with it."""
    start = time.perf_counter()
    first, done = 0.0, 0
    for result in grade([folder], **how):
        assert result.score == result.max_score, result.reason
        first = first or time.perf_counter()
        done += 1
    end = time.perf_counter()
    return first - start, (done - 1) / (end - first), done / (end - start)


def begun() -> tuple[float, float]:
    """Seconds from nothing imported but this: until the first check can be asked, and until all can."""
    how = settings.merge_settings()
    start = time.perf_counter()
    coming = executor.prepare_answers(how)
    next(coming)
    first = time.perf_counter() - start
    for _ in coming:
        pass
    return first, time.perf_counter() - start


@contextmanager
def timed(spent: dict[str, float], what: str):
    start = time.perf_counter()
    yield
    spent[what] = spent.get(what, 0.0) + time.perf_counter() - start


class Watched:
    """A subject; the time in it is told."""

    def __init__(self, subject: Any, spent: dict[str, float]) -> None:
        self.subject, self.spent, self.runs = subject, spent, 0

    def has(self, name: str) -> bool:
        return self.subject.has(name)

    def run(self, plan: Any) -> Any:
        self.runs += 1
        with timed(self.spent, "in the submission's process, and there and back"):
            return self.subject.run(plan)


def shares(path: str, times: int = 20) -> dict[str, float]:
    """Milliseconds of one submission, by what they are spent on, one at a time."""
    how = settings.merge_settings()
    made = checklist.make_checklist(how.rubric, how.seed)
    answers: dict = {}
    for name in made.components:
        answers |= checklist.right_answers(made, name)
    spent: dict[str, float] = {}
    (submission,) = find.find([path])
    with ForkServer() as server:
        for _ in range(times):
            whole = time.perf_counter()
            with timed(spent, "reading, hashing"):
                bundle = read(path)
            with bundle.placed() as place:
                with timed(spent, "starting its process, confining, loading"):
                    subject = grade_one.open_subject(place, how, server).__enter__()
                watched = Watched(subject, spent)
                sitting = GradingSession(watched, submission.name, how.rubric, made, answers)
                before = spent.get("in the submission's process, and there and back", 0.0)
                with timed(spent, "comparing"):
                    sitting.examine(place)
                spent["comparing"] -= spent["in the submission's process, and there and back"] - before
                with timed(spent, "ending its process"):
                    subject.close()
            with timed(spent, "points"):
                grade_one.finish_result(grade_one.empty_result(submission, how, ""), sitting, how)
            spent["all"] = spent.get("all", 0.0) + time.perf_counter() - whole
            spent["programs"] = watched.runs * times / 1000
    return {what: seconds / times * 1000 for what, seconds in spent.items()}


def in_a_loop(folder: Path, count: int = 2) -> float:
    """Seconds of one submission by `pytest --impl`."""
    start = time.perf_counter()
    for path in sorted(folder.iterdir())[:count]:
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:randomly",
            "-p",
            "no:cacheprovider",
            "--impl",
            str(path),
        ]
        subprocess.run(command, cwd=Path(__file__).parents[2], stdout=subprocess.DEVNULL, check=False)
    return (time.perf_counter() - start) / count


def memory(folder: Path, jobs: int, say: Callable[[str], None]) -> None:
    """The parent's resident memory as results come."""
    for done, _ in enumerate(grade([folder], jobs=jobs), 1):
        if done in (1, 50, 100, 200, 500, 1000, 1500, 2000):
            say(f"  after {done:5}: {resident():.0f} MB")


def cluster(folder: Path, workers: int, say: Callable[[str], None]) -> None:
    """One job, so many jobs, and so many Dask workers of one thread on this machine: does each work as much as one?"""
    from distributed import LocalCluster

    alone, together = (throughput(folder, jobs=jobs)[1] for jobs in (1, workers))
    with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as dask:
        spread = throughput(folder, scheduler=dask.scheduler_address)[1]
    say(f"1 job: {alone:.2f} a second")
    for rate, what in ((together, "jobs"), (spread, "Dask workers")):
        say(f"{workers} {what}: {rate:.2f} a second, {rate / alone / workers:.2f} of {workers} times as many")


def resident() -> float:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 1e6


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    asked.add_argument("--copies", type=int, default=200)
    asked.add_argument("--many", type=int, default=0, help="and the memory of the parent over so many")
    asked.add_argument("--jobs", type=int, default=executor.processors())
    asked.add_argument("--dask", type=int, default=0, metavar="WORKERS", help="and on so many Dask workers")
    options = asked.parse_args()
    print(f"{options.jobs} jobs, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before")
    with tempfile.TemporaryDirectory() as temporary:
        folder = copies(Path(temporary) / "copies", options.copies)
        print("the first check is asked after {:.1f} s; the answers of all components take {:.1f} s".format(*begun()))
        first, rate, whole = throughput(folder, jobs=options.jobs)
        print(f"first result after {first:.1f} s; then {rate:.2f} a second; {whole:.2f} a second with the start")
        for what, spent in shares(str(folder / "s00000.py")).items():
            print(f"  {spent:8.1f} {'' if what == 'programs' else 'ms '}{what}")
        loop = in_a_loop(folder)
        print(f"pytest --impl in a loop: {loop:.1f} s each; graded {loop * rate:.1f} times as fast")
        if options.dask:
            cluster(folder, options.dask, print)
        if options.many:
            memory(copies(Path(temporary) / "many", options.many), options.jobs, print)


if __name__ == "__main__":
    main()
