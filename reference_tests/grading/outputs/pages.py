"""A student's page: verify's page of the public checks, with points. All that came from a submission is escaped."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...errors import UsageError
from ...i18n import speaking
from ...reports.page import JinjaMissing, level_titles, status_data, summary_data, template_environment
from .. import messages
from ..result import FAULT, GRADED, Result
from ..rubric import Rubric

TEMPLATES = Path(__file__).parent / "templates"
NOT_THERE = ("absent", "unread")


def load_templates() -> Any:
    """Load the templates. Raises UsageError if Jinja is not installed."""
    try:
        return template_environment(TEMPLATES)
    except JinjaMissing as error:
        raise UsageError(str(error)) from None


def student_page_renderer(rubric: Rubric) -> Callable[..., str]:
    """Return a function that renders a result's page. Its second argument is result.for_student(), if at hand."""
    template = load_templates().get_template("student.html")

    def render(result: Result, public: dict[str, Any] | None = None) -> str:
        with speaking(rubric.language):
            return render_spoken(result, public or result.for_student())

    def render_spoken(result: Result, public: dict[str, Any]) -> str:
        there = public["components"] if result.outcome == GRADED else {}
        made = {
            **summary_data(component["status"] for component in there.values()),
            "components": [component_data(name, component) for name, component in there.items()],
            "absent": [f"{', '.join(names)}: {reason}" for reason, names in not_there(there).items()],
            "levels": level_titles(strict=False),
            "said": what_is_said(result, there),
            "skipped": result.skipped,
            "skipped_title": messages.skipped(len(result.skipped)),
            "isolation": messages.isolation(result.isolation),
        }
        return str(template.render(lang=rubric.language, rubric=rubric, result=result, points=write_points, **made))

    return render


def write_points(value: float | None) -> str:
    """Return points with at most two decimals."""
    return "" if value is None else f"{round(value, 2):g}"


def what_is_said(result: Result, there: dict[str, Any]) -> list[str]:
    """Return the sentences above the components: why there are none, that nothing is wrong, or that it came late."""
    said = []
    if result.outcome != GRADED:
        why = "" if result.outcome == FAULT else result.reason
        said.append(": ".join(filter(None, [messages.outcome(result.outcome), why])))
    elif not any(lost(component) for component in there.values()):
        said.append(messages.nothing_wrong())
    if result.late:
        late = result.late
        said.append(messages.late(late.submitted, late.days, late.percent, late.points))
    elif result.marked_late:
        said.append(messages.marked_late())
    return said


def lost(component: dict[str, Any]) -> bool:
    """Return whether a component has not all of its points."""
    return bool(component["points"] < component["max_points"] - 1e-9)


def not_there(components: dict[str, Any]) -> dict[str, list[str]]:
    """Return why components are not there, each reason with their names."""
    reasons: dict[str, list[str]] = {}
    for name, component in components.items():
        if component["status"] in NOT_THERE and component["why"]:
            reasons.setdefault(" ".join(component["why"]), []).append(name)
    return reasons


def component_data(name: str, component: dict[str, Any]) -> dict[str, Any]:
    """Return what the page shows of a component: what is wrong of its public checks, and how many hidden ones are."""
    public, hidden, status = component["checks"], component["hidden"], component["status"]
    is_there = status not in NOT_THERE
    remarks = list(component["why"]) if is_there else []
    not_asked = Counter(check["message"] for check in public if check["status"] == "beyond")
    remarks += [f"{sentence} ({n})" for sentence, n in not_asked.most_common()]
    remarks += [check["message"] for check in public if check["helped"]][:1]
    remarks += [f"{check['title']}: {check['message'].splitlines()[0]}" for check in public if is_expected(check)]
    unproven = any(check["status"] == "pass" and check["points"] < check["max_points"] - 1e-6 for check in public)
    closing = []
    if hidden["passed"] < hidden["total"] and is_there:
        earned = messages.hidden_points(hidden["passed"], hidden["total"], hidden["points"], hidden["max_points"])
        closing = [" ".join([earned, messages.hidden_hint(), *([messages.unproven()] if unproven else [])])]
    return {
        **component,
        **status_data(name, status),
        "groups": component["shown"],
        "remarks": remarks,
        "closing": closing,
    }


def is_expected(check: dict[str, Any]) -> bool:
    """Return whether a check fails as the rubric expects it to."""
    return bool(check["xfail"]) and check["status"] == "fail"
