"""Grade one submission, from its bytes to its points.

The answers are in this process. The submission never is, unless the isolation level is "none", for trusted code.
"""

import time
from contextlib import AbstractContextManager
from typing import Any

from ..conformance import spoken
from ..subject.load import load
from ..subject.source import LoadError
from . import messages, score
from .checklist import Answers, Checklist
from .result import FAULT, GRADED, UNLOADABLE, Result
from .sandbox.forkserver import ForkServer
from .sandbox.subject import ConfinedSubject
from .session import GradingSession
from .settings import RunSettings
from .submissions.bundle import Bundle
from .submissions.find import Submission

MOST_SKIPPED = 50  # statements left out that a result lists
RESTARTS = 150  # of the submission's process: more than all parts of all layers together may use up


def grade_one(
    submission: Submission, bundle: Bundle, settings: RunSettings, checklist: Checklist, answers: Answers,
    server: ForkServer | None,
) -> Result:  # fmt: skip
    """Grade a submission. Never raises for what the submission does: every end is an outcome of the result."""
    start = time.perf_counter()
    result = empty_result(submission, settings, bundle.content_hash)
    result.notes = list(bundle.notes)
    messages.set_language(settings.rubric.language)
    try:
        if bundle.refused:
            raise LoadError(bundle.refused)
        with bundle.placed() as path, open_subject(path, settings, server) as subject:
            result.skipped = [str(one).replace(path, submission.name) for one in subject.skipped[:MOST_SKIPPED]]
            result.notes += [*spoken.header(subject.interfaces), *spoken.unread_lines(subject.unread)]
            session = GradingSession(subject, submission.name, settings.rubric, checklist, answers)
            session.grade(path)
            result.restarts = getattr(subject, "restarts", 0)
        fill_result(result, session, settings)
    except LoadError as error:
        result.outcome, result.reason, result.score = UNLOADABLE, str(error), 0.0
        result.components = score.score_components(checklist, score.not_run_verdicts(checklist), {})
    except Exception as error:  # the grader's fault: it costs nobody a point, and the next submission is graded
        result.outcome, result.reason, result.score = FAULT, f"{type(error).__name__}: {error}", None
    result.seconds = round(time.perf_counter() - start, 3)
    return result


def empty_result(submission: Submission, settings: RunSettings, content_hash: str, reason: str = "") -> Result:
    """Return a result without points, whose outcome is a grader error for this reason until it is filled."""
    rubric = settings.rubric
    run = (settings.isolation, settings.seed, settings.seed_policy, settings.suite_version, rubric.hash)
    result = Result(submission.name, content_hash, FAULT, None, rubric.max_score, *run, reason=reason)
    result.students = [dict(vars(student)) for student in submission.students]
    result.submitted = submission.submitted
    return result


def open_subject(path: str, settings: RunSettings, server: ForkServer | None) -> AbstractContextManager[Any]:
    """Open the submission at path at the run's isolation level. Raises LoadError."""
    if settings.isolation == "none":
        return load(path, seconds=settings.timeout, alone=True, convention=settings.rubric.convention)
    return ConfinedSubject(
        path,
        isolation=settings.isolation,
        server=server,
        timeout=settings.timeout,
        submission_timeout=settings.submission_timeout,
        memory=settings.memory,
        restarts=RESTARTS,
        convention=settings.rubric.convention,
    )


def fill_result(result: Result, session: GradingSession, settings: RunSettings) -> None:
    """Fill a result with the points of a session. A fault of the grader's in any check leaves it without a score."""
    result.components = score.score_components(session.checklist, session.verdicts, session.substituted)
    if faults := [f"{id}: {verdict.reason}" for id, verdict in session.verdicts.items() if verdict.status == "error"]:
        result.outcome, result.reason = FAULT, "; ".join(faults[:5])
        return
    result.outcome, result.score = GRADED, score.total_points(result.components)
    result.late = score.lateness(settings.rubric.late, result.submitted, result.score)
    if result.late:
        result.score = round(result.score - result.late.points, 2)
