"""Transposed convolution, wrong in one place."""

from .beyond import planted, twice
from .witnesses import numbers


def made(x=(2, 3, 4, 5), W=(3, 4, 3, 2), stride=1, pad=0):
    return f"used(TransposedConvolution({numbers(W)}, {numbers(W[1:2])}, {stride}, {pad}), {numbers(x)})"


deconv = planted("transposed_convolution", "deconv", made())
PADDED, STRIDED = made(pad=1), made(stride=2)
STAMP = "sheet[:, :, r, c] += np.tensordot(x[:, :, i, j], self.W, (1, 0))"
OUT = "return kept + self.b[:, None, None]"
KEPT = "self.step, self.cut = weights, biases, stride, pad"
BACK = "back[:, :, i, j] = np.tensordot(sheet[:, :, r, c], self.W, ((1, 2, 3), (1, 2, 3)))"
DW, DB = (
    "self.dW += np.tensordot(self.stamped[:, :, i, j], sheet[:, :, r, c], (0, 0))",
    "self.db = dout.sum(axis=(0, 2, 3))\n        return back",
)
MUTANTS = [
    deconv("overwritten", "overlaps overwritten", "overlaps-overwritten", STAMP, STAMP.replace("+=", "=")),
    deconv("flipped", "W rotated", "flipped", STAMP, STAMP.replace("self.W,", "self.W[..., ::-1, ::-1],")),
    deconv("flipped-both", "W rotated everywhere", "flipped", KEPT,
           KEPT.replace("weights,", "weights[..., ::-1, ::-1],"),
           "return back\n", "self.dW = self.dW[..., ::-1, ::-1]\n        return back\n"),
    deconv("bias-missing", "no bias", "bias-missing", OUT, "return kept"),
    deconv("bias-doubled", "bias twice", "bias-doubled", OUT, "return kept + 2 * self.b[:, None, None]"),
    deconv("bias-channels", "bias once a channel", "bias-before-cut", OUT,
           "return kept + len(self.W) * self.b[:, None, None]"),
    deconv("pad-ignored", "nothing cut off", "pad-ignored", KEPT, KEPT.replace("stride, pad", "stride, 0"),
           shown=PADDED),
    deconv("pad-one-side", "cut off on one side", "pad-one-side",
           "kept = sheet[:, :, self.cut : size[0] - self.cut, self.cut : size[1] - self.cut]",
           "kept = sheet[:, :, : size[0] - 2 * self.cut, : size[1] - 2 * self.cut]", shown=PADDED),
    deconv("stride-ignored", "stride is not kept", "stride-ignored", KEPT, KEPT.replace("stride, pad", "1, pad"),
           shown=STRIDED),
    deconv("swapped", "stride and pad swapped", "", KEPT, KEPT.replace("stride, pad", "max(pad, 1), stride"),
           shown=made(stride=2, pad=1)),
    deconv("scaled", "off by 1e-4", "scaled", OUT, "return (kept + self.b[:, None, None]) * 1.0001"),
    deconv("float16", "half precision", "precision", OUT, 'return (kept + self.b[:, None, None]).astype("f2")'),
    deconv("dx-flipped", "dx by rotated W", "dx-flipped", BACK, BACK.replace("self.W,", "self.W[..., ::-1, ::-1],")),
    deconv("dW-last", "dW overwritten", "", DW, DW.replace("+=", "=")),
    deconv("dW-averaged", "dW / N", "dW-averaged", DW, DW + " / len(dout)"),
    deconv("db-averaged", "db / N", "db-averaged", DB, DB.replace("2, 3))", "2, 3)) / len(dout)")),
    deconv("db-mean", "db averaged", "db-mean", DB, DB.replace(".sum(", ".mean(")),
    deconv("stale", "the first call's x", "state.stale-input", "self.stamped = x",
           "self.stamped = getattr(self, 'stamped', x)",
           shown=twice(made()[5:].rpartition(", np.sin")[0], (2, 3, 4, 5))),
]  # fmt: skip
