"""Convolution: wrong implementations."""

from . import Mutant
from .witnesses import conv, conv_twice

COL = "self.col = im2col(x, fh, fw, self.stride, self.pad)"
FILTERS = "self.col_W = self.W.reshape(fn, -1).T"
PRODUCT = "out = self.col @ self.col_W + self.b"
RESULT = "return out.reshape(n, oh, ow, fn).transpose(0, 3, 1, 2)"
ROWS = "rows = dout.transpose(0, 2, 3, 1).reshape(-1, fn)"
DB = "self.db = rows.sum(axis=0)"
DW = "self.dW = (self.col.T @ rows).T.reshape(fn, c, fh, fw)"
DCOL = "dcol = rows @ self.col_W.T"
DX = "return col2im(dcol, self.x_shape, fh, fw, self.stride, self.pad)"
INIT = "        self.W, self.b, self.stride, self.pad = W, b, stride, pad\n"
PADDED, FAR, SQUARE = conv(pad=1), conv((2, 3, 6, 8), stride=2), conv(W=(4, 3, 3, 3))
TWICE = conv_twice()
BESIDE = (
    "[l := Convolution(np.ones((1, 1, 1, 1)), np.ones(1)), l.forward(np.ones((1, 1, 2, 2))), "
    "Convolution(np.ones((1, 1, 1, 1)), np.ones(1)).forward(np.zeros((1, 1, 2, 2))), "
    "l.backward(np.ones((1, 1, 2, 2))), l.dW][4]"
)


def mutant(id: str, text: str, code: str, old: str, new: str, witness: str = conv()) -> Mutant:
    return Mutant(f"conv-{id}", "convolution", text, code, ((old, new),), witness)


def gradient(id: str, text: str, code: str, old: str, more: str, witness: str = conv()) -> Mutant:
    """A line added behind one of backward's."""
    return mutant(id, text, code, old, f"{old}\n        {more}", witness)


def filters(id: str, text: str, code: str, new: str, witness: str = conv()) -> Mutant:
    return mutant(id, text, code, FILTERS, f"self.col_W = {new}", witness)


def bias(id: str, text: str, code: str, new: str, witness: str = conv()) -> Mutant:
    """RESULT without b, and b added to the output (N, FN, OH, OW)."""
    patch = ((PRODUCT, "out = self.col @ self.col_W"), (RESULT, f"{RESULT} + {new}"))
    return Mutant(f"conv-{id}", "convolution", text, code, patch, witness)


# fmt: off
MUTANTS = [
    filters("flipped", "true convolution", "conv.flipped", "self.W[:, :, ::-1, ::-1].reshape(fn, -1).T"),
    filters("flipped-rows", "upside down", "conv.flipped-rows", "self.W[:, :, ::-1].reshape(fn, -1).T"),
    filters("flipped-columns", "mirrored", "conv.flipped-columns", "self.W[..., ::-1].reshape(fn, -1).T"),
    filters("filter-transposed", "rows and columns of W swapped", "conv.filter-transposed",
            "self.W.transpose(0, 1, 3, 2).reshape(fn, -1).T"),
    filters("W-reshaped", "reshaped where it should be transposed", "conv.W-not-transposed", "self.W.reshape(-1, fn)"),
    filters("columns-order", "W as (FH, FW, C)", "conv.columns-order",
            "self.W.transpose(0, 2, 3, 1).reshape(fn, -1).T"),
    mutant("bias-missing", "no bias", "conv.bias-missing", PRODUCT, "out = self.col @ self.col_W"),
    mutant("bias-doubled", "bias twice", "conv.bias-doubled", PRODUCT, PRODUCT + " + self.b"),
    mutant("bias-subtracted", "minus the bias", "conv.bias-subtracted", PRODUCT,
           "out = self.col @ self.col_W - self.b"),
    mutant("bias-first", "b[0] for all", "conv.bias-first-only", PRODUCT, PRODUCT + "[0]"),
    mutant("bias-summed", "all of b for each", "conv.bias-summed", PRODUCT, PRODUCT + ".sum()"),
    mutant("bias-each-channel", "bias once a channel", "conv.bias-each-channel", PRODUCT, PRODUCT + " * x.shape[1]"),
    bias("bias-along-columns", "bias on the last axis where it fits", "conv.bias-along-columns",
         "(self.b if ow == fn else self.b[:, None, None])", conv((2, 3, 6, 7))),
    bias("bias-along-rows", "bias on the rows where it fits", "conv.bias-along-rows",
         "(self.b[:, None] if oh == fn else self.b[:, None, None])", conv((2, 3, 5, 6))),
    bias("bias-along-images", "bias on the images where it fits", "conv.bias-along-images",
         "(self.b[:, None, None, None] if n == fn else self.b[:, None, None])", conv((4, 3, 6, 5))),
    mutant("first-channel", "first channel only", "conv.first-channel-only", COL,
           "first = np.arange(x.shape[1])[:, None, None] == 0\n        " + COL.replace("(x,", "(x * first,")),
    mutant("channels-averaged", "divided by C", "conv.channels-averaged", PRODUCT,
           "out = self.col @ self.col_W / x.shape[1] + self.b"),
    mutant("window-averaged", "divided by C*FH*FW", "conv.window-averaged", PRODUCT,
           "out = self.col @ self.col_W / self.col.shape[1] + self.b"),
    mutant("own-channel", "filter f sees channel f where there are as many", "conv.own-channel-only", FILTERS,
           "W = self.W * np.eye(fn)[:, :, None, None] if fn == x.shape[1] else self.W\n"
           "        self.col_W = W.reshape(fn, -1).T", conv((2, 3, 6, 5), (3, 3, 2, 4))),
    mutant("first-filter", "first filter for all", "conv.first-filter-only", RESULT, RESULT + "[:, [0] * fn]"),
    mutant("relu-inside", "relu built in", "conv.relu-inside", RESULT, RESULT.replace("out.", "np.maximum(out, 0).")),
    mutant("pads-with-one", "padded with ones", "conv.pads-with-one", COL,
           "around = [(0, 0), (0, 0), (self.pad,) * 2, (self.pad,) * 2]\n        self.col = "
           "im2col(np.pad(x, around, constant_values=1), fh, fw, self.stride)", PADDED),
    mutant("no-transpose", "reshaped to (N, FN, OH, OW) at once", "conv.no-transpose", RESULT,
           "return out.reshape(n, fn, oh, ow)"),
    mutant("axes-swapped", "(N, FN, OW, OH)", "conv.axes-swapped", RESULT, RESULT.replace("(0, 3, 1, 2)",
           "(0, 3, 2, 1)")),
    mutant("first-image", "first image for all", "conv.first-image-only", RESULT, RESULT + "[[0] * n]"),
    mutant("stride-pad-swapped", "im2col is given pad and stride", "", COL,
           "self.col = im2col(x, fh, fw, self.pad, self.stride)", conv((2, 3, 9, 7), (6, 3, 3, 5), 2, 1)),
    mutant("pad-after", "all the padding behind", "conv.pad-after-only", COL,
           "around = [(0, 0), (0, 0), (0, 2 * self.pad), (0, 2 * self.pad)]\n        "
           "self.col = im2col(np.pad(x, around), fh, fw, self.stride)", PADDED),
    mutant("pads-with-edge", "the border repeated", "conv.pads-with-edge", COL,
           "around = [(0, 0), (0, 0), (self.pad,) * 2, (self.pad,) * 2]\n        "
           'self.col = im2col(np.pad(x, around, "edge"), fh, fw, self.stride)', PADDED),
    Mutant("conv-pad-ignored", "convolution", "pad is not kept", "conv.pad-ignored",
           ((INIT, INIT.replace("= W, b, stride, pad", "= W, b, stride, 0")),), PADDED),
    Mutant("conv-stride-ignored", "convolution", "stride is not kept", "conv.stride-one-size",
           ((INIT, INIT.replace("= W, b, stride, pad", "= W, b, 1, pad")),), FAR),
    Mutant("conv-arguments-swapped", "convolution", "pad comes before stride", "conv.stride-pad-swapped",
           (("def __init__(self, W, b, stride=1, pad=0)", "def __init__(self, W, b, pad=0, stride=1)"),),
           conv((2, 3, 9, 7), (6, 3, 3, 5), 2, 1)),
    mutant("float16", "half precision inside", "precision", PRODUCT,
           'out = (self.col.astype("float16") @ self.col_W.astype("float16")).astype(float) + self.b'),
    mutant("scaled", "a scale of 1 + 1e-4", "precision", PRODUCT, "out = self.col @ self.col_W * 1.0001 + self.b"),
    mutant("integers", "out cut to whole numbers", "conv.truncated", RESULT, RESULT + ".astype(int)"),
    mutant("batch-of-four", "images after the fourth are left out", "place", PRODUCT,
           PRODUCT + "\n        out[4 * oh * ow :] = 0", conv((7, 2, 4, 5), (3, 2, 3, 1))),
    mutant("not-square", "OW from the height", "",
           "ow = conv_output_size(w, fw, self.stride, self.pad)\n        self.x_shape",
           "ow = conv_output_size(h, fw, self.stride, self.pad)\n        self.x_shape"),
    mutant("squeezes", "one filter loses its axis", "axes.squeezed", RESULT, RESULT + ".squeeze()",
           conv(W=(1, 3, 2, 4))),
    mutant("W-read-as-other-name", "col_w written, col_W read", "", FILTERS, FILTERS.replace("col_W", "col_w")),
    gradient("db-mean", "db averaged", "conv.db-mean", DB, "self.db = self.db / len(rows)"),
    gradient("db-averaged", "db / N", "conv.db-averaged", DB, "self.db = self.db / len(dout)"),
    mutant("db-over-images", "db keeps the places", "conv.db-over-images-only", DB, "self.db = dout.sum(axis=0)"),
    mutant("db-one-number", "db summed up", "conv.db-one-number", DB, "self.db = rows.sum()"),
    mutant("db-wrong-axis", "db over the filters", "conv.db-wrong-axis", DB, "self.db = rows.sum(axis=1)"),
    mutant("db-two-axes", "db (1, FN)", "conv.db-two-axes", DB, "self.db = rows.sum(axis=0, keepdims=True)"),
    mutant("db-last-image", "db of the last image", "conv.db-last-image", DB, "self.db = dout[-1].sum(axis=(1, 2))"),
    mutant("db-float16", "db summed in half precision", "precision", DB, 'self.db = rows.astype("float16").sum(axis=0)',
           "[l := Convolution(np.ones((1, 1, 1, 1)), np.ones(1)), l.forward(np.ones((1, 1, 4, 4))), "
           "l.backward(np.full((1, 1, 4, 4), 0.1)), l.db][3]"),
    gradient("dW-averaged", "dW / N", "conv.dW-averaged", DW, "self.dW = self.dW / len(dout)"),
    gradient("gradients-averaged", "dW and db / N", "conv.gradients-averaged", DW,
             "self.dW, self.db = self.dW / len(dout), self.db / len(dout)"),
    mutant("dW-no-transpose", "reshaped without .T", "conv.dW-no-transpose", DW,
           "self.dW = (self.col.T @ rows).reshape(fn, c, fh, fw)"),
    mutant("dW-matrix", "dW not reshaped", "conv.dW-matrix", DW, "self.dW = (self.col.T @ rows).T"),
    mutant("dW-turned", "dW not transposed or reshaped", "conv.dW-turned", DW, "self.dW = self.col.T @ rows"),
    mutant("dW-flipped", "dW rotated", "conv.dW-flipped", DW, DW + "[:, :, ::-1, ::-1]"),
    mutant("dW-last-image", "dW of the last image", "conv.dW-last-image", DW,
           "each = len(rows) // len(dout)\n"
           "        self.dW = (self.col[-each:].T @ rows[-each:]).T.reshape(fn, c, fh, fw)"),
    mutant("dW-accumulates", "dW added to that of before", "state.accumulates", DW,
           DW.replace("self.dW =", "self.dW = getattr(self, 'dW', 0) +"), TWICE),
    gradient("dW-scaled", "dW times 1 + 1e-4", "scaled", DW, "self.dW = self.dW * 1.0001"),
    mutant("dout-no-transpose", "dout reshaped at once", "conv.dout-no-transpose", ROWS, "rows = dout.reshape(-1, fn)"),
    mutant("dout-ignored", "dout taken for ones", "conv.dout-ignored", ROWS,
           "rows = np.ones_like(dout).transpose(0, 2, 3, 1).reshape(-1, fn)"),
    mutant("dx-flipped", "W rotated for dx", "conv.dx-flipped", DCOL,
           "dcol = rows @ self.W[:, :, ::-1, ::-1].reshape(fn, -1)"),
    mutant("dx-filter-transposed", "rows and columns of W swapped for dx", "conv.dx-filter-transposed", DCOL,
           "dcol = rows @ self.W.transpose(0, 1, 3, 2).reshape(fn, -1)"),
    mutant("dx-W-reshaped", "col_W reshaped, not transposed", "conv.dx-W-reshaped", DCOL,
           "dcol = rows @ self.col_W.reshape(fn, -1)"),
    mutant("dx-averaged", "dx / N", "conv.dx-averaged", DCOL, DCOL + " / len(dout)"),
    Mutant("conv-dx-overwrites", "convolution", "overlaps overwritten", "conv.dx-overwrites",
           ((DX, "dx, p = np.zeros((*self.x_shape[:2], *(s + 2 * self.pad for s in self.x_shape[2:]))), self.pad\n"
                 "        n, _, oh, ow = dout.shape\n        for (k, i, j), w in zip(np.ndindex(n, oh, ow), dcol):\n"
                 "            y, z = i * self.stride, j * self.stride\n"
                 "            dx[k, :, y : y + fh, z : z + fw] = w.reshape(c, fh, fw)\n"
                 "        return dx[:, :, p : p + self.x_shape[2], p : p + self.x_shape[3]]"),), conv()),
    mutant("dx-not-cropped", "dx keeps the padding", "conv.dx-not-cropped", DX,
           "n, _, h, w = self.x_shape\n        return col2im(dcol, (n, c, h + 2 * self.pad, w + 2 * self.pad), fh, fw, "
           "self.stride)", PADDED),
    mutant("dx-crop-from-zero", "dx[:H]", "conv.dx-crop-from-zero", DX,
           "n, _, h, w = self.x_shape\n        return col2im(dcol, (n, c, h + 2 * self.pad, w + 2 * self.pad), fh, fw, "
           "self.stride)[:, :, :h, :w]", PADDED),
    mutant("dx-without-pad", "col2im without pad", "", DX, "return col2im(dcol, self.x_shape, fh, fw, self.stride)",
           PADDED),
    mutant("dx-without-stride", "col2im without stride", "", DX,
           "return col2im(dcol, self.x_shape, fh, fw, pad=self.pad)", FAR),
    mutant("dx-float16", "dx in half precision", "precision", DX, DX + '.astype("float16")'),
    mutant("W-updated", "backward steps W", "state.changed-input", DX, "self.W -= 0.01 * self.dW\n        " + DX,
           "[W := np.ones((4, 3, 2, 4)), used(Convolution(W, np.ones(4)), np.ones((2, 3, 6, 5))), W][2]"),
    mutant("out-buffer", "one output array for all calls", "state.overwritten", RESULT,
           "out = " + RESULT.removeprefix("return ") + "\n        self.out = getattr(self, 'out', out)\n"
           "        if self.out.shape == out.shape:\n            self.out[...] = out\n            return self.out\n"
           "        return out", "[l := Convolution(np.ones((4, 3, 2, 4)), np.ones(4)), a := l.forward("
           "np.ones((2, 3, 6, 5))), l.forward(np.zeros((2, 3, 6, 5))), a][3]"),
    mutant("col-kept", "col is made once for each shape of x", "state.stale-input", COL,
           "if getattr(self, 'seen', None) != x.shape:\n            self.seen = x.shape\n            " + COL, TWICE),
    Mutant("conv-W-kept", "convolution", "W is copied when the layer is made", "state.stale-parameters",
           ((INIT, INIT.replace("= W, b,", "= W.copy(), b.copy(),")),),
           "[W := np.ones((4, 3, 2, 4)), l := Convolution(W, np.ones(4)), W.fill(2), "
           "l.forward(np.ones((2, 3, 6, 5)))][3]"),
    mutant("gaps", "the last window left out where the stride is larger than the filter", "place", PRODUCT,
           PRODUCT + "\n        if self.stride > max(fh, fw):\n            out[-1] = self.b",
           conv((2, 3, 7, 10), (5, 3, 1, 1), 3)),
    Mutant("conv-pad-once", "convolution", "one row of padding, however many", "",
           ((INIT, INIT.replace("stride, pad\n", "stride, min(pad, 1)\n")),), conv((2, 3, 5, 6), (4, 3, 4, 5), 1, 2)),
    mutant("misspelled", "conv_outpus_size is called", "", COL, "self.n = conv_outpus_size(h, fh)\n        " + COL),
    mutant("col-of-the-class", "col is kept on the class, so that all layers share it",
           "manner.another-layer-between", COL, COL.replace("self.col =", "Convolution.col ="), BESIDE),
]
# fmt: on
