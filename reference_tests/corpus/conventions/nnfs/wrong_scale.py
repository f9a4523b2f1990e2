import numpy as np


class Layer_Dense:
    def __init__(self, n_inputs, n_neurons):
        self.weights = 0.01 * np.random.randn(n_inputs, n_neurons)
        self.biases = np.zeros((1, n_neurons))

    def forward(self, inputs):
        self.inputs = inputs
        self.output = np.dot(inputs, self.weights) + self.biases

    def backward(self, dvalues):
        self.dweights = np.dot(self.inputs.T, dvalues)
        self.dbiases = np.sum(dvalues, axis=0, keepdims=True)
        self.dinputs = np.dot(dvalues, self.weights.T)


class Activation_ReLU:
    def forward(self, inputs):
        self.inputs = inputs
        self.output = np.maximum(0, inputs)

    def backward(self, dvalues):
        self.dinputs = dvalues.copy()
        self.dinputs[self.inputs <= 0] = 0


class Layer_Dropout:
    def __init__(self, rate):
        self.rate = 1 - rate

    def forward(self, inputs, training):
        self.inputs = inputs
        if not training:
            self.output = inputs.copy()
            return
        self.binary_mask = np.random.binomial(1, self.rate, size=inputs.shape)
        self.output = inputs * self.binary_mask

    def backward(self, dvalues):
        self.dinputs = dvalues * self.binary_mask


class Layer_Conv2D:
    def __init__(self, n_channels, n_filters, kernel_size, stride=1):
        self.weights = 0.01 * np.random.randn(n_filters, n_channels, kernel_size, kernel_size)
        self.biases = np.zeros((n_filters, 1))
        self.stride = stride

    def forward(self, inputs):
        self.inputs = inputs
        k, s = self.weights.shape[2], self.stride
        oh = (inputs.shape[2] - k) // s + 1
        ow = (inputs.shape[3] - k) // s + 1
        self.output = np.zeros((inputs.shape[0], self.weights.shape[0], oh, ow))
        for i in range(oh):
            for j in range(ow):
                patch = inputs[:, :, i * s:i * s + k, j * s:j * s + k]
                self.output[:, :, i, j] = np.tensordot(patch, self.weights, axes=([1, 2, 3], [1, 2, 3])) + self.biases[:, 0]

    def backward(self, dvalues):
        k, s = self.weights.shape[2], self.stride
        self.dinputs = np.zeros_like(self.inputs)
        self.dweights = np.zeros_like(self.weights)
        self.dbiases = np.sum(dvalues, axis=(0, 2, 3)).reshape(-1, 1)
        for i in range(dvalues.shape[2]):
            for j in range(dvalues.shape[3]):
                patch = self.inputs[:, :, i * s:i * s + k, j * s:j * s + k]
                self.dweights += np.tensordot(dvalues[:, :, i, j], patch, axes=([0], [0]))
                self.dinputs[:, :, i * s:i * s + k, j * s:j * s + k] += np.tensordot(dvalues[:, :, i, j], self.weights, axes=([1], [0]))


class Layer_MaxPool:
    def __init__(self, pool_size=2, stride=2):
        self.pool_size = pool_size
        self.stride = stride

    def forward(self, inputs):
        self.inputs = inputs
        p, s = self.pool_size, self.stride
        n, c, h, w = inputs.shape
        oh, ow = (h - p) // s + 1, (w - p) // s + 1
        self.output = np.zeros((n, c, oh, ow))
        for i in range(oh):
            for j in range(ow):
                self.output[:, :, i, j] = inputs[:, :, i * s:i * s + p, j * s:j * s + p].max(axis=(2, 3))

    def backward(self, dvalues):
        p, s = self.pool_size, self.stride
        self.dinputs = np.zeros_like(self.inputs)
        n, c, oh, ow = dvalues.shape
        for b in range(n):
            for ch in range(c):
                for i in range(oh):
                    for j in range(ow):
                        patch = self.inputs[b, ch, i * s:i * s + p, j * s:j * s + p]
                        r, q = np.unravel_index(np.argmax(patch), patch.shape)
                        self.dinputs[b, ch, i * s + r, j * s + q] += dvalues[b, ch, i, j]
