"""The fully connected map: input @ weight.T + bias."""

import math

import numpy as np

from .checks import check_numeric, check_same_dtype, check_upstream
from .products import multiply


def linear(input: np.ndarray, weight: np.ndarray, bias: np.ndarray | None = None) -> np.ndarray:
    """input @ weight.T + bias over the last axis; leading axes are kept.

    input (..., in), weight (out, in), bias (out,) -> (..., out). weight (in,) gives (...), then without a bias.
    Raises ValueError (shapes), TypeError (element types differ). Source: torch.nn.functional.linear.
    """
    input, weight, bias = _checked(input, weight, bias)
    if weight.ndim == 1:
        return input @ weight if bias is None else input @ weight + bias
    out = multiply(_rows(input), weight.T).reshape(*input.shape[:-1], len(weight))  # (rows, out) -> (..., out)
    if bias is not None:
        out += bias
    return out


def linear_backward(
    dout: np.ndarray, input: np.ndarray, weight: np.ndarray, bias: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Gradients for (input, weight, bias), each of its shape; None where bias is None. Raises ValueError, TypeError."""
    input, weight, bias = _checked(input, weight, bias)
    matrix = np.atleast_2d(weight)  # (out, in)
    shape = input.shape[:-1] + weight.shape[:-1]
    grad = check_upstream(dout, shape, input.dtype)
    rows = grad.reshape(math.prod(input.shape[:-1]), len(matrix))  # (rows, out)
    grad_input = multiply(rows, matrix).reshape(input.shape)  # (rows, in) -> (..., in)
    grad_weight = multiply(rows.T, _rows(input)).reshape(weight.shape)  # (out, in)
    return grad_input, grad_weight, None if bias is None else _sum_to(grad, bias.shape)


def _rows(input: np.ndarray) -> np.ndarray:
    """Join the leading axes; reshape cannot compute -1 if an axis is empty."""
    return input.reshape(math.prod(input.shape[:-1]), input.shape[-1])  # (..., in) -> (rows, in)


def _checked(input, weight, bias):
    input, weight = check_numeric("input", input, "fiu"), check_numeric("weight", weight, "fiu")
    check_same_dtype("input", input, "weight", weight)
    if input.ndim == 0:
        raise ValueError("input has shape (); allowed: at least one axis, (..., in)")
    if weight.ndim not in (1, 2) or weight.shape[-1] != input.shape[-1]:
        features = input.shape[-1]
        raise ValueError(
            f"weight has shape {weight.shape}; allowed for input {input.shape}: (out, {features}) or ({features},)"
        )
    if bias is None:
        return input, weight, None
    bias = check_numeric("bias", bias, "fiu")
    check_same_dtype("input", input, "bias", bias)
    if not _fits(bias.shape, input.shape[:-1] + weight.shape[:-1], weight.ndim, input.ndim):
        allowed = f"({len(weight)},)" if weight.ndim == 2 else "None, as weight has one axis"
        raise ValueError(f"bias has shape {bias.shape}; allowed: {allowed}")
    return input, weight, bias


def _fits(shape: tuple[int, ...], out: tuple[int, ...], weight_ndim: int, input_ndim: int) -> bool:
    """Whether a bias of this shape can be added: if it broadcasts to the output, as in torch; for a vector only ()."""
    if weight_ndim == 1:
        return shape == () and input_ndim == 1
    return len(shape) <= len(out) and all(a in (1, b) for a, b in zip(reversed(shape), reversed(out)))


def _sum_to(grad: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Sum over every axis along which an array of this shape was repeated: the adjoint of broadcasting."""
    grad = grad.sum(tuple(range(grad.ndim - len(shape))))
    repeated = tuple(axis for axis, size in enumerate(shape) if size == 1 and grad.shape[axis] != 1)
    return grad.sum(repeated, keepdims=True)
