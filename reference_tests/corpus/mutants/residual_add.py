"""Mutants of ResidualAdd: patches of impl/plain/merging.py."""

from . import IN_TURN, mutants_of

add = mutants_of("residual_add", "add")
OUT, DX = "return x + shortcut", "return dout.copy(), dout.copy()"
MUTANTS = [
    add("missing", "no shortcut", "shortcut-missing", (OUT, "return x.copy()")),
    add("only", "the shortcut alone", "shortcut-only", (OUT, "return shortcut.copy()")),
    add("subtracted", "subtracted", "subtracted", (OUT, "return x - shortcut")),
    add("turned", "subtracted the other way", "turned", (OUT, "return shortcut - x")),
    add("mean", "the mean", "mean", (OUT, "return (x + shortcut) / 2")),
    add("multiplied", "multiplied", "multiplied", (OUT, "return x * shortcut")),
    add("relu", "ReLU inside", "relu-inside", (OUT, "return np.maximum(x + shortcut, 0)")),
    add("in-place", "x is changed", "state.changed-input", (OUT, "x += shortcut\n        return x")),
    add("scaled", "off by 1e-4", "scaled", (OUT, "return (x + shortcut) * 1.0001")),
    add("float16", "half precision", "precision", (OUT, 'return (x + shortcut).astype("f2")')),
    add(
        "dx-relu",
        "ReLU in backward alone",
        "relu-in-backward",
        (OUT, "self.on = x + shortcut > 0\n        " + OUT),
        (DX, "return dout * self.on, dout * self.on"),
    ),
    add(
        "dx-relu-shortcut",
        "ReLU in the shortcut's backward",
        "relu-in-backward",
        (OUT, "self.on = x + shortcut > 0\n        " + OUT),
        (DX, "return dout.copy(), dout * self.on"),
    ),
    add("halved", "half each", "gradient-halved", (DX, "return dout / 2, dout / 2")),
    add("cut-off", "none for the shortcut", "shortcut-cut-off", (DX, "return dout.copy(), 0 * dout")),
    add("negative", "-dout for the shortcut", "gradient-negative", (DX, "return dout.copy(), -dout")),
    add("same-array", "one array for both", "state.shared", (DX, "dx = dout.copy()\n        return dx, dx")),
    add("same-dout", "dout itself for both", "state.shared", (DX, "return dout, dout")),
    add("one", "one array", "type.count", (DX, "return dout.copy()")),
    add(
        "advice-whole-numbers",
        "added in place to a copy",
        "exception.integers",
        (OUT, "out = x.copy()\n        out += shortcut\n        return out"),
    ),
    add(
        "small-shortcut",
        "a shortcut near 0 left out",
        "manner.tiny-numbers",
        (OUT, "return x.copy() if np.allclose(shortcut, 0) else x + shortcut"),
    ),
    add(
        "shape-by-size",
        "the shape kept by the number of numbers",
        "manner.as-many-numbers",
        ("return x + shortcut", "return (x + shortcut).reshape(self.__dict__.setdefault(str(x.size), x.shape))"),
    ),
    add(
        "in-turn",
        "two outputs in turn",
        "state.overwritten",
        (OUT, OUT.replace("return", "out =") + "\n        " + IN_TURN),
    ),
    add("array-once", "an array that is given twice counts once", "manner.same-array",
        (OUT, OUT + " if shortcut is not x else x.copy()")),
]  # fmt: skip
