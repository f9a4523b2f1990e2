"""PyTorch's answers by its layers (torch.nn) and optimizers (torch.optim): a row for each question."""

from typing import Any

import numpy as np
import torch
from torch import nn
from torch_probe import about, array, tensor  # noqa: F401

ABSENT = {"*": "a function: see torch"}


def conv(x: np.ndarray, w: np.ndarray, b: np.ndarray | None = None, **how: Any) -> Any:
    """Return the output of a Conv2d layer with these weights."""
    layer = nn.Conv2d(x.shape[-3], len(w), w.shape[2:], bias=b is not None, **how)
    layer.weight = nn.Parameter(tensor(w), requires_grad=False)
    if b is not None:
        layer.bias = nn.Parameter(tensor(b), requires_grad=False)
    return array(layer(tensor(x)))


def layer_output(layer: Any, x: np.ndarray) -> Any:
    """Return what a new layer makes of x."""
    return array(layer(tensor(x)))


def moved(optimizer: Any, gradients: Any, begin: float = 0.0, rates: Any = (), **how: Any) -> list[float]:
    """Return how far a weight has moved after each step with these gradients."""
    w = torch.nn.Parameter(torch.tensor([begin], dtype=torch.float64))
    steps = optimizer([w], **how)
    path = []
    for i, g in enumerate(gradients):
        if rates:
            steps.param_groups[0]["lr"] = rates[i]
        w.grad = torch.tensor([g], dtype=torch.float64)
        steps.step()
        path.append(begin - float(w))
    return path


def clipped() -> Any:
    """Return two gradients, 3 and 4, after clipping by norm 1."""
    both = [torch.nn.Parameter(torch.zeros(1)) for _ in range(2)]
    for w, g in zip(both, (3.0, 4.0)):
        w.grad = torch.tensor([g])
    torch.nn.utils.clip_grad_norm_(both, 1.0)
    return [float(w.grad) for w in both if w.grad is not None]


def new_weights(layer: Any, name: str = "weight") -> Any:
    """Return the weights of a new layer."""
    return array(getattr(layer, name))


PROBES = {
    # sizes
    "S02": lambda x, k, s: layer_output(nn.MaxPool2d(k, s), x),
    "S03": lambda x, k, s: layer_output(nn.MaxPool2d(k, s, ceil_mode=True), x),
    "S05": lambda x, w: conv(x, w, padding="same"),
    "S06": lambda x, w, s: conv(x, w, stride=s, padding="same"),
    "S10": lambda x, w, s: conv(x, w, stride=s),
    "S11": lambda x, k, s: layer_output(nn.MaxPool2d(k, s), x),
    "S16": lambda x, k: layer_output(nn.MaxPool2d(k), x),
    "S19": lambda x, w: conv(x, w, padding=((1, 0), (1, 0))),
    "C20": lambda: new_weights(nn.Conv2d(3, 2, (5, 4))).shape,
    "C23": lambda: new_weights(nn.Conv2d(2, 6, (5, 4), groups=2)).shape,
    "T01": lambda: new_weights(nn.ConvTranspose2d(2, 3, (5, 4))).shape,
    # pooling
    "P02": lambda x, k, p: layer_output(nn.AvgPool2d(k, 1, p), x)[0, 0, 0, 0],
    "P03": lambda x, k, s: layer_output(nn.AvgPool2d(k, s, ceil_mode=True), x)[0, 0, 1, 1],
    "P15": lambda x, size: layer_output(nn.AdaptiveAvgPool2d((1, size)), x),
    # activations, loss
    "A07": lambda x: layer_output(nn.Softmax(), x),
    "A08": lambda x: layer_output(nn.GELU(), x),
    "A09": lambda x: -layer_output(nn.LeakyReLU(), x),
    "L12": lambda p, t: array(nn.BCELoss()(tensor(p), tensor(t))),
    "L13": lambda x, t: array(nn.MSELoss()(tensor(x), tensor(t))),
    "L14": lambda q, p: array(nn.KLDivLoss()(torch.log(tensor(q)), tensor(p))),
    # normalization, dropout
    "D05": lambda x: bool((layer_output(nn.Dropout(), x) == 0).any()),
    "B01": lambda: nn.BatchNorm2d(1).eps,
    "B07": lambda x: new_weights(nn.BatchNorm2d(x.shape[1])).shape,
    "N04": lambda: nn.LayerNorm(2).eps,
    "N05": lambda: nn.GroupNorm(1, 2).eps,
    # fully connected, layers called bare
    "F01": lambda x: layer_output(nn.Flatten(), x).ravel(),
    "F02": lambda: new_weights(nn.Linear(3, 5)).shape,
    "F03": lambda x: layer_output(nn.Linear(4, 5), x).shape,
    "F04": lambda x: layer_output(nn.Flatten(), x).shape,
    "E01": lambda x: layer_output(nn.BatchNorm2d(1), x).max(),
    "E02": lambda x: bool((layer_output(nn.Dropout(), x) == 0).any()),
    "E03": lambda x: -layer_output(nn.PReLU(), x),
    "E04": lambda x: new_weights(nn.PReLU()).shape,
    # initial weights
    "W01": lambda channels, filters: new_weights(nn.Conv2d(channels, filters, 3)).max() * (9 * channels) ** 0.5,
    "W02": lambda: new_weights(nn.Conv2d(16, 16, 3), "bias")[:3],
    "W03": lambda inputs, outputs: abs(new_weights(nn.Linear(inputs, outputs))).max() * inputs**0.5,
    # optimizers
    "O01": lambda then: moved(torch.optim.SGD, (1.0, 0.0), rates=(1.0, then), momentum=0.9, lr=1.0)[-1],
    "O02": lambda g: moved(torch.optim.RMSprop, (g,), lr=1.0)[0],
    "O03": lambda g: moved(torch.optim.Adam, (g,), lr=1.0)[0],
    "O04": lambda: torch.optim.AdamW([torch.zeros(1)]).defaults["weight_decay"],
    "O05": lambda decay: moved(torch.optim.Adam, (0.0,), begin=1.0, lr=0.01, weight_decay=decay)[0] * 100,
    "O06": lambda: np.diff(moved(torch.optim.Adam, (1.0, 0.0, 0.0), lr=1.0, betas=(0.9, 0.5), amsgrad=True))[-1],
    "O07": lambda g: moved(torch.optim.Adagrad, (g,), lr=1.0)[0],
    "O08": clipped,
    "O09": lambda: torch.optim.SGD([torch.zeros(1)]).defaults["lr"],
    "O10": lambda: 1 - moved(torch.optim.SGD, (0.0, 0.0), begin=1.0, lr=0.1, momentum=0.9, weight_decay=0.1)[-1],
    "O11": lambda: moved(torch.optim.SGD, (1.0, 1.0), lr=1.0, momentum=0.9, nesterov=True)[-1],
}
