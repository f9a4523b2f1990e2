"""Grouped convolution: the known mistakes, each a change of what a reference answers."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import Ask, WrongAnswer, alter, ask_with
from .filters import list_filter_mistakes
from .geometry import list_placing_mistakes
from .windows import SUM, divide, list_window_mistakes


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


def repeat_first_group(q: Question) -> np.ndarray:
    """Give every group the first group's channels."""
    part = q["x"][:, : q["W"].shape[1]]
    return np.broadcast_to(part[:, None], (len(part), q["groups"], *part.shape[1:])).reshape(q["x"].shape)


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


def interleave(a: np.ndarray, q: Question, axis: int) -> np.ndarray:
    """Shuffle an axis of (groups, rest) into (rest, groups)."""
    shape = a.shape
    split = a.reshape(*shape[:axis], q["groups"], -1, *shape[axis + 1 :])
    return np.asarray(split.swapaxes(axis, axis + 1).reshape(shape))


def divide_by_groups(*names: str) -> WrongAnswer:
    """Divide the named answers by the number of groups."""
    return divide(lambda q: float(q["groups"]), *names)


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
# fmt: off
MISTAKES = [
    Mistake("groups.channels-interleaved", "a group takes every groups-th channel, not a block of them",
            interleave_channels, BLOCKS),
    Mistake("groups.filters-interleaved", "a group takes every groups-th filter, not a block of them",
            ask_with(W=interleave_filters), BLOCKS),
    Mistake("groups.first-group-only", "every group sees the first group's channels", ask_with(x=repeat_first_group),
            BLOCKS),
    *(Mistake("groups.crossed", "the filters of a group see the channels of another group",
              cross(change, dx), BLOCKS) for change in ORDERS for dx in (True, False)),
    Mistake("groups.outputs-shuffled", "the output's channels are shuffled: the groups alternate",
            alter(out=lambda a, q: interleave(a["out"], q, 1)), BLOCKS),
    *(Mistake(f"groups.{code}", f"{what} has its groups in another order", permute(change, axis, *names), BLOCKS)
      for code, what, axis, names in PERMUTED for change in ORDERS),
    *(Mistake(f"groups.{what}-shuffled", f"{what} is shuffled: the groups alternate",
              alter(**{what: lambda a, q, what=what, axis=axis: interleave(a[what], q, axis)}), BLOCKS)
      for what, axis in (("dx", 1), ("dW", 0), ("db", 0))),
    Mistake("groups.db-by-groups", "db is divided by the number of groups", divide_by_groups("db"), SUM),
    Mistake("groups.dW-by-groups", "dW is divided by the number of groups", divide_by_groups("dW"), SUM),
    Mistake("groups.dx-by-groups", "dx is divided by the number of groups", divide_by_groups("dx"), SUM),
    *list_filter_mistakes("groups"),
    *list_window_mistakes("groups", pooling=False),
    *list_placing_mistakes("groups"),
]
# fmt: on
