"""Dropout with torch's scaling: training divides the remaining numbers by 1 - p, inference changes nothing."""

import numpy as np

from .checks import check_numeric, check_real
from .shapes import check_flag

Random = np.random.Generator | int | None


def dropout(input: np.ndarray, p: float = 0.5, training: bool = True, *, rng: Random = None) -> np.ndarray:
    """input with each element zeroed with probability p and the rest divided by 1 - p; a copy if not training.

    rng: a NumPy Generator, a seed, or None for fresh randomness; NumPy's global state is never touched.
    To use the same mask in backward, draw it with dropout_mask, and call dropout_backward on x and then on dout.
    Raises ValueError (p outside 0 to 1), TypeError. Source: Srivastava et al. 2014; torch.nn.functional.dropout.
    """
    input, p = check_numeric("input", input), check_probability("p", p)
    if not check_flag("training", training) or p == 0:
        return input.copy()
    if input.dtype.kind != "f" and p < 1:
        raise TypeError(f"input must hold floating-point numbers in training; got dtype {input.dtype}")
    return dropout_backward(input, dropout_mask(input.shape, p, rng=rng), p)


def dropout_mask(shape: tuple[int, ...], p: float = 0.5, *, rng: Random = None) -> np.ndarray:
    """A mask of bools (shape), True for the elements to keep, with probability 1 - p. Raises ValueError, TypeError."""
    p = check_probability("p", p)
    return check_generator("rng", rng).random(shape) >= p


def dropout_backward(dout: np.ndarray, mask: np.ndarray, p: float = 0.5) -> np.ndarray:
    """dout * mask / (1 - p), with forward's mask; forward is the same function of x. Raises ValueError, TypeError."""
    dout, mask, p = check_numeric("dout", dout), check_numeric("mask", mask), check_probability("p", p)
    if dout.shape != mask.shape:
        raise ValueError(f"dout must have the shape of mask, {mask.shape}; got {dout.shape}")
    with np.errstate(invalid="ignore"):  # inf * 0 gives nan without a warning, as in torch
        return dout * (mask * dout.dtype.type(0 if p == 1 else 1 / (1 - p)))


def check_probability(name: str, value: float) -> float:
    """Return value, a number from 0 to 1, as a float. Raises ValueError, TypeError."""
    p = check_real(name, value)
    if not 0 <= p <= 1:
        raise ValueError(f"{name} must be a probability, 0 to 1; got {value!r}")
    return p


def check_generator(name: str, value: Random) -> np.random.Generator:
    """Return value, or a new Generator from a seed or, for None, from the system. Raises ValueError, TypeError."""
    if not isinstance(value, (np.random.Generator, int, np.integer, type(None))):
        raise TypeError(f"{name} must be a NumPy Generator, a seed or None; got {value!r} ({type(value).__name__})")
    if isinstance(value, (int, np.integer)) and value < 0:
        raise ValueError(f"{name} must be a seed of at least 0; got {value}")
    return np.random.default_rng(value)
