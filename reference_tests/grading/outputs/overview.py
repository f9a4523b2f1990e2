"""Summarize a class's results. Apart from times, the summary does not depend on the order of the results."""

import csv
import io
import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ...conformance.strata import written_id
from .. import messages
from ..reasons import reasons_of
from ..result import GRADED, Result
from ..rubric import Rubric
from ..submissions.similarity import find_same
from .losses import Loss, losses_of

FORMULA = "=+-@\uff1d\uff0b\uff0d\uff20\t\r\n|%"  # what a spreadsheet takes for the beginning of a formula
MOST_NAMES = 10  # of submissions with the same code
BARS = 20  # of the histogram


@dataclass(frozen=True)
class Line:
    """One submission's row in the class files."""

    submission: str
    students: tuple[dict[str, str], ...]
    outcome: str
    reason: str
    score: float | None
    max_score: float
    late_percent: float
    components: dict[str, tuple[str, float, float]]  # status, points, most points
    diagnoses: tuple[tuple[str, str, str], ...]  # component, code, text
    seconds: float
    marked_late: bool = False
    notes: tuple[str, ...] = ()
    why: tuple[tuple[str, str], ...] = ()  # component, why it lost points
    unexpected: tuple[tuple[str, str], ...] = ()  # check that passes though it is expected to fail, and why it is
    same: str = ""  # the submissions that have the same code, or nearly the same
    losses: tuple[Loss, ...] = ()  # by which mistakes points were lost


@dataclass(frozen=True)
class Overview:
    """A class's rows and sums. The scores are of the submissions that were graded."""

    lines: list[Line]
    bars: list[tuple[str, int, float]]  # range of points, count, count as a share of the highest
    components: list[tuple[str, int, int, int, float, float]]  # as component_rows lists them
    mean: float
    median: float
    best: float
    worst: float
    max_score: float
    missing: tuple[str, ...] = ()  # students of the gradebooks who handed in nothing

    def count(self, outcome: str) -> int:
        """Count the submissions with this outcome."""
        return sum(line.outcome == outcome for line in self.lines)

    @property
    def unexpected(self) -> list[tuple[str, str, int]]:
        """The checks that pass though the rubric expects them to fail, why, and in how many submissions."""
        counts = Counter(one for line in self.lines for one in line.unexpected)
        return [(*one, count) for one, count in sorted(counts.items())]

    def absent(self, rubric: Rubric) -> tuple[list[str], float]:
        """Return the components that a whole class lacks though they count, and the points that it loses by them.

        The rubric asks for what was not taught. Bonus costs nothing, nor does what the best of its group make up for.
        """
        graded = [line.components for line in self.lines if line.outcome == GRADED]
        points = {name: most for name, *_, most in self.components}
        names = [name for name in points if {one[name][0] for one in graded if name in one} == {"absent"}]
        whole = rubric.cost_of(names, points) if len(graded) > 1 else 0.0
        return [n for n in names if rubric.cost_of([m for m in names if m != n], points) < whole], whole


def make_line(result: Result) -> Line:
    """Return a result's row."""
    diagnoses = {
        (name, check.diagnosis["code"], check.diagnosis["text"])
        for name, component in result.components.items()
        for check in component.checks
        if check.diagnosis
    }
    graded = result.outcome == GRADED
    return Line(
        result.submission,
        tuple(result.students),
        result.outcome,
        result.reason,
        result.score,
        result.max_score,
        result.late.percent if result.late else 0.0,
        {name: (one.status, one.points, one.max_points) for name, one in result.components.items()},
        tuple(sorted(diagnoses)),
        result.seconds,
        result.marked_late,
        tuple(result.notes),
        tuple((name, reason) for name, one in result.components.items() for reason in reasons_of(one)),
        passed_unexpectedly(result),
        losses=tuple(loss for name, one in result.components.items() for loss in losses_of(name, one))
        if graded
        else (),
    )


def describe_same(same: list[str], nearly: list[str]) -> str:
    """Return which submissions have the same code, and nearly the same."""
    return messages.same_code("; ".join(same[:MOST_NAMES]), "; ".join(nearly[:MOST_NAMES]))


def passed_unexpectedly(result: Result) -> tuple[tuple[str, str], ...]:
    """Return the checks of a result that pass though they are expected to fail, each once, and why they are."""
    checks = [check for component in result.components.values() for check in component.checks]
    found = {(written_id(check.id), check.xfail) for check in checks if check.xfail and check.status == "pass"}
    return tuple(sorted(found))


def summarize(results: Iterable[Result]) -> Overview:
    """Summarize results."""
    made, prints = list[Line](), dict[str, list[str]]()
    for result in results:  # one at a time: a result is large
        made.append(make_line(result))
        prints[result.submission] = result.code
    same = find_same(prints)
    lines = [replace(one, same=describe_same(*same.get(one.submission, ([], [])))) for one in made]
    lines.sort(key=lambda one: one.submission)
    scores = [one.score for one in lines if one.score is not None]
    most = max((one.max_score for one in lines), default=0.0)
    mean, median = (statistics.fmean(scores), statistics.median(scores)) if scores else (0.0, 0.0)
    best, worst = (max(scores), min(scores)) if scores else (0.0, 0.0)
    sums = (round(mean, 2), round(median, 2), best, worst, most)
    return Overview(lines, histogram(scores, most), component_rows(lines), *sums)


def histogram(scores: list[float], most: float) -> list[tuple[str, int, float]]:
    """Return a row for each bar: range of points, count, count as a share of the highest."""
    width = most / BARS if most else 1.0
    counts = Counter(min(BARS - 1, max(0, int(score / width))) for score in scores)
    highest = max(counts.values(), default=1)
    return [(f"{i * width:g} to {(i + 1) * width:g}", counts[i], counts[i] / highest) for i in range(BARS)]


def component_rows(lines: list[Line]) -> list[tuple[str, int, int, int, float, float]]:
    """Return a row for each component: its name, and the submissions that are right, right but for corner cases, and
    that tried; mean points, most points.
    """
    names = list(dict.fromkeys(name for one in lines for name in one.components))
    rows = []
    for name in names:
        graded = [one.components[name] for one in lines if one.outcome == GRADED and name in one.components]
        right = sum(status == "pass" for status, _, _ in graded)
        corners = sum(status == "edge" for status, _, _ in graded)
        tried = sum(status in ("pass", "edge", "fail", "partial") for status, _, _ in graded)
        mean = statistics.fmean(points for _, points, _ in graded) if graded else 0.0
        most = max((one.components[name][2] for one in lines if name in one.components), default=0.0)
        rows.append((name, right, corners, tried, round(mean, 2), most))
    return rows


SAID = ["late", "why", "notes", "same_code_as"]
COLUMNS = ["submission", "student_id", "student_name", "student_email", "outcome", "score", "max_score", "late_percent"]


def format_class_csv(of: Overview) -> str:
    """Return class.csv: a row a submission, its seconds last."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    names = [name for name, *_ in of.components]
    table.writerow([*COLUMNS, *names, "diagnoses", "reason", *SAID, "seconds"])
    for one in of.lines:
        students = ["; ".join(s[key] for s in one.students if s.get(key)) for key in ("id", "name", "email")]
        scores = [format_number(value) for value in (one.score, one.max_score, one.late_percent)]
        points = [format_number(one.components[name][1]) if name in one.components else "" for name in names]
        codes = "; ".join(sorted({code for _, code, _ in one.diagnoses}))
        row = [one.submission, *students, one.outcome, *scores, *points, codes, one.reason, *what_is_said(one)]
        row.append(f"{one.seconds:.3f}")
        table.writerow(map(escape_formula, row))
    return text.getvalue()


def what_is_said(line: Line) -> list[str]:
    """Return the cells of SAID."""
    why: dict[str, list[str]] = {}  # a reason -> the components that have it
    for name, reason in line.why:
        why.setdefault(reason, []).append(name)
    reasons = "; ".join(f"{', '.join(names)}: {reason}" for reason, names in why.items())
    return ["LATE" if line.marked_late else "", reasons, "; ".join(line.notes), line.same]


def format_number(value: float | None) -> str:
    """Return a number with at most two decimals; "" for None."""
    return "" if value is None else f"{round(value, 2):g}" if abs(value) < 1e5 else f"{value:.2f}"


def escape_formula(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: a student's name may begin as one does."""
    begins = cell[:1] in ("\t", "\r", "\n") or cell.lstrip().startswith(tuple(FORMULA))
    is_formula = begins and not (cell.isascii() and cell.lstrip("+-").replace(".", "", 1).isdigit())
    return f"'{cell}" if is_formula else cell
