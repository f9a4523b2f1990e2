"""locally_connected2d: a convolution whose weights are not shared between places, and its gradients."""

import numpy as np

from .checks import Array, array, same_dtype, upstream
from .patches import add_windows, padded, padded_zeros, unpadded, windows
from .shapes import IntOrPair, Pair, conv_output_size, pair, size


def locally_connected2d(
    input: Array, weight: Array, bias: Array | None = None, stride: IntOrPair = 1, padding: IntOrPair = 0
) -> Array:
    """Each place (i, j) of the output has filters of its own, weight[i, j]: (N, C, H, W) -> (N, FN, OH, OW).

    weight (OH, OW, FN, C, FH, FW), bias (FN, OH, OW), one dtype for all; stride, padding: pixels. OH and OW are a
    convolution's, rounded down. Raises ValueError (shapes that do not fit), TypeError.
    Source: Taigman et al. 2014 (DeepFace), section 3; LeCun 1989 before it.
    """
    steps, pads = _checked(input, weight, bias, stride, padding)
    patches = windows(padded(input, pads), size(weight), steps, (1, 1), weight.shape[:2])  # (N, C, FH, FW, OH, OW)
    out = np.einsum("ncyxij,ijfcyx->nfij", patches, weight, optimize=True)
    return out if bias is None else out + bias


def locally_connected2d_backward(
    dout: Array,
    input: Array,
    weight: Array,
    bias: Array | None = None,
    stride: IntOrPair = 1,
    padding: IntOrPair = 0,
) -> tuple[Array, Array, Array | None]:
    """Gradients (dinput, dweight, dbias), each of its array's shape; dbias None without a bias. Errors as forward's."""
    steps, pads = _checked(input, weight, bias, stride, padding)
    OH, OW, FN = weight.shape[:3]
    d = upstream(dout, (len(input), FN, OH, OW), input.dtype)
    patches = windows(padded(input, pads), size(weight), steps, (1, 1), (OH, OW))
    dweight = np.einsum("nfij,ncyxij->ijfcyx", d, patches, optimize=True)
    image = padded_zeros(input.shape, pads, input.dtype)
    add_windows(image, np.einsum("nfij,ijfcyx->ncyxij", d, weight, optimize=True), steps, (1, 1))
    return unpadded(image, pads), dweight, None if bias is None else d.sum(axis=0)


def _checked(
    input: Array, weight: Array, bias: Array | None, stride: IntOrPair, padding: IntOrPair
) -> tuple[Pair, tuple[Pair, Pair]]:
    array("input", input, (4,))
    array("weight", weight, (6,))
    same_dtype("input", input, "weight", weight)
    steps, (top, left) = pair("stride", stride, at_least=1), pair("padding", padding, at_least=0)
    try:
        OH, OW = (
            conv_output_size(*axis, rounding="floor") for axis in zip(size(input), size(weight), steps, (top, left))
        )
    except ValueError as error:
        raise ValueError(f"weight {weight.shape} does not fit input {input.shape}: {error}") from None
    C = input.shape[1]
    if weight.shape[:2] != (OH, OW) or weight.shape[3] != C:
        raise ValueError(
            f"weight must be (OH, OW, FN, C, FH, FW) with (OH, OW) {(OH, OW)} and C {C} for input {input.shape}; "
            f"got shape {weight.shape}"
        )
    if bias is not None:
        array("bias", bias, (3,), (weight.shape[2], OH, OW))
        same_dtype("weight", weight, "bias", bias)
    return steps, ((top, top), (left, left))
