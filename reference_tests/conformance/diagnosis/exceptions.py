"""Naming a failure that has no numbers: an exception, by the learner's own line, or the end of the process."""

from ...i18n import N_, _
from ...subject.protocol import Stop
from ..types import Diagnosis, Verdict

HOPELESS = ("timeout", "memory", "signal", "exit", "absent", "import")  # reasons after which asking again is no use
ENDED = {
    "timeout": N_("it does not come to an end in time"),
    "memory": N_("it asks for more memory than is available"),
    "signal": N_("it crashes the process"),
    "exit": N_("it ends the process itself"),
}


def stop_of(v: Verdict) -> Stop | None:
    """Why the check's program ended early; None if it did not."""
    return next((p.got for p in v.problems if p.kind == "stopped" and isinstance(p.got, Stop)), None)


def name_exception(v: Verdict) -> Diagnosis | None:
    """Name the exception, or the end of the process, that a failure consists of. One line gives one diagnosis."""
    stop = stop_of(v)
    if stop and stop.reason == "exception":
        code = "name" if "Did you mean" in stop.text else "exception"
        return Diagnosis(code, _("{step} stops with {text}").format(step=stop.step, text=stop.text), line=stop.line)
    if stop and stop.reason in ENDED:
        return Diagnosis(stop.reason, _(ENDED[stop.reason]), line=stop.line)
    return None
