# ruff: noqa: E501 (patches are lines of code inside strings)
"""Mutants of Relu: patches of impl/plain/activation.py."""

from ..kept_room import in_room
from . import IN_TURN, mutants_of

MASK = "self.mask = x <= 0"
MASK_LINE = "self.mask = x <= 0\n        out = x.copy()\n        out[self.mask] = 0"
MASK_OR = (
    "m = x <= 0\n        old = getattr(self, 'mask', m)\n        self.mask = old | m if old.shape == m.shape else m\n"
    "        out = x.copy()\n        out[m] = 0"
)
OUT = "out[self.mask] = 0"
DX = "dx = dout.copy()\n        dx[self.mask] = 0\n        return dx"
relu = mutants_of("relu", "relu")

# fmt: off
MUTANTS = [
    *(relu(f"mask-{id}", text, "mask-displaced", (DX, f"mask = {mask}\n        return np.where(mask.reshape(dout.shape), 0, dout)"))
      for id, text, mask in (
        ("packed", "packed by rows, unpacked flat", "1 - np.unpackbits(np.packbits(~self.mask, axis=-1).ravel())[: dout.size]"),
        ("transposed", "transposed", "self.mask.swapaxes(-1, -2)"),
        ("fortran", "ravel('F')", "self.mask.ravel('F')"),
        ("rolled", "moved by one", "np.roll(self.mask, 1)"),
        ("rolled-along", "moved by one along the last axis", "np.roll(self.mask, -1, axis=-1)"),
        ("from-end", "from the end", "self.mask.ravel()[::-1]"),
      )),
    relu("packed-bits", "the mask in bits, unpacked without count", "exception.packed-bits",
         (DX, "kept = dout.ravel() * np.unpackbits(np.packbits(~self.mask))\n        return kept.reshape(dout.shape)")),
    relu("nothing-set", "negative numbers stay", "missing", (OUT, "pass")),
    relu("leaky", "a hundredth of negative numbers", "leaky", (OUT, "out[self.mask] *= 0.01")),
    relu("abs", "absolute values", "abs", (OUT, "out = np.abs(x)")),
    relu("mask-swapped", "x >= 0 is set to 0", "negative-part", (MASK, "self.mask = x >= 0")),
    relu("minimum", "np.minimum for np.maximum", "negative-part", (OUT, "out = np.minimum(x, 0)")),
    relu("six", "cut off at 6", "capped-at-6", (OUT, "out = np.clip(x, 0, 6)")),
    relu("one", "cut off at 1", "capped-at-1", (OUT, "out = np.clip(x, 0, 1)")),
    relu("ten-thousand", "cut off at 10000", "capped", (OUT, "out = np.clip(x, 0, 1e4)")),
    relu("only-64", "only the first 64 columns", "place", (OUT, "out[..., :64][self.mask[..., :64]] = 0")),
    relu("step", "the mask as output", "step", (OUT, "out = np.where(self.mask, 0.0, 1.0)")),
    relu("threshold", "small numbers become 0", "threshold", (OUT, "out[x <= 1e-3] = 0")),
    relu("mask-of-row", "one mask for all rows", "mask-of-first",
         (OUT, "out[np.broadcast_to(self.mask[:1], x.shape)] = 0")),
    relu("flat", "the output is flattened", "flattened",
         (OUT, "out[self.mask] = 0\n        out = out.reshape(len(x), -1)")),
    relu("squeezed", "axes of one are dropped", "squeezed", (OUT, "out[self.mask] = 0\n        out = np.squeeze(out)")),
    relu("four-images", "only four images", "place", (OUT, "out[:4][self.mask[:4]] = 0")),
    relu("in-place", "forward writes into x", "state.changed-input", ("out = x.copy()", "out = x")),
    relu("integer", "numbers are cut to whole ones", "truncated", ("out = x.copy()", "out = x.astype(int)")),
    relu("half", "float16 inside", "precision", ("out = x.copy()", "out = x.astype('f2')")),
    relu("scaled", "off by 1e-4", "scaled", (OUT, "out[self.mask] = 0\n        out = out * 1.0001")),
    relu("dx-all", "the mask is not used in backward", "mask-unused", (DX, "return dout.copy()")),
    relu("dx-sign", "backward sets the other places to 0", "mask-sign", (DX, "return dout * self.mask")),
    relu("dx-mask", "the mask is returned", "dout-unused", (DX, "return 1.0 - self.mask")),
    relu("dx-of-dout", "backward looks at dout's sign", "mask-of-dout", (DX, "return dout * (dout > 0)")),
    relu("dx-guided", "backward drops negative gradients as well", "mask-of-both",
         (DX, "return np.maximum(dout, 0) * ~self.mask")),
    relu("dx-times-out", "dout times the output", "times-out", (OUT, "out[self.mask] = 0\n        self.out = out"),
         (DX, "return dout * self.out")),
    relu("dx-times-x", "dout times x", "times-x", (MASK, "self.mask, self.x = x <= 0, x"),
         (DX, "return dout * self.x")),
    relu("dx-dropped", "gradients beyond 3 are dropped", "clipped", ("dx = dout.copy()", "dx = dout * (np.abs(dout) < 3)")),
    relu("dx-half", "float16 gradient", "precision", ("dx = dout.copy()", "dx = dout.astype('f2')")),
    relu("dx-scaled", "the gradient off by 1e-4", "scaled", ("dx = dout.copy()", "dx = dout * 1.0001")),
    relu("first-mask", "the first call's mask is kept", "stale-mask", (MASK,
         "self.mask = self.mask if getattr(self, 'mask', x).shape == x.shape and hasattr(self, 'mask') else x <= 0")),
    relu("first-mask-back", "backward keeps the first call's mask", "state.stale-input", (DX,
         "if getattr(self, 'first', self.mask).shape != dout.shape or not hasattr(self, 'first'):\n            self.first = self.mask\n        return dout * ~self.first")),
    relu("buffer", "one output buffer for all calls", "state.overwritten", ("out = x.copy()",
         "if getattr(self, 'out', x).shape != x.shape or not hasattr(self, 'out'):\n            self.out = x.copy()\n        out = self.out\n        out[...] = x")),
    relu("dx-adds", "gradients add up", "state.accumulates", (DX,
         "dx = dout * ~self.mask\n        same = getattr(self, 'dx', dx).shape == dx.shape\n        self.dx = dx + (self.dx if same and hasattr(self, 'dx') else 0)\n        return self.dx.copy()")),
    relu("three-axes", "only images of four axes", "", (MASK, "N, C, H, W = x.shape\n        self.mask = x <= 0")),
    relu("hard-coded", "answers for one public case only", "when",
         (OUT, "out[self.mask] = 0 if x.shape == (2, 3, 4, 5) else 0.5")),
    relu("advice-in-place-dout", "backward writes into dout, as in the book", "relu.writes-dout",
         ("dx = dout.copy()", "dx = dout")),
    relu("advice-float32", "float32 inside", "precision", ("out = x.copy()", "out = x.astype('f4')")),
    relu("advice-needs-writable", "x is written into, though not changed", "", (MASK, "x += 0\n        " + MASK)),
    relu("advice-slope-at-zero", "the gradient at 0 is 1", "place", (MASK, "self.mask = x < 0")),
    relu("mask-of-the-class", "one mask for all layers, kept on the class", "manner.another-layer-between",
         (MASK, "Relu.mask = x <= 0")),
    relu("leaky-fifth", "a fifth of negative numbers", "leaky", (OUT, "out[self.mask] *= 0.2")),
    relu("leaky-dx", "a tenth of dout where x is negative", "leaky-dx", (DX, "return np.where(self.mask, 0.1, 1) * dout")),
    relu("threshold-tenth", "x over 0.1", "threshold", (MASK, "self.mask = x <= 0.1")),
    relu("threshold-tiny", "x over 1e-6", "threshold", (MASK, "self.mask = x <= 1e-6")),
    relu("half-mask", "the mask of x in float16", "in-float16", (DX, "return dout * self.positive"),
         (OUT, OUT + "\n        self.positive = x.astype('f2') > 0")),
    relu("softplus", "softplus for relu", "smooth", (OUT, "out = np.logaddexp(0, x)")),
    relu("queue", "the masks stand in a list, the oldest first", "state.queue",
         (OUT, OUT + "\n        self.masks = [*getattr(self, 'masks', []), self.mask]"),
         (DX, "dx = dout.copy()\n        dx[self.masks.pop(0)] = 0\n        return dx")),
    relu("mask-piles-up", "the mask is added to from call to call", "mask-piles-up",
         (MASK_LINE, MASK_OR)),
    relu("mask-narrows", "the mask is narrowed from call to call", "mask-piles-up",
         (MASK_LINE, MASK_OR.replace(" | ", " & "))),
    relu("large-dout-clipped", "large gradients are cut off", "manner.large-dout",
         ("dx = dout.copy()", "dx = np.clip(dout, -100, 100)")),
    *(relu(f"places-as-{kind}", f"places that are stopped as {kind}", code, (MASK, "self.at = np.flatnonzero(x <= 0).astype('" + kind + "')"), (OUT, "out.reshape(-1)[self.at] = 0"), ("dx[self.mask] = 0", "dx.reshape(-1)[self.at] = 0"))
      for kind, code in (("u1", "index-in-a-byte"), ("i2", "index-in-16-bits"), ("u2", "index-in-16-bits"))),
    relu("by-quotient", "the slope as out / x", "nan.divided", (MASK, "self.x = x"), (OUT, "out[x <= 0] = 0\n        self.out = out.copy()"),
         (DX, "return dout * (self.out / self.x)")),
    relu("room-kept", "the mask in room for the largest batch, used whole", "state.batch-size",
         (MASK_LINE, MASK_LINE + "\n        " + in_room("room", "out") + "pass"), (DX, "return dout * (self.room > 0)")),
    relu("shape-by-size", "the shape kept by the number of numbers", "manner.as-many-numbers",
         ("out = x.copy()", "out = x.copy()\n        self.shape = self.__dict__.setdefault(str(x.size), x.shape)"),
         ("        return dx", "        return dx.reshape(self.shape)")),
    relu("in-turn", "two outputs in turn", "state.overwritten", (OUT, OUT + "\n        " + IN_TURN)),
    relu("channels-needed", "x of one axis has no second", "exception.shape-index", (MASK, "x.shape[1]\n        " + MASK)),
    relu("room-of-the-first", "the mask in room for the first batch", "state.batch-size",
         (MASK_LINE, MASK_LINE + "\n        " + in_room("room", "out", largest=False) + "pass"), (DX, "return dout * (self.room[:len(dout)] > 0)")),
]
# fmt: on
