"""A right col2im, with the book's arguments: im2col's rows, added up where windows overlap."""

from typing import Any

import numpy as np


def col2im(col: Any, input_shape: Any, filter_h: int, filter_w: int, stride: int = 1, pad: int = 0) -> Any:
    """Return the sums at the places that the rows' numbers came from: (N, C, H, W)."""
    N, C, H, W = input_shape
    OH, OW = (H + 2 * pad - filter_h) // stride + 1, (W + 2 * pad - filter_w) // stride + 1
    windows = col.reshape(N, OH, OW, C, filter_h, filter_w).transpose(0, 3, 1, 2, 4, 5)  # N, C, OH, OW, FH, FW
    image = np.zeros((N, C, H + 2 * pad, W + 2 * pad), col.dtype)
    for i in range(OH):
        for j in range(OW):
            top, left = i * stride, j * stride
            image[:, :, top : top + filter_h, left : left + filter_w] += windows[:, :, i, j]
    return image[:, :, pad : pad + H, pad : pad + W]
