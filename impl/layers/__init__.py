"""The layers of the book and beyond. Plain edition, to be read first: impl/plain; here: speed, dtypes, refusals.

They hold the parameters and what backward needs; the arithmetic is in impl.functional.
"""

from .activation import Relu, Sigmoid, Tanh
from .affine import Affine
from .batch_norm import BatchNorm
from .convolution import Convolution
from .dropout import Dropout, InvertedDropout
from .global_pooling import AdaptiveAveragePooling, GlobalAveragePooling, GlobalMaxPooling
from .grouped_convolution import DepthwiseConvolution, GroupedConvolution, PointwiseConvolution
from .lenet import RBF, PartialConvolution, ScaledTanh, Subsampling
from .locally_connected import LocallyConnected
from .lrn import LRN
from .mean_normalization import MeanNormalization
from .merging import ChannelConcat, ResidualAdd
from .pooling import AveragePooling, Pooling
from .softmax_with_loss import SoftmaxWithLoss
from .spatial_pyramid_pooling import SpatialPyramidPooling
from .transposed_convolution import TransposedConvolution

__all__ = [
    "LRN", "RBF", "AdaptiveAveragePooling", "Affine", "AveragePooling", "BatchNorm", "ChannelConcat", "Convolution",
    "DepthwiseConvolution", "Dropout", "GlobalAveragePooling", "GlobalMaxPooling", "GroupedConvolution",
    "InvertedDropout", "LocallyConnected", "MeanNormalization", "PartialConvolution", "PointwiseConvolution", "Pooling",
    "Relu", "ResidualAdd", "ScaledTanh", "Sigmoid", "SoftmaxWithLoss", "SpatialPyramidPooling", "Subsampling", "Tanh",
    "TransposedConvolution",
]  # fmt: skip
