"""The step by which a layer that updates itself moves a parameter, held against the gradient beside it."""

import inspect
import linecache
import re
from typing import Any

import numpy as np

from ..signatures import methods_of

OTHER_WAY = re.compile(  # a line that takes the error as the target less the output: its gradient points down
    r"=\s*\(?\s*(self\.)?(targets?|t|y|ys|labels?|y_?true|y_?train|expected|desired|truth)\s*-\s*(self\.)?"
    r"(out(put)?s?|y_?hat|y_?pred|pred(iction)?s?|probs?|a\d*|o|result)\b(?!.*(\*\* ?2|square|pow|abs))"
)
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


def turns_error_round(layer: Any) -> bool:
    """Return whether the code around a layer takes the error as the target less the output: to add it is right then."""
    codes = [getattr(inspect.unwrap(method), "__code__", None) for method in methods_of(type(layer)).values()]
    files = {code.co_filename for code in codes if code}
    return any(OTHER_WAY.search(line) for name in files for line in linecache.getlines(name))


def goes_with(step: np.ndarray, gradient: np.ndarray) -> bool:
    """Return whether all numbers of both have the same sign, and not all are 0."""
    same = np.shape(step) == np.shape(gradient) and bool(np.any(step))
    return same and bool(np.all(np.sign(step) == np.sign(gradient)))


def is_multiple(step: np.ndarray, gradient: np.ndarray) -> bool:
    """Return whether one is the other times a number."""
    factor = (step @ gradient) / (gradient @ gradient)
    return bool(np.allclose(step, factor * gradient))
