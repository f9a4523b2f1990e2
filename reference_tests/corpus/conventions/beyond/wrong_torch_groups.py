"""Layers beyond the usual ones, with torch.nn's arguments. Gradients in .grad_weight and .grad_bias."""
import numpy as np


class GroupedConv2d:
    """weight (out, in / groups, k, k)"""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, groups=1):
        self.stride, self.padding, self.groups = stride, padding, groups
        self.weight = np.random.randn(out_channels, in_channels // groups, kernel_size, kernel_size) * 0.1
        self.bias = np.zeros(out_channels)

    def forward(self, x):
        k, s, p, g = self.weight.shape[2], self.stride, self.padding, self.groups
        self.x_shape = n, c, h, w = x.shape
        xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        v = np.lib.stride_tricks.sliding_window_view(xp, (k, k), axis=(2, 3))[:, :, ::s, ::s]
        self.view = v.reshape(n, g, c // g, *v.shape[2:])
        w5 = self.weight.reshape(-1, g, *self.weight.shape[1:]).swapaxes(0, 1)
        y = np.einsum('ngchwij,gfcij->ngfhw', self.view, w5)
        return y.reshape(n, -1, *y.shape[3:]) + self.bias[:, None, None]

    def backward(self, grad_output):
        k, s, p, g = self.weight.shape[2], self.stride, self.padding, self.groups
        n, c, h, w = self.x_shape
        d = grad_output.reshape(n, g, -1, *grad_output.shape[2:])
        w5 = self.weight.reshape(g, -1, *self.weight.shape[1:])
        self.grad_weight = np.einsum('ngfhw,ngchwij->gfcij', d, self.view).reshape(self.weight.shape)
        self.grad_bias = grad_output.sum(axis=(0, 2, 3))
        dxp = np.zeros((n, c, h + 2 * p, w + 2 * p))
        oh, ow = grad_output.shape[2:]
        for i in range(k):
            for j in range(k):
                part = np.einsum('ngfhw,gfc->ngchw', d, w5[..., i, j]).reshape(n, c, oh, ow)
                dxp[:, :, i:i + s * oh:s, j:j + s * ow:s] += part
        return dxp[:, :, p:p + h, p:p + w]


class DepthwiseConv2d:
    """One filter a channel: weight (channels, 1, k, k)"""

    def __init__(self, channels, kernel_size, stride=1, padding=0):
        self.stride, self.padding = stride, padding
        self.weight = np.random.randn(channels, 1, kernel_size, kernel_size) * 0.1
        self.bias = np.zeros(channels)

    def forward(self, x):
        k, s, p = self.weight.shape[2], self.stride, self.padding
        self.xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        oh, ow = (self.xp.shape[2] - k) // s + 1, (self.xp.shape[3] - k) // s + 1
        y = np.zeros(x.shape[:2] + (oh, ow))
        for i in range(k):
            for j in range(k):
                part = self.xp[:, :, i:i + s * oh:s, j:j + s * ow:s]
                y += part * self.weight[:, 0, i, j][:, None, None]
        return y + self.bias[:, None, None]

    def backward(self, grad_output):
        k, s, p = self.weight.shape[2], self.stride, self.padding
        oh, ow = grad_output.shape[2:]
        self.grad_weight = np.zeros_like(self.weight)
        self.grad_bias = grad_output.sum(axis=(0, 2, 3))
        dxp = np.zeros_like(self.xp)
        for i in range(k):
            for j in range(k):
                here = np.s_[:, :, i:i + s * oh:s, j:j + s * ow:s]
                self.grad_weight[:, 0, i, j] = (self.xp[here] * grad_output).sum(axis=(0, 2, 3))
                dxp[here] += grad_output * self.weight[:, 0, i, j][:, None, None]
        return dxp[:, :, p:dxp.shape[2] - p, p:dxp.shape[3] - p]


class PointwiseConv2d:
    """1x1 convolution: weight (out, in)"""

    def __init__(self, in_channels, out_channels):
        self.weight = np.random.randn(out_channels, in_channels) * 0.1
        self.bias = np.zeros(out_channels)

    def forward(self, x):
        self.x = x
        return np.einsum('fc,nchw->nfhw', self.weight, x) + self.bias.reshape(-1, 1, 1)

    def backward(self, grad_output):
        self.grad_weight = np.einsum('nfhw,nchw->fc', grad_output, self.x)
        self.grad_bias = grad_output.sum(axis=(0, 2, 3))
        return np.einsum('fc,nfhw->nchw', self.weight, grad_output)


class ConvTranspose2d:
    """weight (in, out, k, k)"""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        self.stride, self.padding = stride, padding
        self.weight = np.random.randn(in_channels, out_channels, kernel_size, kernel_size) * 0.1
        self.bias = np.zeros(out_channels)

    def forward(self, x):
        k, s, p = self.weight.shape[2], self.stride, self.padding
        self.x = x
        n, c, h, w = x.shape
        full = np.zeros((n, self.weight.shape[1], (h - 1) * s + k, (w - 1) * s + k))
        for i in range(h):
            for j in range(w):
                full[:, :, i * s:i * s + k, j * s:j * s + k] += np.tensordot(x[:, :, i, j], self.weight, axes=1)
        self.full_shape = full.shape
        return full[:, :, p:full.shape[2] - p, p:full.shape[3] - p] + self.bias[:, None, None]

    def backward(self, grad_output):
        k, s, p = self.weight.shape[2], self.stride, self.padding
        d = np.pad(grad_output, ((0, 0), (0, 0), (p, p), (p, p)))
        v = np.lib.stride_tricks.sliding_window_view(d, (k, k), axis=(2, 3))[:, :, ::s, ::s]
        self.grad_weight = np.einsum('nchw,nfhwij->cfij', self.x, v)
        self.grad_bias = grad_output.sum(axis=(0, 2, 3))
        return np.einsum('nfhwij,cfij->nchw', v, self.weight)
