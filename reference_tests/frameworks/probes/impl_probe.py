"""The answers of this repository's own impl.functional: a row for each question."""

from typing import Any

import numpy as np

import impl.functional as F
from impl.networks.initialization import weight_std

NO_FUNCTION = "not in impl.functional"
GIVEN = "layers take their weights"
ABSENT = {
    "A02": NO_FUNCTION,
    "A08": NO_FUNCTION,
    "A09": NO_FUNCTION,
    "A10": NO_FUNCTION,
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
    "S11": lambda x, k: F.max_pool2d(x, k),
    "S13": lambda x: F.max_pool2d(x, 2),
    "S14": lambda x, w: F.conv2d(x, w, stride=0),
    "S15": lambda x, k: F.max_pool2d(x, k, stride=0),
    "S16": lambda x, k: F.max_pool2d(x, k),
    "S18": lambda x, w: F.conv2d(x, w, padding=-1),
    "S19": lambda x, w: F.conv2d(x, w, padding=((1, 0), (1, 0))),  # type: ignore[arg-type]
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
    # initial weights
    "W04": largest_he_normal,
    # locally connected
    "K01": lambda x, w: F.locally_connected2d(x, w.reshape(1, 2, 1, 1, 1, 2)),
    "K02": lambda x, w: F.locally_connected2d(x, w.reshape(1, 1, 1, 2, 1, 2)),
}
