"""BatchNorm. Plain edition: impl/plain/batch_norm.py; here: speed, dtypes, refusals.

The running statistics are torch's. Source: Ioffe, Szegedy 2015; the book's section 6.3.
"""

from typing import Any

import numpy as np

from impl import functional
from impl.functional.checks import as_floats, require_forward


class BatchNorm:
    """gamma * (x - mean) / sqrt(var + eps) + beta for each channel of x (N, C) or (N, C, H, W); gamma, beta (C,).

    In training mean and var are the batch's, and running_mean and running_var move towards them by the share momentum,
    as in torch (in the book by 1 - momentum); the running variance is over n - 1. At inference the running ones are
    used. They start at 0 and 1, or at copies of the arguments. After backward dgamma and dbeta hold the gradients.
    Raises ValueError (shapes, one number for each channel in training), TypeError.
    """

    def __init__(
        self, gamma: np.ndarray, beta: np.ndarray, momentum: float = 0.1, eps: float = 1e-5,
        running_mean: np.ndarray | None = None, running_var: np.ndarray | None = None,
    ) -> None:  # fmt: skip
        self.gamma, self.beta, self.momentum, self.eps = gamma, beta, momentum, eps
        self.running_mean = np.zeros(np.shape(gamma)) if running_mean is None else np.array(running_mean)
        self.running_var = np.ones(np.shape(gamma)) if running_var is None else np.array(running_var)
        self.dgamma: Any = None
        self.dbeta: Any = None
        self.cache: Any = None

    def forward(self, x: np.ndarray, train_flg: bool = True) -> np.ndarray:
        """x (N, C) or (N, C, H, W) -> its shape; in training the running statistics move."""
        x, gamma, beta = as_floats(x=x, gamma=self.gamma, beta=self.beta)
        mean, var = (np.asarray(a).astype(x.dtype) for a in (self.running_mean, self.running_var))
        self.cache = (x, mean, var, gamma, beta, bool(train_flg), self.momentum, self.eps)
        out, mean, var = functional.batch_norm(*self.cache)  # type: ignore[assignment]  # None only for None
        if train_flg:
            self.running_mean, self.running_var = mean, var
        return out

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """dout of x's shape -> dx; sets dgamma and dbeta."""
        dx, self.dgamma, self.dbeta = functional.batch_norm_backward(
            np.asarray(dout), *require_forward(self.cache, self)
        )
        return dx
