"""LRN, local response normalization. Plain edition: impl/plain/lrn.py; here: speed, dtypes, refusals.

Source: AlexNet; Krizhevsky, Sutskever, Hinton 2012, section 3.3.
"""

import numpy as np

from impl import functional
from impl.functional.checks import as_floats, check_images, check_real, require_forward
from impl.functional.shapes import check_integer


class LRN:
    """x_i / (k + alpha * sum of x_j**2 over |i - j| <= n//2)**beta: AlexNet's formula, alpha is NOT divided by n.

    x (N, C, H, W); the sum runs over channels at one pixel and is cut at both ends; an even n counts n + 1 channels.
    impl.functional.local_response_norm is torch's, with alpha/size. Raises ValueError, TypeError.
    """

    def __init__(self, n: int = 5, k: float = 2.0, alpha: float = 1e-4, beta: float = 0.75) -> None:
        self.n = check_integer("n", n, at_least=1)
        self.k, self.alpha, self.beta = check_real("k", k), check_real("alpha", alpha), check_real("beta", beta)
        self.x: np.ndarray | None = None

    def forward(self, x: np.ndarray) -> np.ndarray:
        """x (N, C, H, W) -> its shape."""
        (x,) = as_floats(x=x)
        self.x = check_images("x", x)
        return functional.local_response_norm(self.x, *self._as_torch())

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """dout (N, C, H, W) -> dx of that shape."""
        return functional.local_response_norm_backward(
            np.asarray(dout), require_forward(self.x, self), *self._as_torch()
        )

    def _as_torch(self) -> tuple[int, float, float, float]:
        """size, alpha, beta, k: torch divides its alpha by its size."""
        size = 2 * (self.n // 2) + 1
        return size, self.alpha * size, self.beta, self.k
