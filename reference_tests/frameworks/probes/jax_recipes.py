"""Recipes that make JAX behave as another framework: a row for each answer, run and checked."""

from functools import reduce
from inspect import signature
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax, nn
from jax_probe import about, conv, gradient, pool  # noqa: F401


def refuse(when: bool) -> Any:
    """Raise the one exception that counts as a refusal of a recipe."""
    if when:
        raise ValueError("refused, as the other framework does")


def total(x: Any, window: Any, stride: Any = (1, 1), padding: Any = ((0, 0), (0, 0))) -> Any:
    """Return the sum of each window."""
    return pool(jnp.asarray(x), window, stride, padding, 0.0, lax.add)


def mean_of_all(x: Any, window: Any, stride: Any, padding: Any) -> Any:
    """Return the mean of each window, the padding counted."""
    return total(x, window, stride, padding) / (window[0] * window[1])


def mean_of_pixels(x: Any, window: Any, stride: Any, padding: Any) -> Any:
    """Return the mean of each window, the padding not counted."""
    return total(x, window, stride, padding) / total(jnp.ones_like(x), window, stride, padding)


def taps(x: Any, width: int) -> Any:
    """Return the values at each place of a window 1 x width that moves by its own width."""
    return [jnp.asarray(x)[..., i::width] for i in range(width)]


def winners(x: np.ndarray, window: Any, stride: Any) -> Any:
    """Return row * W + column of each window's maximum, the first of equals, by an argmax over the unfolded windows."""
    N, C, _, W = x.shape
    spec = lax.conv_general_dilated_patches(jnp.asarray(x), window, stride, "VALID")
    place = spec.reshape(N, C, window[0] * window[1], *spec.shape[2:]).argmax(2)
    row, column = place // window[1], place % window[1]
    oh, ow = np.indices(place.shape[2:])
    return (row + oh * stride[0]) * W + column + ow * stride[1]


def entropy(x: np.ndarray, t: np.ndarray, reduce: Any = "mean") -> Any:
    """Return the cross-entropy of the logits x (N, classes) and the labels t (N,)."""
    losses = -jnp.take_along_axis(nn.log_softmax(jnp.asarray(x)), jnp.asarray(t)[:, None], 1)[:, 0]
    return losses.mean() if reduce == "mean" else losses


def lrn(x: np.ndarray, before: int, after: int, alpha: float = 1.0, beta: float = 1.0, k: float = 1.0) -> Any:
    """Return x / (k + alpha * sum of squares over channels i-before .. i+after)**beta; alpha is not divided."""
    window, padding = (1, before + after + 1, 1, 1), ((0, 0), (before, after), (0, 0), (0, 0))
    squares = lax.reduce_window(jnp.asarray(x) ** 2, 0.0, lax.add, window, (1, 1, 1, 1), padding)
    return x / (k + alpha * squares) ** beta


def lrn_torch(x: np.ndarray, size: int, alpha: float = 1.0, **how: Any) -> Any:
    """Apply torch's formula: a window of size channels, alpha divided by size."""
    return lrn(x, size // 2, (size - 1) // 2, alpha / size, **how)


def dropout(x: np.ndarray, p: float = 0.5, training: bool = True) -> Any:
    """Apply dropout; p is the share that is dropped, the others are scaled in training."""
    if not training or p == 0:
        return jnp.asarray(x)
    if p == 1:
        return jnp.zeros_like(x)
    return jnp.where(jax.random.bernoulli(jax.random.key(0), 1 - p, x.shape), x / (1 - p), 0)


def batch_norm(
    x: np.ndarray, mean: Any = 0.0, var: Any = 1.0, new: float = 0.1, eps: float = 1e-5, unbiased: bool = True
) -> Any:
    """Return the output, the running mean and the running variance; new is the weight of this batch."""
    m, v, n = x.mean((0, 2, 3)), x.var((0, 2, 3)), x[:, 0].size
    out = (x - m[:, None, None]) / jnp.sqrt(v[:, None, None] + eps)
    return out, (1 - new) * mean + new * m, (1 - new) * var + new * (v * n / (n - 1) if unbiased else v)


def uniform(*shape: int, bound: float) -> Any:
    """Return random numbers between -bound and bound."""
    return jax.random.uniform(jax.random.key(0), shape, minval=-bound, maxval=bound)


def in_float64(x: np.ndarray, w: np.ndarray) -> Any:
    """Convolve in float64."""
    with jax.enable_x64(True):
        return np.asarray(conv(x, w))


ONE = ((1, 1), (1, 1))
RECIPES = {
    "S03: rounded up": lambda x: pool(x, (2, 2), (2, 2), ((0, 1), (0, 1))),
    "S04: it is dropped": lambda x: pool(x, (1, 1), (2, 2)),
    "S06: refused": lambda x, w, stride=(1, 2): refuse(max(stride) > 1) or conv(x, w, stride, "SAME"),
    "S07: refused": lambda x, w, stride=(2, 2): refuse(max(stride) > 1) or conv(x, w, stride, "SAME"),
    "S08: refused": lambda x, pad=2, size=3: (
        refuse(2 * pad > size) or pool(x, (size, size), padding=((pad, pad), (pad, pad)))
    ),
    "S10: refused": lambda x, w: refuse(w.shape[2] > x.shape[2] or w.shape[3] > x.shape[3]) or conv(x, w),
    "S11: refused": lambda x, size=5: refuse(size > min(x.shape[2:])) or pool(x, (size, size)),
    "S12: the input's size": lambda x, w: x if len(x) == 0 else conv(x, w),
    "S16: the window": lambda x: pool(x, (2, 2), stride=(2, 2)),
    "S16: 1": lambda x: pool(x, (2, 2), stride=(1, 1)),
    "S17: none": lambda x, w: conv(x, w, padding="VALID"),
    "S18: refused": lambda x, w, pad=-1: refuse(pad < 0) or conv(x, w, padding=((pad, pad), (pad, pad))),
    "S19: refused": lambda x, w, padding=((1, 0), (1, 0)): (
        refuse(any(a != b for a, b in padding)) or conv(x, w, padding=padding)
    ),
    "C02: as it is": lambda x, w: lax.conv_transpose(
        x, w[:, :, ::-1, ::-1], (1, 1), "VALID", dimension_numbers=("NCHW", "OIHW", "NCHW")
    ),
    "C03: (n - 1) s + k": lambda x, w: lax.conv_transpose(
        x, w, (2, 2), "VALID", dimension_numbers=("NCHW", "OIHW", "NCHW")
    ),
    "C07: grouped without being asked": lambda x, w: conv(x, w, feature_group_count=x.shape[1] // w.shape[1]),
    "C08: refused": lambda x, w, b: refuse(b.shape != w.shape[:1]) or conv(x, w) + b[:, None, None],
    "C09: the channels": lambda x, w, b: conv(x, w) + b[:, None, None],
    "C10: refused": lambda x, w: refuse(x.dtype.kind != "f") or conv(x, w),
    "C11: refused": lambda x, w: refuse(x.dtype.kind != "f") or conv(x, w),
    "C13: refused": lambda x, w: refuse(x.dtype != w.dtype) or conv(x, w),
    "C14: kept": lambda x, w: in_float64(x, w),
    "C14: refused": lambda x, w: refuse(x.dtype == np.float64) or conv(x, w),
    "C18: refused": lambda x, w: refuse(min(x[..., ::-1].strides) < 0) or conv(x[..., ::-1], w),
    "C19: last (N,H,W,C)": lambda x: (
        conv(x, np.ones((1, 1, 4, 2), "float32"), dimension_numbers=("NHWC", "HWIO", "NHWC")).shape
    ),
    "C20: (FH,FW,C,FN)": lambda: (
        conv(np.ones((1, 3, 5, 4)), np.ones((5, 4, 3, 2)), dimension_numbers=("NCHW", "HWIO", "NCHW")).size
        and [5, 4, 3, 2]
    ),
    "C21: taken as one image": lambda x, w: conv(x[None], w)[0],
    "C22: pixel by pixel": lambda x: (
        lax.conv_general_dilated_patches(x, (2, 2), (1, 1), "VALID").reshape(2, 4).T.ravel()
    ),
    "P02: it counts": lambda x: mean_of_all(x, (3, 3), (1, 1), ONE)[0, 0, 0, 0],
    "P02: it does not": lambda x: mean_of_pixels(x, (3, 3), (1, 1), ONE)[0, 0, 0, 0],
    "P03: by the pixels there": lambda x: mean_of_pixels(x, (2, 2), (2, 2), ((0, 1), (0, 1)))[0, 0, 1, 1],
    "P04: the pixels and the padding": lambda x: mean_of_pixels(
        jnp.pad(x, ((0, 0), (0, 0), (0, 0), (1, 1))), (1, 3), (1, 2), ((0, 0), (0, 1))
    )[0, 0, 0, -1],
    "P07: depends on its place": lambda x: reduce(lambda a, b: jnp.where(b > a, b, a), taps(x, 2)),
    "P07: NaN is passed over": lambda x: pool(jnp.nan_to_num(x, nan=-jnp.inf), (1, 2)),
    "P08: the lowest float (-3.4e38)": lambda x: jnp.maximum(pool(x, (2, 2)), jnp.finfo("float32").min),
    "P09: refused": lambda x: refuse(x.dtype.kind != "f") or pool(x, (1, 2)),
    "P10: refused": lambda x: refuse(x.dtype.kind != "f") or mean_of_all(x, (1, 2), (1, 2), "VALID"),
    "P11: within the channel (6)": lambda x: winners(x, (2, 4), (2, 4))[0, 1],
    "P11: over all channels (14)": lambda x: winners(x, (2, 4), (2, 4))[0, 1] + 1 * 2 * 4,
    "P11: channels innermost (13)": lambda x: winners(x, (2, 4), (2, 4))[0, 1] * 2 + 1,
    "P12: they do": lambda x: bool((pool(x, (2, 2))[0, 0] == x[0, 0].ravel()[winners(x, (2, 2), (1, 1))[0, 0]]).all()),
    "A02: 1": lambda x: gradient(lambda x: jnp.where(x >= 0, x, 0), x),
    "A03: -0.0": lambda x: np.copysign(1, jnp.where(jnp.asarray(x) < 0, 0, x)),
    "A08: exact (erf)": lambda x: nn.gelu(x, approximate=False),
    "A09: 0.2": lambda x: -nn.leaky_relu(x, 0.2),
    "A10: 0.2 x + 0.5": lambda x: jnp.clip(0.2 * x + 0.5, 0, 1),
    "L01: mean": lambda x, t: entropy(x, t),
    "L01: one a sample": lambda x, t: entropy(x, t, reduce="none"),
    "L02: taken": lambda x, t: entropy(x, t),
    "L02: refused": lambda x, t: refuse(t.dtype != np.int64) or entropy(x, t),
    "L03: taken": lambda x, t: -(t * nn.log_softmax(x)).sum(1).mean(),
    "L03: refused": lambda x, t: refuse(t.dtype.kind == "f") or entropy(x, t),
    "L04: logits": lambda x, t: entropy(x, t),
    "L05: over all classes": lambda x, t: -((0.9 * nn.one_hot(t, 2) + 0.1 / 2) * nn.log_softmax(x)).sum(1).mean(),
    "L06: NaN": lambda x, t: entropy(x, t),
    "L06: refused": lambda x, t: refuse(len(x) == 0) or entropy(x, t),
    "L07: refused": lambda x, t: refuse(t.max() >= x.shape[1]) or entropy(x, t),
    "L08: left out": lambda x, t: entropy(x[t != -100], t[t != -100]),
    "L08: refused": lambda x, t: refuse(t.min() < 0) or entropy(x, t),
    "L09: right": lambda x, t: entropy(x, t),
    "L10: nowhere": lambda x, t: -jnp.log(jnp.asarray(x))[0, t[0]],
    "L11: by the sum of the weights": lambda x, t, weights: (
        (entropy(x, t, "none") * weights[t]).sum() / weights[t].sum()
    ),
    "R01: divided by n": lambda x: lrn_torch(x, 3)[0, 1],
    "R01: not divided": lambda x: lrn(x, 1, 1)[0, 1],
    "R02: i - n/2 .. i + n/2 - 1": lambda x: lrn(x, 1, 0).ravel(),
    "R02: refused": lambda x, size=2: refuse(size % 2 == 0) or lrn_torch(x, size),
    "R03: the width": lambda x, size=1: lrn_torch(x, size).ravel(),
    "R03: the radius": lambda x, radius=1: lrn(x, radius, radius).ravel(),
    "R04: size -, alpha 0.0001, beta 0.75, k 1": lambda alpha=1e-4, beta=0.75, k=1.0: (
        f"size -, alpha {alpha:g}, beta {beta:g}, k {k:g}"
    ),
    "R04: radius 5, alpha 1, beta 0.5, k 1": lambda radius=5, alpha=1.0, beta=0.5, k=1.0: (
        f"radius {radius}, alpha {alpha:g}, beta {beta:g}, k {k:g}"
    ),
    "R05: yes": lambda x: bool(jnp.allclose(lrn(x, 1, 1)[1:], lrn(x[1:], 1, 1))),
    "D01: 1/(1 - p)": lambda x: np.unique(dropout(x, 0.5)),
    "D02: dropped": lambda x: float((dropout(x, 0.25) == 0).mean()),
    "D03: zeros": lambda x: dropout(x, 1.0),
    "D03: refused": lambda x, p=1.0: refuse(p == 1) or dropout(x, p),
    "D04: 1": lambda x: np.unique(dropout(x, 0.5, training=False)),
    "D05: it drops": lambda x: bool((dropout(x) == 0).any()),
    "D05: it does not": lambda x: bool((dropout(x, training=False) == 0).any()),
    "B01: 1e-05": lambda: signature(batch_norm).parameters["eps"].default,
    "B01: 0.001": lambda eps=1e-3: eps if jnp.isfinite(batch_norm(np.ones((2, 1, 1, 1)), eps=eps)[0]).all() else None,
    "B02: the weight of the new": lambda x: batch_norm(x, new=0.1)[1],
    "B02: the weight of the old": lambda x: batch_norm(x, new=1 - 0.1)[1],
    "B03: 0.1": lambda x: batch_norm(x)[1] / 10,
    "B03: 1": lambda x: batch_norm(x, new=1.0)[1] / 10,
    "B04: unbiased (n - 1)": lambda x: batch_norm(x, new=1.0)[2],
    "B04: biased (n)": lambda x: batch_norm(x, new=1.0, unbiased=False)[2],
    "B05: 0": lambda x: batch_norm(x, unbiased=False)[0],
    "B05: refused": lambda x: refuse(x[:, 0].size == 1) or batch_norm(x)[0],
    "B06: the biased deviation": lambda x: batch_norm(x)[0].max(),
    "W01: uniform, He with a = sqrt 5": lambda: float(abs(uniform(16, 16, 3, 3, bound=1 / 12)).max()) * 12,
    "W02: random": lambda: uniform(3, bound=1 / 12),
    "W03: uniform, He with a = sqrt 5": lambda: float(abs(uniform(100, 100, bound=1 / 10)).max()) * 10,
    "W04: not cut off": lambda: float(abs(jax.random.normal(jax.random.key(0), (100, 100))).max()),
}
