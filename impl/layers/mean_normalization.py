"""MeanNormalization. Plain edition: impl/plain/mean_normalization.py; here: speed, dtypes, refusals.

The training data's mean is subtracted. Source: Krizhevsky et al. 2012, section 2 (per pixel).
"""

from typing import Any

import numpy as np

from impl.functional.checks import upstream
from impl.functional.shapes import flag

from ..functional.checks import floats, images, seen


class MeanNormalization:
    """x (N, C, H, W) minus the mean of the training images, whatever x is: of training, test or a single image.

    train: the training images (N, C, H, W); their mean is taken here, once, and kept in `mean`, which belongs to the
    model and is saved with it (`from_mean` makes the layer again). per_pixel: one number for each pixel of each
    channel in place of one for each channel. Raises ValueError, TypeError.
    """

    def __init__(self, train: np.ndarray, per_pixel: bool = False) -> None:
        axes = (0,) if flag("per_pixel", per_pixel) else (0, 2, 3)
        (train,) = floats(train=train)
        if len(images("train", train)) == 0:
            raise ValueError(f"train must hold at least one image; got shape {train.shape}")
        # summed in float64: thousands of images drift in float32
        self.mean = train.mean(axis=axes, dtype=np.float64, keepdims=True)[0].astype(train.dtype)  # (C, 1|H, 1|W)
        self.kept: tuple[tuple[int, ...], np.dtype] | None = None

    @classmethod
    def from_mean(cls, mean: np.ndarray) -> "MeanNormalization":
        """With a mean (C, 1, 1) or (C, H, W) that was saved. Raises ValueError."""
        mean = np.asarray(mean)
        if mean.ndim != 3:
            raise ValueError(f"mean must be (C, 1, 1) or (C, H, W); got shape {mean.shape}")
        layer = cls(mean[None], per_pixel=True)
        layer.mean = mean.copy()
        return layer

    def forward(self, x: np.ndarray) -> np.ndarray:
        (x,) = floats(x=x)
        mean: Any = np.asarray(self.mean)
        if images("x", x).shape[1] != len(mean) or mean.shape[1:] not in ((1, 1), x.shape[2:]):
            raise ValueError(f"x must fit the mean {mean.shape}; got shape {x.shape}")
        self.kept = x.shape, x.dtype
        return x - mean.astype(x.dtype)

    def backward(self, dout: np.ndarray) -> np.ndarray:
        return upstream(np.asarray(dout), *seen(self.kept, self)).copy()
