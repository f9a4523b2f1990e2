"""SimpleConvNet as the book's formulas one after the other, each layer's from loops."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from ..types import Answer, Question
from . import loops

PARAMS = ("W1", "b1", "W2", "b2", "W3", "b3")


def asked(dout: np.ndarray | None = None, **named: Any) -> Any:
    """A question for one layer inside the network."""
    return Question(SimpleNamespace(labels=(), grads={}), named, {}, dout)  # type: ignore[arg-type]


def relu(a: np.ndarray, wanted: bool = True) -> np.ndarray:
    return np.maximum(a, 0) if wanted else a


def forward(q: Question, x: np.ndarray, p: dict[str, np.ndarray], without: str = "") -> dict[str, np.ndarray]:
    """Every layer's output by name; without: relu1 or relu2, for the mistake of forgetting it."""
    conv = q["conv_param"]
    a1 = loops.convolution(asked(x=x, W=p["W1"], b=p["b1"], stride=conv["stride"], pad=conv["pad"]))["out"]
    z1 = relu(a1, without != "relu1")
    pooled = loops.pooling(asked(x=z1, pool_h=2, pool_w=2, stride=2, pad=0))["out"]
    a2 = pooled.reshape(len(x), -1) @ p["W2"] + p["b2"]
    z2 = relu(a2, without != "relu2")
    return {"a1": a1, "z1": z1, "pooled": pooled, "a2": a2, "z2": z2, "out": z2 @ p["W3"] + p["b3"]}


def log_softmax(scores: np.ndarray) -> np.ndarray:
    scores = scores - scores.max(axis=1, keepdims=True)
    return scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))


def gradients(q: Question, x: np.ndarray, t: np.ndarray, p: dict, done: dict) -> dict[str, np.ndarray]:
    """Of the mean loss; the gate of a relu is where its output is not 0, so a forgotten one has none."""
    conv, n = q["conv_param"], len(x)
    dout = (np.exp(log_softmax(done["out"])) - np.eye(done["out"].shape[1])[t]) / n
    flat, z2 = done["pooled"].reshape(n, -1), done["z2"]
    d2 = dout @ p["W3"].T * (z2 != 0)
    dpooled = (d2 @ p["W2"].T).reshape(done["pooled"].shape)
    dz1 = loops.pooling(asked(dpooled, x=done["z1"], pool_h=2, pool_w=2, stride=2, pad=0))["dx"]
    first = asked(dz1 * (done["z1"] != 0), x=x, W=p["W1"], b=p["b1"], stride=conv["stride"], pad=conv["pad"])
    conv1 = loops.convolution(first)
    dense = {"W2": flat.T @ d2, "b2": d2.sum(axis=0), "W3": z2.T @ dout, "b3": dout.sum(axis=0)}
    return {"W1": conv1["dW"], "b1": conv1["db"], **dense}


def simple_conv_net(q: Question, without: str = "") -> Answer:
    p = {k: q[k] for k in PARAMS}
    if "rate" in q.params:
        return trained(q, p)
    x, t = q["x"], q["t"] if q["t"].ndim == 1 else q["t"].argmax(axis=1)
    done = forward(q, x, p, without)
    loss = -log_softmax(done["out"])[np.arange(len(t)), t].mean()
    right = (done["out"].argmax(axis=1) == t).mean()
    grads = gradients(q, x, t, p, done)
    return {
        **p,  # which a gradient leaves as they are
        "out": done["out"],
        "loss": np.array(loss),
        "accuracy": np.array(right),
        **{f"d{k}": g for k, g in grads.items()},
    }


def trained(q: Question, p: dict[str, np.ndarray]) -> Answer:
    """The parameters after each step of plain gradient descent: W1_1, b1_1 ..."""
    found: Answer = {}
    for step, (x, t) in enumerate(zip(q["x"], q["t"]), 1):
        grads = gradients(q, x, t, p, forward(q, x, p))
        p = {k: a - q["rate"] * grads[k] for k, a in p.items()}
        found |= {f"{k}_{step}": a for k, a in p.items()}
    return found


def score_margin(q: Question) -> float:
    """How near two scores of an image come to each other, relative to the largest: where accuracy may differ."""
    scores = np.sort(forward(q, q["x"], {k: q[k] for k in PARAMS})["out"])
    return float((scores[:, -1] - scores[:, -2]).min() / np.abs(scores).max())


def margin(q: Question) -> float:
    """How near the network comes to a kink: relu at 0, two equal maxima; relative to each layer's largest.

    Nearer than float32 can tell, two right implementations may take different sides.
    """
    done = forward(q, q["x"], {k: q[k] for k in PARAMS})
    z1 = done["z1"][:, :, : done["pooled"].shape[2] * 2, : done["pooled"].shape[3] * 2]
    n, c, h, w = done["pooled"].shape
    windows = np.sort(z1.reshape(n, c, h, 2, w, 2).transpose(0, 1, 2, 4, 3, 5).reshape(-1, 4))  # (N*C*OH*OW, 4)
    best = windows[windows[:, 3] > 0]
    gaps = [
        np.abs(done["a1"]).ravel() / np.abs(done["a1"]).max(),
        np.abs(done["a2"]).ravel() / np.abs(done["a2"]).max(),
        (best[:, 3] - best[:, 2]) / np.abs(done["z1"]).max(),
    ]
    return float(min(g.min() for g in gaps if g.size))


ANSWERS = {"simple_conv_net": simple_conv_net}
