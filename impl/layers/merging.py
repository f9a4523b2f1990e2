"""ChannelConcat and ResidualAdd. Plain edition: impl/plain/merging.py; here: speed, dtypes, refusals.

The branches of a network meet here: these layers have several inputs, and as many gradients.
"""

from itertools import accumulate

import numpy as np

from impl.functional.checks import as_floats, check_upstream, require_forward


class ChannelConcat:
    """The channels of all inputs one after the other: (N, C1, H, W), (N, C2, H, W) ... -> (N, C1 + C2 + ..., H, W).

    backward returns a tuple, for each input its channels of dout. Raises ValueError (an axis other than the channels
    differs), TypeError. Source: Szegedy et al. 2015 (GoogLeNet), section 4.
    """

    def __init__(self) -> None:
        self.cache: tuple[list[int], tuple[int, ...], np.dtype] | None = None

    def forward(self, *xs: np.ndarray) -> np.ndarray:
        """xs (N, C1, ...), (N, C2, ...) ... -> (N, C1 + C2 + ..., ...)."""
        arrays = as_floats(**{f"x{k}": x for k, x in enumerate(xs, 1)}) if xs else []
        shapes = [a.shape for a in arrays]
        if not shapes or any(len(s) < 2 or (s[0], *s[2:]) != (shapes[0][0], *shapes[0][2:]) for s in shapes):
            raise ValueError(f"inputs must be alike but for their channels, at least one; got shapes {shapes}")
        out = np.concatenate(arrays, axis=1)
        self.cache = [s[1] for s in shapes], out.shape, out.dtype
        return out

    def backward(self, dout: np.ndarray) -> tuple[np.ndarray, ...]:
        """dout (N, C1 + C2 + ..., ...) -> one dx for each input."""
        channels, shape, dtype = require_forward(self.cache, self)
        dout = check_upstream(np.asarray(dout), shape, dtype)
        ends = [*accumulate(channels)]
        return tuple(dout[:, end - C : end].copy() for C, end in zip(channels, ends))


class ResidualAdd:
    """x + shortcut, of one shape. backward returns dout for both. Raises ValueError, TypeError.

    Source: He, Zhang, Ren, Sun 2015 (ResNet), section 3.2.
    """

    def __init__(self) -> None:
        self.cache: tuple[tuple[int, ...], np.dtype] | None = None

    def forward(self, x: np.ndarray, shortcut: np.ndarray) -> np.ndarray:
        """x and shortcut of one shape -> their sum."""
        x, shortcut = as_floats(x=x, shortcut=shortcut)
        if x.shape != shortcut.shape:  # broadcasting would hide a forgotten projection
            raise ValueError(f"shortcut must have the shape of x, {x.shape}; got {shortcut.shape}")
        self.cache = x.shape, x.dtype
        return x + shortcut

    def backward(self, dout: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """dout of that shape -> (dx, dshortcut), two copies of it."""
        dout = check_upstream(np.asarray(dout), *require_forward(self.cache, self))
        return dout.copy(), dout.copy()
