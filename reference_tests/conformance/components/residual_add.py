"""Residual addition: contract, cases, tolerance."""

from typing import Any

import numpy as np

from ...subject.protocol import Answer, Op, Question
from ..inputs import one_million, tiny, whole
from ..mistakes.residual_add import MISTAKES as MISTAKES
from ..strata import resizable
from ..tolerance import SAFETY, largest
from ..types import Case, Shape
from .shared import SAME_ARRAY, any_shape, as_many_numbers, other_sides

OP = Op(
    "residual_add",
    "ResidualAdd",
    "ResNet, 3.2",
    args=("x", "shortcut"),
    make=(),
    grads={"dx": "backward()", "dshortcut": "backward()"},
)


@resizable
def add(why: str, x: Shape, **more: Any) -> Case:
    """Make a case of the shape of x and of the shortcut."""
    return Case(OP, why, {"x": x, "shortcut": x}, **more)


# fmt: off
CASES = [
    #   what it requires                    x
    add("the shortcut is added",            (2, 3, 4, 5), number=2797750483),
    add("rows as well as images",           (4, 7), number=1262026541),
    add("numbers of a single axis",         (7,), level="edge", refuse="may", number=3004),
    add("square images",                    (3, 2, 4, 4), number=3881420007),
    add("every image of a larger batch",    (7, 2, 1, 3), number=2635273820),
    add("numbers near one ten thousandth",  (2, 3, 5, 4), draw=tiny, number=2442137744),
    add("more than 64 columns",             (3, 2, 70), number=3385744861),
    add("more than 64 images",              (259, 3), number=370901215),
    add("more than 256 places",             (2, 3, 18, 17), number=2844149759),
    add("one number of a million",          (2, 5, 4), draw=one_million, number=1427675198),
    add("whole numbers",                    (2, 3, 4, 2), draw=whole, level="advice", refuse="told", number=3640808006),
    add("all sizes equal", (3, 3, 3, 3), number=3880334793),
    add("everything square", (4, 4), number=3209240575),
    add("one image",                        (1, 4, 2, 3), level="edge", number=978068209),
]
STRATA = (  # the kinds of cases that hidden checks are drawn in
    "the shortcut is added", "rows as well as images", "square images", "every image of a larger batch",
    "numbers near one ten thousandth", "one image",
)
LARGE = add("a backward of its own time", (40, 3, 40, 38))
# fmt: on
IN_TURN = [add("as many numbers", x) for x in other_sides((2, 3, 4, 5))]
SCENARIOS = [(CASES[0], as_many_numbers(*IN_TURN)), (CASES[0], SAME_ARRAY)]
drawn = any_shape(add)


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    """Bound one addition of two rounded numbers."""
    size = largest(q["x"]) + largest(q["shortcut"])
    return {k: np.full(a.shape, SAFETY * eps * (size if k == "out" else largest(a))) for k, a in want.items()}
