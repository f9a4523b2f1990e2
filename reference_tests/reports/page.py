"""An examination as an HTML page that loads nothing, and as a notebook's cell: both with the same pictures."""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from ..conformance import messages, spoken
from ..conformance.examination import Examination
from ..conformance.locations import say_skipped
from ..conformance.types import LEVELS
from ..i18n import _, current_language
from ..installation import install_command
from .page_data import ALL, Data, Extent, RerunHint, group_failures, rerun_of
from .terminal import absent_lines, advice_lines, is_shown

TEMPLATES = Path(__file__).parent / "templates"
SIGN = {"pass": "✓", "partial": "◐", "edge": "≈", "fail": "✗", "absent": "–", "unread": "?", "error": "!"}
IN_CELL = Extent(failures=3, steps=False)  # what a notebook shows
STYLE, SCRIPTS = "page.css", ("page.js", "animation.js")


class JinjaMissing(Exception):
    """jinja2 is not installed. The message says how to install it."""


@cache
def template_environment(*more: Path) -> Any:
    """Return the environment of the templates. more: folders with further ones. Raises JinjaMissing."""
    try:
        from jinja2 import Environment, FileSystemLoader
        from markupsafe import Markup
    except ImportError:
        raise JinjaMissing(_("it needs jinja2: {how}").format(how=install_command("report"))) from None
    made = Environment(
        loader=FileSystemLoader([TEMPLATES, *more]), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    made.globals |= {"_": _, "policy": policy, "style": Markup((TEMPLATES / STYLE).read_text("utf-8"))}
    made.globals["script"] = Markup("\n".join((TEMPLATES / name).read_text("utf-8") for name in SCRIPTS))
    return made


def policy(script: str) -> str:
    """Return the content security policy of a page that may load nothing and run this script alone."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"


def make_page(found: Examination, subject: Any, header: list[str], about: dict[str, Any]) -> str:
    """Return an examination as a page. header: lines above it. about: what it ran on. Raises JinjaMissing."""
    more: dict[str, Any] = {"header": header, "about": about, "skipped": [say_skipped(s) for s in subject.skipped]}
    more["skipped_title"] = messages.skipped_title(len(subject.skipped))
    return render("page.html", found, subject.target, **more)


def make_cell(found: Examination, target: str, again: RerunHint, number: int) -> str:
    """Return an examination as a notebook's cell. Raises JinjaMissing.

    again: returns the command that runs a check again. number: the cell's, for unique ids.
    """
    return render("cell.html", found, target, again, f"cell-{number}-", IN_CELL)


def render(
    template: str,
    found: Examination,
    target: str,
    again: RerunHint | None = None,
    prefix: str = "",
    extent: Extent = ALL,
    **more: Any,
) -> str:
    """Render a template. prefix: of ids. more: further variables."""
    components = [component_data(found, name, again or rerun_of(target), prefix, extent) for name in found.components]
    made = template_environment().get_template(template)
    text: str = made.render(
        lang=current_language(),
        target=target,
        **summary_data(found.status(name) for name in found.components)
        | {"total": messages.total(Counter(map(found.shown, found.components)))},
        components=components,
        levels=level_titles(found.strict),
        advice=advice_lines(found),
        absent=absent_lines(found)[1:],
        reading=spoken.header(found.interfaces),
        **more,
    )
    return text


def summary_data(statuses: Iterable[str]) -> Data:
    """Return what a template shows of all components together: the sentence, and the worst status."""
    seen = Counter(statuses)
    worst = next((s for s in ("fail", "error", "unread", "edge") if seen[s]), "pass")
    return {"total": messages.total(seen), "worst": worst}


def level_titles(strict: bool) -> dict[str, str]:
    """Return the titles of the columns that count checks."""
    return {level: messages.checks_of(level) for level in LEVELS if strict or level != "advice"}


def status_data(name: str, status: str) -> Data:
    """Return what a template shows of a component's status."""
    return {"name": name, "status": status, "sign": SIGN[status], "words": messages.status(status)}


def component_data(found: Examination, name: str, again: RerunHint, prefix: str, extent: Extent) -> Data:
    """Return what a template shows of one component."""
    verdicts = found.components[name]
    counting = [v for v in verdicts if found.strict or v.check.level != "advice"]
    return {
        **status_data(name, found.status(name)),
        "words": messages.status(found.shown(name)),
        "levels": found.levels(name),
        "seconds": sum(v.seconds for v in verdicts),
        "groups": group_failures([v for v in counting if is_shown(v, found.strict)], again, prefix, extent),
    }
