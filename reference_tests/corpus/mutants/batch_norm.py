"""Mutants of BatchNorm: patches of impl/plain/batch_norm.py."""

from . import mutants_of

bn = mutants_of("batch_norm", "bn")
AXES, COUNT = "self.axes = (0, *range(2, x.ndim))", "unbiased = var * M / (M - 1)"
MOMENTS = "mean, var = x.mean(axis=self.axes), x.var(axis=self.axes)"
OUT = "return self.gamma.reshape(self.as_C) * self.xn + self.beta.reshape(self.as_C)"
MEAN = "self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean"
VAR = "self.running_var = (1 - self.momentum) * self.running_var + self.momentum * unbiased"
DX = "return scale * (dout - through_mean - through_var)"
DGAMMA, DBETA = "self.dgamma = (dout * self.xn).sum(axis=self.axes)", "self.dbeta = dout.sum(axis=self.axes)"
MUTANTS = [
    bn("instance", "mean of each image", "", ("self.xn = (x - mean.reshape(self.as_C))",
       "self.xn = (x - x.mean(axis=self.axes[1:] or 0, keepdims=True))")),
    bn("unbiased", "n - 1 in the normalization", "unbiased",
       (MOMENTS, "mean, var = x.mean(axis=self.axes), x.var(axis=self.axes, ddof=1)"), (COUNT, "unbiased = var")),
    bn("not-rooted", "divided by the variance", "not-rooted",
       ("1 / np.sqrt(var + self.eps)", "1 / (var + self.eps)")),
    bn("eps-outside", "eps beside the root", "eps-outside",
       ("np.sqrt(var + self.eps)", "(np.sqrt(var) + self.eps)")),
    bn("eps-missing", "no eps", "eps-missing", ("np.sqrt(var + self.eps)", "np.sqrt(var)")),
    bn("mean-kept", "the mean stays", "mean-kept",
       ("(x - mean.reshape(self.as_C)) * self.inv_std", "x * self.inv_std")),
    bn("not-scaled", "no gamma", "not-scaled", (OUT, OUT.replace("self.gamma.reshape(self.as_C) * ", "")),
       ("scale = self.gamma.reshape(self.as_C) * self.inv_std", "scale = self.inv_std")),
    bn("not-shifted", "no beta", "not-shifted", (OUT, OUT.replace(" + self.beta.reshape(self.as_C)", ""))),
    bn("swapped", "gamma and beta swapped", "gamma-beta-swapped",
       ("self.gamma, self.beta, self.momentum, self.eps = gamma",
       "self.beta, self.gamma, self.momentum, self.eps = gamma")),
    bn("batch-at-inference", "the batch's at inference", "batch-at-inference",
       ("if self.train_flg:\n            mean",
       "if True:\n            mean")),
    bn("momentum-turned", "the book's momentum", "momentum-turned",
       (MEAN, "self.running_mean = self.momentum * self.running_mean + (1 - self.momentum) * mean"),
       (VAR, "self.running_var = self.momentum * self.running_var + (1 - self.momentum) * unbiased")),
    bn("running-biased", "running variance over n", "running-var-biased", (COUNT, "unbiased = var")),
    bn("running-replaced", "statistics of the last batch", "running-replaced", (MEAN, "self.running_mean = mean"),
       (VAR, "self.running_var = unbiased")),
    bn("running-still", "statistics never moved", "running-not-moved", (MEAN, "pass"), (VAR, "pass")),
    bn("running-shared", "the caller's statistics are moved", "state.changed-input",
       ("np.array(running_mean)", "running_mean"),
       (MEAN, "self.running_mean *= 1 - self.momentum\n            self.running_mean += self.momentum * mean")),
    bn("eps-floor", "eps as a floor", "eps-floor", ("np.sqrt(var + self.eps)", "np.sqrt(np.maximum(var, self.eps))")),
    bn("eps-fixed", "eps 1e-5", "eps-fixed", ("np.sqrt(var + self.eps)", "np.sqrt(var + 1e-5)")),
    bn("momentum-var", "momentum turned for the variance", "momentum-turned-for-variance",
       (VAR, "self.running_var = self.momentum * self.running_var + (1 - self.momentum) * unbiased")),
    bn("momentum-mean", "momentum turned for the mean", "momentum-turned-for-mean",
       (MEAN, "self.running_mean = self.momentum * self.running_mean + (1 - self.momentum) * mean")),
    bn("moved", "statistics move at inference", "moved-at-inference",
       ("mean, var = self.running_mean, self.running_var",
        "mean, var, m = self.running_mean, self.running_var, x.size // x.shape[1]\n"
        "            self.running_mean = (1 - self.momentum) * mean + self.momentum * x.mean(axis=self.axes)\n"
        "            self.running_var = (1 - self.momentum) * var"
        " + self.momentum * x.var(axis=self.axes) * m / (m - 1)")),
    bn("dx-training", "backward always as in training", "dx-as-in-training",
       ("if not self.train_flg:\n            return scale * dout", "pass")),
    bn("dgamma-gamma", "dgamma times gamma", "dgamma-times-gamma", (DGAMMA, DGAMMA + " * self.gamma")),
    bn("dgamma-mean-alone", "dgamma averaged", "dgamma-only-mean", (DGAMMA, DGAMMA.replace(".sum(", ".mean("))),
    bn("dbeta-mean-alone", "dbeta averaged", "dbeta-only-mean", (DBETA, DBETA.replace(".sum(", ".mean("))),
    bn("squares", "E[x^2] - E[x]^2", "manner.float32-far",
       (MOMENTS, "mean = x.mean(axis=self.axes)\n            var = (x * x).mean(axis=self.axes) - mean * mean")),
    bn("statistics-of-the-class", "the running mean belongs to all layers", "exception",
       ("self.running_mean = np.zeros(len(gamma)) if", "BatchNorm.running_mean = np.zeros(len(gamma)) if"),
       (MEAN, MEAN.replace("self.running_mean = ", "BatchNorm.running_mean = "))),
    bn("only-64-channels", "64 channels", "when", (OUT,
       "out = " + OUT[7:] + "\n        out[:, 64:] = 0\n        return out")),
    bn("scaled", "off by 1e-4", "scaled", (OUT, OUT.replace("return ", "return 1.0001 * (") + ")")),
    bn("float16", "half precision", "precision", (OUT, OUT.replace("return ", "return (") + ').astype("f2")')),
    bn("dx-direct", "the direct way only", "dx-direct-only", (DX, "return scale * dout")),
    bn("dx-no-var", "not through the variance", "dx-without-variance", (DX, "return scale * (dout - through_mean)")),
    bn("dx-no-mean", "not through the mean", "dx-without-mean", (DX, "return scale * (dout - through_var)")),
    bn("dx-no-gamma", "dx without gamma", "dx-without-gamma",
       ("scale = self.gamma.reshape(self.as_C) * self.inv_std", "scale = self.inv_std")),
    bn("dgamma-batch", "dgamma and dbeta / N", "dbeta-batch", (DGAMMA, DGAMMA + " / len(dout)"),
       (DBETA, DBETA + " / len(dout)")),
    bn("dgamma-mean", "dgamma and dbeta averaged", "dbeta-mean", (DGAMMA, DGAMMA.replace(".sum(", ".mean(")),
       (DBETA, DBETA.replace(".sum(", ".mean("))),
    bn("dgamma-of-x", "dout * x", "dgamma-of-x", (AXES, AXES + "\n        self.raw = x"),
       (DGAMMA, DGAMMA.replace("dout * self.xn", "dout * self.raw"))),
    bn("only-images", "rows are refused", "exception", (AXES, "self.axes = (0, 2, 3)")),
    bn("stale", "the first batch's mean", "",
       (MOMENTS, MOMENTS + "\n            mean = self.kept = getattr(self, 'kept', mean)")),
]  # fmt: skip
