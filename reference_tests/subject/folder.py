"""Targets of many files: a folder in any layout, or an installed package."""

import fnmatch
import importlib
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePath
from types import ModuleType
from typing import Any

from .conventions.contract import may_compute
from .conventions.vocabulary import layer_named
from .errors import Missing
from .notebook import read_notebook
from .protocol import Note
from .reader import Reader
from .source import LoadError, Skipped, read_file, read_python
from .statements import defined_names

_COPIES = """
    copy copies kopie kopien kopia copie copia backup backups bak old older orig original originals archive archived
    deprecated obsolete unused trash template skeleton starter previous prev"""
COPIES = frozenset(_COPIES.split())
COPY_OF = re.compile(r"copy\d+$|コピー|バックアップ|旧|古い|副本|복사본")
LEVELS = {"draft": -1, "wip": -1, "下書き": -1}
LEVELS |= dict.fromkeys(("new", "newer", "newest", "latest", "fixed", "fix", "revised", "updated", "修正", "新"), 1)
LEVELS |= dict.fromkeys(("final", "finished", "done", "submit", "submission", "submitted", "最終", "完成", "提出"), 2)
VERSION = re.compile(r"(?:v|ver|version|rev|revision|r)?(\d+)$")
TRAILING = re.compile(r"(.*?[^\W\d])(\d+)$")
WORDS = {"v", "ver", "version", "rev", "revision", "of", "von", "de"}  # beside a number, or beside "copy"
MOST_NAMES = 4  # that a note lists
IGNORED_FOLDERS = {"__pycache__", "node_modules", "site-packages", "build", "dist"}


def load_folder(folder: Path, reader: Reader, wanted: Iterable[str]) -> tuple[list[ModuleType], dict[str, Any]]:
    """Load the files that define a wanted name or one like it (all, if none does); return modules and names.

    If two files define a name, one provides it: see order_files. Raises LoadError if no file can be read.
    """
    own = find_definers(folder, reader, set(wanted))
    likely = {f for f in own if any(layer_named(name) for name in reader.names_of_files.get(f, ()))}
    chosen = [f for f in own if own[f] or f in likely] or list(own)
    chosen = order_files(chosen, own, folder, reader.first)
    root = folder.parent if (folder / "__init__.py").is_file() else folder
    loaded = {file: load_file(file, root, reader) for file in chosen}
    providers = order_providers(loaded, own, folder, reader)
    names: dict[str, Any] = {}
    for name, things in providers.items():
        for file, thing in things.items():
            register_name(name, file, thing, names, reader, stub=not own[file][name])
    note_choice(chosen, own, providers, reader)
    if reader.first and not any(is_named(file, folder, reader.first) for file in own):
        reader.notes.append(Note("first", reader.first, {}))
    modules = [module for of_file in loaded.values() for module in of_file]
    for module in modules:  # imported names come second
        names = {n: vars(module)[n] for n in wanted if n in vars(module)} | names
    reader.context.cwd = str(folder)
    os.chdir(folder)
    return modules, names


def order_files(files: list[Path], own: Mapping[Path, Mapping[str, bool]], folder: Path, first: str) -> list[Path]:
    """Put the files in the order in which they provide a name that several define.

    First comes what the course has named; copies and what lies in old/ come last, notebooks after files. A file with
    more of the names comes before others; of versions of one file (v1 and v2, final) the newest by its name; then what
    was changed later, as far as minutes tell.
    """
    versions = {file: Version(file.relative_to(folder)) for file in files}
    families: dict[str, list[Path]] = {}
    for file, version in versions.items():
        families.setdefault(version.family, []).append(file)
    standing = {
        family: (-max(sum(own[f].values()) for f in of), -max(map(changed, of)), min(len(f.parts) for f in of), family)
        for family, of in families.items()
    }
    ordered = sorted(files, key=lambda f: (-changed(f), len(f.parts), f))
    ordered.sort(key=lambda f: versions[f].rank, reverse=True)

    def place(file: Path) -> tuple[Any, ...]:
        version = versions[file]
        return not is_named(file, folder, first), version.is_copy, file.suffix == ".ipynb", standing[version.family]

    return sorted(ordered, key=place)


def is_named(file: Path, folder: Path, pattern: str) -> bool:
    """Return whether a file is the one that the course has named, by its name, its path or a pattern."""
    small = pattern.lower()
    names = (file.name.lower(), file.relative_to(folder).as_posix().lower())
    return bool(pattern) and any(fnmatch.fnmatchcase(name, small) for name in names)


def changed(file: Path) -> int:
    """Return the minute in which a file was changed: files that were unpacked together are of one age."""
    try:
        return int(file.stat().st_mtime) // 60
    except OSError:
        return 0


def order_providers(
    loaded: Mapping[Path, list[ModuleType]], own: Mapping[Path, Mapping[str, bool]], folder: Path, reader: Reader
) -> dict[str, dict[Path, Any]]:
    """Map each name to the files that define it, each with its definition; the first provides it.

    The order is the files' own but for this: first comes what the course has named, then a layer before what only
    describes one, then what a package exports; a stub never stands before what is written in another file.
    """
    found: dict[str, dict[Path, Any]] = {}
    for file, modules in loaded.items():
        for name in sorted(own[file]):
            thing = next((t for m in modules if (t := reader.own_definition(m, name)) is not None), None)
            found.setdefault(name, {})[file] = thing
    families = {file: Version(file.relative_to(folder)).family for file in loaded}

    def ordered(name: str, things: dict[Path, Any]) -> dict[Path, Any]:
        computing = {families[file] for file, thing in things.items() if may_compute(name, thing)}

        def place(file: Path) -> tuple[bool, ...]:
            exported = is_exported(name, things[file], loaded[file][0])
            named = is_named(file, folder, reader.first)
            return not own[file][name], not named, families[file] not in computing, not exported

        return {file: things[file] for file in sorted(things, key=place)}

    return {name: ordered(name, things) for name, things in found.items()}


def is_exported(name: str, thing: Any, module: ModuleType) -> bool:
    """Return whether the package that a module is in gives this out under the name at its top."""
    package, _, inner = module.__name__.partition(".")
    return bool(inner) and thing is not None and vars(sys.modules.get(package, module)).get(name) is thing


def note_choice(
    files: list[Path], own: Mapping[Path, Mapping[str, bool]], providers: Mapping[str, Mapping[Path, Any]],
    reader: Reader,
) -> None:  # fmt: skip
    """Note of each file that defines what another one provides, and which that is."""
    owner = {name: next(iter(things)) for name, things in providers.items()}
    for file in files:
        lost: dict[Path, list[str]] = {}
        stubs = not any(own[file].values())  # a template of the course: all its definitions do is raise
        for name in sorted(n for n, written in own[file].items() if (written or stubs) and owner[n] != file):
            lost.setdefault(owner[name], []).append(name)
        for other, names in lost.items():
            said = ", ".join(names[:MOST_NAMES]) + (", ..." if len(names) > MOST_NAMES else "")
            values = {"other": reader.place(file), "names": said}
            reader.notes.append(Note("template" if stubs else "file", reader.place(other), values))


def find_definers(folder: Path, reader: Reader, wanted: set[str]) -> dict[Path, dict[str, bool]]:
    """Map every readable file of the folder to the wanted names that it defines. Raises LoadError if there is none.

    Each name comes with whether it is written: False for a stub.
    """
    files = sorted(find_code_files(folder))
    if not files:
        raise LoadError(f"{folder} has no .py file and no notebook in it.")
    own: dict[Path, dict[str, bool]] = {}
    first = ""
    for file in files:
        try:
            found = names_defined_in(file, reader.place(file))
            reader.names_of_files[file] = set(found)
            own[file] = {name: written for name, written in found.items() if name in wanted}
        except LoadError as error:
            first = first or str(error)
            reader.skipped.append(Skipped(reader.place(file), 1, "", str(error)))
    if not own:
        raise LoadError(first)
    return own


def register_name(name: str, file: Path, thing: Any, names: dict[str, Any], reader: Reader, stub: bool) -> None:
    """Enter a file's definition under its name, or list it as skipped if an earlier file defines that name."""
    if name not in names or (isinstance(names[name], Missing) and thing is not None):
        names[name] = thing
    elif thing is not names[name] and not stub:
        why = f"{name} is taken from another file; --map {name}={reader.place(file)}:{name} takes this one"
        reader.skipped.append(Skipped(reader.place(file), 1, name, why))


def load_file(file: Path, root: Path, reader: Reader) -> list[ModuleType]:
    """Load a file as a module, under its dotted name if it has one; from its own folder, as its author runs it.

    Return it, and after it the modules of the files that it writes, if it is a notebook.
    """
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
            return [module]
    before = set(reader.written)
    module = reader.context.load_as(file.stem, file)
    written = [Path(name) for name in reader.written if name not in before]
    return [module, *(reader.context.load_as(name.stem, name) for name in written)]


def find_code_files(folder: Path) -> Iterator[Path]:
    """Yield the .py files and notebooks of a folder, without hidden ones, virtual environments and build outputs."""
    for place, folders, files in os.walk(folder):
        keep = [f for f in folders if not f.startswith(".") and f not in IGNORED_FOLDERS]
        folders[:] = [f for f in keep if not os.path.exists(os.path.join(place, f, "pyvenv.cfg"))]
        yield from (Path(place, f) for f in files if f.endswith((".py", ".ipynb")) and not f.startswith("."))


def names_defined_in(file: Path, place: str) -> dict[str, bool]:
    """Map the names that a file defines itself to whether they are written, and no stubs. Raises LoadError."""
    if file.suffix == ".py":
        return defined_names(read_python(file, place).tree)
    sources, _, broken, written = read_notebook(file, place)
    found = dict.fromkeys(broken, True)
    for source in (s for cells in (sources, *written.values()) for s in cells):
        found |= defined_names(source.tree)
    return found


def find_import_root(path: Path) -> Path:
    """Return what must be on sys.path for this file: its folder, or the one above its package if it imports by that."""
    code, folder = read_file(path), path.parent
    start = rb"^[ \t]*[\"']?[ \t]*" if path.suffix == ".ipynb" else rb"^[ \t]*"
    if re.search(start + rb"(from|import)\s+(%s\b|\.)" % re.escape(folder.name.encode()), code, re.MULTILINE):
        while (folder.parent / "__init__.py").is_file():
            folder = folder.parent
        return folder.parent
    return folder


class Version:
    """What the path of a file says of its version.

    family: what is left of the path without that; is_copy: "Copy of layers", "old/layers"; rank: the newer the higher.
    """

    def __init__(self, path: PurePath) -> None:
        """path: of a file in a submission."""
        level, numbers, rest = 0, list[int](), list[str]()
        self.is_copy = False
        for token in tokens_of(path):
            plain, tail = token, TRAILING.match(token)
            if tail and not VERSION.match(token):
                plain = tail[1]
            if token in COPIES or plain in COPIES or COPY_OF.search(token):
                self.is_copy = True
                continue
            if plain in LEVELS:
                level = level + 1 if level > 1 < LEVELS[plain] else LEVELS[plain]
            elif not VERSION.match(token) and plain not in WORDS:
                rest.append(plain)
            if number := VERSION.match(token) or (tail and re.match(r"(\d+)", tail[2])):
                numbers.append(int(number[1][:12]))
        self.family = " ".join(rest) + path.suffix
        self.rank = (level, tuple(numbers))


def tokens_of(path: PurePath) -> list[str]:
    """Return the words of a path in lower case, without its suffix."""
    text = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", str(path.with_suffix("")))
    return [word for word in re.split(r"[\W_]+", text.lower()) if word]


def family_of(name: str) -> str:
    """Return what a file or folder is a version of: layers for layers_v2.py, alice for alice (1).

    A number alone at the end makes no version: s1 and s2 are two.
    """
    words = tokens_of(PurePath(re.sub(r"\(\d+\)", "", name)))
    versions = COPIES | LEVELS.keys() | WORDS
    return " ".join(word for word in words if word not in versions and not re.match(r"v\d+$|copy\d+$", word))
