# ruff: noqa: E501 (patches are lines of code inside strings)
"""Mutants of Affine: patches of impl/plain/affine.py."""

from . import mutants_of

FLAT = "self.x = x.reshape(x.shape[0], int(np.prod(x.shape[1:])))"
OUT = "return np.dot(self.x, self.W) + self.b"
DX, DW, DB = "dx = np.dot(dout, self.W.T)", "self.dW = np.dot(self.x.T, dout)", "self.db = np.sum(dout, axis=0)"
BACK = "return dx.reshape(self.x_shape)"
INIT = "    def __init__(self, W, b):\n        self.W, self.b = W, b"
affine = mutants_of("affine", "affine")

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
    ),
    affine(
        "W-T",
        "W transposed where it fits",
        "W-transposed",
        (
            OUT,
            "W = self.W.T if self.W.shape[0] == self.W.shape[1] else self.W\n        return np.dot(self.x, W) + self.b",
        ),
    ),
    affine(
        "channels-last",
        "flattened with the channels last",
        "channels-last",
        (FLAT, "self.x = np.moveaxis(x, 1, -1).reshape(x.shape[0], int(np.prod(x.shape[1:])))"),
    ),
    affine("fortran", "flattened in Fortran's order", "fortran-order", (FLAT, FLAT[:-1] + ", order='F')")),
    affine("order-A", "flattened in the order of memory", "manner.fortran", (FLAT, FLAT[:-1] + ", order='A')")),
    affine(
        "swapped",
        "rows and columns swapped",
        "rows-columns-swapped",
        (FLAT, "self.x = (x.swapaxes(-1, -2) if x.ndim > 2 else x).reshape(x.shape[0], int(np.prod(x.shape[1:])))"),
    ),
    affine("batch-last", "reshaped to (D, N)", "batch-last", (FLAT, "self.x = x.reshape(-1, x.shape[0]).T")),
    affine("not-flat", "rows only", "", (FLAT, "self.x = x")),
    affine("mean", "the product averaged", "out-mean", (OUT, "return np.dot(self.x, self.W) / len(self.W) + self.b")),
    affine(
        "half",
        "float16 inside",
        "precision",
        (OUT, "return (self.x.astype('f2') @ self.W.astype('f2')).astype('f8') + self.b"),
    ),
    affine("half-bias", "a float16 bias", "precision", (OUT, "return np.dot(self.x, self.W) + self.b.astype('f2')")),
    affine("scaled", "off by 1e-4", "scaled", (OUT, "return (np.dot(self.x, self.W) + self.b) * 1.0001")),
    affine(
        "integer",
        "whole numbers for whole x",
        "truncated",
        (OUT, "return (np.dot(self.x, self.W) + self.b).astype(x.dtype)"),
    ),
    affine(
        "squeezed", "axes of one are dropped", "squeezed", (OUT, "return np.squeeze(np.dot(self.x, self.W) + self.b)")
    ),
    affine(
        "four-images",
        "only four images",
        "place",
        (OUT, "out = np.dot(self.x, self.W) + self.b\n        out[4:] = 0\n        return out"),
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
    ),
    affine(
        "x-kept",
        "the first call's x is kept for its shape",
        "state.stale-input",
        (
            FLAT,
            "if getattr(self, 'x_shape_', None) != x.shape:\n            self.x = x.reshape(x.shape[0], int(np.prod(x.shape[1:])))\n        self.x_shape_ = x.shape",
        ),
    ),
    affine(
        "dW-adds", "dW adds up", "state.accumulates", (DW, "self.dW = getattr(self, 'dW', 0) + np.dot(self.x.T, dout)")
    ),
    affine(
        "db-adds", "db adds up", "state.accumulates", (DB, "self.db = getattr(self, 'db', 0) + np.sum(dout, axis=0)")
    ),
    affine("dx-flat", "dx is not given its shape back", "dx-flat", (BACK, "return dx")),
    affine(
        "dx-W",
        "W not transposed where it fits",
        "dx-W-not-transposed",
        (DX, "dx = np.dot(dout, self.W if self.W.shape[0] == self.W.shape[1] else self.W.T)"),
    ),
    affine("dx-mean", "dx divided by N", "dx-mean", (DX, DX + " / len(dout)")),
    affine("dx-scaled", "dx off by 1e-4", "scaled", (DX, DX + " * 1.0001")),
    affine("dx-half", "dx in float16", "precision", (DX, "dx = np.dot(dout.astype('f2'), self.W.T.astype('f2'))")),
    affine(
        "dx-swapped",
        "dx with rows and columns swapped",
        "dx-columns-swapped",
        (BACK, "shape = self.x_shape\n        return dx.reshape(shape[0], *shape[:0:-1]).swapaxes(1, -1)"),
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
    ),
    affine("dW-scaled", "dW off by 1e-4", "scaled", (DW, DW + " * 1.0001")),
    affine("dW-half", "dW in float16", "precision", (DW, "self.dW = np.dot(self.x.T.astype('f2'), dout.astype('f2'))")),
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
    affine("db-half", "db summed in float16", "precision", (DB, "self.db = np.sum(dout.astype('f2'), axis=0)")),
    affine("dx-in-place", "backward writes into dout", "state.changed-input", (DB, DB + "\n        dout *= 1.5")),
    affine(
        "buffer",
        "one output buffer for all calls",
        "state.overwritten",
        (
            OUT,
            "out = np.dot(self.x, self.W) + self.b\n        if getattr(self, 'out', out[:0]).shape != out.shape:\n            self.out = out\n        self.out[...] = out\n        return self.out",
        ),
    ),
    affine(
        "advice-float32", "float32 inside", "precision", (OUT, "return (np.dot(self.x, self.W) + self.b).astype('f4')")
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
    ),
]
