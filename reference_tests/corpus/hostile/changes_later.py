"""Changes what it has returned when it is called again."""

import numpy as np


class Relu:
    kept = np.zeros((64, 64))

    def forward(self, x):
        Relu.kept += 7
        return Relu.kept[: len(x), : x.shape[-1]]

    def backward(self, dout):
        return Relu.kept
