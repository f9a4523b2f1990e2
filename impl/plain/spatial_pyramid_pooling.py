"""Spatial pyramid pooling: images of any size to rows of one length.

Each level n divides the image into a grid of n x n cells and takes the largest number of each cell. Cell k of a side
of `size` pixels runs from floor(k * size / n) to ceil((k + 1) * size / n), so that no pixel is left out.

    out: for each level in turn, C * n * n numbers, with the channels outside and the cells row by row inside

(He, Zhang, Ren and Sun, 2014.)
"""

import numpy as np


class SpatialPyramidPooling:
    """Max pooling of x (N, C, H, W) over grids of several sizes, to out (N, C * sum of n*n)."""

    def __init__(self, levels=(4, 2, 1)):
        self.levels = levels

    def cells(self, level):
        """Return the rows and the columns of each cell of the grid level x level."""
        rows, columns = (
            [slice(k * size // level, -(-(k + 1) * size // level)) for k in range(level)] for size in self.x.shape[2:]
        )
        return [(r, c) for r in rows for c in columns]

    def forward(self, x):
        self.x = x
        outs = []
        for level in self.levels:
            peaks = np.array([x[:, :, r, c].max(axis=(2, 3)) for r, c in self.cells(level)])  # (level*level, N, C)
            # (level*level, N, C) -> (N, C, level*level) -> (N, C*level*level)
            outs.append(peaks.transpose(1, 2, 0).reshape(len(x), level * level * x.shape[1]))
        return np.concatenate(outs, axis=1)  # (N, sum of C*level*level)

    def backward(self, dout):
        dx, begin = np.zeros(self.x.shape), 0
        N, C = self.x.shape[:2]
        for level in self.levels:
            end = begin + C * level * level
            block = dout[:, begin:end].reshape(N, C, level * level)  # (N, C, level*level)
            for k, (r, c) in enumerate(self.cells(level)):
                cell = self.x[:, :, r, c]  # (N, C, CH, CW)
                flat = cell.reshape(N, C, cell.shape[2] * cell.shape[3])  # (N, C, CH*CW)
                peak = np.arange(flat.shape[2]) == flat.argmax(axis=2)[..., None]  # (N, C, CH*CW): one True in each
                dx[:, :, r, c] += (peak * block[:, :, k, None]).reshape(cell.shape)  # (N, C, CH, CW)
            begin = end
        return dx
