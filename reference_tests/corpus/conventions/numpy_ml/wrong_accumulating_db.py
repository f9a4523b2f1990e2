import numpy as np


class Conv2D:
    """Channels last. Every forward keeps its input, and backward adds up until flush_gradients()."""

    def __init__(self, out_ch, kernel_shape, pad=0, stride=1):
        self.out_ch, self.kernel_shape = out_ch, kernel_shape
        self.pad, self.stride = pad, stride
        self.in_ch = None
        self.parameters = {"W": None, "b": None}
        self.gradients = {}
        self.X = []
        self.is_initialized = False

    def _init_params(self):
        fr, fc = self.kernel_shape
        self.parameters["W"] = np.random.uniform(-0.1, 0.1, (fr, fc, self.in_ch, self.out_ch))
        self.parameters["b"] = np.zeros((1, 1, 1, self.out_ch))
        self.flush_gradients()
        self.is_initialized = True

    def flush_gradients(self):
        self.X = []
        self.gradients = {k: np.zeros_like(v) for k, v in self.parameters.items()}

    def _view(self, Xp):
        fr, fc = self.kernel_shape
        v = np.lib.stride_tricks.sliding_window_view(Xp, (fr, fc), axis=(1, 2))
        return v[:, ::self.stride, ::self.stride]

    def _padded(self, X):
        return np.pad(X, ((0, 0), (self.pad,) * 2, (self.pad,) * 2, (0, 0)))

    def forward(self, X, retain_derived=True):
        if not self.is_initialized:
            self.in_ch = X.shape[3]
            self._init_params()
        if retain_derived:
            self.X.append(X)
        return np.einsum("nhwirc,rcio->nhwo", self._view(self._padded(X)), self.parameters["W"]) + self.parameters["b"]

    def backward(self, dLdy, retain_grads=True):
        if not isinstance(dLdy, list):
            dLdy = [dLdy]
        dX = []
        for dy, X in zip(dLdy, self.X):
            dx, dw, db = self._bwd(dy, X)
            dX.append(dx)
            if retain_grads:
                self.gradients["W"] += dw
                self.gradients["b"] += db
        return dX[0] if len(dX) == 1 else dX

    def _bwd(self, dy, X):
        fr, fc = self.kernel_shape
        s, p = self.stride, self.pad
        Xp = self._padded(X)
        dW = np.einsum("nhwirc,nhwo->rcio", self._view(Xp), dy)
        db = dy.sum(axis=(0, 1, 2)).reshape(1, 1, 1, -1)
        patches = np.einsum("nhwo,rcio->nhwrci", dy, self.parameters["W"])
        dXp = np.zeros_like(Xp)
        for i, j in np.ndindex(*dy.shape[1:3]):
            dXp[:, i * s:i * s + fr, j * s:j * s + fc] += patches[:, i, j]
        return dXp[:, p:p + X.shape[1], p:p + X.shape[2]], dW, db


class ReLU:
    def __init__(self):
        self.X = []

    def forward(self, X, retain_derived=True):
        if retain_derived:
            self.X = [X]
        return np.clip(X, 0, np.inf)

    def backward(self, dLdy, retain_grads=True):
        return dLdy * (self.X[0] > 0).astype(float)


class FullyConnected:
    def __init__(self, n_out):
        self.n_out = n_out
        self.parameters, self.gradients = {"W": None, "b": None}, {}
        self.X = []
        self.is_initialized = False

    def flush_gradients(self):
        self.X = []
        self.gradients = {k: np.zeros_like(v) for k, v in self.parameters.items()}

    def forward(self, X, retain_derived=True):
        if not self.is_initialized:
            self.parameters["W"] = np.random.uniform(-0.1, 0.1, (X.shape[1], self.n_out))
            self.parameters["b"] = np.zeros((1, self.n_out))
            self.flush_gradients()
            self.is_initialized = True
        if retain_derived:
            self.X.append(X)
        return np.dot(X, self.parameters["W"]) + self.parameters["b"]

    def backward(self, dLdy, retain_grads=True):
        X = self.X[-1]
        if retain_grads:
            self.gradients["W"] += np.dot(X.T, dLdy)
            self.gradients["b"] += dLdy[:1]
        return np.dot(dLdy, self.parameters["W"].T)
