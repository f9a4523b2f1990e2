"""locally_connected2d: a convolution whose weights are not shared between places, and its gradients."""

import numpy as np

from .checks import Array, check_array, check_same_dtype, check_upstream
from .patches import add_padding, add_windows, remove_padding, view_windows, zeros_with_padding
from .shapes import IntOrPair, Window, check_pair, fit_window, plane_size


def locally_connected2d(
    input: Array, weight: Array, bias: Array | None = None, stride: IntOrPair = 1, padding: IntOrPair = 0
) -> Array:
    """Convolve each place (i, j) of the output with filters of its own, weight[i, j]: (N, C, H, W) -> (N, FN, OH, OW).

    weight (OH, OW, FN, C, FH, FW), bias (FN, OH, OW), one dtype for all; stride, padding: pixels. OH and OW are a
    convolution's, rounded down. Raises ValueError (shapes that do not fit), TypeError.
    Source: Taigman et al. 2014 (DeepFace), section 3; LeCun 1989 before it.
    """
    window = _window(input, weight, bias, stride, padding)
    patches = view_windows(add_padding(input, window.pads), window)  # (N, C, FH, FW, OH, OW)
    out = np.einsum("ncyxij,ijfcyx->nfij", patches, weight, optimize=True)
    return out if bias is None else out + bias


def locally_connected2d_backward(
    dout: Array, input: Array, weight: Array, bias: Array | None = None, stride: IntOrPair = 1, padding: IntOrPair = 0
) -> tuple[Array, Array, Array | None]:
    """Gradients (dinput, dweight, dbias), each of its array's shape; dbias None without a bias. Errors as forward's."""
    window = _window(input, weight, bias, stride, padding)
    d = check_upstream(dout, (len(input), weight.shape[2], *window.out), input.dtype)
    patches = view_windows(add_padding(input, window.pads), window)
    dweight = np.einsum("nfij,ncyxij->ijfcyx", d, patches, optimize=True)
    image = zeros_with_padding(input.shape, window.pads, input.dtype)
    add_windows(image, np.einsum("nfij,ijfcyx->ncyxij", d, weight, optimize=True), window)
    return remove_padding(image, window.pads), dweight, None if bias is None else d.sum(axis=0)


def _window(input: Array, weight: Array, bias: Array | None, stride: IntOrPair, padding: IntOrPair) -> Window:
    check_array("input", input, (4,))
    check_array("weight", weight, (6,))
    check_same_dtype("input", input, "weight", weight)
    steps, edge = check_pair("stride", stride, at_least=1), check_pair("padding", padding, at_least=0)
    misfit = f"weight {weight.shape} does not fit input {input.shape}"
    window = fit_window(misfit, plane_size(input), plane_size(weight), steps, edge)
    C = input.shape[1]
    if weight.shape[:2] != window.out or weight.shape[3] != C:
        raise ValueError(
            f"weight must be (OH, OW, FN, C, FH, FW) with (OH, OW) {window.out} and C {C} for input {input.shape}; "
            f"got shape {weight.shape}"
        )
    if bias is not None:
        check_array("bias", bias, (3,), (weight.shape[2], *window.out))
        check_same_dtype("weight", weight, "bias", bias)
    return window
