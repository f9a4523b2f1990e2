"""Dropout as in the book: training drops, inference scales. Source: the book's section 6.4.3."""

import numpy as np

from impl import functional
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
        self.mask: np.ndarray | None = None

    def forward(self, x: np.ndarray, train_flg: bool = True) -> np.ndarray:
        (x,) = floats(x=x)
        if train_flg:
            self.mask = functional.dropout_mask(x.shape, self.dropout_ratio, rng=self.rng)
        else:
            self.mask = np.full(x.shape, 1 - self.dropout_ratio, x.dtype)
        return x * self.mask

    def backward(self, dout: np.ndarray) -> np.ndarray:
        mask = seen(self.mask, self)
        (dout,) = floats(dout=dout)
        if dout.shape != mask.shape:
            raise ValueError(f"dout must have the shape of x, {mask.shape}; got {dout.shape}")
        return dout * mask
