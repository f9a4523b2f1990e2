import copy
import math

import numpy as np


class StochasticGradientDescent():
    def __init__(self, learning_rate=0.01):
        self.learning_rate = learning_rate

    def update(self, w, grad_wrt_w):
        return w - self.learning_rate * grad_wrt_w


class Layer(object):

    def set_input_shape(self, shape):
        """ The shape that the layer expects in forward_pass """
        self.input_shape = shape

    def layer_name(self):
        return self.__class__.__name__

    def parameters(self):
        return 0

    def forward_pass(self, X, training):
        raise NotImplementedError()

    def backward_pass(self, accum_grad):
        """ Hands the gradient by the input to the layer before; updates the weights if trainable """
        raise NotImplementedError()

    def output_shape(self):
        raise NotImplementedError()


class Dense(Layer):
    """A fully-connected NN layer.
    n_units: int
        The number of neurons in the layer.
    input_shape: tuple
        Shape of a single sample; needed for the first layer of a network.
    """
    def __init__(self, n_units, input_shape=None):
        self.layer_input = None
        self.input_shape = input_shape
        self.n_units = n_units
        self.trainable = True
        self.W = None
        self.w0 = None

    def initialize(self, optimizer):
        limit = 1 / math.sqrt(self.input_shape[0])
        self.W = np.random.uniform(-limit, limit, (self.input_shape[0], self.n_units))
        self.w0 = np.zeros((1, self.n_units))
        self.W_opt = copy.copy(optimizer)
        self.w0_opt = copy.copy(optimizer)

    def forward_pass(self, X, training=True):
        self.layer_input = X
        return X.dot(self.W) + self.w0

    def backward_pass(self, accum_grad):
        W = self.W
        if self.trainable:
            grad_w = self.layer_input.T.dot(accum_grad)
            grad_w0 = accum_grad.sum(axis=0, keepdims=True)
            self.W = self.W_opt.update(self.W, grad_w)
            self.w0 = self.w0_opt.update(self.w0, grad_w0)
        return accum_grad.dot(W.T)

    def output_shape(self):
        return (self.n_units, )


class Conv2D(Layer):
    """A 2D convolution layer on (batch, channels, height, width).
    filter_shape: (height, width); padding: 'same' or 'valid'
    """
    def __init__(self, n_filters, filter_shape, input_shape=None, padding='same', stride=1):
        self.n_filters = n_filters
        self.filter_shape = filter_shape
        self.padding = padding
        self.stride = stride
        self.input_shape = input_shape
        self.trainable = True

    def initialize(self, optimizer):
        filter_height, filter_width = self.filter_shape
        channels = self.input_shape[0]
        limit = 1 / math.sqrt(filter_height * filter_width)
        self.W = np.random.uniform(-limit, limit, (self.n_filters, channels, filter_height, filter_width))
        self.w0 = np.zeros((self.n_filters, 1))
        self.W_opt = copy.copy(optimizer)
        self.w0_opt = copy.copy(optimizer)

    def borders(self):
        if self.padding == 'valid':
            return (0, 0), (0, 0)
        return tuple((math.floor((k - 1) / 2), math.ceil((k - 1) / 2)) for k in self.filter_shape)

    def forward_pass(self, X, training=True):
        batch_size, channels = X.shape[:2]
        fh, fw = self.filter_shape
        s = self.stride
        padded = np.pad(X, ((0, 0), (0, 0), *self.borders()))
        oh, ow = (padded.shape[2] - fh) // s + 1, (padded.shape[3] - fw) // s + 1
        cols = np.zeros((channels, fh, fw, batch_size, oh, ow))
        for y in range(fh):
            for x in range(fw):
                cols[:, y, x] = padded[:, :, y:y + s * oh:s, x:x + s * ow:s].transpose(1, 0, 2, 3)
        self.X_shape, self.padded_shape = X.shape, padded.shape
        self.X_col = cols.reshape(channels * fh * fw, -1)
        output = self.W.reshape((self.n_filters, -1)).dot(self.X_col) + self.w0
        return output.reshape(self.n_filters, oh, ow, batch_size).transpose(3, 0, 1, 2)

    def backward_pass(self, accum_grad):
        (batch_size, channels, height, width), (fh, fw) = self.X_shape, self.filter_shape
        s = self.stride
        oh, ow = accum_grad.shape[2:]
        accum_grad = accum_grad.transpose(1, 0, 2, 3).reshape(self.n_filters, -1)
        W_flat = self.W.reshape((self.n_filters, -1))
        if self.trainable:
            grad_w = accum_grad.dot(self.X_col.T).reshape(self.W.shape)
            grad_w0 = np.sum(accum_grad, axis=1, keepdims=True)
            self.W = self.W_opt.update(self.W, grad_w)
            self.w0 = self.w0_opt.update(self.w0, grad_w0)
        cols = W_flat.T.dot(accum_grad).reshape(channels, fh, fw, batch_size, oh, ow)
        padded = np.zeros(self.padded_shape)
        for y in range(fh):
            for x in range(fw):
                padded[:, :, y:y + s * oh:s, x:x + s * ow:s] += cols[:, y, x].transpose(1, 0, 2, 3)
        (top, _), (left, _) = self.borders()
        return padded[:, :, top:top + height, left:left + width]


class Dropout(Layer):
    """p: float, the probability that a unit is set to zero."""
    def __init__(self, p=0.2):
        self.p = p
        self._mask = None
        self.trainable = True

    def forward_pass(self, X, training=True):
        c = (1 - self.p)
        if training:
            self._mask = np.random.uniform(size=X.shape) > self.p
            c = self._mask
        return X * c

    def backward_pass(self, accum_grad):
        return accum_grad * self._mask


class Activation(Layer):
    functions = {
        'relu': (lambda x: np.where(x >= 0, x, 0), lambda x: np.where(x >= 0, 1, 0)),
        'sigmoid': (lambda x: 1 / (1 + np.exp(-x)), lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2),
        'tanh': (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    }

    def __init__(self, name):
        self.activation_name = name
        self.activation_func, self.gradient = self.functions[name]
        self.trainable = True

    def forward_pass(self, X, training=True):
        self.layer_input = X
        return self.activation_func(X)

    def backward_pass(self, accum_grad):
        return accum_grad * self.gradient(self.layer_input)
