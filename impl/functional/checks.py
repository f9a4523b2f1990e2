"""Checks that every function and layer makes of its arrays: real numbers, so many axes, one dtype."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
T = TypeVar("T")
REAL = "fiub"  # NumPy's letters for floating-point numbers, integers (signed and not) and bools
PLAIN = frozenset({int, bool, str, type(None)})
REMEMBERED = 1000  # results of a check at most
KINDS = {"f": "floating-point numbers", "fiu": "numbers", REAL: "real numbers or bools"}


def check_array(name: str, value: Any, ndims: tuple[int, ...], shape: tuple[int, ...] | None = None) -> Array:
    """Return value, an array of real numbers or bools with one of ndims axes, and of shape if one is given.

    Raises TypeError (no array, no real numbers), ValueError (other axes, another shape).
    """
    if not isinstance(value, np.ndarray):
        raise TypeError(f"{name} must be a NumPy array; got {type(value).__name__}")
    if value.dtype.kind not in REAL:
        raise TypeError(f"{name} must hold real numbers; got dtype {value.dtype}")
    if value.ndim not in ndims:
        allowed = " or ".join(map(str, ndims))
        raise ValueError(f"{name} must have {allowed} axes; got {value.ndim}, shape {value.shape}")
    if shape is not None and value.shape != shape:
        raise ValueError(f"{name} must have shape {shape}; got {value.shape}")
    return value


def check_numeric(name: str, value: Any, kinds: str = REAL) -> Array:
    """Return value, an array or NumPy scalar of a dtype of these kinds, as an array. Raises TypeError.

    kinds: a key of KINDS. The array may have any number of axes.
    """
    if not isinstance(value, (np.ndarray, np.generic)):
        raise TypeError(f"{name} must be a NumPy array; got {type(value).__name__}")
    if value.dtype.kind not in kinds:
        raise TypeError(f"{name} must hold {KINDS[kinds]}; got dtype {value.dtype}")
    return np.asarray(value)


def check_images(name: str, array: Array) -> Array:
    """Return array if it has the axes (N, C, H, W). Raises ValueError."""
    if array.ndim != 4:
        raise ValueError(f"{name} must have 4 axes, (N, C, H, W); got shape {array.shape}")
    return array


def check_real(name: str, value: Any) -> float:
    """Return value, one real number or a bool, as a float. Raises TypeError."""
    if isinstance(value, (int, float, np.number, np.bool_)) and not isinstance(value, np.complexfloating):
        return float(value)
    if isinstance(value, np.ndarray) and value.shape == () and value.dtype.kind in REAL:
        return float(value)
    raise TypeError(f"{name} must be a number; got {value!r} ({type(value).__name__})")


def check_same_dtype(first: str, one: Array, second: str, other: Array) -> None:
    """Raise TypeError if two arrays, called first and second, differ in dtype."""
    if one.dtype != other.dtype:
        raise TypeError(f"{second} must have the dtype of {first}, {one.dtype}; got {other.dtype}")


def check_upstream(dout: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    """Return dout, an upstream gradient of this shape, in forward's dtype. Raises ValueError, TypeError."""
    dout = check_array("dout", np.asarray(dout) if shape == () else dout, (len(shape),), shape)
    if not np.can_cast(dout.dtype, dtype, "same_kind"):
        raise TypeError(f"dout must be of a dtype that {dtype} can hold; got {dout.dtype}")
    return dout.astype(dtype, copy=False)


def require_forward(value: T | None, layer: object) -> T:
    """Return the value cached by forward, or raise RuntimeError."""
    if value is None:
        raise RuntimeError(f"{type(layer).__name__}.backward needs a forward before it: call forward first")
    return value


def as_floats(**arrays: Any) -> list[np.ndarray]:
    """Return the arrays in one floating dtype: float32 if no array needs more, else float64, also for integers alone.

    An array that has the dtype already is not copied. Raises TypeError for an array without real numbers.
    """
    given = {name: np.asarray(value) for name, value in arrays.items()}
    for name, array in given.items():
        if array.dtype.kind not in REAL:
            raise TypeError(f"{name} must hold real numbers; got {type(arrays[name]).__name__}, {array.dtype}")
    common = np.result_type(*given.values())
    dtype = common if common == np.float32 else np.dtype(np.float64)
    return [array.astype(dtype, copy=False) for array in given.values()]


def keep_where(mask: Array, values: Array, out: Array | None = None) -> Array:
    """Return values where mask (bools) is True, else 0, even beside inf and nan: np.where(mask, values, 0).

    out: an array of values' shape and dtype for the result.

    The bits of each number are and-ed with all ones or none. On a mask without pattern that is 8 times as quick, since
    the processor need not guess which way a branch goes.
    """
    if values.dtype.itemsize not in (1, 2, 4, 8):
        kept = np.where(mask, values, values.dtype.type(0))
        if out is not None:
            out[...] = kept
        return kept if out is None else out
    word = np.dtype(f"i{values.dtype.itemsize}")
    bits = np.asarray(np.negative(np.asarray(mask).view(np.int8))).astype(word)  # 0 or -1
    np.bitwise_and(bits, values.view(word), out=bits if out is None else out.view(word))
    return bits.view(values.dtype) if out is None else out


def remember(check: Callable[..., T]) -> Callable[..., T]:
    """Make a check whose result depends on its arrays' shapes and dtypes, and on numbers and words, run once for each.

    Other arguments (a pair, an array of a subclass) are checked at every call, and so is what it refuses.
    """
    known: dict[tuple[Any, ...], T] = {}

    @wraps(check)
    def remembered(*arguments: Any) -> T:
        key = []
        for value in arguments:
            kind = type(value)
            if kind is np.ndarray:
                key += [value.shape, value.dtype]
            elif kind in PLAIN:
                key += [kind, value]  # 1 and True are equal and not the same
            else:
                return check(*arguments)
        if (found := known.get(whole := tuple(key))) is None:
            if len(known) >= REMEMBERED:
                known.clear()
            found = known[whole] = check(*arguments)
        return found

    return remembered


def add_batch(x: Array, ndim: int) -> Array:
    """Return x with ndim axes: a batch axis of 1 is put in front if x has one axis less."""
    return x if x.ndim == ndim else x[None]


def drop_batch(x: Array, unbatched_ndim: int, out: Array) -> Array:
    """Drop out's batch axis if x had none, that is if x has unbatched_ndim axes."""
    return out[0] if x.ndim == unbatched_ndim else out
