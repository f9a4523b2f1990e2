"""SimpleConvNet, the book's section 7.5: conv - relu - pool - affine - relu - affine - softmax."""

import math
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from impl.functional.shapes import check_integer, conv_output_size
from impl.layers import Affine, Convolution, Pooling, Relu, SoftmaxWithLoss

from .initialization import weight_std
from .network import batched_accuracy
from .parameters import load_parameters, save_parameters

CONV_PARAM = {"filter_num": 30, "filter_size": 5, "pad": 0, "stride": 1}
LAYER_NAMES = {"1": "Conv1", "2": "Affine1", "3": "Affine2"}  # W1, b1 belong to Conv1 ...


class SimpleConvNet:
    """A small CNN for images (N, C, H, W) of one size, square or not.

    input_dim: (C, H, W). conv_param: any of filter_num, filter_size, pad, stride. hidden_size, output_size: neurons.
    weight_init_std: standard deviation of the weights, or "he" or "xavier"; biases start at 0.
    rng: the source of the weights, a NumPy Generator or a seed. dtype: of the parameters.
    params: W1 (FN, C, FH, FW), b1 (FN,), W2 (FN*(OH//2)*(OW//2), hidden), b2, W3 (hidden, output), b3; may be written
    in place or replaced at any time. Raises ValueError if the filter does not fit or the stride does not divide.
    """

    def __init__(
        self, input_dim: tuple[int, int, int] = (1, 28, 28), conv_param: Mapping[str, int] = CONV_PARAM,
        hidden_size: int = 100, output_size: int = 10, weight_init_std: float | str = 0.01, *,
        rng: np.random.Generator | int | None = None, dtype: type = np.float64,
    ):  # fmt: skip
        conv = _conv_param(conv_param)
        rng = np.random.default_rng(rng)
        self.params: dict[str, np.ndarray] = {}
        for n, shape in _weight_shapes(input_dim, conv, hidden_size, output_size).items():
            fan_in, outputs = (math.prod(shape[1:]), shape[0]) if n == "1" else shape
            std = weight_std(weight_init_std, fan_in)
            self.params[f"W{n}"] = (std * rng.standard_normal(shape)).astype(dtype)
            self.params[f"b{n}"] = np.zeros(outputs, dtype)

        p = self.params
        self.layers: OrderedDict[str, Any] = OrderedDict(
            Conv1=Convolution(p["W1"], p["b1"], conv["stride"], conv["pad"]),
            Relu1=Relu(),
            Pool1=Pooling(2, 2, 2, rounding="floor"),  # an odd row or column is left out
            Affine1=Affine(p["W2"], p["b2"]),
            Relu2=Relu(),
            Affine2=Affine(p["W3"], p["b3"]),
        )
        self.last_layer = SoftmaxWithLoss()

    def predict(self, x: np.ndarray) -> np.ndarray:
        """x (N, C, H, W) -> scores before softmax (N, output_size)."""
        self._update_layers()
        for layer in self.layers.values():
            x = layer.forward(x)
        return x

    def loss(self, x: np.ndarray, t: np.ndarray) -> float:
        """Mean cross-entropy; t: labels (N,), or one-hot or probabilities (N, output_size)."""
        return self.last_layer.forward(self.predict(x), t)

    def accuracy(self, x: np.ndarray, t: np.ndarray, batch_size: int = 100) -> float:
        """The share of images whose largest score is at t's label; the last batch may be smaller.

        Raises ValueError if there is no image or batch_size is below 1.
        """
        return batched_accuracy(self.predict, x, t, batch_size)

    def gradient(self, x: np.ndarray, t: np.ndarray) -> dict[str, np.ndarray]:
        """Gradients of loss(x, t) by backpropagation, under the names of params; params stay as they are."""
        return self.loss_and_gradient(x, t)[1]

    def loss_and_gradient(self, x: np.ndarray, t: np.ndarray) -> tuple[float, dict[str, np.ndarray]]:
        """loss(x, t) and gradient(x, t) from one forward pass."""
        loss = self.loss(x, t)
        dout = self.last_layer.backward(1)
        first, *others = self.layers.values()
        for layer in reversed(others):
            dout = layer.backward(dout)
        getattr(first, "backward_of_the_first_layer", first.backward)(dout)  # a reader's layer may have backward only
        grads = {}
        for n, name in LAYER_NAMES.items():
            grads[f"W{n}"], grads[f"b{n}"] = self.layers[name].dW, self.layers[name].db
        return loss, grads

    def numerical_gradient(self, x: np.ndarray, t: np.ndarray, h: float = 1e-4) -> dict[str, np.ndarray]:
        """Gradients of loss(x, t) by central differences, a slow check of gradient. Source: the book's section 4.4."""
        grads = {name: np.zeros_like(array) for name, array in self.params.items()}
        for name, array in self.params.items():
            for place in np.ndindex(array.shape):
                value = array[place]
                array[place] = value + h
                above = self.loss(x, t)
                array[place] = value - h
                grads[name][place] = (above - self.loss(x, t)) / (2 * h)
                array[place] = value
        return grads

    def save_params(self, file_name: str | Path = "params.safetensors") -> None:
        """Write params as a safetensors file, whole or not at all. Raises OSError."""
        save_parameters(file_name, self.params)

    def load_params(self, file_name: str | Path = "params.safetensors") -> None:
        """Read params from such a file. Raises ParameterFileError, and changes nothing, if they do not fit."""
        self.params.update(load_parameters(file_name, self.params))
        self._update_layers()

    def _update_layers(self) -> None:
        """Point the layers to the arrays in params, which the caller may have replaced."""
        for n, name in LAYER_NAMES.items():
            self.layers[name].W, self.layers[name].b = self.params[f"W{n}"], self.params[f"b{n}"]


def _conv_param(given: Mapping[str, int]) -> dict[str, int]:
    if unknown := set(given) - set(CONV_PARAM):
        raise ValueError(f"conv_param has no {sorted(unknown)}: allowed are {', '.join(CONV_PARAM)}")
    return CONV_PARAM | dict(given)


def _weight_shapes(
    input_dim: tuple[int, int, int], conv: Mapping[str, int], hidden_size: int, output_size: int
) -> dict[str, tuple[int, ...]]:
    """The shapes of W1, W2 and W3. Raises ValueError and TypeError for sizes that do not fit."""
    if len(input_dim) != 3:
        raise ValueError(f"input_dim={input_dim!r}: allowed is (C, H, W)")
    C, H, W = input_dim
    FN, size = check_integer("filter_num", conv["filter_num"], at_least=1), conv["filter_size"]
    OH, OW = (conv_output_size(length, size, conv["stride"], conv["pad"]) for length in (H, W))
    if min(OH, OW) < 2:
        raise ValueError(f"input_dim={input_dim}: the convolution gives {OH}x{OW}, too small for a 2x2 pooling")
    hidden = check_integer("hidden_size", hidden_size, at_least=1)
    outputs = check_integer("output_size", output_size, at_least=1)
    return {
        "1": (FN, check_integer("input_dim's C", C, at_least=1), size, size),
        "2": (FN * (OH // 2) * (OW // 2), hidden),
        "3": (hidden, outputs),
    }
