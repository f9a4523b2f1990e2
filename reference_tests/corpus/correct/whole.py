"""All of the contract, a tap at a time. The network is made of the layers in PARTS: other ways put theirs there."""

import numpy as np


def conv_output_size(input_size, filter_size, stride=1, pad=0):
    room = input_size + 2 * pad - filter_size
    if room < 0:
        raise ValueError("the filter is larger than the padded input")
    return room // stride + 1


def taps(fh, fw, oh, ow, stride):
    """Each place of the filter, with the rows and columns of the image that it meets."""
    for i in range(fh):
        for j in range(fw):
            yield i, j, slice(i, i + stride * oh, stride), slice(j, j + stride * ow, stride)


def padded(x, pad, value=0.0):
    return np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), constant_values=value)


def im2col(input_data, filter_h, filter_w, stride=1, pad=0):
    n, c, h, w = input_data.shape
    oh, ow = conv_output_size(h, filter_h, stride, pad), conv_output_size(w, filter_w, stride, pad)
    image, col = padded(input_data, pad), np.empty((n, oh, ow, c, filter_h, filter_w))
    for i, j, rows, columns in taps(filter_h, filter_w, oh, ow, stride):
        col[..., i, j] = image[:, :, rows, columns].transpose(0, 2, 3, 1)
    return col.reshape(n * oh * ow, c * filter_h * filter_w)


def col2im(col, input_shape, filter_h, filter_w, stride=1, pad=0):
    n, c, h, w = input_shape
    oh, ow = conv_output_size(h, filter_h, stride, pad), conv_output_size(w, filter_w, stride, pad)
    col = col.reshape(n, oh, ow, c, filter_h, filter_w)
    image = np.zeros((n, c, h + 2 * pad, w + 2 * pad))
    for i, j, rows, columns in taps(filter_h, filter_w, oh, ow, stride):
        image[:, :, rows, columns] += col[..., i, j].transpose(0, 3, 1, 2)
    return image[:, :, pad : h + pad, pad : w + pad]


class Convolution:
    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def forward(self, x):
        FN, _, FH, FW = self.W.shape
        self.size = [conv_output_size(s, f, self.stride, self.pad) for s, f in zip(x.shape[2:], (FH, FW))]
        self.x = padded(x, self.pad)
        out = np.zeros((len(x), FN, *self.size))
        for i, j, rows, columns in taps(FH, FW, *self.size, self.stride):
            out += np.einsum("nchw,fc->nfhw", self.x[:, :, rows, columns], self.W[:, :, i, j])
        return out + self.b[:, None, None]

    def backward(self, dout):
        dx, self.dW, self.db = np.zeros(self.x.shape), np.empty(self.W.shape), dout.sum(axis=(0, 2, 3))
        for i, j, rows, columns in taps(*self.W.shape[2:], *self.size, self.stride):
            self.dW[:, :, i, j] = np.einsum("nfhw,nchw->fc", dout, self.x[:, :, rows, columns])
            dx[:, :, rows, columns] += np.einsum("nfhw,fc->nchw", dout, self.W[:, :, i, j])
        p, (h, w) = self.pad, dx.shape[2:]
        return dx[:, :, p : h - p, p : w - p]


class Pooling:
    def __init__(self, pool_h, pool_w, stride=2, pad=0):
        self.pool_h, self.pool_w, self.stride, self.pad = pool_h, pool_w, stride, pad

    def taps(self, size):
        return taps(self.pool_h, self.pool_w, *size, self.stride)

    def forward(self, x):
        self.size = [
            conv_output_size(s, f, self.stride, self.pad) for s, f in zip(x.shape[2:], (self.pool_h, self.pool_w))
        ]
        self.x = padded(x.astype(float), self.pad, -np.inf)
        self.out = np.full((*x.shape[:2], *self.size), -np.inf)
        for _, _, rows, columns in self.taps(self.size):
            self.out = np.maximum(self.out, self.x[:, :, rows, columns])
        return self.out.copy()

    def backward(self, dout):
        dx, free = np.zeros(self.x.shape), np.ones(dout.shape, bool)
        for _, _, rows, columns in self.taps(self.size):
            here = free & (self.x[:, :, rows, columns] == self.out)
            dx[:, :, rows, columns] += here * dout
            free &= ~here
        p, (h, w) = self.pad, dx.shape[2:]
        return dx[:, :, p : h - p, p : w - p]


class AveragePooling(Pooling):
    def forward(self, x):
        self.size = [
            conv_output_size(s, f, self.stride, self.pad) for s, f in zip(x.shape[2:], (self.pool_h, self.pool_w))
        ]
        image = padded(x, self.pad)
        self.shape = image.shape
        total = sum(image[:, :, rows, columns] for _, _, rows, columns in self.taps(self.size))
        return total / (self.pool_h * self.pool_w)

    def backward(self, dout):
        dx, share = np.zeros(self.shape), dout / (self.pool_h * self.pool_w)
        for _, _, rows, columns in self.taps(self.size):
            dx[:, :, rows, columns] += share
        p, (h, w) = self.pad, dx.shape[2:]
        return dx[:, :, p : h - p, p : w - p]


class Relu:
    def forward(self, x):
        self.positive = x > 0
        return x * self.positive

    def backward(self, dout):
        return dout * self.positive


class Sigmoid:
    def forward(self, x):
        self.y = 0.5 * (1 + np.tanh(0.5 * np.asarray(x)))
        return self.y

    def backward(self, dout):
        return dout * (self.y - self.y**2)


class Tanh:
    def forward(self, x):
        self.y = np.tanh(x)
        return self.y

    def backward(self, dout):
        return dout * (1 - self.y) * (1 + self.y)


class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.shape, self.x = x.shape, x.reshape(len(x), len(self.W))
        return self.x @ self.W + self.b

    def backward(self, dout):
        self.dW, self.db = self.x.T @ dout, dout.sum(axis=0)
        return (dout @ self.W.T).reshape(self.shape)


class SoftmaxWithLoss:
    def forward(self, x, t):
        self.one_hot = t if t.ndim == 2 else np.eye(x.shape[1])[t]
        logs = x - x.max(axis=1, keepdims=True)
        logs = logs - np.log(np.exp(logs).sum(axis=1, keepdims=True))
        self.y = np.exp(logs)
        return -np.sum(self.one_hot * logs) / len(x)

    def backward(self, dout=1):
        return dout * (self.y - self.one_hot) / len(self.y)


class Dropout:
    def __init__(self, dropout_ratio=0.5):
        self.dropout_ratio = dropout_ratio

    def forward(self, x, train_flg=True):
        if not train_flg:
            return x * (1 - self.dropout_ratio)
        self.kept = np.random.random_sample(x.shape) >= self.dropout_ratio  # noqa: NPY002
        return np.where(self.kept, x, 0)

    def backward(self, dout):
        return np.where(self.kept, dout, 0)


class LRN:
    def __init__(self, n=5, k=2.0, alpha=1e-4, beta=0.75):
        self.n, self.k, self.alpha, self.beta = n, k, alpha, beta

    def near(self, a):
        """Each channel's sum over its neighbours."""
        index = np.arange(a.shape[1])
        return np.einsum("ij,njhw->nihw", np.abs(index[:, None] - index) <= self.n // 2, a)

    def forward(self, x):
        self.x, self.base = x, self.k + self.alpha * self.near(x * x)
        return x / self.base**self.beta

    def backward(self, dout):
        crossed = self.near(dout * self.x / self.base ** (self.beta + 1))
        return dout / self.base**self.beta - 2 * self.alpha * self.beta * self.x * crossed


class SimpleConvNet:
    PARTS = Convolution, Relu, Pooling, Affine, SoftmaxWithLoss

    def __init__(
        self,
        input_dim=(1, 28, 28),
        conv_param=None,
        hidden_size=100,
        output_size=10,
        weight_init_std=0.01,
    ):
        conv = conv_param or {"filter_num": 30, "filter_size": 5, "pad": 0, "stride": 1}
        FN, size, pad, stride = (conv[k] for k in ("filter_num", "filter_size", "pad", "stride"))
        oh, ow = (conv_output_size(s, size, stride, pad) // 2 for s in input_dim[1:])
        shapes = {
            "1": (FN, input_dim[0], size, size),
            "2": (FN * oh * ow, hidden_size),
            "3": (hidden_size, output_size),
        }
        self.params = {}
        for k, shape in shapes.items():
            self.params["W" + k] = np.random.normal(0, weight_init_std, shape)  # noqa: NPY002
            self.params["b" + k] = np.zeros(FN if k == "1" else shape[1])
        conv, relu, pool, affine, loss = self.PARTS
        W1, b1, W2, b2, W3, b3 = self.params.values()
        self.weighted = {"1": conv(W1, b1, stride, pad), "2": affine(W2, b2), "3": affine(W3, b3)}
        first, second, third = self.weighted.values()
        self.layers = [first, relu(), pool(2, 2, 2), second, relu(), third]
        self.last = loss()

    def predict(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def loss(self, x, t):
        return self.last.forward(self.predict(x), t)

    def accuracy(self, x, t):
        t = t if t.ndim == 1 else t.argmax(axis=1)
        return float((self.predict(x).argmax(axis=1) == t).mean())

    def gradient(self, x, t):
        self.loss(x, t)
        d = self.last.backward(1)
        for layer in self.layers[::-1]:
            d = layer.backward(d)
        return {name + k: getattr(layer, "d" + name) for k, layer in self.weighted.items() for name in ("W", "b")}
