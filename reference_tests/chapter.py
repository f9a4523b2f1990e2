"""For the chapter's notebooks: the layers that they use, a reader's own where there are some, ours where not."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from .subject.errors import Missing
from .subject.load import load
from .subject.names import NAMES


class Layers(SimpleNamespace):
    """Each name of the contract as an attribute. own: those that are the reader's."""

    own: list[str]


def layers(impl: str = "impl") -> Layers:
    """impl: a module, a .py file, a folder or a notebook; what it lacks is ours, and this prints whose is what.

    Raises LoadError.
    """
    ours = load("impl").names
    own = load(impl).names if impl != "impl" else {}
    own = {name: thing for name, thing in own.items() if not isinstance(thing, Missing)}
    if own:
        print(f"from {impl}: {', '.join(own)}")
        print(f"ours: {', '.join(name for name in NAMES if name in ours and name not in own) or 'nothing'}")
    return Layers(**(ours | own), own=list(own))


def simple_conv_net(my: Layers, **settings: Any) -> Any:
    """The reader's SimpleConvNet, or ours made of the reader's layers; settings: the class's, dtype for ours alone."""
    dtype = settings.pop("dtype", np.float32)
    if "SimpleConvNet" in my.own:
        return my.SimpleConvNet(**settings)
    net = my.SimpleConvNet(**settings, dtype=dtype)
    conv, p = net.layers["Conv1"], net.params
    made = {
        "Conv1": lambda: my.Convolution(p["W1"], p["b1"], conv.stride, conv.pad),
        "Relu1": lambda: my.Relu(),
        "Pool1": lambda: my.Pooling(2, 2, 2),
        "Affine1": lambda: my.Affine(p["W2"], p["b2"]),
        "Relu2": lambda: my.Relu(),
        "Affine2": lambda: my.Affine(p["W3"], p["b3"]),
    }
    kinds = {"Conv": "Convolution", "Relu": "Relu", "Pool": "Pooling", "Affine": "Affine"}
    for name, make in made.items():
        if kinds[name[:-1]] in my.own:
            net.layers[name] = make()
    if "SoftmaxWithLoss" in my.own:
        net.last_layer = my.SoftmaxWithLoss()
    return net
