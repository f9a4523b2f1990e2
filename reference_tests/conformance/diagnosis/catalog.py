"""The catalogue of every known mistake of a component: of its numbers, its state between calls, its uses."""

from functools import cache

from ...i18n import N_
from ..contract import layer
from ..mistakes.history import ASSIGNED, STALE
from ..scenarios import checks_of
from ..types import Mistake
from .shape_errors import SLIPS

GENERAL = {  # diagnoses that any layer may get: of its numbers, its shapes, how it is used
    "zeros": N_("Every number is 0: the array is made and never filled, or what should fill it is multiplied by 0."),
    "nan": N_("nan or inf: 0 divided by 0, the log of 0, or exp of a large number. Subtract the largest before exp."),
    "overflow": N_("nan, or 0, far out: exp of a large number is infinity. Take exp of numbers that are not positive."),
    "empty": N_("It holds no numbers: a slice such as [pad:-pad] takes none where pad is 0. End it at pad + size."),
    "scaled": N_("Every number is the same number of times what it should be: a mean in place of a sum, or a factor."),
    "scaled.norm": N_("Every answer has the same norm: clipping of gradients is left inside the layer."),
    "weight-decay": N_("A multiple of the parameters is added to their gradient: leave that to who trains."),
    "last-chunk": N_("The batch is worked in chunks, and the last one, which is smaller, is left out."),
    "last-block": N_("The product is made in blocks of rows, and the last one, which is smaller, is left out."),
    "order": N_("Whole images, channels or filters stand at other places: an index or an axis runs another way."),
    "clipped": N_("Large numbers are cut off at a size: np.clip, minimum or maximum where the layer has none."),
    "constant-added": N_("Every number is off by the same amount: something is added once too often, or not at all."),
    "whole-numbers": N_("The digits behind the point are lost: the array that is written into holds whole numbers."),
    "axes.squeezed": N_("Axes of length 1 are lost: squeeze, or an index in place of a slice, takes them away."),
    "axes.extra": N_("There is an axis of length 1 too many: keepdims, or an axis that reshape has added."),
    "axes.reshaped": N_("The numbers are right and in order, their shape is not: reshape the result."),
    "axes.permuted": N_("The axes are in another order: transpose moves axes, reshape does not."),
    "flipped": N_("The right numbers, mirrored or turned round: an index runs the other way, or ::-1 is one too many."),
    "shifted": N_("The right numbers, moved by some places: a loop or a slice starts one too early or too late."),
    "another-order": N_("The right numbers in another order: an axis is taken for another before a reshape."),
    "nearly-largest": N_(
        "Another number is taken for the largest of its window, one that is nearly as large: compare x as it is."
    ),
    "precision": N_("Right to a few digits only: float16 inside, or something that is rounded."),
    "place": N_("Right but at some places: look at what is different there, such as the border."),
    "not-refused": N_("Sizes that do not go together get an answer: raise a ValueError that names them."),
    "type": N_("What comes out is not an array of numbers: return the array, not None, a list or a tuple."),
    "state.changed-input": N_("An array that was passed in is changed: work on a copy, or make a new array."),
    "state.overwritten": N_("An earlier result is changed by a later call: make a new array for every result."),
    "state.locked": N_("A result is a read-only view: return a copy, since the layers around it may write into it."),
    "state.shared": N_("Gradients share memory: return a copy of each, since the layers before may write into it."),
    "state.updates-itself": N_("backward changes the parameters: it only tells, the optimizer updates them."),
    "threshold": N_(
        "It is right up to a size or a number that its code names, and wrong beyond: a block, a buffer or a bound."
    ),
    "curve": N_("The numbers follow another curve that comes near the right one: an approximation takes its place."),
    "state.kept": N_("Something is kept between calls: the check is right alone and wrong after others."),
    "manner": N_("The numbers are right in a plain call, and wrong only in this use."),
    "cause": N_("With a right one in place of that component everything agrees: repair that one first."),
    "shape": N_("Sizes meet that differ: which of N, C, H, W, OH ... each number of NumPy's message is, is said."),
    "exception": N_("The program stops with an exception: its line is shown, and the cases in which it stops."),
    "name": N_("A name is used that was never assigned: somewhere it is spelled differently."),
    "timeout": N_("It does not come to an end in time: a loop without an end, or far too many steps."),
    "memory": N_("It asks for more memory than is available: an array of a wrong shape, or one that grows in a loop."),
    "signal": N_("It crashes the process: a C extension reads out of bounds, or the recursion is too deep."),
    "exit": N_("It ends the process itself: leave exit() and quit() out of what is imported."),
    "net.weight-decay": N_(
        "Weight decay is added to the loss, which is the mean cross-entropy alone: leave it to who trains."
    ),
    "net.pooling-gradient-kept": N_(
        "The array that the pooling hands back keeps what an earlier batch left: begin with zeros in every call."
    ),
    "net.gradient-updates": N_("gradient() changes the parameters: it only computes gradients, the caller updates."),
}


def general_text(code: str) -> str:
    """Return the sentence of a code that any layer may get, by the whole code or its first part; '' for others."""
    slip = next((text for slip, text, _repair in SLIPS if slip == code), "")
    return slip or GENERAL.get(code) or GENERAL.get(code.partition(".")[0], "")


@cache
def mistakes(component: str) -> tuple[Mistake, ...]:
    """List the mistakes in the order of the tables; one code may stand for several forms of a mistake."""
    of = layer(component)
    used = [m for check in checks_of(of) for m in check.scenario.mistakes]
    parameters = {k for case in of.CASES for k in case.shapes} - {*of.OP.args}
    foreign = [m for of_one in (STALE, ASSIGNED) for name, m in of_one.items() if name and name not in parameters]
    known = dict.fromkeys([*of.MISTAKES, *getattr(of, "HISTORY", ()), *used])
    return tuple(m for m in known if m not in foreign and (parameters or m.code != "state.stale-parameters"))


def mistake(component: str, code: str, text: str = "") -> Mistake | None:
    """Find a mistake by its code, and by its text where it has several forms; None for an unknown code."""
    forms = [m for m in mistakes(component) if m.code == code]
    return next((m for m in forms if m.text == text), forms[0] if forms else None)


@cache
def codes(component: str) -> dict[str, list[Mistake]]:
    """Map each code to the forms of that mistake whose sentences differ."""
    by_code: dict[str, list[Mistake]] = {}
    for m in mistakes(component):
        forms = by_code.setdefault(m.code, [])
        if m.text not in [other.text for other in forms]:
            forms.append(m)
    return by_code
