"""What a network's softmax does to scores that lie far apart, where its loss tells which of the known slips it is."""

from dataclasses import replace

import numpy as np

from ....i18n import N_, _
from ... import references
from ...contract import layer
from ...scenarios.uses import draw_question
from ...types import Diagnosis, Mistake, Verdict
from ..match import wrong_numbers

FAR = N_("right for images of like brightness, wrong where one is far brighter: {cause}")
SLIPS = ("loss.max-of-batch", "loss.overflow", "loss.clipped-logits")


def name_softmax(diagnosis: Diagnosis, v: Verdict) -> Diagnosis:
    """Say which slip of softmax gives the wrong loss, if one of them alone does; else the diagnosis as it is."""
    loss = next(((q, p) for q, what, p in wrong_numbers(v) if what == "loss"), None)
    if not loss:
        return diagnosis
    of, (q, p) = layer("softmax_with_loss"), loss
    asked = draw_question(of.CASES[0]).exact().but(x=references.ask(q.exact())["out"], t=q["t"], dout=None)
    found = dict[str, Mistake]()
    for m in of.MISTAKES:
        if m.code in SLIPS:
            with np.errstate(all="ignore"):
                out = (m.answer(references.ask, asked) or {}).get("out", np.nan)
            if np.allclose(p.got, out, 1e-3, 0, equal_nan=True):
                found.setdefault(m.code, m)
    if len(found) != 1:
        return diagnosis
    m = next(iter(found.values()))
    return replace(diagnosis, text=_(FAR).format(cause=_(m.text)), repair=_(m.repair))
