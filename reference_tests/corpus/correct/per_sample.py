"""One image, one row, one pixel at a time; nothing knows of a batch."""

import math

import numpy as np


def rows_of(image, fh, fw, stride):
    """The windows of one padded image, a row each."""
    tops = range(0, image.shape[1] - fh + 1, stride)
    lefts = range(0, image.shape[2] - fw + 1, stride)
    if not tops or not lefts:
        raise ValueError("the filter is larger than the padded image")
    return len(tops), len(lefts), np.array([image[:, y : y + fh, x : x + fw].ravel() for y in tops for x in lefts])


class Convolution:
    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def padded(self, image):
        return np.pad(image, ((0, 0), (self.pad, self.pad), (self.pad, self.pad)))

    def forward(self, x):
        if not len(x):
            raise ValueError("there is no image")
        self.x, (FN, _, FH, FW) = x, self.W.shape
        out = []
        for image in x:
            oh, ow, rows = rows_of(self.padded(image), FH, FW, self.stride)
            out.append((self.W.reshape(FN, -1) @ rows.T + self.b[:, None]).reshape(FN, oh, ow))
        return np.stack(out)

    def backward(self, dout):
        FN, _, FH, FW = self.W.shape
        self.dW, self.db, dx = np.zeros(self.W.shape), np.zeros(FN), []
        for image, d in zip(self.x, dout):
            whole = self.padded(image)
            _, ow, rows = rows_of(whole, FH, FW, self.stride)
            d = d.reshape(FN, -1)
            self.dW += (d @ rows).reshape(self.W.shape)
            self.db += d.sum(axis=1)
            back = np.zeros(whole.shape)
            for place, part in enumerate(d.T @ self.W.reshape(FN, -1)):
                y, x = place // ow * self.stride, place % ow * self.stride
                back[:, y : y + FH, x : x + FW] += part.reshape(whole.shape[0], FH, FW)
            dx.append(back[:, self.pad : self.pad + image.shape[1], self.pad : self.pad + image.shape[2]])
        return np.array(dx)


class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        return np.array([row.ravel() @ self.W + self.b for row in x]).reshape(len(x), len(self.b))

    def backward(self, dout):
        self.dW = sum((np.outer(row, d) for row, d in zip(self.x, dout)), np.zeros(self.W.shape))
        self.db = sum(dout, np.zeros(self.b.shape))
        return np.array([(self.W @ d).reshape(self.x.shape[1:]) for d in dout]).reshape(self.x.shape)


class SoftmaxWithLoss:
    def forward(self, x, t):
        if not len(x):
            raise ValueError("there is no image")
        self.right = [int(np.argmax(label)) if np.ndim(label) else int(label) for label in t]
        self.y, loss = [], 0.0
        for row, label in zip(x.tolist(), self.right):
            most = max(row)
            powers = [math.exp(number - most) for number in row]
            total = math.fsum(powers)
            self.y.append([power / total for power in powers])
            loss += math.log(total) + most - row[label]
        return loss / len(x)

    def backward(self, dout=1):
        return np.array([[(p - (k == label)) * dout / len(self.y) for k, p in enumerate(row)]
                         for row, label in zip(self.y, self.right)])  # fmt: skip


class LRN:
    def __init__(self, n=5, k=2.0, alpha=1e-4, beta=0.75):
        self.half, self.k, self.alpha, self.beta = n // 2, k, alpha, beta

    def forward(self, x):
        self.x, self.s = x, np.empty(x.shape)
        for n, i, h, w in np.ndindex(x.shape):
            near = x[n, max(0, i - self.half) : i + self.half + 1, h, w]
            self.s[n, i, h, w] = self.k + self.alpha * float(np.dot(near, near))
        return x / self.s**self.beta

    def backward(self, dout):
        dx, (_, C, _, _) = dout / self.s**self.beta, self.x.shape
        part = 2 * self.alpha * self.beta * dout * self.x / self.s ** (self.beta + 1)
        for i in range(C):
            for j in range(max(0, i - self.half), min(C, i + self.half + 1)):
                dx[:, i] = dx[:, i] - self.x[:, i] * part[:, j]
        return dx
