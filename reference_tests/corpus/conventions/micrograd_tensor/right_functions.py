import numpy as np


class Tensor:
    def __init__(self, data, _prev=(), _op=''):
        self.data = np.asarray(data, dtype=np.float64)
        self.grad = np.zeros_like(self.data)
        self._backward = lambda: None
        self._prev = set(_prev)
        self._op = _op

    def __add__(self, other):
        other = other if isinstance(other, Tensor) else Tensor(other)
        out = Tensor(self.data + other.data, (self, other), '+')

        def _backward():
            def fit(g, shape):
                while g.ndim > len(shape):
                    g = g.sum(0)
                for i, s in enumerate(shape):
                    if s == 1:
                        g = g.sum(i, keepdims=True)
                return g
            self.grad = self.grad + fit(out.grad, self.data.shape)
            other.grad = other.grad + fit(out.grad, other.data.shape)
        out._backward = _backward
        return out

    def __matmul__(self, other):
        out = Tensor(self.data @ other.data, (self, other), '@')

        def _backward():
            self.grad = self.grad + out.grad @ other.data.T
            other.grad = other.grad + self.data.T @ out.grad
        out._backward = _backward
        return out

    def relu(self):
        out = Tensor(np.maximum(self.data, 0), (self,), 'relu')

        def _backward():
            self.grad = self.grad + (out.data > 0) * out.grad
        out._backward = _backward
        return out

    def backward(self, grad=None):
        topo, visited = [], set()

        def build(v):
            if v not in visited:
                visited.add(v)
                for child in v._prev:
                    build(child)
                topo.append(v)
        build(self)
        self.grad = np.ones_like(self.data) if grad is None else np.asarray(grad)
        for v in reversed(topo):
            v._backward()


def linear(x, weight, bias):
    return x @ weight + bias


def conv2d(x, weight, bias, stride=1, padding=0):
    xp = np.pad(x.data, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    w = weight.data
    kh, kw = w.shape[2:]
    v = np.lib.stride_tricks.sliding_window_view(xp, (kh, kw), axis=(2, 3))[:, :, ::stride, ::stride]
    out = Tensor(np.einsum('nchwij,fcij->nfhw', v, w) + bias.data[:, None, None], (x, weight, bias), 'conv2d')

    def _backward():
        g = out.grad
        weight.grad = weight.grad + np.einsum('nchwij,nfhw->fcij', v, g)
        bias.grad = bias.grad + out.grad.sum((0, 2, 3))
        gx = np.zeros_like(xp)
        for i in range(g.shape[2]):
            for j in range(g.shape[3]):
                gx[:, :, i * stride:i * stride + kh, j * stride:j * stride + kw] += np.tensordot(g[:, :, i, j], w, 1)
        x.grad = x.grad + gx[:, :, padding:gx.shape[2] - padding, padding:gx.shape[3] - padding]
    out._backward = _backward
    return out


def max_pool2d(x, kernel_size, stride=None):
    stride = stride or kernel_size
    k = kernel_size
    v = np.lib.stride_tricks.sliding_window_view(x.data, (k, k), axis=(2, 3))[:, :, ::stride, ::stride]
    flat = v.reshape(*v.shape[:4], -1)
    idx = flat.argmax(-1)
    out = Tensor(flat.max(-1), (x,), 'max_pool2d')

    def _backward():
        gx = np.zeros_like(x.data)
        for n, c, i, j in np.ndindex(idx.shape):
            a, b = divmod(idx[n, c, i, j], k)
            gx[n, c, i * stride + a, j * stride + b] += out.grad[n, c, i, j]
        x.grad = x.grad + gx
    out._backward = _backward
    return out
