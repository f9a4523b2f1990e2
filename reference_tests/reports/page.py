"""An examination as one page that needs nothing else, and as the cell of a notebook: the same pictures."""

import shlex
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from ..conformance import messages
from ..conformance.diagnosis.catalog import general_text, mistake
from ..conformance.examination import Examination
from ..conformance.types import Verdict
from ..i18n import _, current_language
from .drawing import make_drawing
from .pictures import Cell, make_pictures
from .terminal import advice_lines

TEMPLATES = Path(__file__).parent / "templates"
SIGN = {"pass": "✓", "partial": "◐", "fail": "✗", "absent": "–", "error": "!"}
MAX_IN_CELL = 3  # failures of one cause with their pictures; the others by name
MAX_INDEX_MAP = 16  # rows and columns of a wiring
RerunHint = Callable[[str], str]  # check id -> the command
STYLE, SCRIPT = "page.css", "page.js"


class JinjaMissing(Exception):
    """jinja2 is not installed."""


@cache
def template_environment() -> Any:
    """Raises NoJinja."""
    try:
        from jinja2 import Environment, FileSystemLoader
        from markupsafe import Markup
    except ImportError:
        raise JinjaMissing(_("it needs jinja2: pip install 'convcheck[report]'")) from None
    made = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    made.globals |= {
        "_": _,
        "shade": shade_class,
        "span": format_range,
        "described": describe_drawing,
        "fitting": letter_size,
    }
    made.globals |= {k: Markup((TEMPLATES / f).read_text("utf-8")) for k, f in (("style", STYLE), ("script", SCRIPT))}
    return made


def make_page(found: Examination, subject: Any, header: list[str], about: dict[str, Any]) -> str:
    """Raises NoJinja."""
    more: dict[str, Any] = {"header": header, "about": about, "skipped": [str(s) for s in subject.skipped]}
    more["skipped_title"] = messages.skipped_title(len(subject.skipped))
    return render("page.html", found, subject.target, **more)


def make_cell(found: Examination, target: str, again: RerunHint, number: int) -> str:
    """What a notebook shows. again: how to run a check once more. number: of the cell, for ids. Raises NoJinja."""
    return render("cell.html", found, target, again, f"cell-{number}-", MAX_IN_CELL)


def render(
    template: str,
    found: Examination,
    target: str,
    again: RerunHint | None = None,
    prefix: str = "",
    most: int | None = None,
    **more: Any,
) -> str:
    def command(check_id: str) -> str:
        return f"convcheck verify {shlex.quote(target)} --case {shlex.quote(check_id)}"

    seen = Counter(found.status(name) for name in found.components)
    return (
        template_environment()
        .get_template(template)
        .render(
            lang=current_language(),
            target=target,
            total=messages.total(seen),
            worst=next((s for s in ("fail", "error") if seen[s]), "pass"),
            components=[component_data(found, name, again or command, prefix, most) for name in found.components],
            advice=advice_lines(found),
            words={kind: messages.map_title(kind) for kind in messages.MAPS},
            **more,
        )
    )


def component_data(found: Examination, name: str, again: RerunHint, prefix: str, most: int | None) -> dict[str, Any]:
    verdicts, status = found.components[name], found.status(name)
    counting = [v for v in verdicts if found.strict or v.check.level != "advice"]
    return {
        "name": name,
        "status": status,
        "sign": SIGN[status],
        "words": messages.status(status),
        "passed": sum(v.status == "pass" for v in counting),
        "of": len(counting),
        "seconds": sum(v.seconds for v in verdicts),
        "groups": group_failures([v for v in counting if v.message], again, prefix, most),
    }


def group_failures(bad: list[Verdict], again: RerunHint, prefix: str, most: int | None) -> list[dict[str, Any]]:
    """Failures by what they look like: one cause is told once."""
    by_cause: dict[tuple[str, str] | None, list[Verdict]] = {}
    for v in bad:
        d = v.diagnosis
        by_cause.setdefault((d.code, d.text) if d and d.text else None, []).append(v)
    return [
        {
            "diagnosis": diagnosis_data(verdicts[0]) if cause else None,
            "heading": messages.failing(len(verdicts), cause is not None and cause[0] not in messages.UNNAMED),
            "checks": [check_data(v, again, prefix) for v in verdicts[:most]],
            "rest": [(messages.title(v.check), messages.part(v.check.part)) for v in verdicts[len(verdicts[:most]) :]],
        }
        for cause, verdicts in by_cause.items()
    ]


def diagnosis_data(v: Verdict) -> dict[str, Any]:
    """What it looks like, and of a known mistake how to repair it."""
    op, d = v.check.case.op, v.diagnosis
    assert d is not None
    known = mistake(op.component, d.code, d.text)
    return {
        "text": messages.sentence(d.text),
        "code": "" if d.code in messages.UNNAMED else d.code,
        "more": messages.circumstances(d) if d.code != "when" else [],
        "repair": messages.sentence(d.repair or (known.repair if known else "")),
        "section": messages.section(op.section),
        "explain": d.code if known or general_text(d.code) else "",
    }


def check_data(v: Verdict, again: RerunHint, prefix: str) -> dict[str, Any]:
    """One failure, and the smallest case that fails where it is known."""
    small = v.diagnosis.smallest if v.diagnosis else None
    return {
        "id": v.check.id,
        "anchor": prefix + v.check.id.replace("/", "-").replace("@", "-"),
        "title": messages.title(v.check),
        "part": messages.part(v.check.part),
        "level": v.check.level,
        "call": messages.call(v.check.case),
        "lines": messages.outcome(v),
        "smallest": {"call": messages.call(small.check.case), **draw_failure(small)} if small else None,
        **draw_failure(v),
        "wiring": index_map_data(v.diagnosis.wiring if v.diagnosis else None),
        "command": again(v.check.id),
    }


def draw_failure(v: Verdict) -> dict[str, Any]:
    return {"pictures": make_pictures(v)[:2], "drawing": make_drawing(v)}


def index_map_data(found: Any) -> dict[str, Any] | None:
    """Where each output really comes from, beside where it should: the rows that are wrong, the first few."""
    wrong = [i for i in range(len(found.rows)) if found.got[i] != found.want[i]][:MAX_INDEX_MAP] if found else []
    if not wrong or len(found.columns) > MAX_INDEX_MAP:
        return None
    tables = []
    for kind, table in (("got", found.got), ("want", found.want)):
        rows = [
            (found.rows[i], [("+".join(c) or "·", found.wrong(i, j)) for j, c in enumerate(table[i])]) for i in wrong
        ]
        tables.append((messages.map_title(kind), rows))
    return {"title": found.title, "columns": found.columns, "tables": tables}


def shade_class(c: Cell) -> str:
    """The class of a cell's colour."""
    if c.shade is None:
        return "nan"
    return "" if not c.shade else f"{'p' if c.shade > 0 else 'm'}{abs(c.shade)}"


def letter_size(numbers: list[tuple[int, int, str]], unit: int) -> float:
    """The size of letters in which the longest number fits into its place."""
    return round(min(unit / 3 + 1, 1.55 * unit / max((len(text) for *_, text in numbers), default=1)), 1)


def format_range(places: range) -> str:
    return f"{places[0]}–{places[-1]}"


def describe_drawing(d: Any) -> str:
    return messages.drawn(d.name, (d.rows, d.columns), d.pad, d.windows, d.size)
