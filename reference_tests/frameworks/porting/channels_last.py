"""A port for a library with channels last (JAX, TensorFlow, Keras), as the text of one function.

Every kind of layer has a function that returns its expression and the layout of its result.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from .graph import Layer, Model
from .libraries import LIBRARIES, Library
from .operators import ELEMENTWISE, TWO
from .recipes import (
    channel_band,
    convert_weight,
    flatten_permutation,
    lrn_window,
    spread_filters,
    transposed_as_conv,
    transposed_pads,
)
from .writing import (
    FIRST,
    FLAT,
    LAST,
    Pads,
    Port,
    conv_pads,
    feeds_dense_only,
    flattens_image,
    keep_weight,
    layer_text,
    mean_counts,
    pads_by_axis,
    parameter,
    pool_axes,
    pool_pads,
    share_matrix,
    text_of,
    weight_window,
)


class ByHand(Exception):
    """A layer that has no text here; the message says why."""


def write_channels_last(model: Model, name: str) -> Port:
    """Write a model for one of LIBRARIES."""
    port, library = Port(model), LIBRARIES[name]
    port.layouts["input"] = LAST if model.example.dim() > 2 else FIRST
    for layer in model.layers:
        try:
            function = WRITERS.get(layer.kind)
            if function is None:
                raise ByHand(f"{layer.operator} is not known here")
            expression, layout = function(port, library, layer)
        except ByHand as why:
            port.unknown.append(layer.name)
            port.lines.append(f"raise NotImplementedError({f'{layer.name}: write it by hand: {why}'!r})")
            expression, layout = "None", FIRST
        port.layouts[layer.name] = layout
        if layout == FLAT:
            port.flat.setdefault(layer.name, port.flat.get(layer.inputs[0], ()))
        port.lines.append(f"# {layer_text(layer)}")
        port.lines.append(f"out[{layer.name!r}] = {expression}")
    return port


def full_text(port: Port, name: str, title: str) -> str:
    """Return the port's whole text."""
    library, rank = LIBRARIES[name], port.model.example.dim()
    start = library.asarray.format(x="x")
    if rank > 2:
        start = moved(library, start, rank, to_last=True)
    body = [f"w, out = weights, {{'input': {start}}}", *port.lines, "return out"]
    return "\n".join([title, library.header, "", "", "def port(weights, x):", *(f"    {line}" for line in body), ""])


def moved(library: Library, x: str, rank: int, to_last: bool) -> str:
    """Return x with its channels moved to the last axis, or back to the second."""
    axes = (0, *range(2, rank), 1) if to_last else (0, rank - 1, *range(1, rank - 1))
    return library.move.format(x=x, axes=axes)


def input_text(port: Port, library: Library, layer: Layer, i: int, layout: str) -> str:
    """Return a layer's input in a layout; images alone can be moved."""
    name, rank = layer.inputs[i], len(layer.shapes[i])
    have, x = port.layouts[name], f"out[{name!r}]"
    if have == layout or rank < 3:
        if have == FLAT and layout != FLAT:
            raise ByHand("it takes a flattened image in torch's order")
        return x
    return moved(library, x, rank, to_last=layout == LAST)


def weight(port: Port, layer: Layer, key: str, array: np.ndarray | None = None) -> str:
    """Return the text of a weight, which is put beside the port."""
    return f"w[{keep_weight(port, layer, key, array)!r}]"


def plus_bias(port: Port, layer: Layer, expression: str) -> str:
    """Add the bias, if there is one; channels are last."""
    return f"{expression} + {weight(port, layer, 'bias')}" if "bias" in layer.weights else expression


def padded(library: Library, x: str, pads: Pads, value: str = "0.0") -> str:
    """Return x padded along its inner axes, as it is if there is nothing to pad."""
    if not any(map(any, pads)):
        return x
    return library.pad.format(x=x, all_pads=((0, 0), *pads, (0, 0)), value=value)


def dimension_letters(axes: int) -> tuple[str, str, str]:
    """Return JAX's names of the axes of images and filters."""
    inner = "DHW"[-axes:] if axes < 3 else "DHW"
    return f"N{inner}C", f"{inner}IO", f"N{inner}C"


def write_conv(port: Port, library: Library, layer: Layer) -> tuple[str, str]:
    """Write a convolution."""
    of, x, pads = layer.arguments, input_text(port, library, layer, 0, LAST), conv_pads(layer)
    kernel = weight(port, layer, "weight", convert_weight(parameter(port, layer, "weight"), "conv", "torch", "jax"))
    text = library.conv.format(
        x=x, w=kernel, stride=of["stride"], pads=tuple(pads), dilation=of["dilation"], groups=of["groups"],
        numbers=dimension_letters(len(pads)), padded=padded(library, x, pads),
    )  # fmt: skip
    return plus_bias(port, layer, text), LAST


def write_conv_transpose(port: Port, library: Library, layer: Layer) -> tuple[str, str]:
    """Write a transposed convolution: for JAX as a convolution of the spread input, else whole and then cropped."""
    of, window, x = layer.arguments, weight_window(layer), input_text(port, library, layer, 0, LAST)
    w, axes = (
        parameter(port, layer, "weight"),
        list(zip(weight_window(layer), of["padding"], of["output_padding"], of["dilation"])),
    )
    if library.name == "jax":
        kernel = convert_weight(transposed_as_conv(w, of["groups"]), "conv", "torch", "jax")
    elif of["groups"] > 1 or any(out > p for _, p, out, _ in axes):
        raise ByHand("groups, or an output padding beyond the padding")
    else:
        kernel = convert_weight(spread_filters(w, of["dilation"]), "conv_transpose", "torch", "tf")
    sizes = [(n - 1) * s + d * (k - 1) + 1 for n, s, (k, _, _, d) in zip(layer.shapes[0][2:], of["stride"], axes)]
    crop = ", ".join(f"{p}:{p + n}" for (_, p, _, _), n in zip(axes, layer.shape[2:]))
    text = library.transposed.format(
        x=x, w=weight(port, layer, "weight", kernel), stride=of["stride"],
        dilation=of["dilation"] if library.name == "jax" else (1,) * len(window),  # TensorFlow's kernel has none
        ones=(1,) * len(window), pads=tuple(transposed_pads(*one) for one in axes), groups=of["groups"],
        numbers=dimension_letters(len(window)), crop=f"[:, {crop}]", axes_count=len(window),
        whole=[layer.shapes[0][0], *sizes, layer.shape[1]],
    )  # fmt: skip
    return plus_bias(port, layer, text), LAST


def pool_words(layer: Layer, pads: Pads) -> dict[str, Any]:
    """Return the arguments of a pooling's template."""
    of = pool_axes(layer)
    k, s, d = (tuple(one[i] for one in of) for i in (1, 2, 4))
    return {
        "windows": (1, *k, 1), "strides": (1, *s, 1), "dilations": (1, *d, 1), "window": k, "stride": s, "dilation": d,
        "all_pads": ((0, 0), *pads, (0, 0)), "places": float(np.prod(k)),
    }  # fmt: skip


def write_max_pool(port: Port, library: Library, layer: Layer) -> tuple[str, str]:
    """Write max pooling; the padding is -inf."""
    x, pads = input_text(port, library, layer, 0, LAST), pool_pads(layer)
    words = pool_words(layer, pads)
    if library.name == "keras" and any(d > 1 for d in words["dilation"]):
        raise ByHand("Keras has no dilated pooling")
    return library.max_pool.format(x=x, padded=padded(library, x, pads, "float('-inf')"), **words), LAST


def write_avg_pool(port: Port, library: Library, layer: Layer) -> tuple[str, str]:
    """Write average pooling: sums, divided by what torch divides each window by."""
    x, pads = input_text(port, library, layer, 0, LAST), pool_pads(layer)
    counts = weight(port, layer, "counts", mean_counts(layer)[..., None])
    sums = library.sum_pool.format(x=x, padded=padded(library, x, pads), **pool_words(layer, pads))
    return f"{sums} / {counts}", LAST


def write_adaptive(port: Port, library: Library, layer: Layer) -> tuple[str, str]:
    """Write pooling to a given size: over everything, or by matrices of shares."""
    x, sizes, of = input_text(port, library, layer, 0, LAST), layer.shapes[0][2:], layer.shape[2:]
    mean = layer.kind == "adaptive_avg_pool"
    if all(n == 1 for n in of):
        axes = tuple(range(1, 1 + len(sizes)))
        return f"{library.words['mean' if mean else 'max']}({x}, {axes}, keepdims=True)", LAST
    if not mean:
        raise ByHand("a maximum over bins that may overlap")
    shares = [weight(port, layer, f"shares{i}", share_matrix(n, to)) for i, (n, to) in enumerate(zip(sizes, of))]
    inner, outer = "hwd"[: len(sizes)], "ijk"[: len(sizes)]
    equation = f"n{inner}c,{','.join(o + i for i, o in zip(inner, outer))}->n{outer}c"
    return f"{library.words['einsum']}({equation!r}, {x}, {', '.join(shares)})", LAST


def write_batch_norm(port: Port, library: Library, layer: Layer) -> tuple[str, str]:
    """Write batch normalization by the running statistics."""
    x = input_text(port, library, layer, 0, LAST)
    mean, var = (weight(port, layer, key) for key in ("running_mean", "running_var"))
    text = f"({x} - {mean}) / {library.words['sqrt']}({var} + {layer.arguments['eps']})"
    if "weight" in layer.weights:
        text += f" * {weight(port, layer, 'weight')}"
    return plus_bias(port, layer, text), LAST


def write_lrn(port: Port, library: Library, layer: Layer) -> tuple[str, str]:
    """Write local response normalization; torch divides alpha by n, these do not."""
    of, x, n = layer.arguments, input_text(port, library, layer, 0, LAST), layer.arguments["size"]
    before, after = lrn_window(n, "torch")
    rank, band = len(layer.shape), ""
    if library.name != "jax":
        band = weight(port, layer, "band", channel_band(layer.shape[1], before, after).T)
    text = library.lrn.format(
        x=x, k=of["k"], beta=of["beta"], alpha_undivided=of["alpha"] / n, channel_window=(*(1,) * (rank - 1), n),
        ones_all=(1,) * rank, channel_pads=(*((0, 0),) * (rank - 1), (before, after)), band=band, **library.words,
    )  # fmt: skip
    return text, LAST


def write_elementwise(port: Port, library: Library, layer: Layer) -> tuple[str, str]:
    """Write a function of each number."""
    if layer.kind not in library.elementwise or (layer.kind == "softplus" and layer.arguments["beta"] != 1):
        raise ByHand(f"{layer.kind} has no word here")
    of = dict(layer.arguments)
    if layer.kind == "elu" and (of.get("scale", 1) != 1 or (library.name == "tensorflow" and of["alpha"] != 1)):
        raise ByHand("elu with other numbers")
    if layer.kind == "clamp":
        of = {"min": -np.inf if of["min"] is None else of["min"], "max": np.inf if of["max"] is None else of["max"]}
    words = {
        key: text_of(float(v) if isinstance(v, int | float) else v) for key, v in of.items() if key != "approximate"
    }
    words["tanh"] = str(of.get("approximate") == "tanh")
    x = f"out[{layer.inputs[0]!r}]"
    text = library.elementwise[layer.kind].format(x=x, clip=library.words["clip"], **words)
    return text, port.layouts[layer.inputs[0]]


def write_two(port: Port, library: Library, layer: Layer) -> tuple[str, str]:
    """Write a sum, difference, product or quotient of two results, or of a result and a number."""
    sign = {"add": "+", "sub": "-", "mul": "*", "div": "/"}[layer.kind]
    if layer.weights or layer.arguments.get("rounding_mode"):
        raise ByHand("it takes a parameter, or rounds")
    factor = layer.arguments.get("alpha", 1)
    if len(layer.inputs) == 1:
        x = f"out[{layer.inputs[0]!r}]"
        return f"{x} {sign} {layer.arguments['other'] * factor}", port.layouts[layer.inputs[0]]
    layouts = [port.layouts[name] for name in layer.inputs]
    if len({len(shape) for shape in layer.shapes}) > 1 and LAST in layouts:
        raise ByHand("two results with different numbers of axes")
    layout = layouts[0] if len(set(layouts)) == 1 else LAST if len(layer.shape) > 2 else FIRST
    a, b = (input_text(port, library, layer, i, layout) for i in (0, 1))
    return f"{a} {sign} {b}" if factor == 1 else f"{a} {sign} {factor} * {b}", layout


def write_linear(port: Port, library: Library, layer: Layer) -> tuple[str, str]:
    """Write a dense layer; behind a flattened image its weights are permuted."""
    name, w = layer.inputs[0], parameter(port, layer, "weight")
    if port.layouts[name] == FLAT:
        w, x = w[:, flatten_permutation(port.flat[name])], f"out[{name!r}]"
        port.permuted[layer.weights["weight"]] = port.flat[name]
    else:
        x = input_text(port, library, layer, 0, FIRST)
    kernel = weight(port, layer, "weight", convert_weight(w, "dense", "torch", "jax"))
    return plus_bias(port, layer, f"{library.words['matmul']}({x}, {kernel})"), FIRST


def write_flatten(port: Port, library: Library, layer: Layer) -> tuple[str, str]:
    """Write a flattening or another change of shape."""
    reshape, name = library.words["reshape"], layer.inputs[0]
    if flattens_image(layer):
        shape = layer.shapes[0][1:]
        x = f"out[{name!r}]"
        if port.layouts[name] == LAST and feeds_dense_only(port.model, layer):
            port.flat[layer.name] = shape
            return f"{reshape}({x}, (-1, {np.prod(shape)}))", FLAT
        return f"{reshape}({input_text(port, library, layer, 0, FIRST)}, (-1, {np.prod(shape)}))", FIRST
    return f"{reshape}({input_text(port, library, layer, 0, FIRST)}, {(-1, *layer.shape[1:])})", FIRST


def write_same(port: Port, library: Library, layer: Layer) -> tuple[str, str]:
    """Write dropout, which does nothing at inference."""
    return f"out[{layer.inputs[0]!r}]", port.layouts[layer.inputs[0]]


def write_softmax(port: Port, library: Library, layer: Layer) -> tuple[str, str]:
    """Write a softmax along torch's axis."""
    layout, rank = port.layouts[layer.inputs[0]], len(layer.shape)
    axis = moved_axis(layer.arguments["dim"], rank, layout)
    return f"{library.words[layer.kind]}({input_text(port, library, layer, 0, layout)}, axis={axis})", layout


def moved_axis(axis: int, rank: int, layout: str) -> int:
    """Return where an axis of torch's stands in a layout."""
    axis %= rank
    if layout == FLAT and axis:
        raise ByHand("an axis of a flattened image")
    return axis if layout == FIRST or axis == 0 else rank - 1 if axis == 1 else axis - 1


def write_cat(port: Port, library: Library, layer: Layer) -> tuple[str, str]:
    """Write a concatenation."""
    layout, rank = (
        (LAST if len(layer.shape) > 2 and LAST in map(port.layouts.get, layer.inputs) else FIRST),
        len(layer.shape),
    )
    parts = ", ".join(input_text(port, library, layer, i, layout) for i in range(len(layer.inputs)))
    return f"{library.words['cat']}([{parts}], {moved_axis(layer.arguments.get('dim', 0), rank, layout)})", layout


def write_mean(port: Port, library: Library, layer: Layer) -> tuple[str, str]:
    """Write a mean over some axes."""
    layout, rank = port.layouts[layer.inputs[0]], len(layer.shapes[0])
    dims = layer.arguments.get("dim")
    torch_axes = (
        tuple(range(rank)) if dims is None else tuple(d % rank for d in (dims if isinstance(dims, tuple) else (dims,)))
    )
    axes = tuple(moved_axis(d, rank, layout) for d in torch_axes)
    keep = bool(layer.arguments.get("keepdim"))
    after = layout if keep or (layout == LAST and 1 not in torch_axes and len(layer.shape) > 2) else FIRST
    return f"{library.words['mean']}({input_text(port, library, layer, 0, layout)}, {axes}, keepdims={keep})", after


def write_pad(port: Port, library: Library, layer: Layer) -> tuple[str, str]:
    """Write padding with a number."""
    if layer.arguments.get("mode", "constant") != "constant":
        raise ByHand("padding by reflection or repetition: see G01 and G02")
    layout, pads = port.layouts[layer.inputs[0]], pads_by_axis(layer)
    ordered = (pads[0], *pads[2:], pads[1]) if layout == LAST else tuple(pads)
    value = text_of(float(layer.arguments.get("value") or 0.0))
    return library.pad.format(x=input_text(port, library, layer, 0, layout), all_pads=ordered, value=value), layout


def write_prelu(port: Port, library: Library, layer: Layer) -> tuple[str, str]:
    """Write PReLU with one slope, or one a channel."""
    x = input_text(port, library, layer, 0, LAST)
    return f"{library.words['where']}({x} >= 0, {x}, {weight(port, layer, 'weight')} * {x})", port.layouts[
        layer.inputs[0]
    ]


def write_layer_norm(port: Port, library: Library, layer: Layer) -> tuple[str, str]:
    """Write layer normalization over torch's last axes."""
    x, mean = input_text(port, library, layer, 0, FIRST), library.words["mean"]
    axes = tuple(range(-len(layer.arguments["normalized_shape"]), 0))
    centred = f"({x} - {mean}({x}, {axes}, keepdims=True))"
    text = (
        f"{centred} / {library.words['sqrt']}({mean}({centred} ** 2, {axes}, keepdims=True) + {layer.arguments['eps']})"
    )
    if "weight" in layer.weights:
        text += f" * {weight(port, layer, 'weight')}"
    return plus_bias(port, layer, text), FIRST


Writer = Callable[[Port, Library, Layer], tuple[str, str]]
WRITERS: dict[str, Writer] = {
    **dict.fromkeys(ELEMENTWISE, write_elementwise),
    **dict.fromkeys(TWO, write_two),
    **dict.fromkeys(("adaptive_avg_pool", "adaptive_max_pool"), write_adaptive),
    **dict.fromkeys(("flatten", "view", "squeeze", "unsqueeze"), write_flatten),
    **dict.fromkeys(("softmax", "log_softmax"), write_softmax),
    "conv": write_conv, "conv_transpose": write_conv_transpose, "max_pool": write_max_pool, "avg_pool": write_avg_pool,
    "batch_norm": write_batch_norm, "lrn": write_lrn, "linear": write_linear, "dropout": write_same, "cat": write_cat,
    "mean": write_mean, "pad": write_pad, "prelu": write_prelu, "layer_norm": write_layer_norm,
}  # fmt: skip
