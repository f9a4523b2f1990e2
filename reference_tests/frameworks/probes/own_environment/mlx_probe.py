"""MLX's answers (mlx.core, mlx.nn, mlx.optimizers) on the CPU: a row for each question. Images are (N, H, W, C)."""

from importlib.metadata import version
from typing import Any

import mlx.core as mx
import mlx.nn as nn
import mlx.optimizers as optim
import numpy as np

ABSENT = {"C08": "no bias argument", "C09": "no bias argument", "*": "not asked of MLX"}


def about() -> dict[str, Any]:
    """Fix the seed; return the version, the switches and the device that the answers depend on."""
    mx.set_default_device(mx.cpu)
    mx.random.seed(0)
    return {"version": version("mlx"), "switches": {}, "device": "cpu"}


def last(x: np.ndarray) -> Any:
    """Return an array (N, C, H, W) as (N, H, W, C)."""
    return mx.array(np.ascontiguousarray(x.transpose(0, 2, 3, 1)))


def back(y: Any) -> Any:
    """Return an array (N, H, W, C) as (N, C, H, W)."""
    return np.array(y).transpose(0, 3, 1, 2)


def conv(x: np.ndarray, w: np.ndarray, *how: Any, **more: Any) -> Any:
    """Convolve x (N, C, H, W) with w (FN, C, FH, FW)."""
    return back(mx.conv2d(last(x), last(w), *how, **more))


def transposed(x: np.ndarray, w: np.ndarray, *how: Any) -> Any:
    """Apply a transposed convolution, w (C, FN, FH, FW)."""
    return back(mx.conv_transpose2d(last(x), mx.array(np.ascontiguousarray(w.transpose(1, 2, 3, 0))), *how))


def layer(new: Any, x: np.ndarray) -> Any:
    """Return what a new layer makes of an image."""
    return back(new(last(x)))


def gradient(function: Any, x: np.ndarray) -> Any:
    """Return the gradient of the sum of function(x) with respect to x."""
    return np.array(mx.grad(lambda x: function(x).sum())(mx.array(x)))


def moved(optimizer: Any, gradients: Any, begin: float = 0.0, rates: Any = ()) -> list[float]:
    """Return how far a weight has moved after each step with these gradients."""
    w, path = {"w": mx.array([begin])}, []
    for i, g in enumerate(gradients):
        if rates:
            optimizer.learning_rate = rates[i]
        w = optimizer.apply_gradients({"w": mx.array([g])}, w)
        path.append(begin - float(w["w"][0]))
    return path


PROBES = {
    "S01": lambda x, w, s: conv(x, w, s),
    "S02": lambda x, k, s: layer(nn.MaxPool2d(k, s), x),
    "S09": lambda x, w, p: conv(x, w, 1, p),
    "S10": lambda x, w, s: conv(x, w, s),
    "S11": lambda x, k, s: layer(nn.MaxPool2d(k, s), x),
    "S16": lambda x, k: layer(nn.MaxPool2d(k), x),
    "S18": lambda x, w: conv(x, w, 1, -1),
    "C02": lambda x, w: transposed(x, w),
    "C03": lambda x, w, s: transposed(x, w, s),
    "C04": lambda x, w, d: conv(x, w, 1, 0, (1, d)),
    "C20": lambda: list(nn.Conv2d(3, 2, (5, 4)).weight.shape),
    "T01": lambda: list(nn.ConvTranspose2d(2, 3, (5, 4)).weight.shape),
    "P01": lambda x, k, s, p: layer(nn.MaxPool2d(k, s, p), x),
    "P02": lambda x, k, p: layer(nn.AvgPool2d(k, 1, p), x)[0, 0, 0, 0],
    "P07": lambda x, k: layer(nn.MaxPool2d((1, k)), x),
    "P08": lambda x, k: layer(nn.MaxPool2d(tuple(k)), x),
    "P13": lambda x: gradient(mx.max, x),
    "A01": lambda x: gradient(nn.relu, x),
    "A02": lambda x: gradient(lambda x: mx.maximum(x, 0), x),
    "A03": lambda x: np.copysign(1, np.array(nn.relu(mx.array(x)))),
    "A04": lambda x: np.array(nn.relu(mx.array(x))),
    "A05": lambda x: np.array(mx.sigmoid(mx.array(x))),
    "A06": lambda x: np.array(mx.softmax(mx.array(x), axis=1)),
    "A07": lambda x: np.array(mx.softmax(mx.array(x))),
    "A08": lambda x: np.array(nn.gelu(mx.array(x))),
    "A09": lambda x: -np.array(nn.leaky_relu(mx.array(x))),
    "A11": lambda x: gradient(lambda x: mx.clip(x, 0, 1), x),
    "A12": lambda x: gradient(nn.relu6, x),
    "A13": lambda x: gradient(mx.linalg.norm, x),
    "A14": lambda x: np.array(mx.clip(mx.array(x), 0, 1)),
    "A15": lambda x: int(mx.argmax(mx.array(x))),
    "A16": lambda x: int(mx.argmax(mx.array(x))),
    "L01": lambda x, t: np.array(nn.losses.cross_entropy(mx.array(x), mx.array(t))),
    "L13": lambda x, t: np.array(nn.losses.mse_loss(mx.array(x), mx.array(t))),
    "L14": lambda q, p: np.array(nn.losses.kl_div_loss(mx.log(mx.array(q)), mx.log(mx.array(p)))),
    "B01": lambda: nn.BatchNorm(1).eps,
    "B03": lambda x: nn.BatchNorm(x.shape[1]).momentum,
    "B07": lambda x: list(nn.BatchNorm(x.shape[-1]).weight.shape),
    "N02": lambda x: np.array(nn.LayerNorm(x.shape[-1])(mx.array(x))).max(),
    "N04": lambda: nn.LayerNorm(2).eps,
    "N05": lambda: nn.GroupNorm(1, 2).eps,
    "H05": lambda x: np.array(mx.softmax(mx.array(x).astype(mx.float16), axis=1).astype(mx.float32))[0, 0],
    "H06": lambda x: np.array(mx.mean(mx.array(x).astype(mx.float16)).astype(mx.float32)),
    "F01": lambda x: np.array(mx.flatten(last(x), 1)).ravel(),
    "F02": lambda: list(nn.Linear(3, 5).weight.shape),
    "F03": lambda x: list(nn.Linear(4, 5)(mx.array(x)).shape),
    "F04": lambda x: list(mx.flatten(mx.array(x)).shape),
    "E01": lambda x: layer(nn.BatchNorm(1), x).max(),
    "E02": lambda x: bool((np.array(nn.Dropout()(mx.array(x))) == 0).any()),
    "E03": lambda x: -layer(nn.PReLU(), x),
    "E04": lambda x: list(nn.PReLU().weight.shape),
    "W02": lambda: np.array(nn.Conv2d(16, 16, 3).bias)[:3],
    "O01": lambda then: moved(optim.SGD(1.0, momentum=0.9), (1.0, 0.0), rates=(1.0, then))[-1],
    "O02": lambda g: moved(optim.RMSprop(1.0), (g,))[0],
    "O03": lambda g: moved(optim.Adam(1.0), (g,))[0],
    "O04": lambda: moved(optim.AdamW(0.1), (0.0,), begin=1.0)[0] * 10,
    "O07": lambda g: moved(optim.Adagrad(1.0), (g,))[0],
    "O10": lambda: 1 - moved(optim.SGD(0.1, momentum=0.9, weight_decay=0.1), (0.0, 0.0), begin=1.0)[-1],
    "O11": lambda: moved(optim.SGD(1.0, momentum=0.9, nesterov=True), (1.0, 1.0))[-1],
}
