"""Every known mistake of a component: of its numbers, of its memory between calls, of how it is used."""

from functools import cache

from .contract import layer
from .language import N_
from .manners import checks
from .types import Mistake

GENERAL = {  # what the numbers of any layer may look like
    "scaled": N_("every number is the same number of times what it should be: a mean in place of a sum, or a factor"),
    "another-order": N_("the right numbers, in another order: an axis is taken for another before a reshape"),
    "precision": N_("right to a few digits only: float16 inside, or a constant that was rounded"),
}


@cache
def mistakes(component: str) -> tuple[Mistake, ...]:
    """In the order of the tables; one code may stand for several forms of a mistake."""
    of = layer(component)
    used = [m for check in checks(of) for m in check.manner.mistakes]
    holds = any(k not in of.OP.args for case in of.CASES for k in case.shapes)
    found = dict.fromkeys([*of.MISTAKES, *getattr(of, "HISTORY", ()), *used])
    return tuple(m for m in found if holds or m.code != "state.stale-parameters")


def mistake(component: str, code: str, text: str = "") -> Mistake | None:
    """The form of this text where there are several."""
    forms = [m for m in mistakes(component) if m.code == code]
    return next((m for m in forms if m.text == text), forms[0] if forms else None)


@cache
def codes(component: str) -> dict[str, list[Mistake]]:
    """code -> the forms of that mistake whose sentences differ."""
    found: dict[str, list[Mistake]] = {}
    for m in mistakes(component):
        forms = found.setdefault(m.code, [])
        if m.text not in [other.text for other in forms]:
            forms.append(m)
    return found
