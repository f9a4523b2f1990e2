import numpy as np
from numba import jit, njit


@njit(fastmath=True)
def correlate(x, kernel, out, sh, sw):
    n, oh, ow, f = out.shape
    kh, kw, c, _ = kernel.shape
    for b in range(n):
        for i in range(oh):
            for j in range(ow):
                for k in range(f):
                    total = 0.0
                    for u in range(kh):
                        for v in range(kw):
                            for ch in range(c):
                                total += x[b, i * sh + u, j * sw + v, ch] * kernel[u, v, ch, k]
                    out[b, i, j, k] = total


@jit(nopython=True)
def correlate_back(x, kernel, dout, dx, dkernel, sh, sw):
    n, oh, ow, f = dout.shape
    kh, kw, c, _ = kernel.shape
    for b in range(n):
        for i in range(oh):
            for j in range(ow):
                for k in range(f):
                    d = dout[b, i, j, k]
                    for u in range(kh):
                        for v in range(kw):
                            for ch in range(c):
                                dkernel[u, v, ch, k] += d * x[b, i * sh + u, j * sw + v, ch]
                                dx[b, i * sh + u, j * sw + v, ch] += d * kernel[u, v, ch, k]


class Conv2D:
    """Channels last, 'valid' only. The kernel is made at the first call."""

    def __init__(self, filters, kernel_size, strides=(1, 1)):
        self.filters, self.kernel_size, self.strides = filters, kernel_size, strides
        self.kernel = None

    def call(self, x):
        kh, kw = self.kernel_size
        sh, sw = self.strides
        if self.kernel is None:
            self.kernel = np.random.randn(kh, kw, x.shape[3], self.filters) * 0.05
            self.bias = np.zeros(self.filters)
        self.x = np.asarray(x, dtype=float)
        out = np.empty((x.shape[0], (x.shape[1] - kh) // sh + 1, (x.shape[2] - kw) // sw + 1, self.filters))
        correlate(self.x, self.kernel, out, sh, sw)
        return out + self.bias

    def backward(self, dout):
        dx = np.zeros(self.x.shape)
        self.grad_kernel = np.zeros(self.kernel.shape)
        self.grad_bias = dout.sum(axis=(0, 1, 2))
        correlate_back(self.x, self.kernel, dout, dx, self.grad_kernel, *self.strides)
        return dx


class AveragePooling2D:
    def __init__(self, pool_size=(2, 2), strides=None):
        self.pool_size = pool_size
        self.strides = strides or pool_size

    def call(self, x):
        (ph, pw), (sh, sw) = self.pool_size, self.strides
        self.shape = x.shape
        oh, ow = (x.shape[1] - ph) // sh + 1, (x.shape[2] - pw) // sw + 1
        out = np.zeros((x.shape[0], oh, ow, x.shape[3]))
        for u in range(ph):
            for v in range(pw):
                out += x[:, u:u + sh * oh:sh, v:v + sw * ow:sw]
        return out / (ph * pw)

    def backward(self, dout):
        (ph, pw), (sh, sw) = self.pool_size, self.strides
        oh, ow = dout.shape[1:3]
        dx = np.zeros(self.shape)
        for u in range(ph):
            for v in range(pw):
                dx[:, u:u + sh * oh:sh, v:v + sw * ow:sw] += dout / (ph * pw)
        return dx
