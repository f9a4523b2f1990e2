"""Why points are lost: a sentence for each reason, for the page, Gradescope's file and class.csv."""

import re
from collections.abc import Iterable
from typing import Any

from ..conformance import absences, spoken
from ..conformance.contract import layer
from ..conformance.diagnosis.exceptions import stop_of
from ..conformance.messages import STOPPED
from ..conformance.types import Verdict
from ..i18n import _
from . import messages
from .result import ComponentResult

MISSING_MODULE = re.compile(r"No module named '(\w+)")
LONGEST = 400  # characters of a reason
MOST = 6  # reasons of one component


def why_not_judged(name: str, verdicts: Iterable[Verdict], subject: Any) -> list[str]:
    """Return why a component's public checks are absent or could not be run; none if all were.

    The verdicts still have their numbers. Their messages are made.
    """
    verdicts = list(verdicts)
    of = layer(name).OP.name
    said = [spoken.unread_line(one, name) for one in getattr(subject, "unread", ()) if one.name == of]
    notes, near = list(getattr(subject, "notes", ())), dict(getattr(subject, "near", {}))
    said = said or absences.why_absent(verdicts, notes, near)
    stops = {stop.text: stop for v in verdicts if v.reason == "import" and (stop := stop_of(v))}
    needs = STOPPED["import"]
    said += [_(needs).format(step=stop.step, text=text) for text, stop in stops.items()]
    said += [v.message for v in verdicts if v.status == "not_run" and v.reason != "import" and v.message]
    if not said and any(verdict.status == "absent" for verdict in verdicts):
        said.append(messages.not_there())
    for sentence in said[:]:
        if found := MISSING_MODULE.search(sentence):
            text = _("{name} is not among the files that were handed in, nor one of the packages that can be used here")
            said.append(text.format(name=found[1]))
    return shorten(said)


def shorten(said: list[str]) -> list[str]:
    """Return sentences without those that differ from an earlier one in numbers only; not too many nor too long."""
    alike: dict[str, str] = {}
    for sentence in said:
        alike.setdefault(re.sub(r"\d+", "0", sentence), sentence)
    return [sentence[:LONGEST] for sentence in list(alike.values())[:MOST]]


def what_happened(message: str) -> str:
    """Return the call of a message, and the line that says what happened; between them it names the case."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return f"{lines[0]}: {lines[2]}" if len(lines) > 2 else " ".join(lines)


def reasons_of(component: ComponentResult) -> list[str]:
    """Return why a component has not all of its points, as its student may read it; none if it has."""
    if component.points >= component.max_points - 1e-9:
        return []
    public = [check for check in component.checks if not check.hidden]
    wrong = [check for check in public if check.status in ("fail", "error", "not_run", "beyond")]
    said = list(component.why)
    said += [check.diagnosis["text"] for check in wrong if check.diagnosis]
    said += [check.message for check in wrong if check.status == "beyond"]
    if not said:
        said += [what_happened(check.message) for check in wrong if check.message][:1]
    hidden = [check for check in component.checks if check.hidden and check.max_points]
    passed = sum(check.status == "pass" for check in hidden)
    asked = any(check.reason != "not-reached" for check in hidden)
    if asked and passed < len(hidden) and component.status not in ("absent", "unread"):
        said.append(messages.hidden_passed(passed, len(hidden)))
    return shorten(said)
