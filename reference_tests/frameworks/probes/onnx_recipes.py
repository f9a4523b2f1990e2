"""Recipes that make ONNX Runtime behave as another framework: a row for each answer, run and checked."""

from typing import Any

import numpy as np
from onnx_probe import about, average_pool, conv, default, dropout, entropy, max_pool, norm, run  # noqa: F401


def refuse(when: bool) -> Any:
    """Raise the one exception that counts as a refusal of a recipe."""
    if when:
        raise ValueError("refused, as the other framework does")


def shape_of(x: np.ndarray, w: np.ndarray) -> Any:
    """Return the shape of a convolution's result, with 0 for a filter that is too large."""
    return len(x), len(w), *(max(0, a - b + 1) for a, b in zip(x.shape[2:], w.shape[2:]))


def last_two(w: np.ndarray) -> Any:
    """Turn the filters by 180 degrees."""
    return w[:, :, ::-1, ::-1]


def unfolded(x: np.ndarray, height: int, width: int) -> Any:
    """Return the windows, (N, C*height*width, OH, OW), channel by channel: a convolution with one filter a place."""
    places = x.shape[1] * height * width
    return conv(x, np.eye(places, dtype=x.dtype).reshape(places, x.shape[1], height, width))


def in_float64(x: np.ndarray, w: np.ndarray) -> Any:
    """Conv has no float64 kernel, MatMul has one; the filter is one pixel here."""
    return run("MatMul", x.reshape(-1, 1), w.reshape(1, 1))


def scattered(x: np.ndarray, indices: np.ndarray, dout: np.ndarray) -> Any:
    """Return the gradient of max pooling: every dout added at its maximum."""
    zeros = np.zeros(x.size, "float32")
    return run("ScatterElements", zeros, indices.ravel(), dout.ravel(), reduction="add").reshape(x.shape)


def winners(x: np.ndarray, window: Any, strides: Any) -> Any:
    """Return the index of each window's maximum."""
    return run("MaxPool", x, kernel_shape=window, strides=strides, outputs=2)[1]


def log_softmax(x: np.ndarray) -> Any:
    """Return the logarithm of the softmax over the classes."""
    return run("LogSoftmax", x, axis=1)


def nan_wins(x: np.ndarray, *window: Any) -> Any:
    """Return the maximum of each window, NaN if one of its values is NaN."""
    hidden = np.where(np.isnan(x), -np.inf, x).astype("float32")
    seen = max_pool(np.isnan(x).astype("float32"), *window, strides=window)
    return np.where(seen > 0, np.nan, max_pool(hidden, *window, strides=window))


def lrn_by_hand(x: np.ndarray, before: int, after: int, alpha: float, beta: float, k: float) -> Any:
    """Normalize over channels i-before .. i+after: a 1x1 convolution of the squares with a band of ones."""
    near = np.subtract.outer(np.arange(x.shape[1]), np.arange(x.shape[1]))
    band = ((near <= before) & (near >= -after)).astype("float32")[:, :, None, None]
    return x / (k + alpha * conv(x * x, band)) ** beta


def lrn(x: np.ndarray, size: int, alpha: float = 1.0, beta: float = 1.0, k: float = 1.0) -> Any:
    """Run ONNX's LRN with alpha, beta and k of 1 unless given."""
    return run("LRN", x, size=size, alpha=alpha, beta=beta, bias=k)


def uniform(*shape: int, bound: float) -> Any:
    """Return random numbers between -bound and bound."""
    return np.random.default_rng(0).uniform(-bound, bound, shape).astype("float32")


def local(x: np.ndarray, w: np.ndarray) -> Any:
    """Apply a locally connected layer; w is (places, C*FH*FW)."""
    return np.einsum("npl,lp->nl", unfolded(x, 1, 2).reshape(len(x), -1, len(w)), w)


INDICES = {"kernel_shape": [2, 4], "strides": [2, 4], "outputs": 2}
RECIPES = {
    "S06: refused": lambda x, w, strides=(1, 2): (
        refuse(max(strides) > 1) or conv(x, w, auto_pad="SAME_UPPER", strides=strides)
    ),
    "S07: refused": lambda x, w, strides=(2, 2): (
        refuse(max(strides) > 1) or conv(x, w, auto_pad="SAME_UPPER", strides=strides)
    ),
    "S08: refused": lambda x, pad=2, size=3: refuse(2 * pad > size) or max_pool(x, size, size, pads=[pad] * 4),
    "S10: empty": lambda x, w: np.empty(shape_of(x, w), x.dtype) if 0 in shape_of(x, w) else conv(x, w),
    "S11: empty": lambda x: np.empty((*x.shape[:2], 0, 0), x.dtype) if max(x.shape[2:]) < 5 else max_pool(x, 5, 5),
    "S12: the input's size": lambda x, w: x if len(x) == 0 else conv(x, w),
    "S16: the window": lambda x: max_pool(x, 2, 2, strides=[2, 2]),
    "S18: refused": lambda x, w, pad=-1: refuse(pad < 0) or conv(x, w, pads=[pad] * 4),
    "S19: refused": lambda x, w, pads=(1, 1, 0, 0): refuse(pads[:2] != pads[2:]) or conv(x, w, pads=pads),
    "C02: turned": lambda x, w: run("ConvTranspose", x, last_two(w)),
    "C07: grouped without being asked": lambda x, w: conv(x, w, group=x.shape[1] // w.shape[1]),
    "C09: the width": lambda x, w, b: run("Add", conv(x, w), b),
    "C10: in the same type": lambda x, w: conv(x.astype("float32"), w.astype("float32")).astype("int32"),
    "C11: it wraps round": lambda x, w: conv(x.astype("float32"), w.astype("float32")).astype("int64").astype("uint8"),
    "C13: float32": lambda x, w: conv(x, w.astype(x.dtype)),
    "C14: kept": lambda x, w: in_float64(x, w),
    "C14: cut to float32": lambda x, w: conv(x.astype("float32"), w.astype("float32")),
    "C18: refused": lambda x, w: refuse(min(x[..., ::-1].strides) < 0) or conv(x[..., ::-1], w),
    "C19: last (N,H,W,C)": lambda x: (
        conv(x.transpose(0, 3, 1, 2), np.ones((2, 4, 1, 1), "float32")).transpose(0, 2, 3, 1).shape
    ),
    "C20: (FH,FW,C,FN)": lambda: np.ones((2, 3, 5, 4), "float32").transpose(2, 3, 1, 0).shape,
    "C21: taken as one image": lambda x, w: conv(x[None], w)[0],
    "C22: channel by channel": lambda x: unfolded(x, 2, 2).ravel(),
    "C22: pixel by pixel": lambda x: unfolded(x, 2, 2).reshape(2, 4).T.ravel(),
    "P02: it counts": lambda x: average_pool(x, 3, 3, pads=[1] * 4, count_include_pad=1)[0, 0, 0, 0],
    "P05: the first": lambda x: scattered(x, winners(x, [2, 2], [2, 2]), np.ones(1, "float32")),
    "P06: added up": lambda x: scattered(x, winners(x, [1, 2], [1, 1]), np.ones(2, "float32")),
    "P07: NaN wins": lambda x: nan_wins(x, 1, 2),
    "P07: NaN is passed over": lambda x: max_pool(np.nan_to_num(x, nan=-np.inf), 1, 2),
    "P08: -inf": lambda x: np.where((y := max_pool(x, 2, 2)) <= np.finfo("float32").min, -np.inf, y),
    "P09: in the same type": lambda x: max_pool(x.astype("float32"), 1, 2).astype("int32"),
    "P11: within the channel (6)": lambda x: run("MaxPool", x, **INDICES)[1][0, 1] % (2 * 4),
    "P11: channels innermost (13)": lambda x: (i := run("MaxPool", x, **INDICES)[1][0, 1]) % 8 * 2 + i // 8,
    "A01: 0": lambda x: run("Cast", run("Greater", x, np.zeros_like(x)), to=1),
    "A02: 0.5": lambda x: (
        ((x > 0).astype("float32") + run("Cast", run("GreaterOrEqual", x, np.zeros_like(x)), to=1)) / 2
    ),
    "A02: 1": lambda x: run("Cast", run("GreaterOrEqual", x, np.zeros_like(x)), to=1),
    "A03: +0.0": lambda x: np.copysign(1, run("Add", run("Relu", x), np.zeros_like(x))),
    "A08: the tanh formula": lambda x: run("Gelu", x, approximate="tanh"),
    "A09: 0.2": lambda x: -run("LeakyRelu", x, alpha=0.2),
    "A10: x/6 + 0.5": lambda x: run("HardSigmoid", x, alpha=1 / 6),
    "L01: one a sample": lambda x, t: entropy(x, t, reduction="none"),
    "L02: refused": lambda x, t: refuse(t.dtype != np.int64) or entropy(x, t),
    "L03: taken": lambda x, t: -(t * log_softmax(x)).sum(1).mean(),
    "L05: over all classes": lambda x, t: -((0.9 * np.eye(2)[t] + 0.1 / 2) * log_softmax(x)).sum(1).mean(),
    "L06: NaN": lambda x, t: float("nan") if len(x) == 0 else entropy(x, t),
    "L08: left out": lambda x, t: entropy(x, t, ignore_index=-100),
    "R01: not divided": lambda x: lrn(x, 3, alpha=3 * 1.0)[0, 1],
    "R02: i - n/2 .. i + n/2 - 1": lambda x: lrn_by_hand(x, 1, 0, alpha=1.0, beta=1.0, k=1.0).ravel(),
    "R03: the radius": lambda x, radius=1: lrn(x, 2 * radius + 1).ravel(),
    "R04: radius 5, alpha 1, beta 0.5, k 1": lambda size=2 * 5 + 1, alpha=11 * 1.0, beta=0.5, k=1.0: (
        f"radius {(size - 1) // 2}, alpha {alpha / size:g}, beta {beta:g}, k {k:g}"
    ),
    "D03: zeros": lambda x, p=1.0: x * 0 if p == 1 else dropout(x, p, True),
    "D05: it drops": lambda x: bool((dropout(x, 0.5, True) == 0).any()),
    "B01: 0.001": lambda epsilon=1e-3: (
        epsilon if np.isfinite(norm(np.ones((2, 1, 1, 1), "float32"), epsilon=epsilon)[0]).all() else None
    ),
    "B02: the weight of the new": lambda x: norm(x, momentum=1 - 0.1)[1],
    "B03: 1": lambda x: norm(x, momentum=0.0)[1] / 10,
    "B04: unbiased (n - 1)": lambda x: norm(x, momentum=0.0)[2] * x[:, 0].size / (x[:, 0].size - 1),
    "B05: refused": lambda x: refuse(x[:, 0].size == 1) or norm(x)[0],
    "W01: uniform, He with a = sqrt 5": lambda: float(np.abs(uniform(16, 16, 3, 3, bound=1 / 12)).max()) * 12,
    "W02: random": lambda: uniform(3, bound=1 / 12),
    "W03: uniform, He with a = sqrt 5": lambda: float(np.abs(uniform(100, 100, bound=1 / 10)).max()) * 10,
    "W04: not cut off": lambda: np.abs(run("RandomNormal", shape=[100, 100], seed=1.0)).max(),
    "W04: cut off at two sigma": lambda: (
        np.abs((n := run("RandomNormal", shape=[300, 100], seed=1.0))[np.abs(n) < 2][:10000]).max() / 0.87962566
    ),
    "K01: offered": lambda x, w: local(x, w),
    "K02: channel by channel": lambda x, w: local(x, w),
}
