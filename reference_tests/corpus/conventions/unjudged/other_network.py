import numpy as np


class SimpleConvNet:
    """conv(stride 1, pad 0) - tanh - avgpool2 - fc ; call loss(X, y)"""

    def __init__(self, input_shape=(1, 10, 10), n_filters=3, ksize=3, n_classes=4, seed=0):
        r = np.random.RandomState(seed)
        c, h, w = input_shape
        self.params = {'Wc': r.randn(n_filters, c, ksize, ksize) * .3, 'bc': np.zeros(n_filters)}
        d = n_filters * ((h - ksize + 1) // 2) * ((w - ksize + 1) // 2)
        self.params['Wf'] = r.randn(d, n_classes) * .1
        self.params['bf'] = np.zeros(n_classes)

    def scores(self, X):
        Wc = self.params['Wc']
        k = Wc.shape[-1]
        self.v = np.lib.stride_tricks.sliding_window_view(X, (k, k), axis=(2, 3))
        self.z = np.einsum('nchwij,fcij->nfhw', self.v, Wc) + self.params['bc'][:, None, None]
        self.a = np.tanh(self.z)
        n, f, h, w = self.a.shape
        self.p = self.a.reshape(n, f, h // 2, 2, w // 2, 2).mean((3, 5))
        self.flat = self.p.reshape(n, -1)
        return self.flat @ self.params['Wf'] + self.params['bf']

    def loss(self, X, y):
        s = self.scores(X)
        s = s - s.max(1, keepdims=True)
        P = np.exp(s) / np.exp(s).sum(1, keepdims=True)
        n = len(y)
        loss = -np.log(P[np.arange(n), y]).mean()
        d = P.copy()
        d[np.arange(n), y] -= 1
        d /= n
        grads = {'Wf': self.flat.T @ d, 'bf': d.sum(0)}
        d = (d @ self.params['Wf'].T).reshape(self.p.shape)
        d = d.repeat(2, axis=2).repeat(2, axis=3) / 4 * (1 - self.a ** 2)
        grads['Wc'] = np.einsum('nfhw,nchwij->fcij', d, self.v)
        grads['bc'] = d.sum((0, 2, 3))
        return loss, grads
