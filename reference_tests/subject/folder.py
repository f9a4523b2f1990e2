"""Targets of many files: a folder in any layout, or an installed package."""

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
    """Load the files that define a wanted name (all, if none does); return their modules and the names.

    If two files define a name, the file with more of them provides it. Raises LoadError if no file can be read.
    """
    own = find_definers(folder, reader, set(wanted))
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
    reader.context.cwd = str(folder)
    os.chdir(folder)
    return modules, names


def find_definers(folder: Path, reader: Reader, wanted: set[str]) -> dict[Path, set[str]]:
    """Map every readable file of the folder to the wanted names that it defines. Raises LoadError if there is none."""
    files = sorted(find_code_files(folder))
    if not files:
        raise LoadError(f"{folder} has no .py file and no notebook in it.")
    own: dict[Path, set[str]] = {}
    first = ""
    for file in files:
        try:
            own[file] = names_defined_in(file, reader.place(file)) & wanted
        except LoadError as error:
            first = first or str(error)
            reader.skipped.append(Skipped(reader.place(file), 1, "", str(error)))
    if not own:
        raise LoadError(first)
    return own


def register_name(name: str, file: Path, thing: Any, names: dict[str, Any], reader: Reader) -> None:
    """Enter a file's definition under its name, or list it as skipped if an earlier file defines that name."""
    if name not in names or (isinstance(names[name], Missing) and thing is not None):
        names[name] = thing
    elif thing is not names[name]:
        why = f"{name} is taken from another file; --map {name}={reader.place(file)}:{name} takes this one"
        reader.skipped.append(Skipped(reader.place(file), 1, name, why))


def load_file(file: Path, root: Path, reader: Reader) -> ModuleType:
    """Load a file as a module, under its dotted name if it has one; from its own folder, as its author runs it."""
    for entry in (str(root), str(file.parent)):
        if entry not in sys.path[:2]:
            sys.path.insert(0, entry)
    os.chdir(file.parent)
    relative = file.relative_to(root).with_suffix("")
    parts = relative.parts[:-1] if file.name == "__init__.py" else relative.parts
    if file.suffix == ".py" and parts and all(part.isidentifier() for part in parts):
        reader.context.make_room_for(parts[0])
        try:
            module = importlib.import_module(".".join(parts))
        except ImportError:
            module = None
        if module is not None and getattr(module, "__file__", None) == str(file):
            return module
    return reader.context.load_as(file.stem, file)


def find_code_files(folder: Path) -> Iterator[Path]:
    """Yield the .py files and notebooks of a folder, without hidden ones, virtual environments and build outputs."""
    for place, folders, files in os.walk(folder):
        keep = [f for f in folders if not f.startswith(".") and f not in IGNORED_FOLDERS]
        folders[:] = [f for f in keep if not os.path.exists(os.path.join(place, f, "pyvenv.cfg"))]
        yield from (Path(place, f) for f in files if f.endswith((".py", ".ipynb")) and not f.startswith("."))


def names_defined_in(file: Path, place: str) -> set[str]:
    """Return the names that a file defines itself. Raises LoadError if it cannot be read."""
    if file.suffix == ".py":
        return defined_names(read_python(file, place).tree)
    sources, _, broken = read_notebook(file, place)
    return {name for s in sources for name in defined_names(s.tree)} | set(broken)


def find_import_root(path: Path) -> Path:
    """Return what must be on sys.path for this file: its folder, or the one above its package if it imports by that."""
    code, folder = read_file(path), path.parent
    if re.search(rb"^\s*(from|import)\s+(%s\b|\.)" % re.escape(folder.name.encode()), code, re.MULTILINE):
        while (folder.parent / "__init__.py").is_file():
            folder = folder.parent
        return folder.parent
    return folder
