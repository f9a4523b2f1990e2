"""The contract, continued: the layers beyond the core."""

import numpy as np

from .base_windows import Convolution


class GlobalAveragePooling:
    def forward(self, x):
        self.whole = x.shape
        return x.mean(axis=(2, 3))

    def backward(self, dout):
        height, width = self.whole[2:]
        return np.broadcast_to(dout[:, :, None, None] / (height * width), self.whole).copy()


class GlobalMaxPooling:
    def forward(self, x):
        self.whole = x.shape
        pixels = x.reshape(x.shape[0], x.shape[1], -1 if x.size else 1)
        self.brightest = pixels.argmax(axis=2)
        return pixels.max(axis=2)

    def backward(self, dout):
        spread = np.zeros((dout.shape[0], dout.shape[1], self.whole[2] * self.whole[3]))
        np.put_along_axis(spread, self.brightest[..., None], dout[..., None], axis=2)
        return spread.reshape(self.whole)


class BatchNorm:
    def __init__(self, gamma, beta, momentum=0.1, eps=1e-5, running_mean=None, running_var=None):
        self.gamma, self.beta, self.momentum, self.eps = gamma, beta, momentum, eps
        self.running_mean = np.zeros(len(gamma)) if running_mean is None else np.array(running_mean)
        self.running_var = np.ones(len(gamma)) if running_var is None else np.array(running_var)

    def forward(self, x, train_flg=True):
        self.around = (0, *range(2, x.ndim))
        self.high = (1, -1) + (1,) * (x.ndim - 2)
        self.trained, count = train_flg, x.size // x.shape[1]
        if self.trained:
            centre, spread = x.mean(axis=self.around), x.var(axis=self.around)
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * centre
            unbiased = spread * count / (count - 1)
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * unbiased
        else:
            centre, spread = self.running_mean, self.running_var
        self.inverse = 1 / np.sqrt(spread + self.eps).reshape(self.high)
        self.standard = (x - centre.reshape(self.high)) * self.inverse
        return self.gamma.reshape(self.high) * self.standard + self.beta.reshape(self.high)

    def backward(self, dout):
        self.dbeta = dout.sum(axis=self.around)
        self.dgamma = (dout * self.standard).sum(axis=self.around)
        steep = self.gamma.reshape(self.high) * self.inverse
        if not self.trained:
            return steep * dout
        through_mean = dout.mean(axis=self.around, keepdims=True)
        through_var = self.standard * (dout * self.standard).mean(axis=self.around, keepdims=True)
        return steep * (dout - through_mean - through_var)


class InvertedDropout:
    def __init__(self, ratio=0.5):
        self.drop = ratio

    def forward(self, x, train_flg=True):
        if not train_flg:
            return x.copy()
        self.survivors = np.random.rand(*x.shape) >= self.drop  # noqa: NPY002
        return x * self.survivors / (1 - self.drop)

    def backward(self, dout):
        return dout * self.survivors / (1 - self.drop)


class LocallyConnected:
    def __init__(self, weights, biases, stride=1, pad=0):
        self.W, self.b, self.stride, self.edge = weights, biases, stride, pad

    def places(self):
        OH, OW, _, _, FH, FW = self.W.shape
        for i in range(OH):
            for j in range(OW):
                y, z = i * self.stride, j * self.stride
                yield i, j, slice(y, y + FH), slice(z, z + FW)

    def forward(self, x):
        around = [(0, 0), (0, 0), (self.edge, self.edge), (self.edge, self.edge)]
        self.framed = np.pad(x, around)
        answer = np.zeros((len(x), self.W.shape[2], *self.W.shape[:2]))
        for i, j, r, c in self.places():
            answer[:, :, i, j] = np.tensordot(self.framed[:, :, r, c], self.W[i, j], ((1, 2, 3), (1, 2, 3)))
        return answer + self.b

    def backward(self, dout):
        spread, self.dW = np.zeros(self.framed.shape), np.zeros(self.W.shape)
        for i, j, r, c in self.places():
            here = dout[:, :, i, j]
            self.dW[i, j] = np.tensordot(here, self.framed[:, :, r, c], (0, 0))
            spread[:, :, r, c] += np.tensordot(here, self.W[i, j], (1, 0))
        self.db = dout.sum(axis=0)
        bottom, right = (size - self.edge for size in spread.shape[2:])
        return spread[:, :, self.edge : bottom, self.edge : right]


class GroupedConvolution:
    def __init__(self, weights, biases, stride=1, pad=0, groups=1):
        self.W, self.b, self.stride, self.pad, self.groups = weights, biases, stride, pad, groups

    def forward(self, x):
        self.members = [
            Convolution(W, b, self.stride, self.pad)
            for W, b in zip(np.split(self.W, self.groups), np.split(self.b, self.groups))
        ]
        shares = np.split(x, self.groups, axis=1)
        return np.concatenate([m.forward(share) for m, share in zip(self.members, shares)], axis=1)

    def backward(self, dout):
        slopes = np.split(dout, self.groups, axis=1)
        joined = np.concatenate([m.backward(slope) for m, slope in zip(self.members, slopes)], axis=1)
        self.dW = np.concatenate([m.dW for m in self.members])
        self.db = np.concatenate([m.db for m in self.members])
        return joined


class DepthwiseConvolution:
    def __init__(self, weights, biases, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = weights, biases, stride, pad

    def forward(self, x):
        self.inner = GroupedConvolution(self.W, self.b, self.stride, self.pad, x.shape[1])
        return self.inner.forward(x)

    def backward(self, dout):
        deep = self.inner.backward(dout)
        self.dW, self.db = self.inner.dW, self.inner.db
        return deep


class PointwiseConvolution:
    def __init__(self, weights, biases):
        self.W, self.b = weights, biases

    def forward(self, x):
        self.points = x
        return np.einsum("fc,nchw->nfhw", self.W[:, :, 0, 0], x) + self.b[:, None, None]

    def backward(self, dout):
        self.dW = np.einsum("nfhw,nchw->fc", dout, self.points)[:, :, None, None]
        self.db = np.einsum("nfhw->f", dout)
        return np.einsum("fc,nfhw->nchw", self.W[:, :, 0, 0], dout)


class TransposedConvolution:
    def __init__(self, weights, biases, stride=1, pad=0):
        self.W, self.b, self.step, self.cut = weights, biases, stride, pad

    def footprints(self):
        (H, width), (FH, FW) = self.stamped.shape[2:], self.W.shape[2:]
        for i in range(H):
            for j in range(width):
                y, z = i * self.step, j * self.step
                yield i, j, slice(y, y + FH), slice(z, z + FW)

    def forward(self, x):
        self.stamped = x
        size = [(n - 1) * self.step + f for n, f in zip(x.shape[2:], self.W.shape[2:])]
        sheet = np.zeros((len(x), self.W.shape[1], *size))
        for i, j, r, c in self.footprints():
            sheet[:, :, r, c] += np.tensordot(x[:, :, i, j], self.W, (1, 0))
        self.size = sheet.shape
        kept = sheet[:, :, self.cut : size[0] - self.cut, self.cut : size[1] - self.cut]
        return kept + self.b[:, None, None]

    def backward(self, dout):
        sheet = np.zeros(self.size)
        sheet[:, :, self.cut : self.size[2] - self.cut, self.cut : self.size[3] - self.cut] = dout
        back, self.dW = np.zeros(self.stamped.shape), np.zeros(self.W.shape)
        for i, j, r, c in self.footprints():
            back[:, :, i, j] = np.tensordot(sheet[:, :, r, c], self.W, ((1, 2, 3), (1, 2, 3)))
            self.dW += np.tensordot(self.stamped[:, :, i, j], sheet[:, :, r, c], (0, 0))
        self.db = dout.sum(axis=(0, 2, 3))
        return back


class SpatialPyramidPooling:
    def __init__(self, levels=(4, 2, 1)):
        self.levels = levels

    def cells(self, level):
        rows, columns = (
            [slice(k * side // level, -(-(k + 1) * side // level)) for k in range(level)]
            for side in self.image.shape[2:]
        )
        return [(r, c) for r in rows for c in columns]

    def forward(self, x):
        self.image = x
        found = []
        for level in self.levels:
            peaks = np.array([x[:, :, r, c].max(axis=(2, 3)) for r, c in self.cells(level)])
            found.append(peaks.transpose(1, 2, 0).reshape(len(x), level * level * x.shape[1]))
        return np.concatenate(found, axis=1)

    def backward(self, dout):
        tops, begin = np.zeros(self.image.shape), 0
        n, channels = self.image.shape[:2]
        for level in self.levels:
            end = begin + channels * level * level
            block = dout[:, begin:end].reshape(n, channels, level * level)
            for k, (r, c) in enumerate(self.cells(level)):
                cell = self.image[:, :, r, c]
                flat = cell.reshape(n, channels, cell.shape[2] * cell.shape[3])
                peak = np.arange(flat.shape[2]) == flat.argmax(axis=2)[..., None]
                tops[:, :, r, c] += (peak * block[:, :, k, None]).reshape(cell.shape)
            begin = end
        return tops


class ChannelConcat:
    def forward(self, *branches):
        self.widths = [branch.shape[1] for branch in branches]
        return np.concatenate(branches, axis=1)

    def backward(self, dout):
        borders = np.cumsum(self.widths)[:-1]
        return tuple(np.split(dout, borders, axis=1))


class ResidualAdd:
    def forward(self, x, shortcut):
        return x + shortcut

    def backward(self, dout):
        return dout.copy(), dout.copy()


class MeanNormalization:
    def __init__(self, train, per_pixel=False):
        every = (0,) if per_pixel else (0, 2, 3)
        self.average = train.mean(axis=every, keepdims=True)

    def forward(self, x):
        return x - self.average

    def backward(self, dout):
        untouched = dout.copy()
        return untouched  # noqa: RET504
