"""A right im2col, with the book's arguments: rows are windows (N, OH, OW), columns are their numbers (C, FH, FW)."""

from typing import Any

import numpy as np


def im2col(input_data: Any, filter_h: int, filter_w: int, stride: int = 1, pad: int = 0) -> Any:
    """Return the windows as rows: (N*OH*OW, C*FH*FW). Raises ValueError for a window larger than the padded image."""
    N, C, H, W = input_data.shape
    if filter_h > H + 2 * pad or filter_w > W + 2 * pad:
        raise ValueError(f"a window of {filter_h} x {filter_w} does not fit into {H} x {W} with a padding of {pad}")
    OH, OW = (H + 2 * pad - filter_h) // stride + 1, (W + 2 * pad - filter_w) // stride + 1
    padded = np.pad(input_data, [(0, 0), (0, 0), (pad, pad), (pad, pad)], "constant")
    rows = np.arange(OH)[:, None, None, None] * stride + np.arange(filter_h)[:, None]  # OH, 1, FH, 1
    columns = np.arange(OW)[:, None, None] * stride + np.arange(filter_w)  # OW, 1, FW
    windows = padded[:, :, rows, columns]  # N, C, OH, OW, FH, FW
    return windows.transpose(0, 2, 3, 1, 4, 5).reshape(N * OH * OW, C * filter_h * filter_w)
