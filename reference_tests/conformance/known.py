"""Every known mistake of a component: of its numbers, of its memory between calls, of how it is used."""

from functools import cache

from .contract import layer
from .manners import checks
from .types import Mistake


@cache
def mistakes(component: str) -> tuple[Mistake, ...]:
    """In the order of the tables; one code may stand for several forms of a mistake."""
    of = layer(component)
    used = [m for check in checks(of) for m in check.manner.mistakes]
    return tuple(dict.fromkeys([*of.MISTAKES, *getattr(of, "HISTORY", ()), *used]))


def mistake(component: str, code: str, text: str = "") -> Mistake | None:
    """The form of this text where there are several."""
    forms = [m for m in mistakes(component) if m.code == code]
    return next((m for m in forms if m.text == text), forms[0] if forms else None)
