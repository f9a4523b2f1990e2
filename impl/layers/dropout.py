"""Dropout and InvertedDropout. Plain edition: impl/plain/dropout.py; here: speed, dtypes, refusals.

The book's Dropout drops in training and scales at inference. Source: the book's section 6.4.3.
"""

import numpy as np

from impl import functional
from impl.functional.checks import as_floats, check_upstream, require_forward
from impl.functional.dropout import Random, check_generator, check_probability


class Dropout:
    """In training each number is dropped with probability dropout_ratio; otherwise all are scaled by 1 - dropout_ratio.

    rng: the source of the masks, a NumPy Generator or a seed; NumPy's global state is never touched.
    Raises ValueError (a ratio outside 0 to 1), TypeError.
    """

    def __init__(self, dropout_ratio: float = 0.5, *, rng: Random = None) -> None:
        self.dropout_ratio = check_probability("dropout_ratio", dropout_ratio)
        self.rng = check_generator("rng", rng)
        self.cache: tuple[np.ndarray, np.dtype] | None = None

    def forward(self, x: np.ndarray, train_flg: bool = True) -> np.ndarray:
        """x of any shape -> its shape; train_flg: True drops, False scales by 1 - dropout_ratio."""
        (x,) = as_floats(x=x)
        if train_flg:
            factor = functional.dropout_mask(x.shape, self.dropout_ratio, rng=self.rng)
        else:
            factor = np.full(x.shape, 1 - self.dropout_ratio, x.dtype)
        self.cache = factor, x.dtype
        return x * factor

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """dout of x's shape -> dx, with the mask or factor of the forward before it."""
        factor, dtype = require_forward(self.cache, self)
        return check_upstream(np.asarray(dout), factor.shape, dtype) * factor


class InvertedDropout:
    """Dropout as in frameworks: training divides the numbers it keeps by 1 - dropout_ratio, inference changes nothing.

    Arguments and errors as Dropout's. Source: torch.nn.functional.dropout.
    """

    def __init__(self, dropout_ratio: float = 0.5, *, rng: Random = None) -> None:
        self.dropout_ratio = check_probability("dropout_ratio", dropout_ratio)
        self.rng = check_generator("rng", rng)
        self.cache: tuple[np.ndarray | None, tuple[int, ...], np.dtype] | None = None

    def forward(self, x: np.ndarray, train_flg: bool = True) -> np.ndarray:
        """x of any shape -> its shape; train_flg: True drops and scales, False copies."""
        (x,) = as_floats(x=x)
        mask = functional.dropout_mask(x.shape, self.dropout_ratio, rng=self.rng) if train_flg else None
        self.cache = mask, x.shape, x.dtype
        return x.copy() if mask is None else functional.dropout_backward(x, mask, self.dropout_ratio)

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """dout of x's shape -> dx, with the mask of the forward before it."""
        mask, shape, dtype = require_forward(self.cache, self)
        dout = check_upstream(np.asarray(dout), shape, dtype)
        return dout.copy() if mask is None else functional.dropout_backward(dout, mask, self.dropout_ratio)
