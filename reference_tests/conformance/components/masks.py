"""What a mask shows: whether two agree by more than chance, and whether its places are kept in too small integers."""

import numpy as np

from ..tolerance import likely_bound

ALARM = 1e-12  # the probability of a false alarm
ENOUGH = 40  # places that are alike by chance in no mask


def shares(got: float, want: float, low: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a problem's got, want and allowed, of shares between 0 and 1."""
    return np.array(got), np.array(want), np.array(abs(want - low))


def is_repeated(mask: np.ndarray, equal: np.ndarray) -> bool:
    """Whether more places agree than the mask's own share explains; else only that is wrong."""
    kept = mask.mean()
    return bool(equal > kept**2 + (1 - kept) ** 2 + 0.1)


def compare_masks(a: np.ndarray, b: np.ndarray, keep: float) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Return (got, want, allowed) if two masks agree more or less often than independent ones, else None."""
    chance = keep * keep + (1 - keep) * (1 - keep)
    low, high = likely_bound(a.size, chance, ALARM)
    equal = int(np.sum(a == b))
    return None if low <= equal <= high else shares(equal / a.size, chance, low / a.size)


def name_small_places(mask: np.ndarray, code: str) -> str:
    """Return the code of places in too small integers where beyond what those hold all of a mask is alike, else code.

    Beyond is behind the first 2^b places; of integers with a sign also in front of the last, which count from the end.
    """
    places = mask.ravel() != 0
    for held, of_end in ((256, 0), (128, 0), (128, 128), (65536, 0), (32768, 0), (32768, 32768)):
        beyond, edge = places[held : places.size - of_end], places[held - ENOUGH : held]
        alike = beyond.size >= ENOUGH and beyond.min() == beyond.max()
        if code and alike and (edge != beyond[0]).any():
            return code.partition(".")[0] + ".index-too-small"
    return code
