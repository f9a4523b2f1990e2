# ruff: noqa: E501 (patches are lines of code inside strings)
"""Softmax with loss: the known mistakes, each a change of what a reference answers."""

from collections.abc import Callable
from functools import partial

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import Ask, WrongAnswer, leave_to_rule
from .loss_divisors import list_divisors
from .loss_places import list_label_places
from .softmax_parts import (
    GUARD,
    at_labels,
    cross_entropy,
    exact_losses,
    labels,
    list_misread,
    log_softmax,
    losses,
    onehot,
    softmax,
    sum_exponentials,
    summed_gradient,
)

# Changes of the softmax, of the loss, of the gradient and of the labels.


def softmax_of_clipped(most: float, x: np.ndarray) -> np.ndarray:
    """Return the softmax of logits that are cut off at -most and most."""
    return softmax(np.clip(x, -most, most))


def use_softmax(f: Callable[[np.ndarray], np.ndarray]) -> WrongAnswer:
    """Take another softmax y = f(x); the loss and the gradient (y - t) / N follow from it."""

    def answer(ask: Ask, q: Question) -> Answer:
        y = f(q["x"])
        return {"out": cross_entropy(q, y), "dx": (y - onehot(q)) / len(y)}

    return answer


def use_loss(
    f: Callable[[Question, np.ndarray], np.ndarray | float],
    dx: Callable[[Question, np.ndarray], np.ndarray] | None = None,
) -> WrongAnswer:
    """Take another loss f(q, y), and the gradient dx(q, y) if it changes with the loss."""

    def answer(ask: Ask, q: Question) -> Answer:
        y, right = softmax(q["x"]), ask(q)
        return right | {"out": np.asarray(f(q, y))} | ({"dx": dx(q, y)} if dx and q.dout is not None else {})

    return answer


def use_gradient(f: Callable[[Question, np.ndarray, np.ndarray], np.ndarray]) -> WrongAnswer:
    """Take another gradient f(q, y, t), t one-hot; the loss is right."""
    return lambda ask, q: ask(q) | {"dx": f(q, softmax(q["x"]), onehot(q))}


def look_at_all_labels(add: Callable[[np.ndarray], float], guard: float) -> WrongAnswer:
    """Look at every image at the labels of all images, (N, N), and add up."""
    return use_loss(lambda q, y: add(-np.log(y[:, labels(q)] + guard)))


def average_all(a: np.ndarray) -> float:
    """Average an array."""
    return float(a.mean())


def sum_over_images(a: np.ndarray) -> float:
    """Sum an array, and divide by its number of rows."""
    return float(a.sum() / len(a))


def add_inside(guard: float) -> WrongAnswer:
    """Add another number inside the log."""
    return use_loss(lambda q, y: losses(q, y, guard).mean())


def lift(limit: float) -> WrongAnswer:
    """Lift small probabilities to a limit before the log."""
    return use_loss(lambda q, y: losses(q, np.maximum(y, limit), 0.0).mean())


def smooth(share: float) -> WrongAnswer:
    """Give a share of each label to all classes evenly, in the gradient alone."""
    return use_gradient(lambda q, y, t: (y - (1 - share) * t - share / y.shape[1]) / len(y))


def smooth_loss(share: float, others: bool, back: bool, guarded: bool) -> WrongAnswer:
    """Give a share of each label to all classes, or to the others, in the loss. back: in the gradient, too."""

    def target(q: Question, y: np.ndarray) -> np.ndarray:
        one, k = onehot(q), y.shape[1]
        return np.asarray((1 - share) * one + share * ((1 - one) / (k - 1) if others else 1 / k))

    return use_loss(lambda q, y: -(target(q, y) * (np.log(y + GUARD) if guarded else log_softmax(q["x"]))).sum() / len(y),
                    (lambda q, y: (y - target(q, y)) / len(y)) if back else None)  # fmt: skip


def tempered(t: float) -> Callable[[np.ndarray], np.ndarray]:
    """Return a softmax of x / t."""
    return lambda x: softmax(x / t)


def kept_as(kind: str) -> Callable[[Question], np.ndarray]:
    """Return a function that gives the labels as they are in a type of few bits; negative ones count from the end."""
    return lambda q: labels(q).astype(kind).astype(int) % q["x"].shape[1]


def take_labels_for_rows(guard: float, *names: str) -> WrongAnswer:
    """Take labels for one-hot rows, in these answers, where there are as many images as classes."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        y, t = softmax(q["x"]), q["t"]
        if t.shape != y.shape[1:] or len(t) != len(y):
            return None
        taken = {"out": np.asarray(-(t * np.log(y + guard)).sum() / len(y)), "dx": (y - t) / len(y)}
        return {**ask(q), **{k: taken[k] for k in names if k != "dx" or q.dout is not None}}

    return answer


def index_by_onehot(ask: Ask, q: Question) -> Answer:
    """Index y[arange(N), t] by a one-hot t: classes 0 and 1, N rows broadcast against K columns."""
    if q["t"].ndim == 1:
        return {}
    y, t = softmax(q["x"]), q["t"].astype(int)
    return {"out": np.asarray(-np.log(y[np.arange(len(y)), t] + GUARD).sum() / len(y))}


def sum_down(x: np.ndarray) -> np.ndarray:
    """Sum exp(x - max x) down the batch."""
    return np.asarray(np.exp(x - x.max(1, keepdims=True)).sum(0))


def raise_sum(more: float) -> Callable[[np.ndarray], np.ndarray]:
    """Return a softmax that divides by the sum and a number."""
    return lambda x: np.exp(x - x.max(1, keepdims=True)) / (sum_exponentials(x) + more)


def divide_by_row_of_sums(x: np.ndarray) -> np.ndarray:
    """Divide column j by the sum of row j, as NumPy does without keepdims. ValueError where N differs from K."""
    e = np.exp(x - x.max(1, keepdims=True))
    return np.asarray(e / e.sum(1))


def count_classes_seen(q: Question) -> int:
    """Return the largest label and one more, for labels; K for one-hot rows."""
    return int(q["t"].max()) + 1 if q["t"].ndim == 1 else q["x"].shape[1]


def negate_bytes(ask: Ask, q: Question) -> Answer | None:
    """Take -t of a one-hot t in bytes: it is 255, not -1."""
    if q["t"].dtype != np.uint8 or q["t"].ndim == 1:
        return None
    return ask(q) | {"out": np.asarray(-255 * losses(q, softmax(q["x"])).mean())}


def fall_below_largest(ask: Ask, q: Question) -> Answer:
    """Subtract the batch's largest logit, and take the log of each row's sum of exp: of 0 where all of a row vanish."""
    e = np.exp(q["x"] - q["x"].max())
    out = np.log(e.sum(1)) - at_labels(q, q["x"] - q["x"].max())
    return {"out": np.asarray(out.mean()), "dx": (e / e.sum(1, keepdims=True) - onehot(q)) / len(e)}


def labels_down(q: Question) -> np.ndarray:
    """Look for the labels of a one-hot t down its columns. ValueError where N differs from K."""
    if q["t"].ndim == 2 and len(q["t"]) != q["t"].shape[1]:
        raise ValueError("there are as many labels as classes, not as images")
    return np.asarray(q["t"].argmax(0) if q["t"].ndim == 2 else q["t"])


def subtract_labels(ask: Ask, q: Question) -> Answer:
    """Subtract the label's number from every class of its row."""
    right = ask(q)
    return right | {"dx": (softmax(q["x"]) - q["t"][:, None]) / len(q["x"])} if q["t"].ndim == 1 else right


# fmt: off
def list_loss_mistakes(f: Callable[[Question, np.ndarray], np.ndarray]) -> tuple[Mistake, ...]:
    """List the mistakes that do something else with the losses f(q, y), one an image, than to average them."""
    return (
        Mistake("loss.sum", "the losses are summed over the batch, not averaged", use_loss(lambda q, y: f(q, y).sum()),
                "divide by the number of images"),
        Mistake("loss.sum-and-gradient", "loss and gradient are those of the sum over the batch, not of the mean",
                use_loss(lambda q, y: f(q, y).sum(), summed_gradient), "divide both by the number of images"),
        Mistake("loss.over-classes", "for one-hot labels the loss is divided by N*K, the size of t, not by N",
                use_loss(lambda q, y: f(q, y).sum() / q["t"].size), "divide by the number of images, len(t)"),
        Mistake("loss.over-classes", "for one-hot labels loss and gradient are divided by N*K, the size of t, not by N",
                use_loss(lambda q, y: f(q, y).sum() / q["t"].size, lambda q, y: summed_gradient(q, y) / q["t"].size),
                "divide by the number of images, len(t)"),
        *(Mistake(f"loss.{kind}-sum", f"for {what} the losses are summed over the batch, not averaged",
                  use_loss(lambda q, y, ndim=ndim: f(q, y).sum() / (1 if q["t"].ndim == ndim else len(y))),  # type: ignore[misc]
                  "divide in both branches, for numbers and for one-hot rows")
          for kind, what, ndim in (("labels", "labels given as numbers", 1), ("onehot", "one-hot labels", 2))),
        Mistake("loss.divided-by-classes", "the loss is divided by the number of classes that t shows, not of images",
                use_loss(lambda q, y: f(q, y).sum() / count_classes_seen(q)), "divide by the number of images"),
        Mistake("loss.divided-twice", "the loss is divided by the number of images twice",
                use_loss(lambda q, y: f(q, y).mean() / len(y)), "divide by the number of images once"),
        Mistake("loss.sign", "the sign of the loss is wrong: the log of a probability is negative",
                use_loss(lambda q, y: -f(q, y).mean()), "put a minus before the log"),
        Mistake("loss.log2", "the log is to base 2", use_loss(lambda q, y: f(q, y).mean() / np.log(2)), "use np.log"),
        Mistake("loss.log10", "the log is to base 10", use_loss(lambda q, y: f(q, y).mean() / np.log(10)),
                "use np.log"),
    )


MISTAKES = [
    Mistake("loss.softmax-over-batch", "softmax runs down the batch: every column sums to 1, not every row",
            use_softmax(lambda x: softmax(x, 0)), "each image's row is normalized on its own: axis 1"),
    Mistake("loss.softmax-over-all", "softmax runs over the whole batch at once: all numbers together sum to 1",
            use_softmax(lambda x: np.exp(x - x.max()) / np.exp(x - x.max()).sum()),
            "each image's row is normalized on its own: axis 1, with the dimension kept"),
    Mistake("loss.sum-over-batch", "exp(x) is divided by the sum down the batch, not along the row",
            use_softmax(lambda x: np.exp(x - x.max(1, keepdims=True)) / sum_down(x)),
            "each image's row is normalized on its own: axis 1"),
    Mistake("loss.sums-across", "where N equals K, row i is divided by all rows' sums, a column each: keepdims is missing",
            use_softmax(divide_by_row_of_sums), "sum along axis 1 with keepdims=True"),
    Mistake("loss.overflow", "exp of a large logit overflows: infinity over infinity",
            use_softmax(lambda x: np.exp(x) / np.exp(x).sum(1, keepdims=True)),
            "subtract the row's largest logit before exp; softmax does not change"),
    Mistake("loss.max-of-batch", "the largest logit of the whole batch is subtracted: rows far below it vanish",
            use_softmax(lambda x: np.exp(x - x.max()) / np.exp(x - x.max()).sum(1, keepdims=True)),
            "subtract each row's own largest logit"),
    Mistake("loss.max-of-batch", "the largest logit of the whole batch is subtracted: rows far below it vanish",
            fall_below_largest, "subtract each row's own largest logit"),
    *(Mistake("loss.clipped-logits", "large logits are cut off before exp: those beyond the limit are all alike",
              use_softmax(partial(softmax_of_clipped, most)), "subtract each row's own largest logit")
      for most in (50, 100, 500, 700)),
    Mistake("loss.max-along-batch", "the largest logit of each class over the batch is subtracted, not the row's own",
            use_softmax(lambda x: np.exp(x - x.max(0)) / np.exp(x - x.max(0)).sum(1, keepdims=True)),
            "subtract each row's own largest logit: axis 1"),
    *(m for what, kind in (("signed byte: from class 128 on they count from the end", "i1"),
                         ("byte: from class 256 on they begin again at 0", "u1"))
      for m in list_misread("loss.labels-in-a-byte", f"labels are kept in a {what}", kept_as(kind),
                            "keep labels as integers of 32 or 64 bits")),
    Mistake("loss.class-ignored", "images of class 0 do not count",
            use_loss(lambda q, y: (losses(q, y) * (labels(q) > 0)).mean()), "0 is a class like the others"),
    *(Mistake("loss.temperature", f"the logits are {what} before softmax: a temperature",
              use_softmax(tempered(t)), "take softmax of the logits as they are")
      for what, t in (("halved", 2.0), ("doubled", 0.5), ("divided by 10", 10.0), ("multiplied by 10", 0.1))),
    *(Mistake("loss.sum-raised", "a number is added to the sum of exp that the row is divided by: it does not sum to 1",
              use_softmax(raise_sum(more)), "that sum is at least 1 once the row's largest logit is subtracted")
      for more in (1.0, 0.1, 1e-2, 1e-3, 1e-4, 1e-5)),
    Mistake("loss.softmax-twice", "softmax is taken twice", use_softmax(lambda x: softmax(softmax(x))),
            "take softmax once, of the logits"),
    Mistake("loss.sigmoid", "sigmoid is taken in place of softmax: a row does not sum to 1",
            use_softmax(lambda x: 1 / (1 + np.exp(-x))), "divide exp(x) by its sum over the row"),
    Mistake("loss.sign-of-logits", "softmax is taken of -x", use_softmax(lambda x: softmax(-x)),
            "the largest logit has the largest probability"),
    Mistake("loss.not-exp", "the logits' size is divided by its sum, without exp",
            use_softmax(lambda x: np.abs(x) / np.abs(x).sum(1, keepdims=True)), "take exp before dividing by the sum"),
    *(m for f in (losses, exact_losses) for m in list_loss_mistakes(f)),
    *list_divisors(),
    *list_label_places(),
    Mistake("loss.minus-in-bytes", "-t is taken of one-hot rows in bytes: it is 255, not -1", negate_bytes,
            "put the minus before the sum, or make t a float"),
    Mistake("loss.log-of-mean", "the log of the mean probability is taken, not the mean of the logs",
            use_loss(lambda q, y: -np.log(at_labels(q, y).mean() + GUARD)), "take the log of each image first"),
    Mistake("loss.no-log", "the log is missing: the loss is minus the probability",
            use_loss(lambda q, y: -at_labels(q, y).mean()), "take the log of the probability"),
    Mistake("loss.one-minus", "the loss is 1 minus the probability of the class, without a log",
            use_loss(lambda q, y: 1 - at_labels(q, y).mean()), "it is minus the log of the probability"),
    Mistake("loss.squared", "it is the sum of squares (half of it, a mean over images), not the cross-entropy",
            use_loss(lambda q, y: 0.5 * ((y - onehot(q)) ** 2).sum() / len(y)),
            "it is minus the log of the probability"),
    *(Mistake("loss.guard-too-large", "far more than 1e-7 is added inside the log",
              add_inside(guard),
              "add 1e-7 at the most: it is there only against log of 0") for guard in (1e-2, 1e-3, 1e-4, 1e-5, 1e-6)),
    *(Mistake("loss.clipped-probability", "small probabilities are lifted to a limit before the log",
              lift(limit),
              "lift them to 1e-7 at the most: it is there only against log of 0")
      for limit in (0.1, 0.05, 0.01, 1e-3, 1e-4)),
    *(Mistake("loss.smoothed", f"the labels are smoothed in the loss{too}: some of each 1 goes to the other classes",
              smooth_loss(share, others, back, guarded), "the loss is that of t as it was given", alone=True)
      for too, back in ((", not in backward", False), (" and in backward", True))
      for others in (False, True) for share in (0.05, 0.1, 0.2) for guarded in (False, True)),
    *(Mistake("loss.largest-lost", f"{whose} largest logit is subtracted before exp{how}",
              use_loss(lambda q, y, f=f, sign=sign: exact_losses(q, y).mean() + sign * f(q["x"]).mean()),  # type: ignore[misc]
              "log of the sum of exp(x - m), plus m, less the label's own logit", alone=True)
      for how, sign in ((" and not added back behind the log", -1), (" and from the label's logit, and then added", 1))
      for whose, f in (("the row's", lambda x: x.max(1)), ("the batch's", np.max))),
    Mistake("loss.gradient-by-argmax", "the loss takes t as probabilities, the gradient only the largest of each row",
            leave_to_rule, "subtract t itself, as the loss weighs the logs by t: (y - t) / N"),
    Mistake("loss.saturates", "the loss of an image ends at a limit: more than 1e-7 is added inside the log, or small "
            "probabilities are lifted to more than 1e-7", leave_to_rule,
            "add 1e-7 at the most, or lift them to it: it is there only against log of 0"),
    Mistake("loss.infinite", "the log of a probability that has become 0 is taken: infinity",
            use_loss(lambda q, y: -np.log(at_labels(q, y)).mean()),
            "add 1e-7 inside the log, or take the log of softmax without computing softmax"),
    Mistake("loss.binary", "the other classes' log(1 - y) is added (binary cross-entropy)",
            use_loss(lambda q, y: (-np.log(np.where(onehot(q) > 0, y, 1 - y) + GUARD)).sum() / len(y)),
            "only the class of the label counts"),
    Mistake("loss.all-classes", "the logs of all classes are summed, not of the label's alone",
            use_loss(lambda q, y: -np.log(y + GUARD).sum() / len(y)), "only the class of the label counts"),
    Mistake("loss.entropy", "y log y is summed: t is not used",
            use_loss(lambda q, y: -(y * np.log(y + GUARD)).sum() / len(y)), "it is t log y"),
    *(Mistake("loss.labels-of-all-images", f"every image is looked at at the labels of all images, y[:, t]; that is {how}",
              look_at_all_labels(add, guard),
              "y[np.arange(N), t]: image n at its own label")
      for how, add in (("averaged", average_all), ("summed and divided by N", sum_over_images)) for guard in (GUARD, 0.0)),
    Mistake("loss.first-image", "the loss is that of the first image alone", use_loss(lambda q, y: losses(q, y)[0]),
            "average over all images"),
    Mistake("loss.not-averaged", "one loss an image comes out: it is one number, their mean", use_loss(losses),
            "average over all images"),
    Mistake("loss.onehot-as-numbers", "one-hot labels are taken for numbers of classes (0 and 1)", index_by_onehot,
            "find the label in every row of a one-hot t first"),
    *(Mistake("loss.labels-as-onehot", "with as many images as classes, labels are taken for one-hot rows",
              take_labels_for_rows(guard, *names), "the number of axes of t tells: one of labels, two of one-hot rows")
      for guard in (GUARD, 0.0) for names in (("out", "dx"), ("out",), ("dx",))),
    *(m for down in (lambda q: np.resize(q["t"].argmax(0), len(q["t"])) if q["t"].ndim == 2 else q["t"], labels_down)
      for m in list_misread("loss.onehot-wrong-axis",
                            "the label of a one-hot t is looked for down the column, not along the row", down,
                            "argmax runs along axis 1")),
    *list_misread("loss.labels-from-1", "labels are taken to begin with 1",
                  lambda q: (labels(q) - 1) % q["x"].shape[1], "labels begin with 0"),
    Mistake("loss.dx-softmax-over-batch", "backward takes softmax down the batch, forward does not",
            use_gradient(lambda q, y, t: (softmax(q["x"], 0) - t) / len(y)),
            "remember forward's softmax and use it in backward"),
    Mistake("loss.dx-softmax-over-batch", "backward divides exp(x) by the sum down the batch, forward by that along the row",
            use_gradient(lambda q, y, t: (np.exp(q["x"] - q["x"].max(1, keepdims=True)) / sum_down(q["x"]) - t) / len(y)),
            "remember forward's softmax and use it in backward"),
    *(Mistake("loss.dx-smoothed", "the labels are smoothed in backward: some of each 1 goes to the other classes",
              smooth(share),
              "dx is (y - t) / N with t as it was given") for share in (0.05, 0.1, 0.2)),
    Mistake("loss.dx-sum", "dx is not divided by the number of images", use_gradient(lambda q, y, t: y - t),
            "the loss is a mean over the batch, so its gradient is (y - t) / N"),
    Mistake("loss.dx-over-classes", "for one-hot labels dx is divided by N*K, the size of t, not by N",
            use_gradient(lambda q, y, t: (y - t) / q["t"].size), "divide by the number of images, len(t)"),
    Mistake("loss.dx-columns", "1 is subtracted in the whole column of every label: dx[:, t]",
            use_gradient(lambda q, y, t: (y - (t.sum(0) > 0)) / len(y)), "one place in each row: dx[np.arange(N), t]"),
    Mistake("loss.dx-one-everywhere", "1 is subtracted at every place, not at the label's alone",
            use_gradient(lambda q, y, t: (y - 1) / len(y)), "one place in each row: dx[np.arange(N), t]"),
    Mistake("loss.dx-divided-twice", "dx is divided by the number of images twice",
            use_gradient(lambda q, y, t: (y - t) / len(y) ** 2), "divide by the number of images once"),
    Mistake("loss.dx-sign", "dx has the wrong sign: t - y is taken for y - t",
            use_gradient(lambda q, y, t: (t - y) / len(y)), "dx is (y - t) / N"),
    Mistake("loss.dx-is-y", "t is not subtracted: dx is y / N", use_gradient(lambda q, y, t: y / len(y)),
            "dx is (y - t) / N"),
    Mistake("loss.dx-of-logits", "the logits stand where softmax should: x - t",
            use_gradient(lambda q, y, t: (q["x"] - t) / len(y)), "dx is (y - t) / N with y the softmax"),
    Mistake("loss.dx-of-log", "-t / y, the gradient of the log alone, is taken: softmax's own part is missing",
            use_gradient(lambda q, y, t: -t / (y + GUARD) / len(y)),
            "through log and softmax together it becomes (y - t) / N"),
    Mistake("loss.dx-softmax-slope", "y - t is multiplied by y (1 - y) once more",
            use_gradient(lambda q, y, t: (y - t) * y * (1 - y) / len(y)), "y - t holds softmax's slope already"),
    Mistake("loss.dx-only-label", "only the label's own place has a gradient, the others are 0",
            use_gradient(lambda q, y, t: (y - t) * t / len(y)), "every class has its part: y at the others"),
    Mistake("loss.dx-label-missing", "the label's own place is 0, the others are right",
            use_gradient(lambda q, y, t: y * (1 - t) / len(y)), "subtract 1 at the label's place"),
    Mistake("loss.dx-t-after-mean", "y is divided by N, and then the whole t subtracted",
            use_gradient(lambda q, y, t: y / len(y) - t), "divide the difference y - t by N"),
    Mistake("loss.dx-t-divided", "t is divided by N, y is not", use_gradient(lambda q, y, t: y - t / len(y)),
            "divide the difference y - t by N"),
    Mistake("loss.dx-labels-subtracted", "the number of the label is subtracted from every class of its row",
            subtract_labels,
            "subtract 1 at the label's place, or turn the labels into one-hot rows first"),
    Mistake("loss.dx-labels-sum", "for labels given as numbers dx is not divided by the number of images",
            lambda ask, q: ask(q) if q["t"].ndim == 2 else ask(q) | {"dx": summed_gradient(q, softmax(q["x"]))},
            "divide in both branches, for numbers and for one-hot rows"),
    Mistake("loss.dx-onehot-sum", "for one-hot labels dx is not divided by the number of images",
            lambda ask, q: ask(q) if q["t"].ndim == 1 else ask(q) | {"dx": summed_gradient(q, softmax(q["x"]))},
            "divide in both branches, for numbers and for one-hot rows"),
]
HISTORY = (
    Mistake("loss.y-overwritten", "backward subtracts 1 in softmax's own array: called again, it subtracts another 1",
            lambda ask, old, new: {"dx": (softmax(new["x"]) - 2 * onehot(new)) / len(new["x"])},
            "copy y before changing it"),
    Mistake("loss.y-overwritten", "backward works in softmax's own array: called again, it takes its own dx for y",
            lambda ask, old, new: {"dx": (ask(new)["dx"] - onehot(new)) / len(new["x"])},
            "copy y before changing it"),
    Mistake("loss.stale-labels", "it uses the labels of the call before",
            lambda ask, old, new: ask(new.but(t=old["t"])), "remember t in every forward"),
    Mistake("loss.stale-logits", "it uses the softmax of the call before",
            lambda ask, old, new: ask(new.but(x=old["x"])), "take softmax in every forward"),
)
# fmt: on
