"""Dropout with torch's scaling: what is kept in training is divided by 1 - p, inference changes nothing."""

import numpy as np

from .arrays import numeric, real, upstream
from .shapes import flag

Random = np.random.Generator | int | None


def dropout(input: np.ndarray, p: float = 0.5, training: bool = True, *, rng: Random = None) -> np.ndarray:
    """input with each element zeroed with probability p and the rest divided by 1 - p; a copy if not training.

    rng: a numpy Generator, a seed, or None for fresh randomness; numpy's global state is never touched.
    For a backward draw the mask yourself: dropout_mask, input * mask, dropout_backward.
    Raises ValueError (p outside 0 to 1), TypeError. Source: Srivastava et al. 2014; torch.nn.functional.dropout.
    """
    input, p = numeric("input", input), _probability(p)
    if not flag("training", training) or p == 0:
        return input.copy()
    if input.dtype.kind != "f" and p < 1:
        raise TypeError(f"input must be an array of float32 or float64 in training; got {input.dtype}")
    with np.errstate(invalid="ignore"):  # inf * 0 is nan, silently, as in torch
        return input * dropout_mask(input.shape, p, rng=rng, dtype=input.dtype)


def dropout_mask(shape: tuple[int, ...], p: float = 0.5, *, rng: Random = None, dtype: type = np.float64) -> np.ndarray:
    """Factors of an array of this shape: 0 with probability p, else 1/(1 - p). Raises ValueError, TypeError."""
    p = _probability(p)
    kept = np.random.default_rng(rng).random(shape) >= p
    return kept.astype(dtype) if p == 1 else kept * np.dtype(dtype).type(1 / (1 - p))


def dropout_backward(dout: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """dout * mask, the mask that forward used. Raises ValueError, TypeError."""
    mask = numeric("mask", mask)
    return upstream(dout, mask.shape, mask.dtype) * mask


def _probability(p: float) -> float:
    value = real("p", p)
    if not 0 <= value <= 1:
        raise ValueError(f"p must be a probability, 0 to 1; got {p!r}")
    return value
