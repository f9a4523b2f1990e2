"""golden/: fixed numbers with a source. It answers only the questions that stand there, number by number."""

from functools import cache

import numpy as np

import golden

from ...subject.protocol import Answer, Question

Asked = tuple[dict[str, np.ndarray], dict, np.ndarray]  # arrays, params, dout


@cache
def products() -> list[tuple[Asked, Answer]]:
    """The worked products: one image, one channel, one filter."""
    found = []
    for row in golden.rows("worked_product"):
        image = {k: np.array(row[k], "f8")[None, None] for k in ("x", "W", "dout", "out", "dx", "dW")}
        arrays = {"x": image["x"], "W": image["W"], "b": np.array([row["b"]], "f8")}
        answer = {"out": image["out"], "dx": image["dx"], "dW": image["dW"], "db": np.array([row["db"]], "f8")}
        found.append(((arrays, {"stride": 1, "pad": 0}, image["dout"]), answer))
    return found


@cache
def pixels() -> list[tuple[Asked, Answer]]:
    """LRN of one pixel; the rows of torch's window for even n are not the layer's formula."""
    found = []
    for row in golden.rows("lrn"):
        pixel = {k: np.array(row[k], "f8").reshape(1, -1, 1, 1) for k in ("x", "dout", "y", "dx")}
        if row["window"] == "formula":
            params = {k: row[k] for k in ("n", "k", "alpha", "beta")}
            found.append((({"x": pixel["x"]}, params, pixel["dout"]), {"out": pixel["y"], "dx": pixel["dx"]}))
    return found


def convolution(q: Question) -> Answer:
    return looked_up(q, products())


def lrn(q: Question) -> Answer:
    return looked_up(q, pixels())


def looked_up(q: Question, rows: list[tuple[Asked, Answer]]) -> Answer:
    for (arrays, params, dout), answer in rows:
        if params == q.params and all(np.array_equal(a, q[k]) for k, a in arrays.items()):
            if q.dout is None:
                return {"out": answer["out"]}
            if np.array_equal(dout, q.dout):
                return answer
    return {}


ANSWERS = {"convolution": convolution, "lrn": lrn}
