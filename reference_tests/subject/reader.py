"""Somebody's files, statement by statement: what defines something is kept, the rest is listed, and nothing stops."""

import __future__

import ast
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

from .errors import Missing, MissingName
from .import_context import ImportContext
from .limits import OutOfTime
from .notebook import read_notebook
from .source import LoadError, Skipped, Source, read_python
from .statements import IMPORTS, bound_names, keep_definitions, needed_names

ANNOTATIONS = __future__.annotations.compiler_flag


class Reader:
    """Fills modules from files. wanted: the names that are looked for."""

    def __init__(self, folder: Path, wanted: Iterable[str], whole: bool = False) -> None:
        self.folder, self.wanted, self.whole = folder, list(wanted), whole
        self.around = ImportContext(folder, self.fill_whole if whole else self.fill)
        self.skipped: list[Skipped] = []
        self.files: list[str] = []
        self.failed_stars: list[str] = []  # a NameError later on may come from these

    def place(self, path: Path) -> str:
        return str(path.relative_to(self.folder)) if path.is_relative_to(self.folder) else path.name

    def fill(self, module: ModuleType, path: Path) -> None:
        """Reads the file into the module. Raises LoadError where it has a syntax error."""
        sources, broken = self.read(path)
        names, flags = vars(module), 0
        needs = needed_names([s.tree for s in sources], self.wanted)
        self.files += [s.filename for s in sources]
        for source in sources:
            for node in source.tree.body:
                if isinstance(node, ast.ImportFrom) and node.module == "__future__":
                    flags |= sum(getattr(__future__, a.name).compiler_flag for a in node.names)
                self.statement(node, source, names, needs, flags)
        for name, why in broken.items():
            names.setdefault(name, Missing(f"{name}: {why}"))

    def read(self, path: Path) -> tuple[list[Source], dict[str, str]]:
        if path.suffix != ".ipynb":
            return [read_python(path, self.place(path))], {}
        sources, dropped, broken = read_notebook(path, self.place(path))
        self.skipped += dropped
        return sources, broken

    def fill_whole(self, module: ModuleType, path: Path) -> None:
        """A module that is imported as it is."""
        source = read_python(path, self.place(path))
        self.files.append(source.filename)
        self.around.claim(source.tree)
        exec(compile(source.tree, source.filename, "exec", dont_inherit=True), vars(module))

    def statement(self, node: ast.stmt, source: Source, names: dict[str, Any], needs: set[str], flags: int) -> None:
        kept, dropped = keep_definitions(node, names, needs)
        for statement, why in dropped:
            self.skip(statement, source, names, why)
        if kept is not None:
            self.around.claim(kept)
            self.attempt(kept, source, names, flags)
            self.around.settle()

    def skip(self, node: ast.stmt, source: Source, names: dict[str, Any], why: str) -> None:
        """Lists it; what it would have bound is missing. An earlier value is out of date only after an assignment."""
        self.skipped.append(entry := source.skipped(node, why))
        assigned = isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign)
        for name in bound_names(node):
            if assigned or name not in names:
                names[name] = Missing(f"{name}: {entry}")

    def attempt(self, node: ast.stmt, source: Source, names: dict[str, Any], flags: int) -> None:
        """Runs one statement. Whatever it raises, the file goes on without it."""
        try:
            run_statement(node, source, names, flags)
        except (KeyboardInterrupt, OutOfTime):
            raise
        except BaseException as error:
            if isinstance(node, IMPORTS) and len(node.names) > 1:
                for alias in node.names:  # one name of several may be the only one that is not there
                    one = ast.copy_location(type(node)(**{**dict(ast.iter_fields(node)), "names": [alias]}), node)
                    self.attempt(one, source, names, flags)
            elif isinstance(error, MissingName) and not flags & ANNOTATIONS and hasattr(node, "decorator_list"):
                self.attempt(node, source, names, flags | ANNOTATIONS)  # an annotation alone costs no definition
            else:
                if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
                    self.failed_stars.append(f"{source.place}, line {node.lineno}: {source.line(node.lineno)}")
                self.skip(node, source, names, describe_failure(error))


def run_statement(node: ast.stmt, source: Source, names: dict[str, Any], flags: int) -> None:
    exec(compile(ast.Module([node], []), source.filename, "exec", flags, dont_inherit=True), names)


def describe_failure(error: BaseException) -> str:
    return str(error) if isinstance(error, MissingName | LoadError) else f"{type(error).__name__}: {error}"[:300]
