# ruff: noqa: E501 (patches are lines of code inside strings)
"""Affine, wrong in one place."""

from . import SEEN, Mutant

W = "np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -1.0], [2.0, 1.0, 0.25], [-3.0, 0.125, 1.5]])"
B, X = "np.array([0.5, -1.5, 2.0])", "np.array([[1.0, 2.0, -1.0, 0.5], [3.0, -0.5, 0.25, 2.0]])"
IMAGES = "np.arange(16.0).reshape(2, 2, 2, 2)"
W8 = "np.arange(24.0).reshape(8, 3) ** 1.5"
ONCE, TWICE = f"used(Affine({W}, {B}), {X})", f"twice(Affine({W}, {B}), ({X},), (-2 * {X},))"
IMAGE = f"used(Affine({W8}, {B}), {IMAGES})"
SQUARE = "used(Affine(np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([1.0, -2.0])), np.array([[2.0, 7.0], [0.0, 1.0]]))"
FLAT = "self.x = x.reshape(x.shape[0], int(np.prod(x.shape[1:])))"
OUT = "return np.dot(self.x, self.W) + self.b"
DX, DW, DB = "dx = np.dot(dout, self.W.T)", "self.dW = np.dot(self.x.T, dout)", "self.db = np.sum(dout, axis=0)"
BACK = "return dx.reshape(self.x_shape)"
INIT = "    def __init__(self, W, b):\n        self.W, self.b = W, b"


def affine(name, text, code, *patch, witness=ONCE):
    code = f"affine.{code}" if code not in SEEN and "." not in code else code
    return Mutant(f"affine-{name}", "affine", text, code, patch, witness)


MUTANTS = [
    affine("no-bias", "no bias", "bias-missing", (OUT, "return np.dot(self.x, self.W)")),
    affine("bias-twice", "the bias twice", "bias-doubled", (OUT, OUT + " + self.b")),
    affine("bias-minus", "the bias subtracted", "bias-subtracted", (OUT, "return np.dot(self.x, self.W) - self.b")),
    affine("bias-mean", "the bias's mean", "bias-mean", (OUT, "return np.dot(self.x, self.W) + self.b.mean()")),
    affine(
        "bias-first", "the bias's first number", "bias-first-only", (OUT, "return np.dot(self.x, self.W) + self.b[0]")
    ),
    affine(
        "bias-down",
        "the bias down the batch where it fits",
        "bias-down",
        (OUT, "b = self.b[:, None] if len(self.b) == len(x) else self.b\n        return np.dot(self.x, self.W) + b"),
        witness=SQUARE,
    ),
    affine(
        "W-T",
        "W transposed where it fits",
        "W-transposed",
        (
            OUT,
            "W = self.W.T if self.W.shape[0] == self.W.shape[1] else self.W\n        return np.dot(self.x, W) + self.b",
        ),
        witness=SQUARE,
    ),
    affine(
        "channels-last",
        "flattened with the channels last",
        "channels-last",
        (FLAT, "self.x = np.moveaxis(x, 1, -1).reshape(x.shape[0], int(np.prod(x.shape[1:])))"),
        witness=IMAGE,
    ),
    affine(
        "fortran", "flattened in Fortran's order", "fortran-order", (FLAT, FLAT[:-1] + ", order='F')"), witness=IMAGE
    ),
    affine(
        "order-A",
        "flattened in the order of memory",
        "manner.fortran",
        (FLAT, FLAT[:-1] + ", order='A')"),
        witness=f"used(Affine({W8}, {B}), np.asfortranarray({IMAGES}))",
    ),
    affine(
        "swapped",
        "rows and columns swapped",
        "rows-columns-swapped",
        (FLAT, "self.x = (x.swapaxes(-1, -2) if x.ndim > 2 else x).reshape(x.shape[0], int(np.prod(x.shape[1:])))"),
        witness=IMAGE,
    ),
    affine("batch-last", "reshaped to (D, N)", "batch-last", (FLAT, "self.x = x.reshape(-1, x.shape[0]).T")),
    affine("not-flat", "rows only", "", (FLAT, "self.x = x"), witness=IMAGE),
    affine("mean", "the product averaged", "out-mean", (OUT, "return np.dot(self.x, self.W) / len(self.W) + self.b")),
    affine(
        "half",
        "float16 inside",
        "precision",
        (OUT, "return (self.x.astype('f2') @ self.W.astype('f2')).astype('f8') + self.b"),
        witness=f"used(Affine({W} / 3, {B}), {X})",
    ),
    affine(
        "half-bias",
        "a float16 bias",
        "precision",
        (OUT, "return np.dot(self.x, self.W) + self.b.astype('f2')"),
        witness=ONCE.replace("2.0])", "2.0]) / 3"),
    ),
    affine("scaled", "off by 1e-4", "scaled", (OUT, "return (np.dot(self.x, self.W) + self.b) * 1.0001")),
    affine(
        "integer",
        "whole numbers for whole x",
        "truncated",
        (OUT, "return (np.dot(self.x, self.W) + self.b).astype(x.dtype)"),
        witness=f"used(Affine({W} / 3, {B}), {X}.astype(int))",
    ),
    affine(
        "squeezed",
        "axes of one are dropped",
        "squeezed",
        (OUT, "return np.squeeze(np.dot(self.x, self.W) + self.b)"),
        witness=f"used(Affine({W}, {B}), {X}[:1])",
    ),
    affine(
        "four-images",
        "only four images",
        "place",
        (OUT, "out = np.dot(self.x, self.W) + self.b\n        out[4:] = 0\n        return out"),
        witness=f"used(Affine({W}, {B}), np.ones((5, 4)))",
    ),
    affine(
        "bias-added-in-place",
        "the bias is added to W's product in b",
        "state.changed-input",
        (OUT, "self.b += 0.5\n        return np.dot(self.x, self.W) + self.b"),
    ),
    affine(
        "copies",
        "parameters are copied when it is made",
        "state.stale-parameters",
        (INIT, INIT.replace("W, b\n", "W, b\n").replace("= W, b", "= W.copy(), b.copy()")),
        witness=f"(w := {W}, a := Affine(w, {B}), w.__imul__(2), a.forward({X}))[-1]",
    ),
    affine(
        "x-kept",
        "the first call's x is kept for its shape",
        "state.stale-input",
        (
            FLAT,
            "if getattr(self, 'x_shape_', None) != x.shape:\n            self.x = x.reshape(x.shape[0], int(np.prod(x.shape[1:])))\n        self.x_shape_ = x.shape",
        ),
        witness=TWICE,
    ),
    affine(
        "dW-adds",
        "dW adds up",
        "state.accumulates",
        (DW, "self.dW = getattr(self, 'dW', 0) + np.dot(self.x.T, dout)"),
        witness=TWICE,
    ),
    affine(
        "db-adds",
        "db adds up",
        "state.accumulates",
        (DB, "self.db = getattr(self, 'db', 0) + np.sum(dout, axis=0)"),
        witness=TWICE,
    ),
    affine("dx-flat", "dx is not given its shape back", "dx-flat", (BACK, "return dx"), witness=IMAGE),
    affine(
        "dx-W",
        "W not transposed where it fits",
        "dx-W-not-transposed",
        (DX, "dx = np.dot(dout, self.W if self.W.shape[0] == self.W.shape[1] else self.W.T)"),
        witness=SQUARE,
    ),
    affine("dx-mean", "dx divided by N", "dx-mean", (DX, DX + " / len(dout)")),
    affine("dx-scaled", "dx off by 1e-4", "scaled", (DX, DX + " * 1.0001")),
    affine(
        "dx-half",
        "dx in float16",
        "precision",
        (DX, "dx = np.dot(dout.astype('f2'), self.W.T.astype('f2'))"),
        witness=ONCE.replace("2.0])", "2.0])").replace("1.0, -2.0, 3.0", "1.1, -2.0, 3.0"),
    ),
    affine(
        "dx-swapped",
        "dx with rows and columns swapped",
        "dx-columns-swapped",
        (BACK, "shape = self.x_shape\n        return dx.reshape(shape[0], *shape[:0:-1]).swapaxes(1, -1)"),
        witness=IMAGE,
    ),
    affine("dx-plus-b", "the bias stands in dx", "constant-added", (DX, DX + " + self.b.mean()")),
    affine("dW-T", "dW transposed", "dW-transposed", (DW, "self.dW = np.dot(dout.T, self.x)")),
    affine("dW-mean", "dW averaged", "dW-mean", (DW, DW + " / len(dout)")),
    affine(
        "dW-db-mean",
        "dW and db averaged",
        "gradients-mean",
        (DW, DW + " / len(dout)"),
        (DB, "self.db = np.mean(dout, axis=0)"),
    ),
    affine("dW-first", "dW of the first image", "dW-first-image", (DW, "self.dW = np.outer(self.x[0], dout[0])")),
    affine(
        "dW-x",
        "x not transposed where it fits",
        "dW-x-not-transposed",
        (DW, "self.dW = np.dot(self.x if self.x.shape[0] == self.x.shape[1] else self.x.T, dout)"),
        witness=SQUARE,
    ),
    affine("dW-scaled", "dW off by 1e-4", "scaled", (DW, DW + " * 1.0001")),
    affine(
        "dW-half",
        "dW in float16",
        "precision",
        (DW, "self.dW = np.dot(self.x.T.astype('f2'), dout.astype('f2'))"),
        witness=ONCE.replace("1.0, 2.0, -1.0", "1.1, 2.0, -1.0"),
    ),
    affine("db-mean", "db averaged", "db-mean", (DB, "self.db = np.mean(dout, axis=0)")),
    affine("db-axis", "db over the wrong axis", "db-wrong-axis", (DB, "self.db = np.sum(dout, axis=1)")),
    affine("db-one", "db one number", "db-one-number", (DB, "self.db = np.sum(dout)")),
    affine("db-dout", "db is dout", "db-not-summed", (DB, "self.db = dout.copy()")),
    affine("db-first", "db of the first image", "db-first-image", (DB, "self.db = dout[0].copy()")),
    affine(
        "db-last", "db of the last image", "db-last-image", (DB, "for row in dout:\n            self.db = row.copy()")
    ),
    affine("db-keepdims", "db has two axes", "db-keepdims", (DB, "self.db = np.sum(dout, axis=0, keepdims=True)")),
    affine("db-zero", "db is zero", "db-zero", (DB, "self.db = np.zeros_like(self.b)")),
    affine("db-scaled", "db off by 1e-4", "scaled", (DB, DB + " * 1.0001")),
    affine(
        "db-half",
        "db summed in float16",
        "precision",
        (DB, "self.db = np.sum(dout.astype('f2'), axis=0)"),
        witness=f"(a := Affine({W}, {B}), a.forward({X}), a.backward(np.full((2, 3), 0.1)), a.db)[-1]",
    ),
    affine(
        "dx-in-place",
        "backward writes into dout",
        "state.changed-input",
        (DB, DB + "\n        dout *= 1.5"),
        witness=f"(a := Affine({W}, {B}), a.forward({X}), d := np.ones((2, 3)), a.backward(d))[2]",
    ),
    affine(
        "buffer",
        "one output buffer for all calls",
        "state.overwritten",
        (
            OUT,
            "out = np.dot(self.x, self.W) + self.b\n        if getattr(self, 'out', out[:0]).shape != out.shape:\n            self.out = out\n        self.out[...] = out\n        return self.out",
        ),
        witness=f"(a := Affine({W}, {B}), y := a.forward({X}), a.forward(2 * {X}))[1]",
    ),
    affine(
        "advice-float32",
        "float32 inside",
        "precision",
        (OUT, "return (np.dot(self.x, self.W) + self.b).astype('f4')"),
        witness=f"Affine({W}, {B}).forward({X}).dtype == float",
    ),
    affine(
        "dW-without-x",
        "dW of dout alone",
        "dW-without-x",
        (DW, "self.dW = np.tile(dout.sum(axis=0), (self.x.shape[1], 1))"),
    ),
    affine(
        "mutable-default",
        "what backward needs is kept in a default argument, so that all layers share it",
        "manner.another-layer-between",
        (
            "def __init__(self, W, b):\n        self.W, self.b = W, b",
            "def __init__(self, W, b, kept={}):\n        self.W, self.b, self.kept = W, b, kept",
        ),
        (OUT, "self.kept['x'] = self.x\n        " + OUT),
        (DW, DW.replace("self.x.T", "self.kept['x'].T")),
        witness=f"(a := Affine({W}, {B}), a.forward({X}), Affine({W}, {B}).forward(-2 * {X}), a.backward(np.ones((2, 3))), a.dW)[-1]",
    ),
]
