import numpy as np


class Convolution:
    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def windows(self):
        FH, FW = self.W.shape[2:]
        OH, OW = ((size - f) // self.stride + 1 for size, f in zip(self.x.shape[2:], (FH, FW)))
        for i in range(OH):
            for j in range(OW):
                rows = slice(i * self.stride, i * self.stride + FH)
                yield i, j, (slice(None), slice(None), rows, slice(j * self.stride, j * self.stride + FW))

    def forward(self, x):
        p = self.pad
        self.x = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)])
        places = list(self.windows())
        out = np.zeros((len(x), len(self.W), places[-1][0] + 1, places[-1][1] + 1), np.result_type(x, self.W))
        for i, j, at in places:
            out[:, :, i, j] = np.tensordot(self.x[at], self.W, ((1, 2, 3), (1, 2, 3))) + self.b
        return out

    def backward(self, dout):
        dx, self.dW, self.db = np.zeros(self.x.shape), np.zeros(self.W.shape), dout.sum((0, 2, 3))
        for i, j, at in self.windows():
            dx[at] += np.tensordot(dout[:, :, i, j], self.W, 1)
            self.dW += np.tensordot(dout[:, :, i, j], self.x[at], (0, 0))
        H, W = dx.shape[2:]
        return dx[:, :, self.pad : H - self.pad, self.pad : W - self.pad]
