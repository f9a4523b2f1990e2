"""scipy: correlate2d channel by channel, maximum_filter, correlate1d over channels. Forward only."""

import numpy as np
from scipy import ndimage, signal


def convolution(q):
    p, s = q["pad"], q["stride"]
    xp = np.pad(q["x"].astype("f8"), [(0, 0), (0, 0), (p, p), (p, p)])
    one = lambda image, filt: sum(signal.correlate2d(i, f, "valid") for i, f in zip(image, filt))[::s, ::s]
    return {"out": np.array([[one(image, f) + b for f, b in zip(q["W"], q["b"])] for image in xp])}


def pooling(q):
    p, s, h, w = (q[k] for k in ("pad", "stride", "pool_h", "pool_w"))
    xp = np.pad(q["x"].astype("f8"), [(0, 0), (0, 0), (p, p), (p, p)], constant_values=-np.inf)
    best = ndimage.maximum_filter(xp, (1, 1, h, w), origin=(0, 0, -((h) // 2), -((w) // 2)))
    return {"out": best[:, :, : xp.shape[2] - h + 1 : s, : xp.shape[3] - w + 1 : s]}


def lrn(q):
    x = q["x"].astype("f8")
    near = ndimage.correlate1d(x * x, np.ones(q["n"] // 2 * 2 + 1), axis=1, mode="constant")
    return {"out": x * (q["k"] + q["alpha"] * near) ** -q["beta"]}


ANSWERS = {"convolution": convolution, "pooling": pooling, "lrn": lrn}
