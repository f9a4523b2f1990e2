"""The report as one HTML page that loads nothing."""

from pathlib import Path

from ..i18n import Say
from .explain import documents, inputs_of
from .questions import Question
from .registry import FRAMEWORKS
from .report import Report
from .source_text import probe_text

TEMPLATE = Path(__file__).with_name("page.html")


def make_page(report: Report, questions: list[Question], lang: str, say: Say) -> str:
    """Return the page's HTML, with its style and its script inside."""
    from jinja2 import Environment

    template = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
        TEMPLATE.read_text(encoding="utf-8")
    )
    details = {
        q.id: {
            "how": say(q.interpretation.how),
            "inputs": inputs_of(q, say),
            "links": documents(q),
            "probes": {n: probe_text(FRAMEWORKS[n].file, q) for n in report["frameworks"] if n in FRAMEWORKS},
        }
        for q in questions
    }
    families = list(dict.fromkeys(q["family"] for q in report["questions"]))
    return template.render(report=report, details=details, families=families, lang=lang, _=say)
