"""The layers that merge the branches of a network: concatenation and addition.

    ChannelConcat    out = the channels of all branches, one after the other     dx = dout, cut at the same places
    ResidualAdd      out = x + shortcut                                          dx = dout for both

(Szegedy and others, 2015; He, Zhang, Ren and Sun, 2016.)
"""

import numpy as np


class ChannelConcat:
    """The branches (N, C1, H, W), (N, C2, H, W), ... side by side: (N, C1 + C2 + ..., H, W)."""

    def forward(self, *branches):
        self.channels = [branch.shape[1] for branch in branches]  # C1, C2, ...
        return np.concatenate(branches, axis=1)

    def backward(self, dout):
        """Return the gradient of each branch, in their order."""
        borders = np.cumsum(self.channels)[:-1]  # C1, C1 + C2, ...
        return tuple(np.split(dout, borders, axis=1))


class ResidualAdd:
    """The sum of two arrays of one shape."""

    def forward(self, x, shortcut):
        return x + shortcut

    def backward(self, dout):
        """Return the gradients of x and of the shortcut."""
        return dout.copy(), dout.copy()
