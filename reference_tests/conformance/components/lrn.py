"""Local response normalization: contract, cases, tolerance. The formula is AlexNet's: alpha is not divided by n."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np

import golden

from ...i18n import _
from ...subject.protocol import Answer, Op, Plan, Question, Trace
from .. import references
from ..compare import close, compare_one
from ..inputs import of_size, one_million, whole
from ..mistakes.channel_windows import window_of
from ..mistakes.lrn import HISTORY as HISTORY
from ..mistakes.lrn import MISTAKES as MISTAKES
from ..mistakes.lrn import normalize, parts_of_dx, sum_over
from ..mistakes.small_windows import half_of_rest
from ..scenarios.uses import plain_use
from ..strata import resizable
from ..tolerance import SAFETY, largest
from ..types import Case, Problem, Scenario, Shape
from .shared import FLOAT32, as_many_numbers, beside_same_sizes, other_sides, size_between

OP = Op("lrn", "LRN", "AlexNet, 3.3", args=("x",), make=("n", "k", "alpha", "beta"), grads={"dx": "backward()"})
ALEXNET = {"n": 5, "k": 2.0, "alpha": 1e-4, "beta": 0.75}


@resizable
def lrn(why: str, x: Shape, n: int = 5, k: float = 2.0, alpha: float = 0.5, beta: float = 0.75, **more: Any) -> Case:
    """Make a case of the shape of x; alpha is so large that the sums matter."""
    return Case(OP, why, {"x": x}, {"n": n, "k": k, "alpha": alpha, "beta": beta}, **more)


def large_first(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw normal numbers, in the first channel times ten thousand."""
    x = rng.standard_normal(shape)
    x[:, 0] *= 1e4
    return x


def golden_case(row: dict[str, Any]) -> Case:
    """Make a case of a golden row: one pixel."""
    pixel = {k: np.reshape(row[k], (1, -1, 1, 1)).astype("f8") for k in ("x", "dout")}
    why = "golden " + row["name"].replace(",", "").replace("'", "")
    return Case.of(OP, why, {"x": pixel["x"]}, {k: row[k] for k in ALEXNET}, pixel["dout"])


# fmt: off
CASES = [
    #   what it requires                        x (N,C,H,W)
    lrn("alpha is not divided by n",            (2, 7, 3, 4), number=94404670),
    lrn("n is a width and not a radius",        (2, 8, 4, 3),  n=3, number=3784698839),
    lrn("both ends of the window count",        (3, 6, 2, 4),  n=3, alpha=2.0, number=709710003),
    lrn("fewer channels than the window",       (2, 3, 4, 5), number=347254427),
    lrn("far fewer channels than the window",   (3, 2, 4, 5),  n=9, number=2336059926),
    lrn("more than twice as wide a window as channels", (2, 3, 4, 2),  n=11, number=3006),
    lrn("window as wide as the channels",       (2, 5, 3, 4), number=2818567632),
    lrn("one channel",                          (3, 1, 4, 5), number=385489310),
    lrn("window of one channel",                (2, 4, 3, 5),  n=1, number=4292820796),
    lrn("k is added",                           (2, 6, 3, 4),  n=3, k=1.0, alpha=0.25, number=542055851),
    lrn("k and alpha differ",                   (2, 6, 4, 3),  k=0.5, alpha=1.5, number=1420890210),
    lrn("beta is the exponent",                 (2, 6, 3, 4),  n=3, beta=0.4, number=1801241472),
    lrn("beta of one",                          (2, 5, 3, 4),  n=3, beta=1.0, number=1470725243),
    lrn("beta above one",                       (2, 5, 4, 3),  n=3, beta=1.5, number=1516839159),
    lrn("one image",                            (1, 6, 3, 4), number=2848455317),
    lrn("one pixel",                            (2, 7, 1, 1), number=2278127668),
    lrn("as many images as channels",           (4, 4, 3, 2),  n=3, number=1219324966),
    lrn("all sizes equal",                      (3, 3, 3, 3),  n=3, number=3854087579),
    lrn("every image of a larger batch",        (7, 3, 2, 1),  n=3, number=2508178404),
    lrn("large numbers",                        (2, 7, 3, 4),  draw=of_size(20), number=1076147163),
    lrn("more than 64 channels",                (2, 259, 2, 1),  n=3, number=3079504776),
    lrn("more than 64 images",                  (259, 4, 1, 2),  n=3, number=2579130715),
    lrn("more than 256 places",                 (2, 4, 18, 17), n=3, number=3584635206),
    lrn("one number of a million",              (2, 6, 3, 4),  n=3, alpha=1e-12, draw=one_million, number=197922077),
    lrn("whole numbers give fractions",         (2, 6, 3, 4),  draw=whole, level="advice", refuse="told", number=1561646163),
    *(golden_case(row) for row in golden.rows("lrn") if row["n"] % 2),
]
STRATA = (  # the kinds of cases that hidden checks are drawn in
    "alpha is not divided by n", "n is a width and not a radius", "both ends of the window count",
    "far fewer channels than the window", "one channel", "window of one channel", "k is added",
    "beta is the exponent", "beta of one", "one image", "one pixel", "every image of a larger batch",
)
LARGE = lrn("a backward of its own time", (2, 8, 60, 58))
# fmt: on


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    """Bound a sum of n + 1 terms and a power, which costs beta log s more; of dx, by the sizes of its two parts."""
    window = window_of(q)
    s = q["k"] + q["alpha"] * sum_over(window, q["x"] ** 2)
    terms = SAFETY * eps * (q["n"] + 6 + q["beta"] * (1 + largest(np.log(s))))
    bound = {"out": np.full(want["out"].shape, terms * largest(want["out"]))}
    if "dx" in want:
        one, all_near = parts_of_dx(q.but(x=np.abs(q["x"]), dout=np.abs(np.asarray(q.dout))), s, window, q["beta"])
        bound["dx"] = np.full(want["dx"].shape, terms * largest(one + all_near))
    return bound


def sizes() -> Iterator[tuple[dict[str, int], Case]]:
    """Yield every small case with its geometry, the least work first."""
    grid = product((1, 2), (1, 2, 3, 4, 5, 6, 7), (1, 2), (1, 2), (1, 3, 5))
    for n, c, h, w, window in sorted(grid, key=lambda g: (g[0] * g[1] * g[2] * g[3] * g[4], *g)):
        g = {"N": n, "C": c, "H": h, "W": w, "n": window}
        yield g, lrn(f"small {g}", (n, c, h, w), window)


def drawn(pick: Callable[[int, int], int]) -> Case:
    """Draw a case; pick(low, high) picks an integer of low .. high."""
    n = 2 * pick(0, 3) + 1
    shape = tuple(pick(1, high) for high in (4, 8, 3, 3))
    return lrn("drawn", shape, n, k=pick(1, 8) / 4, alpha=pick(1, 16) / 8, beta=pick(1, 6) / 4)


# With even n the formula as written sums n + 1 channels and torch sums n. Neither is wrong, so this is only advice.


def torch_window(q: Question) -> np.ndarray:
    """Return (C, C): torch's window of n channels, i - n//2 .. i + (n-1)//2."""
    c = np.arange(q["x"].shape[1])
    away = c - c[:, None]
    return np.asarray(((away >= -(q["n"] // 2)) & (away <= (q["n"] - 1) // 2)).astype("f8"))


def later_window(q: Question) -> np.ndarray:
    """Return (C, C): the window of n channels that reaches further to the end."""
    return torch_window(q).T


def check_either_window(plan: Plan, trace: Trace) -> Problem | None:
    """Check that the answer is that of one of the three windows."""
    q, what = next(iter(plan.expect.values()))
    q = q.exact()
    answers = [normalize(window)(references.ask, q) or {} for window in (window_of, torch_window, later_window)]
    bound = allowed(q, answers[0], plan.eps)[what]
    problem = compare_one(what, trace.results[what], answers[0][what], bound)
    if problem is None or any(close(problem.got, a[what], bound) for a in answers):
        return None
    short = normalize(half_of_rest)(references.ask, q) or {}
    code = "lrn.even-n-short" if close(problem.got, short[what], bound) else ""
    return replace(problem, note=_("(n is even: windows of n and n + 1 were tried)"), code=code)


def leave_defaults(case: Case, part: str) -> Plan:
    """Plan the plain use of a layer made without arguments."""
    made = plain_use(case, part)
    first, *rest = made.program
    return replace(made, program=[[*first[:3], []], *rest])


def add_channels(case: Case) -> Case:
    """Return the case with two channels more, in larger images."""
    n, c, h, w = case.shapes["x"]
    return replace(case, shapes={"x": (n, c + 2, h + 1, w + 1)})


EVEN = lrn("even n", (2, 7, 3, 4), n=4, number=2436760185)
ALIKE = (  # each differs from the first case in its settings or its channels
    lrn("the same sizes, a narrower window", (2, 7, 3, 4), n=3, k=0.5, number=30969788),
    lrn("the same sizes, fewer channels", (2, 6, 3, 4), number=1),
)
IN_TURN = [lrn("as many numbers", x) for x in other_sides((2, 7, 3, 4))]
DEFAULT = replace(lrn("defaults", (2, 7, 3, 4), draw=of_size(100), number=3775657116), params=ALEXNET)
UNEVEN = lrn(
    "one channel far larger than the others",
    (2, 8, 3, 2),
    n=3,
    alpha=1e-3,
    draw=large_first,
    level="edge",
    number=2846391570,
)
# fmt: off
SCENARIOS = (
    (UNEVEN, FLOAT32),  # where a window is the difference of two running sums, its small numbers are lost
    (CASES[0], beside_same_sizes(*ALIKE)),
    (CASES[0], as_many_numbers(*IN_TURN)),
    (CASES[0], size_between(add_channels)),
    (EVEN, Scenario("either-window", "even n: a window of n or n + 1 channels", plain_use, level="advice",
                    rule=check_either_window)),
    (DEFAULT, Scenario("no-arguments", "the defaults are AlexNet's", leave_defaults, level="advice")),
)
# fmt: on
