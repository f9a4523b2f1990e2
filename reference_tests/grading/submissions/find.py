"""Find the submissions: files, folders, archives and notebooks, or a folder of them, in the layouts they come in."""

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ...errors import UsageError
from .bundle import CODE, UNREAD, printable

METADATA = "submission_metadata.yml"
ENTRY = re.compile(r"^(submission_\d+):", re.M)
FIELD = re.compile(r"^\s*(?:- )?:?(name|email|sid|created_at):\s*(.*?)\s*$", re.M)
CANVAS = re.compile(r"(?P<name>[^_]+)_(?:LATE_)?(?P<id>\d+)_\d+_.+")
MOODLE = re.compile(r"(?P<name>.+)_\d+_assignsubmission_\w+")
ONE_SUBMISSION = ("convcheck.toml", "__init__.py", "common/layers.py", "common/util.py", "func/layer.py")


@dataclass(frozen=True)
class Student:
    """A student, by what identifies a row of a gradebook."""

    id: str = ""
    name: str = ""
    email: str = ""


@dataclass(frozen=True)
class Submission:
    """A submission, its students, and when it came."""

    name: str  # the last part of the path, and more of it if two would be alike
    path: str
    students: tuple[Student, ...] = ()
    submitted: str = ""  # ISO 8601; "": the layout does not tell


def find(paths: Iterable[str]) -> list[Submission]:
    """Find every submission under these paths, sorted by name.

    One folder alone is a folder of submissions; of several paths each is a submission, or an export of many. Raises
    UsageError if a path is not there or is empty.
    """
    given = list(paths)
    submissions = [one for path in given for one in submissions_under(path, len(given) > 1)]
    if not submissions:
        raise UsageError("there is no submission to grade")
    return sorted(with_distinct_names(submissions), key=lambda s: s.name)


def submissions_under(path: str, one_of_many: bool) -> list[Submission]:
    """Find the submissions under one path. one_of_many: a plain folder is one submission. Raises UsageError."""
    if not os.path.lexists(path):
        raise UsageError(f"there is no {printable(path)}")
    if os.path.islink(path):  # whoever grades has given it, so it may be followed
        path = os.path.realpath(path)
    folder = Path(path)
    if not folder.is_dir():
        return [one_submission(folder)]
    if (folder / METADATA).is_file():
        return list(gradescope_export(folder))
    if (folder / "submitted").is_dir():
        folder /= "submitted"
    inside = entries(folder)
    if not inside:
        raise UsageError(f"{printable(path)} is empty")
    if looks_like_nbgrader(folder, inside):
        return list(nbgrader_export(inside))
    if folder.name.endswith("-submissions") and (github := list(classroom_export(folder, inside))):
        return github
    return [one_submission(folder)] if one_of_many or is_one(folder) else [one_submission(entry) for entry in inside]


def entries(folder: Path) -> list[Path]:
    """Return the entries of a folder, without hidden files and those that tools make. Raises UsageError."""
    try:
        return sorted(p for p in folder.iterdir() if not p.name.startswith(".") and p.name not in UNREAD)
    except OSError as error:
        raise UsageError(f"{printable(folder)} cannot be read: {error.strerror}") from None


def one_submission(path: Path) -> Submission:
    """Make a submission of a path. Its name holds the student as Canvas or Moodle write it, or is the student."""
    name = path.name or Path(os.path.abspath(path)).name
    stem = name if path.is_dir() else path.stem
    if match := MOODLE.fullmatch(name):
        student = Student(name=match["name"])
    elif match := CANVAS.fullmatch(name):
        student = Student(match["id"], match["name"])
    else:
        student = Student(stem, stem, stem if "@" in stem else "")
    return Submission(printable(name), str(path), (student,))


def is_one(folder: Path) -> bool:
    """True for one submission in several files: it has a convcheck.toml, or the book's layout."""
    return any((folder / name).is_file() for name in ONE_SUBMISSION)


def files_under(folder: Path, most: int = 200) -> Iterator[Path]:
    """Yield the files in a folder and below, at most so many of each folder."""
    for where, folders, files in os.walk(folder):
        folders[:] = sorted(set(folders) - UNREAD)
        for name in sorted(files)[:most]:
            yield Path(where, name)


def gradescope_export(folder: Path) -> Iterator[Submission]:
    """Yield Gradescope's submissions: submission_metadata.yml says who submitted submission_123 when."""
    text = (folder / METADATA).read_text(encoding="utf-8", errors="replace")
    parts = ENTRY.split(text)[1:]
    for name, entry in zip(parts[::2], parts[1::2], strict=True):
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
        yield Submission(name, str(folder / name), students, submitted)


def looks_like_nbgrader(folder: Path, inside: list[Path]) -> bool:
    """True for submitted/STUDENT/ASSIGNMENT/*.ipynb."""
    if folder.name != "submitted" or not all(entry.is_dir() for entry in inside):
        return False
    return all(below.is_dir() for entry in inside for below in entries(entry))


def nbgrader_export(inside: list[Path]) -> Iterator[Submission]:
    """Yield nbgrader's submissions: timestamp.txt says when each came."""
    for student in inside:
        for assignment in entries(student):
            stamp = assignment / "timestamp.txt"
            when = stamp.read_text(errors="replace")[:60].strip() if stamp.is_file() and not stamp.is_symlink() else ""
            name = printable(f"{student.name}/{assignment.name}")
            yield Submission(name, str(assignment), (Student(student.name),), parse_time(when))


def classroom_export(folder: Path, inside: list[Path]) -> Iterator[Submission]:
    """Yield ASSIGNMENT-submissions/ASSIGNMENT-USERNAME, as `gh classroom clone student-repos` makes them."""
    prefix = folder.name.removesuffix("submissions")
    for entry in inside:
        if entry.is_dir() and entry.name.startswith(prefix):
            yield Submission(printable(entry.name), str(entry), (Student(entry.name.removeprefix(prefix)),))


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


def file_time(path: str) -> str:
    """Return when the newest file of a submission was changed, in ISO 8601."""
    files = [path, *(str(p) for p in files_under(Path(path)))] if os.path.isdir(path) else [path]
    times = [os.lstat(file).st_mtime for file in files if file.endswith(CODE) or file == path]
    return datetime.fromtimestamp(int(max(times)), UTC).isoformat()


def with_distinct_names(submissions: list[Submission]) -> list[Submission]:
    """Lengthen names by parts of their paths until no two are alike. A path given twice is one submission."""
    once = list({os.path.abspath(s.path): s for s in submissions}.values())
    many = Counter(s.name for s in once)
    longer = [s if many[s.name] == 1 else replace(s, name=printable("/".join(Path(s.path).parts[-2:]))) for s in once]
    many = Counter(s.name for s in longer)
    whole = [s if many[s.name] == 1 else replace(s, name=printable(os.path.abspath(s.path))) for s in longer]
    many = Counter(s.name for s in whole)  # bytes that are no text are shown as another name may be written
    return [s if many[s.name] == 1 else replace(s, name=f"{s.name}-{hash_path(s.path)}") for s in whole]


def hash_path(path: str) -> str:
    """Return a few digits that differ between paths."""
    return hashlib.sha256(os.fsencode(os.path.abspath(path))).hexdigest()[:8]
