"""The journal of a run, results.jsonl: one line a submission. A result counts once its line is on the disk.

A run that was killed goes on from its lines.
"""

import contextlib
import io
import itertools
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..files import write_atomically
from ..i18n import _
from .result import Result


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield each whole line of a journal. A line that a kill has cut short is passed over."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for raw in file:
            with contextlib.suppress(ValueError):
                line = json.loads(raw)
                if raw.endswith(b"\n") and isinstance(line, dict) and "submission" in line:
                    yield line


def read_results(path: Path) -> Iterator[Result]:
    """Yield the result of each whole line."""
    for line in read_lines(path):
        with contextlib.suppress(KeyError, TypeError):
            yield Result.from_line(line)


def encode(result: Result) -> bytes:
    """Return a result as a line of the journal. Half a character, which UTF-8 has no bytes for, is JSON's escape."""
    text = json.dumps(result.as_line(), ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace") + b"\n"


@contextlib.contextmanager
def open_journal(path: Path) -> Iterator[Callable[[Result], None]]:
    """Open a journal; yield a function that adds a result's line, and waits until it is on the disk.

    Raises UsageError if another run is writing it.
    """
    with path.open("ab", buffering=0) as file:
        if sys.platform != "win32":
            import fcntl

            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise UsageError(_("another run is writing {path}").format(path=path)) from None

        def add(result: Result) -> None:
            write_whole(file, encode(result))
            os.fsync(file.fileno())

        yield add


def write_whole(file: io.FileIO, content: bytes) -> None:
    """Write all bytes, or none: a disk that fills up in between keeps no half line. Raises OSError."""
    start = os.fstat(file.fileno()).st_size
    left = memoryview(content)
    try:
        while left:
            left = left[file.write(left) or 0 :]
    except OSError:
        with contextlib.suppress(OSError):
            os.ftruncate(file.fileno(), start)
        raise


def set_aside(path: Path, is_valid: Callable[[Result], bool]) -> tuple[set[str], Path | None]:
    """Take the lines that are no longer valid, and second ones, out of a journal into a new file beside it.

    Return the submissions that remain, and the new file; None if no line was taken out. Nothing is ever deleted. The
    files are written line by line, since a journal may be larger than the memory; the old one is whole until the new
    ones are on the disk. Raises OSError.
    """
    names: set[str] = set()
    if not path.exists():
        return names, None
    temporary, old = path.with_name(f".{path.name}.new"), path.with_name(f".{path.name}.old")
    taken_out = 0
    with temporary.open("wb") as kept, old.open("wb") as others:
        for result in read_results(path):
            if result.submission not in names and is_valid(result):
                names.add(result.submission)
                kept.write(encode(result))
            else:
                others.write(encode(result))
                taken_out += 1
        for file in (kept, others):
            file.flush()
            os.fsync(file.fileno())
    beside = free_name(path) if taken_out else None
    if beside:
        os.replace(old, beside)
    else:
        old.unlink()
    os.replace(temporary, path)
    return names, beside


def free_name(path: Path) -> Path:
    """Return the first name beside a file that is not taken: results-1.jsonl."""
    names = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in itertools.count(1))
    return next(name for name in names if not name.exists())


def write_settings(path: Path, settings: dict[str, Any]) -> None:
    """Write run.json: the settings of a run, its seed above all."""
    write_atomically(path, json.dumps(settings, indent=1, ensure_ascii=False) + "\n")


def read_settings(path: Path) -> dict[str, Any]:
    """Read run.json; {} if it is not there or is damaged."""
    try:
        settings = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return settings if isinstance(settings, dict) else {}
