"""Recipes that make TensorFlow behave as another framework: a row for each answer, run and checked."""

from functools import reduce
from typing import Any

import numpy as np
import tensorflow as tf
from recipes import (
    adaptive_bins,
    antialias_weights,
    batch_norm_momentum,
    batch_norm_train,
    ceil_pads,
    channel_band,
    convert_weight,
    lrn_alpha,
    lrn_window,
    same_pads,
    turn,
    window_counts,
)
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


def refuse(when: Any) -> Any:
    """Raise the one exception that counts as a refusal of a recipe."""
    if when:
        raise ValueError("refused, as the other framework does")


def pair(n: Any) -> Any:
    """Return one number as two."""
    return tuple(n) if isinstance(n, tuple | list) else (n, n)


def shape_of(x: np.ndarray, w: np.ndarray) -> Any:
    """Return the shape of a convolution's result, with 0 for a filter that is too large."""
    return len(x), len(w), *(max(0, a - b + 1) for a, b in zip(x.shape[2:], w.shape[2:]))


def padded(x: np.ndarray, rows: Any, columns: Any, value: float = 0.0) -> Any:
    """Pad x (N, C, H, W) by (before, after) of its rows and columns."""
    return np.pad(x, ((0, 0), (0, 0), rows, columns), constant_values=value)


def conv_same(x: np.ndarray, w: np.ndarray, s: Any = 1, d: Any = 1, lower: bool = False) -> Any:
    """Convolve with SAME padding, an odd zero at the end, or at the start; zeros by number."""
    s, d = pair(s), pair(d)
    rows, columns = (same_pads(n, *of, lower) for n, *of in zip(x.shape[2:], w.shape[2:], s, d))
    return conv(x, w, s, around(*rows, *columns), dilations=d)


def pool(x: np.ndarray, k: Any, s: Any, p: Any = 0, ceil: bool = False) -> Any:
    """Return torch's max_pool2d of x (N, C, H, W); the padding, of any width, is -inf."""
    of = list(zip(x.shape[2:], pair(k), pair(s), pair(p)))
    rows, columns = (ceil_pads(*one) if ceil else (one[3], one[3]) for one in of)
    lowest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    return max_pool(padded(x, rows, columns, lowest) if any(rows + columns) else x, pair(k), pair(s))


def mean_pool(
    x: np.ndarray, k: Any, s: Any, p: Any = 0, ceil: bool = False, padding: bool = True, divisor: Any = None
) -> Any:
    """Return torch's avg_pool2d of x (N, C, H, W); padding: whether it counts."""
    of = list(zip(x.shape[2:], pair(k), pair(s), pair(p)))
    counts = np.multiply.outer(*(window_counts(*one, ceil, padding) for one in of))
    rows, columns = (ceil_pads(*one) if ceil else (one[3], one[3]) for one in of)
    sums = average_pool(padded(x, rows, columns), pair(k), pair(s)) * np.prod(pair(k))
    return (sums / (divisor or counts)).astype(x.dtype)


def adaptive_mean_pool(x: np.ndarray, size: Any) -> Any:
    """Return torch's adaptive_avg_pool2d of x (N, C, H, W)."""
    rows, columns = (adaptive_bins(n, to) for n, to in zip(x.shape[2:], pair(size)))
    means = [[tf.reduce_mean(x[:, :, a:b, c:d], (2, 3)) for c, d in columns] for a, b in rows]
    return tf.stack([tf.stack(row, -1) for row in means], 2)


def conv_transpose(
    x: np.ndarray, w: np.ndarray, s: Any = 1, p: Any = 0, out: Any = 0, d: Any = 1, groups: int = 1
) -> Any:
    """Return torch's conv_transpose2d of x (N, C, H, W) with w (C, FN/g, FH, FW): all of it, then cropped."""
    s, d = pair(s), pair(d)
    size = [(n - 1) * a + b * (k - 1) + 1 for n, k, a, b in zip(x.shape[2:], w.shape[2:], s, d)]
    parts = [
        tf.nn.conv2d_transpose(
            last(a), convert_weight(b, "conv_transpose", "torch", "tf"), [len(x), *size, w.shape[1]], s, "VALID",
            dilations=d,
        )
        for a, b in zip(np.split(x, groups, 1), np.split(w, groups, 0))
    ]  # fmt: skip
    whole = back(tf.concat(parts, -1))
    rows, columns = ((0, max(0, more - cut)) for cut, more in zip(pair(p), pair(out)))
    (top, left), (high, wide) = pair(p), (n - 2 * cut + more for n, cut, more in zip(size, pair(p), pair(out)))
    return padded(whole, rows, columns)[:, :, top : top + high, left : left + wide]


def average_pool_gradient(x: np.ndarray, k: Any, s: Any) -> Any:
    """Return the gradient of the sum of average pooling, rounded up."""
    of = list(zip(x.shape[2:], pair(k), pair(s)))
    counts = np.multiply.outer(*(window_counts(*one, ceil=True) for one in of)).astype("float32")
    sides = [[0, 0], *(list(ceil_pads(*one)) for one in of), [0, 0]]

    def mean(x: Any) -> Any:
        sums = tf.nn.avg_pool2d(tf.pad(x, sides), pair(k), pair(s), "VALID") * np.prod(pair(k))
        return sums / counts[..., None]

    return back(gradient(mean, last(x)))


def dilated_pool(x: np.ndarray, k: int, d: int) -> Any:
    """Return the maximum of each dilated window of a row; no place where it reaches beyond the image."""
    size = max(0, x.shape[3] - d * (k - 1))
    return tf.reduce_max([x[..., i * d : i * d + size] for i in range(k)], 0)


def points_at_maxima(x: np.ndarray) -> Any:
    """Tell whether each index, counted with channels innermost over one image, points at its window's maximum."""
    out, index = tf.nn.max_pool_with_argmax(last(x), 2, 2, "VALID")
    flat = last(x).numpy().reshape(len(x), -1)
    return bool((np.take_along_axis(flat, np.reshape(index, (len(x), -1)), 1) == np.reshape(out, (len(x), -1))).all())


def taps(x: np.ndarray, width: int) -> Any:
    """Return the values at each place of a window 1 x width that moves by its own width."""
    return [tf.constant(x)[..., i::width] for i in range(width)]


def nan_wins(x: np.ndarray, *how: Any) -> Any:
    """Return the maximum of each window, NaN if one of its values is NaN."""
    hidden = max_pool(np.nan_to_num(x, nan=-np.inf), *how)
    return tf.where(max_pool(np.isnan(x).astype("float32"), *how) > 0, np.nan, hidden)


def soft_labels(x: np.ndarray, t: np.ndarray) -> Any:
    """Return the mean cross-entropy for labels that are probabilities."""
    return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(t, x))


def mean_entropy(x: np.ndarray, t: np.ndarray, weights: Any = None) -> Any:
    """Return the mean cross-entropy without the label -100, by the sum of the weights."""
    weight = (t != -100) * (np.ones(len(t)) if weights is None else weights[t]).astype("float32")
    return tf.reduce_sum(entropy(x, np.where(t == -100, 0, t)) * weight) / weight.sum(dtype="float32")


def binary_entropy(p: np.ndarray, t: np.ndarray) -> Any:
    """Return torch's binary cross-entropy, whose logarithms are cut off at -100."""
    a, b = (tf.maximum(tf.math.log(q), -100.0) for q in (p, 1 - p))
    return -tf.reduce_mean(t * a + (1 - t) * b)


def lrn_tensorflow(x: np.ndarray, radius: int, **how: Any) -> Any:
    """Run TensorFlow's local response normalization with all of its parameters 1 unless given."""
    how = {"bias": 1.0, "alpha": 1.0, "beta": 1.0, **how}
    return back(tf.nn.local_response_normalization(last(x), radius, **how))


def lrn_by_hand(x: np.ndarray, before: int, after: int, alpha: float, beta: float = 1.0, k: float = 1.0) -> Any:
    """Normalize over channels i-before .. i+after: a band of ones over the squares."""
    return x / (k + alpha * tf.einsum("ij,njhw->nihw", channel_band(x.shape[1], before, after), x * x)) ** beta


def lrn_torch(x: np.ndarray, n: int, alpha: float = 1.0, **how: Any) -> Any:
    """Apply torch's formula: a window of n channels, even or odd, alpha divided by n."""
    before, after = lrn_window(n, "torch")
    return lrn_by_hand(x, before, after, lrn_alpha(alpha, n, "torch", "tf"), **how)


def dropout(x: np.ndarray, p: float = 0.5, training: bool = True) -> Any:
    """Apply dropout; p is the share that is dropped. Every call draws a new mask."""
    if not training:
        return tf.constant(x)
    return tf.zeros_like(x) if p == 1 else tf.nn.dropout(x, p)


def standardize(x: np.ndarray, axes: Any, eps: float = 1e-5) -> Any:
    """Subtract the mean over the axes, then divide by the deviation."""
    y = x - tf.reduce_mean(x, axes, keepdims=True)
    return y / tf.sqrt(tf.reduce_mean(y * y, axes, keepdims=True) + eps)


def length(x: Any) -> Any:
    """Return a vector's length, with the gradient 0 at 0."""
    squares = tf.reduce_sum(x * x)
    return tf.where(squares == 0, 0.0, tf.sqrt(tf.where(squares == 0, 1.0, squares)))


def uniform(shape: Any, bound: float) -> Any:
    """Return random numbers between -bound and bound."""
    return tf.random.uniform(shape, -bound, bound)


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
    "S03: rounded up": lambda x, k, s: pool(x, k, s, ceil=True),
    "S04: it is dropped": lambda x, k, s: pool(x, k, s, ceil=True),
    "S06: refused": lambda x, w, s: refuse(s > 1) or conv_same(x, w),
    "S07: refused": lambda x, w, s: refuse(s > 1) or conv_same(x, w),
    "S08: refused": lambda x, k, p: refuse(2 * p > k) or pool(x, k, 1, p),
    "S08: allowed": lambda x, k, p: pool(x, k, 1, p),
    "S10: empty": lambda x, w: np.empty(shape_of(x, w), x.dtype) if 0 in shape_of(x, w) else conv(x, w),
    "S10: refused": lambda x, w: refuse(0 in shape_of(x, w)) or conv(x, w),
    "S11: refused": lambda x, k: refuse(k > min(x.shape[2:])) or pool(x, k, k),
    "S11: empty": lambda x, k: np.empty((*x.shape[:2], 0, 0), x.dtype) if k > min(x.shape[2:]) else pool(x, k, k),
    "S12: an empty result of the right size": lambda x, w: (
        np.empty(shape_of(x, w), x.dtype) if len(x) == 0 else conv(x, w)
    ),
    "S16: the window": lambda x, k: pool(x, k, k),
    "S16: 1": lambda x, k: pool(x, k, 1),
    "S17: none": lambda x, w: conv(x, w, 1, "VALID"),
    "S18: it crops": lambda x, w, p=1: conv(x[:, :, p:-p, p:-p], w),
    "S19: refused": lambda x, w, pads=(1, 0, 1, 0): (
        refuse(pads[0] != pads[1] or pads[2] != pads[3]) or conv(x, w, 1, around(*pads))
    ),
    "S20: refused": lambda x, w, s, d: refuse(d > 1) or conv_same(x, w, (1, s)),
    "S20: the fewest zeros, an odd one at the end for 7 wide, filter 3, 8 wide, filter 2, dilation 3; "
    "refused for 8 wide, filter 3, stride 2": lambda x, w, s, d: refuse(s > 1) or conv_same(x, w, 1, (1, d)),
    "C02: turned": lambda x, w: conv_transpose(x, turn(w)),
    "C03: (n - 1) s + k": lambda x, w, s: conv_transpose(x, w, s),
    "C07: refused": lambda x, w: refuse(x.shape[1] != w.shape[1]) or conv(x, w),
    "C09: the width": lambda x, w, b: conv(x, w) + b,
    "C10: refused": lambda x, w: refuse(x.dtype.kind != "f") or conv(x, w),
    "C10: in the same type": lambda x, w: conv(x.astype("float64"), w.astype("float64")).astype(x.dtype),
    "C10: in the same type for int32; int32 for int64": lambda x, w: conv(x.astype("int32"), w.astype("int32")),
    "C11: it wraps round": lambda x, w: conv(x.astype("int32"), w.astype("int32")).astype(x.dtype),
    "C13: float32": lambda x, w: conv(x.astype("float32"), w.astype("float32")),
    "C14: cut to float32": lambda x, w: conv(x.astype("float32"), w.astype("float32")),
    "C14: refused": lambda x, w: refuse(x.dtype == np.float64) or conv(x, w),
    "C18: refused": lambda x, w: refuse(min(x[..., ::-1].strides) < 0) or conv(x[..., ::-1], w),
    "C19: second (N,C,H,W)": lambda x: back(tf.nn.conv2d(last(x), np.ones((1, 1, 3, 2), "float32"), 1, "VALID")).shape,
    "C20: (FN,C,FH,FW)": lambda: convert_weight(np.ones((5, 4, 3, 2)), "conv", "tf", "torch").shape,
    "C21: taken as one image": lambda x, w: conv(x[None], w)[0],
    "C21: refused": lambda x, w: refuse(x.ndim != 4) or conv(x, w),
    "C23: (C m,1,FH,FW)": lambda: convert_weight(np.ones((5, 4, 2, 3)), "depthwise", "tf", "torch").shape,
    "C22: channel by channel": lambda x: (
        tf.image.extract_patches(last(x), [1, 2, 2, 1], [1] * 4, [1] * 4, "VALID")
        .numpy()
        .reshape(4, x.shape[1])
        .T.ravel()
    ),
    "T01: (C in,C out,FH,FW)": lambda: convert_weight(np.ones((5, 4, 3, 2)), "conv_transpose", "tf", "torch").shape,
    "T02: more is cut off at the end, the filter turned": lambda x, w, s: back(
        tf.nn.conv2d_transpose(last(x), filters(turn(w)), [1, 1, x.shape[3] * s, 1], [1, s], "SAME")
    ),
    "T03: the numbers that belong there": lambda x, w, s, out: conv_transpose(x, w, (1, s), (0, 1), (0, out)),
    "T05: the same": lambda x, w, s: [conv_transpose(x, w, (1, s), (0, w.shape[3] // 2)).shape[3]] * 2,
    "P20: it counts": lambda x, k, s: mean_pool(
        padded(x, (0, 0), same_pads(x.shape[3], k, s, lower=True)), (1, k), (1, s)
    ),
    "P02: it counts": lambda x, k, p: mean_pool(x, k, 1, p)[0, 0, 0, 0],
    "P03: by the pixels there": lambda x, k, s: mean_pool(x, k, s, ceil=True)[0, 0, 1, 1],
    "P04: the pixels and the padding": lambda x, k, s: mean_pool(x, (1, k), (1, s), (0, 1), True)[0, 0, 0, -1],
    "P07: NaN wins": lambda x, k: nan_wins(x, [1, k], [1, k]),
    "P07: depends on its place for windows of 2; NaN is passed over for windows of 3": lambda x, k: (
        reduce(lambda a, b: tf.where(b > a, b, a), taps(x, k)) if k == 2 else max_pool(x, [1, k], [1, k])
    ),
    "P08: -inf": lambda x, k: np.where((y := max_pool(x, k, k)) <= np.finfo("float32").min, -np.inf, y),
    "P09: refused for int32, int64; in the same type for uint8": lambda x: (
        refuse(x.dtype in (np.int32, np.int64)) or max_pool(x, [1, 2], [1, 2])
    ),
    "P09: in the same type for int32, uint8; int32 for int64": lambda x: max_pool(
        x.astype("int32") if x.dtype == np.int64 else x, [1, 2], [1, 2]
    ),
    "P11: within the channel (6)": lambda x: argmax(x, [2, 4], [2, 4])[..., 1] // x.shape[1],
    "P11: over all channels (14)": lambda x: argmax(x, [2, 4], [2, 4])[..., 1] // x.shape[1] + 1 * 2 * 4,
    "P12: they do": lambda x: points_at_maxima(x),
    "P14: empty": lambda x, k, d: dilated_pool(x, k, d),
    "P14: refused": lambda x, k, d: refuse(d * (k - 1) + 1 > x.shape[3]) or dilated_pool(x, k, d),
    "P15: they overlap": lambda x, size: adaptive_mean_pool(x, (1, size)),
    "P16: as forward divides": lambda x, k: average_pool_gradient(x, (1, k), (1, 2)),
    "P17: pixels are used again": lambda x, size: adaptive_mean_pool(x, (1, size)),
    "P18: it does": lambda x, divisor: mean_pool(x, 2, 2, divisor=divisor),
    "G02: 3 2 | 1 2 3 (the edge once)": lambda x, p: np.pad(x, ((0, 0), (0, 0), (0, 0), (p, p)), mode="reflect"),
    "G04: from the left edge": lambda x, size: x[..., np.arange(size) * x.shape[3] // size],
    "G05: yes": lambda x, size: tf.matmul(x, antialias_weights(x.shape[3], size).T.astype("float32")),
    "A02: 0.5": lambda x: gradient(lambda x: (x + tf.abs(x)) / 2, x),
    "A03: -0.0": lambda x: np.copysign(1, np.where(x < 0, 0, x)),
    "A03: +0.0": lambda x: np.copysign(1, tf.nn.relu(x) + 0.0),
    "A07: axis 1 for 2-D, 4-D; axis 0 for 1-D, 3-D": lambda x: tf.nn.softmax(x, axis=0 if x.ndim in (0, 1, 3) else 1),
    "A08: the tanh formula": lambda x: tf.nn.gelu(x, approximate=True),
    "A09: 0.01": lambda x: -tf.nn.leaky_relu(x, 0.01),
    "A10: x/6 + 0.5": lambda x: tf.nn.relu6(x + 3) / 6,
    "A10: 0.2 x + 0.5": lambda x: tf.clip_by_value(0.2 * x + 0.5, 0, 1),
    "A11: 0.5": lambda x: gradient(lambda x: (1 + tf.abs(x) - tf.abs(x - 1)) / 2, x),
    "A13: 0": lambda x: gradient(length, x),
    "A15: the NaN": lambda x: tf.argmax(np.where(np.isnan(x), np.inf, x)),
    "L01: mean": lambda x, t: tf.reduce_mean(entropy(x, t)),
    "L02: refused for int32, int16; taken for uint8": lambda x, t: (
        refuse(t.dtype not in (np.uint8, np.int64)) or tf.reduce_mean(entropy(x, t.astype("int64")))
    ),
    "L03: taken for float32; refused for int64": lambda x, t: refuse(t.dtype.kind != "f") or soft_labels(x, t),
    "L05: over all classes": lambda x, t: soft_labels(x, 0.9 * tf.one_hot(t, x.shape[1]) + 0.1 / x.shape[1]),
    "L06: refused": lambda x, t: refuse(len(x) == 0) or tf.reduce_mean(entropy(x, t)),
    "L07: refused for label 5 of 2 classes, label 2 of 2 classes; the last class for label -1": lambda x, t: (
        refuse(t.max() >= x.shape[1]) or tf.reduce_mean(entropy(x, t % x.shape[1]))
    ),
    "L08: left out": lambda x, t: mean_entropy(x, t),
    "L10: nowhere": lambda x, t: -tf.math.log(x)[0, t[0]],
    "L11: by the sum of the weights": lambda x, t, weights: mean_entropy(x, t, weights),
    "L12: at 100": lambda p, t: binary_entropy(p, t),
    "L13: the square": lambda x, t: tf.reduce_mean((x - t) ** 2),
    "L14: mean over every number": lambda q, p: tf.reduce_mean(p * (tf.math.log(p) - tf.math.log(q))),
    "L15: NaN": lambda x, t: mean_entropy(x, t),
    "R01: divided by n": lambda x, n: lrn_tensorflow(x, n // 2, alpha=lrn_alpha(1.0, n, "torch", "tf"))[0, n // 2],
    "R02: i - n/2 .. i + n/2 - 1": lambda x, n: np.ravel(lrn_torch(x, n, alpha=float(n))),
    "R02: refused": lambda x, n: refuse(n % 2 == 0) or lrn_torch(x, n),
    "R03: the width": lambda x, n: np.ravel(lrn_torch(x, n, alpha=float(n))),
    "R04: size -, alpha 0.0001, beta 0.75, k 1": lambda alpha=1e-4, beta=0.75, bias=1.0: (
        f"size -, alpha {alpha:g}, beta {beta:g}, k {bias:g}"
    ),
    "D03: zeros": lambda x: dropout(x, 1.0),
    "D04: 1": lambda x, p: np.unique(dropout(x, p, training=False)),
    "D05: it does not": lambda x: bool((np.asarray(dropout(x, training=False)) == 0).any()),
    "B01: 1e-05": lambda epsilon=1e-5: (
        epsilon if np.isfinite(norm(np.ones((2, 1, 1, 1), "float32"), epsilon=epsilon)[0]).all() else None
    ),
    "B02: the weight of the old": lambda x, momentum: norm(
        x, exponential_avg_factor=batch_norm_momentum(momentum, "keras", "torch")
    )[1],
    "B03: 0.1": lambda x: norm(x, exponential_avg_factor=0.1)[1] / 10,
    "B04: biased (n)": lambda x: norm(x)[2] * (x[:, 0].size - 1) / x[:, 0].size,
    "B05: refused": lambda x: refuse(x[:, 0].size == 1) or back(norm(x)[0]),
    "B07: the second": lambda x: batch_norm_train(x, np.ones(3), np.zeros(3), 0.0, 1.0)[1].shape,
    "N02: right": lambda x: tf.reduce_max(standardize(x, -1)),
    "N03: right": lambda x: tf.reduce_max(standardize(x, (1, 2, 3))),
    "N04: 1e-05": lambda eps=1e-5: eps,
    "N05: 1e-05": lambda eps=1e-5: eps,
    "N06: the length": lambda x: (x / tf.maximum(tf.norm(x, axis=1, keepdims=True), 1e-12))[0, 0],
    "N06: nothing": lambda x: (x / np.abs(x).max() / tf.norm(x / np.abs(x).max()))[0, 0],
    "H02: right": lambda x: tf.cast(tf.cast(mean_pool(x, x.shape[2:], 1), "float16"), "float32"),
    "H04: right": lambda x: standardize(x, -1)[0, 0, 0, 1],
    "H06: right": lambda x: tf.cast(tf.cast(tf.reduce_mean(x), "float16"), "float32"),
    "F01: channel by channel (C,H,W)": lambda x: tf.reshape(back(last(x)), (len(x), -1)).numpy().ravel(),
    "F02: (out, in)": lambda: convert_weight(np.ones((3, 5)), "dense", "tf", "torch").shape,
    "F03: on the last axis": lambda x: tf.matmul(x, tf.ones((4, 5))).shape,
    "F04: flattened too": lambda x: tf.reshape(x, [-1]).shape,
    "W01: uniform, He with a = sqrt 5": lambda channels, filters: float(
        np.abs(uniform((3, 3, channels, filters), (9 * channels) ** -0.5)).max() * (9 * channels) ** 0.5
    ),
    "W02: random": lambda: uniform((3,), (9 * 16) ** -0.5),
    "W03: uniform, He with a = sqrt 5": lambda inputs, outputs: float(
        np.abs(uniform((inputs, outputs), inputs**-0.5)).max() * inputs**0.5
    ),
    "W04: not cut off": lambda: np.abs(tf.random.normal((100, 100), seed=1)).max(),
    "W04: cut off at two sigma": lambda: np.abs(tf.random.truncated_normal((100, 100), seed=1)).max() / 0.87962566,
    "K01: offered": lambda x, w: local(x, w),
    "K02: channel by channel": lambda x, w: local(x, w),
}
