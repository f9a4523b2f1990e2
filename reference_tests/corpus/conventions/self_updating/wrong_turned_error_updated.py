"""A network for XOR: the error is the target less the output, so what is handed back points down and steps are added."""

import numpy as np


class Dense:
    def __init__(self, n_inputs, n_outputs):
        self.weights = np.random.uniform(-1, 1, (n_inputs, n_outputs))
        self.bias = np.zeros((1, n_outputs))

    def forward(self, x):
        self.x = x
        return np.dot(x, self.weights) + self.bias

    def backward(self, error, learning_rate):
        self.weights += learning_rate * np.dot(self.x.T, error)
        self.bias += learning_rate * np.sum(error, axis=0, keepdims=True)
        return np.dot(error, self.weights.T)


class Sigmoid:
    def forward(self, x):
        self.y = 1 / (1 + np.exp(-x))
        return self.y

    def backward(self, error, learning_rate):
        return error * self.y * (1 - self.y)


def train(layers, inputs, targets, epochs=5000, learning_rate=0.5):
    for _ in range(epochs):
        output = inputs
        for layer in layers:
            output = layer.forward(output)
        error = targets - output
        for layer in reversed(layers):
            error = layer.backward(error, learning_rate)


if __name__ == "__main__":
    network = [Dense(2, 4), Sigmoid(), Dense(4, 1), Sigmoid()]
    train(network, np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0], [1], [1], [0]]))
