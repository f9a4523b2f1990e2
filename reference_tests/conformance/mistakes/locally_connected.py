"""Locally connected layer: the known mistakes, each a change of what a reference answers."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import Answer, Question
from ..references import loops
from ..types import Mistake
from .axis_orders import list_rows_as_they_come
from .backward import OF_X, list_backward_cuts, list_relu_mistakes
from .changes import Ask, WrongAnswer, alter, ask_with, dout_of, list_untransposed
from .filters import list_filter_mistakes, list_left_changes, list_repeated_biases
from .left_out import list_left_images, list_missing_edges
from .small_integers import list_small_integers
from .sums import list_short_sums, list_totals
from .windows import AS_IT_CAME, DOUT, ELSEWHERE, STARTS, alter_one, crop_dx, crop_from, crop_from_zero, reread_dout


def read_taps_first(ask: Ask, q: Question) -> Answer:
    """Read each place's filters as a matrix (C*FH*FW, FN) without a transpose; dW comes back so, too."""
    shape = q["W"].shape
    fn, taps = shape[2], int(np.prod(shape[3:]))
    found = ask(q.but(W=q["W"].reshape(*shape[:2], taps, fn).swapaxes(2, 3).reshape(shape)))
    if "dW" in found:
        found["dW"] = found["dW"].reshape(*shape[:2], fn, taps).swapaxes(2, 3).reshape(shape)
    return found


def share_filters(q: Question) -> np.ndarray:
    """Give every place the filters of the first one."""
    return np.broadcast_to(q["W"][:1, :1], q["W"].shape)


def sum_dW(ask: Ask, q: Question) -> Answer:
    """Sum dW over all places, as if the filters were shared."""
    found = ask(q)
    return {k: np.broadcast_to(a.sum((0, 1)), a.shape) if k == "dW" else a for k, a in found.items()}


def sum_db(over: tuple[int, ...]) -> Callable[[Answer, Question], np.ndarray]:
    """Return a function that gives every place db's sum over some axes."""
    return lambda a, q: np.broadcast_to(a["db"].sum(over, keepdims=True), a["db"].shape)


def one_bias(reduce: Callable[..., np.ndarray]) -> Callable[[Question], np.ndarray]:
    """Return a function that gives every place of a filter one number of its biases."""
    return lambda q: np.broadcast_to(reduce(q["b"], axis=(1, 2), keepdims=True), q["b"].shape)


def turn_biases(q: Question) -> np.ndarray:
    """Take b[:, j, i] for place (i, j); IndexError where there is no such place."""
    if q["b"].shape[1] != q["b"].shape[2]:
        raise IndexError("such a place is not in b")
    return np.asarray(q["b"].swapaxes(1, 2))


def spread_back(
    last: bool | None, starts: Callable[[int, Question], int] = lambda i, q: i * q["stride"]
) -> WrongAnswer:
    """Compute dx by laying each place's share down: window i starts at starts(i, question).

    last: where windows overlap, the last (or the first) one written stays. None: they add up.
    """

    def dx(a: Answer, q: Question) -> np.ndarray:
        W, wide = q["W"], loops.padded(np.zeros(q["x"].shape), q["pad"])
        listed = list(np.ndindex(W.shape[:2]))
        for i, j in reversed(listed) if last is False else listed:
            y, z = starts(i, q), starts(j, q)
            window = np.s_[:, :, y : y + W.shape[-2], z : z + W.shape[-1]]
            part = np.tensordot(dout_of(q)[:, :, i, j], W[i, j], 1)
            wide[window] = part if last is not None else wide[window] + part
        return loops.crop(wide, q["pad"])

    return alter(dx=dx)


def step_by_one(ask: Ask, q: Question) -> Answer:
    """Start window (i, j) at row i and column j, whatever the stride."""
    x, W = loops.padded(np.asarray(q["x"], "f8"), q["pad"]), q["W"]
    found: Answer = {"out": np.zeros((len(x), W.shape[2], *W.shape[:2]))}
    for i, j in np.ndindex(W.shape[:2]):
        window = x[:, :, i : i + W.shape[-2], j : j + W.shape[-1]]
        found["out"][:, :, i, j] = np.tensordot(window, W[i, j], ((1, 2, 3), (1, 2, 3))) + q["b"][:, i, j]
    return found


def dW_side_by_side(a: Answer, q: Question) -> np.ndarray:
    """Compute dW of windows that start at (i, j), whatever the stride."""
    x, dW = loops.padded(np.asarray(q["x"], "f8"), q["pad"]), np.zeros(q["W"].shape)
    for i, j in np.ndindex(dW.shape[:2]):
        window = x[:, :, i : i + dW.shape[-2], j : j + dW.shape[-1]]
        dW[i, j] = np.tensordot(dout_of(q)[:, :, i, j], window, (0, 0))
    return dW


def starts_of(q: Question, down: bool, across: bool) -> list[tuple[int, int, int, int]]:
    """List (i, j, first row, first column) of the windows, where the stride counts down, or across, or both."""
    s = q["stride"]
    return [(i, j, i * (s if down else 1), j * (s if across else 1)) for i, j in np.ndindex(q["W"].shape[:2])]


def step_along(down: bool, across: bool, *names: str) -> WrongAnswer:
    """Move the windows of the named answers by the stride along one axis only."""

    def answer(ask: Ask, q: Question) -> Answer:
        W, x, right = q["W"], loops.padded(np.asarray(q["x"], "f8"), q["pad"]), ask(q)
        found = {"out": np.array(right["out"]), "dW": np.zeros(W.shape), "dx": np.zeros(x.shape)}
        for i, j, y, z in starts_of(q, down, across):
            at = np.s_[:, :, y : y + W.shape[-2], z : z + W.shape[-1]]
            found["out"][:, :, i, j] = np.tensordot(x[at], W[i, j], ((1, 2, 3), (1, 2, 3))) + q["b"][:, i, j]
            if q.dout is not None:
                found["dW"][i, j] = np.tensordot(q.dout[:, :, i, j], x[at], (0, 0))
                found["dx"][at] += np.tensordot(q.dout[:, :, i, j], W[i, j], 1)
        found["dx"] = loops.crop(found["dx"], q["pad"])
        return {k: found[k] if k in names else a for k, a in right.items()}

    return answer


def take_other_place(place: Callable[[int, int, int, int], tuple[int, int]], *names: str) -> WrongAnswer:
    """Take the filters of place(i, j, OH, OW) for (i, j), in the named answers; ValueError where there is none.

    dW is laid there, too: it is turned back.
    """

    def answer(ask: Ask, q: Question) -> Answer:
        oh, ow = q["W"].shape[:2]
        rows, columns = np.array([place(i, j, oh, ow) for i, j in np.ndindex(oh, ow)]).T
        if rows.max() >= oh or columns.max() >= ow:
            raise ValueError("there is no such place")
        right, other = ask(q), ask(q.but(W=q["W"][rows, columns].reshape(q["W"].shape)))
        if "dW" in right:
            other["dW"] = np.zeros(q["W"].shape)
            other["dW"][rows, columns] = right["dW"].reshape(-1, *right["dW"].shape[2:])
        return {k: other[k] if k in names else a for k, a in right.items()}

    return answer


def read_places_first(b: np.ndarray) -> np.ndarray:
    """Read biases (FN, OH, OW) as if they lay in the order (OH, OW, FN)."""
    return b.reshape(*b.shape[1:], len(b)).transpose(2, 0, 1)


def lay_places_first(db: np.ndarray) -> np.ndarray:
    """Lay biases' gradients in the order (OH, OW, FN) under their shape (FN, OH, OW)."""
    return db.transpose(1, 2, 0).reshape(db.shape)


def lay_images_last(out: np.ndarray) -> np.ndarray:
    """Lay numbers in the order (OH, OW, N, FN) under their shape (N, FN, OH, OW)."""
    return out.transpose(2, 3, 0, 1).reshape(out.shape)


def read_images_last(ask: Ask, q: Question) -> Answer:
    """Read dout (N, FN, OH, OW) as if it lay in the order (OH, OW, N, FN)."""
    n, fn, oh, ow = dout_of(q).shape
    return ask(q.but(dout=dout_of(q).reshape(oh, ow, n, fn).transpose(2, 3, 0, 1)))


def window_without_pad(a: Answer, q: Question) -> np.ndarray:
    """Compute dW of windows of the image without its padding; what lies behind it is 0."""
    twice = q.but(x=np.pad(q["x"], [(0, 0), (0, 0), *[(0, 2 * q["pad"])] * 2]), pad=0)
    dW = np.zeros(q["W"].shape)
    for i, j, y, z in starts_of(q, True, True):
        window = twice["x"][:, :, y : y + dW.shape[-2], z : z + dW.shape[-1]]
        dW[i, j] = np.tensordot(dout_of(q)[:, :, i, j], window, (0, 0))
    return dW


ONE_AXIS = (
    ("stride-down-only", "the stride counts down only, not across", True, False),
    ("stride-across-only", "the stride counts across only, not down", False, True),
)
OTHER_PLACES: tuple[tuple[str, Callable[[int, int, int, int], tuple[int, int]]], ...] = (
    ("(j, i)", lambda i, j, oh, ow: (j, i)),
    ("(j, i)", lambda i, j, oh, ow: (j % oh, i % ow)),
    ("i * OH + j, counted row by row", lambda i, j, oh, ow: divmod(i * oh + j, ow)),
    ("j * OH + i, counted row by row", lambda i, j, oh, ow: divmod(j * oh + i, ow)),
)
SUM_DX = "each input place gets a share from every window that it lies in: add them"
PLACES_FIRST = "reshape b to (FN, OH*OW), then transpose it"
OWN = "place (i, j) has filters of its own, W[i, j]"
HISTORY = list_left_changes("local")
# fmt: off
MISTAKES = [
    Mistake("local.shared", "every place takes the filters of the first one: a convolution", ask_with(W=share_filters),
            OWN),
    *(Mistake("local.W-not-transposed",
              f"{where}W's numbers are read as (OH*OW, C*FH*FW, FN) without a transpose", answer,
              "reshape W to (OH*OW, FN, C*FH*FW), then transpose it")
      for where, answer in (("", read_taps_first), ("for dx ", alter_one("dx", read_taps_first)))),
    Mistake("local.dW-no-transpose", "dW has the order (OH*OW, C*FH*FW, FN) and is reshaped to W's shape at once",
            alter_one("dW", read_taps_first), "reshape dW to (OH*OW, C*FH*FW, FN), then transpose it"),
    Mistake("local.places-transposed", "place (i, j) takes the filters of place (j, i)",
            ask_with(W=lambda q: q["W"].swapaxes(0, 1).reshape(q["W"].shape)), OWN),
    Mistake("local.places-reversed", "the filters of the places are taken from the end",
            ask_with(W=lambda q: q["W"][::-1, ::-1]), OWN),
    Mistake("local.bias-shared", "every place takes the biases of the first one",
            ask_with(b=lambda q: np.broadcast_to(q["b"][:, :1, :1], q["b"].shape)), "b is (FN, OH, OW)"),
    Mistake("local.bias-transposed", "place (i, j) takes the biases of place (j, i)",
            ask_with(b=lambda q: q["b"].swapaxes(1, 2).reshape(q["b"].shape)), "b is (FN, OH, OW)"),
    Mistake("local.bias-transposed", "place (i, j) takes the biases of place (j, i)", ask_with(b=turn_biases),
            "b is (FN, OH, OW)"),
    Mistake("local.bias-no-transpose", "b (FN, OH, OW) is reshaped to (OH*OW, FN), a place a row, without a transpose",
            ask_with(b=lambda q: read_places_first(q["b"])), PLACES_FIRST),
    Mistake("local.db-no-transpose", "db has one place a row, (OH*OW, FN), and is reshaped to (FN, OH, OW) at once",
            alter(db=lambda a, q: lay_places_first(a["db"])), "transpose db to (FN, OH*OW), then reshape it"),
    *list_untransposed("local"),
    *list_rows_as_they_come("local"),
    Mistake("local.no-transpose", "the numbers stand in the order (OH, OW, N, FN) and are reshaped without a transpose",
            alter(out=lambda a, q: lay_images_last(a["out"])), "reshape to (OH, OW, N, FN) first, then transpose"),
    Mistake("local.dout-no-transpose", "dout is reshaped to (OH*OW, N, FN) without bringing its places to the front",
            read_images_last, "transpose dout to (OH, OW, N, FN), then reshape it"),
    Mistake("local.one-bias", "a filter has one bias for all places: the mean of its biases",
            ask_with(b=one_bias(np.mean)), "b is (FN, OH, OW)"),
    Mistake("local.one-bias", "a filter has one bias for all places: the sum of its biases",
            ask_with(b=one_bias(np.sum)), "b is (FN, OH, OW)"),
    Mistake("local.stride-ignored", "the stride is ignored: windows stand one place apart, as with stride 1",
            step_by_one, STARTS),
    *(Mistake(f"local.{code if names == ('out',) else names[0] + '-' + code}",
              text if names == ("out",) else f"{names[0]}: {text}", step_along(down, across, *names), STARTS)
      for code, text, down, across in ONE_AXIS for names in (("out",), ("dx",), ("dW",))),
    *(Mistake(f"local.{'' if names[0] == 'out' else names[0] + '-'}places-transposed",
              f"{'' if names[0] == 'out' else names[0] + ': '}place (i, j) takes the filters of place {which}",
              take_other_place(place, *names), OWN)
      for which, place in OTHER_PLACES for names in (("out",), ("out", "dx", "dW"), ("dx",), ("dW",))),
    Mistake("local.dW-without-pad", "dW takes its windows from the image without its padding",
            alter(dW=window_without_pad), OF_X),
    *list_backward_cuts("local"),
    *list_short_sums("local"),
    *list_filter_mistakes("local"),
    *list_repeated_biases("local", "place", "channel", "product"),
    *list_relu_mistakes("local"),
    *list_totals("local", "db"),
    *(Mistake("local.dx-overwrites", "in dx overlapping windows overwrite each other", spread_back(last), SUM_DX)
      for last in (True, False)),
    Mistake("local.dx-stride-ignored", "dx puts windows back one place apart, as with stride 1",
            spread_back(None, lambda i, q: i), DOUT),
    Mistake("local.dW-stride-ignored", "dW takes windows one place apart, as with stride 1", alter(dW=dW_side_by_side),
            STARTS),
    *list_missing_edges("local"),
    Mistake("local.channels-reversed", "the channels of x are read in the reverse order",
            ask_with(x=lambda q: q["x"][:, ::-1]), OWN),
    Mistake("local.dout-channels-reversed", "dout's channels are read in the reverse order",
            reread_dout(1), AS_IT_CAME),
    Mistake("local.dx-not-cropped", "dx keeps the padding", crop_dx(lambda a, q: a),
            "cut the padding off dx on every side"),
    Mistake("local.dx-crop-from-zero", "dx is cut from 0 to H: the padding above and to the left stays",
            crop_dx(crop_from_zero), "cut dx out from pad to pad + H"),
    *(Mistake("local.dx-cropped-elsewhere", "dx is not cut out from pad to pad + H and from pad to pad + W",
              crop_dx(crop_from(*at)), "cut dx out from pad to pad + H, and likewise across") for at in ELSEWHERE),
    Mistake("local.dW-summed", "dW is summed over all places, as for shared filters", sum_dW, OWN),
    *(Mistake("local.db-summed", f"db is summed over {what}", alter(db=sum_db(over)), "a place has biases of its own")
      for what, over in (("the places", (1, 2)), ("the rows", (1,)), ("the columns", (2,)), ("the filters", (0,)))),
    Mistake("local.db-summed", "db is summed over the places",
            alter(db=lambda a, q: a["db"].sum((1, 2))), "db has b's shape"),
    *list_small_integers("local"),
    *list_left_images("local", "dx", "dW", "db"),
]
# fmt: on
