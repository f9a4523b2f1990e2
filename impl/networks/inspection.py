"""Inspection of a network: every layer's output, and the image that a unit responds to most.

For a Network, and for any network like the book's, whose layers are a dict or list in the order of the computation.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .graph import Graph
from .network import Network

MAX_NAMES = 30  # in an error
Function = Callable[[np.ndarray], np.ndarray]


def layers_of(network: Any) -> dict[str, Any]:
    """The layers by name, in order. Raises ValueError if the network has none."""
    layers = getattr(network, "layers", None)
    if not layers:
        raise ValueError(f"{type(network).__name__} has no layers: allowed is a dict or list of them, in order")
    return dict(layers) if hasattr(layers, "items") else {f"layer{n}": layer for n, layer in enumerate(layers, 1)}


def activations(network: Any, x: np.ndarray) -> dict[str, np.ndarray]:
    """Every layer's output at inference for x (N, C, H, W), by the layer's name."""
    if hasattr(network, "activations"):
        outputs = dict(network.activations(x))
        return {name: outputs[name] for name in layers_of(network)}
    network.predict(x[:1])  # a network may pass its parameters to its layers only here
    outputs = {}
    for name, layer in layers_of(network).items():
        x = outputs[name] = layer.forward(x)
    return outputs


def truncate(network: Any, last: str) -> tuple[Function, Function]:
    """Return (forward, backward) of the network up to the layer of that name; backward returns the input's gradient.

    Raises ValueError if the network has no such layer.
    """
    layers = layers_of(network)
    if last not in layers:
        more = f" ... ({len(layers)} in all)" if len(layers) > MAX_NAMES else ""
        raise ValueError(f"layer={last!r}: allowed is one of {', '.join(list(layers)[:MAX_NAMES])}{more}")
    if isinstance(network, Network):
        cut = Graph(network.graph.name, network.graph.input_dim)
        for node in network.graph.nodes[: list(layers).index(last) + 1]:
            cut.add(node.name, node.block, *node.inputs)
        part = Network(cut, given=network.state_dict())
        return part.predict, part.backward

    def forward(x: np.ndarray) -> np.ndarray:
        return activations(network, x)[last]

    def backward(dout: np.ndarray) -> np.ndarray:
        for layer in reversed(list(layers.values())[: list(layers).index(last) + 1]):
            dout = layer.backward(dout)
        return dout

    return forward, backward


@dataclass(frozen=True)
class Maximized:
    """An image that a unit responds to, and its response before the first step and after each."""

    image: np.ndarray  # (C, H, W), 0 to 1
    responses: list[float]
    place: tuple[int, ...]  # of the unit in its layer's output


def maximize(
    network: Any, layer: str, unit: int, input_dim: tuple[int, ...] = (1, 28, 28), steps: int = 60, size: float = 0.5,
    smooth: int = 0, rng: np.random.Generator | int = 0,
) -> Maximized:  # fmt: skip
    """Find the image that a unit responds to most, by gradient ascent from faint noise, each pixel from 0 to 1.

    unit: the channel (its middle place) or the neuron. size: length of a step; it falls evenly to 0.
    smooth: how often each gradient is averaged over 3x3 pixels; without that the strongest image looks like noise.
    Raises ValueError for an unknown layer or unit. Source: Erhan, Bengio, Courville, Vincent 2009.
    """
    forward, backward = truncate(network, layer)
    x = (0.5 + 0.01 * np.random.default_rng(rng).standard_normal((1, *input_dim))).astype(np.float32)
    shape = forward(x).shape[1:]
    if not 0 <= unit < shape[0]:
        raise ValueError(f"unit={unit!r}: allowed is 0 to {shape[0] - 1}, {layer} has no more")
    place = (unit, *(side // 2 for side in shape[1:]))
    responses = []
    for step in range(steps + 1):
        out = forward(x)
        responses.append(float(out[0][place]))
        if step == steps:
            break
        dout = np.zeros_like(out)
        dout[0][place] = 1
        dx = backward(dout).reshape(x.shape)
        for _ in range(smooth):
            dx = _average(dx)
        length = np.sqrt((dx * dx).sum())
        if length == 0:  # a ReLU before it is 0 everywhere: a little noise may change that
            dx, length = np.random.default_rng(step).standard_normal(x.shape), np.sqrt(x.size)
        x = np.clip(x + size * (1 - step / steps) * dx / length, 0, 1).astype(np.float32)
    return Maximized(x[0], responses, place)


def _average(x: np.ndarray) -> np.ndarray:
    """Replace each pixel by the mean of the 3x3 pixels around it."""
    padded = np.pad(x, [(0, 0), (0, 0), (1, 1), (1, 1)])
    return np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3)).mean(axis=(4, 5))  # (N, C, H, W)
