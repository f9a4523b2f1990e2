"""Batch normalization in other interfaces: momentum, the running variance and eps are found out and translated."""

from typing import Any

import numpy as np
import pytest

import impl.layers
from reference_tests.conformance.examination import Request, examine

from .targets import numbers, read

CLASS = """
class {name}:
    def __init__(self, {arguments}):
        {more}
        self.eps, self.momentum = {eps}, {momentum}
        self.running_mean, self.running_var = np.zeros({n}), np.ones({n})
    def forward(self, x, {flag}):
        axes = {axes}
        if {on}:
            mean, var = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
            s, n = {share}, x.size / mean.size
            self.running_mean = (1 - s) * self.running_mean + s * mean.reshape(-1)
            self.running_var = (1 - s) * self.running_var + s * {var}.reshape(-1)
        else:
            mean, var = self.running_mean.reshape({shape}), self.running_var.reshape({shape})
        self.std = np.sqrt(var + self.eps)
        self.xhat = (x - mean) / self.std
        return self.gamma.reshape({shape}) * self.xhat + self.beta.reshape({shape})
    def backward(self, dout):
        x = dout
        axes = {axes}
        self.dgamma, self.dbeta = (dout * self.xhat).sum(axes), dout.sum(axes)
        d = dout * self.gamma.reshape({shape})
        centred = d - d.mean(axes, keepdims=True){wrong}
        return (centred - self.xhat * (d * self.xhat).mean(axes, keepdims=True)) / self.std
"""
ONES = "self.gamma, self.beta = np.ones({n}), np.zeros({n})"
TORCH = {
    "name": "BatchNorm2d", "arguments": "num_features, eps=1e-5, momentum=0.1", "more": ONES.format(n="num_features"),
    "eps": "eps", "momentum": "momentum", "n": "num_features", "flag": "training=True", "on": "training",
    "axes": "(0, 2, 3)", "share": "self.momentum", "var": "(var * n / (n - 1))", "shape": "(1, -1, 1, 1)", "wrong": "",
}  # fmt: skip
KERAS = TORCH | {
    "name": "BatchNormalization", "arguments": "n_channels, momentum=0.99, epsilon=1e-3", "eps": "epsilon",
    "more": ONES.format(n="n_channels"), "n": "n_channels", "axes": "tuple(range(x.ndim - 1))",
    "share": "(1 - self.momentum)", "var": "var", "shape": "-1",
}  # fmt: skip
CMU = TORCH | {
    "name": "BatchNorm1d", "arguments": "num_features, alpha=0.9", "eps": "1e-8", "momentum": "alpha",
    "flag": "eval=False", "on": "not eval", "axes": "0", "share": "(1 - self.momentum)", "var": "var", "shape": "-1",
}  # fmt: skip
BOOK = TORCH | {
    "name": "BatchNorm", "arguments": "gamma, beta, momentum=0.9", "more": "self.gamma, self.beta = gamma, beta",
    "eps": "1e-5", "n": "len(gamma)", "share": "(1 - self.momentum)", "flag": "train_flg=True", "on": "train_flg",
    "axes": "0", "shape": "-1", "var": "var",
}  # fmt: skip
FIXED = TORCH | {"arguments": "num_features", "eps": "1e-3", "momentum": "0.1"}
FUNCTION = """
def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get('eps', 1e-5), bn_param.get('momentum', 0.9)
    if bn_param['mode'] == 'train':
        mean, var = x.mean(0), x.var(0)
        bn_param['running_mean'] = momentum * bn_param['running_mean'] + (1 - momentum) * mean
        bn_param['running_var'] = momentum * bn_param['running_var'] + (1 - momentum) * var
    else:
        mean, var = bn_param['running_mean'], bn_param['running_var']
    std = np.sqrt(var + eps)
    xhat = (x - mean) / std
    return gamma * xhat + beta, (xhat, std, gamma)

def batchnorm_backward(dout, cache):
    xhat, std, gamma = cache
    dbeta, dgamma = dout.sum(0), (dout * xhat).sum(0)
    d = dout * gamma
    return (d - d.mean(0) - xhat * (d * xhat).mean(0)) / std, {order}

def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    out, cache = batchnorm_forward(x.transpose(0, 2, 3, 1).reshape(-1, C), gamma, beta, bn_param)
    return out.reshape(N, H, W, C).transpose(0, 3, 1, 2), cache

def spatial_batchnorm_backward(dout, cache):
    N, C, H, W = dout.shape
    dx, dgamma, dbeta = batchnorm_backward(dout.transpose(0, 2, 3, 1).reshape(-1, C), cache)
    return dx.reshape(N, H, W, C).transpose(0, 3, 1, 2), dgamma, dbeta
"""
ROWS, IMAGES = (7, 4), (3, 4, 2, 5)


def differing(kind: Any, shape: tuple[int, ...], momentum: float = 0.1) -> set[str]:
    """Return in what an adapter differs from ours: two batches of training, and inference after them."""
    gamma, beta = numbers(4, seed=1), numbers(4, seed=2)
    results = []
    for one in (kind, impl.layers.BatchNorm):
        layer = one(gamma, beta, momentum, 0.2, numbers(4, seed=3), np.exp(numbers(4, seed=4)))
        layer.forward(numbers(*shape, seed=5), train_flg=True)
        found = {"out": layer.forward(3 + 2 * numbers(*shape, seed=6), train_flg=True)}
        found["dx"] = layer.backward(numbers(*shape, seed=7))
        found |= {name: getattr(layer, name) for name in ("dgamma", "dbeta", "running_mean", "running_var")}
        found["inference"] = layer.forward(numbers(*shape, seed=8), train_flg=False)
        results.append(found)
    return {k for k in results[1] if not np.allclose(results[0][k], results[1][k])}


@pytest.mark.parametrize(
    ("style", "shapes", "momentum"),
    [
        (TORCH, [IMAGES], 0.3), (KERAS, [ROWS, IMAGES], 0.3), (CMU, [ROWS], 0.3), (BOOK, [ROWS], 0.3),
        (FIXED, [IMAGES], 0.1),
    ],
    ids=["torch", "keras", "cmu", "book", "fixed"],
)  # fmt: skip
def test_classes_agree(tmp_path: Any, style: dict[str, str], shapes: list[tuple[int, ...]], momentum: float) -> None:
    """Momentum, eps and variance are those of the interface, translated."""
    kind = read(tmp_path, CLASS.format(**style)).names["BatchNorm"]
    assert [differing(kind, shape, momentum) for shape in shapes] == [set()] * len(shapes)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"wrong": " + d.mean()"}, {"dx"}),
        ({"var": "np.sqrt(var)"}, {"running_var", "inference"}),
        ({"on": "True"}, {"inference"}),
        ({"share": "turned"}, {"running_mean", "running_var", "inference"}),
    ],
)
@pytest.mark.parametrize("style", [TORCH, KERAS], ids=["torch", "keras"])
def test_mistakes_stay_mistakes(tmp_path: Any, style: dict[str, str], change: dict[str, str], wrong: set[str]) -> None:
    """What is translated hides nothing else."""
    if change.get("share") == "turned":  # of what momentum's default says that it is the share
        change = {"share": KERAS["share"] if style is TORCH else TORCH["share"]}
    kind = read(tmp_path, CLASS.format(**style | change)).names["BatchNorm"]
    assert differing(kind, IMAGES, 0.3) == wrong


@pytest.mark.parametrize("order", ["dgamma, dbeta", "dbeta, dgamma"])
def test_functions_with_a_dict_agree(tmp_path: Any, order: str) -> None:
    """The function for images is used for images; gradients go by the names of what is returned."""
    text = FUNCTION.replace("{order}", order)
    if order != "dgamma, dbeta":
        text = text.partition("def spatial_batchnorm_forward")[0]
    subject = read(tmp_path, text)
    shapes = [ROWS, IMAGES] if order == "dgamma, dbeta" else [ROWS]
    assert [differing(subject.names["BatchNorm"], shape, 0.3) for shape in shapes] == [set()] * len(shapes)
    assert "the running variance is the biased one" in subject.interfaces["BatchNorm"].text


@pytest.mark.parametrize("key", ["'shape', x.shape", "'size', x.size", "'dim', x.shape[1]", "'n', 0"])
def test_keys_of_no_setting_keep_their_defaults(tmp_path: Any, key: str) -> None:
    """CS231n's solutions read a shape from the dict that only their layer normalization puts there."""
    text = FUNCTION.replace("{order}", "dgamma, dbeta").replace(
        "    if bn_param", f"    own = bn_param.get({key})\n    if bn_param"
    )
    default = key.partition(", ")[2]
    text = text.replace("    return gamma *", f"    assert own == {default}\n    return gamma *")
    subject = read(tmp_path, text)
    assert [differing(subject.names["BatchNorm"], shape, 0.3) for shape in (ROWS, IMAGES)] == [set(), set()]


SIMPLE = """
class BatchNorm:
    def __init__(self, gamma, beta, eps=1e-5):
        self.g, self.b, self.eps = gamma, beta, eps
    def forward(self, x):
        self.std = np.sqrt(x.var(0) + self.eps)
        self.xn = (x - x.mean(0)) / self.std
        return self.g * self.xn + self.b
    def backward(self, d):
        self.dgamma, self.dbeta = (d * self.xn).sum(0), d.sum(0)
        h = d * self.g
        return (h - h.mean(0) - self.xn * (h * self.xn).mean(0)) / self.std
"""


def test_a_layer_of_training_alone_says_so(tmp_path: Any) -> None:
    """Under the contract's own name with another signature it is asked for rows in training."""
    subject = read(tmp_path, SIMPLE)
    interface = subject.interfaces["BatchNorm"]
    assert interface.reach == {"axes": [2], "train_flg": [1]}
    assert set(interface.lacks) == {"running_mean", "running_var"} == set(subject.names["BatchNorm"].lacks)


UPDATED = """
import copy
class BatchNormalization:
    def __init__(self, momentum=0.99):
        self.momentum, self.eps, self.running_mean, self.running_var = momentum, 0.01, None, None
    def set_input_shape(self, shape):
        self.input_shape = shape
    def initialize(self, optimizer):
        self.gamma, self.beta = np.ones(self.input_shape), np.zeros(self.input_shape)
        self.gamma_opt, self.beta_opt = copy.copy(optimizer), copy.copy(optimizer)
    def forward_pass(self, X, training=True):
        if self.running_mean is None:
            self.running_mean, self.running_var = np.mean(X, axis=0), np.var(X, axis=0)
        if training:
            mean, var = np.mean(X, axis=0), np.var(X, axis=0)
            self.running_mean = self.momentum * self.running_mean + (1 - self.momentum) * mean
            self.running_var = self.momentum * self.running_var + (1 - self.momentum) * var
        else:
            mean, var = self.running_mean, self.running_var
        self.stddev_inv = 1 / np.sqrt(var + self.eps)
        self.X_norm = (X - mean) * self.stddev_inv
        return self.gamma * self.X_norm + self.beta
    def backward_pass(self, accum_grad):
        gamma = self.gamma
        self.gamma = self.gamma_opt.update(self.gamma, np.sum(accum_grad * self.X_norm, axis=0))
        self.beta = self.beta_opt.update(self.beta, np.sum(accum_grad, axis=0))
        d = accum_grad * gamma
        return self.stddev_inv * (d - d.mean(0) - self.X_norm * (d * self.X_norm).mean(0))
"""


def test_parameters_that_backward_updates_give_their_gradients(tmp_path: Any) -> None:
    """The change of a parameter under an optimizer that subtracts the gradient is the gradient."""
    assert differing(read(tmp_path, UPDATED).names["BatchNorm"], ROWS, 0.3) == set()


ARGUMENTS = """
def batch_norm_forward(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.9, training=True):
    if training:
        mean, var = np.mean(x, axis=0), np.var(x, axis=0)
        running_mean = momentum * running_mean + (1 - momentum) * mean
        running_var = momentum * running_var + (1 - momentum) * var
    else:
        mean, var = running_mean, running_var
    xhat = (x - mean) / np.sqrt(var + eps)
    return gamma * xhat + beta, (xhat, var, eps, gamma), running_mean, running_var

def batch_norm_backward(dout, cache):
    xhat, var, eps, gamma = cache
    dgamma, dbeta = np.sum(dout * xhat, axis=0), np.sum(dout, axis=0)
    d = dout * gamma
    dx = (d - d.mean(0) - xhat * (d * xhat).mean(0)) / np.sqrt(var + eps)
    return dx, dgamma, dbeta
"""


def test_statistics_as_arguments_and_results(tmp_path: Any) -> None:
    """They are given one by one, and come back beside the cache."""
    assert differing(read(tmp_path, ARGUMENTS).names["BatchNorm"], ROWS, 0.3) == set()


PARAMETERS = """
class Parameter:
    def __init__(self, data):
        self.data, self.grad = data, np.zeros_like(data)
"""


def test_gradients_that_add_up_in_parameters(tmp_path: Any) -> None:
    """They lie in .grad of objects that have the numbers in .data, and are cleared before each question."""
    text = PARAMETERS + CLASS.format(**TORCH)
    for old, new in (
        (ONES.format(n="num_features"),
         "self.gamma, self.beta = Parameter(np.ones(num_features)), Parameter(np.zeros(num_features))"),
        ("self.gamma.reshape", "self.gamma.data.reshape"),
        ("self.beta.reshape", "self.beta.data.reshape"),
        ("self.dgamma, self.dbeta = (dout * self.xhat).sum(axes), dout.sum(axes)",
         "self.gamma.grad += (dout * self.xhat).sum(axes); self.beta.grad += dout.sum(axes)"),
    ):  # fmt: skip
        text = text.replace(old, new)
    kind = read(tmp_path, text).names["BatchNorm"]
    layer = kind(np.ones(4), np.zeros(4))
    layer.forward(numbers(*IMAGES))
    layer.backward(numbers(*IMAGES, seed=2))
    first = layer.dbeta.copy()
    layer.backward(numbers(*IMAGES, seed=2))
    assert "Parameter(np.ones" in text and np.array_equal(layer.dbeta, first)
    assert differing(kind, IMAGES, 0.3) == set()


GIVEN = """
def bn_forward(X, gamma, beta, {given}, momentum=0.9, train=True):
    {taken}
    if train:
        mu, var = X.mean(axis=0), X.var(axis=0)
        {moved}
    else:
        mu, var = running_mean, running_var
    std = np.sqrt(var + 1e-5)
    xhat = (X - mu) / std
    return gamma * xhat + beta, (xhat, std, gamma){more}

def bn_backward(dout, cache):
    xhat, std, gamma = cache
    d = dout * gamma
    return (d - d.mean(0) - xhat * (d * xhat).mean(0)) / std, (dout * xhat).sum(0), dout.sum(0)
"""
MOVED = "running_{0}{1} = momentum * running_{0} + (1 - momentum) * {2}"
STATISTICS = {
    "changed in place": {
        "given": "running_mean, running_var", "taken": "pass", "more": "",
        "moved": "; ".join(MOVED.format(*n) for n in (("mean", "[:]", "mu"), ("var", "[:]", "var"))),
    },
    "as a pair": {
        "given": "cache", "taken": "running_mean, running_var = cache", "more": ", running_mean, running_var",
        "moved": "; ".join(MOVED.format(*n) for n in (("mean", "", "mu"), ("var", "", "var"))),
    },
}  # fmt: skip


@pytest.mark.parametrize("how", STATISTICS)
def test_functions_that_are_given_the_statistics_agree(tmp_path: Any, how: str) -> None:
    """They may be changed in place, or come as a pair and go back beside the output."""
    kind = read(tmp_path, GIVEN.format(**STATISTICS[how])).names["BatchNorm"]
    assert differing(kind, ROWS, 0.3) == set()
    mean = np.zeros(4)
    kind(np.ones(4), np.zeros(4), 0.1, 1e-5, mean, np.ones(4)).forward(numbers(5, 4), train_flg=True)
    assert not mean.any()


@pytest.mark.parametrize("how", STATISTICS)
def test_momentum_turned_in_functions_is_seen(tmp_path: Any, how: str) -> None:
    text = GIVEN.format(**STATISTICS[how]).replace("(1 - momentum) * mu", "momentum * mu")
    assert differing(read(tmp_path, text).names["BatchNorm"], ROWS, 0.3) == {"running_mean", "inference"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("divisor", "code"), [("np.sqrt(x.std(0) + 1e-5)", "bn.root-of-std"), ("x.std(0) + 1e-7", "bn.eps-outside")]
)
def test_a_wrong_divisor_is_named_where_eps_is_fixed(tmp_path: Any, divisor: str, code: str) -> None:
    """x is scaled there, so that eps is the one asked for: the mistake is made in that scale."""
    text = SIMPLE.replace("np.sqrt(x.var(0) + self.eps)", divisor).replace(", eps=1e-5", "")
    subject = read(tmp_path, text.replace(", self.eps = gamma, beta, eps", " = gamma, beta"))
    found = examine(subject, Request(only=("batch_norm",), fresh=0)).components["batch_norm"]
    assert {v.diagnosis.code for v in found if v.diagnosis and not v.diagnosis.follows} == {code}


BARE = """
class BatchNormalization:
    def __init__(self, alpha=0.9):
        self.alpha, self.training = alpha, True
        self.moving_mean, self.moving_var = 0, 1
    def train(self): self.training = True
    def eval(self): self.training = False
    def forward(self, input):
        if self.training:
            self.mean, self.var = input.mean(0), input.var(0)
            self.moving_mean = self.alpha * self.moving_mean + (1 - self.alpha) * self.mean
            self.moving_var = self.alpha * self.moving_var + (1 - self.alpha) * self.var
        else:
            self.mean, self.var = self.moving_mean, self.moving_var
        return (input - self.mean) / np.sqrt(self.var + 1e-5)
    def backward(self, input, gradOutput):
        s = np.sqrt(self.var + 1e-5)
        normal = (input - self.mean) / s
        return (gradOutput - gradOutput.mean(0) - {sign}normal * (gradOutput * normal).mean(0)) / s
"""


@pytest.mark.parametrize(("sign", "wrong"), [("", set()), ("-", {"dx"})])
def test_one_that_normalizes_only_is_given_its_scale_and_shift(tmp_path: Any, sign: str, wrong: set[str]) -> None:
    """Its two gradients are not asked, all else is; the upstream gradient may come second."""
    subject = read(tmp_path, BARE.format(sign=sign))
    assert set(subject.interfaces["BatchNorm"].lacks) == {"dgamma", "dbeta"}
    results = []
    for one in (subject.names["BatchNorm"], impl.layers.BatchNorm):
        layer = one(numbers(4, seed=1), numbers(4, seed=2), 0.3, 0.2, numbers(4, seed=3), np.exp(numbers(4, seed=4)))
        found = {"out": layer.forward(numbers(*ROWS, seed=5), train_flg=True), "dx": layer.backward(numbers(*ROWS))}
        found["inference"] = layer.forward(numbers(*ROWS, seed=8), train_flg=False)
        results.append(found | {name: getattr(layer, name) for name in ("running_mean", "running_var")})
    assert {k for k in results[1] if not np.allclose(results[0][k], results[1][k])} == wrong


OWN_DICT = """
def bn_fwd(x, gamma, beta, state, training=True, eps=1e-5, momentum=0.9):
    if training:
        mean, var = x.mean(0), x.var(0)
        state['mean'] = momentum * state['mean'] + (1 - momentum) * mean
        state['var'] = momentum * state['var'] + (1 - momentum) * {var}
    else:
        mean, var = state['mean'], state['var']
    std = np.sqrt(var + eps)
    normal = (x - mean) / std
    return gamma * normal + beta, (normal, std, gamma)

def bn_bwd(dy, cache):
    normal, std, gamma = cache
    d = dy * gamma
    return (d - d.mean(0) - normal * (d * normal).mean(0)) / std, (dy * normal).sum(0), dy.sum(0)
"""


@pytest.mark.parametrize(("var", "wrong"), [("var", set()), ("np.sqrt(var)", {"running_var", "inference"})])
def test_statistics_may_be_in_a_dict_of_their_own(tmp_path: Any, var: str, wrong: set[str]) -> None:
    """Its keys are mean and var, of whatever name the dict is."""
    assert differing(read(tmp_path, OWN_DICT.format(var=var)).names["BatchNorm"], ROWS, 0.3) == wrong
