"""Slips in porting: what a layer gives when a question of `compare` is answered in the other framework's way."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F

from ...i18n import N_
from .graph import Layer, Model
from .recipes import flatten_permutation, same_pads
from .writing import flat_shape

Tensor = torch.Tensor
Weights = dict[str, Tensor]


@dataclass(frozen=True)
class Slip:
    """A slip. question: its id. text: what was done. give: from a layer's inputs and weights to its result."""

    question: str
    text: str
    give: Callable[[list[Tensor], Weights], Any]


def slips_of(model: Model, layer: Layer) -> Iterator[Slip]:
    """Yield the slips that are known for a layer."""
    yield from SLIPS.get(layer.kind, no_slips)(model, layer)


def with_value(function: Callable[[Tensor, Weights, Any], Any], value: Any) -> Callable[[list[Tensor], Weights], Any]:
    """Return a slip's function of a layer's one input, with a value of its own."""
    return lambda x, w: function(x[0], w, value)


def no_slips(model: Model, layer: Layer) -> Iterator[Slip]:
    """Yield nothing."""
    yield from ()


def convolve(x: Tensor, w: Tensor, layer: Layer, weights: Weights, padding: Any = None) -> Tensor:
    """Convolve as the layer says, with other filters or with (before, after) for each axis."""
    of = layer.arguments
    function = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}[w.dim() - 2]
    if padding is not None:
        x = F.pad(x, [n for pair in reversed(padding) for n in pair])
    return function(
        x, w, weights.get("bias"), of["stride"], of["padding"] if padding is None else 0, of["dilation"], of["groups"]
    )


def same_of(layer: Layer, window: Any, dilation: Any) -> list[tuple[int, int]]:
    """Return SAME's padding for each axis of a layer."""
    return [same_pads(n, *of) for n, *of in zip(layer.shapes[0][2:], window, layer.arguments["stride"], dilation)]


def conv_slips(model: Model, layer: Layer) -> Iterator[Slip]:
    """Yield the slips of a convolution."""
    of = layer.arguments
    question = "S20" if any(d > 1 for d in of["dilation"]) else "S06" if any(s > 1 for s in of["stride"]) else "S05"
    same = same_of(layer, of["window"], of["dilation"])
    yield Slip(question, N_("SAME padding instead of the numbers"),
               lambda x, w: convolve(x[0], w["weight"], layer, w, same))  # fmt: skip
    none = [(0, 0)] * len(of["window"])
    yield Slip("S17", N_("no padding"), lambda x, w: convolve(x[0], w["weight"], layer, w, none))
    axes = tuple(range(2, 2 + len(of["window"])))
    yield Slip("C01", N_("the filters turned by 180 degrees"),
               lambda x, w: convolve(x[0], w["weight"].flip(axes), layer, w))  # fmt: skip
    if len(axes) == 2:
        yield Slip("C20", N_("the filters' rows and columns changed over"),
                   lambda x, w: convolve(x[0], w["weight"].transpose(2, 3), layer, w))  # fmt: skip
    yield Slip("C20", N_("the filters' channels changed over"),
               lambda x, w: convolve(x[0], w["weight"].transpose(0, 1), layer, w))  # fmt: skip
    if all(d > 1 for d in of["dilation"]):
        once = Layer(**{**layer.__dict__, "arguments": {**of, "dilation": (1,) * len(axes)}})
        yield Slip("C04", N_("the dilation left out"), lambda x, w: convolve(x[0], w["weight"], once, w))


def transposed_slips(model: Model, layer: Layer) -> Iterator[Slip]:
    """Yield the slips of a transposed convolution."""
    of = layer.arguments
    function = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}[len(of["window"])]
    how = [of[key] for key in ("stride", "padding", "output_padding", "groups", "dilation")]
    axes = tuple(range(2, 2 + len(of["window"])))
    yield Slip("C02", N_("the filters turned by 180 degrees"),
               lambda x, w: function(x[0], w["weight"].flip(axes), w.get("bias"), *how))  # fmt: skip
    yield Slip("T01", N_("the filters' channels changed over"),
               lambda x, w: function(x[0], w["weight"].transpose(0, 1), w.get("bias"), *how))  # fmt: skip


def pooled(x: Tensor, layer: Layer, **changed: Any) -> Tensor:
    """Pool as the layer says, with some arguments changed."""
    of = {**layer.arguments, **changed}
    axes = len(of["kernel_size"])
    if layer.kind == "max_pool":
        function = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}[axes]
        keys = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")
        return function(x, **{key: of[key] for key in keys})
    average = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}[axes]
    keys = ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad")
    more: dict[str, Any] = {"divisor_override": of.get("divisor_override")} if axes > 1 else {}
    return average(x, **{key: of[key] for key in keys}, **more)


def pool_slips(model: Model, layer: Layer) -> Iterator[Slip]:
    """Yield the slips of a pooling."""
    of = layer.arguments
    up = bool(of["ceil_mode"])
    yield Slip("S03" if up else "S02", N_("rounded down") if up else N_("rounded up"),
               lambda x, w: pooled(x[0], layer, ceil_mode=not up))  # fmt: skip
    yield Slip("S16", N_("a stride of 1"), lambda x, w: pooled(x[0], layer, stride=(1,) * len(of["stride"])))
    yield Slip("S16", N_("the window as its stride"), lambda x, w: pooled(x[0], layer, stride=of["kernel_size"]))
    none = (0,) * len(of["kernel_size"])
    same = same_of(layer, of["kernel_size"], of.get("dilation") or (1,) * len(none))
    sides = [n for pair in reversed(same) for n in pair]
    if layer.kind == "max_pool":
        yield Slip(
            "S06", N_("SAME padding instead of the numbers"),
                   lambda x, w: pooled(F.pad(x[0], sides, value=-torch.inf), layer, padding=none, ceil_mode=False),
        )  # fmt: skip
        wide = [p for p in reversed(of["padding"]) for _ in (0, 1)]
        yield Slip(
            "P01", N_("a padding of zeros that wins"), lambda x, w: pooled(F.pad(x[0], wide), layer, padding=none)
        )
        return
    yield Slip("P02", N_("the padding counted the other way"),
               lambda x, w: pooled(x[0], layer, count_include_pad=not of["count_include_pad"]))  # fmt: skip
    yield Slip("P02", N_("SAME padding that does not count"), lambda x, w: mean_same(x[0], layer, sides, none))
    yield Slip("P18", N_("no divisor of its own"), lambda x, w: pooled(x[0], layer, divisor_override=None))
    yield Slip("P03", N_("every window divided by its whole size"), lambda x, w: pooled(
        x[0], layer, divisor_override=int(torch.tensor(of["kernel_size"]).prod())))  # fmt: skip


def mean_same(x: Tensor, layer: Layer, sides: list[int], none: Any) -> Tensor:
    """Return the mean of each window with SAME padding, which does not count."""
    how = {"padding": none, "ceil_mode": False, "divisor_override": 1}
    sums, counts = (pooled(F.pad(y, sides), layer, **how) for y in (x, torch.ones_like(x)))
    return sums / counts


def adaptive_slips(model: Model, layer: Layer) -> Iterator[Slip]:
    """Yield the slips of a pooling to a given size."""
    if layer.kind == "adaptive_avg_pool":
        window = [n // to for n, to in zip(layer.shapes[0][2:], layer.shape[2:])]
        if all(window) and len(window) == 2:
            yield Slip("P15", N_("windows that do not overlap"), lambda x, w: F.avg_pool2d(x[0], window))


def lrn_slips(model: Model, layer: Layer) -> Iterator[Slip]:
    """Yield the slips of local response normalization."""
    of = layer.arguments
    n, alpha, rest = of["size"], of["alpha"], (of["beta"], of["k"])
    yield Slip("R01", N_("alpha not divided by the number of channels"),
               lambda x, w: F.local_response_norm(x[0], n, alpha * n, *rest))  # fmt: skip
    yield Slip("R01", N_("alpha divided twice"), lambda x, w: F.local_response_norm(x[0], n, alpha / n, *rest))
    wide = 2 * n + 1
    for factor in (1, n / wide, wide, wide / n):
        yield Slip("R03", N_("the size taken for the radius"),
                   with_value(lambda x, w, f: F.local_response_norm(x, wide, alpha * f, *rest), factor))  # fmt: skip
    if n % 2 == 0:
        yield Slip("R02", N_("the window of an even size leans to the other side"),
                   lambda x, w: F.local_response_norm(x[0].flip(1), n, alpha, *rest).flip(1))  # fmt: skip
        for factor in (1, (n + 1) / n):
            wider = with_value(lambda x, w, f: F.local_response_norm(x, n + 1, alpha * f, *rest), factor)
            yield Slip("R02", N_("a window of one channel more"), wider)


def batch_norm_slips(model: Model, layer: Layer) -> Iterator[Slip]:
    """Yield the slips of batch normalization."""
    eps = layer.arguments["eps"]

    def norm(x: Tensor, w: Weights, eps: float = eps, batch: bool = False) -> Tensor:
        mean, var = (None, None) if batch else (w["running_mean"], w["running_var"])
        return F.batch_norm(x, mean, var, w.get("weight"), w.get("bias"), batch, 0.0, eps)

    for other in (1e-3, 1e-5, 1e-6, 0.0):
        if other != eps:
            yield Slip("B01", N_("another epsilon"), with_value(lambda x, w, e: norm(x, w, e), other))
    yield Slip("E01", N_("the batch's own statistics"), lambda x, w: norm(x[0], w, batch=True))


def dropout_slips(model: Model, layer: Layer) -> Iterator[Slip]:
    """Yield the slips of dropout that are not random."""
    p = layer.arguments["p"]
    yield Slip("D04", N_("multiplied by 1 - p at inference"), lambda x, w: x[0] * (1 - p))
    yield Slip("D04", N_("multiplied by p at inference"), lambda x, w: x[0] * p)


def linear_slips(model: Model, layer: Layer) -> Iterator[Slip]:
    """Yield the slips of a dense layer: the image before it in another order, its weights transposed."""
    before = next((other for other in model.layers if layer.inputs and other.name == layer.inputs[0]), None)
    shape = flat_shape(model, before) if before else ()
    if shape:
        there = torch.from_numpy(flatten_permutation(shape))
        for order in (there, torch.argsort(there)):
            yield Slip("F01", N_("a flattened image in the other order than the weights"),
                       with_value(lambda x, w, o: F.linear(x[..., o], w["weight"], w.get("bias")), order))  # fmt: skip
    yield Slip("F02", N_("the weights transposed"), lambda x, w: F.linear(x[0], w["weight"].T, w.get("bias")))


def softmax_slips(model: Model, layer: Layer) -> Iterator[Slip]:
    """Yield a softmax along every other axis."""
    function = F.softmax if layer.kind == "softmax" else F.log_softmax
    for axis in range(len(layer.shape)):
        if axis != layer.arguments["dim"] % len(layer.shape):
            yield Slip("A07", N_("along another axis"), with_value(lambda x, w, a: function(x, a), axis))


def gelu_slips(model: Model, layer: Layer) -> Iterator[Slip]:
    """Yield the other gelu."""
    other = "none" if layer.arguments["approximate"] == "tanh" else "tanh"
    text = N_("the tanh formula") if other == "tanh" else N_("the exact formula")
    yield Slip("A08", text, lambda x, w: F.gelu(x[0], approximate=other))


def leaky_slips(model: Model, layer: Layer) -> Iterator[Slip]:
    """Yield leaky relu with the slopes that are defaults elsewhere."""
    for slope in (0.01, 0.2, 0.3):
        if slope != layer.arguments["negative_slope"]:
            yield Slip("A09", N_("another slope"), with_value(lambda x, w, s: F.leaky_relu(x, s), slope))


def hard_slips(model: Model, layer: Layer) -> Iterator[Slip]:
    """Yield the other hard sigmoid."""
    yield Slip("A10", N_("0.2 x + 0.5"), lambda x, w: (0.2 * x[0] + 0.5).clamp(0, 1))


def layer_norm_slips(model: Model, layer: Layer) -> Iterator[Slip]:
    """Yield layer normalization with the epsilons that are defaults elsewhere."""
    shape = layer.arguments["normalized_shape"]
    for eps in (1e-3, 1e-5, 1e-6):
        if eps != layer.arguments["eps"]:
            norm = with_value(lambda x, w, e: F.layer_norm(x, shape, w.get("weight"), w.get("bias"), e), eps)
            yield Slip("N04", N_("another epsilon"), norm)


SLIPS: dict[str, Callable[[Model, Layer], Iterator[Slip]]] = {
    **dict.fromkeys(("max_pool", "avg_pool"), pool_slips),
    **dict.fromkeys(("softmax", "log_softmax"), softmax_slips),
    "conv": conv_slips, "conv_transpose": transposed_slips, "adaptive_avg_pool": adaptive_slips, "lrn": lrn_slips,
    "batch_norm": batch_norm_slips, "dropout": dropout_slips, "linear": linear_slips, "gelu": gelu_slips,
    "leaky_relu": leaky_slips, "hardsigmoid": hard_slips, "layer_norm": layer_norm_slips,
}  # fmt: skip
