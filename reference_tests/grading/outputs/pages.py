"""Self-contained HTML: one page a student, one of the class. Everything that came from a submission is escaped."""

from collections.abc import Callable
from functools import cache
from typing import Any

from ...errors import UsageError
from .. import messages
from ..grade_one import RunSettings
from ..result import Result
from ..rubric import Rubric
from .overview import Overview

SHOWN = 12  # failing checks of a component, opened up


@cache
def templates() -> Any:
    try:
        import jinja2
    except ImportError:
        raise UsageError("the pages need jinja2: pip install 'convcheck[report]'") from None
    found = jinja2.Environment(
        loader=jinja2.PackageLoader(__package__), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    found.globals["words"] = messages
    found.globals["_"] = messages.spoken
    found.filters["points"] = lambda value: "" if value is None else f"{round(value, 2):g}"
    return found


def student_page(rubric: Rubric) -> Callable[..., str]:
    """-> what makes a result's page. seen: what its student may see, where that is known already."""
    template = templates().get_template("student.html")

    def page(result: Result, seen: dict[str, Any] | None = None) -> str:
        seen = seen or result.as_seen()
        components = [part(name, about) for name, about in seen["components"].items()]
        return template.render(rubric=rubric, result=result, components=components)

    return page


def part(name: str, about: dict[str, Any]) -> dict[str, Any]:
    """A component as the page shows it: what is wrong of its public checks, and of the hidden ones how many."""
    public = [check for check in about["checks"] if not check["hidden"]]
    hidden = [check for check in about["checks"] if check["hidden"]]
    wrong = [check for check in public if check["status"] in ("fail", "error", "not_run")]
    helped = [check for check in public if check["helped"]]
    named = dict.fromkeys(check["diagnosis"]["text"] for check in wrong if check["diagnosis"])
    return {
        **about,
        "name": name,
        "wrong": wrong[:SHOWN],
        "more": max(0, len(wrong) - SHOWN),
        "helped": helped[:1],
        "looks_like": list(named),
        "hidden": hidden,
        "hidden_right": sum(check["status"] == "pass" for check in hidden),
        "unproven": any(c["status"] == "pass" and not c["points"] for c in public) and about["status"] != "absent",
        "hidden_points": sum(check["points"] for check in hidden),
        "hidden_most": sum(check["max_points"] for check in hidden),
    }


def class_page(found: Overview, setting: RunSettings, slug: Callable[[str], str]) -> str:
    messages.use(setting.rubric.language)
    slowest = sorted(found.lines, key=lambda line: (-line.seconds, line.submission))
    most = max((line.seconds for line in found.lines), default=0.0) or 1.0
    template = templates().get_template("class.html")
    return template.render(found=found, setting=setting, slug=slug, slowest=slowest[:30], longest=most)
