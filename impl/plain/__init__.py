"""The layers as the book explains them: one short file each, to be read. Start with patches and convolution.

Each file stands alone: the formula in its docstring, the shape behind each line that changes it, forward beside
backward. N images, C channels, H rows, W columns; FN filters of FH x FW; an output of OH x OW. x is what a layer
receives, dout the gradient of its output, and dx, dW and db are the gradients that backward makes from it.

There are no checks of arguments, and everything is computed in float64. impl.layers has the same layers with speed,
dtypes and refusals. (The book is "Deep Learning from Scratch" by Koki Saitoh, chapters 5 to 7.)
"""

from .activation import Relu, Sigmoid, Tanh
from .affine import Affine
from .batch_norm import BatchNorm
from .convolution import Convolution
from .dropout import Dropout, InvertedDropout
from .global_pooling import GlobalAveragePooling, GlobalMaxPooling
from .grouped_convolution import DepthwiseConvolution, GroupedConvolution
from .locally_connected import LocallyConnected
from .loss import SoftmaxWithLoss
from .lrn import LRN
from .mean_normalization import MeanNormalization
from .merging import ChannelConcat, ResidualAdd
from .network import SimpleConvNet
from .patches import col2im, im2col
from .pointwise_convolution import PointwiseConvolution
from .pooling import AveragePooling, Pooling
from .shapes import conv_output_size
from .spatial_pyramid_pooling import SpatialPyramidPooling
from .transposed_convolution import TransposedConvolution

__all__ = [
    "LRN",
    "Affine",
    "AveragePooling",
    "BatchNorm",
    "ChannelConcat",
    "Convolution",
    "DepthwiseConvolution",
    "Dropout",
    "GlobalAveragePooling",
    "GlobalMaxPooling",
    "GroupedConvolution",
    "InvertedDropout",
    "LocallyConnected",
    "MeanNormalization",
    "PointwiseConvolution",
    "Pooling",
    "Relu",
    "ResidualAdd",
    "Sigmoid",
    "SimpleConvNet",
    "SoftmaxWithLoss",
    "SpatialPyramidPooling",
    "Tanh",
    "TransposedConvolution",
    "col2im",
    "conv_output_size",
    "im2col",
]
