"""Real handwritten digits for cases: a few of the embedded ones, whole or small."""

from functools import cache

import numpy as np

from impl.data import load_mnist


@cache
def embedded() -> tuple[np.ndarray, np.ndarray]:
    (x, t), _ = load_mnist(normalize=True, flatten=False)
    return x.astype("f8"), t.astype("i8")


def some(rng: np.random.Generator, n: int, h: int = 28, w: int = 28) -> tuple[np.ndarray, np.ndarray]:
    """Images (n, 1, h, w) from 0 to 1 and their labels (n,); a small image is the middle of every second pixel."""
    x, t = embedded()
    chosen = rng.choice(len(x), n, replace=False)
    step = 1 if max(h, w) > 14 else 2
    small = x[chosen][:, :, ::step, ::step]
    top, left = (small.shape[2] - h) // 2, (small.shape[3] - w) // 2
    return np.ascontiguousarray(small[:, :, top : top + h, left : left + w]), t[chosen]


def images(rng: np.random.Generator, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """How a case draws: x (N, 1, H, W) or (N, H*W) is digits, every other array is normal."""
    if name != "x":
        return rng.standard_normal(shape)
    side = shape[2:] or (28, 28)
    return some(rng, shape[0], *side)[0].reshape(shape)
