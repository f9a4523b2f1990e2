"""Real handwritten digits for cases: a few of the embedded ones, whole or small."""

import itertools
from collections.abc import Callable, Iterable
from functools import cache

import numpy as np

from impl.data import load_mnist


@cache
def embedded_digits() -> tuple[np.ndarray, np.ndarray]:
    (x, t), _ = load_mnist(normalize=True, flatten=False)
    return x.astype("f8"), t.astype("i8")


def some_digits(rng: np.random.Generator, n: int, h: int = 28, w: int = 28) -> tuple[np.ndarray, np.ndarray]:
    """Images (n, 1, h, w) from 0 to 1 and their labels (n,); a small image is the middle of every second pixel."""
    x, t = embedded_digits()
    chosen = rng.choice(len(x), n, replace=False)
    step = 1 if max(h, w) > 14 else 2
    small = x[chosen][:, :, ::step, ::step]
    top, left = (small.shape[2] - h) // 2, (small.shape[3] - w) // 2
    return np.ascontiguousarray(small[:, :, top : top + h, left : left + w]), t[chosen]


def digit_images(rng: np.random.Generator, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """How a case draws: x (N, 1, H, W) or (N, H*W) is digits, every other array is normal."""
    if name != "x":
        return rng.standard_normal(shape)
    side = shape[2:] or (28, 28)
    return some_digits(rng, shape[0], *side)[0].reshape(shape)


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


Geometry = dict[str, int]


def grid(filters: Iterable[int] = (1,), pads: Iterable[int] = range(3)) -> list[Geometry]:
    """The least work first, then the least padding and stride.

    A size that does not divide is left out, and a window of padding alone, which shows nothing.
    """
    ranges = (range(1, 7), range(1, 7), range(1, 5), range(1, 5), range(1, 4), pads, (1, 2), (1, 2), filters)
    found = []
    for h, w, fh, fw, s, p, n, c, fn in itertools.product(*ranges):
        oh, ow = h + 2 * p - fh, w + 2 * p - fw
        if min(oh, ow) >= 0 and oh % s == ow % s == 0 and p < min(fh, fw):
            g = {"N": n, "C": c, "H": h, "W": w, "FN": fn, "FH": fh, "FW": fw, "stride": s, "pad": p}
            found.append({**g, "OH": oh // s + 1, "OW": ow // s + 1})
    return sorted(found, key=work)


def work(g: Geometry) -> tuple[int, ...]:
    padded = (g["H"] + 2 * g["pad"]) * (g["W"] + 2 * g["pad"])
    return g["N"] * g["C"] * g["FN"] * padded, g["pad"], g["stride"], *g.values()


def fitting(pick: Callable[[int, int], int], filters: bool = False) -> Geometry:
    """One geometry, picked: the windows fit, sizes divide, no window is of padding alone."""
    fh, fw, stride = pick(1, 5), pick(1, 5), pick(1, 4)
    pad = pick(0, min(fh, fw, 4) - 1)
    g = {"N": pick(1, 6), "C": pick(1, 4), "FN": pick(1, 5) if filters else 1}
    for side, f in (("H", fh), ("W", fw)):
        fewest = max(0, -((f - 2 * pad - 1) // stride))
        steps = fewest + pick(0, 4)
        g |= {side: f - 2 * pad + stride * steps, f"O{side}": steps + 1}
    return {**g, "FH": fh, "FW": fw, "stride": stride, "pad": pad}
