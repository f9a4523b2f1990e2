"""Layers whose gradients are kept by backward, and whose parameters are moved by update."""

import numpy as np


class DenseLayer:
    def __init__(self, in_features, out_features):
        self.weight = np.random.randn(in_features, out_features) * 0.01
        self.bias = np.zeros(out_features)

    def forward(self, inputs):
        self.inputs = inputs
        return inputs @ self.weight + self.bias

    def backward(self, grad_output):
        self.grad_weight = self.inputs.T @ grad_output
        self.grad_bias = grad_output.sum(axis=0)
        return grad_output @ self.weight.T

    def update(self, learning_rate):
        self.weight -= learning_rate * self.grad_weight
        self.bias -= learning_rate * self.grad_bias


class ConvLayer:
    def __init__(self, in_channels, out_channels, kernel_size):
        self.k = kernel_size
        self.weight = np.random.randn(out_channels, in_channels, kernel_size, kernel_size) * 0.1
        self.bias = np.zeros(out_channels)

    def forward(self, inputs):
        self.shape = inputs.shape
        self.windows = np.lib.stride_tricks.sliding_window_view(inputs, (self.k, self.k), axis=(2, 3))
        return np.einsum("ncyxij,fcij->nfyx", self.windows, self.weight) + self.bias[:, None, None]

    def backward(self, grad_output):
        self.grad_weight = np.einsum("ncyxij,nfyx->fcij", self.windows, grad_output)
        self.grad_bias = grad_output.sum(axis=(0, 2, 3))
        grad_input = np.zeros(self.shape)
        rows, columns = grad_output.shape[2:]
        for i in range(self.k):
            for j in range(self.k):
                grad_input[:, :, i : i + rows, j : j + columns] += np.einsum(
                    "nfyx,fc->ncyx", grad_output, self.weight[:, :, i, j]
                )
        return grad_input

    def update(self, learning_rate):
        self.weight += learning_rate * self.grad_weight
        self.bias -= learning_rate * self.grad_bias
