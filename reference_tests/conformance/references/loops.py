"""The formulas as they stand in the book, one window at a time. Slow and plain on purpose."""

import numpy as np

from ...subject.protocol import Answer, Question

Place = tuple[int, int, int, slice, slice]  # image, output row and column, the window's rows and columns


def steps(size: int, window: int, stride: int, pad: int) -> list[int]:
    """Where a window starts along one axis of the padded input."""
    return list(range(0, size + 2 * pad - window + 1, stride))


def windows(q: Question, fh: int, fw: int, fill: float = 0.0) -> tuple[list[Place], np.ndarray, int, int]:
    """Every window, the padded input, OH and OW. Without an input: a padded place to add into."""
    x = np.asarray(q["x" if "x" in q.arrays else "input_data"], "f8") if "col" not in q.arrays else zeros(q)
    s, p = q["stride"], q["pad"]
    rows, columns = (steps(size, f, s, p) for size, f in zip(x.shape[2:], (fh, fw), strict=True))
    at = [
        (n, i, j, slice(y, y + fh), slice(z, z + fw))
        for n in range(len(x))
        for i, y in enumerate(rows)
        for j, z in enumerate(columns)
    ]
    return at, padded(x, p, fill), len(rows), len(columns)


def zeros(q: Question) -> np.ndarray:
    return np.zeros(q["input_shape"])


def padded(x: np.ndarray, p: int, fill: float = 0.0) -> np.ndarray:
    wide = np.full((*x.shape[:2], x.shape[2] + 2 * p, x.shape[3] + 2 * p), fill)
    wide[:, :, p : p + x.shape[2], p : p + x.shape[3]] = x
    return wide


def crop(a: np.ndarray, p: int) -> np.ndarray:
    return a[:, :, p : a.shape[2] - p, p : a.shape[3] - p]


def shapes(q: Question) -> Answer:
    return {"out": np.array(len(steps(q["input_size"], q["filter_size"], q["stride"], q["pad"])))}


def im2col(q: Question) -> Answer:
    at, xp, _, _ = windows(q, q["filter_h"], q["filter_w"])
    rows = [xp[n, :, r, c].ravel() for n, _, _, r, c in at]
    return {"out": np.array(rows).reshape(len(at), xp.shape[1] * q["filter_h"] * q["filter_w"])}


def col2im(q: Question) -> Answer:
    fh, fw = q["filter_h"], q["filter_w"]
    at, xp, _, _ = windows(q, fh, fw)
    for row, (n, _, _, r, c) in zip(q["col"], at, strict=True):
        xp[n, :, r, c] += row.reshape(-1, fh, fw)
    return {"out": crop(xp, q["pad"])}


def convolution(q: Question) -> Answer:
    """Each output place is sum(W * window) + b; each gradient is where that place came from, times dout there."""
    W, b = q["W"].astype("f8"), q["b"].astype("f8")
    at, xp, oh, ow = windows(q, *W.shape[2:])
    out = np.zeros((len(xp), len(W), oh, ow))
    for n, i, j, r, c in at:
        out[n, :, i, j] = (W * xp[n, :, r, c]).sum(axis=(1, 2, 3)) + b
    if q.dout is None:
        return {"out": out}
    dx, dW, db = np.zeros_like(xp), np.zeros_like(W), np.zeros_like(b)
    for n, i, j, r, c in at:
        g = q.dout[n, :, i, j].astype("f8")
        dx[n, :, r, c] += np.einsum("f,fcyx->cyx", g, W)
        dW += np.einsum("f,cyx->fcyx", g, xp[n, :, r, c])
        db += g
    return {"out": out, "dx": crop(dx, q["pad"]), "dW": dW, "db": db}


def pooling(q: Question) -> Answer:
    """The largest of each window; what pads is smaller than anything. The first of equals gets the gradient."""
    h, w = q["pool_h"], q["pool_w"]
    at, xp, oh, ow = windows(q, h, w, -np.inf)
    channels = np.arange(xp.shape[1])
    out, dx = np.zeros((*xp.shape[:2], oh, ow)), np.zeros_like(xp)
    for n, i, j, r, c in at:
        window = xp[n, :, r, c].reshape(-1, h * w)
        out[n, :, i, j] = window.max(axis=1)
        if q.dout is not None:
            y, z = np.divmod(window.argmax(axis=1), w)
            dx[n, channels, r.start + y, c.start + z] += q.dout[n, :, i, j]
    return {"out": out, "dx": crop(dx, q["pad"])} if q.dout is not None else {"out": out}


def average_pooling(q: Question) -> Answer:
    """The sum of each window through its size, padded zeros included; each place gets its share of the gradient."""
    h, w = q["pool_h"], q["pool_w"]
    at, xp, oh, ow = windows(q, h, w)
    out, dx = np.zeros((*xp.shape[:2], oh, ow)), np.zeros_like(xp)
    for n, i, j, r, c in at:
        out[n, :, i, j] = xp[n, :, r, c].sum(axis=(1, 2)) / (h * w)
        if q.dout is not None:
            dx[n, :, r, c] += q.dout[n, :, i, j, None, None] / (h * w)
    return {"out": out, "dx": crop(dx, q["pad"])} if q.dout is not None else {"out": out}


ANSWERS = {f.__name__: f for f in (shapes, im2col, col2im, convolution, pooling, average_pooling)}
