"""A convolution in the frequency domain: a product there is a sum over a window here."""

import numpy as np


def spread(dout, stride):
    """dout with the places that the stride jumps over filled with 0."""
    n, c, h, w = dout.shape
    wide = np.zeros((n, c, (h - 1) * stride + 1, (w - 1) * stride + 1))
    wide[:, :, ::stride, ::stride] = dout
    return wide


def spectrum(a, size=None):
    """The Fourier transform of the last two axes, in float64: in float32 one large pixel would blur all of them."""
    return np.fft.rfft2(np.asarray(a, float), size)


class Convolution:
    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def forward(self, x):
        self.shape, (FH, FW), s = x.shape, self.W.shape[2:], self.stride
        self.x = np.pad(x, ((0, 0), (0, 0), (self.pad,) * 2, (self.pad,) * 2))
        height, width = self.x.shape[2:]
        if height < FH or width < FW:
            raise ValueError("the filter is larger than the padded input")
        a, b = spectrum(self.x), spectrum(self.W, (height, width))
        whole = np.fft.irfft2(np.einsum("nchw,fchw->nfhw", a, b.conj()), (height, width))
        return whole[:, :, : height - FH + 1 : s, : width - FW + 1 : s] + self.b[:, None, None]

    def backward(self, dout):
        size, p = self.x.shape[2:], self.pad
        d = spectrum(spread(dout, self.stride), size)
        self.db = dout.sum(axis=(0, 2, 3))
        dW = np.fft.irfft2(np.einsum("nchw,nfhw->fchw", spectrum(self.x), d.conj()), size)
        self.dW = dW[:, :, : self.W.shape[2], : self.W.shape[3]]
        dx = np.fft.irfft2(np.einsum("nfhw,fchw->nchw", d, spectrum(self.W, size)), size)
        return dx[:, :, p : p + self.shape[2], p : p + self.shape[3]]
