"""Keras's answers (keras.ops, layers, losses): one function a question. Its images are (N, H, W, C)."""

import os
from importlib.util import find_spec

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


def about():
    keras.utils.set_random_seed(0)
    switches = {
        "backend": keras.backend.backend(),
        "image_data_format": keras.config.image_data_format(),
        "oneDNN": os.environ.get("TF_ENABLE_ONEDNN_OPTS", "default"),
        "XLA_FLAGS": os.environ.get("XLA_FLAGS", ""),
    }
    return {"version": keras.__version__, "switches": switches, "device": "cpu"}


def array(y):
    return ops.convert_to_numpy(y)


def last(x):
    return ops.convert_to_tensor(x.transpose(0, 2, 3, 1))


def back(y):
    return array(y).transpose(0, 3, 1, 2)


def conv(x, w, strides=1, padding="valid", **how):
    return back(ops.conv(last(x), ops.convert_to_tensor(w.transpose(2, 3, 1, 0)), strides, padding, **how))


def layer(x, w, b, **how):
    """A Conv2D layer with these weights."""
    one = layers.Conv2D(len(w), w.shape[2:], **how)
    one.build((None, None, None, w.shape[1]))
    one.set_weights([w.transpose(2, 3, 1, 0), b])
    return back(one(last(x)))


def max_pool(x, *how):
    return back(ops.max_pool(last(x), *how))


def average_pool(x, *how):
    return back(ops.average_pool(last(x), *how))


def entropy(x, t, **how):
    return array(losses.SparseCategoricalCrossentropy(from_logits=True, **how)(t, x))


def norm(x, **how):
    """A BatchNormalization layer after one training call: its output, running mean, running variance."""
    one = layers.BatchNormalization(**how)
    out = one(last(x), training=True)
    return back(out), array(one.moving_mean), array(one.moving_variance)


# sizes
def S01(x, w):
    return conv(x, w, 3)


def S02(x):
    return max_pool(x, 2, 2)


def S05(x, w):
    return conv(x, w, 1, "same")


def S06(x, w):
    return conv(x, w, (1, 2), "same")


def S07(x, w):
    return conv(x, w, 2, "same")


def S10(x, w):
    return conv(x, w)


def S11(x):
    return max_pool(x, 5)


def S12(x, w):
    return conv(x, w)


def S13(x):
    return max_pool(x, 2)


def S14(x, w):
    return layer(x, w, np.zeros(1), strides=0)


def S15(x):
    return back(layers.MaxPooling2D(2, strides=0)(last(x)))


def S16(x):
    return back(layers.MaxPooling2D(2)(last(x)))


def S17(x, w):
    return layer(x, w, np.zeros(1))


# convolution
def C01(x, w):
    return conv(x, w)


def C02(x, w):
    return back(ops.conv_transpose(last(x), w.transpose(2, 3, 1, 0), 1))


def C03(x, w):
    return back(layers.Conv2DTranspose(1, 3, strides=2)(last(x)))


def C04(x, w):
    return conv(x, w, dilation_rate=(1, 2))


def C05(x, w):
    return layer(x, w, np.zeros(1), dilation_rate=0)


def C06(x, w):
    return conv(x, w)


def C07(x, w):
    return conv(x, w)


def C08(x, w, b):
    return layer(x, w, b)


def C09(x, w, b):
    return layer(x, w, b)


def C10(x, w):
    return conv(x, w)


def C11(x, w):
    return conv(x, w)


def C12(x, w):
    return conv(x, w)


def C13(x, w):
    return conv(x, w)


def C14(x, w):
    return conv(x, w)


def C15(x, w):
    return float(abs(conv(x, w)[0, 0, 0, 0] - np.sum(x.astype("float64") * w)) / np.abs(x * w).sum())


def C16(x, w):
    return float(np.abs(conv(x, w)[3] - conv(x[3:4], w)[0]).max())


def C17(x, w):
    return conv(x, w)


def C18(x, w):
    return conv(x[..., ::-1], w)


def C19(x):
    return layers.Conv2D(2, 1)(x).shape


def C20():
    one = layers.Conv2D(2, (5, 4))
    one.build((None, 9, 9, 3))
    return one.kernel.shape


def C21(x, w):
    one = layers.Conv2D(2, 3)
    return one(x.transpose(1, 2, 0)).shape


def C22(x):
    return array(ops.image.extract_patches(last(x), (2, 2))).ravel()


# pooling
def P02(x):
    return average_pool(x, 3, 1, "same")[0, 0, 0, 0]


def P07(x):
    return max_pool(x, (1, 2))


def P08(x):
    return max_pool(x, 2)


def P09(x):
    return max_pool(x, (1, 2))


def P10(x):
    return average_pool(x, (1, 2))


# activations
def A03(x):
    return np.copysign(1, array(ops.relu(x)))


def A04(x):
    return array(ops.relu(x))


def A05(x):
    return array(ops.sigmoid(x))


def A06(x):
    return array(ops.softmax(x, axis=1))


def A07(x):
    return array(ops.softmax(x))


def A08(x):
    return array(keras.activations.gelu(ops.convert_to_tensor(x)))


def A09(x):
    return -array(layers.LeakyReLU()(x))


def A10(x):
    return array(keras.activations.hard_sigmoid(ops.convert_to_tensor(x)))


# loss
def L01(x, t):
    return entropy(x, t)


def L02(x, t):
    return entropy(x, t)


def L03(x, t):
    return entropy(x, t)


def L04(x, t):
    return array(losses.SparseCategoricalCrossentropy()(t, x))


def L05(x, t):
    smoothed = losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    return array(smoothed(np.eye(2, dtype="float32")[t], x))


def L06(x, t):
    return entropy(x, t)


def L07(x, t):
    return entropy(x, t)


def L08(x, t):
    return entropy(x, t)


def L09(x, t):
    return entropy(x, t)


def L10(x, t):
    return array(losses.SparseCategoricalCrossentropy()(t, x))


def L11(x, t, weights):
    return array(losses.SparseCategoricalCrossentropy(from_logits=True)(t, x, sample_weight=weights[t]))


# dropout
def D01(x):
    return np.unique(array(layers.Dropout(0.5, seed=1)(x, training=True)))


def D02(x):
    return float((array(layers.Dropout(0.25, seed=1)(x, training=True)) == 0).mean())


def D03(x):
    return array(layers.Dropout(1.0)(x, training=True))


def D04(x):
    return np.unique(array(layers.Dropout(0.5)(x, training=False)))


# batch normalization
def B01():
    return layers.BatchNormalization().epsilon


def B02(x):
    return norm(x, momentum=0.1)[1]


def B03(x):
    return norm(x)[1] / 10


def B04(x):
    return norm(x, momentum=0.0)[2]


def B05(x):
    return norm(x)[0]


def B06(x):
    return norm(x)[0].max()


# initial weights
def W01():
    one = layers.Conv2D(16, 3)
    one.build((None, 9, 9, 16))
    return float(np.abs(array(one.kernel)).max()) * 12


def W02():
    one = layers.Conv2D(16, 3)
    one.build((None, 9, 9, 16))
    return array(one.bias)[:3]


def W03():
    one = layers.Dense(100)
    one.build((None, 100))
    return float(np.abs(array(one.kernel)).max()) * 10


def W04():
    w = array(keras.initializers.HeNormal(seed=1)((100, 100)))
    return float(np.abs(w).max()) / (2 / 100) ** 0.5
