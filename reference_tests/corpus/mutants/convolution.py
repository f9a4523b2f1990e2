# ruff: noqa: E501 (patches are lines of code inside strings)
"""Mutants of Convolution: patches of impl/plain/convolution.py."""

from ..small_integers import padded, small_integers
from ..typed_arrays import returned_in_type_of
from ..window_loops import places_of_dx, windows_of_dW, windows_of_dx
from . import IN_TURN, UNSEEN, Mutant, mutants_of, replacing

SIZES = "N, _, H, W = x.shape"
COL = "self.col = im2col(x, FH, FW, self.stride, self.pad)"
FILTERS = "self.col_W = self.W.reshape(FN, -1).T"
PRODUCT = "out = self.col @ self.col_W + self.b"
RESULT = "return out.reshape(N, OH, OW, FN).transpose(0, 3, 1, 2)"
ROWS = "rows = dout.transpose(0, 2, 3, 1).reshape(-1, FN)"
DB = "self.db = rows.sum(axis=0)"
DW = "self.dW = (self.col.T @ rows).T.reshape(FN, C, FH, FW)"
DCOL = "dcol = rows @ self.col_W.T"
DX = "return col2im(dcol, self.x_shape, FH, FW, self.stride, self.pad)"
INIT = "        self.W, self.b, self.stride, self.pad = W, b, stride, pad\n"
mutant = mutants_of("convolution", "conv")
filters = replacing(mutant, FILTERS, "self.col_W = {}")


def gradient(id: str, text: str, code: str, old: str, more: str) -> Mutant:
    """Add a line behind one of backward's."""
    return mutant(id, text, code, (old, f"{old}\n        {more}"))


def bias(id: str, text: str, code: str, new: str) -> Mutant:
    """Leave b out of PRODUCT, and add another one to the output (N, FN, OH, OW)."""
    patch = ((PRODUCT, "out = self.col @ self.col_W"), (RESULT, f"{RESULT} + {new}"))
    return mutant(id, text, code, *patch)


KEPT = (COL, COL + "\n        self.img = np.pad(x, [(0, 0), (0, 0), (self.pad,) * 2, (self.pad,) * 2])")


def by_window(
    id: str, text: str, code: str, dx: str = "", dx_across: str = "", dW: str = "", dW_across: str = ""
) -> Mutant:
    """Compute dx, or dW, or both, from windows that start elsewhere."""
    patch = [KEPT] if dW else []
    patch += [(DW, windows_of_dW("self.img", dW, dW_across, "FH", "FW"))] if dW else []
    patch += [(DX, windows_of_dx(dx, dx_across))] if dx else []
    return mutant(id, text, code, *patch)


def wide_dx(id: str, text: str, code: str, cut: str) -> Mutant:
    """Cut the padding off dx in another way."""
    return mutant(
        id, text, code,
        (DX, "p, (N, _, H, W) = self.pad, self.x_shape\n"
         "        wide = col2im(dcol, (N, C, H + 2 * p, W + 2 * p), FH, FW, self.stride)\n"
         f"        return {cut}"),
    )  # fmt: skip


# fmt: off
MUTANTS = [
    filters("flipped", "true convolution", "conv.flipped", "self.W[:, :, ::-1, ::-1].reshape(FN, -1).T"),
    filters("flipped-rows", "upside down", "conv.flipped-rows", "self.W[:, :, ::-1].reshape(FN, -1).T"),
    filters("flipped-columns", "mirrored", "conv.flipped-columns", "self.W[..., ::-1].reshape(FN, -1).T"),
    filters("filter-transposed", "rows and columns of W swapped", "conv.filter-transposed", "self.W.transpose(0, 1, 3, 2).reshape(FN, -1).T"),
    filters("W-reshaped", "reshaped where it should be transposed", "conv.W-not-transposed", "self.W.reshape(-1, FN)"),
    filters("columns-order", "W as (FH, FW, C)", "conv.columns-order", "self.W.transpose(0, 2, 3, 1).reshape(FN, -1).T"),
    mutant("bias-missing", "no bias", "conv.bias-missing", (PRODUCT, "out = self.col @ self.col_W")),
    mutant("bias-doubled", "bias twice", "conv.bias-doubled", (PRODUCT, PRODUCT + " + self.b")),
    mutant("bias-subtracted", "minus the bias", "conv.bias-subtracted", (PRODUCT, "out = self.col @ self.col_W - self.b")),
    mutant("bias-first", "b[0] for all", "conv.bias-first-only", (PRODUCT, PRODUCT + "[0]")),
    mutant("bias-summed", "all of b for each", "conv.bias-summed", (PRODUCT, PRODUCT + ".sum()")),
    mutant("bias-each-channel", "bias once a channel", "conv.bias-each-channel", (PRODUCT, PRODUCT + " * x.shape[1]")),
    bias("bias-along-columns", "bias on the last axis where it fits", "conv.bias-along-columns", "(self.b if OW == FN else self.b[:, None, None])"),
    bias("bias-along-rows", "bias on the rows where it fits", "conv.bias-along-rows", "(self.b[:, None] if OH == FN else self.b[:, None, None])"),
    bias("bias-along-images", "bias on the images where it fits", "conv.bias-along-images", "(self.b[:, None, None, None] if N == FN else self.b[:, None, None])"),
    mutant("first-channel", "first channel only", "conv.first-channel-only", (COL, "first = np.arange(x.shape[1])[:, None, None] == 0\n        " + COL.replace("(x,", "(x * first,"))),
    mutant("channels-averaged", "divided by C", "conv.channels-averaged", (PRODUCT, "out = self.col @ self.col_W / x.shape[1] + self.b")),
    mutant("window-averaged", "divided by C*FH*FW", "conv.window-averaged", (PRODUCT, "out = self.col @ self.col_W / self.col.shape[1] + self.b")),
    mutant("own-channel", "filter f sees channel f where there are as many", "conv.own-channel-only", (FILTERS, "own = self.W * np.eye(FN)[:, :, None, None] if FN == x.shape[1] else self.W\n"
           "        self.col_W = own.reshape(FN, -1).T")),
    mutant("first-filter", "first filter for all", "conv.first-filter-only", (RESULT, RESULT + "[:, [0] * FN]")),
    mutant("relu-inside", "relu built in", "conv.relu-inside", (RESULT, RESULT.replace("out.", "np.maximum(out, 0)."))),
    mutant("pads-with-one", "padded with ones", "conv.pads-with-one", (COL, "around = [(0, 0), (0, 0), (self.pad,) * 2, (self.pad,) * 2]\n        self.col = "
           "im2col(np.pad(x, around, constant_values=1), FH, FW, self.stride)")),
    mutant("no-transpose", "reshaped to (N, FN, OH, OW) at once", "conv.no-transpose", (RESULT, "return out.reshape(N, FN, OH, OW)")),
    mutant("axes-swapped", "(N, FN, OW, OH)", "conv.axes-swapped", (RESULT, RESULT.replace("(0, 3, 1, 2)", "(0, 3, 2, 1)"))),
    mutant("first-image", "first image for all", "conv.first-image-only", (RESULT, RESULT + "[[0] * N]")),
    mutant("stride-pad-swapped", "im2col is given pad and stride", "", (COL, "self.col = im2col(x, FH, FW, self.pad, self.stride)")),
    mutant("pad-after", "all the padding behind", "conv.pad-after-only",
           (COL, "around = [(0, 0), (0, 0), (0, 2 * self.pad), (0, 2 * self.pad)]\n        "
           "self.col = im2col(np.pad(x, around), FH, FW, self.stride)")),
    mutant("pads-with-edge", "the border repeated", "conv.pads-with-edge",
           (COL, "around = [(0, 0), (0, 0), (self.pad,) * 2, (self.pad,) * 2]\n        "
           'self.col = im2col(np.pad(x, around, "edge"), FH, FW, self.stride)')),
    mutant("pad-ignored", "pad is not kept", "conv.pad-ignored", (INIT, INIT.replace("= W, b, stride, pad", "= W, b, stride, 0"))),
    mutant("stride-ignored", "stride is not kept", "conv.stride-one-size", (INIT, INIT.replace("= W, b, stride, pad", "= W, b, 1, pad"))),
    mutant("arguments-swapped", "pad comes before stride", "conv.stride-pad-swapped", ("def __init__(self, W, b, stride=1, pad=0)", "def __init__(self, W, b, pad=0, stride=1)")),
    mutant("float16", "half precision inside", "precision", (PRODUCT, 'out = (self.col.astype("float16") @ self.col_W.astype("float16")).astype(float) + self.b')),
    mutant("scaled", "a scale of 1 + 1e-4", "precision", (PRODUCT, "out = self.col @ self.col_W * 1.0001 + self.b")),
    mutant("integers", "out cut to whole numbers", "conv.truncated", (RESULT, RESULT + ".astype(int)")),
    mutant("batch-of-four", "images after the fourth are left out", "place", (PRODUCT, PRODUCT + "\n        out[4 * OH * OW :] = 0")),
    mutant("not-square", "OW from the height", "", ("OW = conv_output_size(W, FW, self.stride, self.pad)\n        self.x_shape",
           "OW = conv_output_size(H, FW, self.stride, self.pad)\n        self.x_shape")),
    mutant("squeezes", "one filter loses its axis", "axes.squeezed", (RESULT, RESULT + ".squeeze()")),
    mutant("W-read-as-other-name", "col_w written, col_W read", "", (FILTERS, FILTERS.replace("col_W", "col_w"))),
    gradient("db-mean", "db averaged", "conv.db-mean", DB, "self.db = self.db / len(rows)"),
    gradient("db-averaged", "db / N", "conv.db-averaged", DB, "self.db = self.db / len(dout)"),
    mutant("db-over-images", "db keeps the places", "conv.db-over-images-only", (DB, "self.db = dout.sum(axis=0)")),
    mutant("db-one-number", "db summed up", "conv.db-one-number", (DB, "self.db = rows.sum()")),
    mutant("db-wrong-axis", "db over the filters", "conv.db-over-filters", (DB, "self.db = rows.sum(axis=1)")),
    mutant("db-two-axes", "db (1, FN)", "conv.db-two-axes", (DB, "self.db = rows.sum(axis=0, keepdims=True)")),
    mutant("db-last-image", "db of the last image", "conv.db-last-image", (DB, "self.db = dout[-1].sum(axis=(1, 2))")),
    mutant("db-float16", "db summed in half precision", "precision", (DB, 'self.db = rows.astype("float16").sum(axis=0)')),
    gradient("dW-averaged", "dW / N", "conv.dW-averaged", DW, "self.dW = self.dW / len(dout)"),
    gradient("gradients-averaged", "dW and db / N", "conv.gradients-averaged", DW, "self.dW, self.db = self.dW / len(dout), self.db / len(dout)"),
    mutant("dW-no-transpose", "reshaped without .T", "conv.dW-no-transpose", (DW, "self.dW = (self.col.T @ rows).reshape(FN, C, FH, FW)")),
    mutant("dW-matrix", "dW not reshaped", "conv.dW-matrix", (DW, "self.dW = (self.col.T @ rows).T")),
    mutant("dW-turned", "dW not transposed or reshaped", "conv.dW-turned", (DW, "self.dW = self.col.T @ rows")),
    mutant("dW-flipped", "dW rotated", "conv.dW-flipped", (DW, DW + "[:, :, ::-1, ::-1]")),
    mutant("dW-last-image", "dW of the last image", "conv.dW-last-image", (DW, "each = len(rows) // len(dout)\n"
           "        self.dW = (self.col[-each:].T @ rows[-each:]).T.reshape(FN, C, FH, FW)")),
    mutant("dW-accumulates", "dW added to that of before", "state.accumulates", (DW, DW.replace("self.dW =", "self.dW = getattr(self, 'dW', 0) +"))),
    gradient("dW-scaled", "dW times 1 + 1e-4", "scaled", DW, "self.dW = self.dW * 1.0001"),
    mutant("dout-no-transpose", "dout reshaped at once", "conv.dout-no-transpose", (ROWS, "rows = dout.reshape(-1, FN)")),
    mutant("dout-ignored", "dout taken for ones", "conv.dout-ignored", (ROWS, "rows = np.ones_like(dout).transpose(0, 2, 3, 1).reshape(-1, FN)")),
    mutant("dx-flipped", "W rotated for dx", "conv.dx-flipped", (DCOL, "dcol = rows @ self.W[:, :, ::-1, ::-1].reshape(FN, -1)")),
    mutant("dx-filter-transposed", "rows and columns of W swapped for dx", "conv.dx-filter-transposed", (DCOL, "dcol = rows @ self.W.transpose(0, 1, 3, 2).reshape(FN, -1)")),
    mutant("dx-W-reshaped", "col_W reshaped, not transposed", "conv.dx-W-reshaped", (DCOL, "dcol = rows @ self.col_W.reshape(FN, -1)")),
    mutant("dx-averaged", "dx / N", "conv.dx-averaged", (DCOL, DCOL + " / len(dout)")),
    mutant("dx-overwrites", "overlaps overwritten", "conv.dx-overwrites", (DX, "dx, p = np.zeros((*self.x_shape[:2], *(s + 2 * self.pad for s in self.x_shape[2:]))), self.pad\n"
                 "        N, _, OH, OW = dout.shape\n        for (k, i, j), W in zip(np.ndindex(N, OH, OW), dcol):\n"
                 "            y, z = i * self.stride, j * self.stride\n"
                 "            dx[k, :, y : y + FH, z : z + FW] = W.reshape(C, FH, FW)\n"
                 "        return dx[:, :, p : p + self.x_shape[2], p : p + self.x_shape[3]]")),
    mutant("dx-not-cropped", "dx keeps the padding", "conv.dx-not-cropped",
           (DX, "N, _, H, W = self.x_shape\n        "
            "return col2im(dcol, (N, C, H + 2 * self.pad, W + 2 * self.pad), FH, FW, self.stride)")),
    mutant("dx-crop-from-zero", "dx[:H]", "conv.dx-crop-from-zero",
           (DX, "N, _, H, W = self.x_shape\n        "
            "return col2im(dcol, (N, C, H + 2 * self.pad, W + 2 * self.pad), FH, FW, self.stride)[:, :, :H, :W]")),
    mutant("dx-without-pad", "col2im without pad", "", (DX, "return col2im(dcol, self.x_shape, FH, FW, self.stride)")),
    mutant("dx-without-stride", "col2im without stride", "", (DX, "return col2im(dcol, self.x_shape, FH, FW, pad=self.pad)")),
    mutant("dx-float16", "dx in half precision", "precision", (DX, DX + '.astype("float16")')),
    mutant("W-updated", "backward steps W", "state.updates-itself", (DX, "self.W -= 0.01 * self.dW\n        " + DX)),
    mutant("out-buffer", "one output array for all calls", "state.overwritten",
           (RESULT, "out = " + RESULT.removeprefix("return ") + "\n        self.out = getattr(self, 'out', out)\n"
           "        if self.out.shape == out.shape:\n            self.out[...] = out\n            return self.out\n"
           "        return out")),
    mutant("col-kept", "col is made once for each shape of x", "state.stale-input",
           (COL, "if getattr(self, 'seen', None) != x.shape:\n            self.seen = x.shape\n            " + COL)),
    mutant("W-kept", "W is copied when the layer is made", "state.stale-parameters", (INIT, INIT.replace("= W, b,", "= W.copy(), b.copy(),"))),
    mutant("W-in-rows", "W is laid into rows when the layer is made", "state.assigned-parameters", (INIT, INIT + "        self.rows = W.reshape(len(W), -1)\n"), (FILTERS, "self.col_W = self.rows.T")),
    mutant("pixels-kept", "1x1: the pixels of the first batch of a shape", "state.stale-input",
           (COL, "if FH * FW > 1 or getattr(self, 'seen', None) != x.shape:\n            self.seen = x.shape\n            " + COL)),
    mutant("gaps", "the last window left out where the stride is larger than the filter", "place", (PRODUCT, PRODUCT + "\n        if self.stride > max(FH, FW):\n            out[-1] = self.b")),
    mutant("pad-once", "one row of padding, however many", "conv.pad-at-most-one", (INIT, INIT.replace("stride, pad\n", "stride, min(pad, 1)\n"))),
    mutant("misspelled", "conv_outpus_size is called", "", (COL, "self.n = conv_outpus_size(H, FH)\n        " + COL)),
    mutant("col-of-the-class", "col is kept on the class, so that all layers share it",
           "manner.another-layer-between", (COL, COL.replace("self.col =", "Convolution.col ="))),
    mutant("pixels-reshaped", "1x1: x reshaped without a transpose", "conv.pixels-no-transpose",
           (COL, "pixels = FH == FW == self.stride == 1 and not self.pad\n        "
            + COL.replace("= im2col", "= x.reshape(-1, x.shape[1]) if pixels else im2col"))),
    mutant("pixels-reshaped-both", "1x1: x and out reshaped without a transpose", "conv.pixels-no-transpose",
           (COL, "pixels = FH == FW == self.stride == 1 and not self.pad\n        "
            + COL.replace("= im2col", "= x.reshape(-1, x.shape[1]) if pixels else im2col")),
           (RESULT, "return out.reshape(N, FN, OH, OW) if pixels else " + RESULT.removeprefix("return "))),
    mutant("stride-in-range", "range(0, OH, stride)", "conv.stride-in-range",
           (RESULT, "img = np.pad(x, [(0, 0), (0, 0), (self.pad,) * 2, (self.pad,) * 2])\n"
            "        out = np.zeros((N, FN, OH, OW))\n"
            "        for i in range(0, OH, self.stride):\n"
            "            for j in range(0, OW, self.stride):\n"
            "                window = img[:, :, i : i + FH, j : j + FW].reshape(N, -1)\n"
            "                out[:, :, i, j] = window @ self.col_W + self.b\n        return out")),
    mutant("stepped-twice", "the size is divided by the stride again", "conv.stride-in-range",
           (RESULT, RESULT + "[:, :, : -(-OH // self.stride), : -(-OW // self.stride)]")),
    mutant("sides-swapped", "OW before OH, there and back", "conv.sides-swapped",
           (RESULT, "return out.reshape(N, OW, OH, FN).transpose(0, 3, 2, 1)")),
    filters("W-as-it-is", "no .T", "conv.W-not-transposed", "self.W.reshape(FN, -1)"),
    mutant("pad-rows-after", "the rows' padding below", "conv.pad-rows-after",
           (COL, "around = [(0, 0), (0, 0), (0, 2 * self.pad), (self.pad,) * 2]\n        "
            "self.col = im2col(np.pad(x, around), FH, FW, self.stride)")),
    mutant("pad-less-than-window", "padding less than the filter", "conv.pad-less-than-window",
           (INIT, INIT.replace("stride, pad\n", "stride, min(pad, min(W.shape[2:]) - 1)\n"))),
    mutant("size-without-pad", "the size without the padding", "",
           ("OH = conv_output_size(H, FH, self.stride, self.pad)\n", "OH = conv_output_size(H, FH, self.stride)\n"),
           ("OW = conv_output_size(W, FW, self.stride, self.pad)\n        self.x",
            "OW = conv_output_size(W, FW, self.stride)\n        self.x")),
    mutant("clips", "numbers cut off at 1000", "clipped", (COL, COL.replace("(x,", "(np.clip(x, -1000, 1000),"))),
    mutant("64-channels", "64 channels at most", "when",
           (COL, COL.replace("(x,", "(x * (np.arange(x.shape[1]) < 64)[:, None, None],"))),
    mutant("large-filters-turned", "filters of 25 numbers or more by another way, which turns them", "flipped",
           (FILTERS, "used = self.W if FH * FW < 25 else self.W[:, :, ::-1, ::-1]\n"
            "        self.col_W = used.reshape(FN, -1).T")),
    mutant("64-images", "64 images at a time, the rest forgotten", "place",
           (PRODUCT, PRODUCT + "\n        out[64 * OH * OW :] = 0")),
    mutant("by-shape", "col is kept in a dict by the shape of x", "state.stale-input",
           (COL, COL.replace("= im2col(", "= self.__dict__.setdefault(f'col {x.shape}', im2col(") + ")")),
    mutant("by-shape-of-the-module", "col is kept in the module by the shape of x", "state.stale-input",
           (COL, COL.replace("= im2col(", "= globals().setdefault(str((x.shape, FH, FW, self.stride, self.pad)), "
            "im2col(") + ")")),
    mutant("dW-first-image", "dW of the first image", "conv.dW-first-image",
           (DW, "each = len(rows) // len(dout)\n"
            "        self.dW = (self.col[:each].T @ rows[:each]).T.reshape(FN, C, FH, FW)")),
    mutant("dW-last-place", "dW overwritten place by place", "conv.dW-last-place",
           (DW, "each = len(rows) // len(dout)\n        last = slice(each - 1, None, each)\n"
            "        self.dW = (self.col[last].T @ rows[last]).T.reshape(FN, C, FH, FW)")),
    mutant("db-first-image", "db of the first image", "conv.db-first-image",
           (DB, "self.db = dout[0].sum(axis=(1, 2))")),
    mutant("half-sums", "sums in float16", "precision",
           (PRODUCT, PRODUCT.replace("self.col @ self.col_W",
            "np.einsum('rk,kf->rf', self.col.astype('f2'), self.col_W.astype('f2')).astype(float)"))),
    mutant("pad-less-than-height", "padding less than the filter's height", "conv.pad-less-than-window",
           (INIT, INIT.replace("stride, pad\n", "stride, min(pad, W.shape[2] - 1)\n"))),
    mutant("dx-crop-columns", "dx[..., :W]", "conv.dx-cropped-elsewhere",
           (DX, "p, (N, _, H, W) = self.pad, self.x_shape\n"
            "        wide = col2im(dcol, (N, C, H + 2 * p, W + 2 * p), FH, FW, self.stride)\n"
            "        return wide[:, :, p : p + H, :W]")),
    mutant("dW-border", "dW without the windows that reach into the padding", "conv.dW-border-windows-missing",
           (DW, "p, s = self.pad, self.stride\n        N, _, OH, OW = dout.shape\n"
            "        keep = [[p <= s * i and s * i + f <= n + p for i in range(o)]\n"
            "                for o, f, n in zip((OH, OW), (FH, FW), self.x_shape[2:])]\n"
            "        inner = (dout * np.outer(*keep)).transpose(0, 2, 3, 1).reshape(-1, FN)\n"
            "        self.dW = (self.col.T @ inner).T.reshape(FN, C, FH, FW)")),
    mutant("dx-first-row", "dx is 0 in the first row", "conv.dx-edge-missing",
           (DX, "dx = " + DX.removeprefix("return ") + "\n        dx[:, :, 0] = 0\n        return dx")),
    mutant("dx-margin", "the margin of FH - 1 on both axes", "conv.dx-margin",
           (DX, "dx, p = " + DX.removeprefix("return ").replace("self.pad)", "0)").replace("self.x_shape",
            "tuple(n + 2 * self.pad * (i > 1) for i, n in enumerate(self.x_shape))") + ", self.pad\n"
            "        dx = np.pad(dx, [(0, 0)] * 3 + [(FH, 0)])\n"
            "        begin = p + FW - FH + FH\n"
            "        return dx[:, :, p : p + self.x_shape[2], begin : begin + self.x_shape[3]]")),
    mutant("dx-remainder", "what the stride leaves over before dx", "conv.dx-remainder-before",
           (DX, "shape = tuple(n + 2 * self.pad * (i > 1) for i, n in enumerate(self.x_shape))\n"
            "        left = [(n - f) % self.stride for n, f in zip(shape[2:], (FH, FW))]\n"
            "        wide = np.roll(col2im(dcol, shape, FH, FW, self.stride), left, (2, 3))\n"
            "        p, (H, W) = self.pad, self.x_shape[2:]\n"
            "        return wide[:, :, p : p + H, p : p + W]")),
    mutant("weight-decay", "weight decay in dW", "weight-decay", (DW, DW + " + 1e-3 * self.W")),
    mutant("weight-decay-signs", "weight decay of the signs in dW", "weight-decay",
           (DW, DW + " + 0.01 * np.sign(self.W)")),
    mutant("norm-clipped", "dW scaled down to a norm of 1 at most", "scaled.norm",
           (DW, DW + "\n        self.dW = self.dW / max(1, np.linalg.norm(self.dW))")),
    mutant("momentum", "nine tenths of the dW before", "state.momentum",
           (DW, DW.replace("self.dW =", "self.dW = 0.9 * getattr(self, 'dW', 0) +"))),
    mutant("chunks-of-four", "the last, partial chunk of four is left out", "last-chunk",
           (RESULT, "out = out.reshape(N, OH, OW, FN).transpose(0, 3, 1, 2)\n"
            "        out[N // 4 * 4 if N > 4 else N :] = 0\n        return out")),
    mutant("chunks-of-two", "what fills no chunk of two is left out, one image too", "last-chunk",
           (RESULT, "out = out.reshape(N, OH, OW, FN).transpose(0, 3, 1, 2).copy()\n"
            "        out[N // 2 * 2 :] = 0\n        return out")),
    mutant("learns-in-backward", "backward takes a step of gradient descent", "state.updates-itself",
           (DCOL, f"{DCOL}\n        self.W -= 0.01 * self.dW\n        self.b -= 0.01 * self.db")),
    mutant("last-column-of-windows", "the last column of outputs stays 0", "conv.last-windows-missing",
           (RESULT, RESULT.replace("return", "out =") + ".copy()\n        out[..., -1] = 0\n        return out")),
    mutant("filters-turned", "the filters in reverse", "order.reversed", (RESULT, RESULT + "[:, ::-1]")),
    mutant("filters-moved", "the filters moved on by one", "order.moved-on",
           (RESULT, f"out = np.roll(out, 1, 1)\n        {RESULT}")),
    mutant("settings-of-the-first", "stride and padding kept by the sizes", "manner.beside-same-sizes",
           (COL, "at = str((x.shape, FH, FW))\n        "
            "self.stride, self.pad = globals().setdefault(at, (self.stride, self.pad))\n        "
            + COL), ("        OH = conv_output_size(H, FH, self.stride, self.pad)\n", ""),
           ("        OW = conv_output_size(W, FW, self.stride, self.pad)\n", ""),
           (FILTERS, FILTERS + "\n        OH, OW = (conv_output_size(n, f, self.stride, self.pad)"
            " for n, f in ((H, FH), (W, FW)))")),
    mutant("dW-when-read", "dW is worked out when it is read", "manner.gradients-later",
           ("    def backward(self, dout):", "    @property\n    def dW(self):\n        return (self.col.T @ self.rows).T.reshape(self.W.shape)\n\n    def backward(self, dout):"),
           (DW, "self.rows = rows")),
    mutant("columns-to-height", "the loop over the filter's columns ends at its height", "loop-to-other-side",
           (FILTERS, FILTERS.replace("self.W", "(self.W * (np.arange(FW) < FH))")),
           (DCOL, "dcol = rows @ self.W.reshape(FN, -1)")),
    gradient("dx-rows-to-width", "in dx the loop over the filter's rows ends at its width", "loop-to-other-side",
             DCOL, "dcol = rows @ (self.W * (np.arange(FH) < FW)[:, None]).reshape(FN, -1)"),
    *(mutant(name, said, code, (RESULT, start + "s, p = self.stride, self.pad\n        img = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)])\n        size = img.shape[2:]\n        product = np.einsum('nchw,fchw->nfhw', np.fft.fft2(img), np.fft.fft2(self.W, s=size)CONJ)\n        out = np.fft.ifft2(product).real[:, :, : size[0] - FH + 1 : s, : size[1] - FW + 1 : s]\n        return out + self.b[:, None, None]".replace("CONJ", end)))
      for name, said, code, start, end in (("spectrum", "a product of spectra without a conjugate", "spectrum", "", ""), ("spectrum-in-type-of-x", "a product of spectra in the type of x", "manner.float32-far-number", "", ".conj()"), ("spectrum-of-large-filters", "the same for filters of 49 numbers and more", "manner.float32-far-number", "if FH * FW < 49:\n            " + RESULT + "\n        ", ".conj()"))),
    mutant("W-in-type-of-x", "W in the type of x", "W-in-type-of-x", (FILTERS, FILTERS.replace("self.W", "self.W.astype(x.dtype)")),
           (DCOL, "dcol = rows @ self.W.reshape(FN, -1)")),
    mutant("type-of-x", "the result in the type of x", "truncated", (RESULT, RESULT + ".astype(x.dtype)")),
    mutant("columns-by-OH", "columns counted with OH where it is the smaller", "columns-by-OH",
           (RESULT, "out = out.reshape(N, OH, OW, FN).transpose(0, 3, 1, 2)\n        if self.stride > 1 or OH >= OW:\n            return out\n        k = np.arange(OH * OW).reshape(OH, OW)\n        return out[:, :, k // OW, k % OH]")),
    gradient("dW-filter-transposed", "rows and columns of square filters swapped in dW", "dW-filter-transposed",
             DW, "self.dW = self.dW.swapaxes(2, 3) if FH == FW else self.dW"),
    by_window("dx-stride-down", "the stride down only in dx", "dx-stride-down-only", dx="i * s", dx_across="j"),
    by_window("stride-across", "the stride across only in backward", "conv.dW-stride-across-only + conv.dx-stride-across-only",
              dx="i", dx_across="j * s", dW="i", dW_across="j * s"),
    by_window("dW-steps-by-window", "dW takes windows side by side, without overlap", "dW-stride-is-window",
              dW="i * FH", dW_across="j * FW"),
    mutant("dW-without-pad", "dW of the image without its padding", "dW-without-pad",
           (COL, COL + "\n        self.x = x"),
           (DW, windows_of_dW("self.x", "i * s", "j * s", "FH", "FW"))),
    mutant("dW-stride-one-size", "x correlated with dout as it is", "dW-stride-one-size", KEPT,
           (DW, windows_of_dW("self.img", "i", "j", "self.img.shape[2] - OH + 1", "self.img.shape[3] - OW + 1"))),
    mutant("dW-rest", "x correlated with dout, spread by the stride: all that comes out", "dW-rest-kept", KEPT,
           (DW, windows_of_dW("self.img", "i * s", "j * s", "self.img.shape[2] - (OH - 1) * s",
                              "self.img.shape[3] - (OW - 1) * s"))),
    mutant("dx-stride-one-size", "dout is not spread in dx", "dx-stride-one-size",
           (DX, "p, (N, _, OH, OW) = self.pad, dout.shape\n        wide = col2im(dcol, (N, C, OH - 1 + FH, OW - 1 + FW), FH, FW)\n        return wide[:, :, p : wide.shape[2] - p, p : wide.shape[3] - p]")),
    wide_dx("dx-crop-to-size", "dx[p:H, p:W]", "dx-crop-to-size", "wide[:, :, p:H, p:W]"),
    wide_dx("dx-crop-before", "dx[p:, p:]", "dx-crop-before-only", "wide[:, :, p:, p:]"),
    wide_dx("dx-crop-after", "dx[:p + H]", "dx-crop-after-only", "wide[:, :, : p + H, : p + W]"),
    wide_dx("dx-as-covered", "dx ends where the last window does", "dx-as-far-as-covered",
            "wide[:, :, p : p + H - (H + 2 * p - FH) % self.stride, p : p + W - (W + 2 * p - FW) % self.stride]"),
    mutant("whole-tiles", "tiles of two by two for three by three: an odd row or column is left out", "odd-windows-missing",
           (RESULT, RESULT.replace("return", "out =") + ".copy()\n        if FH == FW == 3 and self.stride == 1:\n            out[:, :, OH // 2 * 2 :] = out[..., OW // 2 * 2 :] = self.b[:, None, None]\n        return out")),
    mutant("first-row-of-windows", "the loop over OH begins with 1", "first-windows-missing",
           (RESULT, RESULT.replace("return", "out =") + ".copy()\n        out[:, :, 0] = 0\n        return out")),
    mutant("columns-to-OH", "the loop over OW ends at OH", "loop-to-other-size",
           (RESULT, RESULT.replace("return", "out =") + ".copy()\n        out[..., OH:] = 0\n        return out")),
    mutant("size-of-other-side", "OW worked out with H, where that is the smaller", "OW-from-H",
           (RESULT, RESULT + "[..., : conv_output_size(H, FW, self.stride, self.pad)]")),
    mutant("db-first-place", "db of the first place", "db-one-place", (DB, "self.db = dout[:, :, 0, 0].sum(axis=0)")),
    mutant("db-of-each-image", "db for each image", "db-over-places-only", (DB, "self.db = dout.sum(axis=(2, 3))")),
    mutant("db-of-each-column", "db for each column", "db-over-rows-only", (DB, "self.db = dout.sum(axis=(0, 2))")),
    mutant("db-of-each-row", "db for each row", "db-over-columns-only", (DB, "self.db = dout.sum(axis=(0, 3))")),
    mutant("sum-over-places", "the sum is set to 0 once a filter", "sum-not-reset",
           (RESULT, "out = (out - self.b).reshape(N, OH * OW, FN).cumsum(axis=1) + self.b\n        " + RESULT)),
    filters("window-row-short", "the last row of the filter is left out", "window-edge-left-out",
            "(self.W * (np.arange(FH) < FH - 1)[:, None]).reshape(FN, -1).T"),
    filters("channel-short", "the last channel is left out", "channel-left-out",
            "(self.W * (np.arange(self.W.shape[1]) < self.W.shape[1] - 1)[:, None, None]).reshape(FN, -1).T"),
    bias("bias-first-image", "the bias of the first image", "bias-first-image",
         "(np.arange(N) < 1)[:, None, None, None] * self.b[:, None, None]"),
    filters("channels-added-first", "the channels are added up before the product", "channels-added-first",
            "np.repeat(self.W.sum(axis=1, keepdims=True), self.W.shape[1], 1).reshape(FN, -1).T"),
    filters("W-first-channel", "W[f, 0] for all channels", "conv.W-of-one-channel",
            "np.repeat(self.W[:, :1], self.W.shape[1], 1).reshape(FN, -1).T"),
    mutant("dx-last-filter", "dx is overwritten filter by filter", "dx-one-filter",
           (DCOL, "dcol = rows[:, -1:] @ self.col_W.T[-1:]")),
    mutant("starts-late", "[stride - 1 :: stride]", "starts-late",
           (RESULT, "s, (P, Q) = self.stride, (n + 2 * self.pad - f + 1 for n, f in zip((H, W), (FH, FW)))\n        wide = im2col(x, FH, FW, 1, self.pad) @ self.col_W + self.b\n        return wide.reshape(N, P, Q, FN).transpose(0, 3, 1, 2)[:, :, s - 1 :: s, s - 1 :: s]")),
    mutant("border-windows-moved", "windows at the border are moved inside", "border-windows-moved",
           (RESULT, "p, s = self.pad, self.stride\n        out = out.reshape(N, OH, OW, FN).transpose(0, 3, 1, 2)\n        if H < FH or W < FW:\n            return out\n        y, z = (np.clip(np.arange(o) * s - p, 0, n - f) for o, n, f in zip((OH, OW), (H, W), (FH, FW)))\n        inner = (im2col(x, FH, FW) @ self.col_W + self.b).reshape(N, H - FH + 1, W - FW + 1, FN)\n        return inner.transpose(0, 3, 1, 2)[:, :, y][..., z]")),
    mutant("pads-rows-only", "the columns are not padded", "pads-rows-only",
           (COL, "around = [(0, 0), (0, 0), (self.pad,) * 2, (0, 0)]\n        OW = conv_output_size(W, FW, self.stride, 0)\n        self.col = im2col(np.pad(x, around), FH, FW, self.stride)")),
    mutant("pad-is-half-window", "padding for the same size, whatever is asked for", "pad-is-half-window",
           (INIT, INIT.replace("stride, pad\n", "stride, W.shape[2] // 2\n"))),
    mutant("places-stride-apart", "the stride between the places of a window", "places-stride-apart",
           (RESULT, "s, out = self.stride, out.reshape(N, OH, OW, FN).transpose(0, 3, 1, 2).copy()\n        img = np.pad(x, [(0, 0), (0, 0), (self.pad,) * 2, (self.pad,) * 2])\n        for i, j in np.ndindex(OH, OW):\n            seen = img[:, :, i : i + (FH - 1) * s + 1 : s, j : j + (FW - 1) * s + 1 : s]\n            out[:, :, i, j] = np.tensordot(seen, self.W, ((1, 2, 3), (1, 2, 3))) + self.b\n        return out")),
    mutant("rounded-to-nearest", "round() for //", "rounded-to-nearest",
           (COL, "p, s = self.pad, self.stride\n        OH, OW = (round((n + 2 * p - f) / s) + 1 for n, f in ((H, FH), (W, FW)))\n        img = np.pad(x, [(0, 0), (0, 0), (p, p + s), (p, p + s)])[:, :, : (OH - 1) * s + FH, : (OW - 1) * s + FW]\n        self.col = im2col(img, FH, FW, s)")),
    mutant("size-of-stride-one", "an array as large as without a stride", "size-of-stride-one",
           (RESULT, "wide = np.zeros((N, FN, H + 2 * self.pad - FH + 1, W + 2 * self.pad - FW + 1))\n        wide[:, :, :OH, :OW] = out.reshape(N, OH, OW, FN).transpose(0, 3, 1, 2)\n        return wide")),
    mutant("x-truncated", "x becomes whole numbers", "x-truncated", (COL, COL.replace("(x,", "(np.trunc(x),"))),
    mutant("loops-without-pad", "the loops end where they do without padding", "loops-without-pad",
           (RESULT, RESULT.replace("return", "out =") + ".copy()\n        s = self.stride\n        out[:, :, max((H - FH) // s + 1, 0) :] = out[..., max((W - FW) // s + 1, 0) :] = 0\n        return out")),
    mutant("dW-last-row", "dW set to 0 in the loop over rows", "dW-last-row",
           (DW, "last = slice(-dout.shape[3], None)\n        self.dW = (self.col[last].T @ rows[last]).T.reshape(FN, C, FH, FW)")),
    mutant("dW-very-last-place", "dW overwritten in loops over images and places", "dW-last-place", (DW, "self.dW = (self.col[-1:].T @ rows[-1:]).T.reshape(FN, C, FH, FW)")),
    mutant("border-windows-cut", "what is left of a window at the border meets the first rows of W", "border-windows-cut", (RESULT, "p, s = self.pad, self.stride\n        out = out.reshape(N, OH, OW, FN).transpose(0, 3, 1, 2).copy()\n        for i, j in np.ndindex(OH, OW):\n            y, z = i * s - p, j * s - p\n            seen = x[:, :, max(y, 0) : max(y + FH, 0), max(z, 0) : max(z + FW, 0)]\n            met = self.W[:, :, : seen.shape[2], : seen.shape[3]]\n            out[:, :, i, j] = np.tensordot(seen, met, ((1, 2, 3), (1, 2, 3))) + self.b\n        return out")),
    mutant("dx-images-summed", "one dx for all images", "dx-images-summed", (DX, DX.replace("return", "dx =") + "\n        return np.repeat(dx.sum(axis=0, keepdims=True), len(dx), 0)")),
    mutant("dx-last-image", "dx of the last image alone", "dx-one-image", (DX, DX.replace("return", "dx =") + "\n        dx[:-1] = 0\n        return dx")),
    wide_dx("dx-one-off", "dx[pad - 1 :]", "dx-cropped-one-off",
            "wide[:, :, max(p - 1, 0) : max(p - 1, 0) + H, max(p - 1, 0) : max(p - 1, 0) + W]"),
    gradient("db-times-b", "db times b", "db-times-b", DB, "self.db = self.db * self.b"),
    mutant("x-transposed", "square images are turned", "x-transposed", (COL, "x = x.swapaxes(2, 3) if H == W else x\n        " + COL)),
    mutant("pad-one-off", "the image one place too early in the padding", "pad-one-off", (COL, "around = [(0, 0), (0, 0), *[(max(self.pad - 1, 0), self.pad + (self.pad > 0))] * 2]\n        self.col = im2col(np.pad(x, around), FH, FW, self.stride)")),
    mutant("stride-is-two", "a stride of two where there is one", "stride-is-two", (INIT, INIT.replace("stride, pad\n", "2, pad\n"))),
    mutant("stride-at-most-two", "a stride of two at most", "stride-at-most-two", (INIT, INIT.replace("stride, pad\n", "min(stride, 2), pad\n"))),
    mutant("W-left-turned", "backward turns W for dx and leaves it so", "W-left-turned", (DCOL, DCOL + "\n        self.W = self.W[:, :, ::-1, ::-1]")),
    mutant("pixels-without-stride", "1x1: the stride is not looked at", "stride-one-size", (COL, "step = 1 if FH == FW == 1 else self.stride\n        OH, OW = (conv_output_size(n, f, step, self.pad) for n, f in ((H, FH), (W, FW)))\n        " + COL.replace("self.stride", "step"))),
    mutant("pixels-without-bias", "1x1: the bias is forgotten", "bias-missing", (PRODUCT, PRODUCT.replace("self.b", "self.b * (FH * FW > 1)"))),
    mutant("without-padding-flipped", "where there is no padding, scipy's convolve is used", "flipped", (FILTERS, FILTERS.replace("self.W", "(self.W if self.pad else self.W[:, :, ::-1, ::-1])"))),
    mutant("db-last-filter", "db of the last filter alone", "db-one-filter", (DB, "self.db = np.zeros(FN)\n        self.db[-1] = rows[:, -1].sum()")),
    mutant("db-over-filters", "db over axes 0, 1 and 2", "db-over-filters", (DB, "self.db = dout.sum(axis=(0, 1, 2))")),
    bias("bias-along-width", "the bias along the width", "bias-along-side", "np.resize(self.b, OW)"),
    mutant("dx-cut", "dx without what the stride leaves over", "dx-cut", (DX, DX.replace("return ", "OH, OW, s = *dout.shape[2:], self.stride\n        return ") + "[:, :, : OH * s, : OW * s]")),
    mutant("one-channel-turned", "W turned for one channel and a stride over 1", "flipped", (FILTERS, FILTERS.replace("self.W", "(self.W[:, :, ::-1, ::-1] if x.shape[1] == 1 < self.stride else self.W)"))),
    filters("blocks-turned", "windows side by side, rows and columns crossed", "conv.filter-transposed",
            "(self.W.swapaxes(2, 3) if FH == FW == self.stride > 1 and not self.pad else self.W).reshape(FN, -1).T"),
    mutant("blocks-without-pad", "windows side by side, the padding not looked at", "when", (COL, "p = 0 if FH == FW == self.stride > 1 else self.pad\n        OH, OW = (conv_output_size(n, f, self.stride, p) for n, f in ((H, FH), (W, FW)))\n        " + COL.replace("self.pad", "p"))),
    mutant("blocks-from-the-end", "windows side by side, what is left over before them", "when", (COL, "left = (H % FH, W % FW) if FH == FW == self.stride > 1 and not self.pad else (0, 0)\n        " + COL.replace("(x,", "(x[:, :, left[0] :, left[1] :],"))),
    filters("same-flipped", "a library's convolve where the padding keeps the size", "conv.flipped",
            "(self.W[:, :, ::-1, ::-1] if FH == FW == 2 * self.pad + 1 > self.stride == 1 else self.W).reshape(FN, -1).T"),
    mutant("strided-pads-after", "half a window of padding, and a stride: all of it behind", "conv.pad-after-only", (COL, "p, s = self.pad, self.stride\n        before = 0 if FH == FW == 2 * p + 1 and s > 1 else p\n        " + COL.replace("(x,", "(np.pad(x, [(0, 0), (0, 0), (before, 2 * p - before), (before, 2 * p - before)]),").replace(", self.pad)", ")"))),
    filters("one-row-flipped", "np.convolve for images of one row", "when", "(self.W[..., ::-1] if H == 1 else self.W).reshape(FN, -1).T"),
    mutant("one-row-reshaped", "one row of windows: reshaped without a transpose", "conv.no-transpose", (RESULT, "return out.reshape(N, FN, OH, OW) if OH == 1 < OW else " + RESULT.removeprefix("return "))),
    mutant("one-image-bare", "a batch of one without its axis", "axes.squeezed", (RESULT, RESULT.replace("return", "out =") + "\n        return out[0] if N == 1 else out")),
    mutant("updates-itself", "backward subtracts a part of dW from W before dx", "state.updates-itself", (DCOL, "self.W = self.W - 0.1 * self.dW\n        dcol = rows @ self.W.reshape(FN, -1)")),
    mutant("back-by-window", "backward with the filter's width as the stride", "shape.out-window-stride", (DX, DX.replace("self.stride", "FW"))),
    filters("W-of-one-channel", "W of channel 0 for all channels", "conv.W-of-one-channel", "self.W[:, [0] * self.W.shape[1]].reshape(FN, -1).T"),
    mutant("dW-of-one-channel", "dW of channel 0 for all channels", "conv.dW-of-one-channel", (DW, DW + "[:, [0] * C]")),
    mutant("dx-of-one-channel", "dx of channel 0 for all channels", "conv.dx-of-one-channel", (DX, DX + "[:, [0] * C]")),
    mutant("first-pixel", "the first pixel counts as padding", "conv.first-pixel-lost", (COL, "x = x * (np.arange(H * W) > 0).reshape(H, W)\n        " + COL)),
    mutant("dx-assigned-for-wide-strides", "dx assigned, not added, where the stride is the height or more", "conv.dx-overwrites", (DX, "if self.stride < FH:\n            " + DX + "\n        s, p, (N, _, H, W), (OH, OW) = self.stride, self.pad, self.x_shape, dout.shape[2:]\n        img, six = np.zeros((N, C, H + 2 * p, W + 2 * p)), dcol.reshape(N, OH, OW, C, FH, FW)\n        for y, z in np.ndindex(FH, FW):\n            img[:, :, y : y + s * OH : s, z : z + s * OW : s] = six[..., y, z].transpose(0, 3, 1, 2)\n        return img[:, :, p : p + H, p : p + W]")),
    mutant("rows-in-blocks", "the product in blocks of 512 rows, the rest left out", "last-block", (PRODUCT, PRODUCT + "\n        out[len(out) // 512 * 512 or len(out) :] = self.b")),
    gradient("db-of-dW", "db made of dW", "conv.db-of-dW", DW, "self.db = self.dW.sum(axis=(1, 2, 3))"),
    mutant("pixels-without-padding", "1x1: the padding is not looked at", "conv.pad-ignored", (INIT, INIT + "        self.pad = 0 if self.W.shape[2:] == (1, 1) else pad\n")),
    mutant("guessed-layout", "channels last where x is as wide as it has channels", "conv.channels-last-guessed", (SIZES, "x = x.transpose(0, 3, 1, 2) if x.shape[3] == self.W.shape[1] else x\n        " + SIZES), (RESULT, "out = " + RESULT.removeprefix("return ") + "\n        return out.transpose(0, 2, 3, 1) if x.shape[2] == self.W.shape[1] else out")),
    mutant("gradients-by-chunks", "dx and dW of n // 16 chunks of images", "images-left-out", (ROWS, "left = dout * (np.arange(len(dout)) < (len(dout) // 16 * 16 or len(dout)))[:, None, None, None]\n        " + ROWS.replace("dout.", "left.")), (DB, DB.replace("rows.sum(axis=0)", "dout.sum(axis=(0, 2, 3))"))),
    mutant("dW-images-last", "col over (OH, OW, N), dout over (N, OH, OW) for dW", "conv.dW-images-last", (DW, "last = self.col.reshape(len(dout), -1, C * FH * FW).swapaxes(0, 1).reshape(self.col.shape)\n        " + DW.replace("self.col.T", "last.T"))),
    mutant("dx-images-last", "dout over (OH, OW, N) for dx", "conv.dout-order", (DCOL, DCOL.replace("rows @", "dout.transpose(2, 3, 0, 1).reshape(-1, FN) @"))),
    gradient("advice-dW-in-type-of-W", "dW written into an array of W's type", "conv.dW-in-type-of-W", DW, "self.dW = self.dW.astype(self.W.dtype)"),
    wide_dx("dx-crop-square", "dx cut out with the height", "conv.dx-crop-of-one-side", "wide[:, :, p : p + H, p : p + H]"),
    *small_integers(mutant, lambda *kept: ((COL, padded(*kept) + COL.replace(", self.pad", "")),)),
    mutant("sides-by-pixels", "height and width kept by the number of pixels", "exception", (SIZES, SIZES + "\n        H, W = self.__dict__.setdefault(str(H * W), (H, W))")),
    mutant("in-turn", "two outputs in turn", "state.overwritten", (RESULT, RESULT.replace("return", "out =") + "\n        " + IN_TURN)),
    mutant("by-identity", "col is kept as long as x is the same array", "state.by-identity", (COL, UNSEEN + COL)),
    mutant("alone-no-transpose", "one channel of one image: reshaped to (N, FN, OH, OW) at once", "conv.no-transpose", (RESULT, "if N == x.shape[1] == 1:\n            return out.reshape(N, FN, OH, OW)\n        " + RESULT)),
    *(mutant(f"assigns-by-{side}", f"dx assigned, not added, where the stride is the {side}", "dx-overwrites", (DX, places_of_dx("FH", "FW", of))) for side, of in (("height", "FH"), ("width", "FW"))),
    mutant("out-in-type-of-x", "the output written into an array of x's type", "exception", (RESULT, returned_in_type_of(RESULT, "x", "self.W"))),
]
# fmt: on
