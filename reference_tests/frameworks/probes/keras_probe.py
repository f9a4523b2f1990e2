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
    **dict.fromkeys(["C25", "C26"], "the backend's: see its column"),
    **dict.fromkeys(["P13", "P16", "A11", "A12", "A13"], GRADIENT),
    **dict.fromkeys(["P14", "P18", "P20"], "no such pooling"),
    **dict.fromkeys(["G01", "G02", "A14", "A15", "A16", "H05", "H06", "F04"], "a function of keras.ops"),
    "S20": "a function of keras.ops",
    "L15": "ignore_class has no default",
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


def layer_shape(layer: Any, name: str, x: np.ndarray) -> Any:
    """Return the shape of a new layer's weights for an image."""
    layer.build((None, *x.transpose(0, 2, 3, 1).shape[1:]))
    return list(getattr(layer, name).shape)


def conv_bias() -> Any:
    """Return three numbers of a new Conv2D layer's bias."""
    one = layers.Conv2D(16, 3)
    one.build((None, 9, 9, 16))
    return array(one.bias)[:3]


def output(layer: Any, x: np.ndarray, **how: Any) -> Any:
    """Return what a layer makes of an image (N, C, H, W), as (N, H, W, C)."""
    return array(layer(last(x), **how))


def depthwise(x: np.ndarray, m: int) -> Any:
    """Convolve each channel with m filters 1x1, of weights 1, 2, ... m."""
    one = layers.DepthwiseConv2D(1, depth_multiplier=m, use_bias=False)
    one.build((None, 1, 1, x.shape[1]))
    one.set_weights([np.tile(np.arange(1, m + 1, dtype="float32"), (1, 1, x.shape[1], 1))])
    return output(one, x)


def moved(optimizer: Any, gradients: Any, begin: float = 0.0, rates: Any = (), **how: Any) -> list[float]:
    """Return how far a weight has moved after each step with these gradients."""
    w, steps, path = keras.Variable([begin]), optimizer(**how), []
    for i, g in enumerate(gradients):
        if rates:
            steps.learning_rate = rates[i]
        steps.apply([ops.convert_to_tensor([g])], [w])
        path.append(begin - float(array(w)[0]))
    return path


def clipped() -> Any:
    """Return how far two weights move at a rate of 1 with gradients 3 and 4 and clipnorm=1."""
    both = [keras.Variable([0.0]), keras.Variable([0.0])]
    keras.optimizers.SGD(1.0, clipnorm=1.0).apply([ops.convert_to_tensor([3.0]), ops.convert_to_tensor([4.0])], both)
    return [-float(array(w)[0]) for w in both]


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
    "S10": lambda x, w, s: conv(x, w, strides=s),
    "S11": lambda x, k, s: max_pool(x, k, s),
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
    "C23": lambda: new_weights(layers.DepthwiseConv2D((5, 4), depth_multiplier=3), (None, 9, 9, 2)).shape,
    "C24": depthwise,
    "T01": lambda: new_weights(layers.Conv2DTranspose(3, (5, 4)), (None, 9, 9, 2)).shape,
    "T02": lambda x, w, s: transposed(x, w, strides=(1, s), padding="same"),
    "T03": lambda x, w, s, out: transposed(x, w, strides=(1, s), padding="same", output_padding=(0, out)),
    "T04": lambda x, w, s: transposed(x, w, strides=s, dilation_rate=2),
    "T05": lambda x, w, s: [
        transposed(x, w, strides=(1, s), padding="same", **how).shape[3] for how in ({}, {"output_padding": (0, 0)})
    ],
    "P19": lambda x, k, s: max_pool(x, (1, k), (1, s), "same"),
    # pooling
    "P02": lambda x, k, p: average_pool(x, k, 1, "same")[0, 0, 0, 0],
    "P07": lambda x, k: max_pool(x, (1, k)),
    "P08": lambda x, k: max_pool(x, k),
    "P09": lambda x: max_pool(x, (1, 2)),
    "P10": lambda x: average_pool(x, (1, 2)),
    "P15": lambda x, size: output(layers.AdaptiveAveragePooling2D((1, size)), x),
    "P17": lambda x, size: output(layers.AdaptiveAveragePooling2D((1, size)), x),
    # resizing
    "G03": lambda x, size: output(layers.Resizing(1, size), x),
    "G04": lambda x, size: output(layers.Resizing(1, size, interpolation="nearest"), x),
    "G05": lambda x, size: output(layers.Resizing(1, size), x),
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
    "L12": lambda p, t: array(losses.BinaryCrossentropy()(t, p)),
    "L13": lambda x, t: array(losses.MeanSquaredError()(t, x)),
    "L14": lambda q, p: array(losses.KLDivergence()(p, q)),
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
    "B07": lambda x: layer_shape(layers.BatchNormalization(), "gamma", x.transpose(0, 3, 1, 2)),
    # other normalizations, half precision
    "N01": lambda x: norm(x)[0].max(),
    "N02": lambda x: array(layers.LayerNormalization()(x)).max(),
    "N03": lambda x: output(layers.GroupNormalization(1), x).max(),
    "N04": lambda: layers.LayerNormalization().epsilon,
    "N05": lambda: layers.GroupNormalization().epsilon,
    "N06": lambda x: array(layers.UnitNormalization()(x))[0, 0],
    "H01": lambda x: output(layers.AveragePooling2D(x.shape[2], dtype="bfloat16"), x).astype("float32"),
    "H02": lambda x: output(layers.AveragePooling2D(x.shape[2], dtype="float16"), x),
    "H03": lambda x, w: output(layers.Conv2D(1, x.shape[2], kernel_initializer="ones", dtype="bfloat16"), x).astype(
        "float32"
    ),
    "H04": lambda x: array(layers.LayerNormalization(dtype="float16")(x))[0, 0, 0, 1],
    # fully connected, layers called bare
    "F01": lambda x: output(layers.Flatten(), x).ravel(),
    "F02": lambda: new_weights(layers.Dense(5), (None, 3)).shape,
    "F03": lambda x: array(layers.Dense(5)(x)).shape,
    "E01": lambda x: output(layers.BatchNormalization(), x).max(),
    "E02": lambda x: bool((array(layers.Dropout(0.5)(x)) == 0).any()),
    "E03": lambda x: -output(layers.PReLU(), x),
    "E04": lambda x: layer_shape(layers.PReLU(), "alpha", x),
    # initial weights
    "W01": lambda channels, filters: (
        np.abs(new_weights(layers.Conv2D(filters, 3), (None, 9, 9, channels))).max() * (9 * channels) ** 0.5
    ),
    "W02": conv_bias,
    "W03": lambda inputs, outputs: np.abs(new_weights(layers.Dense(outputs), (None, inputs))).max() * inputs**0.5,
    "W04": largest_he_normal,
    # optimizers
    "O01": lambda then: moved(keras.optimizers.SGD, (1.0, 0.0), rates=(1.0, then), momentum=0.9)[-1],
    "O02": lambda g: moved(keras.optimizers.RMSprop, (g,), learning_rate=1.0)[0],
    "O03": lambda g: moved(keras.optimizers.Adam, (g,), learning_rate=1.0)[0],
    "O04": lambda: keras.optimizers.AdamW().weight_decay,
    "O05": lambda decay: (
        moved(keras.optimizers.Adam, (0.0,), begin=1.0, learning_rate=0.01, weight_decay=decay)[0] * 100
    ),
    "O06": lambda: np.diff(moved(keras.optimizers.Adam, (1.0, 0.0, 0.0), learning_rate=1.0, beta_2=0.5, amsgrad=True))[
        -1
    ],
    "O07": lambda g: moved(keras.optimizers.Adagrad, (g,), learning_rate=1.0)[0],
    "O08": clipped,
    "O09": lambda: float(keras.optimizers.SGD().learning_rate),
    "O10": lambda: (
        1 - moved(keras.optimizers.SGD, (0.0, 0.0), begin=1.0, learning_rate=0.1, momentum=0.9, weight_decay=0.1)[-1]
    ),
    "O11": lambda: moved(keras.optimizers.SGD, (1.0, 1.0), learning_rate=1.0, momentum=0.9, nesterov=True)[-1],
}
