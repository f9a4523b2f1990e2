# ruff: noqa: E501 (patches are lines of code inside strings)
"""Mutants of TransposedConvolution: patches of impl/plain/transposed_convolution.py."""

from ..kept_settings import settings_by_places
from ..small_integers import small_integers, written
from ..typed_arrays import returned_in_type_of
from . import mutants_of

deconv = mutants_of("transposed_convolution", "deconv")
STAMP = "full[:, :, r, c] += np.tensordot(x[:, :, i, j], self.W, (1, 0))"
OUT = "return out + self.b[:, None, None]"
KEPT = "self.stride, self.pad = W, b, stride, pad"
BACK = "dx[:, :, i, j] = np.tensordot(full[:, :, r, c], self.W, ((1, 2, 3), (1, 2, 3)))"
DW, DB = (
    "self.dW += np.tensordot(self.x[:, :, i, j], full[:, :, r, c], (0, 0))",
    "self.db = dout.sum(axis=(0, 2, 3))\n        return dx",
)
CUT = "out = full[:, :, self.pad : size[0] - self.pad, self.pad : size[1] - self.pad]"
MARGIN = (
    "down, across = {down}, {across}\n        wide = np.pad(full, [(0, 0), (0, 0), (max(-down, 0),) * 2, (max(-across, 0),) * 2])\n"
    "        rows, columns = max(down, 0), max(across, 0)\n"
    "        out = wide[:, :, rows : wide.shape[2] - rows, columns : wide.shape[3] - columns]"
)
MUTANTS = [
    deconv("W-turned-once", "W is turned round when the layer is made", "state.assigned-parameters",
           (KEPT, KEPT + "\n        self.turned = W[:, :, ::-1, ::-1]"), (STAMP, STAMP.replace("self.W", "self.turned[:, :, ::-1, ::-1]"))),
    deconv("no-transpose", "out reshaped", "no-transpose",
           (OUT, "return (out + self.b[:, None, None]).transpose(0, 2, 3, 1).reshape(out.shape)")),
    deconv("margin-not-below-0", "a margin below 0 taken for 0", "margin-not-below-0",
           (CUT, MARGIN.format(down="min(self.pad, self.W.shape[2] - 1)", across="min(self.pad, self.W.shape[3] - 1)")
            + "[:, :, : size[0] - 2 * self.pad, : size[1] - 2 * self.pad]")),
    *(deconv(f"blocks-by-{side}", f"blocks side by side where the stride is the {side}", f"blocks-by-{side}",
             (CUT, "h, w = self.W.shape[2:]\n        if self.stride == " + of + ":\n"
              "            tiles = np.einsum('nchw,cfkl->nfhkwl', x, self.W)\n"
              "            full = tiles.reshape(len(x), tiles.shape[1], x.shape[2] * h, x.shape[3] * w)\n"
              "        out = full[:, :, self.pad : full.shape[2] - self.pad, self.pad : full.shape[3] - self.pad]"))
      for side, of in (("height", "h"), ("width", "w"))),
    deconv("spectrum-in-type-of-x", "a product of spectra in the type of x", "manner.float32-far-number",
           (CUT, "s, (N, _, H, W), (FH, FW) = self.stride, x.shape, self.W.shape[2:]\n        far = np.zeros((N, x.shape[1], (H - 1) * s + 1, (W - 1) * s + 1), x.dtype)\n        far[:, :, ::s, ::s] = x\n        product = np.einsum('nchw,cfhw->nfhw', np.fft.rfft2(far, s=size), np.fft.rfft2(self.W, s=size))\n        full = np.fft.irfft2(product, s=size).astype('f8')\n        " + CUT)),
    deconv("overwritten", "overlaps overwritten", "overlaps-overwritten", (STAMP, STAMP.replace("+=", "="))),
    deconv("flipped", "W rotated", "flipped", (STAMP, STAMP.replace("self.W,", "self.W[..., ::-1, ::-1],"))),
    deconv("flipped-both", "W rotated everywhere", "flipped",
           (KEPT, KEPT.replace("W,", "W[..., ::-1, ::-1],")),
           ("return dx\n", "self.dW = self.dW[..., ::-1, ::-1]\n        return dx\n")),
    *(deconv(f"bias-not-in-gaps{name}", f"no bias in the gaps{said}", "bias-left-out-in-gaps",
             ("self.full_shape = full.shape", "laid = np.zeros(full.shape[2:])\n        for _, _, r, c in self.stamps():\n            laid[r, c] = 1\n"
              f"        {more}full += self.b[:, None, None] * laid\n        self.full_shape = full.shape"),
             (OUT, end))
      for name, said, more, end in (
          ("", "", "", "return out"),
          ("-of-windows-apart", " of windows that lie apart", "apart = max(self.W.shape[2:]) <= self.stride\n        if apart:\n            ",
           "return out if apart else " + OUT[7:]))),
    deconv("bias-missing", "no bias", "bias-missing", (OUT, "return out")),
    deconv("bias-doubled", "bias twice", "bias-doubled", (OUT, "return out + 2 * self.b[:, None, None]")),
    deconv("bias-channels", "bias once a channel", "bias-before-cut",
           (OUT, "return out + len(self.W) * self.b[:, None, None]")),
    deconv("pad-ignored", "nothing cut off", "pad-ignored", (KEPT, KEPT.replace("stride, pad", "stride, 0"))),
    deconv("pad-one-side", "cut off on one side", "pad-one-side",
           ("out = full[:, :, self.pad : size[0] - self.pad, self.pad : size[1] - self.pad]",
           "out = full[:, :, : size[0] - 2 * self.pad, : size[1] - 2 * self.pad]")),
    deconv("stride-ignored", "stride is not kept", "stride-ignored", (KEPT, KEPT.replace("stride, pad", "1, pad"))),
    deconv("swapped", "stride and pad swapped", "when", (KEPT, KEPT.replace("stride, pad", "max(pad, 1), stride"))),
    deconv("scaled", "off by 1e-4", "scaled", (OUT, "return (out + self.b[:, None, None]) * 1.0001")),
    deconv("float16", "half precision", "precision", (OUT, 'return (out + self.b[:, None, None]).astype("f2")')),
    deconv("dx-flipped", "dx by rotated W", "dx-flipped", (BACK, BACK.replace("self.W,", "self.W[..., ::-1, ::-1],"))),
    deconv("dW-last", "dW overwritten", "dW-last-pixel", (DW, DW.replace("+=", "="))),
    deconv("dW-averaged", "dW / N", "dW-averaged", (DW, DW + " / len(dout)")),
    deconv("db-averaged", "db / N", "db-averaged", (DB, DB.replace("2, 3))", "2, 3)) / len(dout)"))),
    deconv("db-mean", "db averaged", "db-mean", (DB, DB.replace(".sum(", ".mean("))),
    deconv("dW-as-convolution", "dW is laid out as a convolution's", "axes.permuted",
           (DB, f"self.dW = self.dW.swapaxes(0, 1)\n        {DB}")),
    deconv("stale", "the first call's x", "state.stale-input", ("self.x = x",
           "self.x = getattr(self, 'x', x)")),
    deconv("overwritten-by-taps", "the first pixel's stamp stays", "overlaps-overwritten",
           (STAMP, STAMP.replace("+=", "=")), ("        for i in range(H):\n            for j in range(W):\n",
            "        for i in reversed(range(H)):\n            for j in reversed(range(W)):\n")),
    deconv("channels-overwritten", "the last channel only", "channels-overwritten",
           (STAMP, "full[:, :, r, c] += np.tensordot(x[:, -1:, i, j], self.W[-1:], (1, 0))")),
    deconv("dx-last-filter", "dx of the last filter", "dx-overwrites",
           (BACK, "dx[:, :, i, j] = np.tensordot(full[:, -1:, r, c], self.W[:, -1:], ((1, 2, 3), (1, 2, 3)))")),
    deconv("dx-last-place", "dx of the window's last place", "dx-overwrites",
           (BACK, "dx[:, :, i, j] = np.tensordot(full[:, :, r, c][..., -1, -1], self.W[..., -1, -1], (1, 1))")),
    deconv("one-more", "one column more", "one-more",
           (OUT, "return np.pad(out + self.b[:, None, None], [(0, 0), (0, 0), (0, 0), (0, 1)])")),
    deconv("size-times-stride", "cut to H * stride", "size-times-stride",
           (OUT, "return (out + self.b[:, None, None])[:, :, : x.shape[2] * self.stride, : x.shape[3] * self.stride]")),
    deconv("db-first", "db of the first image", "db-first-image",
           (DB, DB.replace("dout.sum(axis=(0, 2, 3))", "dout[0].sum(axis=(1, 2))"))),
    deconv("one-more-with-a-stride", "one column more for a stride over 1", "one-more",
           (OUT, "more = int(self.stride > 1)\n"
            "        return np.pad(out, [(0, 0), (0, 0), (0, 0), (0, more)]) + self.b[:, None, None]")),
    deconv("dout-edge", "dout padded with its edge", "dout-padding",
           ("self.pad : self.full_shape[3] - self.pad] = dout", "self.pad : self.full_shape[3] - self.pad] = dout\n"
            "        full = np.pad(dout, [(0, 0), (0, 0), (self.pad,) * 2, (self.pad,) * 2], 'edge')")),
    deconv("not-cleared", "the output is added to that of before", "state.accumulates",
           ("full = np.zeros((len(x), self.W.shape[1], *size))",
            "kept = getattr(self, 'kept', np.zeros(0))\n        shape = (len(x), self.W.shape[1], *size)\n"
            "        full = self.kept = kept if kept.shape == shape else np.zeros(shape)")),
    deconv("settings-of-the-first", "the stride kept by the sizes", "manner.beside-same-sizes",
           ("        self.x = x\n", "        self.x = x\n"
            "        self.stride = globals().setdefault(str((x.shape, self.W.shape)), self.stride)\n")),
    deconv("bias-stamped", "the bias with each stamp", "bias-with-each-stamp",
           (STAMP, STAMP + " + self.b[:, None, None]"), (OUT, "return out")),
    deconv("square-cut", "columns cut with the height", "crop-of-one-side",
           ("self.pad : size[1] - self.pad]", "self.pad : size[0] - self.pad]")),
    deconv("zeros-at-the-end", "stride - 1 zeros after the last pixel", "zeros-at-the-end",
           ("        self.full_shape = full.shape\n", "        more = self.stride - 1\n        full = np.pad(full, [(0, 0), (0, 0), (0, more), (0, more)])\n"
            "        size = full.shape[2:]\n        self.full_shape = full.shape\n")),
    deconv("zeros-for-stride-two", "x with zeros is H * stride - 1 high", "zeros-for-stride-two",
           ("        self.full_shape = full.shape\n", "        more = max(self.stride - 2, 0)\n        full = np.pad(full, [(0, 0), (0, 0), (0, more), (0, more)])\n"
            "        size = full.shape[2:]\n        self.full_shape = full.shape\n")),
    deconv("pixels-repeated", "pixels repeated, not spread with zeros", "pixels-repeated",
           (STAMP, "big = x.repeat(self.stride, 2).repeat(self.stride, 3)\n"
            "            if i + j == 0:\n                wide = np.zeros((*full.shape[:2], *(n + f - 1 for n, f in zip(big.shape[2:], self.W.shape[2:]))))\n"
            "                for a, b in np.ndindex(big.shape[2:]):\n"
            "                    wide[:, :, a : a + self.W.shape[2], b : b + self.W.shape[3]] += np.tensordot(big[:, :, a, b], self.W, (1, 0))"),
           ("        self.full_shape = full.shape\n", "        self.full_shape = full.shape\n        full = wide[:, :, : size[0], : size[1]]\n")),
    deconv("padded", "padding is put on, not cut off", "padded",
           (OUT, "return np.pad(full, [(0, 0), (0, 0), (self.pad,) * 2, (self.pad,) * 2]) + self.b[:, None, None]")),
    deconv("stride-one-more", "stride zeros between the pixels", "stride-one-more",
           (KEPT, KEPT.replace("stride, pad", "stride + 1, pad"))),
    deconv("cut-before", "cut off above and to the left", "cut-on-one-side",
           ("out = full[:, :, self.pad : size[0] - self.pad, self.pad : size[1] - self.pad]",
            "out = full[:, :, self.pad :, self.pad :]")),
    deconv("db-last-column", "db of the last column", "db-one-place",
           (DB, DB.replace("dout.sum(axis=(0, 2, 3))", "dout[..., -1].sum(axis=(0, 2))"))),
    deconv("window-column-short", "the last column of the window is left out", "window-edge-left-out",
           (STAMP, STAMP.replace("self.W,", "self.W * (np.arange(self.W.shape[3]) < self.W.shape[3] - 1),"))),
    deconv("bias-times-window", "the bias once a place of the window", "bias-times-window",
           (OUT, "return out + self.b[:, None, None] * self.W[0, 0].size")),
    deconv("width-by-height", "the output's width with FH", "other-side-of-window",
           ("full = np.zeros((len(x), self.W.shape[1], *size))",
            "size[1] += self.W.shape[2] - self.W.shape[3]\n        full = np.zeros((len(x), self.W.shape[1], *size))")),
    deconv("blocks-turned", "windows side by side, rows and columns crossed", "filter-transposed",
           (STAMP, STAMP.replace("self.W", "self.W.swapaxes(2, 3) if self.W.shape[2:] == (self.stride, self.stride) else self.W"))),
    deconv("twice-the-stride-flipped", "W rotated where a window is two strides", "when",
           (STAMP, STAMP.replace("self.W", "self.W[..., ::-1, ::-1] if self.W.shape[2:] == (2 * self.stride,) * 2 and self.pad else self.W"))),
    deconv("db-cut", "db from dout without its border of pad", "dout-cut",
           (DB, DB.replace("dout", "dout[:, :, self.pad : dout.shape[2] - self.pad, self.pad : dout.shape[3] - self.pad]"))),
    deconv("stride-down-alone", "pixels of a row side by side", "stride-one-side",
           ("y, x = i * self.stride, j * self.stride", "y, x = i * self.stride, j"),
           ("full = np.zeros((len(x), self.W.shape[1], *size))", "size[1] = x.shape[3] + self.W.shape[3] - 1\n        full = np.zeros((len(x), self.W.shape[1], *size))")),
    deconv("blocks-reshaped", "windows side by side put together without a transpose", "when",
           ("self.full_shape = full.shape", 'self.full_shape = full.shape\n        if self.W.shape[2:] == (self.stride,) * 2:\n            full = np.einsum("nchw,cfyx->nfhwyx", x, self.W).reshape(full.shape)')),
    *small_integers(deconv, lambda *kept: (
        ("self.full_shape = full.shape", "self.full_shape = full.shape\n        " + written("full", *kept)),)),
    deconv("margin-of-other-side", "FH for FW in the margin", "margin-of-other-side",
           (CUT, MARGIN.format(down="self.pad", across="self.pad + self.W.shape[3] - self.W.shape[2]"))),
    deconv("margin-is-pad", "a margin of pad", "margin-is-pad",
           (CUT, MARGIN.format(down="self.W.shape[2] - 1 - self.pad", across="self.W.shape[3] - 1 - self.pad"))),
    deconv("upside-down", "W upside down", "flipped-rows", (STAMP, STAMP.replace("self.W,", "self.W[..., ::-1, :],"))),
    deconv("db-of-one-image", "one image's db over the filters", "db-over-filters",
           ("self.db = dout.sum(axis=(0, 2, 3))", "self.db = dout.sum(axis=(0, 2, 3) if len(dout) > 1 else (0, 1)).ravel()")),
    deconv("size-by-pixels", "the output's sides kept by the number of pixels", "exception",
           ("        full = np.zeros((len(x), self.W.shape[1], *size))", "        size = self.__dict__.setdefault(str(x[0, 0].size), size)\n"
            "        full = np.zeros((len(x), self.W.shape[1], *size))")),
    deconv("padded-sums-kept", "with padding the sums are never set back to 0", "state.accumulates",
           (OUT, "if self.pad:\n            if getattr(self, 'sums', None) is None or self.sums.shape != out.shape:\n                self.sums = np.zeros(out.shape)\n            self.sums += out\n            out = self.sums.copy()\n        return out + self.b[:, None, None]")),
    deconv("blocks-cut-at-end", "windows side by side: cut off below and to the right alone", "pad-one-side",
           (CUT, "first = 0 if self.W.shape[2:] == (self.stride,) * 2 else self.pad\n"
            "        out = full[:, :, first : first + size[0] - 2 * self.pad, first : first + size[1] - 2 * self.pad]")),
    deconv("alone-as-kron", "one channel, filter and image: a Kronecker product where the stride is the height", "blocks-by-height",
           (CUT, CUT + "\n        if x.shape[:2] == self.W.shape[:2] == (1, 1) and self.stride == self.W.shape[2] and not self.pad:\n"
            "            out = np.kron(x[0, 0], self.W[0, 0])[None, None]")),
    *(deconv(f"assigns-by-{side}", f"assigned, not added, where the stride is the {side}", "overlaps-overwritten",
             (STAMP, STAMP.replace("+=", "=") + f" + full[:, :, r, c] * (self.W.shape[{axis}] != self.stride)"))
      for side, axis in (("height", 2), ("width", 3))),
    deconv("out-in-type-of-x", "the output written into an array of x's type", "manner.mixed-types", (OUT, returned_in_type_of(OUT, "x", "self.W"))),
    deconv("kept-by-x", "what was worked out of the same x is taken again", "state.stale",
         (OUT, OUT.replace("return ", "kept = self.__dict__.setdefault('kept', {})\n        out = kept[x.tobytes()] = kept[x.tobytes()] if x.tobytes() in kept else ") + "\n        return out.copy()")),
    deconv("bias-of-zero", "no b for good where it is 0 at first", "state.stale-parameters",
        ("self.W, self.b, self.stride, self.pad = W, b, stride, pad",
         "self.W, self.b, self.stride, self.pad = W, b, stride, pad\n        self.biased = bool(b.any())"),
        ("return out + self.b[:, None, None]", "return out + self.b[:, None, None] if self.biased else out")),
    deconv("settings-by-places", "stride and padding kept by the shapes and the number of places", "manner.beside-same-sizes",
           ("        self.x = x\n", "        self.x = x\n        "
            + settings_by_places().replace("(n + 2 * self.pad - f) // self.stride", "(n - 1) * self.stride + f - 2 * self.pad") + "\n")),
]  # fmt: skip
