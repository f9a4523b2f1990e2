import numpy as np


class Conv2D:
    """
    filters: number of filters
    kernel_size: side of the (square) filters
    padding: 'same' or 'valid'
    Input (batch, height, width, channels); the channels are learned from the first batch.
    """

    def __init__(self, filters, kernel_size=3, strides=1, padding='same', input_shape=None):
        self.filters = filters
        self.kernel_size = kernel_size
        self.strides = strides
        self.padding = padding
        self.is_initialized = False
        if input_shape is not None:
            self._init_weights(input_shape[-1])

    def _init_weights(self, channels):
        k = self.kernel_size
        self.W = np.random.randn(k, k, channels, self.filters) * np.sqrt(2.0 / (k * k * channels))
        self.b = np.zeros(self.filters)
        self.is_initialized = True

    @property
    def weights(self):
        return [self.W, self.b]

    def _im2col(self, x):
        k, s = self.kernel_size, self.strides
        n, h, w, c = x.shape
        oh, ow = (h - k) // s + 1, (w - k) // s + 1
        cols = np.zeros((n, oh, ow, k, k, c))
        for a in range(k):
            for b in range(k):
                cols[:, :, :, a, b, :] = x[:, a:a + s * oh:s, b:b + s * ow:s, :]
        return cols.reshape(n * oh * ow, -1), oh, ow

    def forward(self, x, training=True):
        if not self.is_initialized:
            self._init_weights(x.shape[-1])
        self.p = (self.kernel_size - 1) // 2 if self.padding == 'same' else 0
        self.x_shape = x.shape
        xp = np.pad(x, ((0, 0), (self.p, self.p), (self.p, self.p), (0, 0)))
        self.xp_shape = xp.shape
        self.cols, oh, ow = self._im2col(xp)
        out = self.cols @ self.W.reshape(-1, self.filters) + self.b
        return out.reshape(x.shape[0], oh, ow, self.filters)

    def backward(self, dout):
        k, s, p = self.kernel_size, self.strides, self.p
        n, oh, ow, f = dout.shape
        rows = dout.reshape(-1, f)
        self.dW = (self.cols.T @ rows).reshape(self.W.shape)
        self.db = rows.sum(axis=0)
        dcols = (rows @ self.W.reshape(-1, f).T).reshape(n, oh, ow, k, k, -1)
        dxp = np.zeros(self.xp_shape)
        for a in range(k):
            for b in range(k):
                dxp[:, a:a + s * oh:s, b:b + s * ow:s, :] += dcols[:, :, :, a, b, :]
        _, h, w, _ = self.x_shape
        return dxp[:, p:p + h, p:p + w, :]


class MaxPool2D:
    def __init__(self, pool_size=2, strides=None):
        self.pool_size = pool_size
        self.strides = strides or pool_size

    def forward(self, x, training=True):
        k, s = self.pool_size, self.strides
        v = np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(1, 2))[:, ::s, ::s]
        self.x_shape = x.shape
        flat = v.reshape(v.shape[:4] + (k * k,))
        self.best = flat.argmax(-1)
        return flat.max(-1)

    def backward(self, dout):
        k, s = self.pool_size, self.strides
        dx = np.zeros(self.x_shape)
        for n, i, j, c in np.ndindex(*dout.shape):
            a, b = divmod(self.best[n, i, j, c], k)
            dx[n, i * s + a, j * s + b, c] += dout[n, i, j, c]
        return dx


class Activation:
    def __init__(self, name):
        if name not in ('relu', 'sigmoid', 'tanh'):
            raise ValueError(name)
        self.name = name

    def forward(self, x, training=True):
        if self.name == 'relu':
            self.y = np.maximum(x, 0)
        elif self.name == 'sigmoid':
            self.y = 1 / (1 + np.exp(-x))
        else:
            self.y = np.tanh(x)
        return self.y

    def backward(self, dout):
        if self.name == 'relu':
            return dout * (self.y > 0)
        if self.name == 'sigmoid':
            return dout * self.y * (1 - self.y)
        return dout * (1 - self.y ** 2)


class Dense:
    def __init__(self, units, input_shape=None):
        self.units = units
        self.W = None
        if input_shape is not None:
            self.build(input_shape[-1])

    def build(self, n):
        self.W = np.random.randn(n, self.units) * np.sqrt(2.0 / n)
        self.b = np.zeros(self.units)

    def forward(self, x, training=True):
        if self.W is None:
            self.build(x.shape[-1])
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = np.sum(dout, axis=0)
        return dout @ self.W.T


class Dropout:
    """rate: share that is dropped in training"""

    def __init__(self, rate=0.5):
        self.rate = rate

    def forward(self, x, training=True):
        if not training:
            self.mask = 1.0
            return x
        keep = 1 - self.rate
        self.mask = (np.random.rand(*x.shape) < keep) / self.rate
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask
