"""A way for windows that lie side by side, taken where the stride is one side of the window only, in all layers."""

from collections.abc import Callable, Iterator

import numpy as np

from ...subject.protocol import Answer, Question
from ..references.loops import padded, windows
from ..types import Mistake
from .changes import Ask, WrongAnswer
from .windows import BLOCKS, Starts, alter_one, cut_blocks, move_windows, window_size

Where = Callable[[Question], bool]
Taker = Callable[[Callable[[Question, int, int], Starts]], WrongAnswer]
WHERE: tuple[tuple[str, str, Where], ...] = (
    ("by-height", "{h}", lambda q: q["stride"] == window_size(q)[0] != window_size(q)[1]),
    ("by-width", "{w}", lambda q: q["stride"] == window_size(q)[1] != window_size(q)[0]),
    ("by-one-side", "{h} or {w}", lambda q: q["stride"] in window_size(q) and len({*window_size(q)}) > 1),
)


def padded_sides(q: Question) -> list[tuple[int, int]]:
    """List the padded image's and the window's height, then both widths."""
    image = q["x"] if "x" in q.arrays else q["input_data"]
    return [(size + 2 * q["pad"], side) for size, side in zip(image.shape[2:], window_size(q))]


def whole_ones(q: Question, oh: int, ow: int) -> Starts:
    """Start as many windows as there is room for, side by side."""
    return tuple(np.arange(size // side) * side for size, side in padded_sides(q))


def only(where: Where, change: WrongAnswer) -> WrongAnswer:
    """Make a mistake in some questions only."""
    return lambda ask, q: change(ask, q) if where(q) else None


def rows_of_windows(starts: Callable[[Question, int, int], Starts]) -> WrongAnswer:
    """Return im2col's matrix of windows that start elsewhere."""

    def answer(ask: Ask, q: Question) -> Answer:
        (h, w), (_at, x, oh, ow) = window_size(q), windows(q, *window_size(q))
        rows, columns = starts(q, oh, ow)
        found = [image[:, y : y + h, z : z + w].ravel() for image in x for y in rows for z in columns]
        return {"out": np.reshape(found, (len(found), x.shape[1] * h * w))}

    return answer


def lay_tiles(fill: float, whole: bool) -> WrongAnswer:
    """Make dx of the windows' own, laid side by side. whole: it has to have x's size."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        if q.dout is None:
            return None
        (n, c, *size), p, (h, w) = q["x"].shape, q["pad"], window_size(q)
        x, (oh, ow), s = padded(np.asarray(q["x"], "f8"), p, fill), q.dout.shape[2:], q["stride"]
        dx = np.zeros((n, c, oh * h, ow * w))
        for i, j in np.ndindex(oh, ow):
            own = q.but(x=x[:, :, i * s : i * s + h, j * s : j * s + w], pad=0, dout=q.dout[:, :, i : i + 1, j : j + 1])
            dx[:, :, i * h : i * h + h, j * w : j * w + w] = ask(own)["dx"]
        cut = dx[:, :, p : p + size[0], p : p + size[1]] if whole else dx[:, :, p : oh * h - p, p : ow * w - p]
        if whole and cut.shape != q["x"].shape:
            raise ValueError("could not broadcast")
        return {**ask(q), "dx": cut}

    return answer


def list_one_sided(
    prefix: str, h: str, w: str, fill: float = 0.0, take: Taker = move_windows, divided: bool = True
) -> Iterator[Mistake]:
    """Yield the mistakes of a layer, or of im2col. h, w: how its window's sides are called. fill: of the padding.

    divided: one form is made only where the image is made of whole windows, without padding.
    """
    for code, sides, where in WHERE:
        of = sides.format(h=h, w=w)
        text = f"where the stride is {of}, the image is cut into blocks of {h} x {w}, side by side"
        for answer in [*([cut_blocks(where)] if divided else []), only(where, take(whole_ones))]:
            yield Mistake(f"{prefix}.blocks-{code}", text, answer, BLOCKS, alone=True)
        text = f"dx: where the stride is {of}, the windows are put back side by side, as blocks of {h} x {w}"
        for whole in (True, False) if take is move_windows else ():
            answer = only(where, alter_one("dx", lay_tiles(fill, whole)))
            yield Mistake(f"{prefix}.dx-blocks-{code}", text, answer, BLOCKS, alone=True)


def list_one_sided_output(prefix: str, h: str, w: str, lay: Callable[[Question], np.ndarray]) -> Iterator[Mistake]:
    """Yield the mistakes of an output that windows are laid into. lay(question): it, padded."""

    def cut(q: Question, whole: bool) -> Answer:
        wide, p = lay(q), q["pad"]
        if not whole:
            return {"out": wide[:, :, p : wide.shape[2] - p, p : wide.shape[3] - p]}
        rows, columns = q["input_shape"][2:]
        return {"out": wide[:, :, p : p + rows, p : p + columns]}

    for code, sides, where in WHERE:
        text = (
            f"where the stride is {sides.format(h=h, w=w)}, the windows are laid side by side, as blocks of {h} x {w}"
        )
        for whole in (False, True) if prefix == "col2im" else (False,):
            answer = only(where, lambda ask, q, whole=whole: cut(q, whole))  # type: ignore[misc]
            yield Mistake(f"{prefix}.blocks-{code}", text, answer, BLOCKS, alone=True)
