"""The answers of earlier runs, in the user's cache directory: a file for each framework, version, switches, probes.

It holds every question that was ever asked under these conditions, so that a few questions need no new run after all.
"""

import contextlib
import hashlib
import json
import os
import platform
import re
import subprocess
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ..files import write_atomically
from .parent import CHILD, PORTING, Request
from .registry import Framework, framework_of

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")  # another order of summation
VERSIONS = """
import sys
from importlib.metadata import PackageNotFoundError, version
for name in sys.argv[1:]:
    try:
        print(name, version(name))
    except PackageNotFoundError:
        print(name, "-")
"""


def cache_directory() -> Path:
    """Return the folder of the cached answers."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "convcheck" / "compare"


def cache_key(framework: Framework, python: str, recipes: bool = False) -> str:
    """Hash all that the answers depend on: versions, switches, device, processor, the adapter's text."""
    texts = [
        CHILD,
        framework.file,
        *imported_probes(framework.file),
        *([framework.recipes, PORTING / "recipes.py"] if recipes else []),
    ]
    if framework.name == "impl":
        texts += sorted((Path(__file__).parents[2] / "impl").rglob("*.py"))
    parts = [
        framework_of(framework.name),
        repr(framework.setting),
        framework.device,
        processor_name(),
        python,
        versions(python, *framework.packages),
        str(processors()),
        *(f"{name}={os.environ.get(name)}" for name in (*THREADS, *framework.switches)),
        *(text.read_text(encoding="utf-8") for text in texts),
    ]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def request_key(request: Request) -> str:
    """Hash a request: its call and its inputs, whatever other requests are sent with it."""
    return hashlib.sha256(json.dumps(request).encode()).hexdigest()[:32]


def imported_probes(file: Path) -> list[Path]:
    """Return the adapters that an adapter imports from its folder."""
    names = re.findall(r"^from (\w+_probe) import", file.read_text(encoding="utf-8"), re.MULTILINE)
    return [file.with_name(f"{name}.py") for name in names]


@cache
def versions(python: str, *packages: str) -> str:
    """Return the versions of the packages in that interpreter, a line each, without importing them."""
    if python != sys.executable:
        return subprocess.run([python, "-c", VERSIONS, *packages], capture_output=True, text=True, timeout=60).stdout
    lines = []
    for name in packages:
        try:
            lines.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            lines.append(f"{name} -")
    return "\n".join(lines)


def processors() -> int:
    """Return the number of processors that this process may use; frameworks start as many threads."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def processor_name() -> str:
    """Return the processor's model name; a few answers depend on its instructions."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line
    return platform.processor() or platform.machine()


def load(key: str) -> dict[str, Any] | None:
    """Return the answers stored under a key, None if there are none or their file cannot be read."""
    try:
        return json.loads((cache_directory() / f"{key}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def save(key: str, answers: dict[str, Any]) -> None:
    """Store answers under a key, whole or not at all; a cache that cannot be written is no error."""
    with contextlib.suppress(OSError):
        cache_directory().mkdir(parents=True, exist_ok=True)
        write_atomically(cache_directory() / f"{key}.json", json.dumps(answers))
