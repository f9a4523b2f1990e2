# ruff: noqa: E501 (patches are lines of code inside strings)
"""Mutants of LRN: patches of impl/plain/lrn.py."""

from . import IN_TURN, Mutant, mutants_of

WINDOW = "a[:, max(0, i - half) : min(C - 1, i + half) + 1]"
SUMMED = WINDOW + ".sum(axis=1)"
S = "self.s = self.k + self.alpha * self.window_sum(x**2)"
OUT = "return x * self.s**-self.beta"
SHARED = "shared = self.window_sum(dout * self.x * self.s ** (-self.beta - 1))"
DX = "return dout * self.s**-self.beta - 2 * self.alpha * self.beta * self.x * shared"
INIT = "self.n, self.k, self.alpha, self.beta = n, k, alpha, beta"
lrn = mutants_of("lrn", "lrn")


def window(
    id: str, text: str, code: str, begin: str = "max(0, i - half)", end: str = "min(C - 1, i + half) + 1"
) -> Mutant:
    """Sum another window of channels."""
    return lrn(id, text, code, (WINDOW, f"a[:, {begin} : {end}]"))


def window_sums(id: str, text: str, code: str, line: str) -> Mutant:
    """Sum a window by another line."""
    return lrn(id, text, code, (f"out[:, i] = {SUMMED}", line))


# fmt: off
MUTANTS = [
    *(window(f"all-of-few-{name}", f"all channels if {name} n", "all-channels", f"max(0, i - half) if not C {sign} self.n else 0",
             f"min(C - 1, i + half) + 1 if not C {sign} self.n else C")
      for name, sign in (("at-most", "<="), ("fewer-than", "<"))),
    lrn("kept-buffer", "running sums in a buffer that is kept", "manner.second-call",
        ("out = np.zeros(a.shape)",
         "shape = (len(a), C + 2 * half + 1, *a.shape[2:])\n        if getattr(self, 'work', a).shape != shape:\n"
         "            self.work = np.zeros(shape)\n        self.work[:, half + 1 : half + 1 + C] = a\n"
         "        np.cumsum(self.work, axis=1, out=self.work)\n"
         "        return self.work[:, 2 * half + 1 :] - self.work[:, :C]\n        out = np.zeros(a.shape)")),
    lrn("over-n", "alpha / n", "alpha-over-n", (INIT, INIT.replace("= n, k, alpha,", "= n, k, alpha / n,"))),
    lrn("over-n-forward", "alpha / n in forward only", "alpha-over-n",
        (S, S.replace("self.alpha", "self.alpha / self.n"))),
    lrn("times-n", "alpha n", "alpha-times-n", (INIT, INIT.replace("= n, k, alpha,", "= n, k, alpha * n,"))),
    lrn("mean", "the window's mean", "mean", (SUMMED, WINDOW + ".mean(axis=1)")),
    lrn("radius", "n as a radius", "radius", ("C, half = a.shape[1], self.n // 2", "C, half = a.shape[1], self.n")),
    window("paper-whole", "range() of the paper with n // 2", "range-of-paper", "max(0, i - half)", "max(0, min(C - 1, i + half))"),
    window("paper-half", "range() of the paper with n / 2", "range-of-paper", "int(max(0, i - self.n / 2))",
           "int(min(C - 1, i + self.n / 2))"),
    window("long-left", "begins one early", "window-long-left", "max(0, i - half - 1)"),
    window("long-both", "one long at both ends", "window-long-both", "max(0, i - half - 1)", "min(C - 1, i + half + 1) + 1"),
    window("kept-below", "n wide at the first channel", "window-moved-inside", "max(0, i - half)", "max(0, i - half) + self.n"),
    window("kept-above", "n wide at the last channel", "window-moved-inside", "max(0, min(i - half, C - self.n))"),
    window("first-missing", "the first channel in none", "first-channel-missing", "max(1, i - half)"),
    lrn("first-missing-elsewhere", "the first channel in its own alone", "first-channel-missing",
        (WINDOW, "a[:, max(0 if i == 0 else 1, i - half) : min(C - 1, i + half) + 1]")),
    lrn("clamped", "the border channel again", "border-again",
        (SUMMED, "a[:, np.clip(np.arange(i - half, i + half + 1), 0, C - 1)].sum(axis=1)")),
    lrn("last-as-it-is", "the last channel is not normalized", "channel-left-out",
        (OUT, "out = x * self.s**-self.beta\n        out[:, -1] = x[:, -1]\n        return out")),
    lrn("first-zero", "the first channel stays 0", "channel-left-out",
        (OUT, "out = x * self.s**-self.beta\n        out[:, 0] = 0\n        return out")),
    lrn("dx-alpha-n-all", "backward with alpha / n throughout", "dx-alpha-over-n",
        (S, S + "\n        self.t = self.k + self.alpha / self.n * self.window_sum(x**2)"),
        (SHARED, SHARED.replace("self.s", "self.t")),
        (DX, DX.replace("self.s", "self.t").replace("self.alpha", "self.alpha / self.n"))),
    lrn("only-64-channels", "64 channels", "when", (OUT, "out = x * self.s**-self.beta\n        out[:, 64:] = 0\n        return out")),
    window("short-left", "begins one late", "window-short-left", "max(0, i - half + 1)"),
    window("short-right", "ends one early", "window-short-right", end="min(C, i + half)"),
    window("short-both", "one short on both sides", "window-short-both", "max(0, i - half + 1)", "min(C, i + half)"),
    window("long", "ends one late", "window-long", end="min(C - 1, i + half + 1) + 1"),
    window("before", "n channels up to i", "window-before", "max(0, i - self.n + 1)", "i + 1"),
    window("after", "n channels from i", "window-after", "i", "min(C, i + self.n)"),
    window("half-before", "nothing after i", "half-window-before", end="i + 1"),
    window("half-after", "nothing before i", "half-window-after", "i"),
    window("own", "the channel alone", "one-channel", "i", "i + 1"),
    window("all", "all channels", "all-channels", "0", "C"),
    window("negative", "a negative begin", "negative-begin", "i - half", "i + half + 1"),
    window("last-missing", "the last channel is left out", "last-channel-missing", end="min(C - 1, i + half + 1)"),
    window("moved", "moved inside at the border", "window-moved-inside", "max(0, min(i - half, C - self.n))",
           "max(0, min(i - half, C - self.n)) + self.n"),
    lrn("without-self", "the channel left out", "own-channel-missing", (SUMMED, SUMMED + " - a[:, i]")),
    lrn("circular", "round the end", "circular", (SUMMED, "sum(a[:, (i + d) % C] for d in range(-half, half + 1))")),
    lrn("rows", "along the rows", "along-rows",
        (S, S.replace("self.window_sum(x**2)", "self.window_sum((x**2).swapaxes(1, 2)).swapaxes(1, 2)"))),
    lrn("columns", "along the columns", "along-columns",
        (S, S.replace("self.window_sum(x**2)", "self.window_sum((x**2).swapaxes(1, 3)).swapaxes(1, 3)"))),
    lrn("batch", "along the batch", "along-batch",
        (S, S.replace("self.window_sum(x**2)", "self.window_sum((x**2).swapaxes(0, 1)).swapaxes(0, 1)"))),
    lrn("not-squared", "x for its square", "not-squared", (S, S.replace("x**2", "x"))),
    lrn("abs", "|x| for the square", "abs", (S, S.replace("x**2", "np.abs(x)"))),
    lrn("sum-squared", "the sum squared", "sum-squared", (S, "self.s = self.k + self.alpha * self.window_sum(x) ** 2")),
    lrn("no-k", "no k", "k-missing", (S, "self.s = self.alpha * self.window_sum(x**2)")),
    lrn("k-1", "1 for k", "k-is-1", (S, S.replace("self.k", "1"))),
    lrn("k-2", "2 for k", "k-is-2", (S, S.replace("self.k", "2"))),
    lrn("k-alpha", "alpha times k too", "k-times-alpha", (S, "self.s = self.alpha * (self.k + self.window_sum(x**2))")),
    lrn("k-outside", "k outside the power", "k-outside", (OUT, "return x / (self.k + (self.s - self.k) ** self.beta)")),
    lrn("no-alpha", "no alpha", "alpha-missing", (S, S.replace("self.alpha * ", ""))),
    lrn("alpha-fixed", "alpha 1e-4", "alpha-fixed", (INIT, INIT.replace("= n, k, alpha,", "= n, k, 1e-4,"))),
    lrn("k-alpha-swapped", "k and alpha swapped", "alpha-k-swapped",
        ("n=5, k=2.0, alpha=1e-4, beta", "n=5, alpha=1e-4, k=2.0, beta")),
    lrn("alpha-beta-swapped", "alpha and beta swapped", "alpha-beta-swapped",
        ("alpha=1e-4, beta=0.75", "beta=0.75, alpha=1e-4")),
    lrn("n-fixed", "n 5", "n-fixed", (INIT, INIT.replace("= n,", "= 5,"))),
    lrn("beta-fixed", "beta 0.75", "beta-fixed",
        (INIT, INIT.replace("alpha, beta\n", "alpha, beta\n").removesuffix("beta") + "0.75")),
    lrn("no-beta", "no power", "beta-missing", (OUT, "return x / self.s")),
    lrn("sqrt", "the square root", "beta-sqrt", (OUT, "return x / np.sqrt(self.s)")),
    lrn("multiplied", "multiplied", "multiplied", (OUT, "return x * self.s**self.beta")),
    lrn("no-x", "1 above the line", "numerator-missing", (OUT, "return self.s**-self.beta")),
    lrn("half", "float16 inside", "precision",
        (OUT, "return (x.astype('f2') * (self.s**-self.beta).astype('f2')).astype('f8')")),
    lrn("scaled", "off by 1e-4", "scaled", (OUT, OUT + " * 1.0001")),
    lrn("advice-s-truncated", "the sums in x's type", "s-truncated", (S, S.replace("= self.k", "= (self.k") + ").astype(x.dtype)")),
    lrn("advice-integer", "a whole buffer", "truncated", ("out = np.zeros(a.shape)", "out = np.zeros(a.shape, a.dtype)"),
        (OUT, "return (x * self.s**-self.beta).astype(x.dtype)")),
    lrn("one-image", "only the first image's sums", "first-image", (S, S + "[:1]")),
    lrn("four-images", "only four images", "place", (S, S + "\n        self.s[4:] = 1")),
    lrn("few-channels", "crashes where there are fewer channels than n", "",
        (S, "if x.shape[1] < self.n:\n            raise IndexError('channel')\n        " + S)),
    lrn("advice-defaults", "k 1 by default, as in torch", "lrn.k-is-1", ("k=2.0", "k=1.0")),
    lrn("dx-own", "dout over the power alone", "only-own-part", (DX, "return dout * self.s**-self.beta")),
    lrn("dx-no-cross", "no neighbours", "cross-terms-missing",
        (SHARED, "shared = dout * self.x * self.s ** (-self.beta - 1)")),
    lrn("dx-no-self", "neighbours only", "own-term-missing",
        (SHARED, SHARED + "\n        shared = shared - dout * self.x * self.s ** (-self.beta - 1)")),
    lrn("dx-sign", "plus", "dx-sign", (DX, DX.replace("beta - 2", "beta + 2"))),
    lrn("dx-2", "no 2", "dx-2-missing", (DX, DX.replace("- 2 * self", "- self"))),
    lrn("dx-beta", "no beta", "dx-beta-missing", (DX, DX.replace("self.alpha * self.beta", "self.alpha"))),
    lrn("dx-alpha", "no alpha", "dx-alpha-missing", (DX, DX.replace("self.alpha * ", ""))),
    lrn("dx-alpha-n", "alpha / n in backward", "dx-alpha-over-n",
        (DX, DX.replace("self.alpha", "self.alpha / self.n"))),
    lrn("dx-exponent", "the exponent -beta", "dx-exponent", (SHARED, SHARED.replace("-self.beta - 1", "-self.beta"))),
    lrn("dx-exponent-plus", "the exponent 1 - beta", "dx-exponent-plus",
        (SHARED, SHARED.replace("-self.beta - 1", "-self.beta + 1"))),
    lrn("dx-dout", "dout outside the sum", "dx-dout-outside",
        (SHARED, "shared = dout * self.window_sum(self.x * self.s ** (-self.beta - 1))")),
    lrn("dx-x", "no x_j", "dx-x-missing", (DX, DX.replace(" * self.x * shared", " * shared"))),
    lrn("dx-no-dout", "dout left out", "dout-unused", (SHARED, "dout = np.ones_like(dout)\n        " + SHARED)),
    lrn("dx-is-dout", "dout alone", "dx-is-dout", (DX, "return dout.copy()")),
    lrn("dx-scaled", "dx off by 1e-4", "scaled", (DX, "return (" + DX.removeprefix("return ") + ") * 1.0001")),
    lrn("dx-half", "dx in float16", "precision",
        (DX, "return (" + DX.removeprefix("return ") + ").astype('f2').astype('f8')")),
    lrn("dx-short", "backward's window short at its end", "dx-window-short", (SHARED,
        "half, a = self.n // 2, dout * self.x * self.s ** (-self.beta - 1)\n        shared = np.zeros(a.shape)\n"
        "        for i in range(a.shape[1]):\n"
        "            shared[:, i] = a[:, max(0, i - half) : i + half].sum(axis=1)")),
    lrn("stale", "the first call's sums are kept for their shape", "stale-sums",
        (S, "if getattr(self, 's', x[:0]).shape != x.shape:\n            " + S)),
    lrn("stale-x", "backward uses the first call's x", "stale-x", ("self.x = x\n        self.s",
        "self.x = x if getattr(self, 'x', x[:0]).shape != x.shape else self.x\n        self.s")),
    lrn("square-in-place", "x is squared in place", "state.changed-input", (S, "x *= x\n        "
        + S.replace("x**2", "x")), (OUT, "np.sqrt(x, out=x)\n        return x * self.s**-self.beta")),
    lrn("advice-even-n", "a window of n - 1 channels where n is even", "even-n-short",
        ("C, half = a.shape[1], self.n // 2", "C, half = a.shape[1], (self.n - 1) // 2")),
    lrn("advice-float32", "float32 inside", "precision", (OUT, "return (x * self.s**-self.beta).astype('f4')")),
    lrn("flat", "the output is flattened", "flattened",
        (OUT, "return (x * self.s**-self.beta).reshape(len(x), int(np.prod(x.shape[1:])))")),
    lrn("squeezed", "axes of one are dropped", "squeezed", (OUT, "return np.squeeze(x * self.s**-self.beta)")),
    lrn("dx-short-left", "backward's window short at its beginning", "dx-window-short-left", (SHARED,
        "half, a = self.n // 2, dout * self.x * self.s ** (-self.beta - 1)\n        shared = np.zeros(a.shape)\n"
        "        for i in range(a.shape[1]):\n"
        "            shared[:, i] = a[:, max(0, i - half + 1) : i + half + 1].sum(axis=1)")),
    window_sums("once-round", "the window goes round, no channel twice", "circular",
        "out[:, i] = a[:, list({(i + d) % C for d in range(-half, half + 1)})].sum(axis=1)"),
    window_sums("n-at-most-c", "n is at most C", "n-at-most-channels",
        "half = min(self.n, C) // 2\n            out[:, i] = a[:, max(0, i - half) : i + half + 1].sum(axis=1)"),
    lrn("sums-pile-up", "the sums are never set back to 0", "lrn.sums-pile-up",
        (S, "old = getattr(self, 'sums', None)\n"
            "        self.sums = self.window_sum(x**2) + (old if old is not None and old.shape == x.shape else 0)\n"
            "        self.s = self.k + self.alpha * self.sums")),
    lrn("sums-turned", "the sums in reverse", "lrn.channels-reversed", (S, S + "[:, ::-1]")),
    lrn("window-without-channels", "the window is kept by n alone", "",
        ("        C, half = a.shape[1], self.n // 2\n", "        C, half = globals().setdefault(str((self.n, a.shape[2:])), a.shape[1]), self.n // 2\n")),
    lrn("over-images", "windows go on into the next image", "over-images",
        ("C, half = a.shape[1], self.n // 2", "shape, a = a.shape, a.reshape(1, -1, *a.shape[2:])\n        C, half = a.shape[1], self.n // 2"),
        ("return out\n", "return out.reshape(shape)\n")),
    window_sums("running-sums", "differences of running sums", "manner.float32",
        "out[:, i] = a.cumsum(axis=1)[:, min(C - 1, i + half)] - (a.cumsum(axis=1)[:, i - half - 1] if i > half else 0)"),
    lrn("own-x", "the channel's own x for the neighbours'", "dx-own-x",
        (SHARED, "shared = self.x * self.window_sum(dout * self.s ** (-self.beta - 1))")),
    lrn("sums-transposed", "rows and columns of the sums", "sums-transposed",
        (S, S + "\n        self.s = np.ascontiguousarray(self.s.swapaxes(2, 3)).reshape(x.shape)")),
    lrn("squares-half", "squares in float16", "sums-in-float16",
        ("self.window_sum(x**2)", "self.window_sum((x**2).astype('f2').astype('f8'))")),
    lrn("half-x-squared", "x in float16, squared", "sums-in-float16",
        ("self.window_sum(x**2)", "self.window_sum((x.astype('f2') ** 2).astype('f8'))")),
    lrn("sums-half", "sums in float16", "sums-in-float16",
        ("out = np.zeros(a.shape)", "out = np.zeros(a.shape, a.dtype)"),
        ("self.window_sum(x**2)", "self.window_sum((x**2).astype('f2')).astype('f8')")),
    lrn("k-of-the-class", "k belongs to all layers", "manner.beside-another",
        ("self.n, self.k, self.alpha, self.beta = n, k, alpha, beta", "self.n, LRN.k, self.alpha, self.beta = n, k, alpha, beta")),
    lrn("dx-x-inside", "x_i for x_j", "lrn.dx-index",
        ("shared = self.window_sum(dout * self.x * self.s", "shared = self.window_sum(self.x * dout * self.x * self.s"),
        ("self.beta * self.x * shared", "self.beta * shared")),
    lrn("x-added", "1e-10 added to x", "constant-added", (OUT, "return (x + 1e-10) * self.s**-self.beta")),
    lrn("s-limited", "s at most 1e10", "manner.large-numbers", (S, S.replace("self.s = ", "self.s = np.minimum(1e10, ") + ")")),
    lrn("dx-factor", "4 alpha beta in dx", "dx-factor", (DX, DX.replace("- 2 *", "- 4 *"))),
    *(window_sums(f"distances-{name}", f"distances of channels as {name}", "distance-in-a-byte",
                  f"out[:, i] = a[:, {away} <= half].sum(axis=1)")
      for name, away in (("i1", "np.abs((np.arange(C) - i).astype('i1'))"), ("kept-u1", "np.abs(np.arange(C) - i).astype('u1')"),
                         ("u1", "(np.arange(C) - i).astype('u1')"))),
    *(window(f"ends-{kind}", f"ends of the windows as {kind}", "index-in-a-byte", f"np.array(max(0, i - half)).astype('{kind}')",
             f"np.array(min(C - 1, i + half) + 1).astype('{kind}')") for kind in ("i1", "u1")),
    lrn("by-quotient", "the power of s as out / x", "dx-by-quotient", (OUT, "self.y = x * self.s**-self.beta\n        return self.y.copy()"),
        (SHARED, "q = self.y / self.x\n        shared = self.window_sum(dout * self.y * q ** (1 / self.beta))"),
        (DX, DX.replace("self.s**-self.beta", "q"))),
    lrn("own-by-quotient", "the power of s as out / x in the own part", "dx-through-quotient",
        (OUT, "self.y = x * self.s**-self.beta\n        return self.y.copy()"), (DX, DX.replace("self.s**-self.beta", "(self.y / self.x)"))),
    lrn("nan-of-x-2", "nan where the channel behind is 0", "nan", (DX, DX + " + 0 / (np.roll(self.x, -1, axis=1) != 0)")),
    lrn("channels-by-planes", "images and channels kept by their product", "manner.as-many-numbers",
        ("        self.x = x\n", "        self.x = x = x.reshape(*self.__dict__.setdefault(str((len(x) * x.shape[1], x.shape[2:])), x.shape[:2]), *x.shape[2:])\n")),
    lrn("in-turn", "two outputs in turn", "state.overwritten", (OUT, OUT.replace("return", "out =") + "\n        " + IN_TURN)),
    lrn("by-shifts", "sums of shifted channels, whose ends run below 0", "exception",
        (f"for i in range(C):\n            out[:, i] = {SUMMED}", "out += a\n        for d in range(1, half + 1):\n"
         "            out[:, d:] += a[:, : C - d]\n            out[:, : C - d] += a[:, d:]")),
    lrn("dx-exponent-twice", "the output times the power of s in dx", "dx-exponent-twice",
        (SHARED, SHARED.replace("self.s ** (-self.beta - 1)", "self.s ** (-2 * self.beta)"))),
]
# fmt: on
