"""The layers' arithmetic as pure functions on NumPy arrays, with torch.nn.functional's names, arguments and meaning.

Every f has an f_backward: it takes the upstream gradient and f's arguments, and returns the gradients.
"""

# ruff: noqa: F401
from .activation import (
    log_softmax,
    log_softmax_backward,
    relu,
    relu_backward,
    sigmoid,
    sigmoid_backward,
    softmax,
    softmax_backward,
    tanh,
    tanh_backward,
)
from .adaptive_pooling import (
    adaptive_avg_pool2d,
    adaptive_avg_pool2d_backward,
    adaptive_max_pool2d,
    adaptive_max_pool2d_backward,
    spatial_pyramid_pool2d,
    spatial_pyramid_pool2d_backward,
)
from .convolution import conv2d, conv2d_backward, conv_transpose2d, conv_transpose2d_backward
from .dropout import dropout, dropout_backward, dropout_mask
from .linear import linear, linear_backward
from .locally_connected import locally_connected2d, locally_connected2d_backward
from .loss import cross_entropy, cross_entropy_backward
from .normalization import batch_norm, batch_norm_backward, local_response_norm, local_response_norm_backward
from .patches import col2im, fold, fold_backward, im2col, unfold, unfold_backward
from .pooling import avg_pool2d, avg_pool2d_backward, max_pool2d, max_pool2d_backward
from .shapes import conv_output_size, conv_transpose_output_size
