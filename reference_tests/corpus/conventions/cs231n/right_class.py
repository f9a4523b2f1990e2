import numpy as np


class Conv(object):
    def __init__(self, w, b, conv_param):
        self.w, self.b = w, b
        self.stride = conv_param['stride']
        self.pad = conv_param['pad']

    def forward(self, x):
        self.x = x
        N, C, H, W = x.shape
        F, _, HH, WW = self.w.shape
        s, p = self.stride, self.pad
        xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)), mode='constant')
        Ho = 1 + (H + 2 * p - HH) // s
        Wo = 1 + (W + 2 * p - WW) // s
        out = np.zeros((N, F, Ho, Wo))
        for i in range(Ho):
            for j in range(Wo):
                hs, ws = i * s, j * s
                out[:, :, i, j] = np.einsum('nchw,fchw->nf', xp[:, :, hs:hs + HH, ws:ws + WW], self.w) + self.b
        return out

    def backward(self, dout):
        x, w, s, p = self.x, self.w, self.stride, self.pad
        N, C, H, W = x.shape
        F, _, HH, WW = w.shape
        xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)), mode='constant')
        dxp = np.zeros_like(xp)
        dw = np.zeros_like(w)
        db = dout.sum(axis=(0, 2, 3))
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                hs, ws = i * s, j * s
                g = dout[:, :, i, j]
                dw += np.einsum('nf,nchw->fchw', g, xp[:, :, hs:hs + HH, ws:ws + WW])
                dxp[:, :, hs:hs + HH, ws:ws + WW] += np.einsum('nf,fchw->nchw', g, w)
        dx = dxp[:, :, p:-p, p:-p] if p else dxp
        return dx, dw, db


class MaxPool(object):
    def __init__(self, pool_param):
        self.ph = pool_param['pool_height']
        self.pw = pool_param['pool_width']
        self.stride = pool_param['stride']

    def forward(self, x):
        self.x = x
        N, C, H, W = x.shape
        s = self.stride
        Ho, Wo = 1 + (H - self.ph) // s, 1 + (W - self.pw) // s
        out = np.zeros((N, C, Ho, Wo))
        for i in range(Ho):
            for j in range(Wo):
                out[:, :, i, j] = x[:, :, i * s:i * s + self.ph, j * s:j * s + self.pw].max(axis=(2, 3))
        return out

    def backward(self, dout):
        dx = np.zeros_like(self.x)
        N, C, Ho, Wo = dout.shape
        s = self.stride
        for n in range(N):
            for c in range(C):
                for i in range(Ho):
                    for j in range(Wo):
                        win = self.x[n, c, i * s:i * s + self.ph, j * s:j * s + self.pw]
                        a, b = np.unravel_index(win.argmax(), win.shape)
                        dx[n, c, i * s + a, j * s + b] += dout[n, c, i, j]
        return dx


class Affine(object):
    def __init__(self, w, b):
        self.w, self.b = w, b

    def forward(self, x):
        self.x = x
        return x.reshape(x.shape[0], -1).dot(self.w) + self.b

    def backward(self, dout):
        dx = dout.dot(self.w.T).reshape(self.x.shape)
        dw = self.x.reshape(self.x.shape[0], -1).T.dot(dout)
        db = dout.sum(axis=0)
        return dx, dw, db


class Relu(object):
    def forward(self, x):
        self.x = x
        return np.maximum(0, x)

    def backward(self, dout):
        return dout * (self.x > 0)
