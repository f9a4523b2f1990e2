"""A submission and its students."""

from dataclasses import dataclass


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
    parts: tuple[tuple[str, str], ...] = ()  # of one in several files: name in the submission ("": a folder), and path
    late: bool = False  # the learning platform says that it came late, and not when
    layout: str = "a file or folder each"  # the rule by which it was found
