# ruff: noqa: E501 (patches are lines of code inside strings)
"""Mutants of Sigmoid: patches of impl/plain/activation.py."""

from . import mutants_of

OUT = "np.where(x >= 0, 1, e) / (1 + e)"
DX = "return dout * (1 - self.out) * self.out"
sigmoid = mutants_of("sigmoid", "sigmoid")

# fmt: off
MUTANTS = [
    sigmoid("sign", "exp(x) for exp(-x)", "sign", (OUT, "1 / (1 + np.exp(x))")),
    sigmoid("tanh", "tanh for sigmoid", "is-tanh", (OUT, "np.tanh(x)")),
    sigmoid("one-missing", "no 1 + below the line", "one-missing", (OUT, "1 / np.exp(-x)")),
    sigmoid("not-divided", "no division", "not-divided", (OUT, "1 + np.exp(-x)")),
    sigmoid("hard", "hard sigmoid", "hard", (OUT, "np.clip(0.2 * x + 0.5, 0, 1)")),
    sigmoid("base-2", "2 for e", "base-2", (OUT, "1 / (1 + 2.0**-x)")),
    sigmoid("softmax", "softmax of each row", "softmax", (OUT, "np.exp(x) / np.exp(x).sum(-1, keepdims=True)")),
    sigmoid("clipped", "x is cut off at 5", "clipped-input", (OUT, "1 / (1 + np.exp(-np.clip(x, -5, 5)))")),
    sigmoid("clipped-at-10", "x is cut off at 10", "clipped-input", (OUT, "1 / (1 + np.exp(-np.clip(x, -10, 10)))")),
    sigmoid("overflow-in-float32", "exp(x) over 1 + exp(x) for x up to 700", "manner.float32",
            (OUT, "np.where(x > 700, 1, np.exp(np.minimum(x, 700)) / (1 + np.exp(np.minimum(x, 700))))")),
    sigmoid("overflow", "exp(x) over 1 + exp(x)", "overflow", (OUT, "np.exp(x) / (1 + np.exp(x))")),
    sigmoid("refuses-huge", "an error for large x", "",
            (OUT, "np.array([1 / (1 + __import__('math').exp(-v)) for v in x.flat]).reshape(x.shape)")),
    sigmoid("integer", "a buffer of x's type", "truncated",
            (OUT, "(np.where(x >= 0, 1, e) / (1 + e)).astype(x.dtype)")),
    sigmoid("half", "float16 inside", "precision", (OUT, "(np.where(x >= 0, 1, e) / (1 + e)).astype('f2')")),
    sigmoid("scaled", "off by 1e-4", "scaled", (OUT, "np.where(x >= 0, 1, e) / (1 + e) * 1.0001")),
    sigmoid("squeezed", "axes of one are dropped", "squeezed", (OUT, "np.squeeze(np.where(x >= 0, 1, e) / (1 + e))")),
    sigmoid("images-only", "rows crash", "",
            ("e = np.exp(-np.abs(x))", "N, C, H, W = x.shape\n        e = np.exp(-np.abs(x))")),
    sigmoid("dx-of-x", "x for the output", "dx-of-x", ("return self.out\n\n    def backward(self, dout):\n        "
            + DX,
            "self.x = x\n        return self.out\n\n    def backward(self, dout):\n        return dout * (1 - self.x) * self.x")),
    sigmoid("dx-twice", "sigmoid of the output", "dx-twice",
            (DX, "y = 1 / (1 + np.exp(-self.out))\n        return dout * (1 - y) * y")),
    sigmoid("dx-half", "y missing", "dx-half", (DX, "return dout * (1 - self.out)")),
    sigmoid("dx-other-half", "1 - y missing", "dx-other-half", (DX, "return dout * self.out")),
    sigmoid("dx-plus", "1 + y", "dx-plus", (DX, "return dout * (1 + self.out) * self.out")),
    sigmoid("dx-sign", "y - 1", "dx-sign", (DX, "return dout * (self.out - 1) * self.out")),
    sigmoid("dx-tanh", "tanh's slope", "dx-of-tanh", (DX, "return dout * (1 - self.out**2)")),
    sigmoid("dx-squared", "y squared", "dx-squared", (DX, "return dout * (1 - self.out) * self.out**2")),
    sigmoid("dx-no-dout", "dout left out", "dout-unused", (DX, "return (1 - self.out) * self.out")),
    sigmoid("dx-dout", "dout alone", "dx-is-dout", (DX, "return dout.copy()")),
    sigmoid("dx-half-precision", "float16 gradient", "precision",
            (DX, "return (dout * (1 - self.out) * self.out).astype('f2')")),
    sigmoid("dx-scaled", "the gradient off by 1e-4", "scaled",
            (DX, "return dout * (1 - self.out) * self.out * 1.0001")),
    sigmoid("dx-in-place", "backward writes into dout", "state.changed-input",
            (DX, "dout *= (1 - self.out) * self.out\n        return dout")),
    sigmoid("stale", "the first call's output is kept for its shape", "state.stale-input",
            ("return self.out\n\n    def backward(self, dout):\n        " + DX,
            "if getattr(self, 'y', x).shape != x.shape or not hasattr(self, 'y'):\n            self.y = self.out\n        return self.out\n\n    def backward(self, dout):\n        return dout * (1 - self.y) * self.y")),
    sigmoid("cached", "the answer to a shape is remembered", "state.stale-input", ("self.out = " + OUT,
            "seen = self.__dict__.setdefault('seen', {})\n        self.out = seen.setdefault(x.shape, " + OUT + ")")),
    sigmoid("advice-float32", "float32 inside", "precision", (OUT, "(np.where(x >= 0, 1, e) / (1 + e)).astype('f4')")),
    sigmoid("needs-writable", "x is written into, though not changed", "",
            ("e = np.exp(-np.abs(x))", "x += 0\n        e = np.exp(-np.abs(x))")),
    sigmoid("advice-empty", "an empty batch gets a row", "", (OUT, OUT + " if len(x) else np.ones((1, 3))")),
    sigmoid("flat", "the output is flattened", "flattened",
            ("        return self.out\n\n    def backward(self, dout):\n        " + DX,
            "        return self.out.reshape(len(x), -1)\n\n    def backward(self, dout):\n        " + DX)),
    sigmoid("kept-in-half", "the output kept in float16", "kept-in-float16",
            (DX, "y = self.out.astype('f2').astype('f8')\n        return dout * (1 - y) * y")),
]
# fmt: on
