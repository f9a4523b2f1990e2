"""Grouped convolution, wrong in one place."""

from .beyond import planted
from .witnesses import numbers

X = (2, 4, 5, 6)
MADE = f"GroupedConvolution({numbers((6, 2, 2, 3))}, {numbers((6,))}, 1, 0, 2)"
groups = planted("grouped_convolution", "groups", f"used({MADE}, {numbers(X)})")
PADDED = f"used(GroupedConvolution({numbers((6, 2, 2, 3))}, {numbers((6,))}, 1, 1, 2), {numbers(X)})"
STRIDED = f"used(GroupedConvolution({numbers((6, 2, 3, 2))}, {numbers((6,))}, 2, 0, 2), {numbers(X)})"
SHARES = "shares = np.split(x, self.groups, axis=1)"
KEPT = "self.groups = weights, biases, stride, pad, groups"
JOINED = "return np.concatenate([m.forward(share) for m, share in zip(self.members, shares)], axis=1)"
DW = "self.dW = np.concatenate([m.dW for m in self.members])"
DB = "self.db = np.concatenate([m.db for m in self.members])"
MUTANTS = [
    groups("interleaved", "every groups-th channel", "channels-interleaved", SHARES,
           "shares = [x[:, g :: self.groups] for g in range(self.groups)]"),
    groups("filters", "filters interleaved", "filters-interleaved", "zip(np.split(self.W, self.groups),",
           "zip([self.W[g :: self.groups] for g in range(self.groups)],"),
    groups("first", "all see the first group", "first-group-only", SHARES,
           "shares = [x[:, : x.shape[1] // self.groups]] * self.groups"),
    groups("turned", "groups in reverse", "", SHARES, SHARES + "[::-1]"),
    groups("bias-missing", "no bias", "bias-missing", "np.split(self.b, self.groups))",
           "np.split(0 * self.b, self.groups))"),
    groups("pad-ignored", "pad is not kept", "pad-ignored", KEPT,
           KEPT.replace("stride, pad", "stride, 0"),
           shown=PADDED),
    groups("stride-ignored", "stride is not kept", "stride-one-size", KEPT,
           KEPT.replace("stride, pad", "1, pad"), shown=STRIDED),
    groups("flipped", "true convolution", "flipped", KEPT, KEPT.replace("weights,", "weights[..., ::-1, ::-1],"), DW,
           DW + "[..., ::-1, ::-1]"),
    groups("scaled", "off by 1e-4", "scaled", JOINED, JOINED + " * 1.0001"),
    groups("float16", "half precision", "precision", JOINED, JOINED + '.astype("f2")'),
    groups("dW-averaged", "dW and db / N", "gradients-averaged", DW, DW + " / len(dout)", DB, DB + " / len(dout)"),
    groups("db-averaged", "db / N", "db-averaged", DB, DB + " / len(dout)"),
    groups("dW-turned", "dW's groups in reverse", "another-order", DW,
           DW.replace("in self.members]", "in self.members[::-1]]")),
    groups("dx-turned", "dx's groups in reverse", "another-order", "m, slope in zip(self.members, slopes)], axis=1)",
           "m, slope in zip(self.members, slopes)][::-1], axis=1)"),
    groups("dx-averaged", "dx / N", "dx-averaged", "        return joined", "        return joined / len(dout)"),
]  # fmt: skip
