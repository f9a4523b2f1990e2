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
from .archive import RefusedArchive, unpack

CODE = (".py", ".ipynb")
FILE_SIZE, TOTAL_SIZE = 100 << 20, 200 << 20  # most bytes of a file, and of all files
FILES, DEPTH = 2000, 30  # most files, and most folders inside each other
UNREAD = {".git", ".hg", ".svn", "__pycache__", "__MACOSX", ".ipynb_checkpoints", "node_modules", "site-packages"}
UNREAD |= {"venv", ".venv", ".DS_Store", ".mypy_cache", ".pytest_cache", ".vscode", ".idea"}
OURS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EACCES, errno.EMFILE, errno.ENFILE)  # the machine's
PLAIN = re.compile(r"[^\W\d][\w ()+.-]{0,99}")


@dataclass(frozen=True)
class Bundle:
    """The files of a submission.

    content_hash: of names and contents. alone: it is one file, not a folder. refused: why it cannot be taken, or "".
    """

    content_hash: str
    files: tuple[tuple[str, bytes], ...] = ()  # path inside the submission, and content
    alone: bool = False
    refused: str = ""
    notes: tuple[str, ...] = ()

    @contextmanager
    def placed(self) -> Iterator[str]:
        """Write the files into a temporary folder, and give the path of the file or of the folder.

        Raises RefusedArchive for names that this system cannot have, OSError for a disk that is full.
        """
        with owned_folder() as folder:
            home = os.path.join(folder, "submission")
            os.makedirs(home)
            for name, content in self.files:
                write_file(os.path.join(home, *PurePosixPath(name).parts), content, name)
            yield os.path.join(home, self.files[0][0]) if self.alone else home


def write_file(path: str, content: bytes, name: str) -> None:
    """Write a file of a submission, called name in it. Raises RefusedArchive, or OSError if the machine cannot."""
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno in OURS:
            raise
        why = getattr(error, "strerror", None) or error
        raise RefusedArchive(f"this system cannot have a file of the name {printable(name)[:100]} ({why})") from None


@dataclass
class Contents:
    """The files read so far, within the limits."""

    files: dict[str, bytes] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    size: int = 0

    def add(self, name: str, content: bytes) -> None:
        """Add a file, or note why it is left out. Raises RefusedArchive if the submission is too large as a whole."""
        code = name.endswith(CODE)
        if self.size + len(content) > TOTAL_SIZE and not code:
            self.notes.append(f"left out, since together it is too much: {printable(name)}")
            return
        self.size += len(content)
        if self.size > TOTAL_SIZE:
            raise RefusedArchive(f"its files have more than {TOTAL_SIZE >> 20} MB together")
        if name in self.files:
            raise RefusedArchive(f"it holds two files of the name {printable(name)}")
        if len(self.files) >= FILES:
            raise RefusedArchive(f"it has more than {FILES} files")
        self.files[name] = content


def refuse_clashes(contents: Contents) -> None:
    """Raise RefusedArchive if a file has the name of a folder that others lie in: both cannot be written."""
    for name in contents.files:
        for folder in PurePosixPath(name).parents:
            if str(folder) in contents.files:
                raise RefusedArchive(f"it holds a file and a folder of one name, {printable(str(folder))}")


def read(path: str) -> Bundle:
    """Read the submission at path. Never raises for its contents."""
    contents = Contents()
    try:
        alone = read_any(contents, path)
        refuse_clashes(contents)
        note_shadowing(contents)
    except RefusedArchive as why:
        return Bundle(hash_refused(path, str(why)), refused=f"{why}.", notes=tuple(contents.notes))
    except Exception as error:  # of bytes that nobody has thought of: they are this submission's
        reason = f"it cannot be read: {type(error).__name__}: {printable(str(error))}"[:300]
        return Bundle(hash_refused(path, reason), refused=f"{reason}.", notes=tuple(contents.notes))
    files = tuple(sorted(contents.files.items(), key=lambda entry: os.fsencode(entry[0])))
    return Bundle(hash_files(contents.files), files, alone, notes=tuple(contents.notes))


def read_any(contents: Contents, path: str) -> bool:
    """Read a folder, an archive or a file. Return True if it is one file. Raises RefusedArchive."""
    if os.path.islink(path):
        raise RefusedArchive("it is a link; what it leads to can be given itself")
    if os.path.isdir(path):
        walk(contents, path, "", 0)
        inner = [name for name in contents.files if name.lower().endswith(".zip")]
        if len(inner) == 1 and not any(name.endswith(CODE) for name in contents.files):
            unzip(contents, contents.files.pop(inner[0]))  # learning platforms export a folder with the zip in it
        return False
    name, suffix = os.path.basename(path), os.path.splitext(path)[1].lower()
    if suffix == ".zip":
        unzip(contents, read_regular(path, TOTAL_SIZE))
        return False
    if suffix not in CODE:
        raise RefusedArchive("it is neither a .py file, an .ipynb notebook, a .zip archive nor a folder")
    contents.add(file_name(name, suffix), read_regular(path, FILE_SIZE))
    return True


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
            contents.notes.append(f"{printable(name)} hides the module {stem} from this submission's own files")


def walk(contents: Contents, folder: str, inside: str, depth: int) -> None:
    """Add the files of a folder. inside: its path in the submission. Raises RefusedArchive."""
    if depth > DEPTH:
        raise RefusedArchive(f"its folders lie more than {DEPTH} deep in each other")
    try:
        with os.scandir(folder) as entries_there:
            entries = sorted(entries_there, key=lambda entry: os.fsencode(entry.name))
    except OSError as error:
        raise RefusedArchive(f"{printable(inside) or 'it'} cannot be read: {error.strerror}") from None
    if len(entries) > 10 * FILES:
        raise RefusedArchive(f"it has more than {FILES} files")
    for entry in entries:
        name = f"{inside}{entry.name}"
        if entry.name in UNREAD:
            continue
        if entry.is_symlink():
            contents.notes.append(f"left out, since it is a link: {printable(name)}")
        elif entry.is_dir():
            walk(contents, entry.path, f"{name}/", depth + 1)
        else:
            add_file(contents, name, entry.path)


def add_file(contents: Contents, name: str, path: str) -> None:
    """Add a file of a folder. What cannot be read is noted; if it is code, RefusedArchive is raised."""
    try:
        contents.add(name, read_regular(path, FILE_SIZE))
    except RefusedArchive as why:
        if name.endswith(CODE) or len(contents.files) >= FILES or contents.size > TOTAL_SIZE:
            raise RefusedArchive(f"{printable(name)}: {why}") from None
        contents.notes.append(f"left out: {printable(name)}: {why}")


def read_regular(path: str, most: int, read: int | None = None) -> bytes:
    """Return a regular file's bytes, at most read of them. A pipe, a device or a link is refused, not waited for.

    Raises RefusedArchive, also if the file has more than most bytes.
    """
    try:
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except (OSError, ValueError) as error:
        raise RefusedArchive(f"it cannot be read: {getattr(error, 'strerror', error)}") from None
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


def unzip(contents: Contents, content: bytes) -> None:
    """Add the files of an archive. Raises RefusedArchive."""
    for name, data, note in unpack(content, FILES, FILE_SIZE, TOTAL_SIZE):
        if note:
            contents.notes.append(f"left out: {printable(name)}: {note}")
        elif not UNREAD & set(PurePosixPath(name).parts):
            contents.add(name, data)
    if any(PurePosixPath(name).name == "submission_metadata.yml" for name in contents.files):
        raise RefusedArchive("it is an export of many submissions; unpack it and give the folder")
    drop_common_folder(contents)


def drop_common_folder(contents: Contents) -> None:
    """If all files lie in one folder, drop it from their paths."""
    tops = {name.partition("/")[0] for name in contents.files}
    if len(tops) == 1 and all("/" in name for name in contents.files):
        contents.files = {name.partition("/")[2]: content for name, content in contents.files.items()}


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
