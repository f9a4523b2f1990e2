"""Mistakes of integers in a too small type: rows, columns, places and numbers of channels that go round."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np

from ...subject.protocol import Answer, Question
from ..references.loops import crop, padded
from ..types import Mistake
from .changes import Ask, WrongAnswer, dout_of

Shape4 = tuple[int, int, int, int]
Source = Callable[[Shape4, str], np.ndarray | None]  # (shape of an array, kind) -> the place that is used for each


class Kind(NamedTuple):
    """A type of integers: NumPy's name, how it is called, and what becomes of larger numbers."""

    name: str
    said: str
    code: str


KINDS = (  # without a sign first: beyond the larger limit both may leave the same, and only its words are then sure
    Kind("u1", "a byte: from 256 on they begin again at 0", "in-a-byte"),
    Kind("i1", "a signed byte: from 128 on they count from the end", "in-a-byte"),
    Kind("u2", "16 bits: from 65536 on they begin again at 0", "in-16-bits"),
    Kind("i2", "16 bits with a sign: from 32768 on they count from the end", "in-16-bits"),
)
WIDER = "keep places and counts in int64, NumPy's default: leave the dtype out"


def go_round(size: int, kind: str) -> np.ndarray:
    """Return which of `size` things stand under the numbers 0, 1 ... that are kept so; negative ones from the end."""
    kept = np.arange(size).astype(kind).astype(int)
    return np.where(kept < 0, kept + size, kept)


def along(*axes: int) -> Source:
    """Keep the numbers along these axes, each by itself."""

    def source(shape: Shape4, kind: str) -> np.ndarray | None:
        if all(shape[axis] <= np.iinfo(kind).max + 1 for axis in axes):
            return None
        whole = np.arange(np.prod(shape)).reshape(shape)
        for axis in axes:
            whole = whole.take(go_round(shape[axis], kind), axis)
        return whole

    return source


def through(axes: int) -> Source:
    """Keep the places counted through the last so many axes."""

    def source(shape: Shape4, kind: str) -> np.ndarray | None:
        size = int(np.prod(shape[4 - axes :]))
        if size <= np.iinfo(kind).max + 1:
            return None
        return np.arange(np.prod(shape)).reshape(-1, size)[:, go_round(size, kind)].reshape(shape)

    return source


NUMBERS: tuple[tuple[str, Source], ...] = (
    ("rows and columns", along(2, 3)),
    ("rows", along(2)),
    ("columns", along(3)),
    ("places in the image", through(2)),
    ("places in the image", through(3)),
    ("places in the batch", through(4)),
    ("channel numbers", along(1)),
    ("image numbers", along(0)),
)


def moved(a: np.ndarray, source: np.ndarray) -> np.ndarray:
    """Add each number to the place that is used for its own."""
    found = np.zeros(a.size)
    np.add.at(found, source.ravel(), a.ravel())
    return found.reshape(a.shape)


def read(source: Source, kind: str, fill: float, name: str, write: bool = False) -> WrongAnswer:
    """Read the padded image at the places that are left of the right ones. write: its gradient is put there, too."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        pad = q.params.get("pad", 0)
        x = padded(np.asarray(q[name], "f8"), pad, fill)
        if (at := source(x.shape, kind)) is None:
            return None
        found = ask(q.but(**{name: x.ravel()[at]}, **({"pad": 0} if "pad" in q.params else {})))
        return found | {k: crop(moved(a, at) if write else a, pad) for k, a in found.items() if k == "dx"}

    return answer


def write_dx(source: Source, kind: str, fill: float, name: str) -> WrongAnswer:
    """Read the image as is right, and write its gradient at the places that are left of the right ones."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        pad = q.params.get("pad", 0)
        x = padded(np.asarray(q[name], "f8"), pad, fill)
        if (at := source(x.shape, kind)) is None or q.dout is None:
            return None
        wide = ask(q.but(**{name: x}, **({"pad": 0} if "pad" in q.params else {})))
        return {**ask(q), "dx": crop(moved(wide["dx"], at), pad)}

    return answer


def put_down(source: Source, kind: str, fill: float, name: str) -> WrongAnswer:
    """Write windows, into an image that starts at 0, at the places that are left of the right ones."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        pad = q["pad"]
        if "input_shape" in q.params:
            n, c, h, w = q["input_shape"]
            whole = q.but(input_shape=(n, c, h + 2 * pad, w + 2 * pad), pad=0)
            b, shape = 0.0, whole["input_shape"]
        else:
            whole, b = q.but(pad=0, dout=None), q["b"][:, None, None]
            oh, ow = ask(q.but(dout=None))["out"].shape[2:]
            shape = (len(q["x"]), q["W"].shape[1], oh + 2 * pad, ow + 2 * pad)
        if (at := source(shape, kind)) is None:
            return None
        found = {"out": crop(moved(ask(whole)["out"] - b, at), pad) + b}
        if q.dout is None:
            return found
        back = ask(whole.but(dout=padded(dout_of(q), pad).ravel()[at]))
        return found | {name: back[name] for name in ("dx", "dW")} | {"db": ask(q)["db"]}

    return answer


def list_small_integers(
    prefix: str, what: str = "index", fill: float = 0.0, image: str = "x", dx: bool = True, written: bool = False
) -> Iterator[Mistake]:
    """Yield the mistakes of a layer that looks its windows up in arrays of too small integers.

    what: the first word of their codes. dx: it has a gradient, of which alone that may be wrong. written: it puts
    windows down in place of reading them.
    """
    forms = [("", put_down if written else read)]
    forms += [("", partial(read, write=True)), ("dx: ", write_dx)] if dx and not written else []
    for before, change in forms:
        for said, source in NUMBERS:
            for kind in KINDS:
                if kind.code == "in-a-byte" or said.startswith("places"):
                    yield Mistake(f"{prefix}.{what}-{kind.code}", f"{before}{said} are kept in {kind.said}",
                                  change(source, kind.name, fill, image), WIDER, alone=True)  # fmt: skip


def list_small_counts(prefix: str, count: Callable[[Question], int], bits: tuple[str, ...]) -> Iterator[Mistake]:
    """Yield the mistakes of a layer that divides by a count, kept in these types of integers."""
    for kind in KINDS:
        for names in (("out",), ("dx",), ("out", "dx")):
            if kind.name in bits:
                said = kind.said.replace("they count from the end", "they are negative")
                answer = divide_by_kept(count, kind.name, names)
                yield Mistake(f"{prefix}.count-{kind.code}", f"counts are kept in {said}", answer, WIDER, alone=True)


def divide_by_kept(count: Callable[[Question], int], kind: str, names: tuple[str, ...]) -> WrongAnswer:
    """Divide these answers by what is left of the count."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        right = count(q)
        kept = int(np.array(right).astype(kind))
        if kept == right:
            return None
        return {k: a * right / np.float64(kept) if k in names else a for k, a in ask(q).items()}

    return answer
