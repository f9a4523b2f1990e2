"""The report as one HTML page that loads nothing."""

from pathlib import Path
from typing import Any

from ...i18n import Say
from ..questions import Question
from ..report import Report
from ..search import search_text
from .explain import inputs_of
from .summary import answers_of, headline, most_dangerous, not_installed, notes

TEMPLATE = Path(__file__).with_name("page.html")


def make_page(report: Report, questions: list[Question], lang: str, say: Say) -> str:
    """Return the page's HTML, with its style and its script inside."""
    from jinja2 import Environment

    template = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
        TEMPLATE.read_text(encoding="utf-8")
    )
    pieces, snippets = shared_pieces(report)
    return template.render(
        report=report,
        inputs={q.id: inputs_of(q, say) for q in questions},
        families=list(dict.fromkeys(q["family"] for q in report["questions"])),
        texts={q.id: search_text(q) for q in questions},
        headline=headline(report, say),
        notes=list(notes(report, say)),
        missing=not_installed(report),
        dangerous=[(q, answers_of(q)) for q in most_dangerous(report)],
        pieces=pieces,
        snippets=snippets,
        lang=lang,
        _=say,
    )


def shared_pieces(report: Report) -> tuple[list[str], dict[str, dict[str, list[int]]]]:
    """Return the different parts of all snippets, and {question: {column: its parts}}; most parts are shared."""
    places: dict[str, int] = {}
    snippets: dict[str, dict[str, list[int]]] = {}
    for q in report["questions"]:
        parts: dict[str, Any] = {name: a["probe"].split("\n\n") for name, a in q["answers"].items() if a["probe"]}
        snippets[q["id"]] = {
            name: [places.setdefault(part, len(places)) for part in some] for name, some in parts.items()
        }
    return list(places), snippets
