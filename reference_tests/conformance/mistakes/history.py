"""Mistakes of a state between calls that any layer may make: an answer depends on the calls before it."""

import numpy as np

from ...i18n import N_
from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import Ask


def input_changed(q: Question) -> dict[str, np.ndarray]:
    """Pick the arrays that forward is given."""
    return {k: q[k] for k in q.arrays if k in q.op.args}


def parameters_changed(q: Question) -> dict[str, np.ndarray]:
    """Pick the arrays that the layer is made with."""
    return {k: q[k] for k in q.arrays if k not in q.op.args}


def added(a: Answer, b: Answer) -> Answer:
    """Add two answers, array by array; those of different shapes are left out."""
    return {k: a[k] + b[k] for k in a if np.shape(a[k]) == np.shape(b[k])}


def weighted(a: Answer, b: Answer, share: float, kept: float) -> Answer:
    """Add two answers times a share each, array by array; those of different shapes are left out."""
    return {k: share * a[k] + kept * b[k] for k in a if np.shape(a[k]) == np.shape(b[k])}


def count(q: Question, *axes: int) -> int:
    """Return the number of images (0), or of rows and columns (2, 3), or of all, of what forward is given."""
    shape = next(iter(input_changed(q).values())).shape
    return int(np.prod([shape[i] for i in axes]))


def without_bias(q: Question) -> Question:
    """Set b to 0, if there is one."""
    return q.but(b=np.zeros_like(q["b"])) if "b" in q.arrays else q


def use_stale_rows(ask: Ask, old: Question, new: Question) -> Answer | None:
    """Work out sums over the batch with the rows that a larger one before has left behind this one's, too."""
    n, given = count(new, 0), [k for k in new.arrays if k in new.op.args]
    pairs = [(new[k], old[k]) for k in given] + ([] if new.dout is None else [(new.dout, old.dout)])
    if count(old, 0) <= n or any(b is None or a.ndim != b.ndim or a.shape[1:] != b.shape[1:] for a, b in pairs):
        return None
    whole = [np.concatenate([a, b[n:]]) if a.ndim else a for a, b in pairs]
    found = ask(new.but(**dict(zip([*given, "dout"], whole))))
    return {k: a[:n] if (k == "out" and a.ndim) or k[1:] in given else a for k, a in found.items()}


ROOM = N_("what is kept of a larger batch, an array or its number of rows, is used for a smaller one after it")
ROOM_REPAIR = N_("cut what is kept to the rows of this batch, in backward too: kept[:len(dout)]; or make it anew")
KEEP_ARRAYS = "keep the very arrays that it is made with, not copies: what is written into them counts"
STALE_ALL = Mistake("state.stale-parameters", "it uses the parameters from the time it was made or first used",
                    lambda ask, old, new: ask(new.but(**parameters_changed(old))), KEEP_ARRAYS)  # fmt: skip
STALE = {  # a parameter -> the mistake of a copy of it alone
    name: Mistake("state.stale-parameters",
                  f"it uses {name} from the time it was made or first used; its other parameters count",
                  lambda ask, old, new, name=name: ask(new.but(**{name: old[name]})), KEEP_ARRAYS)
    for name in ("W", "b", "gamma", "beta")
}  # fmt: skip
ASSIGNED = {  # the same, where only what is assigned to the attribute later does not count; "": of all parameters
    **{name: Mistake("state.assigned-parameters",
                     f"it goes on with the {name} that it was made with, or with what it made of it then: "
                     f"another one assigned to layer.{name} later does not count", stale.answer,
                     f"take self.{name} anew in every forward and backward: what __init__ makes of it stays as it was")
       for name, stale in STALE.items()},
    "": Mistake("state.assigned-parameters",
                "it goes on with the parameters that it was made with, or with what it made of them then: "
                "others assigned to the layer's attributes later do not count", STALE_ALL.answer,
                "take the parameters from self anew in every forward and backward: what __init__ makes of them stays "
                "as it was"),
}  # fmt: skip
HISTORY = (  # mistakes of state; answer: (ask, the question before, this question) -> what the mistake gives
    Mistake("state.stale", "it is the answer to the call before", lambda ask, old, new: ask(old),
            "compute it in every call; keep nothing that a later call could take for its own"),
    Mistake("state.accumulates", "it adds up over the calls: it is never set back to 0",
            lambda ask, old, new: added(ask(old), ask(new)),
            "set it anew in every call: = in place of +=, or begin with zeros"),
    Mistake("state.accumulates", "it adds up over the calls: the array that it is made in is never set back to 0",
            lambda ask, old, new: added(ask(without_bias(old)), ask(new)),
            "set it anew in every call: = in place of +=, or begin with zeros"),
    Mistake("state.batch-size", ROOM, use_stale_rows, ROOM_REPAIR),
    *(Mistake("state.momentum", f"momentum is inside: {share} times what the call before gave is in it",
              lambda ask, old, new, share=share, kept=kept: weighted(ask(old), ask(new), share, kept),
              "return the gradient of this call alone; momentum belongs to who trains")
      for share in (0.9, 0.5, 0.99, 0.95, 0.8) for kept in (1.0, 1 - share)),
    *(Mistake("state.stale-size", f"it divides by the number of {what} of an earlier call",
              lambda ask, old, new, axes=axes: weighted(ask(new), ask(new), count(new, *axes) / count(old, *axes), 0.0),
              "take the sizes from x in every forward")
      for what, axes in (("images", (0,)), ("places", (2, 3)))),
    Mistake("state.stale-input", "it uses the x of the call before",
            lambda ask, old, new: ask(new.but(**input_changed(old))), "remember x in every forward"),
    STALE_ALL,
    *STALE.values(),
)  # fmt: skip
IDENTITY = tuple(  # of who takes an array that it has seen for the same numbers
    Mistake("state.by-identity",
            "it takes the same array for the same numbers: what is written into it between two calls does not count",
            answer, "compute it in every call: neither `is` nor id() tells whether an array holds what it held")
    for answer in (lambda ask, old, new: ask(old), lambda ask, old, new: ask(new.but(**input_changed(old))))
)  # fmt: skip
QUEUE = Mistake(
    "state.queue",
    "backward takes what the oldest forward left: each forward puts it at the end of a list",
    lambda ask, old, new: ask(new) | {k: a for k, a in ask(new.but(**input_changed(old))).items() if k != "out"},
    "keep one forward's, the last one's, under its own name",
)
