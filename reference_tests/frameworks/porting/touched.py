"""Which questions of `compare` a layer touches, by its kind and its arguments."""

from collections.abc import Callable, Iterator

from .graph import Layer, Model
from .writing import flattens_image


def questions_of(model: Model, layer: Layer) -> list[str]:
    """Return the ids of the questions that a layer touches."""
    return list(dict.fromkeys(TOUCHED.get(layer.kind, nothing)(model, layer)))


def nothing(model: Model, layer: Layer) -> Iterator[str]:
    """Yield no question."""
    yield from ()


def touched_by_conv(model: Model, layer: Layer) -> Iterator[str]:
    """Yield the questions of a convolution."""
    of = layer.arguments
    padded = isinstance(of["padding"], str) or any(of["padding"])
    strided, dilated = any(s > 1 for s in of["stride"]), any(d > 1 for d in of["dilation"])
    yield from ("C01", "C19", "C20")
    if padded:
        yield "S20" if dilated else "S06" if strided else "S05"
    if "bias" in layer.weights:
        yield "C09"
    if strided and not divides(layer):
        yield "S01"
    if dilated:
        yield "C04"
    if of["groups"] > 1:
        yield "C07"
        if of["groups"] == layer.shapes[0][1]:
            yield from ("C23", "C24")


def divides(layer: Layer) -> bool:
    """Tell whether the windows of a layer end with the padded image."""
    of, window = layer.arguments, layer.arguments.get("window") or layer.arguments["kernel_size"]
    padding = of["padding"] if not isinstance(of["padding"], str) else (0,) * len(window)
    dilation = of.get("dilation") or (1,) * len(window)
    axes = zip(layer.shapes[0][2:], window, of["stride"], padding, dilation)
    return all((n + 2 * p - d * (k - 1) - 1) % s == 0 for n, k, s, p, d in axes)


def touched_by_transposed(model: Model, layer: Layer) -> Iterator[str]:
    """Yield the questions of a transposed convolution."""
    of = layer.arguments
    yield from ("C02", "T01", "C19")
    if any(s > 1 for s in of["stride"]):
        yield "C03"
    if any(of["padding"]):
        yield "T02"
    if any(of["output_padding"]):
        yield "T03"
    if any(d > 1 for d in of["dilation"]):
        yield "T04"


def touched_by_pool(model: Model, layer: Layer) -> Iterator[str]:
    """Yield the questions of a pooling."""
    of, mean = layer.arguments, layer.kind == "avg_pool"
    if of["ceil_mode"]:
        yield from ("S03", "S04")
        if mean:
            yield "P03"
        if mean and any(of["padding"]):
            yield "P04"
    elif not divides(layer):
        yield "S02"
    if any(of["padding"]):
        yield "P02" if mean else "P01"
    if mean and of.get("divisor_override"):
        yield "P18"
    if any(d > 1 for d in of.get("dilation") or ()):
        yield "P14"
    if not mean:
        yield from ("P05", "P07")
    if of["stride"] == of["kernel_size"]:
        yield "S16"


def touched_by_adaptive(model: Model, layer: Layer) -> Iterator[str]:
    """Yield the questions of a pooling to a given size."""
    sizes = list(zip(layer.shapes[0][2:], layer.shape[2:]))
    if any(to > n for n, to in sizes):
        yield "P17"
    elif any(n % to for n, to in sizes):
        yield "P15"


def touched_by_lrn(model: Model, layer: Layer) -> Iterator[str]:
    """Yield the questions of local response normalization."""
    yield from ("R01", "R03", "R04")
    if layer.arguments["size"] % 2 == 0:
        yield "R02"


def touched_by_flatten(model: Model, layer: Layer) -> Iterator[str]:
    """Yield the questions of a flattening."""
    if flattens_image(layer):
        yield from ("F01", "F04")


def touched_by_linear(model: Model, layer: Layer) -> Iterator[str]:
    """Yield the questions of a dense layer."""
    yield "F02"
    if len(layer.shapes[0]) > 2:
        yield "F03"


def always(*ids: str) -> Callable[[Model, Layer], Iterator[str]]:
    """Return a function that yields these questions, whatever the arguments are."""

    def touched(model: Model, layer: Layer) -> Iterator[str]:
        yield from ids

    return touched


TOUCHED: dict[str, Callable[[Model, Layer], Iterator[str]]] = {
    "conv": touched_by_conv, "conv_transpose": touched_by_transposed, "max_pool": touched_by_pool,
    "avg_pool": touched_by_pool, "adaptive_avg_pool": touched_by_adaptive, "lrn": touched_by_lrn,
    "flatten": touched_by_flatten, "view": touched_by_flatten, "linear": touched_by_linear,
    "batch_norm": always("B01", "B02", "B04", "B07", "E01"), "dropout": always("D01", "D02", "D04", "D05", "E02"),
    "softmax": always("A07"), "log_softmax": always("A07"), "relu": always("A01"), "relu6": always("A12"),
    "hardtanh": always("A11"), "clamp": always("A11"), "gelu": always("A08"), "leaky_relu": always("A09"),
    "hardsigmoid": always("A10"), "prelu": always("E03", "E04"), "layer_norm": always("N02", "N04"),
    "group_norm": always("N03", "N05"), "pad": always("G01"),
}  # fmt: skip
