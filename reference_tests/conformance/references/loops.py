"""The core layers: the formulas as they stand in the book, one window or one number at a time.

Slow and plain on purpose: nothing here shares a trick with the implementations that it judges.
"""

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from ...subject.protocol import Answer, Question

Place = tuple[int, int, int, slice, slice]  # image, output row and column, the window's rows and columns


def inner_question(dout: np.ndarray | None = None, **named: Any) -> Question:
    """Return a question for a layer that works inside another: its arrays and settings by name."""
    return Question(SimpleNamespace(labels=(), grads={}), named, {}, dout)  # type: ignore[arg-type]


# Windows: where they start, padding, cropping.


def steps(size: int, window: int, stride: int, pad: int) -> list[int]:
    """List where the windows start along one axis of the padded input."""
    return list(range(0, size + 2 * pad - window + 1, stride))


def windows(q: Question, fh: int, fw: int, fill: float = 0.0) -> tuple[list[Place], np.ndarray, int, int]:
    """Return every window, the padded input (N, C, H + 2 pad, W + 2 pad), OH and OW.

    A question without an image (col2im's) gets a padded image of zeros, to add into.
    """
    x = zeros(q) if "col" in q.arrays else np.asarray(q["x" if "x" in q.arrays else "input_data"], "f8")
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
    """Return an image of zeros of input_shape."""
    return np.zeros(q["input_shape"])


def padded(x: np.ndarray, p: int, fill: float = 0.0) -> np.ndarray:
    """Copy x (N, C, H, W) into the middle of (N, C, H + 2p, W + 2p), filled with `fill`."""
    wide = np.full((*x.shape[:2], x.shape[2] + 2 * p, x.shape[3] + 2 * p), fill)
    wide[:, :, p : p + x.shape[2], p : p + x.shape[3]] = x
    return wide


def crop(a: np.ndarray, p: int) -> np.ndarray:
    """Cut p rows and columns off on every side: the inverse of `padded`."""
    return a[:, :, p : a.shape[2] - p, p : a.shape[3] - p]


# Layers with windows.


def shapes(q: Question) -> Answer:
    """Count the places where the window fits."""
    return {"out": np.array(len(steps(q["input_size"], q["filter_size"], q["stride"], q["pad"])))}


def im2col(q: Question) -> Answer:
    """Lay each window down as one row: (N*OH*OW, C*FH*FW)."""
    at, xp, _, _ = windows(q, q["filter_h"], q["filter_w"])
    rows = [xp[n, :, r, c].ravel() for n, _, _, r, c in at]
    return {"out": np.array(rows).reshape(len(at), xp.shape[1] * q["filter_h"] * q["filter_w"])}


def col2im(q: Question) -> Answer:
    """Add each row back at its window's place."""
    fh, fw = q["filter_h"], q["filter_w"]
    at, xp, _, _ = windows(q, fh, fw)
    for row, (n, _, _, r, c) in zip(q["col"], at, strict=True):
        xp[n, :, r, c] += row.reshape(-1, fh, fw)
    return {"out": crop(xp, q["pad"])}


def convolution(q: Question) -> Answer:
    """Sum W * window + b at each output place; the gradients go back the same way, times dout there."""
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
    """Take the largest number of each window; the padding is -infinity. The first of equals gets the gradient."""
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
    """Divide the sum of each window by its size, padded zeros included; each place gets its share of the gradient."""
    h, w = q["pool_h"], q["pool_w"]
    at, xp, oh, ow = windows(q, h, w)
    out, dx = np.zeros((*xp.shape[:2], oh, ow)), np.zeros_like(xp)
    for n, i, j, r, c in at:
        out[n, :, i, j] = xp[n, :, r, c].sum(axis=(1, 2)) / (h * w)
        if q.dout is not None:
            dx[n, :, r, c] += q.dout[n, :, i, j, None, None] / (h * w)
    return {"out": out, "dx": crop(dx, q["pad"])} if q.dout is not None else {"out": out}


# Layers without windows. The first three are functions of a single number: x -> (y, dy/dx).


def relu_of(x: float) -> tuple[float, float]:
    """Return x and 1 if x > 0, else 0 and 0."""
    return (x, 1.0) if x > 0 else (0.0, 0.0)


def sigmoid_of(x: float) -> tuple[float, float]:
    """Return 1 / (1 + exp(-x)) and its slope, without overflow."""
    e = math.exp(-abs(x))  # at most 1
    y = 1 / (1 + e) if x > 0 else e / (1 + e)
    return y, e / (1 + e) ** 2


def tanh_of(x: float) -> tuple[float, float]:
    """Return tanh(x) and its slope, without overflow."""
    e = math.exp(-2 * abs(x))
    return math.copysign((1 - e) / (1 + e), x), 4 * e / (1 + e) ** 2


def elementwise(f: Callable[[float], tuple[float, float]]) -> Callable[[Question], Answer]:
    """Make a layer of a function of one number and its slope."""

    def answer(q: Question) -> Answer:
        y, slope = np.array([f(float(x)) for x in q["x"].flat]).reshape(-1, 2).T.reshape(2, *q["x"].shape)
        return {"out": y} if q.dout is None else {"out": y, "dx": q.dout * slope}

    return answer


def affine(q: Question) -> Answer:
    """Multiply each flattened image by W (D, M) and add b, one output at a time."""
    W, b = q["W"], q["b"]
    rows, columns = [[float(v) for v in image.flat] for image in q["x"]], W.T.tolist()
    out = np.zeros((len(rows), W.shape[1]))
    dx, dW, db = np.zeros((len(rows), W.shape[0])), np.zeros(W.shape), np.zeros(b.shape)
    for n, row in enumerate(rows):
        for m in range(W.shape[1]):
            out[n, m] = sum(v * w for v, w in zip(row, columns[m])) + b[m]
            if q.dout is not None:
                g = q.dout[n, m]
                dx[n] += g * W[:, m]
                dW[:, m] += g * np.array(row)
                db[m] += g
    return {"out": out} if q.dout is None else {"out": out, "dx": dx.reshape(q["x"].shape), "dW": dW, "db": db}


def softmax_with_loss(q: Question) -> Answer:
    """Average -log softmax(x)[t] over the batch; an empty batch has no mean: nan."""
    x, labels = q["x"], q["t"].argmax(1) if q["t"].ndim == 2 else q["t"]
    losses, dx = [], np.zeros(x.shape)
    for n, (row, t) in enumerate(zip(x, labels)):
        top = max(row)
        e = [math.exp(v - top) for v in row]
        total = sum(e)
        losses.append(math.log(total) - (row[t] - top))
        dx[n] = [(v / total - (k == t)) / len(x) for k, v in enumerate(e)]
    out = np.array(sum(losses) / len(losses) if losses else math.nan)
    return {"out": out} if q.dout is None else {"out": out, "dx": dx * q.dout}


def dropout(q: Question) -> Answer:
    """Scale x by 1 - ratio, as inference does; training has one right answer only if the ratio is 0 or 1."""
    kept = 1 - q["dropout_ratio"]
    return {"out": np.array([v * kept for v in q["x"].flat]).reshape(q["x"].shape)}


def lrn(q: Question) -> Answer:
    """b_i = a_i / s_i^beta, s_i = k + alpha sum a_j^2 over j = max(0, i-n//2) .. min(C-1, i+n//2)."""
    x, half, beta = q["x"], q["n"] // 2, q["beta"]
    near = [range(max(0, i - half), min(x.shape[1] - 1, i + half) + 1) for i in range(x.shape[1])]
    s = np.stack([q["k"] + q["alpha"] * sum(x[:, j] ** 2 for j in js) for js in near], axis=1)
    if q.dout is None:
        return {"out": x * s**-beta}
    dx = q.dout * s**-beta
    for i, js in enumerate(near):  # b_i depends on every a_j near it
        for j in js:
            dx[:, j] -= 2 * q["alpha"] * beta * q.dout[:, i] * x[:, i] * x[:, j] * s[:, i] ** (-beta - 1)
    return {"out": x * s**-beta, "dx": dx}


ANSWERS: dict[str, Callable[[Question], Answer]] = {
    "shapes": shapes,
    "im2col": im2col,
    "col2im": col2im,
    "convolution": convolution,
    "pooling": pooling,
    "average_pooling": average_pooling,
    "relu": elementwise(relu_of),
    "sigmoid": elementwise(sigmoid_of),
    "tanh": elementwise(tanh_of),
    "affine": affine,
    "softmax_with_loss": softmax_with_loss,
    "dropout": dropout,
    "lrn": lrn,
}
