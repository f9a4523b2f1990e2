"""tinygrad's answers (Tensor, nn, nn.optim): a row for each question."""

from importlib.metadata import version
from typing import Any

import numpy as np
from tinygrad import Device, Tensor, dtypes, nn

ABSENT = {"*": "not asked of tinygrad"}


def about() -> dict[str, Any]:
    """Fix the seed; return the version, the switches and the device that the answers depend on."""
    Tensor.manual_seed(0)
    return {"version": version("tinygrad"), "switches": {"DEV": Device.DEFAULT}, "device": "cpu"}


def conv(x: np.ndarray, w: np.ndarray, b: np.ndarray | None = None, **how: Any) -> Any:
    """Convolve x (N, C, H, W) with w (FN, C, FH, FW)."""
    return Tensor(x).conv2d(Tensor(w), None if b is None else Tensor(b), **how).numpy()


def max_pool(x: np.ndarray, window: Any, **how: Any) -> Any:
    """Return the maximum of each window of x (N, C, H, W)."""
    return Tensor(x).max_pool2d(window, **how).numpy()


def average_pool(x: np.ndarray, window: Any, **how: Any) -> Any:
    """Return the mean of each window of x (N, C, H, W)."""
    return Tensor(x).avg_pool2d(window, **how).numpy()


def gradient(function: Any, x: np.ndarray) -> Any:
    """Return the gradient of the sum of function(x) with respect to x."""
    leaf = Tensor(x)
    return function(leaf).sum().gradient(leaf)[0].numpy()


def entropy(x: np.ndarray, t: np.ndarray, **how: Any) -> Any:
    """Return the cross-entropy of the logits x (N, classes) and the labels t, reduced as by default."""
    return Tensor(x).cross_entropy(Tensor(t), **how).numpy()


def half(function: Any, x: np.ndarray, type: Any) -> Any:
    """Compute in a half type; return float32."""
    return function(Tensor(x).cast(type)).cast(dtypes.float32).numpy()


PROBES = {
    "S01": lambda x, w, s: conv(x, w, stride=s),
    "S02": lambda x, k, s: max_pool(x, k, stride=s),
    "S03": lambda x, k, s: max_pool(x, k, stride=s, ceil_mode=True),
    "S04": lambda x, k, s: max_pool(x, k, stride=s, ceil_mode=True),
    "S08": lambda x, k, p: max_pool(x, k, stride=1, padding=p),
    "S09": lambda x, w, p: conv(x, w, padding=p),
    "S10": lambda x, w, s: conv(x, w, stride=s),
    "S11": lambda x, k, s: max_pool(x, k, stride=s),
    "S16": lambda x, k: max_pool(x, k),
    "S18": lambda x, w: conv(x, w, padding=-1),
    "C02": lambda x, w: Tensor(x).conv_transpose2d(Tensor(w)).numpy(),
    "C03": lambda x, w, s: Tensor(x).conv_transpose2d(Tensor(w), stride=s).numpy(),
    "C04": lambda x, w, d: conv(x, w, dilation=(1, d)),
    "C20": lambda: nn.Conv2d(3, 2, (5, 4)).weight.shape,
    "T01": lambda: nn.ConvTranspose2d(2, 3, (5, 4)).weight.shape,
    "T03": lambda x, w, s, out: (
        Tensor(x).conv_transpose2d(Tensor(w), stride=(1, s), padding=(0, 1), output_padding=(0, out)).numpy()
    ),
    "P01": lambda x, k, s, p: max_pool(x, k, stride=s, padding=p),
    "P02": lambda x, k, p: average_pool(x, k, stride=1, padding=p)[0, 0, 0, 0],
    "P03": lambda x, k, s: average_pool(x, k, stride=s, ceil_mode=True)[0, 0, 1, 1],
    "P05": lambda x, k: gradient(lambda x: x.max_pool2d(tuple(k)), x),
    "P06": lambda x, k: gradient(lambda x: x.max_pool2d((1, k), stride=1), x),
    "P07": lambda x, k: max_pool(x, (1, k)),
    "P08": lambda x, k: max_pool(x, tuple(k)),
    "P13": lambda x: gradient(lambda x: x.max(), x),
    "A01": lambda x: gradient(lambda x: x.relu(), x),
    "A02": lambda x: gradient(lambda x: x.maximum(0), x),
    "A04": lambda x: Tensor(x).relu().numpy(),
    "A05": lambda x: Tensor(x).sigmoid().numpy(),
    "A06": lambda x: Tensor(x).softmax(1).numpy(),
    "A07": lambda x: Tensor(x).softmax().numpy(),
    "A08": lambda x: Tensor(x).gelu().numpy(),
    "A09": lambda x: -Tensor(x).leaky_relu().numpy(),
    "A10": lambda x: Tensor(x).hardsigmoid().numpy(),
    "A11": lambda x: gradient(lambda x: x.clip(0, 1), x),
    "A12": lambda x: gradient(lambda x: x.relu6(), x),
    "A14": lambda x: Tensor(x).clip(0, 1).numpy(),
    "A15": lambda x: Tensor(x).argmax().numpy(),
    "A16": lambda x: Tensor(x).argmax().numpy(),
    "B01": lambda: nn.BatchNorm(1).eps,
    "B07": lambda x: nn.BatchNorm(x.shape[1]).weight.shape,
    "N02": lambda x: Tensor(x).layernorm().numpy().max(),
    "N04": lambda: nn.LayerNorm(2).eps,
    "N05": lambda: nn.GroupNorm(1, 2).eps,
    "H01": lambda x: half(lambda x: x.avg_pool2d(x.shape[2:]), x, dtypes.bfloat16),
    "H02": lambda x: half(lambda x: x.avg_pool2d(x.shape[2:]), x, dtypes.float16),
    "H05": lambda x: half(lambda x: x.softmax(1), x, dtypes.float16)[0, 0],
    "H06": lambda x: half(lambda x: x.mean(), x, dtypes.float16),
    "F01": lambda x: Tensor(x).flatten(1).numpy().ravel(),
    "F02": lambda: nn.Linear(3, 5).weight.shape,
    "F03": lambda x: nn.Linear(4, 5)(Tensor(x)).shape,
    "F04": lambda x: Tensor(x).flatten().shape,
    "E01": lambda x: nn.BatchNorm(1)(Tensor(x)).numpy().max(),
}
