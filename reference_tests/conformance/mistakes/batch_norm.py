"""Batch normalization: the known mistakes, each a change of what a reference answers."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .backward import list_relu_mistakes
from .changes import Ask, WrongAnswer, alter, ask_with, laid_last, leave_to_rule, list_shape_mistakes, read_last
from .first_statistics import list_start_mistakes
from .mixed_channels import FRONT, SHAPES, TEXT, Reduce, list_mixed_sums
from .norm_terms import BY_SIZE, TERMS, THROUGH_GAMMA, divide_terms_by_images, drop_terms
from .running_statistics import (
    LATER,
    OWN_EPS,
    RUNNING,
    Parts,
    average_over,
    axes,
    broadcast,
    count_numbers,
    in_own_scale,
    mix,
    right_parts,
    unbiased_variance,
)
from .sums import list_totals
from .windows import alter_one

Root = Callable[[np.ndarray, float], np.ndarray]  # (variance, eps) -> what x - mean is divided by


def divide_by_root(var: np.ndarray, eps: float) -> np.ndarray:
    """Return sqrt(var + eps), which is right."""
    return np.asarray(np.sqrt(var + eps))


def normalize(parts: Callable[[Question], Parts], root: Root = divide_by_root) -> WrongAnswer:
    """Take another mean, variance or divisor. Another divisor is that of the gradients too, as backward remembers it.

    At inference only a wrong divisor or a missing mean shows: other statistics belong to training.
    """

    def answer(ask: Ask, q: Question) -> Answer | None:
        if not q["train_flg"] and parts not in (right_parts, keep_mean, *OF_INFERENCE):
            return None
        x, mean, var = parts(q)
        normal, gamma = (x - mean) / root(var, q["eps"]), broadcast(q, "gamma")
        found = {"out": gamma * normal + broadcast(q, "beta")}
        if q.dout is None or parts is not right_parts:
            return found
        through = q.dout.mean(axes(q), keepdims=True) + normal * (q.dout * normal).mean(axes(q), keepdims=True)
        dx = gamma / root(var, q["eps"]) * (q.dout - (through if q["train_flg"] else 0))
        return found | {"dx": dx, "dgamma": (q.dout * normal).sum(axes(q))}

    return answer


def keep_mean(q: Question) -> Parts:
    """Subtract no mean."""
    x, mean, var = right_parts(q)
    return x, np.zeros_like(mean), var


def take_batch_mean(q: Question) -> Parts:
    """Subtract the batch's mean at inference."""
    x, _, var = right_parts(q)
    return x, x.mean(axes(q), keepdims=True), var


def take_batch_variance(q: Question) -> Parts:
    """Divide by the root of the batch's variance at inference."""
    x, mean, _ = right_parts(q)
    return x, mean, x.var(axes(q), keepdims=True)


def divide_by_one_less(q: Question) -> Parts:
    """Divide the sum of squares by n - 1."""
    x, mean, var = right_parts(q)
    return x, mean, var * count_numbers(q) / (count_numbers(q) - 1)


def at_inference(change: WrongAnswer) -> WrongAnswer:
    """Make the mistake at inference alone."""
    return lambda ask, q: None if q["train_flg"] else change(ask, q)


def in_output(change: WrongAnswer) -> WrongAnswer:
    """Make the mistake in the output alone; the gradients are right."""
    return lambda ask, q: {"out": (change(ask, q.but(dout=None)) or {}).get("out")}  # type: ignore[dict-item]


def spread_round(centre: Callable[[Question], np.ndarray]) -> Callable[[Question], Parts]:
    """Take the variance round another centre; the mean is right."""

    def parts(q: Question) -> Parts:
        x, mean, _ = right_parts(q)
        return x, mean, ((x - centre(q)) ** 2).mean(axes(q), keepdims=True)

    return parts


def mix_channels(reduced: Callable[[np.ndarray, Reduce], np.ndarray]) -> Callable[[Question], Parts]:
    """Take mean and variance of an array that is reshaped without bringing the channels to the front."""

    def parts(q: Question) -> Parts:
        shape = broadcast(q, "gamma").shape
        return q["x"], reduced(q["x"], np.mean).reshape(shape), reduced(q["x"], np.var).reshape(shape)

    return parts


def take_median(q: Question) -> Parts:
    """Take the median for the mean."""
    x, _, var = right_parts(q)
    return x, np.median(x, axes(q), keepdims=True), var


def take_mean_distance(q: Question) -> Parts:
    """Take the mean distance from the mean for the standard deviation."""
    x, mean, _ = right_parts(q)
    return x, mean, np.abs(x - mean).mean(axes(q), keepdims=True) ** 2


def take_range(q: Question) -> Parts:
    """Take largest less smallest for the standard deviation."""
    x, mean, _ = right_parts(q)
    return x, mean, np.ptp(x, axes(q), keepdims=True) ** 2


SHIFTS = (  # code, what is done with gamma or beta, the change
    ("beta-scaled", "beta is multiplied by gamma, too: gamma * (normal + beta)",
     ask_with(beta=lambda q: q["gamma"] * q["beta"])),
    ("beta-subtracted", "beta is subtracted", ask_with(beta=lambda q: -q["beta"])),
    ("beta-one-for-all", "the mean of beta is added in every channel",
     ask_with(beta=lambda q: np.full_like(q["beta"], q["beta"].mean()))),
    ("beta-one-for-all", "the beta of the first channel is added in every channel",
     ask_with(beta=lambda q: np.full_like(q["beta"], q["beta"][0]))),
    ("gamma-plus-one", "1 + gamma is multiplied, not gamma", ask_with(gamma=lambda q: 1 + q["gamma"])),
    ("gamma-one-for-all", "the gamma of the first channel is multiplied in every channel",
     ask_with(gamma=lambda q: np.full_like(q["gamma"], q["gamma"][0]))),
    ("channels-reversed", "gamma's channels stand in the reverse order", ask_with(gamma=lambda q: q["gamma"][::-1])),
    ("channels-reversed", "beta's channels stand in the reverse order", ask_with(beta=lambda q: q["beta"][::-1])),
)  # fmt: skip


def weigh_terms(mean: Callable[[int], float], var: Callable[[int], float]) -> WrongAnswer:
    """Take what comes through the mean and through the variance times other factors of n, in training."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        if not q["train_flg"] or q.dout is None:
            return None
        x, centre, spread = right_parts(q)
        s, n = 1 / np.sqrt(spread + q["eps"]), count_numbers(q)
        normal = (x - centre) * s
        through = mean(n) * q.dout.mean(axes(q), keepdims=True)
        through = through + var(n) * normal * (q.dout * normal).mean(axes(q), keepdims=True)
        return {**ask(q), "dx": broadcast(q, "gamma") * s * (q.dout - through)}

    return answer


OF_INFERENCE = (take_batch_mean, take_batch_variance)


def take_moved(q: Question) -> Parts:
    """Take the running statistics after this batch has moved them."""
    x, m = q["x"], q["momentum"]
    spread = mix(q["running_var"], unbiased_variance(q), m, 0).reshape(broadcast(q, "gamma").shape)
    return x, mix(broadcast(q, "running_mean"), x.mean(axes(q), keepdims=True), m, 0), spread


def keep_output_for_normal(ask: Ask, q: Question) -> Answer | None:
    """Go back with gamma * normal + beta where normal should be: it was written over."""
    if q.dout is None:
        return None
    found, over = ask(q), axes(q)
    var = right_parts(q)[2]
    dnormal, out = broadcast(q, "gamma") * q.dout, found["out"]
    found["dgamma"] = (q.dout * out).sum(over)
    if q["train_flg"]:
        through = dnormal.mean(over, keepdims=True) + out * (dnormal * out).mean(over, keepdims=True)
        found["dx"] = (dnormal - through) / np.sqrt(var + q["eps"])
    return found


def sum_over_images(*names: str) -> WrongAnswer:
    """Sum the gradients of gamma and beta over the images alone; images of one pixel do not show it."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        if q.dout is None:
            return None
        if q["x"].ndim == 4 and q["x"][0, 0].size == 1:
            raise ValueError("there is one place only")
        x, mean, var = right_parts(q)
        wrong = {"dbeta": q.dout.sum(0), "dgamma": (q.dout * (x - mean) / np.sqrt(var + q["eps"])).sum(0)}
        return {k: wrong[k] if k in names else a for k, a in ask(q).items()}

    return answer


def go_back_as_in_training(ask: Ask, q: Question) -> Answer | None:
    """Take the mean and the variance for functions of x at inference, too."""
    if q["train_flg"] or q.dout is None:
        return None
    x, mean, var = right_parts(q)
    s = 1 / np.sqrt(var + q["eps"])
    normal = (x - mean) * s
    through = q.dout.mean(axes(q), keepdims=True) + normal * (q.dout * normal).mean(axes(q), keepdims=True)
    return {**ask(q), "dx": broadcast(q, "gamma") * s * (q.dout - through)}


MEAN = "in training, mean and variance are those of each channel, over the images and all places"
# fmt: off
MISTAKES = [
    *list_shape_mistakes("bn"),
    Mistake("bn.over-batch-only", "mean and variance of each place, over the images only", normalize(average_over(0)),
            MEAN),
    Mistake("bn.over-channels", "mean and variance of each image over its channels (layer normalization)",
            normalize(average_over(1, 2, 3)), MEAN),
    Mistake("bn.over-places", "mean and variance of each image and channel (instance normalization)",
            normalize(average_over(2, 3)), MEAN),
    Mistake("bn.over-all", "one mean and one variance for all channels", normalize(average_over(0, 1, 2, 3)), MEAN),
    Mistake("bn.unbiased", "the variance is divided by n - 1 in the normalization", normalize(divide_by_one_less),
            "divide by n there; n - 1 belongs to the running variance"),
    Mistake("bn.not-rooted", "it divides by the variance, not by its root", normalize(right_parts, lambda v, e: v + e),
            "divide by sqrt(var + eps)"),
    Mistake("bn.eps-outside", "eps is added to the root, not under it",
            normalize(right_parts, lambda v, e: np.sqrt(v) + e), "divide by sqrt(var + eps)"),
    Mistake("bn.eps-missing", "eps is left out", ask_with(eps=lambda q: 1e-30), "divide by sqrt(var + eps)"),
    Mistake("bn.eps-floor", "eps is a floor of the variance, not added to it",
            normalize(right_parts, lambda v, e: np.sqrt(np.maximum(v, e))), "divide by sqrt(var + eps)"),
    *(Mistake("bn.variance-floored", "the variance is kept from falling below a number of its own; eps alone is added",
              normalize(right_parts, lambda v, e, least=least: np.sqrt(np.maximum(v, least) + e)),  # type: ignore[misc]
              "divide by sqrt(var + eps): that is never 0")
      for least in (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6)),
    Mistake("bn.root-of-std", "eps is added to the standard deviation, and of that the root is taken once more",
            normalize(right_parts, lambda v, e: np.sqrt(np.sqrt(v) + e)), "divide by sqrt(var + eps)"),
    Mistake("bn.eps-after-division", "eps is added to 1 / std, not under the root",
            normalize(right_parts, lambda v, e: 1 / (1 / np.sqrt(v) + e)), "divide by sqrt(var + eps)"),
    Mistake("bn.eps-squared", "the square of eps is added", normalize(right_parts, lambda v, e: np.sqrt(v + e * e)),
            "divide by sqrt(var + eps)"),
    Mistake("bn.eps-subtracted", "eps is subtracted", normalize(right_parts, lambda v, e: np.sqrt(v - e)),
            "divide by sqrt(var + eps)"),
    *(Mistake("bn.eps-twice", "eps is added twice", normalize(right_parts, root), "divide by sqrt(var + eps)")
      for root in (lambda v, e: np.sqrt(v + e) + e, lambda v, e: np.sqrt(v + 2 * e))),
    Mistake("bn.eps-fixed", "eps is 1e-5, whatever was given", ask_with(eps=lambda q: 1e-5),
            "use the eps that was given"),
    Mistake("bn.eps-book", "eps is the book's 1e-6, whatever was given", ask_with(eps=lambda q: 1e-6),
            "use the eps that was given"),
    Mistake("bn.mean-kept", "the mean is not subtracted", normalize(keep_mean), MEAN),
    Mistake("bn.not-scaled", "gamma is not multiplied", ask_with(gamma=lambda q: np.ones_like(q["gamma"])),
            "gamma * normal + beta"),
    Mistake("bn.not-shifted", "beta is not added", ask_with(beta=lambda q: np.zeros_like(q["beta"])),
            "gamma * normal + beta"),
    Mistake("bn.gamma-beta-swapped", "gamma and beta are swapped",
            ask_with(gamma=lambda q: q["beta"], beta=lambda q: q["gamma"]), "gamma * normal + beta"),
    *(Mistake(f"bn.{code}", text, form(change), "gamma * normal + beta, each channel with its own")
      for code, text, change in SHIFTS for form in (in_output, lambda change: change)),
    Mistake("bn.flag-turned", "train_flg is taken the other way round: it trains where it should infer",
            ask_with(train_flg=lambda q: not q["train_flg"]), "train_flg=True means training"),
    Mistake("bn.spread-round-running-mean", "the variance is taken round the running mean, not the batch's own",
            normalize(spread_round(lambda q: broadcast(q, "running_mean"))), MEAN),
    Mistake("bn.spread-round-0", "the mean of x * x is taken for the variance: the mean is not subtracted there",
            normalize(spread_round(lambda q: np.zeros(1))), MEAN),
    Mistake("bn.median", "the median is subtracted, not the mean", normalize(take_median), MEAN),
    Mistake("bn.mean-distance", "the mean of |x - mean| is taken for the standard deviation",
            normalize(take_mean_distance), "divide by sqrt(var + eps)"),
    Mistake("bn.range", "largest less smallest is taken for the standard deviation", normalize(take_range),
            "divide by sqrt(var + eps)"),
    Mistake("bn.batch-at-inference", "inference uses the batch's mean and variance", ask_with(train_flg=lambda q: True),
            "where train_flg is false, use the running statistics"),
    *(Mistake("bn.batch-at-inference", f"inference uses the batch's {what}, and the running {other}",
              normalize(parts), "where train_flg is false, use the running statistics")
      for what, other, parts in (("mean", "variance", take_batch_mean), ("variance", "mean", take_batch_variance))),
    *(Mistake("bn.root-at-inference", f"at inference {what}",
              at_inference(normalize(right_parts, root)), "divide by sqrt(running_var + eps)")
      for what, root in (
          ("the running variance is taken for a standard deviation: its root is missing", lambda v, e: v + e),
          ("the running variance is squared: it is a variance already", lambda v, e: np.sqrt(v * v + e)),
          ("the root is taken twice", lambda v, e: np.sqrt(np.sqrt(v) + e)),
          ("eps is added to the root, not under it", lambda v, e: np.sqrt(v) + e))),
    Mistake("bn.corrected-at-inference", "inference multiplies the running variance by n / (n - 1) once more",
            at_inference(ask_with(running_var=lambda q: q["running_var"] * count_numbers(q) / (count_numbers(q) - 1))),
            "n / (n - 1) belongs to training, where the running variance is moved"),
    Mistake("bn.not-scaled-at-inference", "gamma is not multiplied at inference",
            at_inference(ask_with(gamma=lambda q: np.ones_like(q["gamma"]))), "gamma * normal + beta, always"),
    Mistake("bn.not-scaled-at-inference", "gamma is not multiplied in the output of inference; backward has it",
            at_inference(lambda ask, q: {"out": ask(q.but(gamma=np.ones_like(q["gamma"])))["out"]}),
            "gamma * normal + beta, always"),
    Mistake("bn.not-shifted-at-inference", "beta is not added at inference",
            at_inference(ask_with(beta=lambda q: np.zeros_like(q["beta"]))), "gamma * normal + beta, always"),
    Mistake("bn.moved-in-training", "training divides by the running statistics that it has just moved",
            normalize(take_moved), MEAN),
    Mistake("bn.running-in-training", "training uses the running statistics", ask_with(train_flg=lambda q: False),
            MEAN),
    Mistake("bn.infers-by-default", "without train_flg forward infers; it should train", leave_to_rule,
            "let train_flg be True by default, as in the book"),
    *RUNNING,
    *(m for m, _ in LATER),
    *list_start_mistakes(),
    Mistake("bn.eps-missing-at-inference", "eps is left out at inference",
            lambda ask, q: None if q["train_flg"] else ask(q.but(eps=1e-30)), "divide by sqrt(var + eps)"),
    Mistake("bn.dx-direct-only", "dx has only the direct way: mean and variance are taken for constants",
            drop_terms("mean", "var"), "the mean and the variance depend on x, too"),
    Mistake("bn.dx-without-variance", "dx lacks the way through the variance", drop_terms("var"),
            "the variance depends on x, too"),
    Mistake("bn.dx-without-mean", "dx lacks the way through the mean", drop_terms("mean"),
            "the mean depends on x, too"),
    *(Mistake("bn.dx-mean-over-images", f"in dx {what} divided by the number of images, not by that of all numbers",
              divide_terms_by_images(*terms), "the mean and the variance are those of N * H * W numbers")
      for what, terms in (("the sums are", ("mean", "var")), ("the sum through the mean is", ("mean",)),
                          ("the sum through the variance is", ("var",)))),
    *(Mistake("bn.dx-variance-weight", f"in dx what comes through the variance {how}",
              weigh_terms(lambda n: 1, var), "subtract normal times the mean of dout * normal, once")
      for how, var in (("counts double", lambda n: 2), ("counts half", lambda n: 0.5), ("is added", lambda n: -1),
                       ("is divided by n - 1, not n", lambda n: n / (n - 1)))),
    Mistake("bn.dx-is-dout", "dout is passed on as it is", alter(dx=lambda a, q: q.dout),
            "dx is gamma / sqrt(var + eps) times dout less what comes through mean and variance"),
    Mistake("bn.dx-only-gamma", "dx is gamma times dout: nothing is divided, nothing comes through mean and variance",
            alter(dx=lambda a, q: broadcast(q, "gamma") * q.dout),
            "dx is gamma / sqrt(var + eps) times dout less what comes through mean and variance"),
    Mistake("bn.dx-mean-added", "in dx what comes through the mean is added, not subtracted",
            weigh_terms(lambda n: -1, lambda n: 1), "subtract the mean of dout"),
    *(Mistake("bn.dx-sums", f"in dx sums stand where means should: {what}", weigh_terms(mean, var),
              "divide the sums by n")
      for what, mean, var in (("through the mean and the variance", float, float),
                              ("through the mean", float, lambda n: 1), ("through the variance", lambda n: 1, float))),
    Mistake("bn.dx-divided-twice", "dx is divided by sqrt(var + eps) twice",
            alter(dx=lambda a, q: a["dx"] / np.sqrt(right_parts(q)[2] + q["eps"])), "divide once"),
    Mistake("bn.dx-not-divided", "dx is not divided by sqrt(var + eps)",
            alter(dx=lambda a, q: a["dx"] * np.sqrt(right_parts(q)[2] + q["eps"])),
            "the slope of the normal form is 1 / sqrt(var + eps)"),
    Mistake("bn.dx-without-gamma", "dx is not multiplied by gamma",
            alter_one("dx", ask_with(gamma=lambda q: np.ones_like(q["gamma"]))), "the gradient passes gamma first"),
    Mistake("bn.dx-as-in-training", "backward of inference is that of training: the running statistics are constants",
            go_back_as_in_training, "at inference dx is gamma / sqrt(var + eps) times dout"),
    Mistake("bn.gradients-swapped", "dgamma and dbeta stand under each other's names",
            alter(dgamma=lambda a, q: a["dbeta"], dbeta=lambda a, q: a["dgamma"]),
            "dbeta is the sum of dout, dgamma that of dout * normal"),
    Mistake("bn.dgamma-without-normal", "dgamma is the sum of dout alone, as dbeta is",
            alter(dgamma=lambda a, q: a["dbeta"]), "dgamma is the sum of dout * normal"),
    Mistake("bn.dgamma-of-out", "dgamma is the sum of dout * out, not of dout * normal",
            alter(dgamma=lambda a, q: (q.dout * a["out"]).sum(axes(q))), "dgamma is the sum of dout * normal"),
    Mistake("bn.dbeta-times-gamma", "dbeta is multiplied by gamma", alter(dbeta=lambda a, q: a["dbeta"] * q["gamma"]),
            "dbeta is the sum of dout"),
    Mistake("bn.dgamma-times-gamma", "dgamma is multiplied by gamma once more",
            alter(dgamma=lambda a, q: a["dgamma"] * q["gamma"]), "dgamma is the sum of dout * normal"),
    Mistake("bn.dgamma-only-mean", "dgamma is divided by n, dbeta is not",
            alter(dgamma=lambda a, q: a["dgamma"] / count_numbers(q)), "gradients of parameters are sums"),
    Mistake("bn.dbeta-only-mean", "dbeta is divided by n, dgamma is not",
            alter(dbeta=lambda a, q: a["dbeta"] / count_numbers(q)), "gradients of parameters are sums"),
    *(Mistake("bn.sums-over-images-only", f"{' and '.join(names)}: summed over the images only, not over the places",
              sum_over_images(*names), "one number a channel is left")
      for names in (("dbeta",), ("dgamma",), ("dgamma", "dbeta"))),
    Mistake("bn.normal-overwritten", "gamma and beta are put into the kept normal form itself, which backward needs",
            keep_output_for_normal, "make a new array for the output"),
    Mistake("bn.dgamma-not-divided", "dgamma is the sum of dout * (x - mean), which is not divided by the deviation",
            alter(dgamma=lambda a, q: (q.dout * (q["x"] - right_parts(q)[1])).sum(axes(q))), "normalize x first"),
    *(Mistake("bn.no-transpose", f"images are reshaped to (N*H*W, C) without bringing C to the end{and_back}",
              lambda ask, q, lay=lay: {"out": lay(ask(q.but(x=read_last(q["x"]), dout=None))["out"])}
              if q["x"].ndim == 4 else None, "bring C to the end before the reshape, and back behind it")
      for and_back, lay in (("; the way back is right", np.asarray), (", there and back", laid_last))),
    Mistake("bn.dgamma-of-x", "dgamma is the sum of dout * x, not of dout * normal",
            alter(dgamma=lambda a, q: (q.dout * q["x"]).sum(axes(q))), "multiply dout by the normalized x"),
    Mistake("bn.dbeta-mean", "dgamma and dbeta are divided by n",
            alter(dgamma=lambda a, q: a["dgamma"] / count_numbers(q), dbeta=lambda a, q: a["dbeta"] / count_numbers(q)),
            "gradients of parameters are sums"),
    Mistake("bn.dbeta-batch", "dgamma and dbeta are divided by the number of images",
            alter(dgamma=lambda a, q: a["dgamma"] / len(q["x"]), dbeta=lambda a, q: a["dbeta"] / len(q["x"])),
            "the loss already holds the average over the batch"),
    *(Mistake("bn.statistics-mix-channels", TEXT.format(what="mean and variance are those", shape=shape),
              normalize(mix_channels(reduced)), FRONT) for shape, reduced in SHAPES),
    *list_mixed_sums("bn", "dbeta"),
    *list_relu_mistakes("bn"), *list_totals("bn", "dbeta", "dgamma"), *TERMS, THROUGH_GAMMA, BY_SIZE,
]
OF_DIVISOR = ("bn.root-of-std", "bn.eps-outside", "bn.not-rooted", "bn.eps-floor", "bn.eps-after-division")
MISTAKES += [in_own_scale(m, own) for m in MISTAKES if m.code in OF_DIVISOR for own in OWN_EPS]
# fmt: on
