"""A cache of answers between runs, by question, reference and version: one SQLite file in the user's cache folder.

Two processes may write at once. A row that cannot be read, or whose checksum is wrong, counts as missing. Grading
does not use the cache: a submission must find no answer on the disk.
"""

import hashlib
import os
import platform
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from ...subject.protocol import Answer

CAP = 64 << 20  # bytes of the file; above it the older half of the answers is deleted
EVERY = (
    500  # answers that are written at once; a process that held the lock while it works would cost others their cache
)
TABLE = "CREATE TABLE IF NOT EXISTS answers (key BLOB PRIMARY KEY, answer BLOB, sum BLOB)"


def default() -> Path:
    """Return the file's path: in the folder that CONVCHECK_CACHE names, else in the user's cache folder."""
    if place := os.environ.get("CONVCHECK_CACHE"):
        return Path(place) / "answers.sqlite"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "convcheck" / "answers.sqlite"


@cache
def salt() -> bytes:
    """Return a digest of all that answers depend on besides the question: libraries, machine, our code, golden rows."""
    here = Path(__file__).parents[1]
    files = sorted(
        [
            *here.glob("*.py"),
            *here.glob("references/*.py"),
            *here.glob("components/*.py"),
            *here.glob("mistakes/*.py"),
            here.parent / "subject" / "protocol.py",
        ]
    )
    files += sorted((here.parents[1] / "golden").glob("*.json"))
    about = [platform.machine(), platform.python_version(), *map(installed, ("numpy", "scipy", "torch"))]
    return digest(*(word.encode() for word in about), *(file.read_bytes() for file in files))


def installed(name: str) -> str:
    """Return a package's name and version; the name alone if it is not installed."""
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return name


def digest(*parts: bytes) -> bytes:
    """Return 16 bytes of BLAKE2 over the parts and their lengths."""
    whole = hashlib.blake2b(digest_size=16)
    for part in parts:
        whole.update(len(part).to_bytes(8, "little") + part)
    return whole.digest()


class AnswerCache:
    """An open cache file. An SQLite error ends its use, never the run; a file that is no database is replaced."""

    def __init__(self, path: Path):
        self.path = path
        self.new: dict[bytes, bytes] = {}  # key -> answer that is not written yet
        self.file: sqlite3.Connection | None = None
        for _attempt in range(2):
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                self.file = sqlite3.connect(path, timeout=2.0)
                self.file.execute(TABLE)
                self.shrink()
                return
            except sqlite3.OperationalError:  # locked, or a disk that cannot be written
                break
            except sqlite3.DatabaseError:
                with suppress(OSError):
                    path.unlink()
            except OSError:
                break
        self.file = None

    def shrink(self) -> None:
        """Delete the older half of the answers if the file has more than CAP bytes."""
        assert self.file is not None
        if self.path.stat().st_size > CAP:
            half = "SELECT rowid FROM answers ORDER BY rowid LIMIT (SELECT COUNT(*) / 2 FROM answers)"
            self.file.execute(f"DELETE FROM answers WHERE rowid IN ({half})")
            self.file.commit()
            self.file.execute("VACUUM")

    def get(self, key: bytes) -> Answer | None:
        """Return the answer under this key, or None if it is missing or damaged."""
        from safetensors import SafetensorError
        from safetensors.numpy import load

        if key in self.new:
            return load(self.new[key])
        if self.file is None:
            return None
        try:
            row = self.file.execute("SELECT answer, sum FROM answers WHERE key = ?", (key,)).fetchone()
            return load(row[0]) if row and row[1] == digest(key, row[0]) else None
        except (sqlite3.Error, SafetensorError, TypeError):
            return None

    def put(self, key: bytes, answer: Answer) -> None:
        """Keep an answer under this key; other processes see it when it is written, with many others."""
        from safetensors.numpy import save

        if self.file is None:
            return
        self.new[key] = save({name: np.array(a, order="C") for name, a in answer.items()})
        if len(self.new) >= EVERY:
            self.write()

    def write(self) -> None:
        """Write the new answers, in one short transaction; without a file they are dropped."""
        rows = [(key, data, digest(key, data)) for key, data in self.new.items()]
        self.new.clear()
        if self.file is None:
            return
        try:
            with self.file:
                self.file.executemany("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", rows)
        except sqlite3.OperationalError:  # locked for longer than it waits
            pass
        except sqlite3.Error:
            self.file = None

    def close(self) -> None:
        """Write what is new and close the file; further calls do nothing."""
        if self.file is not None:
            self.write()
        if self.file is not None:
            with suppress(sqlite3.Error):
                self.file.close()
            self.file = None


_open: list[AnswerCache] = []


@contextmanager
def opened(path: Path | None = None) -> Iterator[AnswerCache]:
    """Use a cache file (the user's by default) for every answer asked for inside the with block."""
    store = AnswerCache(path or default())
    _open.append(store)
    try:
        yield store
    finally:
        _open.remove(store)
        store.close()


def get(what: str, question: bytes) -> Answer | None:
    """Return an answer from the open cache. what: "agreed", or "ask" and the reference's name."""
    return _open[-1].get(digest(salt(), what.encode(), question)) if _open else None


def put(what: str, question: bytes, answer: Answer) -> None:
    """Write an answer to the open cache, if there is one."""
    if _open:
        _open[-1].put(digest(salt(), what.encode(), question), answer)
