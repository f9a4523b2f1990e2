"""The mistakes that any layer with filters W and biases b can make: in the filters' sides, the bias, the sums."""

from collections.abc import Callable, Iterator

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import Ask, WrongAnswer, alter, ask_with, dout_of, laid_last, read_last
from .sides import list_side_mistakes, list_type_mistakes
from .windows import SUM, Row, count_images, divide, ignore_dout

AS_IT_IS = "lay W as it is: multiply place by place, then add"
MIRRORED = "each number of W meets the place that is mirrored in its window, as if W were rotated by 180 degrees"
PUT_BACK = (
    "windows that are put back take W as it is, times dout; a correlation of dout with a margin takes W rotated by "
    "180 degrees"
)
PIXELS = "bring the channels to the end, (N, H, W, C), before the reshape"
ALL_IMAGES = "add up over all images and places"
TURNED = ("flipped", "flipped-rows", "flipped-columns", "filter-transposed", "dx-flipped", "dW-flipped")


def list_filter_mistakes(prefix: str, sides: bool = True, turned: bool = True) -> Iterator[Mistake]:
    """Yield the mistakes of a layer. sides: its filters have more than one pixel, so that they can be turned.

    turned: forward is a correlation and backward its reverse; a layer of which it is not so says itself what is turned.
    """
    for code, text, answer, repair in TABLE:
        if (sides or code not in TURNED) and (turned or code not in ("flipped", "dx-flipped")):
            yield Mistake(f"{prefix}.{code}", text, answer, repair)
    yield from list_side_mistakes(prefix) if sides else ()
    yield from list_type_mistakes(prefix)


def count_places_of_image(q: Question) -> float:
    """Return OH * OW."""
    return count_places(q) / len(dout_of(q))


def count_places(q: Question) -> float:
    """Return N * OH * OW."""
    return float(dout_of(q).size / dout_of(q).shape[1])


def take_image(n: int) -> Callable[[Question], Question]:
    """Return a function that keeps only one image of the batch: 0 is the first, -1 the last."""

    def change(q: Question) -> Question:
        chosen = slice(n, n + 1 or None)
        return q.but(x=q["x"][chosen], dout=dout_of(q)[chosen])

    return change


def list_left_changes(prefix: str) -> tuple[Mistake, ...]:
    """List what backward leaves changed for the next call: mistakes of state, (ask, question before, this one)."""
    return (
        Mistake(f"{prefix}.W-left-turned", "backward turns W round and leaves it so for the next call",
                lambda ask, old, new: ask(new.but(W=new["W"][..., ::-1, ::-1])), KEPT),
        Mistake(f"{prefix}.W-left-turned", "backward swaps rows and columns of W and leaves them so for the next call",
                lambda ask, old, new: ask(new.but(W=new["W"].swapaxes(-1, -2))), KEPT),
    )  # fmt: skip


KEPT = "give what backward works with a name of its own: self.W stays as it is"


TIMES: dict[str, tuple[str, Callable[[Question], int]]] = {
    "place": ("b is added once for every place of the window, in the loop over them",
              lambda q: q["W"].shape[-2] * q["W"].shape[-1]),
    "channel": ("b is added once for every input channel", lambda q: q["W"].shape[-3]),
    "product": ("b is added to each product of a window, not to their sum",
                lambda q: q["W"].shape[-3] * q["W"].shape[-2] * q["W"].shape[-1]),
}  # fmt: skip


def repeat_bias(count: Callable[[Question], int]) -> WrongAnswer:
    """Add b so many times."""
    return ask_with(b=lambda q: count(q) * q["b"])


def list_repeated_biases(prefix: str, *each: str) -> Iterator[Mistake]:
    """Yield the mistakes of a bias that is added in a loop, once for each of these."""
    for what in each:
        text, count = TIMES[what]
        yield Mistake(f"{prefix}.bias-each-{what}", text, repeat_bias(count), "add b once, after the sum", alone=True)


def mix_channels(back: bool) -> WrongAnswer:
    """Read x (N, C, H, W) as if it were (N, H, W, C). back: dx is laid out so; else it is not spoken of."""

    def answer(ask: Ask, q: Question) -> Answer:
        mixed = ask(q.but(x=read_last(q["x"]), dout=q.dout if back else None))
        return {k: laid_last(a) if k == "dx" else a for k, a in mixed.items()}

    return answer


def list_reshaped_images(prefix: str) -> Iterator[Mistake]:
    """Yield the mistakes of a layer that has one number a channel, of images reshaped to one pixel a row."""
    text = "the images are reshaped to one pixel a row without bringing the channels to the end"
    for back in (False, True):  # whether backward does so, too
        yield Mistake(f"{prefix}.pixels-no-transpose", text, mix_channels(back), PIXELS, alone=True)
    text = "dx is made of one pixel a row, and reshaped without bringing the channels to the second place"
    yield Mistake(f"{prefix}.dx-pixels-no-transpose", text, alter(dx=lambda a, q: laid_last(a["dx"])),
                  "make it (N, H, W, C), then transpose it to (N, C, H, W)", alone=True)  # fmt: skip


def average_images(q: Question) -> Question:
    """Put the mean of all images in place of each."""
    return q.but(x=np.broadcast_to(q["x"].mean(0, keepdims=True), q["x"].shape))


def take_last_place(q: Question) -> Question:
    """Let only the last place of the output count."""
    dout = np.zeros_like(q.dout)
    dout[:, :, -1, -1] = dout_of(q)[:, :, -1, -1]
    return q.but(dout=dout)


def alter_from(change: Callable[[Question], Question], *names: str) -> WrongAnswer:
    """Take the named answers from the answer to another question; the rest is right."""

    def answer(ask: Ask, q: Question) -> Answer:
        right = ask(q)
        return right if q.dout is None else {**right, **{k: a for k, a in ask(change(q)).items() if k in names}}

    return answer


def list_pixel_mistakes(prefix: str) -> Iterator[Mistake]:
    """Yield the mistakes of a window of one pixel whose images are reshaped to one pixel a row, without a transpose."""
    text = (
        "for a window of one pixel the images are reshaped to one pixel a row without bringing the channels to the end"
    )
    for out, back in ((False, False), (True, False), (False, True), (True, True)):
        yield Mistake(f"{prefix}.pixels-no-transpose", text, mix_pixels(out, back), PIXELS)


def mix_pixels(out: bool, back: bool) -> WrongAnswer:
    """Read x (N, C, H, W) as if it were (N, H, W, C), if the window is one pixel.

    out: the output is laid out in the same wrong way. back: backward does all this too; else it is right but for dW.
    """

    def answer(ask: Ask, q: Question) -> Answer | None:
        pad, stride = q.params.get("pad", 0), q.params.get("stride", 1)
        if q["W"].shape[2:] != (1, 1) or pad or stride != 1:
            return None
        dout = dout_of(q) if q.dout is not None else None
        mixed = ask(q.but(x=read_last(q["x"]), dout=read_last(dout) if back and out and dout is not None else dout))
        found = {**mixed, "out": laid_last(mixed["out"]) if out else mixed["out"]}
        if q.dout is None:
            return found
        return {**found, "dx": laid_last(found["dx"]) if back else ask(q)["dx"]}

    return answer


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
    ("dW-times-W", "dW is multiplied by W", alter(dW=lambda a, q: a["dW"] * q["W"]), "dW is x times dout, added up"),
    ("db-times-b", "db is multiplied by b", alter(db=lambda a, q: a["db"] * q["b"]), "db is dout, added up"),
    ("flipped", "W is rotated by 180 degrees", ask_with(W=lambda q: q["W"][..., ::-1, ::-1]), AS_IT_IS),
    ("flipped-rows", "W is turned upside down", ask_with(W=lambda q: q["W"][..., ::-1, :]), AS_IT_IS),
    ("flipped-columns", "W is mirrored from left to right", ask_with(W=lambda q: q["W"][..., ::-1]), AS_IT_IS),
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
    ("dx-flipped", f"dx: {MIRRORED}", alter_dx_alone(flip), PUT_BACK),
    ("gradients-averaged", "dW and db are divided by the number of images", divide(count_images, "dW", "db"), SUM),
    ("gradients-averaged", "all gradients are divided by the number of images", divide(count_images, "dx", "dW", "db"),
     SUM),
    ("dx-averaged", "dx is divided by the number of images", divide(count_images, "dx"), SUM),
    ("dW-averaged", "dW is divided by the number of images", divide(count_images, "dW"), SUM),
    ("dW-of-means", "dW is the sum of dout times the mean of x over the images, not the sum of their products",
     alter_from(average_images, "dW"), SUM),
    ("dW-flipped", "dW is rotated by 180 degrees", alter(dW=lambda a, q: a["dW"][..., ::-1, ::-1]),
     "nothing is rotated in dW"),
    ("db-averaged", "db is divided by the number of images", divide(count_images, "db"), SUM),
    ("db-mean", "db is averaged over images and places, not summed", divide(count_places, "db"), SUM),
    ("dW-mean", "dW is averaged over images and places, not summed", divide(count_places, "dW"), SUM),
    ("db-mean", "db is averaged over the places, not summed", divide(count_places_of_image, "db"), SUM),
    ("dW-mean", "dW is averaged over the places, not summed", divide(count_places_of_image, "dW"), SUM),
    ("db-first-image", "db is that of the first image only", alter_from(take_image(0), "db"), ALL_IMAGES),
    ("db-last-image", "db is that of the last image only", alter_from(take_image(-1), "db"), ALL_IMAGES),
    ("dW-first-image", "dW is that of the first image only", alter_from(take_image(0), "dW"), ALL_IMAGES),
    ("dW-last-image", "dW is that of the last image only", alter_from(take_image(-1), "dW"), ALL_IMAGES),
    ("gradients-first-image", "dW and db are those of the first image only", alter_from(take_image(0), "dW", "db"),
     ALL_IMAGES),
    ("gradients-last-image", "dW and db are those of the last image only", alter_from(take_image(-1), "dW", "db"),
     ALL_IMAGES),
)
