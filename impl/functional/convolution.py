"""conv2d: cross-correlation of images with filters, and its gradients."""

from typing import Any

import numpy as np

from .checks import Array, array, batched, like, same_dtype, upstream
from .conv_algorithms import Geometry, choose
from .shapes import IntOrPair, Pair, conv_output_size, integer, pair, size


def conv2d(
    input: Array,
    weight: Array,
    bias: Array | None = None,
    stride: IntOrPair = 1,
    padding: IntOrPair | str = 0,
    dilation: IntOrPair = 1,
    groups: int = 1,
) -> Array:
    """Slide weight (FN, C/groups, FH, FW) over input (N, C, H, W): (N, FN, OH, OW); (C, H, W) gives (FN, OH, OW).

    stride, padding, dilation: pixels, an int or (height, width); padding also "valid" (none) or "same" (the size is
    kept; stride 1). One dtype for all; a size that does not divide is rounded down. As torch, no channels give none.
    Raises ValueError and TypeError for what torch refuses. Source: torch.nn.functional.conv2d.
    """
    geo = _geometry(input, weight, stride, padding, dilation, groups)
    check_bias(bias, weight, len(weight))
    x = batched(input, 4)
    if x.shape[1] == 0:
        return like(input, 3, np.empty((len(x), 0, *geo.out), x.dtype))
    return like(input, 3, choose(geo, x.shape, len(weight), x, weight).output(x, weight, bias, geo))


def conv2d_backward(
    dout: Array,
    input: Array,
    weight: Array,
    bias: Array | None = None,
    stride: IntOrPair = 1,
    padding: IntOrPair | str = 0,
    dilation: IntOrPair = 1,
    groups: int = 1,
    *,
    needs_input: bool = True,
) -> tuple[Any, Array, Array | None]:
    """conv2d's gradients (dinput, dweight, dbias), each of its array's shape; dbias is None without a bias.

    dout: the upstream gradient, of conv2d's output's shape. needs_input: without, dinput is None and costs nothing.
    The other arguments and the errors are conv2d's.
    """
    geo = _geometry(input, weight, stride, padding, dilation, groups)
    check_bias(bias, weight, len(weight))
    x = batched(input, 4)
    FN = len(weight) if x.shape[1] else 0
    d = batched(upstream(dout, (len(x), FN, *geo.out)[4 - input.ndim :], input.dtype), 4)
    if x.shape[1] == 0:
        return np.zeros_like(input), np.zeros_like(weight), None if bias is None else np.zeros_like(bias)
    way = choose(geo, x.shape, len(weight), x, weight, d)
    dweight, dbias = way.weight_gradient(x, d, geo)
    dinput = like(input, 3, way.input_gradient(d, weight, x.shape, geo)) if needs_input else None
    return dinput, dweight, None if bias is None else dbias


def check_images_and_weight(input: Array, weight: Array, groups: int) -> int:
    """What convolution and its transpose ask of both; groups as an int."""
    array("input", input, (3, 4))
    array("weight", weight, (4,))
    for name, value in (("input", input), ("weight", weight)):
        if value.dtype == bool:
            raise TypeError(f"{name} must hold numbers; got dtype bool")
    same_dtype("input", input, "weight", weight)
    groups = integer("groups", groups, at_least=1)
    if len(weight) < groups or len(weight) % groups:
        raise ValueError(f"groups {groups} must divide weight's first axis, at least {groups}; got {weight.shape}")
    if 0 in weight.shape[2:]:
        raise ValueError(f"weight must be at least 1x1; got shape {weight.shape}")
    if 0 in input.shape[-2:] and 0 not in batched(input, 4).shape[:2]:
        raise ValueError(f"input must have at least one row and column; got shape {input.shape}")
    return groups


def check_bias(bias: Array | None, weight: Array, channels: int) -> None:
    if bias is not None:
        array("bias", bias, (1,), (channels,))
        same_dtype("weight", weight, "bias", bias)


def _geometry(
    input: Array,
    weight: Array,
    stride: IntOrPair,
    padding: IntOrPair | str,
    dilation: IntOrPair,
    groups: int,
) -> Geometry:
    groups = check_images_and_weight(input, weight, groups)
    steps, dilated = pair("stride", stride, at_least=1), pair("dilation", dilation, at_least=1)
    kernel, plane = size(weight), size(input)
    C = input.shape[-3]
    if weight.shape[1] * groups != C:
        raise ValueError(
            f"input must have {weight.shape[1]}*{groups} = {weight.shape[1] * groups} channels for weight "
            f"{weight.shape} and groups {groups}; got {C}, shape {input.shape}"
        )
    pads = _pads(padding, kernel, steps, dilated)
    if padding == "same":
        return Geometry(kernel, steps, dilated, pads, plane, groups)
    axes = zip(plane, kernel, steps, (pads[0][0], pads[1][0]), dilated)
    try:
        OH, OW = (conv_output_size(*axis, "floor") for axis in axes)
    except ValueError as error:
        raise ValueError(f"weight {weight.shape} does not fit input {input.shape}: {error}") from None
    return Geometry(kernel, steps, dilated, pads, (OH, OW), groups)


def _pads(padding: IntOrPair | str, kernel: Pair, stride: Pair, dilation: Pair) -> tuple[Pair, Pair]:
    """((top, bottom), (left, right)). "same" with an even total puts the odd pixel at the bottom and the right."""
    if not isinstance(padding, str):
        height, width = pair("padding", padding, at_least=0)
        return (height, height), (width, width)
    if padding not in ("same", "valid"):
        raise ValueError(f"padding must be an int, a pair of ints, 'same' or 'valid'; got {padding!r}")
    if padding == "valid":
        return (0, 0), (0, 0)
    if stride != (1, 1):
        raise ValueError(f"padding 'same' is allowed with stride 1 only; got stride {stride}")
    totals = [d * (k - 1) for k, d in zip(kernel, dilation)]
    (top, bottom), (left, right) = ((total // 2, total - total // 2) for total in totals)
    return (top, bottom), (left, right)
