"""The journal of a run, results.jsonl: one line a submission. A result counts once its line is on the disk.

A run that was killed goes on from its lines.
"""

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..files import write_atomically
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
    """Return a result as a line of the journal."""
    return json.dumps(result.as_line(), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


@contextlib.contextmanager
def open_journal(path: Path) -> Iterator[Callable[[Result], None]]:
    """Open a journal; yield a function that adds a result's line, and waits until it is on the disk.

    Raises UsageError if another run is writing it.
    """
    with path.open("ab") as file:
        if sys.platform != "win32":
            import fcntl

            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise UsageError(f"another run is writing {path}") from None

        def add(result: Result) -> None:
            file.write(encode(result))
            file.flush()
            os.fsync(file.fileno())

        yield add


def drop_results(path: Path, is_valid: Callable[[Result], bool]) -> set[str]:
    """Drop the lines of a journal that are no longer valid, and second ones. Return the submissions that remain.

    The new file is written line by line, since a journal may be larger than the memory; the old one is whole until
    the new one is on the disk.
    """
    names: set[str] = set()
    if not path.exists():
        return names
    temporary = path.with_name(f".{path.name}.new")
    with temporary.open("wb") as file:
        for result in read_results(path):
            if result.submission not in names and is_valid(result):
                names.add(result.submission)
                file.write(encode(result))
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    return names


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
