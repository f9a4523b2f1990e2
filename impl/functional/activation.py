"""ReLU, sigmoid, tanh, softmax and log-softmax, each with its backward, for arrays of any shape."""

import warnings
from typing import Any

import numpy as np

from .checks import check_numeric, check_upstream, keep_where
from .memory import PART, run_parts
from .shapes import check_integer


def relu(input: np.ndarray) -> np.ndarray:
    """max(input, 0); keeps the element type, integers too. Raises TypeError. Source: torch.nn.functional.relu."""
    x = check_numeric("input", input, "fiu")
    if x.size <= PART:
        return np.maximum(x, 0)
    out, zeros = np.empty_like(x), np.zeros(4 * PART, x.dtype)  # NumPy compares with an array 3 times as fast as with 0

    def work(x: np.ndarray, out: np.ndarray) -> None:
        np.maximum(x, zeros[: x.size] if x.ndim == 1 else 0, out=out)

    run_parts(work, x, out)
    return out


def relu_backward(dout: np.ndarray, input: np.ndarray) -> np.ndarray:
    """dout where input > 0, else 0 (also at 0, as in torch). Raises ValueError, TypeError."""
    input = check_numeric("input", input, "f")
    grad = check_upstream(dout, input.shape, input.dtype)
    out = np.empty_like(grad)
    # <= passes dout on at nan, which must not look like a dead unit
    run_parts(lambda x, grad, out: keep_where(~(x <= 0), grad, out), input, grad, out)
    return out


def sigmoid(input: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-input)), without overflow; integers give float32, as in torch. Raises TypeError."""
    input = _as_floating(input)
    small = np.exp(-np.abs(input))  # in (0, 1], so nothing overflows
    return np.where(input >= 0, 1 / (1 + small), small / (1 + small))


def sigmoid_backward(dout: np.ndarray, input: np.ndarray) -> np.ndarray:
    """dout * y * (1 - y) with y = sigmoid(input). Raises ValueError, TypeError."""
    y = sigmoid(check_numeric("input", input, "f"))
    return check_upstream(dout, y.shape, y.dtype) * y * (1 - y)


def tanh(input: np.ndarray) -> np.ndarray:
    """Hyperbolic tangent; integers give float32, as in torch. Raises TypeError."""
    return np.tanh(_as_floating(input))


def tanh_backward(dout: np.ndarray, input: np.ndarray) -> np.ndarray:
    """dout * (1 - y**2) with y = tanh(input). Raises ValueError, TypeError."""
    y = tanh(check_numeric("input", input, "f"))
    return check_upstream(dout, y.shape, y.dtype) * (1 - y * y)


def softmax(input: np.ndarray, dim: int | None = None, *, dtype: Any = None) -> np.ndarray:
    """exp(input) / sum of exp(input) along dim, without overflow.

    dim None: 0 for 0, 1 and 3 axes, else 1, with torch's warning. dtype: the input is cast to it first.
    Raises ValueError (dim out of range), TypeError. Source: torch.nn.functional.softmax.
    """
    shifted, axis = _shifted(input, dim, dtype)
    with np.errstate(invalid="ignore", over="ignore"):
        e = np.exp(shifted)
        return e / e.sum(axis, keepdims=True)


def softmax_backward(dout: np.ndarray, input: np.ndarray, dim: int | None = None, *, dtype: Any = None) -> np.ndarray:
    """y * (dout - sum of dout*y along dim) with y = softmax(input). Raises ValueError, TypeError."""
    input = check_numeric("input", input, "f")
    y = softmax(input, dim, dtype=dtype)
    grad = check_upstream(dout, y.shape, y.dtype)
    axis = _axis(dim, y.ndim)
    return (y * (grad - (grad * y).sum(axis, keepdims=True))).astype(input.dtype, copy=False)


def log_softmax(input: np.ndarray, dim: int | None = None, *, dtype: Any = None) -> np.ndarray:
    """log(softmax(input)) along dim, exact also where softmax underflows; arguments as softmax.

    Raises ValueError (dim out of range), TypeError. Source: torch.nn.functional.log_softmax.
    """
    shifted, axis = _shifted(input, dim, dtype)
    with np.errstate(invalid="ignore", divide="ignore"):
        return shifted - np.log(np.exp(shifted).sum(axis, keepdims=True))


def log_softmax_backward(
    dout: np.ndarray, input: np.ndarray, dim: int | None = None, *, dtype: Any = None
) -> np.ndarray:
    """dout - softmax(input) * sum of dout along dim. Raises ValueError, TypeError."""
    input = check_numeric("input", input, "f")
    y = softmax(input, dim, dtype=dtype)
    grad = check_upstream(dout, y.shape, y.dtype)
    return (grad - y * grad.sum(_axis(dim, y.ndim), keepdims=True)).astype(input.dtype, copy=False)


def _as_floating(input: Any) -> np.ndarray:
    array = check_numeric("input", input)
    return array if array.dtype.kind == "f" else array.astype(np.float32)


def _shifted(input: Any, dim: int | None, dtype: Any) -> tuple[np.ndarray, int | None]:
    """Return input minus its largest element along dim, so that exp never overflows, and the axis."""
    if dtype is None:
        array = check_numeric("input", input, "f")
    elif dtype in (np.float32, np.float64):
        array = check_numeric("input", input).astype(dtype)
    else:
        raise TypeError(f"dtype must be None, numpy.float32 or numpy.float64; got {dtype!r}")
    if dim is None:
        warnings.warn("softmax without dim is deprecated in torch: say which axis", UserWarning, stacklevel=3)
    axis = _axis(dim, array.ndim)
    with np.errstate(invalid="ignore", over="ignore"):  # a row of infinities gives nan without a warning, as in torch
        return array - array.max(axis, keepdims=True, initial=-np.inf), axis


def _axis(dim: int | None, ndim: int) -> int | None:
    if dim is None:
        dim = 0 if ndim in (0, 1, 3) else 1
    number, limit = check_integer("dim", dim), max(ndim, 1)
    if not -limit <= number < limit:
        raise ValueError(f"dim must be in {-limit} to {limit - 1} for an input of {ndim} axes; got {dim!r}")
    return number if ndim else None
