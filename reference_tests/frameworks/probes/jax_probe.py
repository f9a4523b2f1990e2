"""JAX's answers: one function a question."""

import os

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax, nn

DEVICE = globals().get("DEVICE", "cpu")
NO_LOSS = "none in JAX itself"
NO_LAYER = "JAX has no layers"
YOURS = "reduce_window sums; the divisor is yours"
ABSENT = {
    "S03": "no ceil mode: padding is given by hand",
    "S04": "no ceil mode: padding is given by hand",
    "S16": "the stride must be given",
    "S17": "the padding must be given",
    "C03": "the padding must be given",
    "C08": "no bias argument",
    "P02": YOURS,
    "P03": YOURS,
    "P04": YOURS,
    "P10": YOURS,
    "P11": "no indices",
    "P12": "no indices",
    **dict.fromkeys([f"L{i:02}" for i in range(1, 12)], NO_LOSS),
    **dict.fromkeys([f"R{i:02}" for i in range(1, 6)], NO_LAYER),
    **dict.fromkeys([f"D{i:02}" for i in range(1, 6)], NO_LAYER),
    **dict.fromkeys([f"B{i:02}" for i in range(1, 7)], NO_LAYER),
    "W01": NO_LAYER,
    "W02": NO_LAYER,
    "W03": NO_LAYER,
}


def about():
    try:
        device = jax.devices("gpu" if DEVICE == "cuda" else "cpu")[0]
    except RuntimeError as error:
        raise ImportError(f"JAX sees no CUDA device: {error}") from None
    jax.config.update("jax_default_device", device)
    switches = {
        "x64": jax.config.jax_enable_x64,
        "matmul precision": jax.config.jax_default_matmul_precision or "default",
        "XLA_FLAGS": os.environ.get("XLA_FLAGS", ""),
    }
    return {"version": jax.__version__, "switches": switches, "device": device.device_kind}


def conv(x, w, stride=(1, 1), padding="VALID", **how):
    return lax.conv_general_dilated(jnp.asarray(x), jnp.asarray(w), stride, padding, **how)


def pool(x, window, stride=(1, 1), padding="VALID", start=-jnp.inf, reduce=lax.max):
    x = jnp.asarray(x)
    start = np.asarray(start if x.dtype == jnp.float32 else jnp.iinfo(x.dtype).min, x.dtype)
    if not isinstance(padding, str):
        padding = ((0, 0), (0, 0), *padding)
    return lax.reduce_window(x, start, reduce, (1, 1, *window), (1, 1, *stride), padding)


def gradient(function, x):
    return jax.grad(lambda x: function(x).sum())(jnp.asarray(x))


# sizes
def S01(x, w):
    return conv(x, w, (3, 3))


def S02(x):
    return pool(x, (2, 2), (2, 2))


def S05(x, w):
    return conv(x, w, padding="SAME")


def S06(x, w):
    return conv(x, w, (1, 2), "SAME")


def S07(x, w):
    return conv(x, w, (2, 2), "SAME")


def S08(x):
    return pool(x, (3, 3), padding=((2, 2), (2, 2)))


def S09(x, w):
    return conv(x, w, padding=((4, 4), (4, 4)))


def S10(x, w):
    return conv(x, w)


def S11(x):
    return pool(x, (5, 5))


def S12(x, w):
    return conv(x, w)


def S13(x):
    return pool(x, (2, 2), (2, 2))


def S14(x, w):
    return conv(x, w, (0, 0))


def S15(x):
    return pool(x, (2, 2), (0, 0))


def S18(x, w):
    return conv(x, w, padding=((-1, -1), (-1, -1)))


def S19(x, w):
    return conv(x, w, padding=((1, 0), (1, 0)))


# convolution
def C01(x, w):
    return conv(x, w)


def C02(x, w):
    return lax.conv_transpose(x, w, (1, 1), "VALID", dimension_numbers=("NCHW", "OIHW", "NCHW"))


def C04(x, w):
    return conv(x, w, rhs_dilation=(1, 2))


def C05(x, w):
    return conv(x, w, rhs_dilation=(0, 0))


def C06(x, w):
    return conv(x, w)


def C07(x, w):
    return conv(x, w)


def C09(x, w, b):
    return conv(x, w) + b


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
    return conv(x, np.ones((2, 3, 1, 1), "float32")).shape


def C20():
    conv(np.ones((1, 3, 5, 4), "float32"), np.ones((2, 3, 5, 4), "float32"))
    return [2, 3, 5, 4]


def C21(x, w):
    return conv(x, w)


def C22(x):
    return lax.conv_general_dilated_patches(x, (2, 2), (1, 1), "VALID").ravel()


# pooling
def P01(x):
    return pool(x, (2, 2), (2, 2), ((1, 1), (1, 1)))


def P05(x):
    return gradient(lambda x: pool(x, (2, 2)), x)


def P06(x):
    return gradient(lambda x: pool(x, (1, 2)), x)


def P07(x):
    return pool(x, (1, 2))


def P08(x):
    return pool(x, (2, 2))


def P09(x):
    return pool(x, (1, 2))


# activations
def A01(x):
    return gradient(nn.relu, x)


def A02(x):
    return gradient(lambda x: jnp.maximum(x, 0), x)


def A03(x):
    return np.copysign(1, nn.relu(x))


def A04(x):
    return nn.relu(x)


def A05(x):
    return nn.sigmoid(x)


def A06(x):
    return nn.softmax(x, axis=1)


def A07(x):
    return nn.softmax(x)


def A08(x):
    return nn.gelu(x)


def A09(x):
    return -nn.leaky_relu(x)


def A10(x):
    return nn.hard_sigmoid(x)


# initial weights
def W04():
    w = nn.initializers.he_normal()(jax.random.key(0), (100, 100))
    return float(abs(w).max()) / (2 / 100) ** 0.5


# locally connected
def K01(x, w):
    filters = w.reshape(1, 2, 1, 2).transpose(0, 3, 2, 1)  # (FN, C*FH*FW, OH, OW)
    return lax.conv_general_dilated_local(
        x, filters, (1, 1), "VALID", (1, 2), dimension_numbers=("NCHW", "OIHW", "NCHW")
    )


def K02(x, w):
    filters = w.reshape(1, 4, 1, 1)
    return lax.conv_general_dilated_local(
        x, filters, (1, 1), "VALID", (1, 2), dimension_numbers=("NCHW", "OIHW", "NCHW")
    )
