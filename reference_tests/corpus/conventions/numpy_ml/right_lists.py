from abc import ABC, abstractmethod

import numpy as np

from ..wrappers import init_wrappers, Dropout
from ..utils import pad2D, conv2D, im2col, col2im


class LayerBase(ABC):
    def __init__(self, optimizer=None):
        self.X = []
        self.act_fn = None
        self.trainable = True
        self.optimizer = optimizer
        self.gradients = {}
        self.parameters = {}
        self.derived_variables = {}
        super().__init__()

    @abstractmethod
    def _init_params(self, **kwargs):
        raise NotImplementedError

    @abstractmethod
    def forward(self, z, **kwargs):
        raise NotImplementedError

    @abstractmethod
    def backward(self, out, **kwargs):
        raise NotImplementedError

    def flush_gradients(self):
        self.X = []
        for k, v in self.gradients.items():
            self.gradients[k] = np.zeros_like(v)


class FullyConnected(LayerBase):
    def __init__(self, n_out, act_fn=None, init="glorot_uniform", optimizer=None):
        super().__init__(optimizer)
        self.n_in = None
        self.n_out = n_out
        self.is_initialized = False

    def _init_params(self):
        self.parameters = {"W": np.random.randn(self.n_in, self.n_out) * 0.1, "b": np.zeros((1, self.n_out))}
        self.gradients = {"W": np.zeros((self.n_in, self.n_out)), "b": np.zeros((1, self.n_out))}
        self.is_initialized = True

    @property
    def hyperparameters(self):
        return {"layer": "FullyConnected", "n_out": self.n_out}

    def forward(self, X, retain_derived=True):
        if not self.is_initialized:
            self.n_in = X.shape[1]
            self._init_params()
        Y = X @ self.parameters["W"] + self.parameters["b"]
        if retain_derived:
            self.X.append(X)
        return Y

    def backward(self, dLdy, retain_grads=True):
        if not isinstance(dLdy, list):
            dLdy = [dLdy]
        dX = []
        for dy, x in zip(dLdy, self.X):
            dX.append(dy @ self.parameters["W"].T)
            if retain_grads:
                self.gradients["W"] += x.T @ dy
                self.gradients["b"] += dy.sum(axis=0, keepdims=True)
        return dX[0] if len(self.X) == 1 else dX


class Conv2D(LayerBase):
    def __init__(self, out_ch, kernel_shape, pad=0, stride=1, act_fn=None, optimizer=None):
        """
        Apply a two-dimensional convolution kernel over an input volume.

        Notes
        -----
            X : (n_ex, in_rows, in_cols, in_ch)
            W : (fr, fc, in_ch, out_ch)
        """
        super().__init__(optimizer)
        self.pad = pad
        self.in_ch = None
        self.out_ch = out_ch
        self.stride = stride
        self.kernel_shape = kernel_shape
        self.is_initialized = False

    def _init_params(self):
        fr, fc = self.kernel_shape
        W = np.random.randn(fr, fc, self.in_ch, self.out_ch) * 0.1
        b = np.zeros((1, 1, 1, self.out_ch))
        self.parameters = {"W": W, "b": b}
        self.gradients = {"W": np.zeros_like(W), "b": np.zeros_like(b)}
        self.is_initialized = True

    def forward(self, X, retain_derived=True):
        if not self.is_initialized:
            self.in_ch = X.shape[3]
            self._init_params()
        W, b = self.parameters["W"], self.parameters["b"]
        fr, fc = self.kernel_shape
        p, s = self.pad, self.stride
        Xp = np.pad(X, ((0, 0), (p, p), (p, p), (0, 0)))
        n_ex, H, V, _ = Xp.shape
        out_rows, out_cols = (H - fr) // s + 1, (V - fc) // s + 1
        Z = np.empty((n_ex, out_rows, out_cols, self.out_ch))
        for i in range(out_rows):
            for j in range(out_cols):
                Z[:, i, j, :] = np.tensordot(Xp[:, i * s:i * s + fr, j * s:j * s + fc, :], W, axes=([1, 2, 3], [0, 1, 2]))
        if retain_derived:
            self.X.append(X)
        return Z + b

    def backward(self, dLdy, retain_grads=True):
        X = self.X[-1]
        W = self.parameters["W"]
        fr, fc = self.kernel_shape
        p, s = self.pad, self.stride
        Xp = np.pad(X, ((0, 0), (p, p), (p, p), (0, 0)))
        dXp = np.zeros_like(Xp)
        dW = np.zeros_like(W)
        for i in range(dLdy.shape[1]):
            for j in range(dLdy.shape[2]):
                d = dLdy[:, i, j, :]
                dW += np.einsum("nabc,no->abco", Xp[:, i * s:i * s + fr, j * s:j * s + fc, :], d)
                dXp[:, i * s:i * s + fr, j * s:j * s + fc, :] += np.einsum("abco,no->nabc", W, d)
        if retain_grads:
            self.gradients["W"] += dW
            self.gradients["b"] += dLdy.sum(axis=(0, 1, 2), keepdims=True)
        return dXp[:, p:Xp.shape[1] - p, p:Xp.shape[2] - p, :]


class Pool2D(LayerBase):
    def __init__(self, kernel_shape, stride=1, pad=0, mode="max", optimizer=None):
        super().__init__(optimizer)
        self.pad = pad
        self.mode = mode
        self.stride = stride
        self.kernel_shape = kernel_shape

    def _init_params(self):
        pass

    def forward(self, X, retain_derived=True):
        fr, fc = self.kernel_shape
        s = self.stride
        self.X.append(X)
        p = self.pad
        Xp = np.pad(X, ((0, 0), (p, p), (p, p), (0, 0)))
        rows, cols = (Xp.shape[1] - fr) // s + 1, (Xp.shape[2] - fc) // s + 1
        Y = np.zeros((X.shape[0], rows, cols, X.shape[3]))
        fn = np.max if self.mode == "max" else np.mean
        for i in range(rows):
            for j in range(cols):
                Y[:, i, j, :] = fn(Xp[:, i * s:i * s + fr, j * s:j * s + fc, :], axis=(1, 2))
        return Y

    def backward(self, dLdY, retain_grads=True):
        raise NotImplementedError
