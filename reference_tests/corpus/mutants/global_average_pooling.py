"""Global average pooling, wrong in one place."""

from .beyond import planted
from .witnesses import numbers

X = (2, 3, 4, 5)
gap = planted("global_average_pooling", "gap", f"used(GlobalAveragePooling(), {numbers(X)})")
MEAN = "return x.mean(axis=(2, 3))"
DX = "return np.broadcast_to(dout[:, :, None, None] / (height * width), self.whole).copy()"
WHOLE = "self.whole = x.shape\n        return x.mean"
MUTANTS = [
    gap("sum", "not divided", "sum", MEAN, "return x.sum(axis=(2, 3))", "/ (height * width)", "/ 1"),
    gap("max", "the largest", "max", MEAN, "return x.max(axis=(2, 3))"),
    gap("axes-kept", "two axes kept", "axes-kept", MEAN, "return x.mean(axis=(2, 3), keepdims=True)"),
    gap("over-channels", "axes 1 and 2", "over-channels", MEAN, "return x.mean(axis=(1, 2))"),
    gap("by-height", "divided by the height", "by-height", MEAN, "return x.sum(axis=(2, 3)) / x.shape[2]"),
    gap("by-width", "divided by the width", "by-width", MEAN, "return x.sum(axis=(2, 3)) / x.shape[3]"),
    gap("channels-too", "divided by the channels too", "channels-too", MEAN,
        "return x.mean(axis=(2, 3)) / x.shape[1]"),
    gap("squeezed", "axes of one dropped", "squeezed", MEAN, "return np.squeeze(x.mean(axis=(2, 3)))",
        shown=f"GlobalAveragePooling().forward({numbers((2, 1, 3, 4))})"),
    gap("integers", "a buffer of whole numbers", "whole-numbers", MEAN, "return x.mean(axis=(2, 3)).astype(x.dtype)",
        shown="GlobalAveragePooling().forward(np.arange(6).reshape(1, 1, 2, 3))"),
    gap("float16", "half precision", "precision", MEAN, 'return x.astype("f2").mean(axis=(2, 3))'),
    gap("scaled", "off by 1e-4", "scaled", MEAN, MEAN + " * 1.0001"),
    gap("batch-of-four", "four images only", "place", MEAN,
        "return np.concatenate([x[:4].mean(axis=(2, 3)), 0 * x[4:, :, 0, 0]])",
        shown=f"GlobalAveragePooling().forward({numbers((7, 2, 2, 3))})"),
    gap("dx-not-divided", "dx not divided", "dx-not-divided", "/ (height * width)", "/ 1"),
    gap("dx-averaged", "dx / N", "dx-averaged", DX, DX + " / len(dout)"),
    gap("dx-by-height", "dx divided by the height", "scaled", "/ (height * width)", "/ height"),
    gap("dx-one-place", "dout to the first place", "dx-one-place", DX,
        "back = np.zeros(self.whole)\n        back[:, :, 0, 0] = dout\n        return back"),
    gap("stale", "the first call's shape", "exception", WHOLE,
        "self.whole = getattr(self, 'whole', x.shape)\n        return x.mean",
        shown=f"(a := GlobalAveragePooling(), used(a, {numbers(X)}), used(a, {numbers((4, 3, 4, 5))}))[2]"),
    gap("in-place", "x divided in place", "state.changed-input", MEAN,
        "x /= x.shape[2] * x.shape[3]\n        return x.sum(axis=(2, 3))",
        shown="(x := np.ones((1, 1, 2, 2)), GlobalAveragePooling().forward(x))[0]"),
]  # fmt: skip
