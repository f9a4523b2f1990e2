"""Dropout as in the book: training drops, inference scales. Source: the book's section 6.4.3."""

import numpy as np

from impl import functional
from impl.functional.arrays import upstream
from impl.functional.dropout import Random, generator, probability

from .arguments import floats, seen


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
