"""Verdicts as JSON (verify.schema.json says what stands in it), and files written whole or not at all."""

import errno
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from ..conformance.examination import Examination
from ..conformance.types import Verdict


def as_json(target: str, found: Examination, environment: dict[str, object]) -> dict[str, Any]:
    return {
        "schema": 1,
        "target": target,
        "ok": found.ok,
        "environment": environment,
        "components": {name: component(found, name) for name in found.components},
    }


def component(found: Examination, name: str) -> dict[str, Any]:
    verdicts = found.components[name]
    return {
        "status": found.status(name),
        "passed": sum(v.status == "pass" for v in verdicts),
        "total": len(verdicts),
        "checks": [check(v) for v in verdicts],
    }


def check(v: Verdict) -> dict[str, Any]:
    return {
        "id": v.check.id,
        "title": f"{v.check.case.why}; {v.check.scenario.title}",
        "level": v.check.level,
        "status": v.status,
        "reason": v.reason,
        "message": v.message,
        "diagnosis": {"code": v.diagnosis.code, "text": v.diagnosis.text} if v.diagnosis else None,
        "seconds": round(v.seconds, 4),
    }


def writable(path: str) -> None:
    """OSError where a report could not be written there: better known before the work than after it."""
    if path not in ("", "-"):
        if Path(path).is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        os.unlink(tempfile.mkstemp(dir=Path(path).parent)[1])


def write(path: str, report: dict[str, Any]) -> None:
    """To a file, or to standard output where the path is '-'. OSError where it cannot be written."""
    text = json.dumps(report, indent=1, ensure_ascii=False) + "\n"
    if path == "-":
        sys.stdout.write(text)
    else:
        write_whole(Path(path), text.encode())


def write_whole(path: Path, content: bytes) -> None:
    """To a temporary name beside it, then renamed: a reader never sees half a file."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
