"""Batch normalization, wrong in one place."""

from .beyond import planted, twice
from .witnesses import numbers

X = (4, 3, 2, 5)
MADE = "BatchNorm(np.array([1.5, -0.5, 2.0]), np.array([0.3, -1.0, 0.7]), 0.3, 0.2)"
bn = planted("batch_norm", "bn", f"used({MADE}, {numbers(X)})")
GRADS = f"(a := {MADE}, used(a, {numbers(X)}), [a.dgamma, a.dbeta])[2]"
LATER = f"(a := {MADE}, a.forward({numbers(X)} + 1), a.forward({numbers(X)} - 2, False))[2]"
AXES, COUNT = "self.around = (0, *range(2, x.ndim))", "unbiased = spread * count / (count - 1)"
MOMENTS = "centre, spread = x.mean(axis=self.around), x.var(axis=self.around)"
OUT = "return self.gamma.reshape(self.high) * self.standard + self.beta.reshape(self.high)"
MEAN = "self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * centre"
VAR = "self.running_var = (1 - self.momentum) * self.running_var + self.momentum * unbiased"
DX = "return steep * (dout - through_mean - through_var)"
DGAMMA, DBETA = "self.dgamma = (dout * self.standard).sum(axis=self.around)", "self.dbeta = dout.sum(axis=self.around)"
MUTANTS = [
    bn("instance", "mean of each image", "", "self.standard = (x - centre.reshape(self.high))",
       "self.standard = (x - x.mean(axis=self.around[1:] or 0, keepdims=True))"),
    bn("unbiased", "n - 1 in the normalization", "unbiased", MOMENTS,
       "centre, spread = x.mean(axis=self.around), x.var(axis=self.around, ddof=1)", COUNT, "unbiased = spread"),
    bn("not-rooted", "divided by the variance", "not-rooted",
       "1 / np.sqrt(spread + self.eps)", "1 / (spread + self.eps)"),
    bn("eps-outside", "eps beside the root", "eps-outside",
       "np.sqrt(spread + self.eps)", "(np.sqrt(spread) + self.eps)"),
    bn("eps-missing", "no eps", "eps-missing", "np.sqrt(spread + self.eps)", "np.sqrt(spread)"),
    bn("mean-kept", "the mean stays", "mean-kept",
       "(x - centre.reshape(self.high)) * self.inverse", "x * self.inverse"),
    bn("not-scaled", "no gamma", "not-scaled", OUT, OUT.replace("self.gamma.reshape(self.high) * ", ""),
       "steep = self.gamma.reshape(self.high) * self.inverse", "steep = self.inverse"),
    bn("not-shifted", "no beta", "not-shifted", OUT, OUT.replace(" + self.beta.reshape(self.high)", "")),
    bn("swapped", "gamma and beta swapped", "gamma-beta-swapped",
       "self.gamma, self.beta, self.momentum, self.eps = gamma",
       "self.beta, self.gamma, self.momentum, self.eps = gamma"),
    bn("batch-at-inference", "the batch's at inference", "batch-at-inference",
       "if self.trained:\n            centre",
       "if True:\n            centre", shown=LATER),
    bn("momentum-turned", "the book's momentum", "momentum-turned", MEAN,
       "self.running_mean = self.momentum * self.running_mean + (1 - self.momentum) * centre", VAR,
       "self.running_var = self.momentum * self.running_var + (1 - self.momentum) * unbiased", shown=LATER),
    bn("running-biased", "running variance over n", "running-var-biased", COUNT, "unbiased = spread", shown=LATER),
    bn("running-replaced", "statistics of the last batch", "running-replaced", MEAN, "self.running_mean = centre", VAR,
       "self.running_var = unbiased", shown=LATER),
    bn("running-still", "statistics never moved", "running-not-moved", MEAN, "pass", VAR, "pass", shown=LATER),
    bn("running-shared", "the caller's statistics are moved", "state.changed-input",
       "np.array(running_mean)", "running_mean", MEAN,
       "self.running_mean *= 1 - self.momentum\n            self.running_mean += self.momentum * centre",
       shown="(m := np.zeros(2), BatchNorm(np.ones(2), np.ones(2), running_mean=m).forward(np.ones((3, 2))), m)[2]"),
    bn("scaled", "off by 1e-4", "scaled", OUT, OUT.replace("return ", "return 1.0001 * (") + ")"),
    bn("float16", "half precision", "precision", OUT, OUT.replace("return ", "return (") + ').astype("f2")'),
    bn("dx-direct", "the direct way only", "dx-direct-only", DX, "return steep * dout"),
    bn("dx-no-var", "not through the variance", "dx-without-variance", DX, "return steep * (dout - through_mean)"),
    bn("dx-no-mean", "not through the mean", "dx-without-mean", DX, "return steep * (dout - through_var)"),
    bn("dx-no-gamma", "dx without gamma", "dx-without-gamma",
       "steep = self.gamma.reshape(self.high) * self.inverse", "steep = self.inverse"),
    bn("dgamma-batch", "dgamma and dbeta / N", "dbeta-batch", DGAMMA, DGAMMA + " / len(dout)", DBETA,
       DBETA + " / len(dout)", shown=GRADS),
    bn("dgamma-mean", "dgamma and dbeta averaged", "dbeta-mean", DGAMMA, DGAMMA.replace(".sum(", ".mean("), DBETA,
       DBETA.replace(".sum(", ".mean("), shown=GRADS),
    bn("dgamma-of-x", "dout * x", "dgamma-of-x", AXES, AXES + "\n        self.raw = x", DGAMMA,
       DGAMMA.replace("dout * self.standard", "dout * self.raw"), shown=GRADS),
    bn("only-images", "rows are refused", "exception", AXES, "self.around = (0, 2, 3)",
       shown="BatchNorm(np.ones(2), np.ones(2)).forward(np.arange(6.0).reshape(3, 2))"),
    bn("stale", "the first batch's mean", "", MOMENTS,
       MOMENTS + "\n            centre = self.kept = getattr(self, 'kept', centre)", shown=twice(MADE, X)),
]  # fmt: skip
