"""What every layer asks of its arrays: real numbers of one floating dtype, four axes, a forward before a backward."""

from typing import Any, TypeVar

import numpy as np

from impl.functional.shapes import ROUNDINGS

T = TypeVar("T")


def floats(**arrays: Any) -> list[np.ndarray]:
    """The arrays in one floating dtype: float32 if nothing needs more, else float64, also for integers alone.

    Nothing is copied that has the dtype already. Raises TypeError for what holds no real numbers.
    """
    found = {name: np.asarray(value) for name, value in arrays.items()}
    for name, array in found.items():
        if array.dtype.kind not in "fiub":
            raise TypeError(f"{name} must hold real numbers; got {type(arrays[name]).__name__}, {array.dtype}")
    common = np.result_type(*found.values())
    dtype = common if common == np.float32 else np.dtype(np.float64)
    return [array.astype(dtype, copy=False) for array in found.values()]


def images(name: str, array: np.ndarray) -> np.ndarray:
    """array, if it is (N, C, H, W). Raises ValueError."""
    if array.ndim != 4:
        raise ValueError(f"{name} must have 4 axes, (N, C, H, W); got shape {array.shape}")
    return array


def seen(value: T | None, layer: object) -> T:
    """What forward kept. Raises RuntimeError if it never ran."""
    if value is None:
        raise RuntimeError(f"{type(layer).__name__}.backward needs a forward before it: call forward first")
    return value


def one_of_roundings(rounding: str) -> str:
    """rounding, if it is a way the shape formula knows. Raises ValueError."""
    if rounding not in ROUNDINGS:
        raise ValueError(f"rounding must be one of {', '.join(map(repr, ROUNDINGS))}; got {rounding!r}")
    return rounding
