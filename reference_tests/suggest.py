"""Suggestions for an unknown name: the known names that are spelled most like it."""

from collections.abc import Iterable
from difflib import get_close_matches

from .i18n import _


def similar_names(name: str, known: Iterable[str], count: int = 1, cutoff: float = 0.6) -> list[str]:
    """Return up to count known names spelled like this one, the most similar first. cutoff: difflib's ratio, 0 to 1."""
    return get_close_matches(name, list(known), count, cutoff)


def did_you_mean(name: str, known: Iterable[str], others: str = "", cutoff: float = 0.6) -> str:
    """Return "did you mean NAME?", or "there are A, B, C" and the others if no known name is similar."""
    known = list(known)
    similar = similar_names(name, known, 1, cutoff)
    if similar:
        return _("did you mean {names}?").format(names=similar[0])
    return _("there are {names}").format(names=", ".join(known) + others)
