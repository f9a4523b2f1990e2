"""Returns objects that run code in whoever unpickles them."""

import os

import numpy as np


class Code:
    def __reduce__(self):
        return os._exit, (0,)


class Relu:
    def forward(self, x):
        out = np.empty(x.shape, object)
        out.fill(Code())
        return out

    backward = forward
