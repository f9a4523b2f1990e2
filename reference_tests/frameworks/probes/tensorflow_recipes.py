"""Recipes that make TensorFlow behave as another framework: a row for each answer, run and checked."""

from functools import reduce
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow_probe import (  # noqa: F401
    about,
    around,
    average_pool,
    back,
    conv,
    entropy,
    filters,
    gradient,
    last,
    max_pool,
    norm,
)


def refuse(when: bool) -> Any:
    """Raise the one exception that counts as a refusal of a recipe."""
    if when:
        raise ValueError("refused, as the other framework does")


def shape_of(x: np.ndarray, w: np.ndarray) -> Any:
    """Return the shape of a convolution's result, with 0 for a filter that is too large."""
    return len(x), len(w), *(max(0, a - b + 1) for a, b in zip(x.shape[2:], w.shape[2:]))


def padded(x: np.ndarray, *sides: Any, value: Any = 0.0) -> Any:
    """Pad x (N, C, H, W) by its sides."""
    return np.pad(x, ((0, 0), (0, 0), sides[:2], sides[2:]), constant_values=value)


def mean_of_all(x: np.ndarray, *how: Any) -> Any:
    """Return the mean of each window of a padded array."""
    return average_pool(x, *how)


def mean_of_pixels(x: np.ndarray, window: Any, stride: Any) -> Any:
    """Return the mean of each window without the padding, which is given as NaN."""
    there = (~np.isnan(x)).astype("float32")
    return average_pool(np.nan_to_num(x), window, stride) / average_pool(there, window, stride)


def taps(x: np.ndarray, width: int) -> Any:
    """Return the values at each place of a window 1 x width that moves by its own width."""
    return [tf.constant(x)[..., i::width] for i in range(width)]


def nan_wins(x: np.ndarray, *how: Any) -> Any:
    """Return the maximum of each window, NaN if one of its values is NaN."""
    hidden = max_pool(np.nan_to_num(x, nan=-np.inf), *how)
    return tf.where(max_pool(np.isnan(x).astype("float32"), *how) > 0, np.nan, hidden)


def soft_labels(x: np.ndarray, t: np.ndarray) -> Any:
    """Return the cross-entropy for labels that are probabilities."""
    return tf.nn.softmax_cross_entropy_with_logits(t, x)


def lrn(x: np.ndarray, radius: int, **how: Any) -> Any:
    """Run TensorFlow's local response normalization with all of its parameters 1 unless given."""
    how = {"bias": 1.0, "alpha": 1.0, "beta": 1.0, **how}
    return tf.nn.local_response_normalization(last(x), radius, **how)


def lrn_by_hand(x: np.ndarray, before: int, after: int, alpha: float, beta: float, k: float) -> Any:
    """Normalize over channels i-before .. i+after: a band of ones over the squares."""
    near = np.subtract.outer(np.arange(x.shape[1]), np.arange(x.shape[1]))
    band = ((near <= before) & (near >= -after)).astype("float32")
    return x / (k + alpha * tf.einsum("ij,njhw->nihw", band, x * x)) ** beta


def dropout(x: np.ndarray, p: float = 0.5, training: bool = True) -> Any:
    """Apply dropout; p is the share that is dropped."""
    if not training:
        return tf.constant(x)
    return tf.zeros_like(x) if p == 1 else tf.nn.dropout(x, p)


def uniform(*shape: int, bound: float) -> Any:
    """Return random numbers between -bound and bound."""
    return tf.random.uniform(shape, -bound, bound, seed=1)


def local(x: np.ndarray, w: np.ndarray) -> Any:
    """Apply a locally connected layer, w (places, C*FH*FW): extract_patches, put in channel order."""
    one = [1, 1, 1, 1]
    windows = tf.image.extract_patches(last(x), [1, 1, 2, 1], one, one, "VALID")[0, 0]
    channel_order = tf.reshape(windows, (len(w), 2, x.shape[1])).numpy().transpose(0, 2, 1).reshape(len(w), -1)
    return (channel_order * w).sum(1)


def argmax(x: np.ndarray, *how: Any) -> Any:
    """Return the flat indices of the maxima, counted with channels innermost, as (window, channel)."""
    return tf.nn.max_pool_with_argmax(last(x), *how, "VALID")[1]


RECIPES = {
    "S03: rounded up": lambda x: max_pool(x, 2, 2, "SAME"),
    "S04: it is dropped": lambda x: max_pool(x, 1, 2, "VALID"),
    "S06: refused": lambda x, w, stride=(1, 2): refuse(max(stride) > 1) or conv(x, w, stride, "SAME"),
    "S07: refused": lambda x, w, stride=(2, 2): refuse(max(stride) > 1) or conv(x, w, stride, "SAME"),
    "S08: refused": lambda x, pad=2, size=3: refuse(2 * pad > size) or max_pool(x, size, 1, around(pad, pad, pad, pad)),
    "S10: empty": lambda x, w: np.empty(shape_of(x, w), x.dtype) if 0 in shape_of(x, w) else conv(x, w),
    "S11: empty": lambda x: np.empty((*x.shape[:2], 0, 0), x.dtype) if max(x.shape[2:]) < 5 else max_pool(x, 5, 5),
    "S12: an empty result of the right size": lambda x, w: (
        np.empty(shape_of(x, w), x.dtype) if len(x) == 0 else conv(x, w)
    ),
    "S16: the window": lambda x: max_pool(x, 2, 2),
    "S16: 1": lambda x: max_pool(x, 2, 1),
    "S17: none": lambda x, w: conv(x, w, 1, "VALID"),
    "S18: it crops": lambda x, w: conv(x[:, :, 1:-1, 1:-1], w),
    "S19: refused": lambda x, w, pads=(1, 0, 1, 0): (
        refuse(pads[0] != pads[1] or pads[2] != pads[3]) or conv(x, w, 1, around(*pads))
    ),
    "C02: turned": lambda x, w: back(
        tf.nn.conv2d_transpose(last(x), filters(w[:, :, ::-1, ::-1]), [1, 1, 3, 1], 1, "VALID")
    ),
    "C03: (n - 1) s + k": lambda x, w: back(
        tf.nn.conv2d_transpose(last(x), filters(w), [1, (3 - 1) * 2 + 3, 7, 1], 2, "VALID")
    ),
    "C07: refused": lambda x, w: refuse(x.shape[1] != w.shape[1]) or conv(x, w),
    "C09: the width": lambda x, w, b: conv(x, w) + b,
    "C10: refused": lambda x, w: refuse(x.dtype.kind != "f") or conv(x, w),
    "C11: it wraps round": lambda x, w: conv(x.astype("int32"), w.astype("int32")).astype("uint8"),
    "C13: float32": lambda x, w: conv(x, w.astype(x.dtype)),
    "C14: cut to float32": lambda x, w: conv(x.astype("float32"), w.astype("float32")),
    "C14: refused": lambda x, w: refuse(x.dtype == np.float64) or conv(x, w),
    "C18: refused": lambda x, w: refuse(min(x[..., ::-1].strides) < 0) or conv(x[..., ::-1], w),
    "C19: second (N,C,H,W)": lambda x: back(tf.nn.conv2d(last(x), np.ones((1, 1, 3, 2), "float32"), 1, "VALID")).shape,
    "C20: (FN,C,FH,FW)": lambda: tf.transpose(np.ones((5, 4, 3, 2), "float32"), (3, 2, 0, 1)).shape,
    "C21: taken as one image": lambda x, w: conv(x[None], w)[0],
    "C21: refused": lambda x, w: refuse(x.ndim != 4) or conv(x, w),
    "C22: channel by channel": lambda x: (
        tf.image.extract_patches(last(x), [1, 2, 2, 1], [1] * 4, [1] * 4, "VALID").numpy().reshape(4, 2).T.ravel()
    ),
    "P02: it counts": lambda x: mean_of_all(padded(x, 1, 1, 1, 1), 3, 1)[0, 0, 0, 0],
    "P03: by the pixels there": lambda x: average_pool(x, 2, 2, "SAME")[0, 0, 1, 1],
    "P04: the pixels and the padding": lambda x: mean_of_pixels(
        padded(padded(x, 0, 0, 1, 1), 0, 0, 0, 1, value=np.nan), [1, 3], [1, 2]
    )[0, 0, 0, -1],
    "P07: NaN wins": lambda x: nan_wins(x, [1, 2], [1, 2]),
    "P07: depends on its place": lambda x: reduce(lambda a, b: tf.where(b > a, b, a), taps(x, 2)),
    "P08: -inf": lambda x: np.where((y := max_pool(x, 2, 2)) <= np.finfo("float32").min, -np.inf, y),
    "P09: refused": lambda x: refuse(x.dtype.kind != "f") or max_pool(x, [1, 2], [1, 2]),
    "P11: within the channel (6)": lambda x: argmax(x, [2, 4], [2, 4])[..., 1] // x.shape[1],
    "P11: over all channels (14)": lambda x: argmax(x, [2, 4], [2, 4])[..., 1] // x.shape[1] + 1 * 2 * 4,
    "A02: 0.5": lambda x: gradient(lambda x: (x + tf.abs(x)) / 2, x),
    "A03: +0.0": lambda x: np.copysign(1, tf.nn.relu(x) + 0.0),
    "A08: the tanh formula": lambda x: tf.nn.gelu(x, approximate=True),
    "A09: 0.01": lambda x: -tf.nn.leaky_relu(x, 0.01),
    "A10: x/6 + 0.5": lambda x: tf.nn.relu6(x + 3) / 6,
    "A10: 0.2 x + 0.5": lambda x: tf.clip_by_value(0.2 * x + 0.5, 0, 1),
    "L01: mean": lambda x, t: tf.reduce_mean(entropy(x, t)),
    "L02: refused": lambda x, t: refuse(t.dtype != np.int64) or tf.reduce_mean(entropy(x, t)),
    "L03: taken": lambda x, t: tf.reduce_mean(soft_labels(x, t)),
    "L05: over all classes": lambda x, t: tf.reduce_mean(soft_labels(x, 0.9 * tf.one_hot(t, 2) + 0.1 / 2)),
    "L06: refused": lambda x, t: refuse(len(x) == 0) or tf.reduce_mean(entropy(x, t)),
    "L08: left out": lambda x, t: tf.reduce_mean(entropy(x[t != -100], t[t != -100])),
    "L10: nowhere": lambda x, t: -tf.math.log(x)[0, t[0]],
    "L11: by the sum of the weights": lambda x, t, weights: (
        tf.reduce_sum(entropy(x, t) * weights[t]) / weights[t].sum()
    ),
    "R01: divided by n": lambda x, radius=1: lrn(x, radius, alpha=1.0 / (2 * radius + 1))[0, 0, 0, 1],
    "R02: i - n/2 .. i + n/2 - 1": lambda x: np.ravel(lrn_by_hand(x, 1, 0, alpha=1.0, beta=1.0, k=1.0)),
    "R02: refused": lambda x, size=2: refuse(size % 2 == 0) or lrn(x, size // 2),
    "R03: the width": lambda x, size=1: np.ravel(lrn(x, size // 2)),
    "R04: size -, alpha 0.0001, beta 0.75, k 1": lambda alpha=1e-4, beta=0.75, bias=1.0: (
        f"size -, alpha {alpha:g}, beta {beta:g}, k {bias:g}"
    ),
    "D03: zeros": lambda x: dropout(x, 1.0),
    "D04: 1": lambda x: np.unique(dropout(x, training=False)),
    "D05: it does not": lambda x: bool((np.asarray(dropout(x, training=False)) == 0).any()),
    "B01: 1e-05": lambda epsilon=1e-5: (
        epsilon if np.isfinite(norm(np.ones((2, 1, 1, 1), "float32"), epsilon=epsilon)[0]).all() else None
    ),
    "B02: the weight of the old": lambda x: norm(x, exponential_avg_factor=1 - 0.1)[1],
    "B03: 0.1": lambda x: norm(x, exponential_avg_factor=0.1)[1] / 10,
    "B04: biased (n)": lambda x: norm(x)[2] * (x[:, 0].size - 1) / x[:, 0].size,
    "B05: refused": lambda x: refuse(x[:, 0].size == 1) or back(norm(x)[0]),
    "W01: uniform, He with a = sqrt 5": lambda: float(np.abs(uniform(3, 3, 16, 16, bound=1 / 12)).max()) * 12,
    "W02: random": lambda: uniform(3, bound=1 / 12),
    "W03: uniform, He with a = sqrt 5": lambda: float(np.abs(uniform(100, 100, bound=1 / 10)).max()) * 10,
    "W04: not cut off": lambda: np.abs(tf.random.normal((100, 100), seed=1)).max(),
    "W04: cut off at two sigma": lambda: np.abs(tf.random.truncated_normal((100, 100), seed=1)).max() / 0.87962566,
    "K01: offered": lambda x, w: local(x, w),
    "K02: channel by channel": lambda x, w: local(x, w),
}
