"""The page of a class: what to teach again, a map of students and mistakes, who is late or missing.

The map's numbers travel as JSON, and the page's script draws the rows that are in view: 10,000 students open at once.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from math import ceil
from pathlib import PurePath
from typing import Any

from markupsafe import Markup

from ...i18n import _, join, speaking
from .. import messages
from ..result import FAULT, GRADED, UNLOADABLE, UNREAD
from ..settings import RunSettings
from .losses import Loss
from .overview import Line, Overview
from .pages import TEMPLATES, load_templates, write_points

MAX_MISTAKES = 60  # columns of the map: those that cost most
FIRST = 10  # mistakes that are shown as to be taught again; the others fold away
SHADES = 4
SLOWEST = 30  # submissions whose times are listed
Mistake = tuple[str, str, str]  # component, code, sentence


def render_class_page(results: Overview, settings: RunSettings, slug: Callable[[str], str]) -> str:
    """Render the page of a class. slug: a submission's name -> the name of its page. Raises UsageError."""
    with speaking(settings.rubric.language):
        return render_spoken(results, settings, slug)


def render_spoken(results: Overview, settings: RunSettings, slug: Callable[[str], str]) -> str:
    """Render the page of a class in the current language."""
    shared = rank_mistakes(results.lines)
    slowest = sorted(results.lines, key=lambda line: (-line.seconds, line.submission))
    script = Markup((TEMPLATES / "class.js").read_text(encoding="utf-8"))
    failed = [line for line in results.lines if line.outcome != GRADED]
    text = load_templates().get_template("class.html").render(
        lang=settings.rubric.language,
        script=script,
        class_style=Markup((TEMPLATES / "class.css").read_text(encoding="utf-8")),
        results=results,
        title=settings.rubric.heading,
        counts=count_outcomes(results),
        absent=messages.absent_everywhere(*results.absent(settings.rubric)),
        shared=[{"number": n, **one} for n, one in enumerate(shared[:MAX_MISTAKES], 1)],
        rare=max(0, len(shared) - MAX_MISTAKES),
        first=FIRST,
        data=as_script(map_data(results.lines, shared, slug)),
        late=[(display_name(line), slug(line.submission), say_late(line)) for line in results.lines if say_late(line)],
        failed=[(display_name(line), slug(line.submission), say_outcome(line)) for line in failed],
        same=[(display_name(line), line.same) for line in results.lines if line.same],
        slowest=[(display_name(line), line.seconds) for line in slowest[:SLOWEST]],
        longest=max((line.seconds for line in results.lines), default=0.0) or 1.0,
        points=write_points,
        messages=messages,
        about=f"{messages.isolation(settings.isolation)} · convcheck {settings.suite_version} · {settings.rubric.hash}",
    )  # fmt: skip
    return str(text)


def count_outcomes(results: Overview) -> str:
    """Return how many submissions have each outcome."""
    outcomes = [GRADED, *(name for name in (UNLOADABLE, FAULT, UNREAD) if results.count(name))]
    text = _("{n} {outcome}")
    said = join(text.format(n=results.count(name), outcome=messages.outcome(name)) for name in outcomes)
    n = len(results.lines)
    return (_("1 submission: {outcomes}") if n == 1 else _("{n} submissions: {outcomes}")).format(n=n, outcomes=said)


def rank_mistakes(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Return the mistakes of a class, those first that cost all together most: their students, and the points lost."""
    students: dict[Mistake, int] = defaultdict(int)
    lost: dict[Mistake, float] = defaultdict(float)
    for line in lines:
        for key, points in by_mistake(line.losses).items():
            students[key] += 1
            lost[key] += points
    ranked = sorted(students, key=lambda key: (-round(lost[key], 6), -students[key], key))
    return [
        {"component": component, "code": code, "text": text, "students": students[key], "lost": lost[key], "key": key}
        for key in ranked
        for component, code, text in [key]
    ]


def by_mistake(losses: Sequence[Loss]) -> dict[Mistake, float]:
    """Return the points that each mistake costs one submission."""
    return {(one.component, one.code, one.text): one.points for one in losses}


def map_data(lines: Sequence[Line], shared: list[dict[str, Any]], slug: Callable[[str], str]) -> dict[str, Any]:
    """Return what the page's script draws: the mistakes, and a row for each submission.

    A row: name, page, points, why it has none, whether it is late, and for each of its mistakes column, shade, points.
    """
    columns = {one["key"]: i for i, one in enumerate(shared[:MAX_MISTAKES])}
    most = max((loss.points for line in lines for loss in line.losses), default=1.0)
    rows = []
    for line in lines:
        cells: list[float] = []
        for key, points in sorted(by_mistake(line.losses).items(), key=lambda one: columns.get(one[0], MAX_MISTAKES)):
            if key in columns:
                cells += [columns[key], min(SHADES, ceil(SHADES * points / most)), round(points, 2)]
        outcome = "" if line.outcome == GRADED else messages.outcome(line.outcome)
        score = None if line.score is None else round(line.score, 2)
        rows.append([display_name(line), slug(line.submission), score, outcome, int(bool(say_late(line))), cells])
    mistakes = [
        [one["component"], one["text"], one["students"], round(one["lost"], 2)] for one in shared[:MAX_MISTAKES]
    ]
    return {"mistakes": mistakes, "rows": rows, "words": words()}


def words() -> dict[str, str]:
    """Return the sentences that the page's script completes."""
    return {
        "all": _("{n} students"),
        "some": _("{n} of {all} students"),
        "share": _("who shares {number}: {n} of {all} students: {component}: {text}"),
        "cell": _("{name}: {component}: {text}: −{points} points"),
        "none": _("{name}: no points lost by {number}"),
        "late": _("late"),
        "name": _("student"),
        "points": _("points"),
        "column": _("{number}: {component}: {text}; show who shares it"),
    }


def as_script(data: dict[str, Any]) -> Markup:
    """Write data into a script element, where no text can end it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))


def display_name(line: Line) -> str:
    """Return the names of a submission's students, else the submission's without what only a file has."""
    names = [student.get("name") or student.get("id", "") for student in line.students]
    return join(filter(None, names)) or PurePath(line.submission).stem or line.submission


def say_late(line: Line) -> str:
    """Return that a submission is late, and what it costs; "" if it is not."""
    if line.late_percent:
        return _("late: {percent:g} % less").format(percent=line.late_percent)
    return messages.marked_late() if line.marked_late else ""


def say_outcome(line: Line) -> str:
    """Return why a submission was not graded."""
    return ": ".join(filter(None, [messages.outcome(line.outcome), line.reason]))
