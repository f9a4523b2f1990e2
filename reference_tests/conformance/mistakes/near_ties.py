"""Max pooling that takes numbers near the largest for equal to it: what each place of a window is given of its dout."""

from collections.abc import Callable, Iterator

import numpy as np

Share = Callable[[np.ndarray], np.ndarray]  # rows of numbers (R, places) -> the share of each place in its row's dout
COMPARE = "remember the place with argmax of x as it is, or compare with =="
BY_ISCLOSE, BY_DIFFERENCE = "np.isclose takes them for equal", "as if those less than {} below it were equal to it"


def is_close(rows: np.ndarray) -> np.ndarray:
    """Mark what np.isclose takes for the largest of its row."""
    return np.asarray(np.isclose(rows, rows.max(-1, keepdims=True)))


def is_within(most: float) -> Share:
    """Mark what is less than `most` below the largest of its row."""
    return lambda rows: np.asarray(rows.max(-1, keepdims=True) - rows < most)


def first_of(near: Share, last: bool = False) -> Share:
    """Give all to the first of the marked places, or to the last."""

    def share(rows: np.ndarray) -> np.ndarray:
        marked = near(rows)
        chosen = rows.shape[-1] - 1 - marked[..., ::-1].argmax(-1) if last else marked.argmax(-1)
        return np.asarray(np.arange(rows.shape[-1]) == chosen[..., None])

    return share


def shared_by(near: Share) -> Share:
    """Give the marked places equal shares."""
    return lambda rows: near(rows) / near(rows).sum(-1, keepdims=True)


def list_near_ties() -> Iterator[tuple[str, Share]]:
    """Yield what is said of each way, and the share that each place gets."""
    for near, why in ((is_close, BY_ISCLOSE), *((is_within(m), BY_DIFFERENCE.format(m)) for m in (1e-8, 1e-6))):
        yield f"every number near the largest gets its dout: {why}", near
        yield f"the first number near the largest gets its dout: {why}", first_of(near)
    yield f"the last number near the largest gets its dout: {BY_ISCLOSE}", first_of(is_close, last=True)
    yield f"the numbers near the largest share its dout: {BY_ISCLOSE}", shared_by(is_close)
