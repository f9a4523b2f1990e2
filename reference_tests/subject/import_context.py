"""Where the target lives: its working directory, sys.path, modules and environment, there inside and gone afterwards.

Its own modules (common.layers, util ...) are found before anybody else's of that name, are read by our reader, and are
out of sys.modules when it is not running: so two targets with a layers.py do not meet, nor does ours with theirs."""

import ast
import contextlib
import importlib.machinery
import importlib.util
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

import numpy as np

ROOT = Path(__file__).resolve().parents[2]  # what holds impl and reference_tests
SHARED_FOLDERS = {str(ROOT), str(Path(np.__file__).parents[1]), str(Path(os.__file__).parent)}


class ImportContext:
    def __init__(self, folder: Path, fill: Callable[[ModuleType, Path], None]) -> None:
        self.folder, self.cwd, self.fill = folder, str(folder), fill
        self.path = [str(folder), *map(os.path.abspath, sys.path)]
        self.base = Counter(map(os.path.abspath, sys.path))
        self.modules: dict[str, ModuleType] = {}  # the target's own
        self.by_file: dict[str, ModuleType] = {}
        self.aside: dict[str, ModuleType] = {}  # of the same names, somebody else's
        self.environ: dict[str, str] = {}

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """Inside, everything is as the target has it. Once inside, entering again costs nothing."""
        if self in sys.meta_path:
            yield
            return
        path, argv, environ, cwd = sys.path, sys.argv, dict(os.environ), current_folder()
        sys.path, sys.argv = list(self.path), [""]
        self.take_places()
        sys.meta_path.insert(0, self)  # type: ignore[arg-type]
        try:
            os.environ.update(self.environ)
            with contextlib.suppress(OSError):
                os.chdir(self.cwd)
            yield
        finally:
            self.cwd, self.path = current_folder() or self.cwd, list(sys.path)
            self.environ = {k: v for k, v in os.environ.items() if environ.get(k) != v}
            sys.meta_path.remove(self)  # type: ignore[arg-type]
            self.leave_places()
            sys.path, sys.argv = path, argv
            if self.environ or len(os.environ) != len(environ):
                os.environ.clear()
                os.environ.update(environ)
            if cwd:
                os.chdir(cwd)

    def take_places(self) -> None:
        for name in {name.partition(".")[0] for name in self.modules} & sys.modules.keys():
            self.put_aside(name)
        sys.modules.update(self.modules)

    def leave_places(self) -> None:
        for name in self.modules:
            sys.modules.pop(name, None)
        sys.modules.update(self.aside)
        self.aside = {}

    def put_aside(self, top: str) -> None:
        for name in [n for n in sys.modules if n == top or n.startswith(top + ".")]:
            self.aside[name] = sys.modules.pop(name)

    def claim(self, statement: ast.AST) -> None:
        """What this imports and has beside it is the target's own, even if a module of that name is there already.

        The standard library's modules that are already in use stay what they are, as in Python itself."""
        for node in ast.walk(statement):
            if isinstance(node, ast.Import | ast.ImportFrom):
                paths = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""]
                for top in {p.partition(".")[0] for p in paths if p}:
                    self.claim_one(top)

    def claim_one(self, top: str) -> None:
        if top not in sys.modules or top in self.modules or top in sys.stdlib_module_names:
            return
        spec = self.find_spec(top)
        if spec and not is_same_module(sys.modules[top], spec):
            self.put_aside(top)

    def settle(self) -> None:
        """Relative entries of sys.path mean the directory in which they were added."""
        sys.path[:] = [os.path.abspath(p) if isinstance(p, str) else p for p in sys.path]

    def own(self) -> list[str]:
        """The entries of sys.path that are the target's: added by it or for it, or a folder that it lies in."""
        added = Counter(p for p in sys.path if isinstance(p, str)) - self.base
        above = {str(p) for p in (self.folder, *self.folder.parents)} - SHARED_FOLDERS
        return [p for p in dict.fromkeys(sys.path) if isinstance(p, str) and (p in added or p in above)]

    # the finder and loader that sys.meta_path asks
    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        top, _, _ = fullname.partition(".")
        if top == "reference_tests" or (path is not None and top not in self.modules):
            return None
        entries = self.own() if path is None else [str(p) for p in path]  # type: ignore[attr-defined]
        name = fullname.rpartition(".")[2]
        for entry in entries:
            package, file = os.path.join(entry, name, "__init__.py"), os.path.join(entry, name + ".py")
            if os.path.isfile(package):
                return self.spec(fullname, package, [os.path.dirname(package)])
            if os.path.isfile(file):
                return self.spec(fullname, file)
        folders = [d for d in (os.path.join(entry, name) for entry in entries) if os.path.isdir(d)]
        if not folders or (path is None and is_regular_module(fullname)):
            return None
        spec = ModuleSpec(fullname, self, is_package=True)  # type: ignore[arg-type]
        spec.submodule_search_locations = folders
        return spec

    def spec(self, name: str, file: str, package: list[str] | None = None) -> ModuleSpec | None:
        return importlib.util.spec_from_file_location(
            name,
            file,
            loader=self,  # type: ignore[arg-type]
            submodule_search_locations=package,
        )

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """One file is one module, by whichever name it is asked for."""
        return self.by_file.get(spec.origin or "")

    def exec_module(self, module: ModuleType) -> None:
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

    def module(self, name: str, file: Path) -> ModuleType:
        """The file as a module of that name, whatever else has the name."""
        file_name = str(file)
        if file_name in self.by_file:
            return self.by_file[file_name]
        if name in sys.modules and name not in self.modules:
            if name.partition(".")[0] in sys.stdlib_module_names:
                name = f"_{name}"
            else:
                self.put_aside(name)
        package = [str(file.parent)] if file.name == "__init__.py" else None
        spec = self.spec(name, file_name, package)
        assert spec is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        self.exec_module(module)
        return module


def current_folder() -> str:
    try:
        return os.getcwd()
    except OSError:  # the directory is gone
        return ""


def is_regular_module(name: str) -> bool:
    """Is there an ordinary module of that name, which a mere folder must not hide?"""
    if name in sys.modules:
        return getattr(sys.modules[name], "__file__", None) is not None
    spec = PathFinder.find_spec(name)
    return name in sys.builtin_module_names or (spec is not None and spec.origin is not None)


def is_same_module(module: ModuleType, spec: ModuleSpec) -> bool:
    if spec.origin:
        file = getattr(module, "__file__", None)
        return file is not None and os.path.realpath(file) == os.path.realpath(spec.origin)
    return list(getattr(module, "__path__", ())) == spec.submodule_search_locations
