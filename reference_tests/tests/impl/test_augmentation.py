"""Augmentation beside scipy.ndimage and torch's grid_sample; seeded, and never in the caller's array."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy import ndimage

from impl.data.augmentation import Augmentation, affine, crop, flip, random_crop, random_shift, rotate, shift

RNG = np.random.default_rng(11)
X = RNG.random((3, 2, 7, 9))
MATRICES = {
    "as it is": (np.eye(2), (0.0, 0.0)),
    "smaller": (1.3 * np.eye(2), (0.0, 0.0)),
    "larger and moved": (0.7 * np.eye(2), (0.4, -1.3)),
    "sheared": (np.array([[1.0, 0.0], [0.4, 1.0]]), (0.0, 0.0)),
    "any": (np.array([[0.8, -0.5], [0.3, 1.2]]), (-0.7, 2.2)),
}


def by_scipy(x, matrix, offset):
    """Around the centre; beyond the border stand zeros, as pixels like any other."""
    centre = (np.array(x.shape[2:]) - 1) / 2
    about = centre - matrix @ centre + offset
    return np.array([[ndimage.affine_transform(p, matrix, about, order=1, mode="grid-constant") for p in i] for i in x])


def by_torch(x, matrix, offset):
    """affine_grid counts (x, y) from -1 to 1 over the outer edges of the pixels."""
    half = np.array(x.shape[2:]) / 2
    theta = np.column_stack([matrix * half / half[:, None], offset / half])[::-1][:, [1, 0, 2]]
    theta = torch.from_numpy(np.tile(theta, (len(x), 1, 1)).copy())
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    return F.grid_sample(torch.from_numpy(x), grid, align_corners=False).numpy()


@pytest.mark.parametrize("name", MATRICES)
def test_affine_agrees_with_scipy_and_torch(name):
    matrix, offset = MATRICES[name]
    got = affine(X, matrix, offset)
    np.testing.assert_allclose(got, by_scipy(X, matrix, offset), atol=1e-12)
    np.testing.assert_allclose(got, by_torch(X, matrix, np.array(offset)), atol=1e-12)


def test_affine_maps_each_image_by_its_own_matrix():
    maps = list(MATRICES.values())[:3]
    got = affine(X, np.array([m for m, _ in maps]), np.array([o for _, o in maps]))
    for image, (matrix, offset), one in zip(X, maps, got):
        np.testing.assert_allclose(one, by_scipy(image[None], matrix, offset)[0], atol=1e-12)


@pytest.mark.parametrize("degrees", [0.0, 10.0, -33.0, 90.0, 200.0])
def test_rotate_agrees_with_scipy_and_is_counterclockwise(degrees):
    want = ndimage.rotate(X, degrees, axes=(2, 3), reshape=False, order=1, mode="grid-constant")
    np.testing.assert_allclose(rotate(X, degrees), want, atol=1e-12)
    square = X[..., :7]
    np.testing.assert_allclose(rotate(square, 90), np.rot90(square, axes=(2, 3)), atol=1e-12)


@pytest.mark.parametrize("down, right", [(2, -3), (0.25, 1.5), (-1.7, 0)])
def test_shift_agrees_with_scipy(down, right):
    want = ndimage.shift(X, (0, 0, down, right), order=1, mode="grid-constant")
    np.testing.assert_allclose(shift(X, down, right), want, atol=1e-12)


def test_flip_and_crop_equal_torch():
    np.testing.assert_array_equal(flip(X), torch.flip(torch.from_numpy(X), (3,)).numpy())
    some = flip(X, np.array([True, False, True]))
    for k, turned in enumerate((True, False, True)):
        np.testing.assert_array_equal(some[k], X[k, ..., ::-1] if turned else X[k])
    np.testing.assert_array_equal(crop(X, 1, 2, 4, 5), F.pad(torch.from_numpy(X), (-2, -2, -1, -2)).numpy())
    tops, lefts = np.array([0, 3, 1]), np.array([4, 0, 2])
    for k, one in enumerate(crop(X, tops, lefts, 4, 5)):
        np.testing.assert_array_equal(one, X[k, :, tops[k] : tops[k] + 4, lefts[k] : lefts[k] + 5])


def test_random_crop_reaches_every_place():
    x = np.arange(12.0).reshape(1, 1, 3, 4).repeat(300, axis=0)
    found = random_crop(x, 2, 3, np.random.default_rng(0))
    assert {float(one[0, 0, 0]) for one in found} == {0.0, 1.0, 4.0, 5.0}  # misses one less than once in 10**36
    assert all(one[0, 1, 2] == one[0, 0, 0] + 6 for one in found)


ALL = Augmentation(shift=2, rotate=15, scale=0.1, shear=0.1, flip=True)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_augmentation_is_seeded_and_leaves_its_input(dtype):
    x = X.astype(dtype)
    kept = x.copy()
    first, again, other = (ALL(x, np.random.default_rng(seed)) for seed in (5, 5, 6))
    np.testing.assert_array_equal(first, again)
    assert first.dtype == dtype and first.shape == x.shape
    assert not np.array_equal(first, other)
    np.testing.assert_array_equal(x, kept)
    assert not np.shares_memory(flip(x), x) and not np.shares_memory(random_shift(x, 0, np.random.default_rng(0)), x)


@pytest.mark.slow
def test_augmentation_settings_limit_their_changes():
    """The map that was drawn is found again from three points of a picture of coordinates."""
    H = W = 41
    x = np.stack(np.meshgrid(np.arange(H) - 20.0, np.arange(W) - 20.0, indexing="ij"))[None].repeat(200, axis=0)
    settings = {"rotate": 20.0, "scale": 0.2, "shear": 0.3}
    for name, most in settings.items():
        out = Augmentation(**{name: most})(x, np.random.default_rng(1))
        columns = np.stack([out[:, :, 21, 20] - out[:, :, 20, 20], out[:, :, 20, 21] - out[:, :, 20, 20]], axis=-1)
        angle = np.rad2deg(np.arctan2(columns[:, 0, 1], columns[:, 0, 0]))
        found = {"rotate": angle, "scale": 1 / columns[:, 0, 0] - 1, "shear": columns[:, 1, 0]}[name]
        assert -most <= found.min() < -0.9 * most and 0.9 * most < found.max() <= most
    mirrored = Augmentation(flip=True)(x, np.random.default_rng(1))[:, 1, 0, 0] > 0
    assert 60 < mirrored.sum() < 140  # 200 throws of a coin: outside less than once in 10**8


@pytest.mark.parametrize(
    "wrong, named",
    [
        (lambda: Augmentation(shift=-1), "shift=-1"),
        (lambda: Augmentation(rotate=-0.5), r"rotate=-0\.5"),
        (lambda: Augmentation(scale=1.0), r"scale=1\.0"),
        (lambda: crop(X, 5, 0, 4, 4), "top=5"),
        (lambda: crop(X, 0, 0, 4, 0), "left=0 with 0"),
        (lambda: random_crop(X, 8, 4, RNG), "height=8"),
        (lambda: random_shift(X, -1, RNG), "pixels=-1"),
    ],
)
def test_augmentation_value_out_of_range_is_named(wrong, named):
    with pytest.raises(ValueError, match=named):
        wrong()
