"""Networks in torch, a module a layer: twins with random parameters, for the names and sizes of impl.networks.

A Twin tells every layer's output, and layer by layer the gradients, without keeping those of any other. Its parameters
are handed out as NumPy views, so that a network under test can share them. Inputs and answers are NumPy arrays.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

Named = list[tuple[str, nn.Module, tuple[str, ...]]]


class GlobalAverage(nn.Module):
    def forward(self, x):
        return x.mean((2, 3))


class Concat(nn.Module):
    def forward(self, *xs):
        return torch.cat(xs, 1)


class Add(nn.Module):
    def forward(self, x, shortcut):
        return x + shortcut


class Pyramid(nn.Module):
    def __init__(self, levels):
        super().__init__()
        self.levels = levels

    def forward(self, x):
        return torch.cat([F.adaptive_max_pool2d(x, n).flatten(1) for n in self.levels], 1)


class ScaledTanh(nn.Module):
    def forward(self, x):
        return 1.7159 * torch.tanh(2 / 3 * x)


class Subsampling(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.empty(channels)), nn.Parameter(torch.empty(channels))

    def forward(self, x):
        return 4 * F.avg_pool2d(x, 2) * self.weight[:, None, None] + self.bias[:, None, None]


class PartialConv(nn.Module):
    """Each filter a convolution of its own, over the channels that its row of the table names."""

    def __init__(self, table, size):
        super().__init__()
        self.table = table
        self.weight = nn.Parameter(torch.empty(sum(map(len, table)), size, size))
        self.bias = nn.Parameter(torch.empty(len(table)))

    def forward(self, x):
        parts = self.weight.split([len(row) for row in self.table])
        maps = [F.conv2d(x[:, list(row)], w[None]) for row, w in zip(self.table, parts)]
        return torch.cat(maps, 1) + self.bias[:, None, None]


class RBF(nn.Module):
    def __init__(self, classes, features):
        super().__init__()
        self.register_buffer("codes", torch.empty(classes, features))

    def forward(self, x):
        return -((x[:, None] - self.codes) ** 2).sum(2)


class Dense(nn.Linear):
    """Flattens what comes in."""

    def forward(self, x):
        return super().forward(x.flatten(1))


class AlexNetNorm(nn.LocalResponseNorm):
    """AlexNet's numbers; torch divides alpha by the window."""

    def __init__(self):
        super().__init__(5, alpha=5e-4, beta=0.75, k=2.0)


SUMS = (nn.Conv2d, nn.Linear, PartialConv, Subsampling, nn.AvgPool2d, nn.AdaptiveAvgPool2d, GlobalAverage, RBF)


class Twin(nn.Module):
    """build gives (name, module, names of its inputs), in the order in which they work; "input" is the image."""

    def __init__(self, build: Callable[[], Named], seed: int = 0, dtype: str = "float32") -> None:
        super().__init__()
        with torch.device("meta"):  # the numbers are drawn once, below
            layers = build()
        self.order = [(name, inputs) for name, _, inputs in layers]
        self.layers = {name: module for name, module, _ in layers}
        self.parts = nn.Module()
        for name, module in self.layers.items():
            place, (*path, last) = self.parts, name.split(".")
            for part in path:
                if not hasattr(place, part):
                    place.add_module(part, nn.Module())
                place = getattr(place, part)
            place.add_module(last, module)
        self.parts.to(getattr(torch, dtype)).to_empty(device="cpu")
        draw(self.layers.values(), torch.Generator().manual_seed(seed))

    def numbers(self) -> dict[str, np.ndarray]:
        """Parameters and buffers by name: views, not copies. torchvision's counters are left out."""
        state = self.parts.state_dict()
        return {k: a.numpy() for k, a in state.items() if not k.endswith("num_batches_tracked")}

    def run(self, x: np.ndarray, train: bool) -> dict[str, np.ndarray]:
        """Every layer's output, the input among them. Dropout does nothing; in training batch norms move."""
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
        """One layer's gradients: for its inputs, and by name for its parameters."""
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
        """The largest sum|a*b| of each answer of a sum of products: its answer to the sizes of all numbers."""
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
        """How many products come together in one number of each answer."""
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
        """What judges this layer, and its settings; "sum" where it is a sum of products."""
        module = self.layers[name]
        if isinstance(module, SUMS):
            return "sum", {}
        return next((what, settings(module)) for type_, what, settings in KINDS if isinstance(module, type_))


def window(m: nn.MaxPool2d) -> dict[str, Any]:
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


def draw(modules, generator: torch.Generator) -> None:
    """He's rule for weights; everything else far enough from its usual start to be missed when it is forgotten."""
    for module in modules:
        for name, a in [*module.named_parameters(), *module.named_buffers()]:
            with torch.no_grad():
                if name in ("running_var",) or (name == "weight" and a.ndim == 1):
                    a.uniform_(0.5, 1.5, generator=generator)
                elif name == "weight":
                    a.normal_(0, (2 / a[0].numel()) ** 0.5, generator=generator)
                elif name == "codes":
                    a.bernoulli_(0.5, generator=generator).mul_(2).sub_(1)
                elif name in ("bias", "running_mean"):
                    a.normal_(0, 0.1, generator=generator)


def loss(scores: np.ndarray, t: np.ndarray) -> tuple[float, np.ndarray]:
    """Mean cross-entropy, and its gradient."""
    x = torch.from_numpy(scores).requires_grad_()
    value = F.cross_entropy(x, torch.from_numpy(t))
    (dx,) = torch.autograd.grad(value, x)
    return value.item(), dx.numpy()
