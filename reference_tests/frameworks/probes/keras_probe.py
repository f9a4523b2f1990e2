"""Keras's answers (keras.ops, layers, losses): a row for each question. Its images are (N, H, W, C)."""

import os
from importlib.util import find_spec
from typing import Any

INSTALLED = [name for name in ("tensorflow", "jax", "torch") if find_spec(name)]
os.environ.setdefault("KERAS_BACKEND", INSTALLED[0] if INSTALLED else "tensorflow")

import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import layers, losses, ops  # noqa: E402

NO_CEIL = "no ceil mode: 'same' or 'valid'"
NO_NUMBER = "no padding by number: a ZeroPadding2D layer of its own"
GRADIENT = "the backend's: see its column"
ABSENT = {
    "S03": NO_CEIL,
    "S04": NO_CEIL,
    "S08": NO_NUMBER,
    "S09": NO_NUMBER,
    "S18": NO_NUMBER,
    "S19": NO_NUMBER,
    "P01": NO_NUMBER,
    "P03": NO_CEIL,
    "P04": NO_CEIL,
    "P05": GRADIENT,
    "P06": GRADIENT,
    "P11": "no indices",
    "P12": "no indices",
    "A01": GRADIENT,
    "A02": GRADIENT,
    **dict.fromkeys([f"R{i:02}" for i in range(1, 6)], "no local response normalization"),
    "D05": "a layer: it drops in fit(), not when called",
    "K01": "removed in Keras 3",
    "K02": "removed in Keras 3",
}


def about() -> dict[str, Any]:
    """Fix the seed; return the version, the switches and the device."""
    keras.utils.set_random_seed(0)
    switches = {
        "backend": keras.backend.backend(),
        "image_data_format": keras.config.image_data_format(),
        "oneDNN": os.environ.get("TF_ENABLE_ONEDNN_OPTS", "default"),
        "XLA_FLAGS": os.environ.get("XLA_FLAGS", ""),
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


def conv(x: np.ndarray, w: np.ndarray, strides: Any = 1, padding: Any = "valid", **how: Any) -> Any:
    """Convolve x (N, C, H, W) with w (FN, C, FH, FW)."""
    return back(ops.conv(last(x), ops.convert_to_tensor(w.transpose(2, 3, 1, 0)), strides, padding, **how))


def layer(x: np.ndarray, w: np.ndarray, b: np.ndarray, **how: Any) -> Any:
    """Return the output of a Conv2D layer with these weights."""
    one = layers.Conv2D(len(w), w.shape[2:], **how)
    one.build((None, None, None, w.shape[1]))
    one.set_weights([w.transpose(2, 3, 1, 0), b])
    return back(one(last(x)))


def max_pool(x: np.ndarray, *how: Any) -> Any:
    """Return the maximum of each window of x (N, C, H, W)."""
    return back(ops.max_pool(last(x), *how))


def average_pool(x: np.ndarray, *how: Any) -> Any:
    """Return the mean of each window of x (N, C, H, W)."""
    return back(ops.average_pool(last(x), *how))


def entropy(x: np.ndarray, t: np.ndarray, **how: Any) -> Any:
    """Return the cross-entropy of the logits x (N, classes) and the labels t, reduced as by default."""
    return array(losses.SparseCategoricalCrossentropy(from_logits=True, **how)(t, x))


def norm(x: np.ndarray, **how: Any) -> Any:
    """Call a BatchNormalization layer in training; return its output, its running mean and its running variance."""
    one = layers.BatchNormalization(**how)
    out = one(last(x), training=True)
    return back(out), array(one.moving_mean), array(one.moving_variance)


def weight_layout() -> Any:
    """Return the shape of the weights of 2 filters of 5x4 over 3 channels."""
    one = layers.Conv2D(2, (5, 4))
    one.build((None, 9, 9, 3))
    return one.kernel.shape


def shape_without_batch(x: np.ndarray, w: np.ndarray) -> Any:
    """Return the shape of a Conv2D layer's output for an image (H, W, C)."""
    one = layers.Conv2D(2, 3)
    return one(x.transpose(1, 2, 0)).shape


def smoothed_entropy(x: np.ndarray, t: np.ndarray) -> Any:
    """Return the cross-entropy with a label smoothing of 0.1."""
    smoothed = losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    return array(smoothed(np.eye(2, dtype="float32")[t], x))


def largest_conv_weight() -> Any:
    """Return a new Conv2D layer's largest weight, in units of 1/sqrt(fan-in)."""
    one = layers.Conv2D(16, 3)
    one.build((None, 9, 9, 16))
    return float(np.abs(array(one.kernel)).max()) * 12


def conv_bias() -> Any:
    """Return three numbers of a new Conv2D layer's bias."""
    one = layers.Conv2D(16, 3)
    one.build((None, 9, 9, 16))
    return array(one.bias)[:3]


def largest_linear_weight() -> Any:
    """Return a new Dense layer's largest weight, in units of 1/sqrt(fan-in)."""
    one = layers.Dense(100)
    one.build((None, 100))
    return float(np.abs(array(one.kernel)).max()) * 10


def largest_he_normal() -> Any:
    """Return the largest of 10000 weights of He's normal initialization, in sigma."""
    w = array(keras.initializers.HeNormal(seed=1)((100, 100)))
    return float(np.abs(w).max()) / (2 / 100) ** 0.5


PROBES = {
    # sizes
    "S01": lambda x, w: conv(x, w, 3),
    "S02": lambda x: max_pool(x, 2, 2),
    "S05": lambda x, w: conv(x, w, 1, "same"),
    "S06": lambda x, w: conv(x, w, (1, 2), "same"),
    "S07": lambda x, w: conv(x, w, 2, "same"),
    "S11": lambda x: max_pool(x, 5),
    "S13": lambda x: max_pool(x, 2),
    "S14": lambda x, w: layer(x, w, np.zeros(1), strides=0),
    "S15": lambda x: back(layers.MaxPooling2D(2, strides=0)(last(x))),
    "S16": lambda x: back(layers.MaxPooling2D(2)(last(x))),
    "S17": lambda x, w: layer(x, w, np.zeros(1)),
    # convolution
    "C02": lambda x, w: back(ops.conv_transpose(last(x), w.transpose(2, 3, 1, 0), 1)),
    "C03": lambda x, w: back(layers.Conv2DTranspose(1, 3, strides=2)(last(x))),
    "C04": lambda x, w: conv(x, w, dilation_rate=(1, 2)),
    "C05": lambda x, w: layer(x, w, np.zeros(1), dilation_rate=0),
    "C08": lambda x, w, b: layer(x, w, b),
    "C09": lambda x, w, b: layer(x, w, b),
    "C15": lambda x, w: float(abs(conv(x, w)[0, 0, 0, 0] - np.sum(x.astype("float64") * w)) / np.abs(x * w).sum()),
    "C16": lambda x, w: float(np.abs(conv(x, w)[3] - conv(x[3:4], w)[0]).max()),
    "C18": lambda x, w: conv(x[..., ::-1], w),
    "C19": lambda x: layers.Conv2D(2, 1)(x).shape,
    "C20": weight_layout,
    "C21": shape_without_batch,
    "C22": lambda x: array(ops.image.extract_patches(last(x), (2, 2))).ravel(),
    # pooling
    "P02": lambda x: average_pool(x, 3, 1, "same")[0, 0, 0, 0],
    "P07": lambda x: max_pool(x, (1, 2)),
    "P08": lambda x: max_pool(x, 2),
    "P09": lambda x: max_pool(x, (1, 2)),
    "P10": lambda x: average_pool(x, (1, 2)),
    # activations
    "A03": lambda x: np.copysign(1, array(ops.relu(x))),
    "A04": lambda x: array(ops.relu(x)),
    "A05": lambda x: array(ops.sigmoid(x)),
    "A06": lambda x: array(ops.softmax(x, axis=1)),
    "A07": lambda x: array(ops.softmax(x)),
    "A08": lambda x: array(keras.activations.gelu(ops.convert_to_tensor(x))),
    "A09": lambda x: -array(layers.LeakyReLU()(x)),
    "A10": lambda x: array(keras.activations.hard_sigmoid(ops.convert_to_tensor(x))),
    # loss
    "L04": lambda x, t: array(losses.SparseCategoricalCrossentropy()(t, x)),
    "L05": smoothed_entropy,
    "L10": lambda x, t: array(losses.SparseCategoricalCrossentropy()(t, x)),
    "L11": lambda x, t, weights: array(
        losses.SparseCategoricalCrossentropy(from_logits=True)(t, x, sample_weight=weights[t])
    ),
    # dropout
    "D01": lambda x: np.unique(array(layers.Dropout(0.5, seed=1)(x, training=True))),
    "D02": lambda x: float((array(layers.Dropout(0.25, seed=1)(x, training=True)) == 0).mean()),
    "D03": lambda x: array(layers.Dropout(1.0)(x, training=True)),
    "D04": lambda x: np.unique(array(layers.Dropout(0.5)(x, training=False))),
    # batch normalization
    "B01": lambda: layers.BatchNormalization().epsilon,
    "B02": lambda x: norm(x, momentum=0.1)[1],
    "B03": lambda x: norm(x)[1] / 10,
    "B04": lambda x: norm(x, momentum=0.0)[2],
    "B05": lambda x: norm(x)[0],
    "B06": lambda x: norm(x)[0].max(),
    # initial weights
    "W01": largest_conv_weight,
    "W02": conv_bias,
    "W03": largest_linear_weight,
    "W04": largest_he_normal,
}
