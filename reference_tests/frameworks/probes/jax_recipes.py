"""Recipes that make JAX behave as another framework: a row for each answer, run and checked. All but UNJITTED jit."""

from functools import reduce
from inspect import signature
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax, nn
from jax_probe import about, conv, gradient, pool  # noqa: F401
from recipes import (
    adaptive_bins,
    batch_norm_train,
    ceil_pads,
    convert_weight,
    lrn_alpha,
    lrn_window,
    same_pads,
    transposed_as_conv,
    transposed_pads,
    transposed_same_pads,
    window_counts,
)


def refuse(when: Any) -> Any:
    """Raise the one exception that counts as a refusal of a recipe."""
    if when:
        raise ValueError("refused, as the other framework does")


def pair(n: Any) -> Any:
    """Return one number as two."""
    return tuple(n) if isinstance(n, tuple | list) else (n, n)


def windows(x: Any, k: Any, s: Any, p: Any, d: Any, ceil: bool) -> Any:
    """Return reduce_window's window, stride, padding and dilation for x (N, C, H, W)."""
    k, s, p, d = pair(k), pair(s), pair(p), pair(d)
    sides = [ceil_pads(n, *of) if ceil else (of[2], of[2]) for n, *of in zip(x.shape[2:], k, s, p, d)]
    return (1, 1, *k), (1, 1, *s), ((0, 0), (0, 0), *sides), None, (1, 1, *d)


def max_pool(x: Any, k: Any, s: Any, p: Any = 0, ceil: bool = False, d: Any = 1) -> Any:
    """Return torch's max_pool2d of x (N, C, H, W)."""
    x = jnp.asarray(x)
    start = -jnp.inf if jnp.issubdtype(x.dtype, jnp.floating) else jnp.iinfo(x.dtype).min
    return lax.reduce_window(x, np.asarray(start, x.dtype), lax.max, *windows(x, k, s, p, d, ceil))


def average_pool(
    x: Any, k: Any, s: Any, p: Any = 0, ceil: bool = False, padding: bool = True, divisor: Any = None
) -> Any:
    """Return torch's avg_pool2d of x (N, C, H, W); padding: whether it counts."""
    of = zip(x.shape[2:], pair(k), pair(s), pair(p))
    counts = np.multiply.outer(*(window_counts(*one, ceil, padding) for one in of))
    return lax.reduce_window(jnp.asarray(x), 0.0, lax.add, *windows(x, k, s, p, 1, ceil)) / (divisor or counts)


def adaptive_average_pool(x: Any, size: Any) -> Any:
    """Return torch's adaptive_avg_pool2d of x (N, C, H, W)."""
    rows, columns = (adaptive_bins(n, to) for n, to in zip(x.shape[2:], pair(size)))
    return jnp.stack([jnp.stack([x[:, :, a:b, c:d].mean((2, 3)) for c, d in columns], -1) for a, b in rows], 2)


def conv_same(x: Any, w: Any, s: Any = 1, d: Any = 1, lower: bool = False) -> Any:
    """Convolve with SAME padding, an odd zero at the end, or at the start."""
    s, d = pair(s), pair(d)
    sides = [same_pads(n, *of, lower) for n, *of in zip(x.shape[2:], w.shape[2:], s, d)]
    return conv(x, w, s, sides, rhs_dilation=d)


def conv_transpose(x: Any, w: Any, s: Any = 1, p: Any = 0, out: Any = 0, d: Any = 1, groups: int = 1) -> Any:
    """Return torch's conv_transpose2d of x (N, C, H, W) with w (C, FN/g, FH, FW): a convolution of the spread input."""
    s, d = pair(s), pair(d)
    sides = [transposed_pads(*of) for of in zip(w.shape[2:], pair(p), pair(out), d)]
    w = transposed_as_conv(w, groups)
    return conv(x, w, (1, 1), sides, lhs_dilation=s, rhs_dilation=d, feature_group_count=groups)


def conv_transpose_same(x: Any, w: Any, s: Any) -> Any:
    """Return TensorFlow's transposed convolution with SAME padding, w (C, FN, FH, FW)."""
    cuts = [transposed_same_pads(*of) for of in zip(w.shape[2:], pair(s))]
    sides = [(k - 1 - start, k - 1 - end) for k, (start, end) in zip(w.shape[2:], cuts)]
    return conv(x, transposed_as_conv(w), (1, 1), sides, lhs_dilation=pair(s))


def taps(x: Any, width: int) -> Any:
    """Return the values at each place of a window 1 x width that moves by its own width."""
    return [jnp.asarray(x)[..., i::width] for i in range(width)]


def winners(x: Any, window: Any, stride: Any) -> Any:
    """Return row * W + column of each window's maximum, the first of equals, by an argmax over the unfolded windows."""
    N, C, _, W = x.shape
    spec = lax.conv_general_dilated_patches(jnp.asarray(x), window, stride, "VALID")
    place = spec.reshape(N, C, window[0] * window[1], *spec.shape[2:]).argmax(2)
    row, column = place // window[1], place % window[1]
    oh, ow = np.indices(place.shape[2:])
    return (row + oh * stride[0]) * W + column + ow * stride[1]


def entropy(x: Any, t: Any, reduce: str = "mean", ignore: Any = None, weights: Any = None) -> Any:
    """Return the cross-entropy of the logits x (N, classes) and the labels t (N,), without the label `ignore`."""
    x, t = jnp.asarray(x), jnp.asarray(t)
    weight = jnp.ones(len(t)) if weights is None else jnp.asarray(weights)[t]
    weight = weight if ignore is None else jnp.where(t == ignore, 0, weight)
    losses = -jnp.take_along_axis(nn.log_softmax(x), jnp.where(t == ignore, 0, t)[:, None], 1)[:, 0]
    return (losses * weight).sum() / weight.sum() if reduce == "mean" else losses * weight


def soft_entropy(x: Any, t: Any) -> Any:
    """Return the cross-entropy of the logits x and labels t that are probabilities, (N, classes) both."""
    return -(t * nn.log_softmax(jnp.asarray(x))).sum(1).mean()


def binary_entropy(p: Any, t: Any) -> Any:
    """Return torch's binary cross-entropy, whose logarithms are cut off at -100."""
    a, b = (jnp.maximum(jnp.log(jnp.asarray(q)), -100) for q in (p, 1 - p))
    return -(t * a + (1 - t) * b).mean()


def lrn(x: Any, before: int, after: int, alpha: float = 1.0, beta: float = 1.0, k: float = 1.0) -> Any:
    """Return x / (k + alpha * sum of squares over channels i-before .. i+after)**beta; alpha is not divided."""
    window, padding = (1, before + after + 1, 1, 1), ((0, 0), (before, after), (0, 0), (0, 0))
    squares = lax.reduce_window(jnp.asarray(x) ** 2, 0.0, lax.add, window, (1, 1, 1, 1), padding)
    return x / (k + alpha * squares) ** beta


def lrn_torch(x: Any, n: int, alpha: float = 1.0, **how: Any) -> Any:
    """Apply torch's formula: a window of n channels, alpha divided by n."""
    before, after = lrn_window(n, "torch")
    return lrn(x, before, after, lrn_alpha(alpha, n, "torch", "jax"), **how)


def dropout(key: Any, x: Any, p: float = 0.5, training: bool = True) -> Any:
    """Apply dropout; p is the share that is dropped. Each call wants a new key: key, now = jax.random.split(key)."""
    if not training or p == 0:
        return jnp.asarray(x)
    if p == 1:
        return jnp.zeros_like(x)
    return jnp.where(jax.random.bernoulli(key, 1 - p, x.shape), x / (1 - p), 0)


def norm(x: Any, mean: Any = 0.0, var: Any = 1.0, **how: Any) -> Any:
    """Normalize a batch x (N, C, H, W) in training, gamma 1 and beta 0; return output, running mean and variance."""
    x, C = jnp.asarray(x), x.shape[1]
    return batch_norm_train(x, jnp.ones(C), jnp.zeros(C), mean, var, **how)


def standardize(x: Any, axes: Any, eps: float = 1e-5) -> Any:
    """Subtract the mean over the axes, then divide by the deviation, in float32 at least."""
    y = jnp.asarray(x, jnp.promote_types(x.dtype, jnp.float32))
    y = y - y.mean(axes, keepdims=True)
    return (y / jnp.sqrt((y * y).mean(axes, keepdims=True) + eps)).astype(x.dtype)


def length(x: Any) -> Any:
    """Return a vector's length, with the gradient 0 at 0."""
    squares = (x * x).sum()
    return jnp.where(squares == 0, 0, jnp.sqrt(jnp.where(squares == 0, 1, squares)))


def uniform(key: Any, shape: Any, bound: float) -> Any:
    """Return random numbers between -bound and bound."""
    return jax.random.uniform(key, shape, minval=-bound, maxval=bound)


def in_64_bits(function: Any, *arrays: Any) -> Any:
    """Compute with 64 bits, which JAX cuts to 32 unless told otherwise."""
    with jax.enable_x64(True):
        return np.asarray(function(*arrays))


KEY = jax.random.key(0)
UNJITTED = {  # rows that ask for what a traced array does not have, or that are not about arrays
    **dict.fromkeys(
        ["C10: in the same type", "C14: kept", "P09: in the same type"], "64 bits are switched on outside of jit"
    ),
    "C10: in the same type for int32; refused for int64": "jit has cut int64 before",
    "P09: refused for int32, int64; in the same type for uint8": "jit has cut int64 before",
    "C14: refused": "jit has cut float64 before",
    "C18: refused": "an array of JAX has no strides",
    "L07: refused": "a refusal by a value",
    "L07: refused for label 5 of 2 classes, label 2 of 2 classes; the last class for label -1": "a refusal by a value",
    "L08: refused": "a refusal by a value",
    "L15: refused": "a refusal by a value",
}
RECIPES = {
    "S03: rounded up": lambda x, k, s: max_pool(x, k, s, ceil=True),
    "S04: it is dropped": lambda x, k, s: max_pool(x, k, s, ceil=True),
    "S06: refused": lambda x, w, s: refuse(s > 1) or conv_same(x, w),
    "S07: refused": lambda x, w, s: refuse(s > 1) or conv_same(x, w),
    "S08: refused": lambda x, k, p: refuse(2 * p > k) or max_pool(x, k, 1, p),
    "S08: allowed for window 3, padding 2; refused for window 2, padding 2, window 3, padding 4": lambda x, k, p: (
        refuse(p >= k) or max_pool(x, k, 1, p)
    ),
    "S10: refused": lambda x, w: refuse(w.shape[2] > x.shape[2] or w.shape[3] > x.shape[3]) or conv(x, w),
    "S11: refused": lambda x, k: refuse(k > min(x.shape[2:])) or max_pool(x, k, k),
    "S16: the window": lambda x, k: max_pool(x, k, k),
    "S16: 1": lambda x, k: max_pool(x, k, 1),
    "S17: none": lambda x, w: conv(x, w, padding="VALID"),
    "S18: refused": lambda x, w, p=-1: refuse(p < 0) or conv(x, w, padding=((p, p), (p, p))),
    "S19: refused": lambda x, w, padding=((1, 0), (1, 0)): (
        refuse(any(a != b for a, b in padding)) or conv(x, w, padding=padding)
    ),
    "S20: refused": lambda x, w, s, d: refuse(d > 1) or conv_same(x, w, (1, s)),
    "S20: the fewest zeros, an odd one at the end for 7 wide, filter 3, 8 wide, filter 2, dilation 3; "
    "refused for 8 wide, filter 3, stride 2": lambda x, w, s, d: refuse(s > 1) or conv_same(x, w, 1, (1, d)),
    "C02: as it is": lambda x, w: conv_transpose(x, w),
    "C03: (n - 1) s + k": lambda x, w, s: conv_transpose(x, w, s),
    "C07: grouped without being asked": lambda x, w: conv(x, w, feature_group_count=x.shape[1] // w.shape[1]),
    "C08: refused": lambda x, w, b: refuse(b.shape != w.shape[:1]) or conv(x, w) + b[:, None, None],
    "C09: the channels": lambda x, w, b: conv(x, w) + b[:, None, None],
    "C10: refused": lambda x, w: refuse(x.dtype.kind != "f") or conv(x, w),
    "C10: in the same type": lambda x, w: in_64_bits(conv, x, w),
    "C10: in the same type for int32; refused for int64": lambda x, w: refuse(x.dtype == np.int64) or conv(x, w),
    "C11: refused": lambda x, w: refuse(x.dtype.kind != "f") or conv(x, w),
    "C13: refused": lambda x, w: refuse(x.dtype != w.dtype) or conv(x, w),
    "C14: kept": lambda x, w: in_64_bits(conv, x, w),
    "C14: refused": lambda x, w: refuse(x.dtype == np.float64) or conv(x, w),
    "C18: refused": lambda x, w: refuse(min(x[..., ::-1].strides) < 0) or conv(x[..., ::-1], w),
    "C19: last (N,H,W,C)": lambda x: (
        conv(x, np.ones((1, 1, 4, 2), "float32"), dimension_numbers=("NHWC", "HWIO", "NHWC")).shape
    ),
    "C20: (FH,FW,C,FN)": lambda: convert_weight(np.ones((2, 3, 5, 4)), "conv", "torch", "jax").shape,
    "C21: taken as one image": lambda x, w: conv(x[None], w)[0],
    "C22: pixel by pixel": lambda x: (
        lax.conv_general_dilated_patches(x, (2, 2), (1, 1), "VALID").reshape(x.shape[1], 4).T.ravel()
    ),
    "T01: (FH,FW,C out,C in)": lambda: convert_weight(np.ones((2, 3, 5, 4)), "conv_transpose", "torch", "tf").shape,
    "T02: more is cut off at the end": lambda x, w, s: conv_transpose_same(x, w, (1, s)),
    "T03: the numbers that belong there": lambda x, w, s, out: conv_transpose(x, w, (1, s), (0, 1), (0, out)),
    "T05: the same": lambda x, w, s: [conv_transpose(x, w, (1, s), (0, w.shape[3] // 2)).shape[3]] * 2,
    "P20: it counts": lambda x, k, s: average_pool(
        jnp.pad(x, ((0, 0), (0, 0), (0, 0), same_pads(x.shape[3], k, s, lower=True))), (1, k), (1, s)
    ),
    "P02: it counts": lambda x, k, p: average_pool(x, k, 1, p)[0, 0, 0, 0],
    "P02: it does not": lambda x, k, p: average_pool(x, k, 1, p, padding=False)[0, 0, 0, 0],
    "P03: by the pixels there": lambda x, k, s: average_pool(x, k, s, ceil=True)[0, 0, 1, 1],
    "P04: the pixels and the padding": lambda x, k, s: average_pool(x, (1, k), (1, s), (0, 1), True)[0, 0, 0, -1],
    "P07: depends on its place for windows of 2; NaN is passed over for windows of 3": lambda x, k: (
        reduce(lambda a, b: jnp.where(b > a, b, a), taps(x, k))
        if k == 2
        else max_pool(jnp.nan_to_num(x, nan=-jnp.inf), (1, k), (1, k))
    ),
    "P07: NaN is passed over": lambda x, k: max_pool(jnp.where(jnp.isnan(x), -jnp.inf, x), (1, k), (1, k)),
    "P08: the lowest float (-3.4e38)": lambda x, k: jnp.maximum(max_pool(x, k, k), jnp.finfo("float32").min),
    "P09: in the same type": lambda x: in_64_bits(lambda x: max_pool(x, (1, 2), 1), x),
    "P09: refused for int32, int64; in the same type for uint8": lambda x: (
        refuse(x.dtype in (np.int32, np.int64)) or max_pool(x, (1, 2), (1, 2))
    ),
    "P10: refused": lambda x: refuse(x.dtype.kind != "f") or average_pool(x, (1, 2), (1, 2)),
    "P11: within the channel (6)": lambda x: winners(x, (2, 4), (2, 4))[0, 1],
    "P11: over all channels (14)": lambda x: winners(x, (2, 4), (2, 4))[0, 1] + 1 * 2 * 4,
    "P11: channels innermost (13)": lambda x: winners(x, (2, 4), (2, 4))[0, 1] * 2 + 1,
    "P12: they do": lambda x: (
        max_pool(x, 2, 2).ravel()
        == jnp.take_along_axis(
            jnp.reshape(x, (*x.shape[:2], -1)), winners(x, (2, 2), (2, 2)).reshape(*x.shape[:2], -1), 2
        ).ravel()
    ).all(),
    "P14: refused": lambda x, k, d: refuse(d * (k - 1) + 1 > x.shape[3]) or max_pool(x, (1, k), 1, d=(1, d)),
    "P15: they overlap": lambda x, size: adaptive_average_pool(x, (1, size)),
    "P16: as forward divides": lambda x, k: gradient(lambda x: average_pool(x, (1, k), (1, 2), ceil=True), x),
    "P17: pixels are used again": lambda x, size: adaptive_average_pool(x, (1, size)),
    "P18: it does": lambda x, divisor: average_pool(x, 2, 2, divisor=divisor),
    "G02: refused": lambda x, p: (
        refuse(p >= x.shape[3]) or jnp.pad(x, ((0, 0), (0, 0), (0, 0), (p, p)), mode="reflect")
    ),
    "G04: from the left edge": lambda x, size: x[..., np.arange(size) * x.shape[3] // size],
    "G05: no": lambda x, size: jax.image.resize(x, (*x.shape[:3], size), "linear", antialias=False),
    "A02: 1": lambda x: gradient(lambda x: jnp.where(x >= 0, x, 0), x),
    "A03: -0.0": lambda x: jnp.copysign(1, jnp.where(jnp.asarray(x) < 0, 0, x)),
    "A07: axis 1 for 2-D, 4-D; axis 0 for 1-D, 3-D": lambda x: nn.softmax(x, axis=0 if x.ndim in (0, 1, 3) else 1),
    "A08: exact (erf)": lambda x: nn.gelu(x, approximate=False),
    "A09: 0.2": lambda x: -nn.leaky_relu(x, 0.2),
    "A10: 0.2 x + 0.5": lambda x: jnp.clip(0.2 * x + 0.5, 0, 1),
    "A11: 1": lambda x: gradient(lambda x: jnp.where((x >= 0) & (x <= 1), x, jnp.round(jnp.clip(x, 0, 1))), x),
    "A13: 0": lambda x: gradient(length, x),
    "A15: the largest number": lambda x: jnp.argmax(jnp.where(jnp.isnan(x), -jnp.inf, x)),
    "L01: mean": lambda x, t: entropy(x, t),
    "L01: one a sample": lambda x, t: entropy(x, t, reduce="none"),
    "L02: taken for int32; refused for uint8, int16": lambda x, t: (
        refuse(t.dtype not in (np.int32, np.int64)) or entropy(x, t)
    ),
    "L02: refused for int32, int16; taken for uint8": lambda x, t: (
        refuse(t.dtype not in (np.uint8, np.int64)) or entropy(x, t)
    ),
    "L03: taken for float32; refused for int64": lambda x, t: refuse(t.dtype.kind != "f") or soft_entropy(x, t),
    "L03: refused": lambda x, t: refuse(t.ndim > 1) or entropy(x, t),
    "L04: logits": lambda x, t: entropy(x, t),
    "L05: over all classes": lambda x, t: soft_entropy(x, 0.9 * nn.one_hot(t, x.shape[1]) + 0.1 / x.shape[1]),
    "L06: NaN": lambda x, t: entropy(x, t),
    "L06: refused": lambda x, t: refuse(len(x) == 0) or entropy(x, t),
    "L07: refused": lambda x, t: refuse(t.min() < 0 or t.max() >= x.shape[1]) or entropy(x, t),
    "L07: refused for label 5 of 2 classes, label 2 of 2 classes; the last class for label -1": lambda x, t: (
        refuse(t.max() >= x.shape[1]) or entropy(x, t % x.shape[1])
    ),
    "L08: left out": lambda x, t: entropy(x, t, ignore=-100),
    "L08: refused": lambda x, t: refuse(t.min() < 0) or entropy(x, t),
    "L09: right": lambda x, t: entropy(x, t),
    "L10: nowhere": lambda x, t: -jnp.log(jnp.asarray(x))[0, t[0]],
    "L11: by the sum of the weights": lambda x, t, weights: entropy(x, t, weights=weights),
    "L12: at 100": lambda p, t: binary_entropy(p, t),
    "L13: the square": lambda x, t: ((x - t) ** 2).mean(),
    "L14: mean over every number": lambda q, p: (p * (jnp.log(p) - jnp.log(q))).mean(),
    "L15: NaN": lambda x, t: entropy(x, t, ignore=-100),
    "L15: refused": lambda x, t: refuse(t.min() < 0) or entropy(x, t),
    "R01: divided by n": lambda x, n: lrn_torch(x, n)[0, n // 2],
    "R01: not divided": lambda x, n: lrn(x, n // 2, n // 2)[0, n // 2],
    "R02: i - n/2 .. i + n/2 - 1": lambda x, n: lrn_torch(x, n, alpha=float(n)).ravel(),
    "R02: refused": lambda x, n: refuse(n % 2 == 0) or lrn_torch(x, n),
    "R03: the width": lambda x, n: lrn_torch(x, n, alpha=float(n)).ravel(),
    "R03: the radius": lambda x, n: lrn(x, n, n).ravel(),
    "R04: size -, alpha 0.0001, beta 0.75, k 1": lambda alpha=1e-4, beta=0.75, k=1.0: (
        f"size -, alpha {alpha:g}, beta {beta:g}, k {k:g}"
    ),
    "R04: radius 5, alpha 1, beta 0.5, k 1": lambda radius=5, alpha=1.0, beta=0.5, k=1.0: (
        f"radius {radius}, alpha {alpha:g}, beta {beta:g}, k {k:g}"
    ),
    "R05: yes": lambda x: jnp.allclose(lrn(x, 1, 1)[1:], lrn(x[1:], 1, 1), rtol=1e-6),
    "D01: 1/(1 - p)": lambda x, p: jnp.unique(dropout(KEY, x, p), size=2),
    "D02: dropped": lambda x, p: (dropout(KEY, x, p) == 0).mean(),
    "D03: zeros": lambda x: dropout(KEY, x, 1.0),
    "D03: refused": lambda x, p=1.0: refuse(p == 1) or dropout(KEY, x, p),
    "D04: 1": lambda x, p: jnp.unique(dropout(KEY, x, p, training=False), size=1),
    "D05: it drops": lambda x: (dropout(KEY, x) == 0).any(),
    "D05: it does not": lambda x: (dropout(KEY, x, training=False) == 0).any(),
    "B01: 1e-05": lambda: signature(batch_norm_train).parameters["eps"].default,
    "B01: 0.001": lambda eps=1e-3: eps + 0 * norm(np.ones((2, 1, 1, 1)), eps=eps)[0].sum(),
    "B02: the weight of the new": lambda x, momentum: norm(x, new=momentum)[1],
    "B02: the weight of the old": lambda x, momentum: norm(x, new=1 - momentum)[1],
    "B03: 0.1": lambda x: norm(x)[1] / 10,
    "B03: 1": lambda x: norm(x, new=1.0)[1] / 10,
    "B04: unbiased (n - 1)": lambda x: norm(x, new=1.0)[2],
    "B04: biased (n)": lambda x: norm(x, new=1.0, unbiased=False)[2],
    "B05: 0": lambda x: norm(x, unbiased=False)[0],
    "B05: refused": lambda x: refuse(x[:, 0].size == 1) or norm(x)[0],
    "B06: the biased deviation": lambda x: norm(x)[0].max(),
    "B07: the second": lambda x: norm(x)[1].shape,
    "N01: right": lambda x: norm(x)[0].max(),
    "N02: right": lambda x: standardize(x, -1).max(),
    "N03: right": lambda x: standardize(x, (1, 2, 3)).max(),
    "N04: 1e-05": lambda: signature(standardize).parameters["eps"].default,
    "N05: 1e-05": lambda: signature(standardize).parameters["eps"].default,
    "N06: the length": lambda x: (x / jnp.maximum(jnp.linalg.norm(x, axis=1, keepdims=True), 1e-12))[0, 0],
    "N06: the sum of squares": lambda x: (x / jnp.sqrt(jnp.maximum((x * x).sum(1, keepdims=True), 1e-12)))[0, 0],
    "N06: nothing": lambda x: (x / jnp.abs(x).max() / jnp.linalg.norm(x / jnp.abs(x).max()))[0, 0],
    "H01: right": lambda x: average_pool(x, x.shape[2:], 1).astype(jnp.bfloat16).astype("float32"),
    "H02: right": lambda x: average_pool(x, x.shape[2:], 1).astype(jnp.float16).astype("float32"),
    "H04: right": lambda x: standardize(jnp.asarray(x, jnp.float16), -1).astype("float32")[0, 0, 0, 1],
    "F01: pixel by pixel (H,W,C)": lambda x: jnp.reshape(jnp.transpose(x, (0, 2, 3, 1)), (len(x), -1)).ravel(),
    "F02: (out, in)": lambda: convert_weight(np.ones((3, 5)), "dense", "jax", "torch").shape,
    "F03: on the last axis": lambda x: (x @ jnp.ones((4, 5))).shape,
    "W01: uniform, He with a = sqrt 5": lambda channels, filters: (
        abs(uniform(KEY, (filters, channels, 3, 3), (9 * channels) ** -0.5)).max() * (9 * channels) ** 0.5
    ),
    "W02: random": lambda: uniform(KEY, (3,), (9 * 16) ** -0.5),
    "W03: uniform, He with a = sqrt 5": lambda inputs, outputs: (
        abs(uniform(KEY, (inputs, outputs), inputs**-0.5)).max() * inputs**0.5
    ),
    "W04: not cut off": lambda: abs(jax.random.normal(KEY, (100, 100))).max(),
}
