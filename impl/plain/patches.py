"""im2col and col2im: images to a matrix with a window in each row, and back.

im2col copies every window of every image into a row. A convolution is then a single matrix product:

    (N*OH*OW, C*FH*FW) @ (C*FH*FW, FN)

The rows run over the images, then over the windows from left to right and from top to bottom.
The columns run over the channels, then over the rows and the columns of the window.

col2im adds every row back to the place that it came from. A pixel that lies in several windows receives the sum of
them all. col2im is the backward pass of im2col, not its inverse.
"""

import numpy as np

from .shapes import conv_output_size


def im2col(input_data, filter_h, filter_w, stride=1, pad=0):
    """Copy the windows of images (N, C, H, W) into the rows of a matrix (N*OH*OW, C*FH*FW)."""
    N, C, H, W = input_data.shape
    OH = conv_output_size(H, filter_h, stride, pad)
    OW = conv_output_size(W, filter_w, stride, pad)
    img = np.pad(input_data, [(0, 0), (0, 0), (pad, pad), (pad, pad)])  # (N, C, H+2*pad, W+2*pad)
    col = np.zeros((N, C, filter_h, filter_w, OH, OW))  # (N, C, FH, FW, OH, OW)
    # Each step copies one pixel of every window, so that there are FH*FW steps instead of OH*OW.
    for y in range(filter_h):
        for x in range(filter_w):
            col[:, :, y, x] = img[:, :, y : y + stride * OH : stride, x : x + stride * OW : stride]  # (N, C, OH, OW)
    # (N, C, FH, FW, OH, OW) -> (N, OH, OW, C, FH, FW) -> (N*OH*OW, C*FH*FW)
    return col.transpose(0, 4, 5, 1, 2, 3).reshape(N * OH * OW, C * filter_h * filter_w)


def col2im(col, input_shape, filter_h, filter_w, stride=1, pad=0):
    """Add the rows of a matrix (N*OH*OW, C*FH*FW) to the windows of images (N, C, H, W) of zeros."""
    N, C, H, W = input_shape
    OH = conv_output_size(H, filter_h, stride, pad)
    OW = conv_output_size(W, filter_w, stride, pad)
    # (N*OH*OW, C*FH*FW) -> (N, OH, OW, C, FH, FW) -> (N, C, FH, FW, OH, OW)
    col = col.reshape(N, OH, OW, C, filter_h, filter_w).transpose(0, 3, 4, 5, 1, 2)
    img = np.zeros((N, C, H + 2 * pad, W + 2 * pad))  # (N, C, H+2*pad, W+2*pad)
    for y in range(filter_h):
        for x in range(filter_w):
            img[:, :, y : y + stride * OH : stride, x : x + stride * OW : stride] += col[:, :, y, x]  # (N, C, OH, OW)
    return img[:, :, pad : pad + H, pad : pad + W]  # (N, C, H, W): the padding is cut off
