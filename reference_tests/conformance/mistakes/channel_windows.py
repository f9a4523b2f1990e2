"""Windows over channels, for LRN: the right one and others, as matrices."""

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import Ask, WrongAnswer, dout_of

Window = Callable[[Question], np.ndarray]  # question -> (C, C): the weight of channel j in the window of channel i


def window_of(q: Question) -> np.ndarray:
    """Return (C, C): 1 if channel j is in the window of channel i, else 0."""
    c = np.arange(q["x"].shape[1])
    return np.asarray((np.abs(c[:, None] - c) <= q["n"] // 2).astype("f8"))


def reach(low: Callable[[int], int], high: Callable[[int], int]) -> Window:
    """Let the window of channel i go from i + low(half) to i + high(half), half = n // 2."""

    def window(q: Question) -> np.ndarray:
        c, half = np.arange(q["x"].shape[1]), q["n"] // 2
        away = c - c[:, None]
        return np.asarray(((away >= low(half)) & (away <= high(half))).astype("f8"))

    return window


def wrap_round(q: Question) -> np.ndarray:
    """Let the window go on at the other end of the channels."""
    c, half = q["x"].shape[1], q["n"] // 2
    window = np.zeros((c, c))
    for i, away in product(range(c), range(-half, half + 1)):
        window[i, (i + away) % c] += 1
    return window


def wrap_round_once(reach_less: bool) -> Window:
    """Let the window go on at the other end of the channels, without a channel twice.

    reach_less: it reaches less far to both sides where there are fewer than n channels.
    """

    def window(q: Question) -> np.ndarray:
        c, half = q["x"].shape[1], q["n"] // 2
        far = min(half, (c - 1) // 2) if reach_less else half
        found = np.zeros((c, c))
        for i, away in product(range(c), range(-far, far + 1)):
            found[i, (i + away) % c] = 1
        return found

    return window


def window_at_most_channels(half: Callable[[int], int]) -> Window:
    """Take half(min(n, C)) for half of the window."""

    def window(q: Question) -> np.ndarray:
        c = np.arange(q["x"].shape[1])
        return np.asarray((np.abs(c[:, None] - c) <= half(min(q["n"], len(c)))).astype("f8"))

    return window


def list_all_channels(normalize: Callable[[Window], WrongAnswer]) -> Iterator[Mistake]:
    """Yield the mistakes of who sums all channels: always, or where few are taken to be in every window."""

    def all_if(few: Callable[[int, int], bool]) -> Window:
        return lambda q: np.ones((q["x"].shape[1],) * 2) if few(q["x"].shape[1], q["n"]) else window_of(q)

    for text, few in (
        ("all channels are summed", lambda c, n: True),
        ("where there are at most n channels all of them are summed", lambda c, n: c <= n),
        ("where there are fewer than n channels all of them are summed", lambda c, n: c < n),
    ):
        yield Mistake(
            "lrn.all-channels", text, normalize(all_if(few)), "the window reaches n // 2 channels to each side"
        )


def slice_from_below(q: Question) -> np.ndarray:
    """Slice x[:, i - half : i + half + 1] with a negative beginning, which Python counts from the end."""
    c, half = np.arange(q["x"].shape[1]), q["n"] // 2
    return np.array([np.isin(c, c[i - half : i + half + 1]) for i in c], "f8")


def average_window(q: Question) -> np.ndarray:
    """Average the window, not sum it."""
    m = window_of(q)
    return np.asarray(m / m.sum(1, keepdims=True))


def move_inside_at(low: bool, high: bool) -> Window:
    """Move the window inside at the first channel, at the last, or at both; at the other border it is cut."""

    def window(q: Question) -> np.ndarray:
        c, n = np.arange(q["x"].shape[1]), q["n"]
        start, half = c - n // 2, n // 2
        begin = np.maximum(0, np.minimum(start, len(c) - n) if high else start)
        end = np.where(low, begin + n, c + half + 1)
        return np.asarray(((c >= begin[:, None]) & (c < end[:, None])).astype("f8"))

    return window


def count_border_again(q: Question) -> np.ndarray:
    """Take the border channel again for each channel that the window lacks."""
    c, half = q["x"].shape[1], q["n"] // 2
    window = np.zeros((c, c))
    for i, away in product(range(c), range(-half, half + 1)):
        window[i, min(max(i + away, 0), c - 1)] += 1
    return window


def type_range_of_paper(more: int) -> Window:
    """Take range(max(0, i - n/2), min(C - 1, i + n/2)), whose end is left out; more: how much n/2 is rounded up."""
    short = reach(lambda half: -half - more, lambda half: half - 1)
    return lambda q: short(q) * (np.arange(q["x"].shape[1]) < q["x"].shape[1] - 1)


def leave_channel_out(channel: int, own: bool = False) -> Window:
    """Leave a channel out of the windows; own: it stays in its own."""

    def window(q: Question) -> np.ndarray:
        found = window_of(q)
        kept = found[channel, channel] * own
        found[:, channel] = 0
        found[channel, channel] = kept
        return found

    return window


def add_window(window: np.ndarray, a: np.ndarray) -> np.ndarray:
    """Sum a (N, C, H, W) over each channel's window."""
    return np.asarray(np.einsum("ij,njhw->nihw", window, a))


def lay_as_one_image(ask: Ask, q: Question) -> Answer:
    """Take all channels of the batch for those of one image: windows go on from an image into the next."""
    one = {"x": q["x"].reshape(1, -1, *q["x"].shape[2:])}
    dout = None if q.dout is None else q.dout.reshape(one["x"].shape)
    return {k: a.reshape(q["x"].shape) for k, a in ask(q.but(**one, dout=dout)).items()}


def window_over_images(q: Question) -> np.ndarray:
    """Sum the squares over windows that go on from an image into the next."""
    one = q.but(x=q["x"].reshape(1, -1, *q["x"].shape[2:]))
    return add_window(window_of(one), one["x"] ** 2).reshape(q["x"].shape)


def alter_shared(inside: Callable[[Question, np.ndarray, np.ndarray], np.ndarray]) -> WrongAnswer:
    """Take another part of dx that goes through s: 2 alpha beta inside(question, window, dout * x / s**(beta + 1))."""

    def answer(ask: Ask, q: Question) -> Answer:
        s = q["k"] + q["alpha"] * add_window(window_of(q), q["x"] ** 2)
        own = dout_of(q) * s ** -q["beta"]
        shared = inside(q, window_of(q), own * q["x"] / s)
        return ask(q) | {"dx": own - 2 * q["alpha"] * q["beta"] * shared}

    return answer


def recover_power(own: bool, reached: Window | None = None) -> WrongAnswer:
    """Get s ** -beta back as out / x, which is nan where x is 0: in dx's own part, and in what goes through s.

    reached: which channels an x of 0 makes nan through s.
    """

    def answer(ask: Ask, q: Question) -> Answer:
        zero = (q["x"] == 0).astype("f8")
        lost = zero * own + (add_window(reached(q).T, zero) if reached else 0)
        right = ask(q)
        return right | {"dx": np.where(lost > 0, np.nan, right["dx"])} if "dx" in right else right

    return answer


def every_channel(q: Question) -> np.ndarray:
    """Return (C, C) of ones: a product with a matrix of zeros and ones makes every channel nan for one that is."""
    return np.ones((q["x"].shape[1],) * 2)


# fmt: off
CROSS_TERMS = tuple(
    Mistake("lrn.dx-index", f"in what goes through s, {text}", alter_shared(inside),
            "dx_j takes x_j times the sum, over every window i that holds j, of dout_i * x_i / s_i**(beta + 1)")
    for text, inside in (
        ("x_i stands for x_j: it is inside the sum", lambda q, w, t: add_window(w.T, q["x"] * t)),
        ("dout, x and s are those of channel j in every term: nothing comes from the neighbours",
         lambda q, w, t: q["x"] * t * add_window(w.T, np.ones_like(t))),
        ("each window gives its own channel the x of all its channels", lambda q, w, t: t * add_window(w, q["x"])),
        ("dout_j stands for x_j before the sum", lambda q, w, t: dout_of(q) * add_window(w.T, t)),
        ("only the channel's own term is there, n times",
         lambda q, w, t: q["n"] * q["x"] * t),
        ("only the windows of the channels before are added up",
         lambda q, w, t: q["x"] * add_window(np.triu(w).T, t)),
        ("only the windows of the channels behind are added up",
         lambda q, w, t: q["x"] * add_window(np.tril(w).T, t)),
        ("dout is left out: each window gives x / s**(beta + 1) alone",
         lambda q, w, t: q["x"] * add_window(w.T, np.divide(t, dout_of(q)))),
    )
) + tuple(
    Mistake("lrn.dx-factor", f"what goes through s has the factor {said}; it is 2 * alpha * beta",
            alter_shared(lambda q, w, t, factor=factor: factor(q) * q["x"] * add_window(w.T, t)),  # type: ignore[misc]
            "the slope of (k + alpha * sum of x*x) ** -beta holds 2 * alpha * x, and -beta")
    for said, factor in (
        ("4 * alpha * beta", lambda q: 2.0),
        ("alpha * beta / 2", lambda q: 0.25),
        ("alpha * beta / n", lambda q: 0.5 / q["n"]),
        ("2 * alpha * (beta + 1)", lambda q: 1 + 1 / q["beta"]),
        ("2 * alpha * (beta - 1)", lambda q: 1 - 1 / q["beta"]),
        ("n * alpha * beta", lambda q: q["n"] / 2),
    )
) + tuple(
    Mistake("lrn.dx-by-quotient", f"{said} the power of s is worked out as out / x, which is nan where x is 0",
            recover_power(*parts), "let forward keep s, and take it to the power -beta in backward, too")
    for said, parts in (("in dx", (True, window_of)), ("in dx", (True, every_channel)), ("in dx's own part", (True,)),
                        ("in what goes through s", (False, window_of)))
)
# fmt: on
