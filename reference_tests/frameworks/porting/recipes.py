"""Recipes for porting, as functions of NumPy: copy this file, or import it as convcheck.porting.

Each returns what the target has to be told, or the weights in its layout. Images are (N, C, H, W) in torch and ONNX,
(N, H, W, C) in TensorFlow, Keras and Flax; jax here means JAX with channels last and weights (FH, FW, C, FN).
"""

from __future__ import annotations

from typing import Any

import numpy as np

FIRST = ("torch", "onnx", "onnxruntime")  # channels second, a dense layer's weights (out, in)
LAST = ("jax", "flax", "tensorflow", "tf", "keras")  # channels last, a dense layer's weights (in, out)
TURNED = ("jax", "flax")  # a transposed convolution that wants its filters turned by 180 degrees
OLD = ("tensorflow", "tf", "keras", "flax", "onnx", "onnxruntime")  # momentum is the weight of the old statistics
DIVIDED = ("torch", "onnx", "onnxruntime", "caffe", "opencv")  # LRN's alpha is divided by the number of channels
KINDS = ("conv", "depthwise", "conv_transpose", "dense")

# ---- padding


def same_pads(n: int, k: int, s: int = 1, d: int = 1, lower: bool = False) -> tuple[int, int]:
    """Return (before, after), the zeros of SAME padding for a line of n, a window k, a stride s and a dilation d.

    So do TensorFlow, Keras, JAX and ONNX's SAME_UPPER; lower puts an odd zero before, as SAME_LOWER does. torch's
    "same", which knows the stride 1 only, agrees at stride 1.
    """
    zeros = max(0, (-(-n // s) - 1) * s + d * (k - 1) + 1 - n)
    return (zeros - zeros // 2, zeros // 2) if lower else (zeros // 2, zeros - zeros // 2)


def ceil_size(n: int, k: int, s: int, p: int = 0, d: int = 1) -> int:
    """Return the size of torch's pooling with ceil_mode: rounded up, but no window starts in the padding after."""
    size = -(-(n + 2 * p - d * (k - 1) - 1) // s) + 1
    return size - 1 if (size - 1) * s >= n + p else size


def ceil_pads(n: int, k: int, s: int, p: int = 0, d: int = 1) -> tuple[int, int]:
    """Return (before, after), a padding with which rounding down gives the windows of torch's ceil_mode.

    The padding must not win: -inf for a maximum. For a mean divide by window_counts.
    """
    return p, max(p, (ceil_size(n, k, s, p, d) - 1) * s + d * (k - 1) + 1 - n - p)


def window_counts(n: int, k: int, s: int, p: int = 0, ceil: bool = False, padding: bool = True) -> np.ndarray:
    """Return what torch's average pooling divides each window of one axis by; the product of two axes for an image.

    padding: whether the padding counts (count_include_pad). What lies beyond the padding never does.
    """
    size = ceil_size(n, k, s, p) if ceil else (n + 2 * p - k) // s + 1
    starts = np.arange(size) * s - p
    if padding:
        return np.minimum(starts + k, n + p) - starts
    return np.minimum(starts + k, n) - np.maximum(starts, 0)


def adaptive_bins(n: int, size: int) -> list[tuple[int, int]]:
    """Return (start, end) of each window of torch's adaptive pooling from n to size places; they may overlap."""
    return [(i * n // size, -(-(i + 1) * n // size)) for i in range(size)]


def antialias_weights(n: int, size: int) -> np.ndarray:
    """Return the matrix (size, n) that makes a line smaller linearly, smoothed first, as torch and JAX do."""
    scale = max(1.0, n / size)
    far = np.abs((np.arange(size)[:, None] + 0.5) * n / size - np.arange(n) - 0.5) / scale
    share = np.maximum(0, 1 - far)
    return share / share.sum(1, keepdims=True)


def transposed_pads(k: int, p: int = 0, out: int = 0, d: int = 1) -> tuple[int, int]:
    """Return (before, after) for a transposed convolution written as a convolution of the input spread by its stride.

    p and out are torch's padding and output_padding. A negative number crops.
    """
    return d * (k - 1) - p, d * (k - 1) - p + out


def transposed_same_pads(k: int, s: int) -> tuple[int, int]:
    """Return what TensorFlow's transposed convolution with SAME cuts off: (at the start, at the end).

    Where k < s the second is negative: as many zeros are added, torch's output_padding.
    """
    less = k - s
    return (max(less, 0) // 2, less - max(less, 0) // 2)


# ---- weights


def convert_weight(w: np.ndarray, kind: str, source: str, target: str, groups: int = 1) -> np.ndarray:
    """Return weights in the target's layout. kind: conv, depthwise, conv_transpose or dense.

    torch and onnx: conv (FN, C/g, FH, FW), depthwise (C m, 1, FH, FW), conv_transpose (C, FN/g, FH, FW), dense
    (out, in). The others: (FH, FW, C/g, FN), (FH, FW, C, m), (FH, FW, FN, C), (in, out); jax and flax (FH, FW, C, FN)
    for conv_transpose, turned by 180 degrees. The number of filter axes may be any. groups: of a depthwise convolution,
    the number of channels. Raises ValueError for a kind or framework that is not known.
    """
    for name in (source, target):
        if name not in FIRST + LAST:
            raise ValueError(f"{name!r} is none of {', '.join(FIRST + LAST)}")
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is none of {', '.join(KINDS)}")
    w = np.asarray(w)
    first = w if source in FIRST else to_first(w, kind, source in TURNED)
    return np.ascontiguousarray(first if target in FIRST else from_first(first, kind, target in TURNED, groups))


def from_first(w: np.ndarray, kind: str, turned: bool, groups: int) -> np.ndarray:
    """Return torch's weights in the layout with the filter's axes first."""
    if kind == "dense":
        return w.T
    if kind == "depthwise":  # (C m, 1, ...) -> (..., C, m)
        channels = groups if groups > 1 else len(w)
        return np.moveaxis(w.reshape(channels, len(w) // channels, *w.shape[2:]), (0, 1), (-2, -1))
    if kind == "conv_transpose":
        return np.moveaxis(turn(w), (0, 1), (-2, -1)) if turned else np.moveaxis(w, (1, 0), (-2, -1))
    return np.moveaxis(w, (1, 0), (-2, -1))


def to_first(w: np.ndarray, kind: str, turned: bool) -> np.ndarray:
    """Return weights whose filter axes are first in torch's layout."""
    if kind == "dense":
        return w.T
    if kind == "depthwise":
        w = np.moveaxis(w, (-2, -1), (0, 1))
        return w.reshape(w.shape[0] * w.shape[1], 1, *w.shape[2:])
    if kind == "conv_transpose":
        return turn(np.moveaxis(w, (-2, -1), (0, 1))) if turned else np.moveaxis(w, (-2, -1), (1, 0))
    return np.moveaxis(w, (-2, -1), (1, 0))


def turn(w: np.ndarray) -> np.ndarray:
    """Turn filters (., ., FH, FW) by 180 degrees."""
    return w[(slice(None), slice(None), *(slice(None, None, -1),) * (w.ndim - 2))]


def spread_filters(w: np.ndarray, dilation: tuple[int, ...]) -> np.ndarray:
    """Return filters (., ., FH, FW) with the dilation's gaps filled with zeros, for a kernel that knows none."""
    sizes = [d * (k - 1) + 1 for k, d in zip(w.shape[2:], dilation)]
    wide = np.zeros((*w.shape[:2], *sizes), w.dtype)
    wide[(slice(None), slice(None), *(slice(None, None, d) for d in dilation))] = w
    return wide


def transposed_as_conv(w: np.ndarray, groups: int = 1) -> np.ndarray:
    """Return torch's weights of a transposed convolution as those of the convolution that computes it.

    (C, FN/g, FH, FW) becomes (FN, C/g, FH, FW), turned; the input is dilated by the stride and padded by
    transposed_pads. Arrays of NumPy and of JAX, also under jit.
    """
    C, per_group, *filter = w.shape
    grouped = turn(w).reshape(groups, C // groups, per_group, *filter).swapaxes(1, 2)
    return grouped.reshape(groups * per_group, C // groups, *filter).copy()


def flatten_permutation(shape: tuple[int, ...]) -> np.ndarray:
    """Return p such that flat[..., p] has the channels innermost, where flat is an image (C, H, W), flattened.

    A dense layer's weights (out, in) for channels last are W[:, p]; np.argsort(p) is the way back.
    """
    return np.moveaxis(np.arange(np.prod(shape, dtype=int)).reshape(shape), 0, -1).ravel()


# ---- local response normalization


def lrn_alpha(alpha: float, n: int, source: str, target: str) -> float:
    """Return the alpha for the target: it is divided by n in torch, ONNX, Caffe and OpenCV, and in no other."""
    undivided = alpha / n if source in DIVIDED else alpha
    return undivided * n if target in DIVIDED else undivided


def lrn_radius(n: int) -> int:
    """Return TensorFlow's depth_radius for n channels. Raises ValueError for an even n, which it cannot express."""
    if n % 2 == 0:
        raise ValueError(f"a window of {n} channels has no radius: sum the squares with channel_band")
    return n // 2


def lrn_window(n: int, framework: str = "torch") -> tuple[int, int]:
    """Return how many channels (before, after) channel i are in its window; for an even n frameworks differ."""
    return (n // 2, (n - 1) // 2) if framework == "torch" else ((n - 1) // 2, n // 2)


def channel_band(C: int, before: int, after: int) -> np.ndarray:
    """Return the matrix (C, C) that sums over channels i - before .. i + after, as the filters of a 1x1 convolution."""
    near = np.subtract.outer(np.arange(C), np.arange(C))
    return ((near <= before) & (near >= -after)).astype("float32")


# ---- batch normalization, dropout


def batch_norm_momentum(momentum: float, source: str, target: str) -> float:
    """Return the momentum for the target: the weight of the new batch in torch, of the old statistics in the others."""
    return 1 - momentum if (source in OLD) != (target in OLD) else momentum


def batch_norm_fold(gamma: Any, beta: Any, mean: Any, var: Any, eps: float) -> tuple[np.ndarray, np.ndarray]:
    """Return (scale, offset), each (C,), with which inference is x * scale + offset; None for a gamma or beta."""
    scale = 1 / np.sqrt(np.asarray(var, "float64") + eps) * (1 if gamma is None else np.asarray(gamma))
    return scale, (0 if beta is None else np.asarray(beta)) - np.asarray(mean) * scale


def batch_norm_train(
    x: Any, gamma: Any, beta: Any, mean: Any, var: Any, new: float = 0.1, eps: float = 1e-5, unbiased: bool = True,
) -> tuple[Any, Any, Any]:  # fmt: skip
    """Return the output of x (N, C, H, W) in training and the new running mean and variance.

    new: the weight of this batch. unbiased: divide the running variance by n - 1, as torch does. Arrays of NumPy and
    of JAX, also under jit.
    """
    axes = (0, *range(2, x.ndim))
    column = (-1, *(1,) * (x.ndim - 2))
    m, v, n = x.mean(axes), x.var(axes), x.size // x.shape[1]
    out = (x - m.reshape(column)) / (v.reshape(column) + eps) ** 0.5 * gamma.reshape(column) + beta.reshape(column)
    return out, (1 - new) * mean + new * m, (1 - new) * var + new * (v * n / (n - 1) if unbiased else v)


def dropout_mask(shape: tuple[int, ...], p: float, rng: np.random.Generator) -> np.ndarray:
    """Return a new mask at every call: 0 with probability p, else 1/(1 - p); zeros for p = 1."""
    if p == 1:
        return np.zeros(shape)
    return (rng.random(shape) >= p) / (1 - p)


# ---- optimizers: each returns the new weight and the new state


def momentum_step(
    w: Any, g: Any, v: Any, rate: float, momentum: float = 0.9, decay: float = 0.0, rate_inside: bool = False
) -> tuple[Any, Any]:
    """Return (w, v) after a step of gradient descent with momentum; decay enters the gradient.

    rate_inside: as Keras, where the velocity holds the rates of its steps; else as torch and optax.
    """
    g = g + decay * w
    if rate_inside:
        v = momentum * v - rate * g
        return w + v, v
    v = momentum * v + g
    return w - rate * v, v


def rmsprop_step(
    w: Any, g: Any, s: Any, rate: float, decay: float = 0.99, eps: float = 1e-8, inside: bool = False
) -> tuple[Any, Any]:
    """Return (w, s) after a step of RMSprop; inside: eps under the root, as Keras and optax; torch adds it after."""
    s = decay * s + (1 - decay) * g * g
    return w - rate * g / ((s + eps) ** 0.5 if inside else s**0.5 + eps), s


def adam_step(
    w: Any, g: Any, m: Any, v: Any, t: int, rate: float, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8,
    before: bool = False, l2: float = 0.0, decay: float = 0.0,
) -> tuple[Any, Any, Any]:  # fmt: skip
    """Return (w, m, v) after step t = 1, 2, ... of Adam.

    before: eps is added before the bias correction, as Keras does; torch and optax add it after. l2: in the gradient,
    torch.optim.Adam's weight_decay. decay: beside the moments, as in AdamW.
    """
    g = g + l2 * w
    m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
    step = m / (1 - b1**t)
    root = (v**0.5 + eps) / (1 - b2**t) ** 0.5 if before else (v / (1 - b2**t)) ** 0.5 + eps
    return w - rate * step / root - rate * decay * w, m, v
