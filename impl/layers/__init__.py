"""The book's layers: thin and stateful, forward and backward, over impl.functional."""

from .activation import Relu, Sigmoid, Tanh
from .affine import Affine
from .convolution import Convolution
from .dropout import Dropout
from .lrn import LRN
from .pooling import AveragePooling, Pooling
from .softmax_with_loss import SoftmaxWithLoss

__all__ = [
    "LRN",
    "Affine",
    "AveragePooling",
    "Convolution",
    "Dropout",
    "Pooling",
    "Relu",
    "Sigmoid",
    "SoftmaxWithLoss",
    "Tanh",
]
