"""A convolutional network from scratch, in NumPy only; every layer is checked against torch and SciPy."""

from . import layers
from .functional import col2im, conv_output_size, im2col
from .layers import *  # noqa: F403
from .networks import SimpleConvNet

__all__ = [*layers.__all__, "SimpleConvNet", "col2im", "conv_output_size", "im2col"]
