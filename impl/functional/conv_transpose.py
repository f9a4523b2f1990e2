"""conv_transpose2d: the gradient of conv2d for its input, as a layer of its own."""

from .checks import Array, batched, like, upstream
from .conv_algorithms import Geometry, choose
from .convolution import check_bias, check_images_and_weight
from .shapes import IntOrPair, Pair, conv_transpose_output_size, pair, size


def conv_transpose2d(
    input: Array,
    weight: Array,
    bias: Array | None = None,
    stride: IntOrPair = 1,
    padding: IntOrPair = 0,
    output_padding: IntOrPair = 0,
    groups: int = 1,
    dilation: IntOrPair = 1,
) -> Array:
    """Spread input (N, C, H, W) by weight (C, FN/groups, FH, FW): (N, FN, OH, OW); (C, H, W) gives (FN, OH, OW).

    stride: pixels between the spread places; padding: pixels cut off at each side; output_padding: pixels more at the
    bottom and the right. One dtype for all. Raises ValueError and TypeError for what torch refuses.
    Source: torch.nn.functional.conv_transpose2d; Dumoulin and Visin 2016, section 4.
    """
    geo, plane = _geometry(input, weight, stride, padding, output_padding, groups, dilation)
    FN = weight.shape[1] * geo.groups
    check_bias(bias, weight, FN)
    x = batched(input, 4)
    shape = len(x), FN, *plane
    out = choose(geo, shape, len(weight), x, weight).input_gradient(x, weight, shape, geo)
    if bias is not None:
        out += bias[:, None, None]
    return like(input, 3, out)


def conv_transpose2d_backward(
    dout: Array,
    input: Array,
    weight: Array,
    bias: Array | None = None,
    stride: IntOrPair = 1,
    padding: IntOrPair = 0,
    output_padding: IntOrPair = 0,
    groups: int = 1,
    dilation: IntOrPair = 1,
) -> tuple[Array, Array, Array | None]:
    """conv_transpose2d's gradients (dinput, dweight, dbias), each of its array's shape; dbias None without a bias.

    dout: the upstream gradient, of the output's shape. The other arguments and the errors are conv_transpose2d's.
    """
    geo, plane = _geometry(input, weight, stride, padding, output_padding, groups, dilation)
    FN = weight.shape[1] * geo.groups
    check_bias(bias, weight, FN)
    x = batched(input, 4)
    d = batched(upstream(dout, (len(x), FN, *plane)[4 - input.ndim :], input.dtype), 4)
    way = choose(geo, d.shape, len(weight), x, weight, d)
    dinput = way.output(d, weight, None, geo)
    dweight, _ = way.weight_gradient(d, x, geo)
    return like(input, 3, dinput), dweight, None if bias is None else d.sum(axis=(0, 2, 3))


def _geometry(
    input: Array,
    weight: Array,
    stride: IntOrPair,
    padding: IntOrPair,
    output_padding: IntOrPair,
    groups: int,
    dilation: IntOrPair,
) -> tuple[Geometry, Pair]:
    """The convolution whose gradient this is (its output is our input), and the size of its input."""
    groups = check_images_and_weight(input, weight, groups)
    steps, dilated = pair("stride", stride, at_least=1), pair("dilation", dilation, at_least=1)
    cut, extra = pair("padding", padding, at_least=0), pair("output_padding", output_padding, at_least=0)
    if weight.shape[1] == 0:
        raise ValueError(f"weight must have at least one filter; got shape {weight.shape}")
    if input.shape[-3] != len(weight):
        raise ValueError(f"input must have {len(weight)} channels for weight {weight.shape}; got shape {input.shape}")
    kernel, places = size(weight), size(input)
    H, W = (conv_transpose_output_size(*axis) for axis in zip(places, kernel, steps, cut, extra, dilated))
    pads = (cut[0], cut[0]), (cut[1], cut[1])
    return Geometry(kernel, steps, dilated, pads, places, groups), (H, W)
