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
    gmp("dx-first", "dout to the first place", "dx-first-place", (BEST, "self.arg_max = 0 * pixels.argmax(axis=2)")),
    gmp("dx-smallest", "dout to the smallest", "dx-smallest", (BEST, "self.arg_max = pixels.argmin(axis=2)")),
    gmp("dx-everywhere", "dout everywhere", "dx-everywhere", (PUT, "dx += dout[..., None]")),
    gmp("dx-spread", "dout spread evenly", "dx-spread", (PUT, "dx += dout[..., None] / dx.shape[2]")),
    gmp("dx-averaged", "dx / N", "dx-averaged", (SHAPED, SHAPED + " / len(dout)")),
    gmp("dx-transposed", "rows and columns of dx swapped", "another-order",
        (SHAPED, "N, C, H, W = self.x_shape\n        return dx.reshape(N, C, W, H).transpose(0, 1, 3, 2)")),
    gmp("dx-scaled", "dx off by 1e-4", "scaled", (SHAPED, SHAPED + " * 1.0001")),
    gmp("stale", "the first call's places", "state.stale-input",
        (BEST, "self.arg_max = getattr(self, 'arg_max', pixels.argmax(axis=2))")),
]  # fmt: skip
