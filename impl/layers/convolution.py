"""Convolution. Plain edition: impl/plain/convolution.py; here: speed, dtypes, refusals.

Source: the book's section 7.4.3.
"""

from typing import Any

import numpy as np

from impl import functional
from impl.functional.checks import as_floats, check_images, remember, require_forward
from impl.functional.shapes import Pair, check_integer, check_rounding, fit_window, plane_size


class Convolution:
    """Cross-correlation of x (N, C, H, W) with the filters W (FN, C, FH, FW), plus b (FN,): (N, FN, OH, OW).

    stride, pad: pixels. rounding, for a stride that does not divide: "exact" refuses, "floor" leaves the rest out,
    "ceil" adds zeros below and to the right for one more window. After backward dW and db hold the gradients.
    Raises ValueError (shapes, sizes), TypeError (no ints, no numbers).
    """

    def __init__(self, W: np.ndarray, b: np.ndarray, stride: int = 1, pad: int = 0, *, rounding: str = "exact") -> None:
        self.W, self.b = W, b
        self.stride, self.pad = check_integer("stride", stride, at_least=1), check_integer("pad", pad, at_least=0)
        self.rounding = check_rounding(rounding)
        self.dW: Any = None
        self.db: Any = None
        self.x: np.ndarray | None = None
        self._parameters(np.zeros((), np.float32))

    def forward(self, x: np.ndarray) -> np.ndarray:
        """x (N, C, H, W) -> (N, FN, OH, OW)."""
        x, W, b = self._parameters(x)
        if check_images("x", x).shape[1] != W.shape[1]:
            raise ValueError(f"x must have {W.shape[1]} channels, as W is {W.shape}; got {x.shape[1]}, shape {x.shape}")
        padded, pad = self._pad_for_ceil(x, W)
        out = functional.conv2d(padded, W, b, self.stride, pad)
        self.x = x
        return out

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """dout (N, FN, OH, OW) -> dx (N, C, H, W); sets dW and db."""
        x, padded, dpadded = self._backward(dout)
        if padded is x:
            return dpadded
        dx = np.zeros_like(x)
        rows, columns = (slice(self.pad, self.pad + size) for size in x.shape[2:])
        inside = dpadded[:, :, rows, columns]
        dx[:, :, : inside.shape[2], : inside.shape[3]] = inside
        return dx

    def backward_of_the_first_layer(self, dout: np.ndarray) -> None:
        """Set dW and db only: a network needs no gradient for its own input, which is a third of the work."""
        self._backward(dout, needs_input=False)

    def _backward(self, dout: np.ndarray, needs_input: bool = True) -> tuple[np.ndarray, np.ndarray, Any]:
        """Set dW and db; return x, x as conv2d received it, and the gradient of the latter."""
        x, W, b = self._parameters(require_forward(self.x, self))
        padded, pad = self._pad_for_ceil(x, W)
        dpadded, self.dW, self.db = functional.conv2d_backward(
            np.asarray(dout), padded, W, b, self.stride, pad, needs_input=needs_input
        )
        return x, padded, dpadded

    def _pad_for_ceil(self, x: np.ndarray, W: np.ndarray) -> tuple[np.ndarray, int]:
        """Return x, with rounding "ceil" in zeros of exactly the size that the windows cover, and conv2d's padding."""
        pad, covered = self.pad, _covered(x, W, self.stride, self.pad, self.rounding)
        if self.rounding != "ceil":
            return x, pad
        padded = np.zeros((*x.shape[:2], *covered), x.dtype)
        inside = padded[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]]
        inside[...] = x[:, :, : inside.shape[2], : inside.shape[3]]
        return padded, 0

    def _parameters(self, x: np.ndarray) -> list[np.ndarray]:
        arrays = as_floats(x=x, W=self.W, b=self.b)
        W, b = arrays[1:]
        if W.ndim != 4 or b.shape != W.shape[:1] or 0 in W.shape:
            raise ValueError(f"W must be (FN, C, FH, FW) and b (FN,), not empty; got shapes {W.shape} and {b.shape}")
        return arrays


@remember
def _covered(x: np.ndarray, W: np.ndarray, stride: int, pad: int, rounding: str) -> Pair:
    """Return the height and width that all windows cover. Raises ValueError for sizes that do not fit."""
    misfit, kernel = f"x {x.shape} does not fit W {W.shape}", plane_size(W)
    window = fit_window(misfit, plane_size(x), kernel, (stride, stride), (pad, pad), rounding=rounding)
    height, width = ((places - 1) * stride + size for places, size in zip(window.out, kernel))
    return height, width
