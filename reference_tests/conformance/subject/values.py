"""Arrays on their way to somebody's code and back."""

from typing import Any

import numpy as np

NUMBERS = "biuf"
LIMIT = 256 << 20  # bytes of one result: no layer of a case comes near it


def copied(got: Any) -> np.ndarray:
    """As an array of our own; what is no number is kept as its text, and is of the wrong type."""
    size = getattr(got, "nbytes", 0)
    if isinstance(size, int) and size > LIMIT:
        raise MemoryError(f"a result of shape {np.shape(got)}, {size / 1e9:.1f} GB")
    if got is None or isinstance(got, str | bytes):
        return np.array(f"{got!r:.60}")
    try:
        array = np.array(got)
    except ValueError:
        return np.array(f"{type(got).__name__} {got!r:.60}")
    if array.dtype.kind in NUMBERS:
        return array
    return np.array(f"{got!r:.60}" if array.ndim == 0 else f"{array.dtype} array of shape {array.shape}")


def present(a: np.ndarray, layout: str) -> np.ndarray:
    """The same numbers, laid out in memory as callers really have them."""
    if a.ndim == 0:
        return a.copy()
    if layout == "F":
        return np.array(a, order="F")
    if layout == "strided":
        wide = np.zeros((*a.shape[:-1], 2 * a.shape[-1]), a.dtype)
        wide[..., ::2] = a
        return wide[..., ::2]
    if layout == "reversed":
        return a[..., ::-1].copy()[..., ::-1]
    a = a.copy()
    a.flags.writeable = layout != "read-only"
    return a
