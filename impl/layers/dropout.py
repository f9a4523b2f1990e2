"""Dropout and InvertedDropout. Plain edition: impl/plain/dropout.py; here: speed, dtypes, refusals.

The book's Dropout drops in training and scales at inference. Source: the book's section 6.4.3.
"""

import numpy as np

from impl import functional
from impl.functional.checks import upstream
from impl.functional.dropout import Random, generator, probability

from ..functional.checks import floats, seen


class Dropout:
    """In training each number is dropped with probability dropout_ratio; otherwise all are scaled by 1 - dropout_ratio.

    rng: where masks are drawn from, a NumPy Generator or a seed; NumPy's global state is never touched.
    Raises ValueError (a ratio outside 0 to 1), TypeError.
    """

    def __init__(self, dropout_ratio: float = 0.5, *, rng: Random = None) -> None:
        self.dropout_ratio = probability("dropout_ratio", dropout_ratio)
        self.rng = generator("rng", rng)
        self.kept: tuple[np.ndarray, np.dtype] | None = None

    def forward(self, x: np.ndarray, train_flg: bool = True) -> np.ndarray:
        (x,) = floats(x=x)
        if train_flg:
            factor = functional.dropout_mask(x.shape, self.dropout_ratio, rng=self.rng)
        else:
            factor = np.full(x.shape, 1 - self.dropout_ratio, x.dtype)
        self.kept = factor, x.dtype
        return x * factor

    def backward(self, dout: np.ndarray) -> np.ndarray:
        factor, dtype = seen(self.kept, self)
        return upstream(np.asarray(dout), factor.shape, dtype) * factor


class InvertedDropout:
    """As frameworks do it: what is kept in training is divided by 1 - dropout_ratio, and inference changes nothing.

    Arguments and errors as Dropout's. Source: torch.nn.functional.dropout.
    """

    def __init__(self, dropout_ratio: float = 0.5, *, rng: Random = None) -> None:
        self.dropout_ratio = probability("dropout_ratio", dropout_ratio)
        self.rng = generator("rng", rng)
        self.kept: tuple[np.ndarray | None, tuple[int, ...], np.dtype] | None = None

    def forward(self, x: np.ndarray, train_flg: bool = True) -> np.ndarray:
        (x,) = floats(x=x)
        mask = functional.dropout_mask(x.shape, self.dropout_ratio, rng=self.rng) if train_flg else None
        self.kept = mask, x.shape, x.dtype
        return x.copy() if mask is None else functional.dropout_backward(x, mask, self.dropout_ratio)

    def backward(self, dout: np.ndarray) -> np.ndarray:
        mask, shape, dtype = seen(self.kept, self)
        dout = upstream(np.asarray(dout), shape, dtype)
        return dout.copy() if mask is None else functional.dropout_backward(dout, mask, self.dropout_ratio)
