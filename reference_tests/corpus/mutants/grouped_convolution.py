"""Mutants of GroupedConvolution: patches of impl/plain/grouped_convolution.py."""

from . import mutants_of

groups = mutants_of("grouped_convolution", "groups")
SHARES = "parts = np.split(x, self.groups, axis=1)"
KEPT = "self.groups = W, b, stride, pad, groups"
JOINED = "return np.concatenate([conv.forward(part) for conv, part in zip(self.convs, parts)], axis=1)"
DW = "self.dW = np.concatenate([conv.dW for conv in self.convs])"
DB = "self.db = np.concatenate([conv.db for conv in self.convs])"
MUTANTS = [
    groups("interleaved", "every groups-th channel", "channels-interleaved",
           (SHARES, "parts = [x[:, g :: self.groups] for g in range(self.groups)]")),
    groups("filters", "filters interleaved", "filters-interleaved", ("zip(np.split(self.W, self.groups),",
           "zip([self.W[g :: self.groups] for g in range(self.groups)],")),
    groups("first", "all see the first group", "first-group-only",
           (SHARES, "parts = [x[:, : x.shape[1] // self.groups]] * self.groups")),
    groups("turned", "groups in reverse", "", (SHARES, SHARES + "[::-1]")),
    groups("bias-missing", "no bias", "bias-missing", ("np.split(self.b, self.groups))",
           "np.split(0 * self.b, self.groups))")),
    groups("pad-ignored", "pad is not kept", "pad-ignored",
           (KEPT, KEPT.replace("stride, pad", "stride, 0"))),
    groups("stride-ignored", "stride is not kept", "stride-one-size",
           (KEPT, KEPT.replace("stride, pad", "1, pad"))),
    groups("flipped", "true convolution", "flipped", (KEPT, KEPT.replace("W,", "W[..., ::-1, ::-1],")),
           (DW, DW + "[..., ::-1, ::-1]")),
    groups("scaled", "off by 1e-4", "scaled", (JOINED, JOINED + " * 1.0001")),
    groups("float16", "half precision", "precision", (JOINED, JOINED + '.astype("f2")')),
    groups("dW-averaged", "dW and db / N", "gradients-averaged", (DW, DW + " / len(dout)"), (DB, DB + " / len(dout)")),
    groups("db-averaged", "db / N", "db-averaged", (DB, DB + " / len(dout)")),
    groups("dW-turned", "dW's groups in reverse", "another-order",
           (DW, DW.replace("in self.convs]", "in self.convs[::-1]]"))),
    groups("dx-turned", "dx's groups in reverse", "another-order", ("conv, part in zip(self.convs, douts)], axis=1)",
           "conv, part in zip(self.convs, douts)][::-1], axis=1)")),
    groups("dx-averaged", "dx / N", "dx-averaged", ("        return dx", "        return dx / len(dout)")),
]  # fmt: skip
