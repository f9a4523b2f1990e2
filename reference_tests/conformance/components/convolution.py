"""Convolution: contract, cases, tolerance."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import golden

from ...subject.protocol import Answer, Op, Question
from ..inputs import Geometry, fitting, grid, pixels, tiny, whole
from ..mistakes.convolution import MISTAKES as MISTAKES
from ..scenarios import SCENARIOS as USUAL
from ..scenarios import with_defaults
from ..tolerance import products
from ..types import Case, Scenario, Shape

OP = Op(
    "convolution",
    "Convolution",
    "7.4.3",
    args=("x",),
    make=("W", "b", "stride", "pad"),
    grads={"dx": "backward()", "dW": "dW", "db": "db"},
)


def conv(why: str, x: Shape, W: Shape, stride: int = 1, pad: int = 0, **more: Any) -> Case:
    """Make a case of the shapes of x and W."""
    return Case(OP, why, {"x": x, "W": W, "b": W[:1]}, {"stride": stride, "pad": pad}, **more)


def golden_case(row: dict[str, Any]) -> Case:
    """Make a case of a golden product: one image, one channel, one filter."""
    arrays = {k: np.array(row[k], "f8")[None, None] for k in ("x", "W")} | {"b": np.array([row["b"]], "f8")}
    return Case.of(OP, f"golden {row['name']}", arrays, {"stride": 1, "pad": 0}, row["dout"])


# fmt: off
CASES = [
    #    the mistake it catches                    x (N,C,H,W)     W (FN,C,FH,FW)
    conv("true convolution flips W",               (2, 3, 9, 7),   (5, 3, 4, 1)),
    conv("rows and columns swapped",               (2, 3, 7, 9),   (5, 3, 1, 4)),
    conv("square window transposed",               (2, 3, 7, 6),   (6, 3, 3, 3)),
    conv("square image",                           (2, 3, 6, 6),   (7, 3, 2, 4)),
    conv("padding cut off in backward",            (2, 3, 7, 5),   (6, 3, 4, 2), pad=1),
    conv("padding of two",                         (2, 3, 5, 6),   (6, 3, 4, 5), pad=2),
    conv("stride forgotten in backward",           (3, 2, 9, 7),   (4, 2, 5, 1), stride=2),
    conv("stride and padding swapped",             (2, 3, 9, 10),  (6, 3, 5, 4), stride=2, pad=1),
    conv("stride of three",                        (2, 3, 10, 7),  (5, 3, 4, 1), stride=3),
    conv("windows leave gaps",                     (3, 2, 7, 10),  (5, 2, 1, 1), stride=3),
    conv("filter as large as the input",           (2, 3, 5, 4),   (6, 3, 5, 4)),
    conv("one filter",                             (2, 3, 6, 5),   (1, 3, 4, 2)),
    conv("one channel",                            (2, 1, 7, 5),   (4, 1, 3, 2)),
    conv("one pixel of one channel a window",      (3, 1, 4, 5),   (2, 1, 1, 1)),
    conv("as many filters as channels",            (2, 3, 5, 6),   (3, 3, 4, 2)),
    conv("as many channels as images",             (3, 3, 6, 4),   (5, 3, 2, 1)),
    conv("as many filters as images",              (4, 3, 6, 5),   (4, 3, 5, 2)),
    conv("as many filters as output columns",      (2, 3, 6, 5),   (4, 3, 3, 2)),
    conv("as many filters as output rows",         (2, 3, 6, 8),   (4, 3, 3, 2)),
    conv("as many filters as numbers in a window", (3, 2, 4, 6),   (4, 2, 1, 2)),
    conv("batch worked in pieces of four",         (7, 2, 4, 5),   (4, 2, 3, 1)),
    conv("images of 0 to 255",                     (2, 3, 6, 5),   (5, 3, 4, 2), draw=pixels),
    conv("numbers of a ten thousandth",            (2, 3, 5, 6),   (5, 3, 2, 4), draw=tiny),
    conv("integer images",                         (2, 3, 6, 5),   (5, 3, 4, 2), draw=whole, refuse="may"),
    conv("one image",                              (1, 3, 6, 5),   (5, 3, 4, 2), level="edge"),
    conv("a size that does not divide",            (2, 3, 8, 7),   (6, 3, 5, 2), stride=2, level="edge", refuse="may"),
    *(golden_case(row) for row in golden.rows("worked_product")),
]
REFUSED = [
    conv("filter larger than the input",           (2, 3, 3, 4),   (5, 3, 6, 2), level="edge"),
    conv("filter larger than the padded input",    (2, 3, 5, 4),   (6, 3, 2, 8), pad=1, level="edge"),
    conv("filter larger by one",                   (2, 3, 5, 4),   (7, 3, 6, 1), level="advice"),
]
# fmt: on
SCENARIOS = [
    (CASES[0], Scenario("defaults", "stride and pad left out", with_defaults(2), "advice")),
    *((CASES[7], m) for m in USUAL if m.id in ("second-call", "backward-twice")),
]


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    """Bound sums of products: a window and b in out, the overlapping windows in dx, all places in dW and db."""
    fn, c, fh, fw = q["W"].shape
    n, _, oh, ow = want["out"].shape
    overlaps = -(-fh // q["stride"]) * -(-fw // q["stride"])
    return products(q, {"out": c * fh * fw + 1, "dx": fn * overlaps, "dW": n * oh * ow, "db": n * oh * ow}, eps)


def case_of(why: str, g: Geometry) -> Case:
    """Return the case of a geometry."""
    W = (g["FN"], g["C"], g["FH"], g["FW"])
    return conv(why, (g["N"], g["C"], g["H"], g["W"]), W, g["stride"], g["pad"])


def sizes() -> Iterator[tuple[Geometry, Case]]:
    """Yield every small case with its geometry, the least work first."""
    return ((g, case_of(f"small {g}", g)) for g in grid(filters=(1, 2)))


def drawn(pick: Callable[[int, int], int]) -> Case:
    """Draw a case; pick(low, high) picks an integer of low .. high."""
    return case_of("drawn", fitting(pick, filters=True))
