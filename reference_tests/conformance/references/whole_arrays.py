"""Layers without windows, and SimpleConvNet, on whole arrays: the second answer where torch is not installed.

The loops take one number at a time; here every step is one operation on the array, by the other form of each formula.
"""

from collections.abc import Callable

import numpy as np
import scipy

from ...subject.protocol import Answer, Question
from .matrices import convolve, pool_largest

PARAMS = ("W1", "b1", "W2", "b2", "W3", "b3")


def elementwise(f: Callable[..., np.ndarray], slope: Callable[..., np.ndarray]) -> Callable[[Question], Answer]:
    """Make a layer of a function of an array and its derivative."""

    def answer(q: Question) -> Answer:
        out = {"out": f(q["x"])}
        return out if q.dout is None else {**out, "dx": q.dout * slope(q["x"])}

    return answer


def tanh(x: np.ndarray) -> np.ndarray:
    """Return tanh(x) by expm1, which is exact near 0 and does not overflow."""
    e = np.expm1(-2 * np.abs(x))
    return np.asarray(np.copysign(e / (2 + e), x))


def slope_of_tanh(x: np.ndarray) -> np.ndarray:
    """Return 1 - tanh(x)^2 as 4 sigmoid(2x) sigmoid(-2x), which does not cancel far out."""
    return np.asarray(4 * scipy.special.expit(2 * x) * scipy.special.expit(-2 * x))


def affine(q: Question) -> Answer:
    """Multiply the flattened images by W, and add b."""
    W = q["W"]
    x = q["x"].reshape(len(q["x"]), len(W))
    found = {"out": np.tensordot(x, W, 1) + q["b"]}
    if q.dout is not None:
        dx = np.tensordot(q.dout, W, (1, 1)).reshape(q["x"].shape)
        found |= {"dx": dx, "dW": np.tensordot(x, q.dout, (0, 0)), "db": np.add.reduce(q.dout)}
    return found


def softmax_with_loss(q: Question) -> Answer:
    """Average minus log_softmax at the labels."""
    x, one_hot = q["x"], q["t"]
    if one_hot.ndim == 1:
        one_hot = np.eye(x.shape[1])[q["t"]]
    one_hot = one_hot == one_hot.max(axis=1, keepdims=True) if len(x) else one_hot
    logs = np.where(one_hot, scipy.special.log_softmax(x, axis=1), 0).sum(axis=1)
    with np.errstate(invalid="ignore"):
        found = {"out": np.asarray(-logs.sum() / np.float64(len(x)))}
    if q.dout is not None:
        found["dx"] = (scipy.special.softmax(x, axis=1) - one_hot) / max(len(x), 1) * q.dout
    return found


def batch_norm(q: Question) -> Answer:
    """Follow Ioffe and Szegedy's steps (2015, Algorithm 1 and the chain rule of section 3)."""
    x, m = np.asarray(q["x"], "f8"), q["x"].size // q["x"].shape[1]
    axes, wide = (0, *range(2, x.ndim)), (slice(None), *[None] * (x.ndim - 2))
    mean, var = (np.asarray(q[k], "f8") for k in ("running_mean", "running_var"))
    found = {"running_mean": mean, "running_var": var}
    if q["train_flg"]:
        mu, moved = x.mean(axis=axes), q["momentum"]
        sigma2 = np.square(x - mu[wide]).mean(axis=axes)
        found = {
            "running_mean": (1 - moved) * mean + moved * mu,
            "running_var": (1 - moved) * var + moved * sigma2 * m / (m - 1),
        }
        mean, var = mu, sigma2
    centred, root = x - mean[wide], np.sqrt(var + q["eps"])[wide]
    found["out"] = q["gamma"][wide] * centred / root + q["beta"][wide]
    if q.dout is not None:
        dnormal = q.dout * q["gamma"][wide]
        found["dx"] = dnormal / root
        if q["train_flg"]:
            dvar = -0.5 * (dnormal * centred).sum(axis=axes) / np.squeeze(root, tuple(range(1, root.ndim))) ** 3
            found["dx"] = found["dx"] + 2 * dvar[wide] * centred / m
            found["dx"] = found["dx"] - found["dx"].mean(axis=axes)[wide]
        found |= {"dgamma": (q.dout * centred / root).sum(axis=axes), "dbeta": q.dout.sum(axis=axes)}
    return found


def channel_concat(q: Question) -> Answer:
    """Concatenate along the channels; back, split at the same places."""
    xs = [q[k] for k in ("x1", "x2", "x3")]
    found = {"out": np.concatenate(xs, axis=1)}
    if q.dout is not None:
        ends = np.cumsum([x.shape[1] for x in xs])[:-1]
        found |= {f"dx{k}": part for k, part in enumerate(np.split(q.dout, ends, axis=1), 1)}
    return found


def residual_add(q: Question) -> Answer:
    """Add the two; each gets dout."""
    found = {"out": np.add(q["x"], q["shortcut"])}
    return found if q.dout is None else {**found, "dx": q.dout, "dshortcut": q.dout}


def mean_normalization(q: Question) -> Answer:
    """Subtract the training images' mean, of each pixel or of each channel; back, nothing changes."""
    mean = np.mean(np.asarray(q["train"], "f8"), axis=0 if q["per_pixel"] else (0, 2, 3), keepdims=True)
    found = {"out": q["x"] - mean.reshape(mean.shape[-3:])}
    return found if q.dout is None else {**found, "dx": q.dout}


def network(q: Question, x: np.ndarray, p: Answer, dscores: Callable[[np.ndarray], np.ndarray] | None) -> Answer:
    """Return the scores, and with a gradient of the scores (a function of them) those of all parameters."""
    conv = q["conv_param"]["stride"], q["conv_param"]["pad"]
    a1 = convolve(x, p["W1"], p["b1"], *conv, None)["out"]
    z1 = np.clip(a1, 0, None)
    pooled = pool_largest(z1, (2, 2), 2, 0, None)["out"]
    flat = pooled.reshape(len(x), len(p["W2"]))
    a2 = np.tensordot(flat, p["W2"], 1) + p["b2"]
    z2 = np.clip(a2, 0, None)
    found = {"out": np.tensordot(z2, p["W3"], 1) + p["b3"]}
    if dscores is None:
        return found
    d3 = dscores(found["out"])
    d2 = np.tensordot(d3, p["W3"], (1, 1)) * np.heaviside(a2, 0)
    dpooled = np.tensordot(d2, p["W2"], (1, 1)).reshape(pooled.shape)
    d1 = pool_largest(z1, (2, 2), 2, 0, dpooled)["dx"] * np.heaviside(a1, 0)
    first = convolve(x, p["W1"], p["b1"], *conv, d1)
    found |= {"dW1": first["dW"], "db1": first["db"], "dW2": np.tensordot(flat, d2, (0, 0)), "db2": d2.sum(axis=0)}
    return {**found, "dW3": np.tensordot(z2, d3, (0, 0)), "db3": d3.sum(axis=0)}


def simple_conv_net(q: Question) -> Answer:
    """Return the scores, the loss, the accuracy and all gradients; after training steps, the parameters."""
    p: Answer = {k: np.asarray(q[k], "f8") for k in PARAMS}
    if "rate" not in q.params:
        if q.dout is not None:
            return network(q, q["x"], p, lambda scores: np.asarray(q.dout))
        labels = q["t"] if q["t"].ndim == 1 else q["t"].argmax(axis=1)
        found = network(q, q["x"], p, slope_of_loss(labels))
        logs = scipy.special.log_softmax(found["out"], axis=1)
        loss, right = -np.mean(logs[np.arange(len(labels)), labels]), found["out"].argmax(axis=1) == labels
        return {**p, **found, "loss": np.asarray(loss), "accuracy": np.asarray(np.mean(right))}
    steps: Answer = {}
    for step, (x, t) in enumerate(zip(q["x"], q["t"], strict=True), 1):
        grads = network(q, x, p, slope_of_loss(t))
        p = {k: a - q["rate"] * grads[f"d{k}"] for k, a in p.items()}
        steps |= {f"{k}_{step}": a for k, a in p.items()}
    return steps


def slope_of_loss(labels: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Return the function of the scores that gives the gradient of the mean cross-entropy."""
    return lambda scores: (
        (scipy.special.softmax(scores, axis=1) - (labels[:, None] == np.arange(scores.shape[1]))) / len(scores)
    )


ANSWERS: dict[str, Callable[[Question], Answer]] = {
    "relu": elementwise(lambda x: np.clip(x, 0, None), lambda x: np.heaviside(x, 0)),
    "sigmoid": elementwise(scipy.special.expit, lambda x: scipy.special.expit(x) * scipy.special.expit(-x)),
    "tanh": elementwise(tanh, slope_of_tanh),
    "affine": affine,
    "softmax_with_loss": softmax_with_loss,
    "dropout": lambda q: {"out": q["x"] * (1 - q["dropout_ratio"])},
    "inverted_dropout": lambda q: {"out": 1.0 * q["x"]},
    "batch_norm": batch_norm,
    "channel_concat": channel_concat,
    "residual_add": residual_add,
    "mean_normalization": mean_normalization,
    "simple_conv_net": simple_conv_net,
}
