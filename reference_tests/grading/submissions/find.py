"""Find the submissions: files, folders, archives and notebooks, or a folder of them, in the layouts they come in.

Every entry of a folder of submissions is a submission, or is listed as skipped with the reason.
"""

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ...errors import UsageError
from ...i18n import N_, _
from ...subject.folder import family_of
from ...suggest import similar_names
from .archive import RefusedArchive, open_archive
from .bundle import CODE, FILES, TOTAL_SIZE, is_results_folder, printable, read_regular
from .class_names import BLACKBOARD, UNSUBMITTED, gather_named, list_folder, teams_folder, teams_submission
from .layouts import (
    METADATA,
    classroom_export,
    gather_parts,
    gradescope_export,
    nbgrader_export,
    nbgrader_folder,
    read_name,
)
from .submission import Student, Submission

ONE, PLAIN = N_("one submission"), N_("a file or folder each")  # layouts besides those of platforms
ONE_SUBMISSION = ("convcheck.toml", "__init__.py", "common/layers.py", "common/util.py", "func/layer.py")
TOOLS = {"__pycache__", "__MACOSX", "node_modules", "site-packages", "Thumbs.db", "desktop.ini", "gradebook.db"}
COURSE = {
    "convcheck.toml",
    "__init__.py",
    "conftest.py",
    METADATA,
    "rubric.toml",
    "nbgrader_config.py",
    "pyproject.toml",
}
LISTS = re.compile(r".*\.(csv|tsv|xlsx?|ods|ya?ml|toml|seed|log)|readme.*|license.*", re.I)  # lists of a course
OWN = re.compile(r"results(-\d+)?\.jsonl|run\.json|students|kept|class\.(csv|html)|report\.html")  # a run writes them
LAYER = re.compile(rb"^[ \t\"']*(?:class|def)\s+(Convolution|Pooling|Relu|ReLU|Affine|im2col|SoftmaxWithLoss)\b", re.M)
LOOKED_AT = 1 << 20  # bytes of a file in which definitions are looked for


@dataclass(frozen=True)
class Survey:
    """What was found: the submissions, and what was left out, each with the reason."""

    submissions: list[Submission]
    skipped: list[tuple[str, str]]

    def describe(self) -> list[str]:
        """Say how many submissions there are, by which layout, and list what is skipped."""
        counts = Counter(one.layout for one in self.submissions)
        layout = ", ".join(f"{_(name)} {n}" for name, n in counts.most_common())
        if len(counts) == 1:
            layout = _(next(iter(counts)))
        n = len(self.submissions)
        several = sum(len(one.parts) > 1 for one in self.submissions)
        text = _("1 submission; layout: {layout}") if n == 1 else _("{n} submissions; layout: {layout}")
        said = [text.format(n=n, layout=layout)]
        if several:
            said[0] += _("; {n} of several files").format(n=several)
        if self.skipped:
            said.append(_("skipped, {n}:").format(n=len(self.skipped)))
            said += [f"  {name}: {_(why)}" for name, why in self.skipped]
        return said


def find(paths: Iterable[str]) -> list[Submission]:
    """Find every submission under these paths, sorted by name; see survey."""
    return survey(paths).submissions


def survey(paths: Iterable[str], out: Path | None = None, one: bool = False) -> Survey:
    """Find every submission under these paths, sorted by name, and what is skipped.

    One folder alone is a folder of submissions, unless it is to be one; of several paths each is a submission, or an
    export of many. out: the folder of the results, which is none. Raises UsageError if a path is not there or is empty.
    """
    given = list(paths)
    found: list[Submission] = []
    skipped: list[tuple[str, str]] = []
    named = [path for path in given if len(given) > 1 and os.path.lexists(path) and read_name(Path(path))]
    found += gather_parts([Path(path) for path in named])[0]  # also where the shell has listed a folder's files
    for path in (path for path in given if path not in named):
        found += submissions_under(path, one or len(given) > 1, one, out, skipped)
    if not found:
        left = "".join(f"; {name}: {_(why)}" for name, why in skipped[:5])
        raise UsageError(_("there is no submission to grade") + left)
    return Survey(sorted(with_distinct_names(found), key=lambda s: s.name), skipped)


def choose(submissions: Iterable[Submission], name: str) -> Submission:
    """Return the one submission of that name, or of the student of that id, name or mail address. Raises UsageError."""
    names = {one: names_of(one) for one in submissions}
    exact = [one for one in names if one.name == name]
    fitting = exact or [one for one, known in names.items() if name.casefold() in known]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        text = _("{name} may be any of {names}")
        raise UsageError(text.format(name=name, names=", ".join(one.name for one in fitting)))
    similar = similar_names(name.casefold(), {word for words in names.values() for word in words})
    hint = (
        _("did you mean {names}?").format(names=similar[0])
        if similar
        else _("there are {n} others").format(n=len(names))
    )
    raise UsageError(_("no submission and no student is called {name}; {hint}").format(name=name, hint=hint))


def names_of(submission: Submission) -> set[str]:
    """Return all by which a submission may be called, in lower case."""
    words = {word for student in submission.students for word in (student.id, student.name, student.email) if word}
    return {word.casefold() for word in (submission.name, Path(submission.name).stem, *words)}


def submissions_under(
    path: str, one_of_many: bool, one: bool, out: Path | None, skipped: list[tuple[str, str]]
) -> list[Submission]:
    """Find the submissions under one path. one_of_many: a plain folder is one. one: so is any. Raises UsageError."""
    if not os.path.lexists(path):
        raise UsageError(_("there is no {path}").format(path=printable(path)))
    if os.path.islink(path):  # whoever grades has given it, so it may be followed
        path = os.path.realpath(path)
    folder = Path(path)
    if not folder.is_dir():
        refuse_packed_class(folder, one_of_many)
        return gather_parts([folder])[0] or [one_submission(folder)]
    if one:
        return [replace(one_submission(folder), layout=ONE)]
    inside = entries(folder, out, skipped)
    if not inside:
        raise UsageError(_("{path} is empty").format(path=printable(path)))
    if export := exported(folder, inside, skipped):
        return export
    if any(map(read_name, inside)):
        return plain_class(inside, skipped)
    if inner := export_inside(inside):
        return submissions_under(str(inner), one_of_many, one, out, skipped)
    if one_of_many or is_one(folder, inside):
        return [replace(one_submission(folder), layout=PLAIN if one_of_many else ONE)]
    return plain_class(inside, skipped)


def exported(folder: Path, inside: list[Path], skipped: list[tuple[str, str]]) -> list[Submission]:
    """Return the submissions of an export with a list or a structure of its own; none if it is not one.

    What lies beside is a submission too.
    """
    if handed_in := teams_folder(folder, inside):
        skipped += [(p.name, UNSUBMITTED) for p in inside if handed_in != folder and p != handed_in]
        inside = entries(handed_in, None, skipped) if handed_in != folder else inside
        return [teams_submission(p, skipped) if p.is_dir() else one_submission(p) for p in inside]
    known = gradescope_export(folder)
    for absent in [one for one in known if not os.path.lexists(one.path)]:
        skipped.append((absent.name, N_("it is in the list of the export, and not there")))
        known.remove(absent)
    if not known and (submitted := nbgrader_folder(folder, inside)):
        skipped += [
            (p.name, "a folder or file of nbgrader's") for p in inside if submitted != folder and p != submitted
        ]
        inside = entries(submitted, None, skipped) if submitted != folder else inside
        for student in inside:
            known += nbgrader_export(student) if student.is_dir() else []
        beside = [p for p in inside if not any(Path(one.path).parent == p for one in known)]
        return known + plain_class(beside, skipped)
    known = known or classroom_export(folder, inside)
    beside = [p for p in inside if not any(Path(one.path) == p for one in known)]
    return known + plain_class(beside, skipped) if known else []


def export_inside(inside: list[Path]) -> Path | None:
    """Return the only entry of a folder if it is a platform's export of many, as where that was unpacked; else None."""
    if len(inside) != 1 or inside[0].is_symlink() or not inside[0].is_dir():
        return None
    folder = inside[0]
    below = [path for path in list_folder(folder) if not why_skipped(path, None)]
    named = sum(bool(read_name(path) or BLACKBOARD.fullmatch(path.name)) for path in below)
    return folder if named > 1 or exported(folder, below, []) else None


def plain_class(paths: list[Path], skipped: list[tuple[str, str]]) -> list[Submission]:
    """Make a submission of each path, those joined whose names say that they are one student's."""
    named, rest = gather_parts(paths)
    more, rest = gather_named(rest, skipped)
    return named + more + [one_submission(path) for path in rest]


def entries(folder: Path, out: Path | None, skipped: list[tuple[str, str]]) -> list[Path]:
    """Return the entries of a folder of submissions; what is none is added to skipped. Raises UsageError."""
    try:
        inside = sorted(folder.iterdir())
    except OSError as error:
        text = _("{file} cannot be read: {why}")
        raise UsageError(text.format(file=printable(folder), why=error.strerror)) from None
    kept = []
    for entry in inside:
        why = why_skipped(entry, out)
        if why:
            skipped.append((printable(entry.name), why))
        else:
            kept.append(entry)
    return kept


def why_skipped(entry: Path, out: Path | None) -> str:
    """Return why an entry of a folder of submissions is no submission, "" if it is one."""
    name, is_folder = entry.name, entry.is_dir()
    if out is not None and is_folder and entry.resolve() in (out.resolve(), *out.resolve().parents):
        return N_("the results of this run go there")
    if out is not None and OWN.fullmatch(name) and entry.parent.resolve() == out.resolve():
        return N_("a result of this run")
    if is_folder and is_results_folder(entry):
        return N_("it holds the results of another run")
    if name.startswith("."):
        return N_("a hidden file or folder")
    if (name in TOOLS and not holds_layers(entry)) or (is_folder and (entry / "pyvenv.cfg").is_file()):
        return N_("made by a tool")
    if not is_folder and (name in COURSE or (LISTS.fullmatch(name) and not read_name(entry))):
        return N_("a file of the course's, no submission")
    return ""


def holds_layers(entry: Path) -> bool:
    """Return whether code that defines layers lies right in a folder: then it is a student's, whatever its name."""
    files = [] if not entry.is_dir() or entry.name.startswith("__") else list_folder(entry)
    return any(defined_in(file) for file in files if file.is_file() and file.name.endswith(CODE))


def one_submission(path: Path) -> Submission:
    """Make a submission of a path. Its name is the student."""
    name = path.name or Path(os.path.abspath(path)).name
    stem = name if path.is_dir() else name.partition(".")[0] if name.lower().endswith(SUFFIXES) else path.stem
    student = Student(stem, stem, stem if "@" in stem else "")
    return Submission(printable(name), str(path), (student,))


SUFFIXES = (".py.txt", ".tar.gz", ".tar.bz2", ".tar.xz")  # of two parts


def is_one(folder: Path, inside: list[Path]) -> bool:
    """True for one submission in several files: it has a convcheck.toml, or the book's layout.

    Not so if two of its entries define the same layers: then they are two submissions, and that file is a stray one.
    """
    if not any((folder / name).is_file() for name in ONE_SUBMISSION):
        return False
    homes: dict[str, set[str]] = {}
    for entry in inside:
        for name in defined_in(entry):
            homes.setdefault(name, set()).add(family_of(entry.name))
    return all(len(families) < 2 for families in homes.values())


def defined_in(entry: Path) -> set[str]:
    """Return the layers that a file, or the files of a folder, define, by a look at their text."""
    files = [entry] if entry.is_file() else [f for f in files_under(entry) if f.name.endswith(CODE)]
    found: set[str] = set()
    for file in files[:FILES]:
        try:
            text = read_regular(str(file), TOTAL_SIZE, LOOKED_AT)
        except RefusedArchive:
            continue
        found |= {name.decode() for name in LAYER.findall(text)}
    return found


def refuse_packed_class(path: Path, one_of_many: bool) -> None:
    """Raise UsageError for an archive that is a platform's export of many submissions."""
    if one_of_many or path.suffix.lower() != ".zip":
        return
    try:
        with open_archive(read_regular(str(path), TOTAL_SIZE), 10 * FILES) as archive:
            tops = {name.partition("/")[0] for name in archive.namelist()}
    except RefusedArchive:
        return
    if sum(bool(read_name(Path(top)) or BLACKBOARD.fullmatch(top)) for top in tops) > len(tops) / 2 and len(tops) > 1:
        text = _("{path} is an export of many submissions; unpack it and give the folder")
        raise UsageError(text.format(path=printable(path)))


def files_under(folder: Path, most: int = 200) -> Iterator[Path]:
    """Yield the files in a folder and below, at most so many of each folder."""
    for where, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in set(folders) - TOOLS if not name.startswith("."))
        for name in sorted(files)[:most]:
            yield Path(where, name)


def file_time(submission: Submission) -> str:
    """Return when the newest file of a submission was changed, in ISO 8601; "" if it is not there any more."""
    times = []
    for path in [path for _name, path in submission.parts] or [submission.path]:
        files = [path, *(str(p) for p in files_under(Path(path)))] if os.path.isdir(path) else [path]
        for file in (f for f in files if f.endswith(CODE) or f == path):
            try:
                times.append(os.lstat(file).st_mtime)
            except OSError:
                continue
    return datetime.fromtimestamp(int(max(times)), UTC).isoformat() if times else ""


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
