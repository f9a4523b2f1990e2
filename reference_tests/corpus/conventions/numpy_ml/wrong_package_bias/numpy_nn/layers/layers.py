import numpy as np

from ..utils.utils import add_windows, calc_pad, pad2D, windows


class Conv2D:
    def __init__(self, out_ch, kernel_shape, pad=0, stride=1):
        self.out_ch = out_ch
        self.kernel_shape = kernel_shape
        self.pad = pad
        self.stride = stride
        self.in_ch = None
        self.parameters = {"W": None, "b": None}
        self.gradients = {"W": None, "b": None}
        self.is_initialized = False

    def _init_params(self):
        shape = tuple(self.kernel_shape) + (self.in_ch, self.out_ch)
        self.parameters = {"W": np.random.randn(*shape) * 0.1, "b": np.zeros((1, 1, 1, self.out_ch))}
        self.is_initialized = True

    def forward(self, X):
        if not self.is_initialized:
            self.in_ch = X.shape[3]
            self._init_params()
        self.p = calc_pad(self.pad, self.kernel_shape)
        Xp = pad2D(X, self.p)
        self.X_shape, self.Xp_shape = X.shape, Xp.shape
        self.cols = windows(Xp, self.kernel_shape, self.stride)
        return np.tensordot(self.cols, self.parameters["W"], axes=3)

    def backward(self, dLdy):
        self.gradients["W"] = np.tensordot(self.cols, dLdy, axes=((0, 1, 2), (0, 1, 2)))
        self.gradients["b"] = dLdy.sum(axis=(0, 1, 2), keepdims=True)
        dcols = np.tensordot(dLdy, self.parameters["W"], axes=(3, 3))
        dXp = add_windows(dcols, self.Xp_shape, self.stride)
        above, _, left, _ = self.p
        return dXp[:, above:above + self.X_shape[1], left:left + self.X_shape[2]]


class Pool2D:
    def __init__(self, kernel_shape, stride=1, pad=0, mode="max"):
        self.kernel_shape, self.stride, self.pad, self.mode = kernel_shape, stride, pad, mode

    def forward(self, X):
        self.X_shape = X.shape
        Xp = pad2D(X, calc_pad(self.pad, self.kernel_shape))
        self.Xp_shape = Xp.shape
        self.w = windows(Xp, self.kernel_shape, self.stride)
        return self.w.max(axis=(3, 4)) if self.mode == "max" else self.w.mean(axis=(3, 4))

    def backward(self, dLdy):
        d = dLdy[:, :, :, None, None]
        if self.mode == "max":
            share = self.w == self.w.max(axis=(3, 4), keepdims=True)
        else:
            share = np.ones(self.w.shape) / np.prod(self.kernel_shape)
        dXp = add_windows(d * share, self.Xp_shape, self.stride)
        above, _, left, _ = calc_pad(self.pad, self.kernel_shape)
        return dXp[:, above:above + self.X_shape[1], left:left + self.X_shape[2]]


class FullyConnected:
    def __init__(self, n_out):
        self.n_out = n_out
        self.parameters, self.gradients = {"W": None, "b": None}, {}
        self.is_initialized = False

    def forward(self, X):
        if not self.is_initialized:
            self.parameters = {"W": np.random.randn(X.shape[1], self.n_out) * 0.1, "b": np.zeros((1, self.n_out))}
            self.is_initialized = True
        self.X = X
        return X @ self.parameters["W"] + self.parameters["b"]

    def backward(self, dLdy):
        self.gradients = {"W": self.X.T @ dLdy, "b": dLdy.sum(axis=0, keepdims=True)}
        return dLdy @ self.parameters["W"].T
