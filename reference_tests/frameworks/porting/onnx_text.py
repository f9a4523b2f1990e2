"""A port as an ONNX model, made by a text of one node or a few for each layer. Layouts are torch's."""

from collections.abc import Callable
from typing import Any

import numpy as np

from .graph import Layer, Model
from .recipes import channel_band, lrn_alpha, lrn_window
from .writing import (
    FIRST,
    Pads,
    Port,
    conv_pads,
    keep_weight,
    layer_text,
    mean_counts,
    pads_by_axis,
    pool_axes,
    share_matrix,
    weight_window,
)

HEADER = """import numpy as np
from onnx import TensorProto, helper, numpy_helper


def make_model(weights):
    nodes, names = [], []

    def node(operator, name, *inputs, **attributes):
        nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
"""
FOOTER = """
    graph = helper.make_graph(
        nodes,
        "port",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, {shape})],
        [helper.make_empty_tensor_value_info(name) for name in {results}],
        [numpy_helper.from_array(np.asarray(array, "float32" if array.dtype.kind == "f" else "int64"), name)
         for name, array in weights.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


def port(weights, x):
    import onnxruntime

    model = make_model(weights).SerializeToString()
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, {{"input": np.asarray(x, "float32")}})))
"""
ELEMENTWISE: dict[str, tuple[str, dict[str, str]]] = {  # kind: operator, {attribute: torch's argument}
    "relu": ("Relu", {}), "leaky_relu": ("LeakyRelu", {"alpha": "negative_slope"}), "elu": ("Elu", {"alpha": "alpha"}),
    "gelu": ("Gelu", {"approximate": "approximate"}), "sigmoid": ("Sigmoid", {}), "tanh": ("Tanh", {}),
    "softplus": ("Softplus", {}), "hardswish": ("HardSwish", {}), "selu": ("Selu", {}), "mish": ("Mish", {}),
    "exp": ("Exp", {}), "log": ("Log", {}), "sqrt": ("Sqrt", {}), "abs": ("Abs", {}), "neg": ("Neg", {}),
}  # fmt: skip


class ByHand(Exception):
    """A layer that has no node here; the message says why."""


def write_onnx(model: Model) -> Port:
    """Write a model as nodes of ONNX."""
    port = Port(model)
    port.layouts["input"] = FIRST
    for layer in model.layers:
        port.lines.append(f"# {layer_text(layer)}")
        try:
            function = WRITERS.get(layer.kind)
            if function is None:
                raise ByHand(f"{layer.operator} is not known here")
            port.lines += function(port, layer)
        except ByHand as why:
            port.unknown.append(layer.name)
            port.lines.append(f"raise NotImplementedError({f'{layer.name}: write it by hand: {why}'!r})")
        port.layouts[layer.name] = FIRST
    return port


def full_text(port: Port, title: str) -> str:
    """Return the port's whole text."""
    results = [layer.name for layer in port.model.layers]
    footer = FOOTER.format(shape=list(port.model.example.shape), results=results)
    return "\n".join([title, HEADER, *(f"    {line}" for line in port.lines), footer])


def node(operator: str, layer: Layer, *inputs: str, name: str = "", **attributes: Any) -> str:
    """Return the line that makes a node; its result has the layer's name unless another is given."""
    words = [repr(operator), repr(name or layer.name), *map(repr, inputs)]
    return f"node({', '.join([*words, *(f'{key}={plain(value)}' for key, value in attributes.items())])})"


def plain(value: Any) -> str:
    """Write an attribute's value: a tuple as a list."""
    return repr([int(v) for v in value]) if isinstance(value, list | tuple) else repr(value)


def listed(pads: Pads) -> list[int]:
    """Return pads as ONNX lists them: all before, then all after."""
    return [pair[i] for i in (0, 1) for pair in pads]


def constant(port: Port, layer: Layer, key: str, value: Any) -> str:
    """Put a number or an array beside the text; return its name."""
    return keep_weight(port, layer, key, np.asarray(value, "float32"))


def parameters(port: Port, layer: Layer, *keys: str) -> list[str]:
    """Put a layer's parameters beside the text, those that it has; return their names."""
    return [keep_weight(port, layer, key) for key in keys if key in layer.weights]


def write_conv(port: Port, layer: Layer) -> list[str]:
    """Write a convolution."""
    of, names = layer.arguments, parameters(port, layer, "weight", "bias")
    how = {
        "strides": of["stride"],
        "pads": listed(conv_pads(layer)),
        "dilations": of["dilation"],
        "group": of["groups"],
    }
    return [node("Conv", layer, layer.inputs[0], *names, **how)]


def write_conv_transpose(port: Port, layer: Layer) -> list[str]:
    """Write a transposed convolution."""
    of, names = layer.arguments, parameters(port, layer, "weight", "bias")
    if any(out > p for out, p in zip(of["output_padding"], of["padding"])):
        raise ByHand("an output padding beyond the padding")
    pads = [(p, p - out) for p, out in zip(of["padding"], of["output_padding"])]  # what is not cut off
    how = {"strides": of["stride"], "pads": listed(pads), "dilations": of["dilation"], "group": of["groups"]}
    assert len(weight_window(layer)) == len(pads)
    return [node("ConvTranspose", layer, layer.inputs[0], *names, **how)]


def pool_attributes(layer: Layer) -> dict[str, Any]:
    """Return the attributes of a pooling; ONNX rounds up as torch does."""
    of = pool_axes(layer)
    k, s, p = ([one[i] for one in of] for i in (1, 2, 3))
    return {"kernel_shape": k, "strides": s, "pads": p + p, "ceil_mode": int(bool(layer.arguments["ceil_mode"]))}


def write_max_pool(port: Port, layer: Layer) -> list[str]:
    """Write max pooling."""
    dilations = [one[4] for one in pool_axes(layer)]
    return [node("MaxPool", layer, layer.inputs[0], **pool_attributes(layer), dilations=dilations)]


def write_avg_pool(port: Port, layer: Layer) -> list[str]:
    """Write average pooling; with a divisor of its own, the mean of all counted places times their number."""
    how = pool_attributes(layer) | {"count_include_pad": int(bool(layer.arguments["count_include_pad"]))}
    if not layer.arguments.get("divisor_override"):
        return [node("AveragePool", layer, layer.inputs[0], **how)]
    mean = layer.arguments | {"divisor_override": None, "count_include_pad": True}
    counted = mean_counts(Layer(**{**layer.__dict__, "arguments": mean}))
    factor = constant(port, layer, "factor", counted / layer.arguments["divisor_override"])
    mean_name = f"{layer.name}.mean"
    how["count_include_pad"] = 1
    return [
        node("AveragePool", layer, layer.inputs[0], name=mean_name, **how),
        node("Mul", layer, mean_name, factor),
    ]


def write_adaptive(port: Port, layer: Layer) -> list[str]:
    """Write pooling to a given size: over everything, or by matrices of shares."""
    mean, sizes = layer.kind == "adaptive_avg_pool", list(zip(layer.shapes[0][2:], layer.shape[2:]))
    if all(to == 1 for _, to in sizes):
        return [node("GlobalAveragePool" if mean else "GlobalMaxPool", layer, layer.inputs[0])]
    if not mean or len(sizes) != 2:
        raise ByHand("bins that may overlap")
    rows, columns = (share_matrix(n, to) for n, to in sizes)
    half = f"{layer.name}.rows_done"
    return [
        node("MatMul", layer, constant(port, layer, "rows", rows), layer.inputs[0], name=half),
        node("MatMul", layer, half, constant(port, layer, "columns", columns.T)),
    ]


def write_batch_norm(port: Port, layer: Layer) -> list[str]:
    """Write batch normalization by the running statistics."""
    C = layer.shape[1]
    scale = [
        *parameters(port, layer, "weight"),
        *([] if "weight" in layer.weights else [constant(port, layer, "scale", np.ones(C))]),
    ]
    offset = [
        *parameters(port, layer, "bias"),
        *([] if "bias" in layer.weights else [constant(port, layer, "offset", np.zeros(C))]),
    ]
    names = [*scale, *offset, *parameters(port, layer, "running_mean", "running_var")]
    return [node("BatchNormalization", layer, layer.inputs[0], *names, epsilon=layer.arguments["eps"])]


def write_lrn(port: Port, layer: Layer) -> list[str]:
    """Write local response normalization; an even n, which ONNX Runtime refuses, by a band of ones."""
    of, x, n = layer.arguments, layer.inputs[0], layer.arguments["size"]
    if n % 2:
        return [node("LRN", layer, x, size=n, alpha=float(of["alpha"]), beta=float(of["beta"]), bias=float(of["k"]))]
    rank = len(layer.shape)
    band = channel_band(layer.shape[1], *lrn_window(n, "torch")).reshape(layer.shape[1], -1, *(1,) * (rank - 2))
    step = [f"{layer.name}.{part}" for part in ("squares", "sums", "scaled", "shifted", "power")]
    alpha = constant(port, layer, "alpha", lrn_alpha(of["alpha"], n, "torch", "jax"))
    return [
        node("Mul", layer, x, x, name=step[0]),
        node("Conv", layer, step[0], constant(port, layer, "band", band), name=step[1]),
        node("Mul", layer, step[1], alpha, name=step[2]),
        node("Add", layer, step[2], constant(port, layer, "k", of["k"]), name=step[3]),
        node("Pow", layer, step[3], constant(port, layer, "beta", of["beta"]), name=step[4]),
        node("Div", layer, x, step[4]),
    ]


def write_elementwise(port: Port, layer: Layer) -> list[str]:
    """Write a function of each number."""
    operator, attributes = ELEMENTWISE[layer.kind]
    of = layer.arguments
    if (layer.kind == "elu" and of.get("scale", 1) != 1) or (layer.kind == "softplus" and of["beta"] != 1):
        raise ByHand("other numbers than ONNX knows")
    values: dict[str, Any] = {
        name: of[key] if isinstance(of[key], str) else float(of[key]) for name, key in attributes.items()
    }
    return [node(operator, layer, layer.inputs[0], **values)]


def write_clip(port: Port, layer: Layer) -> list[str]:
    """Write a clip: hardtanh, relu6 or clamp."""
    of, x = layer.arguments, layer.inputs[0]
    low, high = (
        (0, 6) if layer.kind == "relu6" else (of.get("min_val", of.get("min")), of.get("max_val", of.get("max")))
    )
    ends = (-np.inf if low is None else low, np.inf if high is None else high)
    return [node("Clip", layer, x, *(constant(port, layer, name, end) for name, end in zip(("min", "max"), ends)))]


def write_hardsigmoid(port: Port, layer: Layer) -> list[str]:
    """Write torch's hard sigmoid: ONNX's slope is 0.2 unless it is told."""
    return [node("HardSigmoid", layer, layer.inputs[0], alpha=1 / 6, beta=0.5)]


def write_silu(port: Port, layer: Layer) -> list[str]:
    """Write x * sigmoid(x)."""
    x, gate = layer.inputs[0], f"{layer.name}.gate"
    return [node("Sigmoid", layer, x, name=gate), node("Mul", layer, x, gate)]


def write_pow(port: Port, layer: Layer) -> list[str]:
    """Write a power."""
    return [node("Pow", layer, layer.inputs[0], constant(port, layer, "exponent", layer.arguments["exponent"]))]


def write_two(port: Port, layer: Layer) -> list[str]:
    """Write a sum, difference, product or quotient."""
    operator = {"add": "Add", "sub": "Sub", "mul": "Mul", "div": "Div"}[layer.kind]
    factor = layer.arguments.get("alpha", 1)
    if layer.weights or layer.arguments.get("rounding_mode") or (factor != 1 and len(layer.inputs) > 1):
        raise ByHand("it takes a parameter or a factor, or rounds")
    others = list(layer.inputs)
    if len(others) == 1:
        others.append(constant(port, layer, "other", layer.arguments["other"] * factor))
    return [node(operator, layer, *others)]


def write_linear(port: Port, layer: Layer) -> list[str]:
    """Write a dense layer: Gemm takes two axes, MatMul any."""
    if len(layer.shapes[0]) == 2:
        return [node("Gemm", layer, layer.inputs[0], *parameters(port, layer, "weight", "bias"), transB=1)]
    w = constant(port, layer, "matrix", port.model.parameters[layer.weights["weight"]].cpu().numpy().T)
    if "bias" not in layer.weights:
        return [node("MatMul", layer, layer.inputs[0], w)]
    product = f"{layer.name}.product"
    return [
        node("MatMul", layer, layer.inputs[0], w, name=product),
        node("Add", layer, product, *parameters(port, layer, "bias")),
    ]


def write_reshape(port: Port, layer: Layer) -> list[str]:
    """Write a flattening or another change of shape; the batch may have any size."""
    name = f"{layer.name}.shape"
    port.weights[name] = np.array([-1 if len(layer.shape) else 1, *layer.shape[1:]], "int64")
    return [node("Reshape", layer, layer.inputs[0], name)]


def write_transpose(port: Port, layer: Layer) -> list[str]:
    """Write a change of the order of axes."""
    axes = list(range(len(layer.shape)))
    if layer.kind == "permute":
        axes = [d % len(axes) for d in layer.arguments["dims"]]
    else:
        a, b = layer.arguments["dim0"], layer.arguments["dim1"]
        axes[a], axes[b] = axes[b], axes[a]
    return [node("Transpose", layer, layer.inputs[0], perm=axes)]


def write_same(port: Port, layer: Layer) -> list[str]:
    """Write dropout, which does nothing at inference."""
    return [node("Identity", layer, layer.inputs[0])]


def write_softmax(port: Port, layer: Layer) -> list[str]:
    """Write a softmax."""
    return [
        node(
            "Softmax" if layer.kind == "softmax" else "LogSoftmax", layer, layer.inputs[0], axis=layer.arguments["dim"]
        )
    ]


def write_cat(port: Port, layer: Layer) -> list[str]:
    """Write a concatenation."""
    return [node("Concat", layer, *layer.inputs, axis=layer.arguments.get("dim", 0))]


def write_mean(port: Port, layer: Layer) -> list[str]:
    """Write a mean over some axes."""
    dims, name = layer.arguments.get("dim"), f"{layer.name}.axes"
    axes = range(len(layer.shapes[0])) if dims is None else dims if isinstance(dims, tuple) else (dims,)
    port.weights[name] = np.array(list(axes), "int64")
    return [node("ReduceMean", layer, layer.inputs[0], name, keepdims=int(bool(layer.arguments.get("keepdim"))))]


def write_pad(port: Port, layer: Layer) -> list[str]:
    """Write padding."""
    mode = {"constant": "constant", "reflect": "reflect", "replicate": "edge"}.get(
        layer.arguments.get("mode", "constant")
    )
    if mode is None:
        raise ByHand("this padding")
    name = f"{layer.name}.pads"
    port.weights[name] = np.array(listed(pads_by_axis(layer)), "int64")
    value = [constant(port, layer, "value", layer.arguments.get("value") or 0.0)] if mode == "constant" else []
    return [node("Pad", layer, layer.inputs[0], name, *value, mode=mode)]


def write_prelu(port: Port, layer: Layer) -> list[str]:
    """Write PReLU; its slopes stand along the channels."""
    slopes = port.model.parameters[layer.weights["weight"]].cpu().numpy()
    shaped = constant(port, layer, "slopes", slopes.reshape(-1, *(1,) * (len(layer.shape) - 2)))
    return [node("PRelu", layer, layer.inputs[0], shaped)]


def write_layer_norm(port: Port, layer: Layer) -> list[str]:
    """Write layer normalization."""
    shape = layer.arguments["normalized_shape"]
    names = parameters(port, layer, "weight", "bias") or [constant(port, layer, "scale", np.ones(shape))]
    how: dict[str, Any] = {"axis": -len(shape), "epsilon": layer.arguments["eps"]}
    return [node("LayerNormalization", layer, layer.inputs[0], *names, **how)]


WRITERS: dict[str, Callable[[Port, Layer], list[str]]] = {
    **dict.fromkeys(ELEMENTWISE, write_elementwise),
    **dict.fromkeys(("hardtanh", "relu6", "clamp"), write_clip),
    **dict.fromkeys(("add", "sub", "mul", "div"), write_two),
    **dict.fromkeys(("adaptive_avg_pool", "adaptive_max_pool"), write_adaptive),
    **dict.fromkeys(("flatten", "view", "squeeze", "unsqueeze"), write_reshape),
    **dict.fromkeys(("permute", "transpose"), write_transpose),
    **dict.fromkeys(("softmax", "log_softmax"), write_softmax),
    "hardsigmoid": write_hardsigmoid, "silu": write_silu, "pow": write_pow, "conv": write_conv,
    "conv_transpose": write_conv_transpose, "max_pool": write_max_pool, "avg_pool": write_avg_pool,
    "batch_norm": write_batch_norm, "lrn": write_lrn, "linear": write_linear, "dropout": write_same, "cat": write_cat,
    "mean": write_mean, "pad": write_pad, "prelu": write_prelu, "layer_norm": write_layer_norm,
}  # fmt: skip
