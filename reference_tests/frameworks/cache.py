"""Answers kept between runs: one file for each (framework, version, switches, probe), in the user's cache directory."""

import contextlib
import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from .parent import SERVE
from .registry import Column

VERSIONS = """
import sys
from importlib.metadata import PackageNotFoundError, version
for name in sys.argv[1:]:
    try:
        print(name, version(name))
    except PackageNotFoundError:
        print(name, "-")
"""


def directory() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "convcheck" / "compare"


def key(column: Column, asks: list[dict[str, Any]], python: str, recipes: bool = False) -> str:
    """What an answer depends on, hashed: versions, switches, device, processor, the adapter's text, the questions."""
    texts = [SERVE, column.file, *([column.recipes] if recipes else [])]
    if column.name == "impl":
        texts += sorted((Path(__file__).parents[2] / "impl").rglob("*.py"))
    parts = [
        column.name,
        column.device,
        processor(),
        python,
        versions(python, *column.packages),
        *(f"{name}={os.environ.get(name)}" for name in column.switches),
        *(text.read_text(encoding="utf-8") for text in texts),
        json.dumps(asks),
    ]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


@cache
def versions(python: str, *packages: str) -> str:
    """The packages' versions in that interpreter, without importing them."""
    if python != sys.executable:
        return subprocess.run([python, "-c", VERSIONS, *packages], capture_output=True, text=True, timeout=60).stdout
    said = []
    for name in packages:
        try:
            said.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            said.append(f"{name} -")
    return "\n".join(said)


@cache
def processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line
    return platform.processor() or platform.machine()


def load(name: str) -> dict[str, Any] | None:
    """What was kept, or None; a file that cannot be read counts as nothing."""
    try:
        return json.loads((directory() / f"{name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def save(name: str, answers: dict[str, Any]) -> None:
    """Written to a temporary name and renamed; a cache that cannot be written is no error."""
    with contextlib.suppress(OSError):
        directory().mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=directory(), delete=False, encoding="utf-8") as text:
            json.dump(answers, text)
        os.replace(text.name, directory() / f"{name}.json")
