"""The step by which a layer that updates itself moves a parameter, held against the gradient beside it."""

import numpy as np

FEW = 8  # numbers of a step that may all be opposite to the gradient by chance


def descends(step: np.ndarray, gradient: np.ndarray) -> bool:
    """Return whether a parameter has moved against its gradient everywhere. step: what was before, less what is now.

    Plain descent subtracts the gradient itself; Adam and its like take steps of their own length.
    """
    return goes_with(step, gradient)


def ascends(step: np.ndarray, gradient: np.ndarray) -> bool:
    """Return whether a parameter has moved along its gradient everywhere; a few numbers must be a multiple of it too.

    Momentum, a decay of the weights, clipping and means over the batch turn some of the numbers at most, or none.
    """
    if not goes_with(step, -np.asarray(gradient)):
        return False
    return np.size(step) >= FEW or is_multiple(np.ravel(step), np.ravel(gradient))


def goes_with(step: np.ndarray, gradient: np.ndarray) -> bool:
    """Return whether all numbers of both have the same sign, and not all are 0."""
    same = np.shape(step) == np.shape(gradient) and bool(np.any(step))
    return same and bool(np.all(np.sign(step) == np.sign(gradient)))


def is_multiple(step: np.ndarray, gradient: np.ndarray) -> bool:
    """Return whether one is the other times a number."""
    factor = (step @ gradient) / (gradient @ gradient)
    return bool(np.allclose(step, factor * gradient))
