"""Inverted dropout, wrong in one place."""

from .beyond import planted

SEED = "np.random.seed(0)"
inv = planted(
    "inverted_dropout",
    "inverted_dropout",
    f"(s := {SEED}, a := InvertedDropout(0.3), out := a.forward(np.ones((9, 9))), dx := a.backward(np.ones((9, 9))),"
    " [out, dx])[4]",
)
INFER = "(InvertedDropout(0.3).forward(np.ones((2, 2)), False))"
AGAIN = f"(s := {SEED}, a := InvertedDropout(0.3), a.forward(np.ones((9, 9))), a.forward(np.ones((9, 9))))[3]"
OUT, DX = "return x * self.survivors / (1 - self.drop)", "return dout * self.survivors / (1 - self.drop)"
MASK = "self.survivors = np.random.rand(*x.shape) >= self.drop"
MUTANTS = [
    inv("book", "scaled at inference", "book", "            return x.copy()", "            return x * (1 - self.drop)",
        shown=INFER),
    inv("divided", "divided at inference", "inference-divided", "            return x.copy()",
        "            return x / (1 - self.drop)", shown=INFER),
    inv("not-scaled", "not scaled", "not-scaled", OUT, "return x * self.survivors", DX, "return dout * self.survivors"),
    inv("multiplied", "multiplied", "multiplied", OUT, "return x * self.survivors * (1 - self.drop)"),
    inv("by-ratio", "divided by the ratio", "by-ratio", OUT, "return x * self.survivors / max(self.drop, 1e-9)"),
    inv("twice", "scaled twice", "scaled-twice", OUT, OUT + "\n".rstrip() + " / (1 - self.drop)"),
    inv("ratio-kept", "the ratio is the share kept", "ratio-is-kept", MASK, MASK.replace(">=", "<")),
    inv("nothing", "nothing dropped", "nothing-dropped", MASK, "self.survivors = np.ones(x.shape)", OUT,
        "return x / (1 - self.drop)"),
    inv("normal", "randn for rand", "share", MASK, MASK.replace("np.random.rand(", "np.random.randn(")),
    inv("seeded", "a seed in forward", "mask-kept", MASK, "np.random.seed(1)\n        " + MASK, shown=AGAIN),
    inv("dx-not-scaled", "dx not scaled", "dx-not-scaled", DX, "return dout * self.survivors"),
    inv("dx-multiplied", "dx multiplied", "dx-multiplied", DX, "return dout * self.survivors * (1 - self.drop)"),
    inv("dx-twice", "dx scaled twice", "dx-scaled-twice", DX, DX + " / (1 - self.drop)"),
    inv("dx-no-mask", "dout everywhere", "dx-no-mask", DX, "return dout / (1 - self.drop)"),
    inv("dx-other", "a mask of its own", "dx-other-mask", DX,
        "return dout * (np.random.rand(*dout.shape) >= self.drop) / (1 - self.drop)"),
]  # fmt: skip
