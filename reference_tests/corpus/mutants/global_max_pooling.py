# ruff: noqa: E501 (patches are lines of code inside strings)
"""Mutants of GlobalMaxPooling: patches of impl/plain/global_pooling.py."""

from . import mutants_of

gmp = mutants_of("global_max_pooling", "gmp")
MAX, BEST = "return pixels.max(axis=2)", "self.arg_max = pixels.argmax(axis=2)"
PUT = "np.put_along_axis(dx, self.arg_max[..., None], dout[..., None], axis=2)"
SHAPED = "return dx.reshape(self.x_shape)"
MUTANTS = [
    gmp("min", "the smallest", "min", (MAX, "return pixels.min(axis=2)"),
        (BEST, "self.arg_max = pixels.argmin(axis=2)")),
    gmp("mean", "the mean", "mean", (MAX, "return pixels.mean(axis=2)")),
    gmp("absolute", "sizes", "absolute", (MAX, "return np.abs(pixels).max(axis=2)"),
        (BEST, "self.arg_max = np.abs(pixels).argmax(axis=2)")),
    gmp("from-zero", "from 0 upwards", "starts-at-zero", (MAX, "return np.maximum(pixels.max(axis=2), 0)")),
    gmp("over-channels", "axes 1 and 2", "over-channels", (MAX, "return x.max(axis=(1, 2))")),
    gmp("axes-kept", "two axes kept", "axes-kept", (MAX, "return pixels.max(axis=2)[:, :, None, None]")),
    gmp("float16", "half precision", "precision", (MAX, "return pixels.max(axis=2).astype('f2')")),
    gmp("scaled", "off by 1e-4", "scaled", (MAX, MAX + " * 1.0001")),
    gmp("dx-place-of-image", "one place for all channels: that of the image's largest", "channels-mixed",
        (BEST, "best = pixels.reshape(len(x), -1).argmax(axis=1) % pixels.shape[2]\n"
         "        self.arg_max = np.repeat(best[:, None], pixels.shape[1], 1)")),
    gmp("dx-place-of-batch", "one place for the whole batch: that of its largest", "dx-first-image",
        (BEST, "self.arg_max = np.full(pixels.shape[:2], pixels.argmax() % pixels.shape[2])")),
    gmp("dx-first", "dout to the first place", "dx-first-place", (BEST, "self.arg_max = 0 * pixels.argmax(axis=2)")),
    gmp("dx-smallest", "dout to the smallest", "dx-smallest", (BEST, "self.arg_max = pixels.argmin(axis=2)")),
    gmp("dx-everywhere", "dout everywhere", "dx-everywhere", (PUT, "dx += dout[..., None]")),
    gmp("dx-spread", "dout spread evenly", "dx-spread", (PUT, "dx += dout[..., None] / dx.shape[2]")),
    gmp("dx-largest-of-all", "dout to the largest of the batch only", "dx-largest-of-all",
        ("        self.arg_max =", "        self.best = x == x.max()\n        self.arg_max ="),
        (SHAPED, SHAPED + " * self.best")),
    gmp("place-by-height-again", "the place split by H; it goes round where that is outside", "place-by-height",
        (SHAPED, "N, C, H, W = self.x_shape\n        row, column = np.divmod(self.arg_max, H)\n        dx = np.zeros(self.x_shape)\n"
         "        n, c = np.indices((N, C))\n        dx[n, c, row % H, column % W] = dout\n        return dx")),
    gmp("dx-averaged", "dx / N", "dx-averaged", (SHAPED, SHAPED + " / len(dout)")),
    gmp("dx-transposed", "rows and columns of dx swapped", "place-by-columns",
        (SHAPED, "N, C, H, W = self.x_shape\n        return dx.reshape(N, C, W, H).transpose(0, 1, 3, 2)")),
    gmp("dx-scaled", "dx off by 1e-4", "scaled", (SHAPED, SHAPED + " * 1.0001")),
    gmp("stale", "the first call's places", "state.stale-input",
        (BEST, "self.arg_max = getattr(self, 'arg_max', pixels.argmax(axis=2))")),
    gmp("absolute-signed", "the number of the largest size", "absolute",
        (BEST, "self.arg_max = np.abs(pixels).argmax(axis=2)"),
        (MAX, "return np.take_along_axis(pixels, self.arg_max[..., None], 2)[..., 0]")),
    gmp("dx-absolute", "dout to the largest size", "dx-absolute",
        (BEST, "self.arg_max = np.abs(pixels).argmax(axis=2)")),
    gmp("over-channels-alone", "axis 1", "over-channels", (MAX, "return x.max(axis=1)")),
    gmp("place-by-columns", "the place counted column by column", "place-by-columns",
        (BEST, "self.arg_max = x.swapaxes(2, 3).reshape(pixels.shape).argmax(axis=2)")),
    gmp("ties-all", "every largest gets dout", "ties-all", (BEST, "self.best = pixels == pixels.max(2, keepdims=True)"),
        (PUT, "dx += self.best * dout[..., None]")),
    gmp("ties-none", "no gradient where two are largest", "ties-none",
        (BEST, "self.best = pixels == pixels.max(2, keepdims=True)"),
        (PUT, "dx += self.best * (self.best.sum(2, keepdims=True) == 1) * dout[..., None]")),
    gmp("dx-first-image", "the first image's places for all", "dx-first-image",
        (BEST, BEST + "\n        self.arg_max = np.repeat(self.arg_max[:1], len(x), axis=0)")),
    gmp("places-in-a-byte", "places in a byte", "place-in-a-byte", (BEST, BEST + ".astype('uint8').astype(int)")),
    gmp("from-minus-10000", "from -10000 upwards", "starts-too-high",
        (MAX, "return np.maximum(pixels.max(axis=2), -1e4)")),
    gmp("places-in-a-signed-byte", "places in a signed byte", "place-in-a-byte",
        (BEST, BEST + ".astype('int8').astype(int)")),
    gmp("dx-last", "dout to the last place", "dx-last-place", (BEST, "self.arg_max = 0 * pixels.argmax(axis=2) - 1")),
    gmp("place-by-height", "the place split by H", "place-by-height",
        (SHAPED, "H, W = self.x_shape[2:]\n        p, out = self.arg_max, np.zeros(self.x_shape)\n        n, c = np.indices(p.shape)\n        out[n, c, p // H, p % H] = dout\n        return out")),
    gmp("read-in-a-byte", "places in a byte, where the largest is read", "place-in-a-byte",
        (BEST, BEST + ".astype('uint8').astype(int)"), (MAX, "return np.take_along_axis(pixels, self.arg_max[..., None], 2)[..., 0]")),
    gmp("dout-turned", "dout by channels", "dout-turned", (PUT, PUT.replace("dout[..., None]", "dout.T.reshape(dout.shape)[..., None]"))),
]  # fmt: skip
