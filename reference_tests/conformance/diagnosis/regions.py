"""Naming the region of the wrong numbers, if not everywhere: the last row, the border, the images from the fifth on."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from ...i18n import _
from ...subject.protocol import Question
from ..compare import NUMBERS, wrong_places
from ..types import Diagnosis, Problem, Shape
from .match import WrongNumber
from .shape_algebra import letters_of

MOST = 0.75  # of all numbers: a larger region says little
BLOCK = 8  # rows, at least: fewer missing ones may be another mistake's
NEAR = 1e-2  # of the largest number: a smaller difference is said
Mask = tuple[Question, str, np.ndarray]  # the question, which of its answers, True where a number is wrong
Region = Callable[[Question, str, Shape], np.ndarray]  # -> True inside
Pick = Callable[[int], np.ndarray]  # length of an axis -> True inside


def name_region(wrong: Sequence[WrongNumber]) -> Diagnosis | None:
    """Name the smallest region that holds every wrong number and not every number."""
    masks: list[Mask] = []
    for q, what, p in wrong:
        got = np.asarray(p.got)
        if p.kind != "values" or got.dtype.kind not in NUMBERS or np.ndim(p.want) == 0:
            return None
        masks.append((q, what, wrong_places(got, np.asarray(p.want), p.allowed)))
    if all(m.all() for *_q, m in masks):
        return None
    never = are_zero(wrong)
    if chunk := name_chunk(wrong) if never else name_chunk_of_bias(wrong):
        return chunk
    if block := name_block(wrong):
        return block
    if first := only_first_images(masks, never):
        return Diagnosis("place", first)
    fitting = [(size, text) for size, text in regions(masks, never) if size <= MOST]
    if not fitting:
        return None
    _size, text = min(fitting, key=lambda f: f[0])
    return Diagnosis("place", text if never else text + how_far_off(wrong))


def only_first_images(masks: list[Mask], never: bool) -> str:
    """Say that several images are right and all behind them wrong, however many; "" if it is not so."""
    firsts = {int(np.argmax(m.reshape(len(m), -1).any(1))) for *_q, m in masks if m.size}
    first = min(firsts, default=0)
    if len(firsts) != 1 or first < 2 or not is_batch(masks) or not all(m[first:].all() for *_q, m in masks):
        return ""
    text = _("only the first {k} images are right")
    return (_("only the first {k} images are right: the others stay at 0") if never else text).format(k=first)


def are_zero(wrong: Sequence[WrongNumber]) -> bool:
    """Whether every wrong number is 0, as where nothing was ever written."""
    return all(not np.any(np.asarray(p.got)[wrong_places(np.asarray(p.got), np.asarray(p.want), p.allowed)])
               for *_, p in wrong)  # fmt: skip


def name_chunk(wrong: Sequence[WrongNumber], bias: bool = False) -> Diagnosis | None:
    """Recognize batches that are worked in chunks, without what is left behind the last full one; all of it is 0.

    bias: b was added to it afterwards, and has been taken off.
    """
    found = [(len(got), count_written(got)) for got in (np.asarray(p.got) for *_q, p in wrong) if got.ndim > 1]
    if len(found) < len(wrong) or len(set(found)) < 2 or any(what == "dW" for _q, what, _p in wrong):
        return None
    if any("x" not in q.arrays or len(q["x"]) != n for (q, *_), (n, _first) in zip(wrong, found)):
        return None
    if not all(first < n and is_right_before(p, first) for (*_q, p), (n, first) in zip(wrong, found)):
        return None
    most = max(n for n, _first in found)
    sizes = [s for s in range(2, most + 1) if all(n // s * s == first for n, first in found)]
    if not sizes:
        return None
    text = _("the images behind the last full chunk of {size} stay at 0")
    text = _("the images behind the last full chunk of {size} hold b alone") if bias else text
    repair = _("go through all images: the last chunk may be smaller")
    return Diagnosis("last-chunk", text.format(size=sizes[0]), repair)


def name_chunk_of_bias(wrong: Sequence[WrongNumber]) -> Diagnosis | None:
    """Recognize the same where b is added afterwards, so that b alone is there."""
    without: list[WrongNumber] = []
    for q, what, p in wrong:
        b = q.arrays.get("b", np.zeros(0))
        if what != "out" or b.shape != np.shape(p.want)[1:2] or np.shape(p.got) != np.shape(p.want):
            return None  # a bias of every place, as that of locally connected layers, is no bias of a filter
        b = b.reshape(-1, *[1] * (np.ndim(p.want) - 2))
        without.append((q, what, replace(p, got=np.asarray(p.got) - b, want=np.asarray(p.want) - b)))
    return name_chunk(without, bias=True) if are_zero(without) else None


def name_block(wrong: Sequence[WrongNumber]) -> Diagnosis | None:
    """Recognize a product made in blocks of rows (N, OH, OW), without those behind the last full one: 0, or b alone."""
    ends = set()
    for q, what, p in wrong:
        got, want, b = np.asarray(p.got), np.asarray(p.want), q.arrays.get("b", np.zeros(0))
        if what != "out" or want.ndim != 4 or b.shape != want.shape[1:2] or got.shape != want.shape:
            return None
        bad = wrong_places(got, want, p.allowed)
        empty = (got == 0) | ~wrong_places(got, np.broadcast_to(b[:, None, None], got.shape), p.allowed)
        rows = bad.transpose(0, 2, 3, 1).reshape(-1, len(b))
        first = int(np.argmax(rows.any(1)))
        if not rows[first:].all() or not empty[bad].all():
            return None
        ends.add((len(rows), first))
    sizes = [s for s in range(BLOCK, min(first for _n, first in ends) + 1) if all(n // s * s == at for n, at in ends)]
    if len(ends) < 2 or not sizes:
        return None
    text = _("the rows (N, OH, OW) of the product behind the last full block stay at 0, or hold b alone")
    return Diagnosis("last-block", text, _("go through all rows: the last block may be smaller"))


def count_written(got: np.ndarray) -> int:
    """Count the images up to the last one that is not all 0."""
    return int(np.argwhere(np.any(got.reshape(len(got), -1) != 0, 1)).max(initial=-1)) + 1


def is_right_before(p: Problem, image: int) -> bool:
    """Whether every number is right in the images before this one."""
    return not wrong_places(np.asarray(p.got), np.asarray(p.want), p.allowed)[:image].any()


def how_far_off(wrong: Sequence[WrongNumber]) -> str:
    """Say how small the differences are, if they are: a reader sees no difference in the first digits.

    Each answer is compared with its own largest number: the cases are of several magnitudes.
    """
    offs = [float(np.abs(np.asarray(p.got, "f8") - p.want).max(initial=0)) for *_, p in wrong]
    largest = [float(np.abs(p.want).max(initial=0)) for *_, p in wrong]
    share = max(off / most if most else float(off > 0) for off, most in zip(offs, largest))
    text = _(", by at most {share} of the largest number")
    return text.format(share=f"{share:.1g}") if 0 < share < NEAR else ""


def regions(masks: list[Mask], never: bool) -> Iterator[tuple[float, str]]:
    """Yield (share of all numbers, sentence) of the regions that hold every wrong number. never: these are all 0."""
    there = _(": there it stays at 0") if never else ""
    rows = [(text + there, region) for text, region in (*of_axes(masks), *of_numbers(masks))]
    for text, region in (*all_but_last(masks, never), *rows):
        shares = []
        for q, what, mask in masks:
            inside = region(q, what, mask.shape)
            if (mask & ~inside).any():
                break
            shares.append(inside.mean())
        else:
            if np.mean(shares) < 1:
                yield float(np.mean(shares)), text


def of_axes(masks: list[Mask]) -> Iterator[tuple[str, Region]]:
    """Yield the regions along one axis, and the border."""
    dims = {m.ndim for *_q, m in masks}
    batch = is_batch(masks)
    first = min(int(np.argwhere(m)[0, 0]) for *_q, m in masks) if batch else 0
    for axis, name in enumerate(names_of_axes(masks)):
        picks: tuple[tuple[str, Pick], ...] = (
            (_("wrong only in the last {axis}"), lambda n: np.arange(n) == n - 1),
            (_("wrong only in the first {axis}"), lambda n: np.arange(n) == 0),
        )
        for text, pick in picks:
            yield text.format(axis=name), along(axis, pick)
        if first and not axis:
            text = _("every wrong number stands in image {k} or later (counted from 1)")
            yield text.format(k=first + 1), along(axis, lambda n: np.arange(n) >= first)
    if dims == {4}:
        yield _("wrong only on the border of the image"), border
    yield _("wrong only in the very last number"), lambda q, what, shape: flat(shape, -1)
    yield _("wrong only in the very first number"), lambda q, what, shape: flat(shape, 0)


def all_but_last(masks: list[Mask], never: bool) -> Iterator[tuple[str, Region]]:
    """Yield the regions of all but the last index of one axis. never: it is 0 there."""
    text = _("none of the wrong numbers stands in the last {axis}")
    if never:
        text = _("only the last {axis} is right: all before it stays at 0")
    for axis, name in enumerate(names_of_axes(masks)):
        yield text.format(axis=name), along(axis, lambda n: np.arange(n) < n - 1)


def is_batch(masks: list[Mask]) -> bool:
    """Whether the first axis of every answer is that of the images of x."""
    fits = all("x" in q.arrays and len(q["x"]) == len(m) for q, _what, m in masks)
    return fits and {what for _q, what, _m in masks} != {"dW"}


def names_of_axes(masks: list[Mask]) -> tuple[str, ...]:
    """Name the axes that all answers have: where they differ in number, the images alone, if there are some."""
    dims, whats = {m.ndim for *_q, m in masks}, {what for _q, what, _m in masks}
    axes = axis_words(min(dims), whats) if len(dims) == 1 else ()
    if whats == {"dW"} and letters_of(masks[0][0], "dW", min(dims))[:2] == ("C", "FN"):  # a transposed convolution's
        axes = (axes[1], axes[0], *axes[2:])
    return (_("image"), *axes[1:]) if is_batch(masks) else axes


def flat(shape: Shape, place: int) -> np.ndarray:
    """Mark one number, by its place in the order of reading."""
    inside = np.zeros(shape, bool)
    inside.flat[place] = True
    return inside


def axis_words(ndim: int, whats: set[str]) -> tuple[str, ...]:
    """Name the axes of answers with so many axes."""
    first = _("filter") if whats == {"dW"} else _("image")
    if ndim == 4:
        return first, _("channel"), _("row"), _("column")
    return {1: (_("number"),), 2: (_("row"), _("column")), 3: (first, _("row"), _("column"))}.get(ndim, ())


def along(axis: int, pick: Pick) -> Region:
    """Make the region of some indices along one axis."""

    def region(q: Question, what: str, shape: Shape) -> np.ndarray:
        inside = np.zeros(shape, bool)
        inside[(slice(None),) * axis + (pick(shape[axis]),)] = True
        return inside

    return region


def border(q: Question, what: str, shape: Shape) -> np.ndarray:
    """Mark the first and last rows and columns of images (N, C, H, W)."""
    inside = np.ones(shape, bool)
    inside[:, :, 1:-1, 1:-1] = False
    return inside


def of_numbers(masks: list[Mask]) -> Iterator[tuple[str, Region]]:
    """Yield regions by the value of x, for layers that work elementwise."""
    if not all("x" in q.arrays and q["x"].shape == m.shape for q, _what, m in masks):
        return
    yield _("wrong only where x is negative"), lambda q, what, shape: q["x"] < 0
    yield _("wrong only where x is positive"), lambda q, what, shape: q["x"] > 0
    yield _("wrong only where x is 0"), lambda q, what, shape: q["x"] == 0
    wrong = [np.abs(q["x"][m]).min() for q, _what, m in masks if m.any()]
    if wrong and (least := float(min(wrong))) >= 1:
        text = _("wrong only where the size of x is at least {least}")
        yield text.format(least=f"{least:.3g}"), lambda q, what, shape: np.abs(q["x"]) >= least
