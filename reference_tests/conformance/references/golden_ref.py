"""The numbers of golden/, each with a source. Only a question with exactly the inputs of a row is answered."""

from functools import cache
from typing import Any

import numpy as np

import golden

from ...subject.protocol import Answer, Question

Row = tuple[dict[str, np.ndarray], dict[str, Any], np.ndarray, Answer]  # arrays, params, dout, right answer


@cache
def products() -> list[Row]:
    """Read the worked products: one image, one channel, one filter."""
    found = []
    for row in golden.rows("worked_product"):
        image = {k: np.array(row[k], "f8")[None, None] for k in ("x", "W", "dout", "out", "dx", "dW")}
        arrays = {"x": image["x"], "W": image["W"], "b": np.array([row["b"]], "f8")}
        answer = {"out": image["out"], "dx": image["dx"], "dW": image["dW"], "db": np.array([row["db"]], "f8")}
        found.append((arrays, {"stride": 1, "pad": 0}, image["dout"], answer))
    return found


@cache
def pixels() -> list[Row]:
    """Read LRN of one pixel, without the rows of torch's window for even n, which is not the layer's formula."""
    found = []
    for row in golden.rows("lrn"):
        pixel = {k: np.array(row[k], "f8").reshape(1, -1, 1, 1) for k in ("x", "dout", "y", "dx")}
        if row["window"] == "formula":
            params = {k: row[k] for k in ("n", "k", "alpha", "beta")}
            found.append(({"x": pixel["x"]}, params, pixel["dout"], {"out": pixel["y"], "dx": pixel["dx"]}))
    return found


def convolution(q: Question) -> Answer:
    """Look the question up among the worked products."""
    return look_up(q, products())


def lrn(q: Question) -> Answer:
    """Look the question up among the pixels."""
    return look_up(q, pixels())


def look_up(q: Question, rows: list[Row]) -> Answer:
    """Return the answer of the row with these very inputs; {} if there is none."""
    for arrays, params, dout, answer in rows:
        if params == q.params and all(np.array_equal(a, q[k]) for k, a in arrays.items()):
            if q.dout is None:
                return {"out": answer["out"]}
            if np.array_equal(dout, q.dout):
                return answer
    return {}


ANSWERS = {"convolution": convolution, "lrn": lrn}
