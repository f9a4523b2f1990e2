"""Numbers that are right but for the digits behind the point, or for those behind some decimal place."""

from collections.abc import Sequence

import numpy as np

from ....i18n import N_, _
from ...compare import close
from ...types import Diagnosis
from ..match import WrongNumber, limit

FEW = 3  # numbers other than 0: fewer have few digits by chance
CERTAIN = 0.02  # of a step: how near to a whole one numbers must be
PLACES = range(1, 13)
ROUNDED = N_("the numbers are rounded to multiples of {step}")
KEEP = N_("do not round inside a layer: small numbers lose all their digits")


def name_whole_numbers(wrong: Sequence[WrongNumber]) -> Diagnosis | None:
    """Recognize numbers that are right but for the digits behind the point, or for those behind a decimal place."""
    if any(np.shape(p.got) != np.shape(p.want) for *_, p in wrong):
        return None
    pairs = [(np.asarray(p.got, "f8"), np.asarray(p.want, "f8")) for *_, p in wrong]
    for cut, text in ((np.trunc, _("the numbers are cut to whole ones")), (np.rint, _("the numbers are rounded"))):
        if all(close(g, cut(w), 0) for g, w in pairs):
            return Diagnosis("whole-numbers", text)
    if all(np.asarray(p.got).dtype.kind in "iu" for *_, p in wrong) and all(
        np.mean(np.abs(g - w) < 1) > 0.5 for g, w in pairs
    ):  # what is added to a number is cut, too
        text = _("it is an array of whole numbers, as x is: what is added to it is cut each time")
        return Diagnosis("whole-numbers", text, _("make the array of floats: np.zeros(x.shape)"))
    return name_rounded(wrong)


def name_rounded(wrong: Sequence[WrongNumber]) -> Diagnosis | None:
    """Recognize numbers that end at one decimal place, and are as near as such can be."""
    gots, wants = (np.concatenate([np.ravel(np.asarray(getattr(p, name), "f8")) for *_, p in wrong] or [np.zeros(0)])
                   for name in ("got", "want"))  # fmt: skip
    slack = np.concatenate([np.full(np.size(p.want), limit(p)) for *_, p in wrong] or [np.zeros(0)])
    if len(np.unique(gots[gots != 0])) < FEW or not np.isfinite(gots).all():
        return None
    single = any(np.asarray(p.got).dtype == np.float32 for *_, p in wrong)
    for places in PLACES:
        steps = gots * 10.0**places
        off = np.abs(steps) * (1e-7 if single else 1e-9)
        if off.max() > CERTAIN:  # the numbers have no digits to tell
            return None
        if np.all(np.abs(steps - np.rint(steps)) <= off) and np.all(np.abs(gots - wants) <= 0.5 * 0.1**places + slack):
            return Diagnosis("precision", _(ROUNDED).format(step=f"{0.1**places:.0g}"), _(KEEP))
    return None
