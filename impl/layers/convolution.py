"""Convolution. Plain edition: impl/plain/convolution.py; here: speed, dtypes, refusals.

Source: the book's section 7.4.3.
"""

from typing import Any

import numpy as np

from impl import functional
from impl.functional.shapes import conv_output_size, integer

from ..functional.checks import floats, images, seen
from ..functional.shapes import one_of_roundings


class Convolution:
    """Cross-correlation of x (N, C, H, W) with the filters W (FN, C, FH, FW), plus b (FN,): (N, FN, OH, OW).

    stride, pad: pixels. rounding: what happens where the stride does not divide, "exact" refuses, "floor" leaves the
    rest out, "ceil" adds zeros below and to the right for one more window. After backward dW and db hold the gradients.
    Raises ValueError (shapes, sizes), TypeError (no ints, no numbers).
    """

    def __init__(self, W: np.ndarray, b: np.ndarray, stride: int = 1, pad: int = 0, *, rounding: str = "exact") -> None:
        self.W, self.b = W, b
        self.stride, self.pad = integer("stride", stride, at_least=1), integer("pad", pad, at_least=0)
        self.rounding = one_of_roundings(rounding)
        self.dW: Any = None
        self.db: Any = None
        self.x: np.ndarray | None = None
        self._parameters(np.zeros((), np.float32))

    def forward(self, x: np.ndarray) -> np.ndarray:
        x, W, b = self._parameters(x)
        if images("x", x).shape[1] != W.shape[1]:
            raise ValueError(f"x must have {W.shape[1]} channels, as W is {W.shape}; got {x.shape[1]}, shape {x.shape}")
        laid, pad = self._laid(x, W)
        out = functional.conv2d(laid, W, b, self.stride, pad)
        self.x = x
        return out

    def backward(self, dout: np.ndarray) -> np.ndarray:
        x, laid, dlaid = self._backward(dout)
        if laid is x:
            return dlaid
        dx = np.zeros_like(x)
        rows, columns = (slice(self.pad, self.pad + size) for size in x.shape[2:])
        inside = dlaid[:, :, rows, columns]
        dx[:, :, : inside.shape[2], : inside.shape[3]] = inside
        return dx

    def backward_of_the_first_layer(self, dout: np.ndarray) -> None:
        """dW and db alone: nobody asks for the gradient of a network's own input, a third of the work."""
        self._backward(dout, needs_input=False)

    def _backward(self, dout: np.ndarray, needs_input: bool = True) -> tuple[np.ndarray, np.ndarray, Any]:
        """dW and db; -> x, as it was laid out, and the gradient of that."""
        x, W, b = self._parameters(seen(self.x, self))
        laid, pad = self._laid(x, W)
        dlaid, self.dW, self.db = functional.conv2d_backward(
            np.asarray(dout), laid, W, b, self.stride, pad, needs_input=needs_input
        )
        return x, laid, dlaid

    def _laid(self, x: np.ndarray, W: np.ndarray) -> tuple[np.ndarray, int]:
        """x, and the padding that conv2d is to give it; with "ceil" x in zeros of just the size the windows cover."""
        (H, FH), (W_, FW) = zip(x.shape[2:], W.shape[2:])
        try:
            OH, OW = (
                conv_output_size(size, filter_size, self.stride, self.pad, rounding=self.rounding)
                for size, filter_size in ((H, FH), (W_, FW))
            )
        except ValueError as error:
            raise ValueError(f"x {x.shape} does not fit W {W.shape}: {error}") from None
        if self.rounding != "ceil":
            return x, self.pad
        laid = np.zeros((*x.shape[:2], (OH - 1) * self.stride + FH, (OW - 1) * self.stride + FW), x.dtype)
        place = laid[:, :, self.pad : self.pad + H, self.pad : self.pad + W_]
        place[...] = x[:, :, : place.shape[2], : place.shape[3]]
        return laid, 0

    def _parameters(self, x: np.ndarray) -> list[np.ndarray]:
        arrays = floats(x=x, W=self.W, b=self.b)
        W, b = arrays[1:]
        if W.ndim != 4 or b.shape != W.shape[:1] or 0 in W.shape:
            raise ValueError(f"W must be (FN, C, FH, FW) and b (FN,), not empty; got shapes {W.shape} and {b.shape}")
        return arrays
