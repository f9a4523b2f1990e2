"""BatchNorm. Plain edition: impl/plain/batch_norm.py; here: speed, dtypes, refusals.

The running statistics are torch's. Source: Ioffe, Szegedy 2015; the book's section 6.3.
"""

from typing import Any

import numpy as np

from impl import functional

from ..functional.checks import floats, seen


class BatchNorm:
    """gamma * (x - mean) / sqrt(var + eps) + beta for each channel of x (N, C) or (N, C, H, W); gamma, beta (C,).

    In training mean and var are the batch's, and running_mean and running_var move to them by the share momentum, as
    torch has it (the book: by 1 - momentum), the variance there over n - 1. Otherwise the running ones are used. They
    start at 0 and 1, or as given, and are copied. After backward dgamma and dbeta hold the gradients.
    Raises ValueError (shapes, one number for each channel in training), TypeError.
    """

    def __init__(
        self,
        gamma: np.ndarray,
        beta: np.ndarray,
        momentum: float = 0.1,
        eps: float = 1e-5,
        running_mean: np.ndarray | None = None,
        running_var: np.ndarray | None = None,
    ) -> None:
        self.gamma, self.beta, self.momentum, self.eps = gamma, beta, momentum, eps
        self.running_mean = np.zeros(np.shape(gamma)) if running_mean is None else np.array(running_mean)
        self.running_var = np.ones(np.shape(gamma)) if running_var is None else np.array(running_var)
        self.dgamma: Any = None
        self.dbeta: Any = None
        self.kept: Any = None

    def forward(self, x: np.ndarray, train_flg: bool = True) -> np.ndarray:
        x, gamma, beta = floats(x=x, gamma=self.gamma, beta=self.beta)
        mean, var = (np.asarray(a).astype(x.dtype) for a in (self.running_mean, self.running_var))
        self.kept = (x, mean, var, gamma, beta, bool(train_flg), self.momentum, self.eps)
        out, mean, var = functional.batch_norm(*self.kept)  # type: ignore[assignment]  # None only for None
        if train_flg:
            self.running_mean, self.running_var = mean, var
        return out

    def backward(self, dout: np.ndarray) -> np.ndarray:
        dx, self.dgamma, self.dbeta = functional.batch_norm_backward(np.asarray(dout), *seen(self.kept, self))
        return dx
