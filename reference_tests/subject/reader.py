"""Reading a target's files statement by statement: what defines something is run, the rest is listed as skipped."""

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
    """Fills modules from the files of one target."""

    def __init__(self, folder: Path, wanted: Iterable[str], whole: bool = False) -> None:
        """folder: the target's. wanted: the names that are looked for. whole: run every statement of a file."""
        self.folder, self.wanted = folder, list(wanted)
        self.context = ImportContext(folder, self.fill_whole if whole else self.fill)
        self.skipped: list[Skipped] = []
        self.files: list[str] = []
        self.failed_stars: list[str] = []  # a NameError later on may come from these

    def place(self, path: Path) -> str:
        """Return how messages name a file: by its path in the folder."""
        return str(path.relative_to(self.folder)) if path.is_relative_to(self.folder) else path.name

    def fill(self, module: ModuleType, path: Path) -> None:
        """Run a file's definitions in the module. Raises LoadError for a syntax error."""
        sources, broken = self.read(path)
        names, flags = vars(module), 0
        needs = needed_names([s.tree for s in sources], self.wanted)
        self.files += [s.filename for s in sources]
        for source in sources:
            for node in source.tree.body:
                if isinstance(node, ast.ImportFrom) and node.module == "__future__":
                    flags |= sum(getattr(__future__, a.name).compiler_flag for a in node.names)
                self.process(node, source, names, needs, flags)
        for name, why in broken.items():
            names.setdefault(name, Missing(f"{name}: {why}"))

    def fill_whole(self, module: ModuleType, path: Path) -> None:
        """Run all of a file in the module, as Python's import does."""
        source = read_python(path, self.place(path))
        self.files.append(source.filename)
        self.context.make_room_for_imports(source.tree)
        exec(compile(source.tree, source.filename, "exec", dont_inherit=True), vars(module))

    def read(self, path: Path) -> tuple[list[Source], dict[str, str]]:
        """Return a file's sources, and its names in broken cells with the reason."""
        if path.suffix != ".ipynb":
            return [read_python(path, self.place(path))], {}
        sources, dropped, broken = read_notebook(path, self.place(path))
        self.skipped += dropped
        return sources, broken

    def process(self, node: ast.stmt, source: Source, names: dict[str, Any], needs: set[str], flags: int) -> None:
        """Run what a statement defines, and list what is left out of it. needs: names that the wanted ones use."""
        kept, dropped = keep_definitions(node, names, needs)
        for statement, why in dropped:
            self.skip(statement, source, names, why)
        if kept is not None:
            self.context.make_room_for_imports(kept)
            self.attempt(kept, source, names, flags)
            self.context.make_path_absolute()

    def skip(self, node: ast.stmt, source: Source, names: dict[str, Any], why: str) -> None:
        """List a statement as skipped; the names that it would have bound are Missing.

        A name with an earlier value keeps that, unless the statement is an assignment: the value is out of date then.
        """
        self.skipped.append(entry := source.skipped(node, why))
        assigned = isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign)
        for name in bound_names(node):
            if assigned or name not in names:
                names[name] = Missing(f"{name}: {entry}")

    def attempt(self, node: ast.stmt, source: Source, names: dict[str, Any], flags: int) -> None:
        """Run one statement; skip it if it raises, so that the file goes on without it."""
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
    """Run one statement of a source. flags: compile()'s, for __future__ imports."""
    exec(compile(ast.Module([node], []), source.filename, "exec", flags, dont_inherit=True), names)


def describe_failure(error: BaseException) -> str:
    """Return why a statement failed: our own sentence, or the exception's type and message."""
    return str(error) if isinstance(error, MissingName | LoadError) else f"{type(error).__name__}: {error}"[:300]
