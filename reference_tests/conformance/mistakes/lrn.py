"""Local response normalization: the known mistakes, each a change of what a reference answers."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import Ask, WrongAnswer, dout_of, list_shape_mistakes
from .channel_windows import (
    CROSS_TERMS,
    Window,
    average_window,
    count_border_again,
    lay_as_one_image,
    leave_channel_out,
    list_all_channels,
    move_inside_at,
    reach,
    slice_from_below,
    type_range_of_paper,
    window_at_most_channels,
    window_of,
    window_over_images,
    wrap_round,
    wrap_round_once,
)
from .half_sums import SUMS_IN_HALF, cut_to_whole, of_rounded_sum
from .quotients import list_least_sums, list_quotients
from .small_windows import list_small_windows

Sums = Callable[[Question], np.ndarray]  # question -> s, of x's shape

# The formula in parts, any of which a mistake can replace: y = x * s ** -beta, s = k + alpha * sum of x ** 2.


def sum_over(window: np.ndarray, a: np.ndarray) -> np.ndarray:
    """Sum a (N, C, H, W) over each channel's window."""
    return np.asarray(np.einsum("ij,njhw->nihw", window, a))


def sums_of(q: Question) -> np.ndarray:
    """Return s = k + alpha * the sum of x ** 2 over the window."""
    return np.asarray(q["k"] + q["alpha"] * sum_over(window_of(q), q["x"] ** 2))


def parts_of_dx(q: Question, s: np.ndarray, window: np.ndarray, beta: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the two parts of dx: through the channel itself, and (to subtract) through every window that holds it."""
    dout = dout_of(q)
    shared = sum_over(window.T, dout * q["x"] * s ** (-beta - 1))
    return np.asarray(dout * s**-beta), np.asarray(2 * q["alpha"] * beta * q["x"] * shared)


def gradient(q: Question, s: np.ndarray, window: np.ndarray) -> Answer:
    """Return dx; nothing for a question without an upstream gradient."""
    if q.dout is None:
        return {}
    own, shared = parts_of_dx(q, s, window, q["beta"])
    return {"dx": own - shared}


# Changes of one part in both directions, of the output alone, of dx alone.


def normalize(
    window: Window = window_of,
    power: Callable[[np.ndarray, float], np.ndarray] = lambda s, beta: s**-beta,
    scale: Callable[[Question], Question] = lambda q: q,
    times: Callable[[Question], Any] = lambda q: q["x"],
) -> WrongAnswer:
    """Go forward and backward with another window, another use of beta, other parameters or another numerator."""

    def answer(ask: Ask | None, q: Question) -> Answer:
        q = scale(q)
        m = window(q)
        s = q["k"] + q["alpha"] * sum_over(m, q["x"] ** 2)
        return {"out": times(q) * power(s, q["beta"])} | gradient(q, s, m)

    return answer


def divide_by(s: Sums) -> WrongAnswer:
    """Divide by another s(q) ** beta, which changes the output alone."""
    return lambda ask, q: {"out": q["x"] * s(q) ** -q["beta"]}


def combine(
    f: Callable[[Question, np.ndarray, np.ndarray], np.ndarray],
    exponent: Callable[[float], float] = lambda beta: beta + 1,
    window: Window = window_of,
    alpha: Callable[[Question], float] = lambda q: q["alpha"],
    x: Callable[[Question], Any] = lambda q: q["x"],
) -> WrongAnswer:
    """Compute dx = f(q, own part, shared part), with another exponent, window or factor; the output is right."""

    def answer(ask: Ask, q: Question) -> Answer:
        right = ask(q)
        s = sums_of(q)
        shared = sum_over(window(q), q.dout * q["x"] * s ** -exponent(q["beta"]))
        return right | {"dx": f(q, q.dout * s ** -q["beta"], 2 * alpha(q) * q["beta"] * x(q) * shared)}

    return answer


def keep_channel(channel: int, times: float) -> WrongAnswer:
    """Let one channel come out as it went in, times a number, and with it its gradient where no window is changed."""

    def answer(ask: Ask, q: Question) -> Answer:
        out = ask(q)["out"].copy()
        out[:, channel] = times * q["x"][:, channel]
        return {"out": out}

    return answer


# Other sums.


def sum_along(axis: int) -> Sums:
    """Lay the window along another axis of x."""

    def s(q: Question) -> np.ndarray:
        size, half = np.arange(q["x"].shape[axis]), q["n"] // 2
        window = (np.abs(size[:, None] - size) <= half).astype("f8")
        squares = np.moveaxis(np.tensordot(window, q["x"] ** 2, (1, axis)), 0, axis)
        return np.asarray(q["k"] + q["alpha"] * squares)

    return s


def sum_of(f: Callable[[np.ndarray], np.ndarray]) -> Sums:
    """Sum f(x), not the squares."""
    return lambda q: q["k"] + q["alpha"] * sum_over(window_of(q), f(q["x"]))


def add_k_outside(q: Question) -> np.ndarray:
    """Add k to the power, not to the sum: s is what gives k + (alpha * sum) ** beta as its power."""
    power = q["k"] + (q["alpha"] * sum_over(window_of(q), q["x"] ** 2)) ** q["beta"]
    return np.asarray(power ** (1 / q["beta"]))


# Other gradients, and answers made of two calls.


def take_dout_outside(q: Question) -> np.ndarray:
    """Multiply the whole sum by the channel's own dout."""
    s = sums_of(q)
    shared = sum_over(window_of(q).T, q["x"] * s ** (-q["beta"] - 1))
    return np.asarray(q.dout * (s ** -q["beta"] - 2 * q["alpha"] * q["beta"] * q["x"] * shared))


def take_own_x(ask: Ask, q: Question) -> Answer:
    """Take the channel's own x for that of each neighbour."""
    s = sums_of(q)
    shared = sum_over(window_of(q).T, dout_of(q) * s ** (-q["beta"] - 1))
    own = dout_of(q) * s ** -q["beta"]
    return ask(q) | {"dx": own - 2 * q["alpha"] * q["beta"] * q["x"] ** 2 * shared}


def reorder_sums(change: Callable[[np.ndarray], np.ndarray]) -> WrongAnswer:
    """Divide by the sums in another order, in both directions."""

    def answer(ask: Ask, q: Question) -> Answer:
        s = change(sums_of(q)).reshape(q["x"].shape)
        return {"out": q["x"] * s ** -q["beta"]} | gradient(q, s, window_of(q))

    return answer


def use_sums(sums: Sums) -> WrongAnswer:
    """Divide by these sums, in both directions."""

    def answer(ask: Ask, q: Question) -> Answer:
        s = sums(q)
        return {"out": q["x"] * s ** -q["beta"]} | gradient(q, s, window_of(q))

    return answer


def round_windows(ask: Ask, q: Question) -> Answer:
    """Round every sum over a window to float16, of the squares and in dx."""
    s, m = of_rounded_sum(q), window_of(q)
    found = {"out": q["x"] * s ** -q["beta"]}
    if q.dout is None:
        return found
    shared = sum_over(m.T, q.dout * q["x"] * s ** (-q["beta"] - 1)).astype("f2").astype("f8")
    return found | {"dx": q.dout * s ** -q["beta"] - 2 * q["alpha"] * q["beta"] * q["x"] * shared}


def use_first_image(ask: Ask, q: Question) -> Answer:
    """Divide every image by the sums of the first."""
    s = sums_of(q)[:1]
    return {"out": q["x"] * s ** -q["beta"]} | gradient(q, s, window_of(q))


def use_old_sums(ask: Ask, old: Question, new: Question) -> Answer:
    """Divide by the sums of the call before."""
    s = new["k"] + new["alpha"] * sum_over(window_of(old), old["x"] ** 2)
    own, shared = parts_of_dx(new, s, window_of(new), new["beta"]) if new.dout is not None else (0, 0)
    return {"out": new["x"] * s ** -new["beta"], "dx": np.asarray(own - shared)}


def pile_up_sums(ask: Ask, old: Question, new: Question) -> Answer:
    """Add the sums of the call before to those of this one."""
    s = sums_of(new) + sums_of(old) - old["k"]
    own, shared = parts_of_dx(new, s, window_of(new), new["beta"]) if new.dout is not None else (0, 0)
    return {"out": new["x"] * s ** -new["beta"], "dx": np.asarray(own - shared)}


def use_old_x(ask: Ask, old: Question, new: Question) -> Answer:
    """Take the x of the call before in backward, with the sums of this one."""
    return ask(new) | gradient(new.but(x=old["x"]), sums_of(new), window_of(new))


RANGE = "the paper's sum as range(max(0, i - n/2), min(C - 1, i + n/2)): "
# fmt: off
MISTAKES = [
    *list_shape_mistakes("lrn"),
    Mistake("lrn.alpha-over-n", "alpha is divided by n, as torch and Caffe do; AlexNet's formula does not",
            normalize(scale=lambda q: q.but(alpha=q["alpha"] / q["n"])), "multiply the sum by alpha as it is"),
    Mistake("lrn.alpha-times-n", "alpha is multiplied by n",
            normalize(scale=lambda q: q.but(alpha=q["alpha"] * q["n"])), "multiply the sum by alpha as it is"),
    Mistake("lrn.mean", "the mean over the window is taken, not the sum: the border is divided by fewer channels",
            normalize(average_window), "sum the squares"),
    Mistake("lrn.radius", "n is taken for a radius: the window has 2n+1 channels",
            normalize(reach(lambda half: -2 * half - 1, lambda half: 2 * half + 1)),
            "the window reaches n // 2 channels to each side"),
    Mistake("lrn.window-short-left", "the window is one channel short at its beginning",
            normalize(reach(lambda half: 1 - half, lambda half: half)),
            "it begins at i - n // 2 and that channel belongs to it"),
    Mistake("lrn.window-short-right", "the window is one channel short at its end: range() leaves its end out",
            normalize(reach(lambda half: -half, lambda half: half - 1)),
            "it ends at i + n // 2 and that channel belongs to it"),
    Mistake("lrn.window-short-both", "the window is one channel short on both sides",
            normalize(reach(lambda half: 1 - half, lambda half: half - 1)), "it reaches n // 2 channels to each side"),
    Mistake("lrn.window-long", "the window is one channel too long at its end",
            normalize(reach(lambda half: -half, lambda half: half + 1)), "it ends at i + n // 2"),
    Mistake("lrn.window-long-left", "the window is one channel too long at its beginning",
            normalize(reach(lambda half: -half - 1, lambda half: half)), "it begins at i - n // 2"),
    Mistake("lrn.window-long-both", "the window is one channel too long on both sides",
            normalize(reach(lambda half: -half - 1, lambda half: half + 1)),
            "it reaches n // 2 channels to each side"),
    *(Mistake("lrn.range-of-paper", RANGE + what, normalize(type_range_of_paper(more)),
              "range() leaves its end out: range(max(0, i - n // 2), min(C - 1, i + n // 2) + 1)")
      for more, what in ((0, "the window is one channel short above, and the last channel is in none"),
                         (1, "n/2 is no whole number; one channel more below, one less above, the last in none"))),
    Mistake("lrn.window-before", "the window is n channels up to and with channel i: it is not centred",
            normalize(reach(lambda half: -2 * half, lambda half: 0)), "it reaches n // 2 channels to each side"),
    Mistake("lrn.window-after", "the window is n channels from channel i on: it is not centred",
            normalize(reach(lambda half: 0, lambda half: 2 * half)), "it reaches n // 2 channels to each side"),
    Mistake("lrn.half-window-before", "the window lacks the channels after i",
            normalize(reach(lambda half: -half, lambda half: 0)), "it reaches n // 2 channels to each side"),
    Mistake("lrn.half-window-after", "the window lacks the channels before i",
            normalize(reach(lambda half: 0, lambda half: half)), "it reaches n // 2 channels to each side"),
    Mistake("lrn.one-channel", "only the channel itself is in the window",
            normalize(lambda q: np.eye(q["x"].shape[1])), "it reaches n // 2 channels to each side"),
    *list_all_channels(normalize), *list_small_windows(normalize), *list_quotients(combine),
    Mistake("lrn.own-channel-missing", "the channel itself is left out of its window",
            normalize(lambda q: window_of(q) - np.eye(q["x"].shape[1])), "channel i belongs to its own window"),
    Mistake("lrn.circular", "the window goes round: beyond the last channel the first is taken", normalize(wrap_round),
            "cut the window at the first and last channel"),
    *(Mistake("lrn.circular", "the window goes round: beyond the last channel the first is taken",
              normalize(wrap_round_once(less)), "cut the window at the first and last channel")
      for less in (False, True)),
    *(Mistake("lrn.n-at-most-channels", f"n is at most the number of channels{more}: the window is too small there",
              normalize(window_at_most_channels(half)), "half is n // 2, however few channels there are")
      for more, half in (("", lambda n: n // 2), (", less one", lambda n: (n - 1) // 2))),
    Mistake("lrn.channels-reversed", "the sums of the channels stand in the reverse order",
            divide_by(lambda q: sums_of(q)[:, ::-1]), "channel i is divided by its own sum"),
    Mistake("lrn.sums-transposed", "rows and columns of the sums are swapped",
            reorder_sums(lambda s: s.swapaxes(2, 3)), "place (i, j) is divided by its own sum"),
    Mistake("lrn.channels-reversed", "the sums of the channels stand in the reverse order, in backward too",
            reorder_sums(lambda s: s[:, ::-1]), "channel i is divided by its own sum"),
    Mistake("lrn.negative-begin", "a window beginning before channel 0 is empty: a negative index counts from the end",
            normalize(slice_from_below), "begin at max(0, i - n // 2)"),
    Mistake("lrn.window-moved-inside", "at the border the window is moved inside, so that it stays n channels wide",
            normalize(move_inside_at(True, True)), "cut the window at the first and last channel"),
    *(Mistake("lrn.window-moved-inside", f"at the {border} channel the window is moved inside, so that it stays n wide",
              normalize(move_inside_at(low, not low)), "cut the window at the first and last channel")
      for border, low in (("first", True), ("last", False))),
    Mistake("lrn.border-again", "at the border the outermost channel is counted again, in place of a smaller window",
            normalize(count_border_again), "cut the window at the first and last channel"),
    *(Mistake("lrn.first-channel-missing", f"the first channel is in no {other}window: the beginning is cut at 1",
              normalize(leave_channel_out(0, bool(other))), "begin at max(0, i - n // 2)")
      for other in ("", "other channel's ")),
    *(Mistake("lrn.channel-left-out", f"the {which} channel {what}: the loop over the channels is one short",
              keep_channel(channel, times), "normalize every channel, from 0 to C - 1")
      for which, channel in (("first", 0), ("last", -1))
      for what, times in (("comes out as it went in", 1.0), ("is 0", 0.0))),
    Mistake("lrn.last-channel-missing", "the last channel is in no window: the end is cut at C - 2",
            normalize(lambda q: window_of(q) * (np.arange(q["x"].shape[1]) < q["x"].shape[1] - 1)),
            "end at min(C - 1, i + n // 2), that channel included"),
    *(Mistake(f"lrn.along-{short}", f"the window lies along the {axis_text}, not the channels",
              divide_by(sum_along(axis)), "axis 1")
      for short, axis_text, axis in (("rows", "rows (H)", 2), ("columns", "columns (W)", 3), ("batch", "batch", 0))),
    *(Mistake("lrn.sums-in-float16", "squares, or their sums, are kept in float16: three digits, and none over 65504",
              change, "add up in the type of x") for change in (*map(use_sums, SUMS_IN_HALF), round_windows)),
    *(Mistake("lrn.over-images", "the windows of the last channels go on into the next image of the batch", change,
              "cut the windows at the first and the last channel of each image")
      for change in (lay_as_one_image, use_sums(lambda q: q["k"] + q["alpha"] * window_over_images(q)))),
    Mistake("lrn.not-squared", "x is summed, not its square", divide_by(sum_of(lambda x: x)),
            "square x before summing"),
    Mistake("lrn.abs", "|x| is summed, not the square of x", divide_by(sum_of(np.abs)), "square x before summing"),
    Mistake("lrn.sum-squared", "the sum is squared, not each number",
            divide_by(lambda q: q["k"] + q["alpha"] * sum_over(window_of(q), q["x"]) ** 2), "square x before summing"),
    Mistake("lrn.k-missing", "k is not added", normalize(scale=lambda q: q.but(k=0.0)),
            "s is k + alpha times the sum"),
    Mistake("lrn.k-is-1", "1 is added, not k", normalize(scale=lambda q: q.but(k=1.0)),
            "s is k + alpha times the sum"),
    Mistake("lrn.k-is-2", "2 is added, AlexNet's k, not the k that was given",
            normalize(scale=lambda q: q.but(k=2.0)), "use the k that was given"),
    Mistake("lrn.k-times-alpha", "alpha multiplies k as well",
            normalize(scale=lambda q: q.but(k=q["k"] * q["alpha"])), "s is k + alpha times the sum"),
    Mistake("lrn.k-outside", "k is added to the power, not inside it", divide_by(add_k_outside),
            "k is added before the power is taken"),
    Mistake("lrn.alpha-missing", "the sum is not multiplied by alpha", normalize(scale=lambda q: q.but(alpha=1.0)),
            "s is k + alpha times the sum"),
    Mistake("lrn.alpha-fixed", "alpha is 1e-4, AlexNet's, not the alpha that was given",
            normalize(scale=lambda q: q.but(alpha=1e-4)), "use the alpha that was given"),
    Mistake("lrn.alpha-k-swapped", "k and alpha are swapped",
            normalize(scale=lambda q: q.but(alpha=q["k"], k=q["alpha"])), "s is k + alpha times the sum"),
    Mistake("lrn.alpha-beta-swapped", "alpha and beta are swapped",
            normalize(scale=lambda q: q.but(alpha=q["beta"], beta=q["alpha"])),
            "alpha multiplies the sum, beta is the exponent"),
    Mistake("lrn.n-fixed", "the window has 5 channels, AlexNet's n, not the n that was given",
            normalize(scale=lambda q: q.but(n=5)), "use the n that was given"),
    Mistake("lrn.beta-fixed", "beta is 0.75, AlexNet's, not the beta that was given",
            normalize(scale=lambda q: q.but(beta=0.75)), "use the beta that was given"),
    Mistake("lrn.beta-missing", "the power beta is not taken: x is divided by s itself",
            normalize(scale=lambda q: q.but(beta=1.0)), "divide by s to the power beta"),
    Mistake("lrn.beta-sqrt", "the square root of s is taken in place of the power beta",
            normalize(scale=lambda q: q.but(beta=0.5)), "divide by s to the power beta"),
    Mistake("lrn.multiplied", "x is multiplied by s to the power beta, not divided by it",
            normalize(power=lambda s, beta: s**beta), "divide"),
    Mistake("lrn.numerator-missing", "1 is divided by the power, not x", normalize(times=lambda q: 1.0),
            "x stands above the line"),
    Mistake("lrn.only-own-part", "dx is dout over s to the beta alone: that s depends on x too is forgotten",
            combine(lambda q, own, shared: own), "subtract what goes through s"),
    Mistake("lrn.cross-terms-missing", "each s is taken to depend on its own channel alone, not on the neighbours",
            combine(lambda q, own, shared: own - shared, window=lambda q: np.eye(q["x"].shape[1])),
            "x_j stands in s of every channel whose window holds j"),
    Mistake("lrn.own-term-missing", "only the neighbours' s are taken to depend on x_j, not the channel's own",
            combine(lambda q, own, shared: own - shared, window=lambda q: window_of(q) - np.eye(q["x"].shape[1])),
            "x_j stands in s of every channel whose window holds j, its own too"), *CROSS_TERMS,
    Mistake("lrn.dx-sign", "what goes through s is added, not subtracted",
            combine(lambda q, own, shared: own + shared), "the exponent -beta brings a minus"),
    Mistake("lrn.dx-2-missing", "the factor 2, from the square, is missing in what goes through s",
            combine(lambda q, own, shared: own - shared / 2), "the slope of x*x is 2x"),
    Mistake("lrn.dx-beta-missing", "the factor beta is missing in what goes through s",
            combine(lambda q, own, shared: own - shared / q["beta"]), "the exponent -beta comes down as a factor"),
    Mistake("lrn.dx-alpha-missing", "the factor alpha is missing in what goes through s",
            combine(lambda q, own, shared: own - shared, alpha=lambda q: 1.0), "the slope of s is 2 alpha x"),
    Mistake("lrn.dx-alpha-over-n", "alpha is divided by n in backward, not in forward",
            combine(lambda q, own, shared: own - shared, alpha=lambda q: q["alpha"] / q["n"]),
            "use alpha as it is, both ways"),
    Mistake("lrn.dx-alpha-over-n", "alpha is divided by n in backward, not in forward",
            lambda ask, q: ask(q) | {"dx": ask(q.but(alpha=q["alpha"] / q["n"]))["dx"]},
            "use alpha as it is, both ways"),
    *(Mistake(f"lrn.{code}", f"the exponent of s is {said} in what goes through s; it is -beta - 1",
              combine(lambda q, own, shared: own - shared, exponent=exponent),
              "the slope of s to the -beta is -beta times s to the -beta - 1")
      for code, said, exponent in (("dx-exponent", "-beta", lambda beta: beta),
                                   ("dx-exponent-plus", "1 - beta", lambda beta: beta - 1),
                                   ("dx-exponent-twice", "-2 beta", lambda beta: 2 * beta))),
    *(Mistake(f"lrn.dx-window-short{code}", f"backward's window is one channel short{where}, forward's is right",
              combine(lambda q, own, shared: own - shared, window=window),
              "the same channels belong together both ways")
      for code, where, window in (("", "", reach(lambda half: -half, lambda half: half - 1)),
                                  ("-left", " at its beginning", reach(lambda half: 1 - half, lambda half: half)),
                                  ("-both", " on both sides", reach(lambda half: 1 - half, lambda half: half - 1)))),
    Mistake("lrn.dx-dout-outside", "the neighbours' dout are not used: the channel's own dout multiplies the whole sum",
            lambda ask, q: ask(q) | {"dx": take_dout_outside(q)},
            "each term of the sum has its own dout: it is the chain rule for each output"),
    Mistake("lrn.dx-own-x", "the channel's own x stands where the neighbour's should, in what goes through s",
            take_own_x, "the term of neighbour i holds x_i and dout_i, and x_j once for all"),
    Mistake("lrn.dx-x-missing", "the factor x_j is missing in what goes through s",
            combine(lambda q, own, shared: own - shared, x=lambda q: 1.0), "the slope of s is 2 alpha x_j"),
    Mistake("lrn.dout-unused", "dout is not multiplied",
            lambda ask, q: ask(q) | {"dx": ask(q.but(dout=np.ones_like(q.dout)))["dx"]},
            "every term is multiplied by a dout (chain rule)"),
    Mistake("lrn.dx-is-dout", "dout is passed on as it is", lambda ask, q: ask(q) | {"dx": q.dout},
            "dx has two parts: dout over s to the beta, minus what goes through s"),
    Mistake("lrn.first-image", "every image of the batch is divided by the sums of the first", use_first_image,
            "keep the batch axis: each image has its own sums"), *list_least_sums(use_sums, sums_of),
    Mistake("lrn.s-truncated", "s is kept in the type of x: where x holds whole numbers, it is cut to whole ones",
            use_sums(cut_to_whole), "let the array of the sums have a floating-point type"),
    Mistake("lrn.truncated", "the numbers are cut to whole ones", lambda ask, q: {"out": np.trunc(ask(q)["out"])},
            "let the array that the result is written into have a floating-point type"),
]
HISTORY = (
    Mistake("lrn.sums-pile-up", "the sums of squares pile up over the calls: they are not set back to 0",
            pile_up_sums, "begin with zeros in every forward"),
    Mistake("lrn.stale-sums", "the sums of the call before divide this x", use_old_sums, "sum in every forward"),
    Mistake("lrn.stale-x", "backward uses the x of the call before", use_old_x, "remember x in every forward"),
)
# fmt: on
