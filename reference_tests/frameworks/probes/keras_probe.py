"""Keras's answers by keras.layers, losses and activations: a row for each question. Its images are (N, H, W, C)."""

import os
from typing import Any

import keras
import numpy as np
from keras import layers, losses, ops

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
    "C22": "a function of keras.ops",
    "R": "no local response normalization",
    "D05": "a layer: it drops in fit(), not when called",
    "K": "removed in Keras 3",
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


def conv(x: np.ndarray, w: np.ndarray, b: np.ndarray | None = None, **how: Any) -> Any:
    """Return the output of a Conv2D layer with these weights."""
    one = layers.Conv2D(len(w), w.shape[2:], use_bias=b is not None, dtype=x.dtype.name, **how)
    one.build((None, None, None, w.shape[1]))
    one.set_weights([w.transpose(2, 3, 1, 0), *([] if b is None else [b])])
    return back(one(last(x)))


def transposed(x: np.ndarray, w: np.ndarray, **how: Any) -> Any:
    """Return the output of a Conv2DTranspose layer with these weights, w (C, FN, FH, FW)."""
    one = layers.Conv2DTranspose(w.shape[1], w.shape[2:], use_bias=False, **how)
    one.build((None, None, None, w.shape[0]))
    one.set_weights([w.transpose(2, 3, 1, 0)])
    return back(one(last(x)))


def max_pool(x: np.ndarray, *how: Any, **more: Any) -> Any:
    """Return the output of a MaxPooling2D layer."""
    return back(layers.MaxPooling2D(*how, **more)(last(x)))


def average_pool(x: np.ndarray, *how: Any) -> Any:
    """Return the output of an AveragePooling2D layer."""
    return back(layers.AveragePooling2D(*how)(last(x)))


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
    return tuple(layers.Conv2D(2, 3)(x.transpose(1, 2, 0)).shape)


def smoothed_entropy(x: np.ndarray, t: np.ndarray) -> Any:
    """Return the cross-entropy with a label smoothing of 0.1."""
    smoothed = losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    return array(smoothed(np.eye(x.shape[1], dtype="float32")[t], x))


def rounding_error(x: np.ndarray, w: np.ndarray) -> float:
    """Return the error of a sum of products, in units of the sum of their sizes."""
    return float(abs(conv(x, w)[0, 0, 0, 0] - np.sum(x.astype("float64") * w)) / np.abs(x * w).sum())


def new_weights(layer: Any, shape: Any) -> Any:
    """Return the weights of a new layer for inputs of this shape."""
    layer.build(shape)
    return array(layer.kernel)


def conv_bias() -> Any:
    """Return three numbers of a new Conv2D layer's bias."""
    one = layers.Conv2D(16, 3)
    one.build((None, 9, 9, 16))
    return array(one.bias)[:3]


def largest_he_normal() -> Any:
    """Return the largest of 10000 weights of He's normal initialization, in sigma."""
    w = array(keras.initializers.HeNormal(seed=1)((100, 100)))
    return float(np.abs(w).max()) / (2 / 100) ** 0.5


PROBES = {
    # sizes
    "S01": lambda x, w, s: conv(x, w, strides=s),
    "S02": lambda x, k, s: max_pool(x, k, s),
    "S05": lambda x, w: conv(x, w, padding="same"),
    "S06": lambda x, w, s: conv(x, w, strides=s, padding="same"),
    "S07": lambda x, w, s: conv(x, w, strides=s, padding="same"),
    "S11": lambda x, k: max_pool(x, k),
    "S13": lambda x: max_pool(x, 2),
    "S14": lambda x, w: conv(x, w, strides=0),
    "S15": lambda x, k: max_pool(x, k, strides=0),
    "S16": lambda x, k: max_pool(x, k),
    # convolution
    "C02": lambda x, w: transposed(x, w),
    "C03": lambda x, w, s: transposed(x, w, strides=s),
    "C04": lambda x, w, d: conv(x, w, dilation_rate=(1, d)),
    "C05": lambda x, w: conv(x, w, dilation_rate=0),
    "C15": rounding_error,
    "C16": lambda x, w: float(np.abs(conv(x, w)[-1] - conv(x[-1:], w)[0]).max()),
    "C18": lambda x, w: conv(x[..., ::-1], w),
    "C19": lambda x: tuple(layers.Conv2D(2, 1)(x).shape),
    "C20": weight_layout,
    "C21": shape_without_batch,
    # pooling
    "P02": lambda x, k, p: average_pool(x, k, 1, "same")[0, 0, 0, 0],
    "P07": lambda x, k: max_pool(x, (1, k)),
    "P08": lambda x, k: max_pool(x, k),
    "P09": lambda x: max_pool(x, (1, 2)),
    "P10": lambda x: average_pool(x, (1, 2)),
    # activations
    "A03": lambda x: np.copysign(1, array(layers.ReLU()(x))),
    "A04": lambda x: array(layers.ReLU()(x)),
    "A05": lambda x: array(keras.activations.sigmoid(ops.convert_to_tensor(x))),
    "A06": lambda x: array(layers.Softmax(axis=1)(x)),
    "A07": lambda x: array(layers.Softmax()(x)),
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
    "D01": lambda x, p: np.unique(array(layers.Dropout(p, seed=1)(x, training=True))),
    "D02": lambda x, p: float((array(layers.Dropout(p, seed=1)(x, training=True)) == 0).mean()),
    "D03": lambda x: array(layers.Dropout(1.0)(x, training=True)),
    "D04": lambda x, p: np.unique(array(layers.Dropout(p)(x, training=False))),
    # batch normalization
    "B01": lambda: layers.BatchNormalization().epsilon,
    "B02": lambda x, momentum: norm(x, momentum=momentum)[1],
    "B03": lambda x: norm(x)[1] / 10,
    "B04": lambda x: norm(x, momentum=0.0)[2],
    "B05": lambda x: norm(x)[0],
    "B06": lambda x: norm(x)[0].max(),
    # initial weights
    "W01": lambda channels, filters: (
        np.abs(new_weights(layers.Conv2D(filters, 3), (None, 9, 9, channels))).max() * (9 * channels) ** 0.5
    ),
    "W02": conv_bias,
    "W03": lambda inputs, outputs: np.abs(new_weights(layers.Dense(outputs), (None, inputs))).max() * inputs**0.5,
    "W04": largest_he_normal,
}
