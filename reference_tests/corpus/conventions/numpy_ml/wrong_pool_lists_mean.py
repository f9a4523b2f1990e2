from abc import ABC, abstractmethod
import numpy as np


class LayerBase(ABC):
    def __init__(self, optimizer=None):
        """An abstract base class inherited by all neural network layers"""
        self.X = []
        self.act_fn = None
        self.trainable = True
        self.optimizer = optimizer
        self.gradients = {}
        self.parameters = {}
        self.derived_variables = {}

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
        assert self.trainable, "Layer is frozen"
        self.X = []
        for k, v in self.derived_variables.items():
            self.derived_variables[k] = []
        for k, v in self.gradients.items():
            self.gradients[k] = np.zeros_like(v)


class Pool2D(LayerBase):
    def __init__(self, kernel_shape, stride=1, pad=0, mode="max", optimizer=None):
        super().__init__(optimizer)
        self.pad, self.mode, self.stride, self.kernel_shape = pad, mode, stride, kernel_shape
        self.is_initialized = False

    def _init_params(self):
        self.derived_variables = {"out_rows": [], "out_cols": []}
        self.is_initialized = True

    def forward(self, X, retain_derived=True):
        if not self.is_initialized:
            self._init_params()
        fr, fc = self.kernel_shape
        s, p = self.stride, self.pad
        n, h, w, c = X.shape
        Xp = np.pad(X, ((0, 0), (p, p), (p, p), (0, 0)))
        oh, ow = (h + 2 * p - fr) // s + 1, (w + 2 * p - fc) // s + 1
        fn = np.max if self.mode == "max" else np.mean
        Y = np.zeros((n, oh, ow, c))
        for i in range(oh):
            for j in range(ow):
                Y[:, i, j] = fn(Xp[:, i * s:i * s + fr, j * s:j * s + fc], axis=(1, 2))
        if retain_derived:
            self.X.append(X)
        return Y

    def backward(self, dLdY, retain_grads=True):
        if not isinstance(dLdY, list):
            dLdY = [dLdY]
        out = []
        fr, fc = self.kernel_shape
        s, p = self.stride, self.pad
        for X, dy in zip(self.X, dLdY):
            n, h, w, c = X.shape
            Xp = np.pad(X, ((0, 0), (p, p), (p, p), (0, 0)))
            dX = np.zeros_like(Xp)
            for m in range(n):
                for i in range(dy.shape[1]):
                    for j in range(dy.shape[2]):
                        for ch in range(c):
                            win = Xp[m, i * s:i * s + fr, j * s:j * s + fc, ch]
                            if self.mode == "max":
                                a, b = np.argwhere(win == win.max())[0]
                                dX[m, i * s + a, j * s + b, ch] += dy[m, i, j, ch]
                            else:
                                dX[m, i * s:i * s + fr, j * s:j * s + fc, ch] += dy[m, i, j, ch] / fr
            out.append(dX[:, p:p + h, p:p + w])
        return out[0] if len(self.X) == 1 else out
