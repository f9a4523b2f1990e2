"""Whole networks of impl, torch and the book: a training step, an epoch, forward passes at the papers' sizes."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from impl.data import load_mnist
from impl.networks import NETWORKS, Network, SimpleConvNet

from ..conformance.networks.layerwise import twin_of
from ..corpus.examples import as_published as book

Sides = dict[str, Callable[[], Any]]
RATE, BATCH = 0.01, 100


def digits(dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """Load the embedded digits: images (6000, 1, 28, 28) and integer labels (6000,)."""
    (x, t), _ = load_mnist(flatten=False)
    return x.astype(dtype), t.astype(np.int64)


def step(dtype: str) -> Sides:
    """Return the competitors of one training step on 100 digits."""
    x, t = digits(dtype)
    return trainers(x[:BATCH], t[:BATCH], dtype, with_book=True)


def epoch(dtype: str) -> Sides:
    """Return the competitors of one epoch over all embedded digits."""
    return trainers(*digits(dtype), dtype, with_book=False)


def trainers(x: np.ndarray, t: np.ndarray, dtype: str, with_book: bool) -> Sides:
    """Return competitors that run gradient descent in batches from equal parameters and return the final ones."""
    ours, theirs = SimpleConvNet(rng=0, dtype=np.dtype(dtype).type), book.SimpleConvNet()
    theirs.params.update({name: a.copy() for name, a in ours.params.items()})
    leaves = {name: torch.tensor(a, requires_grad=True) for name, a in ours.params.items()}
    images, labels = torch.tensor(x), torch.tensor(t)
    batches = [slice(n, n + BATCH) for n in range(0, len(x), BATCH)]

    def numpy_descent(network: Any) -> Any:
        for some in batches:
            for name, grad in network.gradient(x[some], t[some]).items():
                network.params[name] -= RATE * grad
        return network.params

    def torch_descent() -> Any:
        p = leaves
        for some in batches:
            a = F.max_pool2d(F.relu(F.conv2d(images[some], p["W1"], p["b1"])), 2).flatten(1)
            a = F.linear(F.relu(F.linear(a, p["W2"].T, p["b2"])), p["W3"].T, p["b3"])
            grads = torch.autograd.grad(F.cross_entropy(a, labels[some]), list(p.values()))
            with torch.no_grad():
                for leaf, grad in zip(p.values(), grads):
                    leaf -= RATE * grad
        return {name: a.detach().numpy() for name, a in p.items()}

    sides: Sides = {"numpy": lambda: numpy_descent(ours), "torch": torch_descent}
    return sides | ({"book": lambda: numpy_descent(theirs)} if with_book else {})


def large(name: str, dtype: str) -> Sides:
    """Return the competitors of a forward pass of 8 images with equal parameters."""
    graph = NETWORKS[name]()
    theirs = twin_of(name, graph.input_dim, 1000, 1.0, 0, dtype)
    ours = Network(graph, given=theirs.numbers())
    x = np.random.default_rng(0).standard_normal((8, *graph.input_dim)).astype(dtype)
    return {"numpy": lambda: ours.activations(x, keep=()), "torch": lambda: theirs.run(x, False)}
