import numpy as np


class Convolution:
    def __init__(self, W, b, pad=0, stride=1):
        self.W, self.b = W, b
        self.pad, self.stride = pad, stride
        self.x = None
        self.dW = None
        self.db = None

    def forward(self, x):
        FN, C, FH, FW = self.W.shape
        N, C, H, W = x.shape
        OH = (H + 2 * self.pad - FH) // self.stride + 1
        OW = (W + 2 * self.pad - FW) // self.stride + 1
        self.shape = x.shape
        self.xp = np.pad(x, [(0, 0), (0, 0), (self.pad, self.pad), (self.pad, self.pad)])
        out = np.zeros((N, FN, OH, OW))
        for fh in range(FH):
            for fw in range(FW):
                piece = self.xp[:, :, fh:fh + self.stride * OH:self.stride, fw:fw + self.stride * OW:self.stride]
                out += np.einsum('fc,nchw->nfhw', self.W[:, :, fh, fw], piece)
        return out + self.b.reshape(1, FN, 1, 1)

    def backward(self, dout):
        FN, C, FH, FW = self.W.shape
        N, _, OH, OW = dout.shape
        s, p = self.stride, self.pad
        self.db = dout.sum(axis=0).sum(axis=(1, 2))
        self.dW = np.zeros(self.W.shape)
        dxp = np.zeros(self.xp.shape)
        for fh in range(FH):
            for fw in range(FW):
                place = np.s_[:, :, fh:fh + s * OH:s, fw:fw + s * OW:s]
                self.dW[:, :, fh, fw] = np.einsum('nfhw,nchw->fc', dout, self.xp[place])
                dxp[place] += np.einsum('fc,nfhw->nchw', self.W[:, :, fh, fw], dout)
        H, W = self.shape[2:]
        return dxp[:, :, p:p + H, p:p + W]


class Dropout:
    def __init__(self, dropout_ratio=0.5):
        self.dropout_ratio = dropout_ratio
        self.mask = None

    def forward(self, x, is_train=True):
        if is_train:
            self.mask = np.random.rand(*x.shape) > self.dropout_ratio
            return x * self.mask
        return x * (1.0 - self.dropout_ratio)

    def backward(self, dout):
        return dout * self.mask


class Tanh:
    def forward(self, x):
        self.out = np.tanh(x)
        return self.out

    def backward(self, grad, learning_rate=None):
        return grad * (1 - self.out * self.out)


class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        return np.dot(x, self.W) + self.b

    def backward(self, dout):
        self.dW = np.dot(self.x.T, dout)
        self.db = np.sum(dout, axis=0)
        return np.dot(dout, self.W.reshape(self.W.shape[1], -1))
