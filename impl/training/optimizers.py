"""Optimizers with the book's interface, update(params, grads), and torch.optim's formulas.

lr: step size, may be changed between updates. weight_decay: L2, added to the gradient as weight_decay * parameter;
with decoupled=True it shrinks the parameter itself by lr * weight_decay instead, not scaled by the optimizer (AdamW).
Parameters are changed in place. Source: the book's section 6.1; Loshchilov, Hutter 2019 for the decoupled decay.
"""

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np

Arrays = dict[str, np.ndarray]


class Optimizer:
    """The settings that all optimizers share, and their state: what they remember from step to step.

    Raises ValueError for a setting out of range.
    """

    def __init__(self, lr: float = 0.01, weight_decay: float = 0.0, decoupled: bool = False, **settings: float):
        for name, value in {"lr": lr, "weight_decay": weight_decay, **settings}.items():
            below_one = name in ("momentum", "beta1", "beta2", "alpha")
            if not 0 <= value < (1 if below_one else float("inf")):
                allowed = "0 <= value < 1" if below_one else "a finite number, 0 or more"
                raise ValueError(f"{name}={value!r}: allowed is {allowed}")
        self.lr, self.weight_decay, self.decoupled = lr, weight_decay, decoupled

    def update(self, params: Arrays, grads: Arrays) -> None:
        """Take one step: change params in place by their gradients."""
        raise NotImplementedError

    def state_dict(self) -> dict[str, Any]:
        """Return settings and memory by name; arrays in dicts by the parameters' names, not copied."""
        return dict(vars(self))

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Copy settings and memory from the state of an optimizer of the same class."""
        vars(self).update(copy.deepcopy(state))

    def _decayed(self, params: Arrays, grads: Arrays) -> Iterator[tuple[str, np.ndarray]]:
        """Yield each parameter's name and gradient, with the weight decay in the gradient or already in params."""
        for key, grad in grads.items():
            if self.weight_decay and self.decoupled:
                params[key] *= 1 - self.lr * self.weight_decay
            elif self.weight_decay:
                grad = grad + self.weight_decay * params[key]
            yield key, grad


class SGD(Optimizer):
    """W -= lr * dW"""

    def update(self, params: Arrays, grads: Arrays) -> None:
        for key, grad in self._decayed(params, grads):
            params[key] -= self.lr * grad


class Momentum(Optimizer):
    """v = momentum * v + dW;  W -= lr * v  (the book puts lr into v: the same as long as lr does not change)"""

    def __init__(self, lr: float = 0.01, momentum: float = 0.9, weight_decay: float = 0.0, decoupled: bool = False):
        super().__init__(lr, weight_decay, decoupled, momentum=momentum)
        self.momentum = momentum
        self.v: Arrays = {}

    def update(self, params: Arrays, grads: Arrays) -> None:
        for key, grad in self._decayed(params, grads):
            params[key] -= self.lr * self._velocity(key, grad)

    def _velocity(self, key: str, grad: np.ndarray) -> np.ndarray:
        v = self.v.setdefault(key, np.zeros_like(grad))
        v *= self.momentum
        v += grad
        return v


class Nesterov(Momentum):
    """v = momentum * v + dW;  W -= lr * (dW + momentum * v): the gradient as if a step ahead

    torch's form (the book has another one, which is the same after a change of variables as long as lr stays).
    Source: Nesterov 1983; Sutskever et al. 2013.
    """

    def update(self, params: Arrays, grads: Arrays) -> None:
        for key, grad in self._decayed(params, grads):
            params[key] -= self.lr * (grad + self.momentum * self._velocity(key, grad))


class AdaGrad(Optimizer):
    """h += dW**2;  W -= lr * dW / (sqrt(h) + eps)"""

    def __init__(self, lr: float = 0.01, eps: float = 1e-10, weight_decay: float = 0.0, decoupled: bool = False):
        super().__init__(lr, weight_decay, decoupled, eps=eps)
        self.eps = eps
        self.h: Arrays = {}

    def update(self, params: Arrays, grads: Arrays) -> None:
        for key, grad in self._decayed(params, grads):
            h = self.h.setdefault(key, np.zeros_like(grad))
            h += grad * grad
            params[key] -= self.lr * grad / (np.sqrt(h) + self.eps)


class RMSProp(Optimizer):
    """h = alpha * h + (1 - alpha) * dW**2;  W -= lr * dW / (sqrt(h) + eps). Source: Hinton 2012, lecture 6e."""

    def __init__(
        self, lr: float = 0.01, alpha: float = 0.99, eps: float = 1e-8, weight_decay: float = 0.0,
        decoupled: bool = False,
    ):  # fmt: skip
        super().__init__(lr, weight_decay, decoupled, alpha=alpha, eps=eps)
        self.alpha, self.eps = alpha, eps
        self.h: Arrays = {}

    def update(self, params: Arrays, grads: Arrays) -> None:
        for key, grad in self._decayed(params, grads):
            h = self.h.setdefault(key, np.zeros_like(grad))
            h += (1 - self.alpha) * (grad * grad - h)
            params[key] -= self.lr * grad / (np.sqrt(h) + self.eps)


class Adam(Optimizer):
    """m, v: running means of dW and dW**2, corrected for their start at 0;  W -= lr * m / (sqrt(v) + eps)

    eps is added after the correction, as in the paper and in torch. Source: Kingma, Ba 2015, algorithm 1.
    """

    def __init__(
        self, lr: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8, weight_decay: float = 0.0,
        decoupled: bool = False,
    ):  # fmt: skip
        super().__init__(lr, weight_decay, decoupled, beta1=beta1, beta2=beta2, eps=eps)
        self.beta1, self.beta2, self.eps = beta1, beta2, eps
        self.iter = 0
        self.m: Arrays = {}
        self.v: Arrays = {}

    def update(self, params: Arrays, grads: Arrays) -> None:
        self.iter += 1
        step = self.lr / (1 - self.beta1**self.iter)
        correction = (1 - self.beta2**self.iter) ** 0.5
        for key, grad in self._decayed(params, grads):
            m = self.m.setdefault(key, np.zeros_like(grad))
            v = self.v.setdefault(key, np.zeros_like(grad))
            m += (1 - self.beta1) * (grad - m)
            v += (1 - self.beta2) * (grad * grad - v)
            params[key] -= step * m / (np.sqrt(v) / correction + self.eps)


OPTIMIZERS: dict[str, type[Optimizer]] = {
    optimizer.__name__.lower(): optimizer for optimizer in (SGD, Momentum, Nesterov, AdaGrad, RMSProp, Adam)
}
