"""The layers beyond the core: the formulas, one channel, one place or one number at a time."""

import math

import numpy as np

from ...subject.protocol import Answer, Question
from . import loops


def planes(q: Question) -> list[tuple[int, int]]:
    """List (image, channel) of every plane of x."""
    return [(n, c) for n in range(len(q["x"])) for c in range(q["x"].shape[1])]


def global_average_pooling(q: Question) -> Answer:
    """Average each plane's H * W numbers."""
    x = q["x"]
    out, dx, area = np.zeros(x.shape[:2]), np.zeros(x.shape), x.shape[2] * x.shape[3]
    for n, c in planes(q):
        out[n, c] = math.fsum(x[n, c].flat) / area
        if q.dout is not None:
            dx[n, c] = q.dout[n, c] / area
    return {"out": out} if q.dout is None else {"out": out, "dx": dx}


def global_max_pooling(q: Question) -> Answer:
    """Take the largest of each plane's H * W numbers; the first of equals gets the gradient."""
    x = q["x"]
    out, dx = np.zeros(x.shape[:2]), np.zeros(x.shape)
    for n, c in planes(q):
        place = max(np.ndindex(x.shape[2:]), key=lambda at: x[(n, c, *at)])
        out[n, c] = x[(n, c, *place)]
        if q.dout is not None:
            dx[(n, c, *place)] = q.dout[n, c]
    return {"out": out} if q.dout is None else {"out": out, "dx": dx}


def spatial_pyramid_pooling(q: Question) -> Answer:
    """Take the largest of each window: window i of n covers rows floor(i H / n) up to ceil((i + 1) H / n)."""
    x = q["x"]
    _, _, H, W = x.shape
    out: list[list[float]] = []
    dx = np.zeros(x.shape)
    for size in q["levels"]:
        for c in range(x.shape[1]):
            for i, j in np.ndindex(size, size):
                rows = range(i * H // size, math.ceil((i + 1) * H / size))
                columns = range(j * W // size, math.ceil((j + 1) * W / size))
                column = []
                for n in range(len(x)):
                    y, z = max(((y, z) for y in rows for z in columns), key=lambda at: x[(n, c, *at)])
                    column.append(x[n, c, y, z])
                    if q.dout is not None:
                        dx[n, c, y, z] += q.dout[n, len(out)]
                out.append(column)
    answer = np.array(out, "f8").reshape(len(out), len(x)).T
    return {"out": answer} if q.dout is None else {"out": answer, "dx": dx}


def batch_norm(q: Question) -> Answer:
    """Normalize channel by channel; dx counts each place's share in the mean and the variance."""
    x, names = q["x"], ("gamma", "beta", "running_mean", "running_var")
    gamma, beta, old_mean, old_var = (q[k].astype("f8") for k in names)
    found = {"out": np.zeros(x.shape), "running_mean": old_mean.copy(), "running_var": old_var.copy()}
    if q.dout is not None:
        found |= {"dx": np.zeros(x.shape), "dgamma": np.zeros(gamma.shape), "dbeta": np.zeros(beta.shape)}
    for c in range(x.shape[1]):
        numbers = [float(v) for v in x[:, c].flat]
        n, mean, var = len(numbers), old_mean[c], old_var[c]
        if q["train_flg"]:
            mean = math.fsum(numbers) / n
            squares = math.fsum((v - mean) ** 2 for v in numbers)
            var = squares / n
            found["running_mean"][c] += q["momentum"] * (mean - old_mean[c])
            found["running_var"][c] += q["momentum"] * (squares / (n - 1) - old_var[c])
        s = 1 / math.sqrt(var + q["eps"])
        normal = (x[:, c] - mean) * s
        found["out"][:, c] = gamma[c] * normal + beta[c]
        if q.dout is None:
            continue
        g = q.dout[:, c]
        found["dbeta"][c], found["dgamma"][c] = math.fsum(g.flat), math.fsum((g * normal).flat)
        share = (found["dbeta"][c] + normal * found["dgamma"][c]) / n if q["train_flg"] else 0
        found["dx"][:, c] = gamma[c] * s * (g - share)
    return found


def inverted_dropout(q: Question) -> Answer:
    """Copy x, as inference does; training has one right answer only if the ratio is 0."""
    return {"out": np.array(q["x"], "f8")}


def locally_connected(q: Question) -> Answer:
    """Sum W[i, j] * window + b[:, i, j] at each place (i, j): a convolution whose filters are not shared."""
    W, b, stride = q["W"].astype("f8"), q["b"].astype("f8"), q["stride"]
    OH, OW, FN, _, FH, FW = W.shape
    x = loops.padded(np.asarray(q["x"], "f8"), q["pad"])
    out, dx, dW = np.zeros((len(x), FN, OH, OW)), np.zeros(x.shape), np.zeros(W.shape)
    for n, i, j, f in np.ndindex(len(x), OH, OW, FN):
        window = np.s_[n, :, i * stride : i * stride + FH, j * stride : j * stride + FW]
        out[n, f, i, j] = (W[i, j, f] * x[window]).sum() + b[f, i, j]
        if q.dout is not None:
            dx[window] += q.dout[n, f, i, j] * W[i, j, f]
            dW[i, j, f] += q.dout[n, f, i, j] * x[window]
    if q.dout is None:
        return {"out": out}
    return {"out": out, "dx": loops.crop(dx, q["pad"]), "dW": dW, "db": sum(q.dout, np.zeros(b.shape))}


def grouped(q: Question, groups: int, stride: int = 1, pad: int = 0) -> Answer:
    """Convolve each group of channels with its group of filters, and put the outputs side by side."""
    parts = []
    for g in range(groups):
        channels, filters = (slice(g * n // groups, (g + 1) * n // groups) for n in (q["x"].shape[1], len(q["W"])))
        dout = None if q.dout is None else q.dout[:, filters]
        arrays = {"x": q["x"][:, channels], "W": q["W"][filters], "b": q["b"][filters]}
        parts.append(loops.convolution(loops.inner_question(dout, **arrays, stride=stride, pad=pad)))
    return {k: np.concatenate([p[k] for p in parts], axis=int(k in ("out", "dx"))) for k in parts[0]}


def grouped_convolution(q: Question) -> Answer:
    """Convolve q["groups"] groups of channels, each with its own filters."""
    return grouped(q, q["groups"], q["stride"], q["pad"])


def depthwise_convolution(q: Question) -> Answer:
    """Convolve each channel with its own filters: as many groups as channels."""
    return grouped(q, q["x"].shape[1], q["stride"], q["pad"])


def pointwise_convolution(q: Question) -> Answer:
    """Convolve with filters of one pixel."""
    return grouped(q, 1)


def transposed_convolution(q: Question) -> Answer:
    """Add, for every pixel, its channel's filters times the pixel at the pixel's place."""
    x, W, b, stride, pad = np.asarray(q["x"], "f8"), q["W"].astype("f8"), q["b"].astype("f8"), q["stride"], q["pad"]
    (N, _, H, width), (_, FN, FH, FW) = x.shape, W.shape
    wide = np.zeros((N, FN, (H - 1) * stride + FH, (width - 1) * stride + FW))
    g = None if q.dout is None else loops.padded(np.asarray(q.dout, "f8"), pad)
    dx, dW = np.zeros(x.shape), np.zeros(W.shape)
    for n, c, i, j in np.ndindex(*x.shape):
        window = np.s_[n, :, i * stride : i * stride + FH, j * stride : j * stride + FW]
        wide[window] += x[n, c, i, j] * W[c]
        if g is not None:
            dx[n, c, i, j] = (g[window] * W[c]).sum()
            dW[c] += x[n, c, i, j] * g[window]
    out = loops.crop(wide, pad) + b[:, None, None]
    return {"out": out} if q.dout is None else {"out": out, "dx": dx, "dW": dW, "db": q.dout.sum(axis=(0, 2, 3))}


def channel_concat(q: Question) -> Answer:
    """Join the channels of x1, x2 and x3, one channel at a time."""
    xs = [np.asarray(q[k], "f8") for k in ("x1", "x2", "x3")]
    channels = [(k, c) for k, x in enumerate(xs) for c in range(x.shape[1])]
    found = {"out": np.stack([xs[k][:, c] for k, c in channels], axis=1)}
    if q.dout is not None:
        found |= {f"dx{k + 1}": np.zeros(x.shape) for k, x in enumerate(xs)}
        for place, (k, c) in enumerate(channels):
            found[f"dx{k + 1}"][:, c] = q.dout[:, place]
    return found


def residual_add(q: Question) -> Answer:
    """Add x and the shortcut, number by number; both get dout."""
    out = np.array([a + b for a, b in zip(q["x"].flat, q["shortcut"].flat)], "f8").reshape(q["x"].shape)
    return {"out": out} if q.dout is None else {"out": out, "dx": q.dout, "dshortcut": q.dout}


def mean_normalization(q: Question) -> Answer:
    """Subtract the mean of the training images, place by place; dx is dout."""
    train, out = q["train"], np.array(q["x"], "f8")
    for c, i, j in np.ndindex(*train.shape[1:]):
        numbers = train[:, c, i, j] if q["per_pixel"] else train[:, c]
        out[:, c, i, j] -= math.fsum(numbers.flat) / numbers.size
    return {"out": out} if q.dout is None else {"out": out, "dx": q.dout}


FORMULAS = (
    global_average_pooling, global_max_pooling, batch_norm, inverted_dropout, locally_connected,
    grouped_convolution, depthwise_convolution, pointwise_convolution, transposed_convolution,
    spatial_pyramid_pooling, channel_concat, residual_add, mean_normalization,
)  # fmt: skip
ANSWERS = {f.__name__: f for f in FORMULAS}
