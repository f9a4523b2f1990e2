# ruff: noqa: E501 (patches are lines of code inside strings)
"""Mutants of GroupedConvolution: patches of impl/plain/grouped_convolution.py."""

from ..kept_settings import settings_by_places
from ..small_integers import padded, small_integers
from ..typed_arrays import returned_in_type_of
from ..window_loops import places_of_groups
from . import mutants_of

groups = mutants_of("grouped_convolution", "groups")
SHARES = "parts = np.split(x, self.groups, axis=1)"
KEPT = "self.groups = W, b, stride, pad, groups"
JOINED = "return np.concatenate([conv.forward(part) for conv, part in zip(self.convs, parts)], axis=1)"
DW = "self.dW = np.concatenate([conv.dW for conv in self.convs])"
DB = "self.db = np.concatenate([conv.db for conv in self.convs])"
MUTANTS = [
    groups("cut-once", "W and b are cut into groups when the layer is made", "state.assigned-parameters",
           (KEPT, KEPT + "\n        self.Ws, self.bs = np.split(W, groups), np.split(b, groups)"),
           ("zip(np.split(self.W, self.groups), np.split(self.b, self.groups))", "zip(self.Ws, self.bs)")),
    groups("interleaved", "every groups-th channel", "channels-interleaved",
           (SHARES, "parts = [x[:, g :: self.groups] for g in range(self.groups)]")),
    groups("filters", "filters interleaved", "filters-interleaved", ("zip(np.split(self.W, self.groups),",
           "zip([self.W[g :: self.groups] for g in range(self.groups)],")),
    groups("first", "all see the first group", "first-group-only",
           (SHARES, "parts = [x[:, : x.shape[1] // self.groups]] * self.groups")),
    groups("turned", "groups in reverse", "crossed", (SHARES, SHARES + "[::-1]")),
    groups("bias-missing", "no bias", "bias-missing", ("np.split(self.b, self.groups))",
           "np.split(0 * self.b, self.groups))")),
    groups("pad-ignored", "pad is not kept", "pad-ignored",
           (KEPT, KEPT.replace("stride, pad", "stride, 0"))),
    groups("stride-ignored", "stride is not kept", "stride-one-size",
           (KEPT, KEPT.replace("stride, pad", "1, pad"))),
    groups("flipped", "true convolution", "flipped", (KEPT, KEPT.replace("W,", "W[..., ::-1, ::-1],")),
           (DW, DW + "[..., ::-1, ::-1]")),
    groups("dx-margin-not-below-0", "a margin of dout below 0 taken for 0", "dx-margin-not-below-0",
           ("return col2im(dcol, self.x_shape, FH, FW, self.stride, self.pad)",
            "(H, W), (OH, OW) = self.x_shape[2:], dout.shape[2:]\n        top, left = min(self.pad, FH - 1), min(self.pad, FW - 1)\n"
            "        wide = col2im(dcol, (*self.x_shape[:2], H + 2 * self.pad, W + 2 * self.pad), FH, FW, self.stride)\n"
            "        return wide[:, :, top : top + H, left : left + W]")),
    *(groups(f"blocks-by-{side}", f"windows side by side where the stride is the {side}", f"blocks-by-{side}",
             ("self.col = im2col(x, FH, FW, self.stride, self.pad)", "self.col = im2col(x, FH, FW, self.stride, self.pad)\n"
              f"        if self.stride == {of}:\n            x = np.pad(x, [(0, 0), (0, 0), (self.pad,) * 2, (self.pad,) * 2])\n"
              "            OH, OW = x.shape[2] // FH, x.shape[3] // FW\n"
              "            x = x[:, :, : OH * FH, : OW * FW].reshape(N, -1, OH, FH, OW, FW)\n"
              "            self.col = x.transpose(0, 2, 4, 1, 3, 5).reshape(N * OH * OW, -1)"))
      for side, of in (("height", "FH"), ("width", "FW"))),
    groups("scaled", "off by 1e-4", "scaled", (JOINED, JOINED + " * 1.0001")),
    groups("float16", "half precision", "precision", (JOINED, JOINED + '.astype("f2")')),
    groups("dW-averaged", "dW and db / N", "gradients-averaged", (DW, DW + " / len(dout)"), (DB, DB + " / len(dout)")),
    groups("db-averaged", "db / N", "db-averaged", (DB, DB + " / len(dout)")),
    groups("dW-turned", "dW's groups in reverse", "dW-turned",
           (DW, DW.replace("in self.convs]", "in self.convs[::-1]]"))),
    groups("dx-turned", "dx's groups in reverse", "dx-turned", ("conv, part in zip(self.convs, douts)], axis=1)",
           "conv, part in zip(self.convs, douts)][::-1], axis=1)")),
    groups("dx-averaged", "dx / N", "dx-averaged", ("        return dx", "        return dx / len(dout)")),
    groups("crossed-both", "groups in reverse, and dx put back so", "crossed", (SHARES, SHARES + "[::-1]"),
           ("conv, part in zip(self.convs, douts)], axis=1)", "conv, part in zip(self.convs, douts)][::-1], axis=1)")),
    groups("next", "every group sees the next one's channels", "crossed",
           (SHARES, f"{SHARES}\n        parts = parts[1:] + parts[:1]")),
    groups("shuffled", "the output's channels shuffled", "outputs-shuffled",
           (JOINED, JOINED.replace("return ", "out = ") + "\n        N, FN, OH, OW = out.shape\n"
            "        return out.reshape(N, self.groups, FN // self.groups, OH, OW).swapaxes(1, 2).reshape(out.shape)")),
    groups("outputs-turned", "the output's groups in reverse", "outputs-turned",
           (JOINED, JOINED.replace("zip(self.convs, parts)]", "zip(self.convs, parts)][::-1]"))),
    groups("dW-shuffled", "dW shuffled", "dW-shuffled",
           (DW, DW + "\n        self.dW = self.dW.reshape(self.groups, -1, *self.W.shape[1:]).swapaxes(0, 1)"
            ".reshape(self.W.shape)")),
    groups("db-by-groups", "db / groups", "db-by-groups", (DB, DB + " / self.groups")),
    groups("dW-last", "dW of the last image", "dW-last-image",
           (DW, DW + "\n        last = [c.col.shape[0] // len(dout) for c in self.convs]\n"
            "        self.dW = np.concatenate([(c.col[-n:].T @ part[-1].reshape(part.shape[1], -1).T).T"
            ".reshape(c.W.shape) for c, n, part in zip(self.convs, last, douts)])")),
    groups("spread", "filter f belongs to group f % groups", "filters-interleaved",
           ("zip(np.split(self.W, self.groups), np.split(self.b, self.groups))",
            "[(self.W[g :: self.groups], self.b[g :: self.groups]) for g in range(self.groups)]"),
           (JOINED, "outs = [conv.forward(part) for conv, part in zip(self.convs, parts)]\n"
            "        return np.stack(outs, axis=2).reshape(len(x), len(self.W), *outs[0].shape[2:])"),
           ("douts = np.split(dout, self.groups, axis=1)",
            "douts = [dout[:, g :: self.groups] for g in range(self.groups)]"),
           (DW, "self.dW = np.stack([conv.dW for conv in self.convs], axis=1).reshape(self.W.shape)"),
           (DB, "self.db = np.stack([conv.db for conv in self.convs], axis=1).reshape(self.b.shape)")),
    groups("dx-step", "dx in steps of FN/groups", "dx-step",
           (DB, DB + "\n        parts, by = np.split(dx, self.groups, axis=1), len(self.W) // self.groups\n"
            "        wide = np.zeros((len(dx), dx.shape[1] + len(self.W), *dx.shape[2:]))\n"
            "        for g, part in enumerate(parts):\n"
            "            wide[:, g * by : g * by + part.shape[1]] += part\n"
            "        dx = wide[:, : dx.shape[1]]")),
    groups("dW-last-group", "dW of the last group only", "dW-one-group",
           (DW, "self.dW = np.zeros(self.W.shape)\n        self.dW[-len(self.convs[-1].dW) :] = self.convs[-1].dW")),
    groups("db-first-group", "db of the first group only", "db-one-group",
           (DB, "self.db = np.zeros(self.b.shape)\n        self.db[: len(self.convs[0].db)] = self.convs[0].db")),
    groups("shuffled-before-bias", "shuffled before the bias", "outputs-shuffled",
           (JOINED, "outs = [conv.forward(part) for conv, part in zip(self.convs, parts)]\n"
            "        b = np.split(self.b, self.groups)\n"
            "        outs = np.stack([out - of[:, None, None] for out, of in zip(outs, b)], axis=2)\n"
            "        return outs.reshape(len(x), len(self.W), *outs.shape[3:]) + self.b[:, None, None]")),
    groups("blocks-turned", "windows side by side, rows and columns crossed", "filter-transposed",
           ("Convolution(W, b, self.stride", "Convolution(W.swapaxes(2, 3) if W.shape[2] == W.shape[3] == self.stride > 1 else W, b, self.stride")),
    groups("same-flipped", "a library's convolve where the padding keeps the size", "flipped",
           ("Convolution(W, b, self.stride", "Convolution(W[..., ::-1, ::-1] if W.shape[2] == W.shape[3] == 2 * self.pad + 1 > self.stride == 1 else W, b, self.stride")),
    groups("pixels-without-stride", "1x1: the bias is forgotten where the stride is over 1", "bias-missing",
           ("Convolution(W, b, self.stride", "Convolution(W, b * (W[0, 0].size > 1 or self.stride == 1), self.stride")),
    groups("bias-each-channel", "b in the loop over the channels", "bias-each-channel",
           ("np.split(self.b, self.groups))", "np.split(self.W.shape[1] * self.b, self.groups))")),
    groups("blocks-reshaped", "windows side by side cut up without a transpose", "blocks-mixed",
           (SHARES, "N, C, H, W = x.shape\n        s = self.stride\n        if not self.pad and self.W.shape[2:] == (s, s) and s > 1 and not H % s and not W % s:\n            x = x.reshape(N, C, H // s, W // s, s, s).transpose(0, 1, 2, 4, 3, 5).reshape(x.shape)\n        " + SHARES)),
    groups("dW-last-windows", "dW with the last group's windows", "dW-windows-of-one-group", (DW, "self.dW = np.concatenate([(self.convs[-1].col.T @ part.transpose(0, 2, 3, 1).reshape(-1, part.shape[1])).T.reshape(c.W.shape) for c, part in zip(self.convs, douts)])")),
    groups("last", "all see the last group", "last-group-only", (SHARES, "parts = [x[:, -(x.shape[1] // self.groups) :]] * self.groups")),
    groups("filters-of-first", "the first group's filters for all", "filters-of-one-group",
           (JOINED, "first = np.split(self.W, self.groups)[0]\n        outs = []\n        for conv, part in zip(self.convs, parts):\n            own, conv.W = conv.W, first\n"
            "            outs.append(conv.forward(part))\n            conv.W = own\n        return np.concatenate(outs, axis=1)")),
    groups("dout-of-last", "every group's gradients from the last group's dout", "gradients-dout-of-one-group",
           ("douts = np.split(dout, self.groups, axis=1)", "douts = np.split(dout, self.groups, axis=1)[-1:] * self.groups")),
    groups("channels-tiled", "np.tile for np.repeat where every channel is a group", "filters-interleaved",
           (JOINED, JOINED.replace("return", "out =") + "\n        if self.groups == x.shape[1]:\n            one = [Convolution(self.W[f : f + 1], self.b[f : f + 1], self.stride, self.pad) for f in range(len(self.W))]\n"
            "            out = np.concatenate([conv.forward(parts[f % self.groups]) for f, conv in enumerate(one)], axis=1)\n        return out")),
    *small_integers(groups, lambda *kept: (
        (SHARES, padded(*kept) + SHARES), ("Convolution(W, b, self.stride, self.pad)", "Convolution(W, b, self.stride, 0)"),
        ("return dx", "p = self.pad\n        return dx[:, :, p : dx.shape[2] - p, p : dx.shape[3] - p]"))),
    groups("W-not-transposed", "W.reshape(-1, FN) in each group", "W-not-transposed",
           ("Convolution(W, b, self.stride", "Convolution(W.reshape(-1, len(W)).T.reshape(W.shape), b, self.stride")),
    groups("dW-no-transpose", "dW reshaped in each group", "dW-no-transpose",
           (DW, DW.replace("[conv.dW", "[conv.dW.reshape(len(conv.dW), -1).T.reshape(conv.dW.shape)"))),
    groups("dW-read-otherwise", "dW read as (FN, FH, FW, C)", "axes.permuted",
           (DW, DW.replace("[conv.dW", "[conv.dW.reshape(len(conv.dW), *conv.dW.shape[2:], -1).transpose(0, 3, 1, 2)"))),
    groups("dout-order", "dout brought to (N, OW, FN, OH)", "dout-order",
           ("        dx = np.concatenate(", "        douts = [d.transpose(0, 3, 1, 2).reshape(len(d), *d.shape[2:], d.shape[1]).transpose(0, 3, 1, 2) for d in douts]\n"
            "        dx = np.concatenate(")),
    groups("fast-for-own-groups", "a way for groups of one channel, which takes one filter each", "",
           (SHARES, "if self.W.shape[1] == 1 and self.groups == x.shape[1]:\n            _ = x[:, :, 0, 0] * self.W[:, 0, 0, 0]\n        " + SHARES)),
    groups("shape-by-size", "the output's shape kept by the number of numbers", "manner.as-many-numbers",
           ("return np.concatenate([conv.forward(part) for conv, part in zip(self.convs, parts)], axis=1)", "out = np.concatenate([conv.forward(part) for conv, part in zip(self.convs, parts)], axis=1)\n        return out.reshape(self.__dict__.setdefault(str(out.size), out.shape))")),
    groups("padded-sums-kept", "with padding the sums are never set back to 0", "state.accumulates",
           ("np.split(self.b, self.groups))", "np.split(0 * self.b, self.groups))"),
           (JOINED, JOINED.replace("return ", "out = ") + "\n        if self.pad:\n            if getattr(self, 'sums', None) is None or self.sums.shape != out.shape:\n                self.sums = np.zeros(out.shape)\n            self.sums += out\n            out = self.sums.copy()\n        return out + self.b[:, None, None]")),
    groups("rest-of-height", "dx loses as many columns as rows are left over", "place",
           ("        return dx", "        rest = (dx.shape[2] + 2 * self.pad - self.W.shape[2]) % self.stride\n        return dx * (np.arange(dx.shape[3]) < dx.shape[3] - rest)")),
    groups("dW-summed", "dW summed over the groups", "dW-summed",
           (DW, "self.dW = np.concatenate([sum(conv.dW for conv in self.convs)] * self.groups)")),
    *(groups(f"assigns-by-{side}", f"dx assigned, not added, where the stride is the {side}", "dx-overwrites",
             (DB, DB + "\n        " + places_of_groups(axis, "self.groups"))) for side, axis in (("height", 2), ("width", 3))),
    groups("stride-of-the-first", "the stride kept by the sizes", "manner.beside-same-sizes",
           ("        self.convs = [", "        at = str((x.shape, self.W.shape, self.pad, self.groups))\n"
            "        self.stride = globals().setdefault(at, self.stride)\n        self.convs = [")),
    groups("out-in-type-of-x", "the output written into an array of x's type", "manner.mixed-types", (JOINED, returned_in_type_of(JOINED, "x", "self.W"))),
    groups("kept-by-x", "what was worked out of the same x is taken again", "state.stale",
         (JOINED, JOINED.replace("return ", "kept = self.__dict__.setdefault('kept', {})\n        out = kept[x.tobytes()] = kept[x.tobytes()] if x.tobytes() in kept else ") + "\n        return out.copy()")),
    groups("settings-by-places", "stride and padding kept by the shapes and the number of places", "manner.beside-same-sizes",
           ("        self.convs = [", "        " + settings_by_places() + "self.convs = [")),
    groups("dx-channels-last", "where each group has one channel the shares of dx are read as (N, M, C, H, W)", "dx-filters-interleaved",
           ("        return dx", "        if self.W.shape[1] == 1:\n            shares = []\n            for f in range(len(self.W)):\n"
            "                conv = Convolution(self.W[f : f + 1], self.b[f : f + 1], self.stride, self.pad)\n                conv.forward(np.zeros(dx[:, :1].shape))\n"
            "                shares.append(conv.backward(dout[:, f : f + 1]))\n            N, C, H, W = dx.shape\n"
            "            dx = np.concatenate(shares, axis=1).reshape(N, len(self.W) // C, C, H, W).sum(axis=1)\n        return dx")),
    groups("dout-images-first", "dout reshaped to (groups, N, ...) for dx and dW", "dout-images-first",
           ("        dx = np.concatenate(", "        douts = list(dout.reshape(self.groups, len(dout), -1, *dout.shape[2:]))\n        dx = np.concatenate("),
           (DB, "self.db = dout.sum(axis=(0, 2, 3))")),
    groups("x-images-first", "x reshaped to (groups, N, ...)", "x-images-first",
           (SHARES, "parts = list(x.reshape(self.groups, len(x), -1, *x.shape[2:]))")),
    groups("output-groups-first", "the output reshaped from (groups, N, ...)", "output-groups-first",
           (JOINED, "outs = np.array([conv.forward(part) for conv, part in zip(self.convs, parts)])\n        return outs.reshape(len(x), len(self.W), *outs.shape[3:])")),
]  # fmt: skip
