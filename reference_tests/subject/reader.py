"""Reading a target's files statement by statement: what defines something is run, the rest is listed as skipped."""

import __future__

import ast
import builtins
import copy
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from ..i18n import _
from .conventions.attempts import FIRST
from .conventions.vocabulary import layer_named
from .errors import Missing, MissingName, set_aside
from .import_context import ImportContext
from .lending.bases import Blank, without_missing_bases
from .lending.lender import Loan
from .notebook import read_notebook
from .protocol import Note
from .source import OUTSIDE, LoadError, Skipped, Source, read_python, walk
from .statements import (
    DEFINITIONS,
    IMPORTS,
    bound_names,
    changed_names,
    defined_names,
    keep_definitions,
    needed_names,
    outer_names_changed,
    walk_statements,
)
from .stubs import NOTICE, Stubs, is_stub_definition
from .timing.alarms import OutOfTime

ANNOTATIONS = __future__.annotations.compiler_flag


class Reader:
    """Fills modules from the files of one target."""

    def __init__(
        self, folder: Path, wanted: Iterable[str], whole: bool = False, alone: bool = False, first: str = ""
    ) -> None:
        """folder: the target's. wanted: the names that are looked for. whole: run every statement of a file.

        alone: no file above the folder is the target's, as where it is graded. first: name or pattern of the file
        whose definitions come first.
        """
        self.folder, self.wanted = folder, list(wanted)
        self.context = ImportContext(folder, self.fill_whole if whole else self.fill, alone or whole)
        self.lender = self.context.lender
        self.first = first
        self.functions: dict[str, list[ast.FunctionDef]] = {}  # of the files' own, by name
        self.skipped: list[Skipped] = []
        self.files: list[str] = []
        self.sources: list[Source] = []
        self.stubs = Stubs(self.files)
        self.written: dict[str, list[Source]] = {}  # files that cells of a notebook write
        self.failed_stars: list[tuple[str, str]] = []  # (module, place): a NameError later on may come from these
        self.names_of_files: dict[Path, set[str]] = {}  # of a folder's files: the names that each defines
        self.defined: dict[tuple[str, str], str] = {}  # (module, name) -> the place of its definition
        self.shadowed: dict[tuple[str, str], Shadowed] = {}  # definitions whose name a later star import took
        self.notes: list[Note] = []
        self.attempts = FIRST

    @property
    def trees(self) -> list[ast.Module]:
        """The trees of all that was read."""
        return [source.tree for source in self.sources]

    def place(self, path: Path) -> str:
        """Return how messages name a file: by its path in the folder."""
        return str(path.relative_to(self.folder)) if path.is_relative_to(self.folder) else path.name

    def fill(self, module: ModuleType, path: Path) -> None:
        """Run a file's definitions in the module. Raises LoadError for a syntax error."""
        sources, broken = self.read(path)
        names, flags = vars(module), 0
        trees = [s.tree for s in sources]
        likely = [name for tree in trees for name in defined_names(tree) if layer_named(name)]
        needs = needed_names(trees, [*self.wanted, *likely])
        for source in sources:
            self.prepare(source, names)
        for source in sources:
            for node in source.tree.body:
                if isinstance(node, ast.ImportFrom) and node.module == "__future__":
                    flags |= sum(getattr(__future__, a.name).compiler_flag for a in node.names)
                self.process(node, source, names, needs, flags)
        for name, why in broken.items():
            names.setdefault(name, Missing(f"{name}: {why}"))
        if why := self.attempts.aside:
            set_aside(names, self.files, why)

    def fill_whole(self, module: ModuleType, path: Path) -> None:
        """Run all of a file in the module, as Python's import does."""
        source = read_python(path, self.place(path))
        self.prepare(source, vars(module))
        self.context.make_room_for_imports(source.tree)
        exec(compile(source.tree, source.filename, "exec", dont_inherit=True), vars(module))

    def read(self, path: Path) -> tuple[list[Source], dict[str, str]]:
        """Return a file's sources, and its names in broken cells with the reason."""
        if str(path) in self.written:
            return self.written[str(path)], {}
        if path.suffix != ".ipynb":
            return [read_python(path, self.place(path))], {}
        sources, dropped, broken, written = read_notebook(path, self.place(path))
        self.skipped += dropped
        self.written |= {os.path.normpath(path.parent / name): cells for name, cells in written.items()}
        self.context.written |= self.written.keys()
        return sources, broken

    def prepare(self, source: Source, names: dict[str, Any]) -> None:
        """Look at a source before it is run: what it imports, and what is not written yet."""
        self.files.append(source.filename)
        self.sources.append(source)
        for function in (n for n in source.tree.body if isinstance(n, ast.FunctionDef)):
            self.functions.setdefault(function.name, []).append(function)
        self.lender.read(source.tree)
        self.stubs.mark(source.tree, source.place)
        names[NOTICE] = self.stubs.notice

    def process(self, node: ast.stmt, source: Source, names: dict[str, Any], needs: set[str], flags: int) -> None:
        """Run what a statement defines, and list what is left out of it. needs: names that the wanted ones use."""
        kept, dropped = keep_definitions(node, names, needs)
        for statement, why in dropped:
            self.skip(statement, source, names, why)
            for name in self.names_left_stale(statement) & needs & names.keys():
                if not callable(names[name]):
                    names[name] = Missing(f"{name}: {source.skipped(statement, why)}")
        if kept is not None:
            imports = [n for n in walk_statements([kept]) if isinstance(n, ast.ImportFrom)]
            before = dict(names) if imports else names
            self.context.make_room_for_imports(kept)
            self.attempt(kept, source, names, flags)
            self.context.make_path_absolute()
            place = f"{source.place}, line {node.lineno}"
            self.note_definitions(kept, names, place)
            for one in imports:
                self.settle_names(one, before, names, place)

    def names_left_stale(self, node: ast.stmt) -> set[str]:
        """Return the names whose table a statement would have filled, itself or by a function of the target's."""
        if not isinstance(node, ast.For | ast.While | ast.Expr):
            return set()
        called = {n.func.id for n in walk(node) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
        functions = [f for name in called for f in self.functions.get(name, ())]
        return changed_names(node).union(*(outer_names_changed(f) for f in functions))

    def note_definitions(self, node: ast.stmt, names: dict[str, Any], place: str) -> None:
        """Remember where the file defines a name."""
        home = names["__name__"]
        for one in walk_statements([node]):
            if isinstance(one, DEFINITIONS) and not is_stub_definition(one):
                self.defined[home, one.name] = place
                self.shadowed.pop((home, one.name), None)

    def settle_names(self, node: ast.ImportFrom, before: dict[str, Any], names: dict[str, Any], place: str) -> None:
        """Settle what happens to the file's own definitions where a later import has the same name.

        A star import binds what its author did not think of: the definition is examined. An import by name means it.
        """
        home, star = names["__name__"], node.names[0].name == "*"
        if star and node.module in self.lender.lent:
            self.failed_stars.append((node.module or "", f"{place}: {ast.unparse(node)}"))
        for of, name in [key for key in self.defined if key[0] == home and names.get(key[1]) is not before.get(key[1])]:
            if isinstance(names[name], Loan):
                names[name] = before[name]
            elif star:
                self.shadowed[of, name] = Shadowed(before[name], self.defined[of, name], place)
            elif name in bound_names(node) and name in self.wanted:
                values = {"place": self.defined.pop((of, name)), "other": place}
                self.notes.append(Note("imported", name, values))

    def own_definition(self, module: ModuleType, name: str) -> Any:
        """Return what a module defines itself under a name, though an import took it later; None without one."""
        found = self.shadowed.get((module.__name__, name))
        return found.thing if found else vars(module).get(name)

    def own_definitions(self) -> SimpleNamespace:
        """Return the definitions whose names later star imports took."""
        return SimpleNamespace(**{name: found.thing for (_, name), found in self.shadowed.items()})

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
            with self.attempts.running():
                run_statement(node, source, names, flags)
        except (KeyboardInterrupt, OutOfTime):
            raise
        except BaseException as error:
            self.attempts.look()
            for other in self.alternatives(node, error, names, flags):
                self.attempt(other, source, names, flags if other is not node else flags | ANNOTATIONS)
                return
            if isinstance(node, IMPORTS) and len(node.names) > 1:
                for alias in node.names:  # one name of several may be the only one that is not there
                    self.attempt(replace_fields(node, names=[alias]), source, names, flags)
                return
            if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
                at = f"{source.place}, line {node.lineno}: {source.line(node.lineno)}"
                self.failed_stars.append((node.module or "", at))
            self.skip(node, source, names, describe_failure(error) + describe_line_outside(node, error, source))

    def alternatives(
        self, node: ast.stmt, error: BaseException, names: dict[str, Any], flags: int
    ) -> Iterator[ast.stmt]:
        """Yield what may be run in place of a statement that failed; the statement itself: without its annotations."""
        if isinstance(node, ast.ImportFrom) and node.level and "no known parent package" in str(error):
            plain = replace_fields(node, level=0)  # the file's folder is on the path
            yield plain if node.module else ast.copy_location(ast.Import(node.names), node)
        if isinstance(error, MissingName | NameError) and isinstance(node, DEFINITIONS):
            bare, left_out = without_missing_decorators(node, names)
            lost = list[str]()
            if isinstance(bare, ast.ClassDef):
                bare, lost = without_missing_bases(bare, names)
            if left_out or lost:
                self.notes += [Note("decorator", name, {}) for name in left_out]
                self.notes += [Note("base", name, {}) for name in lost]
                names |= {"Blank": Blank} if lost else {}
                yield bare
            elif isinstance(error, MissingName) and not flags & ANNOTATIONS:
                yield node  # an annotation alone costs no definition


@dataclass(frozen=True)
class Shadowed:
    """A definition whose name a later star import took, and where both are."""

    thing: Any
    place: str
    other: str


def replace_fields(node: Any, **fields: Any) -> Any:
    """Return a copy of a node with other fields."""
    return ast.copy_location(type(node)(**{**dict(ast.iter_fields(node)), **fields}), node)


def without_missing_decorators(node: ast.stmt, names: Mapping[str, Any]) -> tuple[ast.stmt, list[str]]:
    """Return a definition without those decorators, also of methods, that are not there; and their names."""
    bare, left_out = copy.deepcopy(node), []
    for one in (n for n in walk(bare) if isinstance(n, DEFINITIONS)):
        for decorator in one.decorator_list[:]:
            root: ast.AST = decorator
            while isinstance(root, ast.Call | ast.Attribute):
                root = root.func if isinstance(root, ast.Call) else root.value
            name = root.id if isinstance(root, ast.Name) else ""
            if name and isinstance(names.get(name, vars(builtins).get(name, Missing(""))), Missing):
                one.decorator_list.remove(decorator)
                left_out.append(ast.unparse(decorator.func if isinstance(decorator, ast.Call) else decorator))
    return bare, left_out


def run_statement(node: ast.stmt, source: Source, names: dict[str, Any], flags: int) -> None:
    """Run one statement of a source. flags: compile()'s, for __future__ imports."""
    exec(compile(ast.Module([node], []), source.filename, "exec", flags, dont_inherit=True), names)


def describe_line_outside(node: ast.stmt, error: BaseException, source: Source) -> str:
    """Return what is said of a line in a class's body that uses a parameter of the method above it, "" for others."""
    last = error.__traceback__
    while last and last.tb_next:
        last = last.tb_next
    if not (isinstance(node, ast.ClassDef) and isinstance(error, NameError) and last):
        return ""
    above = [m for m in node.body if isinstance(m, ast.FunctionDef) and m.lineno < last.tb_lineno]
    if not above or error.name not in [a.arg for a in above[-1].args.args]:
        return ""
    return f"; line {last.tb_lineno}: {source.line(last.tb_lineno)} ({_(OUTSIDE)})"


def describe_failure(error: BaseException) -> str:
    """Return why a statement failed: our own sentence, or the exception's type and message."""
    return str(error) if isinstance(error, MissingName | LoadError) else f"{type(error).__name__}: {error}"[:300]
