"""A class: every submission graded once, each result on the disk as it comes, the class's files at the end."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..reports.environment import environment
from . import journal
from .executor import Executor, Local
from .grade_one import RunSettings
from .result import FAULT, Result, key
from .settings import merge_settings
from .submissions.bundle import read
from .submissions.find import Submission, file_time, find

RESULTS, RUN, STUDENTS = "results.jsonl", "run.json", "students"


def grade(
    paths: Iterable[str | Path],
    *,
    submissions: Iterable[Submission] = (),
    jobs: int = 0,
    scheduler: str = "",
    executor: Executor | None = None,
    **how: Any,
) -> Iterator[Result]:
    """Grades submissions, or a folder of them: one Result each, in order of finishing.

    submissions: in place of paths, where it is known already what and whose they are. how: rubric, seed, isolation,
    require_isolation, allow_unconfined, timeout, submission_timeout, memory, as in `convcheck grade`. Raises WrongUse
    before anything is run."""
    setting = merge_settings(**how)
    found = with_file_times(list(submissions) or find(map(str, paths)), setting)
    return (executor or executor_for(jobs, scheduler)).run(setting, found)


def executor_for(jobs: int, scheduler: str) -> Executor:
    if not scheduler:
        return Local(jobs)
    from .cluster import Cluster

    return Cluster(scheduler)


def with_file_times(found: list[Submission], setting: RunSettings) -> list[Submission]:
    """With the time of the newest file, where the rubric takes that for the time of submission."""
    late = setting.rubric.late
    if late is None or not late.file_times:
        return found
    return [s if s.submitted else replace(s, submitted=file_time(s.path)) for s in found]


@dataclass(frozen=True)
class GradingRun:
    """A run and its folder."""

    out: Path
    setting: RunSettings
    submissions: list[Submission]
    todo: list[Submission]

    def results(self) -> Iterator[Result]:
        """All there are, in order of finishing."""
        return journal.results(self.out / RESULTS)


def prepare(
    out: Path, setting: RunSettings, paths: Iterable[str], resume: bool = False, retry: bool = False
) -> GradingRun:
    """The folder made ready: empty, or with what an earlier run of the same has left in it."""
    results = out / RESULTS
    if results.exists() and not resume:
        raise UsageError(f"{out} holds results: --resume goes on with them, or name another --out")
    try:
        (out / STUDENTS).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--out {out}: {error.strerror}") from None
    before = journal.read_settings(out / RUN)
    if resume and setting.seed_policy == "secret" and isinstance(before.get("seed"), int):
        setting = replace(setting, seed=before["seed"], seed_policy=str(before.get("seed_policy", "secret")))
    found = with_file_times(find(paths), setting)
    by_name = {submission.name: submission for submission in found}

    def still_right(result: Result) -> bool:
        submission = by_name.get(result.submission)
        if submission is None or (retry and result.outcome == FAULT):
            return False
        own = read(submission.path).content_hash
        return result.key == key(submission.name, own, setting.suite_version, setting.rubric.hash, setting.seed)

    with journal.Journal(results):
        kept = journal.read_results(results, still_right)
    journal.write_settings(out / RUN, describe_run(setting))
    return GradingRun(out, setting, found, [s for s in found if s.name not in kept])


def describe_run(setting: RunSettings) -> dict[str, Any]:
    return {
        "seed": setting.seed,
        "seed_policy": setting.seed_policy,
        "suite_version": setting.suite_version,
        "rubric": setting.rubric.title,
        "rubric_hash": setting.rubric.hash,
        "max_score": setting.rubric.max_score,
        "isolation": setting.isolation,
        "timeout": setting.timeout,
        "submission_timeout": setting.submission_timeout,
        "memory": setting.memory,
        "environment": environment(("cpu",)),
    }


def run(run: GradingRun, executor: Executor, write: Callable[[Result], None]) -> Iterator[Result]:
    """Grades what is to do. A result's own files are written first, and its line last: that is when it counts."""
    names = {submission.name for submission in run.todo}
    with journal.Journal(run.out / RESULTS) as book, closing(executor.run(run.setting, run.todo)) as coming:  # type: ignore[type-var]
        for result in coming:
            if result.submission not in names:  # a killed worker's, done again and then found after all
                continue
            names.remove(result.submission)
            write(result)
            book.add(result)
            yield result
