import numpy as np


class Tensor:
    """An array that remembers how it was made. y.backward() fills in .grad of everything it was made of."""

    def __init__(self, data, _children=()):
        self.data = np.asarray(data, dtype=float)
        self.grad = np.zeros_like(self.data)
        self._backward = lambda: None
        self._prev = set(_children)

    @property
    def shape(self):
        return self.data.shape

    def backward(self, grad=None):
        order, seen = [], set()

        def visit(t):
            if t not in seen:
                seen.add(t)
                for child in t._prev:
                    visit(child)
                order.append(t)

        visit(self)
        self.grad = np.ones_like(self.data) if grad is None else np.asarray(grad, dtype=float)
        for t in reversed(order):
            t._backward()

    def zero_grad(self):
        self.grad = np.zeros_like(self.data)

    def matmul(self, other):
        out = Tensor(self.data @ other.data, (self, other))

        def _backward():
            self.grad += out.grad @ other.data.T
            other.grad += self.data.T @ out.grad
        out._backward = _backward
        return out

    def linear(self, weight, bias):
        """self (N, in), weight (in, out), bias (out,)"""
        out = Tensor(self.data @ weight.data + bias.data, (self, weight, bias))

        def _backward():
            self.grad += out.grad @ weight.data.T
            weight.grad += self.data.T @ out.grad
            bias.grad += out.grad.sum(axis=0)
        out._backward = _backward
        return out

    def relu(self):
        out = Tensor(np.maximum(self.data, 0), (self,))

        def _backward():
            self.grad += (out.grad > 0) * out.grad
        out._backward = _backward
        return out

    def tanh(self):
        out = Tensor(np.tanh(self.data), (self,))

        def _backward():
            self.grad += (1 - out.data ** 2) * out.grad
        out._backward = _backward
        return out

    def sigmoid(self):
        out = Tensor(1 / (1 + np.exp(-self.data)), (self,))

        def _backward():
            self.grad += out.data * (1 - out.data) * out.grad
        out._backward = _backward
        return out

    def conv2d(self, weight, bias=None, stride=1, padding=0):
        """self (N, C, H, W), weight (F, C, kh, kw), bias (F,)"""
        s, p = stride, padding
        kh, kw = weight.shape[2:]
        padded = np.pad(self.data, ((0, 0), (0, 0), (p, p), (p, p)))
        oh, ow = (padded.shape[2] - kh) // s + 1, (padded.shape[3] - kw) // s + 1
        y = 0
        for a in range(kh):
            for b in range(kw):
                part = padded[:, :, a:a + s * oh:s, b:b + s * ow:s]
                y = y + np.einsum('nchw,fc->nfhw', part, weight.data[:, :, a, b])
        if bias is not None:
            y = y + bias.data[:, None, None]
        out = Tensor(y, (self, weight) if bias is None else (self, weight, bias))

        def _backward():
            dpadded = np.zeros_like(padded)
            for a in range(kh):
                for b in range(kw):
                    here = np.s_[:, :, a:a + s * oh:s, b:b + s * ow:s]
                    weight.grad[:, :, a, b] += np.einsum('nfhw,nchw->fc', out.grad, padded[here])
                    dpadded[here] += np.einsum('nfhw,fc->nchw', out.grad, weight.data[:, :, a, b])
            if bias is not None:
                bias.grad += out.grad.sum(axis=(0, 2, 3))
            h, w = self.shape[2:]
            self.grad += dpadded[:, :, p:p + h, p:p + w]
        out._backward = _backward
        return out

    def max_pool2d(self, kernel_size, stride=None):
        k, s = kernel_size, stride or kernel_size
        view = np.lib.stride_tricks.sliding_window_view(self.data, (k, k), axis=(2, 3))[:, :, ::s, ::s]
        out = Tensor(view.max(axis=(4, 5)), (self,))

        def _backward():
            for i in range(out.shape[2]):
                for j in range(out.shape[3]):
                    window = self.data[:, :, i * s:i * s + k, j * s:j * s + k]
                    mask = window == out.data[:, :, i, j][..., None, None]
                    self.grad[:, :, i * s:i * s + k, j * s:j * s + k] += mask * out.grad[:, :, i, j][..., None, None]
        out._backward = _backward
        return out

    def cross_entropy(self, target):
        """Mean over the batch; target (N,)"""
        z = self.data - self.data.max(axis=1, keepdims=True)
        p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        n = np.arange(len(target))
        out = Tensor(-np.log(p[n, target]).mean(), (self,))

        def _backward():
            d = p.copy()
            d[n, target] -= 1
            self.grad += out.grad * d / len(target)
        out._backward = _backward
        return out
