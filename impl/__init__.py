"""A convolutional network from scratch: NumPy alone, every layer checked against torch and SciPy."""

from .functional import col2im, conv_output_size, im2col
from .layers import (
    LRN,
    Affine,
    AveragePooling,
    Convolution,
    Dropout,
    Pooling,
    Relu,
    Sigmoid,
    SoftmaxWithLoss,
    Tanh,
)
from .networks import SimpleConvNet

__all__ = [
    "LRN",
    "Affine",
    "AveragePooling",
    "Convolution",
    "Dropout",
    "Pooling",
    "Relu",
    "Sigmoid",
    "SimpleConvNet",
    "SoftmaxWithLoss",
    "Tanh",
    "col2im",
    "conv_output_size",
    "im2col",
]
