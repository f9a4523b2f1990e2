"""Golden numbers: shapes, one worked product and LRN, from pencil and paper. README.md says how each was worked out."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
FILES = ("shapes.json", "worked_product.json", "lrn.json")
TABLES = {
    "shapes": ("shapes.json", "sizes"),
    "im2col": ("shapes.json", "im2col"),
    "flattened": ("shapes.json", "flattened"),
    "worked_product": ("worked_product.json", "products"),
    "worked_images": ("worked_product.json", "images"),
    "lrn": ("lrn.json", "rows"),
}
FRACTIONS = ("k", "alpha", "beta", "x", "dout", "s", "y", "dx")  # of lrn.json, where they are written as strings


def load(file: str, folder: Path | None = None) -> dict[str, Any]:
    """One golden file as it stands. Raises ValueError for a file that is missing or is no JSON object."""
    path = (folder or FOLDER) / file
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"golden file {path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ValueError(f"golden file {path} is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise ValueError(f"golden file {path} holds a {type(document).__name__}, not an object")
    return document


def rows(name: str) -> list[dict[str, Any]]:
    """The rows of one table as plain dicts; the fractions and 50 digits of "lrn" as the nearest float64.

    Raises ValueError for a name that is not in TABLES.
    """
    if name not in TABLES:
        raise ValueError(f"golden table {name!r} is unknown; there are {', '.join(TABLES)}")
    file, table = TABLES[name]
    found: list[dict[str, Any]] = load(file)[table]
    if name == "lrn":
        found = [{key: _nearest(value) if key in FRACTIONS else value for key, value in row.items()} for row in found]
    return found


def filled(row: dict[str, Any], results: dict[str, Any]) -> dict[str, Any]:
    """The row with these results, its source last."""
    known = {key: value for key, value in row.items() if key != "source"}
    return {**known, **results, "source": row["source"]}


def _nearest(value: int | str | list[int | str]) -> float | list[float]:
    if isinstance(value, list):
        return [float(Fraction(one)) for one in value]
    return float(Fraction(value))
