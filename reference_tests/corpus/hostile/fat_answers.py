"""Answers every question with 60 MB."""

import numpy as np


class Relu:
    def forward(self, x):
        return np.zeros(60 << 20, "u1")

    def backward(self, dout):
        return np.zeros(60 << 20, "u1")
