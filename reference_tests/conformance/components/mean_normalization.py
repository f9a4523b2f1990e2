"""Mean normalization: contract, cases, tolerance. The training data's mean is subtracted."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ...subject.protocol import Answer, Op, Plan, Question
from ..inputs import in_bytes
from ..mistakes.mean_normalization import MISTAKES as MISTAKES
from ..scenarios.uses import draw_question, plain_use
from ..strata import resizable
from ..tolerance import SAFETY, largest
from ..types import Case, Draw, Scenario, Shape

OP = Op(
    "mean_normalization",
    "MeanNormalization",
    "AlexNet, 2",
    args=("x",),
    make=("train", "per_pixel"),
    grads={"dx": "backward()"},
    labels=("train",),  # which has no gradient
    without=("parameters-changed",),  # the mean is taken once, when the layer is made
)


def around(size: float = 1.0) -> Draw:
    """Draw normal numbers around 1.5, times size."""

    def draw(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
        return size * (rng.standard_normal(shape) + 1.5)

    return draw


@resizable
def mean(why: str, x: Shape, train: int, per_pixel: bool = False, draw: Draw | None = None, **more: Any) -> Case:
    """Make a case of the shape of x and the number of training images."""
    shapes = {"x": x, "train": (train, *x[1:])}
    return Case(OP, why, shapes, {"per_pixel": per_pixel}, draw=draw or around(), **more)


# fmt: off
CASES = [
    #    what it requires                              x (N,C,H,W)     training images
    mean("the mean of the training images",            (2, 3, 4, 5),   6, number=3760171780),
    mean("the mean of the training images at a pixel", (2, 3, 5, 4),   6, True, number=706802511),
    mean("square images",                              (3, 2, 4, 4),   5, number=3639404758),
    mean("square images at a pixel",                   (3, 2, 4, 4),   5, True, number=4056787201),
    mean("as many images as trained on",               (4, 3, 2, 5),   4, number=3502794996),
    mean("one channel",                                (3, 1, 4, 5),   7, number=3046103120),
    mean("one training image",                         (3, 2, 4, 3),   1, True, number=1958708375),
    mean("one channel at a pixel",                     (3, 1, 4, 5),   6, True, number=3007),
    mean("images of one column at a pixel",            (3, 2, 4, 1),   5, True, number=3008),
    mean("images of one row at a pixel",               (3, 2, 1, 4),   5, True, number=3009),
    mean("every image of a larger batch",              (7, 2, 1, 3),   3, number=3753886094),
    mean("images of 0 to 255",                         (2, 3, 4, 5),   5, draw=around(60), number=2699368961),
    mean("numbers near one ten thousandth",            (2, 3, 5, 4),   4, True, draw=around(1e-4), number=3646084722),
    mean("images in bytes",                            (2, 3, 5, 4),   6, draw=in_bytes, level="edge", refuse="may", number=2266188769),
    mean("images in bytes at a pixel",                 (3, 2, 4, 5),   6, True, draw=in_bytes, level="edge", refuse="may", number=2815633734),
    mean("more than 64 images",                        (259, 2, 3, 2), 259, number=2815633735),
    mean("more than 64 channels",                      (2, 259, 3, 2), 3, number=1766093522),
    mean("more than 256 places",                       (2, 3, 18, 17), 3, True, number=1801112436),
    mean("one image",                                  (1, 3, 4, 5),   6, number=1683824358),
    mean("one image at a pixel",                       (1, 3, 5, 4),   6, True, number=447941109),
    mean("all sizes equal", (3, 3, 3, 3), 3, number=3640400376),
    mean("all sizes equal at a pixel", (3, 3, 3, 3), 3, True, number=1501249934),
]
STRATA = (  # the kinds of cases that hidden checks are drawn in
    "the mean of the training images", "the mean of the training images at a pixel", "square images",
    "square images at a pixel", "one channel", "one training image", "every image of a larger batch",
    "images of 0 to 255", "one image", "one image at a pixel",
)
LARGE = mean("a backward of its own time", (20, 3, 40, 38), 6)
# fmt: on


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    """Bound a mean of n numbers and one subtraction."""
    n = len(q["train"]) * (1 if q["per_pixel"] else q["train"][0, 0].size)
    size = largest(q["x"]) + (n + 1) * float(np.abs(q["train"]).mean())
    bound = {"out": SAFETY * eps * size, "dx": SAFETY * eps * largest(want.get("dx", np.zeros(0)))}
    return {k: np.full(a.shape, bound[k]) for k, a in want.items()}


def write_into_train(case: Case, part: str) -> Plan:
    """Write other images into train before the layer is used: who subtracts the mean from train in place does so."""
    plan, other = plain_use(case, part), draw_question(case, "_w")["train"]
    make, *rest = plan.program
    program = [make, ["write", "train", "train_w", []], *rest]
    return replace(plan, program=program, given={**plan.given, "train_w": other})


SCENARIOS = [
    (case, Scenario("train-written-into", "train written into after the layer is made", write_into_train, "edge",
                    parts=("forward",)))
    for case in CASES[:2]
]  # fmt: skip


def drawn(pick: Callable[[int, int], int]) -> Case:
    """Draw a case; pick(low, high) picks an integer of low .. high."""
    x = (pick(1, 5), pick(1, 3), pick(1, 4), pick(1, 4))
    return mean("drawn", x, pick(1, 5), bool(pick(0, 1)))
