"""Mistakes that any layer with filters W and biases b can make: in the filters' sides, the bias, the sums."""

from collections.abc import Callable, Iterator

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import after, given
from .windows import SUM, images, no_dout, through

AS_IT_IS = "lay W as it is: multiply place by place, then add"
# fmt: off


def of_filters(prefix: str, sides: bool = True) -> Iterator[Mistake]:
    """sides: filters have more than one pixel, which can be turned."""
    for code, text, answer, repair in TABLE:
        if sides or code not in TURNED:
            yield Mistake(f"{prefix}.{code}", text, answer, repair)


TURNED = ("flipped", "filter-transposed", "dx-flipped", "dW-flipped")


def places(q: Question) -> float:
    return q.dout.size / q.dout.shape[1]  # type: ignore[union-attr]


def only_dx(change: Callable[[Question], Question]) -> Callable:
    def answer(ask: Callable[[Question], Answer], q: Question) -> Answer:
        return {**ask(q), **{k: a for k, a in ask(change(q)).items() if k == "dx"}}

    return answer


def flipped(q: Question) -> Question:
    return q.but(W=q["W"][..., ::-1, ::-1])


TABLE: tuple[tuple[str, str, Callable, str], ...] = (
    ("flipped", "W is rotated by 180 degrees", given(W=lambda q: q["W"][..., ::-1, ::-1]), AS_IT_IS),
    ("filter-transposed", "rows and columns of W are swapped",
     given(W=lambda q: q["W"].swapaxes(-1, -2).reshape(q["W"].shape)), AS_IT_IS),
    ("bias-missing", "the bias b is not added", given(b=lambda q: np.zeros_like(q["b"])), "add b to the output"),
    ("bias-doubled", "the bias b is added twice", given(b=lambda q: 2 * q["b"]), "add b once"),
    ("bias-subtracted", "the bias b is subtracted", given(b=lambda q: -q["b"]), "add b"),
    ("first-image-only", "every image of the batch gets the answer of the first",
     after(out=lambda a, q: np.repeat(a["out"][:1], len(a["out"]), 0)),
     "keep the batch axis: image n of the output comes from image n of the input"),
    ("truncated", "the numbers are cut to whole ones", after(out=lambda a, q: np.trunc(a["out"])),
     "let the array that the result is written into have a floating-point type"),
    ("dout-ignored", "dout is taken for all ones", no_dout,
     "multiply by dout: it says how much each output place counts"),
    ("dx-flipped", "dx takes W rotated by 180 degrees", only_dx(flipped), "dx takes W itself"),
    ("gradients-averaged", "dW and db are divided by the number of images", through(images, "dW", "db"), SUM),
    ("gradients-averaged", "all gradients are divided by the number of images", through(images, "dx", "dW", "db"),
     SUM),
    ("dx-averaged", "dx is divided by the number of images", through(images, "dx"), SUM),
    ("dW-averaged", "dW is divided by the number of images", through(images, "dW"), SUM),
    ("dW-flipped", "dW is rotated by 180 degrees", after(dW=lambda a, q: a["dW"][..., ::-1, ::-1]),
     "nothing is rotated in dW"),
    ("db-averaged", "db is divided by the number of images", through(images, "db"), SUM),
    ("db-mean", "db is averaged over images and places, not summed", through(places, "db"), SUM),
)
