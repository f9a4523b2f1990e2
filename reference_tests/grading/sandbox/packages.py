"""Packages that a course allows besides NumPy: where they lie, what they need, and a finder of nothing else."""

import importlib.metadata
import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

ALREADY = {"numpy"}  # distributions that every submission has
STARTING_TIME = 120.0  # seconds for all of them to be imported once
LIBRARIES = "import sys\nfor name in sys.argv[1:]: __import__(name)\nprint(open('/proc/self/maps').read())"


class Uninstalled(Exception):
    """A package that is not installed here, or cannot be imported. The text says which, and why."""


@dataclass(frozen=True)
class Packages:
    """The modules that may be imported: by name the file to run; and all paths that may be read for them."""

    modules: Mapping[str, str]
    readable: tuple[str, ...]


@cache
def locate(names: tuple[str, ...]) -> Packages:
    """Find the packages of these names and what they need. Raises Uninstalled."""
    modules, readable = dict[str, str](), list[str]()
    todo, seen = [distribution_of(name) for name in names], set(ALREADY)
    while todo:
        one = todo.pop()
        name = plain(one.metadata["Name"])
        if name in seen:
            continue
        seen.add(name)
        for top in top_entries(one):
            readable.append(str(top))
            if module := module_at(top):
                modules[top.name.partition(".")[0]] = module
        todo += needed_by(one)
    return Packages(modules, tuple(readable + loaded_libraries(names, readable)))


def plain(name: str) -> str:
    """Return the name of a distribution as all spellings of it are alike."""
    return re.sub(r"[-_.]+", "-", name).lower()


def distribution_of(module: str) -> importlib.metadata.Distribution:
    """Return the distribution that has a module of this name. Raises Uninstalled."""
    found = importlib.metadata.packages_distributions().get(module)
    if not found:
        raise Uninstalled(f"{module} is not installed here (pip install {module})")
    return importlib.metadata.distribution(found[0])


def name_to_install(module: str) -> str:
    """Return the name by which pip installs a module, as far as it is known here; else the module's own."""
    found = importlib.metadata.packages_distributions().get(module)
    return found[0] if found else module


def needed_by(one: importlib.metadata.Distribution) -> list[importlib.metadata.Distribution]:
    """Return the installed distributions that one needs, its extras aside."""
    found = []
    for line in one.requires or []:
        if match := re.match(r"[\w.-]+", "" if "extra ==" in line else line):
            try:
                found.append(importlib.metadata.distribution(match[0]))
            except importlib.metadata.PackageNotFoundError:
                continue  # for another system
    return found


def top_entries(one: importlib.metadata.Distribution) -> list[Path]:
    """Return the files and folders of a distribution that lie beside each other in site-packages."""
    home = Path(str(one.locate_file("")))
    names = {file.parts[0] for file in one.files or [] if file.parts[0] not in ("..", "__pycache__")}
    return sorted(path for path in (home / name for name in names) if path.exists())


def module_at(top: Path) -> str:
    """Return the file that importing a top entry runs, "" if it is no module."""
    if top.is_dir():
        return str(top / "__init__.py") if (top / "__init__.py").is_file() else ""
    return str(top) if top.suffix in (".py", ".so") else ""


def loaded_libraries(names: Iterable[str], readable: Iterable[str]) -> list[str]:
    """Return the shared libraries outside these paths that importing the packages loads. Raises Uninstalled."""
    if sys.platform != "linux":
        return []
    command = [sys.executable, "-P", "-c", LIBRARIES, *names]
    there = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    how: dict[str, Any] = {"capture_output": True, "text": True, "timeout": STARTING_TIME, "stdin": subprocess.DEVNULL}
    try:
        ran = subprocess.run(command, env=there, **how)
    except subprocess.TimeoutExpired:
        raise Uninstalled(f"{', '.join(names)} take more than {STARTING_TIME:g} s to import") from None
    if ran.returncode:
        last = (ran.stderr.strip().splitlines() or ["it ends"])[-1]
        raise Uninstalled(f"{', '.join(names)} cannot be imported here: {last}")
    found = {line.split(maxsplit=5)[-1].strip() for line in ran.stdout.splitlines() if ".so" in line and "/" in line}
    inside = tuple(f"{path}{os.sep}" for path in readable)
    return sorted(path for path in found if os.path.exists(path) and not path.startswith(inside))


class PackageFinder:
    """A finder of the allowed packages for sys.meta_path: nothing else of the folder that they lie in is found."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        """modules: name -> the file that importing it runs."""
        self.modules = modules

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Find an allowed package (called by Python's import). Return None for all others, and for what is in one."""
        file = self.modules.get(fullname)
        if file is None or path is not None:
            return None
        folder = [os.path.dirname(file)] if os.path.basename(file) == "__init__.py" else None
        return importlib.util.spec_from_file_location(fullname, file, submodule_search_locations=folder)
