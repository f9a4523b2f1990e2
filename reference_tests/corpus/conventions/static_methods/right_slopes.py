"""Activations whose two functions are static."""

import numpy as np


class Sigmoid:
    @staticmethod
    def activate(z):
        return 1 / (1 + np.exp(-z))

    @staticmethod
    def prime(z):
        s = 1 / (1 + np.exp(-z))
        return s * (1 - s)


class Tanh:
    @staticmethod
    def activate(z):
        return np.tanh(z)

    @staticmethod
    def prime(z):
        return 1 - np.tanh(z) ** 2


class ReLU:
    @staticmethod
    def activate(z):
        return np.where(z > 0, z, 0.0)

    @staticmethod
    def prime(z):
        return (z > 0).astype(float)
