"""What numbers a case is filled with. One case, one magnitude: the allowed error is a share of its largest number."""

import numpy as np

Shape = tuple[int, ...]


def whole(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Integers for what moves through the layer, fractions for its parameters."""
    return rng.integers(-9, 10, shape) if name in ("x", "input_data", "col") else rng.standard_normal(shape)


def pixels(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """As an image comes out of its file; a bias to match."""
    return rng.standard_normal(shape) if name == "W" else rng.uniform(0, 255, shape)


def tiny(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    return rng.standard_normal(shape) * (1 if name == "W" else 1e-4)


def distinct(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """No two alike, even when rounded to float32: of two equals either may be called the largest."""
    size = max(int(np.prod(shape)), 1)
    return (rng.permutation(size).reshape(shape) + rng.uniform(0.3, 0.7)) * (4 / size) - 2


def below_zero(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    return distinct(rng, name, shape) - 2.5


def up_to_255(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    return distinct(rng, name, shape) * 60 + 128


def tiny_ones(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    return distinct(rng, name, shape) * 1e-4


def whole_numbers(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    size = int(np.prod(shape))
    return rng.permutation(size).reshape(shape) - size // 2


def ties(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Few values, so that most windows have several largest."""
    return rng.integers(-1, 2, shape).astype("f8")
