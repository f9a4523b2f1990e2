"""Half done: a layer with forward only, one that leans on a star import that fails, a broken method."""

import numpy as np
from func.layer import *


class Sigmoid:
    def forward(self, x):
        return 1 / (1 + np.exp(-x))


class SimpleConvNet:
    def __init__(self, input_dim=(1, 28, 28)):
        self.layers = [Convolution(None, None), Sigmoid()]

    def predict(self, x):
        return x


class Relu:
    def forward(self, x):
        np.where(x > 0, x, 0)  # the return is forgotten

    def backward(self, dout):
        return dout * self.msak
