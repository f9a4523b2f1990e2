"""Works every golden number out again from its formula: check() compares with the files, write() rewrites them."""

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from golden import FILES, FOLDER, load, lrn, product, shapes

WIDTH = 200  # of a line that a diff still shows well
FORMULA = dict(zip(FILES, (shapes.recomputed, product.recomputed, lrn.recomputed), strict=True))


def check(folder: Path | None = None) -> list[str]:
    """One sentence for each number that is not what its formula gives; [] when all agree.

    folder: where the files are (the installed package's by default).
    Raises ValueError for a file that is missing or damaged, ImportError (one sentence) without mpmath.
    """
    differences: list[str] = []
    for file in FILES:
        document, again = load(file, folder), _again(file, folder)
        found = [f"golden/{file}: {line}" for line in _differences(document, again)]
        if not found and ((folder or FOLDER) / file).read_text(encoding="utf-8") != text(again):
            found = [f"golden/{file}: the numbers agree, but the file is not laid out as --write does it"]
        differences += found
    return differences


def write(folder: Path | None = None) -> list[Path]:
    """Rewrite each file whose text changes, and give their paths. Raises as check does, and OSError."""
    folder = folder or FOLDER
    fresh = {folder / file: text(_again(file, folder)) for file in FILES}  # all worked out before the first is written
    changed = [path for path, new in fresh.items() if path.read_text(encoding="utf-8") != new]
    for path in changed:
        _replace(path, fresh[path])
    return changed


def _again(file: str, folder: Path | None) -> dict[str, Any]:
    try:
        return FORMULA[file](load(file, folder))
    except KeyError as error:
        raise ValueError(f"golden/{file}: a row lacks {error}, or has a word there that is not known") from error
    except (TypeError, IndexError, ZeroDivisionError, ValueError) as error:
        raise ValueError(f"golden/{file}: a row cannot be worked out: {error}") from error


def _differences(old: Any, new: Any, place: str = "") -> Iterator[str]:
    """Where two JSON values differ; 5, 5.0 and "5" are different things."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in new:
            yield from _differences(old.get(key, "not there"), new[key], f"{place}.{key}" if place else key)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for i, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _differences(one, other, f"{place}[{i}]")
    elif type(old) is not type(new) or old != new:
        yield f"{place} is {json.dumps(old)}, the formula gives {json.dumps(new)}"


def text(value: Any, indent: int = 0, used: int = 0) -> str:
    """JSON that reads well in a diff: a row a line where it fits, a table or a matrix always a line a row."""
    line = json.dumps(value, ensure_ascii=False)
    holds_rows = isinstance(value, list) and any(isinstance(one, list | dict) for one in value)
    fits = indent + used + len(line) <= WIDTH and not _holds_matrix(value) and not holds_rows
    if (indent and fits) or not isinstance(value, list | dict):
        return line
    pad, deeper = " " * indent, " " * (indent + 2)
    if isinstance(value, list):
        items = [text(one, indent + 2) for one in value]
        opened, closed = "[]"
    else:
        items = [f"{json.dumps(k)}: {text(one, indent + 2, len(k) + 4)}" for k, one in value.items()]
        opened, closed = "{}"
    body = ",\n".join(deeper + item for item in items)
    return f"{opened}\n{body}\n{pad}{closed}" + ("" if indent else "\n")


def _holds_matrix(value: Any) -> bool:
    return isinstance(value, dict) and any(isinstance(v, list) and v and isinstance(v[0], list) for v in value.values())


def _replace(path: Path, new: str) -> None:
    """Write to a temporary name beside the file and rename, so that no reader ever sees half of it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(new)
        os.chmod(name, path.stat().st_mode)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
