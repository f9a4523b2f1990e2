"""Grade one submission, from its bytes to its points.

The answers are in this process. The submission never is, unless the isolation level is "none", for trusted code.
"""

import contextlib
import os
import time
from contextlib import AbstractContextManager
from typing import Any

from ..conformance import absences, spoken
from ..conformance.locations import say_load_error, say_skipped
from ..faults import place_of_fault
from ..i18n import speaking
from ..subject.child import load_as_asked
from ..subject.lending.lender import texts_for
from ..subject.load import LOADING_TIME
from ..subject.protocol import Fault
from ..subject.source import LoadError, Skipped, TooSlow
from . import messages, score
from .checklist import Answers, Checklist
from .plain_text import show_all
from .result import FAULT, GRADED, UNLOADABLE, UNREAD, Result
from .sandbox.forkserver import ForkServer
from .sandbox.subject import ConfinedSubject, Killed
from .session import GradingSession
from .settings import RunSettings
from .submissions.archive import RefusedArchive
from .submissions.bundle import Bundle
from .submissions.said import say_note, say_refused
from .submissions.similarity import fingerprint
from .submissions.submission import Submission

MOST_SKIPPED = 50  # statements left out that a result lists
LONGEST = 1000  # characters of a reason, or of a statement left out
RESTARTS = 150  # of the submission's process: more than all parts of all layers together may use up


def grade_one(
    submission: Submission, bundle: Bundle, settings: RunSettings, checklist: Checklist, answers: Answers,
    server: ForkServer | None,
) -> Result:  # fmt: skip
    """Grade a submission. Never raises for what the submission does: every end is an outcome of the result.

    Its sentences are in the rubric's language; the caller's stays as it was.
    """
    with speaking(settings.rubric.language):
        return grade_spoken(submission, bundle, settings, checklist, answers, server)


def grade_spoken(
    submission: Submission, bundle: Bundle, settings: RunSettings, checklist: Checklist, answers: Answers,
    server: ForkServer | None,
) -> Result:  # fmt: skip
    """Grade a submission, with sentences in the current language."""
    start = time.perf_counter()
    result = empty_result(submission, settings, bundle.content_hash)
    result.notes = list(map(say_note, bundle.notes))
    places: dict[str, str] = {}  # paths that nobody may see -> what stands for them
    result.code = fingerprint(bundle)
    try:
        if bundle.unread:
            result.outcome, result.reason = UNREAD, say_refused(bundle.refused)
            return show_result(result, places)
        if bundle.refused:
            raise LoadError(say_refused(bundle.refused))
        with bundle.placed() as path:
            places = {path: submission.name, os.path.dirname(path): submission.name}
            grade_placed(result, path, settings, checklist, answers, server)
    except (LoadError, RefusedArchive) as error:
        result.outcome, result.reason, result.score = UNLOADABLE, say_load_error(error), 0.0
        result.components = score.score_components(checklist, score.not_run_verdicts(checklist), {})
        result.killed, result.timed_out = isinstance(error, Killed), isinstance(error, TooSlow)
    except Exception as error:  # the grader's fault: it costs nobody a point, and the next submission is graded
        result.outcome, result.reason, result.score = FAULT, describe_fault(error), None
        result.killed = isinstance(error, Fault)  # of the machine's, perhaps: it is tried once more
    result.seconds = round(time.perf_counter() - start, 3)
    return show_result(result, places)


def grade_placed(
    result: Result, path: str, settings: RunSettings, checklist: Checklist, answers: Answers,
    server: ForkServer | None,
) -> None:  # fmt: skip
    """Grade the submission that lies at path, and fill its result. Raises LoadError."""
    with open_subject(path, settings, server) as subject:
        result.skipped = list_skipped(subject.skipped)
        with contextlib.suppress(Exception):  # of a description that no sentence can be made of
            said = [*absences.header(subject.notes), *spoken.header(subject.interfaces)]
            said += spoken.unread_lines(subject.unread)
            result.notes += [line[:LONGEST] for line in said[:MOST_SKIPPED]]
        session = GradingSession(subject, result.submission, settings.rubric, checklist, answers)
        session.grade(path)
        result.restarts, result.killed = getattr(subject, "restarts", 0), getattr(subject, "killed", False)
        late = session.timed_out or getattr(subject, "over", False) or getattr(subject, "cut_short", False)
        result.timed_out = late and not getattr(subject, "spent", False)
        waited = getattr(subject, "waited", False) or getattr(subject, "over", False)
        if result.timed_out and waited and settings.patience > 1:
            result.notes.append(messages.waited())
    fill_result(result, session, settings)


def list_skipped(skipped: list[Skipped]) -> list[str]:
    """Return the statements that were left out as lines, those first that could not be run, and how many more."""
    skipped = [one for one in skipped if "taken from another file" not in one.why]  # a note says so
    ranked = sorted(skipped, key=lambda one: "Error" not in one.why)
    more = [f"... {len(skipped) - MOST_SKIPPED}"] if len(skipped) > MOST_SKIPPED else []
    return [say_skipped(one)[:LONGEST] for one in ranked[:MOST_SKIPPED]] + more


def describe_fault(error: BaseException) -> str:
    """Return what went wrong in the grader, and where."""
    where = place_of_fault(error)
    return f"{type(error).__name__}: {error}"[:LONGEST] + (f" ({where})" if where else "")


def show_result(result: Result, places: dict[str, str]) -> Result:
    """Return a result whose texts can be written and shown, and have none of the paths in places.

    Of a check, only what went wrong may be in a submission's words.
    """
    shown = Result.from_line({**show_all({**vars(result), "components": {}, "late": None}, places)})
    shown.late, shown.components = result.late, result.components
    for component in shown.components.values():
        component.shown = show_all(component.shown, places)
    for check in (check for component in shown.components.values() for check in component.checks):
        if check.reason or check.message or check.diagnosis:
            check.reason, check.message = show_all([check.reason, check.message], places)
            check.diagnosis = show_all(check.diagnosis, places)
    return shown


def empty_result(submission: Submission, settings: RunSettings, content_hash: str, reason: str = "") -> Result:
    """Return a result without points, whose outcome is a grader error for this reason until it is filled.

    Its texts can be written and shown, whatever the submission is called.
    """
    rubric = settings.rubric
    run = (settings.isolation, settings.seed, settings.seed_policy, settings.suite_version, rubric.hash)
    result = Result(submission.name, content_hash, FAULT, None, rubric.max_score, *run, reason=reason)
    result.students = [dict(vars(student)) for student in submission.students]
    result.submitted, result.marked_late = submission.submitted, submission.late
    return show_result(result, {})


def open_subject(path: str, settings: RunSettings, server: ForkServer | None) -> AbstractContextManager[Any]:
    """Open the submission at path at the run's isolation level. Raises LoadError."""
    rubric = settings.rubric
    if settings.isolation == "none":
        request: dict[str, Any] = {
            "target": path,
            "maps": dict(rubric.map),
            "convention": rubric.convention,
            "arrays": settings.arrays,
        }
        request |= {"file": rubric.file, "beside": True, "seconds": LOADING_TIME, "patience": settings.patience}
        subject = load_as_asked(request, texts_for, alone=True)
        subject.seconds = settings.timeout
        return subject
    return ConfinedSubject(
        path,
        isolation=settings.isolation,
        server=server,
        timeout=settings.timeout,
        submission_timeout=settings.submission_timeout,
        patience=settings.patience,
        memory=settings.memory,
        restarts=RESTARTS,
        convention=rubric.convention,
        arrays=settings.arrays,
        maps=dict(rubric.map),
        file=rubric.file,
        packages=rubric.packages,
    )


def fill_result(result: Result, session: GradingSession, settings: RunSettings) -> None:
    """Fill a result with the points of a session. A fault of the grader's in any check leaves it without a score."""
    result.components = score.score_components(session.checklist, session.verdicts, session.substituted)
    for name, why in session.why.items():
        result.components[name].why = why
    for name, shown in session.shown.items():
        result.components[name].shown = shown
    if faults := [f"{id}: {verdict.reason}" for id, verdict in session.verdicts.items() if verdict.status == "error"]:
        result.outcome, result.reason = FAULT, "; ".join(faults[:5])
        return
    result.outcome, result.score = GRADED, score.total_points(result.components, settings.rubric)
    result.late = score.lateness(settings.rubric.late, result.submitted, result.score)
    if result.marked_late and not result.submitted:
        result.late = score.marked_late(settings.rubric.late, result.score)
    if result.late:
        result.score = round(result.score - result.late.points, 2)
