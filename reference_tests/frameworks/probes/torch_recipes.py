"""Recipes that make torch behave as another framework: a row for each answer, run and checked."""

from functools import reduce
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch_probe import about, array, average_pool, conv, entropy, gradient, max_pool, norm, tensor  # noqa: F401


def refuse(when: bool) -> Any:
    """Raise the one exception that counts as a refusal of a recipe."""
    if when:
        raise ValueError("refused, as the other framework does")


def turned(w: np.ndarray) -> Any:
    """Turn the filters by 180 degrees."""
    return w[:, :, ::-1, ::-1].copy()


def padded(x: np.ndarray, left: int, right: int, top: int, bottom: int, value: Any = 0.0) -> Any:
    """Pad x (N, C, H, W) by its sides."""
    return F.pad(tensor(x), (left, right, top, bottom), value=value)


def taps(x: np.ndarray, width: int) -> Any:
    """Return the values at each place of a window 1 x width that moves by its own width."""
    return [tensor(x)[..., i::width] for i in range(width)]


def shape_of(x: np.ndarray, w: np.ndarray) -> Any:
    """Return the shape of a convolution's result, with 0 for a filter that is too large."""
    return len(x), len(w), *(max(0, a - b + 1) for a, b in zip(x.shape[2:], w.shape[2:]))


def local(x: np.ndarray, w: np.ndarray) -> Any:
    """Apply a locally connected layer, w (places, C*FH*FW); unfold takes channel by channel."""
    return torch.einsum("npl,lp->nl", F.unfold(tensor(x), (1, 2)), tensor(w))


def local_response(x: np.ndarray, n: int, **how: Any) -> Any:
    """Apply torch's local response normalization to an array."""
    return array(F.local_response_norm(tensor(x), n, **how))


def defaults(layer: Any) -> Any:
    """Return a layer's parameters in TensorFlow's terms: a radius, and alpha that is not divided."""
    radius, alpha = (layer.size - 1) // 2, layer.alpha / layer.size
    return f"radius {radius}, alpha {alpha:g}, beta {layer.beta:g}, k {layer.k:g}"


def by_hand(x: np.ndarray, eps: float = 1e-5) -> Any:
    """Normalize a batch without torch's check for one value per channel."""
    axes = (0, 2, 3)
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + eps)


LRN = {"alpha": 1.0, "beta": 1.0, "k": 1.0}
RECIPES = {
    "S06: the fewest zeros, an odd one at the end": lambda x, w: F.conv2d(
        padded(x, 0, 1, 0, 0), tensor(w), stride=(1, 2)
    ),
    "S07: n/s, rounded up": lambda x, w: F.conv2d(padded(x, 0, 1, 0, 1), tensor(w), stride=2),
    "S08: allowed": lambda x: F.max_pool2d(padded(x, 2, 2, 2, 2, -torch.inf), 3, stride=1),
    "S10: empty": lambda x, w: np.empty(shape_of(x, w), x.dtype) if 0 in shape_of(x, w) else conv(x, w),
    "S11: empty": lambda x: np.empty((*x.shape[:2], 0, 0), x.dtype) if max(x.shape[2:]) < 5 else max_pool(x, 5),
    "S12: the input's size": lambda x, w: x if len(x) == 0 else conv(x, w),
    "S16: 1": lambda x: max_pool(x, 2, stride=1),
    "S18: it crops": lambda x, w: F.conv2d(padded(x, -1, -1, -1, -1), tensor(w)),
    "S19: offered": lambda x, w: F.conv2d(padded(x, 1, 0, 1, 0), tensor(w)),
    "C02: turned": lambda x, w: F.conv_transpose2d(tensor(x), tensor(turned(w))),
    "C07: grouped without being asked": lambda x, w: conv(x, w, groups=x.shape[1] // w.shape[1]),
    "C09: the width": lambda x, w, b: conv(x, w) + b,
    "C10: refused": lambda x, w: refuse(x.dtype.kind != "f") or conv(x, w),
    "C11: refused": lambda x, w: refuse(x.dtype.kind != "f") or conv(x, w),
    "C13: float32": lambda x, w: conv(x, w.astype(x.dtype)),
    "C14: refused": lambda x, w: refuse(x.dtype == np.float64) or conv(x, w),
    "C14: cut to float32": lambda x, w: conv(x.astype("float32"), w.astype("float32")),
    "C16: the same bits": lambda x, w: float(
        np.abs(conv(x[3:4], w) - torch.cat([F.conv2d(i, tensor(w)) for i in tensor(x).split(1)])[3:4].numpy()).max()
    ),
    "C18: as it should be": lambda x, w: conv(np.ascontiguousarray(x[..., ::-1]), w),
    "C19: last (N,H,W,C)": lambda x: (
        F.conv2d(tensor(x).permute(0, 3, 1, 2), torch.ones(2, 4, 1, 1)).permute(0, 2, 3, 1).shape
    ),
    "C20: (FH,FW,C,FN)": lambda: torch.nn.Conv2d(3, 2, (5, 4)).weight.permute(2, 3, 1, 0).shape,
    "C21: refused": lambda x, w: refuse(x.ndim != 4) or conv(x, w),
    "C22: pixel by pixel": lambda x: F.unfold(tensor(x), 2).reshape(2, 4).T.flatten(),
    "P02: it does not": lambda x: average_pool(x, 3, stride=1, padding=1, count_include_pad=False)[0, 0, 0, 0],
    "P07: depends on its place": lambda x: reduce(lambda a, b: torch.where(b > a, b, a), taps(x, 2)),
    "P07: NaN is passed over": lambda x: max_pool(np.nan_to_num(x, nan=-np.inf), (1, 2)),
    "P08: the lowest float (-3.4e38)": lambda x: F.max_pool2d(tensor(x), 2).clamp(min=torch.finfo(torch.float32).min),
    "P09: refused": lambda x: refuse(x.dtype.kind != "f") or max_pool(x, (1, 2)),
    "P11: over all channels (14)": lambda x: (
        F.max_pool2d(tensor(x), (2, 4), return_indices=True)[1] + 8 * torch.arange(2).reshape(2, 1, 1)
    )[0, 1],
    "P11: channels innermost (13)": lambda x: (
        F.max_pool2d(tensor(x), (2, 4), return_indices=True)[1] * 2 + torch.arange(2).reshape(2, 1, 1)
    )[0, 1],
    "A02: 1": lambda x: gradient(lambda x: torch.where(x >= 0, x, 0), x),
    "A03: +0.0": lambda x: np.copysign(1, array(F.relu(tensor(x)) + 0.0)),
    "A08: the tanh formula": lambda x: F.gelu(tensor(x), approximate="tanh"),
    "A09: 0.2": lambda x: -F.leaky_relu(tensor(x), 0.2),
    "A10: 0.2 x + 0.5": lambda x: (0.2 * tensor(x) + 0.5).clamp(0, 1),
    "L01: one a sample": lambda x, t: entropy(x, t, reduction="none"),
    "L02: taken": lambda x, t: entropy(x, t.astype("int64")),
    "L03: refused": lambda x, t: refuse(t.dtype.kind == "f") or entropy(x, t),
    "L06: refused": lambda x, t: refuse(len(x) == 0) or entropy(x, t),
    "L08: refused": lambda x, t: refuse(t.min() < 0) or entropy(x, t),
    "R01: not divided": lambda x: local_response(x, 3, alpha=3 * 1.0, beta=1.0, k=1.0)[0, 1],
    "R02: refused": lambda x, n=2: refuse(n % 2 == 0) or local_response(x, n, **LRN),
    "R03: the radius": lambda x, radius=1: local_response(x, 2 * radius + 1, **LRN).ravel(),
    "R04: radius 5, alpha 1, beta 0.5, k 1": lambda: defaults(
        torch.nn.LocalResponseNorm(2 * 5 + 1, 11 * 1.0, 0.5, 1.0)
    ),
    "D03: refused": lambda x, p=1.0: refuse(p == 1) or F.dropout(tensor(x), p),
    "D05: it does not": lambda x: bool((F.dropout(tensor(x), training=False) == 0).any()),
    "B01: 0.001": lambda: torch.nn.BatchNorm2d(1, eps=1e-3).eps,
    "B02: the weight of the old": lambda x: norm(x, momentum=1 - 0.1)[1],
    "B03: 1": lambda x: norm(x, momentum=1.0)[1] / 10,
    "B04: biased (n)": lambda x: norm(x, momentum=1.0)[2] * (x[:, 0].size - 1) / x[:, 0].size,
    "B05: 0": lambda x: by_hand(x),
    "W04: cut off at two sigma": lambda: float(
        torch.nn.init.trunc_normal_(torch.empty(100, 100), 0, 1, -2, 2).abs().max()
    ),
    "K01: offered": lambda x, w: local(x, w),
    "K02: channel by channel": lambda x, w: local(x, w),
}
