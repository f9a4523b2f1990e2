"""LRN: its formula in parts, any of which can be put in wrongly."""

from itertools import product

import numpy as np


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
