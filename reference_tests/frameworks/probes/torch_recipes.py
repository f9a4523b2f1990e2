"""Recipes that make torch behave as another framework: a row for each answer, run and checked."""

from functools import reduce
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from recipes import batch_norm_momentum, convert_weight, lrn_alpha, lrn_radius, same_pads, transposed_same_pads
from torch_probe import about, array, average_pool, conv, entropy, gradient, max_pool, norm, tensor  # noqa: F401


def refuse(when: Any) -> Any:
    """Raise the one exception that counts as a refusal of a recipe."""
    if when:
        raise ValueError("refused, as the other framework does")


def pair(n: Any) -> Any:
    """Return one number as two."""
    return tuple(n) if isinstance(n, tuple | list) else (n, n)


def turned(w: np.ndarray) -> Any:
    """Turn the filters by 180 degrees."""
    return tensor(w).flip(2, 3)


def padded(x: np.ndarray, rows: Any, columns: Any, value: float = 0.0) -> Any:
    """Pad x (N, C, H, W) by (before, after) of its rows and columns."""
    return F.pad(tensor(x), (*columns, *rows), value=value)


def conv_same(x: np.ndarray, w: np.ndarray, s: Any = 1, d: Any = 1, lower: bool = False) -> Any:
    """Convolve with SAME padding at any stride, an odd zero at the end, or at the start."""
    s, d = pair(s), pair(d)
    sides = [same_pads(n, *of, lower) for n, *of in zip(x.shape[2:], w.shape[2:], s, d)]
    return F.conv2d(padded(x, *sides), tensor(w), stride=s, dilation=d)


def pool_same(x: np.ndarray, k: Any, s: Any) -> Any:
    """Return the maximum of each window with SAME padding, which never wins."""
    rows, columns = (same_pads(n, *of) for n, *of in zip(x.shape[2:], pair(k), pair(s)))
    return F.max_pool2d(padded(x, rows, columns, -torch.inf), k, s)


def mean_same(x: np.ndarray, k: Any, s: Any) -> Any:
    """Return the mean of each window with SAME padding, which does not count."""
    sides = [same_pads(n, *of) for n, *of in zip(x.shape[2:], pair(k), pair(s))]
    sums, counts = (F.avg_pool2d(padded(y, *sides), k, s) for y in (x, np.ones_like(x)))
    return sums / counts


def conv_transpose_jax(x: np.ndarray, w: np.ndarray, s: Any = 1, same: bool = False) -> Any:
    """Return JAX's conv_transpose of x (N, C, H, W) and w (FH, FW, C, FN), padding VALID or SAME."""
    return transposed_to_size(x, convert_weight(w, "conv_transpose", "jax", "torch"), s, same)


def conv_transpose_tf(x: np.ndarray, w: np.ndarray, s: Any = 1, same: bool = False) -> Any:
    """Return TensorFlow's and Keras's transposed convolution of x (N, C, H, W) and w (FH, FW, FN, C)."""
    return transposed_to_size(x, convert_weight(w, "conv_transpose", "tf", "torch"), s, same)


def transposed_to_size(x: np.ndarray, w: np.ndarray, s: Any, same: bool) -> Any:
    """Apply a transposed convolution, w (C, FN, FH, FW); SAME cuts to n s, VALID fills up to it where k < s."""
    whole = F.conv_transpose2d(tensor(x), tensor(w), stride=s)
    cuts = [transposed_same_pads(k, s) if same else (0, min(0, k - s)) for k, s in zip(w.shape[2:], pair(s))]
    (top, bottom), (left, right) = cuts
    return F.pad(whole, (-left, -right, -top, -bottom))


def pool_lines(x: np.ndarray, width: int) -> Any:
    """Return the values at each place of a window 1 x width that moves by its own width."""
    return [tensor(x)[..., i::width] for i in range(width)]


def shape_of(x: np.ndarray, w: np.ndarray) -> Any:
    """Return the shape of a convolution's result, with 0 for a filter that is too large."""
    return len(x), len(w), *(max(0, a - b + 1) for a, b in zip(x.shape[2:], w.shape[2:]))


def in_float32(function: Any, *arrays: np.ndarray) -> Any:
    """Compute with arrays of float32."""
    return function(*(a.astype("float32") for a in arrays))


def reflected(n: int, p: int) -> Any:
    """Return the places of a line of n padded by p of any width, reflected again and again, the edge once."""
    place = np.abs(np.arange(-p, n + p)) % max(1, 2 * n - 2)
    return np.minimum(place, 2 * n - 2 - place)


def local(x: np.ndarray, w: np.ndarray) -> Any:
    """Apply a locally connected layer, w (places, C*FH*FW); unfold takes channel by channel."""
    return torch.einsum("npl,lp->nl", F.unfold(tensor(x), (1, 2)), tensor(w))


def lrn_tensorflow(x: np.ndarray, radius: int, alpha: float = 1.0, beta: float = 1.0, k: float = 1.0) -> Any:
    """Apply TensorFlow's formula by torch's: a radius, and alpha that is not divided."""
    n = 2 * radius + 1
    return array(F.local_response_norm(tensor(x), n, lrn_alpha(alpha, n, "tf", "torch"), beta, k))


def defaults(layer: Any) -> Any:
    """Return a layer's parameters in TensorFlow's terms: a radius, and alpha that is not divided."""
    radius, alpha = lrn_radius(layer.size), lrn_alpha(layer.alpha, layer.size, "torch", "tf")
    return f"radius {radius}, alpha {alpha:g}, beta {layer.beta:g}, k {layer.k:g}"


def norm_old(x: np.ndarray, momentum: float) -> Any:
    """Normalize a batch with a momentum that is the weight of the old statistics."""
    return norm(x, momentum=batch_norm_momentum(momentum, "keras", "torch"))


def norm_biased(x: np.ndarray, momentum: float = 1.0, mean: float = 0.0, var: float = 1.0) -> Any:
    """Return the running variance after a batch, biased: torch's own step holds n/(n - 1) times the batch's."""
    n = x[:, 0].size
    new = norm(x, mean, var, momentum=momentum)[2]
    return (new - (1 - momentum) * var) * (n - 1) / n + (1 - momentum) * var


def by_hand(x: np.ndarray, eps: float = 1e-5) -> Any:
    """Normalize a batch without torch's check for one value per channel."""
    axes = (0, 2, 3)
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + eps)


LRN = {"alpha": 1.0, "beta": 1.0, "k": 1.0}
RECIPES = {
    "S06: the fewest zeros, an odd one at the end": lambda x, w, s: conv_same(x, w, (1, s)),
    "S07: n/s, rounded up": lambda x, w, s: conv_same(x, w, s),
    "S08: allowed": lambda x, k, p: F.max_pool2d(padded(x, (p, p), (p, p), -torch.inf), k, stride=1),
    "S08: allowed for window 3, padding 2; refused for window 2, padding 2, window 3, padding 4": lambda x, k, p: (
        refuse(p >= k) or F.max_pool2d(padded(x, (p, p), (p, p), -torch.inf), k, stride=1)
    ),
    "S10: empty": lambda x, w: np.empty(shape_of(x, w), x.dtype) if 0 in shape_of(x, w) else conv(x, w),
    "S11: empty": lambda x, k: np.empty((*x.shape[:2], 0, 0), x.dtype) if min(x.shape[2:]) < k else max_pool(x, k),
    "S16: 1": lambda x, k: max_pool(x, k, stride=1),
    "S18: it crops": lambda x, w, p=-1: F.conv2d(padded(x, (p, p), (p, p)), tensor(w)),
    "S19: offered": lambda x, w, rows=(1, 0), columns=(1, 0): F.conv2d(padded(x, rows, columns), tensor(w)),
    "S20: the fewest zeros, an odd one at the end": lambda x, w, s, d: conv_same(x, w, (1, s), (1, d)),
    "S20: refused": lambda x, w, s, d: refuse(d > 1) or conv_same(x, w, (1, s)),
    "C02: turned": lambda x, w: F.conv_transpose2d(tensor(x), turned(w)),
    "C07: grouped without being asked": lambda x, w: conv(x, w, groups=x.shape[1] // w.shape[1]),
    "C09: the width": lambda x, w, b: conv(x, w) + b,
    "C10: refused": lambda x, w: refuse(x.dtype.kind != "f") or conv(x, w),
    "C10: in the same type for int32; int32 for int64": lambda x, w: conv(x.astype("int32"), w.astype("int32")),
    "C10: in the same type for int32; refused for int64": lambda x, w: refuse(x.dtype == np.int64) or conv(x, w),
    "C11: refused": lambda x, w: refuse(x.dtype.kind != "f") or conv(x, w),
    "C13: float32": lambda x, w: in_float32(conv, x, w),
    "C14: refused": lambda x, w: refuse(x.dtype == np.float64) or conv(x, w),
    "C14: cut to float32": lambda x, w: in_float32(conv, x, w),
    "C18: as it should be": lambda x, w: conv(np.ascontiguousarray(x[..., ::-1]), w),
    "C19: last (N,H,W,C)": lambda x: (
        F.conv2d(tensor(x).permute(0, 3, 1, 2), torch.ones(2, 4, 1, 1)).permute(0, 2, 3, 1).shape
    ),
    "C20: (FH,FW,C,FN)": lambda: convert_weight(np.ones((2, 3, 5, 4)), "conv", "torch", "tf").shape,
    "C21: refused": lambda x, w: refuse(x.ndim != 4) or conv(x, w),
    "C22: pixel by pixel": lambda x: F.unfold(tensor(x), 2).reshape(x.shape[1], 4).T.flatten(),
    "T01: (FH,FW,C out,C in)": lambda: convert_weight(np.ones((2, 3, 5, 4)), "conv_transpose", "torch", "tf").shape,
    "T02: more is cut off at the end": lambda x, w, s: transposed_to_size(x, w, (1, s), same=True),
    "T02: more is cut off at the end, the filter turned": lambda x, w, s: transposed_to_size(
        x, w[:, :, ::-1, ::-1].copy(), (1, s), same=True
    ),
    "P20: it counts": lambda x, k, s: average_pool(
        padded(x, (0, 0), same_pads(x.shape[3], k, s, lower=True)).numpy(), (1, k), stride=(1, s)
    ),
    "P02: it does not": lambda x, k, p: average_pool(x, k, stride=1, padding=p, count_include_pad=False)[0, 0, 0, 0],
    "P07: depends on its place for windows of 2; NaN is passed over for windows of 3": lambda x, k: (
        reduce(lambda a, b: torch.where(b > a, b, a), pool_lines(x, k))
        if k == 2
        else max_pool(np.nan_to_num(x, nan=-np.inf), (1, k))
    ),
    "P07: NaN is passed over": lambda x, k: max_pool(np.nan_to_num(x, nan=-np.inf), (1, k)),
    "P08: the lowest float (-3.4e38)": lambda x, k: F.max_pool2d(tensor(x), k).clamp(
        min=torch.finfo(torch.float32).min
    ),
    "P09: refused for int32, int64; in the same type for uint8": lambda x: (
        refuse(x.dtype in (np.int32, np.int64)) or max_pool(x, (1, 2))
    ),
    "P09: in the same type for int32, uint8; int32 for int64": lambda x: max_pool(
        x.astype("int32") if x.dtype == np.int64 else x, (1, 2)
    ),
    "P19: the fewest zeros, an odd one at the end": lambda x, k, s: F.max_pool2d(
        padded(x, (0, 0), same_pads(x.shape[3], k, s), -torch.inf), (1, k), (1, s)
    ),
    "P11: over all channels (14)": lambda x: (
        F.max_pool2d(tensor(x), (2, 4), return_indices=True)[1] + 8 * torch.arange(2).reshape(2, 1, 1)
    )[0, 1],
    "P11: channels innermost (13)": lambda x: (
        F.max_pool2d(tensor(x), (2, 4), return_indices=True)[1] * 2 + torch.arange(2).reshape(2, 1, 1)
    )[0, 1],
    "P14: empty": lambda x, k, d: (
        np.empty((*x.shape[:3], 0), x.dtype)
        if d * (k - 1) >= x.shape[3]
        else max_pool(x, (1, k), stride=1, dilation=(1, d))
    ),
    "G02: 3 2 | 1 2 3 (the edge once)": lambda x, p: x[..., reflected(x.shape[3], p)],
    "G04: half a pixel in": lambda x, size: F.interpolate(tensor(x), (1, size), mode="nearest-exact"),
    "G05: yes": lambda x, size: F.interpolate(tensor(x), (1, size), mode="bilinear", antialias=True),
    "A02: 1": lambda x: gradient(lambda x: torch.where(x >= 0, x, 0), x),
    "A03: +0.0": lambda x: np.copysign(1, array(F.relu(tensor(x)) + 0.0)),
    "A07: the last axis": lambda x: F.softmax(tensor(x), dim=-1),
    "A08: the tanh formula": lambda x: F.gelu(tensor(x), approximate="tanh"),
    "A09: 0.2": lambda x: -F.leaky_relu(tensor(x), 0.2),
    "A10: 0.2 x + 0.5": lambda x: (0.2 * tensor(x) + 0.5).clamp(0, 1),
    "A11: 0.5": lambda x: gradient(lambda x: torch.minimum(torch.maximum(x, x * 0), x * 0 + 1), x),
    "A13: NaN": lambda x: gradient(lambda x: (x * x).sum().sqrt(), x),
    "A15: the largest number": lambda x: torch.argmax(tensor(np.nan_to_num(x, nan=-np.inf))),
    "L01: one a sample": lambda x, t: entropy(x, t, reduction="none"),
    "L02: taken for int32; refused for uint8, int16": lambda x, t: (
        refuse(t.dtype not in (np.int32, np.int64)) or entropy(x, t.astype("int64"))
    ),
    "L03: refused": lambda x, t: refuse(t.ndim > 1) or entropy(x, t),
    "L06: refused": lambda x, t: refuse(len(x) == 0) or entropy(x, t),
    "L07: refused for label 5 of 2 classes, label 2 of 2 classes; the last class for label -1": lambda x, t: (
        refuse(t.max() >= x.shape[1]) or entropy(x, t % x.shape[1])
    ),
    "L08: refused": lambda x, t: refuse(t.min() < 0) or entropy(x, t),
    "L15: refused": lambda x, t: refuse(t.min() < 0) or entropy(x, t),
    "R01: not divided": lambda x, n: lrn_tensorflow(x, n // 2)[0, n // 2],
    "R02: refused": lambda x, n: refuse(n % 2 == 0) or array(F.local_response_norm(tensor(x), n, **LRN)),
    "R03: the radius": lambda x, n: lrn_tensorflow(x, n).ravel(),
    "R04: radius 5, alpha 1, beta 0.5, k 1": lambda: defaults(
        torch.nn.LocalResponseNorm(2 * 5 + 1, 11 * 1.0, 0.5, 1.0)
    ),
    "D03: refused": lambda x, p=1.0: refuse(p == 1) or F.dropout(tensor(x), p),
    "D05: it does not": lambda x: bool((F.dropout(tensor(x), training=False) == 0).any()),
    "B01: 0.001": lambda: torch.nn.BatchNorm2d(1, eps=1e-3).eps,
    "B02: the weight of the old": lambda x, momentum: norm_old(x, momentum)[1],
    "B03: 1": lambda x: norm(x, momentum=1.0)[1] / 10,
    "B04: biased (n)": lambda x: norm_biased(x),
    "B05: 0": lambda x: by_hand(x),
    "N06: nothing": lambda x: (x / np.abs(x).max() / np.linalg.norm(x / np.abs(x).max()))[0, 0],
    "N06: the sum of squares": lambda x: (x / np.sqrt(np.maximum((x * x).sum(1, keepdims=True), 1e-12)))[0, 0],
    "F01: pixel by pixel (H,W,C)": lambda x: tensor(x).permute(0, 2, 3, 1).flatten(1).ravel(),
    "W04: cut off at two sigma": lambda: (
        float(torch.nn.init.trunc_normal_(torch.empty(100, 100), 0, 1, -2, 2).abs().max()) / 0.87962566
    ),
    "K01: offered": lambda x, w: local(x, w),
    "K02: channel by channel": lambda x, w: local(x, w),
}
