"""Whole networks in other interfaces are read where their layers are the contract's."""

from typing import Any

import numpy as np
import pytest

from reference_tests.conformance import messages, spoken
from reference_tests.conformance.examination import Request, more_checks, requested_checks
from reference_tests.conformance.judge import component_status, judge_all
from reference_tests.subject.load import Subject

from .targets import read

LAYERS = """
def windows_of(x, k, p):
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    return np.lib.stride_tricks.sliding_window_view(xp, (k, k), axis=(2, 3))

class {name}:
    def __init__(self, input_dim=(3, 32, 32), num_filters=32, filter_size=7, hidden_dim=100, num_classes=10, {more}):
        C, H, W = input_dim
        self.k, self.p, self.lr = filter_size, {pad}, 0.5
        rows = num_filters * ((H + 2 * self.p - self.k + 1) // 2) * ((W + 2 * self.p - self.k + 1) // 2)
        shapes = [(num_filters, C, self.k, self.k), (rows, hidden_dim), (hidden_dim, num_classes)]
        self.params = {{}}
        for i, shape in enumerate(shapes, 1):
            self.params[f'W{{i}}'] = ({std}) * np.random.randn(*shape)
            self.params[f'b{{i}}'] = np.zeros(shape[0] if i == 1 else shape[1])

    def passes(self, X):
        P = self.params
        self.view = windows_of(X, self.k, self.p)
        a = np.einsum('nchwij,fcij->nfhw', self.view, P['W1']) + P['b1'][:, None, None]
        self.on = a > 0
        r = a * self.on
        N, F, H, W = r.shape
        self.blocks = r.reshape(N, F, H // 2, 2, W // 2, 2).transpose(0, 1, 2, 4, 3, 5).reshape(N, F, H // 2, W // 2, 4)
        self.flat = self.blocks.max(axis=-1).reshape(N, -1)
        h = self.flat @ P['W2'] + P['b2']
        self.h = {act}
        return self.h @ P['W3'] + P['b3']

    def grads_of(self, scores, y):
        P, N = self.params, len(y)
        p = np.exp(scores - scores.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        loss = -np.log(p[np.arange(N), y]).mean()
        p[np.arange(N), y] -= 1
        d = p{share}
        g = {{'W3': self.h.T @ d, 'b3': d.sum(0)}}
        d = d @ P['W3'].T * (self.h > 0)
        g |= {{'W2': self.flat.T @ d, 'b2': d.sum(0)}}
        d = (d @ P['W2'].T).reshape(self.blocks.shape[:4])
        best = np.arange(4) == self.blocks.argmax(-1)[..., None]
        n, f, oh, ow, _ = self.blocks.shape
        d = (best * d[..., None]).reshape(n, f, oh, ow, 2, 2).transpose(0, 1, 2, 4, 3, 5).reshape(self.on.shape)
        d = d * self.on
        g |= {{'W1': np.einsum('nfhw,nchwij->fcij', d, self.view), 'b1': d.sum((0, 2, 3))}}
        return loss, g
"""
LOSS = """
    def loss(self, X, y=None):
        scores = self.passes(X)
        return scores if y is None else self.grads_of(scores, y)
"""
STEP = """
    def predict(self, x):
        return self.passes(x)

    def train_step(self, x, y):
        loss, g = self.grads_of(self.passes(x), y)
        for k in self.params:
            self.params[k] -= self.lr * g[k]
        return loss
"""
RIGHT = {"name": "ThreeLayerConvNet", "more": "weight_scale=1e-3, reg=0.0", "pad": "(filter_size - 1) // 2",
         "act": "np.maximum(h, 0)", "share": " / N", "std": "weight_scale"}  # fmt: skip


def status(subject: Subject) -> str:
    """Judge the network of a target."""
    request = Request(only=("simple_conv_net",))
    checks = [*requested_checks(subject, request), *more_checks("simple_conv_net", subject, request)]
    return component_status(judge_all(checks, subject))


@pytest.mark.slow
@pytest.mark.parametrize("use", [LOSS, STEP], ids=["loss", "train_step"])
@pytest.mark.parametrize("pad", ["(filter_size - 1) // 2", "0"])
def test_networks_agree_as_far_as_they_go(tmp_path: Any, use: str, pad: str) -> None:
    """The padding that is fixed is found, and cases with another one do not exist."""
    subject = read(tmp_path, LAYERS.format(**RIGHT | {"pad": pad}) + use)
    assert subject.interfaces["SimpleConvNet"].reach == {"stride": [1], "pad": [0 if pad == "0" else "same"]}
    assert status(subject) == ("partial" if "size" in pad else "edge")  # odd sizes before the pooling


@pytest.mark.slow
@pytest.mark.parametrize("use", [LOSS, STEP], ids=["loss", "train_step"])
def test_a_gradient_that_is_not_divided_is_seen(tmp_path: Any, use: str) -> None:
    """The loss is a mean."""
    assert status(read(tmp_path, LAYERS.format(**RIGHT | {"share": ""}) + use)) == "fail"


@pytest.mark.slow
def test_first_weights_of_their_own_kind_are_no_mistake(tmp_path: Any) -> None:
    """Without an argument for their size nobody asked for another one."""
    change = {"more": "reg=0.0", "std": "np.sqrt(2 / np.prod(shape[1:])) if len(shape) > 2 else 0.05"}
    assert status(read(tmp_path, LAYERS.format(**RIGHT | change) + LOSS)) == "partial"


def test_another_architecture_is_not_judged(tmp_path: Any) -> None:
    """A network with tanh is right as it is."""
    text = "def relu(x):\n    return np.maximum(x, 0)\n" + LAYERS.format(**RIGHT | {"act": "np.tanh(h)"}) + LOSS
    subject = read(tmp_path, text)
    assert "SimpleConvNet" not in subject.names


def test_the_books_own_network_is_asked_as_it_is(tmp_path: Any) -> None:
    """It has a method gradient."""
    text = (
        "class SimpleConvNet:\n    def __init__(self, a, b, c, d, e): pass\n    def gradient(self, x, t): return {}\n"
    )
    assert "SimpleConvNet" not in read(tmp_path, text).interfaces


def test_parameters_start_as_the_target_makes_them(tmp_path: Any) -> None:
    """The adapter's dict holds the target's own numbers at first."""
    kind = read(tmp_path, LAYERS.format(**RIGHT) + LOSS).names["SimpleConvNet"]
    net = kind((1, 8, 8), {"filter_num": 3, "filter_size": 3, "pad": 1, "stride": 1}, 4, 5, 0.1)
    assert np.shape(net.params["W2"]) == (3 * 4 * 4, 4) and net.params["W1"].any()


def test_message_has_the_authors_call_and_names(tmp_path: Any) -> None:
    """The sizes stand where the author's constructor has them, the gradient under the author's key."""
    subject = read(tmp_path, LAYERS.format(**RIGHT | {"share": ""}) + LOSS)
    checks = [c for c in requested_checks(subject, Request(only=("simple_conv_net",))) if c.scenario.id == "gradient"]
    said = messages.failure(next(v for v in judge_all(checks, subject) if v.status == "fail"))
    assert "ThreeLayerConvNet((1, 14, 14), 3, 3, 7, 10, 0.01).loss(X (3, 1, 14, 14), y (3,))" in said
    assert "  grads['W1'][" in said
    assert spoken.own_step(subject.interfaces["SimpleConvNet"], "net.gradient") == "ThreeLayerConvNet.loss"
