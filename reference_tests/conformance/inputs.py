"""Numbers and sizes for cases: handwritten digits, special values, and the grid of small geometries.

A draw is (generator, array's name, shape) -> its numbers.
"""

import itertools
from collections.abc import Callable, Iterable
from functools import cache

import numpy as np

from impl.data import load_mnist

from ..subject.protocol import Question
from .types import Draw, Shape, SpreadGenerator

TINY, LARGE = 1e-15, 1e6  # a product of two is in float32's range; below np.isclose's 1e-8, beyond a clip at 1e5
BRIGHTER = 1e4  # times the other images: scores are more than the 745 apart at which exp is 0
PRODUCTS = ("b", "running_var")  # arrays that stand beside a product of two others, or are the square of one


@cache
def embedded_digits() -> tuple[np.ndarray, np.ndarray]:
    """Load the embedded MNIST digits: images (N, 1, 28, 28) from 0 to 1, labels (N,)."""
    (x, t), _ = load_mnist(normalize=True, flatten=False)
    return x.astype("f8"), t.astype("i8")


def some_digits(rng: np.random.Generator, n: int, h: int = 28, w: int = 28) -> tuple[np.ndarray, np.ndarray]:
    """Draw n digits: images (n, 1, h, w) from 0 to 1, labels (n,). Up to 14 pixels, every second pixel is taken."""
    x, t = embedded_digits()
    chosen = rng.choice(len(x), n, replace=False)
    step = 1 if max(h, w) > 14 else 2
    small = x[chosen][:, :, ::step, ::step]
    top, left = (small.shape[2] - h) // 2, (small.shape[3] - w) // 2
    return np.ascontiguousarray(small[:, :, top : top + h, left : left + w]), t[chosen]


def whole(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw integers for what moves through the layer, fractions for its parameters."""
    return rng.integers(-9, 10, shape) if name in ("x", "input_data", "col") else rng.standard_normal(shape)


def whole_parameters(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw integers for W, as in a filter that is written by hand, fractions for all else."""
    return rng.integers(-3, 4, shape) if name == "W" else rng.standard_normal(shape)


def pixels(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw pixels from 0 to 255, as an image file has them, and a bias of that size; normal numbers for W."""
    return rng.standard_normal(shape) if name == "W" else rng.uniform(0, 255, shape)


def rectified(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw normal numbers, x as it comes out of a ReLU: half of it 0."""
    a = rng.standard_normal(shape)
    return np.maximum(a, 0) if name == "x" else a


def tiny(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw numbers about 1e-4, except for W."""
    return rng.standard_normal(shape) * (1 if name == "W" else 1e-4)


def planes_apart(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw normal numbers, those of every second plane about 1e5: beside them float32 has few digits for the others."""
    far = 1e5 * (np.arange(shape[0] * shape[1]) % 2).reshape(*shape[:2], 1, 1)
    return np.asarray(rng.standard_normal(shape) + 1 + far)


def in_bytes(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw images as an image file has them: bytes, whole numbers from 0 to 255; normal numbers for parameters."""
    images = name in ("x", "input_data", "train")
    return rng.integers(0, 256, shape, dtype="u1") if images else rng.standard_normal(shape)


def of_size(size: float) -> Draw:
    """Draw normal numbers times `size`."""
    return lambda rng, name, shape: size * rng.standard_normal(shape)


def one_of(*numbers: float) -> Draw:
    """Draw each number out of these."""
    return lambda rng, name, shape: np.asarray(rng.choice(numbers, shape))


def distinct(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw distinct numbers from -2 to 2, distinct in float32 too: of two equal ones either may be the largest."""
    size = max(int(np.prod(shape)), 1)
    return with_a_negative_plane(rng, (rng.permutation(size).reshape(shape) + rng.uniform(0.3, 0.7)) * (4 / size) - 2)


def with_a_negative_plane(rng: np.random.Generator, x: np.ndarray) -> np.ndarray:
    """Exchange numbers until all of the first plane are below 0, as far as there are such, if numbers are spread out.

    Else a maximum that starts from 0 would be seen under some seeds only.
    """
    if isinstance(rng, SpreadGenerator) and x.ndim > 2:
        flat, inner = x.reshape(-1), int(np.prod(x.shape[-2:]))
        above, below = np.flatnonzero(flat[:inner] >= 0), inner + np.flatnonzero(flat[inner:] < 0)
        n = min(len(above), len(below))
        flat[above[:n]], flat[below[:n]] = flat[below[:n]], flat[above[:n]]
    return x


def below_zero(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw distinct negative numbers."""
    return distinct(rng, name, shape) - 2.5


def up_to_255(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw distinct numbers from 8 to 248, as large as pixels are."""
    return distinct(rng, name, shape) * 60 + 128


def tiny_ones(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw distinct numbers about 1e-4."""
    return distinct(rng, name, shape) * 1e-4


def below_a_million(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw distinct numbers below -1e6: less than what is often taken for minus infinity."""
    return distinct(rng, name, shape) * 1e5 - 2e6


def largest_late(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw distinct numbers whose largest stand in the last row: places that a byte cannot count to."""
    x = distinct(rng, name, shape)
    x[..., -1, :] += 5
    return x


def largest_last(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw distinct numbers in ascending order: each window's largest is its last."""
    return np.sort(distinct(rng, name, shape), axis=None).reshape(shape)


def one_million(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw normal numbers, and among those that move through the layer 1e6 and -1e6."""
    return with_millions(rng, name, rng.standard_normal(shape))


def one_distinct_million(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw distinct numbers, and among them 1e6 and -1e6."""
    return with_millions(rng, name, distinct(rng, name, shape))


def with_millions(rng: np.random.Generator, name: str, a: np.ndarray) -> np.ndarray:
    """Put 1e6 and -1e6 at two places, unless these are parameters."""
    if name in ("x", "input_data", "col", "x1", "shortcut"):
        a.flat[rng.choice(a.size, 2, replace=False)] = 1e6, -1e6
    return a


def two_far_larger(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw normal numbers, and of what moves through the layer the first and the last times ten million."""
    a = rng.standard_normal(shape)
    if name in ("x", "dout", "col"):
        a.flat[[0, -1]] *= 1e7
    return a


def far_out(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw numbers spread from -16 to 16, in any order: where a curve is nearly flat, and where it is not."""
    return rng.permutation(np.linspace(-16, 16, int(np.prod(shape)))).reshape(shape)


def whole_numbers(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw distinct integers around 0."""
    size = int(np.prod(shape))
    return with_a_negative_plane(rng, rng.permutation(size).reshape(shape) - size // 2)


def near_ties(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw distinct numbers near 1e-3 that differ by 1e-9 or more: by 1e-6 of their size, which float32 tells apart."""
    size = int(np.prod(shape))
    return 1e-3 + 1e-9 * rng.permutation(size).reshape(shape)


def ties(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw -1, 0 and 1, so that most windows have several largest values."""
    return rng.integers(-1, 2, shape).astype("f8")


def as_at_first(q: Question) -> Question:
    """Give the parameters that training begins with where they do nothing: b and beta of 0, gamma of 1.

    Who looks once whether there is anything to add or to multiply finds nothing then.
    """
    start = {"b": 0.0, "beta": 0.0, "gamma": 1.0}
    return q.but(**{k: np.full_like(q[k], value) for k, value in start.items() if k in q.arrays})


def resized(q: Question, size: float) -> Question:
    """Return a question with numbers of another size, its parameters too, so that none hides behind another.

    A bias is as large as the product that it is added to. beta stands beside gamma times a number of about x, at most
    1 where x is large.
    """
    sizes = {name: size for name, a in q.arrays.items() if a.dtype.kind == "f"}
    sizes |= {name: size**2 for name in PRODUCTS if name in sizes}
    if "beta" in sizes:
        sizes["beta"] = min(size, size**2)
    return q.but(**{name: by * np.asarray(q[name]) for name, by in sizes.items()})


def put_far_apart(q: Question) -> Question:
    """Make a network's first image far brighter than the others, and all of its scores large, whatever the class.

    The classes of an image differ by no more than before: every loss is moderate, and no share is 0.
    """
    x, W3 = q["x"].copy(), q["W3"]
    x[0] *= BRIGHTER
    return q.but(x=x, W3=W3 / BRIGHTER + np.abs(W3).mean(axis=1, keepdims=True))


def flatten_images(q: Question) -> Question:
    """Make each channel of an image as bright everywhere as it is on average."""
    return q.but(x=np.broadcast_to(q["x"].mean(axis=(2, 3), keepdims=True), q["x"].shape).copy())


Geometry = dict[str, int]  # N C H W FN FH FW OH OW stride pad, or what other sides a layer has


def grid(filters: Iterable[int] = (1,), pads: Iterable[int] = range(3)) -> list[Geometry]:
    """List every small geometry, the least work first, then the least padding and stride.

    A size that the stride does not divide is left out, and a window of padding alone, which shows nothing.
    """
    ranges = (range(1, 7), range(1, 7), range(1, 5), range(1, 5), range(1, 4), pads, (1, 2), (1, 2), filters)
    small = []
    for h, w, fh, fw, s, p, n, c, fn in itertools.product(*ranges):
        oh, ow = h + 2 * p - fh, w + 2 * p - fw
        if min(oh, ow) >= 0 and oh % s == ow % s == 0 and p < min(fh, fw):
            g = {"N": n, "C": c, "H": h, "W": w, "FN": fn, "FH": fh, "FW": fw, "stride": s, "pad": p}
            small.append({**g, "OH": oh // s + 1, "OW": ow // s + 1})
    return sorted(small, key=work)


def work(g: Geometry) -> tuple[int, ...]:
    """Return the key by which geometries are sorted: the number of inputs and filters, pad, stride, then all sides."""
    padded = (g["H"] + 2 * g["pad"]) * (g["W"] + 2 * g["pad"])
    return g["N"] * g["C"] * g["FN"] * padded, g["pad"], g["stride"], *g.values()


def fitting(pick: Callable[[int, int], int], filters: bool = False) -> Geometry:
    """Pick one geometry of which the windows fit, the sizes divide and no window is of padding alone."""
    fh, fw, stride = pick(1, 5), pick(1, 5), pick(1, 4)
    pad = pick(0, min(fh, fw, 4) - 1)
    g = {"N": pick(1, 6), "C": pick(1, 4), "FN": pick(1, 5) if filters else 1}
    for side, f in (("H", fh), ("W", fw)):
        fewest = max(0, -((f - 2 * pad - 1) // stride))
        steps = fewest + pick(0, 4)
        g |= {side: f - 2 * pad + stride * steps, f"O{side}": steps + 1}
    return {**g, "FH": fh, "FW": fw, "stride": stride, "pad": pad}
