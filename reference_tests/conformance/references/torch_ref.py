"""Every layer and SimpleConvNet in torch.nn.functional, with autograd for the gradients, on any device."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ...subject.protocol import Answer, Question

PARAMS = ("W1", "b1", "W2", "b2", "W3", "b3")  # SimpleConvNet's


# The layers' forwards. Their arguments are named as the arrays and the params of a case are.


def shapes(input_size: int, filter_size: int, stride: int, pad: int) -> Tensor:
    """Return the output size of a convolution of zeros along one axis. The meta device would import SymPy for it."""
    image, filters = torch.zeros(1, 1, input_size), torch.zeros(1, 1, filter_size)
    return torch.tensor(F.conv1d(image, filters, stride=stride, padding=pad).shape[2])


def im2col(input_data: Tensor, filter_h: int, filter_w: int, stride: int, pad: int) -> Tensor:
    """Unfold images (N, C, H, W) into (N*OH*OW, C*FH*FW)."""
    return F.unfold(input_data, (filter_h, filter_w), padding=pad, stride=stride).transpose(1, 2).flatten(0, 1)


def col2im(col: Tensor, input_shape: tuple[int, ...], filter_h: int, filter_w: int, stride: int, pad: int) -> Tensor:
    """Fold a matrix (N*OH*OW, C*FH*FW) into images of input_shape; overlapping places are summed."""
    n, _, h, w = input_shape
    window = (filter_h, filter_w)
    places = F.unfold(col.new_zeros(1, 1, h, w), window, padding=pad, stride=stride).shape[2]
    columns = col.reshape(n, places, col.shape[1]).transpose(1, 2)  # (N, C*FH*FW, OH*OW)
    return F.fold(columns, (h, w), window, padding=pad, stride=stride)


def pooling(x: Tensor, pool_h: int, pool_w: int, stride: int, pad: int) -> Tensor:
    """Pad by hand, because max_pool2d pads by at most half the window."""
    return F.max_pool2d(F.pad(x, (pad,) * 4, value=-torch.inf), (pool_h, pool_w), stride)


def average_pooling(x: Tensor, pool_h: int, pool_w: int, stride: int, pad: int) -> Tensor:
    """Pad by hand, because avg_pool2d pads by at most half the window."""
    return F.avg_pool2d(F.pad(x, (pad,) * 4), (pool_h, pool_w), stride)


def lrn(x: Tensor, n: int, k: float, alpha: float, beta: float) -> Tensor:
    """Multiply alpha by the window, which is 2 (n // 2) + 1 in AlexNet's formula: torch divides alpha by it."""
    window = n // 2 * 2 + 1
    return F.local_response_norm(x, window, alpha * window, beta, k)


def locally_connected(x: Tensor, W: Tensor, b: Tensor, stride: int, pad: int) -> Tensor:
    """Unfold x, then multiply by another W (OH, OW, FN, C, FH, FW) at every place."""
    OH, OW, FN, _, FH, FW = W.shape
    col = F.unfold(x, (FH, FW), padding=pad, stride=stride)  # (N, C*FH*FW, OH*OW)
    out = torch.einsum("nkl,lfk->nfl", col, W.flatten(3).reshape(OH * OW, FN, -1))
    return out.reshape(*out.shape[:2], OH, OW) + b


def spatial_pyramid_pooling(x: Tensor, levels: tuple[int, ...]) -> Tensor:
    """Pool x to n x n for every n of levels, and join the flattened grids."""
    return torch.cat([F.adaptive_max_pool2d(x, n).flatten(1) for n in levels], dim=1)


def mean_normalization(x: Tensor, train: Tensor, per_pixel: bool) -> Tensor:
    """Subtract the mean of the training images, one a pixel or one a channel."""
    return x - train.to(x.dtype).mean(0 if per_pixel else (0, 2, 3), keepdim=True)


FORWARD: dict[str, Callable[..., Tensor]] = {
    "shapes": shapes,
    "im2col": im2col,
    "col2im": col2im,
    "convolution": lambda x, W, b, stride, pad: F.conv2d(x, W, b, stride=stride, padding=pad),
    "pooling": pooling,
    "average_pooling": average_pooling,
    "relu": lambda x: torch.relu(x),
    "sigmoid": lambda x: torch.sigmoid(x),
    "tanh": lambda x: torch.tanh(x),
    "affine": lambda x, W, b: F.linear(x.flatten(1), W.T, b),
    "softmax_with_loss": lambda x, t: F.cross_entropy(x, t.argmax(1) if t.ndim == 2 else t),
    "dropout": lambda x, dropout_ratio, train_flg: x * (1 - dropout_ratio),  # torch scales in training instead
    "lrn": lrn,
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


# From a question to an answer.


def answer(q: Question, device: str = "cpu", kind: str = "float64") -> Answer:
    """Return the output and, if the question has an upstream gradient, the gradients of sum(out * dout)."""
    with exact_on(device):
        leaves = {k: tensor(a, device, None if k in q.op.labels else kind) for k, a in q.arrays.items()}
        moving = [a.requires_grad_(q.dout is not None) for k, a in leaves.items() if k not in q.op.labels]
        out = FORWARD[q.op.component](**leaves, **q.params)
        if q.dout is None or not moving:
            return {"out": numbers(out)}
        (out * tensor(q.dout, device, kind)).sum().backward()  # type: ignore[no-untyped-call]
        # out.backward(dout) would import sympy, which takes 0.3 s
        grads = {f"d{k}": numbers(a.grad) for k, a in leaves.items() if a.grad is not None}
        return {"out": numbers(out), **grads}


def batch_norm(q: Question, device: str = "cpu", kind: str = "float64") -> Answer:
    """Answer as `answer` does, and return the running statistics after the call, too."""
    with exact_on(device):
        given = {k: tensor(a, device, kind) for k, a in q.arrays.items()}
        moving = {k: given[k].requires_grad_(q.dout is not None) for k in ("x", "gamma", "beta")}
        mean, var = given["running_mean"], given["running_var"]  # which torch moves in place
        out = F.batch_norm(
            given["x"], mean, var, given["gamma"], given["beta"], q["train_flg"], q["momentum"], q["eps"]
        )
        found = {"out": out, "running_mean": mean, "running_var": var}
        if q.dout is not None:
            grads = torch.autograd.grad((out * tensor(q.dout, device, kind)).sum(), list(moving.values()))
            found |= {f"d{k}": g for k, g in zip(moving, grads)}
        return {k: numbers(a) for k, a in found.items()}


def simple_conv_net(q: Question, device: str = "cpu", kind: str = "float64") -> Answer:
    """Return the scores, the loss, the accuracy and all gradients; after training steps, the parameters.

    A question with an upstream gradient is about the scores: their gradients alone, without the loss.
    """
    with exact_on(device):
        p = {k: tensor(q[k], device, kind).requires_grad_() for k in PARAMS}
        x, t = tensor(q["x"], device, kind), tensor(q["t"], device)
        if "rate" in q.params:
            return train(q, x, t, p)
        out = scores(x, p, q)
        if q.dout is not None:
            grads = torch.autograd.grad((out * tensor(q.dout, device, kind)).sum(), list(p.values()))
            return {"out": numbers(out), **{f"d{k}": numbers(g) for k, g in zip(p, grads)}}
        labels = t if t.ndim == 1 else t.argmax(1)
        loss = F.cross_entropy(out, labels)
        grads = torch.autograd.grad(loss, list(p.values()))
        found = {"out": out, "loss": loss, "accuracy": (out.argmax(1) == labels).to(out.dtype).mean()}
        found |= p | {f"d{k}": g for k, g in zip(p, grads)}
        return {k: numbers(a) for k, a in found.items()}


def scores(x: Tensor, p: dict[str, Tensor], q: Question) -> Tensor:
    """Return SimpleConvNet's scores (N, classes) of images x (N, C, H, W) with the parameters p."""
    conv = q["conv_param"]
    x = F.relu(F.conv2d(x, p["W1"], p["b1"], stride=conv["stride"], padding=conv["pad"]))
    x = F.max_pool2d(x, 2).flatten(1)
    return F.linear(F.relu(F.linear(x, p["W2"].T, p["b2"])), p["W3"].T, p["b3"])


def train(q: Question, x: Tensor, t: Tensor, p: dict[str, Tensor]) -> Answer:
    """Return the parameters after each step of gradient descent: W1_1, b1_1 ...

    x is (steps, N, C, H, W), t (steps, N).
    """
    found: Answer = {}
    for step in range(len(x)):
        grads = torch.autograd.grad(F.cross_entropy(scores(x[step], p, q), t[step]), list(p.values()))
        p = {k: (a - q["rate"] * g).detach().requires_grad_() for (k, a), g in zip(p.items(), grads)}
        found |= {f"{k}_{step + 1}": numbers(a) for k, a in p.items()}
    return found


# Between NumPy and torch, and between devices.


def tensor(a: np.ndarray, device: str, kind: str | None = None) -> Tensor:
    """Copy an array to a device: torch takes no negative strides, and warns at read-only arrays."""
    return torch.tensor(np.array(a, dtype=kind, order="C"), device=device)


def numbers(a: Tensor) -> np.ndarray:
    """Copy a tensor into a NumPy array, floating-point numbers as float64."""
    return a.detach().to("cpu", torch.float64 if a.is_floating_point() else None).numpy()


@contextmanager
def exact_on(device: str) -> Iterator[None]:
    """Switch TF32 off and make cuDNN deterministic, without its search; run on one thread, as small arrays are.

    Beside another program two threads wait for each other most of the time. The caller's number is put back.
    """
    threads = torch.get_num_threads()
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.set_num_threads(1)
    try:
        with nullcontext() if device == "cpu" else exact_cudnn():
            yield
    finally:
        torch.set_num_threads(threads)


def exact_cudnn() -> AbstractContextManager[None]:
    """Return the context in which cuDNN is exact. Entering it takes longer than a small question on the CPU."""
    return torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False)


def devices(asked: str) -> tuple[str, ...]:
    """Return the torch devices that --device means on this machine; raise ValueError if it has no such device."""
    here = torch.cuda.is_available()
    meant = {"cpu": ("cpu",), "cuda": ("cuda",), "all": ("cpu", "cuda"), "auto": ("cpu", "cuda") if here else ("cpu",)}
    if asked not in meant:
        raise ValueError(f"--device {asked}: there are {', '.join(meant)}")
    if "cuda" in meant[asked] and not here:
        raise ValueError(f"--device {asked}: torch {torch.__version__} sees no CUDA device")
    return meant[asked]


ANSWERS = {**dict.fromkeys(FORWARD, answer), "batch_norm": batch_norm, "simple_conv_net": simple_conv_net}
