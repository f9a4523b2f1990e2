"""How an answer of a layer with a sliding window changes by a mistake: the output, and by its adjoint the gradients."""

from collections.abc import Callable

import numpy as np

from .mistakes import Ask
from .references.loops import Place, crop, padded
from .references.loops import windows as all_windows
from .types import Answer, Question

Places = Callable[[Question, int, int], tuple[np.ndarray, np.ndarray]]  # of each window: from question, OH, OW


def grid(q: Question, oh: int, ow: int) -> tuple[np.ndarray, np.ndarray]:
    """Where the right windows start, in the padded input."""
    return np.arange(oh) * q["stride"], np.arange(ow) * q["stride"]


def at(places: Places, pad: Callable[[Question], int] = lambda q: q["pad"], out: str = "right") -> Callable:
    """Windows that start elsewhere: the question with stride 1, of which some places are taken.

    Its gradients: the upstream gradient stands at those places, 0 at the others. out="wide": OH and OW are those
    of stride 1.
    """

    def answer(ask: Ask, q: Question) -> Answer:
        oh, ow = ask(q.but(dout=None))["out"].shape[2:]
        one = q.but(stride=1, pad=pad(q), dout=None)
        wide = ask(one)["out"]
        rows, columns = places(q, oh, ow) if out == "right" else places(q, *wide.shape[2:])
        found = {"out": wide[:, :, rows][:, :, :, columns]}
        if q.dout is None:
            return found
        dout = np.zeros_like(wide)
        np.add.at(dout, (slice(None), slice(None), rows[:, None], columns), q.dout)  # type: ignore[arg-type]
        more = pad(q) - q["pad"]
        gradients = {k: a for k, a in ask(one.but(dout=dout)).items() if k != "out"}
        return found | (gradients if more == 0 else {k: a for k, a in gradients.items() if k != "dx"})

    return answer


def pads(mode: str, **how: float) -> Callable[[Ask, Question], Answer | None]:
    """Something else than the right values around the image; dx is cut out of the gradient of that larger image."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        p = q["pad"]
        if not p:
            return None
        x = np.pad(q["x"], [(0, 0), (0, 0), (p, p), (p, p)], mode, **how)  # type: ignore[call-overload]
        found = ask(q.but(x=x, pad=0))
        return {**found, "dx": found["dx"][:, :, p:-p, p:-p]} if "dx" in found else found

    return answer


def cut(ask: Ask, q: Question, fill: float) -> Answer | None:
    """The size rounded up: the last window hangs over the edge."""
    window = windows(q)
    short = [-(size + 2 * q["pad"] - f) % q["stride"] for size, f in zip(q["x"].shape[2:], window, strict=True)]
    if not any(short):
        return None
    p = q["pad"]
    wide = [(0, 0), (0, 0), (p, p + short[0]), (p, p + short[1])]
    found = ask(q.but(x=np.pad(q["x"], wide, constant_values=fill), pad=0))
    h, w = q["x"].shape[2:]
    return {**found, "dx": found["dx"][:, :, p : p + h, p : p + w]} if "dx" in found else found


def windows(q: Question) -> tuple[int, int]:
    return q["W"].shape[2:] if "W" in q.arrays else (q["pool_h"], q["pool_w"])


def swapped_window(ask: Ask, q: Question) -> Answer:
    return ask(q.but(pool_h=q["pool_w"], pool_w=q["pool_h"]))


def reordered(*axes: int) -> Callable[[Ask, Question], Answer]:
    """The output's numbers in the order of other axes, under the right shape; its gradients are right."""

    def answer(ask: Ask, q: Question) -> Answer:
        out = ask(q.but(dout=None))["out"]
        found = {"out": out.transpose(axes).reshape(out.shape)}
        return found if q.dout is None else {**ask(q), **found}

    return answer


def dout_misread(ask: Ask, q: Question) -> Answer:
    """dout (N, F, OH, OW) reshaped as if it were (N, OH, OW, F): the gradients are those of other numbers."""
    n, f, oh, ow = q.dout.shape  # type: ignore[union-attr]
    return {**ask(q.but(dout=q.dout.reshape(n, oh, ow, f).transpose(0, 3, 1, 2))), "out": ask(q)["out"]}  # type: ignore[union-attr]


def one_sided(q: Question, oh: int, ow: int, extra: int) -> tuple[np.ndarray, np.ndarray]:
    rows, columns = grid(q, oh, ow)
    return rows + extra * q["pad"], columns + extra * q["pad"]


def doubled(q: Question) -> int:
    return 2 * q["pad"]


def uncropped(take: Callable[[np.ndarray, Question], np.ndarray], fill: float = 0.0) -> Callable:
    """dx cut out of the padded image in another way, where there is padding."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        wide = ask(q.but(x=padded(q["x"], q["pad"], fill), pad=0))
        return {**ask(q), "dx": take(wide["dx"], q)} if q["pad"] else None

    return answer


def from_zero(wide: np.ndarray, q: Question) -> np.ndarray:
    return wide[:, :, : q["x"].shape[2], : q["x"].shape[3]]


def put_back(window: Callable[[Question, Place, np.ndarray], np.ndarray], last: bool | None = None) -> Callable:
    """Another dx: window(question, place, padded x) is what each window puts back, for all channels.

    last: where windows overlap, the last (or the first) one written stays. None: they add up.
    """

    def answer(ask: Ask, q: Question) -> Answer:
        listed, x, *_ = all_windows(q, *windows(q), fill=-np.inf)
        dx = np.zeros_like(x)
        for place in listed if last in (None, True) else reversed(listed):
            n, _, _, r, c = place
            share = window(q, place, x)
            dx[n, :, r, c] = share if last is not None else dx[n, :, r, c] + share
        return {**ask(q), "dx": crop(dx, q["pad"])}

    return answer


def through(n: Callable[[Question], float], *names: str) -> Callable:
    """Answers divided by n."""
    return lambda ask, q: {k: a / n(q) if k in names else a for k, a in ask(q).items()}


def images(q: Question) -> float:
    return len(q["x"])


def no_dout(ask: Ask, q: Question) -> Answer:
    return ask(q.but(dout=np.ones_like(q.dout)))


def only(what: str, change: Callable) -> Callable:
    """One answer is that of another mistake; the others are right."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        other = change(ask, q)
        return {**ask(q), what: other[what]} if other and what in other else None

    return answer
