"""LRN: its formula in parts, any of which can be put in wrongly."""

from itertools import product

import numpy as np

from ..types import Mistake
from .changes import of_shape


def near(q):
    """(C, C): whether channel j is in the window of channel i."""
    c = np.arange(q["x"].shape[1])
    return (np.abs(c[:, None] - c) <= q["n"] // 2).astype("f8")


def over(window, a):
    """The sum over each channel's window."""
    return np.einsum("ij,njhw->nihw", window, a)


def slopes(q, s, window, beta):
    """The two parts of dx: through the channel itself, and through every window that holds it."""
    shared = over(window.T, q.dout * q["x"] * s ** (-beta - 1))
    return q.dout * s**-beta, 2 * q["alpha"] * beta * q["x"] * shared


# Mistakes: a forward made of one wrong part, and the backward that belongs to it; then wrong backwards.


def of_window(window=near, power=lambda s, beta: s**-beta, scale=lambda q: q, times=lambda q: q["x"]):
    """Forward and backward with another window matrix, another use of beta, or other parameters."""

    def answer(ask, q):
        q = scale(q)
        m = window(q)
        s = q["k"] + q["alpha"] * over(m, q["x"] ** 2)
        out = {"out": times(q) * power(s, q["beta"])}
        if q.dout is None:
            return out
        own, shared = slopes(q, s, m, q["beta"])
        return out | {"dx": own - shared}

    return answer


def of_s(s):
    """The mistake of another s(q); of the output alone."""
    return lambda ask, q: {"out": q["x"] * s(q) ** -q["beta"]}


def of_parts(f, power=1.0, window=near, alpha=lambda q: q["alpha"], x=lambda q: q["x"]):
    """The output is right; dx is f(q, own part, shared part)."""

    def answer(ask, q):
        right = ask(q)
        s = q["k"] + q["alpha"] * over(near(q), q["x"] ** 2)
        shared = over(window(q), q.dout * q["x"] * s ** (-q["beta"] - power))
        return right | {"dx": f(q, q.dout * s ** -q["beta"], 2 * alpha(q) * q["beta"] * x(q) * shared)}

    return answer


def band(low, high):
    """Channels i+low .. i+high(half), half = n // 2."""

    def window(q):
        c, half = np.arange(q["x"].shape[1]), q["n"] // 2
        away = c - c[:, None]
        return ((away >= low(half)) & (away <= high(half))).astype("f8")

    return window


def circular(q):
    c, half = q["x"].shape[1], q["n"] // 2
    window = np.zeros((c, c))
    for i, away in product(range(c), range(-half, half + 1)):
        window[i, (i + away) % c] += 1
    return window


def sliced_from_below(q):
    """x[:, i - half : i + half + 1] with a negative beginning, which Python counts from the end."""
    c, half = np.arange(q["x"].shape[1]), q["n"] // 2
    return np.array([np.isin(c, c[i - half : i + half + 1]) for i in c], "f8")


def mean_of_window(q):
    m = near(q)
    return m / m.sum(1, keepdims=True)


def filled_at_border(q):
    """The first or last window that fits is used at the border."""
    c, n = np.arange(q["x"].shape[1]), q["n"]
    start = np.clip(c - n // 2, 0, max(0, len(c) - n))[:, None]
    return ((c >= start) & (c < start + n)).astype("f8")


def along(axis):
    """The window lies along another axis of x."""

    def s(q):
        size, half = np.arange(q["x"].shape[axis]), q["n"] // 2
        window = (np.abs(size[:, None] - size) <= half).astype("f8")
        squares = np.moveaxis(np.tensordot(window, q["x"] ** 2, (1, axis)), 0, axis)
        return q["k"] + q["alpha"] * squares

    return s


def summed(f):
    return lambda q: q["k"] + q["alpha"] * over(near(q), f(q["x"]))


def outside(q):
    s = q["k"] + q["alpha"] * over(near(q), q["x"] ** 2)
    shared = over(near(q).T, q["x"] * s ** (-q["beta"] - 1))
    return q.dout * (s ** -q["beta"] - 2 * q["alpha"] * q["beta"] * q["x"] * shared)


def first_image(ask, q):
    """The sums of the first image, for all."""
    s = (q["k"] + q["alpha"] * over(near(q), q["x"] ** 2))[:1]
    out = {"out": q["x"] * s ** -q["beta"]}
    if q.dout is None:
        return out
    own, shared = slopes(q, s, near(q), q["beta"])
    return out | {"dx": own - shared}


def sums_before(ask, old, new):
    """The sums of the call before, with the x of this one."""
    s = new["k"] + new["alpha"] * over(near(old), old["x"] ** 2)
    own, shared = slopes(new, s, near(new), new["beta"]) if new.dout is not None else (0, 0)
    return {"out": new["x"] * s ** -new["beta"], "dx": own - shared}


def x_before(ask, old, new):
    """The x of the call before in backward, with the sums of this one."""
    s = new["k"] + new["alpha"] * over(near(new), new["x"] ** 2)
    if new.dout is None:
        return ask(new)
    own, shared = slopes(new.but(x=old["x"]), s, near(new), new["beta"])
    return ask(new) | {"dx": own - shared}


def cut(ask, q):
    return {k: np.trunc(a) for k, a in ask(q).items() if k == "out"}


# fmt: off
MISTAKES = [
    *of_shape("lrn"),
    Mistake("lrn.alpha-over-n", "alpha is divided by n, as torch and Caffe do; AlexNet's formula does not",
            of_window(scale=lambda q: q.but(alpha=q["alpha"] / q["n"])), "multiply the sum by alpha as it is"),
    Mistake("lrn.alpha-times-n", "alpha is multiplied by n",
            of_window(scale=lambda q: q.but(alpha=q["alpha"] * q["n"])), "multiply the sum by alpha as it is"),
    Mistake("lrn.mean", "the mean over the window is taken, not the sum: the border is divided by fewer channels",
            of_window(mean_of_window), "sum the squares"),
    Mistake("lrn.radius", "n is taken for a radius: the window has 2n+1 channels",
            of_window(band(lambda half: -2 * half - 1, lambda half: 2 * half + 1)),
            "the window reaches n // 2 channels to each side"),
    Mistake("lrn.window-short-left", "the window is one channel short at its beginning",
            of_window(band(lambda half: 1 - half, lambda half: half)),
            "it begins at i - n // 2 and that channel belongs to it"),
    Mistake("lrn.window-short-right", "the window is one channel short at its end: range() leaves its end out",
            of_window(band(lambda half: -half, lambda half: half - 1)),
            "it ends at i + n // 2 and that channel belongs to it"),
    Mistake("lrn.window-short-both", "the window is one channel short on both sides",
            of_window(band(lambda half: 1 - half, lambda half: half - 1)), "it reaches n // 2 channels to each side"),
    Mistake("lrn.window-long", "the window is one channel too long at its end",
            of_window(band(lambda half: -half, lambda half: half + 1)), "it ends at i + n // 2"),
    Mistake("lrn.window-before", "the window is n channels up to and with channel i: it is not centred",
            of_window(band(lambda half: -2 * half, lambda half: 0)), "it reaches n // 2 channels to each side"),
    Mistake("lrn.window-after", "the window is n channels from channel i on: it is not centred",
            of_window(band(lambda half: 0, lambda half: 2 * half)), "it reaches n // 2 channels to each side"),
    Mistake("lrn.half-window-before", "the window lacks the channels after i",
            of_window(band(lambda half: -half, lambda half: 0)), "it reaches n // 2 channels to each side"),
    Mistake("lrn.half-window-after", "the window lacks the channels before i",
            of_window(band(lambda half: 0, lambda half: half)), "it reaches n // 2 channels to each side"),
    Mistake("lrn.one-channel", "only the channel itself is in the window",
            of_window(lambda q: np.eye(q["x"].shape[1])), "it reaches n // 2 channels to each side"),
    Mistake("lrn.all-channels", "all channels are summed", of_window(lambda q: np.ones((q["x"].shape[1],) * 2)),
            "the window reaches n // 2 channels to each side"),
    Mistake("lrn.own-channel-missing", "the channel itself is left out of its window",
            of_window(lambda q: near(q) - np.eye(q["x"].shape[1])), "channel i belongs to its own window"),
    Mistake("lrn.circular", "the window goes round: beyond the last channel the first is taken", of_window(circular),
            "cut the window at the first and last channel"),
    Mistake("lrn.negative-begin", "a window beginning before channel 0 is empty: a negative index counts from the end",
            of_window(sliced_from_below), "begin at max(0, i - n // 2)"),
    Mistake("lrn.window-moved-inside", "at the border the window is moved inside, so that it stays n channels wide",
            of_window(filled_at_border), "cut the window at the first and last channel"),
    Mistake("lrn.last-channel-missing", "the last channel is in no window: the end is cut at C - 2",
            of_window(lambda q: near(q) * (np.arange(q["x"].shape[1]) < q["x"].shape[1] - 1)),
            "end at min(C - 1, i + n // 2), that channel included"),
    Mistake("lrn.along-rows", "the window lies along the rows (H), not the channels", of_s(along(2)), "axis 1"),
    Mistake("lrn.along-columns", "the window lies along the columns (W), not the channels", of_s(along(3)), "axis 1"),
    Mistake("lrn.along-batch", "the window lies along the batch, not the channels", of_s(along(0)), "axis 1"),
    Mistake("lrn.not-squared", "x is summed, not its square", of_s(summed(lambda x: x)), "square x before summing"),
    Mistake("lrn.abs", "|x| is summed, not the square of x", of_s(summed(np.abs)), "square x before summing"),
    Mistake("lrn.sum-squared", "the sum is squared, not each number",
            of_s(lambda q: q["k"] + q["alpha"] * over(near(q), q["x"]) ** 2), "square x before summing"),
    Mistake("lrn.k-missing", "k is not added", of_window(scale=lambda q: q.but(k=0.0)),
            "s is k + alpha times the sum"),
    Mistake("lrn.k-is-1", "1 is added, not k", of_window(scale=lambda q: q.but(k=1.0)),
            "s is k + alpha times the sum"),
    Mistake("lrn.k-is-2", "2 is added, AlexNet's k, not the k that was given",
            of_window(scale=lambda q: q.but(k=2.0)), "use the k that was given"),
    Mistake("lrn.k-times-alpha", "alpha multiplies k as well",
            of_window(scale=lambda q: q.but(k=q["k"] * q["alpha"])), "s is k + alpha times the sum"),
    Mistake("lrn.k-outside", "k is added to the power, not inside it",
            of_s(lambda q: (q["k"] + (q["alpha"] * over(near(q), q["x"] ** 2)) ** q["beta"]) ** (1 / q["beta"])),
            "k is added before the power is taken"),
    Mistake("lrn.alpha-missing", "the sum is not multiplied by alpha", of_window(scale=lambda q: q.but(alpha=1.0)),
            "s is k + alpha times the sum"),
    Mistake("lrn.alpha-fixed", "alpha is 1e-4, AlexNet's, not the alpha that was given",
            of_window(scale=lambda q: q.but(alpha=1e-4)), "use the alpha that was given"),
    Mistake("lrn.alpha-k-swapped", "k and alpha are swapped",
            of_window(scale=lambda q: q.but(alpha=q["k"], k=q["alpha"])), "s is k + alpha times the sum"),
    Mistake("lrn.alpha-beta-swapped", "alpha and beta are swapped",
            of_window(scale=lambda q: q.but(alpha=q["beta"], beta=q["alpha"])),
            "alpha multiplies the sum, beta is the exponent"),
    Mistake("lrn.n-fixed", "the window has 5 channels, AlexNet's n, not the n that was given",
            of_window(scale=lambda q: q.but(n=5)), "use the n that was given"),
    Mistake("lrn.beta-fixed", "beta is 0.75, AlexNet's, not the beta that was given",
            of_window(scale=lambda q: q.but(beta=0.75)), "use the beta that was given"),
    Mistake("lrn.beta-missing", "the power beta is not taken: x is divided by s itself",
            of_window(scale=lambda q: q.but(beta=1.0)), "divide by s to the power beta"),
    Mistake("lrn.beta-sqrt", "the square root of s is taken in place of the power beta",
            of_window(scale=lambda q: q.but(beta=0.5)), "divide by s to the power beta"),
    Mistake("lrn.multiplied", "x is multiplied by s to the power beta, not divided by it",
            of_window(power=lambda s, beta: s**beta), "divide"),
    Mistake("lrn.numerator-missing", "1 is divided by the power, not x", of_window(times=lambda q: 1.0),
            "x stands above the line"),
    Mistake("lrn.only-own-part", "dx is dout over s to the beta alone: that s depends on x too is forgotten",
            of_parts(lambda q, own, shared: own), "subtract what goes through s"),
    Mistake("lrn.cross-terms-missing", "each s is taken to depend on its own channel alone, not on the neighbours",
            of_parts(lambda q, own, shared: own - shared, window=lambda q: np.eye(q["x"].shape[1])),
            "x_j stands in s of every channel whose window holds j"),
    Mistake("lrn.own-term-missing", "only the neighbours' s are taken to depend on x_j, not the channel's own",
            of_parts(lambda q, own, shared: own - shared, window=lambda q: near(q) - np.eye(q["x"].shape[1])),
            "x_j stands in s of every channel whose window holds j, its own too"),
    Mistake("lrn.dx-sign", "what goes through s is added, not subtracted",
            of_parts(lambda q, own, shared: own + shared), "the exponent -beta brings a minus"),
    Mistake("lrn.dx-2-missing", "the factor 2, from the square, is missing in what goes through s",
            of_parts(lambda q, own, shared: own - shared / 2), "the slope of x*x is 2x"),
    Mistake("lrn.dx-beta-missing", "the factor beta is missing in what goes through s",
            of_parts(lambda q, own, shared: own - shared / q["beta"]), "the exponent -beta comes down as a factor"),
    Mistake("lrn.dx-alpha-missing", "the factor alpha is missing in what goes through s",
            of_parts(lambda q, own, shared: own - shared, alpha=lambda q: 1.0), "the slope of s is 2 alpha x"),
    Mistake("lrn.dx-alpha-over-n", "alpha is divided by n in backward, not in forward",
            of_parts(lambda q, own, shared: own - shared, alpha=lambda q: q["alpha"] / q["n"]),
            "use alpha as it is, both ways"),
    Mistake("lrn.dx-exponent", "the exponent of s is -beta in what goes through s; it is -beta - 1",
            of_parts(lambda q, own, shared: own - shared, power=0.0),
            "the slope of s to the -beta is -beta times s to the -beta - 1"),
    Mistake("lrn.dx-exponent-plus", "the exponent of s is 1 - beta in what goes through s; it is -beta - 1",
            of_parts(lambda q, own, shared: own - shared, power=-1.0),
            "the slope of s to the -beta is -beta times s to the -beta - 1"),
    Mistake("lrn.dx-window-short", "backward's window is one channel short, forward's is right",
            of_parts(lambda q, own, shared: own - shared, window=band(lambda half: -half, lambda half: half - 1)),
            "the same channels belong together both ways"),
    Mistake("lrn.dx-window-short-left", "backward's window is one channel short at its beginning, forward's is right",
            of_parts(lambda q, own, shared: own - shared, window=band(lambda half: 1 - half, lambda half: half)),
            "the same channels belong together both ways"),
    Mistake("lrn.dx-dout-outside", "the neighbours' dout are not used: the channel's own dout multiplies the whole sum",
            lambda ask, q: ask(q) | {"dx": outside(q)},
            "each term of the sum has its own dout: it is the chain rule for each output"),
    Mistake("lrn.dx-x-missing", "the factor x_j is missing in what goes through s",
            of_parts(lambda q, own, shared: own - shared, x=lambda q: 1.0), "the slope of s is 2 alpha x_j"),
    Mistake("lrn.dout-unused", "dout is not multiplied",
            lambda ask, q: ask(q) | {"dx": ask(q.but(dout=np.ones_like(q.dout)))["dx"]},
            "every term is multiplied by a dout (chain rule)"),
    Mistake("lrn.dx-is-dout", "dout is passed on as it is", lambda ask, q: ask(q) | {"dx": q.dout},
            "dx has two parts: dout over s to the beta, minus what goes through s"),
    Mistake("lrn.first-image", "every image of the batch is divided by the sums of the first", first_image,
            "keep the batch axis: each image has its own sums"),
    Mistake("lrn.truncated", "the numbers are cut to whole ones", cut,
            "let the array that the result is written into have a floating-point type"),
]
# fmt: on
HISTORY = (
    Mistake("lrn.stale-sums", "the sums of the call before divide this x", sums_before, "sum in every forward"),
    Mistake("lrn.stale-x", "backward uses the x of the call before", x_before, "remember x in every forward"),
)
