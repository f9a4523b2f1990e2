"""Convolution: FN filters slide over the image, and each makes one channel of the output.

    out[n, f, i, j] = b[f] + sum over c, y, x of W[f, c, y, x] * img[n, c, i * stride + y, j * stride + x]

img is x with a border of `pad` zeros. im2col turns this into an affine layer, out = col @ col_W + b, with a window in
each row of col and a filter in each column of col_W. The gradients are those of an affine layer too, and col2im takes
dx back to the image. In them, each row of dout holds the FN channels of one output pixel:

    db = sum of the rows of dout        dW = col.T @ dout        dx = col2im(dout @ col_W.T)
"""

from .patches import col2im, im2col
from .shapes import conv_output_size


class Convolution:
    """A convolution of x (N, C, H, W) with the filters W (FN, C, FH, FW) and the biases b (FN,)."""

    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def forward(self, x):
        """Return out (N, FN, OH, OW)."""
        FN, _, FH, FW = self.W.shape
        N, _, H, W = x.shape
        OH = conv_output_size(H, FH, self.stride, self.pad)
        OW = conv_output_size(W, FW, self.stride, self.pad)
        self.x_shape = x.shape
        self.col = im2col(x, FH, FW, self.stride, self.pad)  # (N*OH*OW, C*FH*FW)
        self.col_W = self.W.reshape(FN, -1).T  # (FN, C*FH*FW) -> (C*FH*FW, FN)
        out = self.col @ self.col_W + self.b  # (N*OH*OW, FN)
        return out.reshape(N, OH, OW, FN).transpose(0, 3, 1, 2)  # (N, OH, OW, FN) -> (N, FN, OH, OW)

    def backward(self, dout):
        """Take dout (N, FN, OH, OW), set dW (FN, C, FH, FW) and db (FN,), and return dx (N, C, H, W)."""
        FN, C, FH, FW = self.W.shape
        rows = dout.transpose(0, 2, 3, 1).reshape(-1, FN)  # (N, OH, OW, FN) -> (N*OH*OW, FN)
        self.db = rows.sum(axis=0)  # (FN,)
        self.dW = (self.col.T @ rows).T.reshape(FN, C, FH, FW)  # (C*FH*FW, FN) -> (FN, C*FH*FW) -> (FN, C, FH, FW)
        dcol = rows @ self.col_W.T  # (N*OH*OW, C*FH*FW)
        return col2im(dcol, self.x_shape, FH, FW, self.stride, self.pad)  # (N, C, H, W)
