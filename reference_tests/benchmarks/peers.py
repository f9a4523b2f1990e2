"""One layer by each competitor: impl, torch, the book's im2col layer, and compiled.py's.

Chainer's im2col path is missing because Chainer does not run with NumPy 2.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from impl import functional
from impl.layers import InvertedDropout, SoftmaxWithLoss

from ..corpus.examples import as_published as book
from .compiled import compiled

Work = Callable[[], Any]
Sides = dict[str, Work]


def differentiated(function: Callable[..., Any], arrays: list[np.ndarray], part: str) -> Work:
    """Return torch's function: the output, or the gradients of all arrays."""
    leaves = [torch.tensor(a, requires_grad=part != "forward") for a in arrays]
    with torch.no_grad():
        dout = torch.ones_like(function(*leaves))

    def forward() -> Any:
        with torch.no_grad():
            return function(*leaves)

    def both() -> Any:
        return torch.autograd.grad(function(*leaves), leaves, dout)

    return forward if part == "forward" else both


def convolution(part: str, arrays: list[np.ndarray], options: dict[str, Any]) -> Sides:
    """Return the competitors of a convolution of x, W, b; book and onnx only for what they can do."""
    x, W, b = arrays
    dout = np.ones_like(functional.conv2d(x, W, b, **options))

    def ours() -> None:
        functional.conv2d(x, W, b, **options)
        if part != "forward":
            functional.conv2d_backward(dout, x, W, b, **options)

    sides: Sides = {"numpy": ours, "torch": differentiated(lambda *a: F.conv2d(*a, **options), arrays, part)}
    if options["dilation"] == options["groups"] == 1:
        layer = book.Convolution(W, b, options["stride"], options["padding"])
        sides["book"] = (lambda: layer.forward(x)) if part == "forward" else (lambda: run_layer(layer, x, dout))
    return sides | compiled(part, arrays, dout, options)


def run_layer(layer: Any, x: np.ndarray, dout: np.ndarray) -> None:
    """Run a layer forward and backward."""
    layer.forward(x)
    layer.backward(dout)


def transposed(part: str, arrays: list[np.ndarray], stride: int, padding: int) -> Sides:
    """Return the competitors of a transposed convolution of x and W."""
    return pair("conv_transpose2d", F.conv_transpose2d, part, arrays, (None, stride, padding))


def batch_norm(part: str, x: np.ndarray) -> Sides:
    """Return the competitors of batch normalization in training."""
    weight, bias = (np.linspace(start, 2, x.shape[1], dtype=x.dtype) for start in (0, 1))
    dout = np.ones_like(x)

    def ours() -> None:
        functional.batch_norm(x, None, None, weight, bias, training=True)
        if part != "forward":
            functional.batch_norm_backward(dout, x, None, None, weight, bias, training=True)

    def theirs(x: Any, weight: Any, bias: Any) -> Any:
        return F.batch_norm(x, None, None, weight, bias, training=True)

    return {"numpy": ours, "torch": differentiated(theirs, [x, weight, bias], part)}


def dropout(part: str, x: np.ndarray) -> Sides:
    """Return the competitors of dropout in training, drawing the mask included."""
    layer, dout = InvertedDropout(0.5, rng=0), np.ones_like(x)

    def ours() -> None:
        layer.forward(x)
        if part != "forward":
            layer.backward(dout)

    return {"numpy": ours, "torch": differentiated(lambda a: F.dropout(a, 0.5), [x], part)}


def locally_connected(part: str, x: np.ndarray, filters: int, size: int) -> Sides:
    """Return the competitors of a locally connected layer without padding; torch: unfold and a product per place."""
    N, C, H, W = x.shape
    OH, OW = H - size + 1, W - size + 1
    weight = np.random.default_rng(1).standard_normal((OH, OW, filters, C, size, size)).astype(x.dtype)

    def theirs(a: Any, w: Any) -> Any:
        columns = F.unfold(a, size).permute(2, 1, 0)  # (places, C*size*size, N)
        return torch.bmm(w.reshape(OH * OW, filters, -1), columns).permute(2, 1, 0).reshape(N, filters, OH, OW)

    return pair("locally_connected2d", theirs, part, [x, weight], ())


def softmax_loss(part: str, x: np.ndarray) -> Sides:
    """Return the competitors of softmax with its loss."""
    labels = np.arange(len(x)) % x.shape[1]
    target, layer = torch.from_numpy(labels), SoftmaxWithLoss()

    def ours() -> None:
        layer.forward(x, labels)
        if part != "forward":
            layer.backward(1)

    return {"numpy": ours, "torch": differentiated(lambda a: F.cross_entropy(a, target), [x], part)}


def simple(name: str) -> Callable[..., Sides]:
    """Return what gives the competitors of a function of one array that torch has under the same name."""
    return lambda part, x, *arguments: pair(name, getattr(F, name), part, [x], arguments)


def pair(
    name: str, theirs: Callable[..., Any], part: str, arrays: list[np.ndarray], arguments: tuple[Any, ...]
) -> Sides:
    """Return impl's function of this name on the arrays, and torch's."""
    forward, backward = getattr(functional, name), getattr(functional, f"{name}_backward")
    dout = np.ones_like(forward(*arrays, *arguments))

    def ours() -> None:
        forward(*arrays, *arguments)
        if part != "forward":
            backward(dout, *arrays, *arguments)

    return {"numpy": ours, "torch": differentiated(lambda *a: theirs(*a, *arguments), arrays, part)}


LAYERS: dict[str, Callable[..., Sides]] = {
    **{name: simple(name) for name in ("max_pool2d", "avg_pool2d", "local_response_norm", "relu")},
    "batch_norm": batch_norm,
    "dropout": dropout,
    "locally_connected": locally_connected,
    "softmax_loss": softmax_loss,
}
