"""What a class's results come to: the same for the same results, whatever order they came in; times apart."""

import csv
import io
import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from ..result import FAULT, GRADED, Result

SPREADSHEET = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would take for a formula
BARS = 20  # of the distribution


@dataclass(frozen=True)
class Line:
    """One submission, as far as the class's files need it."""

    submission: str
    students: tuple[dict[str, str], ...]
    outcome: str
    reason: str
    score: float | None
    max_score: float
    late_percent: float
    components: dict[str, tuple[str, float, float]]  # status, points, of how many
    diagnoses: tuple[tuple[str, str, str], ...]  # component, code, text
    seconds: float


@dataclass(frozen=True)
class Overview:
    lines: list[Line]
    bars: list[tuple[str, int, float]]  # points from .. to, how many, as a share of the highest
    diagnoses: list[tuple[str, str, int]]  # component, text, how many submissions
    components: list[tuple[str, int, int, float, float]]  # name, right, tried, mean points, of how many
    mean: float
    median: float
    best: float
    worst: float
    max_score: float

    @property
    def graded(self) -> list[Line]:
        return [line for line in self.lines if line.score is not None]

    def count(self, outcome: str) -> int:
        return sum(line.outcome == outcome for line in self.lines)


def line(result: Result) -> Line:
    named = {
        (name, check.diagnosis["code"], check.diagnosis["text"])
        for name, about in result.components.items()
        for check in about.checks
        if check.diagnosis
    }
    return Line(
        result.submission,
        tuple(result.students),
        result.outcome,
        result.reason,
        result.score,
        result.max_score,
        result.late.percent if result.late else 0.0,
        {name: (about.status, about.points, about.max_points) for name, about in result.components.items()},
        tuple(sorted(named)),
        result.seconds,
    )


def overview(results: Iterable[Result]) -> Overview:
    lines = sorted((line(result) for result in results), key=lambda one: one.submission)
    scores = [one.score for one in lines if one.score is not None]
    most = max((one.max_score for one in lines), default=0.0)
    told = Counter((component, text) for one in lines for component, _, text in one.diagnoses)
    diagnoses = sorted(((*what, n) for what, n in told.items()), key=lambda entry: (-entry[2], entry))
    mean, median = (statistics.fmean(scores), statistics.median(scores)) if scores else (0.0, 0.0)
    best, worst = (max(scores), min(scores)) if scores else (0.0, 0.0)
    sums = (round(mean, 2), round(median, 2), best, worst, most)
    return Overview(lines, bars(scores, most), diagnoses, per_component(lines), *sums)


def bars(scores: list[float], most: float) -> list[tuple[str, int, float]]:
    width = most / BARS if most else 1.0
    counts = Counter(min(BARS - 1, max(0, int(score / width))) for score in scores)
    highest = max(counts.values(), default=1)
    return [(f"{i * width:g} to {(i + 1) * width:g}", counts[i], counts[i] / highest) for i in range(BARS)]


def per_component(lines: list[Line]) -> list[tuple[str, int, int, float, float]]:
    names = list(dict.fromkeys(name for one in lines for name in one.components))
    found = []
    for name in names:
        graded = [one.components[name] for one in lines if one.outcome == GRADED and name in one.components]
        right, tried = (
            sum(about[0] in kinds for about in graded) for kinds in (("pass",), ("pass", "fail", "partial"))
        )
        mean = statistics.fmean(about[1] for about in graded) if graded else 0.0
        most = max((one.components[name][2] for one in lines if name in one.components), default=0.0)
        found.append((name, right, tried, round(mean, 2), most))
    return found


def class_csv(of: Overview) -> str:
    """One row a submission, the seconds last."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    names = [name for name, *_ in of.components]
    head = [
        "submission",
        "student_id",
        "student_name",
        "student_email",
        "outcome",
        "score",
        "max_score",
        "late_percent",
    ]
    table.writerow([*head, *names, "diagnoses", "reason", "seconds"])
    for one in of.lines:
        students = ["; ".join(s[key] for s in one.students if s.get(key)) for key in ("id", "name", "email")]
        points = [number(one.components[name][1]) if name in one.components else "" for name in names]
        codes = "; ".join(sorted({code for _, code, _ in one.diagnoses}))
        row = [
            one.submission,
            *students,
            one.outcome,
            number(one.score),
            number(one.max_score),
            number(one.late_percent),
        ]
        table.writerow(map(harmless, [*row, *points, codes, one.reason, f"{one.seconds:.3f}"]))
    return text.getvalue()


def number(value: float | None) -> str:
    return "" if value is None else f"{round(value, 2):g}" if abs(value) < 1e5 else f"{value:.2f}"


def harmless(cell: str) -> str:
    """A cell that begins as a formula does is text. A name may."""
    begins = cell.startswith(SPREADSHEET) and not cell.lstrip("+-").replace(".", "", 1).isdigit()
    return f"'{cell}" if begins else cell


def faults(of: Overview) -> list[Line]:
    return [one for one in of.lines if one.outcome == FAULT]
