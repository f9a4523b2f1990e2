"""The limits of this machine: how many multiplications a second its BLAS does, and how quickly memory is copied."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from impl.functional.threads import run_blocks

SIDE, MEGABYTES, REPEATS = 2048, 64, 7


def measure_limits() -> dict[str, float]:
    """Return products a second of a large matrix product, by dtype, and bytes a second read and written by a copy."""
    found = {}
    for dtype in ("float32", "float64"):
        a = np.ones((SIDE, SIDE), dtype)
        found[dtype] = SIDE**3 / least_seconds(partial(np.matmul, a, a))
    source, target = np.ones(MEGABYTES << 20, np.uint8), np.zeros(MEGABYTES << 20, np.uint8)
    parts = [(slice(n << 20, (n + 1) << 20),) for n in range(MEGABYTES)]
    copy = least_seconds(lambda: run_blocks(lambda part: np.copyto(target[part], source[part]), parts))
    return {**found, "copy": 2 * source.nbytes / copy}


def least_seconds(work: Callable[[], Any]) -> float:
    """Return the least seconds that the work took."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def shares(load: Any, part: str, dtype: str, seconds: float, limits: dict[str, float]) -> dict[str, float]:
    """Return which share of the limits a load reaches that takes so many seconds; empty for a network.

    Forward and backward together count as three times forward. Above 1 where an algorithm multiplies less.
    """
    count = 1 if part == "forward" else 3
    found = {}
    if load.products:
        found["of_products"] = count * load.products / seconds / limits[dtype]
    if load.numbers:
        found["of_copy"] = count * load.numbers * np.dtype(dtype).itemsize / seconds / limits["copy"]
    return found
