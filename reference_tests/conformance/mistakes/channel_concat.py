"""Channel concatenation: the known mistakes, each a change of what a reference answers."""

from collections.abc import Callable
from itertools import permutations

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import Ask, WrongAnswer, alter, dout_of
from .small_integers import KINDS, WIDER

INPUTS = ("x1", "x2", "x3")  # the names of what is joined


def join(order: tuple[str, ...] = INPUTS, axis: int = 1) -> WrongAnswer:
    """Join the inputs in another order or along another axis."""
    return lambda ask, q: {"out": np.concatenate([q[x] for x in order], axis)}


def interleave(ask: Ask, q: Question) -> Answer:
    """Take the first channel of every input, then the second of every input ..."""
    places = [(c, x) for x in INPUTS for c in range(q[x].shape[1])]
    return {"out": np.stack([q[x][:, c] for c, x in sorted(places)], axis=1)}


def cut_from_end(ask: Ask, q: Question) -> Answer:
    """Give the first channels of dout to the last input, and so on."""
    sizes, first, found = [q[x].shape[1] for x in INPUTS], 0, ask(q)
    for x, size in reversed([*zip(INPUTS, sizes)]):
        found["d" + x] = dout_of(q)[:, first : first + size]
        first += size
    return found


def cut_evenly(ask: Ask, q: Question) -> Answer:
    """Cut dout into three parts of one size."""
    parts = np.array_split(dout_of(q), 3, axis=1)
    return {**ask(q), **{f"d{x}": p for x, p in zip(INPUTS, parts)}}


def cut_evenly_by_first(ask: Ask, q: Question) -> Answer:
    """Cut dout into parts of one size where all channels are as many times the first input's as there are inputs."""
    sizes = [q[x].shape[1] for x in INPUTS]
    return cut_evenly(ask, q) if sum(sizes) == len(sizes) * sizes[0] else ask(q)


def cut_by(size: Callable[[list[int]], int]) -> WrongAnswer:
    """Cut parts of one size, size(channels), from the beginning on; the last may be shorter."""

    def answer(ask: Ask, q: Question) -> Answer:
        step, whole = size([q[x].shape[1] for x in INPUTS]), dout_of(q)
        return {**ask(q), **{f"d{x}": whole[:, i * step : (i + 1) * step] for i, x in enumerate(INPUTS)}}

    return answer


def cut_images(ask: Ask, q: Question) -> Answer:
    """Cut dout along the images."""
    parts = np.split(dout_of(q), np.cumsum([q[x].shape[1] for x in INPUTS])[:-1], axis=0)
    return {**ask(q), **{f"d{x}": p for x, p in zip(INPUTS, parts)}}


def cut_at_sizes(ask: Ask, q: Question) -> Answer:
    """Cut dout at C1 and at C2."""
    parts = np.split(dout_of(q), [q[x].shape[1] for x in INPUTS[:-1]], axis=1)
    return {**ask(q), **{f"d{x}": p for x, p in zip(INPUTS, parts)}}


def cut_shifted(by: int) -> WrongAnswer:
    """Cut each gradient out of dout some channels further on, as far as there are such channels."""

    def answer(ask: Ask, q: Question) -> Answer:
        first, found, whole = 0, ask(q), dout_of(q)
        for x in INPUTS:
            size = q[x].shape[1]
            places = np.clip(np.arange(first, first + size) + (by if first else 0), 0, whole.shape[1] - 1)
            found["d" + x] = whole[:, places]
            first += size
        return found

    return answer


def cut_from_size_before(ask: Ask, q: Question) -> Answer:
    """Begin each gradient where the input before it would end, were it the first: right for two inputs."""
    found, first, whole = ask(q), 0, dout_of(q)
    for x in INPUTS:
        size = q[x].shape[1]
        found["d" + x] = whole[:, first : first + size]
        first = size
    return found


def cut_from(
    first: Callable[[list[int], int], int], last: Callable[[int, int], int] = lambda i, n: i + n
) -> WrongAnswer:
    """Cut out from first(channels, number of the input) to last(first, its channels), as far as there are channels."""

    def answer(ask: Ask, q: Question) -> Answer:
        sizes, found, whole = [q[x].shape[1] for x in INPUTS], ask(q), dout_of(q)
        starts = [first(sizes, i) for i in range(len(sizes))]
        return {**found, **{"d" + x: whole[:, i : last(i, n)] for x, i, n in zip(INPUTS, starts, sizes)}}

    return answer


def sort_gradients(reverse: bool) -> WrongAnswer:
    """Give the gradients sorted by their numbers of channels, the smallest first, or the largest."""

    def answer(ask: Ask, q: Question) -> Answer:
        found = ask(q)
        parts = sorted((found["d" + x] for x in INPUTS), key=lambda a: a.shape[1], reverse=reverse)
        return {**found, **{"d" + x: part for x, part in zip(INPUTS, parts)}}

    return answer


def share_sum(ask: Ask, q: Question) -> Answer | None:
    """Give each input the sum of the gradients, if they have one shape."""
    found = ask(q)
    if q.dout is None or len({found[f"d{x}"].shape for x in INPUTS}) > 1:
        return None
    total = np.sum([found[f"d{x}"] for x in INPUTS], axis=0)
    return {**found, **{f"d{x}": total for x in INPUTS}}


def cut_as_before(rest: bool) -> Callable[[Ask, Question, Question], Answer]:
    """Cut dout at the borders of the call before. rest: the last input gets all that is left."""

    def answer(ask: Ask, old: Question, new: Question) -> Answer:
        ends: list[int | None] = [*np.cumsum([old[x].shape[1] for x in INPUTS])]
        starts, ends = [0, *ends[:-1]], [*ends[:-1], None] if rest else ends
        parts = [dout_of(new)[:, first:last] for first, last in zip(starts, ends)]
        return {**ask(new), **{f"d{x}": part for x, part in zip(INPUTS, parts)}}

    return answer


def cut_at_kept(kind: str) -> WrongAnswer:
    """Cut the gradients at borders that are kept in such integers."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        right = np.cumsum([q[x].shape[1] for x in INPUTS])[:-1]
        kept = right.astype(kind).astype(int)
        if q.dout is None or np.array_equal(kept, right):
            return None
        return {**ask(q), **{f"d{x}": a for x, a in zip(INPUTS, np.split(q.dout, kept, axis=1))}}

    return answer


BORDERS = "the first cut is at C1, the second at C1 + C2"
ORDER = "the channels of the first input come first, then those of the second ..."
OWN = "each input gets the channels of dout that are its own"
HISTORY = tuple(
    Mistake("concat.dx-borders-kept", "dout is cut at the channel numbers of an earlier call", cut_as_before(rest),
            "take the channel numbers anew in every forward")
    for rest in (True, False)
)  # fmt: skip
# fmt: off
MISTAKES = [
    Mistake("concat.reversed", "the inputs stand in the reverse order", join(INPUTS[::-1]), ORDER),
    Mistake("concat.images", "the inputs are joined along the images", join(axis=0), "join along axis 1"),
    Mistake("concat.rows", "the inputs are joined along the rows", join(axis=2), "join along axis 1"),
    Mistake("concat.interleaved", "channels of the inputs alternate", interleave, ORDER),
    Mistake("concat.added", "the inputs are added", lambda ask, q: {"out": q["x1"] + q["x2"] + q["x3"]}, ORDER),
    Mistake("concat.dx-reversed", "the gradients are cut out of dout in the reverse order", cut_from_end, OWN),
    Mistake("concat.columns", "the inputs are joined along the columns", join(axis=3), "join along axis 1"),
    *(Mistake("concat.dx-evenly", "dout is cut into parts of one size", f, OWN)
      for f in (cut_evenly, cut_by(lambda sizes: sum(sizes) // len(sizes)))),
    Mistake("concat.dx-evenly", "dout is cut into parts of one size where their mean is that of the first, as by a "
            "comparison of the sum alone", cut_evenly_by_first, OWN, alone=True),
    Mistake("concat.dx-size-of-first", "every part of dout is as large as the first input", cut_by(lambda c: c[0]),
            OWN),
    Mistake("concat.dx-images", "dout is cut along the images, not the channels", cut_images, "cut along axis 1"),
    Mistake("concat.dx-whole", "every input gets the whole of dout",
            alter(**{f"d{x}": lambda a, q: dout_of(q) for x in INPUTS}), OWN),
    Mistake("concat.dx-borders", "dout is cut at the inputs' channel numbers, not at their running sum", cut_at_sizes,
            "the first cut is at C1, the second at C1 + C2"),
    *(Mistake("concat.dx-overlap", f"the gradients are cut out one channel too {where}", cut_shifted(by), OWN)
      for where, by in (("early", -1), ("late", 1))),
    Mistake("concat.dx-summed", "every input gets the sum of all gradients", share_sum, OWN),
    Mistake("concat.dx-turned", "the gradients come in the reverse order: the last input's first",
            alter(**{f"d{x}": lambda a, q, y=y: a[f"d{y}"] for x, y in zip(INPUTS, INPUTS[::-1])}), OWN),
    Mistake("concat.dx-borders", "each gradient begins where only the input before it ends, not all of those before",
            cut_from_size_before, "the first cut is at C1, the second at C1 + C2"),
    *(Mistake("concat.dx-borders", f"the gradient of input k begins at k times {what}, not where those before it end",
              cut_from(first), BORDERS, alone=True)
      for what, first in (("its own channels", lambda c, i: i * c[i]),
                          ("the first input's channels", lambda c, i: i * c[0]),
                          ("the channels of the one before", lambda c, i: i * c[i - 1]))),
    Mistake("concat.dx-borders", "each gradient ends at its own number of channels, not that far behind its beginning",
            cut_from(lambda c, i: sum(c[:i]), lambda i, n: n), "it ends at the sum of its own and all before it",
            alone=True),
    *(Mistake("concat.dx-sorted", f"the gradients come sorted by their numbers of channels, {which} first",
              sort_gradients(reverse), OWN) for which, reverse in (("the smallest", False), ("the largest", True))),
    *(Mistake("concat.dx-turned", "the gradients come in another order than the inputs",
              alter(**{f"d{x}": lambda a, q, y=y: a[f"d{y}"] for x, y in zip(INPUTS, order)}), OWN)
      for order in list(permutations(INPUTS))[1:-1]),
    *(Mistake("concat.index-in-a-byte", f"channel numbers are kept in {kind.said}", cut_at_kept(kind.name), WIDER,
              alone=True) for kind in KINDS if kind.code == "in-a-byte"),
    Mistake("concat.dx-averaged", "the gradients are divided by the number of inputs",
            alter(**{f"d{x}": lambda a, q, x=x: a[f"d{x}"] / 3 for x in INPUTS}), OWN),
]
# fmt: on
