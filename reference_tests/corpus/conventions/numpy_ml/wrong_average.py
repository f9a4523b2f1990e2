from abc import ABC, abstractmethod

import numpy as np


class LayerBase(ABC):
    def __init__(self):
        self.X = None
        self.gradients = {}
        self.parameters = {}
        self.derived_variables = {}
        self.trainable = True
        self.is_initialized = False

    @abstractmethod
    def forward(self, X):
        raise NotImplementedError

    @abstractmethod
    def backward(self, dLdy):
        raise NotImplementedError


class Conv2D(LayerBase):
    def __init__(self, out_ch, kernel_shape, pad=0, stride=1):
        """
        Apply two-dimensional kernels over an input volume.

        Parameters
        ----------
        out_ch : int
            The number of kernels
        kernel_shape : 2-tuple
            Rows and columns of a kernel
        pad : int
            Rows and columns of zeros around the input. Default is 0.
        stride : int
            Default is 1.
        """
        super().__init__()
        self.out_ch = out_ch
        self.kernel_shape = kernel_shape
        self.pad = pad
        self.stride = stride
        self.in_ch = None

    def _init_params(self):
        fr, fc = self.kernel_shape
        W = np.random.normal(0, np.sqrt(2 / (fr * fc * self.in_ch)), (fr, fc, self.in_ch, self.out_ch))
        b = np.zeros((1, 1, 1, self.out_ch))
        self.parameters = {"W": W, "b": b}
        self.gradients = {"W": np.zeros_like(W), "b": np.zeros_like(b)}
        self.is_initialized = True

    @property
    def hyperparameters(self):
        return {"layer": "Conv2D", "out_ch": self.out_ch, "pad": self.pad, "stride": self.stride,
                "kernel_shape": self.kernel_shape}

    def forward(self, X):
        """
        X : (n_ex, in_rows, in_cols, in_ch)

        Returns (n_ex, out_rows, out_cols, out_ch)
        """
        if not self.is_initialized:
            self.in_ch = X.shape[3]
            self._init_params()
        fr, fc = self.kernel_shape
        s, p = self.stride, self.pad
        Xp = np.pad(X, ((0, 0), (p, p), (p, p), (0, 0)))
        out_rows = (Xp.shape[1] - fr) // s + 1
        out_cols = (Xp.shape[2] - fc) // s + 1
        Y = np.zeros((X.shape[0], out_rows, out_cols, self.out_ch)) + self.parameters["b"]
        for r in range(fr):
            for c in range(fc):
                Y += Xp[:, r:r + s * out_rows:s, c:c + s * out_cols:s] @ self.parameters["W"][r, c]
        self.X = X
        self.derived_variables["X_pad"] = Xp
        return Y

    def backward(self, dLdy):
        fr, fc = self.kernel_shape
        s, p = self.stride, self.pad
        Xp = self.derived_variables["X_pad"]
        _, out_rows, out_cols, _ = dLdy.shape
        dW = np.zeros_like(self.parameters["W"])
        dXp = np.zeros_like(Xp)
        for r in range(fr):
            for c in range(fc):
                piece = Xp[:, r:r + s * out_rows:s, c:c + s * out_cols:s]
                dW[r, c] = np.einsum("nhwi,nhwo->io", piece, dLdy)
                dXp[:, r:r + s * out_rows:s, c:c + s * out_cols:s] += dLdy @ self.parameters["W"][r, c].T
        self.gradients["W"] = dW
        self.gradients["b"] = dLdy.sum(axis=(0, 1, 2), keepdims=True)
        return dXp[:, p:Xp.shape[1] - p, p:Xp.shape[2] - p]


class Pool2D(LayerBase):
    def __init__(self, kernel_shape, stride=1, pad=0, mode="max"):
        """mode : {"max", "average"}"""
        super().__init__()
        self.kernel_shape = kernel_shape
        self.stride = stride
        self.pad = pad
        self.mode = mode

    def forward(self, X):
        fr, fc = self.kernel_shape
        s, p = self.stride, self.pad
        self.Xp = np.pad(X, ((0, 0), (p, p), (p, p), (0, 0)))
        f = {"max": np.max, "average": np.mean}[self.mode]
        rows = (self.Xp.shape[1] - fr) // s + 1
        cols = (self.Xp.shape[2] - fc) // s + 1
        Y = np.zeros((X.shape[0], rows, cols, X.shape[3]))
        for i in range(rows):
            for j in range(cols):
                Y[:, i, j] = f(self.Xp[:, i * s:i * s + fr, j * s:j * s + fc], axis=(1, 2))
        return Y

    def backward(self, dLdy):
        fr, fc = self.kernel_shape
        s, p = self.stride, self.pad
        dX = np.zeros_like(self.Xp)
        for i in range(dLdy.shape[1]):
            for j in range(dLdy.shape[2]):
                here = np.s_[:, i * s:i * s + fr, j * s:j * s + fc]
                dy = dLdy[:, i:i + 1, j:j + 1]
                if self.mode == "max":
                    dX[here] += dy * (self.Xp[here] == self.Xp[here].max(axis=(1, 2), keepdims=True))
                else:
                    dX[here] += dy
        return dX[:, p:dX.shape[1] - p, p:dX.shape[2] - p]


class Flatten(LayerBase):
    def forward(self, X):
        self.in_dims = X.shape
        return X.reshape(X.shape[0], -1)

    def backward(self, dLdy):
        return dLdy.reshape(self.in_dims)


class FullyConnected(LayerBase):
    def __init__(self, n_out):
        super().__init__()
        self.n_out = n_out
        self.n_in = None

    def forward(self, X):
        if not self.is_initialized:
            self.n_in = X.shape[1]
            self.parameters = {"W": np.random.randn(self.n_in, self.n_out) * 0.1, "b": np.zeros((1, self.n_out))}
            self.is_initialized = True
        self.X = X
        return X @ self.parameters["W"] + self.parameters["b"]

    def backward(self, dLdy):
        self.gradients["W"] = self.X.T @ dLdy
        self.gradients["b"] = dLdy.sum(axis=0, keepdims=True)
        return dLdy @ self.parameters["W"].T
