"""Timing of competitors in turns within one process, so that whatever slows one slows all."""

import gc
import time
from collections.abc import Callable
from statistics import median
from typing import Any

Sides = dict[str, Callable[[], Any]]
FEWEST = 3


def interleaved(sides: Sides, seconds: float, peers: float = 0.1) -> dict[str, list[float]]:
    """Time each competitor: name -> seconds of each round. Others than numpy and torch get a share of the time."""
    times: dict[str, list[float]] = {name: [] for name in sides}
    for work in sides.values():
        work()  # warm up buffers, threads and caches
    gc.collect()
    start = time.perf_counter()
    while (spent := time.perf_counter() - start) < seconds or len(times["numpy"]) < FEWEST:
        for name, work in sides.items():
            if name not in ("numpy", "torch") and (len(times[name]) >= FEWEST and spent > peers * seconds):
                continue
            before = time.perf_counter()
            work()
            times[name].append(time.perf_counter() - before)
    return times


def ratio(times: dict[str, list[float]], other: str, of: str = "numpy") -> float | None:
    """Return the ratio of medians, None if `other` did not run."""
    return median(times[of]) / median(times[other]) if other in times else None
