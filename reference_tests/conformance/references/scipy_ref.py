"""Layers by SciPy: correlate2d channel by channel, filters of ndimage, correlate1d over channels, special functions.

Outputs only, and softmax's gradient. scipy imports each of its parts when it is first used.
"""

import numpy as np
import scipy

from ...subject.protocol import Answer, Question


def padded(q: Question, fill: float = 0.0) -> np.ndarray:
    """Pad x (N, C, H, W) by q["pad"] on all four sides."""
    p = q["pad"]
    return np.pad(q["x"].astype("f8"), [(0, 0), (0, 0), (p, p), (p, p)], constant_values=fill)


def shapes(q: Question) -> Answer:
    """Correlate zeros with ones and count every stride-th place."""
    size, window = np.zeros(q["input_size"] + 2 * q["pad"]), np.ones(q["filter_size"])
    return {"out": np.array(len(scipy.signal.correlate(size, window, "valid", "direct")[:: q["stride"]]))}


def convolution(q: Question) -> Answer:
    """Add up correlate2d over the channels, and take every stride-th place."""
    xp, s, b = padded(q), q["stride"], q["b"].astype("f8")
    if not len(xp):
        return {}

    def one(image: np.ndarray, filt: np.ndarray) -> np.ndarray:
        channels = [scipy.signal.correlate2d(i, f, "valid") for i, f in zip(image, filt, strict=True)]
        return np.asarray(sum(channels))[::s, ::s]

    return {"out": np.array([[one(image, f) for f in q["W"]] for image in xp]) + b[:, None, None]}


def first_places(filtered: np.ndarray, q: Question) -> np.ndarray:
    """Pick, from an image filtered at every place, the numbers at the first place of each window."""
    h, w, s = q["pool_h"], q["pool_w"], q["stride"]
    return filtered[:, :, : filtered.shape[2] - h + 1 : s, : filtered.shape[3] - w + 1 : s]


def origin(q: Question) -> tuple[int, ...]:
    """Return by how much ndimage's centred window must move so that it begins at its place."""
    return 0, 0, -(q["pool_h"] // 2), -(q["pool_w"] // 2)


def pooling(q: Question) -> Answer:
    """Filter with maximum_filter; the padding is -infinity."""
    window = (1, 1, q["pool_h"], q["pool_w"])
    return {"out": first_places(scipy.ndimage.maximum_filter(padded(q, -np.inf), window, origin=origin(q)), q)}


def average_pooling(q: Question) -> Answer:
    """Correlate with a window of 1 / (pool_h * pool_w)."""
    window = np.full((1, 1, q["pool_h"], q["pool_w"]), 1 / (q["pool_h"] * q["pool_w"]))
    return {"out": first_places(scipy.ndimage.correlate(padded(q), window, mode="constant", origin=origin(q)), q)}


def sigmoid(q: Question) -> Answer:
    """Take expit of x."""
    return {"out": scipy.special.expit(q["x"])}


def softmax_with_loss(q: Question) -> Answer:
    """Average logsumexp(x) - x[t]; the gradient is (softmax(x) - t) / N."""
    x, classes = q["x"], np.arange(q["x"].shape[1])
    right = (q["t"].argmax(1) if q["t"].ndim == 2 else q["t"])[:, None] == classes
    if not len(x):
        return {}
    out = np.mean(scipy.special.logsumexp(x, axis=1) - x[right])
    return {"out": out, "dx": (scipy.special.softmax(x, axis=1) - right) / len(x)}


def lrn(q: Question) -> Answer:
    """Sum the squares over the window with correlate1d along the channels."""
    x = q["x"].astype("f8")
    if not x.size:
        return {}
    near = scipy.ndimage.correlate1d(x * x, np.ones(q["n"] // 2 * 2 + 1), axis=1, mode="constant")
    return {"out": x * (q["k"] + q["alpha"] * near) ** -q["beta"]}


def grouped_convolution(q: Question) -> Answer:
    """Convolve each group of channels with its group of filters."""
    x, W, groups = q["x"], q["W"], q["groups"]
    parts = [
        convolution(q.but(x=part, W=filters, b=b))
        for part, filters, b in zip(*(np.split(a, groups, axis) for a, axis in ((x, 1), (W, 0), (q["b"], 0))))
    ]
    return {"out": np.concatenate([p["out"] for p in parts], axis=1)} if len(x) else {}


def transposed_convolution(q: Question) -> Answer:
    """Convolve (W rotated, in full) the image with stride - 1 zeros between its pixels, then cut the padding off."""
    x, W, s, p = q["x"], q["W"], q["stride"], q["pad"]
    if not len(x):
        return {}
    wide = np.zeros((*x.shape[:2], *((size - 1) * s + 1 for size in x.shape[2:])))
    wide[:, :, ::s, ::s] = x
    full = np.array([[sum(map(scipy.signal.convolve2d, image, W[:, f])) for f in range(W.shape[1])] for image in wide])
    return {"out": full[:, :, p : full.shape[2] - p, p : full.shape[3] - p] + q["b"][:, None, None]}


FORMULAS = (
    shapes, convolution, pooling, average_pooling, sigmoid, softmax_with_loss, lrn, grouped_convolution,
    transposed_convolution,
)  # fmt: skip
ANSWERS = {f.__name__: f for f in FORMULAS}
