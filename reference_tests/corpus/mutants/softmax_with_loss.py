# ruff: noqa: E501 (patches are lines of code inside strings)
"""Mutants of SoftmaxWithLoss: patches of impl/plain/loss.py."""

from . import mutants_of

EXP = "e = np.exp(x - np.max(x, axis=1, keepdims=True))"
DIVIDED = "return e / np.sum(e, axis=1, keepdims=True)"
LOSS = "return -np.sum(np.log(y[np.arange(N), t] + 1e-7)) / N"
ARGMAX = "self.t = np.argmax(t, axis=1) if t.ndim == 2 else t"
Y = "self.y = softmax(x)"
SUB = "dx[np.arange(N), self.t] -= 1"
DX = "return dx / N"
loss = mutants_of("softmax_with_loss", "loss")

MUTANTS = [
    loss(
        "batch-axis",
        "softmax over the batch",
        "softmax-over-batch",
        (EXP, EXP.replace("axis=1", "axis=0")),
        (DIVIDED, DIVIDED.replace("axis=1", "axis=0")),
    ),
    loss("sum-axis", "the sum over the batch", "sum-over-batch", (DIVIDED, DIVIDED.replace("axis=1", "axis=0"))),
    loss(
        "all-axes",
        "softmax over everything",
        "softmax-over-all",
        (DIVIDED, "return e / np.sum(e)"),
        (EXP, "e = np.exp(x - np.max(x))"),
    ),
    loss("overflow", "no maximum subtracted", "overflow", (EXP, "e = np.exp(x)")),
    loss("batch-max", "the batch's maximum subtracted", "max-of-batch", (EXP, "e = np.exp(x - np.max(x))")),
    loss("twice", "softmax twice", "softmax-twice", (Y, "self.y = softmax(softmax(x))")),
    loss("sigmoid", "sigmoid for softmax", "sigmoid", (Y, "self.y = 1 / (1 + np.exp(-x))")),
    loss("minus-x", "softmax of -x", "sign-of-logits", (Y, "self.y = softmax(-x)")),
    loss("no-exp", "no exp", "not-exp", (EXP, "e = np.abs(x)")),
    loss("sum", "the loss summed", "sum", (LOSS, LOSS.removesuffix(" / N"))),
    loss(
        "sum-both", "loss and gradient summed", "sum-and-gradient", (LOSS, LOSS.removesuffix(" / N")), (DX, "return dx")
    ),
    loss("over-classes", "divided by N*K", "over-classes", (LOSS, LOSS.replace("/ N", "/ y.size"))),
    loss("by-classes", "divided by K", "divided-by-classes", (LOSS, LOSS.replace("/ N", "/ y.shape[1]"))),
    loss("divided-twice", "divided by N twice", "divided-twice", (LOSS, LOSS.replace("/ N", "/ N / N"))),
    loss("sign", "no minus", "sign", (LOSS, LOSS.replace("-np.sum", "np.sum"))),
    loss("log2", "log2", "log2", (LOSS, LOSS.replace("np.log", "np.log2"))),
    loss("log10", "log10", "log10", (LOSS, LOSS.replace("np.log", "np.log10"))),
    loss("no-log", "no log", "no-log", (LOSS, "return -np.sum(y[np.arange(N), t]) / N")),
    loss("one-minus", "1 minus the probability", "one-minus", (LOSS, "return np.sum(1 - y[np.arange(N), t]) / N")),
    loss("squares", "sum of squares", "squared", (LOSS, "return 0.5 * np.sum((y - np.eye(y.shape[1])[t]) ** 2) / N")),
    loss("guard", "1e-3 inside the log", "guard-too-large", (LOSS, LOSS.replace("1e-7", "1e-3"))),
    loss("no-guard", "log without guard", "infinite", (LOSS, LOSS.replace(" + 1e-7", ""))),
    loss(
        "binary",
        "binary cross-entropy",
        "binary",
        (LOSS, "hot = np.eye(y.shape[1])[t]\n    return -np.sum(np.log(np.where(hot, y, 1 - y) + 1e-7)) / N"),
    ),
    loss("all-logs", "all classes' logs", "all-classes", (LOSS, "return -np.sum(np.log(y + 1e-7)) / N")),
    loss("entropy", "y log y", "entropy", (LOSS, "return -np.sum(y * np.log(y + 1e-7)) / N")),
    loss("first", "the first image's loss", "first-image", (LOSS, "return -np.log(y[0, t[0]] + 1e-7)")),
    loss("vector", "a loss for each image", "not-averaged", (LOSS, "return -np.log(y[np.arange(N), t] + 1e-7)")),
    loss(
        "one-element",
        "the loss is an array of one",
        "when",
        (LOSS, "return np.array([-np.sum(np.log(y[np.arange(N), t] + 1e-7)) / N])"),
    ),
    loss(
        "hot-as-numbers",
        "one-hot taken for numbers in the loss",
        "onehot-as-numbers",
        (ARGMAX, "self.t = np.argmax(t, axis=1) if t.ndim == 2 else t\n        self.given = t"),
        (
            "return cross_entropy(self.y, self.t)",
            "N = len(x)\n        return -np.sum(np.log(self.y[np.arange(N), t] + 1e-7)) / N if t.ndim == 1 or t.shape[0] == t.shape[1] else cross_entropy(self.y, self.t)",
        ),
    ),
    loss("hot-crash", "one-hot is not looked at", "onehot-as-numbers", (ARGMAX, "self.t = t")),
    loss(
        "hot-size",
        "labels recognized by their size, as N == K",
        "onehot-as-numbers",
        (ARGMAX, "self.t = np.argmax(t, axis=1) if t.ndim == 2 and t.shape[0] != t.shape[1] else t"),
    ),
    loss(
        "hot-axis",
        "argmax down the batch",
        "onehot-wrong-axis",
        (ARGMAX, "self.t = np.resize(np.argmax(t, axis=0), len(t)) if t.ndim == 2 else t"),
    ),
    loss("from-1", "labels from 1", "labels-from-1", (ARGMAX, ARGMAX + "\n        self.t = self.t - 1")),
    loss(
        "half", "float16 inside", "precision", (EXP, "e = np.exp((x - np.max(x, axis=1, keepdims=True)).astype('f2'))")
    ),
    loss("scaled", "the loss off by 1e-4", "scaled", (LOSS, LOSS + " * 1.0001")),
    loss(
        "whole",
        "a loss of whole numbers of thousandths",
        "precision",
        (LOSS, "return round(float(-np.sum(np.log(y[np.arange(N), t] + 1e-7)) / N), 3)"),
    ),
    loss(
        "four",
        "only four images",
        "when",
        ("self.y = softmax(x)", "self.y = softmax(x)\n        self.y[4:] = 1 / x.shape[1]"),
    ),
    loss("dx-sum", "dx not divided", "dx-sum", (DX, "return dx")),
    loss("dx-by-classes", "dx divided by K", "dx-divided-by-classes", (DX, "return dx / dx.shape[1]")),
    loss("dx-over-classes", "dx divided by N*K", "dx-over-classes", (DX, "return dx / dx.size")),
    loss("dx-divided-twice", "dx divided by N twice", "dx-divided-twice", (DX, "return dx / N / N")),
    loss("dx-sign", "t - y", "dx-sign", (DX, "return -dx / N")),
    loss("dx-y", "t not subtracted", "dx-is-y", (SUB, "pass")),
    loss(
        "dx-logits",
        "the logits for softmax",
        "dx-of-logits",
        (Y, Y + "\n        self.x = x"),
        ("dx = self.y.copy()", "dx = self.x.copy()"),
    ),
    loss("dx-log", "the log's gradient alone", "dx-of-log", (SUB, "dx = -np.eye(dx.shape[1])[self.t] / (dx + 1e-7)")),
    loss("dx-slope", "softmax's slope once more", "dx-softmax-slope", (DX, "return dx * self.y * (1 - self.y) / N")),
    loss(
        "dx-label-only",
        "the label's place only",
        "dx-only-label",
        (SUB, SUB + "\n        dx *= np.eye(dx.shape[1])[self.t]"),
    ),
    loss("dx-label-zero", "the label's place set to 0", "dx-label-missing", (SUB, "dx[np.arange(N), self.t] = 0")),
    loss(
        "dx-t-after",
        "t subtracted after dividing",
        "dx-t-after-mean",
        (SUB, "dx /= N"),
        (DX, "dx[np.arange(N), self.t] -= 1\n        return dx"),
    ),
    loss(
        "dx-t-divided",
        "1/N subtracted, y not divided",
        "dx-t-divided",
        (SUB, "dx[np.arange(N), self.t] -= 1 / N"),
        (DX, "return dx"),
    ),
    loss(
        "dx-labels",
        "labels subtracted as numbers",
        "dx-labels-subtracted",
        (ARGMAX, ARGMAX + "\n        self.given = t"),
        (SUB, "dx -= self.given[:, None] if self.given.ndim == 1 else self.given"),
    ),
    loss(
        "dx-labels-sum",
        "not divided for labels as numbers",
        "dx-labels-sum",
        (ARGMAX, ARGMAX + "\n        self.given = t"),
        (DX, "return dx / N if self.given.ndim == 2 else dx"),
    ),
    loss(
        "dx-hot-sum",
        "not divided for one-hot",
        "dx-onehot-sum",
        (ARGMAX, ARGMAX + "\n        self.given = t"),
        (DX, "return dx / N if self.given.ndim == 1 else dx"),
    ),
    loss("dx-scaled", "dx off by 1e-4", "scaled", (DX, DX + " * 1.0001")),
    loss("dx-half", "dx in float16", "precision", (DX, "return (dx / N).astype('f2')")),
    loss("dx-in-place", "backward changes y", "y-overwritten", ("dx = self.y.copy()", "dx = self.y")),
    loss(
        "t-kept",
        "the first labels are kept",
        "stale-labels",
        (
            ARGMAX,
            "if getattr(self, 't', t[:0]).shape[:1] != t.shape[:1]:\n            self.t = np.argmax(t, axis=1) if t.ndim == 2 else t",
        ),
    ),
    loss(
        "y-kept",
        "the first softmax is kept for its shape",
        "stale-logits",
        (Y, "self.y = self.y if getattr(self, 'y', x[:0]).shape == x.shape else softmax(x)"),
    ),
    loss(
        "x-in-place",
        "the maximum is subtracted from the caller's x",
        "state.changed-input",
        (EXP, "x -= np.max(x, axis=1, keepdims=True)\n    e = np.exp(x)"),
    ),
    loss(
        "t-in-place",
        "the caller's one-hot is changed",
        "state.changed-input",
        (ARGMAX, ARGMAX + "\n        t -= 1 if t.ndim == 2 else 0"),
    ),
    loss(
        "advice-float32",
        "float32 inside",
        "precision",
        (EXP, EXP.replace("axis=1, keepdims=True))", "axis=1, keepdims=True)).astype('f4')")),
    ),
]
