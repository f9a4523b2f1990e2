"""One file to mail: what the class's page says and everybody's page, with no link that leads out and no script."""

import html
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ...files import open_atomically
from ...i18n import _, speaking
from .class_page import display_name, render_class_page, say_outcome
from .overview import Line, Overview
from .pages import student_page_renderer, write_points

if TYPE_CHECKING:
    from ..run import GradingRun

BODY = re.compile(r"<body[^>]*>(.*)</body>", re.S)
STYLE = re.compile(r"<style>(.*?)</style>", re.S)
MAP = re.compile(r'<section aria-labelledby="map">.*?</section>', re.S)  # which a script draws
NUMBER = re.compile(r'<button[^>]* class="who"[^>]*>(.*?)</button>', re.S)
NEEDS_SCRIPT = re.compile(
    r'<script.*?</script>|<button.*?</button>|<p class="tools">.*?</p>|<noscript>.*?</noscript>|<a class="skip".*?</a>',
    re.S,
)
# of our own tags: what came from a submission has no quotes
IDS = re.compile(r'(\b(?:id|for|aria-labelledby|aria-describedby)="|\bhref="#)')
PAGES = re.compile(r'href="students/([^"]+)\.html"')
OWN = "details.one > summary { font-weight: 600; cursor: pointer; } details.one { border-top: 1px solid #8886; }"
HEAD = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>{style}</style>
</head>
<body class="convcheck page">
"""


def write_report(path: str | Path, run: "GradingRun", overview: Overview, slug: Callable[[str], str]) -> None:
    """Write the report, a student at a time. Raises OSError."""
    with open_atomically(path) as file, speaking(run.settings.rubric.language):
        for piece in pieces(run, overview, slug):
            file.write(piece.encode("utf-8", "backslashreplace"))


def pieces(run: "GradingRun", overview: Overview, slug: Callable[[str], str]) -> Iterator[str]:
    """Yield the report's text: the class's page, then each student's inside a part that opens.

    The ids of a student's page get the student's number before them, so that none is there twice.
    """
    rubric = run.settings.rubric
    render, of_class = student_page_renderer(rubric), render_class_page(overview, run.settings, slug)
    styles = dict.fromkeys(STYLE.findall(of_class))
    for result in run.results():
        styles |= dict.fromkeys(STYLE.findall(render(result)))
        break
    yield HEAD.format(language=rubric.language, title=html.escape(rubric.heading), style="".join((*styles, OWN)))
    table = list_submissions(overview.lines, slug)
    yield PAGES.sub(r'href="#student-\1"', without_scripts(MAP.sub(lambda _found: table, of_class)))
    for number, result in enumerate(run.results()):
        inside = IDS.sub(rf"\g<1>s{number}-", without_scripts(render(result)))
        name = html.escape(result.submission)
        yield f'<details class="one" id="student-{slug(result.submission)}"><summary>{name}</summary>\n'
        yield f"{inside}\n</details>\n"
    yield "</body>\n</html>\n"


def without_scripts(page: str) -> str:
    """Return what a page's body says, without what only a script fills or uses."""
    found = BODY.search(page)
    return NEEDS_SCRIPT.sub("", NUMBER.sub(r"\1", found[1] if found else ""))


def list_submissions(lines: list[Line], slug: Callable[[str], str]) -> str:
    """Return a table of everybody's points, in place of the map."""
    heads = "".join(f'<th scope="col">{title}</th>' for title in (_("student"), _("points"), _("outcome")))
    rows = "".join(
        f'<tr><th scope="row"><a href="students/{slug(one.submission)}.html">{html.escape(display_name(one))}</a></th>'
        f'<td class="n">{write_points(one.score)}</td><td>{html.escape(say_outcome(one))}</td></tr>\n'
        for one in lines
    )
    title = _("Every submission")
    return (
        f'<section aria-labelledby="all"><h2 id="all">{title}</h2>\n<div class="wide"><table class="components">\n'
        f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody></table></div></section>"
    )
