"""MeanNormalization. Plain edition: impl/plain/mean_normalization.py; here: speed, dtypes, refusals.

The training data's mean is subtracted. Source: Krizhevsky et al. 2012, section 2 (per pixel).
"""

from typing import Any

import numpy as np

from impl.functional.checks import as_floats, check_images, check_upstream, require_forward
from impl.functional.shapes import check_flag


class MeanNormalization:
    """x (N, C, H, W) minus the mean of the training images, also for test images and for a single image.

    train: the training images (N, C, H, W). Their mean is computed once, here; `mean` belongs to the model and is
    saved with it, and `from_mean` makes the layer from it. per_pixel: one mean for each pixel of each channel in place
    of one for each channel. Raises ValueError, TypeError.
    """

    def __init__(self, train: np.ndarray, per_pixel: bool = False) -> None:
        axes = (0,) if check_flag("per_pixel", per_pixel) else (0, 2, 3)
        (train,) = as_floats(train=train)
        if len(check_images("train", train)) == 0:
            raise ValueError(f"train must hold at least one image; got shape {train.shape}")
        # summed in float64: a float32 sum over thousands of images drifts
        self.mean = train.mean(axis=axes, dtype=np.float64, keepdims=True)[0].astype(train.dtype)  # (C, 1|H, 1|W)
        self.cache: tuple[tuple[int, ...], np.dtype] | None = None

    @classmethod
    def from_mean(cls, mean: np.ndarray) -> "MeanNormalization":
        """Make the layer from a saved mean (C, 1, 1) or (C, H, W). Raises ValueError."""
        mean = np.asarray(mean)
        if mean.ndim != 3:
            raise ValueError(f"mean must be (C, 1, 1) or (C, H, W); got shape {mean.shape}")
        layer = cls(mean[None], per_pixel=True)
        layer.mean = mean.copy()
        return layer

    def forward(self, x: np.ndarray) -> np.ndarray:
        """x (N, C, H, W) -> its shape."""
        (x,) = as_floats(x=x)
        mean: Any = np.asarray(self.mean)
        if check_images("x", x).shape[1] != len(mean) or mean.shape[1:] not in ((1, 1), x.shape[2:]):
            raise ValueError(f"x must fit the mean {mean.shape}; got shape {x.shape}")
        self.cache = x.shape, x.dtype
        return x - mean.astype(x.dtype)

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """dout (N, C, H, W) -> dx, a copy of it."""
        return check_upstream(np.asarray(dout), *require_forward(self.cache, self)).copy()
