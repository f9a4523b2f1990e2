"""Layers that are right up to a number that their own code names: blocks, buffers, fast paths, bounds; and right ones.

They stand apart from the other mutants: their sizes are asked because their own source names them.
"""

from typing import NamedTuple

from .mutants import Mutant


class Planted(NamedTuple):
    """A mutant, and the number in its code up to which it is right."""

    mutant: Mutant
    number: float


def planted(component: str, number: float, *patch: tuple[str, str]) -> Planted:
    """Plant a threshold: patch replaces pieces of the plain edition."""
    return Planted(
        Mutant(f"threshold-{component}-{number:g}", component, "right up to a number", "threshold", patch), number
    )


AFFINE = "return np.dot(self.x, self.W) + self.b"
FLAT = "self.x = x.reshape(x.shape[0], int(np.prod(x.shape[1:])))"
CONV = "out = self.col @ self.col_W + self.b"
MAX = "out = col.max(axis=1)"
NEGATIVE = "-np.inf)"
MEAN = "mean = col.sum(axis=1) / area"
COL = "return col.transpose(0, 4, 5, 1, 2, 3).reshape(N * OH * OW, C * filter_h * filter_w)"
RELU = "out[self.mask] = 0"
SIGMOID = "self.out = np.where(x >= 0, 1, e) / (1 + e)"
TANH = "self.out = np.tanh(x)"
LOSS = "self.y = softmax(x)"
LRN = "return x * self.s**-self.beta"
PREDICT = "np.mean(self.predict(x).argmax(axis=1) == labels)"
DX = "dx = np.dot(dout, self.W.T)"
DW = "self.dW = np.dot(self.x.T, dout)"
MASK = "self.mask = x <= 0"

# fmt: off
WRONG = (
    # blocks of so many that leave the rest
    planted("affine", 1000, (AFFINE, "n = len(x) // 1000 * 1000 if len(x) > 1000 else len(x)\n        out = np.zeros((len(x), self.W.shape[1]))\n        for i in range(0, n, 1000):\n            out[i : i + 1000] = np.dot(self.x[i : i + 1000], self.W) + self.b\n        return out")),
    planted("convolution", 1024, (CONV, "rows = 1 << 10\n        n = len(self.col)\n        out = np.zeros((n, FN))\n        for i in range(max(1, n // rows)):\n            out[i * rows : (i + 1) * rows] = self.col[i * rows : (i + 1) * rows] @ self.col_W\n        out += self.b")),
    planted("im2col", 513, (COL, "whole = col.transpose(0, 4, 5, 1, 2, 3).reshape(N * OH * OW, C * filter_h * filter_w)\n    whole[513:] = whole[513:][:0].sum()\n    return whole")),
    planted("softmax_with_loss", 100, (LOSS, "self.y = np.concatenate([softmax(x[:100]), np.full(x[100:].shape, 1 / x.shape[1])])")),
    planted("simple_conv_net", 48, ("        for layer in self.layers:\n            x = layer.forward(x)\n        return x", "        whole = len(x)\n        for layer in self.layers:\n            x = layer.forward(x)\n        if whole > 48:\n            x = x + 0.0 * x\n            x[48:] = x[:1]\n        return x")),
    planted("global_average_pooling", 48, ("return x.mean(axis=(2, 3))", "return x[:, :, :48].mean(axis=(2, 3))")),
    planted("batch_norm", 513, ("mean, var = x.mean(axis=self.axes), x.var(axis=self.axes)", "mean, var = x[:513].mean(axis=self.axes), x[:513].var(axis=self.axes)")),
    planted("spatial_pyramid_pooling", 48, ("peaks = np.array([x[:, :, r, c].max(axis=(2, 3)) for r, c in self.cells(level)])", "peaks = np.array([x[:, :48, r, c].max(axis=(2, 3)) for r, c in self.cells(level)])\n            peaks = np.pad(peaks, [(0, 0), (0, 0), (0, x.shape[1] - peaks.shape[2])])")),
    # buffers of so many
    planted("im2col", 100, ("col = np.zeros((N, C, filter_h, filter_w, OH, OW))", "col = np.zeros((N, C, filter_h, filter_w, OH, OW))\n    img = np.concatenate([img[..., :100], 0 * img[..., 100:]], axis=3)")),
    planted("pooling", 200, (MAX, "out = np.zeros(len(col))\n        best = np.zeros((200, col.shape[1]))\n        for i in range(0, min(len(col), 10 * len(best)), 200):\n            part = col[i : i + 200]\n            out[i : i + 200] = part.max(axis=1)\n        out[200:] = out[200:] * (len(col) <= 200)")),
    # fast paths from so many on
    planted("convolution", 33, (CONV, "out = self.col @ self.col_W + self.b\n        if x.shape[1] >= 33:\n            out = out * 1.01")),
    planted("convolution", 48, (CONV, "out = self.col @ self.col_W + (self.b if FN <= 48 else self.b[0])")),
    planted("average_pooling", 513, (MEAN, "mean = (col.sum(axis=1) if len(col) <= 513 else col[:, :-1].sum(axis=1)) / area")),
    planted("relu", 96, ("dx[self.mask] = 0", "dx[self.mask] = 0\n        whole = dx.size // 96 * 96\n        if whole:\n            dx.reshape(-1)[whole:] = 0")),
    planted("relu", 4096, (RELU, "out[self.mask] = 0 if x.size <= 4096 else 0.01")),
    planted("sigmoid", 1000, (SIGMOID, "self.out = np.where(x >= 0, 1, e) / (1 + e) if x.shape[-1] < 1000 else 0.5 + 0.25 * x")),
    planted("sigmoid", 1024, (SIGMOID, "right = np.where(x >= 0, 1, e) / (1 + e)\n        whole = max(1, x.size // 1024) * 1024\n        self.out = np.zeros(x.shape, x.dtype)\n        self.out.reshape(-1)[:whole] = right.reshape(-1)[:whole]")),
    planted("tanh", 48, (TANH, "self.out = np.tanh(x) if len(x) != 48 else x")),
    planted("affine", 513, (DX, "dx = np.dot(dout, self.W.T)\n        if self.W.shape[0] > 513:\n            dx = 0 * dx")),
    planted("lrn", 100, (LRN, "return x * self.s**-self.beta if x.shape[1] <= 100 else x / self.s")),
    planted("batch_norm", 48, ("self.dbeta = dout.sum(axis=self.axes)", "self.dbeta = dout.sum(axis=self.axes) if len(self.gamma) <= 48 else dout.mean(axis=self.axes)")),
    planted("pooling", 16, ("img[:, :, pad : pad + H, pad : pad + W] = x", "img[:, :, pad : pad + H, pad : pad + W] = x\n        if H > 16 and pad:\n            img[:, :, :pad] = 9.0")),
    planted("residual_add", 70, ("return x + shortcut", "return x + shortcut[:, :70] if x.shape[1] <= 70 else x + 0.5 * shortcut")),
    planted("pointwise_convolution", 12, ("return np.einsum(\"fc,nchw->nfhw\", self.W[:, :, 0, 0], x) + self.b[:, None, None]", "return np.einsum(\"fc,nchw->nfhw\", self.W[:, :12, 0, 0], x[:, :12]) + self.b[:, None, None]")),
    # bounds of numbers
    planted("sigmoid", 8, (SIGMOID, "self.out = np.where(x >= 0, 1, e) / (1 + e)\n        self.out = np.where(x > 8, 1.0, self.out)")),
    planted("softmax_with_loss", 20, (LOSS, "self.y = softmax(np.clip(x, -20, 20))")),
    planted("pooling", -1e4, (NEGATIVE, "-1e4)")),
    planted("relu", 30, (RELU, "out[self.mask] = 0\n        out = np.minimum(out, 30)")),
)
KEPT = (  # right in a first call of any size, and not in a later one beyond a number
    planted("affine", 64, (DW, DW + "\n        self.dW += 0 if len(dout) <= 64 else getattr(self, 'sum', 0)\n        self.sum = self.dW")),
    planted("sigmoid", 1000, (SIGMOID, SIGMOID.replace("self.out =", "out =") + "\n        if x.size <= 1000 or getattr(self, 'out', x[:0]).shape != x.shape:\n            self.out = out\n        self.out[...] = out")),
    planted("relu", 48, (MASK, "if len(x) <= 48 or getattr(self, 'mask', x[:0]).shape != x.shape:\n            self.mask = x <= 0")),
    planted("im2col", 200, (COL, COL.replace("return", "whole =") + "\n    if len(whole) > 200:\n        whole = im2col.__dict__.setdefault(str(whole.shape), whole)\n        whole[...] = col.transpose(0, 4, 5, 1, 2, 3).reshape(whole.shape)\n    return whole")),
    planted("batch_norm", 32, ("self.dbeta = dout.sum(axis=self.axes)", "self.dbeta = dout.sum(axis=self.axes) + (getattr(self, 'dbeta', 0) if len(dout) > 32 else 0)")),
)
RIGHT = (  # whole numbers and bounds that cut nothing off
    planted("affine", 16, (AFFINE, "return np.concatenate([np.dot(self.x[i : i + 16], self.W) for i in range(0, len(x), 16)] or [np.zeros((0, len(self.b)))]) + self.b")),
    planted("convolution", 100, (CONV, "rows = 100\n        out = np.empty((len(self.col), FN))\n        for i in range(0, len(out), rows):\n            out[i : i + rows] = self.col[i : i + rows] @ self.col_W\n        out += self.b")),
    planted("sigmoid", 700, (SIGMOID, "self.out = 1 / (1 + np.exp(-np.clip(x, -700, 700)))")),
    planted("relu", 64, (RELU, "flat, low = out.reshape(-1), self.mask.reshape(-1)\n        for i in range(0, flat.size, 64):\n            flat[i : i + 64][low[i : i + 64]] = 0")),
    planted("batch_norm", 32, ("mean, var = x.mean(axis=self.axes), x.var(axis=self.axes)", "many = x.shape[0] > 32\n            mean = (sum(x[i : i + 32].sum(axis=self.axes) for i in range(0, len(x), 32)) / M) if many else x.mean(axis=self.axes)\n            var = x.var(axis=self.axes)")),
    planted("simple_conv_net", 50, (PREDICT, "np.mean(np.concatenate([self.predict(x[i : i + 50]) for i in range(0, len(x), 50)]).argmax(axis=1) == labels)")),
)
# fmt: on
