"""The report as one page that needs nothing else."""

from pathlib import Path

from .explain import input_text, links, probe
from .language import Say
from .questions import Question
from .registry import COLUMNS
from .report import Report

TEMPLATE = Path(__file__).with_name("page.html")


def page(report: Report, questions: list[Question], lang: str, say: Say) -> str:
    """HTML with its style and its script inside."""
    from jinja2 import Environment

    template = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
        TEMPLATE.read_text(encoding="utf-8")
    )
    details = {
        q.id: {
            "how": say(q.reader.how),
            "inputs": {name: input_text(a) for name, a in q.inputs.items()},
            "links": links(q),
            "probes": {n: probe(COLUMNS[n], q.id) for n in report["frameworks"] if n in COLUMNS},
        }
        for q in questions
    }
    families = list(dict.fromkeys(q["family"] for q in report["questions"]))
    return template.render(report=report, details=details, families=families, lang=lang, _=say)
