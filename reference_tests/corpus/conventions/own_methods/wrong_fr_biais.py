"""Petit cours de vision : une convolution, son agrégation moyenne et une couche dense, en fonctions."""
import numpy as np


def convolution_avant(image, noyau, biais, pas=1, marge=0):
    """image (N, C, H, W), noyau (F, C, kh, kw), biais (F,)"""
    kh, kw = noyau.shape[2:]
    bordee = np.pad(image, ((0, 0), (0, 0), (marge, marge), (marge, marge)))
    h, l = (bordee.shape[2] - kh) // pas + 1, (bordee.shape[3] - kw) // pas + 1
    sortie = np.zeros((len(image), len(noyau), h, l))
    for i in range(h):
        for j in range(l):
            morceau = bordee[:, :, i * pas:i * pas + kh, j * pas:j * pas + kw]
            sortie[:, :, i, j] = np.tensordot(morceau, noyau, ((1, 2, 3), (1, 2, 3))) + biais
    return sortie, (image, noyau, pas, marge)


def convolution_arriere(gradient, memoire):
    image, noyau, pas, marge = memoire
    kh, kw = noyau.shape[2:]
    bordee = np.pad(image, ((0, 0), (0, 0), (marge, marge), (marge, marge)))
    d_bordee, d_noyau = np.zeros(bordee.shape), np.zeros(noyau.shape)
    for i in range(gradient.shape[2]):
        for j in range(gradient.shape[3]):
            ici = np.s_[:, :, i * pas:i * pas + kh, j * pas:j * pas + kw]
            d_noyau += np.tensordot(gradient[:, :, i, j], bordee[ici], ((0,), (0,)))
            d_bordee[ici] += np.tensordot(gradient[:, :, i, j], noyau, 1)
    h, l = image.shape[2:]
    return d_bordee[:, :, marge:marge + h, marge:marge + l], d_noyau, gradient.sum(axis=(0, 2, 3))


class CoucheDense:
    def __init__(self, nb_entrees, nb_sorties):
        self.poids = np.random.randn(nb_sorties, nb_entrees) * 0.1
        self.biais = np.zeros(nb_sorties)

    def propagation(self, entree):
        self.entree = entree
        return entree @ self.poids.T + self.biais

    def retropropagation(self, gradient):
        self.d_poids = gradient.T @ self.entree
        self.d_biais = gradient[0]
        return gradient @ self.poids
