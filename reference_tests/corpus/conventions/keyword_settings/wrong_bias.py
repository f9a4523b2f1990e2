import numpy as np
import logging

log = logging.getLogger(__name__)


class ConvBlock:
    """channels last convolution, settings come as keyword arguments"""

    def __init__(self, **kwargs):
        self.in_channels = kwargs['in_channels']
        self.out_channels = kwargs['out_channels']
        self.kernel_size = kwargs.get('kernel_size', 3)
        self.stride = kwargs.get('stride', 1)
        self.padding = kwargs.get('padding', 0)
        self.params = dict(W=np.random.randn(self.kernel_size, self.kernel_size, self.in_channels, self.out_channels) * .1, b=np.zeros(self.out_channels))
        self.gradients = {}

    def forward(self, x):
        p = self.padding
        self.x = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
        k, s = self.kernel_size, self.stride
        oh, ow = (self.x.shape[1] - k) // s + 1, (self.x.shape[2] - k) // s + 1
        out = np.zeros((x.shape[0], oh, ow, self.out_channels))
        for i in range(k):
            for j in range(k):
                out += self.x[:, i:i + s * (oh - 1) + 1:s, j:j + s * (ow - 1) + 1:s, :] @ self.params['W'][i, j]
        return out + self.params['b']

    def backward(self, grad):
        p, k, s = self.padding, self.kernel_size, self.stride
        oh, ow = grad.shape[1:3]
        dW = np.zeros_like(self.params['W'])
        dx = np.zeros_like(self.x)
        for i in range(k):
            for j in range(k):
                v = self.x[:, i:i + s * (oh - 1) + 1:s, j:j + s * (ow - 1) + 1:s, :]
                dW[i, j] = np.einsum('nhwc,nhwf->cf', v, grad)
                dx[:, i:i + s * (oh - 1) + 1:s, j:j + s * (ow - 1) + 1:s, :] += grad @ self.params['W'][i, j].T
        self.gradients['W'] = dW
        self.gradients['b'] = grad[0].sum((0, 1))
        return dx[:, p:dx.shape[1] - p, p:dx.shape[2] - p, :]
