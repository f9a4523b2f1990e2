"""Convolution: its known mistakes."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import Answer, Question
from ..references.loops import Place
from ..types import Mistake
from .changes import Ask, after, given
from .windows import DOUT, SIDE_BY_SIDE, SUM, images, of_windows, only, pads, put_back, through

Change = Callable[[Question], Question]
Answered = Callable[[Ask, Question], Answer | None]


def flipped(*axes: int) -> Answered:
    return given(W=lambda q: np.flip(q["W"], axes))


def read_as(*order: int, turned: bool = False) -> Answered:
    """W's numbers taken in another order of its axes, under its right shape; dW comes back in that order.

    turned: W is read as if it lay in that order, the other way round.
    """

    def answer(ask: Ask, q: Question) -> Answer:
        there, back = misread(order), misread(order, back=True)
        if turned:
            there, back = back, there
        found = ask(q.but(W=there(q["W"])))
        return {**found, "dW": back(found["dW"])} if "dW" in found else found

    return answer


def misread(order: tuple[int, ...], back: bool = False) -> Callable[[np.ndarray], np.ndarray]:
    def change(a: np.ndarray) -> np.ndarray:
        if back:
            return a.reshape([a.shape[i] for i in order]).transpose(np.argsort(order))
        return a.transpose(order).reshape(a.shape)

    return change


def with_bias(b: Callable[[Question, Answer], np.ndarray | float | None]) -> Answered:
    """b is added in another way; that changes no gradient."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        right = ask(q)
        bias = b(q, right)
        return None if bias is None else {**right, "out": right["out"] - q["b"][:, None, None] + bias}

    return answer


def along(axis: int) -> Answered:
    """b along another axis of the output: only where that axis is as long as b."""

    def bias(q: Question, a: Answer) -> np.ndarray | None:
        if a["out"].shape[axis] != len(q["b"]) or len(q["b"]) == 1:
            return None
        return q["b"].reshape([-1 if i == axis else 1 for i in range(4)])

    return with_bias(bias)


def relu(ask: Ask, q: Question) -> Answer:
    out = np.maximum(ask(q.but(dout=None))["out"], 0)
    return {"out": out} if q.dout is None else {**ask(q.but(dout=q.dout * (out > 0))), "out": out}


def own_channel(ask: Ask, q: Question) -> Answer | None:
    fn, c = q["W"].shape[:2]
    return None if fn != c else ask(q.but(W=q["W"] * np.eye(fn)[:, :, None, None]))


def places(q: Question) -> float:
    return q.dout.size / len(q["b"])  # type: ignore[union-attr]


def asked(change: Change) -> Answered:
    return lambda ask, q: ask(change(q))


def spread(q: Question, place: Place, x: np.ndarray) -> np.ndarray:
    n, i, j, *_ = place
    return np.tensordot(q.dout[n, :, i, j], q["W"], 1)  # type: ignore[index]


def turned(a: Answer, q: Question) -> np.ndarray:
    return a["dW"].reshape(len(a["dW"]), -1).T


def last_image(q: Question) -> Question:
    return q.but(x=q["x"][-1:], dout=q.dout[-1:])  # type: ignore[index]


AS_IT_IS = "lay W as it is under every window: multiply place by place, then add"
ONE_A_FILTER = "there is one bias a filter; give b the shape (FN, 1, 1), or add it while the filters stand last"
PRODUCT = "W.reshape(FN, -1) has one filter a row; transpose it before col @ W"
BACK = "the product of col transposed and dout is (C*FH*FW, FN): transpose it, then reshape to W's shape"
SUM_DX = "each input place gets a share from every window that it lies in: add them"
# fmt: off
MISTAKES = [
    Mistake("conv.flipped", "W is rotated by 180 degrees (true convolution); a CNN layer uses W as it is",
            flipped(2, 3), AS_IT_IS),
    Mistake("conv.flipped-rows", "W is turned upside down", flipped(2), AS_IT_IS),
    Mistake("conv.flipped-columns", "W is mirrored from left to right", flipped(3), AS_IT_IS),
    Mistake("conv.filter-transposed", "rows and columns of W are swapped", read_as(0, 1, 3, 2), AS_IT_IS),
    Mistake("conv.filter-transposed", "rows and columns of W are swapped", read_as(0, 1, 3, 2, turned=True), AS_IT_IS),
    Mistake("conv.filters-channels-swapped", "W is read as (C, FN, FH, FW)", read_as(1, 0, 2, 3, turned=True),
            "the filters are W's first axis, the channels its second"),
    Mistake("conv.W-not-transposed", "the filter matrix is not transposed before the product",
            read_as(1, 2, 3, 0, turned=True), PRODUCT),
    Mistake("conv.columns-order", "W's numbers stand in the order (FH, FW, C), col's in the order (C, FH, FW)",
            read_as(0, 2, 3, 1), "bring W and the windows into the same order before the product"),
    Mistake("conv.columns-order", "W's numbers stand in the order (C, FH, FW), col's in the order (FH, FW, C)",
            read_as(0, 2, 3, 1, turned=True), "bring W and the windows into the same order before the product"),
    Mistake("conv.bias-missing", "the bias b is not added", with_bias(lambda q, a: 0.0), "add b[f] to channel f"),
    Mistake("conv.bias-doubled", "the bias b is added twice", with_bias(lambda q, a: 2 * q["b"][:, None, None]),
            "add b once"),
    Mistake("conv.bias-subtracted", "the bias b is subtracted", with_bias(lambda q, a: -q["b"][:, None, None]),
            "add b"),
    Mistake("conv.bias-first-only", "every channel gets b[0]", with_bias(lambda q, a: q["b"][0]), ONE_A_FILTER),
    Mistake("conv.bias-summed", "every channel gets the sum of b", with_bias(lambda q, a: q["b"].sum()), ONE_A_FILTER),
    Mistake("conv.bias-reversed", "the biases are given to the filters in the wrong order",
            with_bias(lambda q, a: q["b"][::-1, None, None]), ONE_A_FILTER),
    Mistake("conv.bias-along-columns", "b runs along the columns of the output", along(3), ONE_A_FILTER),
    Mistake("conv.bias-along-rows", "b runs along the rows of the output", along(2), ONE_A_FILTER),
    Mistake("conv.bias-along-images", "b runs along the images", along(0), ONE_A_FILTER),
    Mistake("conv.bias-each-product", "b is added to each product of a window, not to their sum",
            with_bias(lambda q, a: q["W"][0].size * q["b"][:, None, None]), "add b once, after the sum"),
    Mistake("conv.bias-each-channel", "b is added once for every input channel",
            with_bias(lambda q, a: q["W"].shape[1] * q["b"][:, None, None]), "add b once, after the sum over channels"),
    Mistake("conv.first-channel-only", "only the first input channel counts",
            given(W=lambda q: q["W"] * (np.arange(q["W"].shape[1]) == 0)[:, None, None]),
            "a filter covers all C channels: add them up"),
    Mistake("conv.last-channel-only", "only the last input channel counts: the sum over channels is overwritten",
            given(W=lambda q: q["W"] * (np.arange(q["W"].shape[1]) == q["W"].shape[1] - 1)[:, None, None]),
            "a filter covers all C channels: add them up"),
    Mistake("conv.own-channel-only", "filter f sees channel f only", own_channel, "a filter covers all C channels"),
    Mistake("conv.channels-averaged", "the channels are averaged, not summed",
            given(W=lambda q: q["W"] / q["W"].shape[1]), "add the channels up"),
    Mistake("conv.window-averaged", "the window's products are averaged, not summed",
            given(W=lambda q: q["W"] / q["W"][0].size), "add the products up"),
    Mistake("conv.first-filter-only", "every output channel is that of the first filter",
            after(out=lambda a, q: np.repeat(a["out"][:, :1], a["out"].shape[1], 1)), "channel f belongs to filter f"),
    Mistake("conv.relu-inside", "negative outputs are set to 0: the activation is a layer of its own", relu,
            "return the sum as it is"),
    Mistake("conv.pads-with-one", "the padding is filled with ones", pads("constant", constant_values=1.0),
            "fill the padding with zeros"),
    *of_windows("conv", pooling=False),
    Mistake("conv.gradients-averaged", "dW and db are divided by the number of images",
            through(images, "dW", "db"), SUM),
    Mistake("conv.gradients-averaged", "all gradients are divided by the number of images",
            through(images, "dx", "dW", "db"), SUM),
    Mistake("conv.db-mean", "db is averaged over images and places, not summed", through(places, "db"), SUM),
    Mistake("conv.db-averaged", "db is divided by the number of images", through(images, "db"), SUM),
    Mistake("conv.dW-averaged", "dW is divided by the number of images", through(images, "dW"), SUM),
    Mistake("conv.dW-mean", "dW is averaged over images and places, not summed", through(places, "dW"), SUM),
    Mistake("conv.db-over-images-only", "db is summed over the images only, not over the places",
            after(db=lambda a, q: q.dout.sum(0)), "add up over images, rows and columns: one number a filter is left"),
    Mistake("conv.db-one-number", "db is summed over the filters too", after(db=lambda a, q: q.dout.sum()),
            "add up over images, rows and columns: one number a filter is left"),
    Mistake("conv.db-wrong-axis", "db is summed over the filters, not over the places",
            after(db=lambda a, q: q.dout.transpose(0, 2, 3, 1).reshape(-1, len(q["b"])).sum(1)),
            "add up over images, rows and columns: one number a filter is left"),
    Mistake("conv.db-two-axes", "db keeps an axis of length 1", after(db=lambda a, q: a["db"][None]),
            "db has b's shape"),
    Mistake("conv.db-last-image", "db is that of the last image only",
            only("db", asked(last_image)), "add up over all images"),
    Mistake("conv.dW-no-transpose", "col.T @ dout is (C*FH*FW, FN): it is reshaped without the transpose",
            after(dW=lambda a, q: turned(a, q).reshape(a["dW"].shape)), BACK),
    Mistake("conv.dW-matrix", "dW stays a matrix (FN, C*FH*FW)",
            after(dW=lambda a, q: a["dW"].reshape(len(a["dW"]), -1)), BACK),
    Mistake("conv.dW-turned", "dW stays a matrix (C*FH*FW, FN)", after(dW=turned), BACK),
    Mistake("conv.dW-flipped", "dW is rotated by 180 degrees", after(dW=lambda a, q: a["dW"][..., ::-1, ::-1]),
            "dW[f] is the sum of the windows, each times its dout: nothing is rotated"),
    Mistake("conv.dW-last-image", "dW is that of the last image only: it is overwritten, not added up",
            only("dW", asked(last_image)), "add up over all images"),
    Mistake("conv.dW-stride-ignored", "dW takes windows side by side, as with stride 1", only("dW", SIDE_BY_SIDE),
            DOUT),
    Mistake("conv.dx-flipped", "dx takes W rotated by 180 degrees", only("dx", flipped(2, 3)),
            "put W itself, times dout, back at the window's place"),
    Mistake("conv.dx-filter-transposed", "dx takes W with rows and columns swapped", only("dx", read_as(0, 1, 3, 2)),
            "put W itself, times dout, back at the window's place"),
    Mistake("conv.dx-W-reshaped", "for dx the filter matrix is reshaped where it should be transposed",
            only("dx", read_as(1, 2, 3, 0)), "dx needs dout @ W.reshape(FN, -1): the transpose of forward's matrix"),
    Mistake("conv.dx-columns-order", "dx reads the columns of its matrix as (FH, FW, C)",
            only("dx", read_as(0, 2, 3, 1, turned=True)), "col2im takes the columns apart as (C, FH, FW)"),
    Mistake("conv.dx-overwrites", "in dx overlapping windows overwrite each other", put_back(spread, True), SUM_DX),
    Mistake("conv.dx-overwrites", "in dx overlapping windows overwrite each other", put_back(spread, False), SUM_DX),
]
# fmt: on
