# ruff: noqa: E501 (patches are lines of code inside strings)
"""Mutants of AveragePooling: patches of impl/plain/pooling.py."""

from ..kept_settings import window_by_numbers
from ..small_integers import SMALL, padded, small_integers, written
from ..window_loops import places_of_dx
from . import Mutant, mutants_of, replacing

WINDOWS = "col = im2col(x, self.pool_h, self.pool_w, self.stride, self.pad).reshape(-1, area)"
MEAN = "mean = col.sum(axis=1) / area"
RESULT = "return mean.reshape(N, OH, OW, C).transpose(0, 3, 1, 2)"
SHARE = "share = dout.transpose(0, 2, 3, 1).reshape(-1, 1) / area"
DCOL = "dcol = np.repeat(share, area, axis=1).reshape(N * OH * OW, C * area)"
DX = f"{DCOL}\n        return col2im(dcol, self.x_shape, self.pool_h, self.pool_w, self.stride, self.pad)"
INIT = "self.pool_h, self.pool_w, self.stride, self.pad = pool_h, pool_w, stride, pad"
AROUND = "[(0, 0), (0, 0), (self.pad,) * 2, (self.pad,) * 2]"
mutant = mutants_of("average_pooling", "avg")
init = replacing(mutant, INIT, INIT.replace("= pool_h, pool_w, stride, pad", "= {}"))


def divided(id: str, text: str, code: str, by: str) -> Mutant:
    """Divide by another number in forward and in backward."""
    patch = ((MEAN, MEAN.replace("area", by)), (SHARE, SHARE.replace("area", by)))
    return mutant(id, text, code, *patch)


def around(mode: str) -> str:
    """Return a line that pads in another mode."""
    return f"col = im2col(np.pad(x, {AROUND}, {mode}), self.pool_h, self.pool_w, self.stride).reshape(-1, area)"


# fmt: off
MUTANTS = [
    mutant("windows-kept", "windows side by side: those of the first batch of a shape", "state.stale",
           (WINDOWS, "if not (self.pool_h == self.pool_w == self.stride and getattr(self, 'seen', None) == x.shape):\n            self.seen = x.shape\n            self." + WINDOWS + "\n        col = self.col")),
    *(mutant(f"dx-blocks-by-{side}", f"dx repeated where the stride is the {side}", f"dx-blocks-by-{side}",
             (DCOL, f"if self.stride == {of}:\n            dx = dout.repeat(self.pool_h, 2).repeat(self.pool_w, 3) / area\n"
              f"            return dx[:, :, self.pad : {end}, self.pad : {end2}]\n        " + DCOL))
      for side, of, end, end2 in (("height", "self.pool_h", "self.x_shape[2] + self.pad", "self.x_shape[3] + self.pad"),
                                  ("width", "self.pool_w", "dx.shape[2] - self.pad", "dx.shape[3] - self.pad"))),
    divided("sum", "not divided", "avg.sum", "1"),
    divided("by-stride", "divided by stride * stride", "avg.divided-by-stride", "self.stride**2"),
    divided("by-sides", "divided by pool_h + pool_w", "avg.divided-by-sides", "(self.pool_h + self.pool_w)"),
    divided("by-height", "divided by pool_h twice", "avg.divided-by-height", "self.pool_h**2"),
    divided("by-width", "divided by pool_w twice", "avg.divided-by-width", "self.pool_w**2"),
    divided("by-one-side", "divided by pool_h", "avg.divided-by-one-side", "self.pool_h"),
    mutant("max", "the largest", "avg.max", (MEAN, "mean = col.max(axis=1)")),
    mutant("by-channels", "divided by the channels too", "avg.divided-by-channels", (MEAN, MEAN + " / C")),
    mutant("padding-not-counted", "padded places do not count", "avg.padding-not-counted",
           (MEAN,
            "inside = im2col(np.ones_like(x), self.pool_h, self.pool_w, self.stride, self.pad).reshape(-1, area)\n"
            "        mean = col.sum(axis=1) / inside.sum(axis=1)")),
    mutant("floored", "// for /", "avg.floored", (MEAN, MEAN.replace("/", "//"))),
    mutant("integers", "cut to whole numbers", "avg.truncated", (MEAN, MEAN.replace("= col",
           "= np.trunc(col") + ")")),
    init("pad-ignored", "pad is not kept", "avg.pad-ignored", "pool_h, pool_w, stride, 0"),
    init("stride-ignored", "stride is not kept", "avg.stride-one-size", "pool_h, pool_w, 1, pad"),
    init("stride-is-window", "moves by its own height", "avg.stride-is-window", "pool_h, pool_w, pool_h, pad"),
    init("window-is-stride", "the window is stride x stride", "avg.window-is-stride", "stride, stride, stride, pad"),
    init("window-swapped", "height and width swapped", "avg.window-swapped", "pool_w, pool_h, stride, pad"),
    init("square-window", "pool_h x pool_h", "avg.square-window", "pool_h, pool_h, stride, pad"),
    mutant("pads-with-edge", "the border repeated", "avg.pads-with-edge", (WINDOWS, around('"edge"'))),
    mutant("pads-with-mirror", "the image mirrored", "avg.pads-with-mirror", (WINDOWS, around('"reflect"'))),
    mutant("no-transpose", "reshaped at once", "avg.no-transpose", (RESULT, "return mean.reshape(N, C, OH, OW)")),
    mutant("axes-swapped", "(N, C, OW, OH)", "avg.axes-swapped", (RESULT, RESULT.replace("(0, 3, 1, 2)",
           "(0, 3, 2, 1)"))),
    mutant("first-image", "first image for all", "avg.first-image-only", (RESULT, RESULT + "[[0] * N]")),
    mutant("float16", "half precision", "precision", (RESULT, RESULT + '.astype("float16")')),
    mutant("scaled", "a scale of 1 + 1e-4", "scaled", (MEAN, MEAN + " * 1.0001")),
    mutant("nearly-counted", "divided by one more", "scaled", (MEAN, MEAN.replace("area", "(area + 1)"))),
    mutant("batch-of-four", "images after the fourth are left out", "place",
           (MEAN, MEAN + "\n        mean[4 * OH * OW * C :] = 0")),
    mutant("not-square", "OW from the height", "", ("OW = conv_output_size(W, self.pool_w, self.stride, self.pad)\n"
           "        col", "OW = conv_output_size(H, self.pool_h, self.stride, self.pad)\n        col")),
    mutant("gradient-not-divided", "dout not divided", "avg.gradient-not-divided", (SHARE, SHARE.replace(" / area",
           ""))),
    mutant("gradient-twice", "dout divided twice", "avg.gradient-divided-twice", (SHARE, SHARE + "**2")),
    mutant("gradient-by-stride", "dout through stride * stride", "avg.gradient-divided-by-stride",
           (SHARE, SHARE.replace("area", "self.stride**2"))),
    mutant("gradient-by-sides", "dout through pool_h + pool_w", "avg.gradient-divided-by-sides",
           (SHARE, SHARE.replace("area", "(self.pool_h + self.pool_w)"))),
    mutant("gradient-by-batch", "dx / N", "avg.dx-averaged", (SHARE, SHARE + " / N")),
    mutant("gradient-first", "dout to the first place", "avg.gradient-first-place",
           (DCOL, "dcol = (np.eye(1, area) * share * area).reshape(N * OH * OW, C * area)")),
    mutant("dout-no-transpose", "dout as it lies", "avg.dout-no-transpose",
           (SHARE, SHARE.replace(".transpose(0, 2, 3, 1)", ""))),
    mutant("dout-laid-last", "dout's channels at the end, and not brought back", "avg.dout-no-transpose",
           ("N, C, OH, OW = dout.shape\n        area", "N, C, OH, OW = dout.shape\n"
            "        dout = dout.transpose(0, 2, 3, 1).reshape(N, C, OH, OW)\n        area")),
    mutant("dout-ignored", "dout taken for ones", "avg.dout-ignored",
           (SHARE, "share = np.ones((dout.size, 1)) / area")),
    mutant("dx-overwrites", "overlaps overwritten", "avg.dx-overwrites",
           (DX, "dx, (_, _, H, W) = np.zeros((N, C, *(s + 2 * self.pad for s in self.x_shape[2:]))), self.x_shape\n"
           "        for k, i, j in np.ndindex(N, OH, OW):\n            y, z = i * self.stride, j * self.stride\n"
           "            dx[k, :, y : y + self.pool_h, z : z + self.pool_w] = dout[k, :, i, j, None, None] / area\n"
           "        return dx[:, :, self.pad : self.pad + H, self.pad : self.pad + W]")),
    mutant("dx-not-cropped", "dx keeps the padding", "avg.dx-not-cropped",
           (DX, f"{DCOL}\n        H, W = (s + 2 * self.pad for s in self.x_shape[2:])\n"
           "        return col2im(dcol, (N, C, H, W), self.pool_h, self.pool_w, self.stride)")),
    mutant("dx-without-pad", "col2im without pad", "", (DX, DX.replace(", self.pad)", ")"))),
    mutant("dx-integers", "dx of whole numbers", "avg.dx-truncated", (DX, DX + ".astype(int)")),
    mutant("dx-accumulates", "dx added to that of before", "state.accumulates",
           (DX, DX.replace("return ", "self.dx = getattr(self, 'dx', 0) + ") + "\n        return self.dx.copy()")),
    mutant("sum-kept", "the mean runs over all calls", "state.accumulates",
           (MEAN, "self.total = getattr(self, 'total', 0) + col.sum(axis=1)\n        mean = self.total / area")),
    mutant("scales-x", "x is divided in place", "state.changed-input", (WINDOWS, f"x /= area\n        {WINDOWS}\n        col *= area")),
    mutant("median", "the median", "avg.median", (MEAN, "mean = np.median(col, axis=1)")),
    mutant("min", "the smallest", "avg.min", (MEAN, "mean = col.min(axis=1)")),
    mutant("gradient-by-height", "dx divided by pool_h twice", "avg.gradient-divided-by-height",
           (SHARE, SHARE.replace("area", "self.pool_h**2"))),
    mutant("gradient-by-channels", "dx divided by C too", "avg.gradient-divided-by-channels", (SHARE, SHARE + " / C")),
    mutant("stepped-twice", "the size is divided by the stride again", "avg.stride-in-range",
           (RESULT, RESULT + "[:, :, : -(-OH // self.stride), : -(-OW // self.stride)]")),
    mutant("sides-swapped", "OW before OH, there and back", "avg.sides-swapped",
           (RESULT, "return mean.reshape(N, OW, OH, C).transpose(0, 3, 2, 1)")),
    mutant("half-sums", "sums in float16", "precision", (MEAN, MEAN.replace("col.sum", "col.astype('f2').sum"))),
    mutant("pad-columns-before", "the columns' padding to the left", "avg.pad-columns-before",
           (WINDOWS, "col = im2col(np.pad(x, [(0, 0), (0, 0), (self.pad,) * 2, (2 * self.pad, 0)]), "
            "self.pool_h, self.pool_w, self.stride).reshape(-1, area)")),
    mutant("dx-border", "windows that reach into the padding do not count in dx", "avg.dx-border-windows-missing",
           (SHARE, "p, s = self.pad, self.stride\n"
            "        keep = [[p <= s * i and s * i + f <= n + p for i in range(o)] for o, f, n in\n"
            "                zip((OH, OW), (self.pool_h, self.pool_w), self.x_shape[2:])]\n"
            "        dout = dout * np.outer(*keep)\n        " + SHARE)),
    mutant("advice-byte", "sums of bytes in a byte", "avg.in-type-of-x",
           (MEAN, "col = col.astype(x.dtype)\n        mean = col.sum(axis=1, dtype=x.dtype) / area")),
    mutant("settings-of-the-first", "the stride kept by the sizes", "manner.beside-same-sizes",
           ("        N, C, H, W = self.x_shape = x.shape\n", "        N, C, H, W = self.x_shape = x.shape\n"
            "        self.stride = globals().setdefault(str((x.shape, self.pool_h, self.pool_w)), self.stride)\n")),
    mutant("running-sums", "differences of running sums in float32", "avg.running-sums-in-float32",
           (RESULT, "sums = np.pad(np.pad(x.astype('f4'), AROUND).cumsum(2).cumsum(3), [(0, 0), (0, 0), (1, 0), (1, 0)])\n        y, z = np.arange(OH) * self.stride, np.arange(OW) * self.stride\n        low, high = sums[:, :, y], sums[:, :, y + self.pool_h]\n        return (high[..., z + self.pool_w] - low[..., z + self.pool_w] - high[..., z] + low[..., z]) / area".replace("AROUND", AROUND))),
    mutant("running-sums-in-type-of-x", "differences of running sums in the type of x", "manner.float32",
           (RESULT, "sums = np.pad(np.pad(x, AROUND).cumsum(2).cumsum(3), [(0, 0), (0, 0), (1, 0), (1, 0)])\n        y, z = np.arange(OH) * self.stride, np.arange(OW) * self.stride\n        low, high = sums[:, :, y], sums[:, :, y + self.pool_h]\n        return (high[..., z + self.pool_w] - low[..., z + self.pool_w] - high[..., z] + low[..., z]) / area".replace("AROUND", AROUND))),
    mutant("running-sums-kept", "running sums rounded to float32", "avg.running-sums-in-float32",
           (RESULT, "sums = np.pad(np.pad(x, AROUND).cumsum(2).cumsum(3).astype('f4'), [(0, 0), (0, 0), (1, 0), (1, 0)])\n        y, z = np.arange(OH) * self.stride, np.arange(OW) * self.stride\n        low, high = sums[:, :, y], sums[:, :, y + self.pool_h]\n        return (high[..., z + self.pool_w] - low[..., z + self.pool_w] - high[..., z] + low[..., z]) / area".replace("AROUND", AROUND))),
    mutant("dx-by-chunks", "dx of n // 5 chunks of images", "images-left-out",
           ("        N, C, OH, OW = dout.shape\n", "        N, C, OH, OW = dout.shape\n        dout = dout * (np.arange(N) < (N // 5 * 5 or N))[:, None, None, None]\n")),
    *(mutant(f"sliding-sums{name}", f"each window's sum from the one before, in the type of x{said}", "manner.float32-far-number",
           (RESULT, start + "sums = np.pad(x, AROUND)\n        for size in (self.pool_h, self.pool_w):\n            run = sums[:, :, :size].sum(axis=2)\n            found = [run]\n            for k in range(size, sums.shape[2]):\n                run = run + sums[:, :, k] - sums[:, :, k - size]\n                found.append(run)\n            sums = np.stack(found, axis=3)\n        return sums[:, :, :: self.stride, :: self.stride][:, :, :OH, :OW] / area".replace("AROUND", AROUND)))
      for name, said, start in (("", "", ""), ("-of-large-windows", ", of windows of 25 pixels and more", f"if area < 25:\n            {RESULT}\n        "))),
    mutant("dx-running-sums", "dx made of steps that are summed up in the type of dout", "manner.float32-far-number",
           (DX, "s, p, (_, _, H, W) = self.stride, self.pad, self.x_shape\n        steps, share = np.zeros((N, C, H + 2 * p + 1, W + 2 * p + 1), dout.dtype), dout / area\n        for a, b in ((0, 0), (0, self.pool_w), (self.pool_h, 0), (self.pool_h, self.pool_w)):\n            part = steps[:, :, a : a + s * OH : s, b : b + s * OW : s]\n            part += share if bool(a) == bool(b) else -share\n        return steps.cumsum(2).cumsum(3)[:, :, p : p + H, p : p + W]")),
    mutant("rows-to-width", "forward's loop over the window's rows ends at its width", "avg.loop-to-other-side",
           (MEAN, "there = np.arange(area) // self.pool_w < self.pool_w\n        mean = (col * there).sum(axis=1) / area")),
    mutant("root-mean-square", "the root of the mean square", "root-mean-square",
           (MEAN, "mean = np.sqrt((col**2).sum(axis=1) / area)")),
    mutant("gradient-middle", "dout to the middle place", "gradient-middle",
           (DCOL, "at = self.pool_h // 2 * self.pool_w + self.pool_w // 2\n"
            "        dcol = ((np.arange(area) == at) * share * area).reshape(N * OH * OW, C * area)")),
    mutant("dx-repeated", "dout repeated over the window", "dx-repeated",
           (DX, "return np.kron(dout, np.ones((self.pool_h, self.pool_w))) / area")),
    mutant("rounded-up", "the last windows hang over, and are averaged over what they have", "rounded-up",
           (RESULT, "p, s = self.pad, self.stride\n        img = np.pad(x, AROUND)\n"
            "        OH, OW = (-(-(n + 2 * p - f) // s) + 1 for n, f in ((H, self.pool_h), (W, self.pool_w)))\n"
            "        out = [img[:, :, i * s : i * s + self.pool_h, j * s : j * s + self.pool_w].mean((2, 3)) for i, j in np.ndindex(OH, OW)]\n"
            "        return np.stack(out, -1).reshape(N, C, OH, OW)".replace("AROUND", AROUND))),
    mutant("gradient-floored", "// for / in backward", "gradient-floored", (SHARE, SHARE.replace("/", "//"))),
    mutant("first-column", "the loop over OW begins with 1", "first-windows-missing",
           (RESULT, RESULT.replace("return", "out =") + ".copy()\n        out[..., 0] = 0\n        return out")),
    mutant("sum-over-places", "the sum is set to 0 once a channel", "sum-not-reset",
           (RESULT, "mean = mean.reshape(N, OH * OW, C).cumsum(axis=1)\n        " + RESULT)),
    mutant("gradient-tiled", "tile for repeat", "gradient-tiled",
           (DCOL, "dcol = np.tile(share.reshape(N * OH * OW, C), (1, area))")),
    mutant("running-sums-shifted", "the zeros behind the running sums", "running-sums-shifted",
           (RESULT, "sums = np.pad(np.pad(x, AROUND).cumsum(2).cumsum(3), [(0, 0), (0, 0), (0, 1), (0, 1)])\n        y, z = np.arange(OH) * self.stride, np.arange(OW) * self.stride\n        low, high = sums[:, :, y], sums[:, :, y + self.pool_h]\n        return (high[..., z + self.pool_w] - low[..., z + self.pool_w] - high[..., z] + low[..., z]) / area".replace("AROUND", AROUND))),
    mutant("dout-sides-swapped", "OW and OH exchanged in dout", "dout-sides-swapped",
           (SHARE, SHARE.replace("dout.", "dout.swapaxes(2, 3)."))),
    mutant("dout-sides-reshaped", "dout reshaped to (N, C, OW, OH) and turned", "dout-sides-swapped",
           (SHARE, "dout = dout.reshape(N, C, OW, OH).swapaxes(2, 3)\n        " + SHARE)),
    mutant("one-row-reshaped", "one row of windows: reshaped without a transpose", "avg.no-transpose",
           (RESULT, "return mean.reshape(N, C, OH, OW) if OH == 1 < OW else " + RESULT.removeprefix("return "))),
    mutant("same-pads-with-edge", "where the padding keeps the size, the border is repeated", "avg.pads-with-edge",
           (WINDOWS, "if self.pad and self.stride == 1 and self.pool_h == self.pool_w == 2 * self.pad + 1:\n            x = np.pad(x, [(0, 0), (0, 0), (self.pad,) * 2, (self.pad,) * 2], 'edge')\n            col = im2col(x, self.pool_h, self.pool_w).reshape(-1, area)\n        else:\n            " + WINDOWS)),
    mutant("stride-down-alone", "all the windows across, whatever the stride", "avg.stride-one-size",
           (WINDOWS, WINDOWS.replace("self.stride, self.pad).reshape(-1, area)", "1, self.pad)") + "\n        col = col.reshape(N, H + 2 * self.pad - self.pool_h + 1, -1, C, area)[:, :: self.stride]\n        OW = col.shape[2]\n        col = col.reshape(N * OH * OW * C, area)")),
    mutant("dx-blocks-reshaped", "windows side by side: dx reshaped without a transpose", "avg.dx-blocks-mixed",
           (DX, DX.replace("return", "H, W = self.x_shape[2:]\n        if not self.pad and (H, W) == (OH * self.stride, OW * self.stride) and self.stride == self.pool_h == self.pool_w:\n            return dcol.reshape(N, OH, OW, C, area).transpose(0, 3, 1, 2, 4).reshape(self.x_shape)\n        return"))),
    mutant("square-blocks", "square windows that divide the image, whatever the stride", "avg.blocks-whatever-stride",
           ("        OH = conv_output_size(H, self.pool_h, self.stride, self.pad)\n", "        if not self.pad and self.pool_h == self.pool_w > 1 and not H % self.pool_h and not W % self.pool_h:\n            self.stride = self.pool_h\n        OH = conv_output_size(H, self.pool_h, self.stride, self.pad)\n")),
    *small_integers(mutant, lambda *kept: (
        ("col = im2col(x, self.pool_h, self.pool_w, self.stride, self.pad)",
         padded(*kept) + "col = im2col(x, self.pool_h, self.pool_w, self.stride)"),)),
    *(mutant(f"count-as-{kind}", f"the window's area as {kind}", "count-in-a-byte", ("mean = col.sum(axis=1) / area", f"mean = col.sum(axis=1) / np.array(area).astype('{kind}')"))
      for kind in ("i1", "u1")),
    *small_integers(mutant, lambda *kept: (
        ("return col2im(dcol, self.x_shape, self.pool_h, self.pool_w, self.stride, self.pad)",
         "N, C, H, W = self.x_shape\n        p = self.pad\n        wide = col2im(dcol, (N, C, H + 2 * p, W + 2 * p), self.pool_h, self.pool_w, self.stride)\n        "
         + written("wide", *kept) + "\n        return wide[:, :, p : p + H, p : p + W]"),), pairs=SMALL[:7], name="dx-"),
    mutant("rounded", "rounded to eight places", "precision", (MEAN, "mean = np.round(col.sum(axis=1) / area, 8)")),
    mutant("dout-order", "dout brought to (N, OH, C, OW)", "dout-order",
           (SHARE, SHARE.replace("(0, 2, 3, 1)", "(0, 2, 1, 3)"))),
    mutant("columns-order", "rows read as (window, C)", "columns-order",
           (WINDOWS, WINDOWS.replace(".reshape(-1, area)", "")
            + "\n        col = col.reshape(N * OH * OW, area, C).transpose(0, 2, 1).reshape(N * OH * OW * C, area)")),
    mutant("sides-by-pixels", "height and width kept by the number of pixels", "exception",
           ("N, C, H, W = self.x_shape = x.shape", "N, C, H, W = self.x_shape = self.__dict__.setdefault(str((x.shape[:2], x[0, 0].size)), x.shape)")),
    mutant("less-the-mean", "the mean of all images taken off before, and added after", "manner.float32",
           (MEAN, "whole = x.mean()\n        col = (col - whole).astype(np.result_type(x, 'f4'))\n        " + MEAN + " + whole")),
    *(mutant(f"assigns-by-{side}", f"dx assigned, not added, where the stride is the {side}", "dx-overwrites",
             (DX, f"{DCOL}\n        " + places_of_dx("self.pool_h", "self.pool_w", of))) for side, of in (("height", "self.pool_h"), ("width", "self.pool_w"))),
    mutant("padding-of-the-first", "the padding kept by the sizes", "manner.as-many-numbers",
           ("        N, C, H, W = self.x_shape = x.shape\n", "        N, C, H, W = self.x_shape = x.shape\n"
            "        at = str((x.shape, self.pool_h, self.pool_w, self.stride))\n"
            "        self.pad = globals().setdefault(at, self.pad)\n")),
    mutant("window-by-numbers", "the window kept by numbers of places, rows and columns", "manner.beside-same-sizes",
           ("        N, C, H, W = self.x_shape = x.shape\n", "        " + window_by_numbers("x.shape", "pool_h", "pool_w", "self.", 8) + "N, C, H, W = self.x_shape = x.shape\n")),
]
# fmt: on
