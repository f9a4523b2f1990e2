"""Winograd's F(2x2, 3x3): tiles of four outputs from sixteen products; whatever does not fit goes the usual way."""

import numpy as np

from . import whole

B = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]], float)
G = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]])
A = np.array([[1, 1, 1, 0], [0, 1, -1, -1]], float)


class Convolution(whole.Convolution):
    def forward(self, x):
        usual = super().forward(x)
        oh, ow = self.size
        if self.W.shape[2:] != (3, 3) or self.stride != 1 or oh % 2 or ow % 2:
            return usual
        U = G @ self.W @ G.T
        out = np.empty(usual.shape)
        for i in range(0, oh, 2):
            for j in range(0, ow, 2):
                V = B @ self.x[:, :, i : i + 4, j : j + 4] @ B.T
                M = np.einsum("fcuv,ncuv->nfuv", U, V)
                out[:, :, i : i + 2, j : j + 2] = A @ M @ A.T
        return out + self.b[:, None, None]
