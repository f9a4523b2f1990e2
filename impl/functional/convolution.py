"""conv2d, conv_transpose2d and their gradients: refusals and shapes; conv_algorithms has the arithmetic."""

from typing import Any

import numpy as np

from .checks import Array, add_batch, check_array, check_same_dtype, check_upstream, drop_batch, remember
from .conv_algorithms import select
from .shapes import (
    IntOrPair,
    Pair,
    Window,
    check_integer,
    check_pair,
    conv_transpose_output_size,
    fit_window,
    plane_size,
)

# --- convolution -----------------------------------------------------------------------------------------------------


def conv2d(
    input: Array, weight: Array, bias: Array | None = None, stride: IntOrPair = 1, padding: IntOrPair | str = 0,
    dilation: IntOrPair = 1, groups: int = 1,
) -> Array:  # fmt: skip
    """Slide weight (FN, C/groups, FH, FW) over input (N, C, H, W): (N, FN, OH, OW); (C, H, W) gives (FN, OH, OW).

    stride, padding, dilation: pixels, an int or (height, width); padding also "valid" (none) or "same" (the size is
    kept; stride 1). One dtype for all; a size that does not divide is rounded down. As torch, no channels give none.
    Raises ValueError and TypeError for what torch refuses. Source: torch.nn.functional.conv2d.
    """
    window = _conv_window(input, weight, stride, padding, dilation, groups)
    _check_bias(bias, weight, len(weight))
    x = add_batch(input, 4)
    N, C, FN = len(x), x.shape[1], len(weight)
    if C == 0:
        return drop_batch(input, 3, np.empty((N, 0, *window.out), x.dtype))
    return drop_batch(input, 3, select(window, N, C, FN, x, weight, forward=True).output(x, weight, bias, window))


def conv2d_backward(
    dout: Array, input: Array, weight: Array, bias: Array | None = None, stride: IntOrPair = 1,
    padding: IntOrPair | str = 0, dilation: IntOrPair = 1, groups: int = 1, *, needs_input: bool = True,
) -> tuple[Any, Array, Array | None]:  # fmt: skip
    """conv2d's gradients (dinput, dweight, dbias), each of its array's shape; dbias is None without a bias.

    dout: the upstream gradient, of the shape of conv2d's output. needs_input: if False, dinput is None and costs
    nothing. The other arguments and the errors are conv2d's.
    """
    window = _conv_window(input, weight, stride, padding, dilation, groups)
    _check_bias(bias, weight, len(weight))
    x = add_batch(input, 4)
    N, C = x.shape[:2]
    FN = len(weight) if C else 0
    d = add_batch(check_upstream(dout, (N, FN, *window.out)[4 - input.ndim :], input.dtype), 4)
    if C == 0:
        return np.zeros_like(input), np.zeros_like(weight), None if bias is None else np.zeros_like(bias)
    algorithm = select(window, N, C, FN, x, weight, d)
    dweight, dbias = algorithm.weight_gradient(x, d, window)
    dinput = drop_batch(input, 3, algorithm.input_gradient(d, weight, window)) if needs_input else None
    return dinput, dweight, None if bias is None else dbias


@remember
def _conv_window(
    input: Array, weight: Array, stride: IntOrPair, padding: IntOrPair | str, dilation: IntOrPair, groups: int
) -> Window:
    groups = _check_images_and_weight(input, weight, groups)
    steps, dilated = check_pair("stride", stride, at_least=1), check_pair("dilation", dilation, at_least=1)
    kernel, plane, C = plane_size(weight), plane_size(input), input.shape[-3]
    if weight.shape[1] * groups != C:
        raise ValueError(
            f"input must have {weight.shape[1]}*{groups} = {weight.shape[1] * groups} channels for weight "
            f"{weight.shape} and groups {groups}; got {C}, shape {input.shape}"
        )
    if isinstance(padding, str) and padding not in ("same", "valid"):
        raise ValueError(f"padding must be an int, a pair of ints, 'same' or 'valid'; got {padding!r}")
    if isinstance(padding, str) and padding == "same":
        return Window(plane, kernel, steps, dilated, _same_pads(kernel, steps, dilated), plane, groups)
    edge = (0, 0) if isinstance(padding, str) else check_pair("padding", padding, at_least=0)
    misfit = f"weight {weight.shape} does not fit input {input.shape}"
    return fit_window(misfit, plane, kernel, steps, edge, dilated, groups=groups)


def _same_pads(kernel: Pair, stride: Pair, dilation: Pair) -> tuple[Pair, Pair]:
    """Return ((top, bottom), (left, right)) for "same"; an odd pixel goes to the bottom or the right."""
    if stride != (1, 1):
        raise ValueError(f"padding 'same' is allowed with stride 1 only; got stride {stride}")
    height, width = (d * (k - 1) for k, d in zip(kernel, dilation))
    return (height // 2, height - height // 2), (width // 2, width - width // 2)


# --- transposed convolution ------------------------------------------------------------------------------------------


def conv_transpose2d(
    input: Array, weight: Array, bias: Array | None = None, stride: IntOrPair = 1, padding: IntOrPair = 0,
    output_padding: IntOrPair = 0, groups: int = 1, dilation: IntOrPair = 1,
) -> Array:  # fmt: skip
    """Spread input (N, C, H, W) by weight (C, FN/groups, FH, FW): (N, FN, OH, OW); (C, H, W) gives (FN, OH, OW).

    The gradient of conv2d for its input, as a function of its own. stride: pixels between the places of neighbours;
    padding: pixels cut off at each side; output_padding: pixels more at the bottom and the right. One dtype for all.
    Raises ValueError and TypeError for what torch refuses.
    Source: torch.nn.functional.conv_transpose2d; Dumoulin and Visin 2016, section 4.
    """
    window = _transposed_window(input, weight, stride, padding, output_padding, groups, dilation)
    FN = weight.shape[1] * window.groups
    _check_bias(bias, weight, FN)
    x = add_batch(input, 4)
    out = select(window, len(x), FN, len(weight), x, weight).input_gradient(x, weight, window)
    if bias is not None:
        out += bias[:, None, None]
    return drop_batch(input, 3, out)


def conv_transpose2d_backward(
    dout: Array, input: Array, weight: Array, bias: Array | None = None, stride: IntOrPair = 1, padding: IntOrPair = 0,
    output_padding: IntOrPair = 0, groups: int = 1, dilation: IntOrPair = 1,
) -> tuple[Array, Array, Array | None]:  # fmt: skip
    """conv_transpose2d's gradients (dinput, dweight, dbias), each of its array's shape; dbias None without a bias.

    dout: the upstream gradient, of the output's shape. The other arguments and the errors are conv_transpose2d's.
    """
    window = _transposed_window(input, weight, stride, padding, output_padding, groups, dilation)
    FN = weight.shape[1] * window.groups
    _check_bias(bias, weight, FN)
    x = add_batch(input, 4)
    d = add_batch(check_upstream(dout, (len(x), FN, *window.size)[4 - input.ndim :], input.dtype), 4)
    algorithm = select(window, len(x), FN, len(weight), x, weight, d)
    dinput = algorithm.output(d, weight, None, window)
    dweight, _ = algorithm.weight_gradient(d, x, window)
    return drop_batch(input, 3, dinput), dweight, None if bias is None else d.sum(axis=(0, 2, 3))


@remember
def _transposed_window(
    input: Array, weight: Array, stride: IntOrPair, padding: IntOrPair, output_padding: IntOrPair, groups: int,
    dilation: IntOrPair,
) -> Window:  # fmt: skip
    """Return the window of the convolution whose gradient this is: its places are our input's pixels."""
    groups = _check_images_and_weight(input, weight, groups)
    steps, dilated = check_pair("stride", stride, at_least=1), check_pair("dilation", dilation, at_least=1)
    cut, extra = check_pair("padding", padding, at_least=0), check_pair("output_padding", output_padding, at_least=0)
    if weight.shape[1] == 0:
        raise ValueError(f"weight must have at least one filter; got shape {weight.shape}")
    if input.shape[-3] != len(weight):
        raise ValueError(f"input must have {len(weight)} channels for weight {weight.shape}; got shape {input.shape}")
    kernel, places = plane_size(weight), plane_size(input)
    H, W = (conv_transpose_output_size(*axis) for axis in zip(places, kernel, steps, cut, extra, dilated))
    pads = (cut[0], cut[0]), (cut[1], cut[1])
    return Window((H, W), kernel, steps, dilated, pads, places, groups)


# --- both ------------------------------------------------------------------------------------------------------------


def _check_images_and_weight(input: Array, weight: Array, groups: int) -> int:
    """Return groups as an int. Raises ValueError and TypeError for what a convolution and its transpose refuse."""
    check_array("input", input, (3, 4))
    check_array("weight", weight, (4,))
    for name, value in (("input", input), ("weight", weight)):
        if value.dtype == bool:
            raise TypeError(f"{name} must hold numbers; got dtype bool")
    check_same_dtype("input", input, "weight", weight)
    groups = check_integer("groups", groups, at_least=1)
    if len(weight) < groups or len(weight) % groups:
        raise ValueError(f"groups {groups} must divide weight's first axis, at least {groups}; got {weight.shape}")
    if 0 in weight.shape[2:]:
        raise ValueError(f"weight must be at least 1x1; got shape {weight.shape}")
    if 0 in input.shape[-2:] and 0 not in add_batch(input, 4).shape[:2]:
        raise ValueError(f"input must have at least one row and column; got shape {input.shape}")
    return groups


def _check_bias(bias: Array | None, weight: Array, channels: int) -> None:
    """Raise ValueError or TypeError for a bias that does not fit."""
    if bias is not None:
        check_array("bias", bias, (1,), (channels,))
        check_same_dtype("weight", weight, "bias", bias)
