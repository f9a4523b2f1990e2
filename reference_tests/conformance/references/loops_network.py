"""SimpleConvNet: the book's formulas one after the other, each layer's from loops."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ...subject.protocol import Answer, Question
from . import loops

PARAMS = ("W1", "b1", "W2", "b2", "W3", "b3")


def forward(q: Question, x: np.ndarray, p: dict[str, np.ndarray], **other: Any) -> dict[str, np.ndarray]:
    """Return every layer's output by name. other: functions in place of the right layers, for a mistake."""
    conv, f = q["conv_param"], {**RIGHT, **other}
    a1 = f["conv"](loops.inner_question(x=x, W=p["W1"], b=p["b1"], stride=conv["stride"], pad=conv["pad"]))["out"]
    z1 = f["relu1"](a1)
    pooled = f["pool"](loops.inner_question(x=z1, pool_h=2, pool_w=2, stride=2, pad=0))["out"]
    a2 = f["flat"](pooled) @ p["W2"] + p["b2"]
    z2 = f["relu2"](a2)
    return {"a1": a1, "z1": z1, "pooled": pooled, "a2": a2, "z2": z2, "out": f["last"](z2 @ p["W3"] + p["b3"])}


def log_softmax(scores: np.ndarray) -> np.ndarray:
    """Return log(softmax(scores)) along axis 1, without overflow."""
    scores = scores - scores.max(axis=1, keepdims=True)
    return np.asarray(scores - np.log(np.exp(scores).sum(axis=1, keepdims=True)))


def flatten(a: np.ndarray) -> np.ndarray:
    """Flatten (N, C, H, W) to (N, C*H*W)."""
    return a.reshape(len(a), -1)


def positive(a: np.ndarray) -> np.ndarray:
    """Set negative numbers to 0: ReLU."""
    return np.asarray(np.maximum(a, 0))


def is_open(z: np.ndarray) -> np.ndarray:
    """Say where a ReLU lets dout through: where its output is not 0."""
    return np.asarray(z != 0)


def itself(a: np.ndarray) -> np.ndarray:
    """Return a as it is: a layer that is left out."""
    return a


RIGHT: dict[str, Callable[..., Any]] = {
    "conv": loops.convolution,
    "relu1": positive,
    "pool": loops.pooling,
    "flat": flatten,
    "relu2": positive,
    "last": itself,
    "slope1": is_open,
    "slope2": is_open,
    "kept2": lambda done: done["pooled"],  # what dW2 and dW3 are worked out of
    "kept3": lambda done: done["z2"],
}


def gradients(
    q: Question, x: np.ndarray, t: np.ndarray, p: Answer, done: Answer, **other: Any
) -> dict[str, np.ndarray]:
    """Return the six gradients of the mean loss.

    A ReLU lets dout through where its output is not 0, so that one that is left out stops nothing.
    """
    conv, n, f = q["conv_param"], len(x), {**RIGHT, **other}
    dout = (np.exp(log_softmax(done["out"])) - np.eye(done["out"].shape[1])[t]) / n
    d2 = dout @ p["W3"].T * f["slope2"](done["z2"])
    places = f["flat"](np.arange(done["pooled"].size).reshape(done["pooled"].shape))  # (N, C*OH*OW)
    dpooled = np.zeros(done["pooled"].size)
    dpooled[places.ravel()] = (d2 @ p["W2"].T).ravel()
    pooling = loops.inner_question(
        dpooled.reshape(done["pooled"].shape), x=done["z1"], pool_h=2, pool_w=2, stride=2, pad=0
    )
    dz1 = f["pool"](pooling)["dx"]
    first = loops.inner_question(
        dz1 * f["slope1"](done["z1"]), x=x, W=p["W1"], b=p["b1"], stride=conv["stride"], pad=conv["pad"]
    )
    conv1 = loops.convolution(first)
    dense = {"b2": d2.sum(axis=0), "b3": dout.sum(axis=0)}
    dense |= {"W2": f["flat"](f["kept2"](done)).T @ d2, "W3": f["kept3"](done).T @ dout}
    return {"W1": conv1["dW"], "b1": conv1["db"], **dense}


def simple_conv_net(q: Question, **other: Any) -> Answer:
    """Return the scores, the loss, the accuracy and all gradients; after training steps, the parameters."""
    p = {k: q[k] for k in PARAMS}
    if "rate" in q.params:
        return train(q, p, **other)
    x, t = q["x"], q["t"] if q["t"].ndim == 1 else q["t"].argmax(axis=1)
    done = forward(q, x, p, **other)
    return {
        **p,  # which a gradient leaves as they are
        "out": done["out"],
        "loss": np.array(-log_softmax(done["out"])[np.arange(len(t)), t].mean()),
        "accuracy": np.array((done["out"].argmax(axis=1) == t).mean()),
        **{f"d{k}": g for k, g in gradients(q, x, t, p, done, **other).items()},
    }


def train(q: Question, p: dict[str, np.ndarray], **other: Any) -> Answer:
    """Return the parameters after each step of plain gradient descent: W1_1, b1_1 ..."""
    found: Answer = {}
    for step, (x, t) in enumerate(zip(q["x"], q["t"]), 1):
        grads = gradients(q, x, t, p, forward(q, x, p, **other), **other)
        p = {k: a - q["rate"] * grads[k] for k, a in p.items()}
        found |= {f"{k}_{step}": a for k, a in p.items()}
    return found


def convolve_quickly(q: Question) -> Answer:
    """Convolve all windows at once, for uses in which the last digit does not matter."""
    p, s, size = q["pad"], q["stride"], q["W"].shape[2:]
    x = np.pad(q["x"], [(0, 0), (0, 0), (p, p), (p, p)])
    view = np.lib.stride_tricks.sliding_window_view(x, size, (2, 3))[:, :, ::s, ::s]
    out = np.tensordot(view, q["W"], ((1, 4, 5), (1, 2, 3)))  # (N, OH, OW, FN)
    return {"out": (out + q["b"]).transpose(0, 3, 1, 2)}


def pool_quickly(q: Question) -> Answer:
    """Take the largest of each window of two by two, all at once."""
    n, c, h, w = q["x"].shape
    x = q["x"][:, :, : h // 2 * 2, : w // 2 * 2]
    return {"out": x.reshape(n, c, h // 2, 2, w // 2, 2).max(axis=(3, 5))}


QUICK: dict[str, Callable[..., Any]] = {"conv": convolve_quickly, "pool": pool_quickly}


def score_margin(q: Question) -> float:
    """Return the smallest gap between an image's two best scores, relative to the largest score.

    Where it is nearer than float32 can tell, two right implementations may differ in the accuracy.
    """
    scores = np.sort(forward(q, q["x"], {k: q[k] for k in PARAMS}, **QUICK)["out"])
    return float((scores[:, -1] - scores[:, -2]).min() / np.abs(scores).max())


def margin(q: Question, ties: bool = True) -> float:
    """Return how near the network comes to a kink (ReLU at 0, two equal maxima), relative to each layer's largest.

    Nearer than float32 can tell, two right implementations may take different sides. ties: False for images in which
    it makes no difference which of the equal maxima is taken.
    """
    done = forward(q, q["x"], {k: q[k] for k in PARAMS}, **QUICK)
    z1 = done["z1"][:, :, : done["pooled"].shape[2] * 2, : done["pooled"].shape[3] * 2]
    n, c, h, w = done["pooled"].shape
    windows = np.sort(z1.reshape(n, c, h, 2, w, 2).transpose(0, 1, 2, 4, 3, 5).reshape(-1, 4))  # (N*C*OH*OW, 4)
    best = windows[windows[:, 3] > 0] if ties else windows[:0]
    gaps = [
        np.abs(done["a1"]).ravel() / np.abs(done["a1"]).max(),
        np.abs(done["a2"]).ravel() / np.abs(done["a2"]).max(),
        (best[:, 3] - best[:, 2]) / np.abs(done["z1"]).max(),
    ]
    return float(min(g.min() for g in gaps if g.size))


def margin_of_each(q: Question) -> float:
    """Return how near one of the images alone comes to a kink, relative to its own numbers."""
    return min(margin(q.but(x=one[None])) for one in q["x"])


def has_both_sides(q: Question) -> bool:
    """Whether there are windows that ReLU lets through and windows that it shuts, and so in the later layers."""
    done = forward(q, q["x"], {k: q[k] for k in PARAMS}, **QUICK)
    return all((done[name] > 0).any() and (done[name] <= 0).any() for name in ("pooled", "a2", "out"))


ANSWERS = {"simple_conv_net": simple_conv_net}
