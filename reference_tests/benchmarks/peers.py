"""One layer by each competitor: impl, torch, the book's im2col layer, onnx's reference operator.

Chainer's im2col path is missing because Chainer does not run with NumPy 2.
"""

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from impl import functional
from impl.layers import SoftmaxWithLoss

from ..corpus.examples import as_published as book

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
    if part == "forward" and importlib.util.find_spec("onnx"):
        sides["onnx"] = onnx_reference(x, W, b, options)
    return sides


def run_layer(layer: Any, x: np.ndarray, dout: np.ndarray) -> None:
    """Run a layer forward and backward."""
    layer.forward(x)
    layer.backward(dout)


def onnx_reference(x: np.ndarray, W: np.ndarray, b: np.ndarray, options: dict[str, int]) -> Work:
    """Return onnx's reference operator Conv on these arrays."""
    from onnx import TensorProto, helper
    from onnx.reference import ReferenceEvaluator

    kind = helper.np_dtype_to_tensor_dtype(x.dtype)
    given = [helper.make_tensor_value_info(n, kind, a.shape) for n, a in (("x", x), ("W", W), ("b", b))]
    names = {"stride": "strides", "padding": "pads", "dilation": "dilations"}
    attributes: dict[str, Any] = {
        names[k]: [v] * (4 if k == "padding" else 2) for k, v in options.items() if k in names
    }
    node = helper.make_node("Conv", ["x", "W", "b"], ["y"], group=options["groups"], **attributes)
    out = helper.make_tensor_value_info("y", TensorProto.UNDEFINED, None)
    evaluator = ReferenceEvaluator(helper.make_model(helper.make_graph([node], "conv", given, [out])))
    return lambda: evaluator.run(None, {"x": x, "W": W, "b": b})


def pooling(kind: str, part: str, x: np.ndarray, size: int, stride: int) -> Sides:
    """Return the competitors of max or average pooling."""
    name = "max_pool2d" if kind == "max" else "avg_pool2d"
    theirs = getattr(F, name)
    return _pair(name, lambda a: theirs(a, size, stride), part, x, (size, stride))


def values(name: str, part: str, x: np.ndarray) -> Sides:
    """Return the competitors of lrn, relu, or softmax with its loss."""
    if name == "lrn":
        return _pair("local_response_norm", lambda a: F.local_response_norm(a, 5), part, x, (5,))
    if name == "relu":
        return _pair("relu", F.relu, part, x, ())
    labels = np.arange(len(x)) % x.shape[1]
    target, layer = torch.from_numpy(labels), SoftmaxWithLoss()

    def ours() -> None:
        layer.forward(x, labels)
        if part != "forward":
            layer.backward(1)

    return {"numpy": ours, "torch": differentiated(lambda a: F.cross_entropy(a, target), [x], part)}


def _pair(name: str, theirs: Callable[..., Any], part: str, x: np.ndarray, arguments: tuple[Any, ...]) -> Sides:
    forward, backward = getattr(functional, name), getattr(functional, f"{name}_backward")
    dout = np.ones_like(forward(x, *arguments))

    def ours() -> None:
        forward(x, *arguments)
        if part != "forward":
            backward(dout, x, *arguments)

    return {"numpy": ours, "torch": differentiated(theirs, [x], part)}
