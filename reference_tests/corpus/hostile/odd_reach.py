"""Declares a reach of formats, negative sizes and texts."""

import numpy as np


class Relu:
    reach = {"{0.__class__}": [1], "axes": ["{0}", -1, "same", "x" * 999], "\ud800": [2]}  # noqa: RUF012

    def forward(self, x):
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
