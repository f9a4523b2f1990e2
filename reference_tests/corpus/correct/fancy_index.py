"""im2col as one indexing with arrays of channels, rows and columns; col2im as one np.add.at."""

import numpy as np


def conv_output_size(input_size, filter_size, stride=1, pad=0):
    assert filter_size <= input_size + 2 * pad, "the filter does not fit"
    return int(np.floor((input_size + 2 * pad - filter_size) / stride)) + 1


def places(shape, filter_h, filter_w, stride, pad):
    """Which channel, row and column of the padded image each column (C*FH*FW) of each place (OH*OW) reads."""
    _, c, h, w = shape
    oh, ow = conv_output_size(h, filter_h, stride, pad), conv_output_size(w, filter_w, stride, pad)
    channel, i, j = np.indices((c, filter_h, filter_w)).reshape(3, -1)
    top, left = np.indices((oh, ow)).reshape(2, -1, 1) * stride
    return np.broadcast_to(channel, (oh * ow, channel.size)), top + i, left + j


def im2col(input_data, filter_h, filter_w, stride=1, pad=0):
    image = np.pad(input_data, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    channel, row, column = places(input_data.shape, filter_h, filter_w, stride, pad)
    picked = image[:, channel, row, column]
    return picked.reshape(picked.shape[0] * picked.shape[1], picked.shape[2])


def col2im(col, input_shape, filter_h, filter_w, stride=1, pad=0):
    n, c, h, w = input_shape
    image = np.zeros((n, c, h + 2 * pad, w + 2 * pad))
    channel, row, column = places(input_shape, filter_h, filter_w, stride, pad)
    np.add.at(image, (slice(None), channel, row, column), col.reshape(n, *channel.shape))
    return image[:, :, pad : pad + h, pad : pad + w]


class Convolution:
    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.how = W, b, (*W.shape[2:], stride, pad)

    def forward(self, x):
        self.shape, (fh, fw, stride, pad) = x.shape, self.how
        self.col = im2col(x, *self.how)
        out = self.col.dot(self.W.reshape(len(self.W), self.col.shape[1]).T) + self.b
        oh, ow = conv_output_size(x.shape[2], fh, stride, pad), conv_output_size(x.shape[3], fw, stride, pad)
        return out.reshape(len(x), oh, ow, len(self.W)).transpose(0, 3, 1, 2)

    def backward(self, dout):
        flat = np.moveaxis(dout, 1, -1).reshape(len(self.col), len(self.W))
        self.db, self.dW = flat.sum(0), flat.T.dot(self.col).reshape(self.W.shape)
        return col2im(flat.dot(self.W.reshape(len(self.W), self.col.shape[1])), self.shape, *self.how)
