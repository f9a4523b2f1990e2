"""What a page shows of failures, as texts and numbers that JSON can hold: they may be drawn later, and elsewhere.

A page, a notebook's cell and a student's page show the same. An Extent says how much of it.
"""

import json
import shlex
from collections.abc import Callable
from typing import Any, NamedTuple

from ..conformance import messages
from ..conformance.book import book_has_it_too
from ..conformance.diagnosis.catalog import general_text, mistake
from ..conformance.types import LEVELS, Check, IndexMap, Verdict
from ..faults import keep_verdicts
from ..i18n import _
from .animation import Animation, make_animation
from .drawing import Drawing, make_drawing
from .pictures import Cell, Map, Pattern, Picture, make_pictures

RerunHint = Callable[[str], str]  # check id -> the command
Data = dict[str, Any]
MAX_INDEX_MAP = 16  # rows and columns of an index map
MAX_UNIT, MAX_STEP_UNIT, MAX_WIDTH = 34, 44, 420  # pixels of a drawing's place, of an animation's, of either's width
HEAVY = ("animation", "patterns", "wiring", "drawing", "pictures")  # what is left out first of a failure that is large


class Extent(NamedTuple):
    """How much is shown. None: all."""

    failures: int | None = None  # of one cause in full; the others are named
    pictured: int | None = None  # of these, with pictures
    steps: bool = True  # whether the smallest case is shown step by step
    largest: int | None = None  # characters of one failure, as JSON


ALL = Extent()


def rerun_of(target: str) -> RerunHint:
    """Return the function that gives the command by which a check of a target is run again."""
    return lambda check_id: f"convcheck verify {shlex.quote(target)} --case {shlex.quote(check_id)}"


def group_failures(bad: list[Verdict], again: RerunHint, prefix: str = "", extent: Extent = ALL) -> list[Data]:
    """Group failures by diagnosis, so that each cause is shown once; return what a page shows of each group.

    again: returns the command that runs a check again. prefix: of ids.
    """
    by_cause: dict[tuple[str, str] | None, list[Verdict]] = {}
    for v in sorted(bad, key=lambda v: LEVELS.index(v.check.level)):
        d = v.diagnosis
        by_cause.setdefault((d.code, d.text) if d and d.text else None, []).append(v)
    groups = []
    for cause, verdicts in by_cause.items():
        full, rest = verdicts[: extent.failures], verdicts[len(verdicts[: extent.failures]) :]
        groups.append(
            {
                "diagnosis": diagnosis_data(verdicts[0]) if cause else None,
                "heading": messages.failing(len(verdicts), cause is not None and cause[0] not in messages.UNNAMED),
                "checks": [check_data(v, again, prefix, extent, number) for number, v in enumerate(full)],
                "rest": [(messages.title(v.check), where(v.check)) for v in rest],
            }
        )
    return groups


def diagnosis_data(v: Verdict) -> Data:
    """Return what a page shows of a diagnosis: its text, and a known mistake's repair."""
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


def check_data(v: Verdict, again: RerunHint, prefix: str, extent: Extent, number: int) -> Data:
    """Return what a page shows of one failure, and of the smallest case that fails where it is known.

    number: of the failure among those of its cause.
    """
    data: Data = {
        "id": v.check.id,
        "anchor": prefix + v.check.id.replace("/", "-").replace("@", "-"),
        "title": messages.title(v.check),
        "where": where(v.check),
        "call": messages.call_of(v),
        "lines": [*messages.outcome(v), *filter(None, [book_has_it_too(v)])],
        "command": again(v.check.id),
    }
    if extent.pictured is not None and number >= extent.pictured:
        return data
    with keep_verdicts():
        return lighten(data | drawn_data(v, extent.steps), extent.largest)
    return data


def drawn_data(v: Verdict, steps: bool) -> Data:
    """Return what is drawn of one failure, and of its smallest case."""
    small = v.diagnosis.smallest if v.diagnosis else None
    few = small is None or len(getattr(make_animation(small), "steps", ())) < 2  # one step shows nothing
    return {
        "smallest": smallest_data(small, steps) if small else None,
        **failure_pictures(v),
        "animation": animation_data(make_animation(v)) if steps and few else None,
        "wiring": index_map_data(v.diagnosis.index_map if v.diagnosis else None),
    }


def lighten(data: Data, largest: int | None) -> Data:
    """Return a failure of at most so many characters: the largest parts of its pictures are left out first."""
    for key in HEAVY:
        if largest is None or len(json.dumps(data)) <= largest:
            break
        for part in filter(None, (data, data.get("smallest"))):
            if key == "patterns":
                part["pictures"] = [{**picture, "patterns": []} for picture in part["pictures"]]
            elif key in part:
                part[key] = [] if key == "pictures" else None
    return data


def where(check: Check) -> str:
    """Say a check's part and its level: "forward, edge"."""
    return f"{messages.part(check.part)}, {messages.level(check.level)}"


def smallest_data(small: Verdict, steps: bool) -> Data:
    """Return what a page shows of the smallest failing case: its call, its pictures and its steps."""
    call = messages.call(small.check.case, small.interface)
    return {
        "call": call,
        **failure_pictures(small),
        "animation": animation_data(make_animation(small)) if steps else None,
    }


def failure_pictures(v: Verdict) -> Data:
    """Return a failure's first pictures and the drawing of its case."""
    return {
        "pictures": [picture_data(p) for p in make_pictures(v)[:2]],
        "drawing": drawing_data(make_drawing(v)),
    }


def picture_data(p: Picture) -> Data:
    """Return what a page shows of a wrong answer: its maps, and the pattern of all wrong places."""
    return {
        "what": p.what,
        "name": p.name,
        "at": list(p.at),
        "cut": say_cut(p) if p.cut else "",
        "maps": [map_data(one) for one in p.maps],
        "patterns": [pattern_data(one) for one in p.patterns] if p.size > 1 else [],
        "wrong": _("Wrong numbers in all of {what}: {bad} of {all}").format(what=p.what, bad=p.bad, all=p.size),
    }


def say_cut(p: Picture) -> str:
    """Say which rows and columns of a slice are shown."""
    rows, columns = (f"{places[0]}–{places[-1]}" for places in (p.maps[0].rows, p.maps[0].columns))
    text = _("rows {rows}, columns {columns} of {whole}")
    return text.format(rows=rows, columns=columns, whole=f"{p.whole[0]} × {p.whole[1]}")


def map_data(m: Map) -> Data:
    """Return a map: every number with the class of its colour."""
    cells = [[(cell.text, cell_class(cell)) for cell in row] for row in m.cells]
    return {
        "kind": m.kind,
        "title": messages.map_title(m.kind),
        "rows": [*m.rows],
        "columns": [*m.columns],
        "cells": cells,
    }


def cell_class(c: Cell) -> str:
    """Return the CSS classes of a number: p1 to p4 above 0, m1 to m4 below, nan; x if it is wrong."""
    shade = "nan" if c.shade is None else "" if not c.shade else f"{'p' if c.shade > 0 else 'm'}{abs(c.shade)}"
    return f"{shade} x".strip() if c.wrong else shade


def pattern_data(p: Pattern) -> Data:
    """Return one slice of the wrong places, drawn as an SVG path of one unit a place."""
    rows, columns = p.wrong.shape
    return {"name": p.name, "rows": rows, "columns": columns, "bad": int(p.wrong.sum()), "path": p.path}


def drawing_data(d: Drawing | None) -> Data | None:
    """Return what a page shows of the drawing of a case."""
    if d is None:
        return None
    unit = min(MAX_UNIT, MAX_WIDTH // max(d.columns, 1))
    words = [_("The case: {name}").format(name=d.name)]
    words += [_("padding {pad}").format(pad=d.pad)] if d.pad else []
    if d.size[0]:
        words.append(_("window {rows} × {columns}").format(rows=d.size[0], columns=d.size[1]))
        words.append(_("stride {stride}").format(stride=d.stride))
    return {
        **vars(d),
        "unit": unit,
        "letters": letter_size([text for *_place, text in d.numbers], unit),
        "title": ", ".join(words),
        "words": messages.drawn(d.name, (d.rows, d.columns), d.pad, d.windows, d.size),
    }


def animation_data(a: Animation | None) -> Data | None:
    """Return what a page shows of an animation: its steps, for the script, and the size of its letters."""
    if a is None:
        return None
    unit = min(MAX_STEP_UNIT, MAX_WIDTH // max(a.columns, 1))
    grids = [a.numbers, *(step.left or [] for step in a.steps)]
    letters = letter_size([text for grid in grids for row in grid for text in row], unit)
    titles = {kind: messages.map_title(kind) for kind in ("got", "want")}
    steps = [vars(step) for step in a.steps]
    return {**vars(a), "steps": steps, "titles": titles, "unit": unit, "letters": letters}


def letter_size(numbers: list[str], unit: int) -> float:
    """Return the font size in which the longest number fits into a place of `unit` pixels."""
    return round(min(unit / 3 + 1, 1.55 * unit / max(map(len, numbers), default=1)), 1)


def index_map_data(found: IndexMap | None) -> Data | None:
    """Return the first wrong rows of an index map: the inputs that each output comes from, and the right ones."""
    wrong = [i for i in range(len(found.rows)) if found.got[i] != found.want[i]][:MAX_INDEX_MAP] if found else []
    if found is None or not wrong or len(found.columns) > MAX_INDEX_MAP:
        return None
    tables = []
    for kind, table in (("got", found.got), ("want", found.want)):
        rows = [
            (found.rows[i], [("+".join(c) or "·", found.wrong(i, j)) for j, c in enumerate(table[i])]) for i in wrong
        ]
        tables.append((messages.map_title(kind), rows))
    return {"title": found.title, "columns": found.columns, "tables": tables}
