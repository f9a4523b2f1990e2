"""What a mask shows: whether two agree by more than chance, and whether its places are kept in too small integers."""

import numpy as np

from ...i18n import _
from ..tolerance import likely_bound
from ..types import Problem

ALARM = 1e-12  # the probability of a false alarm
LONG, MANY = 8192, 1000  # places of a mask that is asked whether it begins again, and those that must be alike then
RARE = 0.1  # the share that is kept or dropped: of fewer places too many may be alike by chance
ENOUGH = 40  # places that are alike by chance in no mask


def shares(got: float, want: float, low: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a problem's got, want and allowed, of shares between 0 and 1."""
    return np.array(got), np.array(want), np.array(abs(want - low))


def is_repeated(mask: np.ndarray, equal: np.ndarray) -> bool:
    """Whether more places agree than the mask's own share explains; else only that is wrong."""
    kept = mask.mean()
    return bool(equal > kept**2 + (1 - kept) ** 2 + 0.1)


def find_period(mask: np.ndarray) -> int:
    """Return after how many numbers a mask begins again, as a table that is used over and over does; 0 if it does not.

    Of independent places fewer than half more than by chance are alike at any distance: sixteen standard deviations.
    """
    kept = mask.ravel() - mask.mean()
    if kept.size < LONG or not RARE < mask.mean() < 1 - RARE:
        return 0
    wave = np.fft.rfft(kept, 2 * kept.size)
    alike = np.fft.irfft(np.abs(wave) ** 2)[: kept.size - MANY] / (kept.size - np.arange(kept.size - MANY))
    found = np.flatnonzero(alike[1:] > alike[0] / 2)
    return int(found[0]) + 1 if found.size else 0


def begins_again(mask: np.ndarray, keep: float, code: str) -> Problem | None:
    """Report a mask that repeats itself after some numbers; code: of the mistake."""
    period = find_period(mask)
    if not period:
        return None
    same = float(np.mean(mask.ravel()[period:] == mask.ravel()[:-period]))
    note = _("(the mask begins again after {n} numbers)").format(n=period)
    chance = keep * keep + (1 - keep) * (1 - keep)
    return Problem("values", _("share of equal places"), *shares(same, chance, chance / 2), note=note, code=code)


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
