"""Networks made of impl.layers."""

from .parameters import ParameterFileError
from .simple_conv_net import SimpleConvNet

__all__ = ["ParameterFileError", "SimpleConvNet"]
