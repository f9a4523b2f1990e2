"""Softmax with cross-entropy loss: all that is known of it."""

from itertools import product

import numpy as np

from ..manners import plain
from ..tolerance import SAFETY, largest
from ..types import EPS32, Case, Manner, Mistake, Op, Problem

OP = Op(
    "softmax_with_loss",
    "SoftmaxWithLoss",
    "5.6.3",
    args=("x", "t"),
    make=(),
    grads={"dx": "backward()"},
    labels=("t",),
    upstream=1.0,
)
GUARD = 1e-7  # what the book adds inside the log


def drawing(classes, size=1.0, onehot=None, offset=0.0):
    """Random logits; every label at random, as its number or as a row of one 1."""

    def draw(rng, name, shape):
        if name == "x":
            return size * rng.standard_normal(shape) + np.resize(offset, shape[:1])[:, None]
        t = rng.integers(0, classes, shape[0])
        return t if onehot is None else np.eye(classes, dtype=onehot)[t]

    return draw


def loss(why, x, onehot=None, size=1.0, offset=0.0, **more):
    """onehot: the type of one-hot labels; None: labels are numbers."""
    t = x if onehot else x[:1]
    return Case(OP, why, {"x": x, "t": t}, draw=drawing(x[1], size, onehot, offset), **more)


# fmt: off
CASES = [
    #    the mistake it catches                 x (N, K)
    loss("softmax over the batch",              (5, 7)),
    loss("one-hot taken for numbers",           (4, 6),  onehot="i8"),
    loss("one-hot of fractions",                (6, 4),  onehot="f8"),
    loss("classes as many as images",           (5, 5)),
    loss("one-hot as many as images",           (4, 4),  onehot="i8"),
    loss("one image",                           (1, 6)),
    loss("one image, one-hot",                  (1, 5),  onehot="i8"),
    loss("two classes",                         (5, 2)),
    loss("more images than classes",            (9, 3)),
    loss("batch worked in pieces of four",      (7, 10), onehot="i8"),
    loss("softmax twice",                       (3, 8),  size=3.0),
    loss("small logits",                        (4, 7),  size=0.01),
    loss("exp overflows",                       (4, 6),  offset=[1000, -1000], level="edge"),
    loss("exp overflows, one-hot",              (4, 6),  onehot="i8", offset=[-1000, 1000], level="edge"),
]
# fmt: on


def labels(q):
    return q["t"].argmax(1) if q["t"].ndim == 2 else q["t"]


def softmax(x, axis=1):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def at_labels(q, a):
    return a[np.arange(len(a)), labels(q)]


def log_softmax(x):
    return np.log(softmax(x)) if not x.size else x - x.max(1, keepdims=True) - np.log(sums(x))


def sums(x):
    return np.exp(x - x.max(1, keepdims=True)).sum(1, keepdims=True)


def allowed(q, want, eps):
    """A logit's own rounding, eps * |x|, is a relative error of exp; then K terms and N losses are summed.

    The log may have up to 1e-7 added inside.
    """
    n, k = q["x"].shape
    if not n:
        return {what: np.zeros(a.shape) for what, a in want.items()}
    terms = SAFETY * eps * (k + 2 * largest(q["x"]))
    exact = -at_labels(q, log_softmax(q["x"]))
    guarded = -np.log(np.exp(-exact) + GUARD)
    bound = {"out": np.asarray(terms + SAFETY * eps * n * exact.mean() + np.mean(exact - guarded))}
    if "dx" in want:
        bound["dx"] = np.full(want["dx"].shape, terms / n)
    return bound


def sizes():
    """Every small one, the least work first."""
    grid = product((1, 2, 3, 4, 5), (2, 3, 4), (False, True))
    for n, k, onehot in sorted(grid, key=lambda g: (g[0] * g[1], *g)):
        g = {"N": n, "K": k, "onehot": int(onehot)}
        yield g, loss(f"small {g}", (n, k), onehot="i8" if onehot else None)


def drawn(pick):
    onehot = "i8" if pick(0, 1) else None
    return loss("drawn", (pick(1, 7), pick(2, 8)), onehot=onehot, size=float(pick(1, 4)))


# A class that has no hope: the exact loss is about 900, with 1e-7 inside the log 16.1, and without either infinite.


def hopeless(rng, name, shape):
    x = rng.standard_normal(shape) if name == "x" else np.zeros(shape[0], int)
    if name == "x":
        x[0, :2] = -450, 450
    return x


def between(plan, trace):
    """Exact, or with up to 1e-7 added inside the log."""
    q, got = plan.expect["out"][0], trace.results["out"]
    exact = -at_labels(q, log_softmax(q["x"]))
    low = np.mean(-np.log(np.exp(-exact) + GUARD))
    slack = SAFETY * EPS32 * (q["x"].shape[1] + 2 * largest(q["x"]))
    if got.shape == () and low - slack <= got <= exact.mean() + slack:
        return None
    return Problem("values" if got.shape == () else "shape", "out", got, np.asarray(exact.mean()), slack)


HOPELESS = Case(OP, "log of zero", {"x": (3, 4), "t": (3,)}, draw=hopeless)
MANNERS = (
    (
        HOPELESS,
        Manner(
            "hopeless-class",
            "a class without hope: a large loss, not infinity",
            plain,
            parts=("forward",),
            rule=between,
        ),
    ),
    (HOPELESS, Manner("hopeless-class", "a class without hope: its gradient", plain, parts=("backward",))),
)


# Mistakes: each is a softmax, a loss of it, and a gradient.


def onehot(q):
    return np.eye(q["x"].shape[1])[labels(q)]


def cross_entropy(q, y):
    return np.asarray(-np.log(at_labels(q, y) + GUARD).mean())


def of_softmax(f):
    """The mistake of another softmax y = f(x); the loss and the gradient (y - t) / N follow from it."""

    def answer(ask, q):
        y = f(q["x"])
        return {"out": cross_entropy(q, y), "dx": (y - onehot(q)) / len(y)}

    return answer


def of_loss(f, dx=None):
    """The mistake of another loss f(q, y); dx(q, y) where the gradient changes with it."""

    def answer(ask, q):
        y, right = softmax(q["x"]), ask(q)
        return right | {"out": np.asarray(f(q, y))} | ({"dx": dx(q, y)} if dx and q.dout is not None else {})

    return answer


def of_gradient(f):
    """The mistake of another gradient f(q, y, t), t one-hot; the loss is right."""
    return lambda ask, q: ask(q) | {"dx": f(q, softmax(q["x"]), onehot(q))}


def each(q, y):
    return -np.log(at_labels(q, y) + GUARD)


def total(q, y):
    return (y - onehot(q)).astype("f8")


def wrong_labels(change):
    """Both the loss and the gradient, for other labels."""
    return lambda ask, q: ask(q.but(t=change(q)))


def numbers_of_onehot(ask, q):
    """y[arange(N), t] with a one-hot t: numbers of classes 0 and 1, N rows broadcast against K columns."""
    if q["t"].ndim == 1:
        return {}
    y, t = softmax(q["x"]), q["t"].astype(int)
    return {"out": np.asarray(-np.log(y[np.arange(len(y)), t] + GUARD).sum() / len(y))}


MISTAKES = [
    Mistake(
        "loss.softmax-over-batch",
        "softmax runs down the batch: every column sums to 1, not every row",
        of_softmax(lambda x: softmax(x, 0)),
        "each image's row is normalized on its own: axis 1",
    ),
    Mistake(
        "loss.softmax-over-all",
        "softmax runs over the whole batch at once: all numbers together sum to 1",
        of_softmax(lambda x: np.exp(x - x.max()) / np.exp(x - x.max()).sum()),
        "each image's row is normalized on its own: axis 1, with the dimension kept",
    ),
    Mistake(
        "loss.overflow",
        "exp of a large logit overflows: infinity over infinity",
        of_softmax(lambda x: np.exp(x) / np.exp(x).sum(1, keepdims=True)),
        "subtract the row's largest logit before exp; softmax does not change",
    ),
    Mistake(
        "loss.max-of-batch",
        "the largest logit of the whole batch is subtracted: rows far below it vanish",
        of_softmax(lambda x: np.exp(x - x.max()) / np.exp(x - x.max()).sum(1, keepdims=True)),
        "subtract each row's own largest logit",
    ),
    Mistake(
        "loss.softmax-twice",
        "softmax is taken twice",
        of_softmax(lambda x: softmax(softmax(x))),
        "take softmax once, of the logits",
    ),
    Mistake(
        "loss.sigmoid",
        "sigmoid is taken in place of softmax: a row does not sum to 1",
        of_softmax(lambda x: 1 / (1 + np.exp(-x))),
        "divide exp(x) by its sum over the row",
    ),
    Mistake(
        "loss.sign-of-logits",
        "softmax is taken of -x",
        of_softmax(lambda x: softmax(-x)),
        "the largest logit has the largest probability",
    ),
    Mistake(
        "loss.not-exp",
        "the logits' size is divided by its sum, without exp",
        of_softmax(lambda x: np.abs(x) / np.abs(x).sum(1, keepdims=True)),
        "take exp before dividing by the sum",
    ),
    Mistake(
        "loss.sum",
        "the losses are summed over the batch, not averaged",
        of_loss(lambda q, y: each(q, y).sum()),
        "divide by the number of images",
    ),
    Mistake(
        "loss.sum-and-gradient",
        "loss and gradient are those of the sum over the batch, not of the mean",
        of_loss(lambda q, y: each(q, y).sum(), total),
        "divide both by the number of images",
    ),
    Mistake(
        "loss.over-classes",
        "the loss is divided by N*K: the mean runs over all numbers of t, not over the images",
        of_loss(lambda q, y: each(q, y).sum() / y.size),
        "divide by the number of images",
    ),
    Mistake(
        "loss.divided-by-classes",
        "the loss is divided by the number of classes, not of images",
        of_loss(lambda q, y: each(q, y).sum() / y.shape[1]),
        "divide by the number of images",
    ),
    Mistake(
        "loss.divided-twice",
        "the loss is divided by the number of images twice",
        of_loss(lambda q, y: each(q, y).mean() / len(y)),
        "divide by the number of images once",
    ),
    Mistake(
        "loss.sign",
        "the sign of the loss is wrong: the log of a probability is negative",
        of_loss(lambda q, y: -each(q, y).mean()),
        "put a minus before the log",
    ),
    Mistake("loss.log2", "the log is to base 2", of_loss(lambda q, y: each(q, y).mean() / np.log(2)), "use np.log"),
    Mistake("loss.log10", "the log is to base 10", of_loss(lambda q, y: each(q, y).mean() / np.log(10)), "use np.log"),
    Mistake(
        "loss.no-log",
        "the log is missing: the loss is minus the probability",
        of_loss(lambda q, y: -at_labels(q, y).mean()),
        "take the log of the probability",
    ),
    Mistake(
        "loss.one-minus",
        "the loss is 1 minus the probability of the class, without a log",
        of_loss(lambda q, y: 1 - at_labels(q, y).mean()),
        "it is minus the log of the probability",
    ),
    Mistake(
        "loss.squared",
        "it is the sum of squares (half of it, a mean over images), not the cross-entropy",
        of_loss(lambda q, y: 0.5 * ((y - onehot(q)) ** 2).sum() / len(y)),
        "it is minus the log of the probability",
    ),
    Mistake(
        "loss.guard-too-large",
        "far more than 1e-7 is added inside the log",
        of_loss(lambda q, y: -np.log(at_labels(q, y) + 1e-3).mean()),
        "add 1e-7 at the most: it is there only against log of 0",
    ),
    Mistake(
        "loss.infinite",
        "the log of a probability that has become 0 is taken: infinity",
        of_loss(lambda q, y: -np.log(at_labels(q, y)).mean()),
        "add 1e-7 inside the log, or take the log of softmax without computing softmax",
    ),
    Mistake(
        "loss.binary",
        "the other classes' log(1 - y) is added (binary cross-entropy)",
        of_loss(lambda q, y: (-np.log(np.where(onehot(q) > 0, y, 1 - y) + GUARD)).sum() / len(y)),
        "only the class of the label counts",
    ),
    Mistake(
        "loss.all-classes",
        "the logs of all classes are summed, not of the label's alone",
        of_loss(lambda q, y: -np.log(y + GUARD).sum() / len(y)),
        "only the class of the label counts",
    ),
    Mistake(
        "loss.entropy",
        "y log y is summed: t is not used",
        of_loss(lambda q, y: -(y * np.log(y + GUARD)).sum() / len(y)),
        "it is t log y",
    ),
    Mistake(
        "loss.first-image",
        "the loss is that of the first image alone",
        of_loss(lambda q, y: each(q, y)[0]),
        "average over all images",
    ),
    Mistake(
        "loss.not-averaged",
        "one loss an image comes out: it is one number, their mean",
        of_loss(each),
        "average over all images",
    ),
    Mistake(
        "loss.onehot-as-numbers",
        "one-hot labels are taken for numbers of classes (0 and 1)",
        numbers_of_onehot,
        "find the label in every row of a one-hot t first",
    ),
    Mistake(
        "loss.onehot-wrong-axis",
        "the label of a one-hot t is looked for down the column, not along the row",
        wrong_labels(lambda q: np.resize(q["t"].argmax(0), len(q["t"])) if q["t"].ndim == 2 else q["t"]),
        "argmax runs along axis 1",
    ),
    Mistake(
        "loss.labels-from-1",
        "labels are taken to begin with 1",
        wrong_labels(lambda q: labels(q) - 1),
        "labels begin with 0",
    ),
    Mistake(
        "loss.dx-sum",
        "dx is not divided by the number of images",
        of_gradient(lambda q, y, t: y - t),
        "the loss is a mean over the batch, so its gradient is (y - t) / N",
    ),
    Mistake(
        "loss.dx-divided-by-classes",
        "dx is divided by the number of classes, not of images",
        of_gradient(lambda q, y, t: (y - t) / y.shape[1]),
        "divide by the number of images",
    ),
    Mistake(
        "loss.dx-over-classes",
        "dx is divided by N*K, not by N",
        of_gradient(lambda q, y, t: (y - t) / y.size),
        "divide by the number of images",
    ),
    Mistake(
        "loss.dx-divided-twice",
        "dx is divided by the number of images twice",
        of_gradient(lambda q, y, t: (y - t) / len(y) ** 2),
        "divide by the number of images once",
    ),
    Mistake(
        "loss.dx-sign",
        "dx has the wrong sign: t - y is taken for y - t",
        of_gradient(lambda q, y, t: (t - y) / len(y)),
        "dx is (y - t) / N",
    ),
    Mistake(
        "loss.dx-is-y",
        "t is not subtracted: dx is y / N",
        of_gradient(lambda q, y, t: y / len(y)),
        "dx is (y - t) / N",
    ),
    Mistake(
        "loss.dx-of-logits",
        "the logits stand where softmax should: x - t",
        of_gradient(lambda q, y, t: (q["x"] - t) / len(y)),
        "dx is (y - t) / N with y the softmax",
    ),
    Mistake(
        "loss.dx-of-log",
        "-t / y, the gradient of the log alone, is taken: softmax's own part is missing",
        of_gradient(lambda q, y, t: -t / (y + GUARD) / len(y)),
        "through log and softmax together it becomes (y - t) / N",
    ),
    Mistake(
        "loss.dx-softmax-slope",
        "y - t is multiplied by y (1 - y) once more",
        of_gradient(lambda q, y, t: (y - t) * y * (1 - y) / len(y)),
        "y - t holds softmax's slope already",
    ),
    Mistake(
        "loss.dx-only-label",
        "only the label's own place has a gradient, the others are 0",
        of_gradient(lambda q, y, t: (y - t) * t / len(y)),
        "every class has its part: y at the others",
    ),
    Mistake(
        "loss.dx-label-missing",
        "the label's own place is 0, the others are right",
        of_gradient(lambda q, y, t: y * (1 - t) / len(y)),
        "subtract 1 at the label's place",
    ),
    Mistake(
        "loss.dx-t-after-mean",
        "y is divided by N, and then the whole t subtracted",
        of_gradient(lambda q, y, t: y / len(y) - t),
        "divide the difference y - t by N",
    ),
    Mistake(
        "loss.dx-t-divided",
        "t is divided by N, y is not",
        of_gradient(lambda q, y, t: y - t / len(y)),
        "divide the difference y - t by N",
    ),
    Mistake(
        "loss.dx-labels-subtracted",
        "the number of the label is subtracted from every class of its row",
        lambda ask, q: ask(q) | ({"dx": (softmax(q["x"]) - q["t"][:, None]) / len(q["x"])} if q["t"].ndim == 1 else {}),
        "subtract 1 at the label's place, or turn the labels into one-hot rows first",
    ),
    Mistake(
        "loss.dx-labels-sum",
        "for labels given as numbers dx is not divided by the number of images",
        lambda ask, q: ask(q) if q["t"].ndim == 2 else ask(q) | {"dx": total(q, softmax(q["x"]))},
        "divide in both branches, for numbers and for one-hot rows",
    ),
    Mistake(
        "loss.dx-onehot-sum",
        "for one-hot labels dx is not divided by the number of images",
        lambda ask, q: ask(q) if q["t"].ndim == 1 else ask(q) | {"dx": total(q, softmax(q["x"]))},
        "divide in both branches, for numbers and for one-hot rows",
    ),
    Mistake(
        "loss.y-overwritten",
        "backward subtracts 1 in softmax's own array: called again, it subtracts another 1",
        of_gradient(lambda q, y, t: (y - 2 * t) / len(y)),
        "copy y before changing it",
    ),
]
