"""Grids of sizes for the recipes: several channels, unequal axes, odd and even sizes, strides 1-3, dilations."""

import importlib
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from reference_tests.frameworks import porting
from reference_tests.frameworks.registry import PROBES

PORTING = Path(porting.__file__).parent


class Line(NamedTuple):
    """A setting along one axis: size, window, stride, padding, dilation."""

    n: int
    k: int
    s: int
    p: int
    d: int


class Point(NamedTuple):
    """A setting of an image: two lines, and how many channels go in and come out."""

    rows: Line
    columns: Line
    channels: int
    filters: int

    def pair(self, name: str) -> tuple[int, int]:
        """The value of both axes."""
        return getattr(self.rows, name), getattr(self.columns, name)


def recipes_of(adapter: str) -> Any:
    """A framework's recipes as a module of this process; its probes and the functions of NumPy stand beside it."""
    for folder in (PROBES, PORTING):
        if str(folder) not in sys.path:
            sys.path.append(str(folder))
    return importlib.import_module(f"{adapter}_recipes")


def lines(
    dilations: tuple[int, ...] = (1,), padded: bool = True, strides: tuple[int, ...] = (1, 2, 3)
) -> Iterator[Line]:
    """Every setting along an axis in which a window fits; a pooling's padding is at most half its window."""
    for n, k, s, d in product((4, 5, 6, 7, 8, 11, 13), (1, 2, 3, 4, 5), strides, dilations):
        for p in range(k // 2 + 1) if padded else (0,):
            if d * (k - 1) + 1 <= n + 2 * p:
                yield Line(n, k, s, p, d)


def points(dilations: tuple[int, ...] = (1,), padded: bool = True, strides: tuple[int, ...] = (1, 2, 3)) -> list[Point]:
    """Every line once as rows and once as columns, beside a line of another size, window or stride."""
    found = list(lines(dilations, padded, strides))
    other = found[len(found) // 3 + 1 :] + found[: len(found) // 3 + 1]
    return [Point(a, b, 2, 2 + i % 2) for i, (a, b) in enumerate(zip(found, other))]


def image(point: Point, seed: int = 0, samples: int = 2) -> np.ndarray:
    """Images (N, C, H, W) of random numbers."""
    shape = samples, point.channels, *point.pair("n")
    return np.random.default_rng(seed).standard_normal(shape).astype("float32")


def filters(point: Point, *channels: int) -> np.ndarray:
    """Filters (., ., FH, FW) of random numbers, by default (FN, C, FH, FW)."""
    first = channels or (point.filters, point.channels)
    return np.random.default_rng(1).standard_normal((*first, *point.pair("k"))).astype("float32")


def differing(got: list[Any], want: list[Any], about: list[Any], tolerance: float = 2e-5) -> list[Any]:
    """The settings in which two results differ, in size or numbers."""
    assert len(got) == len(want) == len(about) > 0
    return [which for a, b, which in zip(got, want, about) if not equal(np.asarray(a), np.asarray(b), tolerance)]


def equal(a: np.ndarray, b: np.ndarray, tolerance: float) -> bool:
    """Tell whether two arrays have the same numbers, relative to the largest."""
    if a.shape != b.shape:
        return False
    finite = np.isfinite(b)
    scale = np.abs(b[finite]).max(initial=1e-30)
    return bool((np.isfinite(a) == finite).all() and np.abs(a[finite] - b[finite]).max(initial=0) <= tolerance * scale)
