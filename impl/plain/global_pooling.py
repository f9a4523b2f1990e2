"""Global pooling: each channel becomes one number, its mean or its largest.

    average    out[n, c] = mean of x[n, c]      dx = dout[n, c] / (H*W) at every pixel
    max        out[n, c] = max of x[n, c]       dx = dout[n, c] at the largest pixel, else 0

(Lin, Chen and Yan, 2014, with the mean.)
"""

import numpy as np


class GlobalAveragePooling:
    """The mean of each channel: x (N, C, H, W) to out (N, C)."""

    def forward(self, x):
        self.x_shape = x.shape
        return x.mean(axis=(2, 3))  # (N, C)

    def backward(self, dout):
        H, W = self.x_shape[2:]
        return np.broadcast_to(dout[:, :, None, None] / (H * W), self.x_shape).copy()  # (N, C, 1, 1) -> (N, C, H, W)


class GlobalMaxPooling:
    """The largest number of each channel: x (N, C, H, W) to out (N, C)."""

    def forward(self, x):
        self.x_shape = x.shape
        pixels = x.reshape(x.shape[0], x.shape[1], -1 if x.size else 1)  # (N, C, H*W); NumPy infers no -1 if N is 0
        self.arg_max = pixels.argmax(axis=2)  # (N, C)
        return pixels.max(axis=2)  # (N, C)

    def backward(self, dout):
        dx = np.zeros((dout.shape[0], dout.shape[1], self.x_shape[2] * self.x_shape[3]))  # (N, C, H*W)
        np.put_along_axis(dx, self.arg_max[..., None], dout[..., None], axis=2)  # both (N, C, 1)
        return dx.reshape(self.x_shape)  # (N, C, H, W)
