# -*- coding: utf-8 -*-
"""Capas de una red convolucional hechas a mano con numpy."""
import numpy as np


class CapaConvolucion:
    """Convolucion sobre un lote (N, C, alto, ancho)."""

    def __init__(self, canales, num_filtros, tam_filtro, paso=1, relleno=0):
        self.paso = paso
        self.relleno = relleno
        self.pesos = np.random.randn(num_filtros, canales, tam_filtro, tam_filtro) * 0.1
        self.sesgos = np.zeros(num_filtros)

    def adelante(self, entrada):
        k, s, r = self.pesos.shape[2], self.paso, self.relleno
        self.forma = entrada.shape
        self.rellenada = np.pad(entrada, ((0, 0), (0, 0), (r, r), (r, r)))
        alto = (self.rellenada.shape[2] - k) // s + 1
        ancho = (self.rellenada.shape[3] - k) // s + 1
        salida = np.zeros((len(entrada), len(self.pesos), alto, ancho))
        for f in range(len(self.pesos)):
            for i in range(alto):
                for j in range(ancho):
                    ventana = self.rellenada[:, :, i * s:i * s + k, j * s:j * s + k]
                    salida[:, f, i, j] = np.sum(ventana * self.pesos[f], axis=(1, 2, 3))
        return salida

    def atras(self, grad_salida):
        k, s, r = self.pesos.shape[2], self.paso, self.relleno
        self.grad_pesos = np.zeros_like(self.pesos)
        self.grad_sesgos = grad_salida.sum(axis=(0, 2, 3))
        grad = np.zeros_like(self.rellenada)
        for f in range(len(self.pesos)):
            for i in range(grad_salida.shape[2]):
                for j in range(grad_salida.shape[3]):
                    d = grad_salida[:, f, i, j][:, None, None, None]
                    ventana = self.rellenada[:, :, i * s:i * s + k, j * s:j * s + k]
                    self.grad_pesos[f] += (d * ventana).sum(axis=0)
                    grad[:, :, i * s:i * s + k, j * s:j * s + k] += d * self.pesos[f]
        _, _, alto, ancho = self.forma
        return grad[:, :, r:r + alto, r:r + ancho]


class CapaMaxPool:
    def __init__(self, tam=2):
        self.tam = tam

    def adelante(self, entrada):
        t = self.tam
        n, c, h, w = entrada.shape
        self.entrada = entrada
        self.salida = entrada.reshape(n, c, h // t, t, w // t, t).max(axis=(3, 5))
        return self.salida

    def atras(self, grad_salida):
        t = self.tam
        ampliada = np.kron(self.salida, np.ones((t, t)))
        return np.kron(grad_salida, np.ones((t, t))) * (ampliada == self.entrada)


class CapaReLU:
    def adelante(self, entrada):
        self.activos = entrada > 0
        return entrada * self.activos

    def atras(self, grad_salida):
        return grad_salida * self.activos


class CapaDensa:
    def __init__(self, num_entradas, num_salidas):
        self.pesos = np.random.randn(num_entradas, num_salidas) * 0.1
        self.sesgos = np.zeros(num_salidas)

    def adelante(self, entrada):
        self.entrada = entrada
        return entrada @ self.pesos + self.sesgos

    def atras(self, grad_salida):
        self.grad_pesos = self.entrada.T @ grad_salida
        self.grad_sesgos = grad_salida.sum(axis=0)
        return grad_salida @ self.pesos.T
