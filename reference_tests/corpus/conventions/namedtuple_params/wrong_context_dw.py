import numpy as np
from typing import NamedTuple, Tuple


class ConvCtx(NamedTuple):
    xp: np.ndarray
    weight: np.ndarray
    stride: int
    padding: int


def conv_fwd(x: np.ndarray, weight: np.ndarray, bias: np.ndarray, stride: int = 1, padding: int = 0) -> Tuple[np.ndarray, ConvCtx]:
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    kh, kw = weight.shape[2:]
    oh, ow = (xp.shape[2] - kh) // stride + 1, (xp.shape[3] - kw) // stride + 1
    y = np.zeros((x.shape[0], weight.shape[0], oh, ow))
    for i in range(kh):
        for j in range(kw):
            patch = xp[:, :, i:i + stride * (oh - 1) + 1:stride, j:j + stride * (ow - 1) + 1:stride]
            y += np.einsum('ncyx,fc->nfyx', patch, weight[:, :, i, j])
    return y + bias.reshape(1, -1, 1, 1), ConvCtx(xp, weight, stride, padding)


def conv_bwd(ctx: ConvCtx, dy: np.ndarray):
    xp, weight, stride, p = ctx
    gx, gw = np.zeros_like(xp), np.zeros_like(weight)
    kh, kw = weight.shape[2:]
    oh, ow = dy.shape[2:]
    for i in range(kh):
        for j in range(kw):
            rows, cols = slice(i, i + stride * (oh - 1) + 1, stride), slice(j, j + stride * (ow - 1) + 1, stride)
            patch = xp[:, :, rows, cols]
            gw[:, :, i, j] = np.einsum('nfyx,ncyx->fc', dy, patch) / dy.shape[2]
            gx[:, :, rows, cols] += np.einsum('nfyx,fc->ncyx', dy, weight[:, :, i, j])
    gx = gx[:, :, p:gx.shape[2] - p, p:gx.shape[3] - p]
    return gx, {'weight': gw, 'bias': dy.sum((0, 2, 3))}


def dense_fwd(x, weight, bias):
    return x @ weight + bias, (x, weight)


def dense_bwd(ctx, dy):
    x, weight = ctx
    return dy @ weight.T, {'weight': x.T @ dy, 'bias': dy.sum(0)}


def sigmoid_fwd(x):
    y = 1.0 / (1.0 + np.exp(-x))
    return y, y


def sigmoid_bwd(ctx, dy):
    return dy * ctx * (1 - ctx)
