"""Spatial pyramid pooling: the known mistakes, each a change of what a reference answers."""

from collections.abc import Callable, Iterator

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .backward import list_relu_mistakes
from .changes import Ask, WrongAnswer, alter, ask_with, dout_of
from .foldings import Mask, list_folded_maxima
from .left_out import list_left_images
from .missing_rows import Spread, list_missing_rows
from .near_ties import COMPARE, list_near_ties
from .small_integers import KINDS, WIDER, list_small_integers
from .windows import TIES, compare_sizes, ignore_dout, list_low_starts

Edge = Callable[[int, int, int], int]  # (window i, of n, side of the image) -> where the window begins or ends


def list_levels(q: Question) -> list[tuple[int, int]]:
    """List each level's first column in the output, and its n."""
    found, first = [], 0
    for n in q["levels"]:
        found.append((first, n))
        first += q["x"].shape[1] * n * n
    return found


def rearrange(order: Callable[[np.ndarray], np.ndarray]) -> Callable[[Answer, Question], np.ndarray]:
    """Lay each level's numbers (N, C, n, n) in another order."""

    def out(answer: Answer, q: Question) -> np.ndarray:
        N, C = q["x"].shape[:2]
        parts = [answer["out"][:, at : at + C * n * n].reshape(N, C, n, n) for at, n in list_levels(q)]
        return np.concatenate([order(p).reshape(N, -1) for p in parts], axis=1)

    return out


def pool_grids(begin: Edge, end: Edge, pool: Callable[..., np.ndarray] = np.max) -> WrongAnswer:
    """Take other windows, begin(i, n, side) to end(i, n, side), or another number of each."""

    def answer(ask: Ask, q: Question) -> Answer:
        x, found = q["x"], []
        for n in q["levels"]:
            spans = [[slice(begin(i, n, s), end(i, n, s)) for i in range(n)] for s in x.shape[2:]]
            cells = [[pool(x[:, :, r, c], axis=(2, 3)) for c in spans[1]] for r in spans[0]]
            found.append(np.array(cells).transpose(2, 3, 0, 1).reshape(len(x), -1))
        return {"out": np.concatenate(found, axis=1)}

    return answer


def window_start(i: int, n: int, size: int) -> int:
    """Return floor(i * size / n), as is right."""
    return i * size // n


def window_end(i: int, n: int, size: int) -> int:
    """Return ceil((i + 1) * size / n), as is right."""
    return -(-(i + 1) * size // n)


def cut_where_one_side_divides(ask: Ask, q: Question) -> Answer:
    """Take windows of floor(H / n) x floor(W / n) side by side where n divides one side at least."""
    floors = pool_grids(lambda i, n, s: i * (s // n), lambda i, n, s: (i + 1) * (s // n))
    parts = []
    for n in q["levels"]:
        level, sides = q.but(levels=(n,), dout=None), q["x"].shape[2:]
        cut = min(sides) >= n and any(side % n == 0 for side in sides)
        parts.append((floors(ask, level) or {} if cut else ask(level))["out"])
    return {"out": np.concatenate(parts, axis=1)}


def hide_in_cells(mask: Mask) -> Iterator[WrongAnswer]:
    """Yield what is found where only a part of each window is looked at."""

    def largest(cell: np.ndarray, axis: tuple[int, int]) -> np.ndarray:
        return np.asarray(np.where(mask(*cell.shape[2:]), cell, -np.inf).max(axis))

    yield pool_grids(window_start, window_end, largest)


FRACTIONS: tuple[Callable[[int, int], np.ndarray], ...] = (  # (n, side) -> the bounds of n windows, in floats
    lambda n, s: np.linspace(0, 1, n + 1) * s,
    lambda n, s: np.linspace(0, 1, n + 1, dtype="f4") * np.float32(s),
    lambda n, s: np.float32(s) * np.arange(n + 1, dtype="f4") * np.float32(1 / n),
    lambda n, s: np.append(0, np.full(n, s / n).cumsum()),
)


def round_fractions(bounds: Callable[[int, int], np.ndarray]) -> WrongAnswer:
    """Take windows whose bounds are floats, rounded down and up: where one is no whole number by rounding, too far."""
    return pool_grids(
        lambda i, n, s: int(np.floor(bounds(n, s)[i])), lambda i, n, s: min(s, int(np.ceil(bounds(n, s)[i + 1])))
    )


def reverse_levels(q: Question) -> tuple[int, ...]:
    """Return the levels in the reverse order."""
    return tuple(q["levels"][::-1])


def keep_first_level(ask: Ask, q: Question) -> Answer:
    """Compute dx of the first level alone."""
    at, n = list_levels(q)[0]
    part = dout_of(q)[:, at : at + q["x"].shape[1] * n * n]
    return {**ask(q), "dx": ask(q.but(levels=q["levels"][:1], dout=part))["dx"]}


def list_bins(q: Question) -> list[tuple[int, int, int, slice, slice]]:
    """List each bin: its level, its level's n * n, its first channel's place in the output, its rows and columns."""
    found = []
    for level, (at, n) in enumerate(list_levels(q)):
        rows, columns = (
            [slice(window_start(i, n, s), window_end(i, n, s)) for i in range(n)] for s in q["x"].shape[2:]
        )
        found += [(level, n * n, at + i * n + j, r, c) for i, r in enumerate(rows) for j, c in enumerate(columns)]
    return found


def overwrite(keep: str, levels: bool = False) -> WrongAnswer:
    """Let the later bins overwrite the earlier ones in dx, where they should add up.

    keep: "place" overwrites the largest number's place alone; "bin" the whole bin. levels: whether levels add up.
    """

    def dx(a: Answer, q: Question) -> np.ndarray:
        x, dout = q["x"], dout_of(q)
        parts = np.zeros((len(q["levels"]), *x.shape))
        for level, area, at, r, c in list_bins(q):
            for n, channel in np.ndindex(x.shape[:2]):
                window = x[n, channel, r, c]
                best = np.arange(window.size).reshape(window.shape) == window.argmax()
                part = parts[level if levels else 0, n, channel, r, c]
                part[best if keep == "place" else ...] = (best * dout[n, at + channel * area])[
                    best if keep == "place" else ...
                ]
        return np.asarray(parts.sum(0))

    return alter(dx=dx)


def keep_places(kind: str, from_end: bool) -> WrongAnswer:
    """Keep the largest's place in its bin in such integers; a negative one counts from the bin's end, or is lost."""

    def dx(a: Answer, q: Question) -> np.ndarray:
        x, dout = q["x"], dout_of(q)
        found = np.zeros(x.shape)
        for _level, area, at, r, c in list_bins(q):
            window = x[:, :, r, c]
            rows = window.reshape(*x.shape[:2], -1)
            best = rows.argmax(2).astype(kind).astype(int)
            best = np.where(best < 0, best + rows.shape[2], best) if from_end else best
            chosen = np.arange(rows.shape[2]) == best[..., None]
            share = dout[:, at : at + area * x.shape[1] : area, None] * chosen
            found[:, :, r, c] += share.reshape(window.shape)
        return found

    return alter(dx=dx)


def split_place(by_height: bool) -> WrongAnswer:
    """Split the largest's place in its bin by the bin's height, or swap its row and column; IndexError beyond x."""

    def dx(a: Answer, q: Question) -> np.ndarray:
        x, found = q["x"], np.zeros(q["x"].shape)
        images, channels = np.indices(x.shape[:2])
        for _level, area, at, r, c in list_bins(q):
            h, w = r.stop - r.start, c.stop - c.start
            place = np.divmod(x[:, :, r, c].reshape(*x.shape[:2], -1).argmax(2), h if by_height else w)
            row, column = place if by_height else place[::-1]
            dout = dout_of(q)[:, at : at + area * x.shape[1] : area]
            found[images, channels, r.start + row, c.start + column] += dout
        return found

    return alter(dx=dx)


def fill_smaller_windows(ask: Ask, q: Question) -> Answer:
    """Fill the windows that are smaller than the largest of their level up with 0, which wins over negative numbers."""
    right, bins, images = ask(q), list_bins(q), np.arange(q["x"].shape[1])
    won = np.zeros(right["out"].shape, bool)
    for level, area, at, *spans in bins:
        sides = np.array([[s.stop - s.start for s in others] for of, _, _, *others in bins if of == level])
        if any(s.stop - s.start < most for s, most in zip(spans, sides.max(0))):
            won[:, at + images * area] = right["out"][:, at + images * area] < 0
    found = {**right, "out": np.where(won, 0, right["out"])}
    return found if q.dout is None else {**found, "dx": ask(q.but(dout=np.where(won, 0, q.dout)))["dx"]}


def pad_to_windows(fill: float, around: bool) -> WrongAnswer:
    """Fill the image up to n windows of ceil(H / n) side by side: behind it, or on both sides."""

    def answer(ask: Ask, q: Question) -> Answer:
        x, found = q["x"], []
        for n in q["levels"]:
            sides = [-(-size // n) for size in x.shape[2:]]
            spare = [n * side - size for side, size in zip(sides, x.shape[2:])]
            pads = [((s + 1) // 2, s // 2) if around else (0, s) for s in spare]
            cut = np.pad(x, [(0, 0), (0, 0), *pads], constant_values=fill)
            blocks = cut.reshape(*x.shape[:2], n, sides[0], n, sides[1])
            found.append(blocks.max(axis=(3, 5)).reshape(len(x), -1))
        return {"out": np.concatenate(found, axis=1)}

    return answer


def paper_windows(ask: Ask, q: Question) -> Answer:
    """Take the paper's windows of training: ceil(H / n) long, floor(H / n) apart."""
    return pool_grids(lambda i, n, s: i * (s // n), lambda i, n, s: i * (s // n) + -(-s // n))(ask, q) or {}


def keep_last_level(ask: Ask, q: Question) -> Answer:
    """Compute dx of the last level alone."""
    at, _ = list_levels(q)[-1]
    return {**ask(q), "dx": ask(q.but(levels=q["levels"][-1:], dout=dout_of(q)[:, at:]))["dx"]}


def give_shares(share: Callable[[np.ndarray], np.ndarray]) -> WrongAnswer:
    """Give each place of a bin its share of dout: share(rows of a bin's numbers)."""

    def dx(a: Answer, q: Question) -> np.ndarray:
        x, found = q["x"], np.zeros(q["x"].shape)
        for _, area, at, r, c in list_bins(q):
            bin_ = x[:, :, r, c]
            shares = share(bin_.reshape(*bin_.shape[:2], -1)).reshape(bin_.shape)
            found[:, :, r, c] += shares * dout_of(q)[:, at + np.arange(x.shape[1]) * area, None, None]
        return found

    return alter(dx=dx)


def give_in_every_row(spread: Spread) -> Iterator[WrongAnswer]:
    """Yield the answer of dout spread over the rows of a bin, one for each image and channel."""

    def dx(a: Answer, q: Question) -> np.ndarray:
        x, found = q["x"], np.zeros(q["x"].shape)
        for _, area, at, r, c in list_bins(q):
            bin_ = x[:, :, r, c]
            rows, dout = bin_.reshape(*bin_.shape[:2], -1), dout_of(q)[:, at + np.arange(x.shape[1]) * area]
            found[:, :, r, c] += spread(rows.argmax(2), dout, rows.shape[2]).reshape(bin_.shape)
        return found

    yield alter(dx=dx)


def mark_largest(rows: np.ndarray) -> np.ndarray:
    """Mark each of a row's largest numbers."""
    return np.asarray(rows == rows.max(-1, keepdims=True))


def reread_first_numbers(ask: Ask, q: Question) -> Answer:
    """Let every level read dout from its beginning."""
    sizes = [(n, q["x"].shape[1] * n * n) for n in q["levels"]]
    parts = [ask(q.but(levels=(n,), dout=dout_of(q)[:, :size]))["dx"] for n, size in sizes]
    return {**ask(q), "dx": np.sum(parts, axis=0)}


def join_channels(a: Answer, q: Question) -> np.ndarray:
    """Lay the numbers of all levels side by side for each channel."""
    N, C = q["x"].shape[:2]
    parts = [a["out"][:, at : at + C * n * n].reshape(N, C, n * n) for at, n in list_levels(q)]
    return np.concatenate(parts, axis=2).reshape(N, -1)


SUM_DX = "a place that is the largest of several windows gets the sum of their dout"
BINS = "window i of n goes from floor(i * H / n) up to ceil((i + 1) * H / n)"
IN_WHOLE_NUMBERS = f"{BINS}, in whole numbers: i * H // n and -(-(i + 1) * H // n)"
# fmt: off
MISTAKES = [
    Mistake("spp.levels-reversed", "the levels stand in the reverse order", ask_with(levels=reverse_levels),
            "the levels stand in the order they are given in"),
    Mistake("spp.levels-sorted", "the levels stand from fine to coarse, whatever order they are given in",
            ask_with(levels=lambda q: tuple(sorted(q["levels"], reverse=True))),
            "the levels stand in the order they are given in"),
    Mistake("spp.levels-sorted", "the levels stand from coarse to fine, whatever order they are given in",
            ask_with(levels=lambda q: tuple(sorted(q["levels"]))), "the levels stand in the order they are given in"),
    Mistake("spp.channels-last", "a level's numbers stand in the order (n, n, C)",
            alter(out=rearrange(lambda p: p.transpose(0, 2, 3, 1))), "the order is (C, n, n)"),
    Mistake("spp.channel-by-channel",
            "the numbers of all levels stand together for each channel, not all channels of a level",
            alter(out=join_channels), "a level's (C, n, n) come whole, then the next level's"),
    Mistake("spp.dout-from-start", "every level reads dout from its beginning: the place where a level begins is not "
            "moved on", reread_first_numbers, "a level's dout begins where that of the level before it ends"),
    Mistake("spp.grid-transposed", "rows and columns of the grids are swapped",
            alter(out=rearrange(lambda p: p.transpose(0, 1, 3, 2))), "the order is (C, n, n)"),
    Mistake("spp.mean", "the mean of each window, not the largest", pool_grids(window_start, window_end, np.mean),
            "take the largest"),
    Mistake("spp.absolute", "sizes without their sign are compared", compare_sizes,
            "take the largest, whatever its sign"),
    Mistake("spp.ends-rounded-down", "a window ends at floor((i + 1) * H / n)",
            pool_grids(window_start, lambda i, n, s: max((i + 1) * s // n, window_start(i, n, s) + 1)), BINS),
    Mistake("spp.rest-left-out", "windows of floor(H / n) side by side: the rest is left out",
            pool_grids(lambda i, n, s: i * (s // n), lambda i, n, s: (i + 1) * (s // n)), BINS),
    Mistake("spp.rest-left-out", "where n divides one side of the image, windows of floor(H / n) x floor(W / n) side "
            "by side: what is left over of the other side is left out", cut_where_one_side_divides, BINS, alone=True),
    Mistake("spp.rest-in-last", "windows of floor(H / n) side by side, and the last takes all that is left over",
            pool_grids(lambda i, n, s: min(i * max(s // n, 1), s - 1),
                       lambda i, n, s: s if i == n - 1 else min((i + 1) * max(s // n, 1), s)), BINS),
    Mistake("spp.parts-of-array", "windows side by side, as np.array_split cuts: the first H % n are one longer",
            pool_grids(lambda i, n, s: min(i * (s // n) + min(i, s % n), s - 1),
                       lambda i, n, s: min((i + 1) * (s // n) + min(i + 1, s % n), s)), BINS),
    Mistake("spp.bins-rounded", "a window goes from round(i * H / n) to round((i + 1) * H / n)",
            pool_grids(lambda i, n, s: round(i * s / n),
                       lambda i, n, s: max(round((i + 1) * s / n), round(i * s / n) + 1)), BINS),
    Mistake("spp.bins-rounded", "a window goes from round(i * H / n) to round((i + 1) * H / n)",
            pool_grids(lambda i, n, s: int(i * s / n + 0.5), lambda i, n, s: int((i + 1) * s / n + 0.5)), BINS),
    *(Mistake("spp.bounds-in-floats", "the windows' bounds are worked out in floats: where H / n divides, rounding "
              "makes some windows one row or column larger", round_fractions(bounds), IN_WHOLE_NUMBERS)
      for bounds in FRACTIONS),
    Mistake("spp.begins-rounded-up", "a window begins at ceil(i * H / n)",
            pool_grids(lambda i, n, s: min(-(-i * s // n), s - 1), window_end), BINS),
    Mistake("spp.fixed-windows",
            "windows of ceil(H / n), floor(H / n) apart, as in the paper's training: they do not reach the end",
            paper_windows, BINS),
    Mistake("spp.smaller-windows-zero", "windows smaller than the largest of their level are filled up with 0, which "
            "wins over negative numbers", fill_smaller_windows,
            "fill them up with -infinity, or pool each window by itself"),
    *(Mistake("spp.padded-to-windows", f"the image is filled up with {name} {where} to n windows of ceil(H / n), side "
              "by side", pad_to_windows(fill, around), BINS)
      for name, fill in (("0", 0.0), ("-infinity", -np.inf))
      for where, around in (("behind its end", False), ("on both sides", True))),
    Mistake("spp.last-bin-short", "the last window of each row and column ends one too early",
            pool_grids(window_start, lambda i, n, s: max(window_end(i, n, s) - (i == n - 1), window_start(i, n, s) + 1)
                       ), BINS),
    Mistake("spp.smallest", "the smallest number of each window", pool_grids(window_start, window_end, np.min),
            "take the largest"),
    Mistake("spp.starts-at-zero", "the largest is sought from 0 upwards: negative numbers are lost",
            alter(out=lambda a, q: np.maximum(a["out"], 0)), "take the largest, whatever its sign"),
    *list_low_starts("spp"),
    *(Mistake("spp.dx-overwrites", "in dx overlapping windows overwrite each other", overwrite(*how), SUM_DX)
      for how in (("place",), ("bin",), ("bin", True))),
    Mistake("spp.dx-adds-once", "where windows of one level have the same largest number, dx gets the dout of one of "
            "them alone: dx[places] += ... adds once for a place that comes twice", overwrite("place", True),
            "np.add.at(dx, places, ...) adds for each; or add window by window"),
    Mistake("spp.dx-last-level", "dx has the last level only", keep_last_level, "add up the gradients of all levels"),
    Mistake("spp.ties-all", TIES, give_shares(mark_largest), "give dout to one of them, or share it out"),
    *(Mistake("spp.nearly-tied", text, give_shares(share), COMPARE) for text, share in list_near_ties()),
    *list_relu_mistakes("spp"),
    Mistake("spp.dx-first-level", "dx has the first level only", keep_first_level,
            "add up the gradients of all levels"),
    Mistake("spp.dx-averaged", "dx is divided by the number of images", alter(dx=lambda a, q: a["dx"] / len(q["x"])),
            "the loss already holds the average over the batch"),
    Mistake("spp.dout-ignored", "dout is taken for all ones", ignore_dout,
            "each maximum's place gets its dout"),
    Mistake("spp.dx-split-by-height", "the largest's place in its bin is split by the bin's height, not by its width: "
            "right for square bins", split_place(True), "rows, columns = divmod(place, width of the bin)"),
    Mistake("spp.dx-turned", "row and column of the largest's place in its bin are swapped", split_place(False),
            "rows, columns = divmod(place, width of the bin)"),
    *list_missing_rows("spp", "channel", give_in_every_row),
    *list_small_integers("spp", "place"),
    *(Mistake(f"spp.place-{kind.code}", f"places in the image are kept in {kind.said}",
              keep_places(kind.name, end), WIDER, alone=True) for kind in KINDS for end in (True, False)),
    *list_left_images("spp", "dx"),
    *list_folded_maxima("spp", hide_in_cells),
]
# fmt: on
