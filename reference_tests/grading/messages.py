"""The sentences about a grading that a student or a teacher reads, in the language of the rubric."""

from collections.abc import Mapping, Sequence

from ..conformance import messages as verdict_messages
from ..i18n import N_, _

OUTCOME = {
    "graded": N_("graded"),
    "cannot be loaded": N_("cannot be loaded"),
    "grader error": N_("not graded: a fault of the grader"),
    "not read": N_("not graded: its files could not be read"),
}
NOT_RUN = {
    "not-reached": N_("not run: the time for the whole submission was over"),
    "after-timeout": N_("not run, because an earlier check of this part ran out of time"),
    "after-crashes": N_("not run, because several checks of this part ended the process"),
    "public": N_("not run, because the public check of the same kind fails"),
    "prerequisite": N_("not run, because it needs {needs}, which does not agree yet"),
}


def hidden_hint() -> str:
    """Return the hint that stands in place of all messages of hidden checks."""
    return _(
        "Hidden cases have other sizes and other numbers than the ones above. What passes above and fails here holds "
        "only for some sizes or numbers. A kind of case that fails above counts as wrong here too."
    )


def not_there() -> str:
    """Return the reason of a component of which there is nothing."""
    return _("it is not there, under this name or another one that is known")


def hidden_passed(passed: int, total: int) -> str:
    """Return how many hidden cases count as right, and no more of them: some may not have been asked."""
    text = _("hidden cases that count as right: {passed} of {total}; a kind that fails in public counts as wrong")
    return text.format(passed=passed, total=total)


def hidden_points(passed: int, total: int, points: float, most: float) -> str:
    """Return how many hidden cases are right, and what they earn together."""
    text = _("Hidden cases that are right: {passed} of {total}, for {points:g} of {most:g} points.")
    return text.format(passed=passed, total=total, points=round(points, 2), most=round(most, 2))


def nothing_wrong() -> str:
    """Return that all points are earned."""
    return _("Nothing is wrong.")


def skipped(n: int) -> str:
    """Return the title of the statements of a submission that were left out."""
    return _("Left out, because it defines nothing or could not be run ({n})").format(n=n)


def waited() -> str:
    """Return what is said of a submission that waits for too long, which may be no fault of its own."""
    return _(
        "It waited until its time by the clock was over, though it had computed for less than it may, and so it did "
        "when it was graded once more, alone. If the machine is at fault, it can be graded again (--regrade)."
    )


def marked_late() -> str:
    """Return that the learning platform calls a submission late."""
    return _("the learning platform marks it as late")


def same_code(names: str, nearly: str) -> str:
    """Return which other submissions have the same code, or nearly the same; "" for none."""
    parts = [names, _("nearly the same: {names}").format(names=nearly) if nearly else ""]
    return "; ".join(part for part in parts if part)


def unproven() -> str:
    """Return the reason why public checks that pass earn less than their points, or nothing."""
    return _(
        "What passes above earns no larger share of its points than the hidden cases do: public answers can be learned "
        "by heart."
    )


def expected(reason: str, status: str) -> str:
    """Return what became of a check that the rubric expects to fail. reason: the rubric's."""
    if status == "pass":
        return _("passes, though it was expected to fail: {reason}").format(reason=reason)
    return _("fails as expected, and costs nothing: {reason}").format(reason=reason)


def absent_everywhere(names: Sequence[str], points: float) -> str:
    """Return what to say of the components that nobody of a class has; "" of none. points: what the class loses."""
    if not names:
        return ""
    text = _(
        "Nobody has {names}: {points:g} points that no submission earns. If they were not taught, choose a rubric "
        "without them; --rubric book asks for what the book itself has."
    )
    return text.format(names=", ".join(names), points=points)


def outcome(name: str) -> str:
    """Return the name of an outcome."""
    return _(OUTCOME[name])


def not_run(reason: str, needs: str = "") -> str:
    """Return why a check was not run. needs: the wrong prerequisites."""
    return _(NOT_RUN[reason]).format(needs=needs) if reason in NOT_RUN else ""


def beyond(limit: str) -> str:
    """Return why a case that the interface cannot express earns nothing. limit: what it leaves out."""
    return _("not asked, because the interface of this layer cannot express it: {limit}").format(limit=limit)


def with_substitutes(names: str) -> str:
    """Return why a check counts that passes only with correct prerequisites. names: those that were replaced."""
    return _("wrong with its own {names}, right with a correct one, which is what counts").format(names=names)


def late(submitted: str, days: int, percent: float, points: float) -> str:
    """Return how late a submission came, and what that costs. submitted: "" if it is only marked as late."""
    if not submitted:
        text = _("{marked}, without a time; counted as one day: {percent:g} % off, points lost: {points:g}")
        return text.format(marked=marked_late(), percent=percent, points=points)
    text = _("submitted {submitted}; days begun after the deadline: {days}; {percent:g} % off, points lost: {points:g}")
    return text.format(submitted=submitted, days=days, percent=percent, points=points)


def isolation(level: str) -> str:
    """Return the level of isolation that a submission was run at."""
    return _("run with isolation {level}").format(level=level)


def status_and_counts(name: str, levels: Mapping[str, Mapping[str, int]]) -> str:
    """Return a component's status, and how many checks of each level passed."""
    return f"{verdict_messages.status(name)}: {verdict_messages.counts(levels)}"
