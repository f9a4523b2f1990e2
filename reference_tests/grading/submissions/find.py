"""What is to be graded: files, folders, archives and notebooks, or a folder of them, in the layouts they come in."""

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ...errors import UsageError
from .bundle import CODE, UNREAD, shown

METADATA = "submission_metadata.yml"
ENTRY = re.compile(r"^(submission_\d+):", re.M)
FIELD = re.compile(r"^\s*(?:- )?:?(name|email|sid|created_at):\s*(.*?)\s*$", re.M)
CANVAS = re.compile(r"(?P<name>[^_]+)_(?:LATE_)?(?P<id>\d+)_\d+_.+")
MOODLE = re.compile(r"(?P<name>.+)_\d+_assignsubmission_\w+")
ONE = ("convcheck.toml", "__init__.py", "common/layers.py", "common/util.py", "func/layer.py")


@dataclass(frozen=True)
class Student:
    """What is known of one, by which a gradebook's row may be found."""

    id: str = ""
    name: str = ""
    email: str = ""


@dataclass(frozen=True)
class Submission:
    name: str  # the path's, and more of it where two are alike
    path: str
    students: tuple[Student, ...] = ()
    submitted: str = ""  # ISO 8601, where the layout tells it


def find(paths: Iterable[str]) -> list[Submission]:
    """Every submission under these paths, sorted by name. One folder alone is a folder of submissions; of several
    paths each is a submission, or an export of many. Raises WrongUse where a path is not there, or empty."""
    given = list(paths)
    found = [one for path in given for one in submissions_under(path, len(given) > 1)]
    if not found:
        raise UsageError("there is no submission to grade")
    return sorted(distinct(found), key=lambda s: s.name)


def submissions_under(path: str, one_of_many: bool) -> list[Submission]:
    if not os.path.lexists(path):
        raise UsageError(f"there is no {shown(path)}")
    if os.path.islink(path):  # given by who grades, not by who is graded
        path = os.path.realpath(path)
    folder = Path(path)
    if not folder.is_dir():
        return [single(folder)]
    if (folder / METADATA).is_file():
        return list(gradescope(folder))
    if (folder / "submitted").is_dir():
        folder /= "submitted"
    inside = entries(folder)
    if not inside:
        raise UsageError(f"{shown(path)} is empty")
    if looks_like_nbgrader(folder, inside):
        return list(nbgrader(inside))
    if folder.name.endswith("-submissions") and (github := list(classroom(folder, inside))):
        return github
    return [single(folder)] if one_of_many or is_one(folder) else [single(entry) for entry in inside]


def entries(folder: Path) -> list[Path]:
    try:
        return sorted(p for p in folder.iterdir() if not p.name.startswith(".") and p.name not in UNREAD)
    except OSError as error:
        raise UsageError(f"{shown(folder)} cannot be read: {error.strerror}") from None


def single(path: Path) -> Submission:
    """A file or folder; the student is in its name, as Canvas or Moodle write it, or is the name."""
    name = path.name or Path(os.path.abspath(path)).name
    stem = name if path.is_dir() else path.stem
    if match := MOODLE.fullmatch(name):
        student = Student(name=match["name"])
    elif match := CANVAS.fullmatch(name):
        student = Student(match["id"], match["name"])
    else:
        student = Student(stem, stem, stem if "@" in stem else "")
    return Submission(shown(name), str(path), (student,))


def is_one(folder: Path) -> bool:
    """One submission in several files: it says so itself, or has the book's layout or the variant of it."""
    return any((folder / name).is_file() for name in ONE)


def code_under(folder: Path, most: int = 200) -> Iterator[Path]:
    for where, folders, files in os.walk(folder):
        folders[:] = sorted(set(folders) - UNREAD)
        for name in sorted(files)[:most]:
            yield Path(where, name)


def gradescope(folder: Path) -> Iterator[Submission]:
    """submission_metadata.yml beside submission_123 ...: who submitted when."""
    text = (folder / METADATA).read_text(encoding="utf-8", errors="replace")
    parts = ENTRY.split(text)[1:]
    for name, about in zip(parts[::2], parts[1::2], strict=True):
        people: list[dict[str, str]] = []
        submitted = ""
        for field, value in FIELD.findall(about.partition(":results:")[0]):
            value = value.strip("'\"")
            if field == "created_at":
                submitted = submitted or iso(value)
            elif field == "name":
                people.append({"name": value})
            elif people:
                people[-1]["id" if field == "sid" else field] = value
        students = tuple(Student(**person) for person in people)
        yield Submission(name, str(folder / name), students, submitted)


def looks_like_nbgrader(folder: Path, inside: list[Path]) -> bool:
    """submitted/STUDENT/ASSIGNMENT/*.ipynb"""
    if folder.name != "submitted" or not all(entry.is_dir() for entry in inside):
        return False
    return all(below.is_dir() for entry in inside for below in entries(entry))


def nbgrader(inside: list[Path]) -> Iterator[Submission]:
    for student in inside:
        for assignment in entries(student):
            stamp = assignment / "timestamp.txt"
            when = stamp.read_text(errors="replace")[:60].strip() if stamp.is_file() and not stamp.is_symlink() else ""
            name = shown(f"{student.name}/{assignment.name}")
            yield Submission(name, str(assignment), (Student(student.name),), iso(when))


def classroom(folder: Path, inside: list[Path]) -> Iterator[Submission]:
    """ASSIGNMENT-submissions/ASSIGNMENT-USERNAME, as `gh classroom clone student-repos` makes them."""
    prefix = folder.name.removesuffix("submissions")
    for entry in inside:
        if entry.is_dir() and entry.name.startswith(prefix):
            yield Submission(shown(entry.name), str(entry), (Student(entry.name.removeprefix(prefix)),))


def iso(text: str) -> str:
    """ "2026-05-01 17:30:12.123 Z", "2026-05-01 17:30:12.1 UTC" ... -> ISO 8601; "" where it is no time."""
    match = re.match(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.\d+)?\s*(Z|UTC|[+-]\d\d:?\d\d)?$", text.strip())
    if not match:
        return ""
    zone = match[3] or "UTC"
    try:
        return datetime.fromisoformat(f"{match[1]}T{match[2]}{'+00:00' if zone in ('Z', 'UTC') else zone}").isoformat()
    except ValueError:
        return ""


def file_time(path: str) -> str:
    """When the newest of its files was changed."""
    files = [path, *(str(p) for p in code_under(Path(path)))] if os.path.isdir(path) else [path]
    times = [os.lstat(file).st_mtime for file in files if file.endswith(CODE) or file == path]
    return datetime.fromtimestamp(int(max(times)), UTC).isoformat()


def distinct(found: list[Submission]) -> list[Submission]:
    """With so much of the path in the name that no two are alike. One given twice is graded once."""
    once = list({os.path.abspath(s.path): s for s in found}.values())
    many = Counter(s.name for s in once)
    longer = [s if many[s.name] == 1 else replace(s, name=shown("/".join(Path(s.path).parts[-2:]))) for s in once]
    many = Counter(s.name for s in longer)
    return [s if many[s.name] == 1 else replace(s, name=shown(os.path.abspath(s.path))) for s in longer]


def as_json(students: tuple[Student, ...]) -> list[dict[str, str]]:
    return [json.loads(json.dumps(vars(s))) for s in students]
