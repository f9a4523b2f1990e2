import numpy as np


def softmax(predictions):
    shifted = predictions - predictions.max(axis=-1, keepdims=True)
    e = np.exp(shifted)
    return e / e.sum(axis=-1, keepdims=True)


def softmax_with_cross_entropy(predictions, target_index):
    """
    Computes softmax and cross-entropy loss for model predictions,
    including the gradient

    Returns:
      loss, single value - cross-entropy loss
      dprediction, np array same shape as predictions
    """
    probs = softmax(predictions)
    batch_size = predictions.shape[0]
    rows = np.arange(batch_size)
    loss = -np.log(probs[rows, target_index]).mean()
    dprediction = probs.copy()
    dprediction[rows, target_index] -= 1
    return loss, dprediction / batch_size


class Param:
    """Trainable parameter of the model; captures both parameter value and the gradient"""

    def __init__(self, value):
        self.value = value
        self.grad = np.zeros_like(value)


class ReLULayer:
    def __init__(self):
        self.mask = None

    def forward(self, X):
        self.mask = X > 0
        return np.where(self.mask, X, 0)

    def backward(self, d_out):
        return d_out * self.mask

    def params(self):
        return {}


class FullyConnectedLayer:
    def __init__(self, n_input, n_output):
        self.W = Param(0.001 * np.random.randn(n_input, n_output))
        self.B = Param(0.001 * np.random.randn(1, n_output))
        self.X = None

    def forward(self, X):
        self.X = X
        return X @ self.W.value + self.B.value

    def backward(self, d_out):
        self.W.grad += self.X.T @ d_out
        self.B.grad += d_out.sum(axis=0, keepdims=True)
        return d_out @ self.W.value.T

    def params(self):
        return {"W": self.W, "B": self.B}


class ConvolutionalLayer:
    def __init__(self, in_channels, out_channels, filter_size, padding):
        self.filter_size = filter_size
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.W = Param(np.random.randn(filter_size, filter_size, in_channels, out_channels))
        self.B = Param(np.zeros(out_channels))
        self.padding = padding

    def forward(self, X):
        batch_size, height, width, channels = X.shape
        p, k = self.padding, self.filter_size
        self.X = np.pad(X, ((0, 0), (p, p), (p, p), (0, 0)))
        out_height = height + 2 * p - k + 1
        out_width = width + 2 * p - k + 1
        out = np.zeros((batch_size, out_height, out_width, self.out_channels))
        flat_W = self.W.value.reshape(-1, self.out_channels)
        for y in range(out_height):
            for x in range(out_width):
                patch = self.X[:, y:y + k, x:x + k, :].reshape(batch_size, -1)
                out[:, y, x, :] = patch @ flat_W + self.B.value
        return out

    def backward(self, d_out):
        batch_size, out_height, out_width, out_channels = d_out.shape
        p, k = self.padding, self.filter_size
        d_padded = np.zeros_like(self.X)
        flat_W = self.W.value.reshape(-1, out_channels)
        for y in range(out_height):
            for x in range(out_width):
                g = d_out[:, y, x, :]
                patch = self.X[:, y:y + k, x:x + k, :]
                self.W.grad += (patch.reshape(batch_size, -1).T @ g).reshape(self.W.grad.shape)
                self.B.grad += g.sum(axis=0)
                d_padded[:, y:y + k, x:x + k, :] += (g @ flat_W.T).reshape(patch.shape)
        return d_padded[:, p:d_padded.shape[1] - p, p:d_padded.shape[2] - p, :]

    def params(self):
        return {"W": self.W, "B": self.B}


class MaxPoolingLayer:
    def __init__(self, pool_size, stride):
        self.pool_size = pool_size
        self.stride = stride
        self.X = None

    def forward(self, X):
        self.X = X
        batch_size, height, width, channels = X.shape
        k, s = self.pool_size, self.stride
        oh, ow = (height - k) // s + 1, (width - k) // s + 1
        out = np.zeros((batch_size, oh, ow, channels))
        for y in range(oh):
            for x in range(ow):
                out[:, y, x, :] = X[:, y * s:y * s + k, x * s:x * s + k, :].max(axis=(1, 2))
        return out

    def backward(self, d_out):
        k, s = self.pool_size, self.stride
        _, oh, ow, _ = d_out.shape
        result = np.zeros_like(self.X)
        for y in range(oh):
            for x in range(ow):
                patch = self.X[:, y * s:y * s + k, x * s:x * s + k, :]
                mask = patch == patch.max(axis=(1, 2), keepdims=True)
                result[:, y * s:y * s + k, x * s:x * s + k, :] += d_out[:, y, x, :][:, None, None, :] / (k * k)
        return result

    def params(self):
        return {}


class Flattener:
    def forward(self, X):
        self.X_shape = X.shape
        return X.reshape(X.shape[0], -1)

    def backward(self, d_out):
        return d_out.reshape(self.X_shape)
