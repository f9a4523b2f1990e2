"""The place where the target's code runs: its working directory, sys.path, modules and environment.

They are in force while the target runs and gone afterwards. The target's own modules (common.layers, util ...) are
found before other modules of that name, are read by our reader, and are out of sys.modules when it is not running. So
two targets with a layers.py do not meet, nor does ours with theirs.
"""

import ast
import contextlib
import importlib.machinery
import importlib.util
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from .lending.lender import Lender
from .source import walk

ROOT = Path(__file__).resolve().parents[2]  # the folder of impl and reference_tests
SHARED_FOLDERS = {str(ROOT), str(Path(np.__file__).parents[1]), str(Path(os.__file__).parent)}
LEVELS_ABOVE = 3  # folders above a target that are searched where no repository's root is found
NEVER_ABOVE = SHARED_FOLDERS | {tempfile.gettempdir(), os.path.expanduser("~"), "/"}


class ImportContext:
    """The import state of one target. It is a finder and a loader for sys.meta_path while the target runs."""

    def __init__(self, folder: Path, fill: Callable[[ModuleType, Path], None], alone: bool = False) -> None:
        """folder: the target's. fill: runs a file's code in a module. alone: nothing above the folder is searched."""
        self.folder, self.cwd, self.fill = folder, str(folder), fill
        self.path = [str(folder), *map(os.path.abspath, sys.path)]
        self.path_before = Counter(map(os.path.abspath, sys.path))
        self.modules: dict[str, ModuleType] = {}  # the target's own
        self.by_file: dict[str, ModuleType] = {}
        self.hidden: dict[str, ModuleType] = {}  # of the same names, not the target's
        self.environ: dict[str, str] = {}
        self.outside: tuple[dict[Any, Any], dict[str, str]] = {}, {}  # a snapshot of the environment, and its strings
        self.above = [] if alone else search_above(folder)
        self.written: set[str] = set()  # files that a notebook writes, by %%writefile
        self.lender = Lender(self.modules.__setitem__)

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """Put the target's state in force for the block. Entering again inside it does nothing."""
        if self in sys.meta_path:
            yield
            return
        path, argv, cwd, before = sys.path, sys.argv, current_folder(), snapshot_environment()
        if before != self.outside[0]:
            self.outside = before, dict(os.environ)
        sys.path, sys.argv = list(self.path), [""]
        self.install_modules()
        sys.meta_path.insert(0, self)
        sys.meta_path.append(self.lender)
        try:
            if self.environ:
                os.environ.update(self.environ)
            with contextlib.suppress(OSError):
                os.chdir(self.cwd)
            yield
        finally:
            self.cwd, self.path = current_folder() or self.cwd, list(sys.path)
            self.restore_environment(before)
            sys.meta_path.remove(self)
            sys.meta_path.remove(self.lender)
            self.remove_modules()
            sys.path, sys.argv = path, argv
            if cwd:
                os.chdir(cwd)

    def restore_environment(self, before: dict[Any, Any]) -> None:
        """Keep what the target has set in the environment for the next time, and put back what was there before."""
        self.environ = {}
        if snapshot_environment() != before:
            outside = self.outside[1]
            self.environ = {k: v for k, v in os.environ.items() if outside.get(k) != v}
            os.environ.clear()
            os.environ.update(outside)

    def install_modules(self) -> None:
        """Put the target's modules into sys.modules, and hide others of their names."""
        for name in {name.partition(".")[0] for name in self.modules} & sys.modules.keys():
            self.hide_modules(name)
        sys.modules.update(self.modules)

    def remove_modules(self) -> None:
        """Take the target's modules out of sys.modules, and bring the hidden ones back."""
        for name in self.modules:
            sys.modules.pop(name, None)
        sys.modules.update(self.hidden)
        self.hidden = {}

    def hide_modules(self, top: str) -> None:
        """Take a module and its submodules out of sys.modules until remove_modules."""
        for name in [n for n in sys.modules if n == top or n.startswith(top + ".")]:
            self.hidden[name] = sys.modules.pop(name)

    def make_room_for_imports(self, statement: ast.AST) -> None:
        """Hide the modules whose names the statement imports if the target has files of these names.

        The standard library's modules that are already in use stay what they are, as in Python itself.
        """
        for node in walk(statement):
            if isinstance(node, ast.Import | ast.ImportFrom):
                paths = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""]
                for top in {p.partition(".")[0] for p in paths if p}:
                    self.make_room_for(top)

    def make_room_for(self, top: str) -> None:
        """Hide the module of this name if the target has a file of that name."""
        if top not in sys.modules or top in self.modules or top in sys.stdlib_module_names:
            return
        spec = self.find_spec(top)
        if spec and not is_same_module(sys.modules[top], spec):
            self.hide_modules(top)

    def make_path_absolute(self) -> None:
        """Resolve relative entries of sys.path: they mean the directory in which they were added."""
        sys.path[:] = [os.path.abspath(p) if isinstance(p, str) else p for p in sys.path]

    def own_path_entries(self) -> list[str]:
        """Return the entries of sys.path that are the target's: added by it or for it, or a folder above it."""
        added = Counter(p for p in sys.path if isinstance(p, str)) - self.path_before
        above = {str(p) for p in (self.folder, *self.folder.parents)} - SHARED_FOLDERS
        return [p for p in dict.fromkeys(sys.path) if isinstance(p, str) and (p in added or p in above)]

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Find a module of the target's (called by Python's import). Return None for all others."""
        top, _, _ = fullname.partition(".")
        if top == "reference_tests" or (path is not None and top not in self.modules):
            return None
        name = fullname.rpartition(".")[2]
        if path is not None:
            return self.find_in(fullname, name, [str(p) for p in path])  # type: ignore[attr-defined]
        regular = is_regular_module(fullname)
        entries = [*self.own_path_entries(), *([] if regular else self.above)]
        return self.find_in(fullname, name, entries, folders=not regular)

    def find_in(self, fullname: str, name: str, entries: list[str], folders: bool = True) -> ModuleSpec | None:
        """Find a package, a file, a notebook or (folders) a mere folder of that name in the entries; None for none."""
        for entry in entries:
            package, file = os.path.join(entry, name, "__init__.py"), os.path.join(entry, name + ".py")
            if self.is_file(package):
                return self.make_spec(fullname, package, [os.path.dirname(package)])
            if self.is_file(file):
                return self.make_spec(fullname, file)
            if self.is_file(notebook := os.path.join(entry, name + ".ipynb")):  # as adapters of a notebook import it
                return self.make_spec(fullname, notebook)
        places = [d for d in (os.path.join(entry, name) for entry in entries) if folders and self.has_folder(d)]
        if not places:
            return None
        spec = ModuleSpec(fullname, self, is_package=True)  # type: ignore[arg-type]
        spec.submodule_search_locations = places
        return spec

    def is_file(self, path: str) -> bool:
        """Return whether there is such a file that may be read, or the notebook writes it."""
        if path in self.written or not os.path.isfile(path):
            return path in self.written
        try:
            with open(path, "rb"):  # under a grader the files of others can be seen, and not read
                return True
        except OSError:
            return False

    def has_folder(self, path: str) -> bool:
        """Return whether there is such a folder, or the notebook writes a file into it."""
        return os.path.isdir(path) or any(file.startswith(path + os.sep) for file in self.written)

    def make_spec(self, name: str, file: str, package: list[str] | None = None) -> ModuleSpec | None:
        """Return the spec of a file as a module of that name. package: the folders of its submodules."""
        return importlib.util.spec_from_file_location(
            name,
            file,
            loader=self,  # type: ignore[arg-type]
            submodule_search_locations=package,
        )

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Return the module that the file already is, by whichever name it was imported; None makes a new one."""
        return self.by_file.get(spec.origin or "")

    def exec_module(self, module: ModuleType) -> None:
        """Run a module's file, once. If it fails, the module is forgotten."""
        spec = module.__spec__
        assert spec is not None
        self.modules[spec.name] = module
        if not spec.origin or spec.origin in self.by_file:
            return
        self.by_file[spec.origin] = module
        try:
            self.fill(module, Path(spec.origin))
        except BaseException:
            del self.modules[spec.name], self.by_file[spec.origin]
            raise

    def load_as(self, name: str, file: Path) -> ModuleType:
        """Load the file as a module of that name; another module of that name is hidden."""
        file_name = str(file)
        if file_name in self.by_file:
            return self.by_file[file_name]
        if name in sys.modules and name not in self.modules:
            if name.partition(".")[0] in sys.stdlib_module_names:
                name = f"_{name}"
            else:
                self.hide_modules(name)
        package = [str(file.parent)] if file.name == "__init__.py" else None
        spec = self.make_spec(name, file_name, package)
        assert spec is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        self.exec_module(module)
        return module


def current_folder() -> str:
    """Return the working directory, "" if it was removed."""
    try:
        return os.getcwd()
    except OSError:
        return ""


def snapshot_environment() -> dict[Any, Any]:
    """Return a copy of what os.environ holds, to be compared with another one.

    It is as os.environ keeps it: decoding each variable before each program took a quarter of a submission's time.
    """
    return dict(getattr(os.environ, "_data", os.environ))


def search_above(folder: Path) -> list[str]:
    """Return the folders above the target that its author may have on the path, up to the repository's root.

    The working directory comes last.
    """
    found = []
    for above in list(folder.parents)[: 2 * LEVELS_ABOVE]:
        if str(above) in NEVER_ABOVE:
            break
        found.append(str(above))
        if (above / ".git").exists():
            return [*found, *own_folder()]
    if (folder / ".git").exists():
        return own_folder()
    return [*found[:LEVELS_ABOVE], *own_folder()]


def own_folder() -> list[str]:
    """Return the working directory, in which the command was given; none if it is one that everybody shares."""
    here = current_folder()
    return [here] if here and here not in NEVER_ABOVE else []


def is_regular_module(name: str) -> bool:
    """Return whether an ordinary module has that name: a mere folder must not hide it."""
    if name in sys.modules:
        return getattr(sys.modules[name], "__file__", None) is not None
    spec = PathFinder.find_spec(name)
    return name in sys.builtin_module_names or (spec is not None and spec.origin is not None)


def is_same_module(module: ModuleType, spec: ModuleSpec) -> bool:
    """Return whether a loaded module is from the file, or the folders, of the spec."""
    if spec.origin:
        file = getattr(module, "__file__", None)
        return file is not None and os.path.realpath(file) == os.path.realpath(spec.origin)
    return list(getattr(module, "__path__", ())) == spec.submodule_search_locations
