"""The mistakes that any layer with filters W and biases b can make: in the filters' sides, the bias, the sums."""

from collections.abc import Callable, Iterator

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import Ask, WrongAnswer, alter, ask_with, dout_of
from .windows import SUM, Row, count_images, divide, ignore_dout

AS_IT_IS = "lay W as it is: multiply place by place, then add"
TURNED = ("flipped", "filter-transposed", "dx-flipped", "dW-flipped")


def list_filter_mistakes(prefix: str, sides: bool = True) -> Iterator[Mistake]:
    """Yield the mistakes of a layer. sides: its filters have more than one pixel, so that they can be turned."""
    for code, text, answer, repair in TABLE:
        if sides or code not in TURNED:
            yield Mistake(f"{prefix}.{code}", text, answer, repair)


def count_places(q: Question) -> float:
    """Return N * OH * OW."""
    return float(dout_of(q).size / dout_of(q).shape[1])


def alter_dx_alone(change: Callable[[Question], Question]) -> WrongAnswer:
    """Take dx from the answer to another question; the rest is right."""

    def answer(ask: Ask, q: Question) -> Answer:
        return {**ask(q), **{k: a for k, a in ask(change(q)).items() if k == "dx"}}

    return answer


def flip(q: Question) -> Question:
    """Rotate W by 180 degrees."""
    return q.but(W=q["W"][..., ::-1, ::-1])


# fmt: off
TABLE: tuple[Row, ...] = (
    ("flipped", "W is rotated by 180 degrees", ask_with(W=lambda q: q["W"][..., ::-1, ::-1]), AS_IT_IS),
    ("filter-transposed", "rows and columns of W are swapped",
     ask_with(W=lambda q: q["W"].swapaxes(-1, -2).reshape(q["W"].shape)), AS_IT_IS),
    ("bias-missing", "the bias b is not added", ask_with(b=lambda q: np.zeros_like(q["b"])), "add b to the output"),
    ("bias-doubled", "the bias b is added twice", ask_with(b=lambda q: 2 * q["b"]), "add b once"),
    ("bias-subtracted", "the bias b is subtracted", ask_with(b=lambda q: -q["b"]), "add b"),
    ("first-image-only", "every image of the batch gets the answer of the first",
     alter(out=lambda a, q: np.repeat(a["out"][:1], len(a["out"]), 0)),
     "keep the batch axis: image n of the output comes from image n of the input"),
    ("truncated", "the numbers are cut to whole ones", alter(out=lambda a, q: np.trunc(a["out"])),
     "let the array that the result is written into have a floating-point type"),
    ("dout-ignored", "dout is taken for all ones", ignore_dout,
     "multiply by dout: it says how much each output place counts"),
    ("dx-flipped", "dx takes W rotated by 180 degrees", alter_dx_alone(flip), "dx takes W itself"),
    ("gradients-averaged", "dW and db are divided by the number of images", divide(count_images, "dW", "db"), SUM),
    ("gradients-averaged", "all gradients are divided by the number of images", divide(count_images, "dx", "dW", "db"),
     SUM),
    ("dx-averaged", "dx is divided by the number of images", divide(count_images, "dx"), SUM),
    ("dW-averaged", "dW is divided by the number of images", divide(count_images, "dW"), SUM),
    ("dW-flipped", "dW is rotated by 180 degrees", alter(dW=lambda a, q: a["dW"][..., ::-1, ::-1]),
     "nothing is rotated in dW"),
    ("db-averaged", "db is divided by the number of images", divide(count_images, "db"), SUM),
    ("db-mean", "db is averaged over images and places, not summed", divide(count_places, "db"), SUM),
)
