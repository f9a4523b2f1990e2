"""TensorFlow's answers (tf.nn): a row for each question. Images are (N, H, W, C), filters (FH, FW, C, FN).

The same rows are asked of LiteRT, by a model converted from each function; what has no function of an image to convert
is asked of TensorFlow only.
"""

import os
from collections.abc import Callable
from inspect import signature
from typing import Any

import numpy as np
import tensorflow as tf

COLUMN = globals().get("FRAMEWORK", "tensorflow")
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
    **dict.fromkeys(["C25", "C26"], "channels last only, oneDNN by an environment variable"),
    "C23": "tf.nn.depthwise_conv2d takes (FH,FW,C,m): see keras",
    **dict.fromkeys(["T03", "T05"], "the output's shape must be given"),
    **dict.fromkeys(["P15", "P17", "P18"], "no such pooling"),
    "P16": NO_CEIL,
    **dict.fromkeys(["L12", "L13", "L14"], "in Keras only"),
    **dict.fromkeys(["B07", "N02", "N03", "N04", "N05", "F02", "F03", "F04"], NO_LAYER),
    **dict.fromkeys(["H04", "P14"], NO_LAYER),
    "P20": "no such pooling",
    "E": NO_LAYER,
    "O": "optimizers are Keras's",
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
    if COLUMN == "litert":
        from importlib.metadata import version

        return {"version": version("ai-edge-litert"), "switches": {"tensorflow": tf.__version__}, "device": "cpu"}
    return {"version": tf.__version__, "switches": switches, "device": "gpu" if gpu else "cpu"}


class NotOffered(Exception):
    """There is nothing here that could be asked; the message says why."""


def back(y: Any) -> Any:
    """Return a tensor (N, H, W, C) as an array (N, C, H, W), so that answers can be compared."""
    return np.transpose(y, (0, 3, 1, 2))


def last(x: np.ndarray) -> Any:
    """Return an array (N, C, H, W) as a tensor (N, H, W, C)."""
    return tf.constant(x.transpose(0, 2, 3, 1))


def filters(w: np.ndarray) -> Any:
    """Return filters (FN, C, FH, FW) as a tensor (FH, FW, C, FN)."""
    return tf.constant(w.transpose(2, 3, 1, 0))


def run_lite(function: Callable[..., Any], x: Any) -> Any:
    """Convert a function to a LiteRT model and run it."""
    from ai_edge_litert.interpreter import Interpreter

    concrete = tf.function(function).get_concrete_function(tf.TensorSpec(x.shape, x.dtype))
    model = tf.lite.TFLiteConverter.from_concrete_functions([concrete]).convert()
    interpreter = Interpreter(model_content=model)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], np.asarray(x))
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


def run(function: Callable[..., Any], x: Any) -> Any:
    """Return what a function makes of a tensor, in the way of this column."""
    x = tf.constant(x)
    return run_lite(function, x) if COLUMN == "litert" else np.asarray(function(x))


def only_eager() -> None:
    """Raise NotOffered unless this column is TensorFlow itself."""
    if COLUMN != "tensorflow":
        raise NotOffered("nothing to convert: see tensorflow")


def conv(x: np.ndarray, w: np.ndarray, stride: Any = 1, padding: Any = "VALID", **how: Any) -> Any:
    """Convolve x (N, C, H, W) with w (FN, C, FH, FW)."""
    return back(run(lambda x: tf.nn.conv2d(x, filters(w), stride, padding, **how), last(x)))


def max_pool(x: np.ndarray, window: Any, stride: Any, padding: Any = "VALID") -> Any:
    """Return the maximum of each window of x (N, C, H, W)."""
    return back(run(lambda x: tf.nn.max_pool2d(x, window, stride, padding), last(x)))


def average_pool(x: np.ndarray, window: Any, stride: Any, padding: Any = "VALID") -> Any:
    """Return the mean of each window of x (N, C, H, W)."""
    return back(run(lambda x: tf.nn.avg_pool2d(x, window, stride, padding), last(x)))


def around(top: int, bottom: int, left: int, right: int) -> Any:
    """Return explicit paddings as TensorFlow takes them."""
    return [[0, 0], [top, bottom], [left, right], [0, 0]]


def gradient(function: Callable[..., Any], x: np.ndarray) -> Any:
    """Return the gradient of the sum of function(x) with respect to x."""
    if COLUMN != "tensorflow":
        raise NotOffered("inference only: no gradient")
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        out = tf.reduce_sum(function(x))
    return tape.gradient(out, x)


def entropy(x: np.ndarray, t: np.ndarray) -> Any:
    """Return the cross-entropy of the logits x (N, classes) and the labels t, reduced as by default."""
    only_eager()
    return tf.nn.sparse_softmax_cross_entropy_with_logits(t, x)


def norm(x: np.ndarray, mean: Any = 0.0, var: Any = 1.0, **how: Any) -> Any:
    """Return the output, the new running mean and the new running variance of fused_batch_norm."""
    only_eager()
    one, zero, mean, var = (np.full(x.shape[1], v, "float32") for v in (1, 0, mean, var))
    return tf.compat.v1.nn.fused_batch_norm(last(x), one, zero, mean, var, is_training=True, **how)


def weight_layout() -> Any:
    """Return the shape of the weights of 2 filters of 5x4 over 3 channels."""
    conv(np.ones((1, 3, 5, 4), "float32"), np.ones((2, 3, 5, 4), "float32"))
    return [5, 4, 3, 2]


def unfold(x: np.ndarray) -> Any:
    """Return the values of every 2x2 window in the order of extract_patches."""
    one = [1, 1, 1, 1]
    return run(lambda x: tf.image.extract_patches(x, [1, 2, 2, 1], one, one, "VALID"), last(x)).ravel()


def indices_point_at_maxima(x: np.ndarray) -> bool:
    """Tell whether the value at each index is the maximum of its window."""
    only_eager()
    out, index = tf.nn.max_pool_with_argmax(last(x), 2, 1, "VALID")
    return bool((np.ravel(out) == np.ravel(last(x))[np.ravel(index)]).all())


def lrn_defaults() -> str:
    """Return the default size, alpha, beta and k as one text."""
    only_eager()
    of = signature(tf.nn.local_response_normalization).parameters
    radius, k, alpha, beta = (of[name].default for name in ("depth_radius", "bias", "alpha", "beta"))
    return f"radius {radius}, alpha {alpha:g}, beta {beta:g}, k {k:g}"


def lrn(x: np.ndarray, radius: int) -> Any:
    """Apply local response normalization with bias, alpha and beta 1; return it as (N, H, W, C)."""
    return run(lambda x: tf.nn.local_response_normalization(x, radius, bias=1, alpha=1, beta=1), last(x))


def lrn_sample_is_alone(x: np.ndarray) -> bool:
    """Tell whether a sample gives the same result in a batch and alone."""
    return bool(np.allclose(lrn(x, 1)[1:], lrn(x[1:], 1), rtol=1e-6))


def dropped(x: np.ndarray, p: float) -> Any:
    """Apply dropout."""
    only_eager()
    return np.asarray(tf.nn.dropout(x, p))


def transposed(x: np.ndarray, w: np.ndarray, size: Any, stride: Any, padding: str, **how: Any) -> Any:
    """Apply a transposed convolution, w (C, FN, FH, FW), to a result of this size."""
    shape = [len(x), *size, w.shape[1]]
    return back(run(lambda x: tf.nn.conv2d_transpose(x, filters(w), shape, stride, padding, **how), last(x)))


def half(function: Callable[..., Any], type: Any, *arrays: Any) -> Any:
    """Compute in a half type; return float32."""
    only_eager()
    return np.asarray(tf.cast(function(*(tf.cast(a, type) for a in arrays)), "float32"))


def depthwise(x: np.ndarray, m: int) -> Any:
    """Convolve each channel with m filters 1x1, of weights 1, 2, ... m."""
    w = np.tile(np.arange(1, m + 1, dtype="float32"), (1, 1, x.shape[1], 1))
    return back(run(lambda x: tf.nn.depthwise_conv2d(x, w, [1, 1, 1, 1], "VALID"), last(x)))


def resize(x: np.ndarray, size: int, method: str) -> Any:
    """Resize the width of an image."""
    return run(lambda x: tf.image.resize(x, (1, size), method), last(x))


def padded(x: np.ndarray, p: int) -> Any:
    """Pad a line by reflection."""
    return run(lambda x: tf.pad(x, [[0, 0], [0, 0], [0, 0], [p, p]], "REFLECT"), x)


def rounding_error(x: np.ndarray, w: np.ndarray) -> float:
    """Return the error of a sum of products, in units of the sum of their sizes."""
    return float(abs(conv(x, w)[0, 0, 0, 0] - np.sum(x.astype("float64") * w)) / np.abs(x * w).sum())


PROBES = {
    # sizes
    "S01": lambda x, w, s: conv(x, w, s),
    "S02": lambda x, k, s: max_pool(x, k, s),
    "S05": lambda x, w: conv(x, w, 1, "SAME"),
    "S06": lambda x, w, s: conv(x, w, [1, s], "SAME"),
    "S07": lambda x, w, s: conv(x, w, s, "SAME"),
    "S08": lambda x, k, p: max_pool(x, k, 1, around(p, p, p, p)),
    "S09": lambda x, w, p: conv(x, w, 1, around(p, p, p, p)),
    "S10": lambda x, w, s: conv(x, w, s),
    "S11": lambda x, k, s: max_pool(x, k, s),
    "S13": lambda x: max_pool(x, 2, 2),
    "S14": lambda x, w: conv(x, w, 0),
    "S15": lambda x, k: max_pool(x, k, 0),
    "S18": lambda x, w: conv(x, w, 1, around(-1, -1, -1, -1)),
    "S19": lambda x, w: conv(x, w, 1, around(1, 0, 1, 0)),
    "S20": lambda x, w, s, d: conv(x, w, [1, s], "SAME", dilations=[1, d]),
    # convolution
    "C02": lambda x, w: back(
        run(lambda x: tf.nn.conv2d_transpose(x, filters(w), [1, *w.shape[2:], 1], 1, "VALID"), last(x))
    ),
    "C04": lambda x, w, d: conv(x, w, dilations=[1, d]),
    "C05": lambda x, w: conv(x, w, dilations=0),
    "C08": lambda x, w, b: back(run(lambda x: tf.nn.bias_add(tf.nn.conv2d(x, filters(w), 1, "VALID"), b), last(x))),
    "C09": lambda x, w, b: back(run(lambda x: tf.nn.conv2d(x, filters(w), 1, "VALID") + b, last(x))),
    "C15": rounding_error,
    "C16": lambda x, w: float(np.abs(conv(x, w)[-1] - conv(x[-1:], w)[0]).max()),
    "C18": lambda x, w: conv(x[..., ::-1], w),
    "C19": lambda x: run(lambda x: tf.nn.conv2d(x, np.ones((1, 1, 4, 2), "float32"), 1, "VALID"), x).shape,
    "C20": weight_layout,
    "C21": lambda x, w: run(lambda x: tf.nn.conv2d(x, filters(w), 1, "VALID"), x.transpose(1, 2, 0)),
    "C22": unfold,
    "C24": depthwise,
    "T01": lambda: transposed(np.ones((1, 2, 1, 1)), np.ones((2, 3, 5, 4)), (5, 4), 1, "VALID").shape and [5, 4, 3, 2],
    "T02": lambda x, w, s: transposed(x, w, (1, 3 * s), [1, s], "SAME"),
    "T04": lambda x, w, s: transposed(x, w, (2 * s + 5,) * 2, s, "VALID", dilations=2),
    # pooling
    "P01": lambda x, k, s, p: max_pool(x, k, s, around(p, p, p, p)),
    "P02": lambda x, k, p: average_pool(x, k, 1, "SAME")[0, 0, 0, 0],
    "P19": lambda x, k, s: max_pool(x, (1, k), (1, s), "SAME"),
    "P05": lambda x, k: gradient(lambda x: tf.nn.max_pool2d(x, k, k, "VALID"), last(x)),
    "P06": lambda x, k: gradient(lambda x: tf.nn.max_pool2d(x, [1, k], 1, "VALID"), last(x)),
    "P07": lambda x, k: max_pool(x, [1, k], [1, k]),
    "P08": lambda x, k: max_pool(x, k, k),
    "P09": lambda x: max_pool(x, [1, 2], [1, 2]),
    "P10": lambda x: average_pool(x, [1, 2], [1, 2]),
    "P11": lambda x: run(lambda x: tf.nn.max_pool_with_argmax(x, [2, 4], [2, 4], "VALID")[1], last(x))[..., 1],
    "P12": indices_point_at_maxima,
    "P13": lambda x: gradient(tf.reduce_max, x),
    # padding and resizing
    "G01": padded,
    "G02": padded,
    "G03": lambda x, size: resize(x, size, "bilinear"),
    "G04": lambda x, size: resize(x, size, "nearest"),
    "G05": lambda x, size: resize(x, size, "bilinear"),
    # activations
    "A01": lambda x: gradient(tf.nn.relu, x),
    "A02": lambda x: gradient(lambda x: tf.maximum(x, 0), x),
    "A03": lambda x: np.copysign(1, run(tf.nn.relu, x)),
    "A04": lambda x: run(tf.nn.relu, x),
    "A05": lambda x: run(tf.nn.sigmoid, x),
    "A06": lambda x: run(lambda x: tf.nn.softmax(x, axis=1), x),
    "A07": lambda x: run(tf.nn.softmax, x),
    "A08": lambda x: run(tf.nn.gelu, x),
    "A09": lambda x: -run(tf.nn.leaky_relu, x),
    "A11": lambda x: gradient(lambda x: tf.clip_by_value(x, 0, 1), x),
    "A12": lambda x: gradient(tf.nn.relu6, x),
    "A13": lambda x: gradient(tf.norm, x),
    "A14": lambda x: run(lambda x: tf.clip_by_value(x, 0.0, 1.0), x),
    "A15": lambda x: run(tf.argmax, x),
    "A16": lambda x: run(tf.argmax, x),
    # loss
    "L02": lambda x, t: tf.reduce_mean(entropy(x, t)),
    "L03": lambda x, t: tf.reduce_mean(entropy(x, t)),
    "L06": lambda x, t: tf.reduce_mean(entropy(x, t)),
    "L08": lambda x, t: tf.reduce_mean(entropy(x, t)),
    "L15": lambda x, t: tf.reduce_mean(entropy(x, t)),
    # local response normalization
    "R01": lambda x, n: lrn(x, n // 2)[0, 0, 0, n // 2],
    "R03": lambda x, n: lrn(x, n)[0, 0, 0],
    "R04": lrn_defaults,
    "R05": lrn_sample_is_alone,
    # dropout
    "D01": lambda x, p: np.unique(dropped(x, p)),
    "D02": lambda x, p: float((dropped(x, p) == 0).mean()),
    "D03": lambda x: dropped(x, 1.0),
    "D05": lambda x: bool((dropped(x, 0.5) == 0).any()),
    # batch normalization
    "B01": lambda: signature(tf.compat.v1.nn.fused_batch_norm).parameters["epsilon"].default,
    "B02": lambda x, momentum: norm(x, exponential_avg_factor=momentum)[1],
    "B03": lambda x: norm(x)[1] / 10,
    "B04": lambda x: norm(x)[2],
    "B05": lambda x: back(norm(x)[0]),
    "B06": lambda x: np.max(norm(x)[0]),
    # other normalizations, half precision, fully connected
    "N01": lambda x: np.max(norm(x)[0]),
    "N06": lambda x: run(lambda x: tf.nn.l2_normalize(x, 1), x)[0, 0],
    "H01": lambda x: half(lambda x: tf.nn.avg_pool2d(x, x.shape[1:3], 1, "VALID"), "bfloat16", last(x)),
    "H02": lambda x: half(lambda x: tf.nn.avg_pool2d(x, x.shape[1:3], 1, "VALID"), "float16", last(x)),
    "H03": lambda x, w: half(lambda x, w: tf.nn.conv2d(x, w, 1, "VALID"), "bfloat16", last(x), filters(w)),
    "H05": lambda x: half(tf.nn.softmax, "float16", x)[0, 0],
    "H06": lambda x: half(tf.reduce_mean, "float16", x),
    "F01": lambda x: run(lambda x: tf.reshape(x, (x.shape[0], -1)), last(x)).ravel(),
}
