# ruff: noqa: E501 (patches are lines of code inside strings)
"""Mutants of InvertedDropout: patches of impl/plain/dropout.py."""

from . import mutants_of

inv = mutants_of("inverted_dropout", "inverted_dropout")
OUT, DX = "return x * self.mask / (1 - self.ratio)", "return dout * self.mask / (1 - self.ratio)"
MASK = "self.mask = np.random.rand(*x.shape) >= self.ratio"
MUTANTS = [
    inv("book", "scaled at inference", "book", ("            return x.copy()",
        "            return x * (1 - self.ratio)")),
    inv("divided", "divided at inference", "inference-divided", ("            return x.copy()",
        "            return x / (1 - self.ratio)")),
    inv("not-scaled", "not scaled", "not-scaled", (OUT, "return x * self.mask"), (DX, "return dout * self.mask")),
    inv("multiplied", "multiplied", "multiplied", (OUT, "return x * self.mask * (1 - self.ratio)")),
    inv("by-ratio", "divided by the ratio", "by-ratio", (OUT, "return x * self.mask / max(self.ratio, 1e-9)")),
    inv("twice", "scaled twice", "scaled-twice", (OUT, OUT + "\n".rstrip() + " / (1 - self.ratio)")),
    inv("ratio-kept", "the ratio is the share kept", "ratio-is-kept", (MASK, MASK.replace(">=", "<"))),
    inv("nothing", "nothing dropped", "nothing-dropped", (MASK, "self.mask = np.ones(x.shape)"),
        (OUT, "return x / (1 - self.ratio)")),
    inv("normal", "randn for rand", "share", (MASK, MASK.replace("np.random.rand(", "np.random.randn("))),
    inv("seeded", "a seed in forward", "mask-kept", (MASK, "np.random.seed(1)\n        " + MASK)),
    inv("tenth-too-few", "a tenth too few", "share", (MASK, MASK.replace(">=", ">= 0.9 *"))),
    inv("one-for-batch", "one mask for the batch", "mask-repeats", (MASK,
        "self.mask = np.broadcast_to(np.random.rand(*x.shape[1:]) >= self.ratio, x.shape)")),
    inv("per-image", "whole images dropped", "mask-repeats", (MASK,
        "self.mask = np.broadcast_to(np.random.rand(len(x), *[1] * (x.ndim - 1)) >= self.ratio, x.shape)")),
    inv("dx-quotient", "dout times out / x", "backward-by-quotient",
        (OUT, "self.x, self.out = x, x * self.mask / (1 - self.ratio)\n        return self.out"),
        (DX, "return np.where(self.x == 0, dout, self.out / np.where(self.x == 0, 1, self.x) * dout)")),
    inv("dx-output", "the mask is read off the output", "backward-by-output",
        (OUT, "self.out = x * self.mask / (1 - self.ratio)\n        return self.out.copy()"),
        (DX, "return dout * (self.out != 0) / (1 - self.ratio)")),
    inv("mask-of-the-class", "one mask for all layers", "mask-shared",
        (MASK, MASK.replace("self.mask", "InvertedDropout.mask"))),
    inv("ratio-of-the-class", "one ratio for all layers", "manner.beside-another",
        ("self.ratio = ratio", "InvertedDropout.ratio = ratio")),
    inv("dx-not-scaled", "dx not scaled", "dx-not-scaled", (DX, "return dout * self.mask")),
    inv("dx-multiplied", "dx multiplied", "dx-multiplied", (DX, "return dout * self.mask * (1 - self.ratio)")),
    inv("dx-twice", "dx scaled twice", "dx-scaled-twice", (DX, DX + " / (1 - self.ratio)")),
    inv("dx-no-mask", "dout everywhere", "dx-no-mask", (DX, "return dout / (1 - self.ratio)")),
    inv("dx-other", "a mask of its own", "dx-other-mask",
        (DX, "return dout * (np.random.rand(*dout.shape) >= self.ratio) / (1 - self.ratio)")),
    inv("oldest-mask", "the masks stand in a list, the oldest first", "oldest-mask",
            (MASK, MASK + "\n        self.masks = [*getattr(self, 'masks', []), self.mask]"),
            (DX, "return dout * self.masks.pop(0) / (1 - self.ratio)")),
    inv("advice-infers-by-default", "inference without the flag", "infers-by-default", ("train_flg=True", "train_flg=False")),
    inv("share-kept", "divided by the share kept", "by-share-kept",
        (OUT, "return x * self.mask / max(self.mask.mean(), 1e-9)")),
    inv("dx-share-kept", "dout divided by the share kept", "dx-by-share-kept",
        (DX, "return dout * self.mask / max(self.mask.mean(), 1e-9)")),
]  # fmt: skip
