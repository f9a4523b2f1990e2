"""ReLU: the known mistakes, each a change of what a reference answers."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import Ask, WrongAnswer, alter_dx, clip_input, compute, dout_of, list_shape_mistakes
from .small_integers import KINDS, WIDER


def leak(slope: float, forward: bool = True) -> WrongAnswer:
    """Let negative numbers pass times a slope; in both directions, or in backward alone."""
    if not forward:
        return alter_dx(lambda q, y: q.dout * np.where(q["x"] > 0, 1, slope))
    return compute(lambda x: np.where(x > 0, x, slope * x), lambda x, y: np.where(x > 0, 1, slope))


def compare_with(least: float, forward: bool = True) -> WrongAnswer:
    """Compare x with another number than 0; in both directions, or in backward alone."""
    if not forward:
        return alter_dx(lambda q, y: q.dout * (q["x"] > least))
    return compute(lambda x: np.where(x > least, x, 0.0), lambda x, y: x > least)


def pile_up_mask(join: Callable[[np.ndarray, np.ndarray], np.ndarray], forward: bool) -> Callable[..., Answer]:
    """Join the mask of the call before with this one's; in backward alone, or in both directions."""

    def answer(ask: Ask, old: Question, new: Question) -> Answer:
        if old["x"].shape != new["x"].shape:
            return ask(new)
        passes = ~join(old["x"] <= 0, new["x"] <= 0)
        found = ask(new) | ({"out": new["x"] * passes} if forward else {})
        return found | ({} if new.dout is None else {"dx": new.dout * passes})

    return answer


def keep_places(kind: str, forward: bool = True, stopped: bool = True) -> WrongAnswer:
    """Keep the places that are stopped (else those that pass) in such integers; in both directions, or in backward."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        x = q["x"].ravel()
        at = np.flatnonzero(x <= 0 if stopped else x > 0)
        if not at.size or at[-1] <= np.iinfo(kind).max:
            return None
        passes = np.full(x.shape, stopped)
        passes[at.astype(kind)] = not stopped
        passes = passes.reshape(q["x"].shape)
        found = {"out": q["x"] * passes} if forward else ask(q)
        return found if q.dout is None else {**found, "dx": q.dout * passes}

    return answer


def displace_mask(move: Callable[[np.ndarray], np.ndarray]) -> WrongAnswer:
    """Lay the mask move(x > 0) on dout."""
    return alter_dx(lambda q, y: q.dout * move(q["x"] > 0).reshape(q["x"].shape))


def unpack_across_rows(mask: np.ndarray) -> np.ndarray:
    """Pack the bits of each row to whole bytes, and unpack them all as one: a row's end is filled up with zeros."""
    return np.unpackbits(np.packbits(np.atleast_1d(mask), axis=-1).ravel())[: mask.size]


def swap_sides(mask: np.ndarray) -> np.ndarray:
    """Swap the last two axes."""
    return mask.swapaxes(-1, -2)


DISPLACED: tuple[tuple[str, Callable[[np.ndarray], np.ndarray]], ...] = (
    ("its bits are packed row by row, each row to whole bytes, and unpacked in one piece", unpack_across_rows),
    ("its last two axes are swapped", swap_sides),
    ("its numbers are read in Fortran order", lambda mask: mask.ravel("F")),
    ("it is put back in Fortran order", lambda mask: mask.ravel().reshape(mask.shape, order="F")),
    ("it is read from its end", lambda mask: mask.ravel()[::-1]),
    *((f"it is moved by one place{along}", lambda mask, by=by, axis=axis: np.roll(mask, by, axis))
      for along, axis in ((", in one piece", None), (" along the last axis", -1), (" along the first axis", 0))
      for by in (1, -1)),
)  # fmt: skip
AS_CLOSE = "1e-8 (what np.isclose takes for 0)"
TINY = (  # cuts, and what is said of each; float16 has one at 3e-8, half of its smallest number
    *((least, f"about {least:g}") for least in (1e-12, 3e-11, 2e-10, 1e-9, 4e-9, 5.5e-8, 1e-7, 3e-7, 6e-7)),
    (1e-8, AS_CLOSE),
)
SMOOTH: tuple[tuple[str, Callable[[np.ndarray], np.ndarray]], ...] = (
    ("softplus", lambda x: np.logaddexp(0, x)),
    ("ELU", lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0)))),
    ("SiLU (swish)", lambda x: x / (1 + np.exp(-x))),
    ("GELU", lambda x: 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))),
)
# fmt: off
MISTAKES = [
    *list_shape_mistakes("relu"),
    Mistake("relu.missing", "negative numbers come out as they went in",
            compute(lambda x: x, lambda x, y: np.ones_like(x)), "put 0 where x <= 0"),
    Mistake("relu.leaky", "negative numbers come out a hundredth as large (leaky ReLU), not as 0",
            compute(lambda x: np.where(x > 0, x, 0.01 * x), lambda x, y: np.where(x > 0, 1, 0.01)),
            "put 0 where x <= 0"),
    *(Mistake("relu.leaky", f"negative numbers come out times {slope} (leaky ReLU), not as 0", leak(slope),
              "put 0 where x <= 0") for slope in (0.001, 0.02, 0.05, 0.1, 0.2, 0.25, 0.3, 0.5)),
    *(Mistake("relu.leaky-dx", f"where x is negative dout passes times {slope}, as in leaky ReLU; forward is right",
              leak(slope, forward=False), "dx is 0 where x <= 0")
      for slope in (0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.3, 0.5)),
    *(Mistake("relu.smooth", f"it is {what}, a smooth curve: negative numbers do not become 0", compute(f),
              "put 0 where x <= 0, and leave the others as they are") for what, f in SMOOTH),
    Mistake("relu.abs", "negative numbers lose their sign; they should become 0",
            compute(np.abs, lambda x, y: np.sign(x)), "put 0 where x <= 0"),
    Mistake("relu.negative-part", "the negative numbers stay and the positive ones become 0: the mask is turned round",
            compute(lambda x: np.minimum(x, 0), lambda x, y: x < 0), "the mask that is set to 0 is x <= 0"),
    Mistake("relu.capped-at-1", "numbers above 1 are cut off at 1",
            compute(lambda x: np.clip(x, 0, 1), lambda x, y: (x > 0) & (x < 1)),
            "positive numbers come out as they are, however large"),
    Mistake("relu.capped-at-6", "numbers above 6 are cut off at 6 (ReLU6)",
            compute(lambda x: np.clip(x, 0, 6), lambda x, y: (x > 0) & (x < 6)),
            "positive numbers come out as they are, however large"),
    *(Mistake("relu.capped", "large numbers are cut off at a limit",
              clip_input(lambda x: np.maximum(x, 0), limit, lambda x, y: (x > 0) & (x == y)),
              "positive numbers come out as they are, however large") for limit in (10, 20, 100, 255, 1e3, 1e4, 1e5)),
    Mistake("relu.threshold", "small positive numbers become 0: x is compared with a number above 0",
            compute(lambda x: np.where(x > 1e-3, x, 0.0), lambda x, y: x > 0), "compare x with 0"),
    *(Mistake("relu.threshold", f"positive numbers up to {least:g} become 0: x is compared with that, not with 0",
              compare_with(least), "compare x with 0") for least in (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 0.5, 1.0)),
    *(Mistake("relu.threshold-dx", f"dout passes only where x is over {least:g}, not over 0",
              compare_with(least, forward=False), "dx is dout where x > 0")
      for least in (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 0.5, 1.0)),
    *(Mistake("relu.threshold", f"positive numbers up to {about} become 0: x is compared with that, not with 0",
              compare_with(least), "compare x with 0") for least, about in TINY),
    *(Mistake("relu.threshold-dx", f"dout passes only where x is over {about}, not over 0",
              compare_with(least, forward=False), "dx is dout where x > 0") for least, about in TINY),
    Mistake("relu.in-float16", "the mask is made of x in float16: small numbers become 0",
            alter_dx(lambda q, y: q.dout * (q["x"].astype("f2") > 0)), "compare x as it is with 0"),
    Mistake("relu.mask-of-first", "the mask of the first image is used for the whole batch",
            compute(lambda x: np.where(x[:1] > 0, x, 0.0)), "compare all of x with 0"),
    Mistake("relu.step", "the mask itself comes out, 1 for every positive number, not the number",
            compute(lambda x: np.where(x > 0, 1.0, 0.0)), "the mask says which numbers of x stay; the numbers are x's"),
    Mistake("relu.mask-sign", "dout passes where x is negative and is stopped where it is positive",
            alter_dx(lambda q, y: q.dout * (q["x"] < 0)),
            "backward stops dout at the same places where forward put 0"),
    *(Mistake("relu.mask-displaced", f"the mask lies on dout in another order than x: {how}", displace_mask(move),
              "keep the mask in x's own shape and order") for how, move in DISPLACED),
    Mistake("relu.mask-unused", "dout is passed on everywhere, the mask is not used", alter_dx(lambda q, y: q.dout),
            "set dx to 0 where forward put 0"),
    Mistake("relu.mask-of-dout", "the mask is made of dout, not of x", alter_dx(lambda q, y: np.maximum(dout_of(q), 0)),
            "remember in forward where x <= 0, and use that in backward"),
    Mistake("relu.mask-of-both", "negative gradients are stopped too (guided backpropagation)",
            alter_dx(lambda q, y: np.maximum(dout_of(q), 0) * (q["x"] > 0)),
            "only the sign of x decides, a negative gradient passes"),
    Mistake("relu.dout-unused", "the slope (0 or 1) is returned, dout is not multiplied",
            alter_dx(lambda q, y: (q["x"] > 0).astype(float)), "dx is dout where x > 0"),
    Mistake("relu.times-out", "dout is multiplied by the output; it should be by its slope, 0 or 1",
            alter_dx(lambda q, y: q.dout * y), "dx is dout where x > 0"),
    Mistake("relu.times-x", "dout is multiplied by x; it should be by the slope, 0 or 1",
            alter_dx(lambda q, y: q.dout * q["x"]), "dx is dout where x > 0"),
    Mistake("relu.writes-dout", "backward sets the caller's own dout to 0 where x <= 0",
            lambda ask, q: {}, "change a copy: the caller may need dout again"),
    Mistake("relu.truncated", "the numbers are cut to whole ones",
            compute(lambda x: np.trunc(np.maximum(x, 0)), lambda x, y: x > 0),
            "let the array that the result is written into have a floating-point type"),
    *(Mistake(f"relu.index-{kind.code}", f"places in the batch are kept in {kind.said}",
              keep_places(kind.name, forward, stopped), WIDER, alone=True)
      for kind in KINDS for forward in (True, False) for stopped in (True, False)),
]
HISTORY = (
    Mistake("relu.stale-mask", "the mask of the call before sets this x to 0",
            lambda ask, old, new: {"out": np.where(old["x"] > 0, new["x"], 0),
                                   "dx": ask(new.but(x=old["x"])).get("dx")},
            "make the mask in every forward"),
    *(Mistake("relu.mask-piles-up", f"{what} once in {some} call stays in it: the mask is {made}", pile_up_mask(f, out),
              "make the mask anew in every forward: mask = x <= 0")
      for what, some, made, f in (("what was stopped", "any", "added to (|=) from call to call", np.logical_or),
                                  ("what has passed", "one", "narrowed (&=) from call to call", np.logical_and))
      for out in (False, True)),
)
# fmt: on
