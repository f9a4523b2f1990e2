"""Sieć splotowa napisana na zajęcia: warstwy mają metody w_przod i wstecz."""
import numpy as np


class WarstwaKonwolucyjna:
    def __init__(self, kanaly, filtry, rozmiar, krok=1, dopelnienie=0):
        self.krok, self.dopelnienie = krok, dopelnienie
        self.wagi = np.random.randn(filtry, kanaly, rozmiar, rozmiar) * 0.1
        self.bias = np.zeros(filtry)

    def w_przod(self, wejscie):
        d, k = self.dopelnienie, self.krok
        self.ksztalt = wejscie.shape
        self.obraz = np.pad(wejscie, ((0, 0), (0, 0), (d, d), (d, d)))
        r = self.wagi.shape[-1]
        okna = np.lib.stride_tricks.sliding_window_view(self.obraz, (r, r), axis=(2, 3))
        self.okna = okna[:, :, ::k, ::k]
        return np.einsum("nchwij,fcij->nfhw", self.okna, self.wagi) + self.bias[:, None, None]

    def wstecz(self, blad):
        d, k, r = self.dopelnienie, self.krok, self.wagi.shape[-1]
        self.dwagi = np.einsum("nchwij,nfhw->fcij", self.okna, blad)
        self.dbias = blad.sum(axis=(0, 2, 3))
        wynik = np.zeros(self.obraz.shape)
        for y in range(blad.shape[2]):
            for x in range(blad.shape[3]):
                wynik[:, :, y * k:y * k + r, x * k:x * k + r] += np.tensordot(blad[:, :, y, x], self.wagi, 1)
        return wynik[:, :, d:d + self.ksztalt[2], d:d + self.ksztalt[3]]


class WarstwaSigmoid:
    def w_przod(self, wejscie):
        self.wynik = 1 / (1 + np.exp(-wejscie))
        return self.wynik

    def wstecz(self, blad):
        return blad * self.wynik * (1 - self.wynik)


class WarstwaDense:
    def __init__(self, ile_wejsc, ile_wyjsc):
        self.wagi = np.random.randn(ile_wejsc, ile_wyjsc) * 0.1
        self.bias = np.zeros(ile_wyjsc)

    def w_przod(self, wejscie):
        self.wejscie = wejscie
        return wejscie @ self.wagi + self.bias

    def wstecz(self, blad):
        self.dwagi = self.wejscie.T @ blad
        self.dbias = blad.sum(axis=0)
        return blad @ self.wagi.T
