"""A CNN implemented from scratch with NumPy."""
import numpy as np


class Layer:
    def forward(self, input_data):
        raise NotImplementedError

    def backward(self, output_gradient, learning_rate):
        raise NotImplementedError


class ConvLayer(Layer):
    """2D convolution layer.

    Args:
        num_filters: number of filters
        filter_size: side of a filter
        input_channels: channels of the input
    """

    def __init__(self, num_filters, filter_size, input_channels, stride=1, padding=0):
        self.num_filters = num_filters
        self.filter_size = filter_size
        self.stride = stride
        self.padding = padding
        scale = np.sqrt(2.0 / (input_channels * filter_size * filter_size))
        self.filters = np.random.randn(num_filters, input_channels, filter_size, filter_size) * scale
        self.biases = np.zeros(num_filters)

    def forward(self, input_data):
        self.input = input_data
        batch_size, channels, h, w = input_data.shape
        out_h = (h + 2 * self.padding - self.filter_size) // self.stride + 1
        out_w = (w + 2 * self.padding - self.filter_size) // self.stride + 1
        padded = np.pad(input_data, ((0, 0), (0, 0), (self.padding,) * 2, (self.padding,) * 2), mode='constant')
        self.padded = padded
        output = np.zeros((batch_size, self.num_filters, out_h, out_w))
        for i in range(out_h):
            for j in range(out_w):
                hs, ws = i * self.stride, j * self.stride
                region = padded[:, :, hs:hs + self.filter_size, ws:ws + self.filter_size]
                for f in range(self.num_filters):
                    output[:, f, i, j] = np.sum(region * self.filters[f][:, ::-1, ::-1], axis=(1, 2, 3)) + self.biases[f]
        return output

    def backward(self, output_gradient, learning_rate):
        d_filters = np.zeros_like(self.filters)
        d_padded = np.zeros_like(self.padded)
        d_biases = np.sum(output_gradient, axis=(0, 2, 3))
        _, _, out_h, out_w = output_gradient.shape
        for i in range(out_h):
            for j in range(out_w):
                hs, ws = i * self.stride, j * self.stride
                region = self.padded[:, :, hs:hs + self.filter_size, ws:ws + self.filter_size]
                for f in range(self.num_filters):
                    g = output_gradient[:, f, i, j][:, None, None, None]
                    d_filters[f] += np.sum(region * g, axis=0)
                    d_padded[:, :, hs:hs + self.filter_size, ws:ws + self.filter_size] += g * self.filters[f]
        self.filters -= learning_rate * d_filters
        self.biases -= learning_rate * d_biases
        if self.padding > 0:
            return d_padded[:, :, self.padding:-self.padding, self.padding:-self.padding]
        return d_padded


class MaxPoolLayer(Layer):
    def __init__(self, pool_size=2, stride=2):
        self.pool_size = pool_size
        self.stride = stride

    def forward(self, input_data):
        self.input = input_data
        n, c, h, w = input_data.shape
        out_h = (h - self.pool_size) // self.stride + 1
        out_w = (w - self.pool_size) // self.stride + 1
        output = np.zeros((n, c, out_h, out_w))
        for i in range(out_h):
            for j in range(out_w):
                hs, ws = i * self.stride, j * self.stride
                output[:, :, i, j] = np.max(input_data[:, :, hs:hs + self.pool_size, ws:ws + self.pool_size], axis=(2, 3))
        return output

    def backward(self, output_gradient, learning_rate):
        d_input = np.zeros_like(self.input)
        n, c, out_h, out_w = output_gradient.shape
        for b in range(n):
            for ch in range(c):
                for i in range(out_h):
                    for j in range(out_w):
                        hs, ws = i * self.stride, j * self.stride
                        region = self.input[b, ch, hs:hs + self.pool_size, ws:ws + self.pool_size]
                        mi, mj = np.unravel_index(np.argmax(region), region.shape)
                        d_input[b, ch, hs + mi, ws + mj] += output_gradient[b, ch, i, j]
        return d_input


class ReLULayer(Layer):
    def forward(self, input_data):
        self.input = input_data
        return np.maximum(0, input_data)

    def backward(self, output_gradient, learning_rate):
        return output_gradient * (self.input > 0)


class FlattenLayer(Layer):
    def forward(self, input_data):
        self.input_shape = input_data.shape
        return input_data.reshape(input_data.shape[0], -1)

    def backward(self, output_gradient, learning_rate):
        return output_gradient.reshape(self.input_shape)


class DenseLayer(Layer):
    def __init__(self, input_size, output_size):
        self.weights = np.random.randn(input_size, output_size) * np.sqrt(2.0 / input_size)
        self.biases = np.zeros((1, output_size))

    def forward(self, input_data):
        self.input = input_data
        return np.dot(input_data, self.weights) + self.biases

    def backward(self, output_gradient, learning_rate):
        d_weights = np.dot(self.input.T, output_gradient)
        d_biases = np.sum(output_gradient, axis=0, keepdims=True)
        d_input = np.dot(output_gradient, self.weights.T)
        self.weights -= learning_rate * d_weights
        self.biases -= learning_rate * d_biases
        return d_input


class SoftmaxCrossEntropyLoss:
    def forward(self, predictions, targets):
        shifted = predictions - np.max(predictions, axis=1, keepdims=True)
        exp = np.exp(shifted)
        self.probs = exp / np.sum(exp, axis=1, keepdims=True)
        self.targets = targets
        n = predictions.shape[0]
        return -np.sum(targets * np.log(self.probs + 1e-9)) / n

    def backward(self):
        return (self.probs - self.targets) / self.targets.shape[0]


class CNN:
    def __init__(self):
        self.layers = [ConvLayer(8, 3, 1), ReLULayer(), MaxPoolLayer(), FlattenLayer(), DenseLayer(8 * 13 * 13, 10)]
        self.loss = SoftmaxCrossEntropyLoss()

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def train_step(self, x, y, lr=0.01):
        out = self.forward(x)
        loss = self.loss.forward(out, y)
        grad = self.loss.backward()
        for layer in reversed(self.layers):
            grad = layer.backward(grad, lr)
        return loss


if __name__ == "__main__":
    net = CNN()
