"""SimpleConvNet in torch.nn.functional: answers, gradients, and steps of plain gradient descent."""

import torch
import torch.nn.functional as F

from ...subject.protocol import Answer, Question
from .torch_ref import exact_on, numbers, tensor

PARAMS = ("W1", "b1", "W2", "b2", "W3", "b3")


def scores(x: torch.Tensor, p: dict[str, torch.Tensor], q: Question) -> torch.Tensor:
    conv = q["conv_param"]
    x = F.relu(F.conv2d(x, p["W1"], p["b1"], stride=conv["stride"], padding=conv["pad"]))
    x = F.max_pool2d(x, 2).flatten(1)
    return F.linear(F.relu(F.linear(x, p["W2"].T, p["b2"])), p["W3"].T, p["b3"])


def simple_conv_net(q: Question, device: str = "cpu", kind: str = "float64") -> Answer:
    """With an upstream gradient of the scores: theirs and the parameters' alone, without the loss."""
    with exact_on(device):
        p = {k: tensor(q[k], device, kind).requires_grad_() for k in PARAMS}
        x, t = tensor(q["x"], device, kind), tensor(q["t"], device)
        if "rate" in q.params:
            return trained(q, x, t, p)
        out = scores(x, p, q)
        if q.dout is not None:
            grads = torch.autograd.grad((out * tensor(q.dout, device, kind)).sum(), list(p.values()))
            return {"out": numbers(out), **{f"d{k}": numbers(g) for k, g in zip(p, grads)}}
        labels = t if t.ndim == 1 else t.argmax(1)
        loss = F.cross_entropy(out, labels)
        grads = torch.autograd.grad(loss, list(p.values()))
        answer = {"out": out, "loss": loss, "accuracy": (out.argmax(1) == labels).to(out.dtype).mean()}
        answer |= p | {f"d{k}": g for k, g in zip(p, grads)}
        return {k: numbers(a) for k, a in answer.items()}


def trained(q: Question, x: torch.Tensor, t: torch.Tensor, p: dict[str, torch.Tensor]) -> Answer:
    """The parameters after each step, W1_1, b1_1 ...; x is (steps, N, C, H, W), t (steps, N)."""
    found: Answer = {}
    for step in range(len(x)):
        grads = torch.autograd.grad(F.cross_entropy(scores(x[step], p, q), t[step]), list(p.values()))
        p = {k: (a - q["rate"] * g).detach().requires_grad_() for (k, a), g in zip(p.items(), grads)}
        found |= {f"{k}_{step + 1}": numbers(a) for k, a in p.items()}
    return found


ANSWERS = {"simple_conv_net": simple_conv_net}
