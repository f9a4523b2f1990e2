import numpy as np


class Conv2D:
    """params = [W, b], grads = [dW, db]; W (FH, FW, C, FN)"""

    def __init__(self, W, b, stride=1, pad=0):
        self.params = [W, b]
        self.grads = [np.zeros_like(W), np.zeros_like(b)]
        self.stride = stride
        self.pad = pad

    def forward(self, x):
        W, b = self.params
        FH, FW, C, FN = W.shape
        N, C, H, wid = x.shape
        OH = (H + 2 * self.pad - FH) // self.stride + 1
        OW = (wid + 2 * self.pad - FW) // self.stride + 1
        xp = np.pad(x, ((0, 0), (0, 0), (self.pad, self.pad), (self.pad, self.pad)))
        out = np.zeros((N, FN, OH, OW))
        for i in range(OH):
            for j in range(OW):
                part = xp[:, :, i * self.stride:i * self.stride + FH, j * self.stride:j * self.stride + FW]
                out[:, :, i, j] = np.tensordot(part, W, axes=([2, 3, 1], [0, 1, 2])) + b
        self.cache = x.shape, xp
        return out

    def backward(self, dout):
        W, b = self.params
        FH, FW, C, FN = W.shape
        (N, C, H, wid), xp = self.cache
        dW = np.zeros_like(W)
        dxp = np.zeros_like(xp)
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                place = np.s_[:, :, i * self.stride:i * self.stride + FH, j * self.stride:j * self.stride + FW]
                d = dout[:, :, i, j]
                dW += np.tensordot(xp[place], d, axes=(0, 0)).reshape(dW.shape)
                dxp[place] += np.tensordot(d, W, axes=(1, 3)).transpose(0, 3, 1, 2)
        self.grads[0][...] = dW
        self.grads[1][...] = dout.sum(axis=(0, 2, 3))
        return dxp[:, :, self.pad:self.pad + H, self.pad:self.pad + wid]


class Affine:
    def __init__(self, W, b):
        self.params = [W, b]
        self.grads = [np.zeros_like(W), np.zeros_like(b)]
        self.x = None

    def forward(self, x):
        W, b = self.params
        self.x = x
        return np.dot(x, W) + b

    def backward(self, dout):
        W, b = self.params
        self.grads[0][...] = np.dot(self.x.T, dout)
        self.grads[1][...] = np.sum(dout, axis=0)
        return np.dot(dout, W.T)


class Sigmoid:
    def __init__(self):
        self.params, self.grads = [], []
        self.out = None

    def forward(self, x):
        out = 1 / (1 + np.exp(-x))
        self.out = out
        return out

    def backward(self, dout):
        return dout * (1.0 - self.out) * self.out


class SoftmaxWithLoss:
    def __init__(self):
        self.params, self.grads = [], []

    def forward(self, x, t):
        self.t = t if t.ndim == 1 else t.argmax(axis=1)
        z = x - x.max(axis=1, keepdims=True)
        self.y = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        return -np.sum(np.log(self.y[np.arange(len(x)), self.t] + 1e-7)) / len(x)

    def backward(self, dout=1):
        dx = self.y.copy()
        dx[np.arange(len(dx)), self.t] -= 1
        return dx * dout / len(dx)
