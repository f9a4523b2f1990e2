"""The worked product, in symbols and in numbers, and the two worked images."""

from fractions import Fraction
from typing import Any

from golden import filled

Matrix = list[list[Any]]


def recomputed(document: dict[str, Any]) -> dict[str, Any]:
    """The same document with every result worked out again; the numbers are put into the symbols."""
    terms = _terms(rows=4, window=3)
    written = {d: " + ".join([*(f"{a} {b}" for a, b in pairs), "c"]) for d, pairs in terms.items()}
    return {
        **document,
        "symbols": {**document["symbols"], **written},
        "products": [filled(row, _product(row, terms)) for row in document["products"]],
        "images": [filled(row, {"out": _slide(row["x"], row["W"], row["pad"])}) for row in document["images"]],
    }


def _terms(rows: int, window: int) -> dict[str, list[tuple[str, str]]]:
    """{"d1": [("a1", "b1"), ("a2", "b2"), ...], ...}: input, filter and output are numbered row by row."""
    out = rows - window + 1
    return {
        f"d{out * r + c + 1}": [
            (f"a{rows * (r + i) + c + j + 1}", f"b{window * i + j + 1}") for i in range(window) for j in range(window)
        ]
        for r in range(out)
        for c in range(out)
    }


def _product(row: dict[str, Any], terms: dict[str, list[tuple[str, str]]]) -> dict[str, Any]:
    """out by putting numbers for the symbols; the gradients term by term: d(a b) = b da + a db."""
    value = {**_named("a", row["x"]), **_named("b", row["W"])}
    upstream = _named("d", row["dout"])
    gradient = dict.fromkeys(value, 0)
    for d, pairs in terms.items():
        for a, b in pairs:
            gradient[a] += upstream[d] * value[b]
            gradient[b] += upstream[d] * value[a]
    return {
        "out": _like(row["dout"], [sum(value[a] * value[b] for a, b in pairs) + row["b"] for pairs in terms.values()]),
        "dx": _like(row["x"], [gradient[name] for name in _named("a", row["x"])]),
        "dW": _like(row["W"], [gradient[name] for name in _named("b", row["W"])]),
        "db": sum(upstream.values()),
    }


def _named(letter: str, matrix: Matrix) -> dict[str, Any]:
    return {f"{letter}{i + 1}": value for i, value in enumerate(value for line in matrix for value in line)}


def _like(matrix: Matrix, values: list[Any]) -> Matrix:
    width = len(matrix[0])
    return [values[i : i + width] for i in range(0, len(values), width)]


def _slide(x: Matrix, w: Matrix, pad: int) -> Matrix:
    """Multiply and add under a sliding window (cross-correlation), zeros outside the image."""
    height, width = len(x), len(x[0])
    pixel = {(r + pad, c + pad): Fraction(x[r][c]) for r in range(height) for c in range(width)}
    weight = {(i, j): Fraction(v) for i, line in enumerate(w) for j, v in enumerate(line)}
    return [
        [
            _plain(sum((v * pixel.get((r + i, c + j), 0) for (i, j), v in weight.items()), Fraction(0)))
            for c in range(width + 2 * pad - len(w[0]) + 1)
        ]
        for r in range(height + 2 * pad - len(w) + 1)
    ]


def _plain(value: Fraction) -> int | float:
    """A whole number as int; the halves of the worked images are exact in binary."""
    return int(value) if value == int(value) else float(value)
