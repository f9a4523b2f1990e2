"""ATen's operators, as kinds of layers with arguments that have one name and one form."""

from typing import Any

NOTHING = {"contiguous", "clone", "detach", "alias", "to", "_to_copy", "lift_fresh_copy"}
ELEMENTWISE = {
    "relu", "relu6", "leaky_relu", "elu", "gelu", "sigmoid", "tanh", "silu", "softplus", "hardtanh", "hardsigmoid",
    "hardswish", "clamp", "exp", "log", "sqrt", "abs", "neg", "selu", "mish", "pow",
}  # fmt: skip
TWO = {"add", "sub", "mul", "div"}
KINDS = {  # the operator's name without its dimensions -> the kind
    "conv": "conv", "conv_transpose": "conv_transpose", "max_pool": "max_pool", "avg_pool": "avg_pool",
    "adaptive_avg_pool": "adaptive_avg_pool", "adaptive_max_pool": "adaptive_max_pool",
    "batch_norm": "batch_norm", "layer_norm": "layer_norm", "group_norm": "group_norm",
    "dropout": "dropout", "feature_dropout": "dropout", "dropout_": "dropout", "linear": "linear",
    "flatten": "flatten", "view": "view", "reshape": "view", "_unsafe_view": "view", "permute": "permute",
    "transpose": "transpose", "squeeze": "squeeze", "unsqueeze": "unsqueeze", "softmax": "softmax",
    "log_softmax": "log_softmax", "prelu": "prelu", "cat": "cat", "mean": "mean", "pad": "pad",
    "constant_pad_nd": "pad", "convolution": "conv", "_native_batch_norm_legit_no_training": "batch_norm",
    "max_pool2d_with_indices": "max_pool", "native_layer_norm": "layer_norm",
}  # fmt: skip
LISTS = ("kernel_size", "stride", "padding", "dilation", "output_padding", "output_size")
Described = tuple[str, dict[str, Any], dict[str, Any]]


def base_name(node: Any) -> str:
    """Return an operator's name without its overload, "" for a function that is none of ATen's."""
    schema = getattr(node.target, "_schema", None)
    return schema.name.split("::")[1].removesuffix("_") if schema else ""


def passes_on(node: Any) -> bool:
    """Tell whether a node gives what it gets, or the first of several results."""
    if base_name(node) in NOTHING:
        return True
    return not base_name(node) and getattr(node.target, "__name__", "") == "getitem" and node.args[1] == 0


def describe(node: Any) -> Described:
    """Return (kind, {argument: node} of the tensors, the other arguments); the kind is unknown if we do not know it."""
    name = base_name(node)
    bound = bind(node)
    tensors = {key: value for key, value in bound.items() if is_node(value)}
    if name == "cat":
        tensors = {str(i): t for i, t in enumerate(bound["tensors"])}
    arguments = {key: plain(value) for key, value in bound.items() if key not in tensors and key != "tensors"}
    if name in ELEMENTWISE or name in TWO:
        return name, tensors, arguments
    kind = KINDS.get(name.rstrip("123d") if name[-2:] in ("1d", "2d", "3d") else name, "unknown")
    if kind == "batch_norm" and (arguments.get("training") or "running_mean" not in tensors):
        kind = "unknown"
    if kind == "conv" and arguments.pop("transposed", False):
        kind = "conv_transpose"
    if kind in ("conv", "conv_transpose", "max_pool", "avg_pool", "adaptive_avg_pool", "adaptive_max_pool"):
        arguments = with_axes(node, arguments)
    return kind, tensors, arguments


def is_node(value: Any) -> bool:
    """Tell whether an argument is another node's result."""
    return hasattr(value, "op") and hasattr(value, "users")


def bind(node: Any) -> dict[str, Any]:
    """Return a node's arguments by name, defaults included."""
    if not hasattr(node.target, "_schema"):
        return {str(i): value for i, value in enumerate(node.args)}
    bound = {}
    for i, argument in enumerate(node.target._schema.arguments):
        if i < len(node.args):
            bound[argument.name] = node.args[i]
        elif argument.name in node.kwargs:
            bound[argument.name] = node.kwargs[argument.name]
        elif argument.has_default_value():
            bound[argument.name] = argument.default_value
    return {("input" if name == "self" else name): value for name, value in bound.items()}


def plain(value: Any) -> Any:
    """Return lists of torch's own kind as tuples."""
    return tuple(value) if isinstance(value, list | tuple) else value


def with_axes(node: Any, arguments: dict[str, Any]) -> dict[str, Any]:
    """Write every size as one number an axis; a stride left out is the window."""
    value = node.meta["val"]
    axes = len((value[0] if isinstance(value, tuple | list) else value).shape) - 2
    weight = next((t for key, t in bind(node).items() if key == "weight" and is_node(t)), None)
    if weight is not None:
        arguments["window"] = tuple(weight.meta["val"].shape[2:])
    for name in LISTS:
        value = arguments.get(name)
        if isinstance(value, int):
            arguments[name] = (value,) * axes
        elif isinstance(value, tuple) and len(value) == 1:
            arguments[name] = value * axes
        elif value == () and name == "stride":
            arguments[name] = ()
    if arguments.get("stride") == () or ("kernel_size" in arguments and "stride" not in arguments):
        arguments["stride"] = arguments["kernel_size"]
    return arguments


def find_lrn(graph: Any) -> tuple[set[str], dict[str, Described]]:
    """Return the nodes inside of local response normalizations, and what each of their last nodes is.

    torch writes x / (k + alpha * average of x * x over the channels)**beta in a dozen nodes.
    """
    inside: set[str] = set()
    found: dict[str, Described] = {}
    for node in graph.nodes:
        if base_name(node) == "div" and len(node.args) == 2 and all(map(is_node, node.args)):
            path = lrn_path(node)
            if path:
                names, arguments = path
                inside |= names
                found[node.name] = ("lrn", {"input": node.args[0]}, arguments)
    return inside, found


def lrn_path(node: Any) -> tuple[set[str], dict[str, Any]] | None:
    """Return the nodes and arguments of the normalization that ends in this division, None if it is none."""
    x, at = node.args
    arguments: dict[str, Any] = {}
    names = set()
    for step, key in (("pow", "beta"), ("add", "k"), ("mul", "alpha")):
        if not is_node(at) or base_name(at) != step or is_node(at.args[1]):
            return None
        names.add(at.name)
        arguments[key] = at.args[1]
        at = at.args[0]
    while base_name(at) in (
        "view",
        "reshape",
        "squeeze",
        "unsqueeze",
        "pad",
        "constant_pad_nd",
        "avg_pool2d",
        "avg_pool3d",
    ):
        if base_name(at).startswith("avg_pool"):
            arguments["size"] = at.args[1][0]
        names.add(at.name)
        at = at.args[0]
    if base_name(at) != "mul" or any(a is not x for a in at.args[:2]) or "size" not in arguments:
        return None
    return names | {at.name}, arguments
