"""What one submission consists of, read as what it is: a hostile pile of bytes. Nothing in it is run or followed.

No link is followed, nothing but regular files is opened, every size and count is limited, an archive is unpacked into
memory under names that cannot lead anywhere. What is then placed in a folder of its own, with nobody's file beside it,
is what the submission's process gets to see."""

import hashlib
import os
import re
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from .archive import RefusedArchive, unpack

CODE = (".py", ".ipynb")
ONE, ALL, FILES, DEPTH = 100 << 20, 200 << 20, 2000, 30  # bytes of a file and of all; how many; folders in each other
UNREAD = {".git", ".hg", ".svn", "__pycache__", "__MACOSX", ".ipynb_checkpoints", "node_modules", "site-packages"}
UNREAD |= {"venv", ".venv", ".DS_Store", ".mypy_cache", ".pytest_cache", ".vscode", ".idea"}
PLAIN = re.compile(r"[^\W\d][\w ()+.-]{0,99}")


@dataclass(frozen=True)
class Bundle:
    """content_hash: of names and contents. refused: why it cannot be taken; "": it can."""

    content_hash: str
    files: tuple[tuple[str, bytes], ...] = ()  # its path inside, and what is in it
    alone: bool = False  # one file, not a folder
    refused: str = ""
    notes: tuple[str, ...] = ()

    @contextmanager
    def placed(self) -> Iterator[str]:
        """The path of the file, or of the folder, in a new folder that is gone afterwards."""
        with tempfile.TemporaryDirectory(prefix="convcheck-", ignore_cleanup_errors=True) as folder:
            home = os.path.join(folder, "submission")
            for name, content in self.files:
                path = os.path.join(home, *PurePosixPath(name).parts)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "wb") as file:
                    file.write(content)
            yield os.path.join(home, self.files[0][0]) if self.alone else home


@dataclass
class Reading:
    files: dict[str, bytes] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    size: int = 0

    def take(self, name: str, content: bytes) -> None:
        code = name.endswith(CODE)
        if self.size + len(content) > ALL and not code:
            self.notes.append(f"left out, since together it is too much: {shown(name)}")
            return
        self.size += len(content)
        if self.size > ALL:
            raise RefusedArchive(f"its files have more than {ALL >> 20} MB together")
        if name in self.files:
            raise RefusedArchive(f"it holds two files of the name {shown(name)}")
        if len(self.files) >= FILES:
            raise RefusedArchive(f"it has more than {FILES} files")
        self.files[name] = content


def read(path: str) -> Bundle:
    """One submission. Never raises for what is in it."""
    reading = Reading()
    try:
        alone = fill(reading, path)
        hides(reading)
    except RefusedArchive as why:
        return Bundle(of_refused(path, str(why)), refused=f"{why}.", notes=tuple(reading.notes))
    files = tuple(sorted(reading.files.items(), key=lambda entry: os.fsencode(entry[0])))
    return Bundle(fingerprint(reading.files), files, alone, notes=tuple(reading.notes))


def fill(reading: Reading, path: str) -> bool:
    """-> whether it is one file alone."""
    if os.path.islink(path):
        raise RefusedArchive("it is a link; what it leads to can be given itself")
    if os.path.isdir(path):
        walk(reading, path, "", 0)
        inner = [name for name in reading.files if name.lower().endswith(".zip")]
        if len(inner) == 1 and not any(name.endswith(CODE) for name in reading.files):
            content = reading.files.pop(inner[0])  # as learning platforms hand it on: a folder with their zip in it
            unzip(reading, content)
        return False
    name, suffix = os.path.basename(path), os.path.splitext(path)[1].lower()
    if suffix == ".zip":
        unzip(reading, contents(path, ALL))
        return False
    if suffix not in CODE:
        raise RefusedArchive("it is neither a .py file, an .ipynb notebook, a .zip archive nor a folder")
    reading.take(fit(name, suffix), contents(path, ONE))
    return True


def fit(name: str, suffix: str) -> str:
    """The file's own name where it is an ordinary one and hides no module."""
    stem = os.path.splitext(name)[0]
    ordinary = PLAIN.fullmatch(stem) and name.endswith(suffix)
    return name if ordinary and not shadowing_file(stem) else f"submission{suffix}"


def shadowing_file(stem: str) -> bool:
    return stem in sys.stdlib_module_names or stem in ("numpy", "scipy", "torch", "reference_tests", "impl")


def hides(reading: Reading) -> None:
    """A module of the submission's own that hides one which it may need is said: it harms nobody else."""
    for name in reading.files:
        stem = PurePosixPath(name).stem
        if name.endswith(".py") and len(reading.files) > 1 and "/" not in name and shadowing_file(stem):
            reading.notes.append(f"{shown(name)} hides the module {stem} from this submission's own files")


def walk(reading: Reading, folder: str, inside: str, depth: int) -> None:
    if depth > DEPTH:
        raise RefusedArchive(f"its folders lie more than {DEPTH} deep in each other")
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: os.fsencode(entry.name))
    except OSError as error:
        raise RefusedArchive(f"{shown(inside) or 'it'} cannot be read: {error.strerror}") from None
    if len(entries) > 10 * FILES:
        raise RefusedArchive(f"it has more than {FILES} files")
    for entry in entries:
        name = f"{inside}{entry.name}"
        if entry.name in UNREAD:
            continue
        if entry.is_symlink():
            reading.notes.append(f"left out, since it is a link: {shown(name)}")
        elif entry.is_dir():
            walk(reading, entry.path, f"{name}/", depth + 1)
        else:
            one_of_many(reading, name, entry.path)


def one_of_many(reading: Reading, name: str, path: str) -> None:
    try:
        reading.take(name, contents(path, ONE))
    except RefusedArchive as why:
        if name.endswith(CODE) or len(reading.files) >= FILES or reading.size > ALL:
            raise RefusedArchive(f"{shown(name)}: {why}") from None
        reading.notes.append(f"left out: {shown(name)}: {why}")


def contents(path: str, most: int, read: int | None = None) -> bytes:
    """A regular file's bytes: a pipe, a device or a link in its place is refused, not waited for."""
    try:
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except (OSError, ValueError) as error:
        raise RefusedArchive(f"it cannot be read: {getattr(error, 'strerror', error)}") from None
    try:
        about = os.fstat(fd)
        if not stat.S_ISREG(about.st_mode):
            raise RefusedArchive("it is no regular file")
        if about.st_size > most:
            raise RefusedArchive(f"it has {about.st_size >> 20} MB; at most {most >> 20} MB are taken")
        with os.fdopen(fd, "rb", closefd=False) as file:
            return file.read(read or most)
    finally:
        os.close(fd)


def unzip(reading: Reading, content: bytes) -> None:
    for name, data, note in unpack(content, FILES, ONE, ALL):
        if note:
            reading.notes.append(f"left out: {shown(name)}: {note}")
        elif not UNREAD & set(PurePosixPath(name).parts):
            reading.take(name, data)
    if any(PurePosixPath(name).name == "submission_metadata.yml" for name in reading.files):
        raise RefusedArchive("it is an export of many submissions; unpack it and give the folder")
    single(reading)


def single(reading: Reading) -> None:
    """Without the folder that everything lies in, so that what is at the top is found at the top."""
    tops = {name.partition("/")[0] for name in reading.files}
    if len(tops) == 1 and all("/" in name for name in reading.files):
        reading.files = {name.partition("/")[2]: content for name, content in reading.files.items()}


def fingerprint(files: dict[str, bytes]) -> str:
    whole = hashlib.sha256()
    for name, content in sorted(files.items(), key=lambda entry: os.fsencode(entry[0])):
        whole.update(os.fsencode(name) + b"\0" + hashlib.sha256(content).digest())
    return whole.hexdigest()


def of_refused(path: str, why: str) -> str:
    """Of a file's first bytes, so that another one sent later is told apart; of the reason where there are none."""
    try:
        return hashlib.sha256(contents(path, sys.maxsize, ALL)).hexdigest()
    except RefusedArchive:
        return hashlib.sha256(f"{os.path.basename(path)!r} {why}".encode()).hexdigest()


def shown(name: str | Path) -> str:
    """A name as it can be printed: what is no text, or would move the cursor, is escaped."""
    text = os.fsencode(str(name)).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
