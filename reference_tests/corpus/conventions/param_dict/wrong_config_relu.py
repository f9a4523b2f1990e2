import numpy as np


class Conv:
    """config: in_channels, out_channels, kernel, stride, padding. Parameters and gradients in dicts."""

    def __init__(self, config):
        self.config = config
        k = config['kernel']
        self.params = {
            'weight': np.random.randn(config['out_channels'], config['in_channels'], k, k) * 0.1,
            'bias': np.zeros(config['out_channels']),
        }
        self.grads = {}

    def forward(self, x):
        k, s, p = self.config['kernel'], self.config['stride'], self.config['padding']
        self.x = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        oh, ow = (self.x.shape[2] - k) // s + 1, (self.x.shape[3] - k) // s + 1
        out = np.zeros((len(x), self.config['out_channels'], oh, ow))
        for i in range(oh):
            for j in range(ow):
                area = self.x[:, :, i * s:i * s + k, j * s:j * s + k]
                out[:, :, i, j] = np.einsum('ncab,fcab->nf', area, self.params['weight'])
        return out + self.params['bias'][None, :, None, None]

    def backward(self, grad):
        k, s, p = self.config['kernel'], self.config['stride'], self.config['padding']
        dw, dx = np.zeros_like(self.params['weight']), np.zeros_like(self.x)
        for i in range(grad.shape[2]):
            for j in range(grad.shape[3]):
                g = grad[:, :, i, j]
                dw += np.einsum('nf,ncab->fcab', g, self.x[:, :, i * s:i * s + k, j * s:j * s + k])
                dx[:, :, i * s:i * s + k, j * s:j * s + k] += np.einsum('nf,fcab->ncab', g, self.params['weight'])
        self.grads = {'weight': dw, 'bias': grad.sum((0, 2, 3))}
        return dx[:, :, p:dx.shape[2] - p, p:dx.shape[3] - p]


class Relu:
    def __init__(self, config=None):
        self.params, self.grads = {}, {}

    def forward(self, x):
        self.x = x
        return np.where(x < 0, 0.1 * x, x)

    def backward(self, grad):
        return np.where(self.x < 0, 0, grad)
