"""Images changed a little, so that a network sees more of them than there are."""

import numpy as np


def random_shift(x: np.ndarray, pixels: int, rng: np.random.Generator) -> np.ndarray:
    """Each image of x (N, C, H, W) moved by -pixels .. pixels (whole, uniform) up or down and sideways; 0 comes in.

    A new array. Raises ValueError if pixels is negative.
    """
    if pixels < 0:
        raise ValueError(f"pixels={pixels!r}: allowed is a whole number, 0 or more")
    N, _, H, W = x.shape
    padded = np.pad(x, [(0, 0), (0, 0), (pixels, pixels), (pixels, pixels)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, (H, W), axis=(2, 3))  # (N, C, 2*pixels+1, same, H, W)
    up, left = rng.integers(0, 2 * pixels + 1, (2, N))
    return windows[np.arange(N), :, up, left]
