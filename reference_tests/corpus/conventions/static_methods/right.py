"""Implements fully connected and convolutional networks (static-method layers)."""
import numpy as np


class Linear(object):

    @staticmethod
    def forward(x, w, b):
        out = x.reshape(x.shape[0], -1).dot(w) + b
        cache = (x, w, b)
        return out, cache

    @staticmethod
    def backward(dout, cache):
        x, w, b = cache
        dx = np.dot(dout, w.T).reshape(x.shape)
        dw = np.dot(x.reshape(x.shape[0], -1).T, dout)
        db = np.sum(dout, 0)
        return dx, dw, db


class ReLU(object):

    @staticmethod
    def forward(x):
        out = x.copy()
        out[out < 0] = 0
        cache = x
        return out, cache

    @staticmethod
    def backward(dout, cache):
        x = cache
        dx = dout.copy()
        dx[x <= 0] = 0
        return dx


class Conv(object):

    @staticmethod
    def forward(x, w, b, conv_param):
        """
        - x: Input data of shape (N, C, H, W)
        - w: Filter weights of shape (F, C, HH, WW)
        """
        pad = conv_param['pad']
        stride = conv_param['stride']
        N, C, H, W = x.shape
        F, C, HH, WW = w.shape
        H_out = 1 + (H + 2 * pad - HH) // stride
        W_out = 1 + (W + 2 * pad - WW) // stride
        padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
        out = np.zeros((N, F, H_out, W_out))
        for h in range(H_out):
            for v in range(W_out):
                piece = padded[:, :, h * stride:h * stride + HH, v * stride:v * stride + WW]
                out[:, :, h, v] = np.einsum('ncij,fcij->nf', piece, w) + b
        return out, (x, w, b, conv_param)

    @staticmethod
    def backward(dout, cache):
        x, w, b, conv_param = cache
        pad, stride = conv_param['pad'], conv_param['stride']
        F, C, HH, WW = w.shape
        padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
        dpadded = np.zeros_like(padded)
        dw = np.zeros_like(w)
        db = dout.sum((0, 2, 3))
        for h in range(dout.shape[2]):
            for v in range(dout.shape[3]):
                sl = np.s_[:, :, h * stride:h * stride + HH, v * stride:v * stride + WW]
                dw += np.einsum('nf,ncij->fcij', dout[:, :, h, v], padded[sl])
                dpadded[sl] += np.einsum('nf,fcij->ncij', dout[:, :, h, v], w)
        dx = dpadded[:, :, pad:pad + x.shape[2], pad:pad + x.shape[3]]
        return dx, dw, db


class MaxPool(object):

    @staticmethod
    def forward(x, pool_param):
        p_h, p_w, stride = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
        H_out = 1 + (x.shape[2] - p_h) // stride
        W_out = 1 + (x.shape[3] - p_w) // stride
        out = np.zeros(x.shape[:2] + (H_out, W_out))
        for h in range(H_out):
            for v in range(W_out):
                out[:, :, h, v] = np.max(x[:, :, h * stride:h * stride + p_h, v * stride:v * stride + p_w], axis=(-1, -2))
        return out, (x, pool_param)

    @staticmethod
    def backward(dout, cache):
        x, pool_param = cache
        p_h, p_w, stride = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
        dx = np.zeros_like(x)
        N, C, H_out, W_out = dout.shape
        for n in range(N):
            for c in range(C):
                for h in range(H_out):
                    for v in range(W_out):
                        piece = x[n, c, h * stride:h * stride + p_h, v * stride:v * stride + p_w]
                        m = piece == piece.max()
                        dx[n, c, h * stride:h * stride + p_h, v * stride:v * stride + p_w] += m * dout[n, c, h, v]
        return dx


class Dropout(object):
    pass
