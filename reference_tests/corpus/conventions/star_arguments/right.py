import numpy as np


class Module(object):
    def forward(self, *input):
        raise NotImplementedError

    def backward(self, *gradwrtoutput):
        raise NotImplementedError

    def param(self):
        return []


class Linear(Module):
    def __init__(self, dim_in, dim_out, eps=1e-2):
        self.w = np.random.normal(0, eps, (dim_in, dim_out))
        self.b = np.random.normal(0, eps, dim_out)
        self.dw = np.zeros_like(self.w)
        self.db = np.zeros_like(self.b)

    def forward(self, *input):
        self.x, = input
        return self.x @ self.w + self.b

    def backward(self, *gradwrtoutput):
        grad, = gradwrtoutput
        x = self.x
        self.dw += x.T @ grad
        self.db += grad.sum(0)
        return grad @ self.w.T

    def param(self):
        return [(self.w, self.dw), (self.b, self.db)]


class Conv2d(Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1):
        self.w = np.random.normal(0, 0.1, (out_channels, in_channels, kernel_size, kernel_size))
        self.b = np.zeros(out_channels)
        self.dw, self.db = np.zeros_like(self.w), np.zeros_like(self.b)
        self.k, self.stride = kernel_size, stride

    def forward(self, *input):
        x, = input
        self.x = x
        k, s = self.k, self.stride
        v = np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(2, 3))[:, :, ::s, ::s]
        return np.einsum('nchwij,fcij->nfhw', v, self.w) + self.b.reshape(1, -1, 1, 1)

    def backward(self, *gradwrtoutput):
        g, = gradwrtoutput
        k, s = self.k, self.stride
        v = np.lib.stride_tricks.sliding_window_view(self.x, (k, k), axis=(2, 3))[:, :, ::s, ::s]
        self.dw += np.einsum('nchwij,nfhw->fcij', v, g)
        self.db += g.sum((0, 2, 3))
        dx = np.zeros_like(self.x)
        for i in range(g.shape[2]):
            for j in range(g.shape[3]):
                dx[:, :, i*s:i*s+k, j*s:j*s+k] += np.einsum('nf,fcij->ncij', g[:, :, i, j], self.w)
        return dx

    def param(self):
        return [(self.w, self.dw), (self.b, self.db)]


class ReLU(Module):
    def forward(self, *input):
        self.s = input[0]
        return np.clip(self.s, 0, None)

    def backward(self, *gradwrtoutput):
        return gradwrtoutput[0] * (self.s > 0)


class Tanh(Module):
    def forward(self, *input):
        self.s = input[0]
        return np.tanh(self.s)

    def backward(self, *gradwrtoutput):
        return gradwrtoutput[0] * (1 - np.tanh(self.s) ** 2)
