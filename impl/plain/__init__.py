"""The layers as the book explains them, in short files. Start with shapes, patches and convolution.

Each file can be read by itself. It has the formula in its docstring, the shape in a comment behind each line that
changes it, and forward beside backward. The letters are the book's: N images, C channels, H rows, W columns, FN filters
of FH x FW, and an output of OH x OW. A layer receives x; dout is the gradient of its output; from it, backward makes
the gradients dx, dW and db.

Arguments are not checked, and there is one data type, float64. impl.layers has the same layers with speed, dtypes and
refusals. (The book is "Deep Learning from Scratch" by Koki Saitoh, chapters 5 to 7.)
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
    "LRN", "Affine", "AveragePooling", "BatchNorm", "ChannelConcat", "Convolution", "DepthwiseConvolution", "Dropout",
    "GlobalAveragePooling", "GlobalMaxPooling", "GroupedConvolution", "InvertedDropout", "LocallyConnected",
    "MeanNormalization", "PointwiseConvolution", "Pooling", "Relu", "ResidualAdd", "Sigmoid", "SimpleConvNet",
    "SoftmaxWithLoss", "SpatialPyramidPooling", "Tanh", "TransposedConvolution", "col2im", "conv_output_size", "im2col",
]  # fmt: skip
