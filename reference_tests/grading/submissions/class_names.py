"""Layouts that name students in the names of plain files and folders: Blackboard, Teams, Google Classroom, numbers.

No rule here joins what may be two students': files are joined only if they are versions of one file under one name.
"""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

from ...i18n import N_
from .archive import RefusedArchive
from .bundle import PACKED, SPELLINGS, TOTAL_SIZE, printable, read_regular
from .submission import Student, Submission

BLACKBOARD = re.compile(r"(?P<who>.+_.+)_attempt_(?P<when>\d{4}(?:-\d\d){5})(?:_(?P<file>.+)|\.txt)", re.S)
PERSON = re.compile(
    r"[^\n:]{1,30}: *(?P<name>[^\n]*?) *\((?P<id>[^\n()]+)\)\s*\n"
)  # the first line of Blackboard's text
HANDED_IN = {"Submitted files", "Eingereichte Dateien", "Fichiers envoyés", "Archivos enviados", "提出済みファイル"}
WORKED_ON = {"Working files", "Arbeitsdateien", "Fichiers de travail", "Archivos de trabajo", "作業ファイル"}
VERSION_FOLDER = re.compile(r"\D{0,20}\s(\d{1,6})")  # Teams' "Version 2", in any language
COPY_OF = re.compile(
    r"^(?:Copy of|Kopie von|Copie de|Copia de|Cópia de) |^(?:のコピー|コピー ～) "
    r"| ?のコピー(?: ?\(\d+\))?(?= - |(?:\.\w+)?$)"
)
OWNED = re.compile(r"(?P<name>.{2,80}?) - (?P<title>.+)", re.S)  # Google Classroom: student - title
NUMBERED = re.compile(r"(?P<id>[A-Za-z]{0,4}\d{5,12})(?:[ _.-]+(?P<rest>.+))?", re.S)
DATE = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")  # 20260501 may be no student's number
_NEWER = "final|new|fixed|revised|修正|修正版|最終|最終版|再提出"
MARK = re.compile(rf"(?:^|[ _.-]+)(?:(?:v|ver|version|rev)?[ ._-]?\d{{1,2}}|{_NEWER})$", re.I)
NUMBERS = N_("student numbers")
EARLIER = N_("an earlier attempt of a student who has a later one")
RECEIPT = N_("what the platform writes about a submission")
UNSUBMITTED = N_("files that students work on, not handed in")


@dataclass(frozen=True)
class Owned:
    """A file or folder that names its student. version: what it is a version of; file: its name in the submission."""

    layout: str
    student: Student
    version: str
    file: str
    path: Path


def gather_named(paths: list[Path], skipped: list[tuple[str, str]]) -> tuple[list[Submission], list[Path]]:
    """Return the submissions that these names make, and the paths of other names. What counts no more is skipped."""
    made, rest = blackboard_class(paths, skipped)
    owned, rest = owned_by_title(rest)
    numbered, rest = owned_by_number(rest)
    groups: dict[tuple[str, str, str], list[Owned]] = defaultdict(list)
    for one in (*owned, *numbered):
        groups[one.layout, one.student.id or one.student.name, one.version].append(one)
    return made + [join_versions(group) for group in groups.values()], rest


def join_versions(owned: list[Owned]) -> Submission:
    """Make one submission of the versions of a student's file; which of them counts is chosen as in any submission."""
    first = owned[0]
    if len(owned) == 1:
        return Submission(printable(first.path.name), str(first.path), (first.student,), layout=first.layout)
    parts = tuple((one.file, str(one.path)) for one in sorted(owned, key=lambda one: one.file))
    name = first.student.id or first.student.name
    if first.version:
        name = f"{name} - {first.version}" if first.layout == "Google Classroom" else f"{name}_{first.version}"
    path = str(first.path.with_name(name))
    return Submission(printable(name), path, (first.student,), parts=parts, layout=first.layout)


def blackboard_class(paths: list[Path], skipped: list[tuple[str, str]]) -> tuple[list[Submission], list[Path]]:
    """Return Blackboard's ASSIGNMENT_USER_attempt_TIME_FILE, the last attempt of each user, and the other paths."""
    attempts: dict[str, dict[str, list[Path]]] = defaultdict(lambda: defaultdict(list))
    rest = []
    for path in paths:
        match = BLACKBOARD.fullmatch(path.name)
        if match:
            attempts[match["who"]][match["when"]].append(path)
        else:
            rest.append(path)
    assignment = shared_beginning(list(attempts)).rpartition("_")[0] if len(attempts) > 1 else ""
    made = []
    for who, by_time in attempts.items():
        last = max(by_time)
        skipped += [(printable(p.name), EARLIER) for when in by_time if when != last for p in by_time[when]]
        files = [path for path in by_time[last] if file_of(path)]
        skipped += [(printable(p.name), RECEIPT) for p in by_time[last] if files and p not in files]
        made.append(blackboard_submission(who, assignment, by_time[last], files))
    return made, rest


def blackboard_submission(who: str, assignment: str, every: list[Path], files: list[Path]) -> Submission:
    """Return a user's last attempt. every: its paths, with the text that says whose it is; files: those handed in."""
    student = Student(who.removeprefix(f"{assignment}_") if assignment else who.partition("_")[2])
    for text in (path for path in every if path not in files):
        person = PERSON.match(read_beginning(text))
        if person and who.endswith(f"_{person['id']}"):
            student = Student(person["id"], person["name"])
    parts = tuple((file_of(path) or path.name, str(path)) for path in files or every)
    return Submission(printable(who), str(every[0].with_name(who)), (student,), parts=parts, layout="Blackboard")


def shared_beginning(words: list[str]) -> str:
    """Return the characters with which all words begin."""
    first, last = min(words), max(words)
    return next((first[:i] for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), first)


def file_of(path: Path) -> str:
    """Return the name under which a file was handed in to Blackboard; "" of the text that tells of an attempt."""
    match = BLACKBOARD.fullmatch(path.name)
    return (match and match["file"]) or ""


def read_beginning(path: Path) -> str:
    """Return the first characters of a text; "" if it cannot be read."""
    try:
        return read_regular(str(path), TOTAL_SIZE, 500).decode("utf-8", "replace")
    except RefusedArchive:
        return ""


def owned_by_title(paths: list[Path]) -> tuple[list[Owned], list[Path]]:
    """Return the files of Google Classroom's STUDENT - TITLE, and the other paths.

    They are in this layout if two students share a title. "Copy of" goes with what it is a copy of.
    """
    found: dict[Path, tuple[str, str]] = {}
    for path in (path for path in paths if path.is_file()):
        if match := OWNED.fullmatch(COPY_OF.sub("", path.name)):
            found[path] = (match["name"], match["title"])
    titles = Counter(title for _, title in set(found.values()))
    if not any(n > 1 for n in titles.values()):
        return [], paths
    code = defaultdict(set)
    for path, (name, title) in found.items():
        if readable(path):
            code[name].add(stem_of(title))
    owned = []
    for path, (name, title) in found.items():
        version = next(iter(code[name])) if not readable(path) and len(code[name]) == 1 else stem_of(title)
        file = f"Copy of {title}" if COPY_OF.search(path.name) else title
        owned.append(Owned("Google Classroom", Student("", name), version, file, path))
    return owned, [path for path in paths if path not in found]


def readable(path: Path) -> bool:
    """Return whether a file is code or an archive, by its name."""
    return bool(SPELLINGS.fullmatch(path.name)) or path.name.lower().endswith(PACKED)


def owned_by_number(paths: list[Path]) -> tuple[list[Owned], list[Path]]:
    """Return the files that begin with a student's number and are versions of one file, and the other paths.

    2010001.py and 2010001_v2.py are one student's; 10001_alice.py and 10001_bob.py may be two's, and no number is a
    student's that files of other names share.
    """
    groups: dict[tuple[str, str], list[Path]] = defaultdict(list)
    for path in (path for path in paths if path.is_file() and SPELLINGS.fullmatch(path.name)):
        match = NUMBERED.fullmatch(stem_of(path.name))
        if match and not DATE.fullmatch(match["id"]):
            groups[match["id"], MARK.sub("", match["rest"] or "")].append(path)
    many = Counter(number for number, _ in groups)
    owned = [
        Owned(NUMBERS, Student(number, number if len(files) > 1 else stem_of(path.name)), rest, path.name, path)
        for (number, rest), files in groups.items()
        if many[number] == 1 < len(many)
        for path in files
    ]
    joined = {one.path for one in owned}
    return owned, [path for path in paths if path not in joined]


def stem_of(name: str) -> str:
    """Return the name of a file without the suffix of code."""
    match = SPELLINGS.fullmatch(name)
    return match["stem"] if match else name


def teams_folder(folder: Path, inside: list[Path]) -> Path | None:
    """Return Teams' folder of what was handed in, this one or the one in it; None if there is none."""
    if folder.name in HANDED_IN:
        return folder
    here = [path for path in inside if path.name in HANDED_IN and path.is_dir()]
    return here[0] if here and all(path.name in HANDED_IN | WORKED_ON for path in inside) else None


def teams_submission(student: Path, skipped: list[tuple[str, str]]) -> Submission:
    """Return a student's STUDENT/ASSIGNMENT or the last STUDENT/ASSIGNMENT/Version 2; earlier ones are skipped."""
    where = student
    for _level in range(2):
        below = list_folder(where)
        versions = {path: VERSION_FOLDER.fullmatch(path.name) for path in below}
        if below and len(below) == 1 and below[0].is_dir():
            where = below[0]
        elif len(below) > 1 and all(match and path.is_dir() for path, match in versions.items()):
            numbers = {path: int(match[1]) for path, match in versions.items() if match}
            where = max(below, key=numbers.__getitem__)
            skipped += [(printable(f"{student.name}/{path.name}"), EARLIER) for path in below if path != where]
            break
    return Submission(printable(student.name), str(where), (Student("", student.name),), layout="Teams")


def list_folder(folder: Path) -> list[Path]:
    """Return what is in a folder and not hidden; nothing of what cannot be read or is a link."""
    try:
        return [] if folder.is_symlink() else sorted(p for p in folder.iterdir() if not p.name.startswith("."))
    except OSError:
        return []
