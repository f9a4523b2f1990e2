"""Returns a dict with keys that are half characters, objects and formats."""

import numpy as np


class Key:
    def __str__(self):
        return "\ud800{0.__class__}"


class Relu:
    def forward(self, x):
        return {"\ud800": x, Key(): x, "{0.__class__}": x, ("r.", "i.x"): x, "": x}

    def backward(self, dout):
        return np.full_like(dout, 7.0)
