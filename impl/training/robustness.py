"""Robustness of a network to shifted images. Source: the book's section 7.3, pooling and small shifts."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from impl.data.augmentation import shift


def accuracy_by_shift(network: Any, x: np.ndarray, t: np.ndarray, pixels: Sequence[int]) -> list[float]:
    """The accuracy for images (N, C, H, W) shifted by each number of pixels, averaged over the four directions."""
    accuracies = []
    for n in pixels:
        shifts = [(0, n), (0, -n), (n, 0), (-n, 0)] if n else [(0, 0)]
        accuracies.append(float(np.mean([network.accuracy(shift(x, down, right), t) for down, right in shifts])))
    return accuracies
