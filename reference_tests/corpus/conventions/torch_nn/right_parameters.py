"""Layers whose weights are Parameter objects. Gradients add up until zero_grad()."""
from math import sqrt

import numpy as np


class Parameter:
    def __init__(self, data):
        self.data = data
        self.grad = np.zeros_like(data)

    def zero_grad(self):
        self.grad = np.zeros_like(self.data)


class Module:
    def parameters(self):
        return [v for v in vars(self).values() if isinstance(v, Parameter)]

    def zero_grad(self):
        for p in self.parameters():
            p.zero_grad()

    def __call__(self, *inputs):
        return self.forward(*inputs)


def _pair(v):
    return v if isinstance(v, tuple) else (v, v)


class Conv2d(Module):
    def __init__(self, in_channels: int, out_channels: int, kernel_size, stride=1, padding=0, bias: bool = True):
        kh, kw = _pair(kernel_size)
        k = 1 / sqrt(in_channels * kh * kw)
        self.stride, self.padding = _pair(stride), _pair(padding)
        self.weight = Parameter(np.random.uniform(-k, k, size=(out_channels, in_channels, kh, kw)))
        self.bias = Parameter(np.random.uniform(-k, k, size=out_channels)) if bias else None

    def forward(self, x):
        (sh, sw), (ph, pw) = self.stride, self.padding
        _, _, kh, kw = self.weight.data.shape
        self.xp = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
        n, c, h, w = self.xp.shape
        oh, ow = (h - kh) // sh + 1, (w - kw) // sw + 1
        y = np.zeros((n, self.weight.data.shape[0], oh, ow))
        for a in range(kh):
            for b in range(kw):
                shifted = self.xp[:, :, a:a + sh * oh:sh, b:b + sw * ow:sw]
                y += np.tensordot(self.weight.data[:, :, a, b], shifted, axes=(1, 1)).swapaxes(0, 1)
        if self.bias is not None:
            y += self.bias.data.reshape(1, -1, 1, 1)
        return y

    def backward(self, grad_out):
        (sh, sw), (ph, pw) = self.stride, self.padding
        _, _, kh, kw = self.weight.data.shape
        oh, ow = grad_out.shape[2:]
        dxp = np.zeros_like(self.xp)
        for a in range(kh):
            for b in range(kw):
                area = np.s_[:, :, a:a + sh * oh:sh, b:b + sw * ow:sw]
                self.weight.grad[:, :, a, b] += np.tensordot(grad_out, self.xp[area], axes=((0, 2, 3), (0, 2, 3)))
                dxp[area] += np.tensordot(grad_out, self.weight.data[:, :, a, b], axes=(1, 0)).transpose(0, 3, 1, 2)
        if self.bias is not None:
            self.bias.grad += grad_out.sum((0, 2, 3))
        h, w = dxp.shape[2:]
        return dxp[:, :, ph:h - ph, pw:w - pw]


class ReLU(Module):
    def forward(self, x):
        self.x = x
        return np.maximum(x, 0.0)

    def backward(self, grad_out):
        return np.where(self.x > 0, grad_out, 0.0)


class Linear(Module):
    def __init__(self, in_features: int, out_features: int, bias: bool = True):
        k = 1 / sqrt(in_features)
        self.weight = Parameter(np.random.uniform(-k, k, (out_features, in_features)))
        self.bias = Parameter(np.random.uniform(-k, k, out_features)) if bias else None

    def forward(self, x):
        self.x = x
        y = np.einsum('ni,oi->no', x, self.weight.data)
        return y if self.bias is None else y + self.bias.data

    def backward(self, grad_out):
        self.weight.grad += np.einsum('no,ni->oi', grad_out, self.x)
        if self.bias is not None:
            self.bias.grad += np.einsum('no->o', grad_out)
        return np.einsum('no,oi->ni', grad_out, self.weight.data)


class Dropout(Module):
    def __init__(self, p: float = 0.5):
        self.p = p
        self.training = True

    def eval(self):
        self.training = False

    def train(self):
        self.training = True

    def forward(self, x):
        if not self.training:
            self.mask = np.ones_like(x)
            return x
        self.mask = (np.random.random(x.shape) >= self.p) / (1 - self.p)
        return x * self.mask

    def backward(self, grad_out):
        return grad_out * self.mask
