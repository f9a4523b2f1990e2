"""Max pooling: wrong implementations."""

from . import Mutant
from .witnesses import pool, pool_twice

OH = "        oh = conv_output_size(h, self.pool_h, self.stride, p)\n"
OW = "        ow = conv_output_size(w, self.pool_w, self.stride, p)\n"
AROUND = "img = np.full((n, c, h + 2 * p, w + 2 * p), -np.inf)"
ZEROS = (AROUND, AROUND.replace("-np.inf", "0.0"))
PLACE = "img[:, :, p : p + h, p : p + w] = x"
WINDOWS = "windows = im2col(img, self.pool_h, self.pool_w, self.stride).reshape(n * oh * ow * c, area)"
BEST = "self.best = windows.argmax(axis=1)"
MAX = "out = windows.max(axis=1)"
RESULT = "return out.reshape(n, oh, ow, c).transpose(0, 3, 1, 2)"
DMAX = "dmax = np.zeros((dout.size, area))"
GIVE = "dmax[np.arange(dout.size), self.best] = dout.transpose(0, 2, 3, 1).ravel()"
DCOL = "dcol = dmax.reshape(n * oh * ow, c * area)"
DX = f"{DCOL}\n        return col2im(dcol, self.x_shape, self.pool_h, self.pool_w, self.stride, self.pad)"
CLASS = "class Pooling:\n    def __init__(self, pool_h, pool_w, stride=2, pad=0):\n        "
INIT = CLASS + "self.pool_h, self.pool_w, self.stride, self.pad = pool_h, pool_w, stride, pad"
PADDED, OVERLAP = pool((2, 3, 5, 6), (3, 2), 1, 1, less=2), pool((2, 3, 7, 9), (3, 3), 2)
TWICE = pool_twice()


def mutant(id: str, text: str, code: str, old: str, new: str, witness: str = pool()) -> Mutant:
    return Mutant(f"pool-{id}", "pooling", text, code, ((old, new),), witness)


def init(id: str, text: str, code: str, attributes: str, witness: str) -> Mutant:
    """Made with other attributes than the arguments say."""
    return mutant(id, text, code, INIT, INIT.replace("= pool_h, pool_w, stride, pad", f"= {attributes}"), witness)


def scatter(body: str) -> str:
    """dx in place of DX: for each window (k, i, j), its first row and column (y, z), and all channels at once."""
    return (
        "p, (_, _, h, w), each = self.pad, self.x_shape, np.arange(c)\n"
        "        dx = np.zeros((n, c, h + 2 * p, w + 2 * p))\n"
        "        best = self.best.reshape(n, oh, ow, c)\n"
        "        for k, i, j in np.ndindex(n, oh, ow):\n"
        "            y, z = i * self.stride, j * self.stride\n"
        "            a, b = np.divmod(best[k, i, j], self.pool_w)\n"
        f"            {body}\n"
        "        return dx[:, :, p : p + h, p : p + w]"
    )


# fmt: off
MUTANTS = [
    mutant("pads-with-zero", "padded with zeros", "pool.pads-with-zero", AROUND, AROUND.replace("-np.inf", "0.0"),
           PADDED),
    mutant("starts-at-zero", "the largest sought from 0 upwards", "pool.starts-at-zero", BEST,
           "windows = np.maximum(windows, 0)\n        " + BEST, pool(less=1)),
    Mutant("pool-min", "pooling", "the smallest", "pool.min",
           ((AROUND, AROUND.replace("-np", "np")), (BEST, BEST.replace("argmax", "argmin")), (MAX, MAX.replace("max",
           "min"))),
           pool()),
    mutant("absolute", "sizes without sign", "pool.absolute", PLACE, PLACE.replace("= x", "= np.abs(x)")),
    Mutant("pool-mean", "pooling", "the mean", "pool.mean", (ZEROS, (MAX, "out = windows.mean(axis=1)")), pool()),
    Mutant("pool-sum", "pooling", "the sum", "pool.sum", (ZEROS, (MAX, "out = windows.sum(axis=1)")), pool()),
    mutant("channels-mixed", "channels last in the windows", "pool.channels-mixed", WINDOWS,
           "windows = im2col(img, self.pool_h, self.pool_w, self.stride).reshape(-1, c, area)"
           ".transpose(0, 2, 1).reshape(n * oh * ow * c, area)"),
    init("pad-ignored", "pad is not kept", "pool.pad-ignored", "pool_h, pool_w, stride, 0", PADDED),
    init("stride-ignored", "stride is not kept", "pool.stride-one-size", "pool_h, pool_w, 1, pad", pool()),
    init("stride-is-window", "moves by its own height", "pool.stride-is-window", "pool_h, pool_w, pool_h, pad",
         pool((2, 3, 8, 8), (4, 2))),
    init("window-is-stride", "the window is stride x stride", "pool.window-is-stride", "stride, stride, stride, pad",
         pool()),
    init("window-swapped", "height and width swapped", "pool.window-swapped", "pool_w, pool_h, stride, pad", pool()),
    init("square-window", "pool_h x pool_h", "pool.square-window", "pool_h, pool_h, stride, pad", pool()),
    mutant("pad-after", "all the padding behind", "pool.pad-after-only", PLACE, "img[:, :, :h, :w] = x", PADDED),
    mutant("pads-with-edge", "the border repeated", "pool.pads-with-edge", f"{AROUND}\n        {PLACE}",
           'img = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)], "edge")', PADDED),
    mutant("no-transpose", "reshaped at once", "pool.no-transpose", RESULT, "return out.reshape(n, c, oh, ow)"),
    mutant("axes-swapped", "(N, C, OW, OH)", "pool.axes-swapped", RESULT, RESULT.replace("(0, 3, 1, 2)",
           "(0, 3, 2, 1)")),
    mutant("size-without-pad", "the size without the padding", "", OH + OW, OH.replace(", p)",
           ")") + OW.replace(", p)", ")"),
           PADDED),
    mutant("not-square", "OW from the height", "", OW, OW.replace("(w, self.pool_w", "(h, self.pool_h"),
           pool((2, 3, 6, 10))),
    mutant("integers", "cut to whole numbers", "pool.truncated", RESULT, RESULT + ".astype(int)"),
    mutant("float16", "half precision", "precision", RESULT, RESULT + '.astype("float16")'),
    mutant("scaled", "a scale of 1 + 1e-4", "scaled", MAX, MAX + " * 1.0001"),
    mutant("batch-of-four", "images after the fourth are left out", "place", PLACE,
           "img[:4, :, p : p + h, p : p + w] = x[:4]\n        img[4:] = 0", pool((7, 2, 4, 6))),
    mutant("first-image", "first image for all", "pool.first-image-only", RESULT, RESULT + "[[0] * n]"),
    Mutant("pool-ties-all", "pooling", "every largest gets dout", "pool.ties-all",
           ((BEST, "self.best = windows == windows.max(axis=1, keepdims=True)"),
            (GIVE, "dmax[:] = dout.transpose(0, 2, 3, 1).reshape(-1, 1) * self.best")),
           "used(Pooling(2, 2, 2), np.ones((1, 1, 4, 4)))"),
    mutant("gradient-everywhere", "dout to the whole window", "pool.gradient-everywhere", GIVE,
           "dmax[:] = dout.transpose(0, 2, 3, 1).reshape(-1, 1)"),
    mutant("gradient-spread", "dout spread evenly", "pool.gradient-spread", GIVE,
           "dmax[:] = dout.transpose(0, 2, 3, 1).reshape(-1, 1) / area"),
    mutant("gradient-first", "dout to the first place", "pool.gradient-first-place", GIVE, GIVE.replace("self.best",
           "0")),
    mutant("gradient-last", "dout to the last place", "pool.gradient-last-place", GIVE, GIVE.replace("self.best",
           "-1")),
    mutant("gradient-smallest", "dout to the smallest", "pool.gradient-smallest", BEST, BEST.replace("argmax",
           "argmin")),
    mutant("gradient-averaged", "dx through the window's size", "pool.gradient-averaged", GIVE,
           GIVE + "\n        dmax /= area"),
    mutant("dx-by-batch", "dx / N", "pool.dx-averaged", GIVE, GIVE + "\n        dmax /= n"),
    mutant("dout-no-transpose", "dout as it lies", "pool.dout-no-transpose", GIVE,
           GIVE.replace(".transpose(0, 2, 3, 1)", "")),
    mutant("dout-ignored", "dout taken for ones", "pool.dout-ignored", GIVE, GIVE.replace(
        "dout.transpose(0, 2, 3, 1).ravel()", "1.0")),
    mutant("dx-overwrites", "overlaps overwritten", "pool.dx-overwrites", DX,
           scatter("dx[k, :, y : y + self.pool_h, z : z + self.pool_w] = 0; "
                   "dx[k, each, y + a, z + b] = dout[k, :, i, j]"),
           OVERLAP),
    mutant("dx-assigns", "a place is the largest once only", "pool.dx-assigns", DX,
           scatter("dx[k, each, y + a, z + b] = dout[k, :, i, j]"), OVERLAP),
    mutant("place-swapped", "the place read with pool_h", "pool.place-swapped", DX, scatter(
           "a, b = np.divmod(best[k, i, j], self.pool_h); y, z = np.minimum(y + a, h + 2 * p - 1), np.minimum("
           "z + b, w + 2 * p - 1); dx[k, each, y, z] += dout[k, :, i, j]")),
    mutant("dx-stride-ignored", "windows put back side by side", "pool.dx-stride-ignored", DX,
           scatter("dx[k, each, i + a, j + b] += dout[k, :, i, j]")),
    mutant("dx-not-cropped", "dx keeps the padding", "pool.dx-not-cropped", DX,
           scatter("dx[k, each, y + a, z + b] += dout[k, :, i, j]").replace("[:, :, p : p + h, p : p + w]", ""),
           PADDED),
    mutant("dx-crop-from-zero", "dx[:H]", "pool.dx-crop-from-zero", DX,
           scatter("dx[k, each, y + a, z + b] += dout[k, :, i, j]").replace("[:, :, p : p + h, p : p + w]",
                                                                           "[:, :, :h, :w]"), PADDED),
    mutant("dx-integers", "dx of whole numbers", "pool.dx-truncated", DMAX, DMAX[:-1] + ", int)",
           "[l := Pooling(2, 2, 2), l.forward(np.eye(4).reshape(1, 1, 4, 4)), "
           "l.backward(np.full((1, 1, 2, 2), 0.5))][2]"),
    Mutant("pool-dx-like-x", "pooling", "dx with the type of x", "pool.dx-truncated",
           ((PLACE, PLACE + "\n        self.kind = x.dtype"), (DX, DX + ".astype(self.kind)")),
           "[l := Pooling(2, 2, 2), l.forward(np.eye(4, dtype=int).reshape(1, 1, 4, 4)), "
           "l.backward(np.full((1, 1, 2, 2), 0.5))][2]"),
    mutant("dx-accumulates", "dx added to that of before", "state.accumulates", DX,
           DX.replace("return ", "self.dx = getattr(self, 'dx', 0) + ") + "\n        return self.dx.copy()", TWICE),
    mutant("best-kept", "the places of the first call", "state.stale-input", BEST,
           "self.best = getattr(self, 'best', windows.argmax(axis=1))\n        "
           "self.best = self.best if len(self.best) == len(windows) else windows.argmax(axis=1)", TWICE),
    mutant("zeroes-x", "everything but the largest is set to 0 in x", "state.changed-input", MAX,
           MAX + "\n        x[x < x.mean()] = 0",
           "[x := np.eye(4).reshape(1, 1, 4, 4) - 1, Pooling(2, 2, 2).forward(x), x][2]"),
    mutant("zeroes-dout", "dout is set to 0", "state.changed-input", DCOL, "dout[...] = 0\n        " + DCOL,
           "[l := Pooling(2, 2, 2), l.forward(np.eye(4).reshape(1, 1, 4, 4)), "
           "g := np.ones((1, 1, 2, 2)), l.backward(g),"
           " g][4]"),
]
# fmt: on
