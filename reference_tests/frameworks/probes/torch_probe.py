"""PyTorch's answers: a row for each question."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

DEVICE = globals().get("DEVICE", "cpu")
ABSENT = {"K01": "no layer of this kind: unfold and einsum", "K02": "no layer of this kind: unfold and einsum"}


def about() -> dict[str, Any]:
    """Fix the seed; return the version, the switches and the device."""
    torch.manual_seed(0)
    if DEVICE == "cuda" and not torch.cuda.is_available():
        raise ImportError("torch sees no CUDA device")
    device = torch.cuda.get_device_name() if DEVICE == "cuda" else "cpu"
    switches = {"mkldnn": torch.backends.mkldnn.is_available(), "threads": torch.get_num_threads()}
    if DEVICE == "cuda":
        tf32 = torch.backends.cudnn.allow_tf32
        switches = {"cudnn": torch.backends.cudnn.version(), "cudnn tf32": tf32, "cuda": torch.version.cuda}
    return {"version": torch.__version__, "switches": switches, "device": device}


def tensor(a: np.ndarray) -> Any:
    """Return an array as a tensor on the device."""
    return torch.from_numpy(a).to(DEVICE)


def array(y: Any) -> Any:
    """Return a tensor as a NumPy array."""
    return y.detach().cpu().numpy()


def conv(x: np.ndarray, w: np.ndarray, b: np.ndarray | None = None, **how: Any) -> Any:
    """Convolve x (N, C, H, W) with w (FN, C, FH, FW)."""
    return array(F.conv2d(tensor(x), tensor(w), None if b is None else tensor(b), **how))


def max_pool(x: np.ndarray, window: Any, *more: Any, **how: Any) -> Any:
    """Return the maximum of each window of x (N, C, H, W)."""
    return array(F.max_pool2d(tensor(x), window, *more, **how))


def average_pool(x: np.ndarray, window: Any, **how: Any) -> Any:
    """Return the mean of each window of x (N, C, H, W)."""
    return array(F.avg_pool2d(tensor(x), window, **how))


def gradient(function: Callable[..., Any], x: np.ndarray) -> Any:
    """Return the gradient of the sum of function(x) with respect to x."""
    leaf = tensor(x).requires_grad_()
    function(leaf).sum().backward()
    return array(leaf.grad)


def entropy(x: np.ndarray, t: np.ndarray, **how: Any) -> Any:
    """Return the cross-entropy of the logits x (N, classes) and the labels t, reduced as by default."""
    return array(F.cross_entropy(tensor(x), tensor(t), **how))


def norm(x: np.ndarray, mean: Any = 0.0, var: Any = 1.0, **how: Any) -> Any:
    """Normalize a batch in training; return the output, the new running mean and the new running variance."""
    mean, var = (torch.full((x.shape[1],), v, device=DEVICE) for v in (mean, var))
    return array(F.batch_norm(tensor(x), mean, var, training=True, **how)), array(mean), array(var)


def indices_point_at_maxima(x: np.ndarray) -> bool:
    """Tell whether the value at each index is the maximum of its window."""
    out, index = F.max_pool2d(tensor(x), 2, return_indices=True)
    return torch.equal(out.flatten(2), tensor(x).flatten(2).gather(2, index.flatten(2)))


def lrn_defaults() -> str:
    """Return the default size, alpha, beta and k as one text."""
    layer = torch.nn.LocalResponseNorm(5)
    return f"size -, alpha {layer.alpha:g}, beta {layer.beta:g}, k {layer.k:g}"


def lrn_sample_is_alone(x: np.ndarray) -> bool:
    """Tell whether a sample gives the same result in a batch and alone."""
    both = array(F.local_response_norm(tensor(x), 3, alpha=1.0))
    return bool((both[1:] == array(F.local_response_norm(tensor(x[1:]), 3, alpha=1.0))).all())


def largest_he_normal() -> Any:
    """Return the largest of 10000 weights of He's normal initialization, in sigma."""
    w = torch.nn.init.kaiming_normal_(torch.empty(100, 100))
    return float(w.abs().max()) / (2 / 100) ** 0.5


PROBES = {
    # sizes
    "S01": lambda x, w: conv(x, w, stride=3),
    "S02": lambda x: max_pool(x, 2, stride=2),
    "S03": lambda x: max_pool(x, 2, stride=2, ceil_mode=True),
    "S04": lambda x: max_pool(x, 1, stride=2, ceil_mode=True),
    "S05": lambda x, w: conv(x, w, padding="same"),
    "S06": lambda x, w: conv(x, w, stride=2, padding="same"),
    "S07": lambda x, w: conv(x, w, stride=2, padding="same"),
    "S08": lambda x: max_pool(x, 3, stride=1, padding=2),
    "S09": lambda x, w: conv(x, w, padding=4),
    "S11": lambda x: max_pool(x, 5),
    "S13": lambda x: max_pool(x, 2),
    "S14": lambda x, w: conv(x, w, stride=0),
    "S15": lambda x: max_pool(x, 2, stride=0),
    "S16": lambda x: max_pool(x, 2),
    "S18": lambda x, w: conv(x, w, padding=-1),
    "S19": lambda x, w: conv(x, w, padding=((1, 0), (1, 0))),
    # convolution
    "C02": lambda x, w: array(F.conv_transpose2d(tensor(x), tensor(w))),
    "C03": lambda x, w: array(F.conv_transpose2d(tensor(x), tensor(w), stride=2)),
    "C04": lambda x, w: conv(x, w, dilation=2),
    "C05": lambda x, w: conv(x, w, dilation=0),
    "C15": lambda x, w: float(abs(conv(x, w)[0, 0, 0, 0] - np.sum(x.astype("float64") * w)) / np.abs(x * w).sum()),
    "C16": lambda x, w: float(np.abs(conv(x, w)[3] - conv(x[3:4], w)[0]).max()),
    "C18": lambda x, w: conv(x[..., ::-1], w),
    "C19": lambda x: F.conv2d(tensor(x), torch.ones(2, 3, 1, 1, device=DEVICE)).shape,
    "C20": lambda: torch.nn.Conv2d(3, 2, (5, 4)).weight.shape,
    "C22": lambda x: array(F.unfold(tensor(x), 2)).ravel(),
    # pooling
    "P01": lambda x: max_pool(x, 2, stride=2, padding=1),
    "P02": lambda x: average_pool(x, 3, stride=1, padding=1)[0, 0, 0, 0],
    "P03": lambda x: average_pool(x, 2, stride=2, ceil_mode=True)[0, 0, 1, 1],
    "P04": lambda x: average_pool(x, (1, 3), stride=(1, 2), padding=(0, 1), ceil_mode=True)[0, 0, 0, -1],
    "P05": lambda x: gradient(lambda x: F.max_pool2d(x, 2), x),
    "P06": lambda x: gradient(lambda x: F.max_pool2d(x, (1, 2), stride=1), x),
    "P07": lambda x: max_pool(x, (1, 2)),
    "P08": lambda x: max_pool(x, 2),
    "P09": lambda x: max_pool(x, (1, 2)),
    "P10": lambda x: average_pool(x, (1, 2)),
    "P11": lambda x: array(F.max_pool2d(tensor(x), (2, 4), return_indices=True)[1])[0, 1],
    "P12": indices_point_at_maxima,
    # activations
    "A01": lambda x: gradient(F.relu, x),
    "A02": lambda x: gradient(lambda x: torch.maximum(x, torch.zeros_like(x)), x),
    "A03": lambda x: np.copysign(1, array(F.relu(tensor(x)))),
    "A04": lambda x: array(F.relu(tensor(x))),
    "A05": lambda x: array(torch.sigmoid(tensor(x))),
    "A06": lambda x: array(F.softmax(tensor(x), dim=1)),
    "A07": lambda x: array(torch.nn.Softmax()(tensor(x))),
    "A08": lambda x: array(F.gelu(tensor(x))),
    "A09": lambda x: -array(F.leaky_relu(tensor(x))),
    "A10": lambda x: array(F.hardsigmoid(tensor(x))),
    # loss
    "L05": lambda x, t: entropy(x, t, label_smoothing=0.1),
    "L10": lambda x, t: array(F.nll_loss(torch.log(tensor(x)), tensor(t))),
    "L11": lambda x, t, weights: entropy(x, t, weight=tensor(weights)),
    # local response normalization
    "R01": lambda x: array(F.local_response_norm(tensor(x), 3, alpha=1.0, beta=1.0, k=1.0))[0, 1],
    "R02": lambda x: array(F.local_response_norm(tensor(x), 2, alpha=2.0, beta=1.0, k=1.0)).ravel(),
    "R03": lambda x: array(F.local_response_norm(tensor(x), 1, alpha=1.0, beta=1.0, k=1.0)).ravel(),
    "R04": lrn_defaults,
    "R05": lrn_sample_is_alone,
    # dropout
    "D01": lambda x: np.unique(array(F.dropout(tensor(x), 0.5))),
    "D02": lambda x: float((array(F.dropout(tensor(x), 0.25)) == 0).mean()),
    "D03": lambda x: array(F.dropout(tensor(x), 1.0)),
    "D04": lambda x: np.unique(array(F.dropout(tensor(x), 0.5, training=False))),
    "D05": lambda x: bool((array(F.dropout(tensor(x))) == 0).any()),
    # batch normalization
    "B01": lambda: torch.nn.BatchNorm2d(1).eps,
    "B02": lambda x: norm(x, momentum=0.1)[1],
    "B03": lambda x: norm(x)[1] / 10,
    "B04": lambda x: norm(x, momentum=1.0)[2],
    "B05": lambda x: norm(x)[0],
    "B06": lambda x: norm(x)[0].max(),
    # initial weights
    "W01": lambda: array(torch.nn.Conv2d(16, 16, 3).weight).max() * 12,
    "W02": lambda: array(torch.nn.Conv2d(16, 16, 3).bias)[:3],
    "W03": lambda: float(torch.nn.Linear(100, 100).weight.abs().max()) * 10,
    "W04": largest_he_normal,
}
