"""SoftmaxWithLoss, a classifier's last layer. Plain edition: impl/plain/loss.py; here: speed, dtypes, refusals.

Source: the book's section 5.6.3.
"""

import numpy as np

from impl import functional
from impl.functional.checks import as_floats, require_forward


class SoftmaxWithLoss:
    """Mean cross-entropy, in nats, of softmax(x) for scores x (N, K).

    t: labels (N,), whole numbers from 0 to K - 1, or one-hot or probabilities (N, K); the number of axes decides which,
    also for N = K. Exact: computed from log-softmax, without the book's 1e-7.
    Raises ValueError (shapes, labels, an empty batch), TypeError.
    """

    def __init__(self) -> None:
        self.cache: tuple[np.ndarray, np.ndarray] | None = None

    def forward(self, x: np.ndarray, t: np.ndarray) -> float:
        """x (N, K), t (N,) or (N, K) -> the loss, a number."""
        (x,) = as_floats(x=x)
        if x.ndim != 2 or x.shape[1] == 0:
            raise ValueError(f"x must be scores (N, K), at least one class; got shape {x.shape}")
        if len(x) == 0:
            raise ValueError(f"x must hold at least one sample: none have no mean loss; got shape {x.shape}")
        self.cache = x, _target(np.asarray(t), x)
        return functional.cross_entropy(*self.cache)  # type: ignore[return-value]  # a NumPy scalar

    def backward(self, dout: float = 1) -> np.ndarray:
        """dout * (softmax(x) - t) / N, (N, K)."""
        x, t = require_forward(self.cache, self)
        return functional.cross_entropy_backward(np.asarray(dout), x, t)[0]


def _target(t: np.ndarray, x: np.ndarray) -> np.ndarray:
    N, K = x.shape
    if t.shape == (N,):
        if t.dtype.kind not in "iu":
            raise TypeError(f"t must hold whole numbers where it holds labels; got {t.dtype}")
        wrong = t[(t < 0) | (t >= K)]
        if wrong.size:
            raise ValueError(f"t holds the label {wrong[0]}; allowed for x {x.shape}: 0 to {K - 1}")
        return t.astype(np.int64)
    if t.shape != (N, K):
        raise ValueError(f"t must be labels ({N},) or one-hot ({N}, {K}) for x {x.shape}; got shape {t.shape}")
    (t,) = as_floats(t=t)
    return t.astype(x.dtype)
