"""Local response normalization (AlexNet's formula, alpha not divided by n): all that is known of it."""

from dataclasses import replace
from itertools import product

import numpy as np

import golden

from ...i18n import _
from ...subject.protocol import Op
from ..compare import close, compare_one
from ..mistakes.lrn import HISTORY as HISTORY
from ..mistakes.lrn import MISTAKES as MISTAKES
from ..mistakes.lrn import normalize, parts_of_dx, sum_over, window_of
from ..scenarios import plain_use
from ..tolerance import SAFETY, largest
from ..types import Case, Scenario

OP = Op("lrn", "LRN", "AlexNet, 3.3", args=("x",), make=("n", "k", "alpha", "beta"), grads={"dx": "backward()"})
ALEXNET = {"n": 5, "k": 2.0, "alpha": 1e-4, "beta": 0.75}


def lrn(why, x, n=5, k=2.0, alpha=0.5, beta=0.75, **more):
    return Case(OP, why, {"x": x}, {"n": n, "k": k, "alpha": alpha, "beta": beta}, **more)


def of_size(size):
    return lambda rng, name, shape: size * rng.standard_normal(shape)


def whole(rng, name, shape):
    return rng.integers(-9, 10, shape)


def worked(row):
    """A golden row: one pixel."""
    pixel = {k: np.reshape(row[k], (1, -1, 1, 1)).astype("f8") for k in ("x", "dout")}
    why = "golden " + row["name"].replace(",", "").replace("'", "")
    return Case.of(OP, why, {"x": pixel["x"]}, {k: row[k] for k in ALEXNET}, pixel["dout"])


# fmt: off
CASES = [
    #   the mistake it catches                  x (N,C,H,W)
    lrn("alpha divided by n",                   (2, 7, 3, 4)),
    lrn("n taken for a radius",                 (2, 8, 4, 3),  n=3),
    lrn("window one channel short",             (3, 6, 2, 4),  n=3, alpha=2.0),
    lrn("fewer channels than the window",       (2, 3, 4, 5)),
    lrn("far fewer channels than the window",   (3, 2, 4, 5),  n=9),
    lrn("window as wide as the channels",       (2, 5, 3, 4)),
    lrn("one channel",                          (3, 1, 4, 5)),
    lrn("window of one channel",                (2, 4, 3, 5),  n=1),
    lrn("k forgotten",                          (2, 6, 3, 4),  n=3, k=1.0, alpha=0.25),
    lrn("k and alpha swapped",                  (2, 6, 4, 3),  k=0.5, alpha=1.5),
    lrn("beta forgotten",                       (2, 6, 3, 4),  n=3, beta=0.4),
    lrn("beta of one",                          (2, 5, 3, 4),  n=3, beta=1.0),
    lrn("beta above one",                       (2, 5, 4, 3),  n=3, beta=1.5),
    lrn("one image",                            (1, 6, 3, 4)),
    lrn("one pixel",                            (2, 7, 1, 1)),
    lrn("batch as many as channels",            (4, 4, 3, 2),  n=3),
    lrn("all sizes equal",                      (3, 3, 3, 3),  n=3),
    lrn("batch worked in pieces of four",       (7, 3, 2, 1),  n=3),
    lrn("large numbers",                        (2, 7, 3, 4),  draw=of_size(20)),
    lrn("whole numbers cut off",                (2, 6, 3, 4),  draw=whole, refuse="may"),
    *(worked(row) for row in golden.rows("lrn") if row["n"] % 2),
]
# fmt: on


def allowed(q, want, eps):
    """n + 1 terms summed, one power: |beta log s| of them besides. Where dx's two parts cancel, their sizes count."""
    window = window_of(q)
    s = q["k"] + q["alpha"] * sum_over(window, q["x"] ** 2)
    terms = SAFETY * eps * (q["n"] + 6 + q["beta"] * (1 + largest(np.log(s))))
    bound = {"out": np.full(want["out"].shape, terms * largest(want["out"]))}
    if "dx" in want:
        one, all_near = parts_of_dx(q.but(x=np.abs(q["x"]), dout=np.abs(q.dout)), s, window, q["beta"])
        bound["dx"] = np.full(want["dx"].shape, terms * largest(one + all_near))
    return bound


def sizes():
    """Every small one, the least work first."""
    grid = product((1, 2), (1, 2, 3, 4, 5, 6, 7), (1, 2), (1, 2), (1, 3, 5))
    for n, c, h, w, window in sorted(grid, key=lambda g: (g[0] * g[1] * g[2] * g[3] * g[4], *g)):
        g = {"N": n, "C": c, "H": h, "W": w, "n": window}
        yield g, lrn(f"small {g}", (n, c, h, w), window)


def drawn(pick):
    n = 2 * pick(0, 3) + 1
    shape = tuple(pick(1, high) for high in (4, 8, 3, 3))
    return lrn("drawn", shape, n, k=pick(1, 8) / 4, alpha=pick(1, 16) / 8, beta=pick(1, 6) / 4)


# With even n the formula as written sums n+1 channels, torch's window n: neither is wrong, so this is only advice.


def torch_window(q):
    c = np.arange(q["x"].shape[1])
    away = c - c[:, None]
    return ((away >= -(q["n"] // 2)) & (away <= (q["n"] - 1) // 2)).astype("f8")


def later_window(q):
    return torch_window(q).T


def either_window(plan, trace):
    q, what = next(iter(plan.expect.values()))
    q = q.exact()
    answers = [normalize(window)(None, q)[what] for window in (window_of, torch_window, later_window)]
    bound = allowed(q, normalize(window_of)(None, q), plan.eps)[what]
    problem = compare_one(what, trace.results[what], answers[0], bound)
    if problem is None or any(close(problem.got, a, bound) for a in answers):
        return None
    return replace(problem, note=_("(n is even: windows of n and n + 1 were tried)"))


def with_defaults(case, part):
    made = plain_use(case, part)
    first, *rest = made.program
    return replace(made, program=[[*first[:3], []], *rest])


EVEN = lrn("even n", (2, 7, 3, 4), n=4)
DEFAULT = replace(lrn("defaults", (2, 7, 3, 4), draw=of_size(100)), params=ALEXNET)
SCENARIOS = (
    (
        EVEN,
        Scenario(
            "either-window", "even n: a window of n or n + 1 channels", plain_use, level="advice", rule=either_window
        ),
    ),
    (DEFAULT, Scenario("no-arguments", "the defaults are AlexNet's", with_defaults, level="advice")),
)
