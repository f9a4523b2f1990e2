# ruff: noqa: E501 (patches are lines of code inside strings)
"""Mutants of Tanh: patches of impl/plain/activation.py."""

from . import IN_TURN, UNSEEN, mutants_of, replacing

OUT = "self.out = np.tanh(x)"
DX = "return dout * (1 - self.out**2)"
tanh = mutants_of("tanh", "tanh")
forward = replacing(tanh, OUT, "self.out = {}")
backward = replacing(tanh, DX, "return {}")


# fmt: off
MUTANTS = [
    forward("sigmoid", "sigmoid for tanh", "is-sigmoid", "1 / (1 + np.exp(-x))"),
    forward("half", "2 sigmoid(x) - 1", "half-x", "2 / (1 + np.exp(-x)) - 1"),
    forward("sign", "exponents swapped", "sign", "-np.tanh(x)"),
    forward("not-divided", "no division", "not-divided", "np.exp(x) - np.exp(-x)"),
    forward("sinh", "sinh", "sinh", "np.sinh(x)"),
    forward("turned", "sum over difference", "turned", "1 / np.tanh(x)"),
    forward("arctan", "arctan", "arctan", "np.arctan(x)"),
    forward("tan", "tan", "tan", "np.tan(x)"),
    forward("hard", "hard tanh", "hard", "np.clip(x, -1, 1)"),
    forward("softsign", "x / (1 + |x|)", "softsign", "x / (1 + np.abs(x))"),
    forward("clipped-at-3", "x is cut off at 3", "clipped-input", "np.tanh(np.clip(x, -3, 3))"),
    forward("zero-near-0", "0 near 0", "when", "np.where(np.abs(x) < 1e-3, 0.0, np.tanh(x))"),
    forward("overflow-in-float32", "exp(2x) without a limit that float32 has", "manner.float32",
            "(lambda e: np.where(x > 350, 1, (e - 1) / (e + 1)))(np.exp(2 * np.minimum(x, 350)))"),
    forward("overflow", "exp over exp", "overflow", "(np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))"),
    forward("half-precision", "float16 inside", "precision", "np.tanh(x.astype('f2'))"),
    forward("scaled", "off by 1e-4", "scaled", "np.tanh(x) * 1.0001"),
    forward("advice-integer", "a buffer of x's type", "truncated", "np.tanh(x).astype(x.dtype)"),
    forward("last-row", "the last image is forgotten", "place", "np.concatenate([np.tanh(x[:-1]), x[-1:]])"),
    forward("zero-left-out", "1 at 0", "zero-left-out", "np.where(x == 0, 1, np.tanh(x))"),
    forward("zero-over-zero", "the sign as x / |x|", "zero-over-zero", "x / np.abs(x) * np.tanh(np.abs(x))"),
    backward("dx-zero-left-out", "no slope at 0", "dx-zero-left-out", "dout * np.where(self.out == 0, 0, 1 - self.out**2)"),
    backward("dx-square-missing", "1 - y", "dx-square-missing", "dout * (1 - self.out)"),
    backward("dx-plus", "1 + y*y", "dx-plus", "dout * (1 + self.out**2)"),
    backward("dx-outer-square", "(1 - y)**2", "dx-outer-square", "dout * (1 - self.out) ** 2"),
    backward("dx-twice", "tanh of the output", "dx-twice", "dout * (1 - np.tanh(self.out) ** 2)"),
    backward("dx-sigmoid", "sigmoid's slope", "dx-of-sigmoid", "dout * self.out * (1 - self.out)"),
    backward("dx-sign", "y*y - 1", "dx-sign", "dout * (self.out**2 - 1)"),
    backward("dx-no-dout", "dout left out", "dout-unused", "1 - self.out**2"),
    backward("dx-dout", "dout alone", "dx-is-dout", "dout.copy()"),
    backward("dx-scaled", "the gradient off by 1e-4", "scaled", "dout * (1 - self.out**2) * 1.0001"),
    backward("dx-half-precision", "float16 gradient", "precision", "(dout * (1 - self.out**2)).astype('f2')"),
    tanh("dx-of-x", "1 - x*x", "dx-of-x", (OUT, "self.out, self.x = np.tanh(x), x"),
         (DX, "return dout * (1 - self.x**2)")),
    tanh("stale", "the first call's output is kept for its shape", "state.stale-input", (OUT,
         "self.out = np.tanh(x)\n        self.y = self.y if getattr(self, 'y', x[:0]).shape == x.shape else self.out"),
         (DX, "return dout * (1 - self.y**2)")),
    tanh("accumulates", "gradients add up", "state.accumulates", (DX,
         "dx = dout * (1 - self.out**2)\n        self.dx = dx + (self.dx if getattr(self, 'dx', dx[:0]).shape == dx.shape else 0)\n        return self.dx.copy()")),
    tanh("advice-float32", "float32 inside", "precision", (OUT, "self.out = np.tanh(x).astype('f4')")),
    forward("flat", "the output is flattened", "flattened", "np.tanh(x).reshape(len(x), int(np.prod(x.shape[1:])))"),
    forward("squeezed", "axes of one are dropped", "squeezed", "np.tanh(x).squeeze()"),
    backward("kept-in-half", "the output kept in float16", "kept-in-float16",
             "dout * (1 - self.out.astype('f2').astype('f8') ** 2)"),
    tanh("double-x", "tanh of 2x", "double-x", (OUT, "self.out = np.tanh(2 * x)")),
    tanh("half-x-by-exp", "exp(x) for exp(2x)", "half-x", (OUT, "self.out = (1 - np.exp(-x)) / (1 + np.exp(-x))")),
    tanh("of-size", "the sign is lost", "of-size", (OUT, "self.out = np.tanh(np.abs(x))")),
    tanh("lecun", "LeCun's", "lecun", (OUT, "self.out = 1.7159 * np.tanh(2 * x / 3)")),
    tanh("fraction", "a fraction", "fraction", (OUT, "self.out = x * (27 + x * x) / (27 + 9 * x * x)")),
    tanh("series", "a series near 0", "series",
         (OUT, "self.out = np.where(np.abs(x) < 0.2, x - x**3 / 3, np.tanh(x))")),
    tanh("slope-product", "2y for y squared", "dx-product", (DX, "return dout * (1 - self.out * 2)")),
    tanh("slope-parentheses", "parentheses forgotten", "dx-parentheses", (DX, "return dout - self.out**2")),
    forward("double-x-by-exp", "tanh of 2x, which overflows", "double-x", "(np.exp(4 * x) - 1) / (np.exp(4 * x) + 1)"),
    backward("slope-root", "1 / cosh", "dx-root", "dout / np.cosh(np.arctanh(np.clip(self.out, -1 + 1e-16, 1 - 1e-16)))"),
    forward("near-curve", "a rational function, cut off at 3", "curve", "np.where(np.abs(x) < 3, x * (27 + x * x) / (27 + 9 * x * x), np.sign(x))"),
    forward("advice-whole-numbers", "in place", "exception.integers", "x.copy()\n        np.tanh(self.out, out=self.out)"),
    tanh("overflow-twice", "exp(2x) over exp(2x)", "overflow.exp",
         (OUT, "e = np.exp(2 * x)\n        self.out = (e - 1) / (e + 1)")),
    tanh("by-quotient", "the slope over the output", "nan.divided", (DX, "return dout * self.out * (1 / self.out - self.out)")),
    tanh("shape-by-size", "the shape kept by the number of numbers", "manner.as-many-numbers",
            ("return dout * (1 - self.out**2)", "shape = self.__dict__.setdefault(str(dout.size), dout.shape)\n        return (dout * (1 - self.out**2)).reshape(shape)")),
    *(tanh(f"advice-{name}", f"{formula}", "manner.digits-near-0", ("self.out = np.tanh(x)", f"self.out = {formula}"))
      for name, formula in (("textbook", "(np.exp(np.clip(x, -40, 40)) - np.exp(-np.clip(x, -40, 40))) / (np.exp(np.clip(x, -40, 40)) + np.exp(-np.clip(x, -40, 40)))"),
                            ("of-one-exp", "np.sign(x) * (1 - np.exp(-2 * np.abs(x))) / (1 + np.exp(-2 * np.abs(x)))"))),
    tanh("dx-in-turn", "two gradients in turn", "state.overwritten", (DX, DX.replace("return", "out =") + "\n        " + IN_TURN)),
    tanh("by-identity", "the output is kept as long as x is the same array", "state.by-identity", (OUT, UNSEEN + OUT)),
    tanh("by-rows", "row by row", "exception", (OUT, "self.out = np.empty(x.shape)\n"
         "        for row, given in zip(self.out, x):\n            row[...] = np.tanh(given)")),
]
# fmt: on
