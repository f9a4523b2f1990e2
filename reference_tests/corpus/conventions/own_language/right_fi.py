import numpy as np


class MaxPool:
    """Maksimikoonti."""

    def __init__(self, koko=3, askel=3):
        self.koko, self.askel = koko, askel

    def forward(self, kuva):
        k, a = self.koko, self.askel
        self.kuva = kuva
        n, c, h, w = kuva.shape
        tulos = np.zeros((n, c, (h - k) // a + 1, (w - k) // a + 1))
        for i in range(tulos.shape[2]):
            for j in range(tulos.shape[3]):
                tulos[:, :, i, j] = kuva[:, :, i * a:i * a + k, j * a:j * a + k].max(axis=(2, 3))
        return tulos

    def backward(self, virhe):
        k, a = self.koko, self.askel
        dx = np.zeros(self.kuva.shape)
        for n, c, i, j in np.ndindex(*virhe.shape):
            ikkuna = self.kuva[n, c, i * a:i * a + k, j * a:j * a + k]
            p, q = np.unravel_index(ikkuna.argmax(), ikkuna.shape)
            dx[n, c, i * a + p, j * a + q] += virhe[n, c, i, j]
        return dx
