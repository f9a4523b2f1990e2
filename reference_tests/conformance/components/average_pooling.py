"""Average pooling: all that is known of it. Padded zeros count, as in torch."""

from collections.abc import Callable, Iterator

import numpy as np

from ...subject.protocol import Answer, Op, Question
from ..inputs import Geometry, fitting, grid, pixels, tiny, whole
from ..mistakes.changes import Ask, after
from ..mistakes.windows import of_windows, only, put_back, through
from ..references import loops
from ..references.loops import Place
from ..scenarios import SCENARIOS as USUAL
from ..scenarios import with_defaults
from ..tolerance import products
from ..types import Case, Mistake, Scenario, normal

OP = Op(
    "average_pooling",
    "AveragePooling",
    "7.3.1",
    args=("x",),
    make=("pool_h", "pool_w", "stride", "pad"),
    grads={"dx": "backward()"},
)
Shape = tuple[int, ...]


def pool(why: str, x: Shape, window: tuple[int, int], stride: int = 1, pad: int = 0, draw=normal, **more) -> Case:
    params = {"pool_h": window[0], "pool_w": window[1], "stride": stride, "pad": pad}
    return Case(OP, why, {"x": x}, params, draw=draw, **more)


# fmt: off
CASES = [
    #    the mistake it catches                    x (N,C,H,W)      window
    pool("window height and width swapped",        (2, 3, 10, 12),  (4, 2), stride=2),
    pool("window one high",                        (2, 4, 9, 7),    (1, 3), stride=2),
    pool("window of two by two",                   (2, 3, 8, 10),   (2, 2), stride=2),
    pool("window of three by three",               (4, 2, 9, 15),   (3, 3), stride=3),
    pool("windows overlap",                        (2, 4, 7, 11),   (3, 3), stride=2),
    pool("square image",                           (2, 3, 6, 6),    (3, 2)),
    pool("stride of one",                          (2, 3, 6, 8),    (3, 2)),
    pool("windows leave gaps",                     (4, 2, 8, 13),   (2, 1), stride=3),
    pool("window of one pixel",                    (2, 4, 5, 9),    (1, 1), stride=2),
    pool("window as large as the image",           (2, 3, 5, 4),    (5, 4)),
    pool("one channel",                            (4, 1, 10, 8),   (2, 4), stride=2),
    pool("as many channels as images",             (3, 3, 5, 7),    (2, 1)),
    pool("as many channels as output columns",     (2, 4, 10, 8),   (2, 2), stride=2),
    pool("batch worked in pieces of four",         (7, 2, 4, 6),    (2, 3)),
    pool("images of 0 to 255",                     (2, 3, 8, 6),    (4, 2), stride=2, draw=pixels),
    pool("numbers of a ten thousandth",            (2, 3, 6, 8),    (2, 4), stride=2, draw=tiny),
    pool("integer images",                         (2, 3, 8, 6),    (2, 4), stride=2, draw=whole, refuse="may"),
    pool("one image",                              (1, 3, 8, 6),    (4, 2), stride=2, level="edge"),
    pool("padded zeros count",                     (2, 3, 7, 5),    (3, 2), pad=1, level="edge"),
    pool("padding of two",                         (2, 3, 4, 5),    (5, 3), pad=2, level="edge"),
    pool("padding wider than half the window",     (2, 4, 6, 5),    (4, 3), pad=2, level="edge"),
    pool("stride and padding swapped",             (2, 3, 7, 9),    (5, 3), stride=2, pad=1, level="edge"),
    pool("a size that does not divide",            (2, 3, 8, 7),    (3, 2), stride=2, level="edge", refuse="may"),
    pool("neither size divides",                   (2, 4, 9, 8),    (3, 2), stride=4, level="edge", refuse="may"),
]
REFUSED = [
    pool("window larger than the image",           (2, 3, 3, 4),    (6, 2), level="edge"),
    pool("window wider than the padded image",     (2, 3, 5, 4),    (2, 8), pad=1, level="edge"),
    pool("window larger by one",                   (2, 3, 5, 4),    (6, 1), level="advice"),
]
# fmt: on
BY_TWO = pool("defaults", (2, 3, 8, 10), (2, 4), stride=2)
SCENARIOS = [
    (BY_TWO, Scenario("defaults", "stride 2 and pad 0 left out", with_defaults(2), "advice")),
    *((CASES[4], m) for m in USUAL if m.id in ("second-call", "backward-twice")),
]


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    overlaps = -(-q["pool_h"] // q["stride"]) * -(-q["pool_w"] // q["stride"])
    return products(q, {"out": area(q), "dx": overlaps}, eps)


def of(why: str, g: Geometry) -> Case:
    return pool(why, (g["N"], g["C"], g["H"], g["W"]), (g["FH"], g["FW"]), g["stride"], g["pad"])


def sizes() -> Iterator[tuple[Geometry, Case]]:
    return ((g, of(f"small {g}", g)) for g in grid())


def drawn(pick: Callable[[int, int], int]) -> Case:
    return of("drawn", fitting(pick))


def area(q: Question) -> int:
    return q["pool_h"] * q["pool_w"]


def divided(by: Callable[[Question], float], *names: str) -> Callable[[Ask, Question], Answer]:
    """By another number than the window's size."""
    return through(lambda q: by(q) / area(q), *(names or ("out", "dx")))


def uncounted(names: tuple[str, ...]) -> Callable[[Ask, Question], Answer]:
    """Divided by the number of places that are no padding."""

    def answer(ask: Ask, q: Question) -> Answer:
        inside = ask(q.but(x=np.ones_like(q["x"]), dout=None))["out"]
        right = ask(q)
        found = {"out": right["out"] / inside}
        if q.dout is not None:
            found["dx"] = ask(q.but(dout=q.dout / inside))["dx"]
        return {k: found[k] if k in names else a for k, a in right.items()}

    return answer


def share(q: Question, place: Place, x: np.ndarray) -> np.ndarray:
    n, i, j, *_ = place
    return q.dout[n, :, i, j, None, None] * np.ones((1, q["pool_h"], q["pool_w"])) / area(q)  # type: ignore[index]


def at_first(q: Question, place: Place, x: np.ndarray) -> np.ndarray:
    first = np.arange(area(q)).reshape(1, q["pool_h"], q["pool_w"]) == 0
    return share(q, place, x) * first * area(q)


def largest(ask: Ask, q: Question) -> Answer:
    found = loops.pooling(q.but(x=loops.padded(q["x"], q["pad"]), pad=0))
    return {**found, "dx": loops.crop(found["dx"], q["pad"])} if "dx" in found else found


MEAN = "add up the window and divide by pool_h * pool_w, padded zeros included"
SHARE = "every place of the window gets dout / (pool_h * pool_w)"
SUM_DX = "a place in several windows gets a share from each: add them"
# fmt: off
MISTAKES = [
    Mistake("avg.sum", "the window is added up, not divided by its size", divided(lambda q: 1), MEAN),
    Mistake("avg.max", "it takes the largest number of each window", largest, MEAN),
    Mistake("avg.padding-not-counted", "padded places do not count: it divides by the places inside the image",
            uncounted(("out", "dx")), MEAN),
    Mistake("avg.divided-by-stride", "it divides by stride * stride", divided(lambda q: q["stride"] ** 2), MEAN),
    Mistake("avg.divided-by-sides", "it divides by pool_h + pool_w",
            divided(lambda q: q["pool_h"] + q["pool_w"]), MEAN),
    Mistake("avg.divided-by-height", "it divides by pool_h * pool_h", divided(lambda q: q["pool_h"] ** 2), MEAN),
    Mistake("avg.divided-by-width", "it divides by pool_w * pool_w", divided(lambda q: q["pool_w"] ** 2), MEAN),
    Mistake("avg.divided-by-one-side", "it divides by pool_h only", divided(lambda q: q["pool_h"]), MEAN),
    Mistake("avg.divided-by-one-side", "it divides by pool_w only", divided(lambda q: q["pool_w"]), MEAN),
    Mistake("avg.divided-by-channels", "it divides by the number of channels too",
            divided(lambda q: area(q) * q["x"].shape[1]), "each channel is averaged by itself"),
    Mistake("avg.floored", "it divides by // and rounds down", after(out=lambda a, q: np.floor(a["out"])), MEAN),
    *of_windows("avg"),
    Mistake("avg.gradient-not-divided", "every place of the window gets the whole dout", divided(lambda q: 1, "dx"),
            SHARE),
    Mistake("avg.gradient-divided-twice", "dx is divided by the window's size twice",
            divided(lambda q: area(q) ** 2, "dx"), SHARE),
    Mistake("avg.gradient-divided-by-stride", "dx is divided by stride * stride",
            divided(lambda q: q["stride"] ** 2, "dx"), SHARE),
    Mistake("avg.gradient-divided-by-sides", "dx is divided by pool_h + pool_w",
            divided(lambda q: q["pool_h"] + q["pool_w"], "dx"), SHARE),
    Mistake("avg.gradient-padding-not-counted", "dx is divided by the places inside the image only",
            uncounted(("dx",)), SHARE),
    Mistake("avg.gradient-first-place", "dout goes to the window's first place", put_back(at_first), SHARE),
    Mistake("avg.gradient-at-largest", "dout goes to the largest number's place, as in max pooling",
            only("dx", largest), SHARE),
    Mistake("avg.dx-overwrites", "in dx overlapping windows overwrite each other", put_back(share, True), SUM_DX),
    Mistake("avg.dx-overwrites", "in dx overlapping windows overwrite each other", put_back(share, False), SUM_DX),
]
# fmt: on
