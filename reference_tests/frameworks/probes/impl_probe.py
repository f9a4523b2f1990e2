"""The answers of this repository's own impl.functional: a row for each question."""

from typing import Any

import numpy as np

import impl.functional as F
from impl import layers
from impl.networks.initialization import weight_std
from impl.training import optimizers as training

NO_FUNCTION = "not in impl.functional"
GIVEN = "layers take their weights"
ABSENT = {
    "A02": NO_FUNCTION,
    "A08": NO_FUNCTION,
    "A09": NO_FUNCTION,
    "A10": NO_FUNCTION,
    **dict.fromkeys(["P13", "P14", "P18", "P19", "P20", "A11", "A12", "A13", "A14", "A15", "A16", "T02"], NO_FUNCTION),
    **dict.fromkeys(["C25", "C26"], "one layout, one implementation"),
    **dict.fromkeys(["L12", "L13", "L14", "N02", "N03", "N04", "N05", "N06", "F01", "F04"], NO_FUNCTION),
    **dict.fromkeys(["B07", "C23", "E03", "E04"], GIVEN),
    "G": NO_FUNCTION,
    **dict.fromkeys(["O04", "O06", "O08"], "not in impl.training"),
    "H": "float32 and float64",
    "W01": GIVEN,
    "W02": GIVEN,
    "W03": GIVEN,
}


def about() -> dict[str, Any]:
    """Return the version, the switches and the device that the answers depend on."""
    return {"version": "here", "switches": {"numpy": np.__version__}, "device": "cpu"}


def conv(x: np.ndarray, w: np.ndarray, b: np.ndarray | None = None) -> Any:
    """Convolve x (N, C, H, W) with w (FN, C, FH, FW)."""
    return F.conv2d(x, w, b)


def entropy(x: np.ndarray, t: np.ndarray) -> Any:
    """Return the cross-entropy of the logits x (N, classes) and the labels t, reduced as by default."""
    return F.cross_entropy(x, t)


def norm(x: np.ndarray, mean: Any = 0.0, var: Any = 1.0, **how: Any) -> Any:
    """Normalize a batch in training; return the output, the new running mean and the new running variance."""
    mean, var = (np.full(x.shape[1], v, "float32") for v in (mean, var))
    return F.batch_norm(x, mean, var, training=True, **how)


def moved(optimizer: Any, gradients: Any, begin: float = 0.0, rates: Any = (), **how: Any) -> list[float]:
    """Return how far a weight has moved after each step with these gradients."""
    w, steps, path = {"w": np.array([begin])}, optimizer(**how), []
    for i, g in enumerate(gradients):
        if rates:
            steps.lr = rates[i]
        steps.update(w, {"w": np.array([g])})
        path.append(begin - float(w["w"][0]))
    return path


def gradient_of_average(x: np.ndarray, k: int) -> Any:
    """Return the gradient of the sum of an average pooling that rounds up."""
    dout = np.ones_like(F.avg_pool2d(x, (1, k), stride=(1, 2), ceil_mode=True))
    return F.avg_pool2d_backward(dout, x, (1, k), stride=(1, 2), ceil_mode=True)


def depthwise(x: np.ndarray, m: int) -> Any:
    """Convolve each channel with m filters 1x1, of weights 1, 2, ... m."""
    w = np.tile(np.arange(1, m + 1, dtype="float32"), x.shape[1]).reshape(-1, 1, 1, 1)
    return F.conv2d(x, w, groups=x.shape[1])


def weight_layout() -> Any:
    """Return the shape of the weights of 2 filters of 5x4 over 3 channels."""
    F.conv2d(np.ones((1, 3, 5, 4), "float32"), np.ones((2, 3, 5, 4), "float32"))
    return [2, 3, 5, 4]


def indices_point_at_maxima(x: np.ndarray) -> bool:
    """Tell whether the value at each index is the maximum of its window."""
    out, index = F.max_pool2d(x, 2, return_indices=True)
    flat = x.reshape(*x.shape[:2], -1)
    return bool((out.reshape(*x.shape[:2], -1) == np.take_along_axis(flat, index.reshape(*x.shape[:2], -1), 2)).all())


def entropy_of_probabilities(x: np.ndarray, t: np.ndarray) -> Any:
    """Return the loss of probabilities x, one of which is 0."""
    with np.errstate(divide="ignore"):
        return F.cross_entropy(np.log(x), t)


def lrn_defaults() -> str:
    """Return the default size, alpha, beta and k as one text."""
    alpha, beta, k = F.local_response_norm.__defaults__  # type: ignore[misc]
    return f"size -, alpha {alpha:g}, beta {beta:g}, k {k:g}"


def lrn_sample_is_alone(x: np.ndarray) -> bool:
    """Tell whether a sample gives the same result in a batch and alone."""
    both = F.local_response_norm(x, 3, alpha=1.0)
    return bool(np.allclose(both[1:], F.local_response_norm(x[1:], 3, alpha=1.0), rtol=1e-6))


def largest_he_normal() -> Any:
    """Return the largest of 10000 weights of He's normal initialization, in sigma."""
    w = np.random.default_rng(0).normal(0, weight_std("he", 100), (100, 100))
    return np.abs(w).max() / (2 / 100) ** 0.5


PROBES = {
    # sizes
    "S01": lambda x, w, s: F.conv2d(x, w, stride=s),
    "S02": lambda x, k, s: F.max_pool2d(x, k, stride=s),
    "S03": lambda x, k, s: F.max_pool2d(x, k, stride=s, ceil_mode=True),
    "S04": lambda x, k, s: F.max_pool2d(x, k, stride=s, ceil_mode=True),
    "S05": lambda x, w: F.conv2d(x, w, padding="same"),
    "S06": lambda x, w, s: F.conv2d(x, w, stride=s, padding="same"),
    "S07": lambda x, w, s: F.conv2d(x, w, stride=s, padding="same"),
    "S08": lambda x, k, p: F.max_pool2d(x, k, stride=1, padding=p),
    "S09": lambda x, w, p: F.conv2d(x, w, padding=p),
    "S10": lambda x, w, s: F.conv2d(x, w, stride=s),
    "S11": lambda x, k, s: F.max_pool2d(x, k, s),
    "S13": lambda x: F.max_pool2d(x, 2),
    "S14": lambda x, w: F.conv2d(x, w, stride=0),
    "S15": lambda x, k: F.max_pool2d(x, k, stride=0),
    "S16": lambda x, k: F.max_pool2d(x, k),
    "S18": lambda x, w: F.conv2d(x, w, padding=-1),
    "S19": lambda x, w: F.conv2d(x, w, padding=((1, 0), (1, 0))),  # type: ignore[arg-type]
    "S20": lambda x, w, s, d: F.conv2d(x, w, stride=(1, s), dilation=(1, d), padding="same"),
    # convolution
    "C02": lambda x, w: F.conv_transpose2d(x, w),
    "C03": lambda x, w, s: F.conv_transpose2d(x, w, stride=s),
    "C04": lambda x, w, d: F.conv2d(x, w, dilation=(1, d)),
    "C05": lambda x, w: F.conv2d(x, w, dilation=0),
    "C15": lambda x, w: float(abs(F.conv2d(x, w)[0, 0, 0, 0] - np.sum(x.astype("float64") * w)) / np.abs(x * w).sum()),
    "C16": lambda x, w: float(np.abs(F.conv2d(x, w)[-1] - F.conv2d(x[-1:], w)[0]).max()),
    "C18": lambda x, w: F.conv2d(x[..., ::-1], w),
    "C19": lambda x: F.conv2d(x, np.ones((2, 3, 1, 1), "float32")).shape,
    "C20": weight_layout,
    "C22": lambda x: F.unfold(x, 2).ravel(),
    "C24": depthwise,
    "T01": lambda: F.conv_transpose2d(np.ones((1, 2, 1, 1)), np.ones((2, 3, 5, 4))).shape and [2, 3, 5, 4],
    "T03": lambda x, w, s, out: F.conv_transpose2d(x, w, stride=(1, s), padding=(0, 1), output_padding=(0, out)),
    "T04": lambda x, w, s: F.conv_transpose2d(x, w, stride=s, dilation=2),
    "T05": lambda x, w, s: [
        F.conv_transpose2d(x, w, stride=(1, s), padding=(0, w.shape[3] // 2)).shape[3],
        F.conv_transpose2d(x, w, stride=(1, s), padding=(0, w.shape[3] // 2), output_padding=0).shape[3],
    ],
    # pooling
    "P01": lambda x, k, s, p: F.max_pool2d(x, k, stride=s, padding=p),
    "P02": lambda x, k, p: F.avg_pool2d(x, k, stride=1, padding=p)[0, 0, 0, 0],
    "P03": lambda x, k, s: F.avg_pool2d(x, k, stride=s, ceil_mode=True)[0, 0, 1, 1],
    "P04": lambda x, k, s: F.avg_pool2d(x, (1, k), stride=(1, s), padding=(0, 1), ceil_mode=True)[0, 0, 0, -1],
    "P05": lambda x, k: F.max_pool2d_backward(np.ones((1, 1, 1, 1), "float32"), x, k),
    "P06": lambda x, k: F.max_pool2d_backward(np.ones((1, 1, 1, x.size - k + 1), "float32"), x, (1, k), stride=1),
    "P07": lambda x, k: F.max_pool2d(x, (1, k)),
    "P08": lambda x, k: F.max_pool2d(x, k),
    "P09": lambda x: F.max_pool2d(x, (1, 2)),
    "P10": lambda x: F.avg_pool2d(x, (1, 2)),
    "P11": lambda x: F.max_pool2d(x, (2, 4), return_indices=True)[1][0, 1],
    "P12": indices_point_at_maxima,
    "P15": lambda x, size: F.adaptive_avg_pool2d(x, (1, size)),
    "P16": gradient_of_average,
    "P17": lambda x, size: F.adaptive_avg_pool2d(x, (1, size)),
    # activations
    "A01": lambda x: F.relu_backward(np.ones_like(x), x),
    "A03": lambda x: np.copysign(1, F.relu(x)),
    "A04": lambda x: F.relu(x),
    "A05": lambda x: F.sigmoid(x),
    "A06": lambda x: F.softmax(x, 1),
    "A07": lambda x: F.softmax(x),
    # loss
    "L05": lambda x, t: F.cross_entropy(x, t, label_smoothing=0.1),
    "L10": entropy_of_probabilities,
    "L11": lambda x, t, weights: F.cross_entropy(x, t, weights),
    # local response normalization
    "R01": lambda x, n: F.local_response_norm(x, n, alpha=1.0, beta=1.0, k=1.0)[0, n // 2],
    "R02": lambda x, n: F.local_response_norm(x, n, alpha=float(n), beta=1.0, k=1.0).ravel(),
    "R03": lambda x, n: F.local_response_norm(x, n, alpha=float(n), beta=1.0, k=1.0).ravel(),
    "R04": lrn_defaults,
    "R05": lrn_sample_is_alone,
    # dropout
    "D01": lambda x, p: np.unique(F.dropout(x, p, rng=0)),
    "D02": lambda x, p: float((F.dropout(x, p, rng=0) == 0).mean()),
    "D03": lambda x: F.dropout(x, 1.0),
    "D04": lambda x, p: np.unique(F.dropout(x, p, training=False)),
    "D05": lambda x: bool((F.dropout(x, rng=0) == 0).any()),
    # batch normalization
    "B01": lambda: F.batch_norm.__defaults__[-1],  # type: ignore[index]
    "B02": lambda x, momentum: norm(x, momentum=momentum)[1],
    "B03": lambda x: norm(x)[1] / 10,
    "B04": lambda x: norm(x, momentum=1.0)[2],
    "B05": lambda x: norm(x)[0],
    "B06": lambda x: norm(x)[0].max(),
    "N01": lambda x: norm(x)[0].max(),
    # fully connected, layers called bare
    "F02": lambda: F.linear(np.ones((1, 3)), np.ones((5, 3))).shape and [5, 3],
    "F03": lambda x: F.linear(x, np.ones((5, 4), "float32")).shape,
    "E01": lambda x: layers.BatchNorm(np.ones(1), np.zeros(1)).forward(x).max(),
    "E02": lambda x: bool((layers.Dropout().forward(x) == 0).any()),
    # optimizers
    "O01": lambda then: moved(training.Momentum, (1.0, 0.0), rates=(1.0, then))[-1],
    "O02": lambda g: moved(training.RMSProp, (g,), lr=1.0)[0],
    "O03": lambda g: moved(training.Adam, (g,), lr=1.0)[0],
    "O05": lambda decay: moved(training.Adam, (0.0,), begin=1.0, lr=0.01, weight_decay=decay)[0] * 100,
    "O07": lambda g: moved(training.AdaGrad, (g,), lr=1.0)[0],
    "O09": lambda: training.SGD().lr,
    "O10": lambda: 1 - moved(training.Momentum, (0.0, 0.0), begin=1.0, lr=0.1, weight_decay=0.1)[-1],
    "O11": lambda: moved(training.Nesterov, (1.0, 1.0), lr=1.0)[-1],
    # initial weights
    "W04": largest_he_normal,
    # locally connected
    "K01": lambda x, w: F.locally_connected2d(x, w.reshape(1, 2, 1, 1, 1, 2)),
    "K02": lambda x, w: F.locally_connected2d(x, w.reshape(1, 1, 1, 2, 1, 2)),
}
