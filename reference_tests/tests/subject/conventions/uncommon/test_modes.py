"""How a layer is told whether it trains is found out, whatever form and name that has."""

import numpy as np
import pytest

from reference_tests.tests.sampling import sampled

from ..special.targets import numbers, read

TEXT = """
class Dropout:
    def __init__(self, p=0.5):
        self.p = p
        {init}
    {method}
    def forward(self, x{argument}):
        if not ({trains}):
            return x
        self.mask = (np.random.rand(*x.shape) > self.p) / (1 - self.p)
        return x * self.mask

class BatchNorm:
    def __init__(self, dim, eps=1e-5, momentum=0.1):
        self.gamma, self.beta, self.eps, self.momentum = np.ones(dim), np.zeros(dim), eps, momentum
        self.running_mean, self.running_var = np.zeros(dim), np.ones(dim)
        {init}
    {method}
    def forward(self, x{argument}):
        mean, var = self.running_mean, self.running_var
        if {trains}:
            mean, var = x.mean(0), x.var(0)
            self.running_mean = self.running_mean + self.momentum * (mean - self.running_mean)
            self.running_var = self.running_var + self.momentum * (var - self.running_var)
        return self.gamma * (x - mean) / np.sqrt(var + self.eps) + self.beta
"""
FORMS = [
    ("", ", training=True", "training"),
    ("", ", is_test=False", "not is_test"),
    ("", ", inference=False", "not inference"),
    ("", ", phase='train'", "phase == 'train'"),
    ("", ", mode", "mode == 'train'"),
    ("", ", mode='training'", "mode == 'training'"),
    ("", ", mode='TRAIN'", "mode != 'TEST'"),
    ("", ", *, training=False", "training"),
    ("self.is_train = True", "", "self.is_train"),
    ("self._training = True", "", "self._training"),
    ("self.eval_mode = False", "", "not self.eval_mode"),
    ("self.mode = 'training'", "", "self.mode == 'training'"),
    ("self.mode = 'eval'", "", "self.mode == 'train'"),
]


def targets():
    """Yield the texts of all forms, and of methods train() and eval()."""
    for init, argument, trains in FORMS:
        yield TEXT.format(init=init or "pass", method="", argument=argument, trains=trains)
    method = "def train(self):\n        self.on = True\n    def eval(self):\n        self.on = False\n"
    yield TEXT.format(init="self.on = False", method=method, argument="", trains="self.on")


@pytest.mark.parametrize("text", sampled(list(targets()), every=4), ids=[f[2] or f[0] for f in FORMS] + ["methods"])
def test_mode_is_told(tmp_path, text):
    names, x = read(tmp_path, text).names, 5 + numbers(200, 4)
    norm, dropout = names["BatchNorm"](np.ones(4), np.zeros(4)), names["InvertedDropout"](0.3)
    assert np.allclose(norm.forward(x, train_flg=True).mean(0), 0)
    assert abs(norm.forward(x, train_flg=False).mean() - 5) < 2.5
    assert 0.6 < (dropout.forward(x, train_flg=True) != 0).mean() < 0.8
    assert np.array_equal(dropout.forward(x, train_flg=False), x)
