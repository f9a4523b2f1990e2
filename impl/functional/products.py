"""A matrix product in blocks, for threads."""

import numpy as np

from .checks import Array
from .memory import SHARES, cut, sum_blocks
from .threads import run_blocks

ENOUGH = 1 << 21  # multiplications of a block; with fewer, starting it would cost more than it gains


def multiply(a: Array, b: Array) -> Array:
    """Return a (M, K) @ b (K, N), cut along the longest of the three: where that is K, partial products are summed."""
    (M, K), N = a.shape, b.shape[1]
    count = min(SHARES, M * K * N // ENOUGH)
    longest = max(M, K, N)
    if count < 2:
        return a @ b
    parts = [(part,) for part in cut(longest, -(-longest // count))]
    dtype = np.result_type(a, b)
    if longest == K:

        def add(total: Array, part: slice) -> None:
            total += a[:, part] @ b[part]

        return sum_blocks(add, parts, (M, N), dtype)
    out = np.empty((M, N), dtype)

    def work(part: slice) -> None:
        if longest == N:
            np.matmul(a, b[:, part], out=out[:, part])
        else:
            np.matmul(a[part], b, out=out[part])

    run_blocks(work, parts)
    return out
