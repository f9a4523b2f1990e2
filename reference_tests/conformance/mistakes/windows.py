"""How an answer of a layer with a sliding window changes by a mistake: the output, and by its adjoint the gradients."""

from collections.abc import Callable, Iterator

import numpy as np

from ...subject.protocol import Answer, Question
from ..references.loops import Place, crop, padded
from ..references.loops import windows as all_windows
from ..types import Mistake
from .changes import Ask, after, given

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


FOUR_SIDES = "pad by the same amount on all four sides"
ONE_VALUE = "fill the padding with one constant value"
STARTS = "window (i, j) starts at row i * stride and at column j * stride of the padded image"
DOUT = "dout[i, j] belongs to the window that starts at i * stride and j * stride"
WINDOW = "the window has pool_h rows and pool_w columns; the stride only says how far it moves"
SUM = "the loss already holds the average over the batch: layers only add up"
SIDE_BY_SIDE = at(lambda q, oh, ow: (np.arange(oh), np.arange(ow)))
# fmt: off


def of_windows(prefix: str, fill: float = 0.0, pooling: bool = True) -> Iterator[Mistake]:
    """fill: what stands around the image. pooling: the window comes as pool_h and pool_w."""
    for code, text, answer, repair in (*table(fill), *(POOLING if pooling else ())):
        yield Mistake(f"{prefix}.{code}", text, answer, repair)


def table(fill: float) -> tuple[tuple[str, str, Callable, str], ...]:
    return (
        ("pad-ignored", "the padding is ignored", given(pad=lambda q: 0), FOUR_SIDES),
        ("pad-twice", "the padding is put on twice", given(pad=doubled),
         "either pad the image yourself or let im2col do it, not both"),
        ("pad-before-only", "all the padding is above and to the left, none below and to the right",
         at(lambda q, oh, ow: one_sided(q, oh, ow, 0), doubled), FOUR_SIDES),
        ("pad-after-only", "all the padding is below and to the right, none above and to the left",
         at(lambda q, oh, ow: one_sided(q, oh, ow, 2), doubled), FOUR_SIDES),
        ("pads-with-edge", "the padding repeats the border of the image", pads("edge"), ONE_VALUE),
        ("pads-with-mirror", "the padding mirrors the image", pads("reflect"), ONE_VALUE),
        ("stride-ignored", "the stride is ignored: windows stand side by side as with stride 1", SIDE_BY_SIDE, STARTS),
        ("stride-one-size", "the stride is ignored, in the output's size too", given(stride=lambda q: 1),
         "divide by the stride in the size, and start window i at i * stride"),
        ("stride-down-only", "the stride counts down only, not across",
         at(lambda q, oh, ow: (grid(q, oh, ow)[0], np.arange(ow))), STARTS),
        ("stride-across-only", "the stride counts across only, not down",
         at(lambda q, oh, ow: (np.arange(oh), grid(q, oh, ow)[1])), STARTS),
        ("stride-pad-swapped", "stride and pad are swapped",
         given(stride=lambda q: q["pad"], pad=lambda q: q["stride"]),
         "look at the order of the arguments: stride before pad"),
        ("rounded-up", "a size that does not divide is rounded up", lambda ask, q: cut(ask, q, fill),
         "refuse a size that does not divide, or round down"),
        ("one-row-short", "the last row and column of windows are missing",
         at(lambda q, oh, ow: tuple(p[:-1] for p in grid(q, oh, ow))),  # type: ignore[arg-type,return-value]
         "the number of windows is (size + 2 pad - window) / stride, plus 1"),
        ("axes-swapped", "height and width of the output are swapped",
         after(out=lambda a, q: a["out"].transpose(0, 1, 3, 2)), "the output is (N, channels, OH, OW)"),
        ("no-transpose", "the numbers stand in the order (N, OH, OW, channels) and are reshaped without a transpose",
         reordered(0, 2, 3, 1), "reshape to (N, OH, OW, channels) first, then bring the channels to the second place"),
        ("first-image-only", "every image of the batch gets the answer of the first",
         after(out=lambda a, q: np.repeat(a["out"][:1], len(a["out"]), 0)),
         "keep the batch axis: image n of the output comes from image n of the input"),
        ("truncated", "the numbers are cut to whole ones", after(out=lambda a, q: np.trunc(a["out"])),
         "let the array that the result is written into have a floating-point type"),
        ("dout-no-transpose", "dout is reshaped to one channel a column without bringing its channels to the end first",
         dout_misread, "transpose dout to (N, OH, OW, channels) before it is reshaped"),
        ("dout-ignored", "dout is taken for all ones", no_dout,
         "multiply by dout: it says how much each output place counts"),
        ("dx-averaged", "dx is divided by the number of images", through(images, "dx"), SUM),
        ("dx-stride-ignored", "dx puts windows back side by side, as with stride 1", only("dx", SIDE_BY_SIDE), DOUT),
        ("dx-not-cropped", "dx keeps the padding", uncropped(lambda a, q: a, fill),
         "cut the padding off dx on every side"),
        ("dx-crop-from-zero", "dx is cut from 0 to H: the padding above and to the left stays",
         uncropped(from_zero, fill), "cut dx out from pad to pad + H"),
        ("dx-truncated", "dx is cut to whole numbers", after(dx=lambda a, q: np.trunc(a["dx"])),
         "let dx have a floating-point type, whatever x has"),
    )


POOLING = (
    ("window-swapped", "the window's height and width are swapped", swapped_window, WINDOW),
    ("window-is-stride", "the window is stride x stride",
     given(pool_h=lambda q: q["stride"], pool_w=lambda q: q["stride"]), WINDOW),
    ("stride-is-window", "the windows move by their own size", given(stride=lambda q: q["pool_h"]), WINDOW),
    ("square-window", "the window is pool_h x pool_h", given(pool_w=lambda q: q["pool_h"]), WINDOW),
)
