# ruff: noqa: E501 (patches are lines of code inside strings)
"""Mutants of LocallyConnected: patches of impl/plain/locally_connected.py."""

from ..kept_room import in_room
from ..kept_settings import settings_by_places
from ..small_integers import read, small_integers
from ..typed_arrays import returned_in_type_of
from . import mutants_of

local = mutants_of("locally_connected", "local")
DOT = "np.tensordot(self.img[:, :, r, c], self.W[i, j], ((1, 2, 3), (1, 2, 3)))"
ADD = "return out + self.b"
GRAD = "self.dW[i, j] = np.tensordot(dout_ij, self.img[:, :, r, c], (0, 0))"
SPREAD = "dimg[:, :, r, c] += np.tensordot(dout_ij, self.W[i, j], (1, 0))"
DB = "self.db = dout.sum(axis=0)"
PADDED = "pad_width = [(0, 0), (0, 0), (self.pad, self.pad), (self.pad, self.pad)]"
STEP = "yield i, j, slice(y, y + FH), slice(x, x + FW)\n\n    def forward(self, x):\n        pad_width"
MUTANTS = [
    local("W-in-rows", "W is laid into rows when the layer is made", "state.assigned-parameters",
          ("self.pad = W, b, stride, pad", "self.pad = W, b, stride, pad\n        self.rows = W.reshape(*W.shape[:3], -1)"),
          (DOT, "np.tensordot(self.img[:, :, r, c].reshape(len(x), -1), self.rows[i, j], (1, 1))")),
    local("dout-as-it-comes-for-dW", "dout reshaped to rows as it comes, for dW", "dout-no-transpose",
          ("self.dW[i, j] = np.tensordot(dout_ij,", "rows = dout.reshape(len(dout), *dout.shape[2:], dout.shape[1])\n"
           "            self.dW[i, j] = np.tensordot(rows[:, i, j],")),
    local("bias-by-other-place", "b[:, j, i] for place (i, j)", "bias-transposed",
          (ADD, "for i, j in np.ndindex(out.shape[2:]):\n            out[:, :, i, j] += self.b[:, j, i]\n        return out")),
    local("bias-no-transpose", "b reshaped", "bias-no-transpose",
          (ADD, "b = self.b.reshape(*self.b.shape[1:], -1)\n        return out + b.transpose(2, 0, 1)")),
    local("db-no-transpose", "db reshaped", "db-no-transpose",
          (DB, "self.db = dout.sum(axis=0).transpose(1, 2, 0).reshape(self.b.shape)")),
    local("no-transpose", "out reshaped", "no-transpose",
          (ADD, "return (out + self.b).transpose(0, 2, 3, 1).reshape(out.shape)")),
    local("places-first-no-transpose", "out reshaped from (OH, OW, N, FN)", "no-transpose",
          (ADD, "return (out + self.b).transpose(2, 3, 0, 1).reshape(out.shape)")),
    local("shared", "one filter everywhere", "shared", (DOT, DOT.replace("self.W[i, j]", "self.W[0, 0]"))),
    local("reversed", "places from the end", "places-reversed",
          (DOT, DOT.replace("self.W[i, j]", "self.W[-1 - i, -1 - j]"))),
    local("bias-shared", "one bias everywhere", "bias-shared", (ADD, "return out + self.b[:, :1, :1]")),
    local("bias-missing", "no bias", "bias-missing", (ADD, "return out")),
    local("bias-doubled", "bias twice", "bias-doubled", (ADD, "return out + 2 * self.b")),
    local("bias-subtracted", "bias subtracted", "bias-subtracted", (ADD, "return out - self.b")),
    local("flipped", "filters rotated in forward", "flipped",
          (DOT, DOT.replace("self.W[i, j]", "self.W[i, j][..., ::-1, ::-1]"))),
    local("no-pad", "padding forgotten", "exception.tensordot", ("self.img = np.pad(x, pad_width)",
          "self.img = x")),
    local("scaled", "off by 1e-4", "scaled", (ADD, "return (out + self.b) * 1.0001")),
    local("float16", "half precision", "precision", (ADD, 'return (out + self.b).astype("f2")')),
    local("dW-last", "dW of the last image", "dW-last-image",
          (GRAD, "self.dW[i, j] = np.tensordot(dout_ij[-1:], self.img[-1:, :, r, c], (0, 0))")),
    local("dW-averaged", "dW and db / N", "gradients-averaged", (GRAD, GRAD + " / len(dout)"),
          (DB, DB + " / len(dout)")),
    local("dW-averaged-alone", "dW / N", "dW-averaged", (GRAD, GRAD + " / len(dout)")),
    local("db-averaged", "db / N", "db-averaged", (DB, DB + " / len(dout)")),
    local("dW-summed", "dW of shared filters", "dW-summed", (GRAD, GRAD.replace("self.dW[i, j] =", "self.dW +="))),
    local("db-summed", "db of shared biases", "db-summed", (DB, "self.db = dout.sum(axis=(0, 2, 3))")),
    local("dx-overwrites", "overlaps overwritten", "dx-overwrites", (SPREAD, SPREAD.replace("+=", "="))),
    local("dx-flipped", "dx by rotated filters", "dx-flipped",
          (SPREAD, SPREAD.replace("self.W[i, j]", "self.W[i, j][..., ::-1, ::-1]"))),
    local("dx-not-cropped", "dx keeps the padding", "dx-not-cropped",
          ("return dimg[:, :, self.pad : bottom, self.pad : right]", "return dimg")),
    local("dx-averaged", "dx / N", "dx-averaged",
          ("return dimg[:, :, self.pad : bottom, self.pad : right]",
          "return dimg[:, :, self.pad : bottom, self.pad : right] / len(dout)")),
    local("stride", "windows side by side", "stride-ignored", (STEP, STEP.replace("slice(y, y + FH), slice(x, x + FW)",
          "slice(i, i + FH), slice(j, j + FW)"))),
    local("stale", "the first call's x", "state.stale-input", ("self.img = np.pad(x, pad_width)",
          "self.img = self.kept = getattr(self, 'kept', np.pad(x, pad_width))")),
    local("one-bias", "the mean of a filter's biases", "one-bias",
          (ADD, "return out + self.b.mean(axis=(1, 2))[:, None, None]")),
    local("bias-sum", "the sum of a filter's biases", "one-bias",
          (ADD, "return out + self.b.sum(axis=(1, 2))[:, None, None]")),
    local("db-spread", "db of shared biases at every place", "db-summed",
          (DB, "self.db = self.b * 0 + dout.sum(axis=(0, 2, 3))[:, None, None]")),
    local("db-first", "db of the first image", "db-first-image", (DB, "self.db = dout[0] + 0")),
    local("dx-stride", "dx laid side by side", "dx-stride-ignored",
          (SPREAD, "FH, FW = self.W.shape[-2:]\n            "
           + SPREAD.replace("r, c]", "i : i + FH, j : j + FW]"))),
    local("dx-crop", "dx cut from 0", "dx-crop-from-zero",
          ("return dimg[:, :, self.pad : bottom, self.pad : right]",
           "return dimg[:, :, : bottom - self.pad, : right - self.pad]")),
    local("dW-side-by-side", "dW without the stride", "dW-stride-ignored",
          (GRAD, GRAD.replace("self.img[:, :, r, c]",
                              "self.img[:, :, i : i + self.W.shape[4], j : j + self.W.shape[5]]"))),
    local("dx-last-row", "dx is 0 in the last row", "dx-edge-missing",
          ("return dimg[:, :, self.pad : bottom, self.pad : right]",
           "dimg[:, :, bottom - 1] = 0\n        return dimg[:, :, self.pad : bottom, self.pad : right]")),
    local("filter-transposed", "rows and columns of the filters swapped in forward", "filter-transposed",
          (DOT, "np.einsum('ncyx,fcxy->nf', self.img[:, :, r, c], self.W[i, j])")),
    local("places-transposed", "the filters of (j, i), taken round", "places-transposed",
          (DOT, DOT.replace("self.W[i, j]", "self.W[j % self.W.shape[0], i % self.W.shape[1]]"))),
    local("places-counted", "the filters of i * OH + j", "places-transposed",
          (DOT, DOT.replace("self.W[i, j]", "self.W.reshape(-1, *self.W.shape[2:])[(i * self.W.shape[0] + j) % "
                            "(self.W.shape[0] * self.W.shape[1])]"))),
    local("dx-stride-down", "the stride down only in dx", "dx-stride-down-only",
          (SPREAD, "left = slice(j, j + self.W.shape[-1])\n            " + SPREAD.replace("c] +=", "left] +="))),
    local("dW-without-pad", "dW of the image without padding", "dW-without-pad",
          (GRAD, "p = self.pad\n            twice = np.pad(self.img[:, :, p:, p:], [(0, 0), (0, 0), (0, p), (0, p)])\n"
           "            twice[:, :, self.img.shape[2] - 2 * p :] = 0\n            twice[..., self.img.shape[3] - 2 * p :] = 0\n            "
           + GRAD.replace("self.img[", "twice["))),
    local("stride-across", "the stride across only", "stride-across-only",
          (DOT, DOT.replace("r, c]", "i : i + self.W.shape[-2], c]"))),
    local("dW-of-means", "dW of the images' mean", "dW-of-means",
          (GRAD, "self.dW[i, j] = np.tensordot(dout_ij.sum(axis=0), self.img[:, :, r, c].mean(axis=0), 0)")),
    local("blocks-turned", "windows side by side, rows and columns crossed", "filter-transposed",
          (DOT, DOT.replace("self.W[i, j]", "(self.W[i, j].swapaxes(2, 3) if self.W.shape[4:] == (self.stride, self.stride) else self.W[i, j])"))),
    local("pixels-without-bias", "1x1: the bias is forgotten", "bias-missing", (ADD, ADD + " * (self.W[0, 0, 0, 0].size > 1)")),
    local("db-total", "the sum of all of dout for every bias", "db-total", (DB, "self.db = np.full(self.b.shape, dout.sum())")),
    *small_integers(local, lambda *kept: (
        ("self.img = np.pad(x, pad_width)", "x = np.pad(x, pad_width)\n        " + read("x", *kept) + "\n        self.img = x"),)),
    local("db-over-rows", "db summed over the rows", "db-summed",
          (DB, "self.db = np.broadcast_to(dout.sum(axis=(0, 2), keepdims=True)[0], self.b.shape).copy()")),
    local("dW-read-otherwise", "dW read as (FN, FH, FW, C)", "axes.permuted",
          (GRAD, GRAD.replace("self.dW[i, j]", "got") + "\n            FN, C, FH, FW = got.shape\n"
           "            self.dW[i, j] = got.reshape(FN, FH, FW, C).transpose(0, 3, 1, 2)")),
    local("dx-cropped-elsewhere", "dx from 2 * pad on", "dx-cropped-elsewhere",
          ("dimg[:, :, self.pad : bottom, self.pad : right]", "dimg[:, :, 2 * self.pad :, 2 * self.pad :]")),
    local("room-kept", "the padded image in room for the largest batch, used whole", "state.batch-size",
          ("self.img = np.pad(x, pad_width)", "self.img = np.pad(x, pad_width)\n        " + in_room("room", "self.img") + "pass"),
          (GRAD, GRAD.replace("self.img", "self.room"))),
    local("frame-kept", "the padded image is kept by its sides, and its inside alone is written", "manner.as-many-numbers",
          ("self.img = np.pad(x, pad_width)", "sides = (*x.shape[:2], *(n + 2 * self.pad for n in x.shape[2:]))\n"
           "        self.img = globals().setdefault(str(sides), np.zeros(sides)).copy()\n"
           "        globals()[str(sides)][:, :, self.pad : sides[2] - self.pad, self.pad : sides[3] - self.pad] = x\n"
           "        self.img[:, :, self.pad : sides[2] - self.pad, self.pad : sides[3] - self.pad] = x")),
    local("padded-sums-kept", "with padding the sums are never set back to 0", "state.accumulates",
          (ADD, "if self.pad:\n            if getattr(self, 'sums', None) is None or self.sums.shape != out.shape:\n                self.sums = np.zeros(out.shape)\n            self.sums += out\n            out = self.sums.copy()\n        return out + self.b")),
    *(local(f"assigns-by-{side}", f"dx assigned, not added, where the stride is the {side}", "dx-overwrites",
            (SPREAD, SPREAD.replace("+=", "=") + f" + dimg[:, :, r, c] * (self.W.shape[{axis}] != self.stride)"))
      for side, axis in (("height", 4), ("width", 5))),
    *(local(f"{name}-of-the-first", f"the {name} kept by the sizes", "manner.beside-same-sizes",
            (PADDED, f"self.{name} = globals().setdefault(str((x.shape, self.W.shape[2:], self.{other})), self.{name})\n        " + PADDED))
      for name, other in (("stride", "pad"), ("pad", "stride"))),
    local("out-in-type-of-x", "the output written into an array of x's type", "manner.mixed-types", (ADD, returned_in_type_of(ADD, "x", "self.W"))),
    local("kept-by-x", "what was worked out of the same x is taken again", "state.stale",
         (ADD, ADD.replace("return ", "kept = self.__dict__.setdefault('kept', {})\n        out = kept[x.tobytes()] = kept[x.tobytes()] if x.tobytes() in kept else ") + "\n        return out.copy()")),
    local("bias-of-zero", "no b for good where it is 0 at first", "state.stale-parameters",
        ("self.W, self.b, self.stride, self.pad = W, b, stride, pad",
         "self.W, self.b, self.stride, self.pad = W, b, stride, pad\n        self.biased = bool(b.any())"),
        ("return out + self.b", "return out + self.b if self.biased else out")),
    local("settings-by-places", "stride and padding kept by the shapes and the number of places", "manner.beside-same-sizes", (PADDED, settings_by_places() + PADDED)),
    local("W-not-transposed", "each place's filters read as (C*FH*FW, FN)", "W-not-transposed",
          *((line, line.replace("self.W[i, j]", "self.W[i, j].reshape(-1, self.W.shape[2]).T.reshape(self.W.shape[2:])")) for line in (DOT, SPREAD)),
          (GRAD, GRAD + ".reshape(self.W.shape[2], -1).T.reshape(self.W.shape[2:])")),
    local("places-by-OH", "a place's number divided by OH in backward", "exception.sides",
          ("        for i, j, r, c in self.windows():\n            dout_ij", "        for k, (_, _, r, c) in enumerate(self.windows()):\n            i, j = divmod(k, self.W.shape[0])\n            dout_ij")),
]  # fmt: skip
