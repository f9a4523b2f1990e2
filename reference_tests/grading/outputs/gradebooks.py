"""Fill grades into gradebooks that Canvas and Moodle have exported. No title, column or student is invented."""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

from ...errors import UsageError
from ...files import write_atomically
from ...i18n import _
from .overview import Line, Overview

NO_ASSIGNMENT = re.compile(r"(Current|Final|Unposted|Override).*(Score|Points|Grade|Status)|Total|Notes", re.I)
MOODLE_HEADERS = {  # a header in another language, in lower case -> Moodle's English one
    "識別子": "identifier", "氏名": "full name", "フルネーム": "full name", "姓": "surname", "名": "first name",
    "メールアドレス": "email address", "idナンバー": "id number", "ユーザ名": "username", "ユーザー名": "username",
    "評点": "grade", "最大評点": "maximum grade", "フィードバックコメント": "feedback comments",
    "評点は変更可能です": "grade can be changed",
    "vollständiger name": "full name", "vorname": "first name", "nachname": "surname",
    "e-mail-adresse": "email address", "id-nummer": "id number", "anmeldename": "username",
    "bewertung": "grade", "bestwertung": "maximum grade", "feedback als kommentar": "feedback comments",
    "bewertung kann geändert werden": "grade can be changed",
}  # fmt: skip
MOODLE_IDENTITY = {
    "id": ("id number", "identifier", "id", "username", "userid"),
    "email": ("email address", "email"),
    "name": ("full name",),
}
MOODLE_GRADES = re.compile(r"grade|.*\((real|percentage|points|punkte|prozentsatz|実データ|パーセンテージ)\)", re.I)
MOODLE_TOTALS = re.compile(
    r"(course|category) total.*|maximum grade|.*last modified.*|grade can be changed|kurs gesamt.*|.*zuletzt geändert.*"
    r"|コース合計.*|カテゴリ合計.*|最終更新日時.*",
    re.I,
)
PARTICIPANT = re.compile(r"(?:participant|teilnehmer\S*?|参加者)\s*(\d+)", re.I)  # of the worksheet's first column
NOBODY = ("", "Student, Test")  # Canvas exports a student of its own
ENCODINGS = ("utf-8-sig", "cp932", "cp1252")


@dataclass(frozen=True)
class Template:
    """An exported gradebook: its rows, the columns that identify a student, and the column to fill."""

    kind: str  # "Canvas" | "Moodle"
    path: str
    header: list[str]
    rows: list[list[str]]
    identity: dict[str, list[int]]  # id, email, name -> columns
    copied: list[int]  # columns that are copied to the output
    grade: int
    feedback: int | None = None
    points_row: list[str] | None = None
    delimiter: str = ","

    @cached_property
    def rows_by(self) -> dict[tuple[str, str], list[int]]:
        """The rows that have an id, a mail address or a name, by (its kind, itself in lower case)."""
        found = dict[tuple[str, str], list[int]]()
        for key in MOODLE_IDENTITY:
            for i, row in enumerate(self.rows):
                for value in identifiers(self, row, key):
                    found.setdefault((key, value), []).append(i)
        return found


def read_canvas(path: str, assignment: str, max_score: float) -> Template:
    """Read Canvas's export. Raises UsageError if it is none, or if it is not clear which assignment is meant."""
    header, rows, delimiter = read_table(path)
    small = [cell.strip().lower() for cell in header]
    if "id" not in small[1:3] or "section" not in small or not ("student" in small[0] or "lastname" in small[0]):
        text = _("it does not begin as Canvas's gradebook export does, Student,ID,...,Section,...")
        raise UsageError(f"--canvas {path}: {text}")
    last = max(i for i, cell in enumerate(small) if cell in ("section", "integration id", "root account"))
    titles = {cell: i for i, cell in enumerate(header) if i > last and not NO_ASSIGNMENT.search(cell)}
    column = choose_column("--canvas", path, titles, assignment)
    special = rows[0] if rows and rows[0] and rows[0][0].strip().lower().startswith("points possible") else None
    if special:
        rows = rows[1:]
        require_same_points("--canvas", path, header[column], special[column], max_score)
        if "read only" in special[column].lower():
            raise UsageError(f"--canvas {path}: " + _("{column} is read-only").format(column=header[column]))
    ids = [small.index(cell) for cell in ("id", "sis user id", "sis login id") if cell in small]
    identity = {"id": ids, "email": ids[1:], "name": [i for i in (0,) if "student" in small[0]]}
    rows = [row for row in rows if any(cell.strip() for cell in row) and row[column].strip() != "Manual Posting"]
    return Template("Canvas", path, header, rows, identity, list(range(last + 1)), column, None, special, delimiter)


def read_moodle(path: str, assignment: str, max_score: float) -> Template:
    """Read Moodle's gradebook export, or an assignment's offline grading worksheet. Raises UsageError."""
    header, rows, delimiter = read_table(path)
    small = english_headers(header)
    identity = {key: [small.index(cell) for cell in cells if cell in small] for key, cells in MOODLE_IDENTITY.items()}
    if "first name" in small and ("surname" in small or "last name" in small):
        identity["name"].append(small.index("first name"))
    if not any(identity.values()):
        text = _("it has no column by which a student is known (ID number, Email address ...)")
        raise UsageError(f"--moodle {path}: {text}")
    titles = {
        cell: i
        for i, cell in enumerate(header)
        if MOODLE_GRADES.fullmatch(small[i]) and not MOODLE_TOTALS.fullmatch(small[i])
    }
    column = choose_column("--moodle", path, titles, assignment)
    if "maximum grade" in small and rows:
        require_same_points("--moodle", path, header[column], rows[0][small.index("maximum grade")], max_score)
    feedback = small.index("feedback comments") if "feedback comments" in small else None
    who = ("first name", "surname", "last name", *(c for cells in MOODLE_IDENTITY.values() for c in cells))
    copied = [i for i, cell in enumerate(small) if cell in who]
    return Template("Moodle", path, header, rows, identity, copied, column, feedback, None, delimiter)


def english_headers(header: list[str]) -> list[str]:
    """Return Moodle's headers in lower case and in English, as far as they are known."""
    small = [cell.strip().lower() for cell in header]
    return [MOODLE_HEADERS.get(cell, cell) for cell in small]


def decode(data: bytes, path: str) -> str:
    """Return the text of an exported file: UTF-8, else the encoding in which its header is known. Raises UsageError."""
    texts = []
    for encoding in ENCODINGS if not data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-16",):
        try:
            texts.append(data.decode(encoding))
        except UnicodeError:
            continue
        if encoding == "utf-8-sig":
            return texts[0]
    if not texts:
        text = _("{path} is not UTF-8 text, nor in an encoding of Japanese or European systems")
        raise UsageError(text.format(path=path))
    return max(texts, key=lambda text: sum(word in text.partition("\n")[0].lower() for word in MOODLE_HEADERS))


def read_table(path: str) -> tuple[list[str], list[list[str]], str]:
    """Return a CSV file's header, its rows padded to the header's width, and its delimiter. Raises UsageError."""
    try:
        text = decode(Path(path).read_bytes(), path)
    except OSError as error:
        raise UsageError(_("{file} cannot be read: {why}").format(file=path, why=error.strerror)) from None
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row]
    if not rows:
        raise UsageError(_("{path} is empty").format(path=path))
    width = len(rows[0])
    return rows[0], [row + [""] * (width - len(row)) for row in rows[1:]], delimiter


def choose_column(option: str, path: str, titles: dict[str, int], assignment: str) -> int:
    """Return the column of the named assignment, or the only one if none is named. Raises UsageError if there is none.

    Canvas would make a new assignment of a title that it does not know.
    """
    if assignment:
        for title, column in titles.items():
            if title.strip() == assignment.strip() or re.sub(r"\s*\(\d+\)$", "", title.strip()) == assignment.strip():
                return column
        text = _("no assignment is called {name}; there are {names}")
        raise UsageError(f"{option} {path}: " + text.format(name=repr(assignment), names=", ".join(titles) or "-"))
    if len(titles) != 1:
        text = _("which assignment? --assignment names one; there are {names}")
        raise UsageError(f"{option} {path}: " + text.format(names=", ".join(titles) or "-"))
    return next(iter(titles.values()))


def require_same_points(option: str, path: str, title: str, possible: str, max_score: float) -> None:
    """Raise UsageError unless the assignment is worth as many points as the rubric.

    Points are not converted: 85 of 100 written into an assignment of 20 would be wrong, and nobody would notice.
    """
    value = re.sub(r"[^\d.,]", "", possible).replace(",", ".")
    if value and abs(float(value) - max_score) > 0.005:
        text = _("{title} has {points} points, the rubric {most:g}: make them the same")
        raise UsageError(f"{option} {path}: " + text.format(title=title, points=value, most=max_score))


def fill(template: Template, lines: Iterable[Line]) -> tuple[str, list[str]]:
    """Return the CSV, and a sentence for each grade that is not in it. Only students who get a grade have a row."""
    grades: dict[int, Line] = {}  # row -> the submission that it gets its grade from
    unwritten = []
    for line in lines:
        if line.score is None:
            unwritten.append(_("{name}: not graded").format(name=line.submission))
            continue
        for student in line.students or ({},):
            rows = rows_of(template, student)
            why = obstacle(template, rows, grades)
            if why:
                who = " ".join(v for v in dict.fromkeys(student.values()) if v) or line.submission
                unwritten.append(f"{line.submission}: {who}: {why}")
            else:
                grades[rows[0]] = line
    return format_csv(template, grades), unwritten


def add_names(of: Overview, books: Iterable[Template]) -> Overview:
    """Return an overview whose students have the names of the gradebooks, and which names those who are missing."""
    lines, missing = of.lines, list[str]()
    for book in books:
        rows = {line.submission: [rows_of(book, student) for student in line.students] for line in lines}
        there = {i for found in rows.values() for some in found for i in some}
        lines = [
            replace(line, students=tuple(map(partial(rename, book), line.students, rows[line.submission])))
            for line in lines
        ]
        missing += [name_in(book, i) for i in range(len(book.rows)) if i not in there and not is_excused(book, i)]
    return replace(of, lines=lines, missing=tuple(name for name in dict.fromkeys(missing) if name not in NOBODY))


def rename(book: Template, student: dict[str, str], rows: list[int]) -> dict[str, str]:
    """Return a student with the gradebook's name. rows: the student's in it."""
    name = name_in(book, rows[0]) if len(rows) == 1 else ""
    return {**student, "name": name} if name else student


def name_in(book: Template, row: int) -> str:
    """Return the name in a row of a gradebook; "" without one."""
    small, cells = english_headers(book.header), book.rows[row]
    by_title = dict(zip(small, (cell.strip() for cell in cells), strict=False))
    if book.kind == "Canvas" and book.identity["name"]:
        return cells[0].strip()
    parts = [by_title.get("first name", ""), by_title.get("surname") or by_title.get("last name", "")]
    return by_title.get("full name") or " ".join(filter(None, parts))


def is_excused(book: Template, row: int) -> bool:
    """Return whether a student is excused from the assignment."""
    return book.rows[row][book.grade].strip().upper() == "EX"


def obstacle(template: Template, rows: list[int], grades: dict[int, Line]) -> str:
    """Return why a student gets no grade, "" if the student does. rows: the student's rows of the template."""
    if len(rows) != 1:
        return _("more than one such student") if rows else _("no such student")
    if rows[0] in grades:
        return _("has a grade already, from {name}").format(name=grades[rows[0]].submission)
    return _("is excused") if is_excused(template, rows[0]) else ""


def rows_of(template: Template, student: dict[str, str]) -> list[int]:
    """Return the rows of a student: by id first, then by mail address, then by the exact name."""
    for key in ("id", "email", "name"):
        if rows := template.rows_by.get((key, student.get(key, "").strip().lower())):
            return rows
    return []


def identifiers(template: Template, row: list[str], key: str) -> set[str]:
    """Return the ids, mail addresses or names in a row, in lower case. key: "id" | "email" | "name"."""
    cells = {row[column].strip() for column in template.identity.get(key, [])}
    if key == "id" and template.kind == "Moodle":
        numbers = [match[1] for cell in cells if (match := PARTICIPANT.fullmatch(cell))]
        cells |= {spelled for number in numbers for spelled in (number, f"Participant {number}")}
    if key == "name":
        cells |= {" ".join(reversed(cell.split(", ", 1))) for cell in cells if ", " in cell}
        small = english_headers(template.header)
        last = next((small.index(name) for name in ("surname", "last name") if name in small), None)
        if last is not None and "first name" in small:
            cells = {f"{row[small.index('first name')]} {row[last]}"}
    return {cell.lower() for cell in cells if cell}


def format_csv(template: Template, grades: dict[int, Line]) -> str:
    """Return the template with its grades, and only the rows that have one."""
    columns = [*template.copied, template.grade, *([] if template.feedback is None else [template.feedback])]
    text = io.StringIO()
    table = csv.writer(text, delimiter=template.delimiter, lineterminator="\r\n")
    table.writerow([template.header[i] for i in columns])
    if template.points_row:
        table.writerow([template.points_row[i] for i in columns])
    for i, line in sorted(grades.items()):
        points = f"{line.score:.2f}".replace(".", "," if template.delimiter == ";" else ".")
        feedback = [] if template.feedback is None else [make_feedback(line)]
        table.writerow([*(template.rows[i][k] for k in template.copied), points, *feedback])
    return text.getvalue()


def make_feedback(line: Line) -> str:
    """Return the points of each component with the first reason for lost ones, or why there are none."""
    why = dict(reversed(line.why))  # component -> the first reason
    parts = [
        f"{name} {points:g}/{most:g}" + (f" ({why[name]})" if name in why else "")
        for name, (_, points, most) in line.components.items()
        if most
    ]
    return "; ".join(parts) if line.components else line.reason


def write(template: Template, lines: Iterable[Line], out: Path) -> list[str]:
    """Write canvas.csv or moodle.csv, and who is not in it. Return the latter, a sentence each."""
    text, unwritten = fill(template, lines)
    name = template.kind.lower()
    write_atomically(out / f"{name}.csv", text)
    listing = "".join(f"{one}\n" for one in unwritten)
    write_atomically(out / f"{name}-not-written.txt", listing.encode(errors="backslashreplace"))
    return unwritten
