"""By which mistakes points are lost: what a class shares, and what is best taught again."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from ...conformance import messages as verdict_messages
from ...conformance.diagnosis.catalog import general_text, mistake
from ...conformance.diagnosis.exceptions import ENDED
from ...i18n import N_, _
from ..result import CheckResult, ComponentResult

UNNAMED = N_("wrong, and no known mistake explains it")
HIDDEN = N_("right in the published cases, wrong in hidden ones")


class Loss(NamedTuple):
    """A mistake, and the points of a component that it costs. code: "" of what has no name."""

    component: str
    code: str
    text: str
    points: float


def losses_of(name: str, component: ComponentResult) -> Iterator[Loss]:
    """Yield by which mistakes a component loses points: shared out by how many public checks each makes fail."""
    lost = component.max_points - component.points
    if lost <= 1e-9:
        return
    if component.status in ("absent", "unread"):
        yield Loss(name, "", verdict_messages.status(component.status), lost)
        return
    public = [check for check in component.checks if not check.hidden and check.status not in ("pass", "absent")]
    counts = Counter(named(name, check) for check in public if check.max_points)
    for (code, text), n in (counts or Counter({("", _(HIDDEN)): 1})).items():
        yield Loss(name, code, text, lost * n / (counts.total() or 1))


def named(component: str, check: CheckResult) -> tuple[str, str]:
    """Return a failed check's mistake, code and sentence, so that two submissions with the same one have the same."""
    code, text = (check.diagnosis["code"], check.diagnosis["text"]) if check.diagnosis else ("", "")
    code = code or (check.reason if check.reason in ("exception", *ENDED) else "")
    if code and mistake(component, code):
        return code, text
    return (code, _(general_text(code))) if code and general_text(code) else ("", _(UNNAMED))
