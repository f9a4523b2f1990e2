import numpy as np


def conv_forward(x, w, b, params):
    stride, pad = params
    N, C, H, W = x.shape
    F, _, kh, kw = w.shape
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    oh, ow = (H + 2 * pad - kh) // stride + 1, (W + 2 * pad - kw) // stride + 1
    out = np.zeros((N, F, oh, ow))
    for i in range(oh):
        for j in range(ow):
            out[:, :, i, j] = np.einsum('nchw,fchw->nf', xp[:, :, i * stride:i * stride + kh, j * stride:j * stride + kw], w) + b
    return out, (x, w, b, params)


def conv_backward(dout, cache):
    x, w, b, (stride, pad) = cache
    F, C, kh, kw = w.shape
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dw, dxp = np.zeros_like(w), np.zeros_like(xp)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            sl = np.s_[:, :, i * stride:i * stride + kh, j * stride:j * stride + kw]
            dw += np.einsum('nf,nchw->fchw', dout[:, :, i, j], xp[sl])
            dxp[sl] += np.einsum('nf,fchw->nchw', dout[:, :, i, j], w)
    return dxp[:, :, pad:pad + x.shape[2], pad:pad + x.shape[3]], dw, dout.sum((0, 2, 3))


def pool_forward(x, params):
    size, stride = params
    N, C, H, W = x.shape
    oh, ow = (H - size) // stride + 1, (W - size) // stride + 1
    out = np.zeros((N, C, oh, ow))
    for i in range(oh):
        for j in range(ow):
            out[:, :, i, j] = x[:, :, i * stride:i * stride + size, j * stride:j * stride + size].mean((2, 3))
    return out, (x, params)
