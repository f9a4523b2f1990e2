"""The activations: a function of each number by itself, for x of any shape.

    Relu       out = max(x, 0)             dx = dout where x > 0, else 0
    Sigmoid    out = 1 / (1 + exp(-x))     dx = dout * (1 - out) * out
    Tanh       out = tanh(x)               dx = dout * (1 - out^2)

out, dout and dx have the shape of x.
"""

import numpy as np


class Relu:
    """The rectified linear unit, max(x, 0). Its slope at 0 is taken as 0."""

    def forward(self, x):
        self.mask = x <= 0
        out = x.copy()
        out[self.mask] = 0
        return out

    def backward(self, dout):
        dx = dout.copy()
        dx[self.mask] = 0
        return dx


class Sigmoid:
    """The logistic function. exp sees no positive number, so that it cannot overflow."""

    def forward(self, x):
        e = np.exp(-np.abs(x))
        self.out = np.where(x >= 0, 1, e) / (1 + e)  # 1 / (1 + exp(-x)), or exp(x) / (exp(x) + 1) for x < 0
        return self.out

    def backward(self, dout):
        return dout * (1 - self.out) * self.out


class Tanh:
    """The hyperbolic tangent."""

    def forward(self, x):
        self.out = np.tanh(x)
        return self.out

    def backward(self, dout):
        return dout * (1 - self.out**2)
