"""The layers beyond the core in torch: the same machinery as torch_ref."""

from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F

from ...subject.protocol import Answer, Question
from . import torch_ref
from .torch_ref import answer, exact_on, tensor


def locally_connected(x, W, b, stride, pad):
    """unfold, then at every place a product of its own."""
    OH, OW, FN, *window = W.shape
    col = F.unfold(x, tuple(window[1:]), padding=pad, stride=stride)  # (N, K, OH*OW)
    out = torch.einsum("nkl,lfk->nfl", col, W.flatten(3).reshape(OH * OW, FN, -1))
    return out.unflatten(2, (OH, OW)) + b


def spatial_pyramid_pooling(x, levels):
    return torch.cat([F.adaptive_max_pool2d(x, n).flatten(1) for n in levels], dim=1)


def mean_normalization(x, train, per_pixel):
    return x - train.mean(0 if per_pixel else (0, 2, 3), keepdim=True)


FORWARD: dict[str, Callable[..., torch.Tensor]] = {
    "global_average_pooling": lambda x: F.avg_pool2d(x, tuple(x.shape[2:])).flatten(1),
    "global_max_pooling": lambda x: F.max_pool2d(x, tuple(x.shape[2:])).flatten(1),
    "inverted_dropout": lambda x, dropout_ratio, train_flg: F.dropout(x, dropout_ratio, train_flg),
    "locally_connected": locally_connected,
    "grouped_convolution": lambda x, W, b, stride, pad, groups: F.conv2d(x, W, b, stride, pad, groups=groups),
    "depthwise_convolution": lambda x, W, b, stride, pad: F.conv2d(x, W, b, stride, pad, groups=x.shape[1]),
    "pointwise_convolution": lambda x, W, b: F.conv2d(x, W, b),
    "transposed_convolution": lambda x, W, b, stride, pad: F.conv_transpose2d(x, W, b, stride, pad),
    "spatial_pyramid_pooling": spatial_pyramid_pooling,
    "channel_concat": lambda x1, x2, x3: torch.cat([x1, x2, x3], dim=1),
    "residual_add": lambda x, shortcut: x + shortcut,
    "mean_normalization": mean_normalization,
}


def batch_norm(q: Question, device: str = "cpu", kind: str = "float64") -> Answer:
    """Also the running statistics after it; they are buffers and have no gradient."""
    with exact_on(device):
        given = {k: tensor(a, device, kind) for k, a in q.arrays.items()}
        moving = {k: given[k].requires_grad_(q.dout is not None) for k in ("x", "gamma", "beta")}
        running = (given["running_mean"], given["running_var"])
        out = F.batch_norm(given["x"], *running, given["gamma"], given["beta"], q["train_flg"], q["momentum"], q["eps"])
        found = {"out": out, "running_mean": running[0], "running_var": running[1]}
        if q.dout is not None:
            grads = torch.autograd.grad((out * tensor(q.dout, device, kind)).sum(), list(moving.values()))
            found |= {f"d{k}": g for k, g in zip(moving, grads)}
        return {k: torch_ref.numbers(a) for k, a in found.items()}


ANSWERS = {name: partial(answer, forward=f) for name, f in FORWARD.items()} | {"batch_norm": batch_norm}
