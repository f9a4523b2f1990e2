"""Mean normalization: mistakes of whole numbers, in the mean, in what it is taken of, and in what it is taken off."""

from collections.abc import Callable, Iterator

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import Ask, WrongAnswer

Cut = Callable[[np.ndarray], np.ndarray]


def in_byte(signed: bool, rounded: bool = False) -> Cut:
    """Return a function that keeps numbers in a byte, as a processor does: what does not fit goes round."""
    kind = np.int8 if signed else np.uint8
    cut = np.rint if rounded else np.trunc

    def keep(a: np.ndarray) -> np.ndarray:
        return np.asarray(np.asarray(cut(a)).astype(np.int64).astype(kind), np.float64)

    return keep


def limited(a: np.ndarray) -> np.ndarray:
    """Keep numbers in a byte; what does not fit becomes 0 or 255."""
    return np.asarray(np.clip(np.trunc(a), 0, 255))


CUTS: tuple[tuple[str, str, tuple[Cut, ...]], ...] = (
    ("whole", "cut to whole numbers", (np.trunc, np.floor)),
    ("whole", "rounded to whole numbers", (np.rint, np.ceil)),
    ("in-a-byte", "kept in a byte, uint8: whole numbers of 0 to 255",
     (in_byte(False), in_byte(False, rounded=True), limited)),
    ("in-a-byte", "kept in a signed byte, int8: whole numbers of -128 to 127", (in_byte(True),)),
)  # fmt: skip
KINDS: tuple[tuple[str, Callable[[bool], bool]], ...] = (
    ("", lambda per_pixel: True),
    (", with a mean of each channel alone", lambda per_pixel: not per_pixel),
    (", with a mean of each pixel alone", lambda per_pixel: per_pixel),
)


def mean_of(q: Question, train: np.ndarray) -> np.ndarray:
    """Return the mean of training images, per pixel or per channel."""
    return np.asarray(train.mean(0 if q["per_pixel"] else (0, 2, 3), keepdims=True))


def cut_mean(cut: Cut, where: Callable[[bool], bool]) -> WrongAnswer:
    """Cut the mean, for the kinds of means where(per_pixel)."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        mean = mean_of(q, q["train"])
        return {"out": q["x"] - cut(mean)} if where(q["per_pixel"]) else None

    return answer


def cut_images(name: str, cut: Cut) -> WrongAnswer:
    """Cut x, or the training images, before anything else."""
    return lambda ask, q: {"out": ask(q.but(**{name: cut(q[name])}, dout=None))["out"]}


def differ_in_bytes(ask: Ask, q: Question) -> Answer:
    """Cut both to a byte and subtract there, where differences go round."""
    cut = in_byte(False)
    return {"out": in_byte(False)(cut(q["x"]) - cut(mean_of(q, q["train"])))}


def write_over(ask: Ask, q: Question) -> Answer:
    """Write the difference into an array of bytes."""
    return {"out": in_byte(False)(ask(q.but(dout=None))["out"])}


def sum_in_type(ask: Ask, q: Question) -> Answer | None:
    """Add the training images up in their own type, a byte, where sums go round."""
    if q["train"].min() < 0 or not np.array_equal(q["train"], np.rint(q["train"])):
        return None
    total = q["train"].sum(0 if q["per_pixel"] else (0, 2, 3), keepdims=True)
    return {"out": q["x"] - total % 256 / (q["train"].size / total.size)}


FLOAT = "let the mean be a float, and with it the difference"
WHOLE = "leave x and the training images as they come: they need not be whole numbers"


def list_whole_means() -> Iterator[Mistake]:
    """Yield the mistakes of the mean, and then those of x and of the training images."""
    for kind, where in KINDS:
        for code, how, cuts in CUTS:
            for cut in cuts:
                yield Mistake(f"mean.{code}", f"the mean is {how}{kind}", cut_mean(cut, where), FLOAT, alone=True)
    for name, what in (("x", "x is"), ("train", "the training images are")):
        for code, how, cuts in CUTS:
            for cut in cuts:
                yield Mistake(f"mean.images-{code}", f"{what} {how}", cut_images(name, cut), WHOLE, alone=True)
    yield Mistake("mean.in-a-byte", "x and the mean are kept in bytes, and subtracted there: differences go round",
                  differ_in_bytes, FLOAT, alone=True)  # fmt: skip
    yield Mistake("mean.in-a-byte", "the difference is written into an array of bytes, uint8", write_over, FLOAT,
                  alone=True)  # fmt: skip
    yield Mistake("mean.summed-in-a-byte", "the training images are added up in bytes, where the sum goes round",
                  sum_in_type, "add them up as floats: mean does so by itself", alone=True)  # fmt: skip
