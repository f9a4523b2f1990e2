"""Compare two runs: what changed for whom. The first may be the lines that a later one has set aside."""

import csv
import io
import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ...conformance.strata import written_id
from ...errors import UsageError
from ...i18n import N_, _
from ..run import RESULTS
from .overview import escape_formula, format_number

Line = dict[str, Any]  # a line of results.jsonl, perhaps of another release
GAINED, LOST, OTHER, ADDED, GONE, SAME = "gained", "lost", "other", "added", "gone", "same"
KINDS = {
    GAINED: N_("gained"),
    LOST: N_("lost"),
    OTHER: N_("changed, with the same score"),
    ADDED: N_("only in the second run"),
    GONE: N_("only in the first run"),
    SAME: N_("the same"),
}
COUNTS = {  # of those for whom something changed
    GAINED: N_("{n} gained"),
    LOST: N_("{n} lost"),
    OTHER: N_("{n} changed, with the same score"),
    ADDED: N_("{n} only in the second run"),
    GONE: N_("{n} only in the first run"),
}
CAUSES = {  # a field of a line -> what differs between the runs if it does
    "suite_version": N_("convcheck: {before}, then {after}"),
    "rubric_hash": N_("the rubric: {before}, then {after}"),
    "seed": N_("the seed of the hidden cases"),
    "isolation": N_("the isolation: {before}, then {after}"),
}
COLUMNS = (
    *("submission", "student_id", "student_name", "change", "score_before", "score_after", "difference"),
    *("outcome_before", "outcome_after", "files_changed", "components", "checks"),
)
Pair = tuple[Any, Any]  # before and after


@dataclass(frozen=True)
class Change:
    """What changed for one submission; of a score or outcome None where a run has none."""

    submission: str
    students: list[dict[str, str]]
    change: str  # a key of KINDS
    score: Pair
    outcome: Pair
    files_changed: bool
    components: dict[str, Pair]  # those whose points differ
    checks: dict[str, Pair]  # public checks whose status differs
    hidden: dict[str, Pair]  # component -> hidden checks that pass, where their number differs

    @property
    def difference(self) -> float:
        """The points gained; those lost are below 0."""
        before, after = (score or 0.0 for score in self.score)
        return round(after - before, 4)


@dataclass(frozen=True)
class Comparison:
    """Two runs. causes: what differs between them that may be the reason, a sentence each."""

    before: str
    after: str
    causes: list[str]
    changes: list[Change]

    def count(self, *kinds: str) -> int:
        """Count the submissions with one of these changes."""
        return sum(one.change in kinds for one in self.changes)

    @property
    def moved(self) -> list[Change]:
        """What changed, the largest difference first."""
        moved = [one for one in self.changes if one.change != SAME]
        return sorted(moved, key=lambda one: (-abs(one.difference), one.submission))


def results_file(run: str | Path) -> Path:
    """Return the file with the results of a run: its folder has it, or it is that file. Raises UsageError."""
    path = Path(run)
    path = path / RESULTS if path.is_dir() else path
    if not path.is_file():
        raise UsageError(f"{run}: " + _("there are no results of a run; it should be the --out of `convcheck grade`"))
    return path


def compare(before: str | Path, after: str | Path) -> Comparison:
    """Compare two runs, or two files of results. Raises UsageError if one of them has none."""
    first, second = results_file(before), results_file(after)
    places = index(first)
    causes: dict[str, set[Pair]] = {name: set() for name in CAUSES}
    changes = []
    with first.open("rb") as file:
        for line in lines_of(second, index(second).values()):
            earlier = read_at(file, places.pop(line["submission"], None))
            changes.append(compare_lines(earlier, line))
            for name in CAUSES if earlier else ():
                if earlier.get(name) != line.get(name):
                    causes[name].add((earlier.get(name), line.get(name)))
    changes += [compare_lines(line, {}) for line in lines_of(first, places.values())]
    said = [_(CAUSES[name]).format(before=b, after=a) for name, pairs in causes.items() for b, a in sorted(pairs)[:3]]
    changes.sort(key=lambda one: one.submission)
    return Comparison(str(before), str(after), list(dict.fromkeys(said)), changes)


def of_some(before: Path | None, after: Path, names: Collection[str]) -> Comparison:
    """Compare the results of some submissions with earlier ones. before: the file of these, None if there is none."""
    if before is None:
        places = index(results_file(after))
        lines = lines_of(results_file(after), [places[name] for name in sorted(names) if name in places])
        return Comparison("", str(after), [], [compare_lines({}, line) for line in lines])
    found = compare(before, after)
    return replace(found, changes=[one for one in found.changes if one.submission in names])


def index(path: Path) -> dict[str, int]:
    """Return where each submission's line begins: the lines of a class may be larger than the memory.

    Raises UsageError if there is no line of a result in the file.
    """
    places: dict[str, int] = {}
    with path.open("rb") as file:
        while True:
            place = file.tell()
            line = read_at(file, place)
            if not line and file.tell() == place:
                break
            if isinstance(line.get("submission"), str) and "outcome" in line:
                places.setdefault(line["submission"], place)
    if not places:
        raise UsageError(f"{path}: " + _("it holds no result of a submission"))
    return places


def lines_of(path: Path, places: Iterable[int]) -> Iterator[Line]:
    """Yield the lines of a file that begin at these places."""
    with path.open("rb") as file:
        yield from (read_at(file, place) for place in places)


def read_at(file: Any, place: int | None) -> Line:
    """Read the line that begins at a place of a file; {} of no place, and of a line that is cut short."""
    if place is None:
        return {}
    file.seek(place)
    try:
        line = json.loads(file.readline())
    except ValueError:
        return {}
    return line if isinstance(line, dict) else {}


def compare_lines(before: Line, after: Line) -> Change:
    """Compare two lines of one submission; {}: a run has none."""
    score, outcome = pair(before, after, "score"), pair(before, after, "outcome")
    components = differing(*(points_of(line) for line in (before, after)))
    checks = differing(*(dict(public_checks(line)) for line in (before, after)))
    hidden = differing(*(hidden_passes(line) for line in (before, after)))
    if not before or not after:
        components, checks, hidden = {}, {}, {}
    moved = bool(outcome[0] != outcome[1] or score[0] != score[1] or components)
    change = ADDED if not before else GONE if not after else SAME if not moved else kind_of(score)
    whole = after or before
    files = bool(before and after and before.get("content_hash") != after.get("content_hash"))
    students = list(whole.get("students", ()))
    return Change(whole["submission"], students, change, score, outcome, files, components, checks, hidden)


def kind_of(score: Pair) -> str:
    """Return what became of a score that is not the same; none at all counts as other than zero."""
    before, after = score
    if before is None or after is None or before == after:
        return OTHER if before == after else LOST if after is None else GAINED
    return GAINED if after > before else LOST


def pair(before: Line, after: Line, name: str) -> Pair:
    """Return a field of both lines."""
    return before.get(name), after.get(name)


def differing(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Pair]:
    """Return the entries that differ, None for one that is not there."""
    names = dict.fromkeys((*before, *after))
    return {name: (before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)}


def points_of(line: Line) -> dict[str, float]:
    """Return the points of each component."""
    return {name: round(float(one.get("points", 0.0)), 2) for name, one in line.get("components", {}).items()}


def public_checks(line: Line) -> Iterator[tuple[str, str]]:
    """Yield the id and the status of each public check."""
    for component in line.get("components", {}).values():
        yield from ((one["id"], one["status"]) for one in component.get("checks", ()) if not one.get("hidden"))


def hidden_passes(line: Line) -> dict[str, str]:
    """Return for each component how many of its hidden checks pass: 3/8. Their ids differ under another seed."""
    hidden = {
        name: [check["status"] == "pass" for check in one.get("checks", ()) if check.get("hidden")]
        for name, one in line.get("components", {}).items()
    }
    return {name: f"{sum(passed)}/{len(passed)}" for name, passed in hidden.items() if passed}


def as_json(found: Comparison) -> dict[str, Any]:
    """Return the comparison for --json: every submission, those that are the same too."""
    counts = Counter(one.change for one in found.changes)
    changes = [{**asdict(one), "difference": one.difference} for one in found.changes]
    head = {"schema": 1, "before": found.before, "after": found.after, "causes": found.causes}
    return {**head, "counts": {kind: counts[kind] for kind in KINDS}, "changes": changes}


def as_csv(found: Comparison) -> str:
    """Return the comparison for --csv: a row a submission, those that are the same too."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for one in found.changes:
        students = ["; ".join(s[key] for s in one.students if s.get(key)) for key in ("id", "name")]
        scores = [*map(format_number, one.score), format_number(one.difference)]
        cells = [one.submission, *students, one.change, *scores, *(text or "" for text in one.outcome)]
        cells += ["yes" if one.files_changed else "", describe_points(one), describe_checks(one)]
        table.writerow(map(escape_formula, cells))
    return text.getvalue()


def describe_points(one: Change) -> str:
    """Return the components whose points differ: convolution 10 -> 18.5."""
    pairs = ((name, *map(format_number, points)) for name, points in one.components.items())
    return "; ".join(f"{name} {before or '-'} -> {after or '-'}" for name, before, after in pairs)


def describe_checks(one: Change) -> str:
    """Return the public checks whose status differs, and of how many hidden ones it does."""
    pairs = ((written_id(name), *found) for name, found in one.checks.items())
    public = [f"{name} {before or '-'} -> {after or '-'}" for name, before, after in pairs]
    hidden = [f"{name}/hidden {before or '-'} -> {after or '-'}" for name, (before, after) in one.hidden.items()]
    return "; ".join((*public, *hidden))


def describe(one: Change) -> str:
    """Return what changed for a submission, in words, without its score."""
    if one.change in (ADDED, GONE):
        return _(KINDS[one.change])
    said = [describe_points(one)] if one.components else []
    if one.outcome[0] != one.outcome[1]:
        said.insert(0, " -> ".join(outcome or "-" for outcome in one.outcome))
    if one.files_changed:
        said.append(_("its files are not the same"))
    return "; ".join(said) or _(KINDS[one.change])
