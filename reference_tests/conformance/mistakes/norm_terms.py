"""Batch normalization: mistakes of the terms of dx, of a batch of one image, and of axes found by their sizes."""

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import Ask, WrongAnswer
from .running_statistics import axes, broadcast, count_numbers, right_parts


def drop_terms(*terms: str) -> WrongAnswer:
    """Leave out of dx, in training, the terms that come through the "mean" or through the "var"iance."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        if not q["train_flg"] or q.dout is None:
            return None
        x, mean, var = right_parts(q)
        s = 1 / np.sqrt(var + q["eps"])
        normal = (x - mean) * s
        through = {
            "mean": q.dout.mean(axes(q), keepdims=True),
            "var": normal * (q.dout * normal).mean(axes(q), keepdims=True),
        }
        kept = sum((v for k, v in through.items() if k not in terms), np.zeros_like(x))
        return {**ask(q), "dx": broadcast(q, "gamma") * s * (q.dout - kept)}

    return answer


def divide_terms_by_images(*terms: str) -> WrongAnswer:
    """Divide the sums of dx that come through the "mean" or the "var"iance by the number of images."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        if not q["train_flg"] or q.dout is None:
            return None
        x, mean, var = right_parts(q)
        s = 1 / np.sqrt(var + q["eps"])
        normal, more = (x - mean) * s, count_numbers(q) / len(x)
        through = {
            "mean": q.dout.mean(axes(q), keepdims=True),
            "var": normal * (q.dout * normal).mean(axes(q), keepdims=True),
        }
        lost = sum((v * (more if k in terms else 1) for k, v in through.items()), np.zeros_like(x))
        return {**ask(q), "dx": broadcast(q, "gamma") * s * (q.dout - lost)}

    return answer


def leave_gamma_out(*terms: str) -> WrongAnswer:
    """Take dout for gamma * dout in what comes through the "mean" or the "var"iance, in training."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        if not q["train_flg"] or q.dout is None:
            return None
        x, mean, var = right_parts(q)
        s, gamma = 1 / np.sqrt(var + q["eps"]), broadcast(q, "gamma")
        normal = (x - mean) * s
        through = {
            "mean": q.dout.mean(axes(q), keepdims=True),
            "var": normal * (q.dout * normal).mean(axes(q), keepdims=True),
        }
        lost = sum((v * (1 if k in terms else gamma) for k, v in through.items()), np.zeros_like(x))
        return {**ask(q), "dx": s * (gamma * q.dout - lost)}

    return answer


def one_by_running(back: str) -> WrongAnswer:
    """Normalize a batch of one image by the running statistics, as at inference.

    back: which are constants in backward: "both"; "none", as the book goes back; "": none, as the short formula does.
    """

    def answer(ask: Ask, q: Question) -> Answer | None:
        if not q["train_flg"] or len(q["x"]) > 1:
            return None
        found = ask(q.but(train_flg=False))
        if q.dout is None or back == "both":
            return found
        x, mean, var = right_parts(q.but(train_flg=False))
        s, over = 1 / np.sqrt(var + q["eps"]), axes(q)
        normal = (x - mean) * s
        left = q.dout - normal * (q.dout * normal).mean(over, keepdims=True)
        centre = left if back == "none" else q.dout
        return found | {"dx": broadcast(q, "gamma") * s * (left - centre.mean(over, keepdims=True))}

    return answer


def lose_at_zero_gamma(ask: Ask, q: Question) -> Answer | None:
    """Give dgamma 0 where gamma is 0, as 0 / 1 or 0 / 1e-8 stands there for the normal form."""
    return None if q.dout is None else {k: a * (q["gamma"] != 0) if k == "dgamma" else a for k, a in ask(q).items()}


def take_last_axis(ask: Ask, q: Question) -> Answer | None:
    """Take the last axis of images for the channels', where it is as long as gamma."""
    x = q["x"]
    if x.ndim != 4 or x.shape[3] != x.shape[1]:
        return None
    there = {"x": x.swapaxes(1, 3)}
    dout = None if q.dout is None else q.dout.swapaxes(1, 3)
    return {k: a.swapaxes(1, 3) if a.ndim == 4 else a for k, a in ask(q.but(**there, dout=dout)).items()}


SUMS = "dx is (gamma * dout less its mean, less normal times the mean of gamma * dout * normal) / sqrt(var + eps)"
# fmt: off
TERMS = (
    *(Mistake("bn.dx-term-without-gamma", f"in dx {what} not multiplied by gamma; the rest is", leave_gamma_out(*terms),
              SUMS)
      for what, terms in (("what comes through the mean and the variance is", ("mean", "var")),
                          ("what comes through the mean is", ("mean",)),
                          ("what comes through the variance is", ("var",)))),
    *(Mistake("bn.one-image-by-running", "in training a batch of one image is normalized by the running statistics",
              one_by_running(back), "one image has H * W numbers a channel: take their mean and variance")
      for back in ("both", "none", "")),
)
THROUGH_GAMMA = Mistake(
    "bn.dgamma-through-gamma", "dgamma is 0 where gamma is 0, as where the normal form is found again by a division, "
    "(out - beta) / gamma: such a gamma never moves", lose_at_zero_gamma, "keep the normal form from forward",
    alone=True,
)
BY_SIZE = Mistake(
    "bn.axis-by-size", "images whose rows are as long as gamma are normalized along the last axis: it is taken for the "
    "channels' by its length", take_last_axis, "the channels are axis 1, whatever the other sizes are",
)
# fmt: on
