"""LRN, local response normalization. Plain edition: impl/plain/lrn.py; here: speed, dtypes, refusals.

Source: AlexNet; Krizhevsky, Sutskever, Hinton 2012, section 3.3.
"""

import numpy as np

from impl import functional
from impl.functional.checks import real
from impl.functional.shapes import integer

from ..functional.checks import floats, images, seen


class LRN:
    """x_i / (k + alpha * sum of x_j**2 over |i - j| <= n//2)**beta: AlexNet's formula, alpha is NOT divided by n.

    x (N, C, H, W); the sum runs over channels at one pixel and is cut at both ends; an even n counts n + 1 channels.
    impl.functional.local_response_norm is torch's, with alpha/size. Raises ValueError, TypeError.
    """

    def __init__(self, n: int = 5, k: float = 2.0, alpha: float = 1e-4, beta: float = 0.75) -> None:
        self.n = integer("n", n, at_least=1)
        self.k, self.alpha, self.beta = real("k", k), real("alpha", alpha), real("beta", beta)
        self.x: np.ndarray | None = None

    def forward(self, x: np.ndarray) -> np.ndarray:
        (x,) = floats(x=x)
        self.x = images("x", x)
        return functional.local_response_norm(self.x, *self._as_torch())

    def backward(self, dout: np.ndarray) -> np.ndarray:
        return functional.local_response_norm_backward(np.asarray(dout), seen(self.x, self), *self._as_torch())

    def _as_torch(self) -> tuple[int, float, float, float]:
        """size, alpha, beta, k: torch divides its alpha by its size."""
        size = 2 * (self.n // 2) + 1
        return size, self.alpha * size, self.beta, self.k
