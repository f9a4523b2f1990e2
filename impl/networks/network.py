"""A network that works: a Graph with its parameters and layers."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from impl.layers import SoftmaxWithLoss

from .graph import INPUT, Graph, Node
from .initialization import weight_std
from .parameters import load_parameters, save_parameters

Arrays = dict[str, np.ndarray]
NOT_OURS = ("num_batches_tracked", "aux1.", "aux2.")  # in torchvision's files: a counter, and heads for training only


class Network:
    """The network that a graph describes, for images (N, C, H, W) of its size.

    params: every trained array by its name (torchvision's where there is one), in torch's layout; may be written in
    place or replaced at any time. buffers: what is not trained but belongs to the model (running statistics, means).
    rng: where the weights and dropout's masks are drawn from, a Generator or a seed; weight_init_std: a number, "he"
    or "xavier". given: arrays to use as they are, none copied, in place of drawn ones.
    """

    def __init__(
        self,
        graph: Graph,
        *,
        rng: np.random.Generator | int | None = None,
        dtype: type = np.float32,
        weight_init_std: float | str = "he",
        given: Mapping[str, np.ndarray] | None = None,
    ):
        self.graph = graph
        rng = np.random.default_rng(rng)
        given = given or {}
        self.params: Arrays = {}
        for node in graph.nodes:
            for name, shape in ((f"{node.name}.{k}", s) for k, s in graph.parameters_of(node).items()):
                if name in graph.trained:
                    drawn = None if name in given else _drawn(node, name, shape, weight_init_std, rng)
                    self.params[name] = given[name] if drawn is None else drawn.astype(dtype)
        self.buffers: Arrays = {
            name: given[name] if name in given else _start(name, shape).astype(dtype)
            for name, shape in graph.buffers.items()
        }
        self.layers: dict[str, Any] = {node.name: layer_of(node, self._arrays(node)) for node in graph.nodes}
        for layer in self.layers.values():
            if hasattr(layer, "rng"):
                layer.rng = rng
        self.last_layer = SoftmaxWithLoss()

    def activations(self, x: np.ndarray, train_flg: bool = False, keep: Iterable[str] | None = None) -> Arrays:
        """Every block's output by its name, the input among them as "input"; keep: only these (None: all)."""
        wanted = None if keep is None else set(keep)
        last = {name: node.name for node in self.graph.nodes for name in node.inputs}  # who reads it last
        values: Arrays = {INPUT: x}
        for node in self.graph.nodes:
            layer = self._fed(node)
            values[node.name] = run(node, layer, [values[i] for i in node.inputs], train_flg)
            if train_flg:
                self.buffers |= {f"{node.name}.{k}": getattr(layer, k) for k in node.block.buffers if hasattr(layer, k)}
            for name in set(node.inputs):
                if wanted is not None and last[name] == node.name and name not in wanted:
                    del values[name]
        return values

    def forward(self, x: np.ndarray, train_flg: bool = True) -> np.ndarray:
        """Scores before softmax (N, classes)."""
        end = self.graph.nodes[-1].name
        return self.activations(x, train_flg, keep=[end])[end]

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """The gradient for the input of the forward before it; every layer then holds its parameters' gradients."""
        douts = {self.graph.nodes[-1].name: dout}
        for node in reversed(self.graph.nodes):
            if node.name not in douts:
                continue  # nobody reads it
            found = self.layers[node.name].backward(douts.pop(node.name))
            for name, dx in zip(node.inputs, found if isinstance(found, tuple) else (found,)):
                douts[name] = douts[name] + dx if name in douts else dx
        return douts[INPUT]

    def predict(self, x: np.ndarray) -> np.ndarray:
        """x (N, C, H, W) -> scores before softmax (N, classes), as at inference."""
        return self.forward(x, train_flg=False)

    def loss(self, x: np.ndarray, t: np.ndarray) -> float:
        """Mean cross-entropy at inference; t: labels (N,), or one-hot or probabilities (N, classes)."""
        return self.last_layer.forward(self.predict(x), t)

    def accuracy(self, x: np.ndarray, t: np.ndarray, batch_size: int = 100) -> float:
        """Share of x whose largest score is at t's label. Raises ValueError if there is no image."""
        if len(x) == 0 or batch_size < 1:
            raise ValueError(f"accuracy of {len(x)} images in batches of {batch_size}: allowed is 1 or more of each")
        labels = t if t.ndim == 1 else t.argmax(axis=1)
        right = 0
        for i in range(0, len(x), batch_size):
            right += int((self.predict(x[i : i + batch_size]).argmax(axis=1) == labels[i : i + batch_size]).sum())
        return right / len(x)

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
        """Parameters and buffers by name; the arrays themselves, not copies."""
        return self.params | self.buffers

    def load_state_dict(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take all of them (copied, in the network's dtype). Raises ValueError, and nothing has changed, if one lacks,
        is of another shape, or belongs to nothing here."""
        own, given = self.state_dict(), {k: a for k, a in arrays.items() if not not_ours(k)}
        if set(given) != set(own):
            lacking, strange = sorted(set(own) - set(given)), sorted(set(given) - set(own))
            raise ValueError(f"{self.graph.name}: lacking {lacking[:3]}, not of this network {strange[:3]}")
        for name, array in given.items():
            if np.shape(array) != own[name].shape:
                raise ValueError(f"{name} must have shape {own[name].shape}; got {np.shape(array)}")
        self._take({name: np.array(given[name], own[name].dtype) for name in own})

    def save_params(self, file_name: str | Path = "params.safetensors") -> None:
        """Write parameters and buffers as a safetensors file, whole or not at all. Raises OSError."""
        save_parameters(file_name, self.state_dict())

    def load_params(self, file_name: str | Path = "params.safetensors") -> None:
        """Take them from such a file, ours or one converted from torchvision. Raises ParameterFileError."""
        self._take(load_parameters(file_name, self.state_dict(), ignored=not_ours))

    def _take(self, arrays: Arrays) -> None:
        self.params = {name: arrays[name] for name in self.params}
        self.buffers = {name: arrays[name] for name in self.buffers}

    def _arrays(self, node: Node) -> Arrays:
        everything = self.params | self.buffers
        return {k: everything[f"{node.name}.{k}"] for k in self.graph.parameters_of(node)}

    def _fed(self, node: Node) -> Any:
        """The node's layer, with what params and buffers hold now: the caller may have put other arrays there."""
        layer, arrays = self.layers[node.name], self._arrays(node)
        if arrays:
            fresh = layer_of(node, arrays)
            vars(layer).update({k: v for k, v in vars(fresh).items() if isinstance(v, np.ndarray)})
        return layer


def layer_of(node: Node, arrays: Arrays) -> Any:
    """A layer of impl.layers for this node, with these arrays."""
    return node.block.layer(arrays)  # type: ignore[attr-defined]  # every block but Plain itself has it


def run(node: Node, layer: Any, inputs: list[np.ndarray], train_flg: bool) -> np.ndarray:
    """The layer's forward, with train_flg where it has one."""
    return layer.forward(*inputs, train_flg=train_flg) if node.block.trains else layer.forward(*inputs)


def not_ours(name: str) -> bool:
    return name.startswith(NOT_OURS[1:]) or name.endswith(NOT_OURS[0])


def _drawn(node: Node, name: str, shape: tuple[int, ...], rule: float | str, rng: np.random.Generator) -> np.ndarray:
    """A weight of a filter or a neuron: normal; a bias: 0; a weight that is one number a channel: its block's."""
    if name.endswith(".bias"):
        return np.zeros(shape)
    if len(shape) == 1:
        return np.full(shape, node.block.scale)
    return weight_std(rule, node.block.fan_in(shape)) * rng.standard_normal(shape)


def _start(name: str, shape: tuple[int, ...]) -> np.ndarray:
    if name.endswith(".codes"):  # of 1 and -1, always the same: the model must not change when it is made again
        return np.random.default_rng(1998).choice([-1.0, 1.0], shape)
    return np.ones(shape) if name.endswith("running_var") else np.zeros(shape)
