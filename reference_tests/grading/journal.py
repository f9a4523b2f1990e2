"""results.jsonl: one line a submission, on the disk before it counts; a killed run goes on from its lines."""

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from ..errors import UsageError
from ..reports.json_report import write_whole
from .result import Result


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """Each whole line; what a kill cut short is none."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for raw in file:
            with contextlib.suppress(ValueError):
                line = json.loads(raw)
                if raw.endswith(b"\n") and isinstance(line, dict) and "submission" in line:
                    yield line


def results(path: Path) -> Iterator[Result]:
    for line in lines(path):
        with contextlib.suppress(KeyError, TypeError):
            yield Result.from_line(line)


class Journal:
    """Open for adding. One run at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file: BinaryIO = path.open("ab")
        if sys.platform != "win32":
            import fcntl

            try:
                fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                self.file.close()
                raise UsageError(f"another run is writing {path}") from None

    def add(self, result: Result) -> None:
        self.file.write(json.dumps(result.as_line(), ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        self.file.flush()
        os.fsync(self.file.fileno())

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.file.close()


def read_results(path: Path, wanted: Callable[[Result], bool]) -> set[str]:
    """The submissions whose lines are wanted still; the others, and second ones, are taken out of the file."""
    names: set[str] = set()
    if not path.exists():
        return names
    beside = path.with_name(f".{path.name}.kept")
    with beside.open("wb") as file:
        for result in results(path):
            if result.submission not in names and wanted(result):
                names.add(result.submission)
                line = json.dumps(result.as_line(), ensure_ascii=False, separators=(",", ":"))
                file.write(line.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)
    return names


def write_settings(path: Path, about: dict[str, Any]) -> None:
    """What the run is: its seed above all."""
    write_whole(path, (json.dumps(about, indent=1, ensure_ascii=False) + "\n").encode())


def read_settings(path: Path) -> dict[str, Any]:
    try:
        about = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return about if isinstance(about, dict) else {}
