"""What the chapter's notebooks use: layers (the reader's own, ours for the rest), and a CNN's features in an SVM."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from .installation import install_command
from .subject.errors import Missing
from .subject.load import load
from .subject.names import NAMES

Images = tuple[np.ndarray, np.ndarray]  # (N, C, H, W), and their classes (N,)


class Layers(SimpleNamespace):
    """The layers, each name of the contract as an attribute."""

    own: list[str]  # names of the reader's


def layers(impl: str = "impl") -> Layers:
    """Load the reader's layers, add ours for those that are missing, and print which are whose.

    impl: a module, a .py file, a folder or a notebook. Raises LoadError.
    """
    ours = load("impl").names
    own = load(impl).names if impl != "impl" else {}
    own = {name: thing for name, thing in own.items() if not isinstance(thing, Missing)}
    if own:
        print(f"from {impl}: {', '.join(own)}")
        print(f"ours: {', '.join(name for name in NAMES if name in ours and name not in own) or 'nothing'}")
    return Layers(**(ours | own), own=list(own))


def simple_conv_net(my: Layers, **settings: Any) -> Any:
    """Return the reader's SimpleConvNet, or ours made of the reader's layers. dtype is for ours alone."""
    dtype = settings.pop("dtype", np.float32)
    if "SimpleConvNet" in my.own:
        return my.SimpleConvNet(**settings)
    net = my.SimpleConvNet(**settings, dtype=dtype)
    conv, p = net.layers["Conv1"], net.params
    made: dict[str, Callable[[], Any]] = {
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


class ScikitLearnMissing(RuntimeError):
    """scikit-learn is not installed. The message says how to install it."""


def extract_features(network: Any, layer: str, x: np.ndarray, batch: int = 100) -> np.ndarray:
    """Return a layer's output for images (N, C, H, W), as rows (N, D), computed in batches."""
    from impl.networks.inspection import truncate

    forward, _ = truncate(network, layer)
    parts = [forward(x[i : i + batch]) for i in range(0, len(x), batch)]
    return np.concatenate(parts).reshape(len(x), -1)


def svm_accuracy(network: Any, layer: str, train: Images, test: Images, C: float = 10.0) -> float:
    """Return the accuracy on test images of an SVM (RBF kernel) trained on a layer's features, from 0 to 1.

    The kernel is computed here as one matrix product, which is much faster than scikit-learn's own loops.
    C: the weight of errors against a wide margin. Raises ScikitLearnMissing.
    """
    try:
        from sklearn.svm import SVC
    except ModuleNotFoundError:
        raise ScikitLearnMissing(
            f"a support vector machine needs scikit-learn: {install_command('notebook')}"
        ) from None
    known, new = extract_features(network, layer, train[0]), extract_features(network, layer, test[0])
    gamma = 1 / (known.shape[1] * known.var())
    machine = SVC(C=C, kernel="precomputed").fit(_kernel(known, known, gamma), train[1])
    return float((machine.predict(_kernel(new, known, gamma)) == test[1]).mean())


def _kernel(a: np.ndarray, b: np.ndarray, gamma: float) -> np.ndarray:
    """Return exp(-gamma * squared distance) of every row of a (N, D) from every row of b (M, D): (N, M)."""
    squares = (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1) - 2 * a @ b.T
    kernel: np.ndarray = np.exp(-gamma * np.maximum(squares, 0))
    return kernel
