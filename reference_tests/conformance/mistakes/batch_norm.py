"""Batch normalization: its known mistakes."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import Ask, after, given, of_shape

Parts = tuple[np.ndarray, np.ndarray, np.ndarray]  # x, mean, variance, each to be broadcast


def axes(q: Question) -> tuple[int, ...]:
    return (0, *range(2, q["x"].ndim))


def wide(q: Question, name: str) -> np.ndarray:
    return q[name].reshape(-1, *[1] * (q["x"].ndim - 2))


def by(parts: Callable[[Question], Parts], root: Callable | None = None) -> Callable[[Ask, Question], Answer | None]:
    """Another mean or variance, or another way of dividing; out alone is told. In training only, but for `right`."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        if not q["train_flg"] and parts not in (right, uncentred):
            return None
        x, mean, var = parts(q)
        divisor = (root or (lambda v, e: np.sqrt(v + e)))(var, q["eps"])
        return {"out": wide(q, "gamma") * (x - mean) / divisor + wide(q, "beta")}

    return answer


def over(*which: int) -> Callable[[Question], Parts]:
    def parts(q: Question) -> Parts:
        chosen = which if q["x"].ndim == 4 else tuple(a for a in which if a < 2)
        return q["x"], q["x"].mean(chosen, keepdims=True), q["x"].var(chosen, keepdims=True)

    return parts


def right(q: Question) -> Parts:
    return over(*axes(q))(q) if q["train_flg"] else (q["x"], wide(q, "running_mean"), wide(q, "running_var"))


def uncentred(q: Question) -> Parts:
    x, mean, var = right(q)
    return x, np.zeros_like(mean), var


def count(q: Question) -> int:
    return q["x"].size // q["x"].shape[1]


def unbiased(q: Question) -> Parts:
    x, mean, var = right(q)
    return x, mean, var * count(q) / (count(q) - 1)


def without(*terms: str) -> Callable[[Ask, Question], Answer | None]:
    """dx in training without what comes through the mean, or through the variance."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        if not q["train_flg"] or q.dout is None:
            return None
        x, mean, var = right(q)
        s = 1 / np.sqrt(var + q["eps"])
        normal = (x - mean) * s
        through = {"mean": q.dout.mean(axes(q), keepdims=True),
                   "var": normal * (q.dout * normal).mean(axes(q), keepdims=True)}  # fmt: skip
        kept = sum((v for k, v in through.items() if k not in terms), np.zeros_like(x))
        return {**ask(q), "dx": wide(q, "gamma") * s * (q.dout - kept)}

    return answer


def moved(mean: Callable | None = None, var: Callable | None = None) -> Callable[[Ask, Question], Answer | None]:
    """Other running statistics: of the old one, the batch's, and momentum."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        if not q["train_flg"]:
            return None
        found, x = ask(q), q["x"]
        batch = {"running_mean": x.mean(axes(q)), "running_var": unbiased(q)[2].reshape(-1)}
        for name, f in (("running_mean", mean), ("running_var", var)):
            if f:
                found[name] = f(q[name], batch[name], q["momentum"], count(q))
        return found

    return answer


def usual(old, new, m, n):
    return (1 - m) * old + m * new


MEAN = "in training, mean and variance are those of each channel, over the images and all places"
TORCH = "running = (1 - momentum) * running + momentum * batch"
# fmt: off
MISTAKES = [
    *of_shape("bn"),
    Mistake("bn.over-batch-only", "mean and variance of each place, over the images only", by(over(0)), MEAN),
    Mistake("bn.over-channels", "mean and variance of each image over its channels (layer normalization)",
            by(over(1, 2, 3)), MEAN),
    Mistake("bn.over-places", "mean and variance of each image and channel (instance normalization)",
            by(over(2, 3)), MEAN),
    Mistake("bn.over-all", "one mean and one variance for all channels", by(over(0, 1, 2, 3)), MEAN),
    Mistake("bn.unbiased", "the variance is divided by n - 1 in the normalization", by(unbiased),
            "divide by n there; n - 1 belongs to the running variance"),
    Mistake("bn.not-rooted", "it divides by the variance, not by its root", by(right, lambda v, e: v + e),
            "divide by sqrt(var + eps)"),
    Mistake("bn.eps-outside", "eps is added to the root, not under it", by(right, lambda v, e: np.sqrt(v) + e),
            "divide by sqrt(var + eps)"),
    Mistake("bn.eps-missing", "eps is left out", given(eps=lambda q: 1e-30), "divide by sqrt(var + eps)"),
    Mistake("bn.eps-book", "eps is the book's 1e-6, whatever was given", given(eps=lambda q: 1e-6),
            "use the eps that was given"),
    Mistake("bn.mean-kept", "the mean is not subtracted", by(uncentred), MEAN),
    Mistake("bn.not-scaled", "gamma is not multiplied", given(gamma=lambda q: np.ones_like(q["gamma"])),
            "gamma * normal + beta"),
    Mistake("bn.not-shifted", "beta is not added", given(beta=lambda q: np.zeros_like(q["beta"])),
            "gamma * normal + beta"),
    Mistake("bn.gamma-beta-swapped", "gamma and beta are swapped",
            given(gamma=lambda q: q["beta"], beta=lambda q: q["gamma"]), "gamma * normal + beta"),
    Mistake("bn.batch-at-inference", "inference uses the batch's mean and variance", given(train_flg=lambda q: True),
            "where train_flg is false, use the running statistics"),
    Mistake("bn.running-in-training", "training uses the running statistics", given(train_flg=lambda q: False), MEAN),
    Mistake("bn.momentum-turned", "momentum is the share of the old statistics, as in the book",
            given(momentum=lambda q: 1 - q["momentum"]), TORCH),
    Mistake("bn.running-var-biased", "the running variance is that over n, not n - 1",
            moved(var=lambda old, new, m, n: usual(old, new * (n - 1) / n, m, n)),
            "multiply the batch's variance by n / (n - 1) before it goes into the running one"),
    Mistake("bn.running-replaced", "the running statistics are those of the last batch",
            moved(lambda old, new, m, n: new, lambda old, new, m, n: new), TORCH),
    Mistake("bn.running-not-moved", "the running statistics stay as they were", given(momentum=lambda q: 0.0), TORCH),
    Mistake("bn.running-old-not-shrunk", "the old statistics are not multiplied by 1 - momentum",
            moved(lambda old, new, m, n: old + m * new, lambda old, new, m, n: old + m * new), TORCH),
    Mistake("bn.dx-direct-only", "dx has only the direct way: mean and variance are taken for constants",
            without("mean", "var"), "the mean and the variance depend on x, too"),
    Mistake("bn.dx-without-variance", "dx lacks the way through the variance", without("var"),
            "the variance depends on x, too"),
    Mistake("bn.dx-without-mean", "dx lacks the way through the mean", without("mean"), "the mean depends on x, too"),
    Mistake("bn.dx-without-gamma", "dx is not multiplied by gamma",
            after(dx=lambda a, q: a["dx"] / wide(q, "gamma")), "the gradient passes gamma first"),
    Mistake("bn.dgamma-of-x", "dgamma is the sum of dout * x, not of dout * normal",
            after(dgamma=lambda a, q: (q.dout * q["x"]).sum(axes(q))), "multiply dout by the normalized x"),
    Mistake("bn.dbeta-mean", "dgamma and dbeta are divided by n",
            after(dgamma=lambda a, q: a["dgamma"] / count(q), dbeta=lambda a, q: a["dbeta"] / count(q)),
            "gradients of parameters are sums"),
    Mistake("bn.dbeta-batch", "dgamma and dbeta are divided by the number of images",
            after(dgamma=lambda a, q: a["dgamma"] / len(q["x"]), dbeta=lambda a, q: a["dbeta"] / len(q["x"])),
            "the loss already holds the average over the batch"),
]
# fmt: on
