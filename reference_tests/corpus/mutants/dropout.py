# ruff: noqa: E501 (patches are lines of code inside strings)
"""Mutants of Dropout: patches of impl/plain/dropout.py."""

from . import mutants_of, replacing

DRAWN = "self.mask = np.random.rand(*x.shape) > self.dropout_ratio"
KEPT = "return x * self.mask"
SCALED = "return x * (1.0 - self.dropout_ratio)"
DX = "return dout * self.mask"
dropout = mutants_of("dropout", "dropout")
mask = replacing(dropout, DRAWN, "self.mask = {}")


# fmt: off
MUTANTS = [
    dropout("inverted", "scaled in training, as frameworks do", "inverted",
            (DRAWN, DRAWN.replace("= np", "= (np") + ") / (1 - self.dropout_ratio)"), (SCALED, "return x")),
    dropout("scaled-both", "scaled in training and at inference", "inverted",
            (DRAWN, DRAWN.replace("= np", "= (np") + ") / (1 - self.dropout_ratio)")),
    dropout("not-scaled", "not scaled at inference", "inference-not-scaled", (SCALED, "return x")),
    dropout("by-ratio", "scaled by the ratio", "inference-scaled-by-ratio", (SCALED, "return x * self.dropout_ratio")),
    dropout("divided", "divided at inference", "inference-divided", (SCALED, "return x / (1.0 - self.dropout_ratio)")),
    dropout("squared", "scaled twice", "inference-squared", (SCALED, "return x * (1.0 - self.dropout_ratio) ** 2")),
    dropout("inference-one-half", "scaled by one half", "inference-half", (SCALED, "return x * 0.5")),
    dropout("zeros", "zeros at inference", "inference-zero", (SCALED, "return x * 0")),
    dropout("mask-at-inference", "masked at inference", "mask-at-inference",
            (SCALED, "return x * (np.random.rand(*x.shape) > self.dropout_ratio)")),
    dropout("mask-and-scale", "masked and scaled at inference", "mask-at-inference",
            (SCALED, "return x * (1.0 - self.dropout_ratio) * (np.random.rand(*x.shape) > self.dropout_ratio)")),
    dropout("mask-left", "training's mask stays on at inference", "mask-at-inference", (SCALED,
            "return x * (1.0 - self.dropout_ratio) * (self.mask if getattr(self, 'mask', x[:0]).shape == x.shape else 1)")),
    dropout("flag-turned", "the flag the wrong way round", "flag-turned", ("if train_flg:", "if not train_flg:")),
    dropout("inference-half", "float16 at inference", "precision", (SCALED, SCALED.replace("x *", "x.astype('f2') *"))),
    dropout("inference-scaled", "off by 1e-4 at inference", "scaled", (SCALED, SCALED + " * 1.0001")),
    dropout("integer", "a whole buffer", "truncated",
            (SCALED, "return (x * (1.0 - self.dropout_ratio)).astype(x.dtype)")),
    dropout("x-in-place", "x is changed at inference", "state.changed-input",
            (SCALED, "x *= 1.0 - self.dropout_ratio\n        return x")),
    dropout("x-in-place-training", "x is changed in training", "state.changed-input",
            (KEPT, "x *= self.mask\n            return x")),
    dropout("training-scaled", "scaled by 1 - ratio in training", "scaled-in-training",
            (KEPT, KEPT + " * (1 - self.dropout_ratio)")),
    dropout("training-by-ratio", "scaled by the ratio in training", "scaled-by-ratio-in-training",
            (KEPT, KEPT + " * self.dropout_ratio")),
    dropout("mask-returned", "the mask is returned", "mask-returned", (KEPT, "return self.mask * 1.0")),
    dropout("training-half", "float16 in training", "imprecise", (KEPT, "return x.astype('f2') * self.mask")),
    dropout("training-1e-4", "off by 1e-4 in training", "imprecise", (KEPT, KEPT + " * 1.0001")),
    mask("keeps-ratio", "the ratio is kept", "ratio-is-kept", "np.random.rand(*x.shape) < self.dropout_ratio"),
    mask("randn", "normal numbers", "share", "np.random.randn(*x.shape) > self.dropout_ratio"),
    mask("one-half", "always one half", "share", "np.random.rand(*x.shape) > 0.5"),
    mask("keeps-all", "nothing dropped", "nothing-dropped", "np.random.rand(*x.shape) >= 0"),
    mask("keeps-none", "everything dropped", "nothing-kept", "np.random.rand(*x.shape) > 1"),
    mask("per-image", "whole images dropped", "mask-repeats",
         "np.broadcast_to(np.random.rand(len(x), *[1] * (x.ndim - 1)) > self.dropout_ratio, x.shape)"),
    mask("per-channel", "half the axes", "mask-repeats",
         "np.broadcast_to(np.random.rand(*x.shape[:2], *[1] * (x.ndim - 2)) > self.dropout_ratio, x.shape)"),
    mask("one-for-batch", "one mask for the batch", "mask-repeats",
         "np.broadcast_to(np.random.rand(*x.shape[1:]) > self.dropout_ratio, x.shape)"),
    mask("half-batch", "half a batch, repeated", "mask-repeats",
         "np.resize(np.random.rand(len(x) // 2 + 1, *x.shape[1:]) > self.dropout_ratio, x.shape)"),
    mask("last-axis", "one row of numbers", "mask-repeats",
         "np.broadcast_to(np.random.rand(x.shape[-1]) > self.dropout_ratio, x.shape)"),
    mask("seeded", "a seed in every forward", "mask-kept",
         "np.random.RandomState(0).rand(*x.shape) > self.dropout_ratio"),
    mask("kept", "the first mask is kept for its shape", "mask-kept",
         "self.mask if getattr(self, 'mask', x[:0]).shape == x.shape else np.random.rand(*x.shape) > self.dropout_ratio"),
    mask("always-one-half", "the ratio is not used", "share", "np.random.randint(0, 2, x.shape) == 1"),
    dropout("dx-all", "no mask in backward", "backward-no-mask", (DX, "return dout.copy()")),
    dropout("dx-other", "the dropped places pass", "backward-other-places", (DX, "return dout * ~self.mask")),
    dropout("dx-scaled", "dout scaled up", "backward-scaled", (DX, DX + " / (1 - self.dropout_ratio)")),
    dropout("dx-scaled-down", "dout scaled down", "backward-scaled", (DX, DX + " * (1 - self.dropout_ratio)")),
    dropout("dx-new", "a mask of its own", "backward-new-mask",
            (DX, "return dout * (np.random.rand(*dout.shape) > self.dropout_ratio)")),
    dropout("dx-mask", "the mask is returned", "dout-unused", (DX, "return self.mask * 1.0")),
    dropout("dx-stale", "the first forward's mask", "backward-stale-mask", (DX,
            "self.first = self.first if getattr(self, 'first', dout[:0]).shape == dout.shape else self.mask\n        return dout * self.first")),
    dropout("dx-used-up", "the mask is used up", "mask-used-up",
            (DX, "dx = dout * self.mask\n        self.mask = np.ones_like(dx)\n        return dx")),
    dropout("dx-half", "float16 gradient", "imprecise", (DX, "return (dout * self.mask).astype('f2')")),
    dropout("dx-1e-4", "the gradient off by 1e-4", "imprecise", (DX, DX + " * 1.0001")),
    dropout("advice-float32", "float32 inside", "precision",
            (SCALED, "return (x * (1.0 - self.dropout_ratio)).astype('f4')")),
    dropout("advice-in-place-dout", "backward writes into dout", "dropout.writes-dout",
            (DX, "dout *= self.mask\n        return dout")),
    dropout("advice-seed-when-made", "a seed is set when it is made", "mask-kept",
            ("self.dropout_ratio = dropout_ratio", "self.dropout_ratio = dropout_ratio\n        np.random.seed(0)")),
    dropout("advice-ratio", "another default ratio", "share", ("dropout_ratio=0.5", "dropout_ratio=0.15")),
]
# fmt: on
