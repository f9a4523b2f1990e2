"""TensorFlow's answers (tf.nn): one function a question. Its images are (N, H, W, C), its filters (FH, FW, C, FN)."""

import os
from inspect import signature

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


def about():
    tf.random.set_seed(0)
    gpu = tf.config.list_physical_devices("GPU")
    switches = {
        "oneDNN": os.environ.get("TF_ENABLE_ONEDNN_OPTS", "default"),
        "XLA_FLAGS": os.environ.get("XLA_FLAGS", ""),
        "TF_XLA_FLAGS": os.environ.get("TF_XLA_FLAGS", ""),
    }
    return {"version": tf.__version__, "switches": switches, "device": "gpu" if gpu else "cpu"}


def back(y):
    """(N, H, W, C) as (N, C, H, W), so that answers can be compared."""
    return np.transpose(y, (0, 3, 1, 2))


def last(x):
    return tf.constant(x.transpose(0, 2, 3, 1))


def filters(w):
    return tf.constant(w.transpose(2, 3, 1, 0))


def conv(x, w, stride=1, padding="VALID", **how):
    return back(tf.nn.conv2d(last(x), filters(w), stride, padding, **how))


def max_pool(x, window, stride, padding="VALID"):
    return back(tf.nn.max_pool2d(last(x), window, stride, padding))


def average_pool(x, window, stride, padding="VALID"):
    return back(tf.nn.avg_pool2d(last(x), window, stride, padding))


def around(top, bottom, left, right):
    return [[0, 0], [top, bottom], [left, right], [0, 0]]


def gradient(function, x):
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        out = tf.reduce_sum(function(x))
    return tape.gradient(out, x)


def entropy(x, t):
    return tf.nn.sparse_softmax_cross_entropy_with_logits(t, x)


def norm(x, mean=0.0, var=1.0, **how):
    """Output, new running mean, new running variance, as tf.compat.v1.nn.fused_batch_norm gives them."""
    one, zero, mean, var = (np.full(x.shape[1], v, "float32") for v in (1, 0, mean, var))
    return tf.compat.v1.nn.fused_batch_norm(last(x), one, zero, mean, var, is_training=True, **how)


# sizes
def S01(x, w):
    return conv(x, w, 3)


def S02(x):
    return max_pool(x, 2, 2)


def S05(x, w):
    return conv(x, w, 1, "SAME")


def S06(x, w):
    return conv(x, w, [1, 2], "SAME")


def S07(x, w):
    return conv(x, w, 2, "SAME")


def S08(x):
    return max_pool(x, 3, 1, around(2, 2, 2, 2))


def S09(x, w):
    return conv(x, w, 1, around(4, 4, 4, 4))


def S10(x, w):
    return conv(x, w)


def S11(x):
    return max_pool(x, 5, 5)


def S12(x, w):
    return conv(x, w)


def S13(x):
    return max_pool(x, 2, 2)


def S14(x, w):
    return conv(x, w, 0)


def S15(x):
    return max_pool(x, 2, 0)


def S18(x, w):
    return conv(x, w, 1, around(-1, -1, -1, -1))


def S19(x, w):
    return conv(x, w, 1, around(1, 0, 1, 0))


# convolution
def C01(x, w):
    return conv(x, w)


def C02(x, w):
    return back(tf.nn.conv2d_transpose(last(x), filters(w), [1, 1, 3, 1], 1, "VALID"))


def C04(x, w):
    return conv(x, w, dilations=[1, 2])


def C05(x, w):
    return conv(x, w, dilations=0)


def C06(x, w):
    return conv(x, w)


def C07(x, w):
    return conv(x, w)


def C08(x, w, b):
    return back(tf.nn.bias_add(tf.nn.conv2d(last(x), filters(w), 1, "VALID"), b))


def C09(x, w, b):
    return back(tf.nn.conv2d(last(x), filters(w), 1, "VALID") + b)


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
    return tf.nn.conv2d(x, np.ones((1, 1, 4, 2), "float32"), 1, "VALID").shape


def C20():
    tf.nn.conv2d(np.ones((1, 5, 4, 3), "float32"), np.ones((5, 4, 3, 2), "float32"), 1, "VALID")
    return [5, 4, 3, 2]


def C21(x, w):
    return tf.nn.conv2d(tf.constant(x.transpose(1, 2, 0)), filters(w), 1, "VALID")


def C22(x):
    one = [1, 1, 1, 1]
    return np.ravel(tf.image.extract_patches(last(x), [1, 2, 2, 1], one, one, "VALID"))


# pooling
def P01(x):
    return max_pool(x, 2, 2, around(1, 1, 1, 1))


def P02(x):
    return average_pool(x, 3, 1, "SAME")[0, 0, 0, 0]


def P05(x):
    return gradient(lambda x: tf.nn.max_pool2d(x, 2, 2, "VALID"), last(x))


def P06(x):
    return gradient(lambda x: tf.nn.max_pool2d(x, [1, 2], 1, "VALID"), last(x))


def P07(x):
    return max_pool(x, [1, 2], [1, 2])


def P08(x):
    return max_pool(x, 2, 2)


def P09(x):
    return max_pool(x, [1, 2], [1, 2])


def P10(x):
    return average_pool(x, [1, 2], [1, 2])


def P11(x):
    return tf.nn.max_pool_with_argmax(last(x), [2, 4], [2, 4], "VALID")[1][..., 1]


def P12(x):
    out, index = tf.nn.max_pool_with_argmax(last(x), 2, 1, "VALID")
    return bool((np.ravel(out) == np.ravel(last(x))[np.ravel(index)]).all())


# activations
def A01(x):
    return gradient(tf.nn.relu, x)


def A02(x):
    return gradient(lambda x: tf.maximum(x, 0), x)


def A03(x):
    return np.copysign(1, tf.nn.relu(x))


def A04(x):
    return tf.nn.relu(x)


def A05(x):
    return tf.nn.sigmoid(x)


def A06(x):
    return tf.nn.softmax(x, axis=1)


def A07(x):
    return tf.nn.softmax(x)


def A08(x):
    return tf.nn.gelu(x)


def A09(x):
    return -tf.nn.leaky_relu(x)


# loss
def L01(x, t):
    return entropy(x, t)


def L02(x, t):
    return tf.reduce_mean(entropy(x, t))


def L03(x, t):
    return tf.reduce_mean(entropy(x, t))


def L04(x, t):
    return entropy(x, t)


def L06(x, t):
    return tf.reduce_mean(entropy(x, t))


def L07(x, t):
    return entropy(x, t)


def L08(x, t):
    return tf.reduce_mean(entropy(x, t))


def L09(x, t):
    return entropy(x, t)


# local response normalization
def R01(x):
    return tf.nn.local_response_normalization(last(x), 1, bias=1, alpha=1, beta=1)[0, 0, 0, 1]


def R03(x):
    return tf.nn.local_response_normalization(last(x), 1, bias=1, alpha=1, beta=1)[0, 0, 0]


def R04():
    of = signature(tf.nn.local_response_normalization).parameters
    radius, k, alpha, beta = (of[name].default for name in ("depth_radius", "bias", "alpha", "beta"))
    return f"radius {radius}, alpha {alpha:g}, beta {beta:g}, k {k:g}"


def R05(x):
    def lrn(x):
        return np.asarray(tf.nn.local_response_normalization(last(x), 1))

    return bool(np.allclose(lrn(x)[1:], lrn(x[1:]), rtol=1e-6))


# dropout
def D01(x):
    return np.unique(tf.nn.dropout(x, 0.5))


def D02(x):
    return float((np.asarray(tf.nn.dropout(x, 0.25)) == 0).mean())


def D03(x):
    return tf.nn.dropout(x, 1.0)


def D05(x):
    return bool((np.asarray(tf.nn.dropout(x, 0.5)) == 0).any())


# batch normalization
def B01():
    return signature(tf.compat.v1.nn.fused_batch_norm).parameters["epsilon"].default


def B02(x):
    return norm(x, exponential_avg_factor=0.1)[1]


def B03(x):
    return norm(x)[1] / 10


def B04(x):
    return norm(x)[2]


def B05(x):
    return back(norm(x)[0])


def B06(x):
    return np.max(norm(x)[0])
