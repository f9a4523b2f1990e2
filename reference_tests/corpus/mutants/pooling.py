# ruff: noqa: E501 (patches are lines of code inside strings)
"""Mutants of Pooling: patches of impl/plain/pooling.py."""

from ..kept_settings import window_by_numbers
from ..small_integers import read, small_integers
from ..window_loops import places_of_dx
from . import IN_TURN, mutants_of, replacing

OH = "        OH = conv_output_size(H, self.pool_h, self.stride, pad)\n"
OW = "        OW = conv_output_size(W, self.pool_w, self.stride, pad)\n"
AROUND = "img = np.full((N, C, H + 2 * pad, W + 2 * pad), -np.inf)"
ZEROS = (AROUND, AROUND.replace("-np.inf", "0.0"))
PLACE = "img[:, :, pad : pad + H, pad : pad + W] = x"
WINDOWS = "col = im2col(img, self.pool_h, self.pool_w, self.stride).reshape(N * OH * OW * C, area)"
BEST = "self.arg_max = col.argmax(axis=1)"
MAX = "out = col.max(axis=1)"
RESULT = "return out.reshape(N, OH, OW, C).transpose(0, 3, 1, 2)"
DMAX = "dmax = np.zeros((dout.size, area))"
GIVE = "dmax[np.arange(dout.size), self.arg_max] = dout.transpose(0, 2, 3, 1).ravel()"
DCOL = "dcol = dmax.reshape(N * OH * OW, C * area)"
DX = f"{DCOL}\n        return col2im(dcol, self.x_shape, self.pool_h, self.pool_w, self.stride, self.pad)"
INIT = "self.pool_h, self.pool_w, self.stride, self.pad = pool_h, pool_w, stride, pad"
mutant = mutants_of("pooling", "pool")
init = replacing(mutant, INIT, INIT.replace("= pool_h, pool_w, stride, pad", "= {}"))


def scatter(body: str) -> str:
    """Return a replacement of DX that runs `body` for each window.

    In it, (k, i, j) is the window, (y, z) its first row and column, and (a, b) the place of the largest number in each
    channel.
    """
    return (
        "pad, (_, _, H, W), each = self.pad, self.x_shape, np.arange(C)\n"
        "        dx = np.zeros((N, C, H + 2 * pad, W + 2 * pad))\n"
        "        best = self.arg_max.reshape(N, OH, OW, C)\n"
        "        for k, i, j in np.ndindex(N, OH, OW):\n"
        "            y, z = i * self.stride, j * self.stride\n"
        "            a, b = np.divmod(best[k, i, j], self.pool_w)\n"
        f"            {body}\n"
        "        return dx[:, :, pad : pad + H, pad : pad + W]"
    )


# fmt: off
MUTANTS = [
    *(mutant(f"dx-in-every-row{id}", f"[:, place] for [np.arange(rows), place]{said}", "dx-in-every-row",
             (GIVE, f"dmax[:, self.arg_max] = dout.transpose(0, 2, 3, 1).{given}"))
      for id, said, given in (("", ", each row's dout", "reshape(-1, 1)"), ("-of-the-last", ", the last place's", "ravel()"))),
    mutant("pads-with-smallest", "padded with the smallest number", "pool.pads-with-smallest", (AROUND, AROUND.replace("-np.inf", "x.min()"))),
    mutant("gradient-any-channel", "one place for all channels of a window", "pool.gradient-any-channel",
           (BEST, "self.arg_max = np.repeat(col.reshape(-1, C * area).argmax(axis=1) % area, C)")),
    mutant("pads-with-zero", "padded with zeros", "pool.pads-with-zero", (AROUND, AROUND.replace("-np.inf", "0.0"))),
    mutant("starts-at-zero", "the largest sought from 0 upwards", "pool.starts-at-zero",
           (BEST, "col = np.maximum(col, 0)\n        " + BEST)),
    mutant("min", "the smallest", "pool.min",
           (AROUND, AROUND.replace("-np", "np")), (BEST, BEST.replace("argmax", "argmin")), (MAX, MAX.replace("max",
           "min"))),
    mutant("places-kept", "windows side by side: the places of the first batch of a shape", "state.stale-input",
           (BEST, "if not (self.pool_h == self.pool_w == self.stride and getattr(self, 'seen', None) == x.shape):\n            self.seen = x.shape\n            " + BEST)),
    mutant("absolute", "sizes without sign", "pool.absolute", (PLACE, PLACE.replace("= x", "= np.abs(x)"))),
    mutant("mean", "the mean", "pool.mean", ZEROS, (MAX, "out = col.mean(axis=1)")),
    mutant("sum", "the sum", "pool.sum", ZEROS, (MAX, "out = col.sum(axis=1)")),
    mutant("channels-mixed", "channels last in the windows", "pool.channels-mixed",
           (WINDOWS, "col = im2col(img, self.pool_h, self.pool_w, self.stride).reshape(-1, C, area)"
           ".transpose(0, 2, 1).reshape(N * OH * OW * C, area)")),
    init("pad-ignored", "pad is not kept", "pool.pad-ignored", "pool_h, pool_w, stride, 0"),
    init("stride-ignored", "stride is not kept", "pool.stride-one-size", "pool_h, pool_w, 1, pad"),
    init("stride-is-window", "moves by its own height", "pool.stride-is-window", "pool_h, pool_w, pool_h, pad"),
    init("window-is-stride", "the window is stride x stride", "pool.window-is-stride", "stride, stride, stride, pad"),
    init("window-swapped", "height and width swapped", "pool.window-swapped", "pool_w, pool_h, stride, pad"),
    init("square-window", "pool_h x pool_h", "pool.square-window", "pool_h, pool_h, stride, pad"),
    mutant("pad-after", "all the padding behind", "pool.pad-after-only", (PLACE, "img[:, :, :H, :W] = x")),
    mutant("pads-with-edge", "the border repeated", "pool.pads-with-edge", (f"{AROUND}\n        {PLACE}",
           'img = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)], "edge")')),
    mutant("no-transpose", "reshaped at once", "pool.no-transpose", (RESULT, "return out.reshape(N, C, OH, OW)")),
    mutant("axes-swapped", "(N, C, OW, OH)", "pool.axes-swapped", (RESULT, RESULT.replace("(0, 3, 1, 2)",
           "(0, 3, 2, 1)"))),
    mutant("size-without-pad", "the size without the padding", "", (OH + OW, OH.replace(", pad)",
           ")") + OW.replace(", pad)", ")"))),
    mutant("not-square", "OW from the height", "", (OW, OW.replace("(W, self.pool_w", "(H, self.pool_h"))),
    mutant("integers", "cut to whole numbers", "pool.truncated", (RESULT, RESULT + ".astype(int)")),
    mutant("float16", "half precision", "precision", (RESULT, RESULT + '.astype("float16")')),
    mutant("scaled", "a scale of 1 + 1e-4", "scaled", (MAX, MAX + " * 1.0001")),
    mutant("batch-of-four", "images after the fourth are left out", "place",
           (PLACE, "img[:4, :, pad : pad + H, pad : pad + W] = x[:4]\n        img[4:] = 0")),
    mutant("first-image", "first image for all", "pool.first-image-only", (RESULT, RESULT + "[[0] * N]")),
    mutant("ties-all", "every largest gets dout", "pool.ties-all",
           (BEST, "self.arg_max = col == col.max(axis=1, keepdims=True)"),
            (GIVE, "dmax[:] = dout.transpose(0, 2, 3, 1).reshape(-1, 1) * self.arg_max")),
    mutant("nearly-tied", "np.isclose for ==", "pool.nearly-tied",
           (BEST, "self.arg_max, self.near = col.argmax(axis=1), np.isclose(col, col.max(axis=1, keepdims=True))\n        self.near &= (col != col.max(axis=1, keepdims=True)) | (np.arange(area) == self.arg_max[:, None])"),
            (GIVE, "dmax[:] = dout.transpose(0, 2, 3, 1).reshape(-1, 1) * self.near")),
    mutant("gradient-everywhere", "dout to the whole window", "pool.gradient-everywhere",
           (GIVE, "dmax[:] = dout.transpose(0, 2, 3, 1).reshape(-1, 1)")),
    mutant("gradient-spread", "dout spread evenly", "pool.gradient-spread",
           (GIVE, "dmax[:] = dout.transpose(0, 2, 3, 1).reshape(-1, 1) / area")),
    mutant("gradient-first", "dout to the first place", "pool.gradient-first-place", (GIVE, GIVE.replace("self.arg_max",
           "0"))),
    mutant("gradient-last", "dout to the last place", "pool.gradient-last-place", (GIVE, GIVE.replace("self.arg_max",
           "-1"))),
    mutant("gradient-smallest", "dout to the smallest", "pool.gradient-smallest", (BEST, BEST.replace("argmax",
           "argmin"))),
    mutant("gradient-averaged", "dx through the window's size", "pool.gradient-averaged",
           (GIVE, GIVE + "\n        dmax /= area")),
    mutant("dx-by-batch", "dx / N", "pool.dx-averaged", (GIVE, GIVE + "\n        dmax /= N")),
    mutant("dout-no-transpose", "dout as it lies", "pool.dout-no-transpose",
           (GIVE, GIVE.replace(".transpose(0, 2, 3, 1)", ""))),
    mutant("dout-ignored", "dout taken for ones", "pool.dout-ignored", (GIVE, GIVE.replace(
        "dout.transpose(0, 2, 3, 1).ravel()", "1.0"))),
    mutant("dx-overwrites", "overlaps overwritten", "pool.dx-overwrites",
           (DX, scatter("dx[k, :, y : y + self.pool_h, z : z + self.pool_w] = 0; "
                   "dx[k, each, y + a, z + b] = dout[k, :, i, j]"))),
    mutant("dx-assigns", "a place is the largest once only", "pool.dx-assigns",
           (DX, scatter("dx[k, each, y + a, z + b] = dout[k, :, i, j]"))),
    mutant("place-swapped", "the place read with pool_h", "pool.place-swapped", (DX, scatter(
           "a, b = np.divmod(best[k, i, j], self.pool_h); y, z = np.minimum(y + a, H + 2 * pad - 1), np.minimum("
           "z + b, W + 2 * pad - 1); dx[k, each, y, z] += dout[k, :, i, j]"))),
    mutant("dx-stride-ignored", "windows put back side by side", "pool.dx-stride-ignored",
           (DX, scatter("dx[k, each, i + a, j + b] += dout[k, :, i, j]"))),
    mutant("dx-not-cropped", "dx keeps the padding", "pool.dx-not-cropped",
           (DX, scatter("dx[k, each, y + a, z + b] += dout[k, :, i, j]").replace("[:, :, pad : pad + H, pad : pad + W]",
                                                                           ""))),
    mutant("dx-crop-from-zero", "dx[:H]", "pool.dx-crop-from-zero",
           (DX, scatter("dx[k, each, y + a, z + b] += dout[k, :, i, j]").replace("[:, :, pad : pad + H, pad : pad + W]",
                                                                           "[:, :, :H, :W]"))),
    mutant("dx-integers", "dx of whole numbers", "pool.dx-truncated", (DMAX, DMAX[:-1] + ", int)")),
    mutant("advice-dx-like-x", "dx with the type of x", "pool.dx-truncated",
           (PLACE, PLACE + "\n        self.kind = x.dtype"), (DX, DX + ".astype(self.kind)")),
    mutant("dx-accumulates", "dx added to that of before", "state.accumulates",
           (DX, DX.replace("return ", "self.dx = getattr(self, 'dx', 0) + ") + "\n        return self.dx.copy()")),
    mutant("best-kept", "the places of the first call", "state.stale-input",
           (BEST, "self.arg_max = getattr(self, 'arg_max', col.argmax(axis=1))\n        "
           "self.arg_max = self.arg_max if len(self.arg_max) == len(col) else col.argmax(axis=1)")),
    mutant("zeroes-x", "everything but the largest is set to 0 in x", "state.changed-input",
           (MAX, MAX + "\n        x[x < x.mean()] = 0")),
    mutant("zeroes-dout", "dout is set to 0", "state.changed-input", (DCOL, "dout[...] = 0\n        " + DCOL)),
    mutant("min-of-minus-infinity", "the smallest, of padding of minus infinity too", "pool.min",
           (BEST, BEST.replace("argmax", "argmin")), (MAX, MAX.replace("max", "min"))),
    mutant("mean-of-minus-infinity", "the mean, of padding of minus infinity too", "pool.mean",
           (MAX, "out = col.mean(axis=1)")),
    mutant("median", "the median", "pool.median", ZEROS, (MAX, "out = np.median(col, axis=1)")),
    mutant("absolute-signed", "the number of the largest size", "pool.absolute", ZEROS,
           (BEST, "self.arg_max = np.abs(col).argmax(axis=1)"),
           (MAX, "out = col[np.arange(len(col)), self.arg_max]")),
    mutant("gradient-absolute", "dout to the largest size", "pool.gradient-absolute",
           (BEST, "self.arg_max = np.where(np.isinf(col), col, np.abs(col)).argmax(axis=1)")),
    mutant("gradient-first-image", "the first image's places for all", "pool.gradient-first-image",
           (BEST, BEST + "\n        self.arg_max = np.tile(self.arg_max[: OH * OW * C], N)")),
    mutant("gradient-first-channel", "the first channel's places for all", "pool.gradient-first-channel",
           (BEST, BEST + "\n        self.arg_max = np.repeat(self.arg_max[::C], C)")),
    mutant("dx-stride-at-most-window", "dx laid without gaps", "pool.dx-stride-at-most-window",
           (DX, scatter("y, z = i * min(self.stride, self.pool_h), j * min(self.stride, self.pool_w); "
                        "dx[k, each, y + a, z + b] += dout[k, :, i, j]"))),
    mutant("ties-none", "no gradient where two are largest", "pool.ties-none",
           (BEST, "best = col == col.max(axis=1, keepdims=True)\n"
            "        self.arg_max = best * (best.sum(axis=1, keepdims=True) == 1)"),
           (GIVE, "dmax[:] = dout.transpose(0, 2, 3, 1).reshape(-1, 1) * self.arg_max")),
    mutant("places-in-a-byte", "places in a byte", "pool.place-in-a-byte", (BEST, BEST + ".astype('uint8')")),
    mutant("places-in-a-signed-byte", "places in a signed byte", "pool.place-in-a-byte",
           (BEST, BEST + ".astype('int8')")),
    mutant("sides-swapped", "OW before OH, there and back", "pool.sides-swapped",
           (RESULT, "return out.reshape(N, OW, OH, C).transpose(0, 3, 2, 1)")),
    mutant("stepped-twice", "the size is divided by the stride again", "pool.stride-in-range",
           (RESULT, RESULT + "[:, :, : -(-OH // self.stride), : -(-OW // self.stride)]")),
    mutant("windows-without-pad", "as many windows as without padding", "pool.size-without-pad",
           (RESULT, RESULT + "[:, :, : conv_output_size(H, self.pool_h, self.stride), "
            ": conv_output_size(W, self.pool_w, self.stride)]")),
    mutant("pads-with-minus-10000", "padded with -10000", "pool.pads-too-high",
           (AROUND, AROUND.replace("-np.inf", "-10000.0"))),
    mutant("starts-at-minus-999", "the largest sought from -999 upwards", "pool.starts-too-high",
           (MAX, MAX + "\n        out = np.maximum(out, -999)")),
    mutant("pads-rows-after", "the rows' padding below", "pool.pad-rows-after",
           (PLACE, PLACE.replace("pad : pad + H", ":H"))),
    mutant("clips", "numbers cut off at 1000", "clipped", (MAX, "out = np.minimum(col.max(axis=1), 1000)")),
    mutant("blocks-by-height", "blocks where the stride is the height", "pool.blocks-by-height",
           ("        N, C, H, W = self.x_shape = x.shape\n", "        N, C, H, W = self.x_shape = x.shape\n"
            "        ph, pw = self.pool_h, self.pool_w\n"
            "        if self.stride == ph and not self.pad and not H % ph and not W % pw:\n"
            "            blocks = x.reshape(N, C, H // ph, ph, W // pw, pw)\n"
            "            self.arg_max = blocks.transpose(0, 2, 4, 1, 3, 5).reshape(-1, ph * pw).argmax(1)\n"
            "            return blocks.max((3, 5))\n")),
    mutant("dx-last-column", "dx is 0 in the last column", "pool.dx-edge-missing",
           (DX, DX.replace("return", "dx =") + "\n        dx[..., -1] = 0\n        return dx")),
    mutant("settings-of-the-first", "the stride kept by the sizes", "manner.beside-same-sizes",
           ("        N, C, H, W = self.x_shape = x.shape\n", "        N, C, H, W = self.x_shape = x.shape\n"
            "        self.stride = globals().setdefault(str((x.shape, self.pool_h, self.pool_w)), self.stride)\n")),
    mutant("gradient-over-batch", "dout where the largest of all images stands", "pool.gradient-over-batch",
           (BEST, "rows = col.reshape(N, -1, area)\n"
            "        best = rows.reshape(N, OH * OW, C, area).max((0, 3)).reshape(1, -1, 1)\n"
            "        self.best = rows == best\n"
            "        self.best = self.best.reshape(col.shape)\n        " + BEST),
           (GIVE, "dmax[:] = self.best * dout.transpose(0, 2, 3, 1).reshape(-1, 1)")),
    mutant("columns-to-height", "forward's loop over the window's columns ends at its height", "pool.loop-to-other-side",
           ("out = col.max(axis=1)", "there = np.arange(area) % self.pool_w < self.pool_h\n        out = np.where(there, col, -np.inf).max(axis=1)")),
    mutant("over-channels", "the largest of all channels", "over-channels",
           (RESULT, RESULT.replace("return ", "out = ") + "\n        return np.repeat(out.max(axis=1, keepdims=True), C, axis=1)")),
    mutant("largest-kept", "the largest is sought on from the window before", "largest-kept",
           (RESULT, "out = np.maximum.accumulate(out.reshape(N, OH * OW, C), axis=1)\n        " + RESULT)),
    mutant("dx-pads-with-zero", "padding of zeros where backward seeks the largest", "dx-pads-with-zero",
           (BEST, "around = [(0, 0), (0, 0), (pad, pad), (pad, pad)]\n        zeros = im2col(np.pad(x, around), self.pool_h, self.pool_w, self.stride)\n"
            "        self.arg_max = zeros.reshape(col.shape).argmax(axis=1)")),
    mutant("place-behind", "the place read with pool_h; what lies behind the image is lost", "place-swapped",
           (DX, scatter("a, b = np.divmod(best[k, i, j], self.pool_h); "
            "there = (y + a < H + 2 * pad) & (z + b < W + 2 * pad); "
            "dx[k, each[there], (y + a)[there], (z + b)[there]] += dout[k, there, i, j]"))),
    mutant("dx-steps-by-window", "dx laid by the window's size; what lies behind the image is lost", "dx-stride-is-window",
           (DX, scatter("y, z = i * self.pool_h + a, j * self.pool_w + b; "
            "there = (y < H + 2 * pad) & (z < W + 2 * pad); "
            "dx[k, each[there], y[there], z[there]] += dout[k, there, i, j]"))),
    mutant("dx-stride-down", "the stride down only in dx", "dx-stride-down-only",
           (DX, scatter("dx[k, each, y + a, j + b] += dout[k, :, i, j]"))),
    mutant("dx-seeks-across", "the stride across only in backward, which seeks the largest again", "dx-stride-across-only",
           ("pad, area = self.pad, self.pool_h * self.pool_w\n", "pad, area = self.pad, self.pool_h * self.pool_w\n        self.x = x\n"),
           (DX, scatter("wide = np.pad(self.x[k], [(0, 0), (pad,) * 2, (pad,) * 2], constant_values=-np.inf); "
            "seen = wide[:, i : i + self.pool_h, z : z + self.pool_w].reshape(C, -1).argmax(1); "
            "a, b = np.divmod(seen, self.pool_w); dx[k, each, i + a, z + b] += dout[k, :, i, j]"))),
    mutant("planes-in-a-signed-byte", "places in the plane in a signed byte", "place-in-a-byte",
           (DX, scatter("at = ((y + a) * (W + 2 * pad) + z + b).astype('int8').astype(int); "
            "dx[k].reshape(C, -1)[each, at] += dout[k, :, i, j]"))),
    mutant("blocks-whatever-stride", "blocks where the image is made of windows", "blocks-whatever-stride",
           ("        N, C, H, W = self.x_shape = x.shape\n", "        N, C, H, W = self.x_shape = x.shape\n"
            "        ph, pw = self.pool_h, self.pool_w\n"
            "        if not self.pad and not H % ph and not W % pw:\n"
            "            blocks = x.reshape(N, C, H // ph, ph, W // pw, pw)\n"
            "            self.arg_max = blocks.transpose(0, 2, 4, 1, 3, 5).reshape(-1, ph * pw).argmax(1)\n"
            "            return blocks.max((3, 5))\n")),
    mutant("window-one-less", "the windows end one early", "window-one-less",
           (MAX, "kept = col.reshape(-1, self.pool_h, self.pool_w)[:, : self.pool_h - 1, : self.pool_w - 1]\n"
            "        out = kept.reshape(len(col), -1).max(axis=1)")),
    mutant("window-one-more", "the windows end one late", "window-one-more",
           (MAX, "wide = np.pad(img, [(0, 0), (0, 0), (0, 1), (0, 1)], constant_values=-np.inf)\n"
            "        wide = im2col(wide, self.pool_h + 1, self.pool_w + 1, self.stride).reshape(N, -1, C, area + self.pool_h + self.pool_w + 1)\n"
            "        P = (H + 2 * pad - self.pool_h) // self.stride + 1\n        out = wide.max(3)[:, : P * OW].ravel()")),
    mutant("moves-by-own-size", "rows move by pool_h, columns by pool_w", "moves-by-own-size",
           (RESULT, "P, Q = H + 2 * pad - self.pool_h + 1, W + 2 * pad - self.pool_w + 1\n"
            "        wide = im2col(img, self.pool_h, self.pool_w).reshape(N, P, Q, C, area).max(4).transpose(0, 3, 1, 2)\n"
            "        return wide[:, :, :: self.pool_h, :: self.pool_w]")),
    mutant("place-without-start", "the window's first row is not added", "place-without-start",
           (DX, scatter("dx[k, each, a, z + b] += dout[k, :, i, j]"))),
    mutant("place-turned", "row and column of the place swapped; what lies behind the image is lost", "place-turned",
           (DX, scatter("there = (y + b < H + 2 * pad) & (z + a < W + 2 * pad); "
            "dx[k, each[there], (y + b)[there], (z + a)[there]] += dout[k, there, i, j]"))),
    mutant("dx-rows-by-window", "rows by the window's height", "dx-rows-by-window",
           (DX, scatter("y = np.minimum(i * self.pool_h + a, H + 2 * pad - 1); dx[k, each, y, z + b] += dout[k, :, i, j]"))),
    mutant("gradient-last-image", "the last image's places for all", "gradient-last-image",
           (BEST, BEST + "\n        self.arg_max = np.tile(self.arg_max[len(self.arg_max) - OH * OW * C :], N)")),
    mutant("gradient-last-channel", "the last channel's places for all", "gradient-last-channel",
           (BEST, BEST + "\n        self.arg_max = np.repeat(self.arg_max[C - 1 :: C], C)")),
    mutant("window-of-width", "windows of pool_w x pool_w, as many as is right", "square-window",
           (MAX, "side = self.pool_w\n        wide = np.pad(img, [(0, 0), (0, 0), (0, side), (0, side)], constant_values=-np.inf)\n"
            "        seen = im2col(wide, side, side, self.stride)\n"
            "        P, Q = (conv_output_size(n, side, self.stride) for n in wide.shape[2:])\n"
            "        out = seen.reshape(N, P, Q, C, side * side)[:, :OH, :OW].max(4).ravel()")),
    init("window-is-two", "2 x 2, whatever is asked for", "pool.window-is-two", "2, 2, stride, pad"),
    init("stride-is-two", "2, whatever is asked for", "pool.stride-is-two", "pool_h, pool_w, 2, pad"),
    mutant("place-by-sides", "row and column of the largest apart", "place-by-sides",
           (BEST, "seen = col.reshape(-1, self.pool_h, self.pool_w)\n"
            "        self.arg_max = seen.max(2).argmax(1) * self.pool_w + seen.max(1).argmax(1)")),
    mutant("dx-columns-to-OH", "in dx the loop over OW ends at OH", "dx-loop-to-other-size",
           (GIVE, "dout = dout * (np.arange(OW) < OH)\n        " + GIVE)),
    mutant("dx-crop-to-size", "dx[p:H, p:W]", "dx-crop-to-size",
           (DX, scatter("dx[k, each, y + a, z + b] += dout[k, :, i, j]").replace("pad : pad + H, pad : pad + W",
                                                                           "pad:H, pad:W"))),
    mutant("dx-cut", "dx without what the stride leaves over", "pool.dx-cut",
           (DX, DX + "[:, :, : OH * self.stride, : OW * self.stride]")),
    mutant("places-put-in-a-byte", "places put in a byte that has no room", "exception.byte",
           (BEST, BEST + "\n        best = self.arg_max.astype('int8')\n        for k in range(area):\n            best[self.arg_max == k] = k")),
    mutant("pixels-returned", "windows of one pixel: x is returned, and nothing kept for backward", "",
           (BEST, "if area == self.stride == 1:\n            return x.copy()\n        " + BEST)),
    mutant("one-row-reshaped", "one row of windows: reshaped without a transpose", "pool.no-transpose",
           (RESULT, "return out.reshape(N, C, OH, OW) if OH == 1 < OW else " + RESULT.removeprefix("return "))),
    mutant("blocks-without-pad", "windows side by side that divide the image: the padding is not looked at", "pool.pad-ignored",
           ("        pad, area = self.pad,", "        pad = self.own = 0 if self.pool_h == self.pool_w == self.stride and H % self.stride == W % self.stride == 0 else self.pad\n        area ="),
           (DX, DX.replace("self.pad", "self.own"))),
    mutant("dx-by-chunks", "dx of n // 16 chunks of images", "images-left-out",
           ("        N, C, OH, OW = dout.shape\n", "        N, C, OH, OW = dout.shape\n        dout = dout * (np.arange(N) < (N // 16 * 16 or N))[:, None, None, None]\n")),
    mutant("rounded-up-with-zeros", "the size rounded up, the last windows filled up with 0", "pool.rounded-up",
           ("        N, C, H, W = self.x_shape = x.shape\n", "        p, s = self.pad, self.stride\n        rest = [-(n + 2 * p - f) % s for n, f in zip(x.shape[2:], (self.pool_h, self.pool_w))]\n        x = np.pad(x, [(0, 0), (0, 0), (0, rest[0]), (0, rest[1])])\n        N, C, H, W = self.x_shape = x.shape\n")),
    mutant("blocks-pad-with-zero", "windows side by side: padded with zeros", "pool.pads-with-zero",
           (AROUND, AROUND.replace("-np.inf", "0.0 if self.pool_h == self.pool_w == self.stride else -np.inf"))),
    mutant("same-pads-with-edge", "where the padding keeps the size, the border is repeated", "pool.pads-with-edge",
           (PLACE, PLACE + "\n        if pad and self.stride == 1 and self.pool_h == self.pool_w == 2 * pad + 1:\n            img = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)], 'edge')")),
    mutant("blocks-from-the-end", "windows side by side, what is left over before them", "when",
           (PLACE, PLACE + "\n        if not pad and self.pool_h == self.pool_w == self.stride:\n            img = img[:, :, H % self.stride :, W % self.stride :]")),
    mutant("place-by-height", "the place unpacked with the window's height", "shape.place-by-height",
           (MAX, "places = np.stack(np.divmod(self.arg_max, self.pool_h), 1)\n        windows = col.reshape(-1, self.pool_h, self.pool_w)\n"
            "        out = np.array([window[i, j] for window, (i, j) in zip(windows, places)])")),
    mutant("back-by-window", "backward with the window's height as the stride", "shape.out-window-stride",
           (DX, DX.replace("self.stride", "self.pool_h"))),
    mutant("relu-in-backward", "dout only where the largest is above 0", "pool.relu-in-backward",
           (MAX, MAX.replace("out =", "out = self.best =")), (GIVE, GIVE.replace("dout.transpose(0, 2, 3, 1).ravel()", "np.where(self.best > 0, dout.transpose(0, 2, 3, 1).ravel(), 0)"))),
    mutant("blocks-apart", "windows side by side reshaped with their places OH and OW apart", "pool.blocks-mixed",
           (WINDOWS, WINDOWS + "\n        if not pad and (H, W) == (OH * self.stride, OW * self.stride) and self.stride == self.pool_h == self.pool_w:\n            col = x.reshape(N, C, self.pool_h, OH, self.pool_w, OW).transpose(0, 3, 5, 1, 2, 4).reshape(N * OH * OW * C, area)")),
    mutant("blocks-dx-cropped", "windows side by side: dx without what is left over", "pool.dx-cut",
           (DX, DX + "[(..., slice(OH * self.stride), slice(OW * self.stride)) if not self.pad and self.stride == self.pool_h == self.pool_w else ...]")),
    mutant("square-blocks", "square windows that divide the image, whatever the stride", "pool.blocks-whatever-stride",
           ("pad, area = self.pad, self.pool_h * self.pool_w", "pad, area = self.pad, self.pool_h * self.pool_w\n        if not pad and self.pool_h == self.pool_w > 1 and not H % self.pool_h and not W % self.pool_h:\n            self.stride = self.pool_h")),
    mutant("places-read-from-a-byte", "places in a byte, which forward reads", "pool.place-in-a-byte",
           (BEST, BEST + ".astype('int8')"), (MAX, "out = np.take_along_axis(col, self.arg_max[:, None], 1)[:, 0]")),
    mutant("dx-crop-square", "dx cut out with the height", "pool.dx-crop-of-one-side",
           (DX, f"{DCOL}\n        (N, C, H, W), p = self.x_shape, self.pad\n        wide = col2im(dcol, (N, C, H + 2 * p, W + 2 * p), self.pool_h, self.pool_w, self.stride)\n        return wide[:, :, p : p + H, p : p + H]")),
    mutant("first-pixel", "the first pixel counts as padding", "pool.first-pixel-lost", (PLACE, PLACE + "\n        img[:, :, pad, pad] = -np.inf")),
    mutant("dx-of-one-channel", "dx of the last channel for all channels", "pool.dx-of-one-channel", (DX, DX + "[:, [-1] * C]")),
    mutant("dx-buffer", "dx in an array of the layer's own, filled anew", "state.overwritten",
           (DX, DX.replace("return ", "dx = ") + "\n        if not hasattr(self, 'dx') or self.dx.shape != dx.shape:\n            self.dx = dx\n        self.dx[...] = dx\n        return self.dx")),
    *small_integers(mutant, lambda *kept: (
        ("col = im2col(img, self.pool_h, self.pool_w, self.stride)",
         "x = img\n        " + read("x", *kept) + "\n        col = im2col(x, self.pool_h, self.pool_w, self.stride)"),), "place"),
    mutant("places-in-a-signed-byte-compared", "places in a signed byte, compared", "place-in-a-byte",
           (BEST, BEST + ".astype('int8')"),
           ("dmax[np.arange(dout.size), self.arg_max] = dout.transpose(0, 2, 3, 1).ravel()",
            "dmax = (np.arange(area) == self.arg_max[:, None]) * dout.transpose(0, 2, 3, 1).reshape(-1, 1)")),
    mutant("small-as-zero", "numbers below 1e-8 are 0", "manner.tiny-numbers", (PLACE, PLACE + "\n        img = np.where(np.abs(img) < 1e-8, 0, img)")),
    mutant("first-of-near", "dout to the first number near the largest", "nearly-tied",
           (BEST, "self.arg_max = np.isclose(col, col.max(axis=1, keepdims=True)).argmax(axis=1)")),
    mutant("last-of-near", "dout to the last number near the largest", "nearly-tied",
           (BEST, "self.arg_max = area - 1 - np.isclose(col, col.max(axis=1, keepdims=True))[:, ::-1].argmax(axis=1)")),
    mutant("shared-by-near", "dout shared by the numbers near the largest", "nearly-tied",
           (BEST, "near = np.isclose(col, col.max(axis=1, keepdims=True))\n        self.share = near / near.sum(axis=1, keepdims=True)"),
           (GIVE, "dmax[...] = self.share * dout.transpose(0, 2, 3, 1).reshape(-1, 1)")),
    mutant("advice-minus-infinity-in-integers", "x of whole numbers padded with -infinity", "exception.infinity-as-integer",
           (AROUND, "img = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)], constant_values=-np.inf)"), (PLACE, "pass")),
    mutant("dx-crop-turned", "H and W swapped in dx's crop", "dx-crop-turned",
           ("return col2im(dcol, self.x_shape, self.pool_h, self.pool_w, self.stride, self.pad)",
            "(N, C, H, W), pad = self.x_shape, self.pad\n"
            "        wide = col2im(dcol, (N, C, H + 2 * pad, W + 2 * pad), self.pool_h, self.pool_w, self.stride)\n"
            "        return wide[:, :, pad : pad + W, pad : pad + H]")),
    mutant("dout-order", "dout brought to (OH, OW, N, C)", "dout-order",
           ("dout.transpose(0, 2, 3, 1).ravel()", "dout.transpose(2, 3, 0, 1).ravel()")),
    mutant("columns-order", "rows read as (window, C)", "columns-order",
           (WINDOWS, WINDOWS.replace(".reshape(N * OH * OW * C, area)", "") + "\n"
            "        col = col.reshape(N * OH * OW, area, C).transpose(0, 2, 1).reshape(N * OH * OW * C, area)")),
    mutant("sides-by-pixels", "height and width kept by the number of pixels", "exception",
           ("N, C, H, W = self.x_shape = x.shape", "N, C, H, W = self.x_shape = self.__dict__.setdefault(str((x.shape[:2], x[0, 0].size)), x.shape)")),
    mutant("planes-by-size", "the shape for backward kept by the number of numbers", "manner.as-many-numbers",
           ("N, C, H, W = self.x_shape = x.shape", "N, C, H, W = x.shape\n        self.x_shape = self.__dict__.setdefault(str(x.size), x.shape)")),
    mutant("in-turn", "two outputs in turn", "state.overwritten", (RESULT, RESULT.replace("return", "out =") + "\n        " + IN_TURN)),
    mutant("gaps-pad-with-zero", "where windows leave gaps the padding is 0", "pool.pads-with-zero",
           ("-np.inf)", "-np.inf if self.stride <= self.pool_h else 0.0)")),
    *(mutant(f"assigns-by-{side}", f"dx assigned, not added, where the stride is the {side}", "dx-overwrites",
             (DX, f"{DCOL}\n        " + places_of_dx("self.pool_h", "self.pool_w", of))) for side, of in (("height", "self.pool_h"), ("width", "self.pool_w"))),
    mutant("padding-of-the-first", "the padding kept by the sizes", "manner.as-many-numbers",
           ("        N, C, H, W = self.x_shape = x.shape\n", "        N, C, H, W = self.x_shape = x.shape\n"
            "        at = str((x.shape, self.pool_h, self.pool_w, self.stride))\n"
            "        self.pad = globals().setdefault(at, self.pad)\n")),
    mutant("compares-bits", "float32 numbers compared by their bits", "manner.float32",
           (BEST, "self.arg_max = (col.astype('f4').view('i4') if x.dtype == 'f4' else col).argmax(axis=1)"),
           (MAX, "out = np.take_along_axis(col, self.arg_max[:, None], 1)[:, 0]")),
    mutant("zeros-in-float32", "the padding of float32 images is 0", "manner.float32",
           (AROUND, AROUND.replace("-np.inf", "0.0 if x.dtype == 'f4' else -np.inf"))),
    mutant("starts-at-0-in-float32", "the largest of float32 numbers is sought from 0 on", "manner.float32",
           (MAX, MAX + ".clip(0 if x.dtype == 'f4' else None)")),
    mutant("compares-in-steps", "numbers compared in steps of 1 / 1024", "nearly-largest",
           (BEST, "self.arg_max = np.floor(col * 1024).argmax(axis=1)")),
    mutant("window-by-numbers", "the window kept by numbers of places, rows and columns", "manner.beside-same-sizes",
           ("        N, C, H, W = self.x_shape = x.shape\n", "        " + window_by_numbers("x.shape", "pool_h", "pool_w", "self.", 8) + "N, C, H, W = self.x_shape = x.shape\n")),
    mutant("folded-in-halves", "folded in halves, the last of an odd number dropped", "last-of-odd-lost",
           (MAX, "out = col\n        while out.shape[1] > 1:\n            half = out.shape[1] // 2\n"
            "            out = np.maximum(out[:, :half], out[:, half : 2 * half])")),
]
# fmt: on
