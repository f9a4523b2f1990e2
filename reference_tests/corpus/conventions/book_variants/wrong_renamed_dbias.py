import numpy as np


def im2col(input_data, filter_h, filter_w, stride=1, pad=0):
    N, C, H, W = input_data.shape
    out_h = (H + 2 * pad - filter_h) // stride + 1
    out_w = (W + 2 * pad - filter_w) // stride + 1
    img = np.pad(input_data, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    col = np.empty((N, out_h, out_w, C, filter_h, filter_w))
    for i in range(out_h):
        for j in range(out_w):
            col[:, i, j] = img[:, :, i * stride:i * stride + filter_h, j * stride:j * stride + filter_w]
    return col.reshape(N * out_h * out_w, -1)


def col2im(col, input_shape, filter_h, filter_w, stride=1, pad=0):
    N, C, H, W = input_shape
    out_h = (H + 2 * pad - filter_h) // stride + 1
    out_w = (W + 2 * pad - filter_w) // stride + 1
    col = col.reshape(N, out_h, out_w, C, filter_h, filter_w)
    img = np.zeros((N, C, H + 2 * pad, W + 2 * pad))
    for i in range(out_h):
        for j in range(out_w):
            img[:, :, i * stride:i * stride + filter_h, j * stride:j * stride + filter_w] += col[:, i, j]
    return img[:, :, pad:H + pad, pad:W + pad]


class Conv:
    def __init__(self, W_filter, bias, strides=1, padding=0):
        self.W_filter = W_filter
        self.bias = bias
        self.strides = strides
        self.padding = padding

    def forward(self, x):
        FN, C, FH, FW = self.W_filter.shape
        N, C, H, W = x.shape
        out_h = 1 + (H + 2 * self.padding - FH) // self.strides
        out_w = 1 + (W + 2 * self.padding - FW) // self.strides
        self._x = x
        self._cols = im2col(x, FH, FW, self.strides, self.padding)
        self._cols_W = self.W_filter.reshape(FN, -1).T
        out = self._cols.dot(self._cols_W) + self.bias
        return out.reshape(N, out_h, out_w, FN).transpose(0, 3, 1, 2)

    def backward(self, dout):
        FN, C, FH, FW = self.W_filter.shape
        dout = dout.transpose(0, 2, 3, 1).reshape(-1, FN)
        self.dbias = dout.sum(axis=0)
        self.dW_filter = self._cols.T.dot(dout).T.reshape(FN, C, FH, FW)
        return col2im(dout.dot(self._cols_W.T), self._x.shape, FH, FW, self.strides, self.padding)


class MaxPool:
    def __init__(self, ph, pw, strides=1, padding=0):
        self.ph, self.pw = ph, pw
        self.strides = strides
        self.padding = padding

    def forward(self, x):
        N, C, H, W = x.shape
        out_h = 1 + (H + 2 * self.padding - self.ph) // self.strides
        out_w = 1 + (W + 2 * self.padding - self.pw) // self.strides
        cols = im2col(x, self.ph, self.pw, self.strides, self.padding).reshape(-1, self.ph * self.pw)
        self._x = x
        self._arg_max = cols.argmax(axis=1)
        return cols.max(axis=1).reshape(N, out_h, out_w, C).transpose(0, 3, 1, 2)

    def backward(self, dout):
        dout = dout.transpose(0, 2, 3, 1)
        dmax = np.zeros((dout.size, self.ph * self.pw))
        dmax[np.arange(dout.size), self._arg_max] = dout.ravel()
        dcols = dmax.reshape(dout.shape[0] * dout.shape[1] * dout.shape[2], -1)
        return col2im(dcols, self._x.shape, self.ph, self.pw, self.strides, self.padding)


class ReLU:
    def forward(self, x):
        self._mask = x <= 0
        out = x.copy()
        out[self._mask] = 0
        return out

    def backward(self, dout):
        dx = dout.copy()
        dx[self._mask] = 0
        return dx


class Linear:
    def __init__(self, weight, bias):
        self.weight = weight
        self.bias = bias

    def forward(self, x):
        self._shape = x.shape
        self._x = x.reshape(len(x), -1)
        return self._x @ self.weight + self.bias

    def backward(self, dout):
        self.dweight = self._x.T @ dout
        self.dbias = dout.mean(axis=0)
        return (dout @ self.weight.T).reshape(self._shape)


class SoftmaxCrossEntropy:
    def forward(self, x, t):
        if t.ndim == 2:
            t = t.argmax(axis=1)
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self._y = e / e.sum(axis=1, keepdims=True)
        self._t = t
        return -np.log(self._y[np.arange(len(t)), t] + 1e-12).mean()

    def backward(self, dout=1):
        dx = self._y.copy()
        dx[np.arange(len(self._t)), self._t] -= 1
        return dout * dx / len(self._t)
