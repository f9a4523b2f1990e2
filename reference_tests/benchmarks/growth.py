"""Growth of a convolution's time with each of its sizes, and its memory besides inputs and results."""

import math
import time
import tracemalloc
from collections.abc import Sequence
from statistics import median
from typing import Any

import numpy as np

from impl import functional

BASE = {"N": 8, "C": 16, "FN": 32, "places": 28, "window": 3}  # places and window: length of one side
STEPS = {"N": (8, 16, 32, 64), "C": (32, 64, 128, 256), "FN": (64, 128, 256, 512), "places": (40, 56, 80, 112),
         "window": (3, 5, 7, 9)}  # fmt: skip
NAMES = {"places": "OH*OW", "window": "FH*FW"}
ENOUGH = 0.010  # seconds; below this the overhead of a call dominates


def question(N: int, C: int, FN: int, places: int, window: int) -> tuple[np.ndarray, ...]:
    """Draw dout, x, W, b in float32: OH = OW = places, FH = FW = window, stride 1, no padding."""
    rng = np.random.default_rng(0)
    side = places + window - 1
    shapes = (N, FN, places, places), (N, C, side, side), (FN, C, window, window), (FN,)
    return tuple(rng.standard_normal(shape).astype("f4") for shape in shapes)


def both(arrays: Sequence[np.ndarray], padding: int = 0) -> list[Any]:
    """Run forward and backward on (dout, x, W, b); return the output and all gradients."""
    dout, x, W, b = arrays
    return [functional.conv2d(x, W, b, padding=padding), *functional.conv2d_backward(dout, x, W, b, padding=padding)]


def seconds(arrays: tuple[np.ndarray, ...], rounds: int) -> float:
    """Return the median seconds of forward and backward, after one run to warm up."""
    both(arrays)
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        both(arrays)
        times.append(time.perf_counter() - start)
    return median(times)


def growth(rounds: int = 7) -> dict[str, dict[str, Any]]:
    """Measure each size: name -> its sizes, their seconds, and the fitted exponent (see exponent)."""
    found = {}
    for name, values in STEPS.items():
        sizes = [float(v**2 if name in NAMES else v) for v in values]
        times = [seconds(question(**{**BASE, name: value}), rounds) for value in values]
        found[NAMES.get(name, name)] = {"sizes": sizes, "seconds": times, "exponent": exponent(sizes, times)}
    return found


def exponent(sizes: list[float], times: list[float]) -> float | None:
    """Fit time = constant * size**exponent to the times above ENOUGH; None for fewer than two."""
    points = [(math.log(s), math.log(t)) for s, t in zip(sizes, times) if t >= ENOUGH]
    return float(np.polyfit([s for s, _ in points], [t for _, t in points], 1)[0]) if len(points) > 1 else None


MEMORY = [  # N, C, FN, side, window, pad
    (1, 64, 64, 224, 3, 1), (16, 64, 64, 56, 3, 1), (256, 64, 64, 28, 3, 1),
    (1, 6, 16, 14, 5, 0), (16, 6, 16, 14, 5, 0), (256, 6, 16, 14, 5, 0),
]  # fmt: skip


def memory() -> list[dict[str, Any]]:
    """Measure peak bytes of forward and backward without the results' own, and the allowance: 2 padded x + 8 MB."""
    rows = []
    for N, C, FN, side, window, pad in MEMORY:
        places = side + 2 * pad - window + 1
        shapes = (N, FN, places, places), (N, C, side, side), (FN, C, window, window), (FN,)
        arrays = [np.ones(shape, "f4") for shape in shapes]
        tracemalloc.start()
        results = both(arrays, pad)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        beside = peak - sum(a.nbytes for a in results)
        allowed = 2 * 4 * N * C * (side + 2 * pad) ** 2 + (8 << 20)
        name = f"{N}x{C}x{side}x{side} * {FN}x{C}x{window}x{window}, pad {pad}"
        rows.append({"convolution": name, "beside": beside, "allowed": allowed})
    return rows
