"""Mean normalization, wrong in one place."""

from .beyond import planted
from .witnesses import numbers

X, TRAIN = numbers((2, 3, 4, 5)), f"np.cos(2 * {numbers((6, 3, 4, 5))})"
mean = planted("mean_normalization", "mean", f"used(MeanNormalization({TRAIN}), {X})")
PIXEL = f"used(MeanNormalization({TRAIN}, True), {X})"
FIT, OUT, DX = (
    "self.average = train.mean(axis=every, keepdims=True)",
    "return x - self.average",
    "untouched = dout.copy()",
)
EVERY = "every = (0,) if per_pixel else (0, 2, 3)"
MUTANTS = [
    mean("of-batch", "the batch's mean", "of-batch", EVERY, EVERY.replace("every =", "self.every ="), FIT, "pass", OUT,
         "return x - x.mean(axis=self.every, keepdims=True)"),
    mean("of-image", "each image's mean", "of-image", OUT, "return x - x.mean(axis=(2, 3), keepdims=True)"),
    mean("of-everything", "one mean for all", "of-everything", FIT, "self.average = train.mean()"),
    mean("swapped", "kinds swapped", "kinds-swapped", EVERY, "every = (0, 2, 3) if per_pixel else (0,)"),
    mean("channel", "always per channel", "always-per-channel", EVERY, "every = (0, 2, 3)", shown=PIXEL),
    mean("pixel", "always per pixel", "always-per-pixel", EVERY, "every = (0,)"),
    mean("first", "the first image", "first-image", FIT, "self.average = train[:1]"),
    mean("added", "added", "added", OUT, "return x + self.average"),
    mean("nothing", "nothing subtracted", "not-subtracted", OUT, "return x.copy()"),
    mean("standardized", "divided by the deviation", "standardized", FIT,
         FIT + "\n        self.width = train.std(axis=every, keepdims=True)", OUT,
         "return (x - self.average) / self.width", DX, "untouched = dout / self.width"),
    mean("in-place", "x is changed", "state.changed-input", OUT, "x -= self.average\n        return x",
         shown=f"(x := {X}, MeanNormalization(x + 1).forward(x))[0]"),
    mean("scaled", "off by 1e-4", "scaled", OUT, "return (x - self.average) * 1.0001"),
    mean("float16", "half precision", "precision", OUT, 'return (x - self.average).astype("f2")'),
    mean("dx-centred", "the mean off dx", "dx-centred", DX,
         "untouched = dout - dout.mean(axis=(0, 2, 3), keepdims=True)"),
    mean("dx-zero", "dx 0", "dx-zero", DX, "untouched = 0 * dout"),
]  # fmt: skip
