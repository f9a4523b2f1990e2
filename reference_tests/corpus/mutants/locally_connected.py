"""Locally connected layer, wrong in one place."""

from .beyond import planted, twice
from .witnesses import numbers


def made(x=(2, 3, 5, 6), filters=4, window=(2, 3), stride=1, pad=0):
    places = [(n + 2 * pad - f) // stride + 1 for n, f in zip(x[2:], window)]
    W, b = numbers((*places, filters, x[1], *window)), numbers((filters, *places))
    return f"LocallyConnected({W}, {b}, {stride}, {pad})"


X = (2, 3, 5, 6)
local = planted("locally_connected", "local", f"used({made()}, {numbers(X)})")
PADDED = f"used({made(pad=1)}, {numbers(X)})"
STRIDED = f"used({made((2, 3, 5, 7), stride=3, window=(2, 1))}, {numbers((2, 3, 5, 7))})"
DOT = "np.tensordot(self.framed[:, :, r, c], self.W[i, j], ((1, 2, 3), (1, 2, 3)))"
ADD = "return answer + self.b"
GRAD = "self.dW[i, j] = np.tensordot(here, self.framed[:, :, r, c], (0, 0))"
SPREAD = "spread[:, :, r, c] += np.tensordot(here, self.W[i, j], (1, 0))"
DB = "self.db = dout.sum(axis=0)"
STEP = "yield i, j, slice(y, y + FH), slice(z, z + FW)\n\n    def forward(self, x):\n        around"
MUTANTS = [
    local("shared", "one filter everywhere", "shared", DOT, DOT.replace("self.W[i, j]", "self.W[0, 0]")),
    local("reversed", "places from the end", "places-reversed", DOT,
          DOT.replace("self.W[i, j]", "self.W[-1 - i, -1 - j]")),
    local("bias-shared", "one bias everywhere", "bias-shared", ADD, "return answer + self.b[:, :1, :1]"),
    local("bias-missing", "no bias", "bias-missing", ADD, "return answer"),
    local("bias-doubled", "bias twice", "bias-doubled", ADD, "return answer + 2 * self.b"),
    local("bias-subtracted", "bias subtracted", "bias-subtracted", ADD, "return answer - self.b"),
    local("flipped", "filters rotated in forward", "flipped", DOT,
          DOT.replace("self.W[i, j]", "self.W[i, j][..., ::-1, ::-1]")),
    local("no-pad", "padding forgotten", "exception", "self.framed = np.pad(x, around)",
          "self.framed = x", shown=PADDED),
    local("scaled", "off by 1e-4", "scaled", ADD, "return (answer + self.b) * 1.0001"),
    local("float16", "half precision", "precision", ADD, 'return (answer + self.b).astype("f2")'),
    local("dW-last", "dW of the last image", "", GRAD,
          "self.dW[i, j] = np.tensordot(here[-1:], self.framed[-1:, :, r, c], (0, 0))"),
    local("dW-averaged", "dW and db / N", "gradients-averaged", GRAD, GRAD + " / len(dout)", DB, DB + " / len(dout)"),
    local("dW-averaged-alone", "dW / N", "dW-averaged", GRAD, GRAD + " / len(dout)"),
    local("db-averaged", "db / N", "db-averaged", DB, DB + " / len(dout)"),
    local("dW-summed", "dW of shared filters", "dW-summed", GRAD, GRAD.replace("self.dW[i, j] =", "self.dW +=")),
    local("db-summed", "db of shared biases", "db-summed", DB, "self.db = dout.sum(axis=(0, 2, 3))"),
    local("dx-overwrites", "overlaps overwritten", "", SPREAD, SPREAD.replace("+=", "=")),
    local("dx-flipped", "dx by rotated filters", "dx-flipped", SPREAD,
          SPREAD.replace("self.W[i, j]", "self.W[i, j][..., ::-1, ::-1]")),
    local("dx-not-cropped", "dx keeps the padding", "",
          "return spread[:, :, self.edge : bottom, self.edge : right]", "return spread", shown=PADDED),
    local("dx-averaged", "dx / N", "dx-averaged",
          "return spread[:, :, self.edge : bottom, self.edge : right]",
          "return spread[:, :, self.edge : bottom, self.edge : right] / len(dout)"),
    local("stride", "windows side by side", "", STEP, STEP.replace("slice(y, y + FH), slice(z, z + FW)",
          "slice(i, i + FH), slice(j, j + FW)"), shown=STRIDED),
    local("stale", "the first call's x", "state.stale-input", "self.framed = np.pad(x, around)",
          "self.framed = self.kept = getattr(self, 'kept', np.pad(x, around))", shown=twice(made(), X)),
]  # fmt: skip
