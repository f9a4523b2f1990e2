import numpy as np


class Tatamikomi:
    # 畳み込み層。omomi (枚数, チャンネル, 高さ, 幅)

    def __init__(self, omomi, baiasu, sutoraido=1, padingu=0):
        self.omomi = omomi
        self.baiasu = baiasu
        self.sutoraido = sutoraido
        self.padingu = padingu

    def junhoukou(self, x):
        s, p = self.sutoraido, self.padingu
        maisuu, _, takasa, haba = self.omomi.shape
        self.x_keijou = x.shape
        self.umeta = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        oh = (self.umeta.shape[2] - takasa) // s + 1
        ow = (self.umeta.shape[3] - haba) // s + 1
        y = np.zeros((x.shape[0], maisuu, oh, ow))
        for i in range(takasa):
            for j in range(haba):
                bubun = self.umeta[:, :, i:i + s * oh:s, j:j + s * ow:s]
                y += np.tensordot(bubun, self.omomi[:, :, i, j], axes=(1, 1)).transpose(0, 3, 1, 2)
        return y + self.baiasu.reshape(1, -1, 1, 1)

    def gyakuhoukou(self, dy):
        s, p = self.sutoraido, self.padingu
        oh, ow = dy.shape[2:]
        self.d_omomi = np.zeros(self.omomi.shape)
        self.d_baiasu = dy.sum(axis=(0, 2, 3))
        d_umeta = np.zeros(self.umeta.shape)
        for i in range(self.omomi.shape[2]):
            for j in range(self.omomi.shape[3]):
                basho = np.s_[:, :, i:i + s * oh:s, j:j + s * ow:s]
                self.d_omomi[:, :, i, j] = np.tensordot(dy, self.umeta[basho], axes=((0, 2, 3), (0, 2, 3)))
                d_umeta[basho] += np.tensordot(dy, self.omomi[:, :, i, j], axes=(1, 0)).transpose(0, 3, 1, 2)
        return d_umeta[:, :, p:p + self.x_keijou[2], p:p + self.x_keijou[3]]


class Zenketsugou:
    # 全結合層

    def __init__(self, omomi, baiasu):
        self.omomi = omomi
        self.baiasu = baiasu

    def junhoukou(self, x):
        self.x = x
        return np.dot(x, self.omomi) + self.baiasu

    def gyakuhoukou(self, dy):
        self.d_omomi = np.dot(self.x.T, dy)
        self.d_baiasu = dy.mean(axis=0)
        return np.dot(dy, self.omomi.T)


class Reru:
    def junhoukou(self, x):
        self.masuku = x <= 0
        y = x.copy()
        y[self.masuku] = 0
        return y

    def gyakuhoukou(self, dy):
        dx = dy.copy()
        dx[self.masuku] = 0
        return dx
