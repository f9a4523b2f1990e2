"""Affine (fully connected): contract, cases, tolerance."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np

from ...i18n import N_
from ...subject.protocol import Answer, Op, Question
from ..inputs import in_bytes, of_size, one_million, whole
from ..mistakes.affine import HISTORY as HISTORY
from ..mistakes.affine import MISTAKES as MISTAKES
from ..scenarios import SCENARIOS as USES
from ..scenarios import after_another_kind, applies_to, beside_another
from ..strata import resizable
from ..tolerance import products
from ..types import Case, Shape
from .shared import as_many_numbers, other_sides

OP = Op("affine", "Affine", "5.6", args=("x",), make=("W", "b"), grads={"dx": "backward()", "dW": "dW", "db": "db"})
ROWS_ONLY = N_("right for (N, D); flatten x of more axes first")  # the book's Affine of section 5.6.2


def dead_inputs(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw normal numbers, and x with every second input 0 in all rows, as ReLU leaves it; its rows of dW are 0."""
    drawn = rng.standard_normal(shape)
    if name == "x":
        drawn[:, ::2] = 0
    return drawn


def all_alive(q: Question) -> Question:
    """Give images in which no input is 0."""
    return q.but(x=np.where(q["x"] == 0, 1.0, q["x"]).reshape(len(q["x"]), -1, 1))


@resizable
def affine(why: str, x: Shape, W: Shape, **more: Any) -> Case:
    """Make a case of the shapes of x and W."""
    return Case(OP, why, {"x": x, "W": W, "b": W[1:]}, missing=ROWS_ONLY if len(x) > 2 else "", **more)


# fmt: off
CASES = [
    #      what it requires                     x (N, ...)      W (D, M)
    affine("images are flattened in C order",   (2, 3, 4, 5),   (60, 7), number=14149810),
    affine("rows as well as images",            (4, 7),         (7, 5), number=1807203374),
    affine("inputs of three axes",              (3, 4, 2),      (8, 5), number=993315296),
    affine("W is inputs by outputs",            (4, 5),         (5, 5), number=2064500245),
    affine("square images",                     (2, 4, 3, 3),   (36, 5), number=3657819557),
    affine("images of one channel and one row", (4, 1, 1, 6),   (6, 5), number=583246367),
    affine("one image",                         (1, 3, 2, 4),   (24, 5), number=2487766674),
    affine("one output",                        (4, 6),         (6, 1), number=3417607429),
    affine("one input",                         (4, 1),         (1, 3), number=2000048310),
    affine("one row",                           (1, 6),         (6, 4), number=947963062),
    affine("images of one pixel",               (4, 6, 1, 1),   (6, 5), number=2566472764),
    affine("one image of one pixel",            (1, 6, 1, 1),   (6, 5), number=1700000004),
    affine("one row of three axes",             (4, 1, 7),      (7, 5), number=1700000205),
    affine("one column of three axes",          (4, 7, 1),      (7, 5), number=1700000206),
    affine("one bias for each output",          (5, 7),         (7, 5), number=2908527059),
    affine("as many images as inputs",          (6, 6),         (6, 4), number=1552558991),
    affine("everything square",                 (3, 3),         (3, 3), number=2881380646),
    affine("every image of a larger batch",     (7, 3),         (3, 5), number=2055106746),
    affine("small numbers are not zero",        (3, 4),         (4, 5), draw=of_size(1e-4), number=681042428),
    affine("more than 64 images",               (259, 3),        (3, 5), number=1),
    affine("more than 64 outputs",              (3, 4),         (4, 259), number=3710612817),
    affine("more than 256 inputs",              (2, 300),       (300, 4), number=2992675340),
    affine("more than 256 places",              (2, 3, 10, 9),  (270, 4), number=244196138),
    affine("one number of a million",           (4, 6),         (6, 5), draw=one_million, number=1000071262),
    affine("whole numbers give fractions",      (3, 4),         (4, 5), draw=whole, level="edge", refuse="told", number=246302164),
    affine("images in bytes",                   (4, 2, 3, 5),   (30, 6), draw=in_bytes, level="edge", refuse="may", number=1801112435),
    affine("all sizes equal", (3, 3, 3, 3), (27, 3), number=3658814603),
    affine("one image of one number", (1, 1), (1, 1), number=1011240623),
]
STRATA = (  # the kinds of cases that hidden checks are drawn in
    "images are flattened in C order", "rows as well as images", "inputs of three axes",
    "W is inputs by outputs", "one image", "one output", "one input", "everything square",
    "every image of a larger batch", "whole numbers give fractions",
)
LARGE = affine("a backward of its own time", (60, 600), (600, 40))
# fmt: on
ROWS, OTHER_ROWS, SQUARE_ROWS = CASES[1], CASES[8], CASES[3]
USED = (*USES, beside_another(OTHER_ROWS))
AS_ROWS = after_another_kind("images after rows", lambda q: q.but(x=q["x"].reshape(len(q["x"]), -1)))
AS_IMAGES = after_another_kind("rows with inputs of 0 after images", all_alive)
SCENARIOS = tuple((ROWS, use) for use in USED if applies_to(use, ROWS) and use.level == "core")  # for rows alone, too
IN_TURN = [affine("as many numbers", x, (60, 7)) for x in [*other_sides((2, 3, 4, 5))[:-1], (2, 5, 4, 3), (2, 4, 3, 5)]]
TURNED = [affine("as many numbers", *some) for some in (((7, 4), (4, 9)), ((2, 14), (14, 5)), ((4, 5), (5, 7)))]
SCENARIOS += ((CASES[0], as_many_numbers(*IN_TURN)), (ROWS, as_many_numbers(*TURNED)))
SCENARIOS += ((CASES[0], AS_ROWS), (replace(SQUARE_ROWS, missing=ROWS_ONLY, draw=dead_inputs), AS_IMAGES))


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    """Bound sums of products: D terms and b in out, M in dx, N in dW and db."""
    d, m = q["W"].shape
    n = len(q["x"])
    return products(q, {"out": d + 1, "dx": m, "dW": n, "db": n}, eps)


def sizes() -> Iterator[tuple[dict[str, int], Case]]:
    """Yield every small case with its geometry, the least work first."""
    ranges = {"N": (1, 2, 3), "C": (1, 2, 3), "H": (1, 2, 3), "W": (1, 2, 3), "M": (1, 2, 3)}
    grid = [dict(zip(ranges, values)) for values in product(*ranges.values())]
    for g in sorted(grid, key=lambda g: (np.prod(list(g.values())), *g.values())):
        n, c, h, w, m = g.values()
        yield g, affine(f"small {g}", (n, c, h, w), (c * h * w, m))


def drawn(pick: Callable[[int, int], int]) -> Case:
    """Draw a case; pick(low, high) picks an integer of low .. high."""
    n, m, axes = pick(1, 6), pick(1, 5), pick(1, 3)
    image = tuple(pick(1, 4) for _ in range(axes))
    return affine("drawn", (n, *image), (int(np.prod(image)), m))
