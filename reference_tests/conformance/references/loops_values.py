"""The layers of values (no windows): their formulas as they stand in the book, one number at a time."""

import math

import numpy as np

from ...subject.protocol import Answer, Question

# A layer on single numbers: x -> (y, dy/dx)


def relu_of(x: float) -> tuple[float, float]:
    return (x, 1.0) if x > 0 else (0.0, 0.0)


def sigmoid_of(x: float) -> tuple[float, float]:
    e = math.exp(-abs(x))  # at most 1
    y = 1 / (1 + e) if x > 0 else e / (1 + e)
    return y, e / (1 + e) ** 2


def tanh_of(x: float) -> tuple[float, float]:
    e = math.exp(-2 * abs(x))
    return math.copysign((1 - e) / (1 + e), x), 4 * e / (1 + e) ** 2


def elementwise(f):
    def answer(q: Question) -> Answer:
        y, slope = np.array([f(float(x)) for x in q["x"].flat]).reshape(-1, 2).T.reshape(2, *q["x"].shape)
        return {"out": y} if q.dout is None else {"out": y, "dx": q.dout * slope}

    return answer


def affine(q: Question) -> Answer:
    W, b = q["W"], q["b"]
    rows = [[float(v) for v in image.flat] for image in q["x"]]
    out = np.zeros((len(rows), W.shape[1]))
    dx, dW, db = np.zeros((len(rows), W.shape[0])), np.zeros(W.shape), np.zeros(b.shape)
    for n, row in enumerate(rows):
        for m in range(W.shape[1]):
            out[n, m] = sum(v * W[d, m] for d, v in enumerate(row)) + b[m]
            if q.dout is not None:
                g = q.dout[n, m]
                dx[n] += g * W[:, m]
                dW[:, m] += g * np.array(row)
                db[m] += g
    return {"out": out} if q.dout is None else {"out": out, "dx": dx.reshape(q["x"].shape), "dW": dW, "db": db}


def softmax_with_loss(q: Question) -> Answer:
    """The mean of -log softmax(x)[t]; of no images there is no mean: nan."""
    x, labels = q["x"], q["t"].argmax(1) if q["t"].ndim == 2 else q["t"]
    losses, dx = [], np.zeros(x.shape)
    for n, (row, t) in enumerate(zip(x, labels)):
        e = [math.exp(v - max(row)) for v in row]
        losses.append(math.log(sum(e)) - (row[t] - max(row)))
        dx[n] = [(v / sum(e) - (k == t)) / len(x) for k, v in enumerate(e)]
    out = np.array(sum(losses) / len(losses) if losses else math.nan)
    return {"out": out} if q.dout is None else {"out": out, "dx": dx * q.dout}


def dropout(q: Question) -> Answer:
    """Without training. (With it, only a mask that is always the same gives one right answer: ratio 0 or 1.)"""
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


ANSWERS = {
    "relu": elementwise(relu_of),
    "sigmoid": elementwise(sigmoid_of),
    "tanh": elementwise(tanh_of),
    "affine": affine,
    "softmax_with_loss": softmax_with_loss,
    "dropout": dropout,
    "lrn": lrn,
}
