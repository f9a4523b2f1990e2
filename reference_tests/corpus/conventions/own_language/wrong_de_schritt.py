import numpy as np


class Faltungsschicht:
    def __init__(self, eingangskanaele, ausgangskanaele, kerngroesse, schritt=1, rand=0):
        self.schritt, self.rand = schritt, rand
        self.gewichte = np.random.normal(0, 0.1, (ausgangskanaele, eingangskanaele, kerngroesse, kerngroesse))
        self.verschiebung = np.zeros(ausgangskanaele)

    def vorwaerts(self, x):
        k = self.gewichte.shape[-1]
        self.groesse = x.shape
        gepolstert = np.pad(x, ((0, 0), (0, 0), (self.rand, self.rand), (self.rand, self.rand)))
        fenster = np.lib.stride_tricks.sliding_window_view(gepolstert, (k, k), axis=(2, 3))
        self.fenster = fenster[:, :, ::self.schritt, ::self.schritt]
        return np.einsum("ncxykl,fckl->nfxy", self.fenster, self.gewichte) + self.verschiebung[:, None, None]

    def rueckwaerts(self, fehler):
        k, s, r = self.gewichte.shape[-1], self.schritt, self.rand
        self.d_gewichte = np.einsum("nfxy,ncxykl->fckl", fehler, self.fenster)
        self.d_verschiebung = fehler.sum(axis=(0, 2, 3))
        n, c, hoehe, breite = self.groesse
        dx = np.zeros((n, c, hoehe + 2 * r, breite + 2 * r))
        for i in range(fehler.shape[2]):
            for j in range(fehler.shape[3]):
                dx[:, :, i:i + k, j:j + k] += np.tensordot(fehler[:, :, i, j], self.gewichte, 1)
        return dx[:, :, r:r + hoehe, r:r + breite]


class MittelwertSchicht:
    """Mittelwert ueber quadratische Fenster"""

    def __init__(self, fenster, schritt):
        self.fenster, self.schritt = fenster, schritt

    def vorwaerts(self, x):
        f, s = self.fenster, self.schritt
        self.groesse = x.shape
        hoehe, breite = (x.shape[2] - f) // s + 1, (x.shape[3] - f) // s + 1
        y = np.zeros(x.shape[:2] + (hoehe, breite))
        for i in range(hoehe):
            for j in range(breite):
                y[:, :, i, j] = x[:, :, i * s:i * s + f, j * s:j * s + f].mean(axis=(2, 3))
        return y

    def rueckwaerts(self, fehler):
        f, s = self.fenster, self.schritt
        dx = np.zeros(self.groesse)
        for i in range(fehler.shape[2]):
            for j in range(fehler.shape[3]):
                dx[:, :, i * s:i * s + f, j * s:j * s + f] += fehler[:, :, i, j, None, None] / f ** 2
        return dx


class Sigmoidschicht:
    def vorwaerts(self, x):
        self.y = 1 / (1 + np.exp(-x))
        return self.y

    def rueckwaerts(self, fehler):
        return fehler * self.y * (1 - self.y)
