"""Grouped convolution: the known mistakes, each a change of what a reference answers."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .axis_orders import list_dout_orders
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
from .window_places import list_bias_mistakes, list_place_mistakes, list_sum_mistakes
from .windows import DOUT, SIDE_BY_SIDE, SUM, alter_one, divide, list_window_mistakes


def interleave_channels(ask: Ask, q: Question) -> Answer:
    """Give group g every groups-th channel, from g on, not the g-th block of them."""
    n, _, h, w = q["x"].shape
    found = ask(q.but(x=q["x"].reshape(n, -1, q["groups"], h, w).swapaxes(1, 2).reshape(q["x"].shape)))
    if "dx" in found:
        found["dx"] = found["dx"].reshape(n, q["groups"], -1, h, w).swapaxes(1, 2).reshape(q["x"].shape)
    return found


def interleave_filters(q: Question) -> np.ndarray:
    """Give group g every groups-th filter."""
    order = np.arange(len(q["W"])).reshape(-1, q["groups"]).T.ravel()
    return np.asarray(q["W"][order])


def spread_filters(ask: Ask, q: Question) -> Answer:
    """Let filter f belong to group f % groups: its output and its gradients stay at f."""
    order = np.arange(len(q["W"])).reshape(-1, q["groups"]).T.ravel()  # the filters of each group
    dout = None if q.dout is None else q.dout[:, order]
    found, back = ask(q.but(W=q["W"][order], b=q["b"][order], dout=dout)), np.argsort(order)
    return {k: a if k == "dx" else a[:, back] if k == "out" else a[back] for k, a in found.items()}


def spread_where_of_one_channel(ask: Ask, q: Question) -> Answer:
    """Do so where each group has one channel, as by dx.reshape(N, M, C, H, W).sum(1)."""
    return spread_filters(ask, q) if q["W"].shape[1] == 1 else ask(q)


def step_dx(step: Callable[[int, int], int], add: bool) -> WrongAnswer:
    """Put the dx of group g at channel g * step(C/groups, FN/groups); what lies behind the last channel is lost."""

    def dx(a: Answer, q: Question) -> np.ndarray:
        parts = np.split(a["dx"], q["groups"], 1)
        c = parts[0].shape[1]
        by = step(c, len(q["W"]) // q["groups"])
        wide = np.zeros((len(a["dx"]), max(by, c) * len(parts), *a["dx"].shape[2:]))
        for g, part in enumerate(parts):
            wide[:, g * by : g * by + c] = part + (wide[:, g * by : g * by + c] if add else 0)
        return wide[:, : a["dx"].shape[1]]

    return alter(dx=dx)


def interleave_biases(q: Question) -> np.ndarray:
    """Lay b (groups, rest) in the order (rest, groups)."""
    return np.asarray(q["b"].reshape(q["groups"], -1).T.ravel())


def repeat_biases(q: Question) -> np.ndarray:
    """Give every group the biases of the first."""
    return np.tile(q["b"][: len(q["b"]) // q["groups"]], q["groups"])


def take_all_of(what: str, at: int, *names: str) -> WrongAnswer:
    """Give every group one group's part of x, W or dout, for the named answers or for all."""
    axis = 0 if what == "W" else 1

    def answer(ask: Ask, q: Question) -> Answer | None:
        if what == "dout" and q.dout is None:
            return None
        part = np.split(dout_of(q) if what == "dout" else q[what], q["groups"], axis)[at]
        other = ask(q.but(**{what: np.concatenate([part] * q["groups"], axis)}))
        return {**ask(q), **{k: other[k] for k in names}} if names else other

    return answer


def permute(change: Callable[[np.ndarray], np.ndarray], axis: int, *names: str) -> WrongAnswer:
    """Put the groups (G, ...) of the named answers into another order, change(groups)."""
    return alter(**{k: lambda a, q, k=k: by_groups(change, axis, a[k], q) for k in names})


def by_groups(change: Callable[[np.ndarray], np.ndarray], axis: int, a: np.ndarray, q: Question) -> np.ndarray:
    """Split an axis into (groups, rest), change that array with the groups first, and join it again."""
    parts = np.stack(np.split(a, q["groups"], axis))
    return np.concatenate(list(change(parts)), axis)


def cross(change: Callable[[np.ndarray], np.ndarray], dx: bool) -> WrongAnswer:
    """Give the filters of each group the channels of another: change(groups) -> the groups in that order.

    dx: it is put back in that order as well; else it is right.
    """

    def answer(ask: Ask, q: Question) -> Answer:
        order = change(np.arange(q["groups"]))
        found = ask(q.but(x=by_groups(lambda parts: parts[order], 1, q["x"], q)))
        if "dx" in found and not dx:
            found = {**found, "dx": ask(q)["dx"]}
        elif "dx" in found:
            found = {**found, "dx": by_groups(lambda parts: parts[np.argsort(order)], 1, found["dx"], q)}
        return found

    return answer


def turn_dout(change: Callable[[np.ndarray], np.ndarray]) -> WrongAnswer:
    """Give the groups of dout in another order; the output is right."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        if q.dout is None:
            return None
        return {**ask(q.but(dout=by_groups(change, 1, q.dout, q))), "out": ask(q)["out"]}

    return answer


def keep_group(at: int) -> Callable[[Answer, Question], np.ndarray]:
    """Return a function that sets dx to 0 but for one group's channels."""

    def dx(a: Answer, q: Question) -> np.ndarray:
        parts = [np.zeros_like(part) for part in np.split(a["dx"], q["groups"], 1)]
        parts[at] = np.split(a["dx"], q["groups"], 1)[at]
        return np.concatenate(parts, 1)

    return dx


def kept_group(a: np.ndarray, q: Question, at: int) -> np.ndarray:
    """Set all but one group's filters to 0."""
    found = np.zeros_like(a)
    parts, from_ = np.split(found, q["groups"]), np.split(a, q["groups"])
    parts[at][:] = from_[at]
    return found


def interleave(a: np.ndarray, q: Question, axis: int) -> np.ndarray:
    """Shuffle an axis of (groups, rest) into (rest, groups)."""
    shape = a.shape
    split = a.reshape(*shape[:axis], q["groups"], -1, *shape[axis + 1 :])
    return np.asarray(split.swapaxes(axis, axis + 1).reshape(shape))


def groups_before_images(a: np.ndarray, groups: int) -> np.ndarray:
    """Read an array (N, channels, H, W) as (groups, N, ...), and take the part of each image and group from there."""
    n, _, h, w = a.shape
    return np.asarray(a.reshape(groups, n, -1, h, w).swapaxes(0, 1).reshape(a.shape))


def read_dout_by_groups(ask: Ask, q: Question) -> Answer | None:
    """Read dout as (groups, N, ...) for dx and dW: dout.reshape(groups, N, ...) in place of a transpose."""
    if q.dout is None:
        return None
    found = ask(q.but(dout=groups_before_images(q.dout, q["groups"])))
    return {**ask(q), **{k: a for k, a in found.items() if k in ("dx", "dW")}}


def write_by_groups(a: Answer, q: Question) -> np.ndarray:
    """Reshape the output (groups, N, ...) to (N, FN, OH, OW) without a transpose."""
    n, fn, h, w = a["out"].shape
    parts = a["out"].reshape(n, q["groups"], -1, h, w).swapaxes(0, 1)
    return np.asarray(parts.reshape(n, fn, h, w))


def divide_by_groups(*names: str) -> WrongAnswer:
    """Divide the named answers by the number of groups."""
    return divide(lambda q: float(q["groups"]), *names)


def sum_dW_of_groups(a: Answer, q: Question) -> np.ndarray:
    """Sum dW over the groups, and give the sum to each."""
    parts = a["dW"].reshape(q["groups"], -1, *a["dW"].shape[1:])
    return np.broadcast_to(parts.sum(axis=0), parts.shape).reshape(a["dW"].shape)


def turn(parts: np.ndarray) -> np.ndarray:
    """Reverse the groups."""
    return np.asarray(parts[::-1])


def next_one(parts: np.ndarray) -> np.ndarray:
    """Put the second group first, and the first one last."""
    return np.roll(parts, -1, 0)


def one_before(parts: np.ndarray) -> np.ndarray:
    """Put the last group first."""
    return np.roll(parts, 1, 0)


PERMUTED = (
    ("outputs-turned", "the output", 1, ("out",)),
    ("dx-turned", "dx", 1, ("dx",)),
    ("dW-turned", "dW", 0, ("dW",)),
    ("db-turned", "db", 0, ("db",)),
    ("gradients-turned", "every gradient of W and b", 0, ("dW", "db")),
)
ORDERS = (turn, next_one, one_before)
BLOCKS = "group g takes the g-th block of C/groups channels and the g-th block of FN/groups filters"
EACH = "in the loop over the groups take this group's own windows, filters and dout; keep them in a list if need be"
TRANSPOSED = "reshape to (N, groups, ...) and swap the first two axes, or index that with [:, g]"
OF_ONE = (
    ("filters", "every group is convolved with the", "filters", "W", ("out",)),
    ("dW-windows", "dW of every group is that of the", "windows", "x", ("dW",)),
    ("dW-dout", "dW of every group is that of the", "dout", "dout", ("dW",)),
    ("dx-filters", "dx of every group goes through the", "filters", "W", ("dx",)),
    ("dx-dout", "dx of every group is that of the", "dout", "dout", ("dx",)),
    ("gradients-dout", "every group's gradients are of the", "dout", "dout", ("dx", "dW", "db")),
    ("db-dout", "db of every group is that of the", "dout", "dout", ("db",)),
)
HISTORY = list_left_changes("groups")
# fmt: off
MISTAKES = [
    Mistake("groups.channels-interleaved", "a group takes every groups-th channel, not a block of them",
            interleave_channels, BLOCKS),
    Mistake("groups.filters-interleaved", "a group takes every groups-th filter, not a block of them",
            ask_with(W=interleave_filters), BLOCKS),
    Mistake("groups.filters-interleaved", "filter f belongs to group f % groups, not to f // (FN/groups)",
            spread_filters, BLOCKS),
    *(Mistake("groups.dx-filters-interleaved",
              f"in dx filter f belongs to group f % groups, not to f // (FN/groups){where}", alter_one("dx", answer),
              BLOCKS)
      for where, answer in (("", spread_filters), (", where a group has one channel", spread_where_of_one_channel))),
    *(Mistake("groups.dx-step", f"dx puts the groups {what} channels apart", step_dx(step, add),
              "the dx of group g begins at channel g * C/groups")
      for what, step in (("FN/groups", lambda c, f: f), ("min(C, FN)/groups", min)) for add in (True, False)),
    *(Mistake(f"groups.{which}-group-only", f"every group sees the {which} group's channels", take_all_of("x", at),
              BLOCKS) for which, at in (("first", 0), ("last", -1))),
    *(Mistake(f"groups.{code}-of-one-group", f"{text} {which} group's {thing}", take_all_of(what, at, *names), EACH)
      for code, text, thing, what, names in OF_ONE for which, at in (("first", 0), ("last", -1))),
    *(Mistake("groups.crossed", "the filters of a group see the channels of another group",
              cross(change, dx), BLOCKS) for change in ORDERS for dx in (True, False)),
    *(Mistake("groups.bias-order", f"b is {what}: every filter has its own", ask_with(b=change), "filter f gets b[f]")
      for what, change in (("interleaved: filter f gets that of the groups in turn", interleave_biases),
                           ("that of the first group, for all groups", repeat_biases))),
    Mistake("groups.outputs-shuffled", "the output's channels are shuffled: the groups alternate",
            alter(out=lambda a, q: interleave(a["out"], q, 1)), BLOCKS),
    Mistake("groups.outputs-shuffled", "the output's channels are shuffled before b is added: the groups alternate",
            alter(out=lambda a, q: interleave(a["out"] - q["b"][:, None, None], q, 1) + q["b"][:, None, None]), BLOCKS),
    *(Mistake(f"groups.{code}", f"{what} has its groups in another order", permute(change, axis, *names), BLOCKS)
      for code, what, axis, names in PERMUTED for change in ORDERS),
    *(Mistake(f"groups.{what}-shuffled", f"{what} is shuffled: the groups alternate",
              alter(**{what: lambda a, q, what=what, axis=axis: interleave(a[what], q, axis)}), BLOCKS)
      for what, axis in (("dx", 1), ("dW", 0), ("db", 0))),
    *(Mistake("groups.dout-turned", "dout's groups are taken in another order", turn_dout(change), BLOCKS)
      for change in ORDERS),
    Mistake("groups.dout-images-first", "dout (N, FN, OH, OW) is reshaped to (groups, N, ...) without a transpose: "
            "images and groups are mixed", read_dout_by_groups, TRANSPOSED, alone=True),
    Mistake("groups.x-images-first", "x (N, C, H, W) is reshaped to (groups, N, ...) without a transpose: "
            "images and groups are mixed", ask_with(x=lambda q: groups_before_images(q["x"], q["groups"])), TRANSPOSED),
    Mistake("groups.output-groups-first", "the output (groups, N, ...) is reshaped to (N, FN, OH, OW) without a "
            "transpose: images and groups are mixed", alter(out=write_by_groups),
            "bring the images to the front before: out.transpose(1, 0, 2, 3, 4)"),
    *(Mistake("groups.dx-one-group", f"dx has the {which} group only, the others stay at 0",
              alter(dx=keep_group(at)), BLOCKS) for which, at in (("first", 0), ("last", -1))),
    *(Mistake(f"groups.{what}-one-group", f"{what} has the {which} group only, the others stay at 0",
              alter(**{what: lambda a, q, what=what, at=at: kept_group(a[what], q, at)}), BLOCKS, alone=True)
      for what in ("dW", "db") for which, at in (("first", 0), ("last", -1))),
    Mistake("groups.db-by-groups", "db is divided by the number of groups", divide_by_groups("db"), SUM),
    Mistake("groups.dW-by-groups", "dW is divided by the number of groups", divide_by_groups("dW"), SUM),
    Mistake("groups.dx-by-groups", "dx is divided by the number of groups", divide_by_groups("dx"), SUM),
    *list_filter_mistakes("groups"),
    *list_db_mistakes("groups"),
    *list_short_sums("groups"),
    *list_running_sums("groups"),
    *list_window_mistakes("groups", pooling=False),
    *list_placing_mistakes("groups", flat=False),
    *list_missing_windows("groups", ("dx", "dW", "db"), bias=True),
    *list_left_images("groups", "dx", "dW", "db"),
    *list_backward_mistakes("groups", ("dx", "dW")),
    *list_place_mistakes("groups"),
    *list_sum_mistakes("groups"),
    *list_bias_mistakes("groups"),
    Mistake("groups.dW-summed", "dW of every group is the sum over all groups: each has filters of its own",
            alter(dW=sum_dW_of_groups), "put the groups' dW one behind the other: np.concatenate"),
    *list_repeated_biases("groups", "place", "channel", "product"),
    *list_relu_mistakes("groups"),
    *list_block_mistakes("groups"),
    *list_one_sided("groups", "FH", "FW", divided=False),
    *list_missing_edges("groups"), *list_left_strides("groups"),
    Mistake("groups.dW-stride-ignored", "dW takes windows one place apart, as with stride 1",
            alter_one("dW", SIDE_BY_SIDE), DOUT),
    *list_cut_douts("groups"),
    *list_dout_orders("groups"),
    *list_in_groups("groups"),
    *list_overwritten("groups"),
    *list_small_integers("groups"),
]
# fmt: on
