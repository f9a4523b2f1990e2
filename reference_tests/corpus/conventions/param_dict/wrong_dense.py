import numpy as np


def init_conv(in_ch, out_ch, k, stride=1, pad=0):
    W = np.random.randn(out_ch, in_ch, k, k) * np.sqrt(2 / (in_ch * k * k))
    return {'W': W, 'b': np.zeros(out_ch), 'stride': stride, 'pad': pad}


def init_dense(n_in, n_out):
    return {'W': np.random.randn(n_in, n_out) * np.sqrt(2 / n_in), 'b': np.zeros(n_out)}


def conv_forward(x, params):
    """x (N, C, H, W); params: W (F, C, k, k), b (F,), stride, pad"""
    W, b, s, p = params['W'], params['b'], params['stride'], params['pad']
    F, C, kh, kw = W.shape
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    oh = (xp.shape[2] - kh) // s + 1
    ow = (xp.shape[3] - kw) // s + 1
    patches = np.stack([
        xp[:, :, i * s:i * s + kh, j * s:j * s + kw].reshape(len(x), -1) for i in range(oh) for j in range(ow)
    ], axis=1)
    out = patches @ W.reshape(F, -1).T + b
    out = out.transpose(0, 2, 1).reshape(len(x), F, oh, ow)
    return out, {'patches': patches, 'shape': x.shape, 'params': params}


def conv_backward(dout, cache):
    """Returns dx and the gradients {'W', 'b'}"""
    params, patches = cache['params'], cache['patches']
    W, s, p = params['W'], params['stride'], params['pad']
    F, C, kh, kw = W.shape
    N, _, H, Wd = cache['shape']
    oh, ow = dout.shape[2:]
    d = dout.reshape(N, F, -1).transpose(0, 2, 1)
    grads = {
        'W': np.einsum('nlf,nlk->fk', d, patches).reshape(W.shape),
        'b': d.sum(axis=(0, 1)),
    }
    dpatches = (d @ W.reshape(F, -1)).reshape(N, oh, ow, C, kh, kw)
    dxp = np.zeros((N, C, H + 2 * p, Wd + 2 * p))
    for i in range(oh):
        for j in range(ow):
            dxp[:, :, i * s:i * s + kh, j * s:j * s + kw] += dpatches[:, i, j]
    return dxp[:, :, p:H + p, p:Wd + p], grads


def pool_forward(x, params):
    """params: size, stride"""
    k, s = params['size'], params['stride']
    N, C, H, W = x.shape
    oh, ow = (H - k) // s + 1, (W - k) // s + 1
    out = np.zeros((N, C, oh, ow))
    for i in range(oh):
        for j in range(ow):
            out[:, :, i, j] = np.max(x[:, :, i * s:i * s + k, j * s:j * s + k], axis=(-2, -1))
    return out, {'x': x, 'out': out, 'params': params}


def pool_backward(dout, cache):
    x, out = cache['x'], cache['out']
    k, s = cache['params']['size'], cache['params']['stride']
    dx = np.zeros_like(x)
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            area = x[:, :, i * s:i * s + k, j * s:j * s + k]
            hit = area == out[:, :, i:i + 1, j:j + 1]
            dx[:, :, i * s:i * s + k, j * s:j * s + k] += hit * dout[:, :, i:i + 1, j:j + 1]
    return dx


def dense_forward(x, params):
    return x @ params['W'] + params['b'], {'x': x, 'params': params}


def dense_backward(dout, cache):
    x, W = cache['x'], cache['params']['W']
    return dout @ W.T, {'W': x.T @ dout, 'b': dout.mean(axis=0)}


def relu_forward(x):
    return np.maximum(x, 0), {'x': x}


def relu_backward(dout, cache):
    return dout * (cache['x'] > 0)


def sigmoid_forward(x):
    y = 1 / (1 + np.exp(-x))
    return y, {'y': y}


def sigmoid_backward(dout, cache):
    y = cache['y']
    return dout * y * (1 - y)
