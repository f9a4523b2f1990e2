"""Keras's answers by the functions of keras.ops: a row for each question. Its images are (N, H, W, C)."""

import os
from typing import Any

import keras
import numpy as np
from keras import ops

LAYER = "a layer: see keras"
ABSENT = {
    **dict.fromkeys(["S03", "S04", "P03", "P04"], "no ceil mode: 'same' or 'valid'"),
    **dict.fromkeys(["S08", "S09", "S18", "S19", "P01"], "no padding by number"),
    **dict.fromkeys(["C08", "C09"], "no bias argument"),
    "P20": "no such pooling",
    "*": LAYER,
}


def about() -> dict[str, Any]:
    """Return the version, the switches and the device that the answers depend on."""
    switches = {
        "backend": keras.backend.backend(),
        "image_data_format": keras.config.image_data_format(),
        "oneDNN": os.environ.get("TF_ENABLE_ONEDNN_OPTS", "default"),
    }
    return {"version": keras.__version__, "switches": switches, "device": "cpu"}


def array(y: Any) -> Any:
    """Return a tensor as a NumPy array."""
    return ops.convert_to_numpy(y)


def last(x: np.ndarray) -> Any:
    """Return an array (N, C, H, W) as a tensor (N, H, W, C)."""
    return ops.convert_to_tensor(x.transpose(0, 2, 3, 1))


def back(y: Any) -> Any:
    """Return a tensor (N, H, W, C) as an array (N, C, H, W)."""
    return array(y).transpose(0, 3, 1, 2)


def conv(x: np.ndarray, w: np.ndarray, *how: Any, **more: Any) -> Any:
    """Convolve x (N, C, H, W) with w (FN, C, FH, FW)."""
    return back(ops.conv(last(x), ops.convert_to_tensor(w.transpose(2, 3, 1, 0)), *how, **more))


def max_pool(x: np.ndarray, *how: Any) -> Any:
    """Return the maximum of each window of x (N, C, H, W)."""
    return back(ops.max_pool(last(x), *how))


def average_pool(x: np.ndarray, *how: Any) -> Any:
    """Return the mean of each window of x (N, C, H, W)."""
    return back(ops.average_pool(last(x), *how))


def rounding_error(x: np.ndarray, w: np.ndarray) -> float:
    """Return the error of a sum of products, in units of the sum of their sizes."""
    return float(abs(conv(x, w)[0, 0, 0, 0] - np.sum(x.astype("float64") * w)) / np.abs(x * w).sum())


def in_type(function: Any, type: str, *arrays: Any) -> Any:
    """Compute in a half type; return float32."""
    return array(ops.cast(function(*(ops.cast(a, type) for a in arrays)), "float32"))


def transposed(x: np.ndarray, w: np.ndarray, *how: Any, **more: Any) -> Any:
    """Apply a transposed convolution, w (C, FN, FH, FW)."""
    return back(ops.conv_transpose(last(x), ops.convert_to_tensor(w.transpose(2, 3, 1, 0)), *how, **more))


PROBES = {
    # sizes
    "S01": lambda x, w, s: conv(x, w, s),
    "S02": lambda x, k, s: max_pool(x, k, s),
    "S05": lambda x, w: conv(x, w, 1, "same"),
    "S06": lambda x, w, s: conv(x, w, (1, s), "same"),
    "S07": lambda x, w, s: conv(x, w, s, "same"),
    "S10": lambda x, w, s: conv(x, w, s),
    "S11": lambda x, k, s: max_pool(x, k, s),
    "S13": lambda x: max_pool(x, 2),
    "S14": lambda x, w: conv(x, w, 0),
    "S15": lambda x, k: max_pool(x, k, 0),
    "S16": lambda x, k: max_pool(x, k),
    # convolution
    "C02": lambda x, w: transposed(x, w),
    "C03": lambda x, w, s: transposed(x, w, s),
    "C04": lambda x, w, d: conv(x, w, dilation_rate=(1, d)),
    "C05": lambda x, w: conv(x, w, dilation_rate=0),
    "C15": rounding_error,
    "C16": lambda x, w: float(np.abs(conv(x, w)[-1] - conv(x[-1:], w)[0]).max()),
    "C18": lambda x, w: conv(x[..., ::-1], w),
    "C22": lambda x: array(ops.image.extract_patches(last(x), (2, 2))).ravel(),
    # pooling
    "P02": lambda x, k, p: average_pool(x, k, 1, "same")[0, 0, 0, 0],
    "P19": lambda x, k, s: max_pool(x, (1, k), (1, s), "same"),
    "P07": lambda x, k: max_pool(x, (1, k)),
    "P08": lambda x, k: max_pool(x, tuple(k)),
    "P09": lambda x: max_pool(x, (1, 2)),
    "P10": lambda x: average_pool(x, (1, 2)),
    # activations
    "A03": lambda x: np.copysign(1, array(ops.relu(x))),
    "A04": lambda x: array(ops.relu(x)),
    "A05": lambda x: array(ops.sigmoid(x)),
    "A06": lambda x: array(ops.softmax(x, axis=1)),
    "A07": lambda x: array(ops.softmax(x)),
    "A08": lambda x: array(ops.gelu(x)),
    "A09": lambda x: -array(ops.leaky_relu(x)),
    "A10": lambda x: array(ops.hard_sigmoid(x)),
    "A14": lambda x: array(ops.clip(x, 0, 1)),
    "A15": lambda x: array(ops.argmax(x)),
    "A16": lambda x: array(ops.argmax(x)),
    # transposed convolution, dilation, padding, resizing
    "S20": lambda x, w, s, d: conv(x, w, (1, s), "same", dilation_rate=(1, d)),
    "T02": lambda x, w, s: transposed(x, w, (1, s), "same"),
    "T04": lambda x, w, s: transposed(x, w, s, dilation_rate=2),
    "T05": lambda x, w, s: [
        transposed(x, w, (1, s), "same", **how).shape[3] for how in ({}, {"output_padding": (0, 0)})
    ],
    "G01": lambda x, p: array(ops.pad(x[0, 0], ((0, 0), (p, p)), "reflect")),
    "G02": lambda x, p: array(ops.pad(x[0, 0], ((0, 0), (p, p)), "reflect")),
    "G03": lambda x, size: array(ops.image.resize(last(x), (1, size))),
    "G04": lambda x, size: array(ops.image.resize(last(x), (1, size), interpolation="nearest")),
    "G05": lambda x, size: array(ops.image.resize(last(x), (1, size))),
    # other normalizations, half precision, fully connected
    "N06": lambda x: array(ops.normalize(x))[0, 0],
    "H01": lambda x: in_type(lambda x: ops.average_pool(x, x.shape[1:3], 1), "bfloat16", last(x)),
    "H02": lambda x: in_type(lambda x: ops.average_pool(x, x.shape[1:3], 1), "float16", last(x)),
    "H03": lambda x, w: in_type(ops.conv, "bfloat16", last(x), w.transpose(2, 3, 1, 0)),
    "H05": lambda x: in_type(lambda x: ops.softmax(x, axis=1), "float16", x)[0, 0],
    "H06": lambda x: in_type(ops.mean, "float16", x),
    "F01": lambda x: array(ops.reshape(last(x), (len(x), -1))).ravel(),
    "F04": lambda x: array(ops.ravel(x)).shape,
}
