# ruff: noqa: E501 (patches are lines of code inside strings)
"""Mutants of PointwiseConvolution: patches of impl/plain/pointwise_convolution.py."""

from ..kept_arrays import of_all_layers
from ..typed_arrays import in_type_of, returned_in_type_of
from . import mutants_of

point = mutants_of("pointwise_convolution", "pointwise")
OUT = 'return np.einsum("fc,nchw->nfhw", self.W[:, :, 0, 0], x) + self.b[:, None, None]'
DW = 'self.dW = np.einsum("nfhw,nchw->fc", dout, self.x)[:, :, None, None]'
READ_LAST = (
    DW,
    "N, C, H, W = self.x.shape\n        self.x = self.x.reshape(N, H, W, C).transpose(0, 3, 1, 2)\n        " + DW,
)
DB, DX = 'self.db = np.einsum("nfhw->f", dout)', 'return np.einsum("fc,nfhw->nchw", self.W[:, :, 0, 0], dout)'
MUTANTS = [
    *(point(f"{what}-squeezed{way}", f"{what} squeezed", "exception.squeezed", (line, new))
      for what, way, line, new in (
        ("W", "", OUT, "return np.tensordot(x, self.W.squeeze(), (1, 1)).transpose(0, 3, 1, 2) + self.b[:, None, None]"),
        ("W", "-before", OUT, "W = np.squeeze(self.W)\n        return np.tensordot(x, W, (1, 1)).transpose(0, 3, 1, 2) + self.b[:, None, None]"),
        ("dout", "", DX, "return np.tensordot(np.squeeze(dout), self.W[:, :, 0, 0], (1, 0)).transpose(0, 3, 1, 2)"),
      )),
    point("reshaped", "no transpose at the end", "no-transpose",
          (OUT, 'out = np.einsum("fc,nchw->nhwf", self.W[:, :, 0, 0], x) + self.b\n'
          "        return out.reshape(len(x), -1 if x.size else len(self.W), *x.shape[2:])")),
    point("W-turned", "W read as (C, FN)", "W-not-transposed",
          (OUT, OUT.replace("self.W[:, :, 0, 0]", "self.W.reshape(self.W.shape[1], -1).T"))),
    point("averaged", "channels averaged", "channels-averaged",
          (OUT, OUT.replace("0, 0], x)", "0, 0] / x.shape[1], x)")),
          (DW, DW + " / dout.shape[0] * dout.shape[0]")),
    point("first", "the first channel only", "first-channel-only",
          (OUT, OUT.replace("0, 0], x)", "0, 0][:, :1], x[:, :1])"))),
    point("bias-missing", "no bias", "bias-missing", (OUT, OUT.replace(" + self.b[:, None, None]", ""))),
    point("bias-doubled", "bias twice", "bias-doubled", (OUT, OUT + " * 2")),
    point("scaled", "off by 1e-4", "scaled", (OUT, OUT.replace("return ", "return 1.0001 * (") + ")")),
    point("float16", "half precision", "precision", (OUT, OUT.replace("return ", "return (") + ').astype("f2")')),
    point("dW-averaged", "dW / N", "dW-averaged", (DW, DW + " / len(dout)")),
    point("db-mean", "db averaged", "db-mean", (DB, "self.db = dout.mean(axis=(0, 2, 3))")),
    point("dx-averaged", "dx / N", "dx-averaged", (DX, DX + " / len(dout)")),
    point("dout-ignored", "dout taken for ones", "dout-ignored", (DW, "dout = np.ones_like(dout)\n        " + DW)),
    point("stale", "the first call's x", "state.stale-input", ("self.x = x",
          "self.x = getattr(self, 'x', x)")),
    point("pixels", "x reshaped without a transpose", "pixels-no-transpose",
          (OUT, "N, C, H, W = x.shape\n        out = x.reshape(N * H * W, C) @ self.W[:, :, 0, 0].T + self.b\n"
           "        return out.reshape(N, H, W, len(self.W)).transpose(0, 3, 1, 2)"),
          READ_LAST),
    point("pixels-both", "x and out reshaped without a transpose", "pixels-no-transpose",
          (OUT, "N, C, H, W = x.shape\n        out = x.reshape(N * H * W, C) @ self.W[:, :, 0, 0].T + self.b\n"
           "        return out.reshape(N, len(self.W), H, W)"),
          READ_LAST),
    *(point(f"dout-as-it-comes-for-{what}", f"dout reshaped to rows as it comes, for {what}", "dout-no-transpose",
            (line, f"rows = dout.reshape(len(dout), *dout.shape[2:], dout.shape[1])\n        {line.replace(of, 'nhwf').replace('dout)', 'rows)').replace('dout,', 'rows,')}"))
      for what, line, of in (("dW", DW, "nfhw"), ("dx", DX, "nfhw"))),
    point("dout-by-channels-for-dW", "dout reshaped to one channel a row as it comes, for dW", "dout-order",
          (DW, "rows = dout.reshape(dout.shape[1], len(dout), *dout.shape[2:]).transpose(1, 0, 2, 3)\n        " + DW.replace("dout,", "rows,"))),
    point("db-last", "db of the last image", "db-last-image", (DB, "self.db = dout[-1].sum(axis=(1, 2))")),
    point("dout-no-transpose", "dout read as if its channels came last", "dout-no-transpose",
          (DW, "dout = dout.reshape(len(dout), *dout.shape[2:], dout.shape[1]).transpose(0, 3, 1, 2)\n        " + DW)),
    point("bias-each-channel", "b in the loop over the channels", "bias-each-channel",
          (OUT, OUT.replace("self.b[", "x.shape[1] * self.b["))),
    point("W-copied", "a copy of W", "state.stale-parameters",
          ("self.W, self.b = W, b", "self.W, self.b, self.kept = W, b, W.copy()"),
          (OUT, OUT.replace("self.W[", "self.kept[")), (DX, DX.replace("self.W[", "self.kept["))),
    point("W-cut-once", "W's matrix is taken when the layer is made", "state.assigned-parameters",
          ("self.W, self.b = W, b", "self.W, self.b, self.matrix = W, b, W[:, :, 0, 0]"),
          *((line, line.replace("self.W[:, :, 0, 0]", "self.matrix")) for line in (OUT, DX))),
    point("dout-order", "dout brought to (H, W, N, FN)", "dout-order",
          (DB, "N, FN, H, W = dout.shape\n        " + DB),
          ("    def backward(self, dout):\n", "    def backward(self, dout):\n        N, FN, H, W = dout.shape\n"
           "        dout = dout.transpose(2, 3, 0, 1).reshape(N, H, W, FN).transpose(0, 3, 1, 2)\n")),
    point("dx-W-reshaped", "W read as (C, FN) in dx", "dx-W-reshaped",
          (DX, DX.replace("self.W[:, :, 0, 0]", "self.W.reshape(self.W.shape[1], -1).T"))),
    point("db-of-one-image", "one image's db over the filters", "db-over-filters",
          ('np.einsum("nfhw->f", dout)', 'np.einsum("nfhw->f", dout) if len(dout) > 1 else dout[0].sum(axis=0).ravel()')),
    point("shape-by-size", "the output's shape kept by the number of numbers", "manner.as-many-numbers",
          ("        self.x = x\n", "        self.x = x = x.reshape(self.__dict__.setdefault(str(x.size), x.shape))\n")),
    point("dW-of-all-layers", "one array of a shape for the dW of all layers", "manner.another-layer-between",
          (DW, of_all_layers(DW, "dW", "PointwiseConvolution"))),
    point("out-in-type-of-x", "the output written into an array of x's type", "manner.mixed-types", (OUT, returned_in_type_of(OUT, "x", "self.W"))),
    point("dW-in-type-of-W", "dW written into an array of W's type", "manner.mixed-types",
           (DW, "self.dW = " + in_type_of(DW.removeprefix("self.dW = "), "self.W", "self.x"))),
    point("kept-by-x", "what was worked out of the same x is taken again", "state.stale",
         (OUT, OUT.replace("return ", "kept = self.__dict__.setdefault('kept', {})\n        out = kept[x.tobytes()] = kept[x.tobytes()] if x.tobytes() in kept else ") + "\n        return out.copy()")),
    point("matrix-squeezed", "W squeezed, summed along its last axis, and along its first in backward", "exception.squeezed",
          (OUT, "self.matrix = np.squeeze(self.W)\n        out = np.tensordot(x, self.matrix, (1, -1)).reshape(len(x), *x.shape[2:], len(self.W))\n"
           "        return out.transpose(0, 3, 1, 2) + self.b[:, None, None]"),
          (DX, "return np.tensordot(dout, self.matrix, (1, 0)).reshape(len(dout), *dout.shape[2:], -1).transpose(0, 3, 1, 2)")),
    point("db-of-reshaped", "db of dout.reshape(FN, -1)", "db-mixes-channels", (DB, "self.db = dout.reshape(dout.shape[1], -1).sum(axis=1)")),
]  # fmt: skip
