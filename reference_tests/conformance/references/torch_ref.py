"""torch.nn.functional with autograd, on any device."""

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F

from ...subject.protocol import Answer, Question


def shapes(input_size, filter_size, stride, pad):  # on torch's device of shapes alone
    one = torch.zeros(1, 1, input_size, 1, device="meta")
    return torch.tensor(F.conv2d(one, one.new_zeros(1, 1, filter_size, 1), stride=stride, padding=(pad, 0)).shape[2])


def im2col(input_data, filter_h, filter_w, stride, pad):
    return F.unfold(input_data, (filter_h, filter_w), padding=pad, stride=stride).transpose(1, 2).flatten(0, 1)


def col2im(col, input_shape, filter_h, filter_w, stride, pad):
    n, _, *size = input_shape
    how = {"kernel_size": (filter_h, filter_w), "padding": pad, "stride": stride}
    places = F.unfold(col.new_zeros(1, 1, *size), **how).shape[2]
    return F.fold(col.unflatten(0, (n, places)).transpose(1, 2), size, **how)  # from (N, C*FH*FW, OH*OW)


def pooling(x, pool_h, pool_w, stride, pad):  # F pads by at most half the window: pad ourselves
    return F.max_pool2d(F.pad(x, (pad,) * 4, value=-torch.inf), (pool_h, pool_w), stride)


def average_pooling(x, pool_h, pool_w, stride, pad):
    return F.avg_pool2d(F.pad(x, (pad,) * 4), (pool_h, pool_w), stride)


def lrn(x, n, k, alpha, beta):  # F divides alpha by the window, which is 2 (n // 2) + 1 in the formula, even n or odd
    window = n // 2 * 2 + 1
    return F.local_response_norm(x, window, alpha * window, beta, k)


FORWARD = {
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
}


def tensor(a: np.ndarray, device: str, kind: str | None = None) -> torch.Tensor:
    """torch takes no negative strides and warns at read-only arrays, so the numbers are copied."""
    return torch.tensor(np.array(a, dtype=kind, order="C"), device=device)


def answer(
    q: Question, device: str = "cpu", kind: str = "float64", forward: Callable[..., torch.Tensor] | None = None
) -> Answer:
    """The output and, where the question has an upstream gradient, the gradients of sum(out * dout)."""
    with exact_on(device):
        leaves = {k: tensor(a, device, None if k in q.op.labels else kind) for k, a in q.arrays.items()}
        moving = [a.requires_grad_(q.dout is not None) for k, a in leaves.items() if k not in q.op.labels]
        out = (forward or FORWARD[q.op.component])(**leaves, **q.params)  # type: ignore[operator]
        if q.dout is None or not moving:
            return {"out": numbers(out)}
        (out * tensor(q.dout, device, kind)).sum().backward()  # out.backward(dout) would import sympy: 0.3 s
        grads = {f"d{k}": numbers(a.grad) for k, a in leaves.items() if a.grad is not None}
        return {"out": numbers(out), **grads}


def numbers(a: torch.Tensor) -> np.ndarray:
    return a.detach().to("cpu", torch.float64 if a.is_floating_point() else None).numpy()


def exact_on(device: str):
    """TF32 off, cuDNN deterministic and without its search, where the device is a GPU."""
    torch.backends.cuda.matmul.allow_tf32 = False
    return torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False)


def devices(asked: str) -> tuple[str, ...]:
    """The torch devices that --device means here; ValueError where one that was asked for is not there."""
    here = torch.cuda.is_available()
    meant = {"cpu": ("cpu",), "cuda": ("cuda",), "all": ("cpu", "cuda"), "auto": ("cpu", "cuda") if here else ("cpu",)}
    if asked not in meant:
        raise ValueError(f"--device {asked}: there are {', '.join(meant)}")
    if "cuda" in meant[asked] and not here:
        raise ValueError(f"--device {asked}: torch {torch.__version__} sees no CUDA device")
    return meant[asked]


ANSWERS = dict.fromkeys(FORWARD, answer)
