# ruff: noqa: E501 (patches are lines of code inside strings)
"""Dropout, wrong in one place."""

from . import SEEN, Mutant

X = "np.arange(1.0, 121.0).reshape(4, 30)"


def seeded(then):
    """Dropout's masks as numbers: 4x30 places, so that two masks agree by chance only."""
    return f"(np.random.seed(1), d := Dropout(0.3), {then})[-1]"


TRAINED = seeded(f"used(d, {X}, train_flg=True)")
INFERRED = f"Dropout(0.3).forward({X}, train_flg=False)"
AGAIN = seeded(f"d.forward({X}), d.forward({X})")
DRAWN = "self.mask = np.random.rand(*x.shape) > self.dropout_ratio"
KEPT = "return x * self.mask"
SCALED = "return x * (1.0 - self.dropout_ratio)"
DX = "return dout * self.mask"


def dropout(name, text, code, *patch, witness=TRAINED):
    code = f"dropout.{code}" if "." not in code and code not in SEEN else code
    return Mutant(f"dropout-{name}", "dropout", text, code, patch, witness)


def mask(name, text, code, drawn, witness=TRAINED):
    return dropout(name, text, code, (DRAWN, f"self.mask = {drawn}"), witness=witness)


MUTANTS = [
    dropout(
        "inverted",
        "scaled in training, as frameworks do",
        "inverted",
        (DRAWN, DRAWN.replace("= np", "= (np") + ") / (1 - self.dropout_ratio)"),
        (SCALED, "return x"),
    ),
    dropout(
        "scaled-both",
        "scaled in training and at inference",
        "inverted",
        (DRAWN, DRAWN.replace("= np", "= (np") + ") / (1 - self.dropout_ratio)"),
    ),
    dropout("not-scaled", "not scaled at inference", "inference-not-scaled", (SCALED, "return x"), witness=INFERRED),
    dropout(
        "by-ratio",
        "scaled by the ratio",
        "inference-scaled-by-ratio",
        (SCALED, "return x * self.dropout_ratio"),
        witness=INFERRED,
    ),
    dropout(
        "divided",
        "divided at inference",
        "inference-divided",
        (SCALED, "return x / (1.0 - self.dropout_ratio)"),
        witness=INFERRED,
    ),
    dropout(
        "squared",
        "scaled twice",
        "inference-squared",
        (SCALED, "return x * (1.0 - self.dropout_ratio) ** 2"),
        witness=INFERRED,
    ),
    dropout("inference-one-half", "scaled by one half", "inference-half", (SCALED, "return x * 0.5"), witness=INFERRED),
    dropout("zeros", "zeros at inference", "inference-zero", (SCALED, "return x * 0"), witness=INFERRED),
    dropout(
        "mask-at-inference",
        "masked at inference",
        "mask-at-inference",
        (SCALED, "return x * (np.random.rand(*x.shape) > self.dropout_ratio)"),
        witness=INFERRED,
    ),
    dropout(
        "mask-and-scale",
        "masked and scaled at inference",
        "mask-at-inference",
        (SCALED, "return x * (1.0 - self.dropout_ratio) * (np.random.rand(*x.shape) > self.dropout_ratio)"),
        witness=INFERRED,
    ),
    dropout(
        "mask-left",
        "training's mask stays on at inference",
        "mask-at-inference",
        (
            SCALED,
            "return x * (1.0 - self.dropout_ratio) * (self.mask if getattr(self, 'mask', x[:0]).shape == x.shape else 1)",
        ),
        witness=seeded(f"d.forward({X}), d.forward({X}, train_flg=False)"),
    ),
    dropout(
        "flag-turned",
        "the flag the wrong way round",
        "flag-turned",
        ("if train_flg:", "if not train_flg:"),
        witness=INFERRED,
    ),
    dropout(
        "inference-half",
        "float16 at inference",
        "precision",
        (SCALED, SCALED.replace("x *", "x.astype('f2') *")),
        witness=f"Dropout(0.3).forward({X} / 7, train_flg=False)",
    ),
    dropout("inference-scaled", "off by 1e-4 at inference", "scaled", (SCALED, SCALED + " * 1.0001"), witness=INFERRED),
    dropout(
        "integer",
        "a whole buffer",
        "truncated",
        (SCALED, "return (x * (1.0 - self.dropout_ratio)).astype(x.dtype)"),
        witness=f"Dropout(0.3).forward({X}.astype(int), train_flg=False)",
    ),
    dropout(
        "x-in-place",
        "x is changed at inference",
        "state.changed-input",
        (SCALED, "x *= 1.0 - self.dropout_ratio\n        return x"),
        witness=f"(a := {X}, Dropout(0.3).forward(a, train_flg=False))[0]",
    ),
    dropout(
        "x-in-place-training",
        "x is changed in training",
        "state.changed-input",
        (KEPT, "x *= self.mask\n            return x"),
        witness=seeded(f"a := {X}, d.forward(a), a"),
    ),
    dropout(
        "training-scaled",
        "scaled by 1 - ratio in training",
        "scaled-in-training",
        (KEPT, KEPT + " * (1 - self.dropout_ratio)"),
    ),
    dropout(
        "training-by-ratio",
        "scaled by the ratio in training",
        "scaled-by-ratio-in-training",
        (KEPT, KEPT + " * self.dropout_ratio"),
    ),
    dropout("mask-returned", "the mask is returned", "mask-returned", (KEPT, "return self.mask * 1.0")),
    dropout(
        "training-half",
        "float16 in training",
        "imprecise",
        (KEPT, "return x.astype('f2') * self.mask"),
        witness=seeded(f"d.forward({X} / 7)"),
    ),
    dropout("training-1e-4", "off by 1e-4 in training", "imprecise", (KEPT, KEPT + " * 1.0001")),
    mask("keeps-ratio", "the ratio is kept", "ratio-is-kept", "np.random.rand(*x.shape) < self.dropout_ratio"),
    mask("randn", "normal numbers", "share", "np.random.randn(*x.shape) > self.dropout_ratio"),
    mask("one-half", "always one half", "share", "np.random.rand(*x.shape) > 0.5"),
    mask("keeps-all", "nothing dropped", "nothing-dropped", "np.random.rand(*x.shape) >= 0"),
    mask("keeps-none", "everything dropped", "nothing-kept", "np.random.rand(*x.shape) > 1"),
    mask(
        "per-image",
        "whole images dropped",
        "mask-repeats",
        "np.broadcast_to(np.random.rand(len(x), *[1] * (x.ndim - 1)) > self.dropout_ratio, x.shape)",
    ),
    mask(
        "per-channel",
        "half the axes",
        "mask-repeats",
        "np.broadcast_to(np.random.rand(*x.shape[:2], *[1] * (x.ndim - 2)) > self.dropout_ratio, x.shape)",
        witness=seeded(f"used(d, {X}.reshape(4, 3, 10))"),
    ),
    mask(
        "one-for-batch",
        "one mask for the batch",
        "mask-repeats",
        "np.broadcast_to(np.random.rand(*x.shape[1:]) > self.dropout_ratio, x.shape)",
    ),
    mask(
        "half-batch",
        "half a batch, repeated",
        "mask-repeats",
        "np.resize(np.random.rand(len(x) // 2 + 1, *x.shape[1:]) > self.dropout_ratio, x.shape)",
    ),
    mask(
        "last-axis",
        "one row of numbers",
        "mask-repeats",
        "np.broadcast_to(np.random.rand(x.shape[-1]) > self.dropout_ratio, x.shape)",
    ),
    mask(
        "seeded", "a seed in every forward", "mask-kept", "np.random.RandomState(0).rand(*x.shape) > self.dropout_ratio"
    ),
    mask(
        "kept",
        "the first mask is kept for its shape",
        "mask-kept",
        "self.mask if getattr(self, 'mask', x[:0]).shape == x.shape else np.random.rand(*x.shape) > self.dropout_ratio",
        witness=AGAIN,
    ),
    mask("always-one-half", "the ratio is not used", "share", "np.random.randint(0, 2, x.shape) == 1"),
    dropout("dx-all", "no mask in backward", "backward-no-mask", (DX, "return dout.copy()")),
    dropout("dx-other", "the dropped places pass", "backward-other-places", (DX, "return dout * ~self.mask")),
    dropout("dx-scaled", "dout scaled up", "backward-scaled", (DX, DX + " / (1 - self.dropout_ratio)")),
    dropout("dx-scaled-down", "dout scaled down", "backward-scaled", (DX, DX + " * (1 - self.dropout_ratio)")),
    dropout(
        "dx-new",
        "a mask of its own",
        "backward-new-mask",
        (DX, "return dout * (np.random.rand(*dout.shape) > self.dropout_ratio)"),
    ),
    dropout("dx-mask", "the mask is returned", "dout-unused", (DX, "return self.mask * 1.0")),
    dropout(
        "dx-stale",
        "the first forward's mask",
        "backward-stale-mask",
        (
            DX,
            "self.first = self.first if getattr(self, 'first', dout[:0]).shape == dout.shape else self.mask\n        return dout * self.first",
        ),
        witness=seeded(f"used(d, {X}), used(d, {X})"),
    ),
    dropout(
        "dx-used-up",
        "the mask is used up",
        "mask-used-up",
        (DX, "dx = dout * self.mask\n        self.mask = np.ones_like(dx)\n        return dx"),
        witness=seeded(f"d.forward({X}), d.backward({X}), d.backward({X})"),
    ),
    dropout(
        "dx-half",
        "float16 gradient",
        "imprecise",
        (DX, "return (dout * self.mask).astype('f2')"),
        witness=seeded(f"d.forward({X}), d.backward({X} / 7)"),
    ),
    dropout("dx-1e-4", "the gradient off by 1e-4", "imprecise", (DX, DX + " * 1.0001")),
    dropout(
        "advice-float32",
        "float32 inside",
        "precision",
        (SCALED, "return (x * (1.0 - self.dropout_ratio)).astype('f4')"),
        witness=f"Dropout(0.3).forward({X} / 7, train_flg=False).dtype == float",
    ),
    dropout(
        "advice-in-place-dout",
        "backward writes into dout",
        "dropout.writes-dout",
        (DX, "dout *= self.mask\n        return dout"),
        witness=seeded(f"d.forward({X}), a := {X}, d.backward(a), a"),
    ),
    dropout(
        "advice-seed-when-made",
        "a seed is set when it is made",
        "mask-kept",
        ("self.dropout_ratio = dropout_ratio", "self.dropout_ratio = dropout_ratio\n        np.random.seed(0)"),
        witness=f"(np.random.seed(5), Dropout(0.3).forward({X}))[-1]",
    ),
    dropout(
        "advice-ratio",
        "another default ratio",
        "share",
        ("dropout_ratio=0.5", "dropout_ratio=0.15"),
        witness="Dropout().dropout_ratio",
    ),
]
