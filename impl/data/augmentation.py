"""Augmentation: images changed a little, so that a network is trained on more of them: flip, crop, shift, rotate.

Images are (N, C, H, W) and are returned as new arrays of the same dtype; angles in degrees, distances in pixels.
Pixels from outside an image are 0. Functions called random_... draw from a Generator.
"""

from dataclasses import dataclass

import numpy as np


def flip(x: np.ndarray, chosen: np.ndarray | None = None) -> np.ndarray:
    """Mirror images from left to right; chosen (N,): only those for which it is True."""
    mirrored = x[..., ::-1]
    return mirrored.copy() if chosen is None else np.where(np.asarray(chosen)[:, None, None, None], mirrored, x)


def crop(x: np.ndarray, top: np.ndarray | int, left: np.ndarray | int, height: int, width: int) -> np.ndarray:
    """Cut height x width pixels out of each image, from (top, left) on, one place for all or one for each (N,).

    Raises ValueError if they do not lie inside.
    """
    N, _, H, W = x.shape
    for name, at, size, whole in (("top", top, height, H), ("left", left, width, W)):
        if size < 1 or np.any(np.asarray(at) < 0) or np.any(np.asarray(at) + size > whole):
            raise ValueError(f"{name}={at!r} with {size} pixels: allowed is what lies inside {whole}, at least 1 pixel")
    windows = np.lib.stride_tricks.sliding_window_view(x, (height, width), axis=(2, 3))  # (N, C, tops, lefts, h, w)
    return windows[np.arange(N), :, np.broadcast_to(top, N), np.broadcast_to(left, N)]


def affine(x: np.ndarray, matrix: np.ndarray, offset: np.ndarray | tuple[float, float] = (0, 0)) -> np.ndarray:
    """Map images: the pixel at p = (row, column) from the centre is the old one at matrix @ p + offset. Bilinear.

    matrix (2, 2) or (N, 2, 2), offset (2,) or (N, 2) in pixels: scipy.ndimage.affine_transform's, around the centre.
    """
    N, _, H, W = x.shape
    matrix, offset = np.broadcast_to(matrix, (N, 2, 2)), np.broadcast_to(offset, (N, 2))
    centre = np.array([(H - 1) / 2, (W - 1) / 2])
    out = np.moveaxis(np.mgrid[:H, :W], 0, -1) - centre  # (H, W, 2)
    source: np.ndarray = np.einsum("nij,hwj->nhwi", matrix, out) + offset[:, None, None] + centre
    return _sample(x, source).astype(x.dtype)


def _sample(x: np.ndarray, source: np.ndarray) -> np.ndarray:
    """x at the points source (N, H, W, 2), each a weighted mean of the four pixels around it; outside is 0."""
    N, C, H, W = x.shape
    corner = np.floor(source).astype(np.int64)
    share = source - corner
    image = np.arange(N)[:, None, None]
    total = np.zeros((N, *source.shape[1:3], C))
    for i, j in ((0, 0), (0, 1), (1, 0), (1, 1)):
        row, column = corner[..., 0] + i, corner[..., 1] + j
        weight = np.abs(1 - i - share[..., 0]) * np.abs(1 - j - share[..., 1])
        inside = (row >= 0) & (row < H) & (column >= 0) & (column < W)
        pixels = x[image, :, np.clip(row, 0, H - 1), np.clip(column, 0, W - 1)]  # (N, H, W, C)
        total += np.where(inside, weight, 0)[..., None] * pixels
    return total.transpose(0, 3, 1, 2)  # (N, C, H, W)


def rotate(x: np.ndarray, degrees: np.ndarray | float) -> np.ndarray:
    """Turn images about their centre, counterclockwise; one angle for all or one for each (N,). Bilinear."""
    return affine(x, _rotation(degrees))


def shift(x: np.ndarray, down: np.ndarray | float, right: np.ndarray | float) -> np.ndarray:
    """Move images down and to the right, also by fractions of a pixel (bilinear); one step for all or for each (N,)."""
    return affine(x, np.eye(2), -np.stack(np.broadcast_arrays(down, right), axis=-1))


def _rotation(degrees: np.ndarray | float) -> np.ndarray:
    angle = np.deg2rad(degrees)
    cos, sin = np.cos(angle), np.sin(angle)
    return np.stack([np.stack([cos, sin], -1), np.stack([-sin, cos], -1)], -2)  # (..., 2, 2)


def random_shift(x: np.ndarray, pixels: int, rng: np.random.Generator) -> np.ndarray:
    """Move each image by -pixels .. pixels (whole, uniform) up or down and sideways: padded, then cropped.

    Raises ValueError if pixels is negative.
    """
    if pixels < 0:
        raise ValueError(f"pixels={pixels!r}: allowed is a whole number, 0 or more")
    N, _, H, W = x.shape
    padded = np.pad(x, [(0, 0), (0, 0), (pixels, pixels), (pixels, pixels)])
    top, left = rng.integers(0, 2 * pixels + 1, (2, N))
    return crop(padded, top, left, H, W)


def random_crop(x: np.ndarray, height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    """Cut height x width pixels out of each image, from a random place. Raises ValueError if they do not fit."""
    N, _, H, W = x.shape
    if not (1 <= height <= H and 1 <= width <= W):
        raise ValueError(f"height={height}, width={width}: allowed is 1x1 to {H}x{W}")
    return crop(x, rng.integers(0, H - height + 1, N), rng.integers(0, W - width + 1, N), height, width)


@dataclass(frozen=True)
class Augmentation:
    """Random changes of each image, each by at most its setting up or down. Called with images and a Generator.

    shift: whole pixels. rotate: degrees. scale: share of the size. shear: share, how far a row moves for each row
    below the centre. flip: mirror every second image on average.
    Raises ValueError for a setting that is negative, or a scale of 1 or more.
    """

    shift: int = 0
    rotate: float = 0.0
    scale: float = 0.0
    shear: float = 0.0
    flip: bool = False

    def __post_init__(self) -> None:
        for name in ("shift", "rotate", "scale", "shear"):
            value = getattr(self, name)
            if not 0 <= value < (1 if name == "scale" else float("inf")):
                raise ValueError(f"{name}={value!r}: allowed is 0 or more" + (", below 1" if name == "scale" else ""))

    def __call__(self, x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return changed images, the same for a Generator in the same state."""
        N = len(x)
        if self.flip:
            x = flip(x, rng.random(N) < 0.5)
        if self.rotate or self.scale or self.shear:
            amounts = rng.uniform(-1, 1, (3, N)) * np.array([[self.rotate], [self.scale], [self.shear]])
            shear = np.tile(np.eye(2), (N, 1, 1))
            shear[:, 1, 0] = amounts[2]
            x = affine(x, _rotation(amounts[0]) @ shear / (1 + amounts[1])[:, None, None])
        return random_shift(x, self.shift, rng) if self.shift else x
