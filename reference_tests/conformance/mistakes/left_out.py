"""What is left out, once for all layers: windows at the border or at the end, rows and columns of an answer."""

from collections.abc import Callable, Iterator
from itertools import combinations, product

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import Ask, WrongAnswer, alter
from .windows import image_sides, window_size, window_starts

Inside = Callable[[Question, int, int], np.ndarray]  # (question, OH, OW) -> (OH, OW), False where a window is left out
WHOLE_PHASES = "phase a of the stride has all of W's rows a, a + stride ...: W[:, :, a::stride]"
BORDER = "a window may reach into the padding: that is what it is for"


def reaching(below: bool, above: bool, rows: bool = True, columns: bool = True) -> Inside:
    """Leave out the windows that reach into the padding behind the image, before it, of its rows or columns."""

    def inside(q: Question, oh: int, ow: int) -> np.ndarray:
        p, found = q["pad"], []
        for starts, size, side, counts in zip(
            window_starts(q, oh, ow), image_sides(q), window_size(q), (rows, columns)
        ):
            behind, before = starts + side > size + p, starts < p
            found.append(~(behind & below | before & above) | (not counts))
        return np.asarray(found[0][:, None] & found[1])

    return inside


def last_windows(rows: bool, columns: bool) -> Inside:
    """Leave out the last row of windows, the last column, or both."""

    def inside(q: Question, oh: int, ow: int) -> np.ndarray:
        return np.asarray(((np.arange(oh) < oh - 1) | (not rows))[:, None] & ((np.arange(ow) < ow - 1) | (not columns)))

    return inside


def first_windows(rows: bool, columns: bool) -> Inside:
    """Leave out the first row of windows, the first column, or both."""

    def inside(q: Question, oh: int, ow: int) -> np.ndarray:
        return np.asarray(((np.arange(oh) > 0) | (not rows))[:, None] & ((np.arange(ow) > 0) | (not columns)))

    return inside


def whole_tiles(rows: bool, columns: bool) -> Inside:
    """Leave out the last row of windows, or column, that has no other one beside it in a tile of two."""

    def inside(q: Question, oh: int, ow: int) -> np.ndarray:
        down = (np.arange(oh) < oh // 2 * 2) | (not rows)
        return np.asarray(down[:, None] & ((np.arange(ow) < ow // 2 * 2) | (not columns)))

    return inside


def within_square(columns: bool) -> Inside:
    """Leave out the columns of windows from OH on, or the rows from OW on; ValueError where that is too far."""

    def inside(q: Question, oh: int, ow: int) -> np.ndarray:
        if (oh > ow) if columns else (ow > oh):
            raise ValueError(f"the loop goes too far: {oh} rows, {ow} columns")
        return np.asarray((np.arange(oh)[:, None] < ow) & (np.arange(ow) < oh))

    return inside


def as_without_padding(q: Question, oh: int, ow: int) -> np.ndarray:
    """Leave out the windows beyond those that there are without padding."""
    counts = [(size - side) // q["stride"] + 1 for size, side in zip(image_sides(q), window_size(q))]
    return np.asarray((np.arange(oh) < counts[0])[:, None] & (np.arange(ow) < counts[1]))


def leave_windows(inside: Inside, *names: str, bias: bool = False) -> WrongAnswer:
    """Leave windows out: their outputs are 0, or the bias, and of gradients (names) dout does not count there."""

    def answer(ask: Ask, q: Question) -> Answer:
        right = ask(q)
        kept = inside(q, *right["out"].shape[2:])
        empty = q["b"][:, None, None] if bias else 0.0
        found = {"out": np.where(kept, right["out"], empty)} if "out" in names else {"out": right["out"]}
        if q.dout is None:
            return found
        masked = ask(q.but(dout=np.where(kept, q.dout, 0)))
        return {k: masked[k] if k in names and k != "out" else a for k, a in {**right, **found}.items()}

    return answer


CHUNKS = 2, 3, 4, 5, 10, 32, 50, 100  # images; 8, 16 and 64 leave the same of the cases' batches as 32 does
LEFT_OUT: tuple[tuple[str, str, Inside], ...] = (
    ("border-windows-missing", "windows that reach into the padding", reaching(True, True)),
    ("border-windows-missing", "windows that reach into the padding below or to the right", reaching(True, False)),
    ("border-windows-missing", "windows that reach into the padding below", reaching(True, False, columns=False)),
    ("border-windows-missing", "windows that reach into the padding to the right", reaching(True, False, rows=False)),
    ("border-windows-missing", "windows that reach into the padding above or to the left", reaching(False, True)),
    ("last-windows-missing", "windows of the last row and column", last_windows(True, True)),
    ("last-windows-missing", "windows of the last row", last_windows(True, False)),
    ("last-windows-missing", "windows of the last column", last_windows(False, True)),
    ("first-windows-missing", "windows of the first row and column", first_windows(True, True)),
    ("first-windows-missing", "windows of the first row", first_windows(True, False)),
    ("first-windows-missing", "windows of the first column", first_windows(False, True)),
    ("odd-windows-missing", "windows of the last row and column, where their number is odd,", whole_tiles(True, True)),
    ("odd-windows-missing", "windows of the last row, where OH is odd,", whole_tiles(True, False)),
    ("odd-windows-missing", "windows of the last column, where OW is odd,", whole_tiles(False, True)),
    ("loops-without-pad", "windows beyond those that there are without padding", as_without_padding),
    ("loop-to-other-size", "windows of the columns from OH on", within_square(True)),
    ("loop-to-other-size", "windows of the rows from OW on", within_square(False)),
)


def list_missing_windows(prefix: str, gradients: tuple[str, ...], bias: bool = False) -> Iterator[Mistake]:
    """Yield the mistakes of a layer that leaves windows out, of its output or of one gradient or of all of them."""
    for code, which, inside in LEFT_OUT:
        repair = BORDER if code.startswith("border") else "the loops run over all of OH and OW"
        yield Mistake(f"{prefix}.{code}", f"{which} are left out: their outputs stay at 0",
                      leave_windows(inside, "out", *gradients), repair, alone=True)  # fmt: skip
        if bias:
            yield Mistake(f"{prefix}.{code}", f"{which} are left out: their outputs hold the bias alone",
                          leave_windows(inside, "out", *gradients, bias=True), repair, alone=True)  # fmt: skip
        for names in (*((g,) for g in gradients), *([gradients] if len(gradients) > 1 else [])):
            yield Mistake(f"{prefix}.{'-'.join(names)}-{code}", f"{', '.join(names)}: {which} do not count",
                          leave_windows(inside, *names), repair, alone=True)  # fmt: skip


def keep_last_chunk(size: int, *names: str) -> WrongAnswer:
    """Take the named gradients from the last chunk of images alone."""

    def answer(ask: Ask, q: Question) -> Answer:
        right = ask(q)
        if q.dout is None or len(q.dout) <= size:
            return right
        dout = np.array(q.dout)
        dout[: (len(dout) - 1) // size * size] = 0
        last = ask(q.but(dout=dout))
        return {k: last[k] if k in names else a for k, a in right.items()}

    return answer


def list_last_chunks(prefix: str) -> Iterator[Mistake]:
    """Yield the mistakes of gradients worked out in chunks of images, each of which writes over the one before."""
    for names in (("dW",), ("db",), ("dW", "db")):
        for size in CHUNKS:
            yield Mistake(f"{prefix}.{'-'.join(names)}-last-chunk",
                          f"{' and '.join(names)}: the images are gone through in chunks, and each chunk's sum writes "
                          "over the one before: the last one's is left", keep_last_chunk(size, *names),
                          "start from 0 and add every chunk's sum", alone=True)  # fmt: skip


def leave_last_images(size: int, names: tuple[str, ...]) -> WrongAnswer:
    """Leave out the images behind the last full chunk, where there is one: in the named gradients they do not count."""

    def answer(ask: Ask, q: Question) -> Answer:
        right = ask(q)
        if q.dout is None or len(q.dout) < size:
            return right
        dout = np.array(q.dout)
        dout[len(dout) // size * size :] = 0
        left = ask(q.but(dout=dout))
        return {k: left[k] if k in names else a for k, a in right.items()}

    return answer


def list_left_images(prefix: str, *gradients: str) -> Iterator[Mistake]:
    """Yield the mistakes of gradients worked out in n // size chunks of images: what is left over does not count."""
    for n, size in product(range(1, len(gradients) + 1), CHUNKS):
        for names in combinations(gradients, n):
            yield Mistake(f"{prefix}.images-left-out", f"{', '.join(names)}: the batch is gone through in n // size "
                          "chunks, and the images behind the last full one are left out",
                          leave_last_images(size, names), "go through all images: the last chunk may be smaller",
                          alone=True)  # fmt: skip


EDGES: tuple[tuple[str, tuple[slice | int, ...]], ...] = (
    ("first row", (slice(None), slice(None), 0)),
    ("last row", (slice(None), slice(None), -1)),
    ("first column", (slice(None), slice(None), slice(None), 0)),
    ("last column", (slice(None), slice(None), slice(None), -1)),
)


def list_missing_edges(prefix: str, what: str = "dx") -> Iterator[Mistake]:
    """Yield the mistakes of an answer (N, C, H, W), dx or another, that stays at 0 along edges of the image."""
    for some in (*((e,) for e in EDGES), EDGES[:2], EDGES[2:], EDGES):
        names = " and the ".join(name for name, _at in some) if len(some) < 4 else "whole border"
        text = f"{'' if what == 'out' else f'{what} '}stays at 0 along the {names} of the image".strip()
        text = f"it {text}" if what == "out" else text
        change = alter(**{what: lambda a, q, some=some: emptied(a[what], some)})
        yield Mistake(f"{prefix}.edge-missing" if what == "out" else f"{prefix}.{what}-edge-missing", text, change,
                      "every place of x that a window covers gets its share", alone=True)  # fmt: skip


def keep_whole_strides(rows: bool, columns: bool, *names: str) -> WrongAnswer:
    """Leave out W's last rows, or columns, that fill no whole stride, in the named answers; within one all stay."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        kept, s = np.ones_like(q["W"]), q["stride"]
        for axis, counts in ((-2, rows), (-1, columns)):
            side = q["W"].shape[axis]
            if counts and side > s:
                kept.swapaxes(axis, -1)[..., side // s * s :] = 0
        if kept.all():
            return None
        other = ask(q.but(W=q["W"] * kept))
        other |= {"dW": other["dW"] * kept} if "dW" in other else {}
        return {k: other[k] if k in names else a for k, a in ask(q).items()}

    return answer


def list_left_strides(prefix: str) -> Iterator[Mistake]:
    """Yield the mistakes of a layer that takes its windows apart by the stride, and leaves out what is over."""
    for rows, columns in ((True, True), (True, False), (False, True)):
        what = " and ".join(["rows"] * rows + ["columns"] * columns)
        for names in (("out",), ("dx",), ("out", "dx", "dW")):
            text = f"W's {what} behind the last whole stride are left out: each phase takes FH // stride of them"
            yield Mistake(f"{prefix}.strides-left-out", f"dx: {text}" if names == ("dx",) else text,
                          keep_whole_strides(rows, columns, *names), WHOLE_PHASES, alone=True)  # fmt: skip


def emptied(a: np.ndarray, edges: tuple[tuple[str, tuple[slice | int, ...]], ...]) -> np.ndarray:
    """Return a copy that is 0 along these edges."""
    found = np.array(a)
    for _name, at in edges:
        found[at] = 0
    return found


def lose_first_pixel(image: str, fill: float, names: tuple[str, ...]) -> WrongAnswer:
    """Take the first pixel of every channel for padding, in the named answers."""

    def answer(ask: Ask, q: Question) -> Answer:
        x = np.array(q[image], "f8")
        x[:, :, 0, 0] = fill
        right, other = ask(q), ask(q.but(**{image: x}))
        if "dx" in other:
            other["dx"] = emptied(other["dx"], (("", (slice(None), slice(None), 0, 0)),))
        return {k: other[k] if k in names else a for k, a in right.items()}

    return answer


def list_lost_pixels(prefix: str, *gradients: str, image: str = "x", fill: float = 0.0) -> Iterator[Mistake]:
    """Yield the mistakes of an index of places in which 0 stands for none, and is the first pixel."""
    for n in range(len(gradients) + 1):
        for some in combinations(gradients, n):
            where = ", ".join(("out", *some))
            yield Mistake(f"{prefix}.first-pixel-lost", f"{where}: the first pixel of every channel counts as padding",
                          lose_first_pixel(image, fill, ("out", *some)), "index 0 is a place: mark the padding by -1",
                          alone=True)  # fmt: skip
