"""The names that are looked for, other names for the same things, and suggestions for a name that is not there."""

import inspect
from collections.abc import Iterable, Mapping
from typing import Any

from ..suggest import similar_names
from .source import LoadError

CONTRACT = (
    "conv_output_size", "im2col", "col2im", "Convolution", "Pooling", "AveragePooling", "Relu", "Sigmoid", "Tanh",
    "Affine", "SoftmaxWithLoss", "Dropout", "LRN", "SimpleConvNet",
)  # fmt: skip
EXTRA_NAMES = (  # beyond the core: examined if they are there
    "GlobalAveragePooling", "GlobalMaxPooling", "BatchNorm", "InvertedDropout", "LocallyConnected",
    "GroupedConvolution", "DepthwiseConvolution", "PointwiseConvolution", "TransposedConvolution",
    "SpatialPyramidPooling", "ChannelConcat", "ResidualAdd", "MeanNormalization",
)  # fmt: skip
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
ARGUMENTS = {"conv_output_size": 4, "im2col": 5, "col2im": 6}  # what each of the contract's functions is given
SHORT = 4  # letters: of dW and W no name is close to another
CLOSE = 0.75  # difflib's ratio


def find_likely_names(there: Iterable[str], absent: Iterable[str]) -> dict[str, str]:
    """Map absent names of the contract to the target's names that look like them. Each is used once."""
    by_small = {name.lower(): name for name in there if name not in NAMES}
    found: dict[str, str] = {}
    for name in absent:
        frequent = [n for n in FREQUENT_NAMES[name].split() if n in by_small]
        close = frequent or similar_names(name.lower(), by_small, 1, CLOSE)
        if close and by_small[close[0]] not in found.values():
            found[name] = by_small[close[0]]
    return found


def can_stand_for(name: str, thing: Any) -> bool:
    """Return whether a thing takes as many arguments as the contract's function is given; any layer does."""
    if name not in ARGUMENTS or not callable(thing):
        return callable(thing)
    try:
        inspect.signature(thing).bind(*range(ARGUMENTS[name]))
    except TypeError:
        return False
    except ValueError:  # it has no signature
        return True
    return True


def check_maps(maps: Mapping[str, str]) -> None:
    """Raise LoadError for a --map whose name is not looked for or whose place is malformed."""
    for name, where in maps.items():
        if name not in NAMES:
            close = [c for c in CONTRACT if name.lower() in FREQUENT_NAMES[c].split()]
            close = close or similar_names(name, NAMES)
            raise LoadError(f"--map {name}={where}: {name} is not one of {', '.join(NAMES)}{suggestion(close)}.")
        _, _, path = where.rpartition(":")
        if not all(part.isidentifier() for part in path.split(".")):
            raise LoadError(f"--map {name}={where}: should be NAME, my.module:NAME or file.py:NAME.")


def suggestion(close: list[str]) -> str:
    """Return " (did you mean NAME?)" with the first of the names, "" without one."""
    return f" (did you mean {close[0]}?)" if close else ""


def find_close_name(name: str, there: Iterable[str], same: bool = False) -> str:
    """Return the name that differs in capitals and underscores only, else in few letters; "" if there is none.

    same: the name itself counts too.
    """
    names = [n for n in dict.fromkeys(there) if isinstance(n, str) and (same or n != name) and not n.startswith("__")]
    by_normal_form = {normalize(n): n for n in reversed(names)}
    if normalize(name) in by_normal_form:
        return by_normal_form[normalize(name)]
    close = similar_names(normalize(name), by_normal_form, 1, CLOSE) if len(name) > SHORT else []
    return by_normal_form[close[0]] if close else ""


def normalize(name: str) -> str:
    """Return the name in small letters, without underscores: lastLayer and last_layer are the same then."""
    return name.replace("_", "").lower()


def attribute_names(thing: Any) -> list[str]:
    """List the names of the object's attributes (a mapping's keys), then of its classes'. No foreign code is run."""
    if isinstance(thing, Mapping):
        return [str(key) for key in thing]
    own = list(getattr(thing, "__dict__", {}))
    return own + [n for kind in type(thing).__mro__[:-1] for n in vars(kind)]


def suggest_for(error: BaseException) -> str:
    """Return ". Did you mean: 'NAME'?" for an AttributeError or a NameError if a close name is there, else ""."""
    try:
        name = _close_to(error)
    except Exception:  # an object of the submission's that cannot be looked at
        name = ""
    return f". Did you mean: '{name}'?" if name and "Did you mean" not in str(error) else ""


def _close_to(error: BaseException) -> str:
    if isinstance(error, AttributeError) and error.name and error.obj is not None:
        return find_close_name(error.name, attribute_names(error.obj))
    if not (isinstance(error, NameError) and error.name and error.__traceback__):
        return ""
    last = error.__traceback__
    while last.tb_next:
        last = last.tb_next
    local = last.tb_frame.f_locals
    close = find_close_name(error.name, [*local, *last.tb_frame.f_globals])
    if not close and "self" in local:
        of_self = find_close_name(error.name, attribute_names(local["self"]), same=True)
        close = f"self.{of_self}" if of_self else ""
    return close
