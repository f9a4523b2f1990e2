# coding: utf-8
import numpy as np


class 畳み込み:
    """畳み込み層
    W: (出力チャネル, 入力チャネル, 高さ, 幅)
    b: (出力チャネル,)
    """
    def __init__(self, W, b, 歩幅=1, 余白=0):
        self.W, self.b = W, b
        self.歩幅, self.余白 = 歩幅, 余白

    def 順伝播(self, x):
        p, s = self.余白, self.歩幅
        self.入力 = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)])
        kh, kw = self.W.shape[2:]
        窓 = np.lib.stride_tricks.sliding_window_view(self.入力, (kh, kw), axis=(2, 3))[:, :, ::s, ::s]
        self.窓 = 窓
        return np.einsum('nchwij,ocij->nohw', 窓, self.W) + self.b.reshape(1, -1, 1, 1)

    def 逆伝播(self, dout):
        p, s = self.余白, self.歩幅
        self.dW = np.einsum('nohw,nchwij->ocij', dout, self.窓)
        self.db = dout.sum(axis=(0, 2, 3))
        dx = np.zeros_like(self.入力)
        kh, kw = self.W.shape[2:]
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                dx[:, :, i*s:i*s+kh, j*s:j*s+kw] += np.tensordot(dout[:, :, i, j], self.W, 1)
        H, W = dx.shape[2:]
        return dx[:, :, p:H-p, p:W-p]


class 局所応答正規化:
    """AlexNetのLRN: b = a / (k + alpha * sum a^2) ** beta"""
    def __init__(self, n=5, k=2.0, alpha=1e-4, beta=0.75):
        self.n, self.k, self.alpha, self.beta = n, k, alpha, beta

    def _和(self, a):
        r = self.n // 2
        C = a.shape[1]
        out = np.zeros_like(a)
        for c in range(C):
            out[:, c] = a[:, max(0, c - r):min(C, c + r + 1)].sum(axis=1)
        return out

    def 順伝播(self, x):
        self.x = x
        self.S = self.k + self.alpha * self._和(x ** 2)
        return x * self.S ** -self.beta

    def 逆伝播(self, dout):
        t = dout * self.x * self.S ** (-self.beta - 1)
        return dout * self.S ** -self.beta - 2 * self.alpha * self.beta * self.x * self._和(t)


class 最大プーリング:
    def __init__(self, 大きさ=3, 歩幅=2):
        self.大きさ, self.歩幅 = 大きさ, 歩幅

    def 順伝播(self, x):
        k, s = self.大きさ, self.歩幅
        self.x = x
        窓 = np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(2, 3))[:, :, ::s, ::s]
        f = 窓.reshape(窓.shape[:4] + (-1,))
        self.位置 = f.argmax(axis=-1)
        return f.max(axis=-1)

    def 逆伝播(self, dout):
        k, s = self.大きさ, self.歩幅
        dx = np.zeros_like(self.x)
        for (n, c, i, j), q in np.ndenumerate(self.位置):
            dx[n, c, i*s + q % k, j*s + q // k] += dout[n, c, i, j]
        return dx
