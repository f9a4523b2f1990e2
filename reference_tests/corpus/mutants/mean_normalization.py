# ruff: noqa: E501 (patches are lines of code inside strings)
"""Mutants of MeanNormalization: patches of impl/plain/mean_normalization.py."""

from . import mutants_of

mean = mutants_of("mean_normalization", "mean")
FIT, OUT, DX = (
    "self.mean = train.mean(axis=axes, keepdims=True)",
    "return x - self.mean",
    "return dout.copy()",
)
EVERY = "axes = (0,) if per_pixel else (0, 2, 3)"
MUTANTS = [
    mean("of-batch", "the batch's mean", "of-batch", (EVERY, EVERY.replace("axes =", "self.axes =")), (FIT, "pass"),
         (OUT, "return x - x.mean(axis=self.axes, keepdims=True)")),
    mean("of-image", "each image's mean", "of-image", (OUT, "return x - x.mean(axis=(2, 3), keepdims=True)")),
    mean("of-everything", "one mean for all", "of-everything", (FIT, "self.mean = train.mean()")),
    mean("swapped", "kinds swapped", "kinds-swapped", (EVERY, "axes = (0, 2, 3) if per_pixel else (0,)")),
    mean("channel", "always per channel", "always-per-channel", (EVERY, "axes = (0, 2, 3)")),
    mean("pixel", "always per pixel", "always-per-pixel", (EVERY, "axes = (0,)")),
    mean("pixel-over-channels", "per pixel over the channels", "pixel-over-channels",
         (EVERY, EVERY.replace("(0,)", "(0, 1)"))),
    mean("first", "the first image", "first-image", (FIT, "self.mean = train[:1]")),
    mean("added", "added", "added", (OUT, "return x + self.mean")),
    mean("nothing", "nothing subtracted", "not-subtracted", (OUT, "return x.copy()")),
    mean("standardized", "divided by the deviation", "standardized",
         (FIT, FIT + "\n        self.width = train.std(axis=axes, keepdims=True)"),
         (OUT, "return (x - self.mean) / self.width"), (DX, "return dout / self.width")),
    mean("in-place", "x is changed", "state.changed-input", (OUT, "x -= self.mean\n        return x")),
    mean("scaled", "off by 1e-4", "scaled", (OUT, "return (x - self.mean) * 1.0001")),
    mean("float16", "half precision", "precision", (OUT, 'return (x - self.mean).astype("f2")')),
    mean("dx-centred", "the mean off dx", "dx-centred",
         (DX, "return dout - dout.mean(axis=(0, 2, 3), keepdims=True)")),
    mean("dx-zero", "dx 0", "dx-zero", (DX, "return 0 * dout")),
    mean("byte", "the mean in the type of x", "in-type-of-x", (OUT, "return x - self.mean.astype(x.dtype)"),
         (DX, "return dout.copy()")),
    mean("whole", "the mean cut to whole numbers", "whole",
         (FIT, "self.mean = np.floor(train.mean(axis=axes, keepdims=True))")),
    mean("dx-over-images", "the mean over the images off dx", "dx-centred",
         (DX, "return dout - dout.mean(axis=0, keepdims=True)")),
    mean("standardized-eps", "divided by std + 1e-8", "standardized", (FIT, FIT + "\n        self.std = train.std(axis=axes, keepdims=True) + 1e-8"),
         ("return x - self.mean", "return (x - self.mean) / self.std"), ("return dout.copy()", "return dout / self.std")),
    mean("standardized-forward", "divided in forward alone", "standardized", (FIT, FIT + "\n        self.std = train.std(axis=axes, keepdims=True) + 1e-7"),
         ("return x - self.mean", "return (x - self.mean) / self.std")),
    mean("standardized-by-one", "divided by one std of all", "standardized", (FIT, FIT + "\n        self.std = train.std()"),
         ("return x - self.mean", "return (x - self.mean) / self.std"), ("return dout.copy()", "return dout / self.std")),
    mean("pixels-divided", "x over 255", "pixels-divided", ("return x - self.mean", "return x / 255 - self.mean")),
    mean("negative-cut", "nothing below 0", "negative-cut", ("return x - self.mean", "return np.maximum(x - self.mean, 0)")),
    mean("dx-minus-mean", "the mean off dx", "dx-minus-mean", ("return dout.copy()", "return dout - self.mean")),
    mean("over-channels", "the mean over images and channels", "over-channels", (EVERY, EVERY.replace("(0, 2, 3)", "(0, 1)"))),
    mean("by-std-of-batch", "divided by the batch's deviation", "standardized", (OUT, "return (x - self.mean) / max(x.std(), 1e-300)")),
    *(mean(f"count-as-{kind}", f"the number of training images as {kind}", "count-in-a-byte",
           (FIT, f"self.mean = train.sum(axis=axes, keepdims=True) / np.array(train.size // train[:1].mean(axis=axes).size).astype('{kind}')"))
      for kind in ("i1", "u1")),
    mean("refuses-bytes", "subtracted in place from a copy", "exception.integers", (OUT, "out = x.copy()\n        out -= self.mean\n        return out")),
    mean("rounded", "rounded to six places", "manner.tiny-numbers", (OUT, "return np.round(x - self.mean, 6)")),
    mean("small-mean", "a mean near 0 is left out", "manner.tiny-numbers",
         (OUT, "return x.copy() if np.allclose(self.mean, 0) else x - self.mean")),
    mean("clipped", "numbers cut off at 1000", "clipped", (OUT, "return np.clip(x - self.mean, -1e3, 1e3)")),
]  # fmt: skip
