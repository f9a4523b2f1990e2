"""Depthwise convolution: the known mistakes, each a change of what a reference answers."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .axis_orders import GRADIENTS, list_dout_orders, of_gradients
from .backward import list_backward_mistakes, list_relu_mistakes
from .blocks import list_block_mistakes
from .changes import Ask, WrongAnswer, alter, ask_with, dout_of
from .filters import list_filter_mistakes, list_left_changes, list_repeated_biases
from .geometry import list_placing_mistakes
from .in_groups import list_in_groups
from .left_out import list_left_images, list_left_strides, list_missing_edges, list_missing_windows
from .one_sided import list_one_sided
from .small_integers import list_small_integers
from .sums import list_cut_douts, list_db_mistakes, list_overwritten, list_running_sums, list_short_sums
from .window_places import list_bias_mistakes, list_place_mistakes
from .windows import DOUT, SIDE_BY_SIDE, alter_one, list_window_mistakes


def interleave_filters(ask: Ask, q: Question) -> Answer:
    """Let filter f see channel f % C: sort the filters by that, and put the answers back in their order."""
    order = np.arange(len(q["W"])).reshape(-1, q["x"].shape[1]).T.ravel()
    dout = None if q.dout is None else q.dout[:, order]
    found, back = ask(q.but(W=q["W"][order], b=q["b"][order], dout=dout)), np.argsort(order)
    return {k: a if k == "dx" else a[:, back] if k == "out" else a[back] for k, a in found.items()}


def channels_last(a: np.ndarray, q: Question, axis: int) -> np.ndarray:
    """Lay an axis of (C, M) filters in the order (M, C)."""
    shape = a.shape
    split = a.reshape(*shape[:axis], q["x"].shape[1], -1, *shape[axis + 1 :])
    return np.asarray(split.swapaxes(axis, axis + 1).reshape(shape))


def channels_first(a: np.ndarray, q: Question, axis: int) -> np.ndarray:
    """Lay an axis of (M, C) filters in the order (C, M)."""
    shape = a.shape
    split = a.reshape(*shape[:axis], -1, q["x"].shape[1], *shape[axis + 1 :])
    return np.asarray(split.swapaxes(axis, axis + 1).reshape(shape))


def read_filters(b: bool) -> WrongAnswer:
    """Read W, and perhaps b, in the order (M, C); their gradients are laid so, too."""

    def answer(ask: Ask, q: Question) -> Answer:
        found = ask(q.but(W=channels_first(q["W"], q, 0), **({"b": channels_first(q["b"], q, 0)} if b else {})))
        turned = ("dW", "db") if b else ("dW",)
        return {k: channels_last(a, q, 0) if k in turned else a for k, a in found.items()}

    return answer


def read_channels(*names: str) -> WrongAnswer:
    """Read dout's channels in the order (M, C), for the named gradients, or for all."""

    def answer(ask: Ask, q: Question) -> Answer:
        right, other = ask(q), ask(q.but(dout=channels_first(dout_of(q), q, 1)))
        return {k: other[k] if k != "out" and k in (names or other) else a for k, a in right.items()}

    return answer


def sum_over_filters(a: Answer, q: Question) -> np.ndarray:
    """Give each filter the sum of db over all filters of its channel."""
    c = q["x"].shape[1]
    return np.repeat(a["db"].reshape(c, -1).sum(1), len(q["W"]) // c)


def one_filter(place: int) -> Callable[[Question], np.ndarray]:
    """Return a function that sets all filters of a channel but one to 0."""

    def change(q: Question) -> np.ndarray:
        m = len(q["W"]) // q["x"].shape[1]
        return np.asarray(q["W"] * (np.arange(len(q["W"])) % m == place % m)[:, None, None, None])

    return change


def take_filter(number: Callable[[int, int], np.ndarray]) -> Callable[[Question], np.ndarray]:
    """Return a function that puts another filter in place of each, number(C, M) -> which ones."""

    def change(q: Question) -> np.ndarray:
        c = q["x"].shape[1]
        return np.asarray(q["W"][number(c, len(q["W"]) // c)])

    return change


def take_one_output(first: bool) -> WrongAnswer:
    """Answer with C filters alone: the first C of W, or the first of each channel; the other gradients stay 0."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        c, m = q["x"].shape[1], len(q["W"]) // q["x"].shape[1]
        kept = np.arange(c) if first else np.arange(c) * m
        return None if m == 1 else {"out": ask(q.but(W=q["W"][kept], b=q["b"][kept], dout=None))["out"]}

    return answer


WRONG_FILTERS: tuple[tuple[str, Callable[[int, int], np.ndarray]], ...] = (
    ("f // M", lambda c, m: np.repeat(np.arange(c), m)),
    ("f % C", lambda c, m: np.tile(np.arange(c), m)),
    ("f % M", lambda c, m: np.tile(np.arange(m), c)),
)
ORDER = "the first M output channels belong to the first channel: channel c's filters are c * M to c * M + M - 1"
HISTORY = list_left_changes("depthwise")
# fmt: off
MISTAKES = [
    Mistake("depthwise.channels-summed", "every filter sees the sum of all channels",
            ask_with(x=lambda q: np.broadcast_to(q["x"].sum(1, keepdims=True), q["x"].shape)),
            "filter f sees one channel"),
    Mistake("depthwise.first-channel-only", "every filter sees the first channel",
            ask_with(x=lambda q: np.broadcast_to(q["x"][:, :1], q["x"].shape)), "filter f sees channel f // M"),
    Mistake("depthwise.filters-interleaved", "filter f sees channel f % C, not f // M", interleave_filters,
            "the first M filters belong to the first channel"),
    Mistake("depthwise.outputs-interleaved", "the output's channels stand in the order (M, C), not (C, M)",
            alter(out=lambda a, q: channels_last(a["out"], q, 1)), ORDER),
    *(Mistake("depthwise.W-interleaved",
              f"{what} read in the order (M, C), not (C, M): channel c takes every C-th filter",
              read_filters(b), ORDER) for what, b in (("W is", False), ("W and b are", True))),
    Mistake("depthwise.db-of-channel", "every filter gets the sum of db over its channel's filters",
            alter(db=sum_over_filters), "every filter has a bias of its own"),
    Mistake("depthwise.dW-interleaved", "dW's filters stand in the order (M, C), not (C, M)",
            alter(dW=lambda a, q: channels_last(a["dW"], q, 0)), ORDER),
    Mistake("depthwise.db-interleaved", "db's numbers stand in the order (M, C), not (C, M)",
            alter(db=lambda a, q: channels_last(a["db"], q, 0)), ORDER),
    *(Mistake("depthwise.bias-order", f"filter f gets b[{what}], not b[f]", ask_with(b=change),
              "every filter has its own")
      for what, change in (("f // M", lambda q: np.repeat(q["b"][: q["x"].shape[1]], len(q["b"]) // q["x"].shape[1])),
                           ("f % C", lambda q: np.resize(q["b"][: q["x"].shape[1]], len(q["b"]))))),
    *(Mistake("depthwise.dx-one-filter", f"dx has the part of the {which} filter of each channel only",
              alter_one("dx", ask_with(W=one_filter(place))), "add up the shares of all M filters")
      for which, place in (("last", -1), ("first", 0))),
    *(Mistake("depthwise.dx-wrong-filter", f"dx takes filter {which} for filter f: right for one filter a channel",
              alter_one("dx", ask_with(W=take_filter(number))), "filter f is W[f], in backward too")
      for which, number in WRONG_FILTERS),
    *(Mistake("depthwise.wrong-filter", f"filter {which} is taken for filter f: right for one filter a channel",
              alter_one("out", ask_with(W=take_filter(number))), "filter f is W[f]")
      for which, number in WRONG_FILTERS),
    *(Mistake(f"depthwise.{what}-interleaved",
              f"{what}: filter f belongs to channel f % C in backward, to f // M in forward",
              alter_one(what, interleave_filters), "the first M filters belong to the first channel, both ways")
      for what in ("dx", "dW")),
    *(Mistake("depthwise.dout-interleaved",
              of_gradients(names, "dout's channels are read in the order (M, C), not (C, M)"),
              read_channels(*names), ORDER, alone=True) for names in ((), *GRADIENTS)),
    Mistake("depthwise.multiplier-averaged", "the filters of one channel are averaged in dx, not added up",
            alter(dx=lambda a, q: a["dx"] * q["x"].shape[1] / len(q["W"])), "add up the shares of all M filters"),
    *(Mistake("depthwise.multiplier-ignored", f"there is one output a channel, of {which}: the others are not used",
              take_one_output(first), "M filters a channel give M outputs: C * M in all", alone=True)
      for which, first in (("filter c for channel c", True), ("its first filter", False))),
    *list_filter_mistakes("depthwise"),
    *list_db_mistakes("depthwise"),
    *list_short_sums("depthwise", channels=False),
    *list_running_sums("depthwise"),
    *list_window_mistakes("depthwise", pooling=False),
    *list_placing_mistakes("depthwise", flat=False),
    *list_missing_windows("depthwise", ("dx", "dW", "db"), bias=True),
    *list_left_images("depthwise", "dx", "dW", "db"),
    *list_backward_mistakes("depthwise", ("dx", "dW")),
    *list_place_mistakes("depthwise"),
    *list_bias_mistakes("depthwise"),
    *list_repeated_biases("depthwise", "place"),
    *list_relu_mistakes("depthwise"),
    *list_block_mistakes("depthwise"),
    *list_one_sided("depthwise", "FH", "FW", divided=False),
    *list_missing_edges("depthwise"), *list_left_strides("depthwise"),
    Mistake("depthwise.dW-stride-ignored", "dW takes windows one place apart, as with stride 1",
            alter_one("dW", SIDE_BY_SIDE), DOUT),
    *list_cut_douts("depthwise"),
    *list_dout_orders("depthwise"),
    *list_in_groups("depthwise", one_channel=True),
    *list_overwritten("depthwise"),
    *list_small_integers("depthwise"),
]
# fmt: on
