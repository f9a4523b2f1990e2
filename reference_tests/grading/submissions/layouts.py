"""Layouts in which learning platforms export submissions: who submitted what is read from names and lists."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from .bundle import printable
from .submission import Student, Submission

METADATA = "submission_metadata.yml"  # Gradescope's list
ENTRY = re.compile(r"^(submission_\d+):", re.M)
FIELD = re.compile(r"^[ \t]*(?:- )?:?(name|email|sid|created_at):\s*(.*?)\s*$", re.M)
CANVAS = re.compile(r"(?P<name>[^_]+)_(?P<late>LATE_)?(?P<id>\d+)_(?P<order>\d+)_(?P<file>.+)")
CANVAS_TEXT = re.compile(r"(?P<name>[^_]+)_(?P<late>LATE_)?(?P<id>\d+)_(?P<order>)(?P<file>text\.html)")
CANVAS_ANONYMOUS = re.compile(r"(?P<name>anon)_(?P<late>LATE_)?(?P<id>[A-Za-z0-9]{5})_(?P<order>\d+)_(?P<file>.+)")
MOODLE = re.compile(r"(?P<name>.+)_(?P<id>\d+)_assignsubmission_(?P<order>)(?P<kind>[a-z]+)(?:_(?P<file>.*))?")
NAMED = {"Canvas": (CANVAS, CANVAS_TEXT, CANVAS_ANONYMOUS), "Moodle": (MOODLE,)}
NBGRADER = {"source", "release", "autograded", "feedback", "gradebook.db", "nbgrader_config.py", "exchange"}
AGAIN = re.compile(r"-\d+(?=\.\w+$)")  # what Canvas adds to the name of a file that was handed in again


@dataclass(frozen=True)
class Part:
    """A file or folder whose name says whose it is. order: Canvas's number of it; a later file has a higher one."""

    layout: str
    name: str
    id: str
    file: str
    order: int
    late: bool
    path: Path


def read_name(path: Path) -> Part | None:
    """Return what the name of a file or folder says as Canvas or Moodle write it; None if it says nothing."""
    for layout, patterns in NAMED.items():
        for pattern in patterns:
            if match := pattern.fullmatch(path.name):
                found = match.groupdict()
                file = "" if path.is_dir() else found["file"] or path.name
                order = int(found["order"] or 0)
                return Part(layout, found["name"], found["id"], file, order, bool(found.get("late")), path)
    return None


def gather_parts(paths: list[Path]) -> tuple[list[Submission], list[Path]]:
    """Return the submissions that Canvas's and Moodle's names make, one a student, and the paths of other names.

    A student is known by the number: two of one name stay two.
    """
    groups: dict[tuple[str, str, str], list[Part]] = defaultdict(list)
    rest = []
    for path in paths:
        part = read_name(path)
        if part is None:
            rest.append(path)
        else:
            groups[part.layout, part.name, part.id].append(part)
    return [join_parts(parts) for parts in groups.values()], rest


def join_parts(parts: list[Part]) -> Submission:
    """Make one submission of a student's parts. Of two files of one name the later one comes first."""
    first = parts[0]
    number = f"Participant {first.id}" if first.layout == "Moodle" else first.id
    student = Student(number, first.name if first.name != "anon" else "")
    name = first.path.name if len(parts) == 1 else f"{first.name}_{first.id}"
    plain = Counter(AGAIN.sub("", part.file) for part in parts)
    named = []
    for part in sorted(parts, key=lambda one: (-one.order, one.path.name)):
        short = AGAIN.sub("", part.file) if part.layout == "Canvas" else part.file
        named.append((short if plain[short] == 1 else part.file, str(part.path)))
    late = any(part.late for part in parts)
    path = str(first.path) if len(parts) == 1 else str(first.path.with_name(name))
    return Submission(printable(name), path, (student,), parts=tuple(named), late=late, layout=first.layout)


def gradescope_export(folder: Path) -> list[Submission]:
    """Return Gradescope's submissions: submission_metadata.yml says who submitted submission_123 when.

    None of a file that is not Gradescope's list.
    """
    try:
        text = (folder / METADATA).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    parts = ENTRY.split(text)[1:]
    return [read_entry(folder, name, entry) for name, entry in zip(parts[::2], parts[1::2], strict=True)]


def read_entry(folder: Path, name: str, entry: str) -> Submission:
    """Return the submission of one entry of Gradescope's list; of a group, with all of its students."""
    people: list[dict[str, str]] = []
    submitted = ""
    for field, value in FIELD.findall(entry.partition(":results:")[0]):
        value = value.strip("'\"")
        if field == "created_at":
            submitted = submitted or parse_time(value)
        elif field == "name":
            people.append({"name": value})
        elif people:
            people[-1]["id" if field == "sid" else field] = value
    students = tuple(Student(**person) for person in people)
    return Submission(name, str(folder / name), students, submitted, layout="Gradescope")


def nbgrader_folder(folder: Path, inside: list[Path]) -> Path | None:
    """Return the folder of nbgrader's STUDENT/ASSIGNMENT folders: this one, or the `submitted` in a course; else None.

    A student may be called submitted: then others are beside, or what is inside are files.
    """
    if (folder / "submitted").is_dir() and all(entry.name in NBGRADER | {"submitted"} for entry in inside):
        folder = folder / "submitted"
    if folder.name != "submitted":
        return None
    return (
        folder if any(below.is_dir() for student in list_folders(folder) for below in list_folders(student)) else None
    )


def list_folders(folder: Path) -> list[Path]:
    """Return the folders in a folder; none of one that cannot be read."""
    try:
        return sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith((".", "__")))
    except OSError:
        return []


def nbgrader_export(student: Path) -> Iterator[Submission]:
    """Yield one student's submissions in nbgrader's layout: timestamp.txt says when each came."""
    for assignment in list_folders(student):
        stamp = assignment / "timestamp.txt"
        when = stamp.read_text(errors="replace")[:60].strip() if stamp.is_file() and not stamp.is_symlink() else ""
        name = printable(f"{student.name}/{assignment.name}")
        yield Submission(name, str(assignment), (Student(student.name),), parse_time(when), layout="nbgrader")


def classroom_export(folder: Path, inside: list[Path]) -> list[Submission]:
    """Return ASSIGNMENT-submissions/ASSIGNMENT-USERNAME, as `gh classroom clone student-repos` makes them."""
    if not folder.name.endswith("-submissions"):
        return []
    prefix = folder.name.removesuffix("submissions")
    return [
        Submission(printable(p.name), str(p), (Student(p.name.removeprefix(prefix)),), layout="GitHub Classroom")
        for p in inside
        if p.is_dir() and p.name.startswith(prefix) and p.name != prefix
    ]


def parse_time(text: str) -> str:
    """Return a time such as "2026-05-01 17:30:12.123 Z" or "... UTC" in ISO 8601; "" if it is no time."""
    match = re.match(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.\d+)?\s*(Z|UTC|[+-]\d\d:?\d\d)?$", text.strip())
    if not match:
        return ""
    zone = match[3] or "UTC"
    try:
        return datetime.fromisoformat(f"{match[1]}T{match[2]}{'+00:00' if zone in ('Z', 'UTC') else zone}").isoformat()
    except ValueError:
        return ""
