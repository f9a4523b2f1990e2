"""Targets of many files: a folder in whatever layout, or an installed package."""

import importlib
import os
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from .errors import Missing
from .notebook import read_notebook
from .reader import Reader
from .source import LoadError, Skipped, read_file, read_python
from .statements import defined_names

IGNORED_FOLDERS = {"__pycache__", "node_modules", "site-packages", "build", "dist"}


def load_folder(folder: Path, reader: Reader, wanted: Iterable[str]) -> tuple[list[ModuleType], dict[str, Any]]:
    """Loads the files that define a wanted name (all, where none does). Where two do, the file with more has it."""
    files = sorted(find_code_files(folder))
    if not files:
        raise LoadError(f"{folder} has no .py file and no notebook in it.")
    own: dict[Path, set[str]] = {}
    first = ""
    for file in files:
        try:
            own[file] = names_defined_in(file, reader.place(file)) & set(wanted)
        except LoadError as error:
            first = first or str(error)
            reader.skipped.append(Skipped(reader.place(file), 1, "", str(error)))
    if not own:
        raise LoadError(first)
    chosen = [f for f in own if own[f]] or list(own)
    chosen.sort(key=lambda f: (f.suffix == ".ipynb", -len(own[f]), len(f.parts), f))
    root = folder.parent if (folder / "__init__.py").is_file() else folder
    names: dict[str, Any] = {}
    modules = []
    for file in chosen:
        module = load_file(file, root, reader)
        modules.append(module)
        for name in sorted(own[file]):
            register_name(name, file, getattr(module, name, None), names, reader)
    for module in modules:  # imported names come second
        names = {n: vars(module)[n] for n in wanted if n in vars(module)} | names
    reader.around.cwd = str(folder)
    os.chdir(folder)
    return modules, names


def register_name(name: str, file: Path, thing: Any, names: dict[str, Any], reader: Reader) -> None:
    """The first to define a name has it; another is listed."""
    if name not in names or (isinstance(names[name], Missing) and thing is not None):
        names[name] = thing
    elif thing is not names[name]:
        why = f"{name} is taken from another file; --map {name}={reader.place(file)}:{name} takes this one"
        reader.skipped.append(Skipped(reader.place(file), 1, name, why))


def load_file(file: Path, root: Path, reader: Reader) -> ModuleType:
    """The file as a module, under its dotted name if it has one; from its own folder, as its author runs it."""
    for entry in (str(root), str(file.parent)):
        if entry not in sys.path[:2]:
            sys.path.insert(0, entry)
    os.chdir(file.parent)
    relative = file.relative_to(root).with_suffix("")
    parts = relative.parts[:-1] if file.name == "__init__.py" else relative.parts
    if file.suffix == ".py" and parts and all(part.isidentifier() for part in parts):
        reader.around.claim_one(parts[0])
        try:
            module = importlib.import_module(".".join(parts))
        except ImportError:
            module = None
        if module is not None and getattr(module, "__file__", None) == str(file):
            return module
    return reader.around.module(file.stem, file)


def find_code_files(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        keep = [f for f in folders if not f.startswith(".") and f not in IGNORED_FOLDERS]
        folders[:] = [f for f in keep if not os.path.exists(os.path.join(place, f, "pyvenv.cfg"))]
        yield from (Path(place, f) for f in files if f.endswith((".py", ".ipynb")) and not f.startswith("."))


def names_defined_in(file: Path, place: str) -> set[str]:
    """The names that a file defines itself."""
    if file.suffix == ".py":
        return defined_names(read_python(file, place).tree)
    sources, _, broken = read_notebook(file, place)
    return {name for s in sources for name in defined_names(s.tree)} | set(broken)


def find_import_root(path: Path) -> Path:
    """What must be on sys.path for this file: its folder, or the one above where it imports by its name."""
    code, folder = read_file(path), path.parent
    if re.search(rb"^\s*(from|import)\s+(%s\b|\.)" % re.escape(folder.name.encode()), code, re.MULTILINE):
        while (folder.parent / "__init__.py").is_file():
            folder = folder.parent
        return folder.parent
    return folder
