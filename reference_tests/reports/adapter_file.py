"""Adapters as a file: each layer that was read in another interface, as a class in the target's own names."""

import ast
import inspect
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..conformance.locations import say_why
from ..i18n import _
from ..subject.arrays import boundary, target
from ..subject.conventions.gradients import AUTOGRAD
from ..subject.conventions.trial import HANDED
from ..subject.conventions.uncommon.left_on import LEFT_ON

STAND_INS = {n: re.sub(r": Any\b|: int\b| -> Any", "", inspect.getsource(kind)) for n, kind in HANDED.items()}
OURS = ("np", *HANDED)  # names of the adapters' own


def write_adapters(subject: Any) -> str:
    """Return the text of a file with a subject's adapters; what it offers in the book's interface is imported."""
    read = {name: one for name, one in subject.interfaces.items() if one.source}
    homes: dict[str, str] = dict(subject.homes)
    for one in read.values():
        homes |= one.uses
    unread = [one for one in subject.unread if one.home]
    homes |= {one.signature.partition("(")[0]: one.home for one in unread}
    more = ("float64-kept",) if subject.arrays else ()  # it takes float32
    sources = [with_lacks(one.source, one.reach, tuple(dict.fromkeys(one.lacks + more))) for one in read.values()]
    used = [text for n, text in STAND_INS.items() if any(re.search(rf"\b{n}\b", source) for source in sources)]
    sources = [*used, *sources]
    what = _("Adapters of {target}: how convcheck reads it; edit what is read wrong.").format(target=subject.target)
    how = _("To check: convcheck verify adapter.py")
    head = f'"""{what}\n\n{how}\n"""'
    notes = [f"# {one.signature}: {say_why(one.why)}" for one in unread if one.why]
    passing = [*carried_lines(subject.arrays, homes, "".join(sources))]
    sources = ["\n" + source.rstrip("\n") for source in without_repeats(sources)]
    blocks = [head, *import_lines(homes), *passing, "\n".join(notes), *sources]
    return "\n\n".join(block for block in blocks if block.strip()) + "\n"


def without_repeats(sources: Iterable[str]) -> Iterable[str]:
    """Yield the sources without the classes that stand in an earlier one, as a layer's own that another is made of."""
    seen = set[str]()
    for source in sources:
        lines: list[str | None] = [*source.splitlines()]
        for node in ast.parse(source).body:
            if isinstance(node, ast.ClassDef):
                if node.name in seen:
                    lines[node.lineno - 1 : node.end_lineno] = [None] * len(lines[node.lineno - 1 : node.end_lineno])
                seen.add(node.name)
        yield "\n".join(line for line in lines if line is not None).strip("\n")


def with_lacks(source: str, reach: Mapping[str, Any], lacks: Iterable[str]) -> str:
    """Return an adapter that says itself which results it does not give."""
    if not list(lacks):
        return source
    lines = [line for line in source.splitlines() if not line.startswith("    lacks = ")]  # some say it themselves
    start = max((i for i, line in enumerate(lines) if line.startswith("class ")), default=0)  # after what it uses
    inside = range(start, len(lines))
    at = next((i for i in inside if lines[i].lstrip().startswith(("reach = ", "def "))), len(lines))
    said = [f"    lacks = {tuple(lacks)!r}"]
    said = [*([] if reach else ["    reach = {}"]), *said, *([] if reach else [""])]
    return "\n".join([*lines[:at], *said, *lines[at:]]) + "\n"


def carried_lines(arrays: Mapping[str, str], homes: Mapping[str, str], sources: str) -> Iterable[str]:
    """Yield the lines by which what is for other arrays than NumPy's takes and gives NumPy's; none for NumPy's own."""
    names = ", ".join(sorted(name for name in homes if name not in OURS))
    if arrays and names:
        if helpers := [name for name in (AUTOGRAD, LEFT_ON) if f"{name}(" in sources]:
            yield f"from {boundary.__name__} import {', '.join(helpers)}\nfrom {target.__name__} import on_arrays"
        else:
            yield f"from {target.__name__} import on_arrays"
        yield f"{names} = on_arrays({arrays['kind']!r}, {names})  # NumPy's arrays go in, and come out"


NOTEBOOK = """try:
{imports}
except ImportError:  # Python imports no notebooks: the code cells of this one are run in turn
    import contextlib
    import json

    with open({path!r}, encoding="utf-8") as file:
        cells = ["".join(cell["source"]) for cell in json.load(file)["cells"] if cell["cell_type"] == "code"]
    for cell in cells:
        with contextlib.suppress(Exception):
            exec("\\n".join(line for line in cell.splitlines() if line[:1] not in ("%", "!"))){renamed}"""


def import_lines(homes: Mapping[str, str]) -> list[str]:
    """Return the import statements of the names. homes: name -> module and file."""
    by_module: dict[tuple[str, str], list[str]] = {}
    for name, home in homes.items():
        if name in OURS:
            continue
        by_module.setdefault(place_of(home), []).append(name)
    files = {place_of(home): home.partition("\n")[2] for home in homes.values()}
    notebooks = {place: file for place, file in files.items() if file.endswith(".ipynb")}
    folders = [folder for folder in dict.fromkeys(folder for folder, _module in by_module) if folder]
    path = [f"sys.path.insert(0, {folder!r})" for folder in folders]
    found = list[str]()
    for place, names in by_module.items():
        lines = list(imports_from(place[1], sorted(names)))
        if place in notebooks:
            imports = "\n".join(f"    {line}" for line in lines)
            pairs = [(name, name.removeprefix("their_")) for name in sorted(names)]
            renamed = "".join(f"\n    {name} = {plain}" for name, plain in pairs if name != plain)
            lines = [NOTEBOOK.format(imports=imports, path=near_path(notebooks[place]), renamed=renamed)]
        found += lines
    plain = [line for line in found if line.startswith("from ")]
    others = [line for line in found if line not in plain]
    heads = ["import sys", ""] if path else []
    return ["\n".join([*heads, "import numpy as np"]), "\n".join(path), "\n".join(plain), "\n".join(others)]


def place_of(home: str) -> tuple[str, str]:
    """Return the folder that must be on the path, from here, and the dotted name of a module. home: name and file."""
    name, _line, file = home.partition("\n")
    path = Path(file)
    parts = path.with_suffix("").parts
    dotted = name.split(".")
    if path.name == "__init__.py":
        parts = parts[:-1]
    if tuple(dotted) != parts[-len(dotted) :]:
        dotted = [parts[-1]]
    near = near_path(str(Path(*parts[: -len(dotted)])))
    return "" if near == "." else near, ".".join(dotted)


def near_path(path: str) -> str:
    """Return a path from here; as it is where it lies elsewhere."""
    near = os.path.relpath(path)
    return path if near.startswith("..") else near


def imports_from(module: str, names: Iterable[str]) -> list[str]:
    """Return the statements that import names of a module, also where its name is not one that Python can write."""
    pairs = [(name.removeprefix("their_"), name) for name in names]
    if all(part.isidentifier() for part in module.split(".")):
        asked = ", ".join(plain if plain == name else f"{plain} as {name}" for plain, name in pairs)
        line = f"from {module} import {asked}"
        return [
            line if len(line) < 100 else f"from {module} import (\n    {asked.replace(', ', f',{chr(10)}    ')},\n)"
        ]
    return [f"{name} = __import__({module!r}).{plain}" for plain, name in pairs]
