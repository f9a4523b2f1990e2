"""Max pooling: the known mistakes, each a change of what a reference answers."""

from collections.abc import Callable, Iterator

import numpy as np

from ...subject.protocol import Answer, Question
from ..references import loops
from ..references.loops import Place, windows
from ..types import Mistake
from .axis_orders import list_dout_orders
from .backward import list_backward_mistakes, list_relu_mistakes
from .blocks import list_block_mistakes
from .changes import Ask, WrongAnswer, alter, dout_of
from .foldings import Mask, list_folded_maxima
from .geometry import list_cuts, list_placing_mistakes
from .left_out import list_left_images, list_lost_pixels, list_missing_edges, list_missing_windows
from .missing_rows import list_missing_rows
from .near_ties import COMPARE, list_near_ties
from .one_sided import list_one_sided
from .shares import (
    COVERED,
    IN_WHOLE,
    assign_to_all_largest,
    give_as_in_any_channel,
    give_as_in_first_channel,
    give_as_in_first_image,
    give_as_in_last,
    give_by_index,
    give_by_sides,
    give_in_cut_plane,
    give_in_every_row,
    give_in_plane,
    give_shares,
    give_to_all,
    give_to_all_largest,
    give_to_largest,
    give_to_largest_of,
    give_to_largest_size,
    give_to_only_largest,
    give_to_place,
    give_to_smallest,
    in_bits,
    read_by_index,
)
from .sides import list_pooling_side_mistakes
from .small_integers import list_small_integers
from .window_columns import list_column_orders
from .window_places import list_place_mistakes, list_window_sizes
from .windows import (
    DOUT,
    TIES,
    TOO_HIGH,
    alter_one,
    compare_sizes,
    divide,
    list_low_starts,
    list_window_mistakes,
    pad_with,
    put_back,
    round_up,
    take_smallest,
    window_area,
)


def start_at_zero(ask: Ask, q: Question) -> Answer:
    """Start the running maximum with 0, as if a 0 stood in every window."""
    out = ask(q.but(dout=None))["out"]
    found = {"out": np.maximum(out, 0)}
    return found if q.dout is None else {**ask(q.but(dout=q.dout * (out > 0))), **found}


def average(times: Callable[[Question], float]) -> WrongAnswer:
    """Average each window, times a number."""
    return lambda ask, q: {k: a * times(q) for k, a in loops.average_pooling(q).items()}


def mix_channels(ask: Ask, q: Question) -> Answer:
    """Lay a window's numbers with the channels last, and take every pool_h * pool_w of them for one channel."""
    at, x, oh, ow = windows(q, q["pool_h"], q["pool_w"], -np.inf)
    rows = np.array([x[n, :, r, c].transpose(1, 2, 0).ravel() for n, _, _, r, c in at])
    n, c = x.shape[:2]
    return {"out": rows.reshape(n, oh, ow, c, window_area(q)).max(-1).transpose(0, 3, 1, 2)}


def pool_by(reduce: Callable[[np.ndarray], np.ndarray], fill: float) -> WrongAnswer:
    """Reduce each window (C, places) to another number than its largest, with another value in the padding."""

    def answer(ask: Ask, q: Question) -> Answer:
        at, x, oh, ow = windows(q, q["pool_h"], q["pool_w"], fill)
        out = np.zeros((*x.shape[:2], oh, ow))
        for n, i, j, r, c in at:
            out[n, :, i, j] = reduce(x[n, :, r, c].reshape(x.shape[1], -1))
        return {"out": out}

    return answer


def largest_size(window: np.ndarray) -> np.ndarray:
    """Return the number of the largest size in each row, with its sign."""
    return np.asarray(window[np.arange(len(window)), np.abs(window).argmax(1)])


def hide_in_windows(mask: Mask) -> Iterator[WrongAnswer]:
    """Yield what is found where only a part of each window is looked at."""

    def answer(ask: Ask, q: Question) -> Answer:
        left = mask(q["pool_h"], q["pool_w"]).ravel()
        return pool_by(lambda w: np.asarray(w[:, left].max(1)), -np.inf)(ask, q) or {}

    yield answer


REDUCTIONS: tuple[tuple[str, str, Callable[[np.ndarray], np.ndarray]], ...] = (
    ("min", "it takes the smallest number of each window", lambda w: w.min(1)),
    ("absolute", "it compares and returns sizes without their sign", lambda w: np.abs(w).max(1)),
    ("absolute", "it takes the number of the largest size, with its sign", largest_size),
    ("mean", "it takes the average of each window", lambda w: w.mean(1)),
    ("sum", "it takes the sum of each window", lambda w: w.sum(1)),
    ("median", "it takes the median of each window", lambda w: np.asarray(np.median(w, 1))),
)


def take_over_channels(ask: Ask, q: Question) -> Answer:
    """Take the largest of the windows of all channels, for each channel."""
    found = ask(q)
    out = np.broadcast_to(found["out"].max(1, keepdims=True), found["out"].shape)
    return {"out": out} if q.dout is None else put_back(give_to_largest_of((1,)))(ask, q) | {"out": out}  # type: ignore[operator]


def keep_largest(*axes: int) -> WrongAnswer:
    """Go on from the largest number of the window before, along these axes; the others are laid before them."""

    def out(a: Answer, q: Question) -> np.ndarray:
        rows = a["out"].reshape(*(n for i, n in enumerate(a["out"].shape) if i not in axes), -1)
        return np.maximum.accumulate(rows, -1).reshape(a["out"].shape)

    return alter(out=out)


ONE_AXIS: tuple[tuple[str, str, Callable[[Place, Question], tuple[int, int]]], ...] = (
    ("stride-down-only", "the stride counts down only, not across", lambda place, q: (place[3].start, place[2])),
    ("stride-across-only", "the stride counts across only, not down", lambda place, q: (place[1], place[4].start)),
)
NO_START: tuple[tuple[str, Callable[[Place, Question], tuple[int, int]]], ...] = (
    ("", lambda place, q: (0, 0)),
    (", down", lambda place, q: (0, place[4].start)),
    (", across", lambda place, q: (place[3].start, 0)),
)
ONE_SIDE: tuple[tuple[str, str, Callable[[Place, Question], tuple[int, int]]], ...] = (
    ("rows-by-window", "dx: the windows move down by their own height, not by the stride",
     lambda place, q: (place[1] * q["pool_h"], place[4].start)),
    ("columns-by-window", "dx: the windows move across by their own width, not by the stride",
     lambda place, q: (place[3].start, place[2] * q["pool_w"])),
)  # fmt: skip
LARGEST = "take the largest number of the window, whatever its sign"
PLACE = "remember for each window where its largest number stood, and put dout there"
SUM_DX = "a place that is the largest of several windows gets the sum of their dout"
# fmt: off
MISTAKES = [
    Mistake("pool.pads-with-zero", "the padding is filled with zeros: where all numbers are negative, it wins",
            pad_with("constant"), "fill the padding with something smaller than any number, such as -infinity"),
    Mistake("pool.rounded-up", "a size that does not divide is rounded up, and what hangs over is filled up with 0",
            lambda ask, q: round_up(ask, q, 0.0), "refuse a size that does not divide, or round down"),
    Mistake("pool.starts-at-zero", "the largest is sought from 0 upwards: negative numbers are lost", start_at_zero,
            LARGEST),
    Mistake("pool.min", "it takes the smallest number of each window", take_smallest, LARGEST),
    Mistake("pool.absolute", "it compares and returns sizes without their sign", compare_sizes, LARGEST),
    Mistake("pool.mean", "it takes the average of each window", average(lambda q: 1), LARGEST),
    Mistake("pool.sum", "it takes the sum of each window", average(window_area), LARGEST),
    *list_low_starts("pool"),
    *(Mistake("pool.pads-too-high", "the padding is filled with a number such as -1000: smaller numbers lose",
              pad_with("constant", constant_values=low), "fill the padding with -infinity") for low in TOO_HIGH),
    Mistake("pool.pads-with-smallest",
            "the padding is filled with the smallest number of x: a window that holds nothing larger loses its dout",
            lambda ask, q: pad_with("constant", constant_values=q["x"].min())(ask, q),
            "fill the padding with -infinity"),
    *(Mistake(f"pool.{code}", text, pool_by(reduce, fill), LARGEST)
      for code, text, reduce in REDUCTIONS for fill in (0.0, -np.inf, np.inf)),
    Mistake("pool.over-channels", "the largest is taken over the windows of all channels", take_over_channels,
            "each channel is pooled by itself"),
    *(Mistake("pool.largest-kept", f"the largest number found is kept for the next {of}: it is not set back", 
              keep_largest(*axes), "begin anew, with -infinity or the first number, in every window", alone=True)
      for of, axes in (("column", (3,)), ("window", (2, 3)), ("channel", (1, 2, 3)), ("image", (0, 1, 2, 3)))),
    Mistake("pool.channels-mixed", "numbers of several channels are compared with each other", mix_channels,
            "each channel is pooled by itself: a row of the matrix belongs to one channel"),
    *list_window_mistakes("pool", fill=-np.inf),
    *list_placing_mistakes("pool", dx=False),
    *list_cuts("pool"),
    *list_relu_mistakes("pool"),
    *list_dout_orders("pool", filters=False),
    *list_column_orders("pool", np.max, -np.inf),
    *list_block_mistakes("pool", -np.inf),
    *list_one_sided("pool", "pool_h", "pool_w", -np.inf),
    *list_pooling_side_mistakes("pool", share=False),
    Mistake("pool.dx-pads-with-zero", "backward seeks the largest in padding of zeros, forward in padding of -infinity",
            alter_one("dx", pad_with("constant")), PLACE, alone=True),
    *list_missing_windows("pool", ("dx",)),
    *list_left_images("pool", "dx"),
    *list_folded_maxima("pool", hide_in_windows),
    *list_backward_mistakes("pool", ("dx",), fill=-np.inf),
    *list_place_mistakes("pool", bias=False, pooling=True, fill=-np.inf),
    *list_window_sizes("pool"),
    *list_missing_edges("pool"),
    *list_lost_pixels("pool", "dx", fill=-np.inf),
    Mistake("pool.ties-all", TIES, put_back(give_to_all_largest), "give dout to one of them, or share it out"),
    *(Mistake("pool.nearly-tied", text, put_back(give_shares(share)), COMPARE) for text, share in list_near_ties()),
    Mistake("pool.ties-none", "where a window has several largest numbers, none of them gets dout",
            put_back(give_to_only_largest), "give dout to one of them, or share it out"),
    Mistake("pool.gradient-spread", "dx is spread evenly over the window, as in average pooling",
            alter_one("dx", average(lambda q: 1)), PLACE),
    Mistake("pool.gradient-everywhere", "every place of the window gets the whole dout", put_back(give_to_all), PLACE),
    Mistake("pool.gradient-first-place", "dout always goes to the window's first place", put_back(give_to_place(0)),
            PLACE),
    Mistake("pool.gradient-last-place", "dout always goes to the window's last place", put_back(give_to_place(-1)),
            PLACE),
    Mistake("pool.gradient-smallest", "dout goes to the smallest number's place", put_back(give_to_smallest), PLACE),
    Mistake("pool.gradient-absolute", "dout goes to the place of the largest size, whatever its sign",
            put_back(give_to_largest_size), PLACE),
    Mistake("pool.gradient-first-image", "every image's dout goes to the places of the first image's largest numbers",
            put_back(give_as_in_first_image), PLACE),
    Mistake("pool.gradient-first-channel", "every channel's dout goes to the places of the first channel",
            put_back(give_as_in_first_channel), PLACE),
    Mistake("pool.gradient-any-channel", "every channel's dout goes to the place of the window's largest number in all "
            "channels", put_back(give_as_in_any_channel), PLACE),
    Mistake("pool.gradient-last-image", "every image's dout goes to the places of the last image's largest numbers",
            put_back(give_as_in_last(0)), PLACE),
    Mistake("pool.gradient-last-channel", "every channel's dout goes to the places of the last channel",
            put_back(give_as_in_last(1)), PLACE),
    *(Mistake("pool.gradient-over-batch", f"dout goes only to the largest of the window in all {of}",
              put_back(share), PLACE)
      for of, share in (("images", give_to_largest_of((0,))), ("channels", give_to_largest_of((1,))),
                        ("images and channels", give_to_largest_of((0, 1))))),
    Mistake("pool.gradient-averaged", "dx is divided by the number of places in a window", divide(window_area, "dx"),
            PLACE),
    *(Mistake("pool.dx-overwrites", "in dx overlapping windows overwrite each other",
              put_back(give_to_largest, last), SUM_DX) for last in (True, False)),
    *(Mistake("pool.dx-assigns", "a place that is the largest of several windows gets the dout of one of them only",
              answer, SUM_DX) for last in (True, False)
      for answer in (give_by_index(add=False, last=last), assign_to_all_largest(last))),
    Mistake("pool.dx-stride-ignored", "dx puts windows back one place apart, as with stride 1",
            give_by_index(lambda place, q: (place[1], place[2])), DOUT),
    Mistake("pool.dx-truncated", "dx is cut to whole numbers",
            alter_one("dx", lambda ask, q: ask(q.but(dout=np.trunc(dout_of(q))))),
            "let dx have a floating-point type, whatever x has"),
    *(Mistake("pool.place-swapped", "the place in the window is read with pool_h in place of pool_w",
              give_by_index(width="pool_h", clip=clip),
              "place k of a window stands in row k // pool_w and column k % pool_w")
      for clip in (True, False, None)),
    *(Mistake("pool.dx-stride-is-window", "dx puts windows back as if they moved by their own size",
              give_by_index(lambda place, q: (place[1] * q["pool_h"], place[2] * q["pool_w"]), clip=clip), DOUT)
      for clip in (True, False)),
    *(Mistake(f"pool.dx-{code}", f"dx: {text}", give_by_index(start), DOUT) for code, text, start in ONE_AXIS),
    *(Mistake("pool.place-without-start", f"the place in the window is taken for one in the image{where}",
              give_by_index(start), "add the first row and column of the window, i * stride and j * stride")
      for where, start in NO_START),
    *(Mistake("pool.place-turned", "row and column of the place in the window are swapped",
              give_by_index(clip=clip, turned=True),
              "place k of a window stands in row k // pool_w and column k % pool_w")
      for clip in (True, False, None)),
    *(Mistake(f"pool.dx-{code}", text, give_by_index(start, clip=clip), DOUT)
      for code, text, start in ONE_SIDE for clip in (True, False)),
    Mistake("pool.place-by-sides", "row and column of the largest are sought apart: of several, they differ",
            put_back(give_by_sides), PLACE),
    Mistake("pool.dx-stride-at-most-window", "dx puts windows back with a stride of at most the window",
            give_by_index(lambda place, q: (place[1] * min(q["stride"], q["pool_h"]),
                                            place[2] * min(q["stride"], q["pool_w"]))), DOUT),
    Mistake("pool.place-in-a-byte", "the places are kept in a byte: it counts to 255 only",
            give_by_index(bits=8), "keep places as integers of 32 or 64 bits"),
    *(Mistake("pool.place-in-a-byte", "the places are kept in a signed byte: it counts to 127 only",
              give_by_index(bits=8, signed=signed), "keep places as integers of 32 or 64 bits")
      for signed in ("from the end", "before the window", "lost")),
    *(Mistake("pool.place-in-a-byte",
              f"the places are kept in a {kind}byte, forward reads them, too: it counts to {most} only",
              read_by_index(bool(back), back), "keep places as integers of 32 or 64 bits")
      for kind, most, back in (("", 255, ""), ("signed ", 127, "from the end"), ("signed ", 127, "before the window"))),
    *(Mistake("pool.place-in-a-byte", f"the places in the plane are kept in a {kind}byte: it counts to {most} only",
              give_in_plane(in_bits(bool(kind)), pad), "keep places as integers of 32 or 64 bits")
      for kind, most in (("", 255), ("signed ", 127)) for pad in (True, False)),
    Mistake("pool.place-in-covered-part", COVERED, give_in_cut_plane, IN_WHOLE),
    Mistake("pool.channels-summed", "every channel's dx holds the sum over the channels",
            alter(dx=lambda a, q: np.broadcast_to(a["dx"].sum(1, keepdims=True), a["dx"].shape)),
            "channels do not touch each other"),
    *list_missing_rows("pool", "window", give_in_every_row),
    *list_small_integers("pool", "place", fill=-np.inf),
]
# fmt: on
