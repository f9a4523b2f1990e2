"""A run: grade every submission once. Each result is on the disk as it comes; the class's files follow at the end."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..i18n import LANGUAGES, _
from ..reports.environment import describe_environment
from . import class_seed, journal
from .executor import Executor, Local
from .grade_one import describe_fault
from .leftovers import remove_folders
from .result import FAULT, Result, key
from .settings import RunSettings, merge_settings
from .submissions.bundle import read_submission
from .submissions.find import choose, file_time, find, survey
from .submissions.submission import Submission

RESULTS, RUN, STUDENTS = "results.jsonl", "run.json", "students"


def grade(
    paths: Iterable[str | Path], *, submissions: Iterable[Submission] = (), jobs: int = 0, scheduler: str = "",
    executor: Executor | None = None, **options: Any,
) -> Iterator[Result]:  # fmt: skip
    """Grade submissions, or a folder of them. Yields one Result each, in order of finishing.

    submissions: in place of paths, if it is known already whose they are. options: rubric, seed, isolation,
    require_isolation, allow_unconfined, timeout, submission_timeout, memory, as in `convcheck grade`. Raises UsageError
    before anything is run.
    """
    settings = merge_settings(**options)
    submitted = with_file_times(list(submissions) or find(map(str, paths)), settings)
    return (executor or make_executor(jobs, scheduler)).run(settings, submitted)


def make_executor(jobs: int, scheduler: str) -> Executor:
    """Return the executor for a scheduler's address, or for so many processes of this machine."""
    if not scheduler:
        return Local(jobs)
    from .cluster import Cluster

    return Cluster(scheduler)


def with_file_times(submissions: list[Submission], settings: RunSettings) -> list[Submission]:
    """Fill in missing submission times from the newest file if the rubric allows file times."""
    late = settings.rubric.late
    if late is None or not late.file_times:
        return submissions
    return [s if s.submitted else replace(s, submitted=file_time(s)) for s in submissions]


@dataclass(frozen=True)
class GradingRun:
    """A run and its folder. todo: the submissions that have no result yet."""

    out: Path
    settings: RunSettings
    submissions: list[Submission]
    todo: list[Submission]
    remarks: tuple[str, ...] = ()  # sentences about an earlier run's results
    found: tuple[str, ...] = ()  # sentences about what lies in PATH, and what is skipped
    beside: Path | None = None  # the file with the earlier results that no longer hold
    regraded: frozenset[str] = frozenset()  # the submissions that are graded anew into an earlier run

    @property
    def done_before(self) -> int:
        """The submissions that an earlier run has graded; where only some are graded anew, they tell nothing."""
        return 0 if self.regraded else len(self.submissions) - len(self.todo)

    def results(self) -> Iterator[Result]:
        """Read all results so far, in order of finishing."""
        return journal.read_results(self.out / RESULTS)


def prepare(
    out: Path,
    settings: RunSettings,
    paths: Iterable[str],
    resume: bool = False,
    retry: bool = False,
    one: bool = False,
    seed_file: Path | None = None,
    regrade: Iterable[str] = (),
) -> GradingRun:
    """Prepare the folder of a run, and remove what killed runs have left in the temporary folder.

    resume: keep the results of an earlier run that are still valid, and its secret seed; those that are not stay in a
    file beside. retry: grader errors are not valid. one: PATH is one submission. seed_file: keeps the class's seed.
    regrade: students or submissions that are graded anew, and nobody else. Raises UsageError if the folder holds
    results and resume is not set, or if it cannot be written.
    """
    results = out / RESULTS
    if results.exists() and not resume:
        text = _("{path} holds results: --resume goes on with them, or name another --out")
        raise UsageError(text.format(path=out))
    remove_folders()
    there = survey(paths, out, one)
    submissions = with_file_times(there.submissions, settings)
    wanted = {choose(submissions, name).name for name in regrade}
    with writing_to(out):
        before = journal.read_settings(out / RUN)
        settings, said = class_seed.settle(settings, seed_file, before if resume else None)
        if resume:
            settings, more = keep_language(settings, before)
            said += more
        if wanted:
            said += require_same_run(out, settings, before)
        (out / STUDENTS).mkdir(parents=True, exist_ok=True)
        names = {submission.name for submission in submissions}
        is_valid = other_than(wanted) if wanted else validity(submissions, settings, retry)
        with journal.open_journal(results):
            done, beside = journal.set_aside(results, is_valid)
        if not wanted:
            journal.write_settings(out / RUN, describe_run(settings))
    todo = [s for s in submissions if s.name not in done and (not wanted or s.name in wanted)]
    remarks = (*said, *([] if wanted else describe_resumed(done - names, beside, bool(before))))
    return GradingRun(out, settings, submissions, todo, remarks, tuple(there.describe()), beside, frozenset(wanted))


def require_same_run(out: Path, settings: RunSettings, before: dict[str, Any]) -> list[str]:
    """Return what to say before some are graded anew into a run: if another release graded the others.

    Raises UsageError unless they meet the same rubric and the same hidden questions as the others did.
    """
    if not before or not (out / RESULTS).exists():
        text = _("it needs a run to grade into, with its {files}")
        raise UsageError(f"--regrade {out}: " + text.format(files=f"{RESULTS}, {RUN}"))
    if before.get("rubric_hash") != settings.rubric.hash:
        text = _("the run in {path} has another rubric; grade the class anew into another --out")
        raise UsageError("--regrade: " + text.format(path=out))
    if before.get("seed") != settings.seed:
        text = _("the run in {path} has another seed; grade the class anew into another --out")
        raise UsageError("--regrade: " + text.format(path=out))
    version = before.get("suite_version")
    said = [_("graded anew into that run; nothing else changes")]
    others = _("the others were graded by convcheck {version}").format(version=version)
    return said + [others] * (version != settings.suite_version)


def keep_language(settings: RunSettings, before: Mapping[str, Any]) -> tuple[RunSettings, list[str]]:
    """Return the settings with the language that a run has had so far, where its rubric names none, and what to say."""
    rubric, own = settings.rubric, before.get("language")
    if rubric.names_language or own not in LANGUAGES or own == rubric.language:
        return settings, []
    text = _("the run in --out goes on in its own language, {language}; a rubric can name another")
    return replace(settings, rubric=replace(rubric, language=own)), [text.format(language=own)]


@contextmanager
def writing_to(out: Path) -> Iterator[None]:
    """Turn an OSError of the block, such as a full disk or a read-only folder, into a UsageError that names it."""
    try:
        yield
    except OSError as error:
        text = _("{why}; what is written stays, and --resume goes on")
        raise UsageError(f"--out {out}: " + text.format(why=error.strerror or error)) from None


def describe_resumed(others: set[str], beside: Path | None, known: bool) -> tuple[str, ...]:
    """Say what was done with an earlier run's results. others: kept, but not in PATH. known: there was a run.json."""
    remarks = []
    if others:
        remarks.append(_("earlier results of submissions that are not in PATH are kept: {n}").format(n=len(others)))
    if beside:
        changed, lost = (
            _("another rubric, seed or version, or other contents"),
            _("run.json is missing, and their seed"),
        )
        text = _("earlier results that no longer hold ({why}) are kept in {path}")
        remarks.append(text.format(why=changed if known else lost, path=beside))
    return tuple(remarks)


def other_than(names: Collection[str]) -> Callable[[Result], bool]:
    """Return a function that tells whether an earlier result is of another submission than these."""
    return lambda result: result.submission not in names


def validity(submissions: list[Submission], settings: RunSettings, retry: bool) -> Callable[[Result], bool]:
    """Return a function that tells whether an earlier result still holds. retry: grader errors do not.

    One of a submission that is not there now holds, if it was graded with the same rubric, seed and version.
    """
    by_name = {submission.name: submission for submission in submissions}

    def is_valid(result: Result) -> bool:
        submission = by_name.get(result.submission)
        if submission and retry and result.outcome == FAULT:
            return False
        content = read_submission(submission).content_hash if submission else result.content_hash
        rest = (settings.suite_version, settings.rubric.hash, settings.seed)
        return result.key == key(result.submission, content, *rest)

    return is_valid


def describe_run(settings: RunSettings) -> dict[str, Any]:
    """Return what run.json says of a run."""
    return {
        "seed": settings.seed,
        "seed_policy": settings.seed_policy,
        "suite_version": settings.suite_version,
        "rubric": settings.rubric.title,
        "language": settings.rubric.language,
        "rubric_hash": settings.rubric.hash,
        "max_score": settings.rubric.max_score,
        "isolation": settings.isolation,
        "timeout": settings.timeout,
        "submission_timeout": settings.submission_timeout,
        "memory": settings.memory,
        "environment": describe_environment(("cpu",)),
    }


def grade_rest(run: GradingRun, executor: Executor, write: Callable[[Result], None]) -> Iterator[Result]:
    """Grade the submissions of a run that have no result yet.

    write is called with each result before its line is added to the journal: a result counts once its line is there.
    """
    names = {submission.name for submission in run.todo}
    with journal.open_journal(run.out / RESULTS) as add, closing(executor.run(run.settings, run.todo)) as results:
        for result in results:
            if result.submission not in names:  # a killed worker's, graded again, and then received after all
                continue
            names.remove(result.submission)
            with writing_to(run.out):
                written = write_or_fault(result, write)
                add(written)
            yield written


def write_or_fault(result: Result, write: Callable[[Result], None]) -> Result:
    """Write a result's pages; return it, or a grader error if they cannot be made. Raises OSError."""
    try:
        write(result)
    except (OSError, UsageError):
        raise
    except Exception as error:
        result = replace(result, outcome=FAULT, score=None, components={}, reason=f"its pages: {describe_fault(error)}")
        with suppress(Exception):
            write(result)
    return result
