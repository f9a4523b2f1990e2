"""Everything in float32, parameters too."""

import numpy as np

from . import whole


def f4(a):
    return np.asarray(a, np.float32)


def conv_output_size(input_size, filter_size, stride=1, pad=0):
    if filter_size > input_size + 2 * pad:
        raise ValueError("the filter is larger than the padded input")
    return np.int32((input_size + 2 * pad - filter_size) // stride + 1)


def im2col(input_data, filter_h, filter_w, stride=1, pad=0):
    n, c, h, w = input_data.shape
    oh, ow = conv_output_size(h, filter_h, stride, pad), conv_output_size(w, filter_w, stride, pad)
    image = np.zeros((n, c, h + 2 * pad, w + 2 * pad), "f4")
    image[:, :, pad : pad + h, pad : pad + w] = input_data
    col = np.zeros((n, oh, ow, c, filter_h, filter_w), "f4")
    for i, j in np.ndindex(oh, ow):
        y, x = i * stride, j * stride
        col[:, i, j] = image[:, :, y : y + filter_h, x : x + filter_w]
    return col.reshape(n * oh * ow, c * filter_h * filter_w)


def col2im(col, input_shape, filter_h, filter_w, stride=1, pad=0):
    n, c, h, w = input_shape
    oh, ow = conv_output_size(h, filter_h, stride, pad), conv_output_size(w, filter_w, stride, pad)
    image, col = np.zeros((n, c, h + 2 * pad, w + 2 * pad), "f4"), f4(col).reshape(n, oh, ow, c, filter_h, filter_w)
    for i, j in np.ndindex(oh, ow):
        image[:, :, i * stride : i * stride + filter_h, j * stride : j * stride + filter_w] += col[:, i, j]
    return image[:, :, pad : pad + h, pad : pad + w]


class Convolution:
    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.how = W, b, (*W.shape[2:], stride, pad)

    def forward(self, x):
        self.shape, self.col, self.flat = x.shape, im2col(x, *self.how), f4(self.W).reshape(len(self.W), -1)
        fh, fw, *how = self.how
        oh, ow = conv_output_size(x.shape[2], fh, *how), conv_output_size(x.shape[3], fw, *how)
        return (self.col @ self.flat.T + f4(self.b)).reshape(len(x), oh, ow, len(self.W)).transpose(0, 3, 1, 2)

    def backward(self, dout):
        rows = f4(dout).transpose(0, 2, 3, 1).reshape(-1, len(self.W))
        self.dW, self.db = (rows.T @ self.col).reshape(self.W.shape), rows.sum(axis=0)
        return col2im(rows @ self.flat, self.shape, *self.how)


class Pooling:
    def __init__(self, pool_h, pool_w, stride=2, pad=0):
        self.how, self.area = (pool_h, pool_w, stride, pad), pool_h * pool_w

    def forward(self, x):
        n, c, h, w = self.shape = x.shape
        fh, fw, stride, pad = self.how
        image = np.full((n * c, 1, h + 2 * pad, w + 2 * pad), -np.inf, "f4")
        image[:, 0, pad : pad + h, pad : pad + w] = x.reshape(n * c, h, w)
        col = im2col(image, fh, fw, stride)
        self.best = col.argmax(axis=1)
        oh, ow = conv_output_size(h, fh, stride, pad), conv_output_size(w, fw, stride, pad)
        return col.max(axis=1).reshape(n, c, oh, ow)

    def backward(self, dout):
        col = np.zeros((dout.size, self.area), "f4")
        col[np.arange(dout.size), self.best] = dout.ravel()
        n, c, h, w = self.shape
        return col2im(col, (n * c, 1, h, w), *self.how).reshape(self.shape)


class AveragePooling(Pooling):
    def forward(self, x):
        n, c, h, w = self.shape = x.shape
        fh, fw, *how = self.how
        col = im2col(x.reshape(n * c, 1, h, w), *self.how)
        oh, ow = conv_output_size(h, fh, *how), conv_output_size(w, fw, *how)
        return col.mean(axis=1).reshape(n, c, oh, ow)

    def backward(self, dout):
        n, c, h, w = self.shape
        col = np.repeat(f4(dout).reshape(-1, 1) / f4(self.area), self.area, axis=1)
        return col2im(col, (n * c, 1, h, w), *self.how).reshape(self.shape)


class Relu:
    def forward(self, x):
        self.x = f4(x)
        return np.maximum(self.x, f4(0))

    def backward(self, dout):
        return f4(dout) * (self.x > 0)


class Sigmoid:
    def forward(self, x):
        self.y = f4(1) / (f4(1) + np.exp(-f4(x)))
        return self.y

    def backward(self, dout):
        return f4(dout) * self.y * (f4(1) - self.y)


class Tanh:
    def forward(self, x):
        self.y = np.tanh(f4(x))
        return self.y

    def backward(self, dout):
        return f4(dout) * (f4(1) - self.y * self.y)


class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.shape, self.x = x.shape, f4(x).reshape(len(x), len(self.W))
        return self.x @ f4(self.W) + f4(self.b)

    def backward(self, dout):
        self.dW, self.db = self.x.T @ f4(dout), f4(dout).sum(axis=0)
        return (f4(dout) @ f4(self.W).T).reshape(self.shape)


class SoftmaxWithLoss:
    def forward(self, x, t):
        self.t = t.argmax(axis=1) if t.ndim > 1 else t
        e = np.exp(f4(x) - f4(x).max(axis=1, keepdims=True))
        self.y = e / e.sum(axis=1, keepdims=True)
        return -np.log(self.y[np.arange(len(x)), self.t] + f4(1e-7)).mean()

    def backward(self, dout=1):
        d = self.y.copy()
        d[np.arange(len(d)), self.t] -= f4(1)
        return d / f4(len(d))


class Dropout:
    def __init__(self, dropout_ratio=0.5):
        self.dropout_ratio = f4(dropout_ratio)

    def forward(self, x, train_flg=True):
        if not train_flg:
            return f4(x) * (f4(1) - self.dropout_ratio)
        self.mask = f4(np.random.rand(*x.shape)) >= self.dropout_ratio  # noqa: NPY002
        return f4(x) * self.mask

    def backward(self, dout):
        return f4(dout) * self.mask


class LRN:
    def __init__(self, n=5, k=2.0, alpha=1e-4, beta=0.75):
        self.n, self.k, self.alpha, self.beta = n, f4(k), f4(alpha), f4(beta)

    def near(self, a):
        half = self.n // 2
        wide = np.pad(a, ((0, 0), (half, half), (0, 0), (0, 0)))
        return sum(wide[:, i : i + a.shape[1]] for i in range(2 * half + 1))

    def forward(self, x):
        self.x = f4(x)
        self.s = self.k + self.alpha * self.near(self.x * self.x)
        return self.x * self.s**-self.beta

    def backward(self, dout):
        near = self.near(f4(dout) * self.x * self.s ** (-self.beta - f4(1)))
        return f4(dout) * self.s**-self.beta - f4(2) * self.alpha * self.beta * self.x * near


class SimpleConvNet(whole.SimpleConvNet):
    PARTS = Convolution, Relu, Pooling, Affine, SoftmaxWithLoss
