import numpy as np
import nnfs
from nnfs.datasets import spiral_data

nnfs.init()


# Dense layer
class Layer_Dense:

    # Layer initialization
    def __init__(self, n_inputs, n_neurons):
        self.weights = 0.01 * np.random.randn(n_inputs, n_neurons)
        self.biases = np.zeros((1, n_neurons))

    # Forward pass
    def forward(self, inputs):
        # Remember input values
        self.inputs = inputs
        self.output = np.dot(inputs, self.weights) + self.biases

    # Backward pass
    def backward(self, dvalues):
        # Gradients on parameters
        self.dweights = np.dot(self.inputs.T, dvalues)
        self.dbiases = np.mean(dvalues, axis=0, keepdims=True)
        # Gradient on values
        self.dinputs = np.dot(dvalues, self.weights.T)


# ReLU activation
class Activation_ReLU:

    def forward(self, inputs):
        self.inputs = inputs
        self.output = np.maximum(0, inputs)

    def backward(self, dvalues):
        self.dinputs = dvalues.copy()
        self.dinputs[self.inputs <= 0] = 0


class Activation_Sigmoid:

    def forward(self, inputs):
        self.inputs = inputs
        self.output = 1 / (1 + np.exp(-inputs))

    def backward(self, dvalues):
        self.dinputs = dvalues * (1 - self.output) * self.output


# Dropout
class Layer_Dropout:

    def __init__(self, rate):
        # Store rate, we invert it as for example for dropout of 0.1 we need success rate of 0.9
        self.rate = 1 - rate

    def forward(self, inputs, training):
        self.inputs = inputs
        if not training:
            self.output = inputs.copy()
            return
        self.binary_mask = np.random.binomial(1, self.rate, size=inputs.shape) / self.rate
        self.output = inputs * self.binary_mask

    def backward(self, dvalues):
        self.dinputs = dvalues * self.binary_mask


class Layer_Conv2D:
    def __init__(self, n_channels, n_filters, filter_size, stride=1, padding=0):
        self.filter_size, self.stride, self.padding = filter_size, stride, padding
        self.weights = 0.1 * np.random.randn(n_filters, n_channels, filter_size, filter_size)
        self.biases = np.zeros((1, n_filters))

    def forward(self, inputs):
        p, s, f = self.padding, self.stride, self.filter_size
        self.inputs = inputs
        self.padded = np.pad(inputs, ((0, 0), (0, 0), (p, p), (p, p)))
        oh = (self.padded.shape[2] - f) // s + 1
        ow = (self.padded.shape[3] - f) // s + 1
        self.output = np.zeros((inputs.shape[0], self.weights.shape[0], oh, ow))
        for y in range(oh):
            for x in range(ow):
                self.output[:, :, y, x] = np.tensordot(self.padded[:, :, y * s:y * s + f, x * s:x * s + f], self.weights, axes=([1, 2, 3], [1, 2, 3])) + self.biases

    def backward(self, dvalues):
        p, s, f = self.padding, self.stride, self.filter_size
        self.dweights = np.zeros_like(self.weights)
        self.dbiases = np.sum(dvalues, axis=(0, 2, 3)).reshape(1, -1)
        d = np.zeros_like(self.padded)
        for y in range(dvalues.shape[2]):
            for x in range(dvalues.shape[3]):
                g = dvalues[:, :, y, x]
                self.dweights += np.tensordot(g, self.padded[:, :, y * s:y * s + f, x * s:x * s + f], axes=([0], [0]))
                d[:, :, y * s:y * s + f, x * s:x * s + f] += np.tensordot(g, self.weights, axes=([1], [0]))
        self.dinputs = d[:, :, p:d.shape[2] - p, p:d.shape[3] - p]


# Softmax classifier - combined Softmax activation and cross-entropy loss
class Activation_Softmax_Loss_CategoricalCrossentropy():

    def forward(self, inputs, y_true):
        exp_values = np.exp(inputs - np.max(inputs, axis=1, keepdims=True))
        self.output = exp_values / np.sum(exp_values, axis=1, keepdims=True)
        samples = len(inputs)
        y_pred_clipped = np.clip(self.output, 1e-7, 1 - 1e-7)
        if len(y_true.shape) == 1:
            correct = y_pred_clipped[range(samples), y_true]
        else:
            correct = np.sum(y_pred_clipped * y_true, axis=1)
        return np.mean(-np.log(correct))

    def backward(self, dvalues, y_true):
        samples = len(dvalues)
        if len(y_true.shape) == 2:
            y_true = np.argmax(y_true, axis=1)
        self.dinputs = dvalues.copy()
        self.dinputs[range(samples), y_true] -= 1
        self.dinputs = self.dinputs / samples


X, y = spiral_data(samples=100, classes=3)
dense1 = Layer_Dense(2, 3)
dense1.forward(X)
print(dense1.output[:5])
