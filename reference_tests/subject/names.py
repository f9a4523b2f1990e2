"""The names that are looked for, and what somebody may have called them."""

import difflib
from collections.abc import Iterable, Mapping

from .source import LoadError

CONTRACT = (
    "conv_output_size",
    "im2col",
    "col2im",
    "Convolution",
    "Pooling",
    "AveragePooling",
    "Relu",
    "Sigmoid",
    "Tanh",
    "Affine",
    "SoftmaxWithLoss",
    "Dropout",
    "LRN",
    "SimpleConvNet",
)
EXTRA_NAMES = (  # beyond the core: examined where they are there
    "GlobalAveragePooling",
    "GlobalMaxPooling",
    "BatchNorm",
    "InvertedDropout",
    "LocallyConnected",
    "GroupedConvolution",
    "DepthwiseConvolution",
    "PointwiseConvolution",
    "TransposedConvolution",
    "SpatialPyramidPooling",
    "ChannelConcat",
    "ResidualAdd",
    "MeanNormalization",
)
NAMES = CONTRACT + EXTRA_NAMES
FREQUENT_NAMES = {  # what they are called elsewhere, in small letters
    "conv_output_size": "output_size out_size conv_out_size calc_output_size conv_outpus_size get_conv_outsize",
    "im2col": "img2col image2col im_to_col im2col_indices unfold",
    "col2im": "col2img col_to_im col2im_indices fold",
    "Convolution": "conv conv2d convlayer convolution2d convolutionlayer conv_layer convolutional",
    "Pooling": "pool maxpool maxpooling maxpool2d maxpooling2d max_pool poollayer poolinglayer pool2d",
    "AveragePooling": "avgpool averagepool avgpooling avgpool2d averagepooling2d avg_pool meanpooling",
    "Relu": "relulayer rectifier reluactivation",
    "Sigmoid": "sigmoidlayer logistic",
    "Tanh": "tanhlayer hyperbolictangent",
    "Affine": "linear dense fullyconnected fc fullyconnectedlayer affinelayer",
    "SoftmaxWithLoss": "softmaxloss softmaxcrossentropy crossentropyloss softmaxwithcrossentropy softmaxlayer",
    "Dropout": "dropoutlayer dropout2d",
    "LRN": "localresponsenorm localresponsenormalization lrnlayer responsenorm",
    "SimpleConvNet": "convnet cnn simplecnn simpleconvnetwork simplenet",
}


def find_likely_names(there: Iterable[str], absent: Iterable[str]) -> dict[str, str]:
    """absent contract name -> the name that is there and looks like it."""
    by_small = {name.lower(): name for name in there if name not in NAMES}
    found: dict[str, str] = {}
    for name in absent:
        usual = [n for n in FREQUENT_NAMES[name].split() if n in by_small]
        close = usual or difflib.get_close_matches(name.lower(), by_small, 1, 0.75)
        if close and by_small[close[0]] not in found.values():
            found[name] = by_small[close[0]]
    return found


def check_maps(maps: Mapping[str, str]) -> None:
    """Raises LoadError for a --map that says nothing."""
    for name, where in maps.items():
        if name not in NAMES:
            close = [c for c in CONTRACT if name.lower() in FREQUENT_NAMES[c].split()]
            close = close or difflib.get_close_matches(name, NAMES, 1, 0.6)
            raise LoadError(f"--map {name}={where}: {name} is not one of {', '.join(NAMES)}{suggestion(close)}.")
        _, _, path = where.rpartition(":")
        if not all(part.isidentifier() for part in path.split(".")):
            raise LoadError(f"--map {name}={where}: should be NAME, my.module:NAME or file.py:NAME.")


def suggestion(close: list[str]) -> str:
    return f" (did you mean {close[0]}?)" if close else ""
