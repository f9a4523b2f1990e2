import numpy as np


def zero_pad(X, pad):
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), 'constant', constant_values=0)


def conv_forward(A_prev, parameters, hparameters):
    """
    Arguments:
    A_prev -- activations of the previous layer, (m, n_H_prev, n_W_prev, n_C_prev)
    parameters -- dict with "W" of shape (f, f, n_C_prev, n_C) and "b" of shape (1, 1, 1, n_C)
    hparameters -- dict with "stride" and "pad"
    """
    W, b = parameters["W"], parameters["b"]
    stride = hparameters["stride"]
    pad = hparameters["pad"]
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    (f, f, n_C_prev, n_C) = W.shape
    n_H = int((n_H_prev - f + 2 * pad) / stride) + 1
    n_W = int((n_W_prev - f + 2 * pad) / stride) + 1
    Z = np.zeros((m, n_H, n_W, n_C))
    A_prev_pad = zero_pad(A_prev, pad)
    for h in range(n_H):
        for w in range(n_W):
            a_slice = A_prev_pad[:, h * stride:h * stride + f, w * stride:w * stride + f, :]
            Z[:, h, w, :] = np.tensordot(a_slice, W, axes=3) + b[0, 0, 0]
    caches = (A_prev, parameters, hparameters)
    return Z, caches


def conv_backward(dZ, caches):
    (A_prev, parameters, hparameters) = caches
    W = parameters["W"]
    stride, pad = hparameters["stride"], hparameters["pad"]
    (f, f, n_C_prev, n_C) = W.shape
    A_prev_pad = zero_pad(A_prev, pad)
    dA_prev_pad = np.zeros(A_prev_pad.shape)
    dW = np.zeros(W.shape)
    db = np.sum(dZ, axis=(0, 1, 2), keepdims=True)
    (m, n_H, n_W, n_C) = dZ.shape
    for h in range(n_H):
        for w in range(n_W):
            vs, hs = h * stride, w * stride
            a_slice = A_prev_pad[:, vs:vs + f, hs:hs + f, :]
            dW += a_slice.reshape(m, -1).T.dot(dZ[:, h, w, :]).reshape(W.shape)
            dA_prev_pad[:, vs:vs + f, hs:hs + f, :] += np.tensordot(dZ[:, h, w, :], W, axes=([1], [3]))
    dA_prev = dA_prev_pad[:, pad:dA_prev_pad.shape[1] - pad, pad:dA_prev_pad.shape[2] - pad, :]
    return {"dA_prev": dA_prev, "dW": dW, "db": db}


def pool_forward(A_prev, hparameters, mode="max"):
    f = hparameters["f"]
    stride = hparameters["stride"]
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    n_H = int(1 + (n_H_prev - f) / stride)
    n_W = int(1 + (n_W_prev - f) / stride)
    A = np.zeros((m, n_H, n_W, n_C_prev))
    for h in range(n_H):
        for w in range(n_W):
            a = A_prev[:, h * stride:h * stride + f, w * stride:w * stride + f, :]
            A[:, h, w, :] = a.max(axis=(1, 2)) if mode == "max" else a.mean(axis=(1, 2))
    return A, (A_prev, hparameters)


def pool_backward(dA, cache, mode="max"):
    (A_prev, hparameters) = cache
    f, stride = hparameters["f"], hparameters["stride"]
    dA_prev = np.zeros(A_prev.shape)
    (m, n_H, n_W, n_C) = dA.shape
    for h in range(n_H):
        for w in range(n_W):
            vs, hs = h * stride, w * stride
            a = A_prev[:, vs:vs + f, hs:hs + f, :]
            if mode == "max":
                mask = a == a.max(axis=(1, 2), keepdims=True)
                dA_prev[:, vs:vs + f, hs:hs + f, :] += mask
            else:
                dA_prev[:, vs:vs + f, hs:hs + f, :] += dA[:, h, w, :][:, None, None, :] / (f * f)
    return dA_prev
