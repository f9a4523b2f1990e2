"""Local response normalization (torch's, with alpha divided by size) and batch normalization, with their backward."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .checks import check_numeric, check_real, check_same_dtype, check_upstream
from .memory import split_into_blocks
from .shapes import check_flag, check_integer
from .threads import run_blocks

BUDGET = 1 << 19  # bytes of an array at a time; a few arrays of the kind are in use

Statistics = tuple[np.ndarray, np.ndarray | None, np.ndarray | None]


def local_response_norm(
    input: np.ndarray, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> np.ndarray:
    """input / (k + alpha/size * window sum of input**2)**beta: torch's, alpha IS divided by size (AlexNet's is not).

    input (N, C, d1, ...); the window holds channels i - size//2 .. i + (size - 1)//2, cut at both ends.
    Integers give float32 and a mean without its fraction, as in torch. impl.layers.LRN is AlexNet's.
    Raises ValueError (fewer than 3 axes, size below 1), TypeError. Source: torch.nn.functional.local_response_norm.
    """
    input = check_numeric("input", input, "fiu")
    size, alpha, k = _lrn_arguments(input, size, alpha, k)
    beta = _typed("beta", beta, input)
    if input.size == 0:
        return input.copy()
    out = np.empty(input.shape, np.result_type(beta))

    def work(x: np.ndarray, out: np.ndarray) -> None:
        np.divide(x.astype(out.dtype, copy=False), _lrn_base(x, size, alpha, k) ** beta, out=out)

    with np.errstate(invalid="ignore", divide="ignore"):  # a negative or zero base gives nan or inf without a warning
        _run_pixels(work, input, out)
    return out


def local_response_norm_backward(
    dout: np.ndarray, input: np.ndarray, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> np.ndarray:
    """Gradient for input: each channel is normalized itself and is in the base of every channel near it.

    Raises ValueError, TypeError.
    """
    input = check_numeric("input", input, "f")
    size, alpha, k = _lrn_arguments(input, size, alpha, k)
    beta, grad = _typed("beta", beta, input), check_upstream(dout, input.shape, input.dtype)
    out = np.empty_like(input, order="C")

    def work(grad: np.ndarray, x: np.ndarray, out: np.ndarray) -> None:
        base = _lrn_base(x, size, alpha, k)
        direct = grad * base**-beta
        shared = _window_sum(direct * x / base, (size - 1) // 2, size // 2)  # the window, mirrored
        np.subtract(direct, 2 * alpha / size * beta * x * shared, out=out)

    with np.errstate(invalid="ignore", divide="ignore"):
        _run_pixels(work, grad, input, out)
    return out


def batch_norm(
    input: np.ndarray, running_mean: np.ndarray | None, running_var: np.ndarray | None,
    weight: np.ndarray | None = None, bias: np.ndarray | None = None, training: bool = False, momentum: float = 0.1,
    eps: float = 1e-5,
) -> Statistics:  # fmt: skip
    """(out, running_mean, running_var): (input - mean) / sqrt(var + eps) * weight + bias for each channel.

    input (N, C, d1, ...), the others (C,). Training takes the batch's mean and variance (over n) and returns new
    running statistics, old + momentum * (batch - old), the variance there over n - 1; otherwise the running ones are
    used, and copies of them returned. No argument is written to.
    Raises ValueError (shapes, eps, one value per channel), TypeError. Source: Ioffe, Szegedy 2015; torch.
    """
    input, channels = _bn_arguments(input, running_mean, running_var, weight, bias, training, momentum, eps)
    running_mean, running_var, weight, bias = channels
    momentum = _typed("momentum", momentum, input)
    if input.size == 0:
        return input.copy(), _copy(running_mean), _copy(running_var)
    out = np.empty_like(input, order="C")
    with np.errstate(invalid="ignore", divide="ignore"):
        mean, var = _moments(input) if training else (running_mean, running_var)
        scale = 1 / np.sqrt(var + _typed("eps", eps, input))
        scale = scale if weight is None else scale * weight

        def work(channels: slice, x: np.ndarray, out: np.ndarray) -> None:
            np.subtract(x, mean[channels, None], out=out)
            out *= scale[channels, None]
            if bias is not None:
                out += bias[channels, None]

        _run_channels(work, input, out)
    if not training or running_mean is None:
        return out, _copy(running_mean), _copy(running_var)
    count = input.size // input.shape[1]
    unbiased = var * input.dtype.type(count / (count - 1))
    return out, running_mean + momentum * (mean - running_mean), running_var + momentum * (unbiased - running_var)


def batch_norm_backward(
    dout: np.ndarray, input: np.ndarray, running_mean: np.ndarray | None, running_var: np.ndarray | None,
    weight: np.ndarray | None = None, bias: np.ndarray | None = None, training: bool = False, momentum: float = 0.1,
    eps: float = 1e-5,
) -> Statistics:  # fmt: skip
    """Gradients for (input, weight, bias), None for a weight or bias of None. The other arguments are batch_norm's.

    Raises ValueError, TypeError.
    """
    input, channels = _bn_arguments(input, running_mean, running_var, weight, bias, training, momentum, eps)
    running_mean, running_var, weight, bias = channels
    grad = check_upstream(dout, input.shape, input.dtype)
    if input.size == 0:
        return input.copy(), _zeros(weight), _zeros(bias)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean, var = _moments(input) if training else (running_mean, running_var)
        scale = 1 / np.sqrt(var + _typed("eps", eps, input))  # (C,)
        factor = scale if weight is None else scale * weight
        grad_bias, grad_weight, grad_input = np.empty_like(mean), np.empty_like(mean), np.empty_like(input, order="C")
        count = input.dtype.type(input.size // input.shape[1])

        def work(channels: slice, d: np.ndarray, x: np.ndarray, dx: np.ndarray) -> None:
            normal = (x - mean[channels, None]) * scale[channels, None]  # (N, c, p)
            grad_bias[channels], grad_weight[channels] = _sums(d), _dots(d, normal)
            if training:  # mean and var depend on the input too
                normal *= grad_weight[channels, None] / -count
                normal -= grad_bias[channels, None] / count
                normal += d
            np.multiply(normal if training else d, factor[channels, None], out=dx)

        _run_channels(work, grad, input, grad_input)
    return grad_input, None if weight is None else grad_weight, None if bias is None else grad_bias


def _lrn_arguments(input: np.ndarray, size: Any, alpha: Any, k: Any) -> tuple[int, Any, Any]:
    if input.ndim < 3:
        raise ValueError(f"input has shape {input.shape}; allowed: at least 3 axes, (N, C, d1, ...)")
    return check_integer("size", size, at_least=1), _typed("alpha", alpha, input), _typed("k", k, input)


def _run_pixels(work: Callable[..., None], *arrays: np.ndarray) -> None:
    """Call work on some images and pixels at a time of arrays (N, C, d1, ...), with all channels: (n, C, p)."""
    N, C = arrays[0].shape[:2]
    flat = [a.reshape(N, C, math.prod(a.shape[2:])) for a in arrays]
    blocks = split_into_blocks(N, flat[0].shape[2], C * arrays[0].itemsize, BUDGET)
    run_blocks(lambda images, pixels: work(*[a[images, :, pixels] for a in flat]), blocks)


def _lrn_base(input: np.ndarray, size: int, alpha: Any, k: Any) -> np.ndarray:
    total = _window_sum(input * input, size // 2, (size - 1) // 2)
    return k + alpha * (total / size if input.dtype.kind == "f" else (total // size).astype(np.float32))


def _window_sum(a: np.ndarray, before: int, after: int) -> np.ndarray:
    """Sum over channels i - before .. i + after, cut at both ends, by slices, so that inf and nan do not spread."""
    total, channels = a.copy(), a.shape[1]
    for step in range(1, min(before, channels - 1) + 1):
        total[:, step:] += a[:, :-step]
    for step in range(1, min(after, channels - 1) + 1):
        total[:, :-step] += a[:, step:]
    return total


def _bn_arguments(input, running_mean, running_var, weight, bias, training, momentum, eps):
    """Return input and the four arrays of one number for each channel. Raises ValueError and TypeError as torch."""
    input, training, eps = check_numeric("input", input, "f"), check_flag("training", training), check_real("eps", eps)
    check_real("momentum", momentum)
    if input.ndim < 2 and input.shape != (0,):  # an empty vector is allowed, as in torch
        raise ValueError(f"input has shape {input.shape}; allowed: (N, C) or (N, C, d1, ...)")
    count = math.prod(input.shape[:1] + input.shape[2:])
    if training and count == 1:
        raise ValueError(f"input has shape {input.shape}; allowed in training: more than 1 value for each channel")
    if eps < 0 or (training and eps == 0):
        raise ValueError(f"eps must be {'above 0 in training' if training else 'at least 0'}; got {eps}")
    if (running_mean is None) != (running_var is None) or (running_mean is None and not training):
        raise ValueError(
            f"running_mean and running_var are {_given(running_mean)} and {_given(running_var)}; "
            "allowed: both given, or both None in training"
        )
    shape = input.shape[1:2] or (0,)
    given = {"running_mean": running_mean, "running_var": running_var, "weight": weight, "bias": bias}
    return input, [_channel_numbers(name, value, shape, input) for name, value in given.items()]


def _channel_numbers(name: str, value: Any, shape: tuple[int, ...], input: np.ndarray) -> np.ndarray | None:
    if value is None:
        return None
    array = check_numeric(name, value, "f")
    check_same_dtype("input", input, name, array)
    if array.shape != shape:
        raise ValueError(f"{name} has shape {array.shape}; allowed: one number for each channel, {shape}")
    return array


def _moments(input: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance (over n) of each channel.

    A first mean in the input's dtype is subtracted, and what is left is summed: float32 sums of a large batch drift.
    """
    count, C = input.size // input.shape[1], input.shape[1]
    mean, var = np.empty(C, input.dtype), np.empty(C, input.dtype)

    def work(channels: slice, x: np.ndarray) -> None:
        first = (_sums(x) / count).astype(x.dtype)
        rest = x - first[:, None]  # (N, c, p)
        shift = _sums(rest) / count
        mean[channels], var[channels] = first + shift, _dots(rest, rest) / count - shift * shift

    _run_channels(work, input)
    return mean, var


def _run_channels(work: Callable[..., None], *arrays: np.ndarray) -> None:
    """Call work on some channels at a time of arrays (N, C, d1, ...), and with these channels: (N, c, p)."""
    N, C = arrays[0].shape[:2]
    flat = [a.reshape(N, C, -1) if a.ndim > 2 else a.T[None] for a in arrays]  # (N, C) -> (1, C, N)
    blocks = split_into_blocks(C, 1, arrays[0].nbytes // C, BUDGET)
    run_blocks(lambda channels, _: work(channels, *[a[:, channels] for a in flat]), blocks)


def _sums(a: np.ndarray) -> np.ndarray:
    """The sums of a (N, c, p) over images and pixels, over images in float64: (c,)."""
    return a.sum(axis=2).sum(axis=0, dtype=np.float64)


def _dots(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The sums of a * b, both (N, c, p), over images and pixels, over images in float64: (c,)."""
    return np.vecdot(a, b).sum(axis=0, dtype=np.float64)


def _typed(name: str, value: Any, input: np.ndarray) -> Any:
    """value in input's dtype, so that results keep it; float32 for integers, as in torch."""
    return (input.dtype if input.dtype.kind == "f" else np.dtype(np.float32)).type(check_real(name, value))


def _copy(array: np.ndarray | None) -> np.ndarray | None:
    return None if array is None else array.copy()


def _zeros(array: np.ndarray | None) -> np.ndarray | None:
    return None if array is None else np.zeros_like(array)


def _given(array: Any) -> str:
    return "None" if array is None else "given"
