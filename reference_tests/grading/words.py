"""Every sentence that a student or a teacher reads of a grading, in the language of the rubric."""

from ..conformance.language import N_, _

OUTCOME = {
    "graded": N_("graded"),
    "cannot be loaded": N_("cannot be loaded"),
    "grader error": N_("not graded: a fault of the grader"),
}
NOT_RUN = {
    "not-reached": N_("not run: the time for the whole submission was over"),
    "after-timeout": N_("not run, because an earlier check of this part ran out of time"),
    "prerequisite": N_("not run, because it needs {needs}, which is not right yet"),
}


def hidden_title() -> str:
    return _("a hidden case")


def hidden_hint() -> str:
    return _(
        "Hidden cases have other sizes and other numbers than the ones above. What passes above and fails here holds "
        "only for some sizes or numbers."
    )


def outcome(name: str) -> str:
    return _(OUTCOME[name])


def not_run(reason: str, needs: str = "") -> str:
    return _(NOT_RUN[reason]).format(needs=needs) if reason in NOT_RUN else ""


def on_right(names: str) -> str:
    return _("wrong on its own {names}; right on a right one, and that is what counts").format(names=names)


def late(submitted: str, days: int, percent: float, points: float) -> str:
    text = _("submitted {submitted}, {days} days late: {percent:g} % less, which is {points:g} points")
    return text.format(submitted=submitted, days=days, percent=percent, points=points)


def isolation(level: str) -> str:
    return _("run with isolation {level}").format(level=level)
