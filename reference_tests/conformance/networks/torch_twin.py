"""Twins in torch of the networks of impl: a module a layer, random parameters, the names of impl.networks.

A Twin returns every layer's output and, layer by layer, the gradients, without keeping those of any other. Its
parameters are NumPy views, so that a network under test can share them. Inputs and answers are NumPy arrays.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

Layers = list[tuple[str, nn.Module, tuple[str, ...]]]  # name, module, names of its inputs


class GlobalAverage(nn.Module):
    """Global average pooling: (N, C, H, W) to (N, C)."""

    def forward(self, x: Tensor) -> Tensor:
        return x.mean((2, 3))


class Concat(nn.Module):
    """Concatenation over the channels."""

    def forward(self, *xs: Tensor) -> Tensor:
        return torch.cat(xs, 1)


class Add(nn.Module):
    """Residual addition."""

    def forward(self, x: Tensor, shortcut: Tensor) -> Tensor:
        return x + shortcut


class Pyramid(nn.Module):
    """Spatial pyramid pooling: the largest of each window of n x n grids."""

    def __init__(self, levels: tuple[int, ...]) -> None:
        super().__init__()
        self.levels = levels

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([F.adaptive_max_pool2d(x, n).flatten(1) for n in self.levels], 1)


class ScaledTanh(nn.Module):
    """LeNet-5's activation, 1.7159 tanh(2x/3)."""

    def forward(self, x: Tensor) -> Tensor:
        return 1.7159 * torch.tanh(2 / 3 * x)


class Subsampling(nn.Module):
    """LeNet-5's subsampling: the sum of two by two pixels times a weight plus a bias, one of each a channel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.empty(channels)), nn.Parameter(torch.empty(channels))

    def forward(self, x: Tensor) -> Tensor:
        return 4 * F.avg_pool2d(x, 2) * self.weight[:, None, None] + self.bias[:, None, None]


class PartialConv(nn.Module):
    """LeNet-5's C3: each filter convolves only the channels that its row of the table names."""

    def __init__(self, table: Sequence[tuple[int, ...]], size: int) -> None:
        super().__init__()
        self.table = table
        self.weight = nn.Parameter(torch.empty(sum(map(len, table)), size, size))
        self.bias = nn.Parameter(torch.empty(len(table)))

    def forward(self, x: Tensor) -> Tensor:
        parts = torch.split(self.weight, [len(row) for row in self.table])
        maps = [F.conv2d(x[:, list(row)], w[None]) for row, w in zip(self.table, parts)]
        return torch.cat(maps, 1) + self.bias[:, None, None]


class RBF(nn.Module):
    """LeNet-5's output: minus the squared distance to each class's code."""

    def __init__(self, classes: int, features: int) -> None:
        super().__init__()
        self.codes: Tensor
        self.register_buffer("codes", torch.empty(classes, features))

    def forward(self, x: Tensor) -> Tensor:
        return -((x[:, None] - self.codes) ** 2).sum(2)


class Dense(nn.Linear):
    """A linear layer that flattens its input first."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.flatten(1))


class AlexNetNorm(nn.LocalResponseNorm):
    """LRN with AlexNet's numbers; alpha is 5 times AlexNet's because torch divides it by the window."""

    def __init__(self) -> None:
        super().__init__(5, alpha=5e-4, beta=0.75, k=2.0)


SUMS = (nn.Conv2d, nn.Linear, PartialConv, Subsampling, nn.AvgPool2d, nn.AdaptiveAvgPool2d, GlobalAverage, RBF)


class Twin(nn.Module):
    """A network of torch modules in the order in which they work; the name "input" stands for the image."""

    def __init__(self, build: Callable[[], Layers], seed: int = 0, dtype: str = "float32") -> None:
        super().__init__()
        with torch.device("meta"):  # the numbers are drawn once, below
            layers = build()
        self.order = [(name, inputs) for name, _, inputs in layers]
        self.layers = {name: module for name, module, _ in layers}
        self.parts = nn.Module()
        for name, module in self.layers.items():
            self.attach(name, module)
        self.parts.to(getattr(torch, dtype)).to_empty(device="cpu")
        draw(self.layers.values(), torch.Generator().manual_seed(seed))

    def attach(self, name: str, module: nn.Module) -> None:
        """Put a module at its dotted name below `parts`, so that state_dict has torchvision's names."""
        place, (*path, last) = self.parts, name.split(".")
        for part in path:
            if not hasattr(place, part):
                place.add_module(part, nn.Module())
            place = getattr(place, part)
        place.add_module(last, module)

    def numbers(self) -> dict[str, np.ndarray]:
        """Return parameters and buffers by name: views, not copies. Batch normalization's counters are left out."""
        state = self.parts.state_dict()
        return {k: a.numpy() for k, a in state.items() if not k.endswith("num_batches_tracked")}

    def run(self, x: np.ndarray, train: bool) -> dict[str, np.ndarray]:
        """Return every layer's output, and the input. Dropout does nothing; in training the running statistics move."""
        self.parts.train(train)
        values = {"input": torch.from_numpy(x)}
        with torch.no_grad():
            for name, inputs in self.order:
                module = self.layers[name]
                if isinstance(module, nn.Dropout):
                    module.eval()
                values[name] = module(*(values[i] for i in inputs))
        return {name: a.numpy() for name, a in values.items()}

    def pull(self, name: str, dout: np.ndarray, *inputs: np.ndarray) -> tuple[list[np.ndarray], dict[str, np.ndarray]]:
        """Return one layer's gradients: a list for its inputs, and by name for its parameters."""
        module = self.layers[name]
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 0.0  # the statistics have moved already
        with torch.enable_grad():
            xs = [torch.from_numpy(x).requires_grad_() for x in inputs]
            named = dict(module.named_parameters())
            grads = torch.autograd.grad(module(*xs), [*xs, *named.values()], torch.from_numpy(dout))
        arrays = [g.numpy() for g in grads]
        return arrays[: len(xs)], dict(zip(named, arrays[len(xs) :]))

    def sizes(self, name: str, dout: np.ndarray, *inputs: np.ndarray) -> dict[str, float]:
        """Return the largest sum|a*b| of each answer of a layer that sums products: its answer to absolute values."""
        module = self.layers[name]
        state = {k: a.detach().abs().requires_grad_() for k, a in module.named_parameters()}
        buffers = {k: -a.abs() for k, a in module.named_buffers()}  # RBF subtracts
        with torch.enable_grad():
            xs = [torch.from_numpy(x).abs().requires_grad_() for x in inputs]
            out = torch.func.functional_call(module, {**state, **buffers}, tuple(xs))
            grads = torch.autograd.grad(out, [*xs, *state.values()], torch.from_numpy(dout).abs())
        names = ["out", *(f"dx{k}" for k in range(len(xs))), *(f"d{k}" for k in state)]
        return {what: float(a.detach().abs().max()) for what, a in zip(names, (out, *grads))}

    def terms(self, name: str, x: tuple[int, ...], out: tuple[int, ...]) -> dict[str, int]:
        """Count the products that are summed in one number of each answer."""
        module = self.layers[name]
        places = out[0] * int(np.prod(out[2:]))
        if isinstance(module, nn.Conv2d):
            weight = module.weight.shape
            return {"out": weight[1:].numel() + 1, "dx0": weight.numel() * module.groups // x[1], "other": places}
        if isinstance(module, nn.Linear):
            return {"out": module.in_features + 1, "dx0": module.out_features, "other": out[0]}
        if isinstance(module, PartialConv):
            return {"out": x[1] * module.weight[0].numel() + 1, "dx0": module.weight.numel(), "other": places}
        if isinstance(module, RBF):
            return {"out": x[1] + 3, "dx0": out[1] + 3, "other": 1}
        area = int(np.prod(x[2:])) // max(1, int(np.prod(out[2:]))) + 1
        return {"out": area + 9, "dx0": 9, "other": places + 9}

    def kind(self, name: str) -> tuple[str, dict[str, Any]]:
        """Return the component that judges this layer, and its settings; "sum" if the layer sums products."""
        module = self.layers[name]
        if isinstance(module, SUMS):
            return "sum", {}
        return next((what, settings(module)) for type_, what, settings in KINDS if isinstance(module, type_))


def window(m: nn.MaxPool2d) -> dict[str, Any]:
    """Return a pooling's settings under our names."""
    return {"pool_h": m.kernel_size, "pool_w": m.kernel_size, "stride": m.stride, "pad": m.padding}


KINDS: tuple[tuple[type, str, Callable[[Any], dict[str, Any]]], ...] = (
    (nn.ReLU, "relu", lambda m: {}),
    (nn.Tanh, "tanh", lambda m: {}),
    (ScaledTanh, "tanh", lambda m: {"largest": 1.7159}),
    (nn.MaxPool2d, "pooling", window),
    (nn.LocalResponseNorm, "lrn", lambda m: {"n": m.size, "k": m.k, "alpha": m.alpha / m.size, "beta": m.beta}),
    (nn.BatchNorm2d, "batch_norm", lambda m: {"momentum": m.momentum, "eps": m.eps}),
    (nn.Dropout, "copy", lambda m: {}),
    (Concat, "channel_concat", lambda m: {}),
    (Add, "residual_add", lambda m: {}),
    (Pyramid, "spatial_pyramid_pooling", lambda m: {"levels": m.levels}),
)


def draw(modules: Iterable[nn.Module], generator: torch.Generator) -> None:
    """Draw weights by He's rule, all else far from its usual start, so that a forgotten parameter shows."""
    for module in modules:
        for name, a in [*module.named_parameters(), *module.named_buffers()]:
            with torch.no_grad():
                if name == "running_var" or (name == "weight" and a.ndim == 1):
                    a.uniform_(0.5, 1.5, generator=generator)
                elif name == "weight":
                    a.normal_(0, (2 / a[0].numel()) ** 0.5, generator=generator)
                elif name == "codes":
                    a.bernoulli_(0.5, generator=generator).mul_(2).sub_(1)
                elif name in ("bias", "running_mean"):
                    a.normal_(0, 0.1, generator=generator)


def loss(scores: np.ndarray, t: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the mean cross-entropy of scores (N, classes) for labels t (N,), and its gradient."""
    x = torch.from_numpy(scores).requires_grad_()
    value = F.cross_entropy(x, torch.from_numpy(t))
    (dx,) = torch.autograd.grad(value, x)
    return value.item(), dx.numpy()
