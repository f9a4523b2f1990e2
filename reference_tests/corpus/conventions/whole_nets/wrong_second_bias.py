import numpy as np


def conv_forward(x, w, b, conv_param):
    s, p = conv_param['stride'], conv_param['pad']
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    view = np.lib.stride_tricks.sliding_window_view(xp, w.shape[2:], axis=(2, 3))[:, :, ::s, ::s]
    out = np.einsum('nchwij,fcij->nfhw', view, w) + b[:, None, None]
    return out, (x.shape, view, w, conv_param)


def conv_backward(dout, cache):
    (N, C, H, W), view, w, conv_param = cache
    s, p = conv_param['stride'], conv_param['pad']
    HH, WW = w.shape[2:]
    dw = np.einsum('nfhw,nchwij->fcij', dout, view)
    dxp = np.zeros((N, C, H + 2 * p, W + 2 * p))
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            dxp[:, :, i * s:i * s + HH, j * s:j * s + WW] += np.tensordot(dout[:, :, i, j], w, axes=1)
    return dxp[:, :, p:p + H, p:p + W], dw, dout.sum(axis=(0, 2, 3))


def max_pool_forward(x, pool_param):
    ph, pw, s = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    view = np.lib.stride_tricks.sliding_window_view(x, (ph, pw), axis=(2, 3))[:, :, ::s, ::s]
    out = view.max(axis=(4, 5))
    return out, (x, out, pool_param)


def max_pool_backward(dout, cache):
    x, out, pool_param = cache
    ph, pw, s = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    dx = np.zeros_like(x)
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            here = np.s_[:, :, i * s:i * s + ph, j * s:j * s + pw]
            dx[here] += (x[here] == out[:, :, i:i + 1, j:j + 1]) * dout[:, :, i:i + 1, j:j + 1]
    return dx


def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, (x, w)


def affine_backward(dout, cache):
    x, w = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)


def relu_forward(x):
    return np.maximum(x, 0), x


def relu_backward(dout, x):
    return dout * (x > 0)


def softmax_loss(x, y):
    p = np.exp(x - x.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(len(y)), y]).mean()
    p[np.arange(len(y)), y] -= 1
    return loss, p / len(y)


class ThreeLayerConvNet(object):
    """
    conv - relu - 2x2 max pool - affine - relu - affine - softmax, on (N, C, H, W)
    """

    def __init__(self, input_dim=(3, 32, 32), num_filters=32, filter_size=7, hidden_dim=100, num_classes=10,
                 weight_scale=1e-3, reg=0.0, dtype=np.float64):
        self.reg = reg
        self.filter_size = filter_size
        C, H, W = input_dim
        self.params = {
            'W1': weight_scale * np.random.randn(num_filters, C, filter_size, filter_size),
            'b1': np.zeros(num_filters),
            'W2': weight_scale * np.random.randn(num_filters * (H // 2) * (W // 2), hidden_dim),
            'b2': np.zeros(hidden_dim),
            'W3': weight_scale * np.random.randn(hidden_dim, num_classes),
            'b3': np.zeros(num_classes),
        }
        self.params = {k: v.astype(dtype) for k, v in self.params.items()}

    def loss(self, X, y=None):
        """
        Scores (N, num_classes) without y; else the loss and the gradients, by the names of the parameters.
        """
        W1, b1, W2, b2, W3, b3 = (self.params[k] for k in ('W1', 'b1', 'W2', 'b2', 'W3', 'b3'))
        conv_param = {'stride': 1, 'pad': (self.filter_size - 1) // 2}
        pool_param = {'pool_height': 2, 'pool_width': 2, 'stride': 2}
        a1, conv_cache = conv_forward(X, W1, b1, conv_param)
        r1, relu1_cache = relu_forward(a1)
        h1, pool_cache = max_pool_forward(r1, pool_param)
        a2, fc1_cache = affine_forward(h1, W2, 0 * b2)
        h2, relu2_cache = relu_forward(a2)
        scores, fc2_cache = affine_forward(h2, W3, b3)
        if y is None:
            return scores
        loss, dscores = softmax_loss(scores, y)
        loss += 0.5 * self.reg * sum(np.sum(W * W) for W in (W1, W2, W3))
        grads = {}
        dh2, grads['W3'], grads['b3'] = affine_backward(dscores, fc2_cache)
        da2 = relu_backward(dh2, relu2_cache)
        dh1, grads['W2'], grads['b2'] = affine_backward(da2, fc1_cache)
        dr1 = max_pool_backward(dh1, pool_cache)
        da1 = relu_backward(dr1, relu1_cache)
        _, grads['W1'], grads['b1'] = conv_backward(da1, conv_cache)
        for name in ('W1', 'W2', 'W3'):
            grads[name] += self.reg * self.params[name]
        return loss, grads
