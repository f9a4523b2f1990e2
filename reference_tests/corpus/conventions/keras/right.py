"""Keras-like layers in NumPy: channels last, weights are made when the first input is seen."""
import numpy as np


class Layer:
    def __init__(self):
        self.built = False

    def build(self, input_shape):
        pass

    def __call__(self, inputs, **kwargs):
        if not self.built:
            self.build(inputs.shape)
            self.built = True
        return self.call(inputs, **kwargs)

    def get_weights(self):
        return []


class Conv2D(Layer):
    def __init__(self, filters, kernel_size, strides=(1, 1), padding='valid', activation=None):
        super().__init__()
        self.filters = filters
        self.kernel_size = (kernel_size,) * 2 if isinstance(kernel_size, int) else tuple(kernel_size)
        self.strides = (strides,) * 2 if isinstance(strides, int) else tuple(strides)
        self.padding = padding.lower()
        self.activation = activation
        self.kernel = None
        self.bias = None

    def build(self, input_shape):
        kh, kw = self.kernel_size
        limit = np.sqrt(6 / (kh * kw * (input_shape[-1] + self.filters)))
        self.kernel = np.random.uniform(-limit, limit, (kh, kw, input_shape[-1], self.filters))
        self.bias = np.zeros(self.filters)

    def get_weights(self):
        return [self.kernel, self.bias]

    def set_weights(self, weights):
        self.kernel, self.bias = weights
        self.built = True

    def _border(self, size, k, s):
        if self.padding == 'valid':
            return 0, 0
        total = max((-(-size // s) - 1) * s + k - size, 0)
        return total // 2, total - total // 2

    def call(self, inputs):
        kh, kw = self.kernel_size
        sh, sw = self.strides
        self.borders = self._border(inputs.shape[1], kh, sh), self._border(inputs.shape[2], kw, sw)
        self.padded = np.pad(inputs, ((0, 0), *self.borders, (0, 0)))
        oh = (self.padded.shape[1] - kh) // sh + 1
        ow = (self.padded.shape[2] - kw) // sw + 1
        z = np.empty((inputs.shape[0], oh, ow, self.filters))
        for i in range(oh):
            for j in range(ow):
                window = self.padded[:, i * sh:i * sh + kh, j * sw:j * sw + kw, :]
                z[:, i, j] = np.einsum('nabc,abcf->nf', window, self.kernel) + self.bias
        self.z = z
        return np.maximum(z, 0) if self.activation == 'relu' else z

    def backward(self, grad):
        if self.activation == 'relu':
            grad = grad * (self.z > 0)
        kh, kw = self.kernel_size
        sh, sw = self.strides
        self.dkernel = np.zeros_like(self.kernel)
        self.dbias = grad.sum(axis=(0, 1, 2))
        dpadded = np.zeros_like(self.padded)
        for i in range(grad.shape[1]):
            for j in range(grad.shape[2]):
                window = self.padded[:, i * sh:i * sh + kh, j * sw:j * sw + kw, :]
                self.dkernel += np.einsum('nabc,nf->abcf', window, grad[:, i, j])
                dpadded[:, i * sh:i * sh + kh, j * sw:j * sw + kw] += np.einsum('nf,abcf->nabc', grad[:, i, j],
                                                                               self.kernel)
        (top, bottom), (left, right) = self.borders
        return dpadded[:, top:dpadded.shape[1] - bottom, left:dpadded.shape[2] - right]


class MaxPooling2D(Layer):
    def __init__(self, pool_size=(2, 2), strides=None):
        super().__init__()
        self.pool_size = (pool_size,) * 2 if isinstance(pool_size, int) else pool_size
        strides = self.pool_size if strides is None else strides
        self.strides = (strides,) * 2 if isinstance(strides, int) else strides

    def call(self, inputs):
        (ph, pw), (sh, sw) = self.pool_size, self.strides
        self.inputs = inputs
        n, h, w, c = inputs.shape
        out = np.full((n, (h - ph) // sh + 1, (w - pw) // sw + 1, c), -np.inf)
        for a in range(ph):
            for b in range(pw):
                out = np.maximum(out, inputs[:, a:a + sh * out.shape[1]:sh, b:b + sw * out.shape[2]:sw])
        return out

    def backward(self, grad):
        (ph, pw), (sh, sw) = self.pool_size, self.strides
        dx = np.zeros_like(self.inputs)
        for i in range(grad.shape[1]):
            for j in range(grad.shape[2]):
                window = self.inputs[:, i * sh:i * sh + ph, j * sw:j * sw + pw]
                mask = window == window.max(axis=(1, 2), keepdims=True)
                dx[:, i * sh:i * sh + ph, j * sw:j * sw + pw] += mask * grad[:, i:i + 1, j:j + 1]
        return dx


class GlobalAveragePooling2D(Layer):
    def call(self, inputs):
        self.shape = inputs.shape
        return inputs.mean(axis=(1, 2))

    def backward(self, grad):
        n, h, w, c = self.shape
        return np.broadcast_to(grad[:, None, None, :] / (h * w), self.shape).copy()


class Flatten(Layer):
    def call(self, inputs):
        self.shape = inputs.shape
        return inputs.reshape(len(inputs), -1)

    def backward(self, grad):
        return grad.reshape(self.shape)


class Dense(Layer):
    def __init__(self, units, activation=None):
        super().__init__()
        self.units, self.activation = units, activation

    def build(self, input_shape):
        limit = np.sqrt(6 / (input_shape[-1] + self.units))
        self.kernel = np.random.uniform(-limit, limit, (input_shape[-1], self.units))
        self.bias = np.zeros(self.units)

    def get_weights(self):
        return [self.kernel, self.bias]

    def set_weights(self, weights):
        self.kernel, self.bias = weights
        self.built = True

    def call(self, inputs):
        self.inputs = inputs
        self.z = inputs.dot(self.kernel) + self.bias
        return np.maximum(self.z, 0) if self.activation == 'relu' else self.z

    def backward(self, grad):
        if self.activation == 'relu':
            grad = grad * (self.z > 0)
        self.dkernel = self.inputs.T.dot(grad)
        self.dbias = grad.sum(axis=0)
        return grad.dot(self.kernel.T)
