"""Read one submission's files as what they are: a hostile pile of bytes. Nothing in it is run or followed.

No link is followed, nothing but regular files is opened, every size and count is limited, and an archive is unpacked
into memory under names that cannot lead anywhere. The files are then placed in a folder of their own, with nobody
else's beside them, and that folder is what the submission's process sees.
"""

import errno
import hashlib
import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ..leftovers import owned_folder
from .archive import RefusedArchive, refuse_format, unpack
from .submission import Submission
from .tar import TAR, untar

CODE = (".py", ".ipynb")
PACKED = (".zip", *TAR)
SPELLINGS = re.compile(
    r"(?P<stem>.+)(?:(?P<py>\.py|\.pyw?\.txt|\.py3|\.pyw)|(?P<ipynb>\.ipynb(?:\.txt|\.json)?))", re.I | re.S
)
FILE_SIZE, TOTAL_SIZE = 100 << 20, 200 << 20  # most bytes of a file, and of all files
FILES, DEPTH = 2000, 30  # most files of code and most of others, and most folders inside each other
ENTRIES = 20_000  # most entries of a folder or an archive
NESTED = 3  # archives inside each other that are unpacked
NOTES = 50  # notes of one submission
UNREAD = {".git", ".hg", ".svn", "__pycache__", "__MACOSX", ".ipynb_checkpoints", "node_modules", "site-packages"}
UNREAD |= {"venv", ".venv", ".DS_Store", ".mypy_cache", ".pytest_cache", ".vscode", ".idea"}
GONE = (errno.ENOENT, errno.EACCES, errno.EPERM, errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EMFILE, errno.ENFILE)
OURS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EACCES, errno.EMFILE, errno.ENFILE)  # the machine's
PLAIN = re.compile(r"\w[\w ()（）\[\]【】+.,;'&#@~・～–-]{0,99}")


@dataclass(frozen=True)
class Bundle:
    """The files of a submission.

    content_hash: of names and contents. alone: it is one file, not a folder. refused: why it cannot be taken, or "".
    unread: that is because it is not there any more, or cannot be opened, which is not the submission's doing.
    """

    content_hash: str
    files: tuple[tuple[str, bytes], ...] = ()  # path inside the submission, and content
    alone: bool = False
    refused: str = ""
    unread: bool = False
    times: tuple[tuple[str, int], ...] = ()  # path inside -> when it was changed, in seconds, where that is known
    notes: tuple[str, ...] = ()

    @contextmanager
    def placed(self) -> Iterator[str]:
        """Write the files into a temporary folder, and give the path of the file or of the folder.

        Raises RefusedArchive for names that this system cannot have, OSError for a disk that is full.
        """
        with owned_folder() as folder:
            home = os.path.join(folder, "submission")
            os.makedirs(home)
            times = dict(self.times)
            for name, content in self.files:
                write_file(os.path.join(home, *PurePosixPath(name).parts), content, name, times.get(name, 0))
            yield os.path.join(home, self.files[0][0]) if self.alone else home


def write_file(path: str, content: bytes, name: str, changed: int) -> None:
    """Write a file of a submission, called name in it and changed at that time.

    Raises RefusedArchive, or OSError if the machine cannot.
    """
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
        os.utime(path, (changed, changed))
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno in OURS:
            raise
        why = getattr(error, "strerror", None) or error
        raise RefusedArchive(f"this system cannot have a file of the name {printable(name)[:100]} ({why})") from None


class Unreadable(RefusedArchive):
    """What cannot be read through no fault of the submission's: it is not there any more, or the disk fails."""


@dataclass
class Contents:
    """The files read so far, within the limits."""

    files: dict[str, bytes] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    times: dict[str, int] = field(default_factory=dict)
    size: int = 0
    others: int = 0  # files that are no code
    too_many: int = 0  # such files that are left out
    unsaid: int = 0  # notes beyond the limit

    def add(self, name: str, content: bytes, changed: int = 0) -> None:
        """Add a file, or note why it is left out. Raises RefusedArchive if the submission is too large as a whole."""
        name = self.spell(name)
        code = name.endswith(CODE)
        if self.size + len(content) > TOTAL_SIZE and not code:
            self.note(f"left out, since together it is too much: {printable(name)}")
            return
        if not code and self.others >= FILES:
            self.too_many += 1
            return
        self.size += len(content)
        if self.size > TOTAL_SIZE:
            raise RefusedArchive(f"its files have more than {TOTAL_SIZE >> 20} MB together")
        if name in self.files:
            raise RefusedArchive(f"it holds two files of the name {printable(name)}")
        if len(self.files) - self.others >= FILES and code:
            raise RefusedArchive(f"it has more than {FILES} files of code")
        self.others += not code
        self.files[name], self.times[name] = content, changed

    def spell(self, name: str) -> str:
        """Return the name of a file of code as Python knows it: layers.py for layers.PY and layers.py.txt."""
        match = SPELLINGS.fullmatch(name)
        if not match or name.endswith(CODE):
            return name
        plain = match["stem"] + (".py" if match["py"] else ".ipynb")
        if plain in self.files:
            return name
        self.note(f"{printable(name)} is read as {printable(plain)}")
        return plain

    def note(self, text: str) -> None:
        """Add a note, of which there are at most so many."""
        if len(self.notes) < NOTES:
            self.notes.append(text)
        else:
            self.unsaid += 1

    def all_notes(self) -> tuple[str, ...]:
        """Return the notes, and how many are not among them."""
        more = [f"left out: {self.too_many} more files that are no code"] if self.too_many else []
        more += [f"and {self.unsaid} more files are left out or renamed"] if self.unsaid else []
        return (*self.notes, *more)


def refuse_clashes(contents: Contents) -> None:
    """Raise RefusedArchive if a file has the name of a folder that others lie in: both cannot be written."""
    for name in contents.files:
        for folder in PurePosixPath(name).parents:
            if str(folder) in contents.files:
                raise RefusedArchive(f"it holds a file and a folder of one name, {printable(str(folder))}")


def read(path: str) -> Bundle:
    """Read the submission at path. Never raises for its contents."""
    return read_submission(Submission("", path))


def read_submission(submission: Submission) -> Bundle:
    """Read a submission, of one path or of several parts. Never raises for its contents."""
    contents = Contents()
    try:
        alone = read_parts(contents, submission.parts or ((os.path.basename(submission.path), submission.path),))
        unpack_inner(contents)
        refuse_clashes(contents)
        note_shadowing(contents)
    except Exception as error:  # also of bytes that nobody has thought of: they are this submission's
        refused = isinstance(error, RefusedArchive)
        why = f"{error}" if refused else f"it cannot be read: {type(error).__name__}: {printable(str(error))}"[:300]
        unread = isinstance(error, Unreadable)
        return Bundle(hash_refused(submission.path, why), refused=f"{why}.", unread=unread, notes=contents.all_notes())
    files = tuple(sorted(contents.files.items(), key=lambda entry: os.fsencode(entry[0])))
    times = tuple((name, contents.times.get(name, 0)) for name, _ in files)
    return Bundle(hash_files(contents.files), files, alone, times=times, notes=contents.all_notes())


def read_parts(contents: Contents, parts: tuple[tuple[str, str], ...]) -> bool:
    """Read the parts of a submission. Return True if it is one file. Raises RefusedArchive."""
    if len(parts) == 1:
        return read_any(contents, *parts[0])
    for name, path in parts:
        if os.path.isdir(path) and not os.path.islink(path):
            walk(contents, path, f"{name}/" if name else "", 0)
        elif (plain := printable(name)) and contents.spell(plain) not in contents.files:
            add_file(contents, plain, path)
        else:
            contents.note(f"left out, since a later file has its name: {printable(os.path.basename(path))}")
    return False


def read_any(contents: Contents, name: str, path: str) -> bool:
    """Read a folder, an archive or a file. Return True if it is one file. Raises RefusedArchive."""
    if os.path.islink(path):
        raise RefusedArchive("it is a link; what it leads to can be given itself")
    if os.path.isdir(path):
        walk(contents, path, "", 0)
        return False
    name = name or os.path.basename(path)
    lower = name.lower()
    if lower.endswith(PACKED):
        unpack_into(contents, lower, read_regular(path, TOTAL_SIZE))
        return False
    match = SPELLINGS.fullmatch(name)
    if not match:
        refuse_format(name, read_regular(path, TOTAL_SIZE, 16))
        raise RefusedArchive("it is neither a .py file, an .ipynb notebook, a .zip or .tar.gz archive nor a folder")
    suffix = ".py" if match["py"] else ".ipynb"
    plain = file_name(match["stem"] + suffix, suffix)
    if not name.endswith(CODE):
        contents.note(f"{printable(name)} is read as {plain}")
    contents.add(plain, read_regular(path, FILE_SIZE))
    return True


def unpack_inner(contents: Contents) -> None:
    """Unpack the archives in a submission that has no code beside them: platforms export a folder with the zip in it.

    Raises RefusedArchive, also if there is nothing but an archive in a format that is not read.
    """
    for _ in range(NESTED):
        packed = sorted(name for name in contents.files if name.lower().endswith(PACKED))
        if any(name.endswith(CODE) for name in contents.files):
            for name in packed:
                contents.note(f"not unpacked, since there is code beside it: {printable(name)}")
            return
        if not packed:
            break
        for name in packed:
            inner = Contents(size=contents.size, others=contents.others)
            unpack_into(inner, name.lower(), contents.files.pop(name))
            folder = "" if len(packed) == 1 else f"{name.partition('.')[0]}/"
            for at, content in inner.files.items():
                contents.add(f"{folder}{at}", content, inner.times.get(at, 0))
            contents.notes += inner.notes
    for name, content in contents.files.items():
        refuse_format(name, content[:16])


def file_name(name: str, suffix: str) -> str:
    """Return the file's own name if it is an ordinary one and shadows no module, else submission.py or the like."""
    stem = os.path.splitext(name)[0]
    ordinary = PLAIN.fullmatch(stem) and name.endswith(suffix)
    return name if ordinary and not shadows_module(stem) else f"submission{suffix}"


def shadows_module(stem: str) -> bool:
    """True if a file of this name would be imported in place of a module that a submission may need."""
    return stem in sys.stdlib_module_names or stem in ("numpy", "scipy", "torch", "reference_tests", "impl")


def note_shadowing(contents: Contents) -> None:
    """Note modules of the submission's that hide others from its own files. They harm no other submission."""
    for name in contents.files:
        stem = PurePosixPath(name).stem
        if name.endswith(".py") and len(contents.files) > 1 and "/" not in name and shadows_module(stem):
            contents.note(f"{printable(name)} hides the module {stem} from this submission's own files")


def is_results_folder(folder: str | Path) -> bool:
    """Return whether a folder holds the results of a run."""
    return all(os.path.exists(os.path.join(folder, name)) for name in ("results.jsonl", "run.json", "students"))


def walk(contents: Contents, folder: str, inside: str, depth: int) -> None:
    """Add the files of a folder. inside: its path in the submission. Raises RefusedArchive."""
    if depth > DEPTH:
        raise RefusedArchive(f"its folders lie more than {DEPTH} deep in each other")
    try:
        with os.scandir(folder) as entries_there:
            entries = sorted(entries_there, key=lambda entry: os.fsencode(entry.name))
    except OSError as error:
        raise Unreadable(f"{printable(inside) or 'it'} cannot be read: {error.strerror}") from None
    if len(entries) > ENTRIES:
        raise RefusedArchive(f"it has more than {ENTRIES} files")
    for entry in entries:
        name = f"{inside}{entry.name}"
        if entry.name in UNREAD:
            continue
        if entry.is_symlink():
            contents.note(f"left out, since it is a link: {printable(name)}")
        elif entry.is_dir() and is_results_folder(entry.path):
            contents.note(f"left out, since it holds the results of a run: {printable(name)}")
        elif entry.is_dir():
            walk(contents, entry.path, f"{name}/", depth + 1)
        else:
            add_file(contents, name, entry.path)


def add_file(contents: Contents, name: str, path: str) -> None:
    """Add a file of a folder. What cannot be read is noted; if it is code, RefusedArchive is raised."""
    try:
        contents.add(name, read_regular(path, FILE_SIZE), changed_at(path))
    except RefusedArchive as why:
        if name.endswith(CODE) or contents.size > TOTAL_SIZE:
            raise type(why)(f"{printable(name)}: {why}") from None
        contents.note(f"left out: {printable(name)}: {why}")


def changed_at(path: str) -> int:
    """Return when a file was changed, in seconds; 0 if it is not there any more."""
    try:
        return int(os.lstat(path).st_mtime)
    except OSError:
        return 0


def read_regular(path: str, most: int, read: int | None = None) -> bytes:
    """Return a regular file's bytes, at most read of them. A pipe, a device or a link is refused, not waited for.

    Raises RefusedArchive, also if the file has more than most bytes.
    """
    try:
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except (OSError, ValueError) as error:
        kind = Unreadable if getattr(error, "errno", None) in GONE else RefusedArchive
        raise kind(f"it cannot be read: {getattr(error, 'strerror', error)}") from None
    try:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            raise RefusedArchive("it is no regular file")
        if status.st_size > most:
            raise RefusedArchive(f"it has {status.st_size >> 20} MB; at most {most >> 20} MB are taken")
        with os.fdopen(fd, "rb", closefd=False) as file:
            return file.read(read or most)
    finally:
        os.close(fd)


def unpack_into(contents: Contents, name: str, content: bytes) -> None:
    """Add the files of an archive of this name, in lower case. Raises RefusedArchive."""
    refuse_format("", content[:16])
    read = untar if name.endswith(TAR) else unpack
    for inside, data, note, changed in read(content, ENTRIES, FILE_SIZE, TOTAL_SIZE):
        if note:
            contents.note(f"left out: {printable(inside)}: {note}")
        elif not UNREAD & set(PurePosixPath(inside).parts) and not PurePosixPath(inside).name.startswith("._"):
            contents.add(inside, data, changed)
    if any(re.fullmatch(r"(.*/)?submission_\d+", str(PurePosixPath(name).parent)) for name in contents.files) and any(
        PurePosixPath(name).name == "submission_metadata.yml" for name in contents.files
    ):
        raise RefusedArchive("it is an export of many submissions; unpack it and give the folder")
    drop_common_folder(contents)


def drop_common_folder(contents: Contents) -> None:
    """If all files lie in one folder, drop it from their paths."""
    tops = {name.partition("/")[0] for name in contents.files}
    if len(tops) == 1 and all("/" in name for name in contents.files):
        contents.files = {name.partition("/")[2]: content for name, content in contents.files.items()}
        contents.times = {name.partition("/")[2]: changed for name, changed in contents.times.items()}


def hash_files(files: dict[str, bytes]) -> str:
    """Return a hash of names and contents."""
    whole = hashlib.sha256()
    for name, content in sorted(files.items(), key=lambda entry: os.fsencode(entry[0])):
        whole.update(os.fsencode(name) + b"\0" + hashlib.sha256(content).digest())
    return whole.hexdigest()


def hash_refused(path: str, why: str) -> str:
    """Hash a submission that cannot be taken, so that a later one differs: its bytes, or the reason if it has none."""
    try:
        return hashlib.sha256(read_regular(path, sys.maxsize, TOTAL_SIZE)).hexdigest()
    except RefusedArchive:
        return hashlib.sha256(f"{os.path.basename(path)!r} {why}".encode()).hexdigest()


def printable(name: str | Path) -> str:
    """Return a name that is safe to print: bytes that are no text and characters that do not print are escaped."""
    text = os.fsencode(str(name)).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
