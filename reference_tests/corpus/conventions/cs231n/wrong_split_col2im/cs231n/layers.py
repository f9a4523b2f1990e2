import numpy as np


def affine_forward(x, w, b):
    """Affine layer on x flattened to (N, D)."""
    out = x.reshape(x.shape[0], -1).dot(w) + b
    return out, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    dx = (dout @ w.T).reshape(*x.shape)
    dw = x.reshape(x.shape[0], -1).T @ dout
    db = np.einsum('nm->m', dout)
    return dx, dw, db


def relu_forward(x):
    return np.clip(x, 0, None), x


def relu_backward(dout, cache):
    dx = np.array(dout, copy=True)
    dx[cache <= 0] = 0
    return dx


def dropout_forward(x, dropout_param):
    """Inverted dropout; p is the probability of keeping a neuron."""
    keep, mode = dropout_param['p'], dropout_param['mode']
    if 'seed' in dropout_param:
        np.random.seed(dropout_param['seed'])
    if mode == 'train':
        mask = (np.random.rand(*x.shape) < keep) / keep
        return x * mask, (dropout_param, mask)
    return x, (dropout_param, None)


def dropout_backward(dout, cache):
    param, mask = cache
    return dout if param['mode'] == 'test' else dout * mask


def softmax_loss(x, y):
    """y: labels (N,). Returns the mean loss and its gradient by x."""
    e = np.exp(x - x.max(axis=1)[:, None])
    probs = e / e.sum(axis=1)[:, None]
    N = len(y)
    loss = -np.mean(np.log(probs[range(N), y]))
    dx = probs
    dx[range(N), y] -= 1
    dx /= N
    return loss, dx
