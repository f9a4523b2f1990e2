"""What is right for float64 numbers and wrong for float32 ones: the cause, where the wrong numbers tell which it is."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ....i18n import N_, _
from ....subject.protocol import Answer, Question
from ... import references
from ...types import Diagnosis, Problem
from ..match import WrongNumber, is_given

LARGEST = ("pooling", "global_max_pooling", "spatial_pyramid_pooling")
RIGHT = N_("right for float64, wrong for float32 arrays: {cause}")
BITS = N_(
    "negative numbers are in reverse order, as they are if the bits of floats are compared as those of whole numbers"
)
ZEROS = N_("the padding of float32 images is 0, which is larger than a negative number")
FROM_0 = N_("the largest of float32 numbers is sought from 0 on, as in an array of zeros")


def name_in_float32(diagnosis: Diagnosis, wrong: Sequence[WrongNumber]) -> Diagnosis:
    """Say of a maximum in float32 what gives all that is wrong; the diagnosis as it is where nothing is found."""
    if not wrong or wrong[0][0].op.component not in LARGEST:
        return diagnosis
    for cause, answer in ((BITS, compare_bits), (ZEROS, pad_with_zeros), (FROM_0, start_at_zero)):
        if all(gives(answer(q.exact()), what, p) for q, what, p in wrong):
            return replace(diagnosis, text=_(RIGHT).format(cause=_(cause)))
    return diagnosis


def gives(answer: Answer, what: str, p: Problem) -> bool:
    """Whether an answer has the wrong number."""
    return what in answer and is_given(p, answer[what])


def padded(q: Question, fill: float) -> tuple[Question, int]:
    """Return the question with its image padded by a number, and no other padding; and how much that was."""
    pad = q.params.get("pad", 0)
    around = [(0, 0), (0, 0), (pad, pad), (pad, pad)]
    return q.but(x=np.pad(q["x"], around, constant_values=fill), pad=0), pad


def cut(found: Answer, pad: int) -> Answer:
    """Cut the padding off dx."""
    if "dx" not in found or not pad:
        return found
    return {**found, "dx": found["dx"][:, :, pad:-pad, pad:-pad]}


def compare_bits(q: Question) -> Answer:
    """Take the smallest of numbers below 0, and minus infinity before all of them, as their bits are ordered."""
    wide, pad = padded(q, -np.inf)
    x = wide["x"]
    below = x < 0
    found = references.ask(wide.but(x=np.where(below, -1 / np.where(below, -x, 1), x)))
    out = found["out"]
    whole = np.where(out < 0, 1 / np.where(out < 0, out, 1), np.where(out == 0, -np.inf, out))
    return cut({**found, "out": whole}, pad)


def pad_with_zeros(q: Question) -> Answer:
    """Let 0 stand in the padding."""
    wide, pad = padded(q, 0.0)
    return cut(references.ask(wide), pad) if pad else {}


def start_at_zero(q: Question) -> Answer:
    """Let no largest number be below 0."""
    return {"out": np.maximum(references.ask(q)["out"], 0)}
