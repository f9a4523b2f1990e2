"""The functions of the book's common/functions.py and common/gradient.py that layers are made of."""

from collections.abc import Callable
from typing import Any

import numpy as np


def identity_function(x: Any) -> Any:
    """Return x."""
    return x


def step_function(x: Any) -> Any:
    """Return 1 where x is above 0, else 0."""
    return (np.asarray(x) > 0).astype(int)


def sigmoid(x: Any) -> Any:
    """Return 1 / (1 + exp(-x)), without overflow."""
    small = np.exp(-np.abs(x))
    return np.where(np.asarray(x) >= 0, 1.0, small) / (1.0 + small)


def sigmoid_grad(x: Any) -> Any:
    """Return the derivative of the sigmoid at x."""
    y = sigmoid(x)
    return y * (1.0 - y)


def relu(x: Any) -> Any:
    """Return x where it is above 0, else 0."""
    return np.maximum(0, x)


def relu_grad(x: Any) -> Any:
    """Return the derivative of relu at x: 1 where x is above 0, else 0."""
    return (np.asarray(x) > 0).astype(float)


def tanh(x: Any) -> Any:
    """Return the hyperbolic tangent."""
    return np.tanh(x)


def softmax(x: Any) -> Any:
    """Return the probabilities of the last axis."""
    powers = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def sum_squared_error(y: Any, t: Any) -> Any:
    """Return half the sum of squares, as the book has it."""
    return 0.5 * np.sum((y - t) ** 2)


def cross_entropy_error(y: Any, t: Any) -> Any:
    """Return the mean over the batch of -log of the right class's probability. t: labels, or one-hot rows."""
    y, t = np.atleast_2d(y), np.asarray(t)
    if t.size == y.size:
        t = t.reshape(y.shape).argmax(axis=1)
    chosen = y[np.arange(len(y)), t.reshape(-1)]
    return -np.mean(np.log(chosen + np.where(chosen > 0, 0.0, 1e-7)))


def softmax_loss(X: Any, t: Any) -> Any:
    """Return the cross-entropy of the softmax."""
    return cross_entropy_error(softmax(X), t)


def numerical_gradient(f: Callable[[Any], Any], x: Any) -> Any:
    """Return the gradient of f at x by central differences; x is changed meanwhile, and put back."""
    h, grad = 1e-4, np.zeros_like(x)
    for at in np.ndindex(x.shape):
        old = x[at]
        x[at] = old + h
        above = f(x)
        x[at] = old - h
        below = f(x)
        x[at] = old
        grad[at] = (above - below) / (2 * h)
    return grad
