"""JAX's answers: a row for each question."""

import os
from collections.abc import Callable
from typing import Any

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
    "P16": YOURS,
    "P20": YOURS,
    "H01": YOURS,
    "H02": YOURS,
    "P11": "no indices",
    "P12": "no indices",
    **dict.fromkeys([f"L{i:02}" for i in range(1, 12)], NO_LOSS),
    **dict.fromkeys([f"R{i:02}" for i in range(1, 6)], NO_LAYER),
    **dict.fromkeys([f"D{i:02}" for i in range(1, 6)], NO_LAYER),
    **dict.fromkeys([f"B{i:02}" for i in range(1, 7)], NO_LAYER),
    "C26": "one implementation",
    **dict.fromkeys(["T03", "T05"], "no output padding: padding by number"),
    **dict.fromkeys(["P15", "P17", "P18"], "no such pooling"),
    **dict.fromkeys(["L12", "L13", "L14", "L15"], NO_LOSS),
    **dict.fromkeys(["B07", "N01", "N02", "N03", "N04", "N05", "N06", "F02", "F03"], NO_LAYER),
    "E": NO_LAYER,
    "O": "optimizers are optax's: see flax",
    "W01": NO_LAYER,
    "W02": NO_LAYER,
    "W03": NO_LAYER,
}


def about() -> dict[str, Any]:
    """Return the version, the switches and the device that the answers depend on."""
    try:
        device = jax.devices("gpu" if DEVICE == "cuda" else "cpu")[0]
    except RuntimeError as error:
        raise ImportError(f"JAX sees no CUDA device: {error}") from None
    jax.config.update("jax_default_device", device)
    switches = {
        "x64": jax.config.jax_enable_x64,  # type: ignore[attr-defined]
        "matmul precision": jax.config.jax_default_matmul_precision or "default",  # type: ignore[attr-defined]
        "XLA_FLAGS": os.environ.get("XLA_FLAGS", ""),
    }
    return {"version": jax.__version__, "switches": switches, "device": device.device_kind}


def conv(x: Any, w: Any, stride: Any = (1, 1), padding: Any = "VALID", **how: Any) -> Any:
    """Convolve x (N, C, H, W) with w (FN, C, FH, FW)."""
    return lax.conv_general_dilated(jnp.asarray(x), jnp.asarray(w), stride, padding, **how)


def pool(
    x: Any, window: Any, stride: Any = (1, 1), padding: Any = "VALID", start: Any = -jnp.inf, reduce: Any = lax.max
) -> Any:
    """Reduce each window of x (N, C, H, W), by default to its maximum."""
    x = jnp.asarray(x)
    start = np.asarray(start if x.dtype == jnp.float32 else jnp.iinfo(x.dtype).min, x.dtype)
    if not isinstance(padding, str):
        padding = ((0, 0), (0, 0), *padding)
    return lax.reduce_window(x, start, reduce, (1, 1, *window), (1, 1, *stride), padding)


def gradient(function: Callable[..., Any], x: np.ndarray) -> Any:
    """Return the gradient of the sum of function(x) with respect to x."""
    return jax.grad(lambda x: function(x).sum())(jnp.asarray(x))


def transposed(x: Any, w: Any, s: int = 1, padding: Any = "VALID", **how: Any) -> Any:
    """Apply a transposed convolution along the width, w (C, FN, FH, FW)."""
    numbers = ("NCHW", "IOHW", "NCHW")
    return lax.conv_transpose(x, w, (1, s), padding, dimension_numbers=numbers, **how)


def depthwise(x: np.ndarray, m: int) -> Any:
    """Convolve each channel with m filters 1x1, of weights 1, 2, ... m."""
    w = np.tile(np.arange(1, m + 1, dtype="float32"), x.shape[1]).reshape(-1, 1, 1, 1)
    return conv(x, w, feature_group_count=x.shape[1])


def channels_last(x: Any, w: Any) -> float:
    """Return how far a convolution's result moves with the channels last."""
    numbers = ("NHWC", "HWIO", "NHWC")
    moved = (x.transpose(0, 2, 3, 1), w.transpose(2, 3, 1, 0))
    other = lax.conv_general_dilated(*moved, (1, 1), "VALID", dimension_numbers=numbers)
    return float(np.abs(np.transpose(other, (0, 3, 1, 2)) - conv(x, w)).max())


def weight_layout() -> Any:
    """Return the shape of the weights of 2 filters of 5x4 over 3 channels."""
    conv(np.ones((1, 3, 5, 4), "float32"), np.ones((2, 3, 5, 4), "float32"))
    return [2, 3, 5, 4]


def largest_he_normal() -> Any:
    """Return the largest of 10000 weights of He's normal initialization, in sigma."""
    w = nn.initializers.he_normal()(jax.random.key(0), (100, 100))
    return float(abs(w).max()) / (2 / 100) ** 0.5


def one_channel_local(x: np.ndarray, w: np.ndarray) -> Any:
    """Apply a locally connected layer to one channel; w is (places, FH*FW)."""
    filters = w.reshape(1, 2, 1, 2).transpose(0, 3, 2, 1)  # (FN, C*FH*FW, OH, OW)
    return lax.conv_general_dilated_local(
        x, filters, (1, 1), "VALID", (1, 2), dimension_numbers=("NCHW", "OIHW", "NCHW")
    )


def two_channel_local(x: np.ndarray, w: np.ndarray) -> Any:
    """Apply a locally connected layer to two channels at one place; w is (1, C*FH*FW)."""
    filters = w.reshape(1, 4, 1, 1)
    return lax.conv_general_dilated_local(
        x, filters, (1, 1), "VALID", (1, 2), dimension_numbers=("NCHW", "OIHW", "NCHW")
    )


PROBES = {
    # sizes
    "S01": lambda x, w, s: conv(x, w, (s, s)),
    "S02": lambda x, k, s: pool(x, (k, k), (s, s)),
    "S05": lambda x, w: conv(x, w, padding="SAME"),
    "S06": lambda x, w, s: conv(x, w, (1, s), "SAME"),
    "S07": lambda x, w, s: conv(x, w, (s, s), "SAME"),
    "S08": lambda x, k, p: pool(x, (k, k), padding=((p, p), (p, p))),
    "S09": lambda x, w, p: conv(x, w, padding=((p, p), (p, p))),
    "S10": lambda x, w, s: conv(x, w, (s, s)),
    "S11": lambda x, k, s: pool(x, (k, k), (s, s)),
    "S13": lambda x: pool(x, (2, 2), (2, 2)),
    "S14": lambda x, w: conv(x, w, (0, 0)),
    "S15": lambda x, k: pool(x, (k, k), (0, 0)),
    "S18": lambda x, w: conv(x, w, padding=((-1, -1), (-1, -1))),
    "S19": lambda x, w: conv(x, w, padding=((1, 0), (1, 0))),
    "S20": lambda x, w, s, d: conv(x, w, (1, s), "SAME", rhs_dilation=(1, d)),
    # convolution
    "C02": lambda x, w: lax.conv_transpose(x, w, (1, 1), "VALID", dimension_numbers=("NCHW", "OIHW", "NCHW")),
    "C04": lambda x, w, d: conv(x, w, rhs_dilation=(1, d)),
    "C05": lambda x, w: conv(x, w, rhs_dilation=(0, 0)),
    "C09": lambda x, w, b: conv(x, w) + b,
    "C15": lambda x, w: float(abs(conv(x, w)[0, 0, 0, 0] - np.sum(x.astype("float64") * w)) / np.abs(x * w).sum()),
    "C16": lambda x, w: float(np.abs(conv(x, w)[-1] - conv(x[-1:], w)[0]).max()),
    "C18": lambda x, w: conv(x[..., ::-1], w),
    "C19": lambda x: conv(x, np.ones((2, 3, 1, 1), "float32")).shape,
    "C20": weight_layout,
    "C22": lambda x: lax.conv_general_dilated_patches(x, (2, 2), (1, 1), "VALID").ravel(),
    "C23": lambda: conv(np.ones((1, 2, 5, 4)), np.ones((6, 1, 5, 4)), feature_group_count=2).shape and [6, 1, 5, 4],
    "C24": depthwise,
    "C25": channels_last,
    "T01": lambda: transposed(np.ones((1, 2, 1, 1)), np.ones((2, 3, 5, 4))).shape and [2, 3, 5, 4],
    "T02": lambda x, w, s: transposed(x, w, s, "SAME"),
    "T04": lambda x, w, s: lax.conv_transpose(
        x, w, (s, s), "VALID", rhs_dilation=(2, 2), dimension_numbers=("NCHW", "IOHW", "NCHW")
    ),
    # pooling
    "P01": lambda x, k, s, p: pool(x, (k, k), (s, s), ((p, p), (p, p))),
    "P05": lambda x, k: gradient(lambda x: pool(x, k), x),
    "P06": lambda x, k: gradient(lambda x: pool(x, (1, k)), x),
    "P07": lambda x, k: pool(x, (1, k), (1, k)),
    "P08": lambda x, k: pool(x, k),
    "P09": lambda x: pool(x, (1, 2)),
    "P13": lambda x: gradient(jnp.max, x),
    "P19": lambda x, k, s: pool(x, (1, k), (1, s), "SAME"),
    "P14": lambda x, k, d, s: lax.reduce_window(
        x, -jnp.inf, lax.max, (1, 1, 1, k), (1, 1, 1, s), "VALID", window_dilation=(1, 1, 1, d)
    ),
    # padding and resizing
    "G01": lambda x, p: jnp.pad(x, ((0, 0), (0, 0), (0, 0), (p, p)), mode="reflect"),
    "G02": lambda x, p: jnp.pad(x, ((0, 0), (0, 0), (0, 0), (p, p)), mode="reflect"),
    "G03": lambda x, size: jax.image.resize(x, (1, 1, 1, size), "linear"),
    "G04": lambda x, size: jax.image.resize(x, (1, 1, 1, size), "nearest"),
    "G05": lambda x, size: jax.image.resize(x, (1, 1, 1, size), "linear"),
    # activations
    "A01": lambda x: gradient(nn.relu, x),
    "A02": lambda x: gradient(lambda x: jnp.maximum(x, 0), x),
    "A03": lambda x: np.copysign(1, nn.relu(x)),
    "A04": lambda x: nn.relu(x),
    "A05": lambda x: nn.sigmoid(x),
    "A06": lambda x: nn.softmax(x, axis=1),
    "A07": lambda x: nn.softmax(x),
    "A08": lambda x: nn.gelu(x),
    "A09": lambda x: -nn.leaky_relu(x),
    "A10": lambda x: nn.hard_sigmoid(x),
    "A11": lambda x: gradient(lambda x: jnp.clip(x, 0, 1), x),
    "A12": lambda x: gradient(nn.relu6, x),
    "A13": lambda x: gradient(jnp.linalg.norm, x),
    "A14": lambda x: jnp.clip(x, 0, 1),
    "A15": lambda x: jnp.argmax(x),
    "A16": lambda x: jnp.argmax(x),
    # half precision, fully connected
    "H03": lambda x, w: conv(jnp.asarray(x, jnp.bfloat16), jnp.asarray(w, jnp.bfloat16)).astype("float32"),
    "H04": lambda x: nn.standardize(jnp.asarray(x, jnp.float16)).astype("float32")[0, 0, 0, 1],
    "H05": lambda x: nn.softmax(jnp.asarray(x, jnp.float16), axis=1).astype("float32")[0, 0],
    "H06": lambda x: jnp.mean(jnp.asarray(x, jnp.float16)).astype("float32"),
    "F01": lambda x: jnp.reshape(x, (len(x), -1)).ravel(),
    "F04": lambda x: jnp.ravel(x).shape,
    # initial weights
    "W04": largest_he_normal,
    # locally connected
    "K01": one_channel_local,
    "K02": two_channel_local,
}
