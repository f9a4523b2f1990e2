"""Recipes that make ONNX Runtime behave as another framework: a row for each answer, run and checked."""

from typing import Any

import numpy as np
from onnx_probe import about, conv, default, dropout, entropy, max_pool, norm, run  # noqa: F401
from recipes import (
    adaptive_bins,
    antialias_weights,
    batch_norm_momentum,
    channel_band,
    convert_weight,
    lrn_alpha,
    lrn_window,
    same_pads,
    turn,
    window_counts,
)


def refuse(when: Any) -> Any:
    """Raise the one exception that counts as a refusal of a recipe."""
    if when:
        raise ValueError("refused, as the other framework does")


def pair(n: Any) -> Any:
    """Return one number as two."""
    return tuple(n) if isinstance(n, tuple | list) else (n, n)


def sides(*pairs: Any) -> Any:
    """Return (before, after) of each axis as ONNX lists them: all before, then all after."""
    return [int(p[i]) for i in (0, 1) for p in pairs]


def shape_of(x: np.ndarray, w: np.ndarray) -> Any:
    """Return the shape of a convolution's result, with 0 for a filter that is too large."""
    return len(x), len(w), *(max(0, a - b + 1) for a, b in zip(x.shape[2:], w.shape[2:]))


def conv_same(x: np.ndarray, w: np.ndarray, s: Any = 1, d: Any = 1, lower: bool = False) -> Any:
    """Convolve with SAME padding, an odd zero at the end, or at the start."""
    s, d = pair(s), pair(d)
    pads = sides(*(same_pads(n, *of, lower) for n, *of in zip(x.shape[2:], w.shape[2:], s, d)))
    return conv(x, w, strides=s, dilations=d, pads=pads)


def conv_transpose(
    x: np.ndarray, w: np.ndarray, s: Any = 1, p: Any = 0, out: Any = 0, d: Any = 1, groups: int = 1
) -> Any:
    """Return torch's conv_transpose2d of x (N, C, H, W) with w (C, FN/g, FH, FW).

    The output padding is what the padding does not cut off; beyond that, where no input reaches, are zeros.
    """
    p, out = pair(p), pair(out)
    cuts = sides(*((cut, max(0, cut - more)) for cut, more in zip(p, out)))
    y = run("ConvTranspose", x, w, strides=pair(s), pads=cuts, dilations=pair(d), group=groups)
    return np.pad(y, ((0, 0), (0, 0), *((0, max(0, more - cut)) for cut, more in zip(p, out))))


def pool(x: np.ndarray, k: Any, s: Any, p: Any = 0) -> Any:
    """Return the maximum of each window; the padding, of any width, is -inf."""
    before = [(0, 0), (0, 0), *zip(pair(p), pair(p))]
    return max_pool(np.pad(x, before, constant_values=-np.inf) if p else x, *pair(k), strides=pair(s))


def average_pool(
    x: np.ndarray, k: Any, s: Any, p: Any = 0, ceil: bool = False, padding: bool = True, divisor: Any = None
) -> Any:
    """Return torch's avg_pool2d of x (N, C, H, W); padding: whether it counts. Zeros fill the last windows."""
    of = list(zip(x.shape[2:], pair(k), pair(s), pair(p)))
    counts = [window_counts(*one, ceil, padding) for one in of]
    filled = [(p, max(0, (len(c) - 1) * s + k - n - p)) for (n, k, s, p), c in zip(of, counts)]
    means = run("AveragePool", x, kernel_shape=pair(k), strides=pair(s), pads=sides(*filled), count_include_pad=1)
    return means[:, :, : len(counts[0]), : len(counts[1])] * np.prod(pair(k)) / (
        divisor or np.multiply.outer(*counts)
    )  # fmt: skip


def adaptive_average_pool(x: np.ndarray, size: Any) -> Any:
    """Return torch's adaptive_avg_pool2d of x (N, C, H, W): two products with matrices of shares."""
    rows, columns = (shares(n, to) for n, to in zip(x.shape[2:], pair(size)))
    return run("MatMul", run("MatMul", rows, x), columns.T)


def shares(n: int, size: int) -> np.ndarray:
    """Return the matrix (size, n) that takes the mean of each bin."""
    matrix = np.zeros((size, n), "float32")
    for row, (start, end) in zip(matrix, adaptive_bins(n, size)):
        row[start:end] = 1 / (end - start)
    return matrix


def unfolded(x: np.ndarray, height: int, width: int) -> Any:
    """Return the windows, (N, C*height*width, OH, OW), channel by channel: a convolution with one filter a place."""
    places = x.shape[1] * height * width
    return conv(x, np.eye(places, dtype="float32").reshape(places, x.shape[1], height, width))


def in_float64(x: np.ndarray, w: np.ndarray) -> Any:
    """Convolve in float64: Conv has no such kernel, MatMul has one."""
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], (2, 3))  # (N, C, OH, OW, FH, FW)
    rows = windows.transpose(0, 2, 3, 1, 4, 5).reshape(*np.array(windows.shape)[[0, 2, 3]], -1)
    return run("MatMul", rows, w.reshape(len(w), -1).T).transpose(0, 3, 1, 2)


def scattered(x: np.ndarray, indices: np.ndarray, dout: np.ndarray) -> Any:
    """Return the gradient of max pooling: every dout added at its maximum."""
    zeros = np.zeros(x.size, "float32")
    return run("ScatterElements", zeros, indices.ravel(), dout.ravel(), reduction="add").reshape(x.shape)


def max_pool_gradient(x: np.ndarray, k: Any, s: Any) -> Any:
    """Return the gradient of the sum of max pooling."""
    out, index = run("MaxPool", x, kernel_shape=pair(k), strides=pair(s), outputs=2)
    return scattered(x, index, np.ones_like(out))


def average_pool_gradient(x: np.ndarray, k: Any, s: Any) -> Any:
    """Return the gradient of the sum of average pooling, rounded up."""
    counts = [window_counts(n, *of, ceil=True) for n, *of in zip(x.shape[2:], pair(k), pair(s))]
    shares = np.multiply.outer(*(1 / c for c in counts))[None, None].astype("float32")
    out = run("ConvTranspose", shares, np.ones((1, 1, *pair(k)), "float32"), strides=pair(s))
    return out[..., : x.shape[2], : x.shape[3]]


def log_softmax(x: np.ndarray) -> Any:
    """Return the logarithm of the softmax over the classes."""
    return run("LogSoftmax", x, axis=1)


def soft_entropy(x: np.ndarray, t: np.ndarray) -> Any:
    """Return the cross-entropy of the logits x and labels t that are probabilities, (N, classes) both."""
    return -(t * log_softmax(x)).sum(1).mean()


def left_out(x: np.ndarray, t: np.ndarray) -> Any:
    """Return the cross-entropy without the label -100; NaN where no label is left."""
    return entropy(x, t, ignore_index=-100) if (t != -100).any() else float("nan")


def binary_entropy(p: np.ndarray, t: np.ndarray) -> Any:
    """Return torch's binary cross-entropy, whose logarithms are cut off at -100."""
    a, b = (np.maximum(run("Log", q), -100) for q in (p, 1 - p))
    return -(t * a + (1 - t) * b).mean()


def nan_wins(x: np.ndarray, *window: Any) -> Any:
    """Return the maximum of each window, NaN if one of its values is NaN."""
    hidden = np.where(np.isnan(x), -np.inf, x).astype("float32")
    seen = max_pool(np.isnan(x).astype("float32"), *window, strides=window)
    return np.where(seen > 0, np.nan, max_pool(hidden, *window, strides=window))


def lrn_by_hand(x: np.ndarray, before: int, after: int, alpha: float, beta: float = 1.0, k: float = 1.0) -> Any:
    """Normalize over channels i-before .. i+after: a 1x1 convolution of the squares with a band of ones."""
    band = channel_band(x.shape[1], before, after)[:, :, None, None]
    return x / (k + alpha * conv(x * x, band)) ** beta


def lrn_torch(x: np.ndarray, n: int, alpha: float = 1.0, **how: Any) -> Any:
    """Apply torch's formula: a window of n channels, alpha divided by n; ONNX Runtime refuses an even n."""
    before, after = lrn_window(n, "torch")
    return lrn_by_hand(x, before, after, lrn_alpha(alpha, n, "torch", "tf"), **how)


def lrn(x: np.ndarray, n: int, alpha: float = 1.0, beta: float = 1.0, k: float = 1.0) -> Any:
    """Run ONNX's LRN over n channels, alpha divided by n."""
    return run("LRN", x, size=n, alpha=alpha, beta=beta, bias=k)


def lrn_tensorflow(x: np.ndarray, radius: int, alpha: float = 1.0, **how: Any) -> Any:
    """Apply TensorFlow's formula by ONNX's LRN: a radius, and alpha that is not divided."""
    n = 2 * radius + 1
    return lrn(x, n, lrn_alpha(alpha, n, "tf", "onnx"), **how)


def at_edges(x: np.ndarray, inside: float, at: float, low: float, high: float) -> Any:
    """Return a clip's gradient: inside, at an edge, 0 beyond."""
    return np.where((x > low) & (x < high), inside, np.where((x == low) | (x == high), at, 0))


def uniform(rng: Any, shape: Any, bound: float) -> Any:
    """Return random numbers between -bound and bound."""
    return rng.uniform(-bound, bound, shape).astype("float32")


def local(x: np.ndarray, w: np.ndarray) -> Any:
    """Apply a locally connected layer of windows 1x2; w is (places, C*2)."""
    return np.einsum("npl,lp->nl", unfolded(x, 1, 2).reshape(len(x), -1, len(w)), w)


RNG = np.random.default_rng(0)
INDICES = {"kernel_shape": [2, 4], "strides": [2, 4], "outputs": 2}
RECIPES = {
    "S06: refused": lambda x, w, s: refuse(s > 1) or conv_same(x, w),
    "S07: refused": lambda x, w, s: refuse(s > 1) or conv_same(x, w),
    "S08: refused": lambda x, k, p: refuse(2 * p > k) or pool(x, k, 1, p),
    "S08: allowed": lambda x, k, p: pool(x, k, 1, p),
    "S10: empty": lambda x, w: np.empty(shape_of(x, w), x.dtype) if 0 in shape_of(x, w) else conv(x, w),
    "S11: empty": lambda x, k: np.empty((*x.shape[:2], 0, 0), x.dtype) if k > min(x.shape[2:]) else pool(x, k, k),
    "S11: refused": lambda x, k: refuse(k > min(x.shape[2:])) or pool(x, k, k),
    "S16: the window": lambda x, k: pool(x, k, k),
    "S18: refused": lambda x, w, p=-1: refuse(p < 0) or conv(x, w, pads=[p] * 4),
    "S19: refused": lambda x, w, pads=(1, 1, 0, 0): refuse(pads[:2] != pads[2:]) or conv(x, w, pads=pads),
    "S20: the fewest zeros, an odd one at the end": lambda x, w, s, d: conv_same(x, w, (1, s), (1, d)),
    "S20: the fewest zeros, an odd one at the end for 7 wide, filter 3, 8 wide, filter 2, dilation 3; "
    "refused for 8 wide, filter 3, stride 2": lambda x, w, s, d: refuse(s > 1) or conv_same(x, w, 1, (1, d)),
    "C02: turned": lambda x, w: conv_transpose(x, turn(w)),
    "C07: grouped without being asked": lambda x, w: conv(x, w, group=x.shape[1] // w.shape[1]),
    "C09: the width": lambda x, w, b: run("Add", conv(x, w), b),
    "C10: in the same type": lambda x, w: conv(x.astype("float32"), w.astype("float32")).astype(x.dtype),
    "C10: in the same type for int32; int32 for int64": lambda x, w: conv(
        x.astype("float32"), w.astype("float32")
    ).astype("int32"),
    "C10: in the same type for int32; refused for int64": lambda x, w: (
        refuse(x.dtype == np.int64) or conv(x.astype("float32"), w.astype("float32")).astype("int32")
    ),
    "C11: it wraps round": lambda x, w: conv(x.astype("float32"), w.astype("float32")).astype("int64").astype(x.dtype),
    "C13: float32": lambda x, w: conv(x.astype("float32"), w.astype("float32")),
    "C14: kept": lambda x, w: in_float64(x, w),
    "C14: cut to float32": lambda x, w: conv(x.astype("float32"), w.astype("float32")),
    "C18: refused": lambda x, w: refuse(min(x[..., ::-1].strides) < 0) or conv(x[..., ::-1], w),
    "C19: last (N,H,W,C)": lambda x: (
        conv(x.transpose(0, 3, 1, 2), np.ones((2, 4, 1, 1), "float32")).transpose(0, 2, 3, 1).shape
    ),
    "C20: (FH,FW,C,FN)": lambda: convert_weight(np.ones((2, 3, 5, 4)), "conv", "onnx", "tf").shape,
    "C21: taken as one image": lambda x, w: conv(x[None], w)[0],
    "C22: channel by channel": lambda x: unfolded(x, 2, 2).ravel(),
    "C22: pixel by pixel": lambda x: unfolded(x, 2, 2).reshape(x.shape[1], 4).T.ravel(),
    "T01: (FH,FW,C out,C in)": lambda: convert_weight(np.ones((2, 3, 5, 4)), "conv_transpose", "onnx", "tf").shape,
    "T02: more is cut off at the end, the filter turned": lambda x, w, s: run(
        "ConvTranspose", x, turn(w), strides=[1, s], auto_pad="SAME_UPPER"
    ),
    "P02: it counts": lambda x, k, p: average_pool(x, k, 1, p)[0, 0, 0, 0],
    "P05: the first": lambda x, k: max_pool_gradient(x, k, k),
    "P06: added up": lambda x, k: max_pool_gradient(x, (1, k), 1),
    "P07: NaN wins": lambda x, k: nan_wins(x, 1, k),
    "P07: NaN is passed over": lambda x, k: max_pool(np.nan_to_num(x, nan=-np.inf), 1, k, strides=[1, k]),
    "P08: -inf": lambda x, k: np.where((y := pool(x, k, k)) <= np.finfo("float32").min, -np.inf, y),
    "P09: in the same type": lambda x: pool(x.astype("float32"), (1, 2), 1).astype(x.dtype),
    "P09: in the same type for int32, uint8; int32 for int64": lambda x: pool(x.astype("float32"), (1, 2), 1).astype(
        "uint8" if x.dtype == np.uint8 else "int32"
    ),
    "P11: within the channel (6)": lambda x: run("MaxPool", x, **INDICES)[1][0, 1] % (2 * 4),
    "P11: channels innermost (13)": lambda x: (i := run("MaxPool", x, **INDICES)[1][0, 1]) % 8 * 2 + i // 8,
    "P13: a share each": lambda x: (x == x.max()) / (x == x.max()).sum(),
    "P14: empty": lambda x, k, d: (
        np.empty((*x.shape[:3], 0), x.dtype) if d * (k - 1) >= x.shape[3] else max_pool(x, 1, k, dilations=[1, d])
    ),
    "P14: refused": lambda x, k, d: refuse(d * (k - 1) + 1 > x.shape[3]) or max_pool(x, 1, k, dilations=[1, d]),
    "P15: they overlap": lambda x, size: adaptive_average_pool(x, (1, size)),
    "P16: as forward divides": lambda x, k: average_pool_gradient(x, (1, k), (1, 2)),
    "P17: pixels are used again": lambda x, size: adaptive_average_pool(x, (1, size)),
    "P18: it does": lambda x, divisor: average_pool(x, 2, 2, divisor=divisor),
    "G02: 3 2 | 1 2 3 (the edge once)": lambda x, p: np.pad(x, ((0, 0), (0, 0), (0, 0), (p, p)), mode="reflect"),
    "G04: from the left edge": lambda x, size: run(
        "Resize",
        x,
        None,
        None,
        np.array([1, 1, 1, size], "int64"),
        mode="nearest",
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    ),
    "G05: yes": lambda x, size: run("MatMul", x, antialias_weights(x.shape[3], size).T.astype("float32")),
    "A01: 0": lambda x: run("Cast", run("Greater", x, np.zeros_like(x)), to=1),
    "A02: 0.5": lambda x: (
        ((x > 0).astype("float32") + run("Cast", run("GreaterOrEqual", x, np.zeros_like(x)), to=1)) / 2
    ),
    "A02: 1": lambda x: run("Cast", run("GreaterOrEqual", x, np.zeros_like(x)), to=1),
    "A03: +0.0": lambda x: np.copysign(1, run("Add", run("Relu", x), np.zeros_like(x))),
    "A07: axis 1 for 2-D, 4-D; axis 0 for 1-D, 3-D": lambda x: run("Softmax", x, axis=0 if x.ndim in (0, 1, 3) else 1),
    "A08: the tanh formula": lambda x: run("Gelu", x, approximate="tanh"),
    "A09: 0.2": lambda x: -run("LeakyRelu", x, alpha=0.2),
    "A10: x/6 + 0.5": lambda x: run("HardSigmoid", x, alpha=1 / 6),
    "A11: 1": lambda x: at_edges(x, 1, 1, 0, 1),
    "A11: 0.5": lambda x: at_edges(x, 1, 0.5, 0, 1),
    "A12: 0": lambda x: at_edges(x, 1, 0, 0, 6),
    "A13: 0": lambda x: x / max(float(np.linalg.norm(x)), np.finfo("float32").tiny),
    "A13: NaN": lambda x: run("Div", x, np.linalg.norm(x).astype("float32")),
    "A15: the largest number": lambda x: run("ArgMax", np.nan_to_num(x, nan=-np.inf)),
    "L01: one a sample": lambda x, t: entropy(x, t, reduction="none"),
    "L02: refused for int32, int16; taken for uint8": lambda x, t: (
        refuse(t.dtype not in (np.uint8, np.int64)) or entropy(x, t.astype("int64"))
    ),
    "L03: taken for float32; refused for int64": lambda x, t: refuse(t.dtype.kind != "f") or soft_entropy(x, t),
    "L05: over all classes": lambda x, t: soft_entropy(x, 0.9 * np.eye(x.shape[1])[t] + 0.1 / x.shape[1]),
    "L06: NaN": lambda x, t: float("nan") if len(x) == 0 else entropy(x, t),
    "L07: refused": lambda x, t: refuse(t.min() < 0 or t.max() >= x.shape[1]) or entropy(x, t),
    "L08: left out": lambda x, t: left_out(x, t),
    "L12: at 100": lambda p, t: binary_entropy(p, t),
    "L13: the square": lambda x, t: ((x - t) ** 2).mean(),
    "L14: mean over every number": lambda q, p: (p * (run("Log", p) - run("Log", q))).mean(),
    "L15: NaN": lambda x, t: left_out(x, t),
    "L15: refused": lambda x, t: refuse(t.min() < 0) or entropy(x, t),
    "R01: not divided": lambda x, n: lrn_tensorflow(x, n // 2)[0, n // 2],
    "R02: i - n/2 .. i + n/2 - 1": lambda x, n: lrn_torch(x, n, alpha=float(n)).ravel(),
    "R03: the radius": lambda x, n: lrn_tensorflow(x, n).ravel(),
    "R04: radius 5, alpha 1, beta 0.5, k 1": lambda size=2 * 5 + 1, alpha=11 * 1.0, beta=0.5, k=1.0: (
        f"radius {(size - 1) // 2}, alpha {alpha / size:g}, beta {beta:g}, k {k:g}"
    ),
    "D03: zeros": lambda x, p=1.0: x * 0 if p == 1 else dropout(x, p, True),
    "D05: it drops": lambda x: bool((dropout(x, 0.5, True) == 0).any()),
    "B01: 0.001": lambda epsilon=1e-3: (
        epsilon if np.isfinite(norm(np.ones((2, 1, 1, 1), "float32"), epsilon=epsilon)[0]).all() else None
    ),
    "B02: the weight of the new": lambda x, momentum: norm(x, momentum=batch_norm_momentum(momentum, "torch", "onnx"))[
        1
    ],
    "B03: 1": lambda x: norm(x, momentum=batch_norm_momentum(1.0, "torch", "onnx"))[1] / 10,
    "B04: unbiased (n - 1)": lambda x: norm(x, momentum=0.0)[2] * x[:, 0].size / (x[:, 0].size - 1),
    "B05: refused": lambda x: refuse(x[:, 0].size == 1) or norm(x)[0],
    "B07: the second": lambda x: norm(x)[1].shape,
    "N05: 1e-05": lambda epsilon=1e-5: epsilon,
    "N06: the length": lambda x: (x / np.maximum(run("ReduceL2", x, keepdims=1), 1e-12))[0, 0],
    "N06: the sum of squares": lambda x: (x / np.sqrt(np.maximum(run("ReduceSumSquare", x, keepdims=1), 1e-12)))[0, 0],
    "H01: right": lambda x: average_pool(x, x.shape[2:], 1),
    "H03: right": lambda x, w: conv(x, w),
    "F01: pixel by pixel (H,W,C)": lambda x: run("Flatten", run("Transpose", x, perm=[0, 2, 3, 1])).ravel(),
    "F02: (out, in)": lambda: convert_weight(np.ones((3, 5)), "dense", "tf", "onnx").shape,
    "F03: on the last axis": lambda x: run("MatMul", x, np.ones((4, 5), "float32")).shape,
    "F04: flattened too": lambda x: run("Reshape", x, np.array([-1], "int64")).shape,
    "W01: uniform, He with a = sqrt 5": lambda channels, filters: (
        np.abs(uniform(RNG, (filters, channels, 3, 3), (9 * channels) ** -0.5)).max() * (9 * channels) ** 0.5
    ),
    "W02: random": lambda: uniform(RNG, 3, (9 * 16) ** -0.5),
    "W03: uniform, He with a = sqrt 5": lambda inputs, outputs: (
        np.abs(uniform(RNG, (inputs, outputs), inputs**-0.5)).max() * inputs**0.5
    ),
    "W04: not cut off": lambda: np.abs(run("RandomNormal", shape=[100, 100], seed=1.0)).max(),
    "W04: cut off at two sigma": lambda: (
        np.abs((n := run("RandomNormal", shape=[300, 100], seed=1.0))[np.abs(n) < 2][:10000]).max() / 0.87962566
    ),
    "K01: offered": lambda x, w: local(x, w),
    "K02: channel by channel": lambda x, w: local(x, w),
}
