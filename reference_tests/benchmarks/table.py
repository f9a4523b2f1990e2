"""Benchmarks as a table: `python -m reference_tests.benchmarks.table FILE`, with the JSON of `convcheck bench`.

A line for each load: NumPy's time to torch's forward, and forward and backward together; alone / with another process
computing, where that was measured. Then float64, the share of the machine's products, and others' times to NumPy's.
"""

import json
import sys
from pathlib import Path
from typing import Any

Row = dict[str, Any]
COLUMNS = [  # title, dtype, part, key of the row
    ("forward", "float32", "forward", "ratio"),
    ("both", "float32", "forward+backward", "ratio"),
    ("forward, float64", "float64", "forward", "ratio"),
    ("both, float64", "float64", "forward+backward", "ratio"),
    ("share of products", "float32", "forward", "of_products"),
    ("share of copy", "float32", "forward", "of_copy"),
    ("the book", "float32", "forward", "book"),
    ("ONNX Runtime", "float32", "forward", "onnxruntime"),
    ("jax.jit", "float32", "forward", "jax"),
]


def make_table(report: dict[str, Any]) -> str:
    """Return bench's report as a table in Markdown."""
    names = list(dict.fromkeys(row["load"] for row in report["rows"]))
    lines = [["load", *(title for title, *_ in COLUMNS)], ["---"] * (1 + len(COLUMNS))]
    for name in names:
        rows = [row for row in report["rows"] if row["load"] == name]
        lines.append([name, *(cell(rows, *column) for _, *column in COLUMNS)])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def cell(rows: list[Row], dtype: str, part: str, key: str) -> str:
    """Return a number of a load, two for ratios that were measured with another process computing too; "" for none."""
    found = [row for row in rows if (row["dtype"], row["part"]) == (dtype, part) and key in row]
    if key != "ratio":
        found = found[:1]
    return " / ".join(f"{row[key]:.0%}" if key.startswith("of_") else f"{row[key]:.2f}" for row in found)


if __name__ == "__main__":
    sys.stdout.write(make_table(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
