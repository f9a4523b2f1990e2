"""A snippet: the switches, the imports, the helpers, the probe and its inputs, of one column and one question."""

import ast
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ..questions import Question
from ..registry import QUIET, Framework, framework_of
from ..source_text import absent_questions, probe_rows
from .arrays import value_code
from .definitions import Definition, definitions, used_names
from .folding import UNKNOWN, Folder, copied, does_nothing, evaluate

LOOP = """for name, given in inputs.items():
    try:
        print(name, "->", {probe}(**given))
    except Exception as error:
        print(name, "->", type(error).__name__, error)"""
ONLY = "print({probe}({given}))"


@dataclass
class ColumnSource:
    """An adapter's file as one column sees it."""

    file: Path
    told: dict[str, str]
    constants: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, ast.Dict] = field(default_factory=dict)
    empty: set[str] = field(default_factory=set)
    folded: dict[int, ast.stmt] = field(default_factory=dict)
    used: dict[int, list[str]] = field(default_factory=dict)
    dotted: dict[int, list[str]] = field(default_factory=dict)
    texts: dict[tuple[int, frozenset[str]], tuple[str, bool]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, one in definitions(self.file).items():
            if not isinstance(one.node, ast.Assign):
                continue
            if isinstance(one.node.value, ast.Dict) and name not in ("PROBES", "ABSENT"):
                self.tables[name] = one.node.value
            elif depends_on_column(one.node.value, self.constants):
                value = evaluate(one.node.value, {**self.outside(one), **self.constants})
                if value is not UNKNOWN:
                    self.constants[name] = value
        functions = [one for one in definitions(self.file).values() if isinstance(one.node, ast.FunctionDef)]
        self.empty |= {one.node.name for one in functions if does_nothing(self.fold(one))}  # type: ignore[attr-defined, arg-type]
        self.folded.clear()

    def outside(self, one: Definition) -> dict[str, Any]:
        """Return what a definition is told from outside; an adapter that is imported is told nothing."""
        told = self.told if one.own else {}
        return {"globals": lambda: told, "os": os}

    def fold(self, one: Definition) -> ast.stmt:
        """Return a definition as this column sees it."""
        if one.order not in self.folded:
            folder = Folder(self.constants, self.tables, self.empty)
            self.folded[one.order] = ast.fix_missing_locations(folder.visit(copied(one.node)))
        return self.folded[one.order]

    def fold_row(self, row: ast.expr) -> ast.expr:
        """Return a row of the table of probes as this column sees it."""
        return Folder(self.constants, self.tables, self.empty).visit(copied(row))

    def needed(self, node: ast.AST) -> dict[int, tuple[ast.stmt, set[str]]]:
        """Return {place: (statement, the names it is needed for)} of all that code uses."""
        found: dict[int, tuple[ast.stmt, set[str]]] = {}
        names = list(used_names(node))
        while names:
            one = definitions(self.file).get(name := names.pop())
            if one is None or (one.order in found and name in found[one.order][1]):
                continue
            statement, wanted = found.setdefault(one.order, (self.fold(one), set()))
            wanted.add(name)
            if one.order not in self.used:
                self.used[one.order] = list(used_names(statement))
            names += self.used[one.order]
        return found

    def dotted_in(self, order: int, statement: ast.stmt) -> list[str]:
        """Return every a.b.c that the definition at a place reads."""
        if order not in self.dotted:
            self.dotted[order] = dotted_names(statement)
        return self.dotted[order]

    def texts_of(self, needed: dict[int, tuple[ast.stmt, set[str]]]) -> list[tuple[str, bool]]:
        """Return (text, whether it imports) of what is needed, in its order."""
        keys = [(order, frozenset(names)) for order, (_, names) in sorted(needed.items())]
        self.texts |= {key: statement_code(*needed[key[0]]) for key in keys if key not in self.texts}
        return [self.texts[key] for key in keys]


def depends_on_column(node: ast.expr, constants: dict[str, Any]) -> bool:
    """Tell whether an expression depends on what the column is told."""
    return any(isinstance(n, ast.Name) and (n.id == "globals" or n.id in constants) for n in ast.walk(node))


@cache
def column_source(file: Path, name: str, device: str) -> ColumnSource:
    """Return an adapter's file as one column sees it."""
    return ColumnSource(file, {"FRAMEWORK": name, "DEVICE": device})


def source_of(framework: Framework) -> ColumnSource:
    """Return the adapter's file as this column sees it."""
    return column_source(framework.file, framework_of(framework.name), framework.device)


def row_of(framework: Framework, question: Question) -> ast.expr | None:
    """Return the expression that answers a question, None if the adapter has none."""
    row = probe_rows(framework.file).get(question.id)
    if row is not None:
        return row
    helper = definitions(framework.file).get(question.call)
    is_absent = framework.target == "" and question.id in absent_questions(framework.file)
    return ast.Name(question.call, ast.Load()) if helper and not is_absent else None


def snippet_text(framework: Framework, question: Question) -> str:
    """Return the whole snippet, "" where the column has no probe for the question."""
    return "\n\n".join(snippet_parts(framework, question))


def snippet_parts(framework: Framework, question: Question) -> list[str]:
    """Return a snippet in parts: switches, imports, each helper, the probe, the inputs with the call."""
    row = row_of(framework, question)
    if row is None:
        return []
    source = source_of(framework)
    row = source.fold_row(row)
    statements = source.texts_of(source.needed(row))
    imports = sorted({line for one, is_import in statements if is_import for line in one.splitlines()})
    given = inputs_code(question.id, asked_inputs(framework, question))
    if "np." in given and "import numpy as np" not in imports:
        imports.append("import numpy as np")
    name, probe = probe_code(row)
    parts = [
        f"# convcheck compare, {question.id}: {framework.name}",
        switches_code(framework),
        "\n".join(imports),
        *(one for one, is_import in statements if not is_import),
        probe,
        given.replace("PROBE", name),
    ]
    return [part for part in parts if part]


def statement_code(statement: ast.stmt, names: set[str]) -> tuple[str, bool]:
    """Return a statement's text without blank lines, which end a block where it is pasted; and whether it imports."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        statement = copied(statement)
        statement.names = [a for a in statement.names if (a.asname or a.name.split(".")[0]) in names]
        return ast.unparse(statement), True
    return re.sub(r"\n\s*\n", "\n", ast.unparse(ast.fix_missing_locations(statement))), False


def probe_code(row: ast.expr) -> tuple[str, str]:
    """Return the name by which the inputs are given, and the definition of it that a lambda needs."""
    if isinstance(row, ast.Name):
        return row.id, ""
    assert isinstance(row, ast.Lambda)
    return "probe", f"def probe({ast.unparse(row.args)}):\n    return {ast.unparse(row.body)}"


INPUTS: dict[tuple[str, int], str] = {}  # of a question and its input: written once for all columns


def input_code(id: str, place: int, given: dict[str, Any]) -> str:
    """Return an input as Python, a dict."""
    if (id, place) not in INPUTS:
        INPUTS[id, place] = f"{{{', '.join(f'{key!r}: {value_code(value)}' for key, value in given.items())}}}"
    return INPUTS[id, place]


def inputs_code(id: str, asked: list[tuple[int, str, dict[str, Any]]]) -> str:
    """Return the inputs of a question and the calls; PROBE stands for the function."""
    if len(asked) == 1:
        return ONLY.format(probe="PROBE", given=f"**{input_code(id, *asked[0][::2])}" if asked[0][2] else "")
    lines = [f"    {name!r}: {input_code(id, place, given)}," for place, name, given in asked]
    return "\n".join(["inputs = {", *lines, "}"]) + "\n" + LOOP.format(probe="PROBE")


def asked_inputs(framework: Framework, question: Question) -> list[tuple[int, str, dict[str, Any]]]:
    """Return (place, name, input) of every input that this column is asked."""
    absent = {} if framework.target else absent_questions(framework.file)
    numbered = enumerate(question.samples)
    return [(i, s.name, s.inputs) for i, s in numbered if not (i and f"{question.id}#{i}" in absent)]


def switches_code(framework: Framework) -> str:
    """Return lines that set the environment variables which this column's answers depend on."""
    current = {name: os.environ[name] for name in framework.switches if name in os.environ}
    setting = {name: value for name, value in framework.setting if (name, value) not in QUIET}
    target = {"CONVCHECK_TARGET": framework.target} if framework.target else {}
    lines = [f"os.environ[{k!r}] = {v!r}" for k, v in {**current, **setting, **target}.items()]
    return "\n".join(["import os", *lines]) if lines else ""


def called_functions(framework: Framework, question: Question) -> list[str]:
    """Return the functions of the column's interface that a probe calls, such as scipy.signal.correlate2d."""
    row = row_of(framework, question)
    if row is None or not framework.interface:
        return []
    source = source_of(framework)
    row = source.fold_row(row)
    needed = source.needed(row)
    modules = imported_modules(statement for statement, _ in needed.values())
    interface = [f".{name.strip()}." for name in framework.interface.split(",")]
    found: list[str] = []
    for name in [*dotted_names(row), *(name for order in needed for name in source.dotted_in(order, needed[order][0]))]:
        root, _, rest = name.partition(".")
        full = f"{modules[root]}.{rest}" if root in modules else name
        if any(part in f".{full}" or part in f".{name}" for part in interface) and full not in found:
            found.append(full)
    return [name for name in found if not any(other.startswith(f"{name}.") for other in found)]


def imported_modules(statements: Iterator[ast.stmt]) -> dict[str, str]:
    """Return {name: the module that it stands for} of the import statements."""
    found: dict[str, str] = {}
    for node in statements:
        if isinstance(node, ast.Import):
            found |= {a.asname or a.name: a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return found


def dotted_names(node: ast.AST) -> list[str]:
    """Return every a.b.c that code reads, each once."""
    names = (dotted_name(n) for n in ast.walk(node) if isinstance(n, ast.Attribute))
    return list(dict.fromkeys(filter(None, names)))


def dotted_name(node: ast.expr) -> str:
    """Return a.b.c of such an expression, "" of any other."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted_name(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""
