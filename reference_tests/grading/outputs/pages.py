"""Self-contained HTML: one page a student, one of the class. Everything that came from a submission is escaped."""

from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any

from ...conformance.types import LEVELS
from ...errors import UsageError
from ...installation import install_command
from .. import messages
from ..result import GRADED, Result
from ..rubric import Rubric
from ..settings import RunSettings
from .overview import Overview

SHOWN = 12  # failing checks of a component that a page shows


@cache
def load_templates() -> Any:
    """Load the templates. Raises UsageError if Jinja is not installed."""
    try:
        import jinja2
    except ImportError:
        raise UsageError(f"the pages need jinja2: {install_command('report')}") from None
    templates = jinja2.Environment(
        loader=jinja2.PackageLoader(__package__), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    templates.globals["messages"] = messages
    templates.globals["_"] = messages.translate
    templates.filters["points"] = lambda value: "" if value is None else f"{round(value, 2):g}"
    return templates


def student_page_renderer(rubric: Rubric) -> Callable[..., str]:
    """Return a function that renders a result's page. Its second argument is result.for_student(), if at hand."""
    template = load_templates().get_template("student.html")

    def render(result: Result, public: dict[str, Any] | None = None) -> str:
        messages.set_language(rubric.language)
        public = public or result.for_student()
        components = [describe_component(name, component) for name, component in public["components"].items()]
        not_there: dict[str, list[str]] = {}  # why nothing of a component could be asked -> the components
        for one in components if result.outcome == GRADED else ():
            if one["only_why"]:
                not_there.setdefault(" ".join(one["why"]), []).append(one["name"])
        return str(template.render(rubric=rubric, result=result, components=components, not_there=not_there))

    return render


def describe_component(name: str, component: dict[str, Any]) -> dict[str, Any]:
    """Return a component as the page shows it: what is wrong of its public checks, and how many hidden ones are."""
    public, hidden = component["checks"], component["hidden"]
    wrong = [check for check in public if check["status"] in ("fail", "error", "not_run")]
    wrong = [check for check in wrong if check["reason"] != "import" or not component["why"]]  # it is said once there
    not_asked = Counter(check["message"] for check in public if check["status"] == "beyond")
    wrong.sort(key=lambda check: LEVELS.index(check["level"]))
    substituted = [check for check in public if check["helped"]]
    unproven = any(check["status"] == "pass" and check["points"] < check["max_points"] - 1e-6 for check in public)
    return {
        **component,
        "name": name,
        "wrong": wrong[:SHOWN],
        "not_asked": not_asked.most_common(),
        "more": max(0, len(wrong) - SHOWN),
        "substituted": substituted[:1],
        "looks_like": list(dict.fromkeys(check["diagnosis"]["text"] for check in wrong if check["diagnosis"])),
        "unproven": unproven and component["status"] != "absent",
        "hidden_wrong": hidden["passed"] < hidden["total"] and component["status"] not in ("absent", "unread"),
        "lost": component["points"] < component["max_points"] - 1e-9,
        "only_why": component["status"] in ("absent", "unread") and not wrong and bool(component["why"]),
    }


def render_class_page(results: Overview, settings: RunSettings, slug: Callable[[str], str]) -> str:
    """Render the page of a class. slug: a submission's name -> the name of its page."""
    messages.set_language(settings.rubric.language)
    slowest = sorted(results.lines, key=lambda line: (-line.seconds, line.submission))
    longest = max((line.seconds for line in results.lines), default=0.0) or 1.0
    template = load_templates().get_template("class.html")
    values = {"results": results, "settings": settings, "slug": slug, "slowest": slowest[:30], "longest": longest}
    return str(template.render(**values))
