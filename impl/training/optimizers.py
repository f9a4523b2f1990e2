"""Optimizers with the book's interface, update(params, grads), and torch.optim's formulas.

lr: step size, may be changed between updates. weight_decay: L2, added to the gradient as weight_decay * parameter;
with decoupled=True it shrinks the parameter itself by lr * weight_decay instead, past the optimizer's scaling (AdamW).
Parameters are changed in place. Source: the book's section 6.1; Loshchilov, Hutter 2019 for the decoupled decay.
"""

from collections.abc import Iterator

import numpy as np

Arrays = dict[str, np.ndarray]


class SGD:
    """W -= lr * dW"""

    def __init__(self, lr: float = 0.01, weight_decay: float = 0.0, decoupled: bool = False):
        _check(lr=lr, weight_decay=weight_decay)
        self.lr, self.weight_decay, self.decoupled = lr, weight_decay, decoupled

    def update(self, params: Arrays, grads: Arrays) -> None:
        """One step, in place."""
        for key, grad in _decayed(self, params, grads):
            params[key] -= self.lr * grad


class Momentum:
    """v = momentum * v + dW;  W -= lr * v  (the book puts lr into v: the same as long as lr does not change)"""

    def __init__(self, lr: float = 0.01, momentum: float = 0.9, weight_decay: float = 0.0, decoupled: bool = False):
        _check(lr=lr, weight_decay=weight_decay, momentum=momentum)
        self.lr, self.momentum, self.weight_decay, self.decoupled = lr, momentum, weight_decay, decoupled
        self.v: Arrays = {}

    def update(self, params: Arrays, grads: Arrays) -> None:
        """One step, in place."""
        for key, grad in _decayed(self, params, grads):
            v = self.v.setdefault(key, np.zeros_like(grad))
            v *= self.momentum
            v += grad
            params[key] -= self.lr * v


class Nesterov:
    """v = momentum * v + dW;  W -= lr * (dW + momentum * v): the gradient as if a step ahead

    torch's form (the book has another one, which is the same after a change of variables as long as lr stays).
    Source: Nesterov 1983; Sutskever et al. 2013.
    """

    def __init__(self, lr: float = 0.01, momentum: float = 0.9, weight_decay: float = 0.0, decoupled: bool = False):
        _check(lr=lr, weight_decay=weight_decay, momentum=momentum)
        self.lr, self.momentum, self.weight_decay, self.decoupled = lr, momentum, weight_decay, decoupled
        self.v: Arrays = {}

    def update(self, params: Arrays, grads: Arrays) -> None:
        """One step, in place."""
        for key, grad in _decayed(self, params, grads):
            v = self.v.setdefault(key, np.zeros_like(grad))
            v *= self.momentum
            v += grad
            params[key] -= self.lr * (grad + self.momentum * v)


class AdaGrad:
    """h += dW**2;  W -= lr * dW / (sqrt(h) + eps)"""

    def __init__(self, lr: float = 0.01, eps: float = 1e-10, weight_decay: float = 0.0, decoupled: bool = False):
        _check(lr=lr, weight_decay=weight_decay, eps=eps)
        self.lr, self.eps, self.weight_decay, self.decoupled = lr, eps, weight_decay, decoupled
        self.h: Arrays = {}

    def update(self, params: Arrays, grads: Arrays) -> None:
        """One step, in place."""
        for key, grad in _decayed(self, params, grads):
            h = self.h.setdefault(key, np.zeros_like(grad))
            h += grad * grad
            params[key] -= self.lr * grad / (np.sqrt(h) + self.eps)


class RMSProp:
    """h = alpha * h + (1 - alpha) * dW**2;  W -= lr * dW / (sqrt(h) + eps). Source: Hinton 2012, lecture 6e."""

    def __init__(
        self,
        lr: float = 0.01,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        decoupled: bool = False,
    ):
        _check(lr=lr, weight_decay=weight_decay, alpha=alpha, eps=eps)
        self.lr, self.alpha, self.eps = lr, alpha, eps
        self.weight_decay, self.decoupled = weight_decay, decoupled
        self.h: Arrays = {}

    def update(self, params: Arrays, grads: Arrays) -> None:
        """One step, in place."""
        for key, grad in _decayed(self, params, grads):
            h = self.h.setdefault(key, np.zeros_like(grad))
            h += (1 - self.alpha) * (grad * grad - h)
            params[key] -= self.lr * grad / (np.sqrt(h) + self.eps)


class Adam:
    """m, v: running means of dW and dW**2, corrected for their start at 0;  W -= lr * m / (sqrt(v) + eps)

    eps is added after the correction, as in the paper and in torch. Source: Kingma, Ba 2015, algorithm 1.
    """

    def __init__(
        self,
        lr: float = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        decoupled: bool = False,
    ):
        _check(lr=lr, weight_decay=weight_decay, beta1=beta1, beta2=beta2, eps=eps)
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.weight_decay, self.decoupled = weight_decay, decoupled
        self.iter = 0
        self.m: Arrays = {}
        self.v: Arrays = {}

    def update(self, params: Arrays, grads: Arrays) -> None:
        """One step, in place."""
        self.iter += 1
        step = self.lr / (1 - self.beta1**self.iter)
        correction = (1 - self.beta2**self.iter) ** 0.5
        for key, grad in _decayed(self, params, grads):
            m = self.m.setdefault(key, np.zeros_like(grad))
            v = self.v.setdefault(key, np.zeros_like(grad))
            m += (1 - self.beta1) * (grad - m)
            v += (1 - self.beta2) * (grad * grad - v)
            params[key] -= step * m / (np.sqrt(v) / correction + self.eps)


OPTIMIZERS = {
    "sgd": SGD,
    "momentum": Momentum,
    "nesterov": Nesterov,
    "adagrad": AdaGrad,
    "rmsprop": RMSProp,
    "adam": Adam,
}
Optimizer = SGD | Momentum | Nesterov | AdaGrad | RMSProp | Adam


def _decayed(optimizer: Optimizer, params: Arrays, grads: Arrays) -> Iterator[tuple[str, np.ndarray]]:
    """(name, gradient) of each parameter, the weight decay entered where the optimizer wants it."""
    for key, grad in grads.items():
        if optimizer.weight_decay and optimizer.decoupled:
            params[key] *= 1 - optimizer.lr * optimizer.weight_decay
        elif optimizer.weight_decay:
            grad = grad + optimizer.weight_decay * params[key]
        yield key, grad


def _check(**settings: float) -> None:
    for name, value in settings.items():
        below_one = name in ("momentum", "beta1", "beta2", "alpha")
        if not 0 <= value < (1 if below_one else float("inf")):
            allowed = "0 <= value < 1" if below_one else "a finite number, 0 or more"
            raise ValueError(f"{name}={value!r}: allowed is {allowed}")
