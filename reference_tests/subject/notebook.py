"""Reading notebooks: one source a code cell, from the JSON, without a kernel. Magics and shell lines are skipped."""

import ast
import json
import re
from pathlib import Path
from typing import Any

from .source import EMPTY, LoadError, Skipped, Source, describe_syntax_error, parse, read_file, register_lines

Written = dict[str, list[Source]]  # the name of a file that cells write, with their code

PYTHON_BODY = {"time", "timeit", "capture", "prun", "python", "python3"}  # cell magics over Python code
WRITES = re.compile(r"%%(?:writefile|file)\s+(-a\s+|--append\s+)?[\"']?([\w.][^\"'\n]*\.py)[\"']?\s*$")
MAGIC = re.compile(r"\s*([%!?]|[\w., ]+=\s*[%!]\s*\w)|.*\?\s*$")
DEFINITION = re.compile(r"^(?:class|def)\s+(\w+)", re.MULTILINE)


def read_notebook(path: Path, place: str) -> tuple[list[Source], list[Skipped], dict[str, str], Written]:
    """Return a notebook's sources, what is skipped, {name: reason} for the definitions in broken cells, and its files.

    A file is what %%writefile cells write.

    Raises LoadError if the file is no notebook, is not in Python, or has no cell that can be read.
    """
    sources: list[Source] = []
    dropped: list[Skipped] = []
    broken: dict[str, str] = {}
    written: Written = {}
    why = ""
    for number, code in enumerate(code_cells(path, place), 1):
        cell = f"{place}, cell {number}"
        filename = f"{path}, cell {number}"
        try:
            source = read_cell(code, cell, filename, dropped)
            add_source(source, code, sources, written)
        except SyntaxError as error:
            lines = code.splitlines()
            why = why or describe_syntax_error(error, cell, lines)
            line = error.lineno or 1
            own = lines[line - 1].strip() if line <= len(lines) else ""
            dropped.append(Skipped(cell, line, own, f"{type(error).__name__}: {error.msg}; the cell is left out"))
            broken |= {name: describe_syntax_error(error, cell, lines) for name in DEFINITION.findall(code)}
    if not sources and not written:
        raise LoadError(why or f"{place} has no code cells.")
    return sources, dropped, broken, written


def add_source(source: Source, code: str, sources: list[Source], written: Written) -> None:
    """Add a cell to the notebook's sources, or to those of the file that it writes."""
    writes = file_written(code)
    if writes is None:
        sources.append(source)
        return
    name, more = writes
    written[name] = [*(written.get(name, []) if more else []), source]


def file_written(code: str) -> tuple[str, bool] | None:
    """Return the .py file that a cell writes, and whether it adds to it; None for an ordinary cell."""
    first = next((line for line in code.splitlines() if line.strip()), "")
    found = WRITES.match(first.strip())
    return (found[2].strip(), bool(found[1])) if found else None


def code_cells(path: Path, place: str) -> list[str]:
    """Return the code of each code cell. Raises LoadError if the file is no notebook or is not in Python."""
    data = read_file(path)
    if not data.strip():
        raise LoadError(EMPTY.format(target=place))
    try:
        notebook = json.loads(data.decode("utf-8-sig"))
        cells = cells_of(notebook)
        language = language_of(notebook)
    except (ValueError, RecursionError, AttributeError, TypeError, KeyError, IndexError):
        raise LoadError(f"{place} is not a notebook: it is not the JSON that Jupyter writes.") from None
    if "python" not in language.lower():
        raise LoadError(f"{place} is a notebook in {language}, not in Python.")
    return cells


def cells_of(notebook: Any) -> list[str]:
    """Return the code of each code cell of a parsed notebook: format 4, or format 3 with its worksheets."""
    cells = notebook["cells"] if "cells" in notebook else notebook["worksheets"][0]["cells"]
    found = [c.get("source", c.get("input", "")) for c in cells if c.get("cell_type") == "code"]
    return ["".join(code) for code in found]


def language_of(notebook: Any) -> str:
    """Return the programming language of a parsed notebook, "python" if it does not say."""
    about = notebook.get("metadata") or {}
    info, kernel = about.get("language_info") or {}, about.get("kernelspec") or {}
    return str(info.get("name") or kernel.get("language") or "python")


def read_cell(code: str, cell: str, filename: str, dropped: list[Skipped]) -> Source:
    """Return a cell as a source, without its magics; they are added to dropped. Raises SyntaxError.

    A line is taken for a magic only if Python cannot read it: a "%" may well begin a line of an expression.
    """
    lines = code.splitlines()
    first = next((i for i, line in enumerate(lines) if line.strip()), 0)
    if lines and lines[first].startswith("%%"):
        magic = lines[first][2:].split()[:1]
        writes = file_written(code) is not None
        whole = not writes and (not magic or magic[0] not in PYTHON_BODY)
        if not writes:
            dropped.append(Skipped(cell, first + 1, lines[first].strip(), "cell magic" if whole else "magic"))
        lines = [] if whole else ["" if i <= first else line for i, line in enumerate(lines)]
    while True:
        try:
            tree = parse("\n".join(lines), filename, ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
            break
        except SyntaxError as error:
            at = (error.lineno or 0) - 1
            if not (0 <= at < len(lines) and MAGIC.match(lines[at])):
                raise
            kind = "shell line" if re.match(r"[^%?]*!", lines[at]) else "magic"
            dropped.append(Skipped(cell, at + 1, lines[at].strip(), kind))
            blank_magic(lines, at)
    register_lines(filename, code.splitlines())
    return Source(cell, filename, tree, code.splitlines())


def blank_magic(lines: list[str], at: int) -> None:
    """Replace a magic, and the lines that continue it, by `pass`."""
    nothing, more = lines[at][: len(lines[at]) - len(lines[at].lstrip())] + "pass", True
    while more and at < len(lines):
        more = lines[at].rstrip().endswith("\\")
        lines[at] = nothing
        at += 1
