"""The formulas as they stand in the book, one output place at a time. Slow and plain on purpose."""

import numpy as np


def windows(q, fh, fw, fill=0.0):
    """(n, i, j, rows, columns) of every window in the padded input, and the padded input."""
    x = np.asarray(q["x"], "f8") if "x" in q.arrays else np.zeros(q["shape"])
    s, p = q["stride"], q["pad"]
    xp = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)], constant_values=fill)
    oh, ow = ((size - f) // s + 1 for size, f in zip(xp.shape[2:], (fh, fw)))
    at = [
        (n, i, j, slice(i * s, i * s + fh), slice(j * s, j * s + fw))
        for n in range(len(x))
        for i in range(oh)
        for j in range(ow)
    ]
    return at, xp, oh, ow


def crop(a, p):
    return a[:, :, p : a.shape[2] - p, p : a.shape[3] - p]


def im2col(q):
    at, xp, _, _ = windows(q, q["filter_h"], q["filter_w"])
    return {"out": np.array([xp[n, :, r, c].ravel() for n, _, _, r, c in at])}


def col2im(q):
    at, xp, _, _ = windows(q, q["filter_h"], q["filter_w"])
    for row, (n, _, _, r, c) in zip(q["col"], at):
        xp[n, :, r, c] += row.reshape(-1, q["filter_h"], q["filter_w"])
    return {"out": crop(xp, q["pad"])}


def convolution(q):
    W, b = q["W"].astype("f8"), q["b"].astype("f8")
    at, xp, oh, ow = windows(q, *W.shape[2:])
    out, dx, dW, db = np.zeros((len(xp), len(W), oh, ow)), np.zeros_like(xp), np.zeros_like(W), np.zeros_like(b)
    for n, i, j, r, c in at:
        for f in range(len(W)):
            out[n, f, i, j] = np.sum(W[f] * xp[n, :, r, c]) + b[f]
            if q.dout is not None:
                g = float(q.dout[n, f, i, j])
                dx[n, :, r, c] += g * W[f]
                dW[f] += g * xp[n, :, r, c]
                db[f] += g
    return {"out": out, "dx": crop(dx, q["pad"]), "dW": dW, "db": db} if q.dout is not None else {"out": out}


def pooling(q):
    at, xp, oh, ow = windows(q, q["pool_h"], q["pool_w"], -np.inf)
    out, dx = np.zeros((*xp.shape[:2], oh, ow)), np.zeros_like(xp)
    for n, i, j, r, c in at:
        for ch in range(xp.shape[1]):
            w = xp[n, ch, r, c]
            out[n, ch, i, j] = w.max()
            if q.dout is not None:
                y, x = np.unravel_index(w.argmax(), w.shape)
                dx[n, ch, r.start + y, c.start + x] += q.dout[n, ch, i, j]
    return {"out": out, "dx": crop(dx, q["pad"])} if q.dout is not None else {"out": out}


def lrn(q):
    x, half = q["x"].astype("f8"), q["n"] // 2
    near = [range(max(0, i - half), min(x.shape[1] - 1, i + half) + 1) for i in range(x.shape[1])]
    s = np.stack([q["k"] + q["alpha"] * sum(x[:, j] ** 2 for j in js) for js in near], axis=1)
    out = {"out": x * s ** -q["beta"]}
    if q.dout is None:
        return out
    dx = q.dout * s ** -q["beta"]
    for i, js in enumerate(near):  # b_i depends on every a_j near it
        for j in js:
            dx[:, j] -= 2 * q["alpha"] * q["beta"] * q.dout[:, i] * x[:, i] * x[:, j] * s[:, i] ** (-q["beta"] - 1)
    return {**out, "dx": dx}


def softmax_with_loss(q):
    x, t = q["x"], q["t"].argmax(1) if q["t"].ndim == 2 else q["t"]
    y = np.array([np.exp(row - row.max()) / np.exp(row - row.max()).sum() for row in x])
    logs = np.array([row[c] - row.max() - np.log(np.exp(row - row.max()).sum()) for row, c in zip(x, t)])
    return {"out": np.array(-logs.mean()), "dx": (y - np.eye(x.shape[1])[t]) / len(x)}


ANSWERS = {f.__name__: f for f in (im2col, col2im, convolution, pooling, lrn, softmax_with_loss)}
