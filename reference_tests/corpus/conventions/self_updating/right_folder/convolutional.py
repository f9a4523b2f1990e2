import numpy as np
from layer import Layer


def correlate(a, k):
    h, w = k.shape
    out = np.zeros((a.shape[0] - h + 1, a.shape[1] - w + 1))
    for i in range(h):
        for j in range(w):
            out += k[i, j] * a[i:i + out.shape[0], j:j + out.shape[1]]
    return out


class Convolutional(Layer):
    def __init__(self, input_shape, kernel_size, depth):
        input_depth, input_height, input_width = input_shape
        self.depth = depth
        self.input_shape = input_shape
        self.input_depth = input_depth
        self.output_shape = (depth, input_height - kernel_size + 1, input_width - kernel_size + 1)
        self.kernels_shape = (depth, input_depth, kernel_size, kernel_size)
        self.kernels = np.random.randn(*self.kernels_shape)
        self.biases = np.random.randn(*self.output_shape)

    def forward(self, input):
        self.input = input
        self.output = np.copy(self.biases)
        for i in range(self.depth):
            for j in range(self.input_depth):
                self.output[i] += correlate(self.input[j], self.kernels[i, j])
        return self.output

    def backward(self, output_gradient, learning_rate):
        kernels_gradient = np.zeros(self.kernels_shape)
        input_gradient = np.zeros(self.input_shape)
        k = self.kernels_shape[2] - 1
        for i in range(self.depth):
            padded = np.pad(output_gradient[i], k)
            for j in range(self.input_depth):
                kernels_gradient[i, j] = correlate(self.input[j], output_gradient[i])
                input_gradient[j] += correlate(padded, np.rot90(self.kernels[i, j], 2))
        self.kernels -= learning_rate * kernels_gradient
        self.biases -= learning_rate * output_gradient
        return input_gradient
