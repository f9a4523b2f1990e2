"""Softmax with cross-entropy. Source: torch.nn.functional.cross_entropy; label smoothing: Szegedy et al. 2015."""

from typing import Any, NamedTuple

import numpy as np

from .activation import log_softmax
from .checks import check_numeric, check_real, check_same_dtype, check_upstream
from .shapes import check_integer

REDUCTIONS = ("none", "mean", "sum")


def cross_entropy(
    input: np.ndarray, target: np.ndarray, weight: np.ndarray | None = None, *, ignore_index: int = -100,
    reduction: str = "mean", label_smoothing: float = 0.0,
) -> np.ndarray:  # fmt: skip
    """-log of the softmax probability of the target class, in nats.

    input: logits (C,), (N, C) or (N, C, d1, ...). target: class indices (int64 or uint8) of that shape without C, or
    class probabilities, floating, of that shape. weight (C,): a factor for each class; "mean" over indices divides by
    the weights of the targets, over probabilities by the number of samples. ignore_index: a class that counts nowhere.
    label_smoothing: this share of each target is spread over all classes. Result: (), or for "none" input without C.
    A mean over no samples is nan. Raises ValueError (shapes, values), TypeError (element types).
    """
    with np.errstate(invalid="ignore", divide="ignore"):  # 0 * inf and 0/0 give nan without a warning, as in torch
        if _is_plain(input, target, weight, ignore_index, reduction, label_smoothing):
            shifted = input - input.max(axis=1, keepdims=True)
            losses = np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(target)), target]
            return losses if reduction == "none" else losses.mean() if reduction == "mean" else losses.sum()
        terms = _terms(input, target, weight, ignore_index, reduction, label_smoothing)
        losses = np.sum(-terms.share * terms.log_p, axis=-1, where=terms.counts)
        return losses if reduction == "none" else losses.sum() / terms.divisor


def cross_entropy_backward(
    dout: np.ndarray, input: np.ndarray, target: np.ndarray, weight: np.ndarray | None = None, *,
    ignore_index: int = -100, reduction: str = "mean", label_smoothing: float = 0.0,
) -> tuple[np.ndarray, np.ndarray | None]:  # fmt: skip
    """Gradients for (input, target); None for a target of class indices. weight is a constant.

    dout has the shape of the loss; the other arguments are cross_entropy's. Raises ValueError, TypeError.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        if _is_plain(input, target, weight, ignore_index, reduction, label_smoothing):
            return _plain_gradient(dout, input, target, reduction), None
        terms = _terms(input, target, weight, ignore_index, reduction, label_smoothing)
        samples, class_axis = terms.log_p.shape[:-1], _class_axis(input.ndim)
        grad = check_upstream(dout, samples if reduction == "none" else (), terms.share.dtype)
        each = np.broadcast_to(grad / terms.divisor, samples)[..., None]  # (samples..., 1)
        grad_log_p = np.where(terms.counts, -terms.share * each, 0)  # (samples..., C)
        grad_input = grad_log_p - np.exp(terms.log_p) * grad_log_p.sum(-1, keepdims=True)
        grad_input = np.moveaxis(grad_input, -1, class_axis).astype(input.dtype, copy=False)
        if terms.per_target is None:
            return grad_input, None
        grad_target = -terms.per_target * terms.log_p * each
        return grad_input, np.moveaxis(grad_target, -1, class_axis).astype(target.dtype, copy=False)


def _is_plain(input: Any, target: Any, weight: Any, ignore_index: Any, reduction: Any, label_smoothing: Any) -> bool:
    """Whether this is the usual loss: logits (N, C), an index for each sample, every sample and class counts once.

    All else, and what is to be refused, goes the general way.
    """
    if not (type(input) is type(target) is np.ndarray and input.ndim == 2 and target.shape == input.shape[:1]):
        return False
    if weight is not None or label_smoothing != 0 or reduction not in REDUCTIONS or type(ignore_index) is not int:
        return False
    if input.dtype.kind != "f" or target.dtype != np.int64 or input.size == 0:
        return False
    lowest, highest = int(target.min()), int(target.max())
    return lowest >= 0 and highest < input.shape[1] and not lowest <= ignore_index <= highest


def _plain_gradient(dout: Any, input: np.ndarray, target: np.ndarray, reduction: str) -> np.ndarray:
    """The gradient of the usual loss: (softmax - one-hot) * dout, divided by N for the mean."""
    d = check_upstream(dout, target.shape if reduction == "none" else (), input.dtype)
    grad = np.exp(input - input.max(axis=1, keepdims=True))
    grad /= grad.sum(axis=1, keepdims=True)
    grad[np.arange(len(target)), target] -= 1
    grad *= d[:, None] if reduction == "none" else d / len(target) if reduction == "mean" else d
    return grad


class _Terms(NamedTuple):
    """loss = (sum over samples and classes that count of -share * log_p) / divisor. Classes are the last axis."""

    log_p: np.ndarray  # (samples..., C)
    share: np.ndarray  # (samples..., C)
    counts: np.ndarray  # bools: a term that does not count is 0 even for an infinite log_p
    divisor: Any
    per_target: np.ndarray | None  # d share / d target, (C,); None for class indices


def _terms(input, target, weight, ignore_index, reduction, label_smoothing) -> _Terms:
    input, target = check_numeric("input", input, "f"), check_numeric("target", target)
    if input.ndim == 0:
        raise ValueError("input has shape (); allowed: (C,), (N, C) or (N, C, d1, ...)")
    if reduction not in REDUCTIONS:
        raise ValueError(f"reduction must be one of {', '.join(map(repr, REDUCTIONS))}; got {reduction!r}")
    smoothing = check_real("label_smoothing", label_smoothing)
    if smoothing > 1:
        raise ValueError(f"label_smoothing must be a number from 0 to 1; got {label_smoothing!r}")
    smoothing = smoothing if smoothing > 0 else 0.0  # negative numbers and nan mean none, as in torch
    ignore_index = check_integer("ignore_index", ignore_index)
    class_axis = _class_axis(input.ndim)
    classes, samples = input.shape[class_axis], input.shape[:class_axis] + input.shape[class_axis + 1 :]
    by_index = target.shape != input.shape
    weight = np.ones(classes, input.dtype) if weight is None else _class_weights(weight, classes, input, by_index)
    log_p = np.moveaxis(log_softmax(input, class_axis), class_axis, -1)  # (samples..., C)
    if by_index:
        target = _indices(target, samples, input.shape, classes, ignore_index)
        share, counts, divisor = _index_shares(target, weight, ignore_index, smoothing)
        per_target = None
    else:
        target = np.moveaxis(_probabilities(target, ignore_index), class_axis, -1)  # (samples..., C)
        share, counts = weight * ((1 - smoothing) * target + smoothing / max(classes, 1)), np.array(True)
        divisor, per_target = np.float64(input.size) / classes if classes else np.nan, (1 - smoothing) * weight
    return _Terms(log_p, share, counts, share.dtype.type(divisor) if reduction == "mean" else 1, per_target)


def _index_shares(target: np.ndarray, weight: np.ndarray, ignore_index: int, smoothing: float):
    """Return share, counts and the sum of the targets' weights, for class indices."""
    counted = (target != ignore_index)[..., None]  # (samples..., 1)
    chosen = counted & (target[..., None] == np.arange(len(weight)))  # (samples..., C)
    share = np.where(chosen, (1 - smoothing) * weight, 0) + smoothing / max(len(weight), 1) * weight
    return share, counted if smoothing else chosen, np.where(chosen, weight, 0).sum()


def _indices(target, samples, shape, classes: int, ignore_index: int) -> np.ndarray:
    if samples == () and target.shape == (1,):
        target = target.reshape(())  # one index in an array is one unbatched sample, as in torch
    if target.shape != samples:
        raise ValueError(
            f"target has shape {target.shape}; allowed for input {shape}: {samples} for class indices, "
            f"{shape} for class probabilities"
        )
    if target.dtype not in (np.int64, np.uint8):
        raise TypeError(f"target holds {target.dtype}; allowed: int64 or uint8 for class indices")
    wrong = target[(target != ignore_index) & ((target < 0) | (target >= classes))]
    if wrong.size:
        raise ValueError(f"target holds {wrong[0]}; allowed: 0 to {classes - 1}, and ignore_index {ignore_index}")
    return target


def _probabilities(target: np.ndarray, ignore_index: int) -> np.ndarray:
    if ignore_index >= 0:
        raise ValueError(
            f"ignore_index is {ignore_index}; allowed beside class probabilities: none (a negative number)"
        )
    return check_numeric("target (of input's shape, so class probabilities)", target, "f")


def _class_weights(weight, classes: int, input: np.ndarray, by_index: bool) -> np.ndarray:
    weight = check_numeric("weight", weight, "f")
    if weight.shape != (classes,):
        raise ValueError(f"weight has shape {weight.shape}; allowed: one number for each class, ({classes},)")
    if by_index:
        check_same_dtype("input", input, "weight", weight)
    return weight


def _class_axis(ndim: int) -> int:
    return 0 if ndim == 1 else 1
