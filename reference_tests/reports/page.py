"""An examination as an HTML page that loads nothing, and as a notebook's cell: both with the same pictures."""

import json
import shlex
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from ..conformance import messages, spoken
from ..conformance.book import book_has_it_too
from ..conformance.diagnosis.catalog import general_text, mistake
from ..conformance.examination import Examination
from ..conformance.locations import say_skipped
from ..conformance.types import LEVELS, Check, Verdict
from ..i18n import _, current_language
from ..installation import install_command
from .animation import Animation, make_animation
from .drawing import Drawing, make_drawing
from .pictures import Cell, make_pictures
from .terminal import absent_lines, advice_lines, is_shown

TEMPLATES = Path(__file__).parent / "templates"
SIGN = {"pass": "✓", "partial": "◐", "edge": "≈", "fail": "✗", "absent": "–", "unread": "?", "error": "!"}
MAX_IN_CELL = 3  # failures of one cause that a notebook shows with pictures; the others by name
MAX_INDEX_MAP = 16  # rows and columns of an index map
RerunHint = Callable[[str], str]  # check id -> the command
STYLE, SCRIPTS = "page.css", ("page.js", "animation.js")


class JinjaMissing(Exception):
    """jinja2 is not installed. The message says how to install it."""


@cache
def template_environment() -> Any:
    """Return the environment of the templates. Raises JinjaMissing."""
    try:
        from jinja2 import Environment, FileSystemLoader
        from markupsafe import Markup
    except ImportError:
        raise JinjaMissing(_("it needs jinja2: {how}").format(how=install_command("report"))) from None
    made = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    functions = (shade_class, format_range, describe_drawing, letter_size, steps_json, step_letters)
    made.globals |= {"_": _, **{function.__name__: function for function in functions}}
    made.globals["style"] = Markup((TEMPLATES / STYLE).read_text("utf-8"))
    made.globals["script"] = Markup("\n".join((TEMPLATES / name).read_text("utf-8") for name in SCRIPTS))
    return made


def make_page(found: Examination, subject: Any, header: list[str], about: dict[str, Any]) -> str:
    """Return an examination as a page. header: lines above it. about: what it ran on. Raises JinjaMissing."""
    more: dict[str, Any] = {"header": header, "about": about, "skipped": [say_skipped(s) for s in subject.skipped]}
    more["skipped_title"] = messages.skipped_title(len(subject.skipped))
    return render("page.html", found, subject.target, **more)


def make_cell(found: Examination, target: str, again: RerunHint, number: int) -> str:
    """Return an examination as a notebook's cell. Raises JinjaMissing.

    again: returns the command that runs a check again. number: the cell's, for unique ids.
    """
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
    """Render a template. prefix: of ids. most: failures of one cause with pictures. more: further variables."""

    def command(check_id: str) -> str:
        return f"convcheck verify {shlex.quote(target)} --case {shlex.quote(check_id)}"

    seen = Counter(found.status(name) for name in found.components)
    text: str = (
        template_environment()
        .get_template(template)
        .render(
            lang=current_language(),
            target=target,
            total=messages.total(seen),
            worst=next((s for s in ("fail", "error", "unread", "edge") if seen[s]), "pass"),
            components=[component_data(found, name, again or command, prefix, most) for name in found.components],
            levels={level: messages.checks_of(level) for level in LEVELS if found.strict or level != "advice"},
            advice=advice_lines(found),
            absent=absent_lines(found)[1:],
            reading=spoken.header(found.interfaces),
            words={kind: messages.map_title(kind) for kind in messages.MAPS},
            **more,
        )
    )
    return text


def component_data(found: Examination, name: str, again: RerunHint, prefix: str, most: int | None) -> dict[str, Any]:
    """Return what a template shows of one component."""
    verdicts, status = found.components[name], found.status(name)
    counting = [v for v in verdicts if found.strict or v.check.level != "advice"]
    return {
        "name": name,
        "status": status,
        "sign": SIGN[status],
        "words": messages.status(status),
        "levels": found.levels(name),
        "seconds": sum(v.seconds for v in verdicts),
        "groups": group_failures([v for v in counting if is_shown(v, found.strict)], again, prefix, most),
    }


def group_failures(bad: list[Verdict], again: RerunHint, prefix: str, most: int | None) -> list[dict[str, Any]]:
    """Group failures by diagnosis, so that each cause is shown once; return what a template shows of each group."""
    by_cause: dict[tuple[str, str] | None, list[Verdict]] = {}
    for v in sorted(bad, key=lambda v: LEVELS.index(v.check.level)):
        d = v.diagnosis
        by_cause.setdefault((d.code, d.text) if d and d.text else None, []).append(v)
    return [
        {
            "diagnosis": diagnosis_data(verdicts[0]) if cause else None,
            "heading": messages.failing(len(verdicts), cause is not None and cause[0] not in messages.UNNAMED),
            "checks": [check_data(v, again, prefix, steps=most is None) for v in verdicts[:most]],
            "rest": [(messages.title(v.check), where(v.check)) for v in verdicts[len(verdicts[:most]) :]],
        }
        for cause, verdicts in by_cause.items()
    ]


def diagnosis_data(v: Verdict) -> dict[str, Any]:
    """Return what a template shows of a diagnosis: its text, and a known mistake's repair."""
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


def check_data(v: Verdict, again: RerunHint, prefix: str, steps: bool) -> dict[str, Any]:
    """Return what a template shows of one failure, and of the smallest case that fails where it is known.

    steps: whether they are shown step by step, too.
    """
    small = v.diagnosis.smallest if v.diagnosis else None
    return {
        "id": v.check.id,
        "anchor": prefix + v.check.id.replace("/", "-").replace("@", "-"),
        "title": messages.title(v.check),
        "where": where(v.check),
        "call": messages.call(v.check.case, v.interface),
        "lines": [*messages.outcome(v), *filter(None, [book_has_it_too(v)])],
        "smallest": smallest_data(small, steps) if small else None,
        **draw_failure(v),
        "animation": make_animation(v) if steps and (small is None or steps_of(small) < 2) else None,
        "wiring": index_map_data(v.diagnosis.index_map if v.diagnosis else None),
        "command": again(v.check.id),
    }


def smallest_data(small: Verdict, steps: bool) -> dict[str, Any]:
    """Return what a template shows of the smallest failing case: its call, its pictures and its steps."""
    call = messages.call(small.check.case, small.interface)
    return {"call": call, **draw_failure(small), "animation": make_animation(small) if steps else None}


def steps_of(small: Verdict) -> int:
    """Return of how many steps the smallest case's animation is."""
    found = make_animation(small)
    return len(found.steps) if found else 0


def where(check: Check) -> str:
    """Say a check's part and its level: "forward, edge"."""
    return f"{messages.part(check.part)}, {messages.level(check.level)}"


def draw_failure(v: Verdict) -> dict[str, Any]:
    """Return a failure's first pictures and the drawing of its case."""
    return {"pictures": make_pictures(v)[:2], "drawing": make_drawing(v)}


def index_map_data(found: Any) -> dict[str, Any] | None:
    """Return the first wrong rows of an index map: the inputs that each output comes from, and the right ones."""
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
    """Return the CSS class of a cell's colour: p1 to p4 above 0, m1 to m4 below, nan."""
    if c.shade is None:
        return "nan"
    return "" if not c.shade else f"{'p' if c.shade > 0 else 'm'}{abs(c.shade)}"


def letter_size(numbers: list[tuple[int, int, str]], unit: int) -> float:
    """Return the font size in which the longest number fits into a place of `unit` pixels."""
    return round(min(unit / 3 + 1, 1.55 * unit / max((len(text) for *_, text in numbers), default=1)), 1)


def steps_json(a: Animation) -> str:
    """Write an animation's steps for its script."""
    return json.dumps([vars(step) for step in a.steps], ensure_ascii=False)


def step_letters(a: Animation, unit: int) -> float:
    """Return the font size in which every number of every step fits."""
    grids = [a.numbers, *(step.left or [] for step in a.steps)]
    return letter_size([(0, 0, text) for grid in grids for row in grid for text in row], unit)


def format_range(places: range) -> str:
    """Return "3–7" for range(3, 8)."""
    return f"{places[0]}–{places[-1]}"


def describe_drawing(d: Drawing) -> str:
    """Return a drawing in words, for readers who do not see it."""
    return messages.drawn(d.name, (d.rows, d.columns), d.pad, d.windows, d.size)
