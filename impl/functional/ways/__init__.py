"""The ways of computing one convolution. Each is a module of three functions over (N, C, H, W) arrays:

output(x, weight, bias, geometry) -> (N, FN, OH, OW)
input_gradient(dout, weight, shape, geometry) -> dx of the given shape
weight_gradient(x, dout, geometry) -> dW (FN, C/groups, FH, FW), db (FN,)
"""

from types import ModuleType

from ..shapes import Pair
from . import direct, pointwise, side_by_side
from .geometry import Geometry

__all__ = ["Geometry", "choose"]


def choose(geometry: Geometry, size: Pair) -> ModuleType:
    """The quickest way that can do it for images of this size (height, width)."""
    if pointwise.can(geometry, size):
        return pointwise
    return side_by_side if side_by_side.can(geometry) else direct
