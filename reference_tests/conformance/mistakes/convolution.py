"""Convolution: the known mistakes, each a change of what a reference answers."""

from collections.abc import Callable, Iterator

import numpy as np

from ...subject.protocol import Answer, Question
from ..references.loops import Place, crop, padded
from ..types import Mistake
from .axis_orders import list_dout_orders, reread_W
from .backward import list_backward_mistakes, list_relu_mistakes
from .blocks import list_block_mistakes
from .changes import Ask, WrongAnswer, alter, ask_with, dout_of
from .filters import (
    MIRRORED,
    PUT_BACK,
    count_places,
    count_places_of_image,
    list_filter_mistakes,
    list_left_changes,
    list_pixel_mistakes,
    list_repeated_biases,
    take_image,
    take_last_place,
)
from .geometry import list_placing_mistakes
from .left_out import list_left_images, list_left_strides, list_lost_pixels, list_missing_edges, list_missing_windows
from .one_sided import list_one_sided
from .sides import list_side_mistakes, list_type_mistakes
from .small_integers import list_small_integers
from .spectra import list_spectrum_mistakes
from .sums import list_cut_douts, list_db_mistakes, list_running_sums, list_short_sums
from .window_places import AT_MOST_TWO, list_bias_mistakes, list_place_mistakes, list_sum_mistakes
from .windows import DOUT, SIDE_BY_SIDE, SUM, alter_one, count_images, divide, list_window_mistakes, pad_with, put_back


def flip(*axes: int) -> WrongAnswer:
    """Reverse W along these axes."""
    return ask_with(W=lambda q: np.flip(q["W"], axes))


def add_bias(b: Callable[[Question, Answer], np.ndarray | float | None]) -> WrongAnswer:
    """Add b(question, right answer) in place of b, which changes no gradient; None: it cannot be added."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        right = ask(q)
        bias = b(q, right)
        return None if bias is None else {**right, "out": right["out"] - q["b"][:, None, None] + bias}

    return answer


def add_bias_along(axis: int) -> WrongAnswer:
    """Add b along another axis of the output, if that axis is as long as b."""

    def bias(q: Question, a: Answer) -> np.ndarray | None:
        if a["out"].shape[axis] != len(q["b"]) or len(q["b"]) == 1:
            return None
        return np.asarray(q["b"]).reshape([-1 if i == axis else 1 for i in range(4)])

    return add_bias(bias)


def clip_at_zero(ask: Ask, q: Question) -> Answer:
    """Apply ReLU to the output."""
    out = np.maximum(ask(q.but(dout=None))["out"], 0)
    return {"out": out} if q.dout is None else {**ask(q.but(dout=q.dout * (out > 0))), "out": out}


def see_own_channel(ask: Ask, q: Question) -> Answer | None:
    """Let filter f see channel f alone, if there are as many of both."""
    fn, c = q["W"].shape[:2]
    return None if fn != c else ask(q.but(W=q["W"] * np.eye(fn)[:, :, None, None]))


def take_one_channel(at: int) -> Iterator[tuple[str, str, WrongAnswer]]:
    """Yield the mistakes of an index that stays at one channel, 0 or -1: of W in forward, of x in dW."""

    def spread(a: np.ndarray) -> np.ndarray:
        return np.broadcast_to(a[:, [at]], a.shape)

    def out(ask: Ask, q: Question) -> Answer:
        return {**ask(q), "out": ask(q.but(W=spread(q["W"]), dout=None))["out"]}

    def out_and_dx(ask: Ask, q: Question) -> Answer:
        return {k: spread(a) if k == "dx" else a for k, a in out(ask, q).items()}

    yield "W-of-one-channel", "it takes the numbers of W of the", out
    yield "W-of-one-channel", "forward and backward take the numbers of W of the", out_and_dx
    yield "dW-of-one-channel", "dW takes the windows of the", alter(dW=lambda a, q: spread(a["dW"]))


def ask_changed(change: Callable[[Question], Question]) -> WrongAnswer:
    """Answer another question."""
    return lambda ask, q: ask(change(q))


def leave_W_untransposed(ask: Ask, q: Question) -> Answer:
    """Multiply by W.reshape(FN, -1) as it is: only if that matrix is square, numpy does it."""
    fn = len(q["W"])
    if fn != q["W"][0].size:
        raise ValueError("the product needs (C*FH*FW, FN)")
    found = ask(q.but(W=q["W"].reshape(fn, fn).T.reshape(q["W"].shape)))
    return found if q.dout is None else {**ask(q), "out": found["out"], "dx": found["dx"]}


def spread_dout(q: Question, place: Place, x: np.ndarray) -> np.ndarray:
    """Return what a window adds to dx: its dout times W."""
    n, i, j, *_ = place
    return np.tensordot(dout_of(q)[n, :, i, j], q["W"], 1)


def convolve_dx(margin: Callable[[int, int], int], crop_later: bool) -> WrongAnswer:
    """Convolve dout, spread by the stride, with W turned round, with one margin(FH, FW) on both axes.

    FH - 1 above and below, FW - 1 left and right is right. crop_later: the padding is cut off the result, not taken off
    the margin.
    """

    def answer(ask: Ask, q: Question) -> Answer | None:
        sides, p = q["W"].shape[2:], q["pad"]
        found = ask(q.but(x=padded(q["x"], p), pad=0))["dx"]
        for axis, (side, n) in enumerate(zip(sides, dout_of(q).shape[2:]), 2):
            size, size_x, around = found.shape[axis], q["x"].shape[axis], margin(*sides) - (0 if crop_later else p)
            long = size + around - side + 1 if crop_later else (n - 1) * q["stride"] + 1 + 2 * around - side + 1
            places = np.arange(max(long, 0)) + side - 1 - around
            places = places[p : p + size_x] if crop_later else places
            there = (places >= 0) & (places < size)
            part = found.take(np.where(there, places, 0), axis)
            found = np.where(there.reshape([-1 if i == axis else 1 for i in range(4)]), part, 0)
        return {**ask(q), "dx": found}

    return answer


def move_dx_by_remainder(ask: Ask, q: Question) -> Answer | None:
    """Put the rows and columns that no window reaches before dx, where they stand behind it."""
    left = [(size + 2 * q["pad"] - side) % q["stride"] for size, side in zip(q["x"].shape[2:], q["W"].shape[2:])]
    if not any(left):
        return None
    wide = ask(q.but(x=padded(q["x"], q["pad"]), pad=0))["dx"]
    return {**ask(q), "dx": crop(np.roll(wide, left, (2, 3)), q["pad"])}


def take_last_row(q: Question) -> Question:
    """Let only the last image's last row of the output count."""
    dout = np.zeros_like(q.dout)
    dout[-1:, :, -1] = dout_of(q)[-1:, :, -1]
    return q.but(dout=dout)


def take_images_last(q: Question) -> Question:
    """Read dout's places in the order (N, OH, OW) where (OH, OW, N) is meant."""
    n, fn, oh, ow = dout_of(q).shape
    return q.but(dout=dout_of(q).transpose(1, 0, 2, 3).reshape(fn, oh, ow, n).transpose(3, 0, 1, 2))


def take_images_first(q: Question) -> Question:
    """Read dout's places in the order (OH, OW, N) where (N, OH, OW) is meant."""
    n, fn, oh, ow = dout_of(q).shape
    return q.but(dout=dout_of(q).transpose(1, 2, 3, 0).reshape(fn, n, oh, ow).transpose(1, 0, 2, 3))


def guess_channels_last(ask: Ask, q: Question) -> Answer:
    """Take x for (N, H, W, C) where its last axis is as long as it has channels, and answer in that layout."""
    if q["x"].shape[1] != q["x"].shape[3]:
        return ask(q)
    out = ask(q.but(x=q["x"].transpose(0, 3, 1, 2), dout=None))["out"]
    return {"out": out.transpose(0, 2, 3, 1)}


def meet_first_rows(ask: Ask, q: Question) -> Answer | None:
    """Cut the windows at the border of the image; their first place meets W's first."""
    right, p, (fh, fw) = ask(q), q["pad"], q["W"].shape[2:]
    if not p:
        return None
    out = np.array(right["out"])
    for i, j in np.ndindex(out.shape[2:]):
        y, z = i * q["stride"] - p, j * q["stride"] - p
        seen = q["x"][:, :, max(y, 0) : max(y + fh, 0), max(z, 0) : max(z + fw, 0)]
        met = q["W"][:, :, : seen.shape[2], : seen.shape[3]]
        out[:, :, i, j] = np.tensordot(seen, met, ((1, 2, 3), (1, 2, 3))) + q["b"]
    return {**right, "out": out}


def transpose_dW(a: Answer, q: Question) -> np.ndarray:
    """Return dW as a matrix (C*FH*FW, FN)."""
    return a["dW"].reshape(len(a["dW"]), -1).T


HISTORY = list_left_changes("conv")
AS_IT_IS = "lay W as it is under every window: multiply place by place, then add"
ONE_A_FILTER = "there is one bias a filter; give b the shape (FN, 1, 1), or add it while the filters stand last"
PRODUCT = "W.reshape(FN, -1) has one filter a row; transpose it before col @ W"
BACK = "the product of col transposed and dout is (C*FH*FW, FN): transpose it, then reshape to W's shape"
SUM_DX = "each input place gets a share from every window that it lies in: add them"
# fmt: off
MISTAKES = [
    Mistake("conv.flipped", "W is rotated by 180 degrees (true convolution); a CNN layer uses W as it is",
            flip(2, 3), AS_IT_IS),
    Mistake("conv.flipped-rows", "W is turned upside down", flip(2), AS_IT_IS),
    Mistake("conv.flipped-columns", "W is mirrored from left to right", flip(3), AS_IT_IS),
    Mistake("conv.filter-transposed", "rows and columns of W are swapped", reread_W(0, 1, 3, 2), AS_IT_IS),
    Mistake("conv.filter-transposed", "rows and columns of W are swapped", reread_W(0, 1, 3, 2, turned=True), AS_IT_IS),
    Mistake("conv.filters-channels-swapped", "W is read as (C, FN, FH, FW)", reread_W(1, 0, 2, 3, turned=True),
            "the filters are W's first axis, the channels its second"),
    Mistake("conv.W-not-transposed", "the filter matrix is not transposed before the product",
            reread_W(1, 2, 3, 0, turned=True), PRODUCT),
    Mistake("conv.W-not-transposed", "the filter matrix is not transposed before the product", leave_W_untransposed,
            PRODUCT),
    *list_pixel_mistakes("conv"),
    Mistake("conv.columns-order", "W's numbers stand in the order (FH, FW, C), col's in the order (C, FH, FW)",
            reread_W(0, 2, 3, 1), "bring W and the windows into the same order before the product"),
    Mistake("conv.columns-order", "W's numbers stand in the order (C, FH, FW), col's in the order (FH, FW, C)",
            reread_W(0, 2, 3, 1, turned=True), "bring W and the windows into the same order before the product"),
    Mistake("conv.bias-missing", "the bias b is not added", add_bias(lambda q, a: 0.0), "add b[f] to channel f"),
    Mistake("conv.bias-doubled", "the bias b is added twice", add_bias(lambda q, a: 2 * q["b"][:, None, None]),
            "add b once"),
    Mistake("conv.bias-subtracted", "the bias b is subtracted", add_bias(lambda q, a: -q["b"][:, None, None]),
            "add b"),
    Mistake("conv.bias-first-only", "every channel gets b[0]", add_bias(lambda q, a: q["b"][0]), ONE_A_FILTER),
    Mistake("conv.bias-summed", "every channel gets the sum of b", add_bias(lambda q, a: q["b"].sum()), ONE_A_FILTER),
    Mistake("conv.bias-reversed", "the biases are given to the filters in the wrong order",
            add_bias(lambda q, a: q["b"][::-1, None, None]), ONE_A_FILTER),
    Mistake("conv.bias-along-columns", "b runs along the columns of the output", add_bias_along(3), ONE_A_FILTER),
    Mistake("conv.bias-along-rows", "b runs along the rows of the output", add_bias_along(2), ONE_A_FILTER),
    Mistake("conv.bias-along-images", "b runs along the images", add_bias_along(0), ONE_A_FILTER),
    Mistake("conv.bias-each-product", "b is added to each product of a window, not to their sum",
            add_bias(lambda q, a: q["W"][0].size * q["b"][:, None, None]), "add b once, after the sum"),
    Mistake("conv.bias-each-channel", "b is added once for every input channel",
            add_bias(lambda q, a: q["W"].shape[1] * q["b"][:, None, None]), "add b once, after the sum over channels"),
    Mistake("conv.first-channel-only", "only the first input channel counts",
            ask_with(W=lambda q: q["W"] * (np.arange(q["W"].shape[1]) == 0)[:, None, None]),
            "a filter covers all C channels: add them up"),
    Mistake("conv.last-channel-only", "only the last input channel counts: the sum over channels is overwritten",
            ask_with(W=lambda q: q["W"] * (np.arange(q["W"].shape[1]) == q["W"].shape[1] - 1)[:, None, None]),
            "a filter covers all C channels: add them up"),
    Mistake("conv.own-channel-only", "filter f sees channel f only", see_own_channel, "a filter covers all C channels"),
    *(Mistake(f"conv.{code}", f"{text} {word} channel for all channels", answer,
              "each channel has numbers of W of its own")
      for word, at in (("first", 0), ("last", -1)) for code, text, answer in take_one_channel(at)),
    Mistake("conv.channels-averaged", "the channels are averaged, not summed",
            ask_with(W=lambda q: q["W"] / q["W"].shape[1]), "add the channels up"),
    Mistake("conv.window-averaged", "the window's products are averaged, not summed",
            ask_with(W=lambda q: q["W"] / q["W"][0].size), "add the products up"),
    Mistake("conv.first-filter-only", "every output channel is that of the first filter",
            alter(out=lambda a, q: np.repeat(a["out"][:, :1], a["out"].shape[1], 1)), "channel f belongs to filter f"),
    Mistake("conv.relu-inside", "negative outputs are set to 0: the activation is a layer of its own", clip_at_zero,
            "return the sum as it is"),
    Mistake("conv.pads-with-one", "the padding is filled with ones", pad_with("constant", constant_values=1.0),
            "fill the padding with zeros"),
    *list_window_mistakes("conv", pooling=False),
    *list_placing_mistakes("conv"),
    *list_lost_pixels("conv", "dx", "dW"),
    Mistake("conv.gradients-averaged", "dW and db are divided by the number of images",
            divide(count_images, "dW", "db"), SUM),
    Mistake("conv.gradients-averaged", "all gradients are divided by the number of images",
            divide(count_images, "dx", "dW", "db"), SUM),
    Mistake("conv.db-mean", "db is averaged over images and places, not summed", divide(count_places, "db"), SUM),
    *(Mistake(f"conv.{what}-mean", f"{what} is averaged over the places, not summed",
              divide(count_places_of_image, what), SUM) for what in ("db", "dW")),
    Mistake("conv.db-averaged", "db is divided by the number of images", divide(count_images, "db"), SUM),
    Mistake("conv.dW-averaged", "dW is divided by the number of images", divide(count_images, "dW"), SUM),
    Mistake("conv.dW-mean", "dW is averaged over images and places, not summed", divide(count_places, "dW"), SUM),
    *list_db_mistakes("conv"),
    Mistake("conv.db-two-axes", "db keeps an axis of length 1", alter(db=lambda a, q: a["db"][None]),
            "db has b's shape"),
    Mistake("conv.db-last-image", "db is that of the last image only",
            alter_one("db", ask_changed(take_image(-1))), "add up over all images"),
    Mistake("conv.db-first-image", "db is that of the first image only",
            alter_one("db", ask_changed(take_image(0))), "add up over all images"),
    Mistake("conv.dW-no-transpose", "col.T @ dout is (C*FH*FW, FN): it is reshaped without the transpose",
            alter(dW=lambda a, q: transpose_dW(a, q).reshape(a["dW"].shape)), BACK),
    Mistake("conv.dW-matrix", "dW stays a matrix (FN, C*FH*FW)",
            alter(dW=lambda a, q: a["dW"].reshape(len(a["dW"]), -1)), BACK),
    Mistake("conv.dW-turned", "dW stays a matrix (C*FH*FW, FN)", alter(dW=transpose_dW), BACK),
    Mistake("conv.dW-flipped", "dW is rotated by 180 degrees", alter(dW=lambda a, q: a["dW"][..., ::-1, ::-1]),
            "dW[f] is the sum of the windows, each times its dout: nothing is rotated"),
    Mistake("conv.dW-last-image", "dW is that of the last image only: it is overwritten, not added up",
            alter_one("dW", ask_changed(take_image(-1))), "add up over all images"),
    Mistake("conv.dW-first-image", "dW is that of the first image only",
            alter_one("dW", ask_changed(take_image(0))), "add up over all images"),
    Mistake("conv.dW-last-place", "dW is that of the last place only: it is overwritten, not added up",
            alter_one("dW", ask_changed(take_last_place)), "add up over all images and places"),
    Mistake("conv.dW-stride-ignored", "dW takes windows one place apart, as with stride 1",
            alter_one("dW", SIDE_BY_SIDE), DOUT),
    Mistake("conv.dx-flipped", f"dx: {MIRRORED}", alter_one("dx", flip(2, 3)), PUT_BACK),
    Mistake("conv.dx-flipped", "dx: each row of W meets the row that is mirrored in its window, as if W stood upside "
            "down", alter_one("dx", flip(2)), PUT_BACK),
    Mistake("conv.dx-flipped", "dx: each column of W meets the column that is mirrored in its window, as if left and "
            "right of W were exchanged", alter_one("dx", flip(3)), PUT_BACK),
    Mistake("conv.dx-filter-transposed", "dx takes W with rows and columns swapped",
            alter_one("dx", reread_W(0, 1, 3, 2)), PUT_BACK),
    Mistake("conv.dx-W-reshaped", "for dx the filter matrix is reshaped where it should be transposed",
            alter_one("dx", reread_W(1, 2, 3, 0)),
            "dx needs dout @ W.reshape(FN, -1): the transpose of forward's matrix"),
    Mistake("conv.dx-columns-order", "for dx W's numbers are laid in the order (FH, FW, C)",
            alter_one("dx", reread_W(0, 2, 3, 1)), "col2im takes the columns apart as (C, FH, FW)"),
    Mistake("conv.dx-columns-order", "dx reads the columns of its matrix as (FH, FW, C)",
            alter_one("dx", reread_W(0, 2, 3, 1, turned=True)), "col2im takes the columns apart as (C, FH, FW)"),
    *(Mistake("conv.dx-margin", f"dx is a convolution of dout with a margin of {side} - 1 on both axes",
              convolve_dx(margin, later), "the margin is FH - 1 above and below, FW - 1 left and right")
      for side, margin in (("FH", lambda h, w: h - 1), ("FW", lambda h, w: w - 1)) for later in (False, True)),
    Mistake("conv.dx-remainder-before", "what the stride leaves over stands before dx, not behind it",
            move_dx_by_remainder, "windows start at the first row and column: what is left over is at the end"),
    *list_side_mistakes("conv"),
    *list_type_mistakes("conv"),
    *(row for row in list_filter_mistakes("conv") if row.code.endswith(("-times-W", "-times-b"))),
    Mistake(f"conv.{AT_MOST_TWO[0]}", *AT_MOST_TWO[1:]),
    Mistake("conv.dW-last-place", "dW is that of the last image's last place only: it is overwritten, not added up",
            alter_one("dW", lambda ask, q: ask(take_last_place(take_image(-1)(q)))),
            "add up over all images and places"),
    *(Mistake(f"conv.{what}-last-row", f"{what} is that of the last image's last row only: it is set to 0 in the loop",
              alter_one(what, ask_changed(take_last_row)), "set it to 0 once, before all loops")
      for what in ("dW", "db")),
    Mistake("conv.border-windows-cut", "windows at the border are cut, and what is left of them meets the first rows "
            "and columns of W", meet_first_rows, "pad the image, or cut W on the same sides"),
    *list_short_sums("conv"),
    *list_running_sums("conv"),
    *list_spectrum_mistakes("conv"),
    *list_missing_windows("conv", ("dx", "dW", "db"), bias=True),
    *list_left_images("conv", "dx", "dW", "db"),
    *list_backward_mistakes("conv", ("dx", "dW")),
    *list_place_mistakes("conv"),
    *list_sum_mistakes("conv"),
    *list_bias_mistakes("conv"),
    *list_repeated_biases("conv", "place"),
    *list_relu_mistakes("conv"),
    *list_block_mistakes("conv"),
    *list_one_sided("conv", "FH", "FW"),
    *list_missing_edges("conv"), *list_left_strides("conv"),
    Mistake("conv.channels-reversed", "the channels of x are read in the reverse order",
            ask_with(x=lambda q: q["x"][:, ::-1]), "channel c of x meets W[:, c]"),
    *(Mistake("conv.dx-overwrites", "in dx overlapping windows overwrite each other",
              put_back(spread_dout, last), SUM_DX) for last in (True, False)),
    *list_cut_douts("conv"),
    *list_dout_orders("conv"),
    *(Mistake(f"conv.{what}-images-last",
              f"{what}: of two matrices that are multiplied one runs over (N, OH, OW), the other over (OH, OW, N)",
              alter_one(what, ask_changed(change)), 
              "let both run over images and places in one order")
      for what in ("dW", "dx") for change in (take_images_last, take_images_first)),
    Mistake("conv.dW-in-type-of-W", "dW is kept in the type of W: its numbers are cut to whole ones",
            alter(dW=lambda a, q: np.trunc(a["dW"])), "let dW have a floating-point type, whatever W has"),
    Mistake("conv.channels-last-guessed", "x is taken for (N, H, W, C) where it is as wide as it has channels",
            guess_channels_last, "x is (N, C, H, W), always: a size that is equal by chance tells nothing"),
    *list_small_integers("conv"),
]
# fmt: on
