"""One submission examined, from its bytes to its points. The answers are in this process, the submission never is
(isolation none, for trusted code, excepted)."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from .. import i18n
from ..subject.load import load
from ..subject.source import LoadError
from . import score
from .checklist import Answers, Checklist
from .result import FAULT, GRADED, UNLOADABLE, Result
from .rubric import Rubric
from .sandbox.forkserver import ForkServer
from .sandbox.subject import ConfinedSubject
from .session import GradingSession
from .submissions.bundle import Bundle
from .submissions.find import Submission, as_json

SKIPPED = 50  # statements that were left out, shown
RESTARTS = 150  # of the worker: more than all parts of all layers together may use up


@dataclass(frozen=True)
class RunSettings:
    """What is the same for all submissions of a run."""

    rubric: Rubric
    seed: int
    seed_policy: str
    suite_version: str
    isolation: str
    timeout: float = 5.0
    submission_timeout: float = 120.0
    memory: int = 2 << 30


def grade_one(
    submission: Submission,
    bundle: Bundle,
    setting: RunSettings,
    paper: Checklist,
    answers: Answers,
    server: ForkServer | None,
    await_answers: Callable[[str], None] = lambda component: None,
) -> Result:
    """Never raises for what a submission does: what goes wrong is an outcome.

    await_answers: comes back when those of the component are there."""
    start = time.perf_counter()
    result = empty_result(submission, setting, bundle.content_hash)
    result.notes = list(bundle.notes)
    i18n.set_language(setting.rubric.language)
    try:
        if bundle.refused:
            raise LoadError(bundle.refused)
        with bundle.placed() as path, open_subject(path, setting, server) as subject:
            result.skipped = [str(one).replace(path, submission.name) for one in subject.skipped[:SKIPPED]]
            sitting = GradingSession(subject, submission.name, setting.rubric, paper, answers, await_answers)
            sitting.examine(path)
            result.restarts = getattr(subject, "restarts", 0)
        finish_result(result, sitting, setting)
    except LoadError as error:
        result.outcome, result.reason, result.score = UNLOADABLE, str(error), 0.0
        result.components = score.components(paper, score.unasked(paper), {})
    except Exception as error:  # ours: it costs nobody a point, and the next submission is graded
        result.outcome, result.reason, result.score = FAULT, f"{type(error).__name__}: {error}", None
    result.seconds = round(time.perf_counter() - start, 3)
    return result


def empty_result(submission: Submission, setting: RunSettings, content_hash: str) -> Result:
    rubric = setting.rubric
    how = (setting.isolation, setting.seed, setting.seed_policy, setting.suite_version, rubric.hash)
    result = Result(submission.name, content_hash, FAULT, None, rubric.max_score, *how)
    result.students, result.submitted = as_json(submission.students), submission.submitted
    return result


def open_subject(path: str, setting: RunSettings, server: ForkServer | None) -> AbstractContextManager[Any]:
    if setting.isolation == "none":
        return load(path, seconds=setting.timeout)
    how: dict[str, Any] = {"timeout": setting.timeout, "submission_timeout": setting.submission_timeout}
    how |= {"memory": setting.memory, "restarts": RESTARTS}
    return ConfinedSubject(path, isolation=setting.isolation, server=server, **how)


def finish_result(result: Result, sitting: GradingSession, setting: RunSettings) -> None:
    result.components = score.components(sitting.paper, sitting.found, sitting.helped)
    faults = score.faults(sitting.found)
    if faults:
        result.outcome, result.reason = FAULT, "; ".join(faults[:5])
        return
    result.outcome, result.score = GRADED, score.total(result.components)
    result.late = score.lateness(setting.rubric.late, result.submitted, result.score)
    if result.late:
        result.score = round(result.score - result.late.points, 2)
