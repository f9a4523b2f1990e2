"""TensorFlow's answers (tf.nn): a row for each question. Images are (N, H, W, C), filters (FH, FW, C, FN)."""

import os
from collections.abc import Callable
from inspect import signature
from typing import Any

import numpy as np
import tensorflow as tf

NO_CEIL = "no ceil mode: 'SAME', 'VALID' or a padding given by hand"
NO_LAYER = "layers are Keras's"
ABSENT = {
    "D04": "tf.nn.dropout always drops",
    "R02": "its window is a radius: always odd",
    "S03": NO_CEIL,
    "S04": NO_CEIL,
    "S16": "the stride must be given",
    "S17": "the padding must be given",
    "C03": "the output's shape must be given",
    "P03": NO_CEIL,
    "P04": NO_CEIL,
    "A10": "in Keras only",
    "L05": "in Keras only",
    "L10": "in Keras only",
    "L11": "in Keras and tf.compat.v1 only",
    "W01": NO_LAYER,
    "W02": NO_LAYER,
    "W03": NO_LAYER,
    "W04": NO_LAYER,
    "K01": "none since Keras 3",
    "K02": "none since Keras 3",
}


def about() -> dict[str, Any]:
    """Fix the seed; return the version, the switches and the device."""
    tf.random.set_seed(0)
    gpu = tf.config.list_physical_devices("GPU")
    switches = {
        "oneDNN": os.environ.get("TF_ENABLE_ONEDNN_OPTS", "default"),
        "XLA_FLAGS": os.environ.get("XLA_FLAGS", ""),
        "TF_XLA_FLAGS": os.environ.get("TF_XLA_FLAGS", ""),
    }
    return {"version": tf.__version__, "switches": switches, "device": "gpu" if gpu else "cpu"}


def back(y: Any) -> Any:
    """Return a tensor (N, H, W, C) as an array (N, C, H, W), so that answers can be compared."""
    return np.transpose(y, (0, 3, 1, 2))


def last(x: np.ndarray) -> Any:
    """Return an array (N, C, H, W) as a tensor (N, H, W, C)."""
    return tf.constant(x.transpose(0, 2, 3, 1))


def filters(w: np.ndarray) -> Any:
    """Return filters (FN, C, FH, FW) as a tensor (FH, FW, C, FN)."""
    return tf.constant(w.transpose(2, 3, 1, 0))


def conv(x: np.ndarray, w: np.ndarray, stride: Any = 1, padding: Any = "VALID", **how: Any) -> Any:
    """Convolve x (N, C, H, W) with w (FN, C, FH, FW)."""
    return back(tf.nn.conv2d(last(x), filters(w), stride, padding, **how))


def max_pool(x: np.ndarray, window: Any, stride: Any, padding: Any = "VALID") -> Any:
    """Return the maximum of each window of x (N, C, H, W)."""
    return back(tf.nn.max_pool2d(last(x), window, stride, padding))


def average_pool(x: np.ndarray, window: Any, stride: Any, padding: Any = "VALID") -> Any:
    """Return the mean of each window of x (N, C, H, W)."""
    return back(tf.nn.avg_pool2d(last(x), window, stride, padding))


def around(top: int, bottom: int, left: int, right: int) -> Any:
    """Return explicit paddings as TensorFlow takes them."""
    return [[0, 0], [top, bottom], [left, right], [0, 0]]


def gradient(function: Callable[..., Any], x: np.ndarray) -> Any:
    """Return the gradient of the sum of function(x) with respect to x."""
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        out = tf.reduce_sum(function(x))
    return tape.gradient(out, x)


def entropy(x: np.ndarray, t: np.ndarray) -> Any:
    """Return the cross-entropy of the logits x (N, classes) and the labels t, reduced as by default."""
    return tf.nn.sparse_softmax_cross_entropy_with_logits(t, x)


def norm(x: np.ndarray, mean: Any = 0.0, var: Any = 1.0, **how: Any) -> Any:
    """Return the output, the new running mean and the new running variance of fused_batch_norm."""
    one, zero, mean, var = (np.full(x.shape[1], v, "float32") for v in (1, 0, mean, var))
    return tf.compat.v1.nn.fused_batch_norm(last(x), one, zero, mean, var, is_training=True, **how)


def weight_layout() -> Any:
    """Return the shape of the weights of 2 filters of 5x4 over 3 channels."""
    tf.nn.conv2d(np.ones((1, 5, 4, 3), "float32"), np.ones((5, 4, 3, 2), "float32"), 1, "VALID")
    return [5, 4, 3, 2]


def unfold(x: np.ndarray) -> Any:
    """Return the values of every 2x2 window in the order of extract_patches."""
    one = [1, 1, 1, 1]
    return np.ravel(tf.image.extract_patches(last(x), [1, 2, 2, 1], one, one, "VALID"))


def indices_point_at_maxima(x: np.ndarray) -> bool:
    """Tell whether the value at each index is the maximum of its window."""
    out, index = tf.nn.max_pool_with_argmax(last(x), 2, 1, "VALID")
    return bool((np.ravel(out) == np.ravel(last(x))[np.ravel(index)]).all())


def lrn_defaults() -> str:
    """Return the default size, alpha, beta and k as one text."""
    of = signature(tf.nn.local_response_normalization).parameters
    radius, k, alpha, beta = (of[name].default for name in ("depth_radius", "bias", "alpha", "beta"))
    return f"radius {radius}, alpha {alpha:g}, beta {beta:g}, k {k:g}"


def lrn_sample_is_alone(x: np.ndarray) -> bool:
    """Tell whether a sample gives the same result in a batch and alone."""

    def lrn(x: np.ndarray) -> Any:
        return np.asarray(tf.nn.local_response_normalization(last(x), 1))

    return bool(np.allclose(lrn(x)[1:], lrn(x[1:]), rtol=1e-6))


PROBES = {
    # sizes
    "S01": lambda x, w: conv(x, w, 3),
    "S02": lambda x: max_pool(x, 2, 2),
    "S05": lambda x, w: conv(x, w, 1, "SAME"),
    "S06": lambda x, w: conv(x, w, [1, 2], "SAME"),
    "S07": lambda x, w: conv(x, w, 2, "SAME"),
    "S08": lambda x: max_pool(x, 3, 1, around(2, 2, 2, 2)),
    "S09": lambda x, w: conv(x, w, 1, around(4, 4, 4, 4)),
    "S11": lambda x: max_pool(x, 5, 5),
    "S13": lambda x: max_pool(x, 2, 2),
    "S14": lambda x, w: conv(x, w, 0),
    "S15": lambda x: max_pool(x, 2, 0),
    "S18": lambda x, w: conv(x, w, 1, around(-1, -1, -1, -1)),
    "S19": lambda x, w: conv(x, w, 1, around(1, 0, 1, 0)),
    # convolution
    "C02": lambda x, w: back(tf.nn.conv2d_transpose(last(x), filters(w), [1, 1, 3, 1], 1, "VALID")),
    "C04": lambda x, w: conv(x, w, dilations=[1, 2]),
    "C05": lambda x, w: conv(x, w, dilations=0),
    "C08": lambda x, w, b: back(tf.nn.bias_add(tf.nn.conv2d(last(x), filters(w), 1, "VALID"), b)),
    "C09": lambda x, w, b: back(tf.nn.conv2d(last(x), filters(w), 1, "VALID") + b),
    "C15": lambda x, w: float(abs(conv(x, w)[0, 0, 0, 0] - np.sum(x.astype("float64") * w)) / np.abs(x * w).sum()),
    "C16": lambda x, w: float(np.abs(conv(x, w)[3] - conv(x[3:4], w)[0]).max()),
    "C18": lambda x, w: conv(x[..., ::-1], w),
    "C19": lambda x: tf.nn.conv2d(x, np.ones((1, 1, 4, 2), "float32"), 1, "VALID").shape,
    "C20": weight_layout,
    "C21": lambda x, w: tf.nn.conv2d(tf.constant(x.transpose(1, 2, 0)), filters(w), 1, "VALID"),
    "C22": unfold,
    # pooling
    "P01": lambda x: max_pool(x, 2, 2, around(1, 1, 1, 1)),
    "P02": lambda x: average_pool(x, 3, 1, "SAME")[0, 0, 0, 0],
    "P05": lambda x: gradient(lambda x: tf.nn.max_pool2d(x, 2, 2, "VALID"), last(x)),
    "P06": lambda x: gradient(lambda x: tf.nn.max_pool2d(x, [1, 2], 1, "VALID"), last(x)),
    "P07": lambda x: max_pool(x, [1, 2], [1, 2]),
    "P08": lambda x: max_pool(x, 2, 2),
    "P09": lambda x: max_pool(x, [1, 2], [1, 2]),
    "P10": lambda x: average_pool(x, [1, 2], [1, 2]),
    "P11": lambda x: tf.nn.max_pool_with_argmax(last(x), [2, 4], [2, 4], "VALID")[1][..., 1],
    "P12": indices_point_at_maxima,
    # activations
    "A01": lambda x: gradient(tf.nn.relu, x),
    "A02": lambda x: gradient(lambda x: tf.maximum(x, 0), x),
    "A03": lambda x: np.copysign(1, tf.nn.relu(x)),
    "A04": lambda x: tf.nn.relu(x),
    "A05": lambda x: tf.nn.sigmoid(x),
    "A06": lambda x: tf.nn.softmax(x, axis=1),
    "A07": lambda x: tf.nn.softmax(x),
    "A08": lambda x: tf.nn.gelu(x),
    "A09": lambda x: -tf.nn.leaky_relu(x),
    # loss
    "L02": lambda x, t: tf.reduce_mean(entropy(x, t)),
    "L03": lambda x, t: tf.reduce_mean(entropy(x, t)),
    "L06": lambda x, t: tf.reduce_mean(entropy(x, t)),
    "L08": lambda x, t: tf.reduce_mean(entropy(x, t)),
    # local response normalization
    "R01": lambda x: tf.nn.local_response_normalization(last(x), 1, bias=1, alpha=1, beta=1)[0, 0, 0, 1],
    "R03": lambda x: tf.nn.local_response_normalization(last(x), 1, bias=1, alpha=1, beta=1)[0, 0, 0],
    "R04": lrn_defaults,
    "R05": lrn_sample_is_alone,
    # dropout
    "D01": lambda x: np.unique(tf.nn.dropout(x, 0.5)),
    "D02": lambda x: float((np.asarray(tf.nn.dropout(x, 0.25)) == 0).mean()),
    "D03": lambda x: tf.nn.dropout(x, 1.0),
    "D05": lambda x: bool((np.asarray(tf.nn.dropout(x, 0.5)) == 0).any()),
    # batch normalization
    "B01": lambda: signature(tf.compat.v1.nn.fused_batch_norm).parameters["epsilon"].default,
    "B02": lambda x: norm(x, exponential_avg_factor=0.1)[1],
    "B03": lambda x: norm(x)[1] / 10,
    "B04": lambda x: norm(x)[2],
    "B05": lambda x: back(norm(x)[0]),
    "B06": lambda x: np.max(norm(x)[0]),
}
