"""An exception has no numbers: the learner's own line, and when it comes, are its name."""

from collections import Counter

from ...i18n import N_, _
from ...subject.protocol import Stop
from ..types import Verdict
from .result import Diagnosis


def stop_of(v: Verdict) -> Stop | None:
    """Why a failed check's program ended, where it did."""
    return next((p.got for p in v.problems if p.kind == "stopped" and isinstance(p.got, Stop)), None)


def exception_names(bad: list[Verdict]) -> dict[int, Diagnosis]:
    """id of the verdict -> its own line; one line is one diagnosis."""
    found = {}
    for v in bad:
        stop = stop_of(v)
        if stop and stop.reason == "exception":
            code = "name" if "Did you mean" in stop.text else "exception"
            found[id(v)] = Diagnosis(code, stop_text(stop), line=stop.line)
        elif stop:
            found[id(v)] = Diagnosis(stop.reason, ENDED.get(stop.reason, "") and _(ENDED[stop.reason]), line=stop.line)
    return {k: d for k, d in found.items() if d.text}


ENDED = {
    "timeout": N_("it does not come to an end in time"),
    "memory": N_("it asks for more memory than there is"),
    "signal": N_("it crashes the process"),
    "exit": N_("it ends the process itself"),
}


def stop_text(stop: Stop) -> str:
    return _("{step} stops with {text}").format(step=stop.step, text=stop.text)


def most_common(found: dict[int, Diagnosis]) -> Diagnosis | None:
    """The line that most of them stop at."""
    count = Counter(found.values())
    return max(count, key=lambda d: count[d], default=None)
