"""Whole networks that are functions of a dict of parameters are judged as those that are classes."""

from typing import Any

import pytest

from reference_tests.conformance import spoken
from reference_tests.conformance.components.simple_conv_net import net
from reference_tests.conformance.examination import Request, examine
from reference_tests.subject.source import LoadError

from .targets import read
from .test_nets import status

PASSES = """
def forward(x, params):
    v = np.lib.stride_tricks.sliding_window_view(x, params["W1"].shape[2:], axis=(2, 3))
    a = np.einsum("nchwij,fcij->nfhw", v, params["W1"]) + params["b1"][:, None, None]
    r = np.maximum(a, 0)
    N, F, H, W = r.shape
    q = r.reshape(N, F, H // 2, 2, W // 2, 2).transpose(0, 1, 2, 4, 3, 5).reshape(N, F, H // 2, W // 2, 4)
    flat = q.max(-1).reshape(N, -1)
    h = flat @ params["W2"] + params["b2"]
    scores = np.maximum(h, 0) @ params["W3"] + params["b3"]
    return scores, (v, a, q, flat, h, params)

def backward(dscores, cache):
    v, a, q, flat, h, params = cache
    n, f, oh, ow, _ = q.shape
    g = {"W3": np.maximum(h, 0).T @ dscores, "b3": dscores.sum(0)}
    d = dscores @ params["W3"].T * (h > 0)
    g |= {"W2": flat.T @ d, "b2": d.sum(0)}
    d = (d @ params["W2"].T).reshape(n, f, oh, ow)
    best = np.arange(4) == q.argmax(-1)[..., None]
    d = (best * d[..., None]).reshape(n, f, oh, ow, 2, 2).transpose(0, 1, 2, 4, 3, 5).reshape(a.shape) * (a > 0)
    return g | {"W1": np.einsum("nfhw,nchwij->fcij", d, v), "b1": d.sum((0, 2, 3))}

def probabilities(scores):
    e = np.exp(scores - scores.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)
"""
FORMS = {
    "with the loss's gradient": """
def softmax_loss(scores, y):
    p, N = probabilities(scores), len(y)
    loss = -np.log(p[np.arange(N), y]).mean()
    p[np.arange(N), y] -= 1
    return loss, p / N
""",
    "at once": """
def loss_and_grads(params, X, Y):
    scores, cache = forward(X, params)
    p = probabilities(scores)
    return -np.sum(Y * np.log(p)) / len(Y), backward((p - Y) / len(Y), cache)
""",
    "the gradients first": """
def compute(x, y, params):
    scores, cache = forward(x, params)
    p, N = probabilities(scores), len(y)
    loss = -np.log(p[np.arange(N), y]).mean()
    p[np.arange(N), y] -= 1
    return backward(p / N, cache), loss, scores
""",
    "the gradients alone": """
def gradients(params, x, y):
    scores, cache = forward(x, params)
    return backward((probabilities(scores) - np.eye(scores.shape[1])[y]) / len(y), cache)
""",
}
MISTAKES = [("dscores.sum(0)", "dscores.mean(0)"), (" * (a > 0)", ""), ('"W2": flat.T @ d', '"W2": flat.T @ d * 2')]


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_network_of_functions_agrees_as_far_as_it_goes(tmp_path: Any, form: str) -> None:
    assert status(read(tmp_path, PASSES + FORMS[form])) == "edge"  # odd sizes before the pooling


@pytest.mark.slow
@pytest.mark.parametrize("old, new", MISTAKES, ids=["bias", "relu", "twice"])
@pytest.mark.parametrize("form", FORMS)
def test_mistake_in_a_network_of_functions_is_seen(tmp_path: Any, form: str, old: str, new: str) -> None:
    assert old in PASSES
    assert status(read(tmp_path, PASSES.replace(old, new) + FORMS[form])) == "fail"


def test_message_has_the_functions_own_arguments(tmp_path: Any) -> None:
    said = spoken.call(net("drawn"), read(tmp_path, PASSES + FORMS["at once"]).interfaces["SimpleConvNet"])
    assert said == "loss_and_grads(params, X (3, 1, 14, 14), Y (3,))"


def test_network_of_functions_with_other_layers_is_not_judged(tmp_path: Any) -> None:
    text = (PASSES + FORMS["at once"]).replace("np.maximum(h, 0)", "np.tanh(h)")
    with pytest.raises(LoadError, match="its layers are others than those of SimpleConvNet"):
        read(tmp_path, text)


LAST = """
class Tanh:
    def forward(self, x):
        return np.tanh(x)
"""


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("N, C, H, W = x.shape", "N, H, W, C = x.shape"), "its images are channels last"),
        (("np.maximum(h, 0)", "np.tanh(h)"), "its layers are others than those of SimpleConvNet"),
    ],
)
def test_why_a_network_is_not_judged_is_said_beside_what_is(tmp_path: Any, change: tuple[str, str], why: str) -> None:
    passes = PASSES.replace("def forward(x, params):", "def forward(x, params):\n    N, C, H, W = x.shape")
    subject = read(tmp_path, passes.replace(*change) + FORMS["at once"] + LAST)
    found = examine(subject, Request(only=("simple_conv_net",), fresh=0))
    assert found.why_absent("simple_conv_net") == [
        f"loss_and_grads(params, X, Y) is a network that is not judged: {why}"
    ]
