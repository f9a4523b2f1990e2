"""A network that computes: a Graph with its parameters and layers."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from impl.layers import SoftmaxWithLoss

from .graph import INPUT, Graph, Node
from .initialization import weight_std
from .parameters import load_parameters, save_parameters

Arrays = dict[str, np.ndarray]
FOREIGN = ("num_batches_tracked", "aux1.", "aux2.")  # torchvision's files also have a counter, and heads for training


class Network:
    """The network that a graph describes, for images (N, C, H, W) of its size.

    params: every trained array by its name (torchvision's if it has the network), in torch's layout; may be written
    in place or replaced at any time. buffers: arrays of the model that are not trained (running statistics, means).
    rng: the source of the weights and of dropout's masks, a Generator or a seed; weight_init_std: a number, "he" or
    "xavier". given: arrays to use in place of drawn ones; they are not copied.
    """

    def __init__(
        self, graph: Graph, *, rng: np.random.Generator | int | None = None, dtype: type = np.float32,
        weight_init_std: float | str = "he", given: Mapping[str, np.ndarray] | None = None,
    ):  # fmt: skip
        self.graph = graph
        rng = np.random.default_rng(rng)
        given = given or {}
        self.params: Arrays = {}
        for node in graph.nodes:
            for name, shape in ((f"{node.name}.{k}", s) for k, s in graph.parameters_of(node).items()):
                if name in graph.trained:
                    drawn = None if name in given else _draw(node, name, shape, weight_init_std, rng)
                    self.params[name] = given[name] if drawn is None else drawn.astype(dtype)
        self.buffers: Arrays = {
            name: given[name] if name in given else _initial_buffer(name, shape).astype(dtype)
            for name, shape in graph.buffers.items()
        }
        self.layers: dict[str, Any] = {node.name: build_layer(node, self._arrays(node)) for node in graph.nodes}
        for layer in self.layers.values():
            if hasattr(layer, "rng"):
                layer.rng = rng
        self.last_layer = SoftmaxWithLoss()

    def activations(self, x: np.ndarray, train_flg: bool = False, keep: Iterable[str] | None = None) -> Arrays:
        """Every layer's output by its name, and the input x (N, C, H, W) as "input"; keep: names, None for all."""
        wanted = None if keep is None else set(keep)
        last = {name: node.name for node in self.graph.nodes for name in node.inputs}  # its last reader
        values: Arrays = {INPUT: x}
        for node in self.graph.nodes:
            layer = self._layer_with_parameters(node)
            values[node.name] = run_layer(node, layer, [values[i] for i in node.inputs], train_flg)
            if train_flg:
                self.buffers |= {f"{node.name}.{k}": getattr(layer, k) for k in node.block.buffers if hasattr(layer, k)}
            for name in set(node.inputs):
                if wanted is not None and last[name] == node.name and name not in wanted:
                    del values[name]
        return values

    def forward(self, x: np.ndarray, train_flg: bool = True) -> np.ndarray:
        """x (N, C, H, W) -> scores before softmax (N, classes)."""
        end = self.graph.nodes[-1].name
        return self.activations(x, train_flg, keep=[end])[end]

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """dout (N, classes) -> the gradient of the last forward's x; every layer then has its gradients."""
        douts = {self.graph.nodes[-1].name: dout}
        for node in reversed(self.graph.nodes):
            if node.name not in douts:
                continue  # no layer reads its output
            dxs = self.layers[node.name].backward(douts.pop(node.name))
            for name, dx in zip(node.inputs, dxs if isinstance(dxs, tuple) else (dxs,)):
                douts[name] = douts[name] + dx if name in douts else dx
        return douts[INPUT]

    def predict(self, x: np.ndarray) -> np.ndarray:
        """x (N, C, H, W) -> scores before softmax (N, classes), as at inference."""
        return self.forward(x, train_flg=False)

    def loss(self, x: np.ndarray, t: np.ndarray) -> float:
        """Mean cross-entropy at inference; t: labels (N,), or one-hot or probabilities (N, classes)."""
        return self.last_layer.forward(self.predict(x), t)

    def accuracy(self, x: np.ndarray, t: np.ndarray, batch_size: int = 100) -> float:
        """The share of images whose largest score is at t's label. Raises ValueError (no image, batch_size below 1)."""
        return batched_accuracy(self.predict, x, t, batch_size)

    def gradient(self, x: np.ndarray, t: np.ndarray) -> Arrays:
        """Gradients of the training loss by backpropagation, under the names of params; params stay as they are."""
        return self.loss_and_gradient(x, t)[1]

    def loss_and_gradient(self, x: np.ndarray, t: np.ndarray) -> tuple[float, Arrays]:
        """The loss in training (dropout drops, batch normalization uses and records the batch) and its gradients."""
        loss = self.last_layer.forward(self.forward(x, train_flg=True), t)
        self.backward(self.last_layer.backward(1))
        grads = {
            f"{node.name}.{k}": a
            for node in self.graph.nodes
            for k, a in node.block.gradients(self.layers[node.name]).items()
        }
        return loss, {name: grads[name] for name in self.params}

    def state_dict(self) -> Arrays:
        """Return parameters and buffers by name; the arrays themselves, not copies."""
        return self.params | self.buffers

    def load_state_dict(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Copy all parameters and buffers from arrays, in the network's dtype.

        Raises ValueError, and changes nothing, if one is missing, has another shape or belongs to no layer.
        """
        own, given = self.state_dict(), {k: a for k, a in arrays.items() if not is_foreign(k)}
        if set(given) != set(own):
            lacking, strange = sorted(set(own) - set(given)), sorted(set(given) - set(own))
            raise ValueError(f"{self.graph.name}: lacking {lacking[:3]}, not of this network {strange[:3]}")
        for name, array in given.items():
            if np.shape(array) != own[name].shape:
                raise ValueError(f"{name} must have shape {own[name].shape}; got {np.shape(array)}")
        self._replace_arrays({name: np.array(given[name], own[name].dtype) for name in own})

    def save_params(self, file_name: str | Path = "params.safetensors") -> None:
        """Write parameters and buffers as a safetensors file, whole or not at all. Raises OSError."""
        save_parameters(file_name, self.state_dict())

    def load_params(self, file_name: str | Path = "params.safetensors") -> None:
        """Read parameters and buffers from a file, also one converted from torchvision. Raises ParameterFileError."""
        self._replace_arrays(load_parameters(file_name, self.state_dict(), ignored=is_foreign))

    def _replace_arrays(self, arrays: Arrays) -> None:
        self.params = {name: arrays[name] for name in self.params}
        self.buffers = {name: arrays[name] for name in self.buffers}

    def _arrays(self, node: Node) -> Arrays:
        everything = self.params | self.buffers
        return {k: everything[f"{node.name}.{k}"] for k in self.graph.parameters_of(node)}

    def _layer_with_parameters(self, node: Node) -> Any:
        """The node's layer with the arrays of params and buffers, which the caller may have replaced."""
        layer, arrays = self.layers[node.name], self._arrays(node)
        if arrays:
            fresh = build_layer(node, arrays)
            vars(layer).update({k: v for k, v in vars(fresh).items() if isinstance(v, np.ndarray)})
        return layer


def build_layer(node: Node, arrays: Arrays) -> Any:
    """Make the node's layer, with these parameters and buffers."""
    return node.block.build(arrays)


def run_layer(node: Node, layer: Any, inputs: list[np.ndarray], train_flg: bool) -> np.ndarray:
    """Run the layer's forward, with train_flg if it takes one."""
    return layer.forward(*inputs, train_flg=train_flg) if node.block.trains else layer.forward(*inputs)


def batched_accuracy(predict: Callable[[np.ndarray], np.ndarray], x: np.ndarray, t: np.ndarray, size: int) -> float:
    """The share of images x (N, C, H, W) whose largest score is at t's label; t: labels (N,) or one-hot (N, classes).

    predict is called with size images at a time. Raises ValueError (no image, size below 1).
    """
    if len(x) == 0 or size < 1:
        raise ValueError(f"accuracy of {len(x)} images in batches of {size}: allowed is 1 or more of each")
    labels = t if t.ndim == 1 else t.argmax(axis=1)
    right = 0
    for i in range(0, len(x), size):
        right += int((predict(x[i : i + size]).argmax(axis=1) == labels[i : i + size]).sum())
    return right / len(x)


def is_foreign(name: str) -> bool:
    """Whether an array of this name belongs to torchvision's file but not to the model."""
    return name.startswith(FOREIGN[1:]) or name.endswith(FOREIGN[0])


def _draw(node: Node, name: str, shape: tuple[int, ...], rule: float | str, rng: np.random.Generator) -> np.ndarray:
    """Weights of filters and neurons are normal, biases 0, and weights of one number for each channel their scale."""
    if name.endswith(".bias"):
        return np.zeros(shape)
    if len(shape) == 1:
        return np.full(shape, node.block.scale)
    return weight_std(rule, node.block.fan_in(shape)) * rng.standard_normal(shape)


def _initial_buffer(name: str, shape: tuple[int, ...]) -> np.ndarray:
    if name.endswith(".codes"):  # of 1 and -1, drawn from a fixed seed: the same model has the same codes
        return np.random.default_rng(1998).choice([-1.0, 1.0], shape)
    return np.ones(shape) if name.endswith("running_var") else np.zeros(shape)
