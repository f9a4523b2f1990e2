"""Average pooling: wrong implementations."""

from . import Mutant
from .witnesses import pool, pool_twice

NAME = "AveragePooling"
TAKEN = "taken = self.pool_h * self.pool_w"
WINDOWS = "windows = im2col(x, self.pool_h, self.pool_w, self.stride, self.pad).reshape(-1, taken)"
MEAN = "mean = windows.sum(axis=1) / taken"
RESULT = "return mean.reshape(n, oh, ow, c).transpose(0, 3, 1, 2)"
PLACES = "places = self.pool_h * self.pool_w"
SHARE = "share = dout.transpose(0, 2, 3, 1).reshape(-1, 1) / places"
DCOL = "dcol = np.repeat(share, places, axis=1).reshape(n * oh * ow, c * places)"
DX = f"{DCOL}\n        return col2im(dcol, self.x_shape, self.pool_h, self.pool_w, self.stride, self.pad)"
CLASS = "class AveragePooling:\n    def __init__(self, pool_h, pool_w, stride=2, pad=0):\n        "
INIT = CLASS + "self.pool_h, self.pool_w, self.stride, self.pad = pool_h, pool_w, stride, pad"
PLAIN, PADDED = pool(name=NAME), pool((2, 3, 5, 6), (3, 2), 1, 1, NAME)
OVERLAP = pool((2, 3, 7, 9), (3, 3), 2, 0, NAME)
AROUND = "[(0, 0), (0, 0), (self.pad,) * 2, (self.pad,) * 2]"


def mutant(id: str, text: str, code: str, old: str, new: str, witness: str = PLAIN) -> Mutant:
    return Mutant(f"avg-{id}", "average_pooling", text, code, ((old, new),), witness)


def divided(id: str, text: str, code: str, by: str, witness: str = PLAIN) -> Mutant:
    """Forward and backward divide by another number."""
    patch = ((MEAN, MEAN.replace("taken", by)), (SHARE, SHARE.replace("places", by)))
    return Mutant(f"avg-{id}", "average_pooling", text, code, patch, witness)


def init(id: str, text: str, code: str, attributes: str, witness: str = PLAIN) -> Mutant:
    """Made with other attributes than the arguments say."""
    return mutant(id, text, code, INIT, INIT.replace("= pool_h, pool_w, stride, pad", f"= {attributes}"), witness)


def around(mode: str) -> str:
    return f"windows = im2col(np.pad(x, {AROUND}, {mode}), self.pool_h, self.pool_w, self.stride).reshape(-1, taken)"


# fmt: off
MUTANTS = [
    divided("sum", "not divided", "avg.sum", "1"),
    divided("by-stride", "divided by stride * stride", "avg.divided-by-stride", "self.stride**2"),
    divided("by-sides", "divided by pool_h + pool_w", "avg.divided-by-sides", "(self.pool_h + self.pool_w)"),
    divided("by-height", "divided by pool_h twice", "avg.divided-by-height", "self.pool_h**2"),
    divided("by-width", "divided by pool_w twice", "avg.divided-by-width", "self.pool_w**2"),
    divided("by-one-side", "divided by pool_h", "avg.divided-by-one-side", "self.pool_h"),
    mutant("max", "the largest", "avg.max", MEAN, "mean = windows.max(axis=1)"),
    mutant("by-channels", "divided by the channels too", "avg.divided-by-channels", MEAN, MEAN + " / c"),
    mutant("padding-not-counted", "padded places do not count", "avg.padding-not-counted", MEAN,
           "inside = im2col(np.ones_like(x), self.pool_h, self.pool_w, self.stride, self.pad).reshape(-1, taken)\n"
           "        mean = windows.sum(axis=1) / inside.sum(axis=1)", PADDED),
    mutant("floored", "// for /", "avg.floored", MEAN, MEAN.replace("/", "//")),
    mutant("integers", "cut to whole numbers", "avg.truncated", MEAN, MEAN.replace("= windows",
           "= np.trunc(windows") + ")"),
    init("pad-ignored", "pad is not kept", "avg.pad-ignored", "pool_h, pool_w, stride, 0", PADDED),
    init("stride-ignored", "stride is not kept", "avg.stride-one-size", "pool_h, pool_w, 1, pad"),
    init("stride-is-window", "moves by its own height", "avg.stride-is-window", "pool_h, pool_w, pool_h, pad",
         pool((2, 3, 8, 8), (4, 2), name=NAME)),
    init("window-is-stride", "the window is stride x stride", "avg.window-is-stride", "stride, stride, stride, pad"),
    init("window-swapped", "height and width swapped", "avg.window-swapped", "pool_w, pool_h, stride, pad"),
    init("square-window", "pool_h x pool_h", "avg.square-window", "pool_h, pool_h, stride, pad"),
    mutant("pads-with-edge", "the border repeated", "avg.pads-with-edge", WINDOWS, around('"edge"'), PADDED),
    mutant("pads-with-mirror", "the image mirrored", "avg.pads-with-mirror", WINDOWS, around('"reflect"'), PADDED),
    mutant("no-transpose", "reshaped at once", "avg.no-transpose", RESULT, "return mean.reshape(n, c, oh, ow)"),
    mutant("axes-swapped", "(N, C, OW, OH)", "avg.axes-swapped", RESULT, RESULT.replace("(0, 3, 1, 2)",
           "(0, 3, 2, 1)")),
    mutant("first-image", "first image for all", "avg.first-image-only", RESULT, RESULT + "[[0] * n]"),
    mutant("float16", "half precision", "precision", RESULT, RESULT + '.astype("float16")'),
    mutant("scaled", "a scale of 1 + 1e-4", "scaled", MEAN, MEAN + " * 1.0001"),
    mutant("nearly-counted", "divided by one more", "scaled", MEAN, MEAN.replace("taken", "(taken + 1)")),
    mutant("batch-of-four", "images after the fourth are left out", "place", MEAN,
           MEAN + "\n        mean[4 * oh * ow * c :] = 0", pool((7, 2, 4, 6), name=NAME)),
    mutant("not-square", "OW from the height", "", "ow = conv_output_size(w, self.pool_w, self.stride, self.pad)\n"
           "        windows", "ow = conv_output_size(h, self.pool_h, self.stride, self.pad)\n        windows",
           pool((2, 3, 6, 10), name=NAME)),
    mutant("gradient-not-divided", "dout not divided", "avg.gradient-not-divided", SHARE, SHARE.replace(" / places",
           "")),
    mutant("gradient-twice", "dout divided twice", "avg.gradient-divided-twice", SHARE, SHARE + "**2"),
    mutant("gradient-by-stride", "dout through stride * stride", "avg.gradient-divided-by-stride", SHARE,
           SHARE.replace("places", "self.stride**2")),
    mutant("gradient-by-sides", "dout through pool_h + pool_w", "avg.gradient-divided-by-sides", SHARE,
           SHARE.replace("places", "(self.pool_h + self.pool_w)")),
    mutant("gradient-by-batch", "dx / N", "avg.dx-averaged", SHARE, SHARE + " / n"),
    mutant("gradient-first", "dout to the first place", "avg.gradient-first-place", DCOL,
           "dcol = (np.eye(1, places) * share * places).reshape(n * oh * ow, c * places)"),
    mutant("dout-no-transpose", "dout as it lies", "avg.dout-no-transpose", SHARE,
           SHARE.replace(".transpose(0, 2, 3, 1)", "")),
    mutant("dout-ignored", "dout taken for ones", "avg.dout-ignored", SHARE,
           "share = np.ones((dout.size, 1)) / places"),
    mutant("dx-overwrites", "overlaps overwritten", "avg.dx-overwrites", DX,
           "dx, (_, _, h, w) = np.zeros((n, c, *(s + 2 * self.pad for s in self.x_shape[2:]))), self.x_shape\n"
           "        for k, i, j in np.ndindex(n, oh, ow):\n            y, z = i * self.stride, j * self.stride\n"
           "            dx[k, :, y : y + self.pool_h, z : z + self.pool_w] = dout[k, :, i, j, None, None] / places\n"
           "        return dx[:, :, self.pad : self.pad + h, self.pad : self.pad + w]", OVERLAP),
    mutant("dx-not-cropped", "dx keeps the padding", "avg.dx-not-cropped", DX,
           f"{DCOL}\n        h, w = (s + 2 * self.pad for s in self.x_shape[2:])\n"
           "        return col2im(dcol, (n, c, h, w), self.pool_h, self.pool_w, self.stride)", PADDED),
    mutant("dx-without-pad", "col2im without pad", "", DX, DX.replace(", self.pad)", ")"), PADDED),
    mutant("dx-integers", "dx of whole numbers", "avg.dx-truncated", DX, DX + ".astype(int)"),
    mutant("dx-accumulates", "dx added to that of before", "state.accumulates", DX,
           DX.replace("return ", "self.dx = getattr(self, 'dx', 0) + ") + "\n        return self.dx.copy()",
           pool_twice(name=NAME)),
    mutant("sum-kept", "the mean runs over all calls", "state.accumulates", MEAN,
           "self.total = getattr(self, 'total', 0) + windows.sum(axis=1)\n        mean = self.total / taken",
           pool_twice(name=NAME)),
    mutant("scales-x", "x is divided in place", "", WINDOWS, f"x /= taken\n        {WINDOWS}\n        windows *= taken",
           "[x := np.ones((1, 1, 4, 4)), AveragePooling(2, 2, 2).forward(x), x][2]"),
]
# fmt: on
